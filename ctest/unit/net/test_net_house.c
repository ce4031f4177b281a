/* SPDX-License-Identifier: MIT */
/* Addresses and names, with servers of the test's own, honest and lying; and garbage. */
#include "house.h"

static struct sock *one;
static struct net_found found;
static ctx_status status;

static bool resolves_host(void)
{
    found = (struct net_found){.size = sizeof found};
    status = a.net->resolve(&a.owner, "host.test.", NET_ANY, &found);
    return status != CTX_E_AGAIN;
}

static void dhcp_and_names(void **state)
{
    struct net_overview o = {.size = sizeof o};
    (void)state;
    begin_by_hand();
    assert_false(wire_until(resolves_host, 0)); /* asked before there is an address */
    assert_true(wire_until(has_address, 100));  /* and not seven seconds */
    assert_true(wire_until(resolves_host, 1000));
    assert_int_equal(status, CTX_OK);
    assert_memory_equal(found.bytes + 10, "\xff\xff\1\2\3\4", 6);
    assert_int_equal(asked_dns, 1);
    assert_true(wire_until(resolves_host, 0)); /* it is remembered */
    assert_int_equal(asked_dns, 1);
    a.net->overview(&o);
    assert_true((o.flags & NET_UP4) != 0 && o.count_dns == 1 && o.cards == 1);
    assert_text((char *)o.name, "a.local");
    assert_non_null(strstr(
        a.said, "en1 address=10.0.2.15 mask=255.255.255.0 gateway=10.0.2.2 dns=10.0.2.3 by=DHCP"));
    /* A day of which nobody has heard. */
    wire_pass(20000);
    uint32_t before = asked_dhcp;
    now_ms += 86400000;
    wire_pass(2000);
    assert_true(asked_dhcp > before && has_address());
    assert_non_null(strstr(a.said, "the clock has leapt by 864"));
    before = asked_dns;
    assert_true(wire_until(resolves_host, 5000));
    assert_int_equal(status, CTX_OK);
    assert_int_equal(asked_dns, before + 1); /* it was too old */
    /* Who answers for a name does not lead to this machine itself, nor to everybody. */
    static const uint8_t bad[][4] = {{127, 0, 0, 1},  {127, 9, 9, 9}, {10, 0, 2, 15},
                                     {10, 0, 2, 255}, {224, 0, 0, 1}, {255, 255, 255, 255}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memcpy(dns_says, bad[i], 4);
        wire_pass(65000);
        assert_true(wire_until(resolves_host, 5000));
        assert_int_equal(status, CTX_E_NOENT);
    }
    memcpy(dns_says, "\12\0\2\20", 4); /* 10.0.2.16, a neighbour */
    wire_pass(65000);
    assert_true(wire_until(resolves_host, 5000));
    assert_int_equal(status, CTX_OK);
    memcpy(dns_says, "\1\2\3\4", 4);
}

static bool resolves_six(void)
{
    found = (struct net_found){.size = sizeof found};
    status = a.net->resolve(&a.owner, "six.example.org", NET_IP6, &found);
    return status != CTX_E_AGAIN;
}

/* Nor does an answer of IPv6, though it says of no card which one's address it is. */
static void an_answer_of_six_leads_nowhere_near(void **state)
{
    static const struct {
        uint8_t bytes[17];
        ctx_status status;
    } says[] = {
        {"\xfe\x80\0\0\0\0\0\0\x50\x54\0\xff\xfe\x12\x34\1", CTX_E_NOENT}, /* its card's */
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", CTX_E_NOENT},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", CTX_E_NOENT},
        {"\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", CTX_E_NOENT},
        {"\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1", CTX_E_NOENT},
        {"\xfe\x80\0\0\0\0\0\0\x50\x54\0\xff\xfe\x12\x34\2", CTX_OK}, /* a neighbour's */
        {"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", CTX_OK},
    };
    (void)state;
    begin_by_hand();
    assert_true(wire_until(has_address, 100));
    wire_pass(5000);
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        memcpy(dns_says6, says[i].bytes, 16);
        wire_pass(65000); /* the one before is too old by now */
        assert_true(wire_until(resolves_six, 5000));
        assert_int_equal(status, says[i].status);
    }
}

