/* SPDX-License-Identifier: MIT */
/* What the parts of paint share. */
#ifndef PAINT_PAINT_H
#define PAINT_PAINT_H

#include <ctx/ctx.h>
#include <ctx/ui.h>
#include <raw.h>

#define FRAME     6                  /* around the sheet, in the window */
#define SIDE_MOST (8192 - 2 * FRAME) /* of a picture: a window has no larger one */

enum { KEY_O = 24, KEY_S = 31, KEY_C = 46, KEY_V = 47, KEY_F1 = 59 };

enum bar { BAR_NONE, BAR_KEYS, BAR_LEAVE };

struct state {
    uint32_t surface, color;
    uint32_t scale; /* that brush and window are for; 0: an older system enlarges them */
    int32_t w, h;   /* of the window */
    struct ctx_rgba *pixels;
    struct ctx_rgba *sheet; /* what is drawn, from the window's upper left corner */
    int32_t sheet_w, sheet_h;
    int32_t x, y;            /* where the brush was, in the window */
    int32_t down;            /* whether it touched the paper */
    uint32_t changes, saved; /* counts what was drawn; as it was when it was saved */
    /* Files: files.c. */
    struct job job;
    char path[RAW_PATH]; /* of its file; empty: it has none yet */
    char wanted[RAW_PATH];
    struct raw_out out;
    /* What lies over the window's lower end: bar.c. */
    enum bar bar;
    int32_t bar_h;  /* 0: nothing does */
    int32_t told;   /* what keys do was seen once */
    int32_t leaves; /* when it is saved, which goes on */
    struct ctx_ui ui;
};

/* ---- main.c ---- */

/* This part of the window from the sheet; only what changed is shown anew. */
void paint_show(struct ctx *ctx, struct state *s, int32_t left, int32_t top, int32_t right,
                int32_t bottom);
/* A sheet of at least this size, with what was on the old one. 0: there is no memory. */
int paint_enlarge(struct ctx *ctx, struct state *s, int32_t w, int32_t h);
/* Whoever manages windows asks for another size. Without memory for it everything stays. */
void paint_resize(struct ctx *ctx, struct state *s, int32_t w, int32_t h);

/* The title says what is going on: there is nothing else here to say it with. (files.c) */
void paint_tell(struct state *s, struct ctx *ctx, const char *a, const char *b);

/* ---- bar.c ---- */

void bar_open(struct ctx *ctx, struct state *s, enum bar bar);
void bar_close(struct ctx *ctx, struct state *s);
/* The window is another one, or its pixels are lost. */
void bar_again(struct ctx *ctx, struct state *s);
/* 1: it was the bar's. */
int bar_event(struct ctx *ctx, struct state *s, const struct ctx_event *e);

/* ---- copy.c: by ctx.clipboard/1 ---- */

void paint_copy(struct ctx *ctx, struct state *s);
void paint_paste(struct ctx *ctx, struct state *s);

/* ---- files.c: in a job, so people draw on meanwhile ---- */

void paint_save(struct ctx *ctx, struct state *s);
/* The next PNG of the folder; nothing that is not saved is lost for it. */
void paint_open_next(struct ctx *ctx, struct state *s);
/* The words of its line. */
void paint_words(struct ctx *ctx, struct state *s);
/* In each call; answers what _start may. */
int32_t paint_go_on(struct ctx *ctx, struct state *s);

#endif
