/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is. An app is called each frame, or waits for a deadline or an event; waiting ones
 * cost nothing: those that are ready are found without looking at them. [boot, loop, in a call],
 * but for what only the loop asks: ready_expire() and what follows it.
 */
#ifndef KERNEL_READY_H
#define KERNEL_READY_H

#include <kernel/types.h>

struct app;

enum app_turn {
    TURN_NONE = 0, /* paused, stopped, exited, or not in the list yet */
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

/* It is in none of these places any more, until one of the others here puts it there: it is paused,
 * its fate is sealed, or it is about to go. */
void ready_remove(struct app *app);

/* Wake all whose deadline has passed. */
void ready_expire(uint64_t now_ns);

/* When the next deadline is; 0: somebody is woken already, NEVER_NS: there is none. */
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
