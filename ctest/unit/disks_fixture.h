/* SPDX-License-Identifier: MIT */
/* Apps over a fake disk: ctx.block/1 as the app that a test means would call it. */
#ifndef UNIT_DISKS_FIXTURE_H
#define UNIT_DISKS_FIXTURE_H

#include "block_private.h"
#include "fake_disk.h"
#include "share_fixture.h"
#include "undo_fixture.h"

#define DISK_SECTORS 512u
#define GRANTS       " grant=ctx.block/1 disk=*"

static struct fake_disk *disk; /* the last one; those before it are gone */

/* What an app has of the table, in its memory: a's and b's. */
static struct {
    const struct ctx_block *t;
    struct ctx_block_info *info;
    struct ctx_block_request *request;
    struct ctx_block_done *done;
    uint32_t *out;
    uint8_t *bytes; /* eight blocks */
} both[2];
#define my both[me.app == b]

static inline void open_block(void)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(me.ctx, CTX_ID_BLOCK, sizeof(struct ctx_block), &table), CTX_OK);
    my.t = (const struct ctx_block *)table;
    uint8_t *memory = own(me.ctx, 1024 + 8 * BLOCK_SECTOR);
    my.info = (struct ctx_block_info *)(void *)memory;
    my.request = (struct ctx_block_request *)(void *)(memory + 512);
    my.done = (struct ctx_block_done *)(void *)(memory + 640);
    my.out = (uint32_t *)(void *)(memory + 768);
    my.bytes = memory + 1024;
    my.info->size = sizeof *my.info;
    my.done->size = sizeof *my.done;
}

static inline ctx_status claim_disk(uint32_t flags, uint32_t *handle)
{
    ctx_status status = my.t->list(my.t, 0, my.info);
    if (status == CTX_OK) {
        status = my.t->claim(my.t, my.info->disk, flags, my.out);
    }
    *handle = status == CTX_OK ? *my.out : 0;
    return status;
}

static inline ctx_status submit_block(uint32_t handle, uint32_t op, uint64_t sector, uint64_t tag)
{
    bool moves = op == CTX_BLOCK_READ || op == CTX_BLOCK_WRITE;
    *my.request = (struct ctx_block_request){
        .size = sizeof *my.request,
        .op = op,
        .handle = handle,
        .from = moves ? (uint64_t)(uintptr_t)my.bytes : 0,
        .at = sector * BLOCK_SECTOR,
        .bytes = op != CTX_BLOCK_FLUSH ? BLOCK_SECTOR : 0,
        .tag = tag,
    };
    return my.t->submit(my.t, my.request);
}

static inline ctx_status submit_share(uint32_t handle, uint32_t op, uint32_t share, uint64_t from,
                                      uint64_t sector, uint64_t bytes, uint64_t tag)
{
    *my.request = (struct ctx_block_request){.size = sizeof *my.request,
                                             .op = op,
                                             .handle = handle,
                                             .share = share,
                                             .from = from,
                                             .at = sector * BLOCK_SECTOR,
                                             .bytes = bytes,
                                             .tag = tag};
    return my.t->submit(my.t, my.request);
}

static inline void work_all(void)
{
    while (fake_disk_step(disk) || task_run_ready(fake.now_ns)) {
    }
}

/* One more disk in the place of the last one, which goes. */
static inline void new_disk(void)
{
    static struct fake_disk disks[40];
    static uint32_t count;
    if (count > 0) {
        work_all();
        block_gone(&disk->device);
    }
    assert_in_range(count, 0, 39);
    disk = &disks[count++];
    fake_disk_make(disk, DISK_SECTORS);
    disk->device.zeroes = disk->device.discards = true;
    disk->device.max_erase = 100;
    disk->device.max_segments = 4;
    for (uint32_t i = 0; i < DISK_SECTORS; i++) {
        memset(disk->seen + (size_t)i * BLOCK_SECTOR, (int)(i % 251) + 1, BLOCK_SECTOR);
    }
    memcpy(disk->durable, disk->seen, DISK_SECTORS * BLOCK_SECTOR);
    block_offer(&disk->device);
    work_all();
    assert_false(block_probing());
}

#endif
