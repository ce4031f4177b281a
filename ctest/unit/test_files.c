/* SPDX-License-Identifier: MIT */
/* ctx.files/1 where the machine lends files: whose they are, handles, and what undo, images and a
 * new beginning make of them. */
#include "fake_files.h"
#include "image_taken.h"
#include "policy_fixture.h"

static struct {
    ctx_status status;
    const struct ctx_files *table;
    uint32_t handle;
    bool fault;
} t;

static int32_t body_table(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    t.status = open_table(ctx, CTX_ID_FILES, sizeof(struct ctx_files), &table);
    t.table = (const struct ctx_files *)table;
    return CTX_AGAIN;
}

static int32_t open_with(struct ctx *ctx, const char *path, uint32_t flags)
{
    uint32_t *out = own(ctx, 4), len = (uint32_t)strlen(path);
    t.status = t.table->open(t.table, own_copy(ctx, path, len + 1), len, flags, out);
    t.handle = t.status == CTX_OK ? *out : t.handle;
    if (t.fault) {
        fake_fault(6, 0);
    }
    return CTX_AGAIN;
}

static int32_t body_open(struct ctx *ctx)
{
    return open_with(ctx, "/lent/x", CTX_FILES_READ);
}

static int32_t body_create(struct ctx *ctx)
{
    return open_with(ctx, "/lent/x", CTX_FILES_WRITE | CTX_FILES_CREATE);
}

static int32_t body_close(struct ctx *ctx)
{
    (void)ctx;
    t.status = t.table->close(t.table, t.handle);
    if (t.fault) {
        fake_fault(6, 0);
    }
    return CTX_AGAIN;
}

static int32_t body_read(struct ctx *ctx)
{
    uint32_t *count = own(ctx, 4);
    char *bytes = own(ctx, 10000);
    t.status = t.table->read(t.table, t.handle, 0, bytes, 10000, count);
    assert_true(t.status != CTX_OK || (*count == 10000 && bytes[9999] == 'f'));
    return CTX_AGAIN;
}

static int32_t body_wrong(struct ctx *ctx)
{
    static const uint32_t flags[] = {0, 64, CTX_FILES_READ | CTX_FILES_CREATE,
                                     CTX_FILES_READ | CTX_FILES_TRUNCATE, CTX_FILES_CREATE};
    for (uint32_t i = 0; i < ARRAY_COUNT(flags); i++) {
        open_with(ctx, "/lent/x", flags[i]);
        assert_int_equal(t.status, CTX_E_INVAL);
    }
    char *path = own(ctx, 2000);
    uint32_t *out = own(ctx, 4);
    memset(path, '/', 2000);
    assert_int_equal(t.table->open(t.table, path, 1025, CTX_FILES_READ, out), CTX_E_TOOBIG);
    assert_int_equal(t.table->open(t.table, path, 1024, CTX_FILES_READ, out), CTX_OK);
    assert_int_equal(t.table->close(t.table, *out), CTX_OK);
    assert_int_equal(t.table->close(t.table, *out), CTX_E_STALE);
    assert_int_equal(t.table->close(t.table, 0), CTX_E_STALE);
    assert_int_equal(t.table->open(t.table, path, 0, CTX_FILES_READ, out), CTX_E_NOENT);
    path[0] = 'x';
    assert_int_equal(t.table->open(t.table, path, 3, CTX_FILES_READ, out), CTX_E_NOENT);
    memcpy(path, "/a\0b", 4);
    assert_int_equal(t.table->open(t.table, path, 4, CTX_FILES_READ, out), CTX_E_NOENT);
    for (uint32_t i = 0; i < 64; i++) {
        open_with(ctx, "/lent/x", CTX_FILES_READ);
        assert_int_equal(t.status, CTX_OK);
    }
    open_with(ctx, "/lent/x", CTX_FILES_READ);
    assert_int_equal(t.status, CTX_E_NOSPC);
    return CTX_AGAIN;
}

static struct app *begin(const char *line)
{
    memset(&t, 0, sizeof t);
    remember();
    struct app *app = load_v3(line);
    fake_files_give(app);
    call(app, body_table);
    return app;
}

static void end(struct app *app)
{
    app_unload(app);
    assert_int_equal(fake_files_open_count, 0);
    files_offer(NULL);
    all_is_back();
}

static void whose_they_are(void **state)
{
    (void)state;
    struct app *app = begin("one");
    assert_int_equal(t.status, CTX_OK);
    call(app, body_wrong);
    assert_int_equal(app->faults, 0);
    assert_int_equal(fake_files_open_count, 64);
    struct app *other = load_v3("two");
    call(other, body_table);
    assert_int_equal(t.status, CTX_E_NOSYS);
    app_unload(other);
    end(app);
}

static void an_undone_call_has_opened_and_closed_nothing(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    t.fault = true;
    turn(app, body_open);
    assert_int_equal(app->undone, 1);
    assert_int_equal(fake_files_open_count, 0);
    t.fault = false;
    turn(app, body_open);
    assert_int_equal(t.status, CTX_OK);
    t.fault = true;
    turn(app, body_close);
    assert_int_equal(app->undone, 2);
    t.fault = false;
    turn(app, body_read);
    assert_int_equal(t.status, CTX_OK);
    turn(app, body_close);
    assert_int_equal(fake_files_open_count, 0);
    turn(app, body_read);
    assert_int_equal(t.status, CTX_E_STALE);
    end(app);
}

static void what_changes_a_file_is_not_undone(void **state)
{
    (void)state;
    struct app *app = begin("one restart=undo");
    t.fault = true;
    turn(app, body_create);
    assert_int_equal(app->undone, 0);
    assert_int_equal(fake_files_open_count, 0); /* it begins anew */
    restart_now(app);
    end(app);
}

static void an_image_has_no_handles(void **state)
{
    (void)state;
    struct app *app = begin("one");
    call(app, body_open);
    take(app, 0);
    app_unload(app);
    assert_int_equal(fake_files_open_count, 0);
    app = bring_back();
    files_give(app);
    call(app, body_read);
    assert_int_equal(t.status, CTX_E_STALE); /* the table */
    const void *table = t.table;
    call(app, body_table);
    assert_ptr_equal(t.table, table);
    call(app, body_read);
    assert_int_equal(t.status, CTX_E_STALE); /* the handle */
    call(app, body_open);
    call(app, body_read);
    assert_int_equal(t.status, CTX_OK);
    end(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_they_are),
        cmocka_unit_test(an_undone_call_has_opened_and_closed_nothing),
        cmocka_unit_test(what_changes_a_file_is_not_undone),
        cmocka_unit_test(an_image_has_no_handles),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
