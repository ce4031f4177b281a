/* SPDX-License-Identifier: MIT */
/*
 * <ctx/png.h> - write a picture as PNG, row by row, in bounded memory: 8-bit RGB that every reader
 * of PNG reads. In libctx.a; no C library, no Context, no memory of its own.
 *
 *     struct ctx_png png;
 *     ctx_png_begin(&png, w, h, put, file);
 *     for (uint32_t y = 0; y < h; y++) { ctx_png_row(&png, &pixels[y * w]); }
 *     int fine = ctx_png_end(&png);
 *
 * Between two rows the caller may do what it likes, so a large picture is no long call. It is made
 * to be quick on what screens and drawings look like: of a row what repeats the pixel to the left,
 * or the one above, is nearly free; a photograph is hardly smaller than its pixels.
 */
#ifndef CTX_PNG_H
#define CTX_PNG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTX_PNG_ROOM 4096u /* bytes of one piece, without its head */

struct ctx_png {
    /* The library's own. */
    int (*put)(void *self, const void *bytes, uint32_t len);
    void *self;
    const uint8_t *above; /* the row before, NULL: none yet */
    uint64_t bits;        /* not yet written, the lowest first */
    uint32_t bit_count;
    uint32_t w, h, rows;       /* rows: how many there were */
    uint32_t run;              /* bytes that repeat what stood three before, not yet written */
    uint32_t raw;              /* how many bytes there were before, 3 at most */
    uint32_t low, high, since; /* Adler-32; bytes since it was reduced */
    uint32_t len;              /* bytes in room, behind the head */
    uint8_t last[4];           /* what stood before; the newest is the first */
    int32_t failed;            /* put has answered 0 */
    uint8_t room[8 + CTX_PNG_ROOM + 8]; /* length and kind, bytes, checksum, nothing */
};

/*
 * Begin a picture of w times h pixels, 1 to 2^31 - 1 each. put gets the file's bytes in order and
 * answers 1, or 0 if it can not take them: then nothing more is put. [any]
 */
void ctx_png_begin(struct ctx_png *png, uint32_t w, uint32_t h,
                   int (*put)(void *self, const void *bytes, uint32_t len), void *self);

/* The next row: w pixels of four bytes, red, green, blue and one that is ignored. It has to stay
 * as it is until the row after it was given. More than h rows are ignored. [any] */
void ctx_png_row(struct ctx_png *png, const void *pixels);

/* 1: that was all of it. 0: put has refused, or there were too few rows. [any] */
int ctx_png_end(struct ctx_png *png);

#ifdef __cplusplus
}
#endif
#endif
