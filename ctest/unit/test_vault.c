/* SPDX-License-Identifier: MIT */
/* ctx.image/1 and the vault behind it, in memory: what an app can do with images, also of itself.
 */
#include "gate.h"
#include "v3_fixture.h"
#include "vault.h"
#include "vault_memory.h"

#include <kernel/klog.h>
#include <kernel/task.h>

#define GRANTS "grant=ctx.image/1 trusted"

static struct {
    uint32_t job;
    ctx_status status;
    struct ctx_image_job how;
    uint64_t pid;
    const char *name;
    uint32_t count;
    struct ctx_image_info infos[8];
} s;

static const struct ctx_image *table(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_IMAGE, 0, &t), CTX_OK);
    return (const struct ctx_image *)t;
}

/* The app's own state: a number in its heap. */
static int32_t body_set(struct ctx *ctx)
{
    if (*ctx->store == NULL) {
        *ctx->store = ctx->mem->alloc(ctx->mem, 8, 8, CTX_MEM_ZERO);
    }
    ++*(uint64_t *)*ctx->store;
    return CTX_AGAIN;
}

static uint64_t number_of(const struct app *app)
{
    uint64_t value = 0;
    assert_int_equal(machine_copy_in(&value, app->store, sizeof value), CTX_OK);
    return value;
}

typedef ctx_status(CTX_CALL *begin_fn)(const struct ctx_image *self, uint64_t pid, const void *name,
                                       uint32_t len, uint32_t *job);

static void begin(struct ctx *ctx, begin_fn fn, const struct ctx_image *image)
{
    uint32_t len = (uint32_t)strlen(s.name);
    char *name = own_copy(ctx, s.name, len + 1);
    uint32_t *job = own(ctx, sizeof *job);
    s.status = fn(image, s.pid, name, len, job);
    s.job = *job;
    ctx->mem->free(ctx->mem, job, sizeof *job, 16);
    ctx->mem->free(ctx->mem, name, len + 1, 16);
}

static int32_t body_save(struct ctx *ctx)
{
    const struct ctx_image *image = table(ctx);
    begin(ctx, (begin_fn)image->save, image);
    return CTX_AGAIN;
}

static int32_t body_restore(struct ctx *ctx)
{
    const struct ctx_image *image = table(ctx);
    begin(ctx, (begin_fn)image->restore, image);
    return CTX_AGAIN;
}

static int32_t body_remove(struct ctx *ctx)
{
    const struct ctx_image *image = table(ctx);
    uint32_t len = (uint32_t)strlen(s.name);
    char *name = own_copy(ctx, s.name, len + 1);
    uint32_t *job = own(ctx, sizeof *job);
    s.status = image->remove(image, name, len, job);
    s.job = *job;
    return CTX_AGAIN;
}

static int32_t body_poll(struct ctx *ctx)
{
    const struct ctx_image *image = table(ctx);
    struct ctx_image_job *how = own(ctx, sizeof *how);
    how->size = sizeof *how;
    s.status = image->poll(image, s.job, how);
    s.how = *how;
    ctx->mem->free(ctx->mem, how, sizeof *how, 16);
    return CTX_AGAIN;
}

static int32_t body_list(struct ctx *ctx)
{
    const struct ctx_image *image = table(ctx);
    struct ctx_image_info *infos = own(ctx, sizeof s.infos);
    uint32_t *count = own(ctx, sizeof *count);
    s.status = image->list(image, infos, sizeof s.infos, sizeof infos[0], count);
    s.count = *count;
    memcpy(s.infos, infos, sizeof s.infos);
    for (uint32_t each = 0; each < 8; each++) {
        assert_int_equal(image->list(image, infos, sizeof s.infos, each, count), CTX_E_INVAL);
    }
    if (s.count > 0) { /* of an older app, and of a newer one */
        memset(infos, 0xee, sizeof s.infos);
        assert_int_equal(image->list(image, infos, 64, 64, count), CTX_OK);
        assert_memory_equal(infos, s.infos, 64);
        assert_int_equal(infos[0].bytes, 0xeeeeeeeeeeeeeeee);
        assert_int_equal(image->list(image, infos, 120, 120, count), CTX_OK);
        assert_memory_equal(infos, s.infos, sizeof infos[0]);
        assert_int_equal(infos[1].name[0], 0);
        assert_int_equal(((uint8_t *)infos)[120], 0xee);
    }
    ctx->mem->free(ctx->mem, count, sizeof *count, 16);
    ctx->mem->free(ctx->mem, infos, sizeof s.infos, 16);
    return CTX_AGAIN;
}

