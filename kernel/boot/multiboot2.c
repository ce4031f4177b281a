/* SPDX-License-Identifier: MIT */
/*
 * Multiboot2 boot information (Multiboot2 specification 2.0, section 3.6) into struct boot_info.
 * Pure: sees memory only through the function it is given, so that it runs, and is fuzzed, on the
 * host.
 */
#include "bootinfo.h"

#include "words.h"

#include <kernel/string.h>

enum mb2_tag {
    MB2_TAG_END = 0,
    MB2_TAG_CMDLINE = 1,
    MB2_TAG_LOADER = 2,
    MB2_TAG_MODULE = 3,
    MB2_TAG_MMAP = 6,
    MB2_TAG_FRAMEBUFFER = 8,
    MB2_TAG_ACPI_OLD = 14,
    MB2_TAG_ACPI_NEW = 15,
};

struct reader {
    struct boot_info *info;
    const uint8_t *bytes; /* all of the information */
    uint32_t total;
    paddr_t address;
    boot_words_fn *words;       /* how this loader writes them */
    const uint8_t *framebuffer; /* the tag, if there was one */
};

#define MB2_INFO_MAX (1024u * 1024u)

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* A string that ends inside its tag, or NULL. */
static const char *tag_text(const uint8_t *tag, uint32_t size, uint32_t at)
{
    for (uint32_t i = at; i < size; i++) {
        if (tag[i] == 0) {
            return (const char *)tag + at;
        }
    }
    return NULL;
}

static void read_module(const struct reader *r, const uint8_t *tag, uint32_t size)
{
    const char *text = size > 16 ? tag_text(tag, size, 16) : NULL;
    uint64_t start = get32(tag + 8);
    uint64_t end = get32(tag + 12);
    if (text == NULL || start > end) {
        r->info->modules_lost++;
        return;
    }
    boot_add_module(r->info, start, end, text, r->words);
}

static void read_memory_map(struct boot_info *info, const uint8_t *tag, uint32_t size)
{
    if (size < 16) {
        return;
    }
    uint32_t entry_size = get32(tag + 8);
    if (entry_size < 20) {
        return;
    }
    for (uint32_t at = 16; size - at >= entry_size; at += entry_size) {
        uint64_t start = get64(tag + at);
        uint64_t len = get64(tag + at + 8);
        if (len == 0 || start + len < start) {
            continue;
        }
        if (info->range_count == BOOT_RANGES) {
            info->ranges_lost++;
            continue;
        }
        info->ranges[info->range_count++] =
            (struct boot_range){start, start + len, get32(tag + at + 16)};
    }
}

/*
 * Type 1 is direct RGB; palettes (0) and text (2) leave bpp at 0. There is one screen: where two
 * tags differ about it, neither is believed.
 */
static void read_framebuffer(struct reader *r, const uint8_t *tag, uint32_t size)
{
    const uint8_t *first = r->framebuffer;
    if (size < 32) {
        return;
    }
    if (first != NULL && (get32(first + 4) != size || memcmp(first, tag, size) != 0)) {
        r->info->framebuffer_wrong = "two tags say different things about it";
    }
    r->framebuffer = tag;
    if (size < 38 || tag[29] != 1) {
        return;
    }
    struct boot_framebuffer fb = {
        .address = get64(tag + 8),
        .pitch = get32(tag + 16),
        .width = get32(tag + 20),
        .height = get32(tag + 24),
        .bpp = tag[28],
        .red_shift = tag[32],
        .red_bits = tag[33],
        .green_shift = tag[34],
        .green_bits = tag[35],
        .blue_shift = tag[36],
        .blue_bits = tag[37],
    };
    r->info->framebuffer = fb;
}

static void read_tag(struct reader *r, const uint8_t *tag, uint32_t type, uint32_t size)
{
    struct boot_info *info = r->info;
    paddr_t address = r->address + (paddr_t)(tag - r->bytes);
    const char *text;
    switch (type) {
    case MB2_TAG_CMDLINE:
        text = tag_text(tag, size, 8);
        boot_set_command_line(info, text != NULL ? text : "", r->words);
        break;
    case MB2_TAG_MODULE:
        read_module(r, tag, size);
        break;
    case MB2_TAG_MMAP:
        read_memory_map(info, tag, size);
        break;
    case MB2_TAG_FRAMEBUFFER:
        read_framebuffer(r, tag, size);
        break;
    case MB2_TAG_ACPI_OLD:
        if (info->rsdp == 0 && size >= 8 + 20) {
            info->rsdp = address + 8;
        }
        break;
    case MB2_TAG_ACPI_NEW: /* the newer one wins */
        if (size >= 8 + 36) {
            info->rsdp = address + 8;
        }
        break;
    default:
        break;
    }
}

/* How words are written is the loader's way, and its name may come behind them. */
static void read_loader(struct reader *r, const uint8_t *tag, uint32_t size)
{
    const char *text = tag_text(tag, size, 8);
    text_copy(r->info->loader, sizeof r->info->loader, text != NULL ? text : "");
    r->words = strncmp(r->info->loader, "GRUB", 4) == 0 ? words_from_grub : words_from_plain;
}

/* All tags, or the loader's name only. */
static bool walk(struct reader *r, bool loader, const char **why)
{
    for (uint32_t at = 8; r->total - at >= 8;) {
        const uint8_t *tag = r->bytes + at;
        uint32_t type = get32(tag);
        uint32_t size = get32(tag + 4);
        if (size < 8 || size > r->total - at) {
            *why = "multiboot2: a tag's size is out of range";
            return false;
        }
        if (type == MB2_TAG_END) {
            break;
        }
        /* Tags that are read at fixed offsets are at least this long. */
        if (loader && type == MB2_TAG_LOADER) {
            read_loader(r, tag, size);
        } else if (!loader && (type != MB2_TAG_MODULE || size >= 16)) {
            read_tag(r, tag, type, size);
        }
        uint32_t step = ALIGN_UP(size, 8u);
        if (step > r->total - at) {
            break;
        }
        at += step;
    }
    return true;
}

bool multiboot2_parse(struct boot_info *info, paddr_t address, boot_memory_fn *memory, void *arg,
                      const char **why)
{
    memset(info, 0, sizeof *info);
    info->protocol = BOOT_MULTIBOOT2;

    const uint8_t *head = address % 8 == 0 ? memory(address, 8, arg) : NULL;
    if (head == NULL) {
        *why = "multiboot2: the information lies nowhere";
        return false;
    }
    uint32_t total = get32(head);
    const uint8_t *bytes =
        total >= 16 && total <= MB2_INFO_MAX ? memory(address, total, arg) : NULL;
    if (bytes == NULL) {
        *why = "multiboot2: total_size is out of range";
        return false;
    }
    info->info_start = address;
    info->info_end = address + total;

    struct reader r = {info, bytes, total, address, words_from_plain, NULL};
    if (!walk(&r, true, why) || !walk(&r, false, why)) {
        return false;
    }
    if (info->range_count == 0) {
        *why = "multiboot2: there is no memory map";
        return false;
    }
    return true;
}
