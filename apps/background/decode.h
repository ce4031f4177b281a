/* SPDX-License-Identifier: MIT */
#ifndef BACKGROUND_DECODE_H
#define BACKGROUND_DECODE_H

#include <ctx/ctx.h>

struct decode_rgb {
    uint8_t r, g, b;
};

/*
 * A PNG file as w * h pixels, NULL if it is damaged or there is no memory. (Three bytes each:
 * beside the scaled picture it has to fit into half of a small machine.) Give it back with
 * decode_free() in the same call.
 */
struct decode_rgb *decode_png(struct ctx *ctx, const uint8_t *png, uint64_t len, int *w, int *h);
void decode_free(struct ctx *ctx, struct decode_rgb *pixels);

#endif
