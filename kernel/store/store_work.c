/* SPDX-License-Identifier: MIT */
/* Put, get, remove, check. The order of a commit is the whole of its safety: data and index into
 * free space, flush, superblock, flush. */
#include "heap.h"
#include "store_private.h"
#include "wall.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define NO_RECORD UINT64_MAX

/* ---- commit ---- */

static struct store_record *new_record(struct store *s)
{
    return (struct store_record *)(void *)(s->next.bytes + s->next_record);
}

/* Level 1: what the disk says becomes s->next. If the superblock fails nobody knows which of two
 * states a later mount would find: then the present one is written once more, above both. */
static void commit(struct task *op)
{
    struct store *s = STORE_OF(op, 1);
    TASK_BEGIN(op);
    if (s->next_record != NO_RECORD) {
        new_record(s)->generation = s->sequence + 1;
    }
    s->piece = (struct store_piece){s->next.bytes, s->next.len};
    store_transfer_write(s, &s->piece, s->next.len, s->next.extents, s->next.extent_count);
    TASK_AWAIT(op, store_transfer_step(s));
    if (s->transfer.status != CTX_OK) {
        store_fail(s, CTX_E_IO, "the index can not be written");
        TASK_EXIT(op);
    }
    s->next.checksum = s->transfer.chain;
    store_io(s, BLOCK_FLUSH, 0, 0);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    if (store_io_status(s) != CTX_OK) {
        store_fail(s, CTX_E_IO, "the disk does not keep what was written (flush)");
        TASK_EXIT(op);
    }
    STORE_CALL(op, s, 2, store_super_write);
    if (s->uncertain) {
        store_index_drop(&s->next);
        STORE_CALL(op, s, 2, store_super_write);
        if (s->uncertain) {
            log_error("store", "no superblock can be written: nothing is, until one can");
        }
    }
    TASK_END(op);
}

/* Level 1: both superblocks say s->now, and what only the older one named is free. */
static void settle(struct task *op)
{
    struct store *s = STORE_OF(op, 1);
    TASK_BEGIN(op);
    STORE_CALL(op, s, 2, store_super_write);
    TASK_END(op);
}

/* ---- what fits where ---- */

static ctx_status take_for_index(struct store *s)
{
    uint64_t *extents, room;
    uint32_t count;
    ctx_status status = store_space_take(s, store_blocks_of(s->next.len), &extents, &count, &room);
    if (status != CTX_OK) {
        return status;
    }
    if (count > 0) {
        memcpy(s->next.extents, extents, count * sizeof extents[0]);
    }
    s->next.extent_count = count;
    heap_free(extents, room);
    /* Another index of this size must find room: a full disk can be emptied. */
    uint64_t all = store_index_data(&s->next) + 2 * store_blocks_of(s->next.len);
    return all <= s->blocks - 2 ? CTX_OK : CTX_E_NOSPC;
}

/* Places for everything, with or without touching what only the older superblock names. */
static ctx_status try_plan(struct store *s, const struct store_record *record, bool keep)
{
    uint64_t *extents = NULL, room = 0;
    uint32_t count = 0, cursor = s->cursor;
    ctx_status status = store_space_begin(s, &s->now, keep ? &s->before : NULL);
    if (status == CTX_OK && record != NULL) {
        status = store_space_take(s, store_blocks_of(record->len), &extents, &count, &room);
    }
    if (status == CTX_OK) {
        struct store_record full = record != NULL ? *record : (struct store_record){0};
        full.extent_count = count;
        status = store_index_change(&s->now, s->first->name, record != NULL ? &full : NULL, extents,
                                    &s->next, &s->next_record);
    }
    heap_free(extents, room);
    if (status == CTX_OK) {
        status = take_for_index(s);
    }
    if (status != CTX_OK) {
        store_index_drop(&s->next);
        s->cursor = cursor;
    }
    store_space_end(s);
    return status;
}

