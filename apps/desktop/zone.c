/* SPDX-License-Identifier: MIT */
#include "zone.h"

#include "text.h"

#include <stddef.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400
/* Years 2 to 9997, so that a year before and after is one too; outside it is as at their ends. */
#define FIRST INT64_C(-62104060800)
#define LAST  INT64_C(253339228800)

/* ---- reading ---- */

/* A number from low to high at *text, which goes on behind it. 0: none is there. */
static int number(const char **text, int32_t low, int32_t high, int32_t *out)
{
    uint32_t n = 0, len = read_number(*text, &n);
    if (len == 0 || n > (uint32_t)high || (int32_t)n < low) {
        return 0;
    }
    *text += len;
    *out = (int32_t)n;
    return 1;
}

static int is(const char **text, char c)
{
    int yes = **text == c;
    *text += yes;
    return yes;
}

/* [+-]hh[:mm[:ss]] */
static int hours(const char **text, int32_t most, int32_t *out)
{
    int32_t sign = is(text, '-') ? -1 : 1, h = 0, m = 0, s = 0;
    if (sign == 1) {
        (void)is(text, '+');
    }
    int good = number(text, 0, most, &h);
    if (good && is(text, ':')) {
        good = number(text, 0, 59, &m);
        if (good && is(text, ':')) {
            good = number(text, 0, 59, &s);
        }
    }
    *out = sign * (h * HOUR + m * MINUTE + s);
    return good;
}

/* Three letters or more, or what stands between < and >. */
static int name(const char **text)
{
    uint32_t len = 0;
    int quoted = is(text, '<');
    for (;; len++, (*text)++) {
        char c = **text;
        int letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        int more = (c >= '0' && c <= '9') || c == '+' || c == '-';
        if (!letter && !(quoted && more)) {
            break;
        }
    }
    return len >= 3 && (!quoted || is(text, '>'));
}

/* ,Mm.w.d or ,Jn or ,n; then perhaps /time, else it is two in the morning. */
static int change(const char **text, struct zone_day *out)
{
    struct zone_day d = {.kind = ZONE_DAY, .seconds = 2 * HOUR};
    int good = is(text, ',');
    if (good && is(text, 'M')) {
        d.kind = ZONE_MONTH;
        good = number(text, 1, 12, &d.month) && is(text, '.') && number(text, 1, 5, &d.week) &&
               is(text, '.') && number(text, 0, 6, &d.day);
    } else if (good && is(text, 'J')) {
        d.kind = ZONE_JULIAN;
        good = number(text, 1, 365, &d.day);
    } else {
        good = good && number(text, 0, 365, &d.day);
    }
    if (good && is(text, '/')) {
        good = hours(text, 167, &d.seconds);
    }
    *out = d;
    return good;
}

static int posix(const char *text, struct zone *out)
{
    static const struct zone_day usa_begins = {ZONE_MONTH, 3, 2, 0, 2 * HOUR},
                                 usa_ends = {ZONE_MONTH, 11, 1, 0, 2 * HOUR};
    struct zone z = {.begins = usa_begins, .ends = usa_ends};
    if (!name(&text) || !hours(&text, 23, &z.usual)) {
        return 0;
    }
    z.usual = z.summer = -z.usual;
    if (*text != 0) {
        z.has_summer = 1;
        z.summer += HOUR;
        if (!name(&text)) {
            return 0;
        }
        if (*text != 0 && *text != ',') {
            if (!hours(&text, 23, &z.summer)) {
                return 0;
            }
            z.summer = -z.summer;
        }
        if (*text != 0 && (!change(&text, &z.begins) || !change(&text, &z.ends))) {
            return 0;
        }
    }
    if (*text != 0 || z.summer >= DAY) {
        return 0;
    }
    *out = z;
    return 1;
}

static int east(const char *text, struct zone *out)
{
    int32_t sign = *text == '-' ? -1 : 1, h = 0, m = 0;
    text += *text == '-' || *text == '+';
    if (!number(&text, 0, 14, &h) || (is(&text, ':') && !number(&text, 0, 59, &m)) || *text != 0) {
        return 0;
    }
    int32_t ahead = sign * (h * HOUR + m * MINUTE);
    *out = (struct zone){.usual = ahead, .summer = ahead};
    return 1;
}

