/* SPDX-License-Identifier: MIT */
/* A PC's calendar: every second of some days, every day of 290 years, and registers that show none.
 */
#include "../../kernel/x86/calendar.h"

#include "test.h"

#include <time.h>

#define H24    2u
#define BINARY 4u

static uint8_t digits(int v, uint8_t status)
{
    return (uint8_t)((status & BINARY) != 0 ? v : v / 10 << 4 | v % 10);
}

static struct calendar show(int64_t seconds, uint8_t status, bool century)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    assert_non_null(gmtime_r(&t, &tm));
    int year = tm.tm_year + 1900;
    struct calendar c = {
        .second = digits(tm.tm_sec, status),
        .minute = digits(tm.tm_min, status),
        .day = digits(tm.tm_mday, status),
        .month = digits(tm.tm_mon + 1, status),
        .year = digits(year % 100, status),
        .century = century ? digits(year / 100, status) : 0,
        .status_b = status,
    };
    if ((status & H24) != 0) {
        c.hour = digits(tm.tm_hour, status);
    } else {
        int hour = tm.tm_hour % 12 == 0 ? 12 : tm.tm_hour % 12;
        c.hour = (uint8_t)(digits(hour, status) | (tm.tm_hour >= 12 ? 0x80 : 0));
    }
    return c;
}

static int64_t must(struct calendar c)
{
    int64_t seconds = -1;
    assert_true(calendar_seconds(&c, &seconds));
    return seconds;
}

static void as_the_c_library_has_it(void **state)
{
    (void)state;
    const int64_t day = 86400, last = 9214646399; /* 2261-12-31 23:59:59 */
    for (uint8_t status = 0; status < 8; status = (uint8_t)(status + 2)) {
        for (int64_t t = 0; t <= last; t += day + 4099) {
            assert_int_equal(must(show(t, status, true)), t);
        }
        assert_int_equal(must(show(last, status, true)), last);
        for (int64_t t = 951782400 - 60; t < 951782400 + day; t++) { /* 2000-02-29 */
            assert_int_equal(must(show(t, status, true)), t);
        }
        for (int64_t t = 0; t < 3155760000 - 1; t += 7 * day + 1) { /* 1970 .. 2069 */
            assert_int_equal(must(show(t, status, false)), t);
        }
    }
}

/* A century that makes no sense is as good as none. */
static void strange_centuries(void **state)
{
    (void)state;
    struct calendar c = show(1790000000, H24, true); /* 2026 */
    for (uint32_t century = 0; century < 256; century++) {
        int64_t seconds = 0;
        c.century = (uint8_t)century;
        assert_int_equal(calendar_seconds(&c, &seconds), century != 0x19); /* 1926 is long over */
        bool other = century == 0x19 || century == 0x21 || century == 0x22;
        assert_int_equal(seconds == 1790000000, !other);
    }
    c.century = 0x21;
    assert_int_equal(must(c), 4945673600);
    c = show(928195200, H24, true); /* 1999-06-01 */
    assert_int_equal(c.century, 0x19);
    assert_int_equal(must(c), 928195200);
    c.century = 0xff;
    assert_int_equal(must(c), 928195200);
}

static void no_time_at_all(void **state)
{
    (void)state;
    const struct calendar good = show(1790000000, H24, true);
    int64_t seconds;
    struct calendar c = {255, 255, 255, 255, 255, 255, 255, 255}; /* nothing is there */
    assert_false(calendar_seconds(&c, &seconds));
    c = (struct calendar){0};
    assert_false(calendar_seconds(&c, &seconds)); /* no month 0 */
    static const struct {
        size_t at;
        uint8_t bad[3];
    } fields[] = {
        {offsetof(struct calendar, second), {0x60, 0x5a, 0xff}},
        {offsetof(struct calendar, minute), {0x60, 0x0f, 0xa0}},
        {offsetof(struct calendar, hour), {0x24, 0x1a, 0x81}},
        {offsetof(struct calendar, day), {0, 0x32, 0x1c}},
        {offsetof(struct calendar, month), {0, 0x13, 0x0a}},
        {offsetof(struct calendar, year), {0xa0, 0x0a, 0xff}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
        for (size_t k = 0; k < 3; k++) {
            c = good;
            ((uint8_t *)&c)[fields[i].at] = fields[i].bad[k];
            assert_false(calendar_seconds(&c, &seconds));
        }
    }
    c = show(951782400, H24, true); /* 2000-02-29 */
    c.year = 0x01;
    assert_false(calendar_seconds(&c, &seconds));
    c = show(951782400, H24, true);
    c.century = 0x21; /* 2100 is no leap year */
    assert_false(calendar_seconds(&c, &seconds));
    c = show(1790000000, 0, true);
    c.hour = 0; /* of twelve */
    assert_false(calendar_seconds(&c, &seconds));
    c.hour = 0x13;
    assert_false(calendar_seconds(&c, &seconds));
}

/* Looks narrow the time down, drift is followed by the least step, a leap at once. */
static void settling(void **state)
{
    (void)state;
    const int64_t second = (int64_t)NSEC_PER_SEC;
    assert_int_equal(calendar_settle(INT64_MIN, 100), 100 * second);
    assert_int_equal(calendar_settle(100 * second + 5, 100), 100 * second + 5);
    assert_int_equal(calendar_settle(100 * second - 1, 100), 100 * second);
    assert_int_equal(calendar_settle(101 * second, 100), 101 * second - 1);
    assert_int_equal(calendar_settle(101 * second, 160), 160 * second); /* it was stopped */
    assert_int_equal(calendar_settle(900 * second, 160), 161 * second - 1);
    /* A look each 1.001 s at a calendar that is 0.7 s into its second at the start. */
    int64_t offset = calendar_settle(INT64_MIN, 50) - 50 * second;
    for (int64_t i = 0; i < 1000; i++) {
        int64_t real = 50 * second + 700000000 + i * 1001000000;
        int64_t estimate = calendar_settle(real - 700000000 + offset, real / second);
        offset = estimate - (real - 700000000);
    }
    assert_in_range(offset, 699000000, 700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_c_library_has_it),
        cmocka_unit_test(strange_centuries),
        cmocka_unit_test(no_time_at_all),
        cmocka_unit_test(settling),
    };
    return RUN(tests);
}
