/* SPDX-License-Identifier: MIT */
/* What apps/terminal shows, without the app: libvterm's screen, what scrolled out, what is chosen,
 * pasted and sent. */
#include "../../apps/terminal/keys.h"
#include "../../apps/terminal/select.h"
#include "../../apps/terminal/tty.h"

#include "test.h"

#include <ctx/key.h>

static struct tty t;

static int begin(void **state)
{
    (void)state;
    assert_true(tty_init(&t, 5, 20));
    return 0;
}

static int end(void **state)
{
    (void)state;
    tty_free(&t);
    return 0;
}

static void put(const char *text)
{
    tty_write(&t, (const uint8_t *)text, (uint32_t)strlen(text));
}

static const char *line_at(uint64_t line)
{
    static char text[512];
    VTermScreenCell cells[SCREEN_COLUMNS_MAX];
    int n = 0;
    screen_line(&t.screen, line, cells);
    for (int i = 0; i < t.screen.columns; i++) {
        text[n++] = cells[i].chars[0] == 0    ? ' '
                    : cells[i].chars[0] < 128 ? (char)cells[i].chars[0]
                                              : '?';
    }
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    text[n] = 0;
    return text;
}

static void shows(uint64_t row, const char *text)
{
    assert_string_equal(line_at(screen_top(&t.screen) + row), text);
}

/* What the program would read, without lines. */
static void sent(const char *text)
{
    uint8_t bytes[512] = {0};
    uint32_t count = 0;
    struct disc_modes m = t.line.modes;
    m.local &= ~(DISC_ICANON | DISC_ECHO | DISC_ISIG | DISC_IEXTEN);
    m.input = 0;
    discipline_set(&t.line, &m, 0);
    discipline_read(&t.line, bytes, sizeof bytes - 1, &count, 0);
    assert_string_equal((char *)bytes, text);
}

static void lines_scroll_out_and_stay(void **state)
{
    (void)state;
    char text[32];
    for (uint32_t i = 0; i < HISTORY_LINES + 100; i++) {
        snprintf(text, sizeof text, "\x1b[3%um%u\x1b[0m\n", i % 8, i);
        put(text);
    }
    assert_int_equal(screen_top(&t.screen) - screen_first(&t.screen), HISTORY_LINES);
    snprintf(text, sizeof text, "%u", HISTORY_LINES + 99);
    shows(3, text);
    uint64_t line = screen_first(&t.screen) + 5;
    snprintf(text, sizeof text, "%u", (unsigned)line);
    assert_string_equal(line_at(line), text);
    VTermScreenCell cells[20];
    screen_line(&t.screen, line, cells);
    assert_int_equal(cells[0].fg.indexed.idx, line % 8);
    assert_true(t.screen.history.bytes < 2000000);
    put("\x1b[3J");
    assert_int_equal(screen_top(&t.screen), screen_first(&t.screen));
}

static void whatever_is_in_a_line_comes_back(void **state)
{
    (void)state;
    put("e\xcc\x81\xe6\x97\xa5\x1b[1;4;38;2;1;2;3;48;5;200mx\x1b[0m  \x1b[7m \x1b[0m\n\n\n\n\n");
    VTermScreenCell cells[20];
    screen_line(&t.screen, screen_first(&t.screen), cells);
    assert_int_equal(cells[0].chars[0], 'e');
    assert_int_equal(cells[0].chars[1], 0x301);
    assert_int_equal(cells[1].chars[0], 0x65e5);
    assert_int_equal(cells[1].width, 2);
    assert_int_equal(cells[2].chars[0], UINT32_MAX);
    assert_true(cells[3].attrs.bold && cells[3].attrs.underline == 1);
    assert_true(VTERM_COLOR_IS_RGB(&cells[3].fg) && cells[3].fg.rgb.blue == 3);
    assert_int_equal(cells[3].bg.indexed.idx, 200);
    assert_true(cells[6].attrs.reverse);
    assert_int_equal(history_used(&t.screen.history, 0), 7);
}

static void another_size(void **state)
{
    (void)state;
    put("0123456789abcdefghijKLMNO\nend");
    shows(1, "KLMNO");
    assert_true(screen_resize(&t.screen, 5, 30));
    shows(0, "0123456789abcdefghijKLMNO"); /* it flows */
    shows(1, "end");
    assert_true(screen_resize(&t.screen, 3, 10));
    assert_true(screen_resize(&t.screen, 5, 30));
    assert_false(screen_resize(&t.screen, 1, 30));
    assert_false(screen_resize(&t.screen, 5, 5000));
    put("\x1b[?1049h\x1b[2J\x1b[Hprogram");
    shows(0, "program");
    assert_true(screen_resize(&t.screen, 8, 40));
    put("\x1b[?1049l");
    assert_int_equal(t.screen.alternate, 0);
}

