/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "make_boot.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_info info;
    struct memory_view view = {data, size, 0x9000};
    const char *why = NULL;
    bool good = pvh_parse(&info, view.base, memory_view_at, &view, &why);
    FUZZ_MUST(good || why != NULL);
    FUZZ_MUST(!good || info.range_count > 0);
    FUZZ_MUST(strlen(info.command_line) < BOOT_TEXT);
    for (uint32_t i = 0; i < info.module_count; i++) {
        FUZZ_MUST(info.modules[i].start <= info.modules[i].end);
        FUZZ_MUST(strlen(info.modules[i].text) < 2 * BOOT_TEXT);
    }
    for (uint32_t i = 0; i < info.range_count; i++) {
        FUZZ_MUST(info.ranges[i].start < info.ranges[i].end);
    }
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static struct made m;
    if (no > 0) {
        return 0;
    }
    pvh_full(&m);
    memcpy(buf, m.bytes, m.len);
    return m.len;
}
