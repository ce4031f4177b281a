/* SPDX-License-Identifier: MIT */
/* Packets and names, with another machine. */
#include "wire.h"

static struct sock *one, *two;
static struct net_found found;
static ctx_status status;

static bool resolves_host(void)
{
    found = (struct net_found){.size = sizeof found};
    status = a.net->resolve(&a.owner, "host.test.", NET_ANY, &found);
    return status != CTX_E_AGAIN;
}

static bool resolves_b(void)
{
    found = (struct net_found){.size = sizeof found};
    status = a.net->resolve(&a.owner, "b.local", NET_IP4, &found);
    return status != CTX_E_AGAIN;
}

static bool one_hears(void)
{
    return (a.net->what(one) & NET_READ) != 0;
}

static bool two_hears(void)
{
    return (b.net->what(two) & NET_READ) != 0;
}

static void packets_of_any_size(void **state)
{
    static uint8_t bytes[9000], back[9000];
    struct net_address from = {.size = sizeof from}, to = at(2, 700), own = at(2, 700);
    uint32_t count = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    assert_int_equal(a.net->open(&a.owner, NET_UDP, &one), CTX_OK);
    assert_int_equal(b.net->open(&b.owner, NET_UDP, &two), CTX_OK);
    memset(own.bytes, 0, sizeof own.bytes);
    assert_int_equal(b.net->bind(two, &own), CTX_OK);
    for (uint32_t len = 0; len <= sizeof bytes; len += 750) { /* larger ones in fragments */
        for (uint32_t i = 0; i < len; i++) {
            bytes[i] = (uint8_t)rng_next(&dice);
        }
        assert_int_equal(a.net->send_to(one, bytes, len, &to), CTX_OK);
        assert_true(wire_until(two_hears, 1000));
        assert_int_equal(b.net->receive_from(two, back, sizeof back, &count, &from), CTX_OK);
        assert_int_equal(count, len);
        assert_memory_equal(bytes, back, len);
        assert_int_equal(from.bytes[3], 1);
        assert_int_equal(b.net->send_to(two, back, len < 3 ? len : 3, &from), CTX_OK);
        assert_true(wire_until(one_hears, 1000));
        assert_int_equal(a.net->receive(one, back, sizeof back, false, &count), CTX_OK);
        assert_int_equal(count, len < 3 ? len : 3);
    }
    /* What nobody reads is lost at some time, and no memory is. */
    for (int i = 0; i < 2000; i++) {
        (void)a.net->send_to(one, bytes, 1000, &to);
        wire_pass(1);
    }
    assert_in_range(b.owner.bytes, 1000, 256 << 10);
    assert_int_equal(a.net->send_to(one, bytes, 70000, &to), CTX_E_TOOBIG);
    b.net->owner_end(&b.owner);
    a.net->owner_end(&a.owner);
    assert_int_equal(a.owner.bytes + b.owner.bytes, 0);
}

static void echoes(void **state)
{
    struct net_address to = at(2, 0), from = {.size = sizeof from};
    uint8_t back[64] = {0};
    uint32_t count = 0;
    struct net_card_info card = {.size = sizeof card};
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    assert_int_equal(a.net->open(&a.owner, NET_ECHO, &one), CTX_OK);
    assert_int_equal(a.net->send_to(one, "ping", 4, &to), CTX_OK);
    assert_true(wire_until(one_hears, 1000));
    assert_int_equal(a.net->receive_from(one, back, sizeof back, &count, &from), CTX_OK);
    assert_int_equal(count, 4);
    assert_memory_equal(back, "ping", 4);
    assert_int_equal(from.bytes[3], 2);
    assert_true(b.net->card_at(1, &card));
    assert_in_range(card.count6, 1, 4);
    to.family = NET_IP6;
    memcpy(to.bytes, card.ip6, 16);
    assert_int_equal(to.bytes[0], 0xfe);
    assert_int_equal(a.net->send_to(one, "six", 3, &to), CTX_OK);
    assert_true(wire_until(one_hears, 3000));
    assert_int_equal(a.net->receive_from(one, back, sizeof back, &count, &from), CTX_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(back, "six", 3);
    assert_int_equal(from.family, NET_IP6);
}

/* Only who has said that it wants to speaks to everybody; no connection leads there at all. */
static void to_everybody(void **state)
{
    static const uint8_t all[][4] = {{255, 255, 255, 255}, {10, 0, 0, 255}};
    uint8_t back[4];
    uint32_t count = 0;
    struct net_address to = at(2, 7), from = {.size = sizeof from};
    struct sock *tcp = NULL;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    assert_int_equal(a.net->open(&a.owner, NET_UDP, &one), CTX_OK);
    assert_int_equal(b.net->open(&b.owner, NET_UDP, &two), CTX_OK);
    memset(to.bytes, 0, sizeof to.bytes);
    assert_int_equal(b.net->bind(two, &to), CTX_OK);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        memcpy(to.bytes, all[i], 4);
        assert_int_equal(a.net->set(one, NET_BROADCAST, 0), CTX_OK);
        assert_int_equal(a.net->send_to(one, "all", 3, &to), CTX_E_DENIED);
        assert_int_equal(a.net->set(one, NET_BROADCAST, 1), CTX_OK);
        assert_int_equal(a.net->send_to(one, "all", 3, &to), CTX_OK);
        wire_pass(10);
        assert_int_equal(b.net->receive_from(two, back, sizeof back, &count, &from), CTX_OK);
        assert_int_equal(b.net->receive_from(two, back, sizeof back, &count, &from), CTX_E_AGAIN);
        assert_int_equal(a.net->open(&a.owner, NET_TCP, &tcp), CTX_OK);
        assert_int_equal(a.net->connect(tcp, &to), CTX_E_UNREACHABLE);
        a.net->close(tcp);
    }
}

