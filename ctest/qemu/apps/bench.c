/* SPDX-License-Identifier: MIT */
/*
 * For benchmarks. By the first word: `ready` does nothing, each frame; `mark N` too, but logs its
 * call 1,000 and N calls later; `wait` waits for ever;
 * `gates` measures calls inside one call and logs picoseconds; `fault` faults every other call.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define ROUNDS 200000

#define WARM   1000

static int mode;
static uint64_t span;

__attribute__((noinline)) static int32_t plain(const void *self)
{
    __asm__ volatile("" ::"r"(self));
    return -1;
}

static void measure(struct ctx *ctx, const char *what, int32_t (*fn)(const void *))
{
    int32_t (*volatile hidden)(const void *) = fn;
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
        uint64_t before = now(ctx);
        int32_t (*f)(const void *) = hidden;
        for (int n = 0; n < ROUNDS; n++) {
            (void)f(ctx->time);
        }
        uint64_t took = now(ctx) - before;
        best = took < best ? took : best;
    }
    say(ctx, what, (int64_t)(best * 1000 / ROUNDS));
}

static void gates(struct ctx *ctx)
{
    /* The word behind the last function of a table is the gate of missing calls. */
    const uint64_t *words = (const uint64_t *)ctx->time;
    measure(ctx, "plain_ps", plain);
    measure(ctx, "nosys_ps", (int32_t(*)(const void *))words[ctx->time->t.size / 8]);
    measure(ctx, "wake_at_ps", (int32_t(*)(const void *))words[4]);
}

int32_t _start(struct ctx *ctx)
{
    if (mode == 0) {
        char what[32];
        word(ctx, 0, what);
        mode = same(what, "ready")   ? 1
               : same(what, "wait")  ? 2
               : same(what, "gates") ? 3
               : same(what, "mark")  ? 5
                                     : 4;
        word(ctx, 1, what);
        span = number(what);
    }
    if (mode == 1) {
        return CTX_AGAIN;
    }
    static uint64_t calls;
    if (mode == 5 && (++calls == WARM || calls == WARM + span)) {
        say(ctx, "mark_ns", (int64_t)now(ctx));
    }
    if (mode == 3 && calls++ == 2) {
        gates(ctx);
        say(ctx, "gates done", 0);
    }
    if (mode == 4 && calls++ % 2 == 1) {
        __builtin_trap();
    }
    return mode == 2 ? CTX_WAIT : CTX_AGAIN;
}