static bool knows_time(void)
{
    return a.times > 0;
}

static void dhcp_says_who_knows_the_time(void **state)
{
    (void)state;
    begin_by_hand();
    assert_int_equal(a.net->clock(), NET_CLOCK_SETTLING); /* with the address */
    assert_true(wire_until(knows_time, 10000));
    assert_non_null(strstr(a.said, "time server 10.0.2.7 does not answer"));
    assert_int_equal(a.time_ns / 1000000000, INT64_C(0xed000000) - 2208988800);
    assert_true(a.net->ntp("")); /* the line has the last word */
    a.times = 0;
    now_ms += 86400000;
    wire_pass(60000);
    assert_int_equal(a.times, 0);
}

static void nobody_answers_dhcp(void **state)
{
    (void)state;
    answers_dhcp = false;
    begin_by_hand();
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &one), CTX_OK);
    struct net_address to = at(9, 80);
    assert_int_equal(a.net->connect(one, &to), CTX_OK); /* an address may come yet */
    wire_pass(4000);
    assert_int_equal(a.net->what(one), 0);
    wire_pass(4000);
    assert_true((a.net->what(one) & NET_HANGUP) != 0);
    struct net_socket_info info = {.size = sizeof info};
    a.net->info(one, &info);
    assert_int_equal(info.error, CTX_E_UNREACHABLE);
    assert_non_null(strstr(a.said, "nobody answers DHCP"));
    answers_dhcp = true;
    assert_true(wire_until(has_address, 120000)); /* it goes on asking */
}

static void an_address_that_is_taken(void **state)
{
    (void)state;
    begin_by_hand();
    taken = true;
    assert_true(wire_until(has_address, 100));
    wire_pass(9000);
    assert_non_null(strstr(a.said, "10.0.2.15 is another machine's"));
    lease[3] = 16;
    taken = false;
    assert_true(wire_until(has_address, 60000));
}

/* ---- lies ---- */

static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 1}; /* a's */

/* A packet of IPv6, whose sum stands so far behind the head. */
static void send_six(uint8_t next, const uint8_t from[16], const uint8_t to[16], uint8_t *body,
                     uint32_t len, uint32_t sum_at)
{
    uint8_t frame[1500] = {0}, pseudo[1500] = {0};
    memcpy(frame, mac, 6);
    memcpy(frame + 6, "\x52\x55\x0a\0\2\2\x86\xdd\x60", 9);
    put16(frame + 18, len);
    frame[20] = next;
    frame[21] = 255;
    memcpy(frame + 22, from, 16);
    memcpy(frame + 38, to, 16);
    memcpy(pseudo, frame + 22, 32);
    put16(pseudo + 34, len);
    pseudo[39] = next;
    memcpy(pseudo + 40, body, len);
    put16(body + sum_at, fold(pseudo, 40 + len + len % 2));
    memcpy(frame + 54, body, len);
    wire_put(&a, frame, 54 + len);
}

/* A connection of this machine's to itself. */
static void talks_to_itself(struct net_address to)
{
    struct sock *at_home = NULL, *to_home = NULL, *end = NULL;
    struct net_address any = {.size = sizeof any, .family = to.family, .port = to.port};
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &at_home), CTX_OK);
    assert_int_equal(a.net->bind(at_home, &any), CTX_OK);
    assert_int_equal(a.net->listen(at_home, 5), CTX_OK);
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &to_home), CTX_OK);
    assert_int_equal(a.net->connect(to_home, &to), CTX_OK);
    wire_pass(100);
    assert_int_equal(a.net->accept(at_home, &end), CTX_OK);
    a.net->owner_end(&a.owner);
}

