/* SPDX-License-Identifier: MIT */
/*
 * veteran - an app of the first day, written against the 64 bytes of version 1: time, log, a
 * number, a canvas. It has no memory of its own and no input, so all it draws follows from the
 * clock: a small plasma in a round window.
 *
 * Never to be changed. Its binary is kept in libctx/abi/v1 and must run on every kernel to come.
 */
#include <stdint.h>

struct rgba {
    uint8_t r, g, b, a;
};

struct ctx_v1 {
    uint8_t version, reserved[7];
    uint64_t start_time_ms;
    void (*log)(const uint8_t *text, uint32_t len);
    uint64_t pid;
    struct rgba *pixels;
    uint64_t len, w, h;
};

_Static_assert(sizeof(struct ctx_v1) == 64, "version 1 is 64 bytes");

#define SIDE 168
#define EDGE 28

/* A quarter of a sine, 0..255. */
static const uint8_t quarter[65] = {
    0,   6,   13,  19,  25,  31,  37,  44,  50,  56,  62,  68,  74,  80,  86,  92,  98,
    103, 109, 115, 120, 126, 131, 136, 142, 147, 152, 157, 162, 167, 171, 176, 180, 185,
    189, 193, 197, 201, 205, 208, 212, 215, 219, 222, 225, 228, 231, 233, 236, 238, 240,
    242, 244, 246, 247, 249, 250, 251, 252, 253, 254, 254, 255, 255, 255,
};

/* 256 is a full turn; the result is 0..510 around 255. */
static uint32_t wave(uint32_t turn)
{
    uint32_t t = turn & 127;
    uint32_t v = quarter[t <= 64 ? t : 128 - t];
    return (turn & 128) != 0 ? 255 - v : 255 + v;
}

/* Night, violet, coral, gold: four stops, blended. */
static const struct rgba stops[5] = {
    {22, 24, 62, 0}, {104, 62, 132, 0}, {232, 112, 108, 0}, {255, 206, 132, 0}, {255, 206, 132, 0},
};

static uint8_t blend(uint32_t a, uint32_t b, uint32_t t)
{
    return (uint8_t)((a * (256 - t) + b * t) >> 8);
}

static struct rgba color(uint32_t x, uint32_t y, uint32_t t)
{
    uint32_t v = wave(x * 2 + t) + wave(y * 3 - t) + wave((x + y) + (t >> 1)) + wave(t * 2 - x);
    v = wave((v >> 3) + (t >> 2)) * 3 / 2; /* 0..765 */
    const struct rgba *low = &stops[v >> 8], *high = low + 1;
    return (struct rgba){blend(low->r, high->r, v & 255), blend(low->g, high->g, v & 255),
                         blend(low->b, high->b, v & 255), 0};
}

int _start(struct ctx_v1 *ctx);
int _start(struct ctx_v1 *ctx)
{
    static int greeted;
    if (!greeted) {
        greeted = 1;
        static const char text[] = "veteran: 64 bytes are plenty";
        ctx->log((const uint8_t *)text, sizeof text - 1);
    }
    if (ctx->w < SIDE + 2 * EDGE || ctx->h < SIDE + 2 * EDGE) {
        return 0;
    }
    uint32_t t = (uint32_t)(ctx->start_time_ms / 24);
    uint64_t top = ctx->h - SIDE - EDGE;
    for (uint32_t y = 0; y < SIDE; y++) {
        struct rgba *row = ctx->pixels + (top + y) * ctx->w + EDGE;
        for (uint32_t x = 0; x < SIDE; x++) {
            int32_t dx = (int32_t)(2 * x) - SIDE + 1;
            int32_t dy = (int32_t)(2 * y) - SIDE + 1;
            int32_t far = dx * dx + dy * dy;
            if (far < (SIDE - 6) * (SIDE - 6)) {
                row[x] = color(x, y, t);
            } else if (far < SIDE * SIDE) {
                row[x] = (struct rgba){236, 228, 240, 0};
            }
        }
    }
    return 0;
}
