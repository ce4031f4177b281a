/* SPDX-License-Identifier: MIT */
/*
 * Where people live, as a rule: how far their time is ahead of UTC at any instant, and when that
 * changes next. A rule is written in one of three ways:
 *
 *   +2:00, -3:30, 5              hours (and minutes) east of Greenwich, all the year
 *   Europe/Berlin                one of zone_list, with the rule that was in force when it was made
 *   CET-1CEST,M3.5.0,M10.5.0/3   as POSIX has it in TZ: there west of Greenwich is positive; times
 *                                of changes from -167 to 167 hours; a summer time without a rule
 *                                changes on the days of the USA
 *
 * There is one rule for all years: what held before it was made is not known.
 */
#ifndef DESKTOP_ZONE_H
#define DESKTOP_ZONE_H

#include <stdint.h>

#define ZONE_ROOM 64 /* bytes of the longest text, with its NUL */

/* A day of each year and a time of that day, by the clock as it is until then. */
struct zone_day {
    enum { ZONE_MONTH, ZONE_JULIAN, ZONE_DAY } kind; /* Mm.w.d, Jn, n */
    int32_t month, week, day;
    int32_t seconds;
};

struct zone {
    int32_t usual, summer; /* seconds ahead of UTC; less than a day */
    int32_t has_summer;
    struct zone_day begins, ends; /* of summer */
};

/* What people can choose from, by their usual offset from west to east. */
struct zone_entry {
    const char *name;  /* text for zone_read */
    const char *rule;  /* that stands for; NULL: it is one already, `+1:00` */
    const char *usual; /* `UTC+1:00` */
};
#define ZONES 157u
extern const struct zone_entry zone_list[ZONES];

/* 0: text is none of the three, or has no end before ZONE_ROOM, and *out stays. */
int zone_read(const char *text, struct zone *out);

/* Where a name, or an offset all the year, is in the list; ZONES: it is not. */
uint32_t zone_find(const char *text);

/* Seconds ahead of UTC at that many seconds since 1970-01-01 00:00 UTC. */
int32_t zone_at(const struct zone *zone, int64_t unix_s);

/* The first instant after unix_s at which that is another; INT64_MAX: there is none. */
int64_t zone_next(const struct zone *zone, int64_t unix_s);

#endif
