/* SPDX-License-Identifier: MIT */
/* What time it is, asked of another machine that answers, lies, or keeps quiet. */
#include "wire.h"

#define NS      INT64_C(1000000000)
#define TO_UNIX UINT64_C(2208988800)
#define Y2026   INT64_C(1767225600)

/* How it answers. */
static struct {
    uint8_t first, stratum;
    uint32_t delay; /* seconds to the clock that knows */
    int64_t unix_s; /* the time there, when now_ms was 0 */
    uint32_t held;  /* so many seconds lie between what it heard and what it says */
    bool quiet, stranger, twice, torn, backwards;
} how;

static struct sock *server;
static uint32_t asked;
static uint8_t last_cookie[8];

static void put_word(uint8_t *p, uint64_t value)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static void put_time(uint8_t *p, int64_t unix_s, uint64_t ms)
{
    put_word(p, (uint64_t)unix_s + ms / 1000 + TO_UNIX);
    put_word(p + 4, (ms % 1000 << 32) / 1000);
}

static void answer(void)
{
    uint8_t m[128] = {0};
    uint32_t len = 0;
    struct net_address from = {.size = sizeof from};
    while (b.net->receive_from(server, m, sizeof m, &len, &from) == CTX_OK) {
        asked++;
        assert_int_equal(len, 48);
        assert_int_equal(m[0], 4 << 3 | 3);
        for (int i = 1; i < 40; i++) {
            assert_int_equal(m[i], 0); /* it tells nothing of itself */
        }
        assert_memory_not_equal(m + 40, last_cookie, 8);
        memcpy(last_cookie, m + 40, 8);
        if (how.quiet) {
            continue;
        }
        m[0] = how.first;
        m[1] = how.stratum;
        put_word(m + 4, (uint64_t)how.delay << 16);
        memcpy(m + 24, m + 40, 8);
        m[24] ^= how.stranger;
        put_time(m + 32, how.unix_s + (how.backwards ? 5 : 0), now_ms);
        put_time(m + 40, how.unix_s + how.held, now_ms);
        for (int i = how.twice ? 2 : 1; i > 0; i--) {
            (void)b.net->send_to(server, m, how.torn ? 47 : 48, &from);
        }
    }
}

static bool is_told(void)
{
    answer();
    return a.times > 0;
}

static bool is_asked_often(void)
{
    answer();
    return asked >= 5;
}

static void begin(const char *words)
{
    how.first = 4 << 3 | 4;
    how.stratum = 2;
    how.unix_s = Y2026;
    struct net_address own = at(2, 1123);
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    assert_int_equal(b.net->open(&b.owner, NET_UDP, &server), CTX_OK);
    assert_int_equal(b.net->bind(server, &own), CTX_OK);
    assert_true(a.net->ntp(words));
}

static void says(void (*lie)(void), const char *why)
{
    begin("10.0.0.2:1123");
    lie();
    assert_false(wire_until(is_told, 10000));
    assert_true(asked >= 1);
    assert_int_equal(a.net->clock(), 0);
    assert_non_null(strstr(a.said, why));
}

static void it_is_told_and_asked_again(void **state)
{
    (void)state;
    begin("10.0.0.2:1123");
    assert_int_equal(a.net->clock(), NET_CLOCK_SETTLING);
    assert_true(wire_until(is_told, 1000));
    int64_t due = Y2026 * NS + (int64_t)now_ms * 1000000;
    assert_in_range(a.time_ns - due + 1000, 0, 2 * 1000000); /* the wire takes a millisecond */
    assert_int_equal(a.net->clock(), NET_CLOCK);
    assert_int_equal(asked, 1);
    a.times = 0;
    how.twice = true; /* the second one is nobody's any more */
    assert_true(wire_until(is_told, 3900000 + 1000));
    wire_pass(1000);
    assert_int_equal(a.times, 1);
    assert_int_equal(asked, 2);
    now_ms += 86400000; /* a machine that slept asks at once */
    a.times = 0;
    assert_true(wire_until(is_told, 2000));
}

static void a_bad_way(void **state)
{
    (void)state;
    trouble =
        (struct trouble){.lost = 300, .doubled = 200, .late = 300, .bent = 200, .late_ms = 900};
    begin("10.0.0.2:1123,10.0.0.2:1123");
    assert_true(wire_until(is_told, 600000));
    assert_in_range(a.time_ns - Y2026 * NS - (int64_t)now_ms * 1000000 + NS, 0, 2 * NS);
}

