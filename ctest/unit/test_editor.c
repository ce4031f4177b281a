/* SPDX-License-Identifier: MIT */
/* The editor's text against a plain string, and what its colours make of programs. */
#include "syntax.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODEL 60000u

static uint32_t seed;

static uint32_t chance(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * n >> 24);
}

static const char *const letters[] = {
    "a", "b", " ", "\n", "\t", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "word", "\n\n"};

static uint32_t random_text(char *out, uint32_t most)
{
    uint32_t len = 0, want = chance(most);
    while (len < want) {
        const char *l = letters[chance(sizeof letters / sizeof letters[0])];
        if (len + strlen(l) > most) {
            break;
        }
        memcpy(out + len, l, strlen(l));
        len += (uint32_t)strlen(l);
    }
    return len;
}

/* The nearest place between two characters, not behind `at`. */
static uint32_t whole(const char *model, uint32_t len, uint32_t at)
{
    while (at > 0 && at < len && ((uint8_t)model[at] & 0xc0) == 0x80) {
        at--;
    }
    return at;
}

static void check_lines(struct text *t, const char *model, uint32_t len)
{
    uint32_t lines = 0, at = chance(len + 1), line = 0, start = 0;
    for (uint32_t i = 0; i < len; i++) {
        lines += model[i] == '\n';
        line += i < at && model[i] == '\n';
        start = i < at && model[i] == '\n' ? i + 1 : start;
    }
    assert_int_equal(t->lines, lines);
    assert_int_equal(text_line_of(t, at), line);
    assert_int_equal(text_line_start(t, line), start);
    uint32_t end = start;
    while (end < len && model[end] != '\n') {
        end++;
    }
    assert_int_equal(text_line_end(t, line), end);
    assert_int_equal(text_line_start(t, lines + 1), len);
}

static void check_characters(struct text *t, const char *model, uint32_t len)
{
    uint32_t from = whole(model, len, chance(len + 1)), to = from + chance(len - from + 1), n = 0;
    to = whole(model, len, to);
    for (uint32_t i = from; i < to; i++) {
        n += ((uint8_t)model[i] & 0xc0) != 0x80;
    }
    assert_int_equal(text_chars(t, from, to), n);
    assert_int_equal(text_skip(t, from, n, to), to);
    if (n > 1) {
        uint32_t some = chance(n), at = text_skip(t, from, some, to);
        assert_int_equal(text_chars(t, from, at), some);
        assert_int_equal((uint8_t)model[at] & 0xc0, (uint8_t)model[whole(model, len, at)] & 0xc0);
    }
    if (to < len) {
        assert_int_equal(text_before(t, text_next(t, to)), to);
    }
}

static int same_here(const char *a, const char *b, uint32_t len, int fold)
{
    for (uint32_t i = 0; i < len; i++) {
        char x = a[i], y = b[i];
        if (fold) {
            x = x >= 'A' && x <= 'Z' ? (char)(x + 32) : x;
            y = y >= 'A' && y <= 'Z' ? (char)(y + 32) : y;
        }
        if (x != y) {
            return 0;
        }
    }
    return 1;
}

static void check_search(struct text *t, const char *model, uint32_t len)
{
    char what[8];
    uint32_t n = random_text(what, sizeof what), from = chance(len + 1), at = 0, want = UINT32_MAX;
    int fold = chance(2) != 0;
    for (uint32_t i = from; n > 0 && i + n <= len && want == UINT32_MAX; i++) {
        want = same_here(model + i, what, n, fold) ? i : want;
    }
    int found = text_find(t, from, UINT32_MAX, what, n, fold ? TEXT_FOLD : 0, &at);
    assert_int_equal(found, want != UINT32_MAX);
    assert_true(!found || at == want);
    want = UINT32_MAX;
    for (uint32_t i = 0; n > 0 && i + n <= from && i + n <= len; i++) {
        want = same_here(model + i, what, n, fold) ? i : want;
    }
    found = text_find_back(t, from, what, n, fold ? TEXT_FOLD : 0, &at);
    assert_int_equal(found, want != UINT32_MAX);
    assert_true(!found || at == want);
}

static void check_all(struct text *t, const char *model, uint32_t len)
{
    static char copy[MODEL];
    assert_int_equal(t->len, len);
    assert_int_equal(text_copy(t, 0, copy, sizeof copy), len);
    assert_memory_equal(copy, model, len);
    check_lines(t, model, len);
    check_characters(t, model, len);
    check_search(t, model, len);
}

