/* SPDX-License-Identifier: MIT */
/* Programs that lie ready: kept by name, listed, and started by who may. */
#include "shelf.h"
#include "v3_fixture.h"

#include <kernel/string.h>

static struct {
    char name[40], text[200];
    struct ctx_program_info list[4];
    uint32_t count;
    uint64_t pid;
    ctx_status status;
} the;

static const struct ctx_loader *loader_of(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_LOADER, 0, &t), CTX_OK);
    return (const struct ctx_loader *)t;
}

static int32_t body_list(struct ctx *ctx)
{
    const struct ctx_loader *loader = loader_of(ctx);
    struct ctx_program_info *to = own(ctx, sizeof the.list);
    uint32_t *count = own(ctx, 4);
    assert_int_equal(loader->programs(loader, to, sizeof the.list, 7, count), CTX_E_INVAL);
    the.status = loader->programs(loader, to, sizeof the.list, sizeof the.list[0], count);
    memcpy(the.list, to, sizeof the.list);
    the.count = *count;
    return 0;
}

static int32_t body_run(struct ctx *ctx)
{
    const struct ctx_loader *loader = loader_of(ctx);
    uint64_t *pid = own(ctx, 8);
    uint32_t len = (uint32_t)strlen(the.name), text_len = (uint32_t)strlen(the.text);
    the.status = loader->run(loader, own_copy(ctx, the.name, len + 1), len,
                             own_copy(ctx, the.text, text_len + 1), text_len, pid);
    the.pid = *pid;
    return 0;
}

static struct app *run(struct app *launcher, const char *name, const char *text)
{
    text_copy(the.name, sizeof the.name, name);
    text_copy(the.text, sizeof the.text, text);
    call(launcher, body_run);
    return the.status == CTX_OK ? app_find(the.pid) : NULL;
}

static void words_of_a_line(void **state)
{
    (void)state;
    assert_true(shelf_is_meant("clock shelf"));
    assert_true(shelf_is_meant("clock grant=ctx.system/1  shelf one"));
    assert_false(shelf_is_meant("shelf")); /* that is a name */
    assert_false(shelf_is_meant("clock shelf=1"));
    assert_false(shelf_is_meant("clock \\shelf")); /* quoted: an argument */
    assert_false(shelf_is_meant(""));
}

static void kept_listed_and_started(void **state)
{
    (void)state;
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    uint32_t apps = app_count(), refused = app_refused_count();
    assert_null(app_load(m.bytes, m.len, "/apps/clock.elf", "clock shelf grant=ctx.system/1 a b"));
    assert_null(app_load(m.bytes, m.len, "/apps/other.elf", "\\0 x shelf"));
    assert_int_equal(app_count(), apps);
    assert_int_equal(app_refused_count(), refused);
    assert_null(app_load(m.bytes, 20, "/apps/broken.elf", "broken shelf"));
    assert_int_equal(app_refused_count(), refused + 1);
    struct app *launcher = load_v3("launcher grant=ctx.loader/1 trusted");
    call(launcher, body_list);
    assert_int_equal(the.status, CTX_OK);
    assert_int_equal(the.count, 2);
    assert_string_equal((const char *)the.list[0].name, "clock");
    assert_int_equal(the.list[0].context, 3);
    assert_true(the.list[0].bytes > 0);
    assert_string_equal((const char *)the.list[1].name, "other");
    assert_int_equal(the.list[1].running, 1); /* the launcher is of the same file here */

    struct app *clock = run(launcher, "clock", "");
    assert_non_null(clock);
    assert_string_equal(clock->name, "clock");
    assert_string_equal(clock->arguments, "a b");
    assert_int_equal(clock->grants, 0); /* the launcher has not got that */
    assert_int_equal(clock->parent, launcher->pid);
    struct app *second = run(launcher, "clock", "another c");
    assert_non_null(second);
    assert_string_equal(second->name, "another");
    assert_string_equal(second->arguments, "c");
    assert_null(run(launcher, "cloc", ""));
    assert_int_equal(the.status, CTX_E_NOENT);
    assert_null(run(launcher, "", ""));
    assert_int_equal(the.status, CTX_E_NOENT);
    assert_null(run(launcher, "a-name-of-more-than-thirty-one-bytes", ""));
    assert_int_equal(the.status, CTX_E_INVAL);
    call(launcher, body_list);
    assert_int_equal(the.list[0].running, 3);
    assert_int_equal(launcher->faults, 0);

    /* The later one of a name counts. */
    assert_null(app_load(m.bytes, m.len, "/apps/clock.elf", "clock shelf z"));
    struct app *third = run(launcher, "clock", "");
    assert_string_equal(third->arguments, "z");
    app_unload(third);
    app_unload(second);
    app_unload(clock);
    app_unload(launcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_a_line),
        cmocka_unit_test(kept_listed_and_started),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
