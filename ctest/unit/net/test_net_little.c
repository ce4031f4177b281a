/* SPDX-License-Identifier: MIT */
/* A peer by hand, at a's wire, that takes or sends little at a time: what that costs is bounded,
 * paid for by who talks to it, and arrives. */
#include "peer.h"

#define MINUTES 600000u

static struct sock *listening, *s;
static uint32_t next; /* the peer's number */
static uint32_t longest, segments, got;
static bool greeted, answers;
static uint8_t bytes[60000];

static void by_peer(const uint8_t *frame, uint32_t len)
{
    uint32_t data = 0;
    const uint8_t *tcp = peer_hears(frame, len, &data);
    if (tcp == NULL) {
        return;
    }
    if ((tcp[13] & SYN) != 0) {
        peer_seen = get32(tcp + 4) + 1;
        greeted = true;
        return;
    }
    longest = data > longest ? data : longest;
    segments += data > 0;
    if (data > 0 && get32(tcp + 4) == peer_seen && data <= peer_window) {
        assert_memory_equal(tcp + (tcp[12] >> 4) * 4, bytes + got % sizeof bytes, data);
        got += data;
        peer_seen += data;
    }
    if (data > 0 && answers) {
        peer_says(next, ACK, NULL, 0, NULL, 0);
    }
}

static bool is_greeted(void)
{
    return greeted;
}

static bool is_accepted(void)
{
    return a.net->accept(listening, &s) == CTX_OK;
}

static void come(const char *options, uint32_t options_len)
{
    greeted = false;
    next = 7000;
    peer_says(next++, SYN, options, options_len, NULL, 0);
    assert_true(wire_until(is_greeted, 1000));
    peer_says(next, ACK, NULL, 0, NULL, 0);
    assert_true(wire_until(is_accepted, 1000));
}

static void begin(const char *options, uint32_t options_len, uint32_t window)
{
    struct net_address any = at(1, PORT);
    memset(any.bytes, 0, sizeof any.bytes);
    b.deaf = true;
    heard = by_peer;
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)rng_next(&dice);
    }
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &listening), CTX_OK);
    assert_int_equal(a.net->bind(listening, &any), CTX_OK);
    assert_int_equal(a.net->listen(listening, 10), CTX_OK);
    peer_window = window;
    come(options, options_len);
}

/* As many as it takes, in pieces of any size. */
static uint32_t send_some(uint32_t from, uint32_t most)
{
    uint32_t sent = 0;
    for (int i = 0; i < 200 && sent < most; i++) {
        uint32_t count = 0, at = (from + sent) % sizeof bytes, left = (uint32_t)sizeof bytes - at;
        left = left < most - sent ? left : most - sent;
        ctx_status status =
            a.net->send(s, bytes + at, (uint32_t)rng_below(&dice, left) + 1, &count);
        assert_true(status == CTX_OK || status == CTX_E_AGAIN);
        /* Who is told that there is room finds some. */
        assert_true(count > 0 || (a.net->what(s) & NET_WRITE) == 0);
        sent += count;
    }
    return sent;
}

static bool has_all(void)
{
    static uint32_t sent;
    sent += send_some(sent, 50000 - sent > 5000 ? 5000 : 50000 - sent);
    return got == 50000;
}

/* Of a segment of one byte each. */
static void asks_for_segments_of_a_byte(void **state)
{
    (void)state;
    begin("\2\4\0\1", 4, 65535);
    uint64_t before = a.net->memory(), paid = a.owner.bytes;
    uint32_t sent = send_some(0, sizeof bytes);
    assert_in_range(sent, 20000, sizeof bytes);
    assert_in_range(a.net->memory() - before, sent, (a.owner.bytes - paid) * 2);
    assert_in_range(a.net->memory() - before, sent, sent * 3);
}

/* The same while it talks, and it talks to its end. */
static void and_gets_what_it_asked_for(void **state)
{
    (void)state;
    begin("\1\2\4\0\1\1\1\0", 8, 65535);
    answers = true;
    assert_true(wire_until(has_all, MINUTES));
    assert_int_equal(longest, 216);
    assert_in_range(segments, 50000 / 216, 50000 / 216 * 2);
}

