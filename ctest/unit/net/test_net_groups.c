/* SPDX-License-Identifier: MIT */
/* Multicast groups: who has joined hears, and nobody else; IPv4 and IPv6. */
#include "wire.h"

#define PORT 5000u

static struct sock *one, *other, *own, *from;

static struct net_address four(uint8_t last)
{
    struct net_address g = {.size = sizeof g, .family = NET_IP4, .port = PORT};
    memcpy(g.bytes, "\xef\1\2", 3);
    g.bytes[3] = last;
    return g;
}

static struct net_address six(uint8_t last)
{
    struct net_address g = {.size = sizeof g, .family = NET_IP6, .port = PORT};
    g.bytes[0] = 0xff;
    g.bytes[1] = 2;
    g.bytes[15] = last;
    return g;
}

static struct sock *hearer(struct machine *m)
{
    struct sock *s = NULL;
    struct net_address any = {.size = sizeof any, .family = NET_IP6, .port = PORT};
    assert_int_equal(m->net->open(&m->owner, NET_UDP, &s), CTX_OK);
    assert_int_equal(m->net->set(s, NET_REUSE, 1), CTX_OK);
    assert_int_equal(m->net->bind(s, &any), CTX_OK);
    return s;
}

static void begin(void)
{
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    one = hearer(&b);
    other = hearer(&b);
    own = hearer(&a);
    assert_int_equal(a.net->open(&a.owner, NET_UDP, &from), CTX_OK);
}

static bool hears(struct machine *m, struct sock *s, uint8_t what)
{
    uint8_t byte = 0;
    uint32_t count = 0;
    struct net_address who = {.size = sizeof who};
    ctx_status status = m->net->receive_from(s, &byte, 1, &count, &who);
    assert_true(status == CTX_E_AGAIN || (status == CTX_OK && byte == what));
    return status == CTX_OK;
}

/* Who hears what is sent to it: 1 one, 2 the other, 4 the sender's own machine. */
static uint32_t heard_by(const struct net_address *group)
{
    static uint8_t what;
    what++;
    assert_int_equal(a.net->send_to(from, &what, 1, group), CTX_OK);
    wire_pass(100);
    return (hears(&b, one, what) ? 1u : 0u) | (hears(&b, other, what) ? 2u : 0u) |
           (hears(&a, own, what) ? 4u : 0u);
}

static void each_family(struct net_address g, struct net_address not )
{
    assert_int_equal(heard_by(&g), 0);
    assert_int_equal(b.net->join(one, &g), CTX_OK);
    assert_int_equal(b.net->join(one, &g), CTX_E_EXIST);
    wire_pass(1000);
    assert_int_equal(heard_by(&g), 1); /* not the other one, at the same port */
    assert_int_equal(heard_by(&not ), 0);
    assert_int_equal(b.net->join(other, &g), CTX_OK);
    assert_int_equal(a.net->join(own, &g), CTX_OK);
    assert_int_equal(heard_by(&g), 7);
    assert_int_equal(a.net->set(from, NET_MULTICAST_LOOP, 0), CTX_OK);
    assert_int_equal(heard_by(&g), 3);
    assert_int_equal(a.net->set(from, NET_MULTICAST_LOOP, 1), CTX_OK);
    assert_int_equal(b.net->leave(one, &g), CTX_OK);
    assert_int_equal(b.net->leave(one, &g), CTX_E_NOENT);
    assert_int_equal(heard_by(&g), 6);
    b.net->close(other); /* which leaves it */
    other = hearer(&b);
    assert_int_equal(heard_by(&g), 4);
    assert_int_equal(a.net->leave(own, &g), CTX_OK);
    assert_int_equal(heard_by(&g), 0);
}

static void who_has_joined_hears(void **state)
{
    (void)state;
    begin();
    each_family(four(3), four(4));
    each_family(six(0x33), six(0x44));
}

static void what_is_refused(void **state)
{
    struct sock *tcp = NULL;
    struct net_address g = four(3), no = at(2, 0), far = four(3);
    (void)state;
    begin();
    far.card = 99;
    assert_int_equal(b.net->open(&b.owner, NET_TCP, &tcp), CTX_OK);
    assert_int_equal(b.net->join(tcp, &g), CTX_E_INVAL);
    assert_int_equal(b.net->join(one, &no), CTX_E_INVAL);
    assert_int_equal(b.net->join(one, &far), CTX_E_UNREACHABLE);
    far.card = 1000;
    assert_int_equal(b.net->join(one, &far), CTX_E_INVAL);
    for (uint8_t i = 0; i < 20; i++) {
        g = four((uint8_t)(10 + i));
        assert_int_equal(b.net->join(one, &g), CTX_OK);
    }
    g = four(50);
    assert_int_equal(b.net->join(one, &g), CTX_E_NOSPC);
    assert_int_equal(b.net->join(other, &g), CTX_OK); /* each socket has twenty */
    assert_int_equal(a.net->set(from, NET_MULTICAST_TTL, 0), CTX_E_INVAL);
    assert_int_equal(a.net->set(from, NET_MULTICAST_CARD, 77), CTX_E_INVAL);
    assert_int_equal(a.net->set(from, NET_MULTICAST_LOOP, 2), CTX_E_INVAL);
    assert_int_equal(b.net->set(tcp, NET_MULTICAST_LOOP, 1), CTX_E_INVAL);
    wire_pass(1000);
    uint64_t with = b.net->memory();
    b.net->close(one);
    b.net->close(other);
    b.net->close(tcp);
    wire_pass(5000);
    assert_in_range(b.net->memory(), 1, with - 21 * 16);
}

static uint8_t ttl;

static void look(const uint8_t *frame, uint32_t len)
{
    if (len > 34 && frame[12] == 8 && frame[30] == 0xef && frame[23] == 17) {
        ttl = frame[22];
        assert_memory_equal(frame, "\1\0\x5e\1\2\3", 6);
    }
}

/* They do not leave the house, unless that is wanted. */
static void how_far_they_go(void **state)
{
    struct net_address g = four(3);
    (void)state;
    begin();
    b.deaf = true;
    heard = look;
    (void)heard_by(&g);
    assert_int_equal(ttl, 1);
    assert_int_equal(a.net->set(from, NET_TTL, 9), CTX_OK);
    assert_int_equal(a.net->set(from, NET_MULTICAST_TTL, 33), CTX_OK);
    (void)heard_by(&g);
    assert_int_equal(ttl, 33);
}

/* A card goes, and another one comes: who did not say which goes on by that. */
static void another_card(void **state)
{
    struct net_address g = four(3);
    (void)state;
    begin();
    assert_int_equal(b.net->join(one, &g), CTX_OK);
    assert_int_equal(heard_by(&g), 1);
    wire_card_again(&b, "10.0.0.2/24");
    wire_pass(5000);
    assert_int_equal(heard_by(&g), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_joined_hears),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(how_far_they_go),
        cmocka_unit_test(another_card),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
