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

#define FEW 128u /* bytes: up to so many a loop is faster than what `rep` costs to begin */

static inline uint64_t word_at(const uint8_t *p)
{
    uint64_t w;
    __builtin_memcpy(&w, p, 8);
    return w;
}

static inline void put_word(uint8_t *p, uint64_t w)
{
    __builtin_memcpy(p, &w, 8);
}

/* Up to 16 bytes: all are read before any is written. */
static inline void copy_least(uint8_t *d, const uint8_t *s, size_t len)
{
    if (len >= 8) {
        uint64_t first = word_at(s), last = word_at(s + len - 8);
        put_word(d, first);
        put_word(d + len - 8, last);
    } else if (len >= 4) {
        uint32_t first, last;
        __builtin_memcpy(&first, s, 4);
        __builtin_memcpy(&last, s + len - 4, 4);
        __builtin_memcpy(d, &first, 4);
        __builtin_memcpy(d + len - 4, &last, 4);
    } else if (len > 0) {
        uint8_t first = s[0], middle = s[len / 2], last = s[len - 1];
        d[0] = first;
        d[len / 2] = middle;
        d[len - 1] = last;
    }
}

/* More than 16, from the front; the last eight bytes are read first. So it is right also where `s`
 * lies less than len behind `d`. */
static inline void copy_up(uint8_t *d, const uint8_t *s, size_t len)
{
    uint64_t last = word_at(s + len - 8);
    uint8_t *end = d + len - 8;
    if (len <= FEW) {
        for (; d < end; d += 8, s += 8) {
            put_word(d, word_at(s));
        }
    } else {
        size_t words = len / 8;
        __asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
    }
    put_word(end, last);
}

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    if (len <= 16) {
        copy_least(to, from, len);
    } else {
        copy_up(to, from, len);
    }
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (len <= 16) {
        copy_least(d, s, len);
    } else if (d <= s || d >= s + len) {
        copy_up(d, s, len);
    } else { /* from the end, likewise */
        uint64_t first = word_at(s);
        for (size_t i = len; i > 8; i -= 8) {
            put_word(d + i - 8, word_at(s + i - 8));
        }
        put_word(d, first);
    }
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    uint8_t *d = to;
    uint64_t pattern = (uint8_t)byte * UINT64_C(0x0101010101010101);
    if (len < 8) {
        for (size_t i = 0; i < len; i++) {
            d[i] = (uint8_t)byte;
        }
        return to;
    }
    uint8_t *end = d + len - 8;
    if (len <= FEW) {
        for (; d < end; d += 8) {
            put_word(d, pattern);
        }
    } else {
        size_t words = len / 8;
        __asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
    }
    put_word(end, pattern);
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
