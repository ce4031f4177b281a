/* SPDX-License-Identifier: MIT */
/*
 * How one app of version 1 or 2 sees the keyboard and the pointer: struct ctx_input, always
 * relative to that app's previous call; and the queue of key events that all of them walk along.
 * Those of version 3 have event.h.
 */
#ifndef KERNEL_INPUT_VIEW_H
#define KERNEL_INPUT_VIEW_H

#include <kernel/types.h>

#include <ctx/ctx.h>
#include <ctx/image.h>

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

/*
 * After all views were updated: no view that counts needs events before `needed` (its `seen`) any
 * more, no other one those before `wanted`, which are kept as long as half of the queue is free.
 * UINT64_MAX where there are no such views. Smaller than last time changes nothing.
 */
void input_forget(uint64_t needed, uint64_t wanted);

#endif
