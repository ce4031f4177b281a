/* SPDX-License-Identifier: MIT */
/*
 * faults - writes where no memory is, four seconds after it began. Until then a fuse burns down
 * along the lower edge of the screen.
 */
#include <ctx/ctx.h>

#define FUSE_MS UINT64_C(4000)

struct thing {
    uint64_t name, kind, size, count;
};

static uint64_t began;
static struct thing *volatile nothing;

static void fuse(const struct ctx_fb *fb, uint64_t left)
{
    uint64_t width = fb->w * 3 / 5, from = fb->w / 5, top = fb->h - 34;
    uint64_t burnt = width * (FUSE_MS - left) / FUSE_MS;
    for (uint64_t y = top; y < top + 6; y++) {
        for (uint64_t x = burnt; x < width; x++) {
            uint64_t near = x - burnt; /* its end glows */
            struct ctx_rgba color = {255, (uint8_t)(near < 80 ? 230 - near * 2 : 70), 90, 0};
            fb->pixels[y * fb->w + from + x] = color;
        }
    }
}

__attribute__((noinline)) static void count_one(struct thing *thing)
{
    thing->count++;
}

int32_t _start(struct ctx *ctx)
{
    began = began == 0 ? ctx->start_time_ms + 1 : began;
    uint64_t age = ctx->start_time_ms + 1 - began;
    if (age >= FUSE_MS) {
        count_one(nothing);
        return 0;
    }
    fuse(&ctx->fb, FUSE_MS - age);
    return 0;
}