/* What the loop does between two calls. */
static void between(void)
{
    for (uint32_t i = 0; i < 50; i++) {
        fake.now_ns += 30 * NSEC_PER_MSEC;
        task_run_ready(fake.now_ns);
    }
}

static ctx_status outcome(struct app *app)
{
    between();
    call(app, body_poll);
    assert_int_equal(s.status, CTX_OK);
    return (ctx_status)s.how.status;
}

static void ask(struct app *app, int32_t (*body)(struct ctx *), uint64_t pid, const char *name)
{
    s.pid = pid;
    s.name = name;
    call(app, body);
}

static void saves_and_restores_itself(void **state)
{
    (void)state;
    struct app *app = load_v3("self " GRANTS);
    call(app, body_set);
    call(app, body_set);
    call(app, body_list); /* opens the table */
    ask(app, body_save, app->pid, "two");
    assert_int_equal(s.status, CTX_PENDING);
    assert_int_equal(outcome(app), CTX_OK);
    assert_true(s.how.total > 0);
    call(app, body_poll);
    assert_int_equal(s.status, CTX_E_NOENT); /* told once */
    call(app, body_set);
    call(app, body_set);
    assert_int_equal(number_of(app), 4);

    call(app, body_list);
    assert_int_equal(s.count, 1);
    assert_text((const char *)s.infos[0].name, "two");

    ask(app, body_restore, app->pid, "two");
    assert_int_equal(s.status, CTX_PENDING);
    uint64_t before_ns = app_time(app, fake.now_ns);
    between();
    assert_int_equal(number_of(app), 2);
    assert_int_equal(app->epoch, 1);
    assert_true(app_time(app, fake.now_ns) < before_ns + 50 * 30 * NSEC_PER_MSEC);
    call(app, body_poll); /* of the job that its later self began */
    assert_int_equal(s.status, CTX_E_STALE);
    call(app, body_set);
    assert_int_equal(number_of(app), 3);

    ask(app, body_remove, 0, "two");
    assert_int_equal(outcome(app), CTX_OK);
    call(app, body_list);
    assert_int_equal(s.count, 0);
    app_unload(app);
}

static void of_another(void **state)
{
    (void)state;
    struct app *other = load_v3("other grant=ctx.system/1");
    struct app *app = load_v3("manager " GRANTS);
    uint64_t pid = other->pid;
    call(other, body_set);
    ask(app, body_save, pid, "other");
    assert_int_equal(outcome(app), CTX_OK);
    ask(app, body_restore, VAULT_NEW, "other");
    assert_int_equal(outcome(app), CTX_E_EXIST); /* it lives there */
    assert_true(strlen((const char *)s.how.why) > 5);
    app_unload(other);
    ask(app, body_restore, pid, "other");
    assert_int_equal(outcome(app), CTX_E_NOENT);
    ask(app, body_restore, VAULT_NEW, "other");
    assert_int_equal(outcome(app), CTX_OK);
    assert_int_equal(s.how.pid, pid);
    other = app_find(pid);
    assert_non_null(other);
    assert_int_equal(number_of(other), 1);
    assert_int_equal(other->grants, 0); /* the manager has no ctx.system/1 to give */
    ask(app, body_restore, VAULT_ALL, "other");
    assert_int_equal(outcome(app), CTX_E_INVAL); /* one app is no session */
    app_unload(other);
    app_unload(app);
    assert_int_equal(vault_memory_remove("other"), CTX_OK);
}