static void questions_are_answered(void **state)
{
    (void)state;
    t.line.modes.local &= ~DISC_ICANON;
    t.line.modes.local &= ~DISC_ECHO;
    t.screen.text = 0xaabbcc;
    put("ab\x1b[6n\x1b[18t\x1b]10;?\x1b\\");
    sent("\x1b[1;3R\x1b[8;5;20t\x1b]10;rgb:aaaa/bbbb/cccc\x1b\\");
}

/* An answer that is echoed is written while libvterm is in the middle of the question. */
static void an_answer_is_echoed(void **state)
{
    (void)state;
    put("\x1b[6n");
    shows(0, "^[[1;1R");
    t.line.modes.local &= ~DISC_ECHOCTL;
    put("\x1b[6n\x1b[6n\x1b[6n");
}

static void titles(void **state)
{
    (void)state;
    put("\x1b]2;one\x07");
    assert_string_equal(t.screen.title, "one");
    put("\x1b]0;\xc3\xbc");
    put("b\xff\x01");
    put("er\xed\xa0\x80\x1b\\");
    assert_string_equal(t.screen.title, "\xc3\xbc"
                                        "ber");
    put("\x1b]2;");
    for (int i = 0; i < 500; i++) {
        put("\xe2\x82\xac");
    }
    put("\x07");
    assert_true(t.screen.title_len <= SCREEN_TITLE && t.screen.title_len % 3 == 0);
}

static void keys_as_xterm_sends_them(void **state)
{
    (void)state;
    static const struct {
        uint32_t code, modifiers;
        const char *want;
    } keys[] = {
        {CTX_KEY_UP, 0, "\x1b[A"},
        {CTX_KEY_LEFT, CTX_MOD_CTRL, "\x1b[1;5D"},
        {CTX_KEY_HOME, 0, "\x1b[H"},
        {CTX_KEY_END, CTX_MOD_SHIFT, "\x1b[1;2F"},
        {CTX_KEY_DELETE, 0, "\x1b[3~"},
        {CTX_KEY_PAGEUP, 0, "\x1b[5~"},
        {CTX_KEY_F1, 0, "\x1bOP"},
        {63, 0, "\x1b[15~"},
        {88, CTX_MOD_ALT, "\x1b[24;3~"},
        {CTX_KEY_ENTER, CTX_MOD_CTRL, "\r"},
        {96, 0, "\r"},
        {CTX_KEY_BACKSPACE, 0, "\x7f"},
        {CTX_KEY_BACKSPACE, CTX_MOD_CTRL, "\x08"},
        {CTX_KEY_TAB, CTX_MOD_SHIFT, "\x1b[Z"},
        {72, 0, "\x1b[A"},
        {72, CTX_MOD_NUM, "8"},
        {23, CTX_MOD_CTRL, "\t"},   /* i */
        {50, CTX_MOD_CTRL, "\r"},   /* m */
        {26, CTX_MOD_CTRL, "\x1b"}, /* [ */
        {30, CTX_MOD_CTRL | CTX_MOD_ALT, "\x1b\x01"},
    };
    struct ctx_keyboard keyboard = {0};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct ctx_event e = {.code = keys[i].code, .value = 1, .modifiers = keys[i].modifiers};
        sent("");
        assert_true(keys_key(&t, &keyboard, &e));
        sent(keys[i].want);
    }
    put("\x1b[?1h");
    struct ctx_event up = {.code = CTX_KEY_UP, .value = 1};
    keys_key(&t, &keyboard, &up);
    sent("\x1bOA");
    struct ctx_event text = {.code = 0xe4, .modifiers = CTX_MOD_ALT};
    keys_text(&t, &text);
    sent("\x1b\xc3\xa4");
}

static void the_mouse(void **state)
{
    (void)state;
    sent("");
    keys_mouse(&t, 1, 2, 1, 1, 0);
    sent(""); /* nobody asked */
    put("\x1b[?1000;1006h");
    keys_mouse(&t, 1, 2, 1, 1, 0);
    keys_mouse(&t, 1, 2, 1, 0, 0);
    sent("\x1b[<0;3;2M\x1b[<0;3;2m");
    keys_wheel(&t, 1, 2, -1, 0);
    sent("\x1b[<65;3;2M"); /* once */
}

static void pasting(void **state)
{
    (void)state;
    sent("");
    tty_paste(&t, (const uint8_t *)"a\nb\x1b[31m\x03", 9);
    sent("a\rb[31m");
    put("\x1b[?2004h");
    tty_paste(&t, (const uint8_t *)"x", 1);
    sent("\x1b[200~x\x1b[201~");
    static uint8_t much[50000];
    memset(much, 'y', sizeof much);
    tty_paste(&t, much, sizeof much);
    uint32_t total = 0, count;
    uint8_t bytes[4096];
    while (discipline_read(&t.line, bytes, sizeof bytes, &count, 0) == DISC_READ_SOME) {
        total += count;
        tty_pump(&t);
    }
    assert_int_equal(total, sizeof much + 12); /* nothing of it is lost */
    assert_null(t.paste);
}

