/* SPDX-License-Identifier: MIT */
/* Making a store, and finding out what is on a disk. Nothing here writes but STORE_FORMAT, and
 * nothing that was read is believed before it was checked. */
#include "heap.h"
#include "store_private.h"
#include "wall.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

bool store_found_begin(struct store *store)
{
    store->found = store->found != NULL ? store->found : heap_alloc(sizeof *store->found);
    return store->found != NULL || store_fail(store, CTX_E_NOMEM, "no memory");
}

void store_found_drop(struct store *store)
{
    if (store->found != NULL) {
        store_index_drop(&store->found->index[0]);
        store_index_drop(&store->found->index[1]);
        heap_free(store->found, sizeof *store->found);
        store->found = NULL;
    }
}

/* Blocks between the job's sectors; they are numbered with 32 bits. */
static uint64_t range_blocks(const struct store *s)
{
    return MIN(s->sectors / STORE_SECTORS, UINT32_MAX);
}

static bool begin(struct store *s)
{
    struct store_job *job = s->first;
    store_forget(s);
    s->device = job->device;
    if (s->device == NULL) {
        return store_fail(s, CTX_E_NOENT, "there is no disk");
    }
    if (STORE_SECTORS % MAX(s->device->multiple, 1u) != 0) {
        return store_fail(s, CTX_E_NOSYS, "its sectors are larger than 4096 bytes");
    }
    return store_io_begin(s) && store_found_begin(s);
}

static bool take_range(struct store *s)
{
    struct store_job *job = s->first;
    uint64_t all = s->device->sectors;
    s->first_sector = job->first_sector;
    s->sectors = job->sectors;
    if (s->first_sector >= all || s->sectors > all - s->first_sector) {
        return store_fail(s, CTX_E_RANGE, "not on the disk, which has %lu sectors", all);
    }
    if (s->first_sector % MAX(s->device->multiple, 1u) != 0) {
        return store_fail(s, CTX_E_RANGE, "it does not begin with one of the disk's sectors");
    }
    if (range_blocks(s) < STORE_LEAST) {
        return store_fail(s, CTX_E_RANGE, "a store has at least %u bytes",
                          STORE_LEAST * STORE_BLOCK);
    }
    return true;
}

/* ---- superblocks ---- */

/* The last block: of the store, where its size is known, else of what there is. */
static uint64_t last_block(const struct store *s)
{
    uint64_t blocks = s->found->good[0] ? s->found->super[0].blocks
                      : s->mounted      ? s->blocks
                                        : range_blocks(s);
    return blocks - 1;
}

static void take_super(struct store *s, uint32_t slot)
{
    struct store_found *f = s->found;
    f->unread[slot] = store_io_status(s) != CTX_OK;
    if (f->unread[slot]) {
        store_wrong(&f->error[slot], "block", slot, "can not be read");
        return;
    }
    memcpy(&f->super[slot], s->slots[0].bytes, sizeof f->super[slot]);
    f->good[slot] = store_super_check(&f->super[slot], range_blocks(s), slot, &f->error[slot]);
    if (slot == 0) {
        f->first = memcmp(f->super[0].magic, store_magic, sizeof store_magic) == 0;
    } else if (f->good[1] && f->super[1].blocks != last_block(s) + 1) {
        f->good[1] = store_wrong(&f->error[1], "blocks", f->super[1].blocks, "it lies elsewhere");
    } else if (f->good[0] && f->good[1] &&
               memcmp(f->super[0].uuid, f->super[1].uuid, sizeof f->super[0].uuid) != 0) {
        f->good[1] = store_wrong(&f->error[1], "uuid", f->super[1].uuid[0], "of another store");
    }
}

void store_read_supers(struct task *op)
{
    struct store *s = STORE_OF(op, 1);
    TASK_BEGIN(op);
    store_io(s, BLOCK_READ, store_sector(s, 0), STORE_SECTORS);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    s->found->first = true; /* if it can not be read: benefit of the doubt, but see choose() */
    take_super(s, 0);
    store_io(s, BLOCK_READ, store_sector(s, last_block(s)), STORE_SECTORS);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    take_super(s, 1);
    s->found->whole[0] = s->found->good[0];
    s->found->whole[1] = s->found->good[1];
    TASK_END(op);
}

