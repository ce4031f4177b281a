/* SPDX-License-Identifier: MIT */
/* What the files event*.c know of each other: event.c makes events of what devices say,
 * event_ring.c has the ring and those who read it, event_image.c what is saved and taken back of a
 * reader. */
#ifndef KERNEL_EVENT_PRIVATE_H
#define KERNEL_EVENT_PRIVATE_H

#include "event.h"

/* Which of the system's events an app of version 3 has seen. */
struct app_events {
    bool subscribed, lost, in_waiters;
    uint64_t event_next, event_first;
    struct ctx_event *own_events; /* its image's, before the system's; NULL: none are left */
    uint32_t own_count, own_next;
    uint64_t read_ns; /* when it last asked for events */
    struct app *next_waiter;
    struct app *next_reader; /* of those that have subscribed */
    struct {                 /* before the call that may be undone */
        uint64_t event_next, event_first;
        uint32_t own_next, hints;
        bool lost, subscribed;
    } kept;
};

/* An event of now for those addressees (route.h); wakes whoever waits for its kind. [boot, loop, in
 * a call] */
void event_push(struct ctx_event event, uint64_t to);

#endif
