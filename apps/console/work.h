/* SPDX-License-Identifier: MIT */
/*
 * What may have to wait for a disk: commands on files, and scripts. It runs in a fiber, so the
 * window lives meanwhile and Ctrl-C is heard; one at a time. The C library's functions of files
 * wait in it by themselves.
 */
#ifndef CONSOLE_WORK_H
#define CONSOLE_WORK_H

#include <ctx/fiber.h>

#include <stdint.h>

struct console;

typedef void (*work_fn)(struct console *console, char *line);

struct work {
    struct ctx_fiber *fiber; /* NULL: nothing is going on */
    work_fn fn;
    char *line;
    int32_t answer;    /* of the fiber, when it ran last */
    uint64_t since_ns; /* when it began to run in this call */
    uint8_t stop;      /* Ctrl-C was pressed */
};

/* Begin, and let it run until it waits. 0: there are no fibers here (an old Context), or there is
 * no memory for one. line is copied. */
int work_begin(struct console *console, work_fn fn, const char *line);

/* In each call. */
void work_go_on(struct console *console);

/* It is not done; it waits, and has told the kernel for what. */
int work_runs(const struct console *console);
int work_waits(const struct console *console);

/* Ctrl-C: the command hears of it at its next turn. Drop: it is over at once, and says nothing. */
void work_stop(struct console *console);
void work_drop(struct console *console);

/* Inside, in every loop: gives others a turn when it has run for long. 0: it is to end. */
int work_turn(struct console *console);

#endif
