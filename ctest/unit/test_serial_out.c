/* SPDX-License-Identifier: MIT */
/*
 * Log lines over a port that takes 16 bytes in 1.4 ms. Time is virtual: each look at the port takes
 * a microsecond, as on a real bus.
 */
#include "../../kernel/x86/serial_out.h"

#include "test.h"

#define BYTE_NS  86806u /* ten bits at 115,200 baud */
#define LOOK_NS  1000u
#define PATIENCE 1000000u

static struct {
    uint64_t now_ns, empty_at_ns; /* when the port has sent what it has */
    uint32_t in_fifo;
    bool broken;
    uint64_t breathed_ns, longest_ns; /* when the tick could come last; at most so long between */
    uint8_t got[4 * SERIAL_OUT_BYTES];
    size_t count;
} port;

static bool has_space(void)
{
    port.now_ns += LOOK_NS;
    if (port.broken || port.now_ns < port.empty_at_ns) {
        return false;
    }
    port.in_fifo = 0;
    return true;
}

static void put(uint8_t byte)
{
    if (!port.broken) {
        assert_true(++port.in_fifo <= 16); /* more would be lost */
    }
    port.empty_at_ns = MAX(port.empty_at_ns, port.now_ns) + BYTE_NS;
    port.got[port.count++] = byte;
}

static struct serial_out out;

/* The tick looks too, and nothing is amiss. */
static void breathe(void)
{
    uint64_t waited = port.now_ns - port.breathed_ns;
    port.longest_ns = MAX(port.longest_ns, waited);
    port.breathed_ns = port.now_ns;
    (void)serial_out_pump(&out);
}

static struct serial_out out = {.has_space = has_space, .put = put, .breathe = breathe, .fifo = 16};

static void begin(void)
{
    memset(&port, 0, sizeof port);
    out.first = out.count = 0;
    out.fifo = 16;
}

static size_t sent;

static void write_line(void)
{
    char line[100];
    for (size_t i = 0; i < sizeof line; i++) {
        sent++;
        line[i] = (char)((sent * 7 + sent / 251) & 0x7f);
    }
    serial_out_write(&out, line, sizeof line, PATIENCE);
    (void)serial_out_pump(&out);
}

static void check_all(void)
{
    assert_int_equal(port.count, sent);
    size_t n = 0;
    for (size_t i = 0; i < port.count; i++) {
        n++;
        assert_int_equal(port.got[i], (uint8_t)((n * 7 + n / 251) & 0x7f));
    }
}

/* A crash report of twenty lines: 174 ms on the line, but nobody waits for them. */
static void a_burst_of_lines(void **state)
{
    (void)state;
    begin();
    sent = 0;
    for (uint32_t i = 0; i < 20; i++) {
        write_line();
    }
    assert_true(port.now_ns < NSEC_PER_MSEC);
    assert_true(out.count > 1900);
    uint32_t ticks = 0; /* of two milliseconds */
    for (bool more = true; more; ticks++) {
        port.now_ns += 2 * NSEC_PER_MSEC;
        more = serial_out_pump(&out);
    }
    assert_in_range(ticks, 100, 140); /* 16 bytes each: 70 % of what the line could take */
    check_all();
}

/* More than there is room for waits for the line, and all of it arrives in order. */
static void more_than_the_room(void **state)
{
    (void)state;
    begin();
    sent = 0;
    uint64_t half = 0;
    while (sent < 2 * SERIAL_OUT_BYTES) {
        write_line();
        half = sent < SERIAL_OUT_BYTES ? port.now_ns : half;
    }
    assert_true(half < 20 * NSEC_PER_MSEC);
    assert_true(port.now_ns > NSEC_PER_SEC);
    serial_out_flush(&out, PATIENCE);
    assert_int_equal(out.count, 0);
    check_all();
}

/* A flood of lines on a line that is slower: whoever waits is found waiting by each tick (of 2 ms),
 * which is how a call is found to last too long. All of it arrives. */
static void the_tick_comes_while_a_flood_waits(void **state)
{
    (void)state;
    begin();
    sent = 0;
    while (sent < SERIAL_OUT_BYTES) {
        write_line();
    }
    uint64_t begun = port.breathed_ns = port.now_ns;
    port.longest_ns = 0;
    while (sent < 3 * SERIAL_OUT_BYTES) {
        write_line();
    }
    assert_true(port.now_ns - begun > 10 * NSEC_PER_SEC);
    assert_in_range(port.longest_ns, NSEC_PER_MSEC, 2 * NSEC_PER_MSEC);
    serial_out_flush(&out, PATIENCE);
    check_all();
}

static void without_a_buffer(void **state)
{
    (void)state;
    begin();
    out.fifo = 1; /* an 8250: a second byte would be lost */
    sent = 0;
    write_line();
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t before = (uint32_t)port.count;
        port.now_ns += NSEC_PER_MSEC;
        (void)serial_out_pump(&out);
        assert_true(port.count - before <= 1);
    }
    check_all();
}

/* A port that never takes anything holds nobody up for ever. */
static void a_broken_port(void **state)
{
    (void)state;
    begin();
    port.broken = true;
    sent = 0;
    write_line();
    assert_true(serial_out_pump(&out));
    serial_out_flush(&out, 50);
    assert_int_equal(out.count, 0);
    assert_true(port.now_ns < NSEC_PER_MSEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_of_lines),
        cmocka_unit_test(more_than_the_room),
        cmocka_unit_test(the_tick_comes_while_a_flood_waits),
        cmocka_unit_test(without_a_buffer),
        cmocka_unit_test(a_broken_port),
    };
    return RUN(tests);
}