/* Packets that nobody reads take no more of what an app may keep than leaves some for its others.
 */
static void packets_that_nobody_reads_leave_room_for_others(void **state)
{
    static uint8_t bytes[1400], back[1400];
    struct net_address to = at(2, 0), from = {.size = sizeof from};
    struct sock *socks[9];
    uint32_t count = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    b.owner.bytes_most = 1 << 20;
    assert_int_equal(a.net->open(&a.owner, NET_UDP, &one), CTX_OK);
    for (uint32_t i = 0; i < 9; i++) {
        to.port = 7000 + i;
        assert_int_equal(b.net->open(&b.owner, NET_UDP, &socks[i]), CTX_OK);
        assert_int_equal(b.net->bind(socks[i], &to), CTX_OK);
        for (uint32_t k = 0; i < 8 && k < 300; k++) {
            assert_int_equal(a.net->send_to(one, bytes, sizeof bytes, &to), CTX_OK);
            wire_pass(1);
        }
    }
    assert_in_range(b.owner.bytes, 700000, 1 << 20);
    assert_int_equal(a.net->send_to(one, bytes, sizeof bytes, &to), CTX_OK);
    wire_pass(10);
    assert_int_equal(b.net->receive_from(socks[8], back, sizeof back, &count, &from), CTX_OK);
    assert_int_equal(count, sizeof bytes);
}

static void others_in_the_house_have_names(void **state)
{
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(10000);
    assert_true(wire_until(resolves_b, 20000));
    assert_int_equal(status, CTX_OK);
    assert_int_equal(found.count, 1);
    assert_memory_equal(found.bytes + 10, "\xff\xff\x0a\0\0\2", 6);
}

static void names_without_anybody_to_ask(void **state)
{
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    assert_true(wire_until(resolves_host, 1000)); /* at once: nothing is settling */
    assert_int_equal(status, CTX_E_UNREACHABLE);
    assert_true(a.net->dns("10.0.0.77")); /* nobody is there */
    assert_true(wire_until(resolves_host, 60000));
    assert_int_equal(status, CTX_E_NOENT);
    found = (struct net_found){.size = sizeof found};
    assert_int_equal(a.net->resolve(&a.owner, "localhost", NET_ANY, &found), CTX_OK);
    assert_memory_equal(found.bytes + 12, "\x7f\0\0\1", 4);
    assert_int_equal(a.net->resolve(&a.owner, "::1", NET_IP6, &found), CTX_OK);
    assert_int_equal(a.net->resolve(&a.owner, "::1", NET_IP4, &found), CTX_E_NOENT);
    assert_int_equal(a.net->resolve(&a.owner, "a..b", NET_IP4, &found), CTX_E_INVAL);
    assert_int_equal(a.net->resolve(&a.owner, "", NET_IP4, &found), CTX_E_INVAL);
}

/* Two apps ask for as many names as there may be asked for, of somebody who does not answer: a
 * third one waits for its turn, and has it. */
static struct owner third = {.sockets_most = 10, .bytes_most = 100000, .arg = &a};

static bool third_resolves(void)
{
    found = (struct net_found){.size = sizeof found};
    status = a.net->resolve(&third, "b.local", NET_IP4, &found);
    return status != CTX_E_AGAIN;
}

static void names_that_nobody_knows_leave_room_for_others(void **state)
{
    struct owner second = {.sockets_most = 10, .bytes_most = 100000, .arg = &a};
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(10000);
    assert_true(a.net->dns("10.0.0.77")); /* nobody is there */
    for (uint32_t i = 0; i < 16; i++) {
        char name[] = "a.test";
        name[0] = (char)('a' + i);
        found = (struct net_found){.size = sizeof found};
        assert_int_equal(a.net->resolve(i < 8 ? &a.owner : &second, name, NET_IP4, &found),
                         CTX_E_AGAIN);
    }
    assert_true(wire_until(third_resolves, 60000));
    assert_int_equal(status, CTX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_any_size),
        cmocka_unit_test(echoes),
        cmocka_unit_test(to_everybody),
        cmocka_unit_test(packets_that_nobody_reads_leave_room_for_others),
        cmocka_unit_test(others_in_the_house_have_names),
        cmocka_unit_test(names_without_anybody_to_ask),
        cmocka_unit_test(names_that_nobody_knows_leave_room_for_others),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
