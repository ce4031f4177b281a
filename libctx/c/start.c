/* SPDX-License-Identifier: MIT */
/*
 * From _start to ctx_start and back, and all the ways in which a C program ends. From version 3 on
 * _start returns CTX_EXIT; the kernel of versions 1 and 2 never stops calling, so there "ended"
 * means that _start returns at once.
 *
 * A call may also end without us: the kernel leaves an app that faults, and calls it again. What is
 * static here must therefore be right at every moment.
 */
#include "glue.h"

#include <ctx/c.h>

#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ABORTED (128 + SIGABRT)
#define FAULTED (128 + SIGSEGV)

enum life {
    LIFE_NEW,
    LIFE_CONSTRUCTING,
    LIFE_RUNNING,
    LIFE_ENDED,
};

static struct {
    struct ctx *ctx; /* of this call */
    enum life life;
    bool inside;  /* a call has begun and not ended */
    bool faulted; /* the call before did not end */
    bool is_main; /* see ctx_c_is_main */
    int status;   /* of an ended app */
    jmp_buf out;  /* back to this call's _start */
} state;

const char *ctx_c_program_name = "app";

/* The constructors, from app.ld. Not by __libc_init_array: as picolibc's CMake builds it, it takes
 * the end of another array for the end of this one, and calls none of them. */
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

struct ctx *ctx_now(void)
{
    return state.ctx;
}

bool ctx_c_is_v3(void)
{
    return CTX_HAS(state.ctx, events);
}

const void *ctx_c_open(const char *id)
{
    const struct ctx_table *table = NULL;
    if (ctx_c_is_v3()) {
        state.ctx->iface->open(state.ctx->iface, id, (uint32_t)strlen(id), 0, &table);
    }
    return table;
}

void ctx_c_is_main(void)
{
    state.is_main = true;
}

/* What _start returns from now on. */
static int32_t last_word(void)
{
    return ctx_c_is_v3() ? CTX_EXIT(state.status) : state.status;
}

static void construct(void)
{
    state.life = LIFE_CONSTRUCTING;
    ctx_c_follow_zone();
    for (void (*const *f)(void) = __init_array_start; f != __init_array_end; f++) {
        (*f)();
    }
    state.life = LIFE_RUNNING;
}

/* Not inlined: nothing of it is to lie in a register across setjmp. */
__attribute__((noinline)) static int32_t call(void)
{
    if (state.faulted) {
        ctx_c_flush_log(); /* what that call had printed */
    }
    if (state.life == LIFE_CONSTRUCTING) {
        ctx_c_say(CTX_LOG_ERROR, "a constructor did not return: ended");
        _exit(ABORTED);
    }
    if (state.faulted && state.is_main) {
        _exit(FAULTED);
    }
    if (state.life == LIFE_NEW) {
        construct();
    }
    int32_t result = ctx_start(state.ctx);
    if (!state.is_main) {
        ctx_c_flush();
    }
    return result;
}

int32_t CTX_CALL _start(struct ctx *ctx)
{
    int32_t result;
    state.ctx = ctx;
    state.faulted = state.inside;
    state.inside = true;
    if (state.life != LIFE_ENDED && setjmp(state.out) == 0) {
        result = call();
    } else {
        result = last_word();
    }
    state.inside = false;
    return result;
}

/* The end of every end. Status 0 is no news, and from version 3 on the kernel tells the others. */
_Noreturn void _exit(int status)
{
    ctx_c_flush_log();
    if (status != 0 && !ctx_c_is_v3()) {
        ctx_c_say(CTX_LOG_INFO, "ended with exit status %d", status);
    }
    state.life = LIFE_ENDED;
    state.status = status;
    longjmp(state.out, 1); /* out of a fiber too: its stack is left as it is */
}

/* A crash that the kernel reports, with the callers. It calls again, and then the app has ended. */
__attribute__((always_inline)) static inline _Noreturn void crash(void)
{
    state.life = LIFE_ENDED;
    state.status = ABORTED;
    __asm__ volatile("ud2"); /* __builtin_trap would be moved into a function "abort.cold" */
    __builtin_unreachable();
}

/* An app may handle SIGABRT, and jump away. */
static void raise_abort(void)
{
    void (*handler)(int) = signal(SIGABRT, SIG_DFL);
    if (handler != SIG_DFL && handler != SIG_ERR) {
        signal(SIGABRT, handler);
        raise(SIGABRT);
    }
}

_Noreturn void abort(void)
{
    ctx_c_flush_log();
    ctx_c_say(CTX_LOG_ERROR, "abort() was called");
    raise_abort();
    crash();
}

_Noreturn void __assert_func(const char *file, int line, const char *function,
                             const char *expression)
{
    ctx_c_flush_log();
    ctx_c_say(CTX_LOG_ERROR, "%s:%d: assertion `%s' failed in %s()", file, line, expression,
              function != NULL ? function : "?");
    raise_abort();
    crash();
}
