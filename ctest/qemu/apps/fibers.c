/* SPDX-License-Identifier: MIT */
/*
 * Fibers, without a C library; the first word says what is tried. Whatever it was, the app says
 * "T <what> ok" or FAIL, and exits.
 */
#include "v3.h"

#include <ctx/fiber.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define STACK 8192

static char what[32];
static uint64_t calls;

static void verdict(struct ctx *ctx, const char *why)
{
    struct line l = {0};
    put(&l, "T ");
    put(&l, what);
    put(&l, why == NULL ? " ok" : " FAIL ");
    put(&l, why == NULL ? "" : why);
    send(ctx, &l);
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            verdict(ctx, #condition);                                                              \
            bad = 1;                                                                               \
        }                                                                                          \
    } while (0)

static int bad;

/* ---- turns: one after the other, three fibers ---- */

static char trace[64];
static uint32_t traced;
static uint32_t turn;

static void take_turns(struct ctx *ctx, void *arg)
{
    uint32_t me = (uint32_t)(uintptr_t)arg;
    for (int round = 0; round < 4; round++) {
        while (turn != me) {
            CHECK(ctx_fiber_yield() == CTX_OK);
        }
        trace[traced++] = (char)('0' + me);
        turn = (turn + 2) % 3;
    }
}

static void turns(struct ctx *ctx)
{
    for (uintptr_t i = 0; i < 3; i++) {
        CHECK(ctx_fiber_start(ctx, take_turns, (void *)i, STACK) != NULL);
    }
}

/* ---- order: three deadlines, in another order than the fibers. If the machine was so late that
 * two were over at once, again, with more time between them. ---- */

static uint64_t begin_ns, gap_ns = 20000000;
static const uint32_t places[3] = {3, 1, 2};
static uint32_t woken, late;

static void sleeper(struct ctx *ctx, void *arg)
{
    uint64_t me = (uint64_t)(uintptr_t)arg;
    uint64_t deadline = begin_ns + places[me] * gap_ns;
    CHECK(ctx_fiber_await(0, deadline) == CTX_E_TIMEDOUT);
    CHECK(now(ctx) >= deadline);
    trace[traced++] = (char)('0' + me);
    woken |= 1u << me;
    for (uint32_t other = 0; other < 3; other++) {
        late |= (woken >> other & 1) == 0 && now(ctx) >= begin_ns + places[other] * gap_ns;
    }
}

static void order(struct ctx *ctx)
{
    begin_ns = now(ctx);
    traced = woken = late = 0;
    for (uintptr_t i = 0; i < 3; i++) {
        CHECK(ctx_fiber_start(ctx, sleeper, (void *)i, STACK) != NULL);
    }
}

/* ---- words: control words and registers are each fiber's own ---- */

/* Whether rbx, rbp and r12-r15 are the same behind a yield; 0: yes. */
uint32_t registers_differ(uint64_t seed);
__asm__("registers_differ:\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n push %rdi\n"
        "lea 1(%rdi), %rbx\n lea 2(%rdi), %rbp\n lea 3(%rdi), %r12\n"
        "lea 4(%rdi), %r13\n lea 5(%rdi), %r14\n lea 6(%rdi), %r15\n"
        "call ctx_fiber_yield\n"
        "pop %rdi\n"
        "sub %rdi, %rbx\n sub %rdi, %rbp\n sub %rdi, %r12\n"
        "sub %rdi, %r13\n sub %rdi, %r14\n sub %rdi, %r15\n"
        "xor $1, %rbx\n xor $2, %rbp\n xor $3, %r12\n xor $4, %r13\n xor $5, %r14\n xor $6, %r15\n"
        "or %rbp, %rbx\n or %r12, %rbx\n or %r13, %rbx\n or %r14, %rbx\n or %r15, %rbx\n"
        "setne %al\n movzbl %al, %eax\n"
        "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "ret\n");

static uint32_t mxcsr(void)
{
    uint32_t value;
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value & 0xffc0;
}

static uint32_t x87(void)
{
    uint16_t value;
    __asm__ volatile("fnstcw %0" : "=m"(value));
    return value;
}

static void rounder(struct ctx *ctx, void *arg)
{
    uint64_t me = (uint64_t)(uintptr_t)arg;
    CHECK(mxcsr() == 0x1f80 && x87() == 0x37f); /* a new fiber has what _start has */
    uint32_t sse = 0x1f80 | (uint32_t)me << 13;
    uint16_t fpu = (uint16_t)(0x37f | me << 10);
    __asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(sse), "m"(fpu));
    for (uint64_t round = 0; round < 5; round++) {
        CHECK(registers_differ(me << 40 | round << 8) == 0);
        CHECK(mxcsr() == sse && x87() == fpu);
    }
    traced++;
}

static void words(struct ctx *ctx)
{
    for (uintptr_t i = 0; i < 4; i++) {
        CHECK(ctx_fiber_start(ctx, rounder, (void *)i, STACK) != NULL);
    }
}

