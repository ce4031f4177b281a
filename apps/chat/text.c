/* SPDX-License-Identifier: MIT */
#include "chat.h"

/* The character there, and how long it is; 0: it is no UTF-8. */
static size_t decode(const unsigned char *p, size_t len, uint32_t *out)
{
    size_t n = p[0] < 0x80                   ? 1
               : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
               : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
               : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                             : 0;
    if (n == 0 || n > len) {
        return 0;
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3fu);
    }
    *out = c;
    return c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? n : 0;
}

static bool is_harmless(uint32_t c)
{
    bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    bool turns =
        (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
    return !control && !turns;
}

size_t text_clean(char *to, const char *from, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t bytes = decode((const unsigned char *)from + i, len - i, &c);
        if (bytes > 0 && is_harmless(c)) {
            for (size_t j = 0; j < bytes; j++) {
                to[n++] = from[i + j];
            }
        } else {
            to[n++] = '?';
        }
        i += bytes > 0 ? bytes : 1;
    }
    to[n] = 0;
    return n;
}

size_t text_back(const char *text, size_t at)
{
    while (at > 0 && ((unsigned char)text[--at] & 0xc0) == 0x80) {
    }
    return at;
}
