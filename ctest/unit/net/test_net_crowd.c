/* SPDX-License-Identifier: MIT */
/* Many connections: one after the other, at once, in one moment, and by ports that come again. */
#include "connection.h"

static void thousands_one_after_the_other(void **state)
{
    uint64_t begun[2] = {0};
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000);
    begun[0] = a.net->memory();
    begun[1] = b.net->memory();
    listen_at(2, 80);
    for (int i = 0; i < 3000; i++) {
        uint32_t count = 0;
        uint8_t bytes[100] = {0};
        in = NULL;
        connect_to(2, 80);
        assert_true(wire_until(accepted, 10000));
        assert_int_equal(b.net->send(in, bytes, sizeof bytes, &count), CTX_OK);
        switch (i % 4) {
        case 0: /* in order */
            b.net->close(in);
            wire_pass(10);
            a.net->close(out);
            break;
        case 1: /* in disorder: unread bytes */
            wire_pass(3);
            a.net->close(out);
            b.net->close(in);
            break;
        case 2:
            a.net->owner_end(&a.owner);
            b.net->close(in);
            break;
        default: /* at once */
            a.net->close(out);
            b.net->close(in);
            break;
        }
    }
    b.net->close(listener);
    wire_pass(400000);
    assert_int_equal(a.owner.sockets + b.owner.sockets, 0);
    assert_in_range(a.net->memory(), 1, begun[0]);
    assert_in_range(b.net->memory(), 1, begun[1]);
}

/* A client by the port of its last connection, which b ended and remembers: the next one begins at
 * once. Many are not remembered for long. */
static void ports_that_come_again(void **state)
{
    struct net_address own = at(1, 5000);
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000);
    uint64_t begun = b.net->memory(), few = 0;
    listen_at(2, 80);
    for (int i = 0; i < 4000; i++) {
        struct net_address to = at(2, 80);
        own.port = 5000 + (uint32_t)i / 2;
        in = NULL;
        assert_int_equal(a.net->open(&a.owner, NET_TCP, &out), CTX_OK);
        assert_int_equal(a.net->bind(out, &own), CTX_OK);
        assert_int_equal(a.net->connect(out, &to), CTX_OK);
        assert_true(wire_until(accepted, 100));
        b.net->close(in);
        wire_pass(3);
        a.net->close(out);
        wire_pass(3);
        few = i == 1999 ? b.net->memory() - begun : few;
    }
    uint64_t many = b.net->memory() - begun;
    assert_in_range(many, few / 2, few * 5 / 4); /* 1,000 of them, and 1,024 */
    wire_pass(400000);
    b.net->close(listener);
    assert_in_range(b.net->memory(), 1, begun);
}

static void a_thousand_at_once(void **state)
{
    static struct sock *outs[1000], *ins[1000];
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000);
    uint64_t begun = b.net->memory();
    listen_at(2, 80);
    for (int i = 0; i < 1000; i++) {
        connect_to(2, 80);
        outs[i] = out;
        assert_true(wire_until(accepted, 10000));
        ins[i] = in;
    }
    uint64_t each = (b.net->memory() - begun) / 1000;
    assert_in_range(each, 1, 1024); /* of an idle connection */
    for (int i = 0; i < 1000; i++) {
        a.net->close(outs[i]);
        b.net->close(ins[i]);
    }
    b.net->close(listener);
    wire_pass(400000);
    assert_in_range(b.net->memory(), 1, begun);
}

/* They begin before any of them has ended its greeting, and all are there. */
static void a_thousand_in_one_moment(void **state)
{
    static struct sock *outs[1000];
    uint32_t there = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000);
    uint64_t begun = b.net->memory();
    listen_at(2, 80);
    assert_int_equal(b.net->listen(listener, 255), CTX_OK);
    connect_to(2, 80); /* they know each other's address */
    assert_true(wire_until(accepted, 100));
    a.net->close(out);
    b.net->close(in);
    for (int i = 0; i < 1000; i++) {
        connect_to(2, 80);
        outs[i] = out;
    }
    wire_pass(500); /* nobody asks once more before a second is over */
    while (accepted()) {
        b.net->close(in);
        there++;
    }
    assert_int_equal(there, 1000);
    for (int i = 0; i < 1000; i++) {
        a.net->close(outs[i]);
    }
    b.net->close(listener);
    wire_pass(400000);
    assert_in_range(b.net->memory(), 1, begun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_one_after_the_other),
        cmocka_unit_test(ports_that_come_again),
        cmocka_unit_test(a_thousand_at_once),
        cmocka_unit_test(a_thousand_in_one_moment),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
