/* SPDX-License-Identifier: MIT */
/*
 * The engine's disk by ctx.block/1. Writes go on while the engine does: each has a place in a share
 * of its own. Those that follow each other are gathered there until it is full, or something else
 * is wanted: pages come one by one, and a request costs more than what it writes. Reads look
 * whether what they are about is being written; those that follow each other are read ahead of.
 */
#include "storage.h"

#include <ctx/tables.h>

#include <stdio.h>
#include <string.h>

#define SLOTS       8u
#define SLOT_BYTES  (32u * 1024)
#define AHEAD_BYTES (128u * 1024)
#define AHEAD_NEAR  (256u * 1024) /* from where the last one ended, either way: it goes on there */
#define AHEAD_FIRST (16u * 1024)  /* the first time: what a chunk of a file takes */
#define AHEAD_AT    (SLOTS * SLOT_BYTES) /* in the share */
#define SHARE_BYTES (AHEAD_AT + AHEAD_BYTES)
#define AHEAD       SLOTS /* tags: slots, then these */
#define FLUSH       (SLOTS + 1)
#define TAGS        (SLOTS + 2)

struct request {
    bool flies;
    uint64_t at;
    uint32_t len;
    ctx_status status; /* of the last one that has ended */
};

static struct {
    struct fdb_disk disk; /* the first: what the engine has is this */
    const struct ctx_block *block;
    const struct ctx_share *share;
    struct ctx_block_info info;
    uint32_t handle, pages; /* claim and share */
    uint8_t *bytes;
    struct request requests[TAGS];
    uint32_t gathers;    /* a slot that grows; SLOTS: none */
    uint64_t gathers_at; /* what it is to be written to */
    uint32_t gathers_len;
    bool waits;
    ctx_status failed;            /* of the writes since the last flush */
    uint64_t ahead_at, ahead_len; /* what is in the place for reading */
    uint64_t read_end;            /* where the last read ended */
    uint32_t ahead_next;          /* so much is read when the next one is near */
} b;

bool block_waits(void)
{
    return b.waits;
}

void block_reap(void)
{
    struct ctx_block_done end = {.size = sizeof end};
    while (b.block != NULL && b.block->done(b.block, &end) == CTX_OK) {
        if (end.tag >= TAGS || end.handle != b.handle) {
            continue;
        }
        struct request *r = &b.requests[end.tag];
        r->flies = false;
        r->status = (ctx_status)end.status;
        if (end.tag < SLOTS && r->status != CTX_OK) {
            b.failed = r->status;
        }
        b.waits = false;
    }
}

/* Until some request has ended. */
static void await_end(void)
{
    b.waits = true;
    block_reap();
    while (b.waits) {
        (void)ctx_fiber_yield();
    }
}

static ctx_status submit(uint32_t tag, uint32_t op, uint64_t at, uint32_t len, uint64_t from)
{
    struct ctx_block_request r = {
        .size = sizeof r,
        .op = op,
        .handle = b.handle,
        .share = op == CTX_BLOCK_FLUSH ? 0 : b.pages,
        .from = from,
        .at = at,
        .bytes = len,
        .tag = tag,
    };
    ctx_status status;
    while ((status = b.block->submit(b.block, &r)) == CTX_E_NOSPC || status == CTX_E_NOMEM) {
        bool any = false;
        for (uint32_t i = 0; i < TAGS; i++) {
            any |= b.requests[i].flies;
        }
        if (!any) {
            return status;
        }
        await_end();
    }
    b.requests[tag] = (struct request){status == CTX_OK, at, len, status};
    return status;
}

/* What was gathered is on its way. */
static ctx_status send_gathered(void)
{
    uint32_t slot = b.gathers;
    if (slot == SLOTS) {
        return CTX_OK;
    }
    b.gathers = SLOTS;
    ctx_status status =
        submit(slot, CTX_BLOCK_WRITE, b.gathers_at, b.gathers_len, (uint64_t)slot * SLOT_BYTES);
    b.failed = status != CTX_OK ? status : b.failed;
    return status;
}

static bool overlaps(const struct request *r, uint64_t at, uint64_t len)
{
    return r->flies && at < r->at + r->len && at + len > r->at;
}

/* Nothing of this is being written any more, or is to be. */
static void settle(uint64_t at, uint64_t len)
{
    if (b.gathers != SLOTS && at < b.gathers_at + b.gathers_len && at + len > b.gathers_at) {
        (void)send_gathered(); /* the next flush says what became of it */
    }
    for (uint32_t i = 0; i < SLOTS; i++) {
        while (overlaps(&b.requests[i], at, len)) {
            await_end();
        }
    }
}

