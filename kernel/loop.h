/* SPDX-License-Identifier: MIT */
/*
 * The loop: the whole scheduler. One turn of it is this, in this order:
 *
 *     tasks that were woken, or whose time has come      task.h
 *     apps whose deadline has passed, or who were woken  ready.h
 *     if a frame is due: the apps that are called each frame, in list order
 *     fates are fulfilled; who waits for windows, keys, events, services is told
 *     a picture, if something changed and the display is free
 *     what keys or apps asked for: save, go back, restart, off
 *     rest, until a task is woken or the next of all these times; parked calls have what is left
 */
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
