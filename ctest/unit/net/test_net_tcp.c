/* SPDX-License-Identifier: MIT */
/* Connections over a bad wire: what is sent arrives, whole and once, and nothing stays behind. */
#include "connection.h"

#define SIZE 300000u

static struct {
    uint32_t sent, got;
    uint64_t sent_sum, got_sum;
    bool ended;
} way[2];

static uint64_t sum_of(uint64_t sum, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    }
    return sum;
}

/* Some of it each way, in pieces of any size. */
static void move(struct machine *m, struct sock *s, int way_out)
{
    static uint8_t bytes[20000];
    uint32_t count = 0, n = (uint32_t)rng_below(&dice, sizeof bytes) + 1;
    if (s == NULL) {
        return;
    }
    n = SIZE - way[way_out].sent < n ? SIZE - way[way_out].sent : n;
    for (uint32_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)rng_next(&dice);
    }
    if (n > 0) {
        ctx_status status = m->net->send(s, bytes, n, &count);
        assert_true(status == CTX_OK || status == CTX_E_AGAIN);
        way[way_out].sent += count;
        way[way_out].sent_sum = sum_of(way[way_out].sent_sum, bytes, count);
        if (way[way_out].sent == SIZE) {
            assert_int_equal(m->net->shutdown(s, NET_END_WRITE), CTX_OK);
        }
    }
    n = (uint32_t)rng_below(&dice, sizeof bytes) + 1;
    if (way[!way_out].ended) {
        return;
    }
    ctx_status status = m->net->receive(s, bytes, n, false, &count);
    assert_true(status == CTX_OK || status == CTX_E_AGAIN);
    way[!way_out].ended = status == CTX_OK && count == 0;
    way[!way_out].got += count;
    way[!way_out].got_sum = sum_of(way[!way_out].got_sum, bytes, count);
}

static bool all_there(void)
{
    if (in == NULL) {
        (void)accepted();
    }
    move(&a, a.net->what(out) != 0 ? out : NULL, 0);
    move(&b, in, 1);
    return way[0].ended && way[1].ended;
}

static void transfer(struct trouble t)
{
    uint64_t begun[2];
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000); /* names, neighbours, IPv6 */
    begun[0] = a.net->memory();
    begun[1] = b.net->memory();
    trouble = t;
    listen_at(2, 80);
    connect_to(2, 80);
    assert_true(wire_until(all_there, 3600000));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(way[i].sent, SIZE);
        assert_int_equal(way[i].got, SIZE);
        assert_true(way[i].sent_sum == way[i].got_sum);
    }
    trouble = (struct trouble){0};
    a.net->close(out);
    b.net->close(in);
    b.net->close(listener);
    wire_pass(400000); /* what has ended, and neighbours, are forgotten */
    assert_int_equal(a.owner.sockets + b.owner.sockets, 0);
    assert_int_equal(a.owner.bytes + b.owner.bytes, 0);
    assert_in_range(a.net->memory(), 1, begun[0]);
    assert_in_range(b.net->memory(), 1, begun[1]);
}

static void good(void **state)
{
    (void)state;
    transfer((struct trouble){0});
    assert_in_range(now_ms, 0, 1000 + 30000 + 400000 + 5000);
}

static void loses(void **state)
{
    (void)state;
    transfer((struct trouble){.lost = 80});
}

static void doubles(void **state)
{
    (void)state;
    transfer((struct trouble){.doubled = 300});
}

static void reorders(void **state)
{
    (void)state;
    transfer((struct trouble){.late = 300, .late_ms = 60});
}

static void delays(void **state)
{
    (void)state;
    transfer((struct trouble){.late = 1000, .late_ms = 900});
}

static void corrupts(void **state)
{
    (void)state;
    transfer((struct trouble){.bent = 60});
}

static void all_of_it(void **state)
{
    (void)state;
    transfer((struct trouble){.lost = 30, .doubled = 50, .late = 100, .late_ms = 200, .bent = 20});
}

