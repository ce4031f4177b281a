/* SPDX-License-Identifier: MIT */
/*
 * selftest - looks at the Context from the inside and says, point by point, whether it keeps its
 * word: one line in the log and one tile on the screen each, green or red. The boot menu has an
 * entry for it.
 */
#include <ctx/ctx.h>

#define TILE    56
#define GAP     12
#define COLUMNS 6
#define CALLS   30 /* checks that compare calls run this often */

struct state {
    uint64_t calls, time, pid, w, h;
    struct ctx_rgba *pixels;
    uint64_t failed; /* a bit for each check that ever failed */
    uint8_t *block;
};

enum check {
    CHECK_VERSION,
    CHECK_TIME,
    CHECK_PID,
    CHECK_CANVAS,
    CHECK_ALIGNED,
    CHECK_BAD_ALIGN,
    CHECK_ZERO_SIZE,
    CHECK_BIG_BLOCK,
    CHECK_STORE,
    CHECK_MEMORY_STAYS,
    CHECK_INPUT,
    CHECK_REWRITTEN,
    CHECK_STACK_ALIGN,
    CHECK_DIRECTION,
    CHECK_MXCSR,
    CHECK_X87,
    CHECK_DEEP_STACK,
    CHECK_SSE,
    CHECKS,
};

static const char names[CHECKS][24] = {
    "version",
    "time",
    "pid",
    "canvas",
    "alloc aligns",
    "alloc refuses align",
    "alloc of 0",
    "alloc of 1 MiB",
    "store",
    "memory stays",
    "input",
    "ctx is rewritten",
    "stack aligned",
    "direction flag",
    "mxcsr",
    "x87 control",
    "128 KiB of stack",
    "sse",
};

static void say(struct ctx *ctx, const char *name, const char *verdict)
{
    char line[64];
    uint32_t n = 0;
    for (const char *p = "T selftest "; *p != 0; p++) {
        line[n++] = *p;
    }
    for (const char *p = name; *p != 0; p++) {
        line[n++] = *p == ' ' ? '-' : *p;
    }
    for (const char *p = verdict; *p != 0; p++) {
        line[n++] = *p;
    }
    ctx->log((const uint8_t *)line, n);
}

static void check(struct state *s, enum check what, int holds)
{
    if (!holds) {
        s->failed |= UINT64_C(1) << what;
    }
}

/* What the processor looked like when _start was entered; asked for in its very first lines. */
struct entry_state {
    uint64_t sp, flags;
    uint32_t mxcsr;
    uint16_t x87;
};

static void check_memory(struct ctx *ctx, struct state *s)
{
    static const uint64_t aligns[] = {0, 1, 16, 64, 4096, 65536};
    for (uint32_t i = 0; i < sizeof aligns / sizeof aligns[0]; i++) {
        uint8_t *p = ctx->alloc(100, aligns[i]);
        uint64_t align = aligns[i] != 0 ? aligns[i] : 16;
        check(s, CHECK_ALIGNED, p != NULL && (uint64_t)p % align == 0);
        ctx->dealloc(p, 100, aligns[i]);
    }
    check(s, CHECK_BAD_ALIGN, ctx->alloc(16, 3) == NULL && ctx->alloc(16, 48) == NULL);
    uint8_t *nothing = ctx->alloc(0, 0);
    check(s, CHECK_ZERO_SIZE, nothing != NULL);
    ctx->dealloc(nothing, 0, 0);
    ctx->dealloc(NULL, 5, 5);
    uint8_t *big = ctx->alloc(1 << 20, 16);
    check(s, CHECK_BIG_BLOCK, big != NULL);
    if (big != NULL) {
        big[0] = 1;
        big[(1 << 20) - 1] = 2;
        check(s, CHECK_BIG_BLOCK, big[0] == 1 && big[(1 << 20) - 1] == 2);
        ctx->dealloc(big, 1 << 20, 16);
    }
}

static void check_calls(struct ctx *ctx, struct state *s)
{
    check(s, CHECK_VERSION, ctx->version == 2);
    check(s, CHECK_TIME, ctx->start_time_ms >= s->time);
    s->time = ctx->start_time_ms;
    check(s, CHECK_PID, ctx->pid == s->pid);
    check(s, CHECK_CANVAS, ctx->fb.pixels != NULL && ctx->fb.len == ctx->fb.w * ctx->fb.h);
    check(s, CHECK_CANVAS, ctx->fb.w == s->w && ctx->fb.h == s->h);
    const struct ctx_input *in = ctx->input;
    check(s, CHECK_INPUT, in != NULL && in->mx < ctx->fb.w && in->my < ctx->fb.h);
    check(s, CHECK_STORE, *ctx->store == s);
    for (uint32_t i = 0; s->block != NULL && i < 4096; i++) {
        check(s, CHECK_MEMORY_STAYS, s->block[i] == (uint8_t)(i * 7));
    }
    /* Write nonsense over our page: the next call must not see it. */
    ctx->version = 99;
    ctx->pid = 12345;
    ctx->fb.w = 1;
}