static bool plan(struct store *s, const struct store_record *record)
{
    ctx_status status = try_plan(s, record, true);
    s->tight = false;
    if (status == CTX_E_NOSPC && s->before.extents != NULL) {
        status = try_plan(s, record, false);
        s->tight = status == CTX_OK;
    }
    if (record == NULL) {
        s->next_record = NO_RECORD;
    }
    if (status == CTX_OK && s->tight) {
        store_index_drop(&s->next); /* planned again when there is room */
    }
    return status == CTX_OK ||
           store_fail(s, status, status == CTX_E_NOSPC ? "the disk is full" : "no memory");
}

static bool may_write(struct store *s)
{
    if (!s->mounted) {
        return store_fail(s, CTX_E_NOENT, "no store is mounted");
    }
    if (s->read_only) {
        return store_fail(s, CTX_E_RDONLY, "read-only: %s",
                          s->note[0] != 0 ? s->note : "the device is");
    }
    if (!store_name_good(s->first->name)) {
        return store_fail(s, CTX_E_INVAL, "a name has 1 to 63 bytes of printable UTF-8");
    }
    return true;
}

/* ---- the jobs ---- */

/* What can be said before the disk is asked. */
static bool put_good(struct store *s)
{
    struct store_job *job = s->first;
    uint64_t total = 0;
    if (!may_write(s)) {
        return false;
    }
    for (uint32_t i = 0; i < job->piece_count; i++) {
        uint64_t len = job->pieces[i].len;
        if (len > INT64_MAX - total || (len > 0 && job->pieces[i].bytes == NULL)) {
            return store_fail(s, CTX_E_INVAL, "piece %u makes no sense", i);
        }
        total += len;
    }
    job->total = total;
    const struct store_record *old = store_index_find(&s->now, job->name);
    uint64_t others = s->now.used - (old != NULL ? old->len : 0);
    if (s->quota != 0 && (others > s->quota || total > s->quota - others)) {
        return store_fail(s, CTX_E_NOSPC, "the quota of %lu bytes does not allow it", s->quota);
    }
    return true;
}

static bool plan_put(struct store *s)
{
    struct store_record record = {.len = s->first->total};
    if (wall_ns(&record.wall_ns) != CTX_OK) {
        record.wall_ns = 0;
    }
    return plan(s, &record);
}

void store_put(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    if (!put_good(s)) {
        TASK_EXIT(op);
    }
    if (s->uncertain) {
        STORE_CALL(op, s, 1, settle);
        if (s->uncertain) {
            TASK_EXIT(op);
        }
    }
    if (!plan_put(s)) {
        TASK_EXIT(op);
    }
    if (s->tight) {
        STORE_CALL(op, s, 1, settle);
        if (s->uncertain || !plan_put(s)) {
            TASK_EXIT(op);
        }
    }
    store_transfer_write(s, s->first->pieces, s->first->total, store_record_extents(new_record(s)),
                         new_record(s)->extent_count);
    s->transfer.done = &s->first->done;
    TASK_AWAIT(op, store_transfer_step(s));
    if (s->transfer.status != CTX_OK) {
        store_fail(s, CTX_E_IO, "the device failed at a write");
        TASK_EXIT(op);
    }
    new_record(s)->checksum = s->transfer.chain;
    STORE_CALL(op, s, 1, commit);
    TASK_END(op);
}

void store_remove(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    if (!may_write(s)) {
        TASK_EXIT(op);
    }
    if (store_index_find(&s->now, s->first->name) == NULL) {
        store_fail(s, CTX_E_NOENT, "there is no such object");
        TASK_EXIT(op);
    }
    if (s->uncertain) {
        STORE_CALL(op, s, 1, settle);
        if (s->uncertain) {
            TASK_EXIT(op);
        }
    }
    if (!plan(s, NULL)) {
        TASK_EXIT(op);
    }
    if (s->tight) {
        STORE_CALL(op, s, 1, settle);
        if (s->uncertain || !plan(s, NULL)) {
            TASK_EXIT(op);
        }
    }
    STORE_CALL(op, s, 1, commit);
    TASK_END(op);
}

