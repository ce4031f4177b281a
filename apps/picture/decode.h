/* SPDX-License-Identifier: MIT */
/* Files of PNG and JPEG as pixels. No C library is needed; memory is the app's. */
#ifndef PICTURE_DECODE_H
#define PICTURE_DECODE_H

#include <ctx/ctx.h>

#define DECODE_PIXELS_MAX (64u << 20) /* of a picture: more is refused before it takes memory */

/*
 * A file as w * h pixels of `channels` bytes each: 3, or 4 with an opacity. NULL: *why says in
 * English what is wrong, or that there is no memory. Give it back with decode_free(). It may take
 * three times as much memory meanwhile as it leaves. Files of others are what this is for: nothing
 * in one makes it read or write elsewhere.
 */
uint8_t *decode_picture(struct ctx *ctx, const uint8_t *bytes, uint64_t len, int channels, int *w,
                        int *h, const char **why);

void decode_free(struct ctx *ctx, uint8_t *pixels);

#endif
