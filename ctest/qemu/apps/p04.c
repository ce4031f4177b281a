/* SPDX-License-Identifier: MIT */
/* Profile 4: ctx and input do not change while the app runs, whatever is typed meanwhile. */
#include "t.h"

static u64 calls;
static struct ctx ctx_before;
static struct input input_before;

static u64 tsc(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (u64)high << 32 | low;
}

int32_t _start(struct ctx *ctx)
{
    static u64 last;
    if (++calls == 1) {
        last = ctx->input->last;
    }
    if (calls != 10) {
        if (calls > 10 && ctx->input->last >= last + 4) {
            t_ok(ctx, "p04"); /* and afterwards the keys are there */
        }
        return 0;
    }
    ctx_before = *ctx;
    input_before = *ctx->input;
    say(ctx, "T p04 looking");
    u64 end = tsc() + 3000000000ull;
    while (tsc() < end) {
        T_CHECK("p04", !memcmp(&ctx_before, ctx, sizeof *ctx), ctx->start_time_ms);
        T_CHECK("p04", !memcmp(&input_before, ctx->input, sizeof *ctx->input), ctx->input->last);
    }
    say(ctx, "T p04 looked");
    return 0;
}
