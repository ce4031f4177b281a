/* SPDX-License-Identifier: MIT */
/*
 * The four functions that every compiler may call out of thin air; the kernel and apps without a C
 * library link these. Eight bytes at a time: emulators run `rep movsq` many times faster than `rep
 * movsb`, and processors do not mind.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
int bcmp(const void *a, const void *b, size_t len);

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

void *memset(void *to, int byte, size_t len)
{
    void *d = to;
    uint64_t pattern = (uint8_t)byte * UINT64_C(0x0101010101010101);
    size_t words = len / 8;
    size_t rest = len % 8;
    __asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    size_t same = 0; /* whole words that are: files and pages are compared */
    for (; len - same >= 8; same += 8) {
        uint64_t v, w;
        __builtin_memcpy(&v, x + same, 8);
        __builtin_memcpy(&w, y + same, 8);
        if (v != w) {
            break;
        }
    }
    for (size_t i = same; i < len; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

/* What LLVM, and so rustc, makes of a comparison for equality. */
int bcmp(const void *a, const void *b, size_t len)
{
    return memcmp(a, b, len);
}
