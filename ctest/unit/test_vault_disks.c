/* SPDX-License-Identifier: MIT */
/*
 * The vault on a machine with two disks: which one is taken, and what comes of images while memory
 * is short. A machine starts once: each case is a process of its own.
 */
#include "fake_disk.h"
#include "gate.h"
#include "keep.h"
#include "policy_fixture.h"
#include "vault.h"

#include <kernel/string.h>
#include <kernel/task.h>

#include <sys/wait.h>
#include <unistd.h>

static struct fake_disk disks[2];
static struct store maker; /* what formats them */

static void attend(uint64_t deadline_ns)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (disks[i].queued > 0) {
            (void)fake_disk_step(&disks[i]);
            return;
        }
    }
    assert_true(deadline_ns != NEVER_NS);
    fake.now_ns = MAX(fake.now_ns, deadline_ns);
}

/* Disk `no` of that name; empty, or with a store. */
static void disk(uint32_t no, const char *name, bool with_store)
{
    fake_disk_make(&disks[no], 4096);
    memset(disks[no].device.name, 0, sizeof disks[no].device.name);
    memcpy(disks[no].device.name, name, strlen(name));
    if (with_store) {
        struct store_job job = {.op = STORE_FORMAT, .device = &disks[no].device};
        store_submit(&maker, &job);
        assert_int_equal(store_wait(&job, NEVER_NS), CTX_OK);
    }
    block_offer(&disks[no].device);
}

static ctx_status ask(enum vault_op op, uint64_t pid, const char *name)
{
    static struct vault_job job;
    job = (struct vault_job){.op = op, .pid = pid, .by = APP_NO_PARENT};
    memcpy(job.name, name, strlen(name));
    vault_submit(&job);
    ctx_status status = vault_wait(&job, NEVER_NS);
    assert_true((status == CTX_OK) == (job.why[0] == 0));
    return status;
}

static const char *where(void)
{
    static struct vault_info info;
    vault_info(&info);
    assert_true(info.on_disk);
    return info.where;
}

static int32_t body_set(struct ctx *ctx)
{
    uint64_t *number = *ctx->store;
    if (number == NULL) {
        number = ctx->mem->alloc(ctx->mem, 40000, 8, CTX_MEM_ZERO);
        *ctx->store = number;
    }
    memset(number + 1, 0x5a, 39992);
    ++*number;
    return CTX_AGAIN;
}

static uint64_t number_of(const struct app *app)
{
    uint64_t value = 0;
    assert_int_equal(machine_copy_in(&value, app->store, sizeof value), CTX_OK);
    return value;
}

static void saves_and_restores(void)
{
    struct app *app = load_v3("app");
    call(app, body_set);
    assert_int_equal(ask(VAULT_SAVE, app->pid, "one"), CTX_OK);
    call(app, body_set);
    assert_int_equal(ask(VAULT_RESTORE, app->pid, "one"), CTX_OK);
    assert_int_equal(number_of(app), 1);
    assert_int_equal(ask(VAULT_SAVE, VAULT_ALL, "all"), CTX_OK);
    call(app, body_set);
    assert_int_equal(ask(VAULT_RESTORE, VAULT_ALL, "all"), CTX_OK);
    assert_int_equal(number_of(app), 1);
    assert_int_equal(ask(VAULT_REMOVE, 0, "all"), CTX_OK);
    assert_int_equal(ask(VAULT_RESTORE, VAULT_ALL, "all"), CTX_E_NOENT);
    app_unload(app);
}

static void the_first_has_none(void)
{
    disk(0, "vda", false);
    disk(1, "vdb", true);
    vault_start(NEVER_NS);
    assert_text(where(), "vdb");
    assert_true(fake_said("disk=vda is not used: "));
    uint64_t writes = disks[0].writes;
    saves_and_restores();
    assert_int_equal(disks[0].writes, writes);
    assert_true(disks[1].writes > 0);
}

/* The first by its name, in whatever order they answered. */
static void both_have_one(void)
{
    disk(0, "vdb", true);
    disk(1, "vda", true);
    uint64_t writes = disks[0].writes;
    vault_start(NEVER_NS);
    assert_text(where(), "vda");
    saves_and_restores();
    assert_int_equal(disks[0].writes, writes);
}

static void none_has_one(void)
{
    disk(0, "vda", false);
    disk(1, "vdb", false);
    vault_start(NEVER_NS);
    struct vault_info info;
    vault_info(&info);
    assert_false(info.on_disk);
    assert_true(fake_said("disk=vda is not used: ") && fake_said("disk=vdb is not used: "));
    saves_and_restores();
    assert_int_equal(disks[0].writes + disks[1].writes, 0);
}

/* Each allocation refused in turn, from there on or once: the image is the new one or the old one.
 */