/* The card makes sums and cuts segments; the other end looks at each. */
static void a_card_that_does_more(void **state)
{
    (void)state;
    wire_does = CARD_SUMS | CARD_TSO4 | CARD_TSO6;
    transfer((struct trouble){0});
    assert_in_range(wire_long, 10, 1000);
}

static void a_card_that_does_more_on_a_bad_wire(void **state)
{
    (void)state;
    wire_does = CARD_SUMS | CARD_TSO4 | CARD_TSO6;
    transfer((struct trouble){.lost = 30, .doubled = 50, .late = 100, .late_ms = 200, .bent = 20});
    assert_in_range(wire_long, 2, 1000);
}

static void a_card_that_makes_sums(void **state)
{
    (void)state;
    wire_does = CARD_SUMS;
    transfer((struct trouble){.lost = 30});
    assert_int_equal(wire_long, 0);
}

/* In the middle it does not any more. */
static void a_card_that_does_less(void **state)
{
    static uint8_t bytes[60000];
    uint32_t count = 0, got = 0, sent = 0;
    (void)state;
    wire_does = CARD_SUMS | CARD_TSO4;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    listen_at(2, 80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    trouble.lost = 1000;
    assert_int_equal(a.net->send(out, bytes, sizeof bytes, &count), CTX_OK);
    sent += count;
    wire_pass(10);
    trouble.lost = 0;
    wire_does = 0;
    a.net->card_does(a.card, 0);
    assert_int_equal(a.net->send(out, bytes, sizeof bytes, &count), CTX_OK);
    sent += count;
    uint64_t before = wire_long;
    for (int i = 0; i < 2000 && got < sent; i++) {
        count = 0;
        (void)b.net->receive(in, bytes, sizeof bytes, false, &count);
        got += count;
        wire_pass(10);
    }
    assert_int_equal(got, sent);
    assert_int_equal(wire_long, before);
}

static bool opened(void)
{
    struct net_socket_info info = {.size = sizeof info};
    a.net->info(out, &info);
    return info.state != NET_OPENING;
}

static ctx_status error_of(const struct machine *m, struct sock *s)
{
    struct net_socket_info info = {.size = sizeof info};
    m->net->info(s, &info);
    return info.error;
}

static void errors_have_names(void **state)
{
    uint32_t count = 0;
    uint8_t byte = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    connect_to(2, 81); /* nobody listens */
    assert_true(wire_until(opened, 10000));
    assert_int_equal(error_of(&a, out), CTX_E_REFUSED);
    assert_int_equal(a.net->receive(out, &byte, 1, false, &count), CTX_E_REFUSED);
    a.net->close(out);
    connect_to(3, 80); /* nobody is there */
    assert_true(wire_until(opened, 200000));
    assert_int_equal(error_of(&a, out), CTX_E_TIMEDOUT);
    a.net->close(out);
    struct net_address away = at(1, 80);
    memcpy(away.bytes, "\x08\x08\x08\x08", 4); /* no gateway */
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &out), CTX_OK);
    a.net->card_link(a.card, false);
    assert_int_equal(a.net->connect(out, &away), CTX_E_UNREACHABLE);
    a.net->close(out);
    a.net->card_link(a.card, true);
    listen_at(2, 80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    b.net->spoil(in);
    b.net->close(in);
    wire_pass(100);
    assert_int_equal(a.net->receive(out, &byte, 1, false, &count), CTX_E_RESET);
    assert_int_equal(a.net->send(out, &byte, 1, &count), CTX_E_RESET);
    a.net->close(out);
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &out), CTX_OK);
    struct net_address used = at(1, 5000);
    assert_int_equal(a.net->bind(out, &used), CTX_OK);
    struct sock *other = NULL;
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &other), CTX_OK);
    assert_int_equal(a.net->bind(other, &used), CTX_E_EXIST);
    used = at(9, 5001);
    assert_int_equal(a.net->bind(other, &used), CTX_E_UNREACHABLE);
    a.net->owner_end(&a.owner);
    assert_int_equal(a.owner.sockets, 0);
}

