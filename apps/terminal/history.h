/* SPDX-License-Identifier: MIT */
/*
 * Lines that have scrolled out at the top: packed, a block of memory each, the oldest forgotten
 * when there are HISTORY_LINES or when memory is short. Lines are numbered from the first that was
 * ever kept, so a number means the same line for as long as it is there.
 */
#ifndef TERMINAL_HISTORY_H
#define TERMINAL_HISTORY_H

#include <stdint.h>
#include <vterm.h>

#define HISTORY_LINES 10240u

struct history_line;

struct history {
    struct history_line **lines; /* a ring of HISTORY_LINES; NULL until the first */
    uint64_t first, next;        /* numbers of the oldest, and of the one to come */
    uint64_t bytes;              /* of all blocks */
};

/* Keep a line; wraps: it goes on in the next one. Without memory for it older ones go; 0: it is not
 * kept, and all that were before it are gone too. */
int history_push(struct history *history, const VTermScreenCell *cells, uint32_t columns,
                 int wraps);

/* The last one back, with empty cells behind it, and forget it. 0: there is none, or it is longer.
 */
int history_pop(struct history *history, VTermScreenCell *cells, uint32_t columns);

/* A line's cells, at most so many, and empty ones behind it. 0: it is not there. */
int history_get(const struct history *history, uint64_t line, VTermScreenCell *cells,
                uint32_t columns);

/* How many of its cells are not empty; whether it goes on in the next line. */
uint32_t history_used(const struct history *history, uint64_t line);
int history_wraps(const struct history *history, uint64_t line);

/* Forget all of it; numbers go on. */
void history_clear(struct history *history);

/* A cell with nothing in it. */
void history_empty_cell(VTermScreenCell *cell);

#endif