uint32_t zone_find(const char *text)
{
    struct zone z, one;
    int is_east = east(text, &z);
    uint32_t i = 0;
    for (; i < ZONES; i++) {
        const struct zone_entry *e = &zone_list[i];
        if (same_text(e->name, text) ||
            (is_east && e->rule == NULL && east(e->name, &one) && one.usual == z.usual)) {
            break;
        }
    }
    return i;
}

int zone_read(const char *text, struct zone *out)
{
    uint32_t at = zone_find(text);
    if (at < ZONES && zone_list[at].rule != NULL) {
        text = zone_list[at].rule;
    }
    return text_len(text) < ZONE_ROOM && (east(text, out) || posix(text, out));
}

/* ---- when ---- */

static int is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of January of a year, which is 1 at least. */
static int64_t year_begins(int64_t year)
{
    int64_t full = year - 1;
    return 365 * full + full / 4 - full / 100 + full / 400 - 719162;
}

/* Of an instant from FIRST on. */
static int64_t year_of(int64_t unix_s)
{
    int64_t days = (unix_s - FIRST) / DAY + FIRST / DAY;
    int64_t year = 1 + (days - year_begins(1)) / 366; /* it, or one before it */
    while (year_begins(year + 1) <= days) {
        year++;
    }
    return year;
}

/* Days since 1970. */
static int64_t day_in(const struct zone_day *d, int64_t year)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t first = year_begins(year);
    int leap = is_leap(year);
    if (d->kind == ZONE_DAY) {
        return first + d->day;
    }
    if (d->kind == ZONE_JULIAN) {
        return first + d->day - 1 + (leap && d->day >= 60);
    }
    int64_t month = first + before[d->month - 1] + (leap && d->month > 2);
    int64_t end = first + before[d->month] + (leap && d->month >= 2);
    int64_t weekday = ((month + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = month + (d->day - weekday + 7) % 7 + 7 * (int64_t)(d->week - 1);
    return day >= end ? day - 7 : day;
}

#define YEARS   3 /* around the instant: a change may lie a week outside of its year */
#define CHANGES ((uint32_t)(2 * YEARS))

struct moment {
    int64_t when;
    int32_t ahead; /* from then on */
};

/* All changes around an instant, one after the other. */
static void changes(const struct zone *z, int64_t unix_s, struct moment out[CHANGES])
{
    int64_t year = year_of(unix_s) - 1;
    for (uint32_t i = 0; i < CHANGES; i += 2, year++) {
        struct moment begins = {day_in(&z->begins, year) * DAY + z->begins.seconds - z->usual,
                                z->summer};
        struct moment ends = {day_in(&z->ends, year) * DAY + z->ends.seconds - z->summer, z->usual};
        int first = begins.when <= ends.when;
        out[i] = first ? begins : ends;
        out[i + 1] = first ? ends : begins;
    }
}

static int64_t within(int64_t unix_s)
{
    return unix_s < FIRST ? FIRST : unix_s > LAST ? LAST : unix_s;
}

int32_t zone_at(const struct zone *z, int64_t unix_s)
{
    struct moment all[CHANGES];
    int32_t ahead = z->usual;
    if (z->has_summer) {
        unix_s = within(unix_s);
        changes(z, unix_s, all);
        for (uint32_t i = 0; i < CHANGES && all[i].when <= unix_s; i++) {
            ahead = all[i].ahead;
        }
    }
    return ahead;
}

int64_t zone_next(const struct zone *z, int64_t unix_s)
{
    struct moment all[CHANGES];
    int64_t t = within(unix_s);
    if (z->has_summer && t == unix_s) {
        changes(z, t, all);
        for (uint32_t i = 0; i < CHANGES; i++) {
            if (all[i].when > t && zone_at(z, all[i].when) != zone_at(z, t)) {
                return all[i].when;
            }
        }
    }
    return INT64_MAX;
}