static void nobody_has_more_than_it_may(void **state)
{
    static uint8_t bytes[60000];
    uint32_t count = 0, all = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    b.owner.bytes_most = 50000;
    listen_at(2, 80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    for (int i = 0; i < 100; i++) { /* it does not read */
        count = 0;
        (void)a.net->send(out, bytes, sizeof bytes, &count);
        all += count;
        wire_pass(100);
        assert_in_range(b.owner.bytes, 0, 50000);
        assert_in_range(a.owner.bytes, 0, 270000);
    }
    assert_in_range(all, 50000, 600000); /* and so does not get more */
    uint32_t got = 0;
    while (got < all) {
        ctx_status status = b.net->receive(in, bytes, sizeof bytes, false, &count);
        got += count;
        assert_true(status == CTX_OK || status == CTX_E_AGAIN);
        wire_pass(300);
    }
    a.owner.sockets_most = a.owner.sockets;
    struct sock *other = NULL;
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &other), CTX_E_NOSPC);
}

static void a_machine_talks_to_itself(void **state)
{
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    b.net->card_link(b.card, false); /* no card is needed */
    for (int round = 0; round < 2; round++) {
        struct net_address loop = at(1, 80);
        memcpy(loop.bytes, round == 0 ? "\x7f\0\0\1" : "\x0a\0\0\2", 4);
        if (round == 1) {
            b.net->card_link(b.card, true);
        }
        struct sock *from = NULL;
        uint8_t bytes[5] = {0};
        uint32_t count = 0;
        listen_at(2, 80);
        assert_int_equal(b.net->open(&b.owner, NET_TCP, &from), CTX_OK);
        assert_int_equal(b.net->connect(from, &loop), CTX_OK);
        assert_true(wire_until(accepted, 1000));
        assert_int_equal(b.net->send(from, "hello", 5, &count), CTX_OK);
        wire_pass(5);
        assert_int_equal(b.net->receive(in, bytes, 5, true, &count), CTX_OK);
        assert_int_equal(b.net->receive(in, bytes, 5, false, &count), CTX_OK);
        assert_memory_equal(bytes, "hello", 5);
        assert_int_equal(b.net->receive(in, bytes, 5, false, &count), CTX_E_AGAIN);
        b.net->owner_end(&b.owner);
    }
}

#define SLOW 40

static struct sock *slow[SLOW];

static uint64_t send_all(struct sock *s)
{
    static uint8_t bytes[60000];
    uint64_t all = 0;
    uint32_t count = 0;
    while (b.net->send(s, bytes, sizeof bytes, &count) == CTX_OK && count > 0) {
        all += count;
    }
    return all;
}

/* Of those that read nothing each has what its own window takes, and no more of what their server
 * may keep than leaves some to who comes next. */
static void begin_slow(void)
{
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    b.owner.bytes_most = 1 << 20;
    listen_at(2, 80);
    for (uint32_t i = 0; i < SLOW; i++) {
        connect_to(2, 80);
        assert_true(wire_until(accepted, 10000));
        slow[i] = in;
        for (int k = 0; k < 40; k++) {
            send_all(in);
            wire_pass(5);
        }
    }
    for (int k = 0; k < 100; k++) {
        for (uint32_t i = 0; i < SLOW; i++) {
            send_all(slow[i]);
        }
        wire_pass(20);
    }
}

static void those_that_do_not_read_leave_room_for_others(void **state)
{
    static uint8_t bytes[60000];
    (void)state;
    begin_slow();
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    uint64_t sent = 0, got = 0, begun = now_ms;
    while (got < 1000000) {
        uint32_t count = 0;
        sent += send_all(in);
        assert_in_range(b.owner.bytes, 0, (1 << 20) + 224); /* the last one may be short */
        wire_pass(5);
        (void)a.net->receive(out, bytes, sizeof bytes, false, &count);
        got += count;
        assert_in_range(now_ms - begun, 0, 60000);
    }
    assert_true(sent >= got);
}

