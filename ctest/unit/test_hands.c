/* SPDX-License-Identifier: MIT */
/* What who shows the machine elsewhere has of it: ctx.hands/1, keys and a pointer, and
 * ctx.journal/1, the log. */
#include "windows_fixture.h"

#include <kernel/klog.h>

#define KEY_A 30u

static struct {
    const char *does;
    uint64_t a, b, c, d;
    ctx_status status;
    char text[4096];
    uint32_t got;
    uint64_t next;
} the;

static int32_t body(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_HANDS, 0, &t), CTX_OK);
    const struct ctx_hands *hands = (const struct ctx_hands *)t;
    assert_int_equal(open_table(ctx, CTX_ID_JOURNAL, 0, &t), CTX_OK);
    const struct ctx_journal *journal = (const struct ctx_journal *)t;
    if (strcmp(the.does, "key") == 0) {
        the.status = hands->key(hands, (uint32_t)the.a, (uint32_t)the.b);
    } else if (strcmp(the.does, "pointer") == 0) {
        the.status = hands->pointer(hands, (uint32_t)the.a, (uint32_t)the.b, (uint32_t)the.c,
                                    (uint32_t)the.d);
    } else if (strcmp(the.does, "wheel") == 0) {
        the.status = hands->wheel(hands, (int64_t)the.a, (int64_t)the.b);
    } else {
        char *to = own(ctx, sizeof the.text);
        uint32_t *got = own(ctx, 4);
        uint64_t *next = own(ctx, 8);
        the.status = journal->read(journal, the.a, to, (uint32_t)the.b, got, next);
        memcpy(the.text, to, sizeof the.text);
        the.got = *got;
        the.next = *next;
        ctx->mem->free(ctx->mem, to, sizeof the.text, 16);
        ctx->mem->free(ctx->mem, got, 4, 16);
        ctx->mem->free(ctx->mem, next, 8, 16);
    }
    return 0;
}

static ctx_status does(struct app *app, const char *what, uint64_t a, uint64_t b, uint64_t c,
                       uint64_t d)
{
    the.does = what;
    the.a = a;
    the.b = b;
    the.c = c;
    the.d = d;
    call(app, body);
    assert_int_equal(app->faults, 0);
    return the.status;
}

static void keys_and_a_pointer(void **state)
{
    (void)state;
    struct app *other = load_v3("other"), *app = load_v3("hands grant=ctx.hands/1,ctx.journal/1");
    (void)hears(other);
    assert_int_equal(does(app, "key", KEY_A, 1, 0, 0), CTX_OK);
    assert_int_equal(does(app, "key", KEY_A, 0, 0, 0), CTX_OK);
    uint32_t keys = 0;
    for (uint32_t i = hears(other), no = 0; no < i; no++) {
        keys += heard[no].kind == CTX_EVENT_KEY;
    }
    assert_int_equal(keys, 2);
    /* The middle of a pixel of a smaller picture, and of one that is as large as the screen. */
    uint32_t x, y;
    assert_int_equal(does(app, "pointer", 0, 0, W / 2, H / 2), CTX_OK);
    input_pointer(&x, &y);
    assert_true(x <= 1 && y <= 1);
    assert_int_equal(does(app, "pointer", W - 1, H - 1, W, H), CTX_OK);
    input_pointer(&x, &y);
    assert_true(x == W - 1 && y == H - 1);
    /* Half a step is none yet, and with the next half it is one. */
    (void)hears(other);
    assert_int_equal(does(app, "wheel", 0, (uint64_t)-60, 0, 0), CTX_OK);
    assert_int_equal(does(app, "wheel", 12000, (uint64_t)-60, 0, 0), CTX_OK);
    assert_int_equal(hears(other), 2);
    assert_true(heard[0].kind == CTX_EVENT_WHEEL && heard[0].y == 0 && heard[0].dy == -60);
    assert_true(heard[1].x == 100 && heard[1].dx == 12000 && heard[1].y == -1);
    assert_int_equal(does(app, "key", 0, 1, 0, 0), CTX_E_INVAL);
    assert_int_equal(does(app, "key", 1024, 1, 0, 0), CTX_E_INVAL);
    assert_int_equal(does(app, "key", KEY_A, 2, 0, 0), CTX_E_INVAL);
    assert_int_equal(does(app, "pointer", 5, 5, 5, 6), CTX_E_INVAL);
    assert_int_equal(does(app, "pointer", 5, 5, 0, 0), CTX_E_INVAL);
    assert_int_equal(does(app, "pointer", 5, 5, 65536, 6), CTX_E_INVAL);
    assert_int_equal(does(app, "wheel", 12001, 0, 0, 0), CTX_E_INVAL);
    assert_int_equal(does(app, "wheel", 0, 1ULL << 63, 0, 0), CTX_E_INVAL);
    app_unload(app);
    app_unload(other);
}

