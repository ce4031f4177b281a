/* SPDX-License-Identifier: MIT */
/*
 * The calendar of the plain PC (Motorola MC146818), taken to run in UTC. Between two looks the TSC
 * carries it on; whoever asks has it looked at again once a second, because a machine that was
 * stopped and goes on, or that went back to a snapshot, does not tell: its TSC shows no gap.
 */
#include "calendar.h"
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71
#define TRIES      5u
#define AGAIN_NS   NSEC_PER_SEC

enum cmos {
    CMOS_SECONDS = 0,
    CMOS_MINUTES = 2,
    CMOS_HOURS = 4,
    CMOS_DAY = 7,
    CMOS_MONTH = 8,
    CMOS_YEAR = 9,
    CMOS_STATUS_A = 10, /* bit 7: being updated */
    CMOS_STATUS_B = 11,
    CMOS_STATUS_D = 13, /* bit 7: the battery has held */
};

#define UPDATING 0x80
#define VALID    0x80

/* [boot, loop, in a call] */
static struct {
    bool good, told;
    uint64_t looked_ns; /* when the calendar was looked at last */
    int64_t boot_ns;    /* the calendar's time when machine_now_ns() was 0 */
    int64_t ahead_ns;   /* that it is ahead of UTC */
} state;

static uint8_t cmos(uint8_t reg)
{
    outb(CMOS_INDEX, reg);
    return inb(CMOS_DATA);
}

static void read_all(struct calendar *c)
{
    for (uint32_t spins = 0; (cmos(CMOS_STATUS_A) & UPDATING) != 0 && spins < 100000; spins++) {
    }
    *c = (struct calendar){
        .second = cmos(CMOS_SECONDS),
        .minute = cmos(CMOS_MINUTES),
        .hour = cmos(CMOS_HOURS),
        .day = cmos(CMOS_DAY),
        .month = cmos(CMOS_MONTH),
        .year = cmos(CMOS_YEAR),
        .century = acpi.century != 0 ? cmos(acpi.century) : 0,
        .status_b = cmos(CMOS_STATUS_B),
    };
}

/* Twice the same, or a field was caught while it changed. */
static bool read_twice(struct calendar *c)
{
    struct calendar again;
    for (uint32_t i = 0; i < TRIES; i++) {
        read_all(c);
        read_all(&again);
        if (__builtin_memcmp(c, &again, sizeof again) == 0) {
            return true;
        }
    }
    return false;
}

static void look(void)
{
    struct calendar c;
    int64_t seconds = 0;
    bool read =
        (cmos(CMOS_STATUS_D) & VALID) != 0 && read_twice(&c) && calendar_seconds(&c, &seconds);
    uint64_t now = machine_now_ns();
    state.looked_ns = now;
    if (!read) {
        if (!state.told) {
            state.told = true;
            log_warn("rtc", "the calendar shows no time%s", state.good ? " any more" : "");
        }
        return; /* a time that was good once goes on by the TSC */
    }
    int64_t estimate = state.good ? state.boot_ns + (int64_t)now : INT64_MIN;
    state.boot_ns = calendar_settle(estimate, seconds) - (int64_t)now;
    state.good = true;
}

void machine_wall_ahead(int64_t seconds)
{
    state.ahead_ns = seconds * (int64_t)NSEC_PER_SEC;
}

ctx_status machine_wall_ns(int64_t *out)
{
    uint64_t now = machine_now_ns();
    /* The clock itself may have gone back: a snapshot has its own. */
    if (state.looked_ns == 0 || now - state.looked_ns >= AGAIN_NS) {
        look();
    }
    *out = state.boot_ns + (int64_t)machine_now_ns() - state.ahead_ns;
    return state.good ? CTX_OK : CTX_E_NOSYS;
}