/* Long and short changes anywhere; each state can be gone back to, and forth again. */
static void random_changes_against_a_string(void **unused)
{
    static char model[MODEL], add[9000];
    static struct {
        char *text;
        uint32_t len;
    } states[64];
    (void)unused;
    for (uint32_t run = 0; run < 24; run++) {
        struct text t = {0};
        uint32_t len = 0, kept = 0, at = 0;
        seed = run + 1;
        len = random_text(model, run % 3 == 0 ? 30000 : 10);
        assert_true(text_load(&t, model, len));
        for (uint32_t step = 0; step < 60; step++) {
            states[kept].text = malloc(len + 1);
            memcpy(states[kept].text, model, len);
            states[kept++].len = len;
            text_group(&t);
            for (uint32_t i = chance(3); i < 3; i++) {
                at = whole(model, len, chance(len + 1));
                uint32_t cut = chance(4) == 0 ? chance(len - at + 1) : chance(20) % (len - at + 1);
                cut = whole(model, len, at + cut) - at;
                uint32_t n = random_text(add, chance(4) == 0 && len < 30000 ? 9000 : 12);
                assert_true(text_replace(&t, at, cut, add, n, 0));
                memmove(model + at + n, model + at + cut, len - at - cut);
                memcpy(model + at, add, n);
                len = len - cut + n;
            }
            check_all(&t, model, len);
        }
        assert_true(text_is_changed(&t));
        /* Some groups changed nothing, so a state may be there twice. */
        for (uint32_t i = kept; i-- > 0;) {
            while (t.done > 0 && (t.len != states[i].len || (text_copy(&t, 0, add, 0), 0))) {
                assert_true(text_undo(&t, &at));
            }
            static char now[MODEL];
            text_copy(&t, 0, now, sizeof now);
            while (t.done > 0 && memcmp(now, states[i].text, states[i].len) != 0) {
                assert_true(text_undo(&t, &at));
                text_copy(&t, 0, now, sizeof now);
            }
            assert_int_equal(t.len, states[i].len);
            assert_memory_equal(now, states[i].text, states[i].len);
        }
        assert_false(text_undo(&t, &at));
        assert_false(text_is_changed(&t));
        while (text_redo(&t, &at)) {
        }
        check_all(&t, model, len);
        for (uint32_t i = 0; i < kept; i++) {
            free(states[i].text);
        }
        text_free(&t);
    }
}

static void typing_is_taken_back_by_words(void **unused)
{
    struct text t = {0};
    uint32_t at = 0;
    (void)unused;
    for (const char *p = "hello"; *p != 0; p++) {
        assert_true(text_replace(&t, t.len, 0, p, 1, 1));
    }
    text_saved(&t);
    for (const char *p = "\nyou"; *p != 0; p++) {
        assert_true(text_replace(&t, t.len, 0, p, 1, 1));
    }
    assert_int_equal(t.len, 9);
    assert_true(text_undo(&t, &at));
    while (t.len > 5) {
        assert_true(text_undo(&t, &at));
    }
    assert_int_equal(t.len, 5);
    assert_false(text_is_changed(&t));
    assert_true(text_undo(&t, &at));
    assert_int_equal(t.len, 0);
    assert_true(text_is_changed(&t));
    assert_true(text_redo(&t, &at));
    assert_int_equal(at, 5);
    assert_false(text_is_changed(&t));
    text_free(&t);
}

/* What is older than four mebibytes stays done; nothing else is lost. */
static void what_is_kept_has_an_end(void **unused)
{
    struct text t = {0};
    static char much[1 << 20];
    uint32_t at = 0, undone = 0;
    (void)unused;
    memset(much, 'x', sizeof much);
    for (uint32_t i = 0; i < 12; i++) {
        text_group(&t);
        assert_true(text_replace(&t, 0, t.len, much, sizeof much, 0));
    }
    assert_true(t.undo_bytes <= TEXT_UNDO + 2 * sizeof much);
    while (text_undo(&t, &at)) {
        undone++;
    }
    assert_true(undone >= 1 && undone < 12);
    assert_int_equal(t.len, sizeof much);
    assert_true(text_is_changed(&t));
    assert_false(text_replace(&t, 1, t.len, "", 0, 0));
    assert_int_equal(t.len, sizeof much);
    text_free(&t);
}

/* ---- colours ---- */

static void kinds_are(enum syntax_language language, const char *text, const char *want)
{
    uint8_t kinds[128];
    static const char names[] = ".wtnsch";
    uint32_t len = (uint32_t)strlen(text);
    syntax_kinds(language, 0, 0, text, len, kinds);
    for (uint32_t i = 0; i < len; i++) {
        if (want[i] != ' ' && names[kinds[i]] != want[i]) {
            fail_msg("%s: byte %u is '%c'", text, i, names[kinds[i]]);
        }
    }
    /* From anywhere else it is the same. */
    for (uint32_t from = 1; from < len; from++) {
        uint8_t rest[128];
        uint32_t state = syntax_run(language, 0, text, from);
        syntax_kinds(language, state, (uint8_t)text[from - 1], text + from, len - from, rest);
        for (uint32_t i = from + 20; i < len; i++) {
            assert_int_equal(rest[i - from], kinds[i]);
        }
    }
}

static void programs_have_colours(void **unused)
{
    (void)unused;
    kinds_are(SYNTAX_C, "int a = 0x1f; // no \"x\"\nreturn 'c';",
              "ttt . . nnnn. ccccccccc wwwwww sss.");
    kinds_are(SYNTAX_C, "a /* b\n * c */ d \"\\\"x\" e", ". cccc  cccccc . sssss .");
    kinds_are(SYNTAX_C, "#define A 1 /* x */\nif", "hhhhhhh h h ccccccc  ww");
    kinds_are(SYNTAX_C, "  #include <a.h>\nfor a/b", "  hhhhhhhh hhhhh www ...");
    kinds_are(SYNTAX_LUA, "local a = [==[ ]] ]=] ]==] end", "wwwww . . ssss ss sss ssss www");
    kinds_are(SYNTAX_LUA, "x --[[ a\nb ]] y -- end\nnil", ". cccc c c cc . cc ccc ttt");
    kinds_are(SYNTAX_LUA, "a-b '\\'' \"--\" not", "... ssss ssss www");
    kinds_are(SYNTAX_NONE, "int a", ".....");
    assert_int_equal(syntax_of_name("/a/b.lua"), SYNTAX_LUA);
    assert_int_equal(syntax_of_name("x.c"), SYNTAX_C);
    assert_int_equal(syntax_of_name("c"), SYNTAX_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_against_a_string),
        cmocka_unit_test(typing_is_taken_back_by_words),
        cmocka_unit_test(what_is_kept_has_an_end),
        cmocka_unit_test(programs_have_colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
