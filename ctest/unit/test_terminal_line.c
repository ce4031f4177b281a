/* SPDX-License-Identifier: MIT */
/* The line discipline of apps/terminal, without the app: what is typed, shown and read. */
#include "../../apps/terminal/discipline.h"

#include "test.h"

static char shown[8192];
static uint32_t shown_len, rung;

static void show(void *self, const uint8_t *bytes, uint32_t len)
{
    (void)self;
    assert_true(shown_len + len <= sizeof shown);
    memcpy(shown + shown_len, bytes, len);
    shown_len += len;
}

static void bell(void *self)
{
    (void)self;
    rung++;
}

static uint32_t column(void *self)
{
    (void)self;
    return 0;
}

static const struct disc_screen screen = {show, bell, column, NULL};
static struct discipline d;

static int begin(void **state)
{
    (void)state;
    discipline_init(&d, &screen);
    shown_len = rung = 0;
    return 0;
}

static void type(const char *text)
{
    for (; *text != 0; text++) {
        discipline_type(&d, (uint8_t)*text, 0);
    }
}

static void is_shown(const char *text)
{
    shown[shown_len] = 0;
    assert_string_equal(shown, text);
    shown_len = 0;
}

static void reads(const char *text)
{
    uint8_t bytes[5000];
    uint32_t count;
    assert_int_equal(discipline_read(&d, bytes, sizeof bytes, &count, 0), DISC_READ_SOME);
    assert_int_equal(count, strlen(text));
    assert_memory_equal(bytes, text, count);
}

static void reads_not(enum disc_read what, uint64_t now)
{
    uint8_t byte;
    uint32_t count = 9;
    assert_int_equal(discipline_read(&d, &byte, 1, &count, now), what);
    assert_int_equal(count, 0);
}

static void raw(uint8_t least, uint8_t tenths)
{
    struct disc_modes m = d.modes;
    m.input &= ~(DISC_ICRNL | DISC_IXON);
    m.local &= ~(DISC_ICANON | DISC_ECHO | DISC_ISIG | DISC_IEXTEN);
    m.cc[DISC_MIN] = least;
    m.cc[DISC_TIME] = tenths;
    discipline_set(&d, &m, 0);
}

static void a_line_is_edited_before_it_is_read(void **state)
{
    (void)state;
    type("ab");
    reads_not(DISC_READ_AGAIN, 0);
    type("x\x7f"
         "c\r");
    is_shown("abx\b \bc\r\n");
    reads("abc\n");
    reads_not(DISC_READ_AGAIN, 0);
    type("one\rtwo\r");
    reads("one\n"); /* one line at a time */
    reads("two\n");
    type("\x7f\x7f");
    shown_len = 0;
    type("two words\x17\x17\r"); /* ^W */
    is_shown("two words\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\r\n");
    reads("\n");
    type("gone\x15"
         "kept\r"); /* ^U */
    reads("kept\n");
}

static void a_character_is_erased_as_a_whole(void **state)
{
    (void)state;
    type("\xc3\xbc\x7f");
    is_shown("\xc3\xbc\b \b");
    type("\xe6\x97\xa5\x7f"); /* two columns wide */
    is_shown("\xe6\x97\xa5\b \b\b \b");
    type("a\t\x7f\r"); /* up to column 8 */
    is_shown("a\t\b \b\b \b\b \b\b \b\b \b\b \b\b \b\r\n");
    reads("a\n");
    type("\x16\x03\x7f\r"); /* ^V ^C */
    is_shown("^C\b \b\b \b\r\n");
    reads("\n");
}

static void the_end_is_typed(void **state)
{
    (void)state;
    type("\x04");
    assert_true(discipline_readable(&d, 0));
    reads_not(DISC_READ_END, 0);
    reads_not(DISC_READ_AGAIN, 0);
    type("half\x04");
    reads("half");
    reads_not(DISC_READ_AGAIN, 0);
    type("\x04\x04");
    reads_not(DISC_READ_END, 0);
    reads_not(DISC_READ_END, 0);
}

static void signals(void **state)
{
    (void)state;
    type("abc\x03");
    is_shown("abc^C");
    assert_int_equal(discipline_signal(&d), DISC_SIGINT);
    assert_int_equal(discipline_signal(&d), 0);
    type("\r");
    reads("\n"); /* what was typed before is gone */
    type("\x1c\x1a");
    assert_int_equal(discipline_signal(&d), DISC_SIGQUIT);
    assert_int_equal(discipline_signal(&d), DISC_SIGTSTP);
    raw(1, 0);
    type("\x03\r");
    assert_int_equal(discipline_signal(&d), 0);
    reads("\x03\r");
}

static void output_stops_and_goes_on(void **state)
{
    (void)state;
    type("\x13");
    assert_true(d.stopped);
    type("a");
    assert_true(d.stopped);
    type("\x11");
    assert_false(d.stopped);
    type("\x13\x03"); /* ^C as well */
    assert_false(d.stopped);
    d.modes.input |= DISC_IXANY;
    type("\x13x");
    assert_false(d.stopped);
    type("\x13");
    raw(1, 0); /* nobody could start it again */
    assert_false(d.stopped);
}

