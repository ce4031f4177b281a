/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions. memcpy and memset move eight bytes at a time with string instructions: emulators run
 * `rep movsq` many times faster than `rep movsb`, and processors do not mind.
 */
#include <kernel/string.h>

#ifdef __STDC_HOSTED__
#if __STDC_HOSTED__ == 0
void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    void *d = to;
    const void *s = from;
    size_t words = len / 8;
    size_t rest = len % 8;
    __asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(rest) : : "memory");
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    void *d = to;
    uint64_t pattern = (uint8_t)byte * 0x0101010101010101ull;
    size_t words = len / 8;
    size_t rest = len % 8;
    __asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (d <= s || d >= s + len) {
        return memcpy(to, from, len);
    }
    for (size_t i = len; i > 0; i--) {
        d[i - 1] = s[i - 1];
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (size_t i = 0; i < len; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

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
        uint64_t digit = c >= '0' && c <= '9'                ? (uint64_t)(c - '0')
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