static void check_entry(struct state *s, const struct entry_state *e)
{
    check(s, CHECK_STACK_ALIGN, e->sp % 16 == 8);
    check(s, CHECK_DIRECTION, (e->flags & 0x400) == 0);
    check(s, CHECK_MXCSR, (e->mxcsr & 0xffc0) == 0x1f80);
    check(s, CHECK_X87, e->x87 == 0x37f);
}

__attribute__((noinline)) static int use_stack(void)
{
    volatile uint8_t room[128 * 1024 - 4096];
    for (uint32_t i = 0; i < sizeof room; i += 512) {
        room[i] = (uint8_t)(i >> 9);
    }
    for (uint32_t i = 0; i < sizeof room; i += 512) {
        if (room[i] != (uint8_t)(i >> 9)) {
            return 0;
        }
    }
    return 1;
}

static int use_sse(void)
{
    volatile double a = 1.5, b = 2.25;
    return a * b == 3.375;
}

static void draw(const struct ctx_fb *fb, const struct state *s, uint64_t w, uint64_t h,
                 struct ctx_rgba *pixels)
{
    (void)fb;
    uint64_t rows = (CHECKS + COLUMNS - 1) / COLUMNS;
    uint64_t left = (w - COLUMNS * (TILE + GAP)) / 2, top = (h - rows * (TILE + GAP)) / 2;
    if (w < COLUMNS * (TILE + GAP) || h < rows * (TILE + GAP)) {
        return;
    }
    for (uint64_t i = 0; i < w * h; i++) {
        pixels[i] = (struct ctx_rgba){13, 17, 28, 0};
    }
    for (uint32_t n = 0; n < CHECKS; n++) {
        int bad = (s->failed >> n & 1) != 0;
        struct ctx_rgba color =
            bad ? (struct ctx_rgba){250, 92, 88, 0} : (struct ctx_rgba){70, 204, 140, 0};
        if (s->calls < CALLS && (n + 1) * CALLS > s->calls * CHECKS) {
            color = (struct ctx_rgba){34, 42, 60, 0}; /* not sure yet */
        }
        for (uint64_t y = 0; y < TILE; y++) {
            for (uint64_t x = 0; x < TILE; x++) {
                pixels[(top + n / COLUMNS * (TILE + GAP) + y) * w + left +
                       n % COLUMNS * (TILE + GAP) + x] = color;
            }
        }
    }
}

__attribute__((noinline)) static void run(struct ctx *ctx, const struct entry_state *entry)
{
    struct state *s = *ctx->store;
    int first = s == NULL;
    if (first) {
        s = ctx->alloc(sizeof *s, 16);
        if (s == NULL) {
            say(ctx, "memory", " FAIL");
            return;
        }
        *s = (struct state){
            .pid = ctx->pid, .w = ctx->fb.w, .h = ctx->fb.h, .block = ctx->alloc(4096, 16)};
        for (uint32_t i = 0; s->block != NULL && i < 4096; i++) {
            s->block[i] = (uint8_t)(i * 7);
        }
        *ctx->store = s;
        check_memory(ctx, s);
        check(s, CHECK_DEEP_STACK, use_stack());
        check(s, CHECK_SSE, use_sse());
    } else {
        check(s, CHECK_REWRITTEN, ctx->version == 2 && ctx->pid == s->pid && ctx->fb.w == s->w);
    }
    check_entry(s, entry);
    uint64_t w = ctx->fb.w, h = ctx->fb.h;
    check_calls(ctx, s);
    s->calls++;
    draw(&ctx->fb, s, w, h, ctx->fb.pixels);
    if (s->calls == CALLS) {
        for (uint32_t n = 0; n < CHECKS; n++) {
            say(ctx, names[n], (s->failed >> n & 1) != 0 ? " FAIL" : " ok");
        }
        say(ctx, "all", s->failed != 0 ? " FAIL" : " ok");
    }
}

int32_t _start(struct ctx *ctx)
{
    struct entry_state entry;
    entry.sp = (uint64_t)__builtin_frame_address(0) + 8; /* where the return address lies */
    __asm__ volatile("pushfq; pop %0; stmxcsr %1; fnstcw %2"
                     : "=r"(entry.flags), "=m"(entry.mxcsr), "=m"(entry.x87));
    run(ctx, &entry);
    return 0;
}
