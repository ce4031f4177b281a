/* SPDX-License-Identifier: MIT */
/* The words grant=, deny=, offer= and use=: the grammar, which item counts, what one app gives to
 * another. */
#include "app_fixture.h"
#include "app_words.h"
#include "grants.h"

static struct grants made(enum grant_kind kind, const char *list)
{
    struct grants_error error;
    struct grants g = {NULL};
    assert_true(grants_check(list, kind, &error));
    assert_true(grants_add(&g, kind, list));
    return g;
}

static void grammar(void **state)
{
    (void)state;
    static const struct {
        enum grant_kind kind;
        const char *list;
        uint32_t at;
        const char *reason; /* NULL: it is good */
    } table[] = {
        {GRANT_TABLE, "ctx.system/1", 0, NULL},
        {GRANT_TABLE, "log,mem", 0, NULL},
        {GRANT_TABLE, "*", 0, NULL},
        {GRANT_DENY, "org.*,ctx.log/1", 0, NULL},
        {GRANT_OFFER, "chat.*", 0, NULL},
        {GRANT_USE, "ctx.files/1(/home/**:rw)", 0, NULL},
        {GRANT_USE, "net/1([::1]:80,a.org:443),org.*()", 0, NULL},
        {GRANT_USE, "a/1(a b, c)", 0, NULL},
        {GRANT_USE, "a/1(\\(\\)\\\\)", 0, NULL},
        {GRANT_USE, "", 0, "no id, nor the beginning of one with a star"},
        {GRANT_USE, "a/1,", 4, "no id, nor the beginning of one with a star"},
        {GRANT_USE, "a/1,,b/1", 4, "no id, nor the beginning of one with a star"},
        {GRANT_USE, "log", 0, "no id, nor the beginning of one with a star"},
        {GRANT_USE, "a/0", 0, "no id, nor the beginning of one with a star"},
        {GRANT_USE, "a b/1", 1, "no character of an id"},
        {GRANT_USE, "A/1", 0, "no character of an id"},
        {GRANT_USE, "a*b", 2, "a star is the end of an id"},
        {GRANT_USE, "**", 1, "a star is the end of an id"},
        {GRANT_USE, "a/1(", 3, "no ) ends what this ( begins"},
        {GRANT_USE, "a/1(x\\", 5, "nothing follows the backslash"},
        {GRANT_USE, "a/1(x\\)", 3, "no ) ends what this ( begins"},
        {GRANT_USE, "a/1(x(y))", 5, "a ( within parentheses needs a backslash"},
        {GRANT_USE, "a/1(x\ty)", 5, "a control character"},
        {GRANT_USE, "a/1(x)y", 6, "a comma or the end comes behind the )"},
        {GRANT_USE, "a/1(x)(y)", 6, "a comma or the end comes behind the )"},
        {GRANT_OFFER, "a/1(x)", 3, "only use= takes parameters"},
        {GRANT_DENY, "a/1(x)", 3, "only use= takes parameters"},
        {GRANT_TABLE, "ctx.system/1(x)", 12, "only use= takes parameters"},
        {GRANT_OVER, "veteran,Pa_int:2,\xc3\xa4,v*,*", 0, NULL},
        {GRANT_OVER, "abcdefghijklmnopqrstuvwxyz01234", 0, NULL},
        {GRANT_OVER, "abcdefghijklmnopqrstuvwxyz012345", 0, "an app's name has at most 31 bytes"},
        {GRANT_OVER, "", 0, "no app's name, nor the beginning of one with a star"},
        {GRANT_OVER, "a,,b", 2, "no app's name, nor the beginning of one with a star"},
        {GRANT_OVER, "a b", 1, "no character of an app's name"},
        {GRANT_OVER, "a)", 1, "no character of an app's name"},
        {GRANT_OVER, "a\\", 1, "no character of an app's name"},
        {GRANT_OVER, "a*b", 2, "a star is the end of a name"},
        {GRANT_OVER, "a(x)", 1, "only use= takes parameters"},
        {GRANT_DISK, "vda,vda2,vd*,*", 0, NULL},
        {GRANT_DISK, "abcdefghijklmnopqrstuvw", 0, NULL},
        {GRANT_DISK, "abcdefghijklmnopqrstuvwx", 0, "a disk's name has at most 23 bytes"},
        {GRANT_DISK, "", 0, "no disk's name, nor the beginning of one with a star"},
        {GRANT_DISK, "a b", 1, "no character of a disk's name"},
        {GRANT_DISK, "vd*a", 3, "a star is the end of a name"},
        {GRANT_DISK, "vda(ro)", 3, "only use= takes parameters"},
        {GRANT_NIC, "net0,net*,*", 0, NULL},
        {GRANT_NIC, "abcdefghijklmnopqrstuvwx", 0, "a card's name has at most 23 bytes"},
        {GRANT_NIC, "", 0, "no card's name, nor the beginning of one with a star"},
        {GRANT_NIC, "a b", 1, "no character of a card's name"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        struct grants_error error = {0, NULL};
        bool good = grants_check(table[i].list, table[i].kind, &error);
        if (good != (table[i].reason == NULL) ||
            (!good && (error.at != table[i].at || strcmp(error.reason, table[i].reason) != 0))) {
            print_error("%s: byte %u: %s\n", table[i].list, error.at, good ? "good" : error.reason);
            fail();
        }
    }
    char text[80];
    struct grants_error error;
    for (uint32_t len = 62; len <= 65; len++) { /* of an id, and of the beginning of one */
        memset(text, 'a', sizeof text);
        text[30] = '.';
        text[len] = 0;
        text[len - 1] = '*';
        assert_int_equal(grants_check(text, GRANT_USE, &error), len - 1 <= 63);
        memcpy(text + len - 2, "/1", 3);
        text[55] = '.';
        assert_int_equal(grants_check(text, GRANT_USE, &error), len <= 63);
    }
}

static const char *params_for(const struct grants *g, const char *id)
{
    const char *params;
    return !grants_find(g, GRANT_USE, id, &params) ? "none" : params == NULL ? "all" : params;
}

static void which_item_counts(void **state)
{
    (void)state;
    uint64_t used = heap_used();
    struct grants g =
        made(GRANT_USE, "*(z),org.*(a),org.x/1(b),org.x.*,org.x/1(c),q/1(\\(\\\\ ,\\))");
    assert_text(params_for(&g, "org.x/1"), "b");
    assert_text(params_for(&g, "org.x.y/1"), "all");
    assert_text(params_for(&g, "org.y/1"), "a");
    assert_text(params_for(&g, "other/1"), "z");
    assert_text(params_for(&g, "q/1"), "(\\ ,)");
    const char *params;
    assert_false(grants_find(&g, GRANT_OFFER, "org.x/1", &params));
    grants_free(&g);
    assert_int_equal(heap_used(), used);
}

static uint32_t lost;
static void count_lost(void *arg, enum grant_kind kind, const char *text)
{
    assert_null(arg);
    assert_int_equal(kind, GRANT_USE);
    assert_non_null(text);
    lost++;
}

static void what_is_given(void **state)
{
    (void)state;
    static const struct {
        const char *giver, *wanted;
        uint32_t lost;
        const char *id, *params;
    } table[] = {
        {"a/1", "a/1(x)", 0, "a/1", "x"},
        {"a/1(x)", "a/1(x)", 0, "a/1", "x"},
        {"a/1(x)", "a/1(y)", 1, "a/1", "none"},
        {"a/1(x)", "a/1", 1, "a/1", "none"}, /* all is more */
        {"a/1(x)", "a/1()", 1, "a/1", "none"},
        {"a.*(x)", "a.b/1(x)", 0, "a.b/1", "x"},
        {"a.*", "a.*", 0, "a.b/1", "all"},
        {"a.b/1", "a.*", 1, "a.b/1", "none"},
        {"a.*,a.b/1(y)", "a.*", 0, "a.b/1", "y"},
        {"a.*,a.b/1(y)", "a.*", 0, "a.c/1", "all"},
        {"a.*(x),a.b/1(y)", "a.*(x)", 0, "a.b/1", "y"},
        {"a.*(x),a.b/1(y)", "a.b/1(x)", 1, "a.b/1", "none"}, /* its own is y there */
        {"a.*(x),a.b/1(y)", "a.*(x),a.b/1(x)", 1, "a.b/1", "y"},
        {"a.*(x),a.b.*,a.b.c/1(z)", "a.b.*", 0, "a.b.c/1", "z"},
        {"a.*(x),a.b.*", "a.b.*(q)", 0, "a.b.c/1", "q"},
        {"*", "a.*,b/1(x)", 0, "b/1", "x"},
        {"b/1", "a/1", 1, "a/1", "none"},
    };
    uint64_t used = heap_used();
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        struct grants giver = made(GRANT_USE, table[i].giver);
        struct grants wanted = made(GRANT_USE, table[i].wanted);
        lost = 0;
        assert_true(grants_limit(&wanted, &giver, count_lost, NULL));
        if (lost != table[i].lost ||
            strcmp(params_for(&wanted, table[i].id), table[i].params) != 0) {
            print_error("%s of %s: %u lost, %s\n", table[i].wanted, table[i].giver, lost,
                        params_for(&wanted, table[i].id));
            fail();
        }
        grants_free(&giver);
        grants_free(&wanted);
    }
    struct grants giver = made(GRANT_DENY, "a/1"), wanted = made(GRANT_USE, "a/1");
    const char *params;
    assert_true(grants_limit(&wanted, &giver, NULL, NULL));
    assert_true(grants_find(&wanted, GRANT_DENY, "a/1", &params)); /* what one is denied */
    grants_free(&giver);
    grants_free(&wanted);
    assert_int_equal(heap_used(), used);
}