/* ---- indices ---- */

static bool index_begin(struct store *s, uint32_t slot)
{
    struct store_index *index = &s->found->index[slot];
    const struct store_super *super = &s->found->super[slot];
    index->len = index->room = super->index_len;
    index->bytes = index->len > 0 ? heap_alloc(index->len) : NULL;
    index->extents = heap_alloc(STORE_INDEX_EXT * sizeof index->extents[0]);
    if ((index->len > 0 && index->bytes == NULL) || index->extents == NULL) {
        return store_fail(s, CTX_E_NOMEM, "no memory for the index");
    }
    index->extent_count = super->index_extents;
    memcpy(index->extents, super->extents, sizeof super->extents);
    index->checksum = super->index_checksum;
    store_transfer_read(s, index->bytes, 0, index->len, index->len, index->extents,
                        index->extent_count);
    return true;
}

static bool index_end(struct store *s, uint32_t slot)
{
    struct store_found *f = s->found;
    const struct store_super *super = &f->super[slot];
    f->good[slot] = false;
    if (s->transfer.status != CTX_OK) {
        f->unread[slot] = true;
        store_wrong(&f->error[slot], "index", slot, "can not be read");
        return true;
    }
    if (s->transfer.chain != super->index_checksum) {
        store_wrong(&f->error[slot], "index_checksum", s->transfer.chain, "the index is damaged");
        return true;
    }
    ctx_status status =
        store_index_check(&f->index[slot], super->index_count, super->blocks, &f->error[slot]);
    f->good[slot] = status == CTX_OK;
    return status != CTX_E_NOMEM || store_fail(s, status, "no memory for the index");
}

/* ---- which of the two ---- */

static void note(struct store *s, uint32_t slot)
{
    const struct store_error *e = &s->found->error[slot];
    format_text(s->note, sizeof s->note, "superblock %u: field=%s value=0x%lx: %s", slot, e->field,
                e->value, e->reason);
}

/* Neither is good. */
static void refuse(struct store *s)
{
    const struct store_found *f = s->found;
    const struct store_error *a = &f->error[0], *b = &f->error[1];
    bool other = memcmp(f->super[1].magic, store_magic, sizeof store_magic) == 0;
    if (f->unread[0] && f->unread[1]) {
        store_fail(s, CTX_E_IO, "the device can not be read");
    } else if (!f->first && !other) {
        store_fail(s, CTX_E_NOENT, "there is no store: the first block has another beginning");
    } else {
        store_fail(s, strcmp(a->field, "version") == 0 ? CTX_E_NOSYS : CTX_E_IO,
                   "%s value=0x%lx: %s; last block: %s value=0x%lx: %s", a->field, a->value,
                   a->reason, b->field, b->value, b->reason);
    }
}

/*
 * The newer good one. Read-only if that may not be the newest there is (the device could not read
 * the other), and if the first block is not ours: then somebody else may live here by now.
 * And at the end of all numbers.
 */
static void choose(struct store *s)
{
    struct store_found *f = s->found;
    if (!f->good[0] && !f->good[1]) {
        refuse(s);
        return;
    }
    uint32_t slot =
        f->good[1] && (!f->good[0] || f->super[1].sequence > f->super[0].sequence) ? 1 : 0;
    const struct store_super *super = &f->super[slot];
    memcpy(s->uuid, super->uuid, sizeof s->uuid);
    s->slot = slot;
    s->blocks = super->blocks;
    s->quota = super->quota;
    s->made_ns = super->made_ns;
    s->cursor = super->cursor;
    s->sequence = super->sequence;
    if (f->whole[slot ^ 1]) { /* its index may be damaged: never use its number again */
        s->sequence = MAX(s->sequence, f->super[slot ^ 1].sequence);
    }
    s->now = f->index[slot];
    f->index[slot] = (struct store_index){0};
    if (f->good[slot ^ 1]) {
        s->before = f->index[slot ^ 1];
        f->index[slot ^ 1] = (struct store_index){0};
    } else {
        note(s, slot ^ 1);
        log_warn("store", "%s", s->note);
    }
    s->read_only =
        s->device->read_only || f->unread[slot ^ 1] || !f->first || s->sequence > STORE_SEQ_LAST;
    s->mounted = true;
    log_info("store", "disk=%s partition=%u MiB=%lu objects=%u bytes=%lu sequence=%lu%s",
             s->device->name, s->first->partition, s->blocks * STORE_BLOCK >> 20, s->now.count,
             s->now.used, s->sequence, s->read_only ? " read-only" : "");
}

