/* SPDX-License-Identifier: MIT */
/* A terminal's bytes as key presses. */
#include "input_view.h"
#include "serial_keys.h"
#include "test.h"

#include <kernel/input.h>

static struct ctx_input page;
static struct input_view view;
static struct serial_keys keys;

static int setup(void **state)
{
    (void)state;
    input_forget(UINT64_MAX, UINT64_MAX);
    memset(&page, 0, sizeof page);
    memset(&keys, 0, sizeof keys);
    input_view_start(NULL, &view, &page);
    return 0;
}

/* The events that these bytes cause, as text: +30 -30 ... */
static const char *typed(const char *bytes, size_t len)
{
    static char text[1024];
    size_t at = 0;
    text[0] = 0;
    for (size_t i = 0; i < len; i++) {
        uint32_t room = input_room();
        serial_keys_byte(&keys, (uint8_t)bytes[i]);
        assert_true(room - input_room() <= SERIAL_KEYS_MAX);
    }
    uint64_t seen = page.last;
    input_view_update(&view, machine_now_ns());
    input_forget(view.seen, UINT64_MAX);
    for (; seen < page.last; seen++) {
        const struct ctx_key_event *e = &page.ring[(seen + 1) % 64];
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%c%llu", at != 0 ? " " : "",
                               e->down != 0 ? '+' : '-', (unsigned long long)e->code);
    }
    return text;
}

#define TYPED(bytes) typed(bytes, sizeof(bytes) - 1)

/* On a US keyboard, character by character: the key without Shift, and whether Shift is needed. */
static void every_printable_character(void **state)
{
    (void)state;
    static const char rows[4][2][16] = {{"1234567890-=", "!@#$%^&*()_+"},
                                        {"qwertyuiop[]", "QWERTYUIOP{}"},
                                        {"asdfghjkl;'`", "ASDFGHJKL:\"~"},
                                        {"\\zxcvbnm,./", "|ZXCVBNM<>?"}};
    static const uint32_t first[4] = {2, 16, 30, 43};
    uint32_t count = 0;
    for (uint32_t r = 0; r < 4; r++) {
        for (uint32_t i = 0; rows[r][0][i] != 0; i++, count += 2) {
            char expected[64];
            uint32_t code = first[r] + i;
            snprintf(expected, sizeof expected, "+%u -%u", code, code);
            assert_text(typed(&rows[r][0][i], 1), expected);
            snprintf(expected, sizeof expected, "+42 +%u -%u -42", code, code);
            assert_text(typed(&rows[r][1][i], 1), expected);
        }
    }
    assert_text(TYPED(" "), "+57 -57");
    assert_int_equal(count + 1, 95);
}

static void control_characters(void **state)
{
    (void)state;
    assert_text(TYPED("\r"), "+28 -28");
    assert_text(TYPED("\n"), "+28 -28");
    assert_text(TYPED("\t"), "+15 -15");
    assert_text(TYPED("\x08"), "+14 -14");
    assert_text(TYPED("\x7f"), "+14 -14");
    assert_text(TYPED("\x01"), "+29 +30 -30 -29");
    assert_text(TYPED("\x1a"), "+29 +44 -44 -29");
    assert_text(TYPED("\0"), "");
    assert_text(TYPED("\x1c\x1d\x1e\x1f"), "");
    for (int c = 0x80; c < 0x100; c++) {
        char byte = (char)c;
        assert_text(typed(&byte, 1), "");
    }
}

static void escape_sequences(void **state)
{
    (void)state;
    assert_text(TYPED("\x1b[A\x1b[B\x1b[C\x1b[D"), "+103 -103 +108 -108 +106 -106 +105 -105");
    assert_text(TYPED("\x1bOA\x1b[H\x1b[F"), "+103 -103 +102 -102 +107 -107");
    assert_text(TYPED("\x1b[2~\x1b[3~\x1b[5~\x1b[6~"), "+110 -110 +111 -111 +104 -104 +109 -109");
    assert_text(TYPED("\x1b[1~\x1b[4~"), "+102 -102 +107 -107");
    assert_text(TYPED("\x1b[99~\x1b[Za"), "+30 -30"); /* unknown ones are swallowed whole */
    assert_text(TYPED("\x1b[99999999999~a"), "+30 -30");
    assert_text(TYPED("\x1b[1;5Ca"), "+30 -30"); /* with Ctrl held: not known, not typed either */
    assert_text(TYPED("\x1b[\x01"
                      "a"),
                "+30 -30"); /* broken off */
    assert_false(serial_keys_pending(&keys));
}

static void escape_alone(void **state)
{
    (void)state;
    assert_text(TYPED("\x1b"), "");
    assert_true(serial_keys_pending(&keys));
    serial_keys_pause(&keys);
    assert_text(TYPED(""), "+1 -1");
    assert_false(serial_keys_pending(&keys));
    serial_keys_pause(&keys);
    assert_text(TYPED(""), "");
    assert_text(TYPED("\x1b\x1b"), "+1 -1"); /* the second one is pending */
    assert_true(serial_keys_pending(&keys));
    assert_text(TYPED("A"), "+1 -1 +42 +30 -30 -42");
    assert_text(TYPED("\x1b["), "");
    serial_keys_pause(&keys); /* a sequence that never ended is no key */
    assert_text(TYPED("a"), "+30 -30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_printable_character, setup),
        cmocka_unit_test_setup(control_characters, setup),
        cmocka_unit_test_setup(escape_sequences, setup),
        cmocka_unit_test_setup(escape_alone, setup),
    };
    return RUN(tests);
}