/* ---- on an app's line ---- */

static void words_of_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said, *arguments;
    } table[] = {
        {"a use=a/1(x", "a: use=a/1(x: byte 3: no ) ends what this ( begins", ""},
        {"a grant=ctx.system/1(x)", "byte 12: only use= takes parameters", ""},
        {"a deny=ctx.log/1,,", "a: deny=ctx.log/1,,: byte 10: no id", ""},
        {"a grant=ctx.nothing/1", "a: grant=ctx.nothing/1: there is no such table", ""},
        {"a deny=ctx.clipboard/1", "a: denied ctx.clipboard/1", ""}, /* an app's */
        {"a deny=nothing", "a: deny=nothing: there is no such table", ""},
        {"a deny=org.example/1", "a: denied org.example/1", ""},
        {"a use=a/1(x\\ y) z", NULL, "z"},
        {"a use=a/1\\ z", NULL, "use=a/1\\ z"}, /* never the kernel's */
        {"a use=a/1(x\\\\)\\ z) b", NULL, "b"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        fake_serial_clear();
        struct app *app = load(table[i].text);
        assert_text(app_text(app->arguments), table[i].arguments);
        if (table[i].said != NULL) {
            assert_true(fake_said(table[i].said));
        } else {
            assert_false(fake_said("byte "));
        }
        app_unload(app);
        all_is_back();
    }
    struct app *app = load("a deny=ctx.log/1,, use=a/1(x\\ y)");
    assert_true(app_denies(app, CTX_TABLE_LOG)); /* what is denied stays so */
    assert_text(params_for(&app->grant_list, "a/1"), "x y");
    app_unload(app);
    app = load("a grant=ctx.s*,ctx.loader/1");
    assert_int_equal(app->grants,
                     UINT64_C(1) << CTX_TABLE_SYSTEM | UINT64_C(1) << CTX_TABLE_SERVICE |
                         UINT64_C(1) << CTX_TABLE_SHARE | UINT64_C(1) << CTX_TABLE_SCREEN |
                         UINT64_C(1) << CTX_TABLE_SAVING | UINT64_C(1) << CTX_TABLE_LOADER);
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar),
        cmocka_unit_test(which_item_counts),
        cmocka_unit_test(what_is_given),
        cmocka_unit_test(words_of_a_line),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
