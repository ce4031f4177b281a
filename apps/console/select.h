/* SPDX-License-Identifier: MIT */
/*
 * What is chosen of what the console shows, by the mouse in everything and by Shift and arrows in
 * the line that is typed, and what copying, cutting and pasting do with it.
 */
#ifndef CONSOLE_SELECT_H
#define CONSOLE_SELECT_H

#include <stdint.h>

struct console;

#define SPOT_TYPED UINT64_MAX /* as a line: the prompt and the line that is typed */

/* Between two characters. */
struct spot {
    uint64_t line; /* of the text, or SPOT_TYPED */
    uint32_t at;   /* characters before it */
};

struct selection {
    struct spot anchor, end; /* equal: nothing is chosen */
    uint8_t dragging;
};

/* 1: character `at` of that line is chosen. */
int selection_has(const struct selection *selection, uint64_t line, uint32_t at);
int selection_is_empty(const struct selection *selection);
void selection_clear(struct selection *selection);

/* The pointer, once per call. Returns 1 if something else is chosen than before. */
int select_pointer(struct console *console);

/* Around a key that moves the cursor while Shift is held: the cursor before it. */
void select_to_cursor(struct console *console, uint32_t before);

/* What is chosen, as UTF-8, to the clipboard. 0: nothing is. */
int select_copy(struct console *console);

/* What is chosen of the line that is typed goes away; what is chosen elsewhere is forgotten. */
void select_delete(struct console *console);

void select_paste(struct console *console);

#endif
