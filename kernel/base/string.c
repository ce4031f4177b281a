/* SPDX-License-Identifier: MIT */
/* String functions. memcpy and its sisters come from libctx.a, on this machine's tests from its C
 * library. */
#include <kernel/string.h>

#ifdef __STDC_HOSTED__
#if __STDC_HOSTED__ == 0
size_t strlen(const char *s)
{
    size_t len = 0;
    while (s[len] != 0) {
        len++;
    }
    return len;
}

int strncmp(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i] || a[i] == 0) {
            return (uint8_t)a[i] - (uint8_t)b[i];
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}
#endif
#endif

bool text_copy(char *to, size_t size, const char *s)
{
    size_t i = 0;
    while (i + 1 < size && s[i] != 0) {
        to[i] = s[i];
        i++;
    }
    to[i] = 0;
    return s[i] == 0;
}

void text_make_printable(char *text)
{
    for (; *text != 0; text++) {
        if ((uint8_t)*text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

bool text_to_u64(const char *s, uint64_t *out)
{
    uint64_t base = 10;
    uint64_t value = 0;
    if (s[0] == '0' && s[1] == 'x') {
        base = 16;
        s += 2;
    }
    const char *first = s;
    for (; *s != 0 && *s != ' '; s++) {
        char c = *s;
        uint64_t digit = c >= '0' && c <= '9'                 ? (uint64_t)(c - '0')
                         : base == 16 && c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a' + 10)
                         : base == 16 && c >= 'A' && c <= 'F' ? (uint64_t)(c - 'A' + 10)
                                                              : 99;
        if (digit >= base || value > (UINT64_MAX - digit) / base) {
            return false;
        }
        value = value * base + digit;
    }
    *out = value;
    return s != first;
}