static void who_goes_lets_go(void **state)
{
    (void)state;
    struct app *other = load_v3("other"), *app = load_v3("hands grant=ctx.hands/1,ctx.journal/1");
    assert_int_equal(does(app, "key", KEY_A, 1, 0, 0), CTX_OK);
    assert_true(input_is_held(other, KEY_A));
    app_unload(app);
    assert_false(input_is_held(other, KEY_A));
    /* But not what somebody else holds. */
    app = load_v3("hands grant=ctx.hands/1,ctx.journal/1");
    press(KEY_A);
    app_unload(app);
    assert_true(input_is_held(other, KEY_A));
    lift(KEY_A);
    app_unload(other);
}

static void only_who_may(void **state)
{
    (void)state;
    struct app *app = load_v3("nobody");
    assert_int_equal(does(app, "key", KEY_A, 1, 0, 0), CTX_E_DENIED);
    assert_int_equal(does(app, "pointer", 0, 0, 1, 1), CTX_E_DENIED);
    assert_int_equal(does(app, "read", 0, 100, 0, 0), CTX_E_DENIED);
    app_unload(app);
}

static void the_log_is_read(void **state)
{
    (void)state;
    struct app *app = load_v3("reader grant=ctx.journal/1");
    assert_int_equal(does(app, "read", UINT64_MAX, 100, 0, 0), CTX_OK);
    uint64_t end = the.next;
    assert_int_equal(the.got, 0);
    log_info("test", "one");
    log_info("test", "two");
    assert_int_equal(does(app, "read", end, sizeof the.text, 0, 0), CTX_OK);
    assert_non_null(strstr(the.text, "I test: one\n"));
    assert_int_equal(the.text[the.got - 1], '\n');
    assert_int_equal(the.next, end + the.got);
    /* Whole lines, as far as there is room; a longer one in parts. */
    uint32_t both = the.got;
    assert_int_equal(does(app, "read", end, both - 1, 0, 0), CTX_OK);
    assert_int_equal(the.got, both / 2);
    assert_int_equal(does(app, "read", end, 5, 0, 0), CTX_OK);
    assert_int_equal(the.got, 5);
    assert_int_equal(does(app, "read", end, 0, 0, 0), CTX_OK);
    assert_int_equal(the.got, 0);
    /* What is gone is passed over, to the beginning of a line. */
    for (uint32_t i = 0; i < KLOG_KEPT / 16; i++) {
        log_info("test", "line %u", i);
    }
    assert_int_equal(does(app, "read", 0, sizeof the.text, 0, 0), CTX_OK);
    assert_true(the.next > end + both && the.text[0] == '[' && the.text[the.got - 1] == '\n');
    uint64_t at = the.next;
    while (the.got > 0) {
        assert_int_equal(does(app, "read", at, sizeof the.text, 0, 0), CTX_OK);
        assert_int_equal(the.next, at + the.got);
        at = the.next;
    }
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_a_pointer),
        cmocka_unit_test(who_goes_lets_go),
        cmocka_unit_test(only_who_may),
        cmocka_unit_test(the_log_is_read),
    };
    return cmocka_run_group_tests(tests, windows_start, NULL);
}
