/* SPDX-License-Identifier: MIT */
#include "lossy_disk.h"

#include <stdlib.h>
#include <string.h>

uint64_t random_next(struct random *r)
{
    uint64_t x = r->state != 0 ? r->state : 0x9e3779b97f4a7c15u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    r->state = x;
    return x * 0x2545f4914f6cdd1du >> 16;
}

uint64_t random_below(struct random *r, uint64_t n)
{
    return random_next(r) % n;
}

static struct lossy_disk *of(struct fdb_disk *disk)
{
    return (struct lossy_disk *)disk;
}

static ctx_status begin(struct lossy_disk *d, uint64_t at, uint32_t len)
{
    uint64_t no = d->done++;
    if (d->power_left == 0 || (no >= d->fail_from && no - d->fail_from < d->fail_count)) {
        return CTX_E_IO;
    }
    if (at % d->disk.block != 0 || len % d->disk.block != 0) {
        abort(); /* the engine's mistake */
    }
    return at > d->disk.bytes || len > d->disk.bytes - at ? CTX_E_RANGE : CTX_OK;
}

static ctx_status lossy_read(struct fdb_disk *disk, uint64_t at, void *bytes, uint32_t len)
{
    struct lossy_disk *d = of(disk);
    ctx_status status = begin(d, at, len);
    if (status == CTX_OK) {
        memcpy(bytes, d->bytes + at, len);
    }
    return status;
}

static ctx_status lossy_write(struct fdb_disk *disk, uint64_t at, const void *bytes, uint32_t len)
{
    struct lossy_disk *d = of(disk);
    ctx_status status = begin(d, at, len);
    if (status != CTX_OK) {
        return status;
    }
    for (uint32_t i = 0; i < len; i += disk->block) {
        if (d->power_left == 0) {
            return CTX_E_IO;
        }
        if (d->cached == d->cache_room) {
            d->cache_room = d->cache_room * 2 + 64;
            d->cache = realloc(d->cache, d->cache_room * sizeof *d->cache);
        }
        struct lossy_write *w = &d->cache[d->cached++];
        w->at = at + i;
        w->bytes = malloc(2u * (size_t)disk->block);
        memcpy(w->bytes, (const uint8_t *)bytes + i, disk->block);
        memcpy(w->bytes + disk->block, d->bytes + w->at, disk->block);
        memcpy(d->bytes + w->at, w->bytes, disk->block);
        d->power_left -= d->power_left != UINT64_MAX;
    }
    return CTX_OK;
}

static void forget(struct lossy_disk *d)
{
    for (uint64_t i = 0; i < d->cached; i++) {
        free(d->cache[i].bytes);
    }
    d->cached = 0;
}

static ctx_status lossy_flush(struct fdb_disk *disk)
{
    struct lossy_disk *d = of(disk);
    ctx_status status = begin(d, 0, 0);
    if (status == CTX_OK) {
        forget(d);
        d->flushes++;
    }
    return status;
}

static int64_t lossy_now(struct fdb_disk *disk)
{
    return of(disk)->now_ns += 1000;
}

static void lossy_random(struct fdb_disk *disk, void *bytes, uint32_t len)
{
    uint8_t *p = bytes;
    for (uint32_t i = 0; i < len; i++) {
        p[i] = (uint8_t)random_next(&of(disk)->random);
    }
}

void lossy_make(struct lossy_disk *d, uint64_t bytes, uint32_t block, uint64_t seed)
{
    *d = (struct lossy_disk){
        .disk = {bytes, block, false, lossy_read, lossy_write, lossy_flush, lossy_now,
                 lossy_random},
        .bytes = calloc(1, bytes),
        .room = bytes,
        .random = {seed},
        .fail_from = UINT64_MAX,
        .power_left = UINT64_MAX,
        .now_ns = INT64_C(1700000000000000000),
    };
}

void lossy_drop(struct lossy_disk *d)
{
    forget(d);
    free(d->cache);
    free(d->bytes);
}

void lossy_cut(struct lossy_disk *d, enum lossy_cut how)
{
    uint64_t edge = d->cached > 0 ? random_below(&d->random, d->cached + 1) : 0;
    uint32_t block = d->disk.block;
    /* Back to what lay there before all of it, then those that survive once more, in any order. */
    for (uint64_t i = d->cached; i-- > 0;) {
        memcpy(d->bytes + d->cache[i].at, d->cache[i].bytes + block, block);
    }
    for (uint64_t i = 0; i < d->cached; i++) {
        bool survives = how == CUT_ORDER    ? i < edge
                        : how == CUT_ANY    ? random_below(&d->random, 2) == 0
                        : how == CUT_LATEST ? i >= edge
                                            : how == CUT_ALL;
        if (survives) {
            memcpy(d->bytes + d->cache[i].at, d->cache[i].bytes, block);
        }
    }
    forget(d);
    d->power_left = UINT64_MAX;
    d->fail_from = UINT64_MAX;
    d->fail_count = 0;
}
