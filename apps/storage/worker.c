/* SPDX-License-Identifier: MIT */
/*
 * The fiber that does the work. It finds the disk, then does what is in the queue, one operation
 * after the other; what several apps changed is committed together, a fifth of a second after the
 * first of it at the latest, or when somebody wants it to last.
 */
#include "storage.h"

#include "engine/vfs.h"

#include <sqlite3.h>

#include <ctx/tables.h>

#include <string.h>

#define STACK_BYTES  (192u * 1024)
#define COMMIT_AFTER UINT64_C(200000000)
#define REST_AFTER   UINT64_C(3000000000)
#define STEPS_A_LOOK 2000 /* of SQLite's, between two looks at the clock */
#define MEMORY_BYTES (UINT64_C(16) << 20)

void worker_rest(void)
{
    if (ctx_fiber_current() != NULL && now_ns() - storage.ran_ns > TURN_NS) {
        (void)ctx_fiber_yield();
    }
}

static int rest(void *arg)
{
    (void)arg;
    worker_rest();
    return 0;
}

static int64_t wall_ns(void)
{
    int64_t ns = 0;
    storage.ctx->time->wall(storage.ctx->time, &ns);
    return ns;
}

static void mount(void)
{
    const char *why = NULL;
    storage.mounts++;
    storage.disk = block_mount(&storage.db, &why);
    storage.on_disk = storage.disk != NULL;
    if (!storage.on_disk && why != NULL) {
        /* Files in memory would look as if those on the disk were gone. */
        say(CTX_LOG_ERROR, "no files: %s (ctx files check)", why);
        storage.failed = true;
        return;
    }
    if (!storage.on_disk) {
        say(CTX_LOG_WARN,
            "there is no disk of files (ctx files create): files are in memory, and gone when the machine ends");
        if (fdb_open_memory(&storage.db, MEMORY_BYTES, wall_ns) != CTX_OK) {
            storage.failed = true;
        }
    }
    if (storage.db != NULL) {
        sqlite3_progress_handler(fdb_sqlite(storage.db), STEPS_A_LOOK, rest, NULL);
    }
}

/* A disk is there again: handles are good if it is the same, and nobody made files there meanwhile.
 * Of another one they would be other files. */
static void remounted(void)
{
    if (memcmp(storage.disk_id, fdb_vfs_state()->label.id, sizeof storage.disk_id) == 0 &&
        fdb_last_id(storage.db) <= storage.last_id) {
        fdb_ids_after(storage.db, storage.last_id);
        return;
    }
    clients_forget_files();
    watches_moved("/");
}

/* The disk was pulled out: nothing of what is in memory may ever reach another one. */
static void unmount(void)
{
    say(CTX_LOG_ERROR, "the disk is gone: files answer IO until it is back");
    bool dirty = fdb_dirty(storage.db);
    storage.lost |= dirty || fdb_lost(storage.db) != storage.answer_lost;
    storage.answer_lost = 0;
    for (struct client *c = storage.clients; c != NULL; c = c->next) {
        /* The next one counts from 0: whoever waits for what is gone hears that once. */
        c->lost = dirty || c->lost != fdb_lost(storage.db) ? UINT64_MAX : 0;
    }
    if (storage.together != NULL) { /* and what was to change as one does not */
        storage.together->together = TOGETHER_LATE;
        storage.together = NULL;
    }
    databases_orphan();
    memcpy(storage.disk_id, fdb_vfs_state()->label.id, sizeof storage.disk_id);
    storage.last_id = fdb_last_id(storage.db);
    (void)fdb_close(storage.db);
    block_drop();
    storage.db = NULL;
    storage.commit_ns = 0;
}

static bool looks_dirty(void)
{
    return storage.db != NULL && fdb_dirty(storage.db);
}

static bool commit_is_due(void)
{
    return storage.commit_soon || (storage.commit_ns != 0 && now_ns() >= storage.commit_ns);
}

