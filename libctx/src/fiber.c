/* SPDX-License-Identifier: MIT */
/*
 * A fiber's memory is one guarded block of the heap: the stack, and struct ctx_fiber above it.
 *
 * A call may end without us, by a fault; then `current` still says who ran. Nobody else can be in
 * there, so a `current` whose stack we do not stand on is a fiber that faulted.
 */
#include <ctx/fiber.h>

#define PAGE        4096u
#define STACK_LEAST 8192u
#define STACK_MOST  (UINT64_C(1) << 31)
#define MXCSR_START 0x1f80u
#define X87_START   0x37fu

struct ctx_fiber {
    uint64_t sp; /* while it does not run */
    struct ctx_fiber *next;
    struct ctx *ctx;
    ctx_fiber_fn fn;
    void *arg;
    uint64_t mask, deadline_ns; /* while it waits */
    void *block;
    uint64_t bytes;
    uint32_t state;
    ctx_status answer; /* of its await */
    uint32_t hidden;   /* from ctx_fiber_current() */
} __attribute__((aligned(64)));

/* What lies on a stack that is switched away from; see fiber.S. */
struct frame {
    uint32_t mxcsr;
    uint16_t x87, rsv;
    uint64_t r15, r14, r13, r12, rbx, rbp, to;
    uint64_t above[2]; /* the stack is aligned here */
};

static struct {
    struct ctx_fiber *first, **last;
    struct ctx_fiber *current;
    uint64_t caller_sp; /* of _start's stack, while a fiber runs */
} fibers;

void ctx_fiber_switch_(uint64_t *from, uint64_t to);
void ctx_fiber_entry_(void);
_Noreturn void ctx_fiber_begin_(struct ctx_fiber *fiber);

/* The one on whose stack we stand. */
static struct ctx_fiber *standing(void)
{
    struct ctx_fiber *fiber = fibers.current;
    uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
    return fiber != NULL && here - (uint64_t)(uintptr_t)fiber->block < fiber->bytes ? fiber : NULL;
}

struct ctx_fiber *ctx_fiber_current(void)
{
    struct ctx_fiber *fiber = standing();
    return fiber != NULL && !fiber->hidden ? fiber : NULL;
}

int ctx_fiber_hide(int hidden)
{
    struct ctx_fiber *fiber = standing();
    int was = fiber != NULL && fiber->hidden;
    if (fiber != NULL) {
        fiber->hidden = hidden != 0;
    }
    return was;
}

uint32_t ctx_fiber_count(void)
{
    uint32_t count = 0;
    for (const struct ctx_fiber *fiber = fibers.first; fiber != NULL; fiber = fiber->next) {
        ++count;
    }
    return count;
}

uint32_t ctx_fiber_state(const struct ctx_fiber *fiber)
{
    /* Whoever asks from another stack: the call in which it ran is over. */
    int faulted = fiber->state == CTX_FIBER_RUNNING && fiber != standing();
    return faulted ? CTX_FIBER_FAULTED : fiber->state;
}

