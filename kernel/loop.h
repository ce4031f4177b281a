/* SPDX-License-Identifier: MIT */
/* The loop: the whole scheduler. */
#ifndef KERNEL_LOOP_H
#define KERNEL_LOOP_H

#include <kernel/types.h>

struct loop_options {
    uint64_t frame_ns;   /* pace of apps that ask for none; 0 = as fast as possible */
    bool resumed;        /* frames go on in the beat of the image's clock */
    uint64_t stop_calls; /* return when every app was called this often; 0 = never */
    bool waiting_counts; /* or when so many frames have passed, and all apps wait */
    bool (*over)(void);  /* asked once per turn: return when it says so; NULL: never */
};

/* Run for ever, or until stop_calls (true), or until it is over. */
bool loop_run(const struct loop_options *options);

/* Only tasks, until `done` says so or the deadline has passed: boot, while drivers look for their
 * devices. */
void loop_tasks_until(bool (*done)(void), uint64_t deadline_ns);

#endif
