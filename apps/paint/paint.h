/* SPDX-License-Identifier: MIT */
/* What the parts of paint share. */
#ifndef PAINT_PAINT_H
#define PAINT_PAINT_H

#include <ctx/ctx.h>
#include <raw.h>

#define FRAME     6                  /* around the sheet, in the window */
#define SIDE_MOST (8192 - 2 * FRAME) /* of a picture: a window has no larger one */

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
