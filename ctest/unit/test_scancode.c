/* SPDX-License-Identifier: MIT */
/* Scan codes of set 1 and mouse packets: every code there is, in both tables, down and up. */
#include "test.h"

#include "x86/scancode.h"

static struct scancode_keyboard k;
static struct scancode_key got[SCANCODE_KEYS];

static uint32_t byte(uint8_t b)
{
    memset(got, 0, sizeof got);
    return scancode_byte(&k, b, got);
}

static int fresh(void **state)
{
    (void)state;
    memset(&k, 0, sizeof k);
    return 0;
}

/* What keyboards really send, by the names of linux/input-event-codes.h. */
static const struct {
    uint8_t code;
    bool extended;
    uint16_t key;
} table[] = {
    {0x01, false, 1},  {0x0e, false, 14},  {0x1c, false, 28},  {0x1d, false, 29},
    {0x2a, false, 42}, {0x37, false, 55},  {0x3b, false, 59},  {0x44, false, 68},
    {0x45, false, 69}, {0x46, false, 70},  {0x53, false, 83},  {0x54, false, 99},
    {0x56, false, 86}, {0x57, false, 87},  {0x58, false, 88},  {0x59, false, 117},
    {0x5c, false, 95}, {0x5d, false, 183}, {0x70, false, 93},  {0x73, false, 89},
    {0x76, false, 85}, {0x77, false, 91},  {0x78, false, 90},  {0x79, false, 92},
    {0x7b, false, 94}, {0x7d, false, 124}, {0x7e, false, 121}, {0x1c, true, 96},
    {0x1d, true, 97},  {0x35, true, 98},   {0x37, true, 99},   {0x38, true, 100},
    {0x46, true, 119}, {0x47, true, 102},  {0x48, true, 103},  {0x53, true, 111},
    {0x5b, true, 125}, {0x5c, true, 126},  {0x5d, true, 127},  {0x5e, true, 116},
    {0x5f, true, 142}, {0x63, true, 143},  {0x20, true, 113},  {0x2e, true, 114},
    {0x30, true, 115}, {0x19, true, 163},  {0x22, true, 164},  {0x10, true, 165},
    {0x24, true, 166}, {0x32, true, 172},  {0x21, true, 140},  {0x6c, true, 155},
    {0x6a, true, 158}, {0x69, true, 159},  {0x67, true, 173},  {0x6b, true, 157},
};

static void the_known_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        assert_int_equal(scancode_key(table[i].code, table[i].extended), table[i].key);
    }
    for (uint8_t code = 1; code < 0x54; code++) {
        assert_int_equal(scancode_key(code, false), code);
    }
}

static void each_code_down_again_and_up(void **state)
{
    (void)state;
    uint32_t keys = 0, seen[256] = {0};
    for (uint32_t extended = 0; extended < 2; extended++) {
        for (uint8_t code = 1; code < 0x80; code++) {
            uint32_t key = scancode_key(code, extended != 0);
            bool prefix = code == 0x60 || code == 0x61;
            assert_true(key < 256);
            if (prefix) { /* 0xe0 and 0xe1 would be their releases */
                assert_int_equal(key, 0);
                continue;
            }
            for (uint32_t step = 0; step < 4; step++) { /* down, again, up, up */
                uint8_t b = (uint8_t)(step < 2 ? code : code | 0x80);
                if (extended != 0) {
                    assert_int_equal(byte(0xe0), 0);
                }
                uint32_t count = byte(b);
                bool korean = extended == 0 && step == 3 && (code == 0x71 || code == 0x72);
                if (korean) { /* keys that only ever go up are taps */
                    assert_int_equal(count, 2);
                    assert_true(got[0].down && !got[1].down);
                } else {
                    assert_int_equal(count, key != 0 && step < 3);
                    assert_true(count == 0 || got[0].code == key);
                    assert_true(count == 0 || got[0].down == (step < 2));
                }
            }
            keys += key != 0;
            seen[key]++;
        }
    }
    assert_true(keys > 150);
    for (uint32_t key = 1; key < 256; key++) { /* two ways to SysRq, no other key has two */
        assert_true(seen[key] <= (key == 99 ? 2u : 1u));
    }
}