static void choosing(void **state)
{
    (void)state;
    char text[256] = {0};
    struct selection s = {0};
    put("some words, here/and.c\n0123456789abcdefghij 2nd\n");
    struct spot at = {0, 6};
    select_press(&s, &t.screen, at, at, 0);
    select_drag(&s, &t.screen, (struct spot){0, 10}, (struct spot){0, 9});
    assert_int_equal(select_text(&s, &t.screen, text, sizeof text), 4);
    assert_memory_equal(text, "ords", 4);
    s.dragging = 0;
    select_press(&s, &t.screen, at, at, 100);
    assert_int_equal(select_text(&s, &t.screen, text, sizeof text), 5);
    assert_memory_equal(text, "words", 5);
    select_press(&s, &t.screen, at, at, 200); /* the line, and where it goes on */
    uint32_t len = select_text(&s, &t.screen, text, sizeof text);
    assert_int_equal(len, 22);
    assert_memory_equal(text, "some words, here/and.c", 22);
    select_clear(&s);
    assert_int_equal(select_text(&s, &t.screen, text, sizeof text), 0);
}

/* Any bytes in any pieces, sizes, keys; ARGOS_FUZZ_SEED has others. */
static void random_bytes(void **state)
{
    (void)state;
    static const char *const parts[] = {"\x1b[",
                                        "?",
                                        ";",
                                        "1",
                                        "49",
                                        "99999",
                                        "h",
                                        "l",
                                        "J",
                                        "K",
                                        "H",
                                        "m",
                                        "\x1b]",
                                        "\x07",
                                        "r",
                                        "S",
                                        "T",
                                        "L",
                                        "M",
                                        "@",
                                        "P",
                                        "\n",
                                        "\r",
                                        "\t",
                                        "\x1b"
                                        "c",
                                        "\x1b#6",
                                        "\xe6\x97\xa5",
                                        "\xcc\x81",
                                        "a",
                                        "\x1bP",
                                        "\x1b\\",
                                        " q",
                                        "\xf0\x9f",
                                        "\x90",
                                        "\x1b"
                                        "D",
                                        "t",
                                        "n",
                                        "b",
                                        "X",
                                        "\x18",
                                        "$p",
                                        ":",
                                        "38:2",
                                        "?1049h",
                                        "\x1b(0"};
    const char *other = getenv("ARGOS_FUZZ_SEED");
    uint64_t seed = other != NULL ? strtoull(other, NULL, 10) : 1717;
    for (uint32_t round = 0; round < 60000; round++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t r = (uint32_t)(seed >> 33);
        if (r % 501 == 0) {
            assert_true(screen_resize(&t.screen, (int)(2 + r / 7 % 40), (int)(8 + r / 11 % 90)));
        } else if (r % 5 == 0) {
            uint8_t byte = (uint8_t)(seed >> 50);
            tty_write(&t, &byte, 1);
        } else {
            put(parts[r % (sizeof parts / sizeof parts[0])]);
        }
        if (r % 101 == 0) {
            uint8_t bytes[64];
            uint32_t count;
            struct ctx_event e = {.code = r % 120, .value = 1, .modifiers = r >> 9 & 7};
            struct ctx_keyboard keyboard = {0};
            keys_key(&t, &keyboard, &e);
            keys_mouse(&t, (int)(r % 3), (int)(r % 5), (int)(r % 4), (int)(r & 1), 0);
            discipline_read(&t.line, bytes, sizeof bytes, &count, 0);
            screen_flush(&t.screen);
            for (uint64_t line = screen_first(&t.screen); line < screen_first(&t.screen) + 3;
                 line++) {
                line_at(line);
                screen_wraps(&t.screen, line);
            }
        }
    }
}

/* Marks that are written one by one join one character for ever. */
static void marks_without_end(void **state)
{
    (void)state;
    put("e");
    for (int i = 0; i < 20000; i++) {
        put("\xcc");
        put("\x81");
    }
    put("x");
    shows(0, "ex");
    assert_int_equal(t.screen.marks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(lines_scroll_out_and_stay),
        TEST(whatever_is_in_a_line_comes_back),
        TEST(another_size),
        TEST(questions_are_answered),
        TEST(an_answer_is_echoed),
        TEST(titles),
        TEST(keys_as_xterm_sends_them),
        TEST(the_mouse),
        TEST(pasting),
        TEST(choosing),
        TEST(random_bytes),
        TEST(marks_without_end),
    };
    return RUN(tests);
}
