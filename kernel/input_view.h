/* SPDX-License-Identifier: MIT */
/* How one app sees the keyboard and the pointer: struct ctx_input, always relative to that app's
 * previous call. */
#ifndef KERNEL_INPUT_VIEW_H
#define KERNEL_INPUT_VIEW_H

#include <kernel/types.h>

#include <ctx/ctx.h>

/* At most this many events reach an app in one call: as many as its ring holds. */
#define INPUT_VIEW_EVENTS 64u

struct input_view {
    struct ctx_input *page;            /* what the app reads; written only between its calls */
    uint64_t seen;                     /* events of the whole system that it has been given */
    uint16_t edges[INPUT_VIEW_EVENTS]; /* keys whose state says "changed": they settle at the next
                                          call */
    uint32_t edge_count;
};

/* A view that starts now: keys that are held count as held. */
void input_view_start(struct input_view *view, struct ctx_input *page);

/* Before a call: settle old edges, let new events in. */
void input_view_update(struct input_view *view);

/* Where the pointer may go. Puts it into the middle. */
void input_set_screen(uint32_t width, uint32_t height);

/*
 * After all views were updated: nobody needs events before `oldest` (a view's `seen`) any more.
 * UINT64_MAX when there are no views: all are forgotten.
 */
void input_forget(uint64_t oldest);

/* Has Ctrl-Alt-Del been pressed? */
bool input_wants_reboot(void);

#endif
