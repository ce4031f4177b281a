/* SPDX-License-Identifier: MIT */
/*
 * From _start to ctx_start and back, and all the ways in which a C program ends. The kernel of
 * Context versions 1 and 2 never stops calling, so "ended" means: _start returns at once.
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

enum life {
    LIFE_NEW,
    LIFE_CONSTRUCTING,
    LIFE_RUNNING,
    LIFE_ENDED,
};

static struct {
    struct ctx *ctx; /* of this call */
    enum life life;
    int status;       /* what an ended app returns */
    const char *last; /* the last line of an app that ends, if it is not about its status */
    jmp_buf out;      /* back to this call's _start */
} state;

/* The constructors, from app.ld. Not by __libc_init_array: as picolibc's CMake builds it, it takes
 * the end of another array for the end of this one, and calls none of them. */
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

struct ctx *ctx_now(void)
{
    return state.ctx;
}

int32_t CTX_CALL _start(struct ctx *ctx)
{
    state.ctx = ctx;
    if (state.life == LIFE_ENDED) {
        return state.status;
    }
    if (setjmp(state.out) != 0) {
        return state.status;
    }
    state.last = NULL;
    if (state.life == LIFE_CONSTRUCTING) {
        state.last = "a constructor faulted: ended";
        _exit(EXIT_FAILURE);
    }
    if (state.life == LIFE_NEW) {
        state.life = LIFE_CONSTRUCTING;
        for (void (*const *f)(void) = __init_array_start; f != __init_array_end; f++) {
            (*f)();
        }
        state.life = LIFE_RUNNING;
    }
    int32_t result = ctx_start(ctx);
    ctx_c_flush();
    return result;
}

/* The end of every end. Status 0 is no news. */
_Noreturn void _exit(int status)
{
    char text[64];
    ctx_c_flush();
    if (state.last == NULL && status != 0) {
        snprintf(text, sizeof text, "ended with exit status %d", status);
        state.last = text;
    }
    if (state.last != NULL) {
        ctx_c_line(state.last, strlen(state.last));
    }
    state.life = LIFE_ENDED;
    state.status = status;
    longjmp(state.out, 1);
}

_Noreturn void abort(void)
{
    if (state.last == NULL) {
        state.last = "abort() was called: ended";
    }
    raise(SIGABRT); /* without a handler it does not return */
    _exit(128 + SIGABRT);
}

_Noreturn void __assert_func(const char *file, int line, const char *function,
                             const char *expression)
{
    static char text[256];
    snprintf(text, sizeof text, "assertion failed: %s, at %s:%d in %s(): ended", expression, file,
             line, function != NULL ? function : "?");
    state.last = text;
    abort();
}
