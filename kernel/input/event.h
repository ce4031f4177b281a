/* SPDX-License-Identifier: MIT */
/*
 * Events of version 3: one ring for the whole system, in which each app has a place. An app that
 * falls behind by more than the ring loses the oldest ones and is told.
 */
#ifndef KERNEL_EVENT_H
#define KERNEL_EVENT_H

#include "app.h"

#include <ctx/tables.h>

/* Something happened (input.c). Wakes the apps that wait for its kind. */
void event_key(uint32_t code, uint32_t value);
/* The keys from now on come over the serial line, or no longer. */
void event_from_serial(bool serial);
void event_pointer(uint32_t x, uint32_t y);
void event_wheel(int32_t dx, int32_t dy);

/*
 * How many events fit before an app that is reading them would lose some, UINT32_MAX if none is
 * reading. Apps that have not read for half a second do not count: nobody can hold the keyboard up
 * by not listening. Settled once per turn of the loop. [loop]
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

/* The layout of text events: an index of ctx_keymap_get(). */
void event_set_layout(uint32_t layout);

#endif
