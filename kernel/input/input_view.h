/* SPDX-License-Identifier: MIT */
/* How one app sees the keyboard and the pointer: struct ctx_input, always relative to that app's
 * previous call. */
#ifndef KERNEL_INPUT_VIEW_H
#define KERNEL_INPUT_VIEW_H

#include <kernel/types.h>

#include <ctx/ctx.h>
#include <ctx/image.h>

#define INPUT_KEYS 1024u

/* At most this many events reach an app in one call: as many as its ring holds. */
#define INPUT_VIEW_EVENTS 64u

/* At most this many that it has not seen go into an image. */
#define INPUT_UNSEEN_MAX 4096u

struct app;
struct input_kept; /* input_view.c */

struct input_view {
    const struct app *app;             /* whose it is */
    struct ctx_input *page;            /* what the app reads; written only between its calls */
    uint64_t seen;                     /* events of the whole system that it has been given */
    uint64_t updated_ns;               /* when it was given some */
    uint16_t edges[INPUT_VIEW_EVENTS]; /* keys whose state says "changed": they settle at the next
                                          call */
    uint32_t edge_count;
    struct ctx_image_key *own; /* its image's events, before the system's; NULL: there were none */
    uint32_t own_count, own_next;
    struct input_kept *kept; /* before the call that may be undone; NULL: none was */
};

/* A view that starts now: keys that are held count as held. */
void input_view_start(const struct app *app, struct input_view *view, struct ctx_input *page);

/*
 * What an image holds of a view beside its page: the events that it has not been given, and behind
 * them one for each key that is down then, which goes up. How many; at most room of them in *out.
 */
uint32_t input_view_unseen(const struct input_view *view, struct ctx_image_key *out, uint32_t room);

/* Go on from an image: its page's bytes, and the events that come first, which are copied. After
 * input_view_start(). NOMEM. */
ctx_status input_view_restore(struct input_view *view, const struct ctx_input *page,
                              const struct ctx_image_key *keys, uint32_t count);

/* The view is about to go. */
void input_view_forget(struct input_view *view);

/* Whether the key is down now, as this app has been told. */
bool input_is_held(const struct app *app, uint32_t code);

/* Keys that waited for whoever manages windows to move the focus, if that one has had its call.
 * Once per turn of the loop. [loop] */
void input_settle(void);

/* Keys that are held and whose addressee (route.h) is `of` go up for that one; what they are
 * further on, is for `to`. */
void input_release(uint64_t of, uint64_t to);

/* This app does not hear any more what goes to the canvas (route.h): what is held there goes up for
 * it, and for others stays down. */
void input_leave_canvas(const struct app *app);

/* A key that goes to those addressees (route.h), for versions 1 and 2: codes that they do not know
 * are passed over, and a full queue says so and drops. How many more fit. [boot, loop, in a call]
 */
void input_queue_key(uint32_t code, bool down, uint64_t to);
uint32_t input_queue_room(void);

/* Before a call, at now_ns: settle old edges, let new events in. */
void input_view_update(struct input_view *view, uint64_t now_ns);

/*
 * Whether devices are held back for this view. Those that have not been updated for half a second,
 * because the app hangs, has had its share or is paused, do not hold up everybody's keyboard.
 */
bool input_view_counts(const struct input_view *view, uint64_t now_ns);

/* Where the pointer is. */
void input_pointer(uint32_t *x, uint32_t *y);

/* It is there, and nobody has moved it: nobody hears of it. Inside the screen. */
void input_pointer_place(uint32_t x, uint32_t y);

/* Where the pointer may go. Puts it into the middle. */
void input_set_screen(uint32_t width, uint32_t height);

/* The same for another size: the pointer stays where it is in the picture. */
void input_resize_screen(uint32_t width, uint32_t height);

/*
 * After all views were updated: no view that counts needs events before `needed` (its `seen`) any
 * more, no other one those before `wanted`, which are kept as long as half of the queue is free.
 * UINT64_MAX where there are no such views. Smaller than last time changes nothing.
 */
void input_forget(uint64_t needed, uint64_t wanted);

/* What was asked for by a key that is nobody's but the kernel's, once. */
enum input_asks {
    INPUT_ASKS_NOTHING = 0,
    INPUT_ASKS_REBOOT,    /* Ctrl-Alt-Del */
    INPUT_ASKS_POWER_OFF, /* the power button */
    INPUT_ASKS_SAVE,      /* Ctrl-Alt-Insert */
    INPUT_ASKS_LOAD,      /* Ctrl-Alt-Home */
    INPUT_ASKS_NEXT_SLOT, /* Ctrl-Alt-PageUp */
    INPUT_ASKS_LAST_SLOT, /* Ctrl-Alt-PageDown: the one before */
};
enum input_asks input_asked(void);

#endif
