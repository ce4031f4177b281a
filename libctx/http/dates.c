/* SPDX-License-Identifier: MIT */
/* Dates as RFC 9110, 5.6.7 has them: the one that is sent, and two that are still read. */
#include "http_private.h"

#include <stdio.h>
#include <string.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Days since 1970 of a day in the calendar, for years from 1601 on. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, in_era = year - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

struct parts {
    int64_t year, month, day, hour, minute, second;
};

/* By a form: d is a digit of the day (or a space), @ the month, Y of the year, H I S of the time;
 * others stand for themselves. */
static bool scan(const char *form, struct ctx_http_text text, struct parts *out)
{
    *out = (struct parts){0};
    if (strlen(form) != text.len + (strchr(form, '@') != NULL ? (size_t)-2 : 0)) {
        return false;
    }
    for (const char *at = text.at; *form != 0; form++, at++) {
        int64_t *number = *form == 'd'   ? &out->day
                          : *form == 'Y' ? &out->year
                          : *form == 'H' ? &out->hour
                          : *form == 'I' ? &out->minute
                          : *form == 'S' ? &out->second
                                         : NULL;
        if (*form == '@') {
            for (int64_t i = 0; i < 12; i++) {
                out->month = memcmp(months + 3 * i, at, 3) == 0 ? i + 1 : out->month;
            }
            at += 2;
        } else if (number != NULL) {
            char c = *form == 'd' && *at == ' ' && *number == 0 ? '0' : *at;
            if (c < '0' || c > '9') {
                return false;
            }
            *number = *number * 10 + (c - '0');
        } else if (*form != *at) {
            return false;
        }
    }
    return out->month > 0 && out->day > 0 && out->day <= 31 && out->hour < 24 && out->minute < 60 &&
           out->second <= 60;
}

bool ctx_http_date(struct ctx_http_text text, int64_t *out)
{
    struct parts parts;
    const char *comma = text.len > 0 ? memchr(text.at, ',', text.len) : NULL;
    struct ctx_http_text rest = text;
    bool found = false;
    if (comma != NULL) {
        rest = (struct ctx_http_text){comma + 1, text.len - (size_t)(comma - text.at) - 1};
        found = scan(" dd @ YYYY HH:II:SS GMT", rest, &parts);
        if (!found && scan(" dd-@-YY HH:II:SS GMT", rest, &parts)) {
            found = true;
            parts.year += parts.year < 70 ? 2000 : 1900;
        }
    } else if (text.len > 4) {
        rest = (struct ctx_http_text){text.at + 4, text.len - 4};
        found = scan("@ dd HH:II:SS YYYY", rest, &parts);
    }
    if (!found || parts.year < 1601) {
        return false;
    }
    *out = ((days(parts.year, parts.month, parts.day) * 24 + parts.hour) * 60 + parts.minute) * 60 +
           parts.second;
    return true;
}

void ctx_http_put_date(char out[CTX_HTTP_DATE_ROOM], int64_t when)
{
    static const char week[] = "ThuFriSatSunMonTueWed";
    when = when < 0                       ? 0
           : when > INT64_C(253402300799) ? INT64_C(253402300799)
                                          : when; /* 1970 to 9999 */
    int64_t day = when / 86400, second = when % 86400, year = 1970 + day / 366;
    for (; days(year + 1, 1, 1) <= day; year++) {
    }
    int64_t month = 1;
    for (; month < 12 && days(year, month + 1, 1) <= day; month++) {
    }
    snprintf(out, CTX_HTTP_DATE_ROOM, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
             week + 3 * (day % 7), (int)(day - days(year, month, 1) + 1) % 100,
             months + 3 * (month - 1), (int)(year % 10000), (int)(second / 3600) % 100,
             (int)(second / 60 % 60), (int)(second % 60));
}
