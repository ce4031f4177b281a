/* SPDX-License-Identifier: MIT */
/* The order of things: constructors, the parts, one a call, exit, atexit functions, destructors. */
#include "conform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef CONFORM_APP
#include <ctx/c.h>
#endif

static int order;

__attribute__((constructor(101))) static void first(void)
{
    printf("constructor 101 is number %d\n", ++order);
}

__attribute__((constructor(102))) static void second(void)
{
    printf("constructor 102 is number %d\n", ++order);
}

__attribute__((constructor)) static void third(void)
{
    printf("constructor is number %d\n", ++order);
}

__attribute__((destructor)) static void last(void)
{
    puts("destructor");
}

static void at_exit_first(void)
{
    puts("atexit, registered first");
}

static void at_exit_second(void)
{
    puts("atexit, registered second");
}

static void system_things(void)
{
    printf("stdin %d %d\n", getchar() == EOF, feof(stdin) != 0);
    printf("fopen %d\n", fopen("/no/such/file", "r") == NULL);
    time_t now = time(NULL);
    printf("time %d %d\n", now >= 0, time(NULL) >= now);
    struct tm parts;
    time_t moment = 1700000000;
    char text[40];
    gmtime_r(&moment, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ %a %b %j", &parts);
    printf("gmtime %s %lld\n", text, (long long)mktime(&parts));
    setenv("CONFORM", "yes", 1);
    printf("getenv %s %d\n", getenv("CONFORM"), getenv("NO_SUCH") == NULL);
    errno = 5;
    printf("errno %d\n", errno);
    srand(7);
    int r = rand();
    srand(7);
    printf("rand %d\n", rand() == r);
}

static void (*const parts[])(void) = {
    conform_print,  conform_parse, conform_strings, conform_wide,  conform_sort,
    conform_memory, conform_jumps, conform_math,    system_things,
};

static void step(int n)
{
    if (n == 0) {
        printf("first call, after %d constructors\n", order);
        atexit(at_exit_first);
        atexit(at_exit_second);
    }
    if (n < (int)(sizeof parts / sizeof parts[0])) {
        parts[n]();
        return;
    }
    puts("end of the parts");
    exit(0);
}

#ifdef CONFORM_APP
int32_t ctx_start(struct ctx *ctx)
{
    static int calls;
    (void)ctx;
    step(calls++);
    return 0;
}
#else
int main(void)
{
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (int n = 0;; n++) {
        step(n);
    }
}
#endif
