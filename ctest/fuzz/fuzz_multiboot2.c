/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "make_boot.h"
#include "memory_map.h"

#include <string.h>

/* Whatever the tags say: what is read lies in them, and memory comes out in order. */
static void check(const struct boot_info *info)
{
    FUZZ_MUST(info->module_count <= BOOT_MODULES && info->range_count <= BOOT_RANGES);
    FUZZ_MUST(strlen(info->command_line) < BOOT_TEXT && strlen(info->loader) < 64);
    for (uint32_t i = 0; i < info->module_count; i++) {
        const char *text = info->modules[i].text;
        FUZZ_MUST(info->modules[i].start <= info->modules[i].end);
        FUZZ_MUST(text >= info->texts && text + strlen(text) < info->texts + info->texts_len);
    }
    for (uint32_t i = 0; i < info->range_count; i++) {
        FUZZ_MUST(info->ranges[i].start < info->ranges[i].end);
    }
    static struct memory_span spans[512];
    static const struct memory_span kernel = {0x100000, 0x180000};
    uint32_t lost;
    uint32_t count = memory_spans(info, &kernel, 1, spans, 512, &lost);
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_MUST(spans[i].start < spans[i].end && spans[i].start % PAGE_SIZE == 0);
        FUZZ_MUST(i == 0 || spans[i].start > spans[i - 1].end);
        FUZZ_MUST(spans[i].end <= kernel.start || spans[i].start >= kernel.end);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_info info;
    struct memory_view view = {data, size, 0x10000};
    const char *why = NULL;
    bool good = multiboot2_parse(&info, view.base, memory_view_at, &view, &why);
    FUZZ_MUST(good || why != NULL);
    check(&info);
    boot_check(&info, 0x100000, 0x180000);
    check(&info);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static struct made m;
    if (no > 1) {
        return 0;
    }
    mb2_full(&m);
    if (no == 1) { /* a second memory map and framebuffer behind the first */
        uint64_t len = m.len - 8;
        made_add(&m, m.bytes + 8, len);
        memmove(m.bytes + len, m.bytes + len + 8, len);
        m.len -= 8;
        memcpy(m.bytes, &(uint32_t){(uint32_t)m.len}, 4);
    }
    memcpy(buf, m.bytes, m.len);
    return m.len;
}
