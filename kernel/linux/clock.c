/* SPDX-License-Identifier: MIT */
/*
 * Time is CLOCK_MONOTONIC since the start. Asking Linux takes 24 ns, the TSC 10: where it runs
 * evenly, it carries the time from one question to the next, at most a millisecond later.
 */
#define _GNU_SOURCE
#include "linux.h"

#include "../x86/features.h"

#include <ctx/tables.h>

#include <cpuid.h>
#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <time.h>
#include <x86intrin.h>

#define ASK_NS  NSEC_PER_MSEC
#define WATCHES 16u
#define FILES   32768u /* that are waited for at a time */
#define CHANCE  32u    /* at most 256 bytes come in one go */

/* [boot, loop, in a call] */
static struct {
    uint64_t start_ns;            /* Linux' time when ours began */
    bool even;                    /* the TSC runs at one rate, asleep or not */
    uint64_t first_tsc;           /* at start_ns */
    uint64_t asked_tsc, asked_ns; /* at the last question; ns is ours */
    uint64_t ask_ticks;           /* when to ask again; 0 = at once */
    uint64_t ns_per_tick;         /* fixed point, 32 fraction bits */
    uint64_t last_ns;             /* what was told last */
    struct linux_watch *watches;
    struct linux_poller *pollers;
    uint64_t polled_ns;
    bool seeded;
    uint64_t random;
    bool is_virtual;
    uint64_t virtual_wall_ns; /* the calendar at the start */
} state;

static uint64_t linux_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

void linux_clock_init(void)
{
    uint32_t a, b, c, d;
    state.even = __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d >> 8 & 1) != 0;
    state.start_ns = linux_ns(CLOCK_MONOTONIC);
    state.first_tsc = __rdtsc();
}

/* The rate is measured over all the time since the start, so it gets better and better. */
static uint64_t ask(void)
{
    uint64_t tsc = state.even ? __rdtsc() : 0;
    uint64_t ns = linux_ns(CLOCK_MONOTONIC) - state.start_ns;
    uint64_t ticks = tsc - state.first_tsc;
    if (state.even && ns > ASK_NS && ticks > 0) {
        state.ns_per_tick = (uint64_t)(((unsigned __int128)ns << 32) / ticks);
        state.ask_ticks = (uint64_t)((unsigned __int128)ticks * ASK_NS / ns);
        state.asked_tsc = tsc;
        state.asked_ns = ns;
    }
    return ns;
}

#define VIRTUAL_WALL_NS (UINT64_C(946684800) * NSEC_PER_SEC) /* 2000-01-01 */

void linux_virtual_time(void)
{
    state.is_virtual = true;
    state.ask_ticks = 0;
    state.virtual_wall_ns = VIRTUAL_WALL_NS;
}

void linux_virtual_wall(int64_t wall_ns)
{
    state.virtual_wall_ns = (uint64_t)wall_ns - state.last_ns;
}

/* It stands still, or Linux has to be asked. */
static __attribute__((noinline)) uint64_t now_by_asking(void)
{
    uint64_t ns = state.is_virtual ? 0 : ask();
    state.last_ns = MAX(state.last_ns, ns);
    return state.last_ns;
}

uint64_t machine_now_ns(void)
{
    uint64_t ticks = __rdtsc() - state.asked_tsc;
    if (ticks >= state.ask_ticks) {
        return now_by_asking();
    }
    uint64_t ns = state.asked_ns + (uint64_t)(((unsigned __int128)ticks * state.ns_per_tick) >> 32);
    if (ns > state.last_ns) {
        state.last_ns = ns;
    }
    return state.last_ns;
}

/* Linux keeps UTC, whatever the PC's clock has. */
void machine_wall_ahead(int64_t seconds)
{
    (void)seconds;
}

ctx_status machine_wall_ns(int64_t *out)
{
    *out = (int64_t)(state.is_virtual ? state.virtual_wall_ns + state.last_ns
                                      : linux_ns(CLOCK_REALTIME));
    return CTX_OK;
}

/* ---- the processor ---- */

static void ask_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    __cpuid_count(leaf, subleaf, out[0], out[1], out[2], out[3]);
}