struct ctx_fiber *ctx_fiber_start(struct ctx *ctx, ctx_fiber_fn fn, void *arg, uint64_t stack_bytes)
{
    if (!CTX_HAS(ctx, mem) || stack_bytes > STACK_MOST) {
        return NULL;
    }
    uint64_t bytes = stack_bytes > STACK_LEAST ? stack_bytes : STACK_LEAST;
    bytes = (bytes + sizeof(struct ctx_fiber) + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    uint8_t *block = ctx->mem->alloc(ctx->mem, bytes, PAGE, CTX_MEM_GUARD_LOW);
    if (block == NULL) {
        return NULL;
    }
    struct ctx_fiber *fiber = (struct ctx_fiber *)(void *)(block + bytes) - 1;
    struct frame *frame = (struct frame *)(void *)fiber - 1;
    *frame = (struct frame){
        .mxcsr = MXCSR_START,
        .x87 = X87_START,
        .rbx = (uint64_t)(uintptr_t)fiber,
        .to = (uint64_t)(uintptr_t)ctx_fiber_entry_,
    };
    *fiber = (struct ctx_fiber){
        .sp = (uint64_t)(uintptr_t)frame,
        .ctx = ctx,
        .fn = fn,
        .arg = arg,
        .block = block,
        .bytes = bytes,
        .state = CTX_FIBER_READY,
    };
    if (fibers.last == NULL) {
        fibers.last = &fibers.first;
    }
    *fibers.last = fiber;
    fibers.last = &fiber->next;
    return fiber;
}

_Noreturn void ctx_fiber_begin_(struct ctx_fiber *fiber)
{
    fiber->fn(fiber->ctx, fiber->arg);
    fiber->state = CTX_FIBER_ENDED;
    ctx_fiber_switch_(&fiber->sp, fibers.caller_sp);
    __builtin_trap(); /* nobody resumes it */
}

ctx_status ctx_fiber_free(struct ctx *ctx, struct ctx_fiber *fiber)
{
    if (fiber == NULL) {
        return CTX_OK;
    }
    if (fiber == standing()) {
        return CTX_E_BUSY;
    }
    struct ctx_fiber **p = &fibers.first;
    while (*p != NULL && *p != fiber) {
        p = &(*p)->next;
    }
    if (*p == NULL) {
        return CTX_E_NOENT;
    }
    if (fiber == fibers.current) { /* it faulted */
        fibers.current = NULL;
    }
    *p = fiber->next;
    if (fibers.last == &fiber->next) {
        fibers.last = p;
    }
    return ctx->mem->free(ctx->mem, fiber->block, fiber->bytes, PAGE);
}

/* Tell the kernel what this call's _start will wait for. */
static ctx_status announce(struct ctx *ctx, uint64_t mask, uint64_t deadline_ns)
{
    ctx_status status = CTX_OK;
    if (deadline_ns != CTX_FIBER_NEVER) {
        status = ctx->time->wake_at(ctx->time, deadline_ns);
    }
    if (status == CTX_OK && mask != 0) {
        status = ctx->events->wait(ctx->events, mask);
    }
    return status;
}

/* Back to whoever called ctx_fiber_run. */
static void leave(struct ctx_fiber *fiber, uint32_t state)
{
    fiber->state = state;
    ctx_fiber_switch_(&fiber->sp, fibers.caller_sp);
}

ctx_status ctx_fiber_await(uint64_t mask, uint64_t deadline_ns)
{
    struct ctx_fiber *fiber = ctx_fiber_current();
    if (fiber == NULL) {
        return CTX_E_INVAL;
    }
    ctx_status status = announce(fiber->ctx, mask, deadline_ns);
    if (status != CTX_OK) {
        return status;
    }
    fiber->mask = mask;
    fiber->deadline_ns = deadline_ns;
    leave(fiber, CTX_FIBER_WAITING);
    return fiber->answer;
}

ctx_status ctx_fiber_yield(void)
{
    struct ctx_fiber *fiber = ctx_fiber_current();
    if (fiber == NULL) {
        return CTX_E_INVAL;
    }
    leave(fiber, CTX_FIBER_READY);
    return CTX_OK;
}

/* Whether its await is over. If not, the kernel is told again: it forgets with each call. */
static int is_due(struct ctx_fiber *fiber)
{
    uint64_t now_ns;
    struct ctx *ctx = fiber->ctx;
    fiber->answer = CTX_OK;
    if (fiber->deadline_ns != CTX_FIBER_NEVER) {
        fiber->answer = ctx->time->now(ctx->time, &now_ns);
        if (fiber->answer == CTX_OK && now_ns >= fiber->deadline_ns) {
            fiber->answer = CTX_E_TIMEDOUT;
        }
    }
    if (fiber->answer == CTX_OK && fiber->mask == 0) {
        fiber->answer = announce(ctx, 0, fiber->deadline_ns);
    }
    return fiber->answer != CTX_OK || fiber->mask != 0;
}

static int32_t run(struct ctx *ctx, struct ctx_fiber *fiber)
{
    if (fiber->state >= CTX_FIBER_ENDED) {
        return CTX_EXIT(0);
    }
    fiber->ctx = ctx;
    if (fiber->state == CTX_FIBER_WAITING && !is_due(fiber)) {
        return CTX_WAIT;
    }
    fiber->state = CTX_FIBER_RUNNING;
    fibers.current = fiber;
    ctx_fiber_switch_(&fibers.caller_sp, fiber->sp);
    fibers.current = NULL;
    return fiber->state == CTX_FIBER_READY     ? CTX_AGAIN
           : fiber->state == CTX_FIBER_WAITING ? CTX_WAIT
                                               : CTX_EXIT(0);
}

/* False: we are inside a fiber. */
static int outside(void)
{
    if (standing() != NULL) {
        return 0;
    }
    if (fibers.current != NULL) {
        fibers.current->state = CTX_FIBER_FAULTED;
        fibers.current = NULL;
    }
    return 1;
}

int32_t ctx_fiber_run(struct ctx *ctx, struct ctx_fiber *fiber)
{
    return outside() ? run(ctx, fiber) : CTX_E_BUSY;
}

int32_t ctx_fibers_run(struct ctx *ctx)
{
    int32_t least = CTX_EXIT(0);
    if (!outside()) {
        return CTX_E_BUSY;
    }
    for (struct ctx_fiber *fiber = fibers.first, *next; fiber != NULL; fiber = next) {
        int32_t answer = run(ctx, fiber);
        least = answer < least ? answer : least;
        next = fiber->next; /* only now: it may have freed others */
        if (fiber->state >= CTX_FIBER_ENDED) {
            ctx_fiber_free(ctx, fiber);
        }
    }
    return least;
}
