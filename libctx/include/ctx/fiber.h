/* SPDX-License-Identifier: MIT */
/*
 * <ctx/fiber.h> - fibers: code that waits in the middle, in an app whose _start returns.
 *
 * A fiber is a function with a stack of its own, in the app's heap. ctx_fiber_run(), from _start,
 * switches to that stack; ctx_fiber_await() inside switches back, _start returns, and a later call
 * goes on behind the await. No thread: one runs at a time, and only while _start does. Needs
 * version 3 of the Context; libctx.a has it, no C library is needed. libctx/doc/fibers.md has an
 * example.
 *
 * Everything is in the app's memory, so a saved app keeps its fibers. The ctx pointer is the same
 * in every call: a fiber may keep it across awaits; its [in-call] pointers it may not. Registers
 * that calls preserve, MXCSR and the x87 control word are each fiber's own; a new one has those of
 * _start's entry.
 *
 * A stack that overflows runs into a page that is never there, and the app faults. A fiber in which
 * the app faulted is over; the others go on.
 *
 * [in-call] of each function: anywhere inside _start. [fiber]: inside a fiber.
 */
#ifndef CTX_FIBER_H
#define CTX_FIBER_H

#include <ctx/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ctx_fiber; /* lies on top of its own stack */

typedef void (*ctx_fiber_fn)(struct ctx *ctx, void *arg);

#define CTX_FIBER_NEVER UINT64_MAX /* as a deadline: none */

/* What ctx_fiber_state() says. */
#define CTX_FIBER_READY   0 /* goes on when it is run */
#define CTX_FIBER_WAITING 1 /* in ctx_fiber_await */
#define CTX_FIBER_RUNNING 2
#define CTX_FIBER_ENDED   3 /* fn has returned */
#define CTX_FIBER_FAULTED 4 /* a call of the app ended in a fault while it ran */

/*
 * A new fiber, which begins with fn(ctx, arg) when it is first run. Its stack has stack_bytes,
 * rounded up to whole pages and at least 8 KiB, and a missing page below it.
 * NULL: no memory, or the Context is older than version 3. [in-call]
 */
struct ctx_fiber *ctx_fiber_start(struct ctx *ctx, ctx_fiber_fn fn, void *arg,
                                  uint64_t stack_bytes);

/*
 * Let it go on, if what it waits for is there, until it waits, yields or ends. Returns what _start
 * may return for it, and has told the kernel what it waits for: CTX_AGAIN it yielded, CTX_WAIT it
 * waits, CTX_EXIT(0) it has ended. The least of several fibers' answers is the answer for all of
 * them. CTX_E_BUSY, and nothing happens, inside a fiber. [in-call]
 */
int32_t ctx_fiber_run(struct ctx *ctx, struct ctx_fiber *fiber);

/*
 * The same with all fibers, in the order in which they were started; those that have ended are
 * freed, so do not use their pointers any more. CTX_EXIT(0): there are none left. [in-call]
 */
int32_t ctx_fibers_run(struct ctx *ctx);

/*
 * Wait for events of these kinds (bits 1 << CTX_EVENT_*, as ctx->events->wait has it) or until a
 * moment of ctx->time->now, whichever is first.
 * CTX_OK: the app was called again. With a mask this may be for another reason: read the events,
 * and await again if there were none. CTX_E_TIMEDOUT: the deadline is over. Others: what wait or
 * wake_at said, at once. CTX_E_INVAL: not in a fiber. [fiber]
 */
ctx_status ctx_fiber_await(uint64_t mask, uint64_t deadline_ns);

/* Go on with the app's next call, a frame later. CTX_E_INVAL: not in a fiber. [fiber] */
ctx_status ctx_fiber_yield(void);

/* The fiber that runs, NULL outside of one. [in-call] */
struct ctx_fiber *ctx_fiber_current(void);

/*
 * Hide the fiber that runs (1), or show it (0): while it is hidden there is none for who asks, so
 * what would wait in it - calls of other apps, files, sockets - answers at once that it has to
 * (AGAIN, BUSY, EAGAIN), and ctx_fiber_await and ctx_fiber_yield say CTX_E_INVAL. What it was
 * before; outside of a fiber 0, and nothing happens. [in-call]
 */
int ctx_fiber_hide(int hidden);

/* How many there are: started, and neither freed nor, after they had ended, by ctx_fibers_run(). */
uint32_t ctx_fiber_count(void);

/* CTX_FIBER_* */
uint32_t ctx_fiber_state(const struct ctx_fiber *fiber);

/*
 * Give its memory back, whether it has ended or not: nothing on its stack is cleaned up. NULL is
 * fine. CTX_E_BUSY: it is the one that runs. CTX_E_NOENT: there is no such fiber. [in-call]
 */
ctx_status ctx_fiber_free(struct ctx *ctx, struct ctx_fiber *fiber);

#ifdef __cplusplus
}
#endif
#endif
