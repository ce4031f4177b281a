/* SPDX-License-Identifier: MIT */
/*
 * What may have to wait for a disk, or takes long: it runs in a fiber, so the window lives
 * meanwhile. The C library's functions of files wait in it by themselves.
 */
#ifndef PANE_JOB_H
#define PANE_JOB_H

#include <ctx/ctx.h>
#include <ctx/fiber.h>

#include <stdint.h>

struct job;

typedef void (*job_fn)(struct job *job, void *arg);

/* All 0 to begin with. */
struct job {
    struct ctx *ctx;
    struct ctx_fiber *fiber; /* NULL: nothing is going on */
    job_fn fn;
    void *arg;
    uint64_t since_ns; /* when it began to run in this call */
    uint8_t stop;      /* it was told to end */
};

/* Begin; it runs in the next job_go_on. 0: one is going on already, or there is no memory. */
int job_begin(struct job *job, struct ctx *ctx, job_fn fn, void *arg);

/* In each call: let it go on until it waits. CTX_WAIT: nothing has to be done before something
 * happens, and that was said; CTX_AGAIN: call again. *ended is set to 1 if it ended just now, also
 * by a fault: then its fn did not get to its end. */
int32_t job_go_on(struct job *job, int *ended);

int job_runs(const struct job *job);
/* It hears of it at its next turn. */
void job_stop(struct job *job);

/* Inside, in every loop: gives others a turn when it has run for long. 0: it is to end. */
int job_turn(struct job *job);

#endif
