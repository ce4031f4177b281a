/* SPDX-License-Identifier: MIT */
/*
 * GUID partition tables, as bytes: UEFI 2.10, section 5.3. Nothing here reads a disk, and nothing
 * in a table is believed that does not fit the disk. All places are in the disk's own sectors, of
 * 512 bytes or more.
 */
#ifndef KERNEL_GPT_H
#define KERNEL_GPT_H

#include <kernel/types.h>

/* What a header says, when it is good. */
struct gpt_table {
    uint64_t entries;     /* the first sector of the entries */
    uint64_t first, last; /* where partitions may lie */
    uint32_t entry_count, entry_bytes, entry_crc;
};

struct gpt_entry {
    uint64_t first, last;
    uint8_t type[16];
    const uint8_t *name; /* 36 units of UTF-16, in the bytes that were looked at */
};

/*
 * Whether the bytes are the header that belongs at sector `at` of a disk with so many sectors, and
 * all of its entries are on it. The checksum of the header is looked at (and its bytes are changed
 * for that), that of the entries is entry_crc.
 */
bool gpt_header(struct gpt_table *table, uint8_t *bytes, uint64_t at, uint64_t sectors,
                uint32_t sector_bytes);

/* Bytes of all entries. */
static inline uint64_t gpt_bytes(const struct gpt_table *table)
{
    return (uint64_t)table->entry_bytes * table->entry_count;
}

/* One entry. False: it names none, or one that does not lie where partitions may. */
bool gpt_entry(const struct gpt_table *table, const uint8_t *bytes, struct gpt_entry *out);

/* Its name as UTF-8, terminated; control characters and what is no UTF-16 become ?. */
void gpt_name(const struct gpt_entry *entry, char *out, size_t size);

/* The checksum so far, of more bytes: begins as UINT32_MAX, ends as its complement. */
uint32_t gpt_crc(uint32_t crc, const uint8_t *bytes, uint64_t len);

#endif
