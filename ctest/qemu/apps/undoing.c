/* SPDX-License-Identifier: MIT */
/*
 * An app whose calls are sometimes undone: it keeps one model twice, in its data and in its heap,
 * and a third time as pixels, changes all of them by half, and then faults, in one frame of five.
 * At the beginning of each call everything must agree. Words: KIB (of data that it works on),
 * COUNT (good calls until it ends), and `endless`: loops instead of faulting.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#ifndef WORDS /* 16384: its pages are watched; few: they are copied */
#define WORDS 16384u
#define NODES 200u
#endif
#define SIDE 64u

struct node {
    struct node *next;
    uint64_t number, check;
    uint8_t rest[200];
};

static struct {
    uint64_t count; /* good calls */
    uint64_t words[WORDS];
    uint32_t used; /* of words */
    uint64_t *mirror;
    struct node *first;
    uint64_t nodes;
    uint32_t surface, second;
    uint64_t goal, tried;
    int loops;
} s;

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    return x ^ x >> 29;
}

static int wrong(struct ctx *ctx, const char *what, uint64_t value)
{
    struct line l = {0};
    put(&l, "T FAIL ");
    put(&l, what);
    put(&l, " ");
    put_number(&l, (int64_t)value);
    put(&l, " count ");
    put_number(&l, (int64_t)s.count);
    send(ctx, &l);
    return CTX_EXIT(1);
}

/* What a pixel is when so many calls have been good. */
static uint32_t pixel_of(uint32_t at, uint64_t count)
{
    return at < count ? (uint32_t)mix(at + 1) | 0xff000000u : 0;
}

static int check(struct ctx *ctx)
{
    uint64_t seen = 0;
    for (uint32_t i = 0; i < s.used; i++) {
        if (s.words[i] != s.mirror[i]) {
            return wrong(ctx, "data and heap differ at", i);
        }
    }
    for (const struct node *n = s.first; n != 0; n = n->next, seen++) {
        if (n->number != s.count - seen || n->check != mix(n->number)) {
            return wrong(ctx, "node", seen);
        }
    }
    if (seen != s.nodes || seen != (s.count < NODES ? s.count : NODES)) {
        return wrong(ctx, "nodes", seen);
    }
    const uint32_t *p = (const uint32_t *)ctx->display->pixels(ctx->display, s.surface);
    if (p == 0) {
        return wrong(ctx, "no surface", s.surface);
    }
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        if (p[i] != pixel_of(i, s.count)) {
            return wrong(ctx, "pixel", i);
        }
    }
    if (ctx->display->pixels(ctx->display, s.second) == 0) {
        return wrong(ctx, "no second surface", s.second);
    }
    return 0;
}

static int begin(struct ctx *ctx)
{
    char text[32];
    word(ctx, 0, text);
    s.used = (uint32_t)number(text) * 128;
    word(ctx, 1, text);
    s.goal = number(text);
    word(ctx, 2, text);
    s.loops = same(text, "endless");
    s.used = s.used > WORDS ? WORDS : s.used;
    s.mirror = ctx->mem->alloc(ctx->mem, WORDS * 8, 8, CTX_MEM_ZERO);
    ctx->display->create(ctx->display, SIDE, SIDE, CTX_SURFACE_RGBX, 0, &s.surface);
    ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, &s.second);
    return s.mirror != 0 ? CTX_AGAIN : wrong(ctx, "no memory", 0);
}

/* One more of everything; with `half`, not quite. */
static void step(struct ctx *ctx, int half)
{
    uint64_t k = s.count + 1;
    uint32_t at = (uint32_t)(mix(k) % s.used);
    uint32_t writes = half ? 37 : 64;
    for (uint32_t i = 0; i < writes; i++) {
        s.words[(at + i * 97) % s.used] += k;
    }
    for (uint32_t i = 0; i < (half ? 11 : 64); i++) {
        s.mirror[(at + i * 97) % s.used] += k;
    }
    struct node *n = ctx->mem->alloc(ctx->mem, sizeof *n, 8, 0);
    n->number = k;
    n->check = half ? 0 : mix(k);
    n->next = s.first;
    s.first = n;
    s.nodes++;
    if (s.nodes > NODES) {
        struct node **p = &s.first;
        while ((*p)->next != 0) {
            p = &(*p)->next;
        }
        ctx->mem->free(ctx->mem, *p, sizeof **p, 8);
        *p = 0;
        s.nodes--;
    }
    uint32_t *p = (uint32_t *)ctx->display->pixels(ctx->display, s.surface);
    p[k - 1] = half ? 1 : pixel_of((uint32_t)k - 1, k);
    ctx->display->damage(ctx->display, s.surface, 0, 0, SIDE, SIDE);
    if (half) {
        for (uint32_t i = 0; i < SIDE * SIDE; i++) {
            p[i] ^= 0x00ffffff;
        }
        ctx->display->destroy(ctx->display, s.second);
        uint32_t other;
        ctx->display->create(ctx->display, 32, 8, CTX_SURFACE_RGBX, 0, &other);
        uint8_t *large = ctx->mem->alloc(ctx->mem, 300000, 4096, 0);
        large[70000] = 1;
        while (s.first != 0 && s.nodes > 3) { /* most of the list goes */
            struct node *gone = s.first;
            s.first = gone->next;
            ctx->mem->free(ctx->mem, gone, sizeof *gone, 8);
            s.nodes--;
        }
    } else {
        s.count = k;
    }
}

/* How often a call of this app has ended in a fault, or overran: not undone, so the app can tell
 * that it has tried. */
static uint64_t tries(struct ctx *ctx)
{
    static struct ctx_app_info list[4];
    uint32_t count = 0;
    const struct ctx_apps *apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    apps->list(apps, list, sizeof list, sizeof list[0], &count);
    for (uint32_t i = 0; i < count && i < 4; i++) {
        if (list[i].pid == ctx->pid) {
            return list[i].faults + list[i].overruns;
        }
    }
    return 0;
}

int32_t _start(struct ctx *ctx)
{
    if (s.mirror == 0) {
        return begin(ctx);
    }
    int bad = check(ctx);
    if (bad != 0) {
        return bad;
    }
    /* Time is the one thing that goes on whatever is undone. */
    uint64_t tried = tries(ctx);
    if (now(ctx) / 16667000 % 5 == 0 && tried == s.tried) { /* never twice in a row */
        step(ctx, 1);
        if (s.loops) {
            for (;;) {
                __asm__ volatile("");
            }
        }
        __builtin_trap();
    }
    s.tried = tried;
    step(ctx, 0);
    if (s.count >= s.goal) {
        struct line l = {0};
        put(&l, "T PASS count ");
        put_number(&l, (int64_t)s.count);
        send(ctx, &l);
        return CTX_EXIT(0);
    }
    return CTX_AGAIN;
}
