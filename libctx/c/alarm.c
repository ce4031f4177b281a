/* SPDX-License-Identifier: MIT */
/*
 * alarm() and its like: one timer, by ctx->time->now. Its signal comes when the program waits
 * (wait.c); pause() and sigsuspend() do nothing else.
 */
#define _GNU_SOURCE
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

static uint64_t due = CTX_FIBER_NEVER, again; /* nanoseconds; again 0: once */

static uint64_t now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

uint64_t ctx_c_alarm_deadline(void)
{
    return due;
}

void ctx_c_alarm_check(void)
{
    uint64_t time = due != CTX_FIBER_NEVER ? now() : 0;
    if (time >= due) {
        due = again != 0 ? time + again - (time - due) % again : CTX_FIBER_NEVER;
        ctx_c_signal(SIGALRM);
    }
}

/* Nanoseconds to what was set before; 0: nothing was. */
static uint64_t set(uint64_t first, uint64_t interval)
{
    uint64_t time = now();
    uint64_t left = due == CTX_FIBER_NEVER ? 0 : due > time ? due - time : 1;
    due = first != 0 ? time + first : CTX_FIBER_NEVER;
    again = interval;
    return left;
}

unsigned alarm(unsigned seconds)
{
    return (unsigned)((set(seconds * SECOND, 0) + SECOND - 1) / SECOND);
}

useconds_t ualarm(useconds_t first, useconds_t interval)
{
    return (useconds_t)(set((uint64_t)first * 1000, (uint64_t)interval * 1000) / 1000);
}

static uint64_t to_ns(const struct timeval *t)
{
    return (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_usec * 1000;
}

static struct timeval from_ns(uint64_t ns)
{
    return (struct timeval){.tv_sec = (time_t)(ns / SECOND),
                            .tv_usec = (suseconds_t)(ns % SECOND / 1000)};
}

int getitimer(int which, struct itimerval *value)
{
    if (which != ITIMER_REAL) {
        errno = EINVAL;
        return -1;
    }
    uint64_t time = now();
    value->it_value = from_ns(due == CTX_FIBER_NEVER ? 0 : due > time ? due - time : 1000);
    value->it_interval = from_ns(again);
    return 0;
}

int setitimer(int which, const struct itimerval *restrict value, struct itimerval *restrict old)
{
    struct itimerval before;
    if (getitimer(which, &before) != 0) {
        return -1;
    }
    set(to_ns(&value->it_value), to_ns(&value->it_interval));
    if (old != NULL) {
        *old = before;
    }
    return 0;
}

int pause(void)
{
    ctx_status status;
    do {
        status = ctx_fiber_current() != NULL ? ctx_c_await(0, CTX_FIBER_NEVER, false) : CTX_E_AGAIN;
    } while (status == CTX_OK || status == CTX_E_TIMEDOUT);
    errno = status == CTX_E_CANCELED ? EINTR : ctx_errno(status);
    return -1;
}

int sigsuspend(const sigset_t *set_of)
{
    sigset_t before = ctx_c_signals_block(*set_of);
    int result = pause();
    ctx_c_signals_block(before);
    return result;
}

/* Those that are waited for need not be blocked. */
int sigwait(const sigset_t *set_of, int *number)
{
    for (;;) {
        ctx_c_alarm_check();
        sigset_t taken = ctx_c_signals_take(*set_of);
        for (int i = 1; i < NSIG; i++) {
            if ((taken >> i & 1) != 0) {
                taken &= ~((sigset_t)1 << i);
                for (int rest = i + 1; rest < NSIG; rest++) {
                    if ((taken >> rest & 1) != 0) {
                        ctx_c_signal(rest); /* for the next time */
                    }
                }
                *number = i;
                return 0;
            }
        }
        ctx_status status = ctx_fiber_current() != NULL ? ctx_fiber_await(0, due) : CTX_E_AGAIN;
        if (status != CTX_OK && status != CTX_E_TIMEDOUT) {
            return ctx_errno(status);
        }
    }
}
