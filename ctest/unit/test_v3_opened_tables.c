/* SPDX-License-Identifier: MIT */
/* Clocks, log, arguments, processor, apps, system and loader, called through their tables. */
#include "app_words.h"
#include "v3_answer_fixture.h"

/* ---- clocks ---- */

static int32_t body_time(struct ctx *ctx)
{
    uint64_t *now = own(ctx, 8);
    int64_t *wall = own(ctx, 8);
    fake.now_ns += 12345; /* now, not the start of the call */
    assert_int_equal(ctx->time->now(ctx->time, now), CTX_OK);
    assert_int_equal(*now, fake.now_ns);
    fake.wall_ns = 0;
    assert_int_equal(ctx->time->wall(ctx->time, wall), CTX_E_NOSYS);
    fake.wall_ns = 1700000000 * (int64_t)NSEC_PER_SEC + 5;
    assert_int_equal(ctx->time->wall(ctx->time, wall), CTX_OK);
    assert_int_equal(*wall, fake.wall_ns);
    return 0;
}

static void clocks(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_time);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

/* ---- drafts ---- */

static int32_t body_drafts(struct ctx *ctx)
{
    const struct ctx_table *t;
    uint32_t *n = own(ctx, 4);
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &t), CTX_OK);
    const struct ctx_log *log = (const struct ctx_log *)t;
    for (uint32_t level = 0; level < 6; level++) {
        assert_int_equal(log->write(log, level, own_copy(ctx, "said", 4), 4),
                         level == 0 || level == 5 ? CTX_E_INVAL : CTX_OK);
    }

    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    const struct ctx_args *args = (const struct ctx_args *)t;
    assert_int_equal(args->count(args, n), CTX_OK);
    assert_int_equal(*n, 3);
    static const char *const words[] = {"one", "zw\xc3\xb6lf", "-x=3"};
    for (uint32_t i = 0; i < 3; i++) {
        char *text = own_copy(ctx, "........", 9);
        assert_int_equal(args->get(args, i, text, 8, n), CTX_OK);
        assert_int_equal(*n, strlen(words[i]));
        assert_memory_equal(text, words[i], *n);
        assert_int_equal(text[*n], '.');
        memcpy(text, "........", 9);
        assert_int_equal(args->get(args, i, text, 2, n), CTX_OK);
        assert_int_equal(*n, strlen(words[i])); /* all of it, though it was cut */
        assert_memory_equal(text, words[i], 2);
        assert_int_equal(text[2], '.');
    }
    assert_int_equal(args->get(args, 3, NULL, 0, n), CTX_E_NOENT);
    assert_int_equal(args->get(args, UINT32_MAX, NULL, 0, n), CTX_E_NOENT);

    assert_int_equal(open_table(ctx, CTX_ID_CPU, 0, &t), CTX_OK);
    const struct ctx_cpu *cpu = (const struct ctx_cpu *)t;
    struct ctx_cpu_info *features = own(ctx, sizeof *features);
    features->size = sizeof *features;
    fake.cpu_features = CTX_CPU_AES | CTX_CPU_SSE3;
    assert_int_equal(cpu->info(cpu, features), CTX_OK);
    assert_int_equal(features->features, CTX_CPU_AES | CTX_CPU_SSE3);
    assert_int_equal(app_current()->v3->cpu_told, CTX_CPU_AES | CTX_CPU_SSE3);

    assert_int_equal(open_table(ctx, CTX_ID_APPS, 0, &t), CTX_OK);
    const struct ctx_apps *apps = (const struct ctx_apps *)t;
    struct ctx_app_info *list = own(ctx, 5 * sizeof *list);
    assert_int_equal(apps->list(apps, list, 5 * sizeof *list, sizeof *list, n), CTX_OK);
    assert_int_equal(*n, 3);
    assert_text((const char *)list[0].name, "me");
    assert_text((const char *)list[1].name, "old");
    assert_text((const char *)list[2].name, "an-app-with-a-name-of-31-letter");
    assert_int_equal(list[1].version, 2);
    assert_int_equal(list[1].state, CTX_APP_READY);
    assert_int_equal(list[2].version, 3);
    assert_int_equal(list[2].state, CTX_APP_WAITING);
    assert_int_equal(list[2].calls, 1);
    assert_int_equal(list[2].memory, app_current()->next->next->pages * PAGE_SIZE);
    memset(list, 0, 5 * sizeof *list);
    assert_int_equal(apps->list(apps, list, 2 * sizeof *list - 1, sizeof *list, n), CTX_OK);
    assert_int_equal(*n, 3); /* all of them, though one fits */
    assert_int_equal(list[1].calls + list[1].version, 0);
    for (uint32_t each = 0; each < 8; each++) {
        assert_int_equal(apps->list(apps, list, 5 * sizeof *list, each, n), CTX_E_INVAL);
    }
    uint8_t *longer = own(ctx, 3 * 200); /* a newer app's */
    memset(longer, 0xee, 3 * 200);
    assert_int_equal(apps->list(apps, longer, 3 * 200, 200, n), CTX_OK);
    assert_int_equal(((struct ctx_app_info *)(longer + 400))->version, 3);
    for (uint32_t i = sizeof *list; i < 200; i++) {
        assert_int_equal(longer[400 + i], 0);
    }
    memset(list, 0xee, 5 * sizeof *list); /* an older one's */
    assert_int_equal(apps->list(apps, list, 3 * 16, 16, n), CTX_OK);
    assert_int_equal(((uint32_t *)list)[2 * 4 + 3], 3);
    assert_int_equal(((uint8_t *)list)[3 * 16], 0xee);
    assert_int_equal(list[0].pid, app_current()->pid);
    app_current()->next->verified = true;
    assert_int_equal(apps->list(apps, list, 5 * sizeof *list, sizeof *list, n), CTX_OK);
    app_current()->next->verified = false;
    assert_int_equal(list[0].isolated, 0);
    assert_int_equal(list[1].isolated, 1);

    assert_int_equal(open_table(ctx, CTX_ID_SYSTEM, 0, &t), CTX_OK);
    assert_int_equal(t->flags, CTX_TBL_GRANTED);
    const struct ctx_system *system = (const struct ctx_system *)t;
    struct ctx_system_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(system->info(system, info), CTX_OK);
    assert_int_equal(info->apps, 3);
    assert_int_equal(info->uptime_ns, fake.now_ns);
    assert_int_equal(info->memory, frame_total() * PAGE_SIZE);
    assert_int_equal(info->memory_free, frame_free_total() * PAGE_SIZE + heap_slack());
    return 0;
}