static void look_after(void)
{
    quota_tidy();
    if (storage.on_disk && storage.db != NULL && block_gone()) {
        unmount();
    }
    if (storage.on_disk && storage.db == NULL && !storage.failed) {
        const char *why = NULL;
        storage.mounts++;
        storage.disk = block_mount(&storage.db, &why);
        if (storage.db != NULL) {
            sqlite3_progress_handler(fdb_sqlite(storage.db), STEPS_A_LOOK, rest, NULL);
            remounted();
        }
    }
    if (storage.together == NULL && commit_is_due()) {
        ctx_status status = looks_dirty() ? fdb_commit(storage.db) : CTX_OK;
        storage.commit_ns = 0;
        storage.commit_soon = false;
        if (status != CTX_OK) {
            say(CTX_LOG_ERROR, "what was written last is lost: %s", fdb_why(storage.db));
        }
    }
    if (storage.commit_ns == 0 && looks_dirty()) {
        storage.commit_ns = now_ns() + COMMIT_AFTER;
    }
    if (storage.db == NULL || looks_dirty() || (fdb_rests(storage.db) && !storage.worked)) {
        storage.rest_ns = 0;
        return;
    }
    if (storage.rest_ns == 0) {
        storage.rest_ns = now_ns() + REST_AFTER;
    }
    if (!clients_any() || now_ns() >= storage.rest_ns) {
        (void)fdb_rest(storage.db);
        fdb_release(storage.db);
        databases_rest();
        storage.worked = false;
        storage.rest_ns = 0;
    }
}

/* The next that may be done: while somebody makes several changes as one, only what is theirs. */
static struct op *next_op(void)
{
    for (struct op **at = &storage.first; *at != NULL; at = &(*at)->next) {
        struct op *op = *at;
        if (storage.together != NULL && op->client != storage.together) {
            continue;
        }
        *at = op->next;
        if (*at == NULL) {
            storage.last = at;
        }
        op->next = NULL;
        return op;
    }
    return NULL;
}

static void work(struct ctx *ctx, void *arg)
{
    (void)ctx;
    (void)arg;
    mount();
    for (;;) {
        together_end();
        if (commit_is_due()) {
            look_after(); /* though there is always something to do */
        }
        struct op *op = next_op();
        if (op != NULL && database_is_asked(op)) {
            op->state = OP_RUNS;
            storage.rest_ns = 0;
            storage.worked = true;
            if (guest_take(op)) {
                (void)ctx_fiber_yield(); /* until it is done, or has had its turn */
                continue;
            }
            op->status = CTX_E_NOMEM;
            op->state = OP_DONE;
            if (op->client != NULL) {
                client_answer(op->client);
            } else { /* it has to be closed some time */
                worker_queue(op);
                worker_rest();
            }
            continue;
        }
        if (op != NULL) {
            op->state = OP_RUNS;
            storage.rest_ns = 0;
            storage.worked = true;
            op_perform(op);
            op->state = OP_DONE;
            if (op->client != NULL) {
                client_answer(op->client);
            } else {
                op_forget(op);
            }
            worker_rest();
            continue;
        }
        look_after();
        if (storage.first != NULL && storage.together == NULL) {
            continue;
        }
        storage.idle = true;
        (void)ctx_fiber_yield();
        storage.idle = false;
    }
}

void worker_queue(struct op *op)
{
    op->state = OP_QUEUED;
    op->next = NULL;
    if (storage.last == NULL || storage.first == NULL) {
        storage.last = &storage.first;
    }
    *storage.last = op;
    storage.last = &op->next;
}

void worker_run(void)
{
    if (storage.worker == NULL || ctx_fiber_state(storage.worker) >= CTX_FIBER_ENDED) {
        if (storage.worker !=
            NULL) { /* nothing in memory counts any more: what the disk has does */
            storage.failed = storage.broken = true;
            return;
        }
        storage.worker = ctx_fiber_start(storage.ctx, work, NULL, STACK_BYTES);
        if (storage.worker == NULL) {
            say(CTX_LOG_ERROR, "there is not enough memory");
            storage.failed = true;
            return;
        }
    }
    uint64_t began = now_ns();
    for (;;) {
        bool guest = guest_is_at_work();
        struct ctx_fiber *fiber = guest ? guest_fiber() : storage.worker;
        block_reap();
        if (block_waits()) {
            return;
        }
        storage.ran_ns = now_ns();
        (void)ctx_fiber_run(storage.ctx, fiber);
        if (ctx_fiber_state(fiber) >= CTX_FIBER_ENDED) {
            storage.failed = storage.broken = true;
            return;
        }
        if (guest == guest_is_at_work() || now_ns() - began > TURN_NS) {
            return; /* it waits, or has had its turn; else the other one goes on */
        }
    }
}

bool worker_due(void)
{
    return !storage.idle && !block_waits() && !storage.failed;
}