static struct net_address loop4(void)
{
    struct net_address loop = at(1, 80);
    memcpy(loop.bytes, "\x7f\0\0\1", 4);
    return loop;
}

static void an_address_that_nobody_can_have(uint32_t address, uint32_t mask)
{
    put16(lease, address >> 16);
    put16(lease + 2, address & 0xffff);
    put16(lease_mask, mask >> 16);
    put16(lease_mask + 2, mask & 0xffff);
    begin_by_hand();
    wire_pass(5000);
    talks_to_itself(loop4());
    assert_false(has_address());
    assert_non_null(strstr(a.said, "which no machine can have"));
    wire_pass(3600000);
    assert_in_range(asked_dhcp, 4, 2000); /* again, but not all the time */
    memcpy(lease, "\x0a\0\2\x0f", 4);
    memcpy(lease_mask, "\xff\xff\xff\0", 4);
    assert_true(wire_until(has_address, 60000));
}

static void dhcp_gives_an_address_of_the_loop(void **state)
{
    (void)state;
    an_address_that_nobody_can_have(0x7f000009, 0xff000000);
}

static void dhcp_gives_a_mask_that_means_all(void **state)
{
    (void)state;
    an_address_that_nobody_can_have(0x0a00020f, 0);
}

static void dhcp_gives_a_mask_that_is_none(void **state)
{
    (void)state;
    an_address_that_nobody_can_have(0x0a00020f, 0xff00ff00);
}

static void dhcp_gives_an_address_of_a_group(void **state)
{
    (void)state;
    an_address_that_nobody_can_have(0xe0000009, 0xffffff00);
}

static void dhcp_gives_the_address_of_all(void **state)
{
    (void)state;
    an_address_that_nobody_can_have(0x0a0002ff, 0xffffff00);
}

/* A router says that all is here whose address begins with zeros: ::1 is this machine all the same.
 */
static void a_router_wants_the_loop(void **state)
{
    static const uint8_t router[16] = {0xfe, 0x80, [15] = 9}, all[16] = {0xff, 2, [15] = 1};
    uint8_t says[48] = {134, 0, 0, 0, 64, 0, 7, 8, [16] = 3, 4, 64, 0xc0, 0, 1, 0, 0, 0, 1, 0, 0};
    struct net_address loop = {.size = sizeof loop, .family = NET_IP6, .port = 80};
    (void)state;
    begin_by_hand();
    assert_true(wire_until(has_address, 100));
    wire_pass(5000);
    send_six(58, router, all, says, sizeof says, 2);
    wire_pass(5000);
    loop.bytes[15] = 1;
    talks_to_itself(loop);
    talks_to_itself(loop4());
}

/* How large packets of IPv6 may be somebody says who may be anybody: not less than all ways take,
 * and not more than the card does. */
static void a_way_that_takes_next_to_nothing(void **state)
{
    static const uint8_t router[16] = {0xfe, 0x80, [15] = 7},
                         own6[16] = {0xfe, 0x80, [8] = 0x50, 0x54, 0, 0xff, 0xfe, 0x12, 0x34, 1};
    static const uint32_t sizes[] = {0,  1,  40,  48,   50,    55,        56,
                                     60, 61, 100, 1279, 65535, UINT32_MAX};
    static uint8_t bytes[2000];
    struct net_address to = {
        .size = sizeof to, .family = NET_IP6, .port = 7, .bytes = {0xfe, 0x80, [15] = 9}};
    struct sock *tcp = NULL;
    (void)state;
    begin_by_hand();
    assert_true(wire_until(has_address, 100));
    wire_pass(5000);
    assert_int_equal(a.net->open(&a.owner, NET_UDP, &one), CTX_OK);
    assert_int_equal(a.net->send_to(one, bytes, 10, &to), CTX_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t says[8 + 40 + 8] = {2,
                                    0,
                                    0,
                                    0,
                                    (uint8_t)(sizes[i] >> 24),
                                    (uint8_t)(sizes[i] >> 16),
                                    (uint8_t)(sizes[i] >> 8),
                                    (uint8_t)sizes[i],
                                    0x60,
                                    [13] = 8,
                                    17,
                                    64};
        memcpy(says + 16, own6, 16);
        memcpy(says + 32, to.bytes, 16);
        send_six(58, router, own6, says, sizeof says, 2);
        wire_pass(10);
        /* Each in one piece or in two, or without room for those that wait for the neighbour. */
        uint64_t before = a.net->memory();
        for (uint32_t len = 100; len <= 2000; len += 950) {
            (void)a.net->send_to(one, bytes, len, &to);
        }
        assert_in_range(a.net->memory(), 0, before + 20000);
        assert_int_equal(a.net->open(&a.owner, NET_TCP, &tcp), CTX_OK);
        assert_int_equal(a.net->connect(tcp, &to), CTX_OK);
        wire_pass(4000);
        a.net->close(tcp);
    }
}

