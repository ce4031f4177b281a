/* SPDX-License-Identifier: MIT */
/*
 * Time is the TSC, measured once against the PIT (Intel 8254) together with the APIC timer.
 * Nanoseconds since boot count from that moment.
 */
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#define PIT_HZ         1193182u
#define CALIBRATION_US 5000u

static struct {
    uint64_t tsc_start;
    uint64_t ns_per_tsc;  /* fixed point, 32 fraction bits; 0 = not started */
    uint64_t apic_per_ns; /* likewise */
    uint64_t random;
} state;

/* Let channel 2 count down `ticks` without its speaker; returns false if it never ends. */
static bool pit_wait(uint16_t ticks, uint64_t *tsc_ticks, uint64_t *apic_ticks)
{
    outb(0x61, (inb(0x61) & 0xfc) | 1); /* gate on, speaker off */
    outb(0x43, 0xb0);                   /* channel 2, both bytes, mode 0 */
    outb(0x42, (uint8_t)ticks);
    outb(0x42, (uint8_t)(ticks >> 8));
    (void)apic_timer_start_max();
    uint64_t start = rdtsc();
    uint64_t spins = 0;
    while ((inb(0x61) & 0x20) == 0) {
        if (++spins > 20000000) {
            return false;
        }
    }
    *tsc_ticks = rdtsc() - start;
    *apic_ticks = apic_timer_elapsed();
    return *tsc_ticks != 0 && *apic_ticks != 0;
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
    uint16_t ticks = (uint16_t)((uint64_t)PIT_HZ * CALIBRATION_US / 1000000);
    uint64_t tsc_ticks, apic_ticks;
    uint64_t ns = (uint64_t)ticks * NSEC_PER_SEC / PIT_HZ;
    bool measured = pit_wait(ticks, &tsc_ticks, &apic_ticks);
    if (!measured) {
        tsc_ticks = ns * 2; /* a guess: 2 GHz and an APIC timer of 1 GHz / 16 */
        apic_ticks = ns / 16;
    }
    state.ns_per_tsc = ratio32(ns, tsc_ticks);
    state.apic_per_ns = ratio32(apic_ticks, ns);
    state.tsc_start = rdtsc();
    state.random = state.tsc_start ^ tsc_ticks << 32;
    if (!measured) {
        log_warn("clock", "the PIT does not answer; time is guessed");
    }
    log_info("clock", "tsc=%luMHz apic=%lukHz", tsc_ticks * 1000 / ns, apic_ticks * 1000000 / ns);
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