/* What it said first is so. */
static void changes_its_mind(void **state)
{
    (void)state;
    begin("\2\4\5\xb4", 4, 65535);
    uint32_t sent = send_some(0, 3000); /* whole ones are on their way */
    peer_says(next, ACK, "\1\1\2\4\0\1\1\1\2\4\0\1", 12, NULL, 0);
    wire_pass(10);
    segments = longest = 0;
    answers = true;
    (void)send_some(sent, 40000);
    wire_pass(MINUTES);
    assert_int_equal(longest, 1460);
}

/* It has no room at first, and then for two bytes. */
static void has_room_for_two_bytes(void **state)
{
    (void)state;
    begin("\2\4\5\xb4", 4, 0);
    uint32_t sent = send_some(0, 1000);
    assert_int_equal(sent, 1000);
    peer_window = 2;
    peer_says(next, ACK, NULL, 0, NULL, 0);
    wire_pass(10);
    uint64_t before = a.net->memory(), paid = a.owner.bytes;
    sent += send_some(sent, 40000);
    assert_in_range(a.net->memory() - before, 1, (a.owner.bytes - paid) * 3 / 2 + 4096);
    answers = true;
    wire_pass(60000);
    assert_in_range(got, 2, sent);
    peer_window = 20000;
    peer_says(next, ACK, NULL, 0, NULL, 0);
    wire_pass(MINUTES);
    assert_int_equal(got, sent);
}

/* It never has more than for twenty. */
static void has_little_room(void **state)
{
    (void)state;
    begin("\2\4\5\xb4", 4, 20);
    uint64_t before = a.net->memory(), paid = a.owner.bytes;
    uint32_t sent = send_some(0, 40000);
    assert_in_range(sent, 1000, 40000);
    assert_in_range(a.net->memory() - before, sent, (a.owner.bytes - paid) * 3 / 2);
    answers = true;
    wire_pass(MINUTES);
    assert_int_equal(got, sent);
    assert_int_equal(a.owner.bytes, paid);
}

/* Nobody reads. */
static void sends_a_byte_at_a_time(void **state)
{
    uint32_t count = 0, put = 0;
    (void)state;
    begin("\2\4\5\xb4", 4, 65535);
    uint64_t before = a.net->memory();
    for (uint32_t len; put < 60000; put += len) {
        len = rng_below(&dice, 100) == 0 ? 300 : 1;
        len = put + len > 60000 ? 60000 - put : len;
        peer_says(next, ACK, NULL, 0, bytes + put, len);
        next += len;
        wire_pass(1);
    }
    wire_pass(10);
    assert_in_range(a.net->memory() - before, put, put * 2);
    uint8_t back[7000];
    for (uint32_t at = 0; at < put; at += count) {
        count = 0;
        assert_int_equal(
            a.net->receive(s, back, 1 + (uint32_t)rng_below(&dice, sizeof back), false, &count),
            CTX_OK);
        assert_memory_equal(back, bytes + at, count);
    }
    assert_in_range(a.net->memory(), 1, before + 1024);
}

/* Hundreds each leave out the first byte of much. */
static void leave_out_the_first(void **state)
{
    uint64_t most = 0;
    (void)state;
    begin("\2\4\5\xb4\3\3\0\0", 8, 65535);
    for (uint32_t i = 0; i < 300; i++) {
        peer_port++;
        come("\2\4\5\xb4\3\3\0\0", 8);
        for (uint32_t k = 0; k < 170; k++) {
            peer_says(next + 1 + k * 1460, ACK, NULL, 0, bytes, 1460);
        }
        wire_pass(2);
        most = a.net->memory() > most ? a.net->memory() : most;
    }
    assert_in_range(most, 40 << 20, 50 << 20); /* of 64 MiB */
    uint32_t count = 0;
    peer_says(next, ACK, NULL, 0, bytes, 1);
    wire_pass(2);
    assert_int_equal(a.net->receive(s, bytes, sizeof bytes, false, &count), CTX_OK);
    assert_in_range(count, 1, 170 * 1460 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_segments_of_a_byte),
        cmocka_unit_test(and_gets_what_it_asked_for),
        cmocka_unit_test(changes_its_mind),
        cmocka_unit_test(has_room_for_two_bytes),
        cmocka_unit_test(has_little_room),
        cmocka_unit_test(sends_a_byte_at_a_time),
        cmocka_unit_test(leave_out_the_first),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
