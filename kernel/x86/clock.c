/* SPDX-License-Identifier: MIT */
/*
 * Time is the TSC, measured once against the PIT (Intel 8254) together with the APIC timer.
 * Nanoseconds since boot count from that moment.
 */
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#define PIT_HZ       1193182u
#define ROUNDS       3u
#define ROUND_TICKS  2400u /* about 2 ms */

#define PIT_CHANNEL0 0x40
#define PIT_COMMAND  0x43

/* [boot] writes, [any] reads, but for random: [boot, loop, in a call]. */
static struct {
    uint64_t tsc_start;
    uint64_t ns_per_tsc;  /* fixed point, 32 fraction bits; 0 = not started */
    uint64_t apic_per_ns; /* likewise */
    uint64_t random;
} state;

static uint16_t pit_count(void)
{
    outb(PIT_COMMAND, 0x00); /* latch channel 0 */
    uint16_t low = inb(PIT_CHANNEL0);
    return (uint16_t)(low | inb(PIT_CHANNEL0) << 8);
}

struct round {
    uint64_t tsc, apic, pit; /* ticks of each */
};

/*
 * Everything is read outside of the two looks at the PIT. So a pause of this (virtual) processor
 * makes the other counts too large, never too small, and the smallest of several rounds is the true
 * one.
 */
static bool measure_round(struct round *r)
{
    uint64_t apic_start = apic_timer_elapsed();
    uint64_t tsc_start = rdtsc();
    uint16_t start = pit_count();
    for (uint64_t spins = 0; spins < 200000; spins++) {
        r->pit = (uint16_t)(start - pit_count()); /* it counts down, and around */
        if (r->pit >= ROUND_TICKS) {
            r->tsc = rdtsc() - tsc_start;
            r->apic = apic_timer_elapsed() - apic_start;
            return r->pit < 60000 && r->tsc != 0 && r->apic != 0;
        }
    }
    return false; /* there is no PIT: it reads as all ones */
}

/* The least TSC and APIC ticks that a second would have by any round. Port 0x61 is not used:
 * micro-VMs have none. */
static bool measure(uint64_t *tsc_hz, uint64_t *apic_hz)
{
    outb(PIT_COMMAND, 0x34); /* channel 0, both bytes, mode 2 */
    outb(PIT_CHANNEL0, 0);   /* 65,536 */
    outb(PIT_CHANNEL0, 0);
    (void)apic_timer_start_max();
    *tsc_hz = UINT64_MAX;
    *apic_hz = UINT64_MAX;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct round r;
        if (measure_round(&r)) {
            *tsc_hz = MIN(*tsc_hz, r.tsc * PIT_HZ / r.pit);
            *apic_hz = MIN(*apic_hz, r.apic * PIT_HZ / r.pit);
        }
    }
    apic_timer_arm(0);
    return *tsc_hz != UINT64_MAX;
}

/* (numerator << 32) / denominator where the quotient fits, without 128-bit division. */
static uint64_t ratio32(uint64_t numerator, uint64_t denominator)
{
    uint64_t whole = numerator / denominator;
    uint64_t rest = numerator % denominator;
    while (denominator >= 1ull << 32) {
        denominator >>= 1;
        rest >>= 1;
    }
    return (whole << 32) + (rest << 32) / denominator;
}

void clock_init(void)
{
    uint64_t tsc_hz, apic_hz;
    uint64_t start = rdtsc();
    bool measured = measure(&tsc_hz, &apic_hz);
    if (!measured) {
        tsc_hz = 2000000000;
        apic_hz = 1000000000 / 16;
    }
    state.ns_per_tsc = ratio32(NSEC_PER_SEC, tsc_hz);
    state.apic_per_ns = ratio32(apic_hz, NSEC_PER_SEC);
    state.tsc_start = start;
    state.random = state.tsc_start ^ tsc_hz << 32;
    if (!measured) {
        log_warn("clock", "there is no PIT; time is guessed");
    }
    log_info("clock", "tsc=%luMHz apic=%lukHz", tsc_hz / 1000000, apic_hz / 1000);
}

uint64_t machine_now_ns(void)
{
    if (state.ns_per_tsc == 0) {
        return 0;
    }
    return (uint64_t)(((unsigned __int128)(rdtsc() - state.tsc_start) * state.ns_per_tsc) >> 32);
}

uint64_t clock_apic_ticks(uint64_t ns)
{
    return (uint64_t)(((unsigned __int128)ns * state.apic_per_ns) >> 32);
}

void clock_delay_us(uint64_t us)
{
    uint64_t end = machine_now_ns() + us * NSEC_PER_USEC;
    while (machine_now_ns() < end) {
        __asm__ volatile("pause");
    }
}

/* SplitMix64 (Steele et al., 2014) over the TSC, with RDRAND mixed in where there is one. */
uint64_t machine_random(void)
{
    uint32_t regs[4];
    cpuid(1, regs);
    uint64_t hard = 0;
    if ((regs[2] >> 30 & 1) != 0) {
        __asm__ volatile("rdrand %0" : "+r"(hard) : : "cc");
    }
    state.random += 0x9e3779b97f4a7c15ull + (rdtsc() ^ hard);
    uint64_t z = state.random;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}
