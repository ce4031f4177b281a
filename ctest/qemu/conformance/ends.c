/* SPDX-License-Identifier: MIT */
/*
 * What only an app has: the ways in which it ends, half lines, a Context of version 1. One file,
 * loaded several times: its pid says which part it plays. ends() in conformance.py has the lines.
 */
#undef NDEBUG /* assert() is tested here, however we are built */
#include <ctx/c.h>

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static jmp_buf back;

static void bye(void)
{
    puts("bye");
}

static void on_abort(int number)
{
    longjmp(back, number);
}

static void handled_abort(void)
{
    signal(SIGABRT, on_abort);
    int code = setjmp(back);
    if (code == 0) {
        abort();
    }
    printf("abort was handled: %d\n", code == SIGABRT);
}

static void lines(int call)
{
    if (call == 0) {
        printf("one\ntwo and ");
        fprintf(stderr, "an error in between\n");
        printf("a half");
    } else if (call == 1) {
        /* 600 bytes of three each: a line is cut at 512, between two of them. */
        for (int i = 0; i < 200; i++) {
            printf("\u20ac");
        }
        puts("");
        puts("");
        puts("after an empty line");
    } else {
        _exit(0);
    }
}

static void memory(struct ctx *ctx)
{
    ctx->version = 1;
    void *p = malloc(10);
    printf("version 1: %d %d\n", p == NULL, errno == ENOMEM);
    ctx->version = 2;
    /* Volatile, for the compiler knows free() too well. The first block keeps the page there. */
    char *volatile kept = malloc(10);
    char *volatile q = malloc(10);
    char *volatile inside = q + 16;
    free(inside);
    free(q);
    free(q);
    printf("realloc %d\n", realloc(q, 5) == NULL && errno == EINVAL);
    free(kept);
    _exit(0);
}

static void passing_time(int call)
{
    static time_t seconds;
    static clock_t ticks;
    if (call > 0 && (time(NULL) < seconds || clock() <= ticks)) {
        puts("time does not pass");
    }
    seconds = time(NULL);
    ticks = clock();
    if (seconds > 60) {
        puts("this is not the time since boot");
    }
    if (call == 5) {
        printf("time passed, and ctx_now is %s\n",
               ctx_now()->start_time_ms > 0 ? "right" : "wrong");
        exit(0);
    }
}

static void wild(int call)
{
    printf("before");
    if (call == 0) {
        *(volatile int *)0 = 1;
    }
    printf(", and after\n");
    exit(0);
}

#ifdef FAULTY_CONSTRUCTOR
__attribute__((constructor)) static void faulty(void)
{
    printf("constructing");
    *(volatile int *)0 = 1;
}
#endif

int32_t ctx_start(struct ctx *ctx)
{
    static int calls;
    int call = calls++;
    if (call == 0) {
        atexit(bye);
    }
    switch (ctx->pid) {
    case 0:
        exit(0);
    case 1:
        printf("call %d\n", call);
        if (call == 2) {
            exit(3);
        }
        return 0;
    case 2:
        printf("half a line");
        abort();
    case 3:
        assert(call > 0);
        return 0;
    case 4:
        _exit(5);
    case 5:
        handled_abort();
        _exit(0);
    case 6:
        lines(call);
        return 0;
    case 7:
        memory(ctx);
        return 0;
    case 8:
        passing_time(call);
        return 0;
    default:
        wild(call);
        return 0;
    }
}