static void memory_is_short(void)
{
    disk(0, "vda", true);
    disk(1, "vdb", false);
    vault_start(NEVER_NS);
    struct app *app = load_v3("app");
    uint64_t saved = 0;
    uint32_t failed = 0;
    call(app, body_set);
    for (uint32_t way = 0; way < 8; way++) {
        uint64_t pid = (way & 1) != 0 ? VAULT_ALL : app->pid;
        enum vault_op op = (way & 2) != 0 ? VAULT_RESTORE : VAULT_SAVE;
        assert_int_equal(ask(VAULT_SAVE, pid, "name"), CTX_OK);
        assert_int_equal(ask(VAULT_SAVE, pid, "name"), CTX_OK); /* all lists are as long now */
        saved = number_of(app);
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            call(app, body_set);
            uint64_t now = number_of(app), frames = frame_free_total(), used = heap_used();
            fake.once = (way & 4) != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = ask(op, pid, "name");
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            failed += status != CTX_OK;
            if (status == CTX_OK && op == VAULT_SAVE) {
                saved = now;
            } else if (status != CTX_OK) {
                assert_int_equal(status, CTX_E_NOMEM);
            }
            if (op == VAULT_SAVE) {
                assert_int_equal(heap_used(), used);
                assert_int_equal(frame_free_total(), frames);
            }
            app_settle();
            if (app->base == 0) { /* it was to begin anew */
                restart_now(app);
            }
            assert_int_equal(ask(VAULT_RESTORE, pid, "name"), CTX_OK);
            app = app_first();
            assert_int_equal(number_of(app), saved);
            assert_true(n < 1000);
        }
    }
    assert_true(failed > 20);
    app_unload(app);
}

static void in_a_process(void (*body)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        boot_late(NULL);
        fake.on_wait = attend;
        store_init(&maker);
        body();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define CASE(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        in_a_process(name);                                                                        \
    }
CASE(the_first_has_none)
CASE(both_have_one)
CASE(none_has_one)
CASE(memory_is_short)

static char seen[200];

static void shown(bool trouble, const char *text)
{
    assert_true(trouble);
    (void)snprintf(seen, sizeof seen, "%s", text);
}

/* A session that this machine has not the memory to read, or the disk not the room to put aside,
 * is not overwritten when the machine goes down. */
static void what_can_not_be_read_is_not_overwritten(void)
{
    disk(0, "vda", true);
    vault_start(NEVER_NS);
    keep_start("mine", shown);
    struct app *app = load_v3("app");
    call(app, body_set);
    assert_true(keep_before_end());
    uint64_t saved = number_of(app);
    uint8_t *bytes;
    uint64_t len;
    assert_int_equal(vault_read("session/mine", &bytes, &len), CTX_OK);
    uint8_t *copy = memcpy(malloc(len), bytes, len);
    heap_free(bytes, len);
    call(app, body_set);
    assert_true(number_of(app) != saved);
    fake.allocs_left = 0;
    assert_false(keep_resume());
    fake.allocs_left = FAKE_ALWAYS;
    assert_non_null(strstr(seen, "can not be read: NOMEM; it stays as it is"));
    assert_true(keep_before_end()); /* and nothing is saved */
    uint64_t now;
    assert_int_equal(vault_read("session/mine", &bytes, &now), CTX_OK);
    assert_int_equal(now, len);
    assert_memory_equal(bytes, copy, len);
    heap_free(bytes, len);
    free(copy);
}
CASE(what_can_not_be_read_is_not_overwritten)

/* A disk has room for more than can be read back: such a session is not saved over a good one. */
static void a_session_that_nobody_could_read_is_not_saved(void)
{
    disk(0, "vda", true);
    vault_start(NEVER_NS);
    struct app *app = load_v3("app");
    call(app, body_set);
    assert_int_equal(ask(VAULT_SAVE, VAULT_ALL, "all"), CTX_OK);
    uint64_t saved = number_of(app);
    call(app, body_set);
    vault_set_most(2000);
    assert_int_equal(ask(VAULT_SAVE, VAULT_ALL, "all"), CTX_E_TOOBIG);
    vault_set_most(UINT64_MAX);
    assert_int_equal(ask(VAULT_RESTORE, VAULT_ALL, "all"), CTX_OK);
    assert_int_equal(number_of(app), saved);
}
CASE(a_session_that_nobody_could_read_is_not_saved)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_has_none),
        cmocka_unit_test(test_both_have_one),
        cmocka_unit_test(test_none_has_one),
        cmocka_unit_test(test_memory_is_short),
        cmocka_unit_test(test_what_can_not_be_read_is_not_overwritten),
        cmocka_unit_test(test_a_session_that_nobody_could_read_is_not_saved),
    };
    return RUN(tests);
}
