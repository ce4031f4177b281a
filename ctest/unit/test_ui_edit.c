/* SPDX-License-Identifier: MIT */
/* Editing a line of text: UTF-8, what is chosen, and how much fits. */
#include "ui_fixture.h"

static char text[16];
static struct ctx_ui_field f;

static void begin(const char *with)
{
    memset(text, 'x', sizeof text);
    f = (struct ctx_ui_field){text, sizeof text, 0, 0, 0, 0, 0};
    ctx_ui_field_set(&f, with);
}

/* "ab|cd" with the caret there, "a[bc|d" with the mark at the bracket. */
static void expect(const char *shown)
{
    char got[2 * sizeof text] = "";
    uint32_t n = 0;
    for (uint32_t i = 0; i <= f.len; i++) {
        if (i == f.mark && f.mark != f.caret) {
            got[n++] = '[';
        }
        if (i == f.caret) {
            got[n++] = '|';
        }
        got[n] = i < f.len ? f.text[i] : 0;
        n++;
    }
    assert_string_equal(got, shown);
    assert_int_equal(f.text[f.len], 0);
    assert_true(f.len < f.room);
}

static void key(uint32_t code, uint32_t modifiers)
{
    ctx_ui_field_key(&f, code, modifiers);
}

static void characters_are_whole(void **state)
{
    (void)state;
    begin("h\u00e9\u20ac\U0001f600");
    expect("h\u00e9\u20ac\U0001f600|");
    key(CTX_KEY_LEFT, 0);
    expect("h\u00e9\u20ac|\U0001f600");
    key(CTX_KEY_LEFT, 0);
    key(CTX_KEY_LEFT, 0);
    expect("h|\u00e9\u20ac\U0001f600");
    key(CTX_KEY_DELETE, 0);
    expect("h|\u20ac\U0001f600");
    key(CTX_KEY_RIGHT, 0);
    key(CTX_KEY_BACKSPACE, 0);
    expect("h|\U0001f600");
    key(CTX_KEY_END, 0);
    key(CTX_KEY_BACKSPACE, 0);
    expect("h|");
    key(CTX_KEY_BACKSPACE, 0);
    assert_int_equal(ctx_ui_field_key(&f, CTX_KEY_BACKSPACE, 0), 0); /* nothing is left to change */
    expect("|");
}

static void what_is_chosen_is_replaced(void **state)
{
    (void)state;
    begin("one two");
    key(CTX_KEY_HOME, 0);
    key(CTX_KEY_RIGHT, CTX_MOD_SHIFT);
    key(CTX_KEY_RIGHT, CTX_MOD_SHIFT);
    expect("[on|e two");
    assert_int_equal(ctx_ui_field_put(&f, "\u00fc", 2), 1);
    expect("\u00fc|e two");
    key(CTX_KEY_END, CTX_MOD_SHIFT);
    key(CTX_KEY_LEFT, 0); /* to where it began, not one further */
    expect("\u00fc|e two");
    key(CTX_KEY_END, CTX_MOD_SHIFT);
    key(CTX_KEY_BACKSPACE, 0);
    expect("\u00fc|");
}

static void words(void **state)
{
    (void)state;
    begin("one  two three");
    key(CTX_KEY_LEFT, CTX_MOD_CTRL);
    expect("one  two |three");
    key(CTX_KEY_LEFT, CTX_MOD_CTRL);
    expect("one  |two three");
    key(CTX_KEY_BACKSPACE, CTX_MOD_CTRL);
    expect("|two three");
    key(CTX_KEY_RIGHT, CTX_MOD_CTRL | CTX_MOD_SHIFT);
    expect("[two| three");
}

static void only_whole_characters_that_fit(void **state)
{
    (void)state;
    begin("0123456789abc"); /* 13 of 15 */
    assert_int_equal(ctx_ui_field_put(&f, "\u20ac", 3), 0);
    expect("0123456789abc|");
    assert_int_equal(ctx_ui_field_put(&f, "\u00e9\u00e9", 4), 0);
    expect("0123456789abc\u00e9|");
    begin("0123456789abcdefghi");
    expect("0123456789abcde|");
    begin("01234567\u20ac\u20ac\u20ac");
    expect("01234567\u20ac\u20ac|");
    begin("");
    assert_int_equal(ctx_ui_field_put(&f, "a\tb\x80", 4), 0); /* none, and what is not UTF-8 */
    expect("a b|");
    assert_int_equal(ctx_ui_field_put(&f, "\xe2\x82", 2), 0); /* half of one */
    expect("a b|");
}

/* Anything in any order: whole characters stay, and nothing lies outside. */
static void random_keys(void **state)
{
    (void)state;
    static const uint32_t codes[] = {CTX_KEY_LEFT, CTX_KEY_RIGHT,     CTX_KEY_HOME,
                                     CTX_KEY_END,  CTX_KEY_BACKSPACE, CTX_KEY_DELETE};
    static const char *const some[] = {"a", "\u00e9", "\u20ac",   "\U0001f600",
                                       " ", "\xff",   "\xe2\x82", "long enough"};
    uint64_t seed = 42;
    begin("");
    for (int i = 0; i < 200000; i++) {
        if (random_of(&seed) % 2) {
            const char *put = some[random_of(&seed) % 8];
            ctx_ui_field_put(&f, put, (uint32_t)strlen(put));
        } else {
            key(codes[random_of(&seed) % 6], random_of(&seed) % 4); /* SHIFT, CTRL, both */
        }
        assert_true(f.len < f.room && f.caret <= f.len && f.mark <= f.len && f.text[f.len] == 0);
        for (uint32_t k = 0; k < f.len;) {
            assert_int_not_equal(ctx_utf8_next(f.text, f.len, &k), 0xfffd);
        }
        assert_true(f.caret == f.len || ((uint8_t)f.text[f.caret] & 0xc0) != 0x80);
        assert_true(f.mark == f.len || ((uint8_t)f.text[f.mark] & 0xc0) != 0x80);
    }
}

static void utf8(void **state)
{
    (void)state;
    /* Unicode 15.0, table 3-7: overlong, surrogates, beyond the last, a tail alone, a NUL inside.
     */
    static const char *const wrong[] = {
        "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xf8", "\xe2\x82"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint32_t n = 0;
        assert_int_equal(ctx_utf8_next(wrong[i], CTX_TEXT_ALL, &n), 0xfffd);
        assert_int_equal(n, 1);
        n = 0;
        assert_int_equal(ctx_utf8_next(wrong[i], (uint32_t)strlen(wrong[i]), &n), 0xfffd);
    }
    uint32_t n = 0;
    assert_int_equal(ctx_utf8_next("", CTX_TEXT_ALL, &n), 0);
    assert_int_equal(ctx_utf8_next("\0a", 2, &n), 0xfffd);
    assert_int_equal(ctx_utf8_next("\0a", 2, &n), 'a');
    assert_int_equal(ctx_utf8_before("\u20aca", 4), 3);
    assert_int_equal(ctx_utf8_before("\u20aca", 3), 0);
    assert_int_equal(ctx_utf8_before("a\xff", 2), 1);
    assert_int_equal(ctx_utf8_before("a", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_whole),
        cmocka_unit_test(what_is_chosen_is_replaced),
        cmocka_unit_test(words),
        cmocka_unit_test(only_whole_characters_that_fit),
        cmocka_unit_test(random_keys),
        cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
