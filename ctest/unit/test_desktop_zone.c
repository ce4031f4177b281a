/* SPDX-License-Identifier: MIT */
/* Where people live: apps/desktop/zone.c beside this machine's own localtime. */
#include "../../apps/desktop/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define YEAR (INT64_C(31556952))
#define HOUR 3600

static uint64_t seed = 1;

static uint32_t any(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static int32_t ahead_here(int64_t unix_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;
    assert_non_null(localtime_r(&t, &tm));
    return (int32_t)tm.tm_gmtoff;
}

static void expect_ahead(const struct zone *z, const char *rule, int64_t t)
{
    if (zone_at(z, t) != ahead_here(t)) {
        fail_msg("%s at %lld: %d, not %d", rule, (long long)t, zone_at(z, t), ahead_here(t));
    }
}

/* At moments of 230 years, and on both sides of each change of 130 of them. */
static void compare(const char *rule)
{
    struct zone z;
    assert_true(zone_read(rule, &z));
    assert_int_equal(setenv("TZ", rule, 1), 0);
    tzset();
    for (int32_t i = 0; i < 400; i++) {
        expect_ahead(&z, rule, (int64_t)any(4000000000u) + (int64_t)any(3260000000u));
    }
    int64_t t = 0, next = 0;
    for (int32_t i = 0; i < 260 && (next = zone_next(&z, t)) != INT64_MAX; i++, t = next) {
        assert_true(next > t && next - t < 2 * YEAR);
        expect_ahead(&z, rule, next - 1);
        expect_ahead(&z, rule, next);
        assert_int_not_equal(zone_at(&z, next - 1), zone_at(&z, next));
        for (int32_t n = 0; n < 4; n++) { /* and none in between */
            int64_t between = t + (int64_t)any((uint32_t)(next - t));
            assert_int_equal(zone_at(&z, between), zone_at(&z, next - 1));
        }
    }
}

static void places_as_here(void **state)
{
    (void)state;
    uint32_t with_rules = 0, with_summer = 0;
    for (uint32_t i = 0; i < ZONES; i++) {
        const struct zone_entry *e = &zone_list[i];
        struct zone z;
        assert_true(zone_read(e->name, &z));
        assert_int_equal(zone_find(e->name), i);
        assert_true(strlen(e->name) < ZONE_ROOM);
        if (e->rule != NULL) {
            struct zone same;
            assert_true(zone_read(e->rule, &same));
            assert_memory_equal(&z, &same, sizeof z);
            compare(e->rule);
            with_rules++;
            with_summer += z.has_summer != 0;
        }
    }
    assert_true(with_rules > 100 && with_summer > 50);
}

/* None with changes beside the year's end: what this machine makes of those is wrong. */
static void other_rules_as_here(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "<-03>3<-02>,M3.5.0/-1,M10.5.0/0",
        "XXX-23:59:59YYY-22,J60/25,J300/-30",
        "AAA0BBB,59,300/167",
        "AAA0BBB,J59/0:0:1,J365/24",
        "AAA12BBB11:30:15,5/0,J360/23",
        "CET-1CEST,M2.5.6/-167,M12.1.1/167",
    };
    for (uint32_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        compare(rules[i]);
    }
}

/* The last Sundays of March and October 2026, one o'clock UTC. */
static void the_instants(void **state)
{
    (void)state;
    struct zone z;
    assert_true(zone_read("Europe/Berlin", &z));
    assert_int_equal(zone_next(&z, 1772323200), 1774746000);
    assert_int_equal(zone_at(&z, 1774745999), HOUR);
    assert_int_equal(zone_at(&z, 1774746000), 2 * HOUR);
    assert_int_equal(zone_next(&z, 1774746000), 1792890000);
    assert_int_equal(zone_at(&z, 1792889999), 2 * HOUR);
    assert_int_equal(zone_at(&z, 1792890000), HOUR);
    assert_true(zone_read("+5:45", &z));
    assert_int_equal(zone_at(&z, 1774746000), 20700);
    assert_true(zone_next(&z, 0) == INT64_MAX);
}

