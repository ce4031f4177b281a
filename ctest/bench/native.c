/* SPDX-License-Identifier: MIT */
/* What the same machine takes for its own switches: swapcontext, and sched_yield between two
 * processes. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static ucontext_t here, there;

static void back_and_forth(void)
{
    for (;;) {
        swapcontext(&there, &here);
    }
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int main(void)
{
    static char stack[65536];
    enum { ROUNDS = 200000 };
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    makecontext(&there, back_and_forth, 0);
    uint64_t start = now();
    for (int i = 0; i < ROUNDS; i++) {
        swapcontext(&here, &there);
    }
    printf("swapcontext_ns=%.1f\n", (double)(now() - start) / (2 * ROUNDS));

    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
    pid_t child = fork();
    if (child == 0) {
        for (;;) {
            sched_yield();
        }
    }
    start = now();
    for (int i = 0; i < ROUNDS; i++) {
        sched_yield();
    }
    printf("sched_yield_ns=%.1f\n", (double)(now() - start) / ROUNDS);
    kill(child, SIGKILL);
    return 0;
}
