/* SPDX-License-Identifier: MIT */
/*
 * Events of version 3: one ring for the whole system, in which each app has a place. An app that
 * falls behind by more than the ring loses the oldest ones and is told. event.c makes them of what
 * input.c says, event_ring.c has the ring and its readers. [boot, loop, in a call]
 */
#ifndef KERNEL_EVENT_H
#define KERNEL_EVENT_H

#include "app.h"
#include "route.h"

#include <ctx/tables.h>

/* Something happened (input.c). Wakes those of its addressees that wait for its kind. */
void event_key(uint32_t code, uint32_t value, struct route to);
/* A button of the pointer, which is there for them. */
void event_button(uint32_t code, uint32_t value, struct route to, int32_t x, int32_t y);
/* It goes up for them only: the keyboard still has it down. */
void event_key_up(uint32_t code, struct route to);
/* CTX_MOD_*, after everything that has happened. */
uint32_t event_modifiers(void);
/* The app does not hear any more what goes to the canvas: keys that went up there, and it has not
 * read that yet, go up for it. */
void event_leave_canvas(const struct app *app);
/* An event that is no key's: its time and modifiers are filled in, unless it has some. */
void event_send(uint64_t to, const struct ctx_event *event);
/* The keys from now on come over the serial line, or no longer. */
void event_from_serial(bool serial);
bool event_is_from_serial(void);
/* Where it is now for them, and how far it was moved, which may be farther than the screen goes. */
void event_pointer(int32_t x, int32_t y, int32_t dx, int32_t dy, struct route to);
/* Whole steps. */
void event_wheel(int32_t dx, int32_t dy, struct route to);
/* In 1/120 of a step, fewer than 2^30: what makes a whole one is counted in x and y when it does.
 */
void event_wheel_parts(int32_t dx, int32_t dy, struct route to);

/*
 * How many events fit before an app that is reading them would lose some, UINT32_MAX if none is
 * reading. Apps that have not read for half a second do not count: nobody can hold the keyboard up
 * by not listening. event_settle() finds out who they are,
 * once per turn of the loop. [loop, in a call]; settle [loop]
 */
uint32_t event_room(void);
void event_settle(uint64_t now_ns);

/* After a call that waits for events: note it down, or wake the app at once if one is there
 * already. */
void event_wait(struct app *app);

/*
 * What an image holds: the events that the app has not read, in its own time, and behind them one
 * for each key that is held, which goes up. How many there are; at most room of them are in *out.
 */
uint32_t event_unread(struct app *app, struct ctx_event *out, uint32_t room);

/* The number of the last event that it has read. */
uint64_t event_last_seq(const struct app *app);

/*
 * Subscribe a fresh instance that has read last_seq events, with these as its next ones: count of
 * them, copied. NOMEM.
 */
ctx_status event_restore(struct app *app, const struct ctx_event *events, uint32_t count,
                         uint64_t last_seq, bool lost);

/* The app is about to go. */
void event_forget(struct app *app);

/* The layout of text events, for everybody: an index of ctx_keymap_get(). An accent that waits for
 * its letter is forgotten. */
void event_set_layout(uint32_t layout);
uint32_t event_layout(void);

/* The one of that name, which has no end. False: there is none, and nothing has changed. */
bool event_set_layout_by_name(const char *name, size_t len);

#endif
