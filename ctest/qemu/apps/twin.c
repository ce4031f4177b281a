/* SPDX-License-Identifier: MIT */
/*
 * An app whose state depends on nothing but its calls: it churns a heap of odd blocks, keeps the
 * addresses that it got, opens tables one by one and calls them at the addresses it kept, draws on
 * surfaces that come and go. Everything it sees goes into `trail`, so two of it that are told apart
 * once stay apart; every hundredth call says it. The first word is the seed. -DOLD: the same for
 * version 2, without a note.
 *
 * Memory that it gives back is zero, and that it is given it fills with zeroes: of free memory an
 * image keeps nothing, and what lies there is nobody's business, but hashes are of whole pages.
 */
#include "v3.h"

#ifndef OLD
#include <ctx/note.h>

CTX_NOTE(3);
#endif

#ifndef BLOCKS
#define BLOCKS 150u
#endif
#define LARGEST 20000u

struct block {
    uint8_t *bytes;
    uint64_t size, align;
    uint64_t mark;
};

struct state {
    uint64_t chance, trail, calls;
    struct block blocks[BLOCKS];
    uint32_t surfaces[2], sides[2];
    const struct ctx_args *args; /* kept, and its functions with it */
    ctx_status(CTX_CALL *get)(const struct ctx_args *self, uint32_t index, void *buf, uint32_t cap,
                              uint32_t *len);
    uint32_t opened;
};

static struct state *s;
static uint64_t in_data[600] = {1, 2, 3}; /* more than a page, not zero */
static uint64_t in_bss[1500];

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    return x ^ x >> 29;
}

static uint64_t chance(uint64_t of)
{
    s->chance = mix(s->chance + 0x9e3779b97f4a7c15ull);
    return s->chance % of;
}

static void see(uint64_t value)
{
    s->trail = mix(s->trail ^ value);
}

static void *take(struct ctx *ctx, uint64_t size, uint64_t align, uint64_t flags)
{
#ifdef OLD
    (void)flags;
    void *p = ctx->alloc(size, align);
#else
    void *p = ctx->mem->alloc(ctx->mem, size, align, flags);
#endif
    if (p != 0) {
        memset(p, 0, size);
    }
    return p;
}

static void give(struct ctx *ctx, struct block *b)
{
    memset(b->bytes, 0, b->size);
#ifdef OLD
    ctx->dealloc(b->bytes, b->size, b->align);
#else
    see((uint64_t)ctx->mem->free(ctx->mem, b->bytes, b->size, b->align));
#endif
    b->bytes = 0;
}

/* The first and last bytes of a block say whose they are. */
static void mark(struct block *b)
{
    b->mark = chance(256);
    b->bytes[0] = (uint8_t)b->mark;
    b->bytes[b->size - 1] = (uint8_t)b->mark;
    see((uint64_t)b->bytes);
}

static void churn(struct ctx *ctx)
{
    struct block *b = &s->blocks[chance(BLOCKS)];
    if (b->bytes != 0) {
        see(b->bytes[0]);
        see(b->bytes[b->size - 1]);
        if (b->bytes[0] != (uint8_t)b->mark || b->bytes[b->size - 1] != (uint8_t)b->mark) {
            say(ctx, "FAIL a block has changed", (int64_t)(b - s->blocks));
        }
#ifndef OLD
        if (chance(3) == 0) {
            uint64_t size = 1 + chance(LARGEST);
            memset(b->bytes, 0, b->size); /* it may move */
            void *p = ctx->mem->resize(ctx->mem, b->bytes, b->size, b->align, size);
            if (p != 0) {
                b->bytes = p;
                b->size = size;
                mark(b);
            }
            return;
        }
#endif
        give(ctx, b);
        return;
    }
    b->size = 1 + chance(chance(4) == 0 ? LARGEST : 300);
    b->align = 1ull << chance(13);
    b->bytes = take(ctx, b->size, b->align, chance(4)); /* ZERO, GUARD_LOW, both or none */
    if (b->bytes != 0) {
        mark(b);
    }
}

#ifndef OLD
static void draw(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t no = (uint32_t)chance(2), side = s->sides[no];
    if (side == 0) {
        side = 8 + (uint32_t)chance(90);
        s->sides[no] = side;
        see((uint64_t)d->create(d, side, side, CTX_SURFACE_RGBX, 0, &s->surfaces[no]));
        see(s->surfaces[no]);
    }
    uint32_t *pixels = d->pixels(d, s->surfaces[no]);
    see((uint64_t)pixels);
    if (pixels == 0) {
        say(ctx, "FAIL no surface", no);
        return;
    }
    for (uint32_t i = 0; i < 20; i++) {
        uint32_t *p = &pixels[chance((uint64_t)side * side)];
        see(*p);
        *p = (uint32_t)s->chance;
    }
    d->damage(d, s->surfaces[no], 0, 0, side, side);
    if (chance(40) == 0) {
        see((uint64_t)d->destroy(d, s->surfaces[no]));
        s->sides[no] = 0;
    }
}

static void tables(struct ctx *ctx)
{
    static const char *const ids[] = {CTX_ID_ARGS, CTX_ID_LOG, CTX_ID_RANDOM, CTX_ID_APPS,
                                      "org.example.none/1"};
    char text[32];
    uint32_t len = 0;
    if (s->opened < 5 && chance(25) == 0) {
        const struct ctx_table *t = 0;
        see((uint64_t)ctx->iface->open(ctx->iface, ids[s->opened], length(ids[s->opened]), 0, &t));
        see((uint64_t)t);
        if (s->opened++ == 0) {
            s->args = (const struct ctx_args *)t;
            s->get = s->args->get;
        }
    }
    if (s->opened > 0) {
        see((uint64_t)s->get(s->args, 0, text, sizeof text, &len));
        see(len);
    }
}
#endif

int32_t _start(struct ctx *ctx)
{
    if (s == 0) {
        s = take(ctx, sizeof *s, 16, 0);
        *ctx->store = s;
#ifndef OLD
        char seed[32];
        word(ctx, 0, seed);
        s->chance = number(seed);
#endif
    }
    s->calls++;
    if (*ctx->store != s) {
        say(ctx, "FAIL the store cell is another", 0);
    }
    for (uint64_t i = chance(8); i > 0; i--) {
        churn(ctx);
    }
#ifdef OLD
    see((uint64_t)ctx->input);
    see(ctx->input->mx ^ ctx->input->last);
    if (ctx->fb.w > 8) {
        ctx->fb.pixels[chance(ctx->fb.len)].r ^= 255;
    }
#else
    draw(ctx);
    tables(ctx);
#endif
    in_data[chance(600)] += s->trail;
    in_bss[chance(1500)] ^= s->trail;
    if (s->calls % 100 == 0) {
        say(ctx, "trail", (int64_t)(s->trail >> 1));
    }
    return CTX_AGAIN;
}