/* For GET and READ: begin, or say why not. */
static bool get_begin(struct store *s)
{
    struct store_job *job = s->first;
    const struct store_record *r = s->mounted ? store_index_find(&s->now, job->name) : NULL;
    if (r == NULL) {
        return store_fail(s, CTX_E_NOENT,
                          s->mounted ? "there is no such object" : "no store is mounted");
    }
    bool whole = job->op == STORE_GET;
    uint64_t offset = whole ? 0 : job->offset;
    uint64_t count = whole ? r->len : job->len;
    job->total = count;
    if (whole ? job->buffer != NULL && job->len < r->len
              : offset > r->len || count > r->len - offset) {
        return store_fail(s, CTX_E_RANGE, "the object has %lu bytes", r->len);
    }
    store_transfer_read(s, job->buffer, offset, count, r->len, store_record_extents(r),
                        r->extent_count);
    s->transfer.done = &job->done;
    return true;
}

void store_get(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    if (!get_begin(s)) {
        TASK_EXIT(op);
    }
    TASK_AWAIT(op, store_transfer_step(s));
    if (s->transfer.status != CTX_OK) {
        store_fail(s, CTX_E_IO, "the device failed at a read");
    } else if (s->first->op == STORE_GET &&
               s->transfer.chain != store_index_find(&s->now, s->first->name)->checksum) {
        store_fail(s, CTX_E_IO, "its bytes are damaged (checksum)");
    }
    TASK_END(op);
}

/* ---- check ---- */

static const struct store_record *walked(const struct store *s)
{
    return store_record(&s->now, s->walk);
}

/* One object has been read. */
static void judge(struct store *s)
{
    struct store_job *job = s->first;
    const struct store_record *r = walked(s);
    bool unread = s->transfer.status != CTX_OK;
    job->report.objects++;
    job->report.bytes += r->len;
    if (!unread && s->transfer.chain == r->checksum) {
        return;
    }
    job->report.unreadable += unread;
    job->report.damaged += !unread;
    log_warn("store", "object=%.*s: %s", (int)r->name_len, store_record_name(r),
             unread ? "it can not be read" : "its bytes are damaged (checksum)");
    if (s->status == CTX_OK) {
        memset(job->name, 0, sizeof job->name);
        memcpy(job->name, store_record_name(r), r->name_len);
    }
    store_fail(s, CTX_E_IO, "an object is damaged or unreadable");
}

void store_check(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    s->first->name[0] = 0;
    if (!s->mounted) {
        store_fail(s, CTX_E_NOENT, "no store is mounted");
        TASK_EXIT(op);
    }
    s->first->total = s->now.used;
    for (s->walk = 0; s->walk < s->now.len;
         s->walk += store_record_size(walked(s)->name_len, walked(s)->extent_count)) {
        store_transfer_read(s, NULL, 0, walked(s)->len, walked(s)->len,
                            store_record_extents(walked(s)), walked(s)->extent_count);
        s->transfer.done = &s->first->done;
        TASK_AWAIT(op, store_transfer_step(s));
        judge(s);
    }
    store_transfer_read(s, NULL, 0, s->now.len, s->now.len, s->now.extents, s->now.extent_count);
    TASK_AWAIT(op, store_transfer_step(s));
    s->first->report.index = s->transfer.status == CTX_OK && s->transfer.chain == s->now.checksum;
    if (!s->first->report.index) {
        store_fail(s, CTX_E_IO, "the index is damaged or unreadable");
    }
    if (!store_found_begin(s)) {
        TASK_EXIT(op);
    }
    STORE_CALL(op, s, 1, store_read_supers);
    s->first->report.superblocks = (uint32_t)s->found->good[0] + s->found->good[1];
    if (!s->found->good[s->slot] || s->found->super[s->slot].index_checksum != s->now.checksum) {
        store_fail(s, CTX_E_IO, "superblock %u is damaged or unreadable", s->slot);
    }
    TASK_END(op);
}