/* The other way: what comes, and is not read, is no more of it either. */
static void those_that_send_leave_room_for_others(void **state)
{
    static uint8_t bytes[60000];
    struct sock *ends[SLOW];
    uint32_t count = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    b.owner.bytes_most = 1 << 20;
    listen_at(2, 80);
    for (uint32_t i = 0; i < SLOW; i++) {
        connect_to(2, 80);
        assert_true(wire_until(accepted, 10000));
        ends[i] = out;
    }
    for (int k = 0; k < 100; k++) {
        for (uint32_t i = 0; i < SLOW; i++) {
            (void)a.net->send(ends[i], bytes, sizeof bytes, &count);
        }
        wire_pass(20);
    }
    assert_in_range(b.owner.bytes, 900000, 1 << 20);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    uint64_t got = 0, begun = now_ms;
    while (got < 1000000) {
        (void)a.net->send(out, bytes, sizeof bytes, &count);
        wire_pass(5);
        count = 0;
        (void)b.net->receive(in, bytes, sizeof bytes, false, &count);
        got += count;
        assert_in_range(b.owner.bytes, 0, 1 << 20);
        assert_in_range(now_ms - begun, 0, 120000);
    }
}

/* Who is done with them waits for what they have taken, but not for ever. */
static void closed_with_somebody_who_never_reads(void **state)
{
    (void)state;
    begin_slow();
    for (uint32_t i = 0; i < SLOW; i++) {
        b.net->close(slow[i]);
    }
    b.net->close(listener);
    wire_pass(10000);
    assert_true(b.owner.bytes > 0); /* it may read yet */
    wire_pass(900000);
    assert_int_equal(b.owner.bytes, 0);
    assert_int_equal(b.owner.sockets, 0);
}

/* Both ends send and neither reads: then they are silent, but for a question now and then. */
static void nobody_reads(void **state)
{
    static uint8_t bytes[60000];
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    listen_at(2, 80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    for (int i = 0; i < 100; i++) {
        uint32_t count = 0;
        (void)a.net->send(out, bytes, sizeof bytes, &count);
        (void)b.net->send(in, bytes, sizeof bytes, &count);
        wire_pass(50);
    }
    wire_pass(5000);
    uint64_t before = wire_frames;
    wire_pass(20000);
    assert_in_range(wire_frames - before, 0, 300);
    wire_pass(900000); /* but it stays open: each question has its answer */
    struct net_socket_info info = {.size = sizeof info};
    a.net->info(out, &info);
    assert_int_equal(info.state, NET_OPEN);
    b.net->info(in, &info);
    assert_int_equal(info.state, NET_OPEN);
    /* And over loopback it ends at all. */
    struct net_address loop = at(1, 80);
    memcpy(loop.bytes, "\x7f\0\0\1", 4);
    struct sock *from = NULL;
    assert_int_equal(b.net->open(&b.owner, NET_TCP, &from), CTX_OK);
    assert_int_equal(b.net->connect(from, &loop), CTX_OK);
    assert_true(wire_until(accepted, 1000));
    for (int i = 0; i < 50; i++) {
        uint32_t count = 0;
        (void)b.net->send(from, bytes, sizeof bytes, &count);
        (void)b.net->send(in, bytes, sizeof bytes, &count);
        wire_pass(10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(loses),
        cmocka_unit_test(doubles),
        cmocka_unit_test(reorders),
        cmocka_unit_test(delays),
        cmocka_unit_test(corrupts),
        cmocka_unit_test(all_of_it),
        cmocka_unit_test(a_card_that_does_more),
        cmocka_unit_test(a_card_that_does_more_on_a_bad_wire),
        cmocka_unit_test(a_card_that_makes_sums),
        cmocka_unit_test(a_card_that_does_less),
        cmocka_unit_test(errors_have_names),
        cmocka_unit_test(nobody_has_more_than_it_may),
        cmocka_unit_test(those_that_do_not_read_leave_room_for_others),
        cmocka_unit_test(those_that_send_leave_room_for_others),
        cmocka_unit_test(closed_with_somebody_who_never_reads),
        cmocka_unit_test(nobody_reads),
        cmocka_unit_test(a_machine_talks_to_itself),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