static void everything(void **state)
{
    (void)state;
    struct app *first = load_v3("first");
    struct app *app = load_v3("manager " GRANTS);
    call(first, body_set);
    ask(app, body_save, VAULT_ALL, "all");
    assert_int_equal(outcome(app), CTX_OK);
    call(first, body_set);
    struct app *late = load_v3("late");
    assert_int_equal(app_count(), 3);
    (void)late;
    ask(app, body_restore, VAULT_ALL, "all");
    between();
    assert_int_equal(app_count(), 2); /* the late one was not there then */
    assert_int_equal(number_of(first), 1);
    assert_int_equal(first->epoch, 1);
    assert_int_equal(app->epoch, 1);
    app_unload(first);
    app_unload(app);
    assert_int_equal(vault_memory_remove("all"), CTX_OK);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct app *app = load_v3("self " GRANTS);
    call(app, body_set);
    ask(app, body_restore, app->pid, "never saved");
    assert_int_equal(outcome(app), CTX_E_NOENT);
    ask(app, body_remove, 0, "never saved");
    assert_int_equal(outcome(app), CTX_E_NOENT);
    ask(app, body_save, 4711, "of nobody");
    assert_int_equal(outcome(app), CTX_E_NOENT);
    static const char *const bad[] = {"", "a\nb", "\xff",
                                      "a name that is longer than sixty-three "
                                      "bytes, and so it is not taken at all"};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        ask(app, body_save, app->pid, bad[i]);
        assert_int_equal(s.status, CTX_E_INVAL);
    }
    for (uint32_t i = 0; i < 16; i++) {
        ask(app, body_save, app->pid, "many");
        assert_int_equal(s.status, CTX_PENDING);
    }
    ask(app, body_save, app->pid, "many");
    assert_int_equal(s.status, CTX_E_NOSPC);
    between();
    ask(app, body_save, app->pid, "many"); /* done, but nobody has asked how it went */
    assert_int_equal(s.status, CTX_E_NOSPC);
    app_unload(app);
    app = load_v3("next " GRANTS); /* what an app that has gone left behind is free again */
    ask(app, body_save, app->pid, "many");
    assert_int_equal(s.status, CTX_PENDING);
    assert_int_equal(outcome(app), CTX_OK);
    app_unload(app);
    app = load_v3("without");
    ask(app, body_save, app->pid, "many");
    assert_int_equal(s.status, CTX_E_DENIED);
    app_unload(app);
    assert_int_equal(vault_memory_remove("many"), CTX_OK);
}

/* Images in memory have a quota: an eighth of all. One of the same name makes room first. */
static void memory_has_an_end(void **state)
{
    (void)state;
    struct app *app = load_v3("self " GRANTS);
    call(app, body_set);
    uint32_t kept = 0;
    char name[16];
    for (;; kept++) {
        format_text(name, sizeof name, "n%u", kept);
        ask(app, body_save, app->pid, name);
        if (outcome(app) != CTX_OK) {
            break;
        }
        assert_true(kept < 10000);
    }
    assert_int_equal(s.how.status, (uint32_t)CTX_E_NOSPC);
    assert_true(kept > 3);
    ask(app, body_save, app->pid, "n0");
    assert_int_equal(outcome(app), CTX_OK);
    while (kept-- > 0) {
        format_text(name, sizeof name, "n%u", kept);
        assert_int_equal(vault_memory_remove(name), CTX_OK);
    }
    assert_int_equal(vault_memory_used(), 0);
    app_unload(app);
}

static int boot_vault(void **state)
{
    int result = boot(state);
    fake.now_ns = NSEC_PER_SEC;
    vault_start(2 * NSEC_PER_SEC);
    return result;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saves_and_restores_itself),
        cmocka_unit_test(of_another),
        cmocka_unit_test(everything),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(memory_has_an_end),
    };
    return cmocka_run_group_tests(tests, boot_vault, NULL);
}
