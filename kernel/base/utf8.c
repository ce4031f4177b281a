/* SPDX-License-Identifier: MIT */
#include "utf8.h"

uint32_t utf8_printable(const uint8_t *bytes, uint64_t len)
{
    uint32_t first = bytes[0];
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    uint32_t size = first >= 0xf0 && first <= 0xf4  ? 4
                    : first >= 0xe0 && first < 0xf0 ? 3
                    : first >= 0xc2 && first < 0xe0 ? 2
                                                    : 0;
    if (size == 0 || size > len) {
        return 0;
    }
    uint32_t code = first & (0xffu >> (size + 1));
    for (uint32_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (bytes[i] & 0x3f);
    }
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < lowest[size] || code > 0x10ffff || surrogate || code < 0xa0 ? 0 : size;
}