/* Whoever asks for other times than there are gets an answer. */
static void far_away(void **state)
{
    (void)state;
    static const int64_t all[] = {
        INT64_MIN, INT64_MIN + 1,         -INT64_C(62135596800), -1,
        0,         INT64_C(253402300800), INT64_MAX - 1,         INT64_MAX};
    struct zone z;
    assert_true(zone_read("Pacific/Chatham", &z));
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int32_t ahead = zone_at(&z, all[i]);
        assert_true(ahead == z.usual || ahead == z.summer);
        assert_true(zone_next(&z, all[i]) > all[i] || all[i] == INT64_MAX);
    }
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t usual; /* 1: it is none */
    } all[] = {{"+2:00", 7200},
               {"-3:30", -12600},
               {"5", 18000},
               {"0", 0},
               {"14:59", 53940},
               {"EST5", -18000},
               {"<+0845>-8:45", 31500},
               {"UTC0", 0},
               {"ABC-1:02:03", 3723},
               {"", 1},
               {"+", 1},
               {"15", 1},
               {"2:60", 1},
               {"2:", 1},
               {"+2 ", 1},
               {"nowhere", 1},
               {"Europe/", 1},
               {"europe/berlin", 1},
               {"ES5", 1},
               {"EST", 1},
               {"EST24", 1},
               {"EST5ED", 1},
               {"EST5EDT,", 1},
               {"EST5EDT,M3.2.0", 1},
               {"EST5EDT,M3.2.0,M11.1.0 ", 1},
               {"EST5EDT,M13.2.0,M11.1.0", 1},
               {"EST5EDT,M3.6.0,M11.1.0", 1},
               {"EST5EDT,M3.0.0,M11.1.0", 1},
               {"EST5EDT,M3.2.7,M11.1.0", 1},
               {"EST5EDT,J0,J5", 1},
               {"EST5EDT,J366,J5", 1},
               {"EST5EDT,366,5", 1},
               {"EST5EDT,M3.2.0/168,M11.1.0", 1},
               {"EST5EDT,M3.2.0/,M11.1.0", 1},
               {"<EST5", 1},
               {"<ES>5", 1},
               {"EST5:", 1},
               {"EST5:0:", 1},
               {"AAA-23BBB", 1}, /* a whole day ahead in summer */
               {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA5", 1},
               {"99999999999", 1},
               {"EST99999999999", 1}};
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct zone z = {.usual = 77}, kept = z;
        int good = zone_read(all[i].text, &z);
        if (good != (all[i].usual != 1) || (good && z.usual != all[i].usual)) {
            fail_msg("'%s': %d, %d", all[i].text, good, z.usual);
        }
        assert_true(good || memcmp(&z, &kept, sizeof z) == 0);
    }
    struct zone z, usa;
    assert_true(zone_read("AAA5BBB", &z) && zone_read("AAA5BBB,M3.2.0,M11.1.0", &usa));
    assert_memory_equal(&z, &usa, sizeof z);
    assert_int_equal(zone_find("5"), zone_find("+5:00"));
    assert_int_equal(zone_find("+5:01"), ZONES);
    assert_int_equal(zone_find("CET-1CEST,M3.5.0,M10.5.0/3"), ZONES);
}

/* Whatever is written there, within its bounds (the sanitizers look on). */
static void random_texts(void **state)
{
    (void)state;
    static const char letters[] = "EST5DM<>+-,./:J0123456789 z\x80";
    static const char whole[] = "EST5EDT,M3.2.0/2:00,M11.1.0";
    for (uint32_t i = 0; i < 200000; i++) {
        char text[40] = {0};
        struct zone z = {0};
        uint32_t len = any(sizeof text);
        for (uint32_t n = 0; n < len; n++) {
            text[n] = letters[any(sizeof letters - 1)];
        }
        if (i % 2 == 0) {
            memcpy(text, whole, sizeof whole);
            text[any(sizeof whole - 1)] = letters[any(sizeof letters - 1)];
        }
        if (zone_read(text, &z)) {
            assert_true(z.usual > -86400 && z.usual < 86400);
            assert_true(z.summer > -86400 && z.summer < 86400);
            (void)zone_next(&z, (int64_t)any(2000000000));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_as_here), cmocka_unit_test(other_rules_as_here),
        cmocka_unit_test(the_instants),   cmocka_unit_test(far_away),
        cmocka_unit_test(texts),          cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