static void drafts(void **state)
{
    (void)state;
    remember();
    struct app *me = load_v3("me one zw\xc3\xb6lf grant=ctx.system/1 -x=3");
    struct app *old = load("old");
    struct app *waits = load_v3("an-app-with-a-name-of-31-letters-and-more");
    turn_after(waits, CTX_WAIT);
    fake_serial_clear();
    call(me, body_drafts);
    assert_int_equal(me->faults, 0);
    assert_int_equal(fake_said_times(" app.me#"), 4);
    assert_true(fake_said(" E app.me#") && fake_said(" W app.me#") && fake_said(" I app.me#") &&
                fake_said(" D app.me#"));
    app_unload(me);
    app_unload(old);
    app_unload(waits);
    all_is_back();
}

/* ---- the loader ---- */

static uint64_t child_grants;
static int32_t body_loader(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_LOADER, 0, &t), CTX_OK);
    const struct ctx_loader *loader = (const struct ctx_loader *)t;
    uint8_t *file = own_copy(ctx, m.bytes, m.len);
    uint64_t *pid = own(ctx, 8);
    struct app *self = app_current();
    static const char text[] = "child one grant=ctx.loader/1,ctx.system/1 two";
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, own_copy(ctx, text, sizeof text),
                                   sizeof text - 1, pid),
                     CTX_OK);
    struct app *child = self->next;
    assert_non_null(child);
    assert_int_equal(child->pid, *pid);
    assert_text(child->name, "child");
    assert_text(app_text(child->arguments), "one two");
    child_grants = child->grants;
    memset(file, 0, m.len); /* not needed afterwards */
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, NULL, 0, pid), CTX_E_INVAL);
    assert_int_equal(loader->start(loader, file, 0, NULL, 0, pid), CTX_E_INVAL);
    assert_int_equal(loader->start(loader, file, 16, own(ctx, 5000), 5000, pid), CTX_E_INVAL);
    memcpy(file, m.bytes, m.len);
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, NULL, 0, pid), CTX_OK);
    assert_text(child->next->name, "loaded");
    /* A result that has nowhere to go: no child either. */
    uint64_t *constant = (uint64_t *)(uintptr_t)(self->base + CTX_SLOT_NOSYS);
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, NULL, 0, constant), CTX_E_INVAL);
    assert_null(child->next->next);
    return 0;
}

static void loading(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("parent trusted grant=ctx.loader/1");
    fake_serial_clear();
    call(app, body_loader);
    assert_int_equal(app->faults, 0);
    assert_int_equal(fake_said_times("refused file="), 1);
    assert_int_equal(child_grants, 1u << CTX_TABLE_LOADER); /* no more than its parent's */
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks),
        cmocka_unit_test(drafts),
        cmocka_unit_test(loading),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
