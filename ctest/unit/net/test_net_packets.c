/* SPDX-License-Identifier: MIT */
/* Packets, names, addresses: with another machine, with servers of the test's own, with garbage. */
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

/* ---- a network of the test's own: DHCP, ARP, DNS by hand ---- */

static uint32_t asked_dhcp, asked_dns;
static bool answers_dhcp = true, taken;
static uint8_t lease_last = 15;

static uint16_t fold(const uint8_t *p, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i + 1 < len; i += 2) {
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    }
    while (sum >> 16 != 0) {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    return (uint16_t)~sum;
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void answer_udp(const uint8_t *asked, const uint8_t from[4], const uint8_t to[4],
                       uint32_t from_port, uint32_t to_port, const uint8_t *body, uint32_t len)
{
    uint8_t frame[1500] = {0};
    memcpy(frame, asked + 6, 6);
    memcpy(frame + 6, "\x52\x55\x0a\0\2\2", 6);
    put16(frame + 12, 0x800);
    uint8_t *ip = frame + 14, *udp = ip + 20;
    ip[0] = 0x45;
    put16(ip + 2, 28 + len);
    ip[8] = 64;
    ip[9] = 17;
    memcpy(ip + 12, from, 4);
    memcpy(ip + 16, to, 4);
    put16(ip + 10, fold(ip, 20));
    put16(udp, from_port);
    put16(udp + 2, to_port);
    put16(udp + 4, 8 + len);
    memcpy(udp + 8, body, len);
    wire_put(&a, frame, 42 + len);
}

static void answer_dhcp(const uint8_t *frame, const uint8_t *asked)
{
    static const uint8_t server[4] = {10, 0, 2, 2};
    uint8_t body[300] = {2, 1, 6}, mine[4] = {10, 0, 2, lease_last};
    asked_dhcp++;
    memcpy(body + 4, asked + 4, 4);
    memcpy(body + 16, mine, 4);
    memcpy(body + 28, asked + 28, 16);
    memcpy(body + 236, "\x63\x82\x53\x63\x35\1", 6);
    body[242] = asked[242] == 1 ? 2 : 5; /* DISCOVER: OFFER; REQUEST: ACK */
    memcpy(body + 243,
           "\x36\4\x0a\0\2\2\x33\4\0\0\x0e\x10\1\4\xff\xff\xff\0\3\4\x0a\0\2\2\6\4\x0a\0\2\3"
           "\x2a\x08\x0a\0\2\7\x0a\0\2\x08\xff",
           41);
    answer_udp(frame, server, mine, 67, 68, body, sizeof body);
}

static uint8_t dns_says[4] = {1, 2, 3, 4}, dns_says6[16];

static void answer_dns(const uint8_t *frame, const uint8_t *asked, uint32_t len)
{
    static const uint8_t server[4] = {10, 0, 2, 3};
    uint8_t body[512];
    asked_dns++;
    memcpy(body, asked, len);
    put16(body + 2, 0x8180);
    put16(body + 6, 1);
    bool six = asked[len - 3] == 28; /* AAAA */
    uint32_t room = six ? 16 : 4;
    memcpy(body + len,
           six ? "\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10" : "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);
    memcpy(body + len + 12, six ? dns_says6 : dns_says, room);
    answer_udp(frame, server, frame + 26, 53, (uint32_t)frame[34] << 8 | frame[35], body,
               len + 12 + room);
}

/* The one of the two time servers that DHCP names which is there. */
static void answer_time(const uint8_t *frame)
{
    static const uint8_t server[4] = {10, 0, 2, 8};
    uint8_t body[48] = {4 << 3 | 4, 1};
    if (memcmp(frame + 30, server, 4) == 0) {
        memcpy(body + 24, frame + 42 + 40, 8);
        memcpy(body + 32, "\xed\0\0\0\0\0\0\0\xed\0\0\0\0\0\0\0", 16);
        answer_udp(frame, server, frame + 26, 123, (uint32_t)frame[34] << 8 | frame[35], body, 48);
    }
}

static void answer_arp(const uint8_t *frame)
{
    uint8_t out[42];
    bool own = frame[41] == lease_last;
    if (frame[21] != 1 || (own && !taken)) {
        return;
    }
    memcpy(out, frame, sizeof out);
    memcpy(out, frame + 6, 6);
    memcpy(out + 6, "\x52\x55\x0a\0\2\2", 6);
    out[21] = 2;
    memcpy(out + 22, out + 6, 6);
    memcpy(out + 28, frame + 38, 4);
    memcpy(out + 32, frame + 22, 10);
    wire_put(&a, out, sizeof out);
}

static void by_hand(const uint8_t *frame, uint32_t len)
{
    if (len >= 42 && frame[12] == 8 && frame[13] == 6) {
        answer_arp(frame);
    } else if (len > 42 && frame[12] == 8 && frame[13] == 0 && frame[23] == 17) {
        uint32_t port = (uint32_t)frame[36] << 8 | frame[37];
        if (port == 67 && answers_dhcp) {
            answer_dhcp(frame, frame + 42);
        } else if (port == 53) {
            answer_dns(frame, frame + 42, len - 42);
        } else if (port == 123 && len == 90) {
            answer_time(frame);
        }
    }
}

static bool has_address(void)
{
    struct net_card_info card = {.size = sizeof card};
    return a.net->card_at(1, &card) && card.ip4[0] == 10 && card.ip4[3] == lease_last;
}

static void begin_by_hand(void)
{
    b.deaf = true;
    heard = by_hand;
    wire_begin(NULL, "10.0.0.2/24");
    b.net->card_link(b.card, false);
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
    lease_last = 16;
    taken = false;
    assert_true(wire_until(has_address, 60000));
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
        cmocka_unit_test(packets_of_any_size),
        cmocka_unit_test(echoes),
        cmocka_unit_test(to_everybody),
        cmocka_unit_test(packets_that_nobody_reads_leave_room_for_others),
        cmocka_unit_test(others_in_the_house_have_names),
        cmocka_unit_test(names_without_anybody_to_ask),
        cmocka_unit_test(dhcp_and_names),
        cmocka_unit_test(an_answer_of_six_leads_nowhere_near),
        cmocka_unit_test(dhcp_says_who_knows_the_time),
        cmocka_unit_test(nobody_answers_dhcp),
        cmocka_unit_test(an_address_that_is_taken),
        cmocka_unit_test(garbage),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
