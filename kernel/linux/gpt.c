/* SPDX-License-Identifier: MIT */
/* A partition table with one partition, for the image store: UEFI 2.10, section 5.3. Reading them
 * is the core's (store_gpt.c). */
#include "heap.h"
#include "store_private.h"
#include "tool.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#define ENTRIES      128u
#define ENTRY        128u
#define TABLE        (ENTRIES * ENTRY / BLOCK_SECTOR)
#define PART_FIRST   2048u
#define PART_ALIGNED 2048u

static void put(uint8_t *to, uint64_t v, uint32_t size)
{
    memcpy(to, &v, size);
}

static void random_guid(uint8_t to[16])
{
    put(to, machine_random(), 8);
    put(to + 8, machine_random(), 8);
    to[7] = (uint8_t)((to[7] & 0x0f) | 0x40);
    to[8] = (uint8_t)((to[8] & 0x3f) | 0x80);
}

/* A file's requests are done when submit returns. */
static bool write(struct block_device *device, uint64_t sector, uint32_t sectors, void *bytes)
{
    struct block_request r = {.op = sectors > 0 ? BLOCK_WRITE : BLOCK_FLUSH};
    r.sector = sector;
    r.sectors = sectors;
    r.bytes = bytes;
    block_submit(device, &r);
    return r.status == CTX_OK;
}

/* What older tools see: one partition of type 0xee over everything. */
static void protect(uint8_t *mbr, uint64_t sectors)
{
    mbr[446 + 2] = 2; /* from sector 1 on, in the old way of counting */
    mbr[446 + 4] = 0xee;
    memset(mbr + 446 + 5, 0xff, 3);
    put(mbr + 446 + 8, 1, 4);
    put(mbr + 446 + 12, MIN(sectors - 1, UINT32_MAX), 4);
    mbr[510] = 0x55;
    mbr[511] = 0xaa;
}

static void entry(uint8_t *e, uint64_t first, uint64_t last)
{
    static const char name[] = "Argos store";
    memcpy(e, store_gpt_type, 16);
    random_guid(e + 16);
    put(e + 32, first, 8);
    put(e + 40, last, 8);
    for (uint32_t i = 0; i < sizeof name - 1; i++) {
        e[56 + 2 * i] = (uint8_t)name[i]; /* UTF-16 */
    }
}

static void header(uint8_t *h, uint64_t at, uint64_t other, uint64_t table, const uint8_t *entries)
{
    uint64_t last = MAX(at, other);
    memcpy(h, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
    put(h + 16, 0, 4);
    put(h + 24, at, 8);
    put(h + 32, other, 8);
    put(h + 40, 2 + TABLE, 8);
    put(h + 48, last - TABLE - 1, 8);
    put(h + 72, table, 8);
    put(h + 80, ENTRIES, 4);
    put(h + 84, ENTRY, 4);
    put(h + 88, store_crc32(entries, ENTRIES * ENTRY), 4);
    put(h + 16, store_crc32(h, 92), 4);
}

bool tool_write_gpt(struct block_device *device, uint64_t *first, uint64_t *sectors)
{
    uint64_t end = device->sectors - 1;
    uint8_t *bytes =
        device->sectors > PART_FIRST + PART_ALIGNED ? heap_alloc((2 + TABLE) * BLOCK_SECTOR) : NULL;
    if (bytes == NULL) {
        return false;
    }
    uint8_t *h = bytes + BLOCK_SECTOR, *entries = h + BLOCK_SECTOR;
    *first = PART_FIRST;
    *sectors = ALIGN_DOWN(end - TABLE - PART_FIRST, (uint64_t)STORE_SECTORS);
    protect(bytes, device->sectors);
    entry(entries, *first, *first + *sectors - 1);
    random_guid(h + 56);
    header(h, end, 1, end - TABLE, entries);
    bool good = write(device, end - TABLE, TABLE, entries) && write(device, end, 1, h);
    header(h, 1, end, 2, entries);
    good = good && write(device, 0, 2 + TABLE, bytes) && write(device, 0, 0, NULL);
    heap_free(bytes, (2 + TABLE) * BLOCK_SECTOR);
    return good;
}
