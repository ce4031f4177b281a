/* SPDX-License-Identifier: MIT */
/* A peer that says anything: numbers, windows, flags and options by chance, near to what would be
 * right. Whatever it says, nothing breaks, and when all is closed nothing is left. */
#include "peer.h"

static struct sock *listening, *socks[16];
static uint32_t next, began;
static bool greeted;
static uint8_t bytes[70000];
static struct lent lent = {.bytes = bytes};

static void hears(const uint8_t *frame, uint32_t len)
{
    uint32_t data = 0;
    const uint8_t *tcp = peer_hears(frame, len, &data);
    if (tcp == NULL) {
        return;
    }
    if ((tcp[13] & SYN) != 0) {
        peer_seen = get32(tcp + 4) + 1;
        greeted = true;
    } else if (rng_below(&dice, 3) != 0) { /* else it has heard nothing */
        peer_seen = get32(tcp + 4) + data + (tcp[13] & FIN);
    }
}

static uint32_t chance(uint32_t below)
{
    return (uint32_t)rng_below(&dice, below);
}

static uint32_t some_window(void)
{
    static const uint32_t windows[] = {0,   0,   1,   2,    3,    7,     100,
                                       216, 431, 536, 1460, 2919, 20000, 65535};
    return windows[chance(sizeof windows / sizeof windows[0])];
}

static uint32_t some_options(uint8_t out[40])
{
    static const char *const known[] = {"\2\4\0\1",   "\2\4\0\0", "\2\4\5\xb4",   "\2\4\2\x18",
                                        "\3\3\xe\1",  "\1\1\4\2", "\2\4\xff\xff", "\1\1\1\2",
                                        "\3\3\0\1",   "\2\3\0\1", "\5\2\1\1",     "\2\4\0\x30",
                                        "\x8\x4\1\1", "\3\2\3\3", "\x13\x28\1\1", "\0\0\0\0"};
    uint32_t len = 4 * chance(4);
    for (uint32_t at = 0; at < len; at += 4) {
        memcpy(out + at, known[chance(sizeof known / sizeof known[0])], 4);
    }
    return len;
}

static uint32_t near(uint32_t number, uint32_t spread)
{
    switch (chance(8)) {
    case 0:
        return number + chance(spread);
    case 1:
        return number - chance(spread);
    case 2:
        return chance(20) == 0 ? (uint32_t)rng_next(&dice) : number;
    default:
        return number;
    }
}

static void says_something(void)
{
    uint8_t options[40];
    uint32_t options_len = chance(3) == 0 ? some_options(options) : 0, len = 0, flags = ACK;
    if (chance(2) == 0) {
        len = chance(3) == 0 ? chance(1400) : chance(20);
    }
    switch (chance(40)) {
    case 0:
        flags |= FIN;
        break;
    case 1:
        flags |= SYN;
        break;
    case 2:
        flags = SYN;
        break;
    case 3:
        flags = chance(8) == 0 ? RST | ACK : ACK;
        break;
    case 4:
        flags = chance(256);
        break;
    default:
        break;
    }
    uint32_t number = near(next, 70000), kept = peer_seen;
    if (chance(4) == 0) {
        peer_window = some_window();
    }
    peer_seen = near(peer_seen, 3000);
    peer_says(number, flags, options, options_len, bytes + chance(1000), len);
    peer_seen = kept;
    if (number == next) {
        next += len + (flags & FIN);
    }
}

static void app_does_something(void)
{
    uint32_t count = 0, which = chance(16);
    static uint8_t back[70000];
    struct sock **s = &socks[which];
    if (*s == NULL) {
        (void)a.net->accept(listening, s);
        return;
    }
    switch (chance(12)) {
    case 0:
        (void)a.net->receive(*s, back, chance(sizeof back), false, &count);
        break;
    case 1:
        (void)a.net->receive(*s, back, chance(100), chance(2) == 0, &count);
        break;
    case 2:
        (void)a.net->send_lent(*s, &lent, chance(1000), chance(60000), &count);
        break;
    case 3:
        (void)a.net->set(*s, NET_NODELAY, chance(2));
        break;
    case 4:
        if (chance(20) == 0) {
            (void)a.net->shutdown(*s, 1 + chance(3));
        }
        break;
    case 5:
        if (chance(20) == 0) {
            a.net->close(*s);
            *s = NULL;
        }
        break;
    case 6:
        (void)a.net->send(*s, bytes, chance(60000), &count);
        break;
    default:
        (void)a.net->send(*s, bytes, 1 + chance(3000), &count);
        break;
    }
}

static void come(void)
{
    uint8_t options[40];
    uint32_t len = some_options(options);
    peer_port = peer_port >= 60000 ? 4000 : peer_port + 1;
    greeted = false;
    peer_window = some_window();
    next = began = (uint32_t)rng_next(&dice);
    peer_says(next++, SYN, options, len, NULL, 0);
    wire_pass(2);
    peer_window = chance(2) == 0 ? peer_window : some_window();
    if (greeted) {
        peer_says(next, ACK, NULL, 0, NULL, 0);
    }
    wire_pass(2);
}

static void talk(uint32_t does)
{
    struct net_address any = at(1, PORT);
    memset(any.bytes, 0, sizeof any.bytes);
    b.deaf = true;
    heard = hears;
    wire_does = does;
    const char *seed = getenv("ARGOS_SEED"), *rounds = getenv("ARGOS_ROUNDS");
    dice.state += (seed != NULL ? strtoull(seed, NULL, 0) : 0) + does;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000);
    a.owner.bytes_most = 1 << 20;
    uint64_t before = a.net->memory();
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &listening), CTX_OK);
    assert_int_equal(a.net->bind(listening, &any), CTX_OK);
    assert_int_equal(a.net->listen(listening, 10), CTX_OK);
    for (uint32_t i = 0; i < (rounds != NULL ? (uint32_t)atoi(rounds) : 300u); i++) {
        come();
        for (uint32_t k = chance(200); k > 0; k--) {
            if (chance(2) == 0) {
                says_something();
            } else {
                app_does_something();
            }
            if (chance(3) == 0) {
                wire_pass(chance(30) == 0 ? chance(20000) : chance(4));
            }
            assert_in_range(a.owner.bytes, 0, (1 << 20) + 300000);
        }
    }
    a.net->owner_end(&a.owner);
    heard = NULL;
    wire_pass(3000000);
    assert_int_equal(a.owner.sockets, 0);
    assert_int_equal(a.owner.bytes, 0);
    assert_int_equal(lent.users, 0);
    assert_in_range(a.net->memory(), 1, before + 2048);
}

static void says_anything(void **state)
{
    (void)state;
    talk(0);
}

static void says_anything_where_segments_are_long(void **state)
{
    (void)state;
    talk(CARD_SUMS | CARD_TSO4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_anything),
        cmocka_unit_test(says_anything_where_segments_are_long),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