static ctx_status read_into(uint64_t at, uint32_t len)
{
    settle(at, len);
    b.ahead_len = 0;
    ctx_status status = submit(AHEAD, CTX_BLOCK_READ, at, len, AHEAD_AT);
    while (status == CTX_OK && b.requests[AHEAD].flies) {
        await_end();
    }
    status = status == CTX_OK ? b.requests[AHEAD].status : status;
    if (status == CTX_OK) {
        b.ahead_at = at;
        b.ahead_len = len;
    }
    return status == CTX_OK || status == CTX_E_RANGE ? status : CTX_E_IO;
}

static ctx_status block_read(struct fdb_disk *disk, uint64_t at, void *bytes, uint32_t len)
{
    uint8_t *to = bytes;
    worker_rest();
    while (len > 0) {
        if (at < b.ahead_at || at >= b.ahead_at + b.ahead_len) {
            uint64_t rest = disk->bytes > at ? disk->bytes - at : 0;
            uint32_t n = len < AHEAD_BYTES ? len : AHEAD_BYTES;
            if (at - b.read_end + AHEAD_NEAR > 2 * AHEAD_NEAR) {
                b.ahead_next = AHEAD_FIRST;
            } else if (n < b.ahead_next) { /* it will go on there, the longer it has */
                n = rest < b.ahead_next ? (uint32_t)rest : b.ahead_next;
                b.ahead_next = b.ahead_next < AHEAD_BYTES ? 2 * b.ahead_next : AHEAD_BYTES;
            }
            n = n > b.info.most ? b.info.most : n;
            ctx_status status = n == 0 ? CTX_E_RANGE : read_into(at, n);
            if (status != CTX_OK) {
                return status;
            }
        }
        uint32_t skip = (uint32_t)(at - b.ahead_at);
        uint32_t n = (uint32_t)b.ahead_len - skip < len ? (uint32_t)b.ahead_len - skip : len;
        memcpy(to, b.bytes + AHEAD_AT + skip, n);
        at += n;
        to += n;
        len -= n;
    }
    b.read_end = at;
    return CTX_OK;
}

/* A place that nothing is written from; the newest write to the same blocks waits for the older. */
static uint32_t free_slot(void)
{
    for (;;) {
        for (uint32_t i = 0; i < SLOTS; i++) {
            if (!b.requests[i].flies) {
                return i;
            }
        }
        await_end();
    }
}

/* A part of it, behind what is gathered if that ends there. *n: so much of it. */
static ctx_status write_part(uint64_t at, const uint8_t *from, uint32_t len, uint32_t *n)
{
    uint32_t most = SLOT_BYTES < b.info.most ? SLOT_BYTES : b.info.most;
    ctx_status status = CTX_OK;
    if (b.gathers == SLOTS || at != b.gathers_at + b.gathers_len) {
        status = send_gathered();
        settle(at, len);
        b.gathers = free_slot();
        b.gathers_at = at;
        b.gathers_len = 0;
    }
    *n = len < most - b.gathers_len ? len : most - b.gathers_len;
    memcpy(b.bytes + (uint64_t)b.gathers * SLOT_BYTES + b.gathers_len, from, *n);
    b.gathers_len += *n;
    if (b.gathers_len == most) {
        ctx_status sent = send_gathered();
        status = status == CTX_OK ? sent : status;
    }
    return status;
}

static ctx_status block_write(struct fdb_disk *disk, uint64_t at, const void *bytes, uint32_t len)
{
    const uint8_t *from = bytes;
    (void)disk;
    worker_rest();
    if (at < b.ahead_at + b.ahead_len && at + len > b.ahead_at) {
        b.ahead_len = 0;
    }
    settle(at, len);
    for (uint32_t n = 0; len > 0; at += n, from += n, len -= n) {
        ctx_status status = write_part(at, from, len, &n);
        if (status != CTX_OK) {
            return status == CTX_E_RANGE ? status : CTX_E_IO;
        }
    }
    return CTX_OK;
}

static ctx_status block_flush(struct fdb_disk *disk)
{
    ctx_status status = CTX_OK;
    (void)disk;
    (void)send_gathered(); /* failed says what became of it */
    for (uint32_t i = 0; i < SLOTS; i++) {
        while (b.requests[i].flies) {
            await_end();
        }
    }
    if ((b.info.flags & CTX_BLOCK_IS_FLUSH) != 0) {
        status = submit(FLUSH, CTX_BLOCK_FLUSH, 0, 0, 0);
        while (status == CTX_OK && b.requests[FLUSH].flies) {
            await_end();
        }
        status = status == CTX_OK ? b.requests[FLUSH].status : status;
    }
    status = b.failed != CTX_OK ? b.failed : status;
    b.failed = CTX_OK;
    return status == CTX_OK ? CTX_OK : CTX_E_IO;
}