/* ---- many ---- */

#define MANY 1000

static void one_of_many(struct ctx *ctx, void *arg)
{
    uint64_t me = (uint64_t)(uintptr_t)arg;
    volatile char own[4000];
    own[0] = (char)me;
    for (int round = 0; round < 3; round++) {
        ctx_fiber_await(0, now(ctx) + (me % 7) * 1000000);
        CHECK(own[0] == (char)me);
    }
    traced++;
}

static void many(struct ctx *ctx)
{
    for (uintptr_t i = 0; i < MANY; i++) {
        if (ctx_fiber_start(ctx, one_of_many, (void *)i, STACK) == NULL) {
            CHECK(!"no memory");
            return;
        }
    }
}

static uint64_t heap_blocks(struct ctx *ctx)
{
    struct ctx_mem_usage usage = {.size = sizeof usage};
    CHECK(ctx->mem->usage(ctx->mem, &usage) == CTX_OK);
    return usage.blocks;
}

/* ---- memory: there is not enough, and then there is again ---- */

static void nothing(struct ctx *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    traced++;
}

static void memory(struct ctx *ctx)
{
    static struct ctx_fiber *list[1000];
    uint32_t count = 0;
    CHECK(ctx_fiber_start(ctx, nothing, NULL, 64 << 20) == NULL);
    CHECK(ctx_fiber_start(ctx, nothing, NULL, UINT64_MAX) == NULL);
    while (count < 1000 && (list[count] = ctx_fiber_start(ctx, nothing, NULL, STACK)) != NULL) {
        count++;
    }
    CHECK(count > 3 && count < 1000);
    say(ctx, "fibers", count);
    for (uint32_t i = 0; i < count; i++) { /* from the middle, the front, the back */
        CHECK(ctx_fiber_free(ctx, list[(i + count / 2) % count]) == CTX_OK);
    }
    CHECK(ctx_fiber_free(ctx, list[0]) == CTX_E_NOENT && heap_blocks(ctx) == 0);
    CHECK(ctx_fiber_free(ctx, NULL) == CTX_OK);
    CHECK(ctx_fiber_start(ctx, nothing, NULL, STACK) != NULL);
    CHECK(ctx_fibers_run(ctx) == CTX_EXIT(0) && traced == 1 && heap_blocks(ctx) == 0);
}

/* ---- misuse ---- */

static struct ctx_fiber *inner;

static void misuser(struct ctx *ctx, void *arg)
{
    CHECK(ctx_fiber_current() == inner && ctx_fiber_state(inner) == CTX_FIBER_RUNNING);
    CHECK(ctx_fiber_run(ctx, inner) == CTX_E_BUSY && ctx_fibers_run(ctx) == CTX_E_BUSY);
    CHECK(ctx_fiber_free(ctx, inner) == CTX_E_BUSY);
    CHECK(ctx_fiber_await(1u << 31, CTX_FIBER_NEVER) == CTX_E_INVAL); /* no such event */
    CHECK(ctx_fiber_hide(1) == 0 && ctx_fiber_hide(1) == 1 && ctx_fiber_current() == NULL);
    CHECK(ctx_fiber_await(0, 0) == CTX_E_INVAL && ctx_fiber_yield() == CTX_E_INVAL);
    CHECK(ctx_fiber_run(ctx, inner) == CTX_E_BUSY && ctx_fiber_free(ctx, inner) == CTX_E_BUSY);
    CHECK(ctx_fiber_state(inner) == CTX_FIBER_RUNNING); /* hidden, but it stands there */
    CHECK(ctx_fiber_hide(0) == 1 && ctx_fiber_current() == inner);
    CHECK(ctx_fiber_await(0, 0) == CTX_E_TIMEDOUT);
    CHECK(arg == &inner);
    traced++;
}

static int32_t misuse(struct ctx *ctx)
{
    if (inner == NULL) {
        CHECK(ctx_fiber_await(0, 0) == CTX_E_INVAL && ctx_fiber_yield() == CTX_E_INVAL);
        CHECK(ctx_fiber_current() == NULL && ctx_fibers_run(ctx) == CTX_EXIT(0));
        CHECK(ctx_fiber_hide(1) == 0 && ctx_fiber_hide(0) == 0); /* there is nothing to hide */
        inner = ctx_fiber_start(ctx, misuser, &inner, 0);
        CHECK(ctx_fiber_state(inner) == CTX_FIBER_READY);
    }
    int32_t answer = ctx_fiber_run(ctx, inner);
    if (answer != CTX_WAIT) {
        CHECK(answer == CTX_EXIT(0) && ctx_fiber_state(inner) == CTX_FIBER_ENDED && traced == 1);
        CHECK(ctx_fiber_run(ctx, inner) == CTX_EXIT(0) && traced == 1);
        CHECK(ctx_fiber_free(ctx, inner) == CTX_OK && heap_blocks(ctx) == 0);
    }
    return answer;
}

