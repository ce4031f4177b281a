/* SPDX-License-Identifier: MIT */
#include "calendar.h"

#define STATUS_24_HOURS 2u
#define STATUS_BINARY   4u
#define AFTERNOON       0x80u
#define FIRST_YEAR      1970u
#define LAST_YEAR       2261u /* the next one does not fit in 64 bits of nanoseconds */

/* Days from 1970-01-01 (civil calendar; years from March, so that the leap day comes last). */
static int64_t days_from(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* A number of two digits; 255: it is none. */
static uint32_t plain(uint8_t v, uint8_t status)
{
    if ((status & STATUS_BINARY) != 0) {
        return v;
    }
    return (v & 15u) <= 9 && v >> 4 <= 9 ? (v >> 4) * 10u + (v & 15u) : 255;
}

static uint32_t year_of(const struct calendar *c)
{
    uint32_t year = plain(c->year, c->status_b);
    uint32_t century = c->century != 0 ? plain(c->century, c->status_b) : 255;
    if (century >= FIRST_YEAR / 100 && century <= LAST_YEAR / 100) {
        return century * 100 + year;
    }
    return year + (year >= FIRST_YEAR % 100 ? 1900u : 2000u);
}

static uint32_t hour_of(const struct calendar *c)
{
    if ((c->status_b & STATUS_24_HOURS) != 0) {
        return plain(c->hour, c->status_b);
    }
    uint32_t hour = plain((uint8_t)(c->hour & ~AFTERNOON), c->status_b);
    if (hour < 1 || hour > 12) {
        return 255;
    }
    return hour % 12 + ((c->hour & AFTERNOON) != 0 ? 12u : 0u); /* 12 is noon or midnight */
}

bool calendar_seconds(const struct calendar *c, int64_t *seconds)
{
    uint32_t second = plain(c->second, c->status_b), minute = plain(c->minute, c->status_b);
    uint32_t day = plain(c->day, c->status_b), month = plain(c->month, c->status_b);
    uint32_t hour = hour_of(c), year = year_of(c);
    if (second > 59 || minute > 59 || hour > 23 || plain(c->year, c->status_b) > 99 ||
        year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month)) {
        return false;
    }
    *seconds = days_from(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

int64_t calendar_settle(int64_t estimate_ns, int64_t seconds)
{
    int64_t first = seconds * (int64_t)NSEC_PER_SEC;
    int64_t last = first + (int64_t)NSEC_PER_SEC - 1;
    return estimate_ns < first ? first : estimate_ns > last ? last : estimate_ns;
}