static int64_t block_now(struct fdb_disk *disk)
{
    int64_t ns = 0;
    (void)disk;
    storage.ctx->time->wall(storage.ctx->time, &ns);
    return ns;
}

void block_random(struct fdb_disk *disk, void *bytes, uint32_t len)
{
    static const struct ctx_random *random;
    const struct ctx_table *table = NULL;
    (void)disk;
    if (random == NULL &&
        storage.ctx->iface->open(storage.ctx->iface, CTX_ID_RANDOM, sizeof CTX_ID_RANDOM - 1,
                                 sizeof *random, &table) == CTX_OK) {
        random = (const struct ctx_random *)(const void *)table;
    }
    if (random == NULL || random->fill(random, bytes, len) != CTX_OK) {
        memset(bytes, 0x5a, len); /* salts of the log: they need not be secret */
    }
}

bool block_gone(void)
{
    struct ctx_block_info info = {.size = sizeof info};
    return b.handle != 0 && (b.block->info(b.block, b.handle, &info) != CTX_OK ||
                             (info.flags & CTX_BLOCK_IS_GONE) != 0);
}

void block_drop(void)
{
    if (b.handle != 0) {
        (void)b.block->release(b.block, b.handle);
    }
    b.handle = 0;
    memset(b.requests, 0, sizeof b.requests);
    b.gathers = SLOTS;
    b.ahead_len = 0;
    b.waits = false;
}

static bool open_tables(void)
{
    const struct ctx_table *table = NULL;
    struct ctx *ctx = storage.ctx;
    if (b.block == NULL && ctx->iface->open(ctx->iface, CTX_ID_BLOCK, sizeof CTX_ID_BLOCK - 1,
                                            sizeof *b.block, &table) == CTX_OK) {
        b.block = (const struct ctx_block *)(const void *)table;
    }
    if (b.share == NULL && ctx->iface->open(ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1,
                                            sizeof *b.share, &table) == CTX_OK) {
        b.share = (const struct ctx_share *)(const void *)table;
    }
    uint64_t address = 0;
    if (b.bytes == NULL && b.share != NULL &&
        b.share->create(b.share, SHARE_BYTES, 0, &b.pages) == CTX_OK &&
        b.share->map(b.share, b.pages, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) == CTX_OK) {
        b.bytes = (uint8_t *)(uintptr_t)address;
    }
    return b.block != NULL && b.bytes != NULL && (b.block->t.flags & CTX_TBL_GRANTED) != 0;
}

/* Whether this one is ours: then it stays claimed. */
static bool try_disk(const struct ctx_block_info *info, struct fdb **db, const char **why)
{
    static char said[160];
    bool read_only = (info->flags & CTX_BLOCK_IS_READ_ONLY) != 0;
    ctx_status status =
        b.block->claim(b.block, info->disk, read_only ? 0 : CTX_BLOCK_CLAIM_WRITE, &b.handle);
    if (status != CTX_OK) {
        b.handle = 0;
        return false;
    }
    const char *reason = "";
    b.info = *info;
    b.failed = CTX_OK;
    b.gathers = SLOTS;
    b.read_end = UINT64_MAX;
    b.ahead_next = AHEAD_FIRST;
    b.ahead_len = 0;
    b.disk = (struct fdb_disk){info->bytes, info->block, read_only, block_read,
                               block_write, block_flush, block_now, block_random};
    if (info->block <= FDB_BLOCK_MOST) {
        status = fdb_open(db, &b.disk, 0, &reason);
    } else {
        status = CTX_E_NOSYS;
        reason = "its blocks are larger than 4,096 bytes";
    }
    if (status == CTX_OK) {
        return true;
    }
    if (status != CTX_E_NOENT) { /* one of ours, and no good */
        snprintf(said, sizeof said, "%s: %s", (const char *)info->name, reason);
        *why = said;
    }
    block_drop();
    return false;
}

struct fdb_disk *block_mount(struct fdb **db, const char **why)
{
    *why = NULL;
    *db = NULL;
    if (!open_tables()) {
        return NULL;
    }
    for (uint32_t i = 0;; i++) {
        struct ctx_block_info info = {.size = sizeof info};
        if (b.block->list(b.block, i, &info) != CTX_OK) {
            return NULL;
        }
        if (try_disk(&info, db, why)) {
            say(CTX_LOG_INFO, "files on %s: %llu MiB%s", (const char *)info.name,
                (unsigned long long)(info.bytes >> 20),
                b.disk.read_only ? ", only to be read" : "");
            return &b.disk;
        }
    }
}
