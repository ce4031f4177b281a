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

#define ABORTED (128 + SIGABRT)

enum life {
    LIFE_NEW,
    LIFE_CONSTRUCTING,
    LIFE_RUNNING,
    LIFE_ENDED,
};

static struct {
    struct ctx *ctx; /* of this call */
    enum life life;
    int status;          /* what an ended app returns */
    const char *aborted; /* the line of an app that aborts */
    jmp_buf out;         /* back to this call's _start */
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
    ctx_c_flush(); /* what a call that faulted had printed */
    if (state.life == LIFE_CONSTRUCTING) {
        state.aborted = "a constructor did not return: ended";
        _exit(ABORTED);
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
    if (status == ABORTED && state.aborted != NULL) {
        ctx_c_line(state.aborted, strlen(state.aborted));
    } else if (status != 0) {
        int len = snprintf(text, sizeof text, "ended with exit status %d", status);
        ctx_c_line(text, (size_t)len);
    }
    state.life = LIFE_ENDED;
    state.status = status;
    longjmp(state.out, 1);
}

static _Noreturn void end_by(const char *line)
{
    state.aborted = line;
    raise(SIGABRT); /* calls _exit(ABORTED), or the app's own handler, which may jump away */
    _exit(ABORTED);
}

_Noreturn void abort(void)
{
    end_by("abort() was called: ended");
}

_Noreturn void __assert_func(const char *file, int line, const char *function,
                             const char *expression)
{
    static char text[256];
    snprintf(text, sizeof text, "assertion failed: %s, at %s:%d in %s(): ended", expression, file,
             line, function != NULL ? function : "?");
    end_by(text);
}
