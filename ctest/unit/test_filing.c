/* SPDX-License-Identifier: MIT */
/* What the app `files` knows of names: their order, who opens them, what they may be. */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void numbers_count_as_numbers(void **unused)
{
    (void)unused;
    assert_true(name_compare("a2", "a10") < 0);
    assert_true(name_compare("a02", "a10") < 0);
    assert_true(name_compare("A2", "a10") < 0);
    assert_true(name_compare("b", "A") > 0);
    assert_true(name_compare("a", "a") == 0);
    assert_true(name_compare("a", "A") != 0); /* two names, one order */
    assert_true(name_compare("a", "ab") < 0);
    assert_true(name_compare("a007", "a7") != 0);
    assert_true((name_compare("a007", "a7") < 0) == (name_compare("a7", "a007") > 0));
    assert_true(name_compare("99999999999999999999998", "99999999999999999999999") < 0);
}

/* Any names, any order: sorted, none lost, folders first, and the other way around too. */
static void sorted(void **unused)
{
    struct entry e[200];
    char names[200][16];
    (void)unused;
    srand(1);
    for (uint32_t n = 0; n < 200; n += 7) {
        uint32_t sum = 0, after = 0;
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t k = 0; k < 15; k++) {
                names[i][k] = "aB019 z."[rand() % 8];
            }
            names[i][rand() % 15] = 0;
            names[i][15] = 0;
            e[i] = (struct entry){.name = names[i],
                                  .bytes = (uint64_t)(rand() % 5),
                                  .changed = rand() % 9,
                                  .is_folder = rand() % 3 == 0};
            sum += (uint32_t)(i + 1) * 31u;
        }
        enum sort sort = (enum sort)(n % 3);
        int falling = n % 2;
        entries_sort(e, n, sort, falling);
        for (uint32_t i = 0; i < n; i++) {
            after += (uint32_t)(((char(*)[16])e[i].name - names) + 1) * 31u;
            if (i > 0) {
                assert_true(e[i - 1].is_folder >= e[i].is_folder);
            }
            if (i > 0 && e[i - 1].is_folder == e[i].is_folder && sort == SORT_NAME) {
                int order = name_compare(e[i - 1].name, e[i].name);
                assert_true(falling ? order >= 0 : order <= 0);
            }
            if (i > 0 && e[i - 1].is_folder == e[i].is_folder && sort == SORT_SIZE) {
                assert_true(falling ? e[i - 1].bytes >= e[i].bytes : e[i - 1].bytes <= e[i].bytes);
            }
        }
        assert_int_equal(after, sum);
    }
}

static void who_opens_what(void **unused)
{
    char app[16];
    static const char table[] = "# a comment\n.xyz draw\n .no no\n.txt\tnotes # mine\nxx yy\n.png";
    (void)unused;
    assert_true(handler_of("", "a.c", app, sizeof app));
    assert_string_equal(app, "editor");
    assert_true(handler_of("", "a.PNG", app, sizeof app));
    assert_string_equal(app, "pictures");
    assert_true(handler_of("", "a.elf", app, sizeof app));
    assert_string_equal(app, "");
    assert_false(handler_of("", "a.xyz", app, sizeof app));
    assert_false(handler_of("", "a", app, sizeof app));
    assert_false(handler_of("", ".txt", app, sizeof app)); /* a name, not an ending */
    assert_true(handler_of(table, "b.a.xyz", app, sizeof app));
    assert_string_equal(app, "draw");
    assert_true(handler_of(table, "a.txt", app, sizeof app));
    assert_string_equal(app, "notes");
    assert_true(handler_of(table, "a.png", app, sizeof app)); /* a line without an app is none */
    assert_string_equal(app, "pictures");
    assert_false(handler_of(table, "a.no", app, sizeof app));
    assert_true(handler_of(".txt aaaaaaaaaaaaaaaaaaaaaaa\n", "a.txt", app, sizeof app));
    assert_string_equal(app, "editor"); /* longer than any app's name */
    /* Whatever stands there: an answer. */
    srand(2);
    for (uint32_t run = 0; run < 20000; run++) {
        char junk[64], name[12];
        for (uint32_t i = 0; i < sizeof junk; i++) {
            junk[i] = ".ab \t\n#\\x"[rand() % 9];
        }
        junk[(size_t)rand() % sizeof junk] = 0;
        junk[sizeof junk - 1] = 0;
        for (uint32_t i = 0; i < sizeof name; i++) {
            name[i] = ".abx"[rand() % 4];
        }
        name[(size_t)rand() % sizeof name] = 0;
        name[sizeof name - 1] = 0;
        if (handler_of(junk, name, app, sizeof app)) {
            assert_true(strlen(app) < sizeof app);
        }
    }
}

static void names(void **unused)
{
    char out[16];
    (void)unused;
    assert_true(name_numbered("text.txt", 2, out, sizeof out));
    assert_string_equal(out, "text 2.txt");
    assert_true(name_numbered(".config", 3, out, sizeof out));
    assert_string_equal(out, ".config 3");
    assert_false(name_numbered("a long name.txt", 2, out, sizeof out));
    assert_null(name_refused("a b"));
    assert_non_null(name_refused(""));
    assert_non_null(name_refused(".."));
    assert_non_null(name_refused("a/b"));
    assert_true(path_is_in("/a/b", "/a"));
    assert_true(path_is_in("/a", "/a"));
    assert_true(path_is_in("/a/b", "/"));
    assert_true(path_is_in("/a/b", "/a/"));
    assert_false(path_is_in("/ab", "/a"));
    assert_false(path_is_in("/a", "/a/b"));
    assert_true(line_with("app", "/x y\\z", out, sizeof out));
    assert_string_equal(out, "app /x\\ y\\\\z");
    assert_false(line_with("app", "/a path that is too long", out, sizeof out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_as_numbers),
        cmocka_unit_test(sorted),
        cmocka_unit_test(who_opens_what),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
