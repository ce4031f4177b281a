/* SPDX-License-Identifier: MIT */
/* Much data over a card that cuts segments: long ones are made, fit every window, and what is lost
 * of one does not bring all of it again. */
#include "wire.h"

#define SIZE  4000000u
#define AHEAD 65536u /* the stream's bytes repeat after so many and a few, so its parts differ */
#define TURN  65521u

static struct sock *listener, *out, *in;
static uint8_t pattern[AHEAD + TURN];
static struct lent lent = {.bytes = pattern};
static uint32_t sent, got, read_at_once = 30000;

static bool accepted(void)
{
    return b.net->accept(listener, &in) == CTX_OK;
}

static void begin(uint32_t does)
{
    struct net_address any = at(2, 80), to = any;
    wire_does = does;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    for (uint32_t i = 0; i < sizeof pattern; i++) {
        pattern[i] = i < TURN ? (uint8_t)rng_next(&dice) : pattern[i - TURN];
    }
    memset(any.bytes, 0, sizeof any.bytes);
    assert_int_equal(b.net->open(&b.owner, NET_TCP, &listener), CTX_OK);
    assert_int_equal(b.net->bind(listener, &any), CTX_OK);
    assert_int_equal(b.net->listen(listener, 10), CTX_OK);
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &out), CTX_OK);
    assert_int_equal(a.net->connect(out, &to), CTX_OK);
    assert_true(wire_until(accepted, 10000));
}

static void write_some(void)
{
    uint32_t count = 0, at = sent % TURN, len = SIZE - sent < AHEAD ? SIZE - sent : AHEAD;
    if (len == 0) {
        return;
    }
    len = (uint32_t)rng_below(&dice, len) + 1;
    ctx_status status = rng_below(&dice, 2) == 0 ? a.net->send(out, pattern + at, len, &count)
                                                 : a.net->send_lent(out, &lent, at, len, &count);
    assert_true(status == CTX_OK || status == CTX_E_AGAIN);
    sent += count;
}

static void read_some(void)
{
    static uint8_t bytes[AHEAD];
    uint32_t count = 0;
    ctx_status status = b.net->receive(in, bytes, read_at_once, false, &count);
    assert_true(status == CTX_E_AGAIN || (status == CTX_OK && count > 0));
    if (status == CTX_OK) {
        assert_memory_equal(bytes, pattern + got % TURN, count);
        got += count;
    }
}

static bool all_there(void)
{
    write_some();
    read_some();
    return got == SIZE;
}

static void end(void)
{
    trouble = (struct trouble){0};
    a.net->close(out);
    b.net->close(in);
    b.net->close(listener);
    wire_pass(400000);
    assert_int_equal(lent.users, 0);
    assert_int_equal(a.owner.sockets, 0);
    assert_int_equal(a.owner.bytes, 0);
}

/* Few of them, each of many frames. */
static void all_is_long(void **state)
{
    (void)state;
    begin(CARD_SUMS | CARD_TSO4);
    assert_true(wire_until(all_there, 100000));
    assert_in_range(wire_long, SIZE / 64000, SIZE / 8000);
    end();
}

/* What is sent once more is little beside what was lost. */
static void loses(uint32_t of_thousand, uint64_t ms)
{
    begin(CARD_SUMS | CARD_TSO4);
    trouble.lost = of_thousand;
    uint64_t before = wire_bytes, begun = now_ms;
    assert_true(wire_until(all_there, ms));
    uint64_t more = wire_bytes - before - SIZE;
    print_message("lost %u of 1,000: %u ms, %u%% more\n", of_thousand, (unsigned)(now_ms - begun),
                  (unsigned)(more * 100 / SIZE));
    assert_in_range(wire_long, 5, SIZE / 1460);
    assert_in_range(more * 100 / SIZE, 0, 30);
    end();
}

static void loses_few(void **state)
{
    (void)state;
    loses(2, 600000);
}

static void loses_many(void **state)
{
    (void)state;
    loses(20, 6000000);
}

static void a_bad_wire(void **state)
{
    (void)state;
    begin(CARD_SUMS | CARD_TSO4 | CARD_TSO6);
    trouble = (struct trouble){.lost = 10, .doubled = 20, .late = 20, .late_ms = 100, .bent = 5};
    assert_true(wire_until(all_there, 6000000));
    end();
}

/* Its window is shut most of the time, and opens by less than a long segment. */
static void a_slow_reader(void **state)
{
    (void)state;
    begin(CARD_SUMS | CARD_TSO4);
    read_at_once = 3000;
    uint64_t begun = now_ms;
    while (!all_there()) {
        assert_in_range(now_ms - begun, 0, SIZE / 3000 * 3 * 2);
        wire_pass(3);
    }
    end();
}

/* The card has no room for most frames: they go a moment later, not when they are missed. */
static void no_room_for_frames(void **state)
{
    (void)state;
    begin(CARD_SUMS | CARD_TSO4);
    wire_full = 300;
    assert_true(wire_until(all_there, 100000));
    wire_full = 0;
    end();
}

/* None of them, and nothing is on its way that would bring an answer. */
static void no_room_at_all(void **state)
{
    uint32_t count = 0;
    (void)state;
    begin(CARD_SUMS | CARD_TSO4);
    wire_full = 1000;
    assert_int_equal(a.net->send(out, pattern, 20000, &count), CTX_OK);
    wire_full = 0;
    wire_pass(1); /* somebody calls */
    wire_pass(5);
    read_some();
    assert_in_range(got, 1, 20000);
    sent = got;
    end();
}

/* It does not cut them any more while many are on their way, some of them lost. */
static void does_less(void **state)
{
    (void)state;
    begin(CARD_SUMS | CARD_TSO4);
    trouble.lost = 5;
    while (got < SIZE / 2) {
        assert_true(now_ms < 1000000);
        (void)all_there();
        wire_pass(1);
    }
    wire_does = 0;
    a.net->card_does(a.card, 0);
    uint64_t before = wire_long;
    assert_true(wire_until(all_there, 1000000));
    assert_int_equal(wire_long, before);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_long),    cmocka_unit_test(loses_few),
        cmocka_unit_test(loses_many),     cmocka_unit_test(a_bad_wire),
        cmocka_unit_test(a_slow_reader),  cmocka_unit_test(no_room_for_frames),
        cmocka_unit_test(no_room_at_all), cmocka_unit_test(does_less),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