static void pause_and_break(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5};
    for (uint32_t again = 0; again < 2; again++) {
        for (uint32_t i = 0; i < sizeof bytes; i++) {
            uint32_t count = byte(bytes[i]);
            assert_int_equal(count, i % 3 == 2);
            assert_true(count == 0 || (got[0].code == 119 && got[0].down == (i == 2)));
        }
    }
    assert_int_equal(byte(0xe0), 0); /* with Ctrl it is one code, both ways at once */
    assert_int_equal(byte(0x46), 1);
    assert_true(got[0].code == 119 && got[0].down);
    assert_int_equal(byte(0xe0), 0);
    assert_int_equal(byte(0xc6), 1);
    assert_true(got[0].code == 119 && !got[0].down);
}

static void shifts_that_nobody_pressed(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa,
                                    0xe0, 0xb6, 0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0x36};
    static const uint8_t want[] = {0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0};
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(byte(bytes[i]), want[i]);
    }
}

/* The release of two keys looks like the answers to a command. */
static void answers_are_no_keys_and_keys_no_answers(void **state)
{
    (void)state;
    k.answers = true;
    assert_int_equal(byte(0xfa), 0);
    assert_false(k.answers);
    assert_int_equal(byte(0x7e), 1);
    assert_int_equal(byte(0xfe), 1);
    assert_true(got[0].code == 121 && !got[0].down);
    assert_int_equal(byte(0), 0); /* overruns */
    assert_int_equal(byte(0xff), 0);
    assert_int_equal(byte(0x9e), 0); /* up without down */
    assert_int_equal(byte(0x1e), 1);
    assert_int_equal(byte(0x9e), 1);
}

static void mice(void **state)
{
    (void)state;
    struct scancode_motion m;
    const uint8_t packet[4] = {0x08 | 0x10 | 5, 0xfe, 3, 0x2f};
    scancode_packet(MOUSE_PLAIN, packet, &m);
    assert_true(m.dx == -2 && m.dy == -3 && m.wheel == 0 && m.buttons == 5);
    scancode_packet(MOUSE_WHEEL, packet, &m);
    assert_true(m.wheel == 1 && m.buttons == 5);
    scancode_packet(MOUSE_FIVE, packet, &m);
    assert_true(m.wheel == 1 && m.buttons == (5 | 0x10));
    const uint8_t other[4] = {0x08 | 0x20, 1, 0x80, 0x18};
    scancode_packet(MOUSE_FIVE, other, &m);
    assert_true(m.dx == 1 && m.dy == 128 && m.wheel == 8 && m.buttons == 8);
    const uint8_t overflow[4] = {0x08 | 0xc0 | 2, 1, 1, 0};
    scancode_packet(MOUSE_WHEEL, overflow, &m);
    assert_true(m.dx == 0 && m.dy == 0 && m.buttons == 2);
}

static void any_bytes(void **state)
{
    (void)state;
    struct rng rng = {11};
    for (uint32_t i = 0; i < 200000; i++) {
        uint32_t count = byte((uint8_t)rng_next(&rng));
        assert_true(count <= SCANCODE_KEYS);
        for (uint32_t n = 0; n < count; n++) {
            assert_true(got[n].code != 0 && got[n].code < 256);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_known_ones, fresh),
        cmocka_unit_test_setup(each_code_down_again_and_up, fresh),
        cmocka_unit_test_setup(pause_and_break, fresh),
        cmocka_unit_test_setup(shifts_that_nobody_pressed, fresh),
        cmocka_unit_test_setup(answers_are_no_keys_and_keys_no_answers, fresh),
        cmocka_unit_test_setup(mice, fresh),
        cmocka_unit_test_setup(any_bytes, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