/* From the wire comes nothing that this machine has said to itself. */
static void who_says_that_it_is_this_machine(void **state)
{
    static const uint8_t loop[4] = {127, 0, 0, 1}, loop9[4] = {127, 9, 9, 9},
                         other[4] = {10, 0, 2, 9}, loop6[16] = {[15] = 1},
                         other6[16] = {0xfe, 0x80, [15] = 9},
                         own6[16] = {0xfe, 0x80, [8] = 0x50, 0x54, 0, 0xff, 0xfe, 0x12, 0x34, 1};
    uint8_t asked[12] = {0}, back[8];
    uint32_t count = 0;
    struct net_address own = {.size = sizeof own, .family = NET_IP6, .port = 700},
                       from = {.size = sizeof from};
    (void)state;
    begin_by_hand();
    assert_true(wire_until(has_address, 100));
    wire_pass(5000);
    memcpy(asked + 6, mac, 6);
    assert_int_equal(a.net->open(&a.owner, NET_UDP, &one), CTX_OK);
    assert_int_equal(a.net->bind(one, &own), CTX_OK);
    const uint8_t *bad[] = {loop, loop9, lease}, *bad6[] = {loop6, own6};
    for (size_t i = 0; i < 6; i++) {
        uint8_t six[10] = {0, 53, 700 >> 8, 700 & 255, 0, 10, 0, 0, 'h', 'i'};
        if (i < 4) {
            send_udp(asked, i < 3 ? bad[i] : other, lease, 53, 700, (const uint8_t *)"hi", 2);
        } else {
            send_six(17, bad6[i - 4], own6, six, sizeof six, 6);
        }
        wire_pass(10);
        assert_int_equal(a.net->receive_from(one, back, sizeof back, &count, &from),
                         i == 3 ? CTX_OK : CTX_E_AGAIN);
        if (i == 3) { /* such as this one come */
            memcpy(six + 6, "\0\0", 2);
            send_six(17, other6, own6, six, sizeof six, 6);
            wire_pass(10);
            assert_int_equal(a.net->receive_from(one, back, sizeof back, &count, &from), CTX_OK);
        }
    }
}

/* ---- garbage ---- */

static uint8_t last_frame[1600];
static uint32_t last_len;

static void remember(const uint8_t *frame, uint32_t len)
{
    last_len = len < sizeof last_frame ? len : sizeof last_frame;
    memcpy(last_frame, frame, last_len);
    by_hand(frame, len);
    uint8_t bent[1600];
    for (int i = 0; i < 8; i++) { /* back again, not quite as it was */
        memcpy(bent, last_frame, last_len);
        if (i % 2 == 0) {
            memcpy(bent, last_frame + 6, 6);
            memcpy(bent + 6, last_frame, 6);
        }
        if (i % 4 < 2 && last_len >= 34 && bent[12] == 8 && bent[13] == 0) {
            memcpy(bent + 26, last_frame + 30, 4);
            memcpy(bent + 30, last_frame + 26, 4);
        }
        for (uint64_t n = rng_below(&dice, 4); n > 0; n--) {
            bent[rng_below(&dice, last_len)] = (uint8_t)rng_next(&dice);
        }
        uint32_t cut =
            rng_below(&dice, 4) == 0 ? (uint32_t)rng_below(&dice, last_len + 1) : last_len;
        wire_put(&a, bent, cut);
    }
}

