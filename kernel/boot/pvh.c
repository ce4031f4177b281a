/* SPDX-License-Identifier: MIT */
/*
 * PVH start information (Xen, "x86/HVM direct boot ABI", struct hvm_start_info) into struct
 * boot_info. QEMU's -kernel passes the initrd as the only module; apps lie in it as a cpio archive.
 * Pure, like multiboot2.c.
 */
#include "bootinfo.h"

#include "words.h"

#include <kernel/string.h>

#define PVH_MAGIC       0x336ec578u
#define PVH_INFO_SIZE   56u /* version 1, with the memory map */
#define PVH_MODULE_SIZE 32u
#define PVH_RANGE_SIZE  24u

static uint64_t get(const uint8_t *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, p, size);
    return v;
}

/* A terminated string of at most BOOT_TEXT bytes somewhere in memory, or "". */
static const char *text_at(paddr_t address, boot_memory_fn *memory, void *arg)
{
    for (uint32_t len = 0; address != 0 && len < BOOT_TEXT; len++) {
        const uint8_t *byte = memory(address + len, 1, arg);
        if (byte == NULL) {
            break;
        }
        if (*byte == 0) {
            const uint8_t *all = memory(address, len + 1, arg);
            return all != NULL ? (const char *)all : "";
        }
    }
    return "";
}

static void read_modules(struct boot_info *info, paddr_t list, uint32_t count,
                         boot_memory_fn *memory, void *arg)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *m = memory(list + (uint64_t)i * PVH_MODULE_SIZE, PVH_MODULE_SIZE, arg);
        uint64_t start = m != NULL ? get(m, 8) : 0;
        uint64_t len = m != NULL ? get(m + 8, 8) : 0;
        if (m == NULL || start + len < start) {
            info->modules_lost += count - i;
            return;
        }
        boot_add_module(info, start, start + len, text_at(get(m + 16, 8), memory, arg),
                        words_from_plain);
    }
}

static void read_memory_map(struct boot_info *info, paddr_t map, uint32_t count,
                            boot_memory_fn *memory, void *arg)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *r = memory(map + (uint64_t)i * PVH_RANGE_SIZE, PVH_RANGE_SIZE, arg);
        if (r == NULL || info->range_count == BOOT_RANGES) {
            info->ranges_lost += count - i;
            return;
        }
        uint64_t start = get(r, 8);
        uint64_t len = get(r + 8, 8);
        if (len == 0 || start + len < start) {
            continue;
        }
        info->ranges[info->range_count++] =
            (struct boot_range){start, start + len, (uint32_t)get(r + 16, 4)};
    }
}

bool pvh_parse(struct boot_info *info, paddr_t address, boot_memory_fn *memory, void *arg,
               const char **why)
{
    memset(info, 0, sizeof *info);
    info->protocol = BOOT_PVH;
    text_copy(info->loader, sizeof info->loader, "PVH");

    const uint8_t *start_info = memory(address, PVH_INFO_SIZE, arg);
    if (start_info == NULL || get(start_info, 4) != PVH_MAGIC) {
        *why = "pvh: magic is wrong";
        return false;
    }
    if (get(start_info + 4, 4) < 1) {
        *why = "pvh: version 0 has no memory map";
        return false;
    }
    info->info_start = address;
    info->info_end = address + PVH_INFO_SIZE;
    const char *words = text_at(get(start_info + 24, 8), memory, arg);
    const uint8_t *first =
        get(start_info + 24, 8) != 0 ? memory(get(start_info + 24, 8), 1, arg) : NULL;
    boot_set_command_line(info, words, words_from_plain);
    info->command_line_cut |= *words == 0 && first != NULL && *first != 0; /* it never ends */
    info->rsdp = get(start_info + 32, 8);
    read_modules(info, get(start_info + 16, 8), (uint32_t)get(start_info + 12, 4), memory, arg);
    read_memory_map(info, get(start_info + 40, 8), (uint32_t)get(start_info + 48, 4), memory, arg);
    if (info->range_count == 0) {
        *why = "pvh: there is no memory map";
        return false;
    }
    return true;
}
