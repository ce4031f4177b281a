/* SPDX-License-Identifier: MIT */
#ifndef BACKGROUND_DECODE_H
#define BACKGROUND_DECODE_H

#include <ctx/ctx.h>

/*
 * A PNG file as w * h RGBA pixels, NULL if it is damaged or there is no memory. Give it back with
 * decode_free() in the same call.
 */
struct ctx_rgba *decode_png(struct ctx *ctx, const uint8_t *png, uint64_t len, int *w, int *h);
void decode_free(struct ctx *ctx, struct ctx_rgba *pixels);

#endif
