/* SPDX-License-Identifier: MIT */
/* A small disk that does at once what it is told, for tests that need any disk. */
#ifndef UNIT_FAKE_BLOCK_H
#define UNIT_FAKE_BLOCK_H

#include "fake_machine.h"

#include <kernel/block.h>

#include <string.h>

#define FAKE_BLOCK_SECTORS 64u

static uint8_t fake_block_bytes[FAKE_BLOCK_SECTORS * BLOCK_SECTOR];

static inline void fake_block_submit(struct block_device *device, struct block_request *r)
{
    uint8_t *at = fake_block_bytes + r->sector * BLOCK_SECTOR;
    size_t len = (size_t)r->sectors * BLOCK_SECTOR;
    (void)device;
    if (r->op == BLOCK_READ) {
        memcpy(r->bytes, at, len);
    } else if (r->op == BLOCK_WRITE) {
        memcpy(at, r->bytes, len);
    } else if (r->op == BLOCK_ZEROES) {
        memset(at, 0, len);
    }
    block_done(r, CTX_OK);
}

/* It is there, and what is looked at first has been. */
static inline const struct block_disk *fake_block_offer(void)
{
    static struct block_device device = {.name = "vda",
                                         .sectors = FAKE_BLOCK_SECTORS,
                                         .max_sectors = 16,
                                         .max_erase = 16,
                                         .discards = true,
                                         .zeroes = true,
                                         .submit = fake_block_submit};
    block_offer(&device);
    while (block_probing() && task_run_ready(fake.now_ns)) {
    }
    return &device.whole;
}

#endif