/* ---- faults ---- */

__attribute__((noinline)) static uint64_t deeper(volatile uint64_t *from, uint64_t depth)
{
    volatile uint64_t here[32] = {depth};
    return (depth < UINT64_MAX ? deeper(here, depth + 1) : 0) + here[0] + from[0];
}

static void overflows(struct ctx *ctx, void *arg)
{
    volatile uint64_t start[1] = {0};
    ctx_fiber_yield();
    (void)ctx;
    (void)arg;
    (void)deeper(start, 0);
}

static void goes_on(struct ctx *ctx, void *arg)
{
    for (int i = 0; i < 6; i++) {
        ctx_fiber_yield();
    }
    CHECK(ctx_fiber_state(arg) == CTX_FIBER_FAULTED);
    traced++;
}

static struct ctx_fiber *pair[2];

static int32_t overflow(struct ctx *ctx)
{
    if (pair[0] == NULL) {
        pair[0] = ctx_fiber_start(ctx, overflows, NULL, STACK);
        pair[1] = ctx_fiber_start(ctx, goes_on, pair[0], STACK);
    }
    int32_t first = ctx_fiber_run(ctx, pair[0]);
    int32_t second = ctx_fiber_run(ctx, pair[1]);
    return first < second ? first : second;
}

/* ---- key: an event, and nothing else, wakes it ---- */

static void reader(struct ctx *ctx, void *arg)
{
    struct ctx_event e;
    uint32_t count = 0;
    (void)arg;
    CHECK(ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &count) == CTX_E_AGAIN);
    say(ctx, "waits", 0);
    do {
        CHECK(ctx_fiber_await(1u << CTX_EVENT_TEXT, CTX_FIBER_NEVER) == CTX_OK);
        while (ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &count) == CTX_OK) {
            if (e.kind == CTX_EVENT_TEXT) {
                trace[traced++] = (char)e.code;
            }
        }
    } while (traced < 3 && !bad);
    CHECK(calls <= 8); /* no more than the keys' events, and a few */
}

/* ---- cost: there and back, in picoseconds ---- */

static void turnstile(struct ctx *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    for (;;) {
        ctx_fiber_yield();
    }
}

static void cost(struct ctx *ctx)
{
    struct ctx_fiber *fiber = ctx_fiber_start(ctx, turnstile, NULL, STACK);
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
        uint64_t before = now(ctx);
        for (int n = 0; n < 10000; n++) {
            (void)ctx_fiber_run(ctx, fiber);
        }
        uint64_t took = now(ctx) - before;
        best = took < best ? took : best;
    }
    say(ctx, "fiber_round_trip_ps", (int64_t)(best * 1000 / 10000));
    ctx_fiber_free(ctx, fiber);
}

static void begin(struct ctx *ctx)
{
    word(ctx, 0, what);
    if (same(what, "turns")) {
        turns(ctx);
    } else if (same(what, "order")) {
        order(ctx);
    } else if (same(what, "words")) {
        words(ctx);
    } else if (same(what, "many")) {
        many(ctx);
    } else if (same(what, "memory")) {
        memory(ctx);
    } else if (same(what, "key")) {
        CHECK(ctx_fiber_start(ctx, reader, NULL, STACK) != NULL);
    } else if (same(what, "cost")) {
        cost(ctx);
    }
}

static void end(struct ctx *ctx)
{
    if (same(what, "turns")) {
        CHECK(same(trace, "021021021021"));
    } else if (same(what, "words")) {
        CHECK(traced == 4);
    } else if (same(what, "many")) {
        CHECK(traced == MANY && heap_blocks(ctx) == 0);
        say(ctx, "calls", (int64_t)calls);
    } else if (same(what, "key")) {
        CHECK(same(trace, "abc"));
    } else if (same(what, "overflow")) {
        CHECK(traced == 1 && ctx_fiber_state(pair[0]) == CTX_FIBER_FAULTED);
    }
    if (!bad) {
        verdict(ctx, NULL);
    }
}

int32_t _start(struct ctx *ctx)
{
    if (calls++ == 0) {
        begin(ctx);
    }
    int32_t answer = same(what, "misuse")     ? misuse(ctx)
                     : same(what, "overflow") ? overflow(ctx)
                                              : ctx_fibers_run(ctx);
    CHECK(mxcsr() == 0x1f80 && x87() == 0x37f);
    if (same(what, "order") && answer == CTX_EXIT(0)) {
        if (late && gap_ns < 1000000000) {
            gap_ns *= 2;
            order(ctx);
            return ctx_fibers_run(ctx);
        }
        CHECK(same(trace, "120"));
    }
    if (answer == CTX_EXIT(0)) {
        end(ctx);
        return CTX_EXIT(bad);
    }
    return answer;
}