static void garbage(void **state)
{
    uint8_t frame[1600];
    (void)state;
    begin_by_hand();
    assert_true(wire_until(has_address, 1000));
    wire_pass(60000);
    uint64_t begun = a.net->memory();
    heard = remember;
    struct net_address to = at(9, 80);
    for (int i = 0; i < 3000; i++) {
        uint32_t len = (uint32_t)rng_below(&dice, sizeof frame);
        for (uint32_t k = 0; k < len; k++) {
            frame[k] = (uint8_t)rng_next(&dice);
        }
        if (len > 54 && i % 3 != 0) {
            static const uint8_t kinds[][2] = {{8, 0}, {8, 6}, {0x86, 0xdd}};
            static const uint8_t protocols[] = {1, 2, 6, 17, 58, 0, 44};
            memcpy(frame, "\x52\x54\0\x12\x34\1", 6);
            memcpy(frame + 12, kinds[rng_below(&dice, 3)], 2);
            if (frame[12] == 8 && frame[13] == 0) {
                frame[14] = 0x45;
                put16(frame + 16, len - 14);
                put16(frame + 20,
                      rng_below(&dice, 3) == 0 ? 0x2000u + (uint32_t)rng_below(&dice, 99) : 0);
                frame[23] = protocols[rng_below(&dice, sizeof protocols)];
                memcpy(frame + 30, "\x0a\0\2\x0f", 4);
                put16(frame + 24, 0);
                put16(frame + 24, fold(frame + 14, 20));
            } else if (frame[12] == 0x86) {
                memcpy(frame + 14, "\x60\0\0\0", 4);
                put16(frame + 18, len - 54);
                frame[20] = protocols[rng_below(&dice, sizeof protocols)];
                memcpy(frame + 38, "\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
            }
        }
        wire_put(&a, frame, len);
        if (i % 100 == 0) {
            struct sock *s = NULL;
            if (a.net->open(&a.owner, i % 200 == 0 ? NET_TCP : NET_ECHO, &s) == CTX_OK) {
                to.bytes[2] = 2;
                (void)a.net->connect(s, &to);
                (void)a.net->send(s, frame, 30, &(uint32_t){0});
            }
            found = (struct net_found){.size = sizeof found};
            char name[] = "x0000.test";
            name[2] = (char)('0' + i / 1000);
            name[3] = (char)('0' + i / 100 % 10);
            (void)a.net->resolve(&a.owner, name, NET_ANY, &found);
        }
        wire_pass(rng_below(&dice, 20));
    }
    heard = by_hand;
    a.net->owner_end(&a.owner);
    wire_pass(600000);
    assert_in_range(a.net->memory(), 1, begun + 4096); /* neighbours it has heard of */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dhcp_and_names),
        cmocka_unit_test(an_answer_of_six_leads_nowhere_near),
        cmocka_unit_test(dhcp_says_who_knows_the_time),
        cmocka_unit_test(nobody_answers_dhcp),
        cmocka_unit_test(an_address_that_is_taken),
        cmocka_unit_test(dhcp_gives_an_address_of_the_loop),
        cmocka_unit_test(dhcp_gives_a_mask_that_means_all),
        cmocka_unit_test(dhcp_gives_a_mask_that_is_none),
        cmocka_unit_test(dhcp_gives_an_address_of_a_group),
        cmocka_unit_test(dhcp_gives_the_address_of_all),
        cmocka_unit_test(a_router_wants_the_loop),
        cmocka_unit_test(a_way_that_takes_next_to_nothing),
        cmocka_unit_test(who_says_that_it_is_this_machine),
        cmocka_unit_test(garbage),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