static void no_answer(void)
{
    how.quiet = true;
}

static void nobody_answers(void **state)
{
    (void)state;
    says(no_answer, "time server 10.0.0.2 does not answer");
    uint64_t begun = now_ms;
    assert_true(wire_until(is_asked_often, 2000000)); /* less and less often */
    assert_true(now_ms - begun > 100000);
    how.quiet = false;
    assert_true(wire_until(is_told, 1100000));
}

static void not_synchronized(void)
{
    how.first = 3 << 6 | 4 << 3 | 4;
}

static void far_from_a_clock(void)
{
    how.stratum = 16;
}

static void very_late(void)
{
    how.delay = 17;
}

static void kisses(void)
{
    how.stratum = 0;
}

static void old_times(void)
{
    how.unix_s = INT64_C(1000000000);
}

static void before_it_heard(void)
{
    how.backwards = true;
}

static void held_it(void)
{
    how.held = 100;
}

static void another_ones(void)
{
    how.stranger = true;
}

static void half_of_it(void)
{
    how.torn = true;
}

static void a_question(void)
{
    how.first = 4 << 3 | 3;
}

static void it_does_not_know_itself(void **state)
{
    (void)state;
    says(not_synchronized, "does not know the time itself");
}

static void it_is_far_from_a_clock(void **state)
{
    (void)state;
    says(far_from_a_clock, "does not know the time itself");
}

static void its_clock_is_far_away(void **state)
{
    (void)state;
    says(very_late, "does not know the time itself");
}

static void it_does_not_want(void **state)
{
    (void)state;
    says(kisses, "does not want to be asked");
}

static void it_is_in_2001(void **state)
{
    (void)state;
    says(old_times, "says a time that can not be");
}

static void it_said_it_before_it_heard(void **state)
{
    (void)state;
    says(before_it_heard, "says a time that can not be");
}

static void it_held_the_answer(void **state)
{
    (void)state;
    says(held_it, "says a time that can not be");
}

static void the_answer_is_another_ones(void **state)
{
    (void)state;
    says(another_ones, "does not answer");
}

static void the_answer_is_cut(void **state)
{
    (void)state;
    says(half_of_it, "does not answer");
}

static void it_asks_itself(void **state)
{
    (void)state;
    says(a_question, "does not answer");
}

static void another_one_knows(void **state)
{
    (void)state;
    begin("none.test,10.0.0.77,10.0.0.2:7,10.0.0.2:1123");
    assert_true(wire_until(is_told, 30000));
    assert_non_null(strstr(a.said, "none.test has no address"));
    assert_non_null(strstr(a.said, "10.0.0.77 "));
    assert_int_equal(a.net->clock(), NET_CLOCK);
}

static void words_for_servers(void **state)
{
    static const char *const bad[] = {",",    "a,",   "a:",      "a:0",  "a:65536",
                                      "a:1x", "[::1", "[::1]1",  "a,,b", "a,b,c,d,e",
                                      "[]:1", ":123", "a:123456"};
    static const char *const good[] = {"", "a", "a:1", "::1", "[::1]:65535", "a,b,c,10.0.0.1:5"};
    (void)state;
    begin("");
    assert_int_equal(a.net->clock(), 0); /* nobody is to be asked */
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(a.net->ntp(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(a.net->ntp(bad[i]));
    }
    assert_int_equal(a.net->clock(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_told_and_asked_again),
        cmocka_unit_test(a_bad_way),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(it_does_not_know_itself),
        cmocka_unit_test(it_is_far_from_a_clock),
        cmocka_unit_test(its_clock_is_far_away),
        cmocka_unit_test(it_does_not_want),
        cmocka_unit_test(it_is_in_2001),
        cmocka_unit_test(it_said_it_before_it_heard),
        cmocka_unit_test(it_held_the_answer),
        cmocka_unit_test(the_answer_is_another_ones),
        cmocka_unit_test(the_answer_is_cut),
        cmocka_unit_test(it_asks_itself),
        cmocka_unit_test(another_one_knows),
        cmocka_unit_test(words_for_servers),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
