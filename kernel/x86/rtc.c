/* SPDX-License-Identifier: MIT */
/*
 * The calendar of the plain PC (Motorola MC146818), read once and carried on by the TSC. It is
 * taken to run in UTC.
 */
#include "x86.h"

#include <kernel/machine.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

enum cmos {
    CMOS_SECONDS = 0,
    CMOS_MINUTES = 2,
    CMOS_HOURS = 4,
    CMOS_DAY = 7,
    CMOS_MONTH = 8,
    CMOS_YEAR = 9,
    CMOS_STATUS_A = 10, /* bit 7: being updated */
    CMOS_STATUS_B = 11, /* bit 1: 24 hours, bit 2: binary */
};

static struct {
    bool read, good;
    int64_t boot_ns; /* the calendar's time when machine_now_ns() was 0 */
} state;

static uint8_t cmos(enum cmos reg)
{
    outb(CMOS_INDEX, (uint8_t)reg);
    return inb(CMOS_DATA);
}

static void read_all(uint8_t out[6])
{
    static const uint8_t regs[6] = {CMOS_SECONDS, CMOS_MINUTES, CMOS_HOURS,
                                    CMOS_DAY,     CMOS_MONTH,   CMOS_YEAR};
    for (uint32_t spins = 0; (cmos(CMOS_STATUS_A) & 0x80) != 0 && spins < 100000; spins++) {
    }
    for (uint32_t i = 0; i < 6; i++) {
        out[i] = cmos(regs[i]);
    }
}

/* Days from 1970-01-01 (civil calendar; years from March, so that the leap day comes last). */
static int64_t days_from(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static uint32_t plain(uint8_t v, bool binary)
{
    return binary ? v : (v >> 4) * 10u + (v & 15u);
}

/* Twice the same, or a field was caught while it changed. */
static void read_clock(void)
{
    uint8_t a[6], b[6];
    bool same = false;
    for (uint32_t tries = 0; tries < 5 && !same; tries++) {
        read_all(a);
        read_all(b);
        same = __builtin_memcmp(a, b, 6) == 0;
    }
    uint8_t status = cmos(CMOS_STATUS_B);
    bool binary = (status & 4) != 0;
    bool afternoon = (status & 2) == 0 && (a[2] & 0x80) != 0;
    uint32_t hour = plain(a[2] & 0x7f, binary);
    if ((status & 2) == 0) { /* 12 is noon or midnight */
        hour = hour % 12 + (afternoon ? 12 : 0);
    }
    uint32_t second = plain(a[0], binary), minute = plain(a[1], binary);
    uint32_t day = plain(a[3], binary), month = plain(a[4], binary), year = plain(a[5], binary);
    state.good = same && second < 60 && minute < 60 && hour < 24 && day >= 1 && day <= 31 &&
                 month >= 1 && month <= 12;
    int64_t seconds =
        days_from(2000 + (int64_t)year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    state.boot_ns = seconds * (int64_t)NSEC_PER_SEC - (int64_t)machine_now_ns();
    state.read = true;
}

ctx_status machine_wall_ns(int64_t *out)
{
    if (!state.read) {
        read_clock();
    }
    *out = state.boot_ns + (int64_t)machine_now_ns();
    return state.good ? CTX_OK : CTX_E_NOSYS;
}
