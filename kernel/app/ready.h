/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is. An app is called each frame, or waits for a deadline or an event; waiting ones
 * cost nothing: those that are ready are found without looking at them.
 */
#ifndef KERNEL_READY_H
#define KERNEL_READY_H

#include <kernel/types.h>

struct app;

enum app_turn {
    TURN_NONE = 0, /* stopped, exited, or not in the list yet */
    TURN_FRAME,    /* once per frame, in list order */
    TURN_WAITING,  /* until its deadline, or until someone wakes it */
    TURN_READY,    /* woken, will be called in this turn of the loop */
};

/* Call it each frame from now on. */
void ready_each_frame(struct app *app);

/* Let it wait until deadline_ns (NEVER_NS: until it is woken). NOMEM: it is called each frame
 * instead. */
ctx_status ready_wait(struct app *app, uint64_t deadline_ns);

/* If it waits: call it in this turn. */
void ready_wake(struct app *app);

/* Never call it again (or: it is about to go). */
void ready_remove(struct app *app);

/* Wake all whose deadline has passed; when the next one is due, NEVER_NS for none. */
void ready_expire(uint64_t now_ns);
uint64_t ready_next_deadline_ns(void);

/* The app that was woken first and not taken yet, NULL for none. It is in no list afterwards. */
struct app *ready_take(void);

/*
 * The apps that are called each frame, in list order: the first, NULL for none; and a walk along
 * them that begins anew with rewind, and that apps may leave and join meanwhile.
 */
struct app *ready_frame_first(void);
void ready_frame_rewind(void);
struct app *ready_frame_next(void);

#endif