static void ends_of_lines(void **state)
{
    (void)state;
    discipline_write(&d, (const uint8_t *)"a\nb\r\n\n", 6);
    is_shown("a\r\nb\r\r\n\r\n");
    d.modes.output = 0;
    discipline_write(&d, (const uint8_t *)"a\n", 2);
    is_shown("a\n");
    d.modes.output = DISC_OPOST | DISC_OCRNL;
    discipline_write(&d, (const uint8_t *)"\ra", 2);
    is_shown("\na");
    d.modes.input |= DISC_IGNCR;
    d.modes.local &= ~DISC_ECHO;
    type("\r\n");
    reads("\n");
    is_shown("");
}

static void least_and_time(void **state)
{
    (void)state;
    const uint64_t tenth = 100000000;
    raw(0, 0);
    reads_not(DISC_READ_END, 0);
    assert_false(discipline_readable(&d, 0));
    raw(0, 2);
    reads_not(DISC_READ_AGAIN, 5);
    assert_int_equal(discipline_deadline(&d), 2 * tenth + 5);
    reads_not(DISC_READ_AGAIN, tenth);
    assert_true(discipline_readable(&d, 2 * tenth + 5));
    reads_not(DISC_READ_END, 2 * tenth + 5);
    reads_not(DISC_READ_AGAIN, 3 * tenth); /* another reader waits anew */
    type("x");
    assert_true(discipline_readable(&d, 3 * tenth));
    reads("x");
    raw(3, 0);
    type("ab");
    assert_false(discipline_readable(&d, 1000 * tenth));
    type("c");
    reads("abc");
    raw(3, 1);
    assert_int_equal(discipline_deadline(&d), UINT64_MAX);
    discipline_type(&d, 'a', tenth);
    assert_false(discipline_readable(&d, 2 * tenth - 1));
    assert_int_equal(discipline_deadline(&d), 2 * tenth);
    assert_true(discipline_readable(&d, 2 * tenth));
}

static void what_was_typed_survives_other_modes(void **state)
{
    (void)state;
    type("abc");
    raw(1, 0);
    reads("abc");
    type("xyz");
    struct disc_modes m = d.modes;
    m.local |= DISC_ICANON;
    discipline_set(&d, &m, 0);
    reads("xyz");
    type("gone");
    discipline_set(&d, &m, 1);
    type("\n");
    reads("\n");
}

static void what_finds_no_room_rings(void **state)
{
    (void)state;
    d.modes.local &= ~DISC_ECHO;
    for (uint32_t i = 0; i < 2 * DISC_LINE; i++) {
        type("x");
    }
    assert_int_equal(rung, 2 * DISC_LINE - (DISC_LINE - 1));
    assert_int_equal(discipline_room(&d), 0);
    type("\n");
    uint8_t bytes[DISC_LINE + 1];
    uint32_t count;
    assert_int_equal(discipline_read(&d, bytes, sizeof bytes, &count, 0), DISC_READ_SOME);
    assert_int_equal(count, DISC_LINE);
    raw(1, 0);
    rung = 0;
    for (uint32_t i = 0; i < DISC_QUEUE + 7; i++) {
        type("y");
    }
    assert_int_equal(rung, 7);
}

/* Anything typed, in any modes: every byte that comes out was put in, and nothing runs over. */
static void random_typing(void **state)
{
    (void)state;
    uint64_t seed = 2026;
    uint8_t bytes[300];
    for (uint32_t round = 0; round < 300000; round++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t r = (uint32_t)(seed >> 33), count = 0;
        shown_len = 0;
        if (r % 97 == 0) {
            struct disc_modes m = d.modes;
            m.input = (uint32_t)(seed >> 20);
            m.local = (uint32_t)(seed >> 11);
            m.output = (uint32_t)(seed >> 9);
            m.cc[r % DISC_CHARS] = (uint8_t)(seed >> 50);
            discipline_set(&d, &m, r % 5 == 0);
        } else if (r % 7 == 0) {
            enum disc_read what = discipline_read(&d, bytes, r % sizeof bytes, &count, round);
            assert_true(count <= r % sizeof bytes);
            assert_int_equal(what == DISC_READ_SOME, count > 0);
            discipline_readable(&d, round);
            discipline_deadline(&d);
            discipline_signal(&d);
        } else {
            uint32_t room = discipline_room(&d), before = rung;
            discipline_type(&d, (uint8_t)(r % 3 == 0 ? r >> 8 : 'a' + r % 26), round);
            assert_true(room == 0 || rung == before);
            assert_true(d.queued + d.line_len <= DISC_QUEUE && d.line_len <= DISC_LINE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_is_edited_before_it_is_read, begin),
        cmocka_unit_test_setup(a_character_is_erased_as_a_whole, begin),
        cmocka_unit_test_setup(the_end_is_typed, begin),
        cmocka_unit_test_setup(signals, begin),
        cmocka_unit_test_setup(output_stops_and_goes_on, begin),
        cmocka_unit_test_setup(ends_of_lines, begin),
        cmocka_unit_test_setup(least_and_time, begin),
        cmocka_unit_test_setup(what_was_typed_survives_other_modes, begin),
        cmocka_unit_test_setup(what_finds_no_room_rings, begin),
        cmocka_unit_test_setup(random_typing, begin),
    };
    return RUN(tests);
}
