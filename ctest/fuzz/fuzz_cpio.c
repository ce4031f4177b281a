/* SPDX-License-Identifier: MIT */
#include "cpio.h"
#include "fuzz.h"
#include "make_boot.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpio_file file;
    const char *why = NULL;
    uint64_t at = 0, before = 0, sum = 0;
    int found;
    while ((found = cpio_next(data, size, &at, &file, &why)) == 1) {
        FUZZ_MUST(at > before && at <= size);
        FUZZ_MUST(file.data >= data && file.len <= size - (uint64_t)(file.data - data));
        FUZZ_MUST((const uint8_t *)file.name + strlen(file.name) < data + size);
        for (uint64_t i = 0; i < file.len; i++) {
            sum += file.data[i];
        }
        before = at;
    }
    FUZZ_MUST(found == 0 || why != NULL);
    bool list = cpio_find(data, size, "apps", 4, &file);
    FUZZ_MUST(!list || file.len <= size);
    return sum == UINT64_MAX; /* never: the sum keeps the reads alive */
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static struct made m;
    if (no > 0) {
        return 0;
    }
    memset(&m, 0, sizeof m);
    cpio_add(&m, ".", 040755, NULL, 0);
    cpio_add(&m, "a.elf", 0100755, "AAAAA", 5);
    cpio_add(&m, "apps", 0100644, "a.elf one\nb two\n", 16);
    cpio_add(&m, "./b", 0100644, "BBB", 3);
    cpio_end(&m);
    memcpy(buf, m.bytes, m.len);
    return m.len;
}
