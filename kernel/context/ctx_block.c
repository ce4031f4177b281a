/* SPDX-License-Identifier: MIT */
/* ctx.block/1: the functions. How claims and requests live is block_requests.c's. */
#include "block_private.h"
#include "gate.h"
#include "share.h"
#include "slot.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

/* Whether the app's line says that it may have this one. A star alone leaves out what the system
 * keeps images on. */
static bool may_see(const struct app *app, const struct block_disk *disk)
{
    const char *params;
    uint64_t owner;
    if (!grants_find(&app->grant_list, GRANT_DISK, disk->name, &params)) {
        return false;
    }
    const struct grant *g = NULL;
    while ((g = grants_each(&app->grant_list, g)) != NULL) {
        char text[GRANTS_DISK + 2];
        if (grants_item_kind(g) == GRANT_DISK && grants_item_len(g) < sizeof text) {
            grants_item_text(text, sizeof text, g);
            if (strcmp(text, disk->name) == 0) {
                return true;
            }
        }
    }
    return !block_claimed(disk, &owner) || owner != BLOCK_SYSTEM;
}

static uint32_t block_size(const struct block_device *d)
{
    return MAX(d->multiple, 1u) * BLOCK_SECTOR;
}

static uint32_t most_bytes(const struct block_device *d)
{
    return (uint32_t)MIN((uint64_t)d->max_sectors * BLOCK_SECTOR, (uint64_t)BLOCK_MOST);
}

static uint64_t most_erased(const struct block_device *d)
{
    uint64_t most = MIN((uint64_t)d->max_erase * BLOCK_SECTOR, (uint64_t)BLOCK_ERASE);
    return d->discards || d->zeroes ? ALIGN_DOWN(most, (uint64_t)block_size(d)) : 0;
}

static uint64_t disk_sectors(const struct block_disk *disk)
{
    return disk->part == 0 ? disk->device->sectors : disk->sectors;
}

static uint32_t flags_of(const struct block_disk *disk, bool claimed)
{
    const struct block_device *d = disk->device;
    return (d->read_only ? CTX_BLOCK_IS_READ_ONLY : 0) |
           (d->cache == BLOCK_CACHE_FLUSH ? CTX_BLOCK_IS_FLUSH : 0) |
           (d->cache == BLOCK_CACHE_FORGETS ? CTX_BLOCK_IS_UNSAFE : 0) |
           (d->discards ? CTX_BLOCK_IS_DISCARD : 0) | (d->zeroes ? CTX_BLOCK_IS_ZEROES : 0) |
           (disk->part != 0 ? CTX_BLOCK_IS_PARTITION : 0) |
           (d->gone || disk->gone ? CTX_BLOCK_IS_GONE : 0) | (claimed ? CTX_BLOCK_IS_CLAIMED : 0);
}

static ctx_status put_info(const struct block_disk *disk, const uint64_t args[6])
{
    const struct block_device *d = disk->device;
    uint64_t owner = 0;
    bool claimed = block_claimed(disk, &owner);
    struct ctx_block_info info = {
        .size = sizeof info,
        .disk = disk->number,
        .flags = flags_of(disk, claimed),
        .block = block_size(d),
        .most = most_bytes(d),
        .in_flight = BLOCK_IN_FLIGHT,
        .bytes = disk_sectors(disk) * BLOCK_SECTOR,
        .most_erased = most_erased(d),
        .claimed = owner,
        .whole = disk->part != 0 ? d->whole.number : 0,
        .part = disk->part,
    };
    memcpy(info.type_id, disk->type, sizeof info.type_id);
    memcpy(info.name, disk->name, sizeof info.name);
    memcpy(info.label, disk->label, sizeof info.label);
    return gate_put_struct(args, 2, &info, sizeof info);
}

static void refresh(const struct block_disk *disk)
{
    if (disk->device->refresh != NULL && disk->part == 0) {
        disk->device->refresh(disk->device);
    }
}

static uint64_t block_list(struct app *app, const uint64_t args[6])
{
    uint32_t left = (uint32_t)args[1];
    if (block_user(app) == NULL) { /* who has listed is told of changes */
        return (uint32_t)CTX_E_NOMEM;
    }
    for (const struct block_disk *disk = block_disk_after(NULL); disk != NULL;
         disk = block_disk_after(disk)) {
        if (may_see(app, disk) && left-- == 0) {
            refresh(disk);
            return (uint32_t)put_info(disk, args);
        }
    }
    return (uint32_t)CTX_E_NOENT;
}

