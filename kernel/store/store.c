/* SPDX-License-Identifier: MIT */
/* The store's task and its queue of jobs, and what is answered from memory. */
#include "store.h"

#include "heap.h"
#include "store_private.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

bool store_fail(struct store *store, ctx_status status, const char *format, ...)
{
    struct store_job *job = store->first;
    if (store->status == CTX_OK) {
        va_list args;
        va_start(args, format);
        format_args(job->why, sizeof job->why, format, args);
        va_end(args);
        store->status = status;
    }
    return false;
}

void store_forget(struct store *store)
{
    store_index_drop(&store->now);
    store_index_drop(&store->before);
    store->mounted = store->uncertain = false;
    store->note[0] = 0;
}

static void unmount(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    store_forget(s);
    store_io_end(s);
    op->done = true;
}

static void unknown(struct task *op)
{
    store_fail(STORE_OF(op, 0), CTX_E_NOSYS, "there is no such operation");
    op->done = true;
}

/* One step of the job at the front; true: it has ended. */
static bool work(struct store *store)
{
    static void (*const jobs[])(struct task * op) = {
        [STORE_PROBE] = store_probe_job, [STORE_FORMAT] = store_format,
        [STORE_MOUNT] = store_mount_job, [STORE_UNMOUNT] = unmount,
        [STORE_PUT] = store_put,         [STORE_GET] = store_get,
        [STORE_READ] = store_get,        [STORE_REMOVE] = store_remove,
        [STORE_CHECK] = store_check,
    };
    uint32_t op = (uint32_t)store->first->op;
    (op < ARRAY_COUNT(jobs) ? jobs[op] : unknown)(&store->steps[0]);
    return store->steps[0].done;
}

static void begin(struct store *store)
{
    store->status = CTX_OK;
    store->steps[0] = (struct task){.name = "store job"};
}

/* What the job needed goes, and the job is its owner's again. */
static void finish(struct store *store)
{
    struct store_job *job = store->first;
    struct task *task = job->task;
    store_index_drop(&store->next);
    store_space_end(store);
    store_found_drop(store);
    store->first = job->next;
    if (store->first == NULL) {
        store->last = &store->first;
    }
    job->next = NULL;
    job->status = store->status;
    if (task != NULL) {
        task_wake(task);
    }
}

static void run(struct task *task)
{
    struct store *store = container_of(task, struct store, task);
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, store->first != NULL);
        begin(store);
        TASK_AWAIT(task, work(store));
        finish(store);
    }
    TASK_END(task);
}

void store_init(struct store *store)
{
    *store = (struct store){0};
    store->last = &store->first;
    task_start(&store->task, "store", run);
}

void store_submit(struct store *store, struct store_job *job)
{
    job->next = NULL;
    job->status = CTX_PENDING;
    job->done = job->total = 0;
    job->partition = 0;
    job->report = (struct store_report){0};
    job->why[0] = 0;
    job->name[STORE_NAME_MAX] = 0;
    *store->last = job;
    store->last = &job->next;
    task_wake(&store->task);
}

ctx_status store_wait(const struct store_job *job, uint64_t deadline_ns)
{
    while (job->status == CTX_PENDING && machine_now_ns() < deadline_ns) {
        task_run_ready(machine_now_ns());
        if (job->status == CTX_PENDING) {
            machine_wait(MIN(task_next_deadline_ns(), deadline_ns));
        }
    }
    return job->status;
}

bool store_busy(const struct store *store)
{
    return store->first != NULL;
}

/* ---- from memory ---- */

static void tell(const struct store_record *r, struct store_stat *out)
{
    *out = (struct store_stat){
        .len = r->len,
        .checksum = r->checksum,
        .generation = r->generation,
        .wall_ns = r->wall_ns,
        .extents = r->extent_count,
    };
    memcpy(out->name, store_record_name(r), r->name_len);
}

ctx_status store_stat(const struct store *store, const char *name, struct store_stat *out)
{
    const struct store_record *r = store->mounted ? store_index_find(&store->now, name) : NULL;
    if (r == NULL) {
        return CTX_E_NOENT;
    }
    tell(r, out);
    return CTX_OK;
}

bool store_next(const struct store *store, struct store_stat *out)
{
    const struct store_record *r =
        store->mounted ? store_index_after(&store->now, out->name) : NULL;
    if (r == NULL) {
        return false;
    }
    tell(r, out);
    return true;
}

/* Bytes that one more object may have: it needs its blocks, an index, and an index in reserve. */
static uint64_t room_of(const struct store *store)
{
    uint64_t index = store_blocks_of(store->now.len + store_record_size(STORE_NAME_MAX, 1));
    uint64_t busy =
        store_index_data(&store->now) + MAX(index, store_blocks_of(store->now.len)) + index + 2;
    uint64_t room = busy < store->blocks ? (store->blocks - busy) * STORE_BLOCK : 0;
    if (store->quota != 0) {
        room = MIN(room, store->quota - MIN(store->quota, store->now.used));
    }
    return room;
}

ctx_status store_info(const struct store *store, struct store_info *out)
{
    if (!store->mounted) {
        return CTX_E_NOENT;
    }
    *out = (struct store_info){
        .first_sector = store->first_sector,
        .bytes = store->blocks * STORE_BLOCK,
        .quota = store->quota,
        .objects = store->now.count,
        .used = store->now.used,
        .room = room_of(store),
        .sequence = store->sequence,
        .made_ns = store->made_ns,
        .read_only = store->read_only || store->uncertain,
    };
    memcpy(out->uuid, store->uuid, sizeof out->uuid);
    text_copy(out->note, sizeof out->note, store->note);
    return CTX_OK;
}
