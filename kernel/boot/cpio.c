/* SPDX-License-Identifier: MIT */
/* newc: 110 bytes of ASCII header (magic, then 13 fields of 8 hexadecimal digits), name, data, each
 * padded to 4 bytes. */
#include "cpio.h"

#include <kernel/string.h>

#define HEADER       110u
#define TYPE_MASK    0170000u
#define TYPE_REGULAR 0100000u

enum field {
    FIELD_MODE = 1,
    FIELD_SIZE = 6,
    FIELD_NAME_SIZE = 11,
};

bool cpio_is(const uint8_t *archive, uint64_t len)
{
    return len >= HEADER &&
           (memcmp(archive, "070701", 6) == 0 || memcmp(archive, "070702", 6) == 0);
}

static bool hex_field(const uint8_t *header, enum field no, uint64_t *out)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < 8; i++) {
        uint8_t c = header[6 + 8 * no + i];
        uint32_t letter = ((uint32_t)c | 32u) - 'a';
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)c - '0' : letter < 6 ? letter + 10 : 16;
        if (digit > 15) {
            return false;
        }
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

int cpio_next(const uint8_t *archive, uint64_t len, uint64_t *at, struct cpio_file *file,
              const char **why)
{
    while (*at < len) {
        const uint8_t *header = archive + *at;
        uint64_t rest = len - *at;
        uint64_t mode, size, name_size;
        if (!cpio_is(header, rest)) {
            *why = "a header's magic is wrong, or it is cut off";
            return -1;
        }
        if (!hex_field(header, FIELD_MODE, &mode) || !hex_field(header, FIELD_SIZE, &size) ||
            !hex_field(header, FIELD_NAME_SIZE, &name_size)) {
            *why = "a header's number is not hexadecimal";
            return -1;
        }
        uint64_t data = ALIGN_UP(HEADER + name_size, 4ull);
        if (name_size == 0 || data > rest || size > rest - data ||
            header[HEADER + name_size - 1] != 0) {
            *why = "a file reaches past the archive's end";
            return -1;
        }
        *file = (struct cpio_file){(const char *)header + HEADER, header + data, size};
        if (strcmp(file->name, "TRAILER!!!") == 0) {
            *at = len;
            return 0;
        }
        *at += MIN(ALIGN_UP(data + size, 4ull), rest);
        if ((mode & TYPE_MASK) == TYPE_REGULAR) {
            return 1;
        }
    }
    return 0;
}

bool cpio_find(const uint8_t *archive, uint64_t len, const char *name, size_t name_len,
               struct cpio_file *file)
{
    uint64_t at = 0;
    const char *why;
    while (cpio_next(archive, len, &at, file, &why) == 1) {
        const char *n = file->name;
        if (n[0] == '.' && n[1] == '/') { /* find . | cpio writes names so */
            n += 2;
        }
        if (strlen(n) == name_len && memcmp(n, name, name_len) == 0) {
            return true;
        }
    }
    return false;
}