/* What Linux has put into XCR0; its own programs get no more either. */
static uint64_t enabled(void)
{
    uint32_t r[4], low, high;
    ask_cpuid(1, 0, r);
    if ((r[2] >> 27 & 1) == 0) { /* OSXSAVE */
        return 0;
    }
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* Asking is slow under a hypervisor: once. */
uint64_t machine_cpu_features(void)
{
    static bool asked;        /* [boot, loop, in a call] */
    static uint64_t features; /* likewise */
    if (!asked) {
        features =
            cpu_features(ask_cpuid, xstate_choose(ask_cpuid, enabled(), MACHINE_VECTOR_BYTES));
        asked = true;
    }
    return features;
}

uint64_t linux_choose_xstate(void)
{
    return xstate_choose(ask_cpuid, enabled(), MACHINE_VECTOR_BYTES);
}

/* ---- chance ---- */

void linux_seed(uint64_t seed)
{
    state.seeded = true;
    state.random = seed;
}

/* SplitMix64 (Steele et al., 2014) over a seed, or Linux' own generator. */
uint64_t machine_random(void)
{
    /* Asking Linux costs the same for many. [boot, loop, in a call] */
    static uint64_t some[CHANCE];
    static uint32_t left; /* likewise */
    uint64_t z;
    if (!state.seeded) {
        if (left == 0 && getrandom(some, sizeof some, 0) == (ssize_t)sizeof some) {
            left = CHANCE;
        }
        if (left > 0) {
            z = some[--left];
            some[left] = 0; /* given out once */
            return z;
        }
    }
    z = state.random += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* ---- rest ---- */

void linux_watch(struct linux_watch *watch, int fd, struct task *task)
{
    watch->fd = fd;
    watch->task = task;
    if (!watch->listed) {
        watch->listed = true;
        watch->next = state.watches;
        state.watches = watch;
    }
}

void linux_poll_too(struct linux_poller *poller)
{
    poller->next = state.pollers;
    state.pollers = poller;
}

/* Wake whose file can be read; wait for that so long, UINT64_MAX: for ever. */
static void poll_watches(uint64_t ns)
{
    static struct pollfd fds[FILES]; /* [loop] */
    struct linux_watch *who[WATCHES];
    nfds_t count = 0, watched;
    for (struct linux_watch *w = state.watches; w != NULL && count < WATCHES; w = w->next) {
        if (w->fd >= 0) {
            fds[count] =
                (struct pollfd){.fd = w->fd, .events = w->events != 0 ? w->events : POLLIN};
            who[count++] = w;
        }
    }
    watched = count;
    for (struct linux_poller *p = state.pollers; p != NULL; p = p->next) {
        count += p->fill(p, fds + count, (uint32_t)(FILES - count), &ns);
    }
    struct timespec wait = {(time_t)(ns / NSEC_PER_SEC), (long)(ns % NSEC_PER_SEC)};
    int ready = ppoll(fds, count, ns == UINT64_MAX ? NULL : &wait, NULL);
    for (nfds_t i = 0; ready <= 0 && i < count; i++) {
        fds[i].revents = 0; /* a signal came first: nothing was written there */
    }
    for (struct linux_poller *p = state.pollers; p != NULL; p = p->next) {
        p->polled(p);
    }
    for (nfds_t i = 0; i < watched; i++) {
        if (fds[i].revents != 0) {
            who[i]->fd = -1;
            task_wake(who[i]->task);
        }
    }
}

void machine_wait(uint64_t deadline_ns)
{
    uint64_t now = machine_now_ns();
    if (state.is_virtual && deadline_ns != NEVER_NS) {
        state.last_ns = MAX(now, deadline_ns);
        poll_watches(0);
        return;
    }
    uint64_t ns = deadline_ns > now ? deadline_ns - now : 0;
    /* A loop that never rests still hears its keyboard, but does not ask Linux each time. */
    if (ns == 0 && now - state.polled_ns < NSEC_PER_MSEC) {
        return;
    }
    state.polled_ns = now;
    poll_watches(deadline_ns == NEVER_NS ? UINT64_MAX : ns);
}
