/* SPDX-License-Identifier: MIT */
/*
 * An app that is called again and again, with a C library: with a note it has version 3, without
 * one version 2. What would wait says EAGAIN, and the app goes on. The first character typed is its
 * exit status; without events it ends by itself.
 */
#include <ctx/c.h>
#include <ctx/note.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef NOTE
CTX_NOTE(3);
#endif

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("T polls FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);          \
            exit(255);                                                                             \
        }                                                                                          \
    } while (0)

static void never_waits(void)
{
    struct timespec second = {1, 0}, left = {0, 0}, t;
    errno = 0;
    CHECK(nanosleep(&second, &left) == -1 && errno == EAGAIN && left.tv_sec == 1);
    errno = 0;
    CHECK(usleep(5) == -1 && errno == EAGAIN);
    errno = 0;
    CHECK(sleep(7) == 7 && errno == EAGAIN);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0 && (t.tv_sec > 0 || t.tv_nsec > 0));
    CHECK(clock_gettime(CLOCK_REALTIME, &t) == 0 && time(NULL) >= t.tv_sec);
}

int32_t ctx_start(struct ctx *ctx)
{
    static int calls;
    if (calls++ == 0) {
        never_waits();
        printf("version %d\n", ctx->version);
        printf("half ");
    }
    errno = 0;
    int c = getchar();
    if (c == EOF && ctx->version >= 3) {
        CHECK(errno == EAGAIN && ferror(stdin) && !feof(stdin));
        (clearerr)(stdin);
        printf("a line\n");
        ctx->events->wait(ctx->events, 1u << CTX_EVENT_TEXT);
        return CTX_WAIT;
    }
    CHECK(c != EOF || (feof(stdin) && !ferror(stdin)));
    exit(c == EOF ? 9 : c);
}
