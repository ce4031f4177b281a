/* SPDX-License-Identifier: MIT */
/* What an app's note and its words ask for: a version, drafts, grants, and to be instrumented. */
#include "app_words.h"
#include "v3_fixture.h"

/* ---- notes ---- */

#define NO_DRAFT UINT32_MAX /* and no version that it was built for */

static struct app *load_noted(uint32_t minimum, uint32_t draft)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, minimum);
    if (draft != NO_DRAFT) {
        make_note(&m, CTX_NOTE_BUILT_FOR, 3 | draft << 16);
    }
    fake_serial_clear();
    return app_load(m.bytes, m.len, "new.elf", "app");
}

static bool body_ran;
static int32_t body_as_version_2(struct ctx *ctx)
{
    assert_int_equal(ctx->version, 2);
    uint8_t rest[PAGE_SIZE - 96] = {0};
    assert_memory_equal((uint8_t *)ctx + 96, rest, sizeof rest); /* nothing behind byte 95 */
    assert_int_equal(ctx->fb.w, 320);
    ctx->version = 9; /* it may write there */
    body_ran = true;
    return CTX_WAIT;
}

static void notes(void **state)
{
    (void)state;
    remember();
    assert_null(load_noted(5, NO_DRAFT));
    assert_true(fake_said("refused file=new.elf field=note.minimum value=0x5: "
                          "needs context v5, this kernel offers v3\n"));
    assert_null(load_noted(3, CTX_DRAFT_SERIAL + 1));
    char why[200], ours[64];
    snprintf(ours, sizeof ours, "this kernel has draft %u", CTX_DRAFT_SERIAL);
    snprintf(why, sizeof why,
             "refused file=new.elf field=note.draft value=0x%x: built for draft %u of context v3, "
             "%s\n",
             CTX_DRAFT_SERIAL + 1, CTX_DRAFT_SERIAL + 1,
             CTX_DRAFT_SERIAL != 0 ? ours : "which is frozen: compile it again");
    assert_true(fake_said(why));
    struct app *app = load_noted(3, CTX_DRAFT_SERIAL);
    assert_int_equal(app->version, 3);
    app_unload(app);

    app_set_offer(3, true); /* `force` */
    app = load_noted(5, CTX_DRAFT_SERIAL + 1);
    assert_int_equal(app->version, 3);
    app_unload(app);

    app_set_offer(2, false); /* `context=2` */
    assert_null(load_noted(3, CTX_DRAFT_SERIAL));
    assert_true(fake_said("needs context v3, this kernel offers v2\n"));
    app = load_noted(2, CTX_DRAFT_SERIAL + 1); /* its drafts do not matter then */
    assert_int_equal(app->version, 2);
    for (uint32_t i = 0; i < 2; i++) {
        body_ran = false;
        call(app, body_as_version_2);
        assert_true(body_ran);
        assert_int_equal(app->turn.where, TURN_FRAME);
    }
    assert_int_equal(fake_rights(app->base + CTX_SLOT_TABLES), 0);
    app_unload(app);
    app_set_offer(CTX_ABI_VERSION, false);
    all_is_back();
}

/* ---- options ---- */

static void options(void **state)
{
    (void)state;
    static const struct {
        const char *text, *arguments, *instrument;
        uint32_t grants;
    } table[] = {
        {"a one two", "one two", "", 0},
        {"a grant=ctx.system/1", "", "", 1u << CTX_TABLE_SYSTEM},
        {"a one grant=ctx.system/1,ctx.loader/1 two", "one two", "",
         1u << CTX_TABLE_SYSTEM | 1u << CTX_TABLE_LOADER},
        {"a instrument=alloc one", "one", "alloc", 0},
        {"a   one   instrument=log,events   two  ", "one two", "log,events", 0},
        {"a grant=ctx.system/1 instrument=trace grant=ctx.loader/1", "", "trace",
         1u << CTX_TABLE_SYSTEM | 1u << CTX_TABLE_LOADER},
        {"a x -- grant=ctx.system/1 mem=1", "x -- grant=ctx.system/1 mem=1", "", 0},
        {"a grant=ctx.system/1 -- instrument=trace --", "-- instrument=trace --", "",
         1u << CTX_TABLE_SYSTEM},
        {"a grants=x instrument xgrant=ctx.system/1", "grants=x instrument xgrant=ctx.system/1", "",
         0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        struct app *app = load_v3(table[i].text);
        assert_text(app_text(app->arguments), table[i].arguments);
        assert_text(app_text(app->instrument), table[i].instrument);
        assert_int_equal(app->grants, table[i].grants);
        app_unload(app);
        all_is_back();
    }
    fake_serial_clear();
    app_unload(load_v3("a grant=ctx.nothing/1,ctx.system"));
    assert_true(fake_said("grant=ctx.nothing/1: there is no such table"));
    assert_true(fake_said("grant=ctx.system: there is no such table"));
}

static int32_t body_calls(struct ctx *ctx)
{
    const struct ctx_table *table;
    ctx->dealloc(ctx->alloc(100, 64), 100, 64);
    open_table(ctx, CTX_ID_RANDOM, 0, &table);
    const struct ctx_random *random = (const struct ctx_random *)table;
    random->reseed(random);
    random->fill(random, (void *)1, 5);
    ctx->display->destroy(ctx->display, 0xfffff);
    return 0;
}

static int32_t body_calls_of_v2(struct ctx *ctx)
{
    void *p = ctx->alloc(100, 64);
    ctx->dealloc(p, 100, 64);
    ctx->log(p, 0);
    return 0;
}

static void instrumenting(void **state)
{
    (void)state;
    struct app *plain = load_v3("plain");
    struct app *app = load_v3("app instrument=trace");
    fake_serial_clear();
    call(plain, body_calls);
    assert_false(fake_said("trace."));
    call(app, body_calls);
    assert_true(fake_said("alloc(100, 64) = 0x"));
    assert_true(fake_said("dealloc(0x"));
    assert_true(fake_said("iface.open(0x"));
    assert_true(fake_said("random.reseed() = OK\n"));
    assert_true(fake_said("random.fill(1, 5) = INVAL\n"));
    assert_true(fake_said("display.destroy(0xfffff) = NOENT\n"));
    assert_true(fake_said("I trace.app#"));
    app_unload(app);
    app = load_v3("app instrument=random,display.destroy");
    fake_serial_clear();
    call(app, body_calls);
    assert_true(fake_said("random.fill(1, 5) = INVAL\n"));
    assert_true(fake_said("display.destroy(0xfffff) = NOENT\n"));
    assert_int_equal(fake_said_times("trace.app"), 3);
    app_unload(app);
    app_unload(plain);
    app = load("old instrument=alloc");
    fake_serial_clear();
    call(app, body_calls_of_v2);
    assert_int_equal(fake_said_times("trace.old"), 1);
    assert_true(fake_said("alloc(100, 64) = 0x"));
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes),
        cmocka_unit_test(options),
        cmocka_unit_test(instrumenting),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
