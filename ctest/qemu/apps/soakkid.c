/* SPDX-License-Identifier: MIT */
/*
 * A child of soak.c: blocks, surfaces and data by chance, and at the beginning of each call a look
 * whether all of it is as the last good call left it - whatever was undone, saved, restored,
 * wrapped or paused in between. By its word it also faults, or loops in the middle.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define BLOCKS 10u
#define PIECES 3u

static struct {
    uint8_t *at;
    uint64_t size;
    uint32_t seed;
} blocks[BLOCKS];

static struct {
    uint32_t handle, side, seed;
} pieces[PIECES];

static uint64_t chance_state, calls;
static char kind[32];
static uint32_t wrong;
static uint8_t zeroes[300000]; /* so that some are watched instead of copied */

static uint64_t chance(uint64_t of)
{
    uint64_t x = chance_state += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return (x ^ x >> 31) % of;
}

static uint8_t byte_of(uint32_t seed, uint64_t at)
{
    return (uint8_t)(seed * 31 + at / 97 + at);
}

static void fill(uint8_t *to, uint64_t len, uint32_t seed)
{
    for (uint64_t at = 0; at < len; at += 61) {
        to[at] = byte_of(seed, at);
    }
}

static int is_filled(const uint8_t *bytes, uint64_t len, uint32_t seed)
{
    for (uint64_t at = 0; at < len; at += 61) {
        if (bytes[at] != byte_of(seed, at)) {
            return 0;
        }
    }
    return 1;
}

static void check(struct ctx *ctx)
{
    int good = 1;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        good &= blocks[i].at == NULL || is_filled(blocks[i].at, blocks[i].size, blocks[i].seed);
    }
    for (uint32_t i = 0; i < PIECES; i++) {
        if (pieces[i].handle != 0) {
            const uint8_t *pixels = ctx->display->pixels(ctx->display, pieces[i].handle);
            uint64_t bytes = (uint64_t)pieces[i].side * pieces[i].side * 4;
            /* Its host may deny the look. */
            good &= pixels == NULL || is_filled(pixels, bytes, pieces[i].seed);
        }
    }
    good &= kind[0] != 'u' || is_filled(zeroes, sizeof zeroes, (uint32_t)(calls & 0xff));
    if (!good && wrong++ == 0) {
        say(ctx, "kid WRONG in call", (int64_t)calls);
    }
}

/* At one of many places: three faults in a row at one are one too many. */
static void fault(uint64_t n)
{
#define AT(k)                                                                                      \
    case k:                                                                                        \
        __asm__ volatile("movl $" #k ", 8 + 64 * " #k);                                            \
        break;
    switch (n % 12) {
        AT(0) AT(1) AT(2) AT(3) AT(4) AT(5) AT(6) AT(7) AT(8) AT(9) AT(10) AT(11)
    }
}

/* A host that was set aside may have done it before that. */
static int is_done(ctx_status status)
{
    return status == CTX_OK || status == CTX_E_TIMEDOUT;
}

/* All functions may be denied, or answered with anything, by whoever runs it. */
static void act(struct ctx *ctx)
{
    uint32_t i = (uint32_t)chance(BLOCKS);
    if (blocks[i].at == NULL) {
        blocks[i].size = 1 + chance(30000);
        blocks[i].at = ctx->mem->alloc(ctx->mem, blocks[i].size, 16, 0);
    } else if (chance(2) == 0 &&
               is_done(ctx->mem->free(ctx->mem, blocks[i].at, blocks[i].size, 16))) {
        blocks[i].at = NULL;
    }
    if (blocks[i].at != NULL) {
        blocks[i].seed = (uint32_t)chance(250);
        fill(blocks[i].at, blocks[i].size, blocks[i].seed);
    }
    i = (uint32_t)chance(PIECES);
    uint32_t side = 1 + (uint32_t)chance(60);
    if (pieces[i].handle == 0) {
        ctx_status status = ctx->display->create(ctx->display, side, side, CTX_SURFACE_RGBA,
                                                 chance(4) == 0, &pieces[i].handle);
        pieces[i].handle = status == CTX_OK ? pieces[i].handle : 0;
        pieces[i].side = side;
    } else if (chance(4) == 0) {
        pieces[i].handle =
            is_done(ctx->display->destroy(ctx->display, pieces[i].handle)) ? 0 : pieces[i].handle;
    } else if (chance(3) == 0) {
        ctx_status status = ctx->display->resize(ctx->display, pieces[i].handle, side, side);
        pieces[i].side = status == CTX_OK ? side : pieces[i].side;
        pieces[i].handle = status == CTX_E_TIMEDOUT ? 0 : pieces[i].handle;
    }
    if (pieces[i].handle != 0) {
        uint8_t *pixels = ctx->display->pixels(ctx->display, pieces[i].handle);
        pieces[i].seed = (uint32_t)chance(250);
        if (pixels != NULL) {
            fill(pixels, (uint64_t)pieces[i].side * pieces[i].side * 4, pieces[i].seed);
        } else {
            pieces[i].handle = 0; /* what it holds is not known */
        }
        ctx->display->damage(ctx->display, pieces[i].handle, 0, 0, side, side);
    }
}

int32_t _start(struct ctx *ctx)
{
    /* The stack is not undone. Whoever faults three times in a row at one place begins anew. */
    volatile uint64_t *faulted =
        (volatile uint64_t *)((uint64_t)__builtin_frame_address(0) - 3 * 4096);
    if (calls == 0) {
        word(ctx, 0, kind);
        fill(zeroes, sizeof zeroes, 0);
    }
    /* What differs between two tries of one call must not lie in memory that is undone. */
    chance_state ^= now(ctx);
    check(ctx);
    for (uint64_t n = chance(4); n > 0; n--) {
        act(ctx);
    }
    if (chance(8) == 0) {
        struct line l = {0};
        put(&l, "a line");
        send(ctx, &l);
    }
    calls++;
    if (kind[0] == 'u') {
        fill(zeroes, sizeof zeroes, (uint32_t)(calls & 0xff));
    }
    if (kind[0] != 'q' && chance(kind[0] == 't' ? 4 : 40) == 0 && *faulted == 0) {
        *faulted = 1;
        fault(chance(12));
    }
    *faulted = 0;
    if (kind[0] == 't' && calls == 2000) {
        say(ctx, wrong == 0 ? "twin ok" : "twin FAIL", wrong);
        return CTX_EXIT(0);
    }
    if (kind[0] == 'l' && chance(300) == 0) {
        for (;;) {
            ctx->log((const uint8_t *)"x", 1);
        }
    }
    if (kind[0] == 'q' && chance(3) == 0) {
        ctx->time->wake_at(ctx->time, now(ctx) + chance(50000000));
        return CTX_WAIT;
    }
    return CTX_AGAIN;
}
