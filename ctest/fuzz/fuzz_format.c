/* SPDX-License-Identifier: MIT */
/* Formats put together from the pieces that klog.h names: the text is printf's, cut as printf's. */
#include "fuzz.h"
#include "utf8.h"

#include <kernel/klog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

/* One conversion: %[-][0][width][.precision]X */
static void conversion(char *format, size_t size, const uint8_t *b)
{
    static const char *const kinds[] = {"s", "c", "d", "i", "u", "x", "ld", "lu", "lx", "llu"};
    const char *kind = kinds[b[0] % 10];
    char width[12] = "", precision[12] = "";
    if ((b[1] & 3) != 0) {
        snprintf(width, sizeof width, "%d", b[1] >> 2);
    }
    if (kind[0] == 's' && (b[2] & 1) != 0) {
        snprintf(precision, sizeof precision, ".%d", b[2] >> 3);
    }
    /* '0' means nothing for text: undefined in C, so not compared. */
    bool zero = (b[2] & 4) != 0 && kind[0] != 's' && kind[0] != 'c' && (b[2] & 2) == 0;
    snprintf(format, size, "<%%%s%s%s%s%s>", (b[2] & 2) != 0 ? "-" : "", zero ? "0" : "", width,
             precision, kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 12 <= size; i += 12) {
        char format[64], theirs[300], text[8] = "abcdef";
        uint64_t number;
        memcpy(&number, data + i + 4, 8);
        conversion(format, sizeof format, data + i);
        size_t room = 1 + data[i + 3] % (sizeof theirs - 1);
        char *ours = malloc(room);
        FUZZ_MUST(ours != NULL);
        size_t len;
        if (data[i] % 10 == 0) {
            len = format_text(ours, room, format, text);
            snprintf(theirs, room, format, text);
        } else if (data[i] % 10 < 6) {
            uint32_t n = data[i] % 10 == 1 ? 'A' + (uint32_t)number % 26 : (uint32_t)number;
            len = format_text(ours, room, format, n);
            snprintf(theirs, room, format, n);
        } else {
            len = format_text(ours, room, format, number);
            snprintf(theirs, room, format, number);
        }
        FUZZ_MUST(len == strlen(ours) && strcmp(ours, theirs) == 0);
        free(ours);
    }
    for (size_t i = 0; i < size; i++) {
        FUZZ_MUST(utf8_printable(data + i, size - i) <= 4);
    }
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    if (no > 0) {
        return 0;
    }
    for (uint32_t i = 0; i < 20 * 12; i++) {
        buf[i] = (uint8_t)(i * 37 + i / 12);
    }
    return 20 * 12;
}
