/* SPDX-License-Identifier: MIT */
/*
 * What a program has written, as a terminal shows it: libvterm's screen, what scrolled out of it,
 * and what the window asks for. It knows no Context. Lines have numbers as history.h says; those
 * of the screen follow the history's. libvterm looks at no allocation: whoever makes or resizes a
 * screen gets a refusal here, before libvterm tries.
 */
#ifndef TERMINAL_SCREEN_H
#define TERMINAL_SCREEN_H

#include "history.h"

#include <stdint.h>
#include <vterm.h>

#define SCREEN_COLUMNS_MIN 8 /* a wide character in a line of double width needs four */
#define SCREEN_ROWS_MIN    2
#define SCREEN_COLUMNS_MAX 1024
#define SCREEN_ROWS_MAX    512
#define SCREEN_TITLE       63

/* Bytes that the terminal sends to the program: answers, keys, the mouse. */
typedef void screen_send(void *self, const uint8_t *bytes, uint32_t len);

struct screen {
    VTerm *vt;
    VTermScreen *cells;
    VTermState *state;
    int rows, columns;
    struct history history;
    screen_send *send;
    void *self;
    VTermPos cursor;
    uint8_t visible, shape, blinks; /* of the cursor: VTERM_PROP_CURSORSHAPE_* */
    uint8_t alternate, mouse;       /* mouse: VTERM_PROP_MOUSE_* */
    uint8_t wants_focus;
    uint8_t bell, titled; /* set here, cleared by who looks */
    uint8_t resizes;
    uint8_t changed;                /* some row below has */
    uint8_t dirty[SCREEN_ROWS_MAX]; /* rows that look different, or may */
    uint64_t cleared; /* how often the screen or history changed places: selections end */
    char title[SCREEN_TITLE + 1];
    uint32_t title_len, title_more; /* the latter: bytes of a title on its way */
    char title_next[SCREEN_TITLE + 1];
    uint32_t text, back; /* colours that OSC 10 and 11 are answered with: 0xrrggbb */
    uint8_t part[4];     /* of a character that was cut at the end of a write */
    uint32_t part_len, marks;
};

/* 0: no memory. send(self) may be called from then on. */
int screen_init(struct screen *screen, int rows, int columns, screen_send *send, void *self);
void screen_free(struct screen *screen);

/* A program's bytes. */
void screen_write(struct screen *screen, const uint8_t *bytes, uint32_t len);

/* 0: no memory, or not within the limits; nothing changed. */
int screen_resize(struct screen *screen, int rows, int columns);

/* The first line that there is, and the first one that is on the screen. */
uint64_t screen_first(const struct screen *screen);
uint64_t screen_top(const struct screen *screen);

/* A line's cells, as many as the screen has columns; empty ones where there is none. */
void screen_line(const struct screen *screen, uint64_t line, VTermScreenCell *cells);

/* Whether the line goes on in the next one. */
int screen_wraps(const struct screen *screen, uint64_t line);

/* What was written up to now is in dirty[]. */
void screen_flush(struct screen *screen);

/* All rows look different. */
void screen_touch(struct screen *screen);

/* Modes and colours as in the beginning; text stays. For another program in the same window. */
void screen_soft_reset(struct screen *screen);

#endif
