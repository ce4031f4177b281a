/* SPDX-License-Identifier: MIT */
/*
 * Where a store lies on a disk: it is the whole disk, or a partition of our own type in a GUID
 * partition table (UEFI 2.10, section 5.3). The table's second copy, at the end of the disk, is
 * looked at when the first one is damaged. Nothing else is ever taken for a store.
 */
#include "store_private.h"

#include <kernel/string.h>

/* 4182077c-6aa7-4efd-9562-a6db8a3e7e89: made for this, used for nothing else. */
const uint8_t store_gpt_type[16] = {0x7c, 0x07, 0x82, 0x41, 0xa7, 0x6a, 0xfd, 0x4e,
                                    0x95, 0x62, 0xa6, 0xdb, 0x8a, 0x3e, 0x7e, 0x89};

uint32_t store_crc32(const uint8_t *bytes, uint64_t len)
{
    return ~gpt_crc(UINT32_MAX, bytes, len);
}

/* A table counts in the disk's own sectors, which may be several of ours. */
static uint32_t unit(const struct store *s)
{
    return MAX(s->device->multiple, 1u);
}

/* The bytes in the buffer are the header at f->header, and it makes sense. */
static bool header_good(struct store *s)
{
    struct store_found *f = s->found;
    f->gpt |= memcmp(s->slots[0].bytes, "EFI PART", 8) == 0;
    return gpt_header(&f->table, s->slots[0].bytes, f->header, s->device->sectors / unit(s),
                      unit(s) * BLOCK_SECTOR);
}

/* The part of the table in the buffer, which begins with byte f->at: is one of them ours? */
static void search(struct store *s, uint64_t bytes)
{
    struct store_found *f = s->found;
    struct store_job *job = s->first;
    struct gpt_entry e;
    for (uint64_t i = 0; i + f->table.entry_bytes <= bytes && job->partition == 0;
         i += f->table.entry_bytes) {
        if (gpt_entry(&f->table, s->slots[0].bytes + i, &e) &&
            memcmp(e.type, store_gpt_type, sizeof store_gpt_type) == 0) {
            /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): gpt_header() has looked */
            job->partition = (uint32_t)((f->at + i) / f->table.entry_bytes) + 1;
            job->first_sector = e.first * unit(s);
            job->sectors = (e.last - e.first + 1) * unit(s);
        }
    }
}

/* Sectors of the next part of the table: no entry reaches over its end. 0: that was all, or they
 * are not on the disk. */
static uint32_t part(const struct store *s)
{
    const struct store_found *f = s->found;
    uint64_t left = gpt_bytes(&f->table) - MIN(gpt_bytes(&f->table), f->at);
    uint64_t first = f->table.entries * unit(s) + f->at / BLOCK_SECTOR;
    uint64_t count =
        MIN(ALIGN_UP(left, (uint64_t)unit(s) * BLOCK_SECTOR), STORE_BLOCK) / BLOCK_SECTOR;
    return left > 0 && count <= s->device->sectors - MIN(first, s->device->sectors)
               ? (uint32_t)count
               : 0;
}

static void whole_disk(struct store *s)
{
    s->first->partition = 0;
    s->first->first_sector = 0;
    s->first->sectors = s->device->sectors;
}

/* The buffer holds the last block. Without our first one it counts only if all of it is good. */
static bool last_is_ours(struct store *s)
{
    struct store_error error;
    return store_io_status(s) == CTX_OK &&
           store_super_check((const struct store_super *)(const void *)s->slots[0].bytes,
                             s->device->sectors / STORE_SECTORS, 1, &error);
}

void store_look(struct task *op)
{
    struct store *s = STORE_OF(op, 1);
    struct store_found *f = s->found;
    TASK_BEGIN(op);
    if (s->device->sectors < STORE_LEAST * STORE_SECTORS) {
        store_fail(s, CTX_E_NOENT, "there is no store: the disk is too small for one");
        TASK_EXIT(op);
    }
    store_io(s, BLOCK_READ, 0, STORE_SECTORS);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    f->unread[0] = store_io_status(s) != CTX_OK;
    if (!f->unread[0] && memcmp(s->slots[0].bytes, store_magic, sizeof store_magic) == 0) {
        whole_disk(s);
        TASK_EXIT(op);
    }
    for (f->header = 1; f->header != 0;
         f->header = f->header == 1 ? s->device->sectors / unit(s) - 1 : 0) {
        store_io(s, BLOCK_READ, f->header * unit(s), unit(s));
        TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
        f->unread[0] |= store_io_status(s) != CTX_OK;
        if (store_io_status(s) != CTX_OK || !header_good(s)) {
            continue;
        }
        s->first->partition = 0;
        f->sum = UINT32_MAX;
        for (f->at = 0; part(s) > 0; f->at += STORE_BLOCK) {
            store_io(s, BLOCK_READ, f->table.entries * unit(s) + f->at / BLOCK_SECTOR, part(s));
            TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
            if (store_io_status(s) != CTX_OK) {
                break;
            }
            uint64_t bytes = MIN(gpt_bytes(&f->table) - f->at, STORE_BLOCK);
            f->sum = gpt_crc(f->sum, s->slots[0].bytes, bytes);
            search(s, bytes);
        }
        if (f->at < gpt_bytes(&f->table) || ~f->sum != f->table.entry_crc) {
            continue;
        }
        if (s->first->partition == 0) {
            store_fail(s, CTX_E_NOENT, "there is no store: no partition of its type");
        }
        TASK_EXIT(op);
    }
    s->first->partition = 0;
    store_io(s, BLOCK_READ, ALIGN_DOWN(s->device->sectors, UINT64_C(8)) - STORE_SECTORS,
             STORE_SECTORS);
    TASK_AWAIT(op, store_io_status(s) != CTX_PENDING);
    if (last_is_ours(s)) {
        whole_disk(s);
    } else if (f->unread[0]) {
        store_fail(s, CTX_E_IO, "the disk can not be read");
    } else if (f->gpt) {
        store_fail(s, CTX_E_IO, "the partition table is damaged, and so is its copy");
    } else {
        store_fail(s, CTX_E_NOENT, "there is no store, and no partition table");
    }
    TASK_END(op);
}
