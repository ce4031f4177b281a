/* SPDX-License-Identifier: MIT */
/* What is chosen of a screen and of what scrolled out of it. Knows no Context. */
#ifndef TERMINAL_SELECT_H
#define TERMINAL_SELECT_H

#include "screen.h"

#include <stdint.h>

/* Between two cells. */
struct spot {
    uint64_t line;
    uint32_t column;
};

enum { SELECT_CELLS, SELECT_WORDS, SELECT_LINES };

struct selection {
    struct spot anchor, end; /* where it was begun, and where the pointer is now */
    struct spot from, to;    /* equal: nothing is chosen; what they hold is whole words or lines */
    uint8_t by;              /* SELECT_* */
    uint8_t dragging;
    uint8_t clicks;               /* in a row, at one place */
    uint64_t clicked_ns, cleared; /* the latter: the screen's, when it was made */
    struct spot clicked;
};

void select_clear(struct selection *selection);
int select_is_empty(const struct selection *selection);
/* 1: that cell is chosen. */
int select_has(const struct selection *selection, uint64_t line, uint32_t column);

/* A press on a cell, nearest to that spot: the second one there within half a second chooses a
 * word, the third a line. */
void select_press(struct selection *selection, const struct screen *screen, struct spot spot,
                  struct spot cell, uint64_t now_ns);
/* The pointer is there now. 1: something else is chosen. */
int select_drag(struct selection *selection, const struct screen *screen, struct spot spot,
                struct spot cell);

/* What is chosen as UTF-8: its length, of which at most room bytes are written. Lines that go on in
 * the next one are one, spaces at a line's end are left out. */
uint32_t select_text(const struct selection *selection, const struct screen *screen, char *text,
                     uint32_t room);

#endif