static uint64_t block_claim_gate(struct app *app, const uint64_t args[6])
{
    struct block_disk *disk = block_disk_find((uint32_t)args[1]);
    uint32_t flags = (uint32_t)args[2];
    bool write = (flags & CTX_BLOCK_CLAIM_WRITE) != 0;
    struct disk_claim *claim;
    if ((flags & ~(uint32_t)CTX_BLOCK_CLAIM_WRITE) != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (disk == NULL || !may_see(app, disk)) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (write && disk->device->read_only) {
        return (uint32_t)CTX_E_RDONLY;
    }
    ctx_status status = block_have(app, disk, write, &claim);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    status = gate_put(args[3], &claim->handle, sizeof claim->handle);
    if (status != CTX_OK) {
        block_let(app, claim);
    }
    return (uint32_t)status;
}

static uint64_t block_release(struct app *app, const uint64_t args[6])
{
    struct disk_claim *claim = block_find(app, args[1]);
    if (claim == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    if (app_may_undo(app)) {
        claim->closing = true;
    } else {
        block_let(app, claim);
    }
    return CTX_OK;
}

static uint64_t block_info_gate(struct app *app, const uint64_t args[6])
{
    const struct disk_claim *claim = block_find(app, args[1]);
    if (claim != NULL) {
        refresh(claim->claim.disk);
    }
    return (uint32_t)(claim != NULL ? put_info(claim->claim.disk, args) : CTX_E_STALE);
}

/* ---- submit ---- */

static bool is_change(uint32_t op)
{
    return op == CTX_BLOCK_WRITE || op == CTX_BLOCK_DISCARD || op == CTX_BLOCK_ZEROES;
}

static bool moves_bytes(uint32_t op)
{
    return op == CTX_BLOCK_READ || op == CTX_BLOCK_WRITE;
}

/* What can be said of a request without looking at its memory. */
static ctx_status judge(const struct disk_claim *claim, const struct ctx_block_request *r)
{
    const struct block_disk *disk = claim->claim.disk;
    const struct block_device *d = disk->device;
    uint64_t block = block_size(d), all = disk_sectors(disk) * BLOCK_SECTOR;
    if (r->op < CTX_BLOCK_READ || r->op > CTX_BLOCK_ZEROES ||
        (r->op == CTX_BLOCK_DISCARD && !d->discards) || (r->op == CTX_BLOCK_ZEROES && !d->zeroes) ||
        (r->op == CTX_BLOCK_FLUSH && d->cache == BLOCK_CACHE_FORGETS)) {
        return CTX_E_NOSYS;
    }
    if (is_change(r->op) && !claim->write) {
        return CTX_E_RDONLY;
    }
    if (d->gone || disk->gone) {
        return CTX_E_IO;
    }
    if (r->op == CTX_BLOCK_FLUSH) {
        return r->share == 0 && r->from == 0 && r->at == 0 && r->bytes == 0 ? CTX_OK : CTX_E_INVAL;
    }
    uint64_t most = moves_bytes(r->op) ? most_bytes(d) : most_erased(d);
    if (r->bytes == 0 || r->bytes > most || r->bytes % block != 0 || r->at % block != 0 ||
        (r->share != 0 && r->from % block != 0) ||
        (!moves_bytes(r->op) && (r->share != 0 || r->from != 0))) {
        return CTX_E_INVAL;
    }
    return r->at >= all || r->bytes > all - r->at ? CTX_E_RANGE : CTX_OK;
}

/* The share's pages as the device is told of them. False: they lie in too many pieces for that. */
static bool make_segments(const struct share *s, const struct ctx_block_request *from,
                          uint32_t most, struct disk_request *r)
{
    uint32_t count = 0;
    uint64_t len;
    for (uint64_t done = 0; done < from->bytes; done += len) {
        uint8_t *bytes = share_bytes(s, from->from + done, &len);
        len = MIN(len, from->bytes - done);
        if (count == MIN(most, BLOCK_SEGMENTS)) {
            return false;
        }
        r->segments[count++] = (struct block_segment){bytes, (uint32_t)len};
    }
    r->io.bytes = r->segments[0].bytes;
    r->io.segments = r->segments;
    r->io.segment_count = count > 1 ? count : 0;
    return true;
}

static void copy_from_share(const struct share *s, uint64_t at, uint8_t *to, uint64_t bytes)
{
    uint64_t len;
    for (uint64_t done = 0; done < bytes; done += len) {
        const uint8_t *from = share_bytes(s, at + done, &len);
        len = MIN(len, bytes - done);
        memcpy(to + done, from, len);
    }
}

/* A request over memory of a share. */
static ctx_status make_shared(struct app *app, struct disk_claim *claim,
                              const struct ctx_block_request *from, struct disk_request **out)
{
    struct share *s;
    uint32_t most = MAX(claim->claim.disk->device->max_segments, 1u);
    ctx_status status =
        share_pin(app, from->share, from->op == CTX_BLOCK_READ, from->from, from->bytes, &s);
    if (status != CTX_OK) {
        return status;
    }
    status = block_make(app, claim, 0, out);
    if (status == CTX_OK && !make_segments(s, from, most, *out)) {
        block_drop(*out);
        status = block_make(app, claim, from->bytes, out);
        if (status == CTX_OK) {
            (*out)->io.bytes = (*out)->copy;
            if (from->op == CTX_BLOCK_WRITE) {
                copy_from_share(s, from->from, (*out)->copy, from->bytes);
            }
        }
    }
    if (status != CTX_OK) {
        share_unpin(s);
        return status;
    }
    (*out)->share = s;
    (*out)->share_at = from->from;
    return CTX_OK;
}

/* One over memory of the app's own. */
static ctx_status make_copied(struct app *app, struct disk_claim *claim,
                              const struct ctx_block_request *from, struct disk_request **out)
{
    if (!slot_has_range(app->base, from->from, from->bytes)) {
        return CTX_E_INVAL;
    }
    ctx_status status = block_make(app, claim, from->bytes, out);
    if (status != CTX_OK) {
        return status;
    }
    (*out)->io.bytes = (*out)->copy;
    (*out)->from = from->from;
    if (from->op == CTX_BLOCK_WRITE &&
        machine_copy_in((*out)->copy, from->from, from->bytes) != CTX_OK) {
        block_drop(*out);
        return CTX_E_INVAL;
    }
    return CTX_OK;
}

static uint64_t block_submit_gate(struct app *app, const uint64_t args[6])
{
    static const enum block_op ops[] = {
        [CTX_BLOCK_READ] = BLOCK_READ,     [CTX_BLOCK_WRITE] = BLOCK_WRITE,
        [CTX_BLOCK_FLUSH] = BLOCK_FLUSH,   [CTX_BLOCK_DISCARD] = BLOCK_DISCARD,
        [CTX_BLOCK_ZEROES] = BLOCK_ZEROES,
    };
    struct ctx_block_request from;
    struct disk_request *r;
    ctx_status status = gate_get_struct(args, 1, &from, sizeof from);
    struct disk_claim *claim = status == CTX_OK ? block_find(app, from.handle) : NULL;
    if (claim == NULL) {
        return (uint32_t)(status != CTX_OK ? status : CTX_E_STALE);
    }
    status = judge(claim, &from);
    if (status == CTX_E_RANGE) {
        refresh(claim->claim.disk);
        status = judge(claim, &from);
    }
    if (status == CTX_OK) {
        status = !moves_bytes(from.op) ? block_make(app, claim, 0, &r)
                 : from.share != 0     ? make_shared(app, claim, &from, &r)
                                       : make_copied(app, claim, &from, &r);
    }
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    if (is_change(from.op)) {
        app_reaches_out(app, "it changed a disk");
        claim->changed = true;
    } else if (r->share != NULL) {
        /* Undone it would not know that the disk goes on writing there. */
        app_reaches_out(app, "a disk writes to a share of it");
    }
    r->tag = from.tag;
    r->bytes = from.bytes;
    r->op = from.op;
    r->io.op = ops[from.op];
    r->io.sectors = (uint32_t)(from.bytes / BLOCK_SECTOR);
    r->io.sector =
        from.op != CTX_BLOCK_FLUSH ? claim->claim.disk->first + from.at / BLOCK_SECTOR : 0;
    block_begin(r);
    return CTX_OK;
}

static uint64_t block_done_gate(struct app *app, const uint64_t args[6])
{
    struct disk_request *r = block_ended(app);
    if (r == NULL) {
        return (uint32_t)CTX_E_AGAIN;
    }
    struct ctx_block_done done = {
        .size = sizeof done,
        .status = r->io.status,
        .tag = r->tag,
        .handle = r->handle,
        .op = r->op,
    };
    if (done.status == CTX_OK && r->op == CTX_BLOCK_READ && r->share == NULL &&
        machine_copy_out(r->from, r->copy, r->bytes) != CTX_OK) {
        done.status = CTX_E_INVAL;
    }
    done.bytes = done.status == CTX_OK ? r->bytes : 0;
    ctx_status status = gate_put_struct(args, 1, &done, sizeof done);
    if (status == CTX_OK) {
        block_told(app, r);
    }
    return (uint32_t)status;
}

GATE_TABLE(ctx_block_table, CTX_TABLE_BLOCK, block_list, block_claim_gate, block_release,
           block_info_gate, block_submit_gate, block_done_gate);
