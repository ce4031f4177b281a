/* SPDX-License-Identifier: MIT */
/*
 * A window without a window manager: on the canvas. Into the fourth byte of its pixels, which is
 * ignored on screen, it writes its mark: so windows that are drawn later in the same frame see
 * where this one is. Where somebody manages windows it is a surface instead, without a title bar,
 * glass and shadow of its own.
 */
#ifndef CONSOLE_WINDOW_H
#define CONSOLE_WINDOW_H

#include "glass.h"

#include <ctx/ctx.h>
#include <stdint.h>

#define WINDOW_BACK  0x00191b1c /* of a surface: the theme's, bytes R, G, B from the lowest */
#define WINDOW_TITLE 30         /* height of the title bar */
#define WINDOW_PAD   12         /* around the text */
#define WINDOW_MIN_W 240
#define WINDOW_MIN_H 120

struct window {
    int32_t x, y, w, h; /* a surface: 0, 0 while somebody manages windows */
    uint32_t surface;   /* 0: it lies on the canvas */
    uint32_t scale;     /* it draws for, as display.info has it; 0: as for 120 */
    uint32_t quiet;     /* calls in a row after which everything on the canvas was as we left it */
    uint64_t shade;     /* what the pixels under the shadow added up to when it was drawn */
    uint8_t mark;       /* 0x80 | a number: what our pixels carry */
    uint8_t focused;
    uint8_t first;  /* none was there before: the serial line is this one's, whatever is clicked */
    uint8_t action; /* 0 nothing, 1 dragged, 2 resized */
    int32_t grab_x, grab_y; /* pointer minus corner when that began */
    uint8_t fresh;          /* everything is to be drawn */
    struct glass glass;
    uint32_t *pixels; /* w * h, what we show: glass, frame, text; or the surface's own */
};

/* Rows above the text's: its title bar's, if it has one. */
static inline int32_t window_top(const struct window *window)
{
    return window->surface != 0 ? 0 : WINDOW_TITLE;
}

static inline uint32_t window_scale(const struct window *window)
{
    return window->scale == 0 ? 120 : window->scale;
}

/* How far it is from the window's side to the text. */
static inline int32_t window_pad(const struct window *window)
{
    return WINDOW_PAD * (int32_t)window_scale(window) / 120;
}

/* Beside windows that are there already, else in the middle, focused. 0: no memory. */
int window_init(struct window *window, const struct ctx *ctx);

/* From now on it is a surface of the app's own; 0: there is no memory for one, and nothing changed.
 */
int window_to_surface(struct window *window, const struct ctx *ctx);

/* For a surface: focus, size, pixels that were lost. 1: the user has closed it. */
int window_event(struct window *window, const struct ctx *ctx, const struct ctx_event *event);

/* A surface is drawn for the screen's scale, and is as much larger as its letters are. */
void window_rescale(struct window *window, const struct ctx *ctx, uint32_t scale);

/* Buttons and motion since the last call; press_x, press_y: where the left button went down last. A
 * drag may have begun and ended since. Returns 1 if focus, place or size changed. */
int window_input(struct window *window, const struct ctx *ctx, const struct ctx_input *in,
                 int32_t press_x, int32_t press_y);

/*
 * What is behind the text into pixels where something changed: the rows in which the text did, from
 * *from up to *to (equal: none), and those behind which something else did. The text must be drawn
 * again into rows *from up to *to as this leaves them.
 */
void window_prepare(struct window *window, const struct ctx_fb *fb, uint32_t *from, uint32_t *to);

/* At the right end of a title bar: a word and its lamp. */
struct window_note {
    const char *text; /* NULL: there is none */
    uint32_t color;   /* of the lamp: bytes R, G, B from the lowest */
};

/* Title bar and border over rows from..to. */
void window_frame(struct window *window, const char *title, const struct window_note *note,
                  uint32_t from, uint32_t to);

/* Put pixels onto the canvas, with round corners, a shadow, and the mark; of a surface, rows from
 * up to to are shown anew. */
void window_show(struct window *window, const struct ctx *ctx, uint32_t from, uint32_t to);

#endif
