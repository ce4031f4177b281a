/* SPDX-License-Identifier: MIT */
/*
 * A window without a window manager. Into the fourth byte of its pixels, which is ignored on
 * screen, it writes its mark: so windows that are drawn later in the same frame see where this one
 * is.
 */
#ifndef CONSOLE_WINDOW_H
#define CONSOLE_WINDOW_H

#include "glass.h"

#include <ctx/ctx.h>
#include <stdint.h>

#define WINDOW_TITLE 30 /* height of the title bar */
#define WINDOW_PAD   12 /* around the text */
#define WINDOW_MIN_W 240
#define WINDOW_MIN_H 120

struct window {
    int32_t x, y, w, h;
    uint8_t mark; /* 0x80 | a number: what our pixels carry */
    uint8_t focused;
    uint8_t first;  /* none was there before: the serial line is this one's, whatever is clicked */
    uint8_t action; /* 0 nothing, 1 dragged, 2 resized */
    int32_t grab_x, grab_y; /* pointer minus corner when that began */
    uint8_t fresh;          /* everything is to be drawn */
    struct glass glass;
    uint32_t *pixels; /* w * h, what we show: glass, frame, text */
};

/* Beside windows that are there already, else in the middle, focused. 0: no memory. */
int window_init(struct window *window, const struct ctx *ctx);

/* Buttons and motion since the last call. Returns 1 if focus, place or size changed. */
int window_input(struct window *window, const struct ctx *ctx, const struct ctx_input *in);

/*
 * Glass and frame into pixels where something changed (everything if `text` says that the text
 * did). Returns the rows that the text must be drawn into again: from *from up to *to; equal means
 * none.
 */
void window_prepare(struct window *window, const struct ctx_fb *fb, int text, uint32_t *from,
                    uint32_t *to);

/* Title bar and border over rows from..to. */
void window_frame(struct window *window, const char *title, uint32_t from, uint32_t to);

/* Put pixels onto the canvas, with round corners, a shadow, and the mark. */
void window_show(const struct window *window, const struct ctx_fb *fb);

#endif
