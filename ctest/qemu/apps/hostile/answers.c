/* SPDX-License-Identifier: MIT */
/* Version 3: odd answers of _start, and all there is of a thing. */
#include "../v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

static int32_t deed(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    (void)d;
#if defined T_EXIT_255
    return 0x1ff;
#elif defined T_ANSWER_BIG
    return 0x200;
#elif defined T_ANSWER_LEAST
    return INT32_MIN;
#elif defined T_ANSWER_NEGATIVE
    return CTX_E_FAULT;
#elif defined T_WAIT_NOTHING
    return CTX_WAIT;
#elif defined T_FAULT
    __builtin_trap();
#elif defined T_FAULT_WAITING
    /* It has asked to be woken, and then faults: the wish is gone with the call. */
    ctx->time->wake_at(ctx->time, UINT64_MAX);
    __builtin_trap();
#elif defined T_CTX_WRITE
    volatile struct ctx *own = ctx;
    own->version = 9;
#elif defined T_TABLE_WRITE
    *(volatile uint32_t *)(uint64_t)&ctx->iface->t.size = 0;
#elif defined T_SURFACES
    uint32_t s, n = 0;
    while (n < 1000 && d->create(d, 64, 64, CTX_SURFACE_RGBA, 0, &s) == CTX_OK) {
        n++;
    }
    say(ctx, n < 1000 ? "kept" : "FAIL no end of surfaces", n);
#elif defined T_SURFACES_LARGE
    uint32_t s, n = 0;
    for (uint32_t side = 8192; side >= 16; side /= 2) {
        while (n < 1000 && d->create(d, side, side, CTX_SURFACE_RGBA, 0, &s) == CTX_OK) {
            n++;
        }
    }
    say(ctx, n < 1000 ? "kept" : "FAIL no end of surfaces", n);
#elif defined T_SURFACE_BEYOND
    uint32_t s;
    if (d->create(d, 16, 16, CTX_SURFACE_RGBA, 0, &s) == CTX_OK) {
        ((volatile uint32_t *)d->pixels(d, s))[4096 / 4] = 1;
    }
#elif defined T_SURFACE_GONE
    uint32_t s;
    if (d->create(d, 16, 16, CTX_SURFACE_RGBA, 0, &s) == CTX_OK) {
        volatile uint32_t *p = d->pixels(d, s);
        d->destroy(d, s);
        p[0] = 1;
    }
#elif defined T_HANDLES
    /* No number that was not given is a handle. */
    struct ctx_presented shown = {.size = sizeof shown};
    for (uint64_t n = 0; n < 0x100000000; n += 0x10001 * 97) {
        uint32_t h = (uint32_t)n;
        if (d->pixels(d, h) != NULL || d->destroy(d, h) == CTX_OK ||
            d->resize(d, h, 5, 5) == CTX_OK || d->damage(d, h, 0, 0, 1, 1) == CTX_OK ||
            d->presented(d, h, &shown) == CTX_OK) {
            say(ctx, "FAIL a handle out of nothing", h);
        }
    }
#elif defined T_OPEN
    const struct ctx_table *t;
    static const char *const ids[] = {CTX_ID_LOG, CTX_ID_ARGS, CTX_ID_RANDOM, CTX_ID_CPU,
                                      "org.example.none/1"};
    for (uint32_t i = 0; i < 5000; i++) {
        ctx->iface->open(ctx->iface, ids[i % 5], length(ids[i % 5]), 0, &t);
    }
    say(ctx,
        ctx->iface->open(ctx->iface, CTX_ID_LOG, 9, 0, &t) == CTX_OK ? "kept"
                                                                     : "FAIL no log any more",
        0);
#elif defined T_STRUCT_SIZE
    struct ctx_mem_usage *u = ctx->mem->alloc(ctx->mem, 4096, 4096, CTX_MEM_GUARD_LOW);
    static const uint32_t sizes[] = {0, 7, 4097, 0x7fffffff, 0xffffffff, 0x90000000};
    for (uint32_t i = 0; i < 6; i++) {
        u->size = sizes[i];
        if (ctx->mem->usage(ctx->mem, u) == CTX_OK && sizes[i] < 8) {
            say(ctx, "FAIL size", sizes[i]);
        }
    }
#elif defined T_SELF
    /* What stands in the place of the table is not looked at. */
    uint64_t now;
    if (ctx->time->now(NULL, &now) != CTX_OK ||
        ctx->time->now((void *)0x8000000000000000, &now) != CTX_OK) {
        say(ctx, "FAIL self", 0);
    }
#else
#error which answer?
#endif
    return CTX_AGAIN;
}

int32_t _start(struct ctx *ctx)
{
    static uint32_t calls;
    static uint64_t mark;
    calls++;
    if (calls == 1) {
        *ctx->store = &mark;
    }
    if (calls == 3) {
        *ctx->store = ctx;
        int32_t answer = deed(ctx);
        say(ctx, "went on", answer);
        *ctx->store = &mark;
        return answer;
    }
    if (calls == 4) {
        say(ctx, *ctx->store == &mark ? "again ok" : "again FAIL the store is half written", 0);
    }
    return CTX_AGAIN;
}