void store_mount_job(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    if (!begin(s)) {
        TASK_EXIT(op);
    }
    if (s->first->sectors == 0) {
        STORE_CALL(op, s, 1, store_look);
    }
    if (s->status != CTX_OK || !take_range(s)) {
        TASK_EXIT(op);
    }
    STORE_CALL(op, s, 1, store_read_supers);
    for (s->found->at = 0; s->found->at < 2; s->found->at++) {
        if (!s->found->good[s->found->at]) {
            continue;
        }
        if (!index_begin(s, s->found->at)) {
            TASK_EXIT(op);
        }
        TASK_AWAIT(op, store_transfer_step(s));
        if (!index_end(s, s->found->at)) {
            TASK_EXIT(op);
        }
    }
    choose(s);
    TASK_END(op);
}

void store_probe_job(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    if (!begin(s)) {
        TASK_EXIT(op);
    }
    STORE_CALL(op, s, 1, store_look);
    TASK_END(op);
}

/* ---- a new one ---- */

static bool format_begin(struct store *s)
{
    struct store_job *job = s->first;
    if (!begin(s)) {
        return false;
    }
    if (job->sectors == 0 && job->first_sector < s->device->sectors) {
        job->sectors = s->device->sectors - job->first_sector;
    }
    if (!take_range(s)) {
        return false;
    }
    if (s->device->read_only) {
        return store_fail(s, CTX_E_RDONLY, "the disk is read-only");
    }
    for (uint32_t i = 0; i < sizeof s->uuid; i += sizeof(uint64_t)) {
        uint64_t word = machine_random();
        memcpy(s->uuid + i, &word, sizeof word);
    }
    s->uuid[6] = (s->uuid[6] & 0x0f) | 0x40; /* RFC 4122: a random one */
    s->uuid[8] = (s->uuid[8] & 0x3f) | 0x80;
    if (wall_ns(&s->made_ns) != CTX_OK) {
        s->made_ns = 0;
    }
    s->blocks = range_blocks(s);
    s->quota = job->quota;
    s->sequence = 0;
    s->slot = 0;
    s->cursor = 1;
    return true;
}

/* First neither superblock is one any more, whatever was here; then the last one, then the first:
 * a store that is half made is none, or an empty one that is read-only. */
void store_format(struct task *op)
{
    struct store *s = STORE_OF(op, 0);
    TASK_BEGIN(op);
    if (!format_begin(s)) {
        TASK_EXIT(op);
    }
    for (s->found->at = 0; s->found->at < 3 && s->status == CTX_OK; s->found->at++) {
        memset(s->slots[0].bytes, 0, STORE_BLOCK);
        if (s->found->at < 2) {
            store_io(s, BLOCK_WRITE, store_sector(s, s->found->at == 0 ? 0 : s->blocks - 1),
                     STORE_SECTORS);
        } else {
            store_io(s, BLOCK_FLUSH, 0, 0);
        }
        TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
        if (store_io_status(s) != CTX_OK) {
            store_fail(s, CTX_E_IO, "the disk can not be written");
        }
    }
    if (s->status == CTX_OK) {
        STORE_CALL(op, s, 2, store_super_write);
    }
    if (s->status == CTX_OK) {
        STORE_CALL(op, s, 2, store_super_write);
    }
    store_forget(s);
    TASK_END(op);
}
