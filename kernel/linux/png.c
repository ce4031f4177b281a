/* SPDX-License-Identifier: MIT */
/*
 * PNG (ISO/IEC 15948, "PNG") without a library: 8-bit RGB, rows filtered by "up", deflate (RFC
 * 1951) with the fixed code and matches of distance 3 only. After the filter most of a picture
 * repeats its pixel to the left, so that is nearly all there is to find; ten times smaller than
 * stored.
 */
#include "linux.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LONGEST 258u

struct bytes {
    uint8_t *at;
    size_t len, capacity;
    uint64_t bits; /* not yet written, the lowest first */
    uint32_t bit_count;
    bool failed;
};

static void put(struct bytes *b, uint8_t byte)
{
    if (b->len == b->capacity) {
        size_t more = b->capacity * 2 + 65536;
        uint8_t *at = realloc(b->at, more);
        if (at == NULL) {
            b->failed = true;
            return;
        }
        b->at = at;
        b->capacity = more;
    }
    b->at[b->len++] = byte;
}

static void put_be32(struct bytes *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        put(b, (uint8_t)(v >> shift));
    }
}

static void put_bits(struct bytes *b, uint32_t value, uint32_t count)
{
    b->bits |= (uint64_t)value << b->bit_count;
    b->bit_count += count;
    for (; b->bit_count >= 8; b->bit_count -= 8, b->bits >>= 8) {
        put(b, (uint8_t)b->bits);
    }
}

/* Huffman codes begin with their highest bit. */
static void put_code(struct bytes *b, uint32_t code, uint32_t count)
{
    uint32_t turned = 0;
    for (uint32_t i = 0; i < count; i++) {
        turned |= (code >> i & 1) << (count - 1 - i);
    }
    put_bits(b, turned, count);
}

/* The fixed code for literals and lengths, RFC 1951, 3.2.6. */
static void put_symbol(struct bytes *b, uint32_t s)
{
    if (s < 144) {
        put_code(b, 0x30 + s, 8);
    } else if (s < 256) {
        put_code(b, 0x190 + s - 144, 9);
    } else if (s < 280) {
        put_code(b, s - 256, 7);
    } else {
        put_code(b, 0xc0 + s - 280, 8);
    }
}

static void put_match(struct bytes *b, uint32_t len)
{
    static const uint16_t first[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                       67, 83, 99, 115, 131, 163, 195, 227, 258};
    uint32_t s = 28;
    while (first[s] > len) {
        s--;
    }
    uint32_t extra = s < 8 || s == 28 ? 0 : s / 4 - 1;
    put_symbol(b, 257 + s);
    put_bits(b, len - first[s], extra);
    put_code(b, 2, 5); /* distance 3 */
}

static void deflate(struct bytes *b, const uint8_t *raw, size_t len)
{
    put_bits(b, 1 | 1 << 1, 3); /* the last block, fixed codes */
    for (size_t i = 0; i < len;) {
        size_t n = 0;
        while (i >= 3 && n < LONGEST && i + n < len && raw[i + n] == raw[i + n - 3]) {
            n++;
        }
        if (n >= 3) {
            put_match(b, (uint32_t)n);
            i += n;
        } else {
            put_symbol(b, raw[i++]);
        }
    }
    put_symbol(b, 256);
    put_bits(b, 0, 7); /* to the byte's end */
    b->bit_count = 0;
    b->bits = 0;
}

static uint32_t adler(const uint8_t *raw, size_t len)
{
    uint32_t low = 1;
    uint32_t high = 0;
    for (size_t i = 0; i < len; i++) {
        low = (low + raw[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

static uint32_t crc(const uint8_t *at, size_t len)
{
    uint32_t c = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        c ^= at[i];
        for (int bit = 0; bit < 8; bit++) {
            c = c >> 1 ^ ((c & 1) != 0 ? 0xedb88320u : 0);
        }
    }
    return ~c;
}

static size_t chunk_begin(struct bytes *b, const char *kind)
{
    put_be32(b, 0); /* the length, known at the end */
    for (uint32_t i = 0; i < 4; i++) {
        put(b, (uint8_t)kind[i]);
    }
    return b->len;
}

static void chunk_end(struct bytes *b, size_t begin)
{
    size_t len = b->len - begin;
    if (b->failed) {
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        b->at[begin - 8 + i] = (uint8_t)(len >> (24 - 8 * i));
    }
    put_be32(b, crc(b->at + begin - 4, len + 4));
}

/* Each row: 2 for "up", then what differs from the row above. */
static uint8_t *filter(const uint32_t *pixels, uint32_t width, uint32_t height, size_t *len)
{
    uint8_t *raw = malloc(((size_t)width * 3 + 1) * height);
    size_t n = 0;
    for (uint32_t y = 0; raw != NULL && y < height; y++) {
        raw[n++] = 2;
        for (uint32_t x = 0; x < width; x++) {
            uint32_t p = pixels[(size_t)y * width + x];
            uint32_t above = y > 0 ? pixels[(size_t)(y - 1) * width + x] : 0;
            for (uint32_t shift = 0; shift < 24; shift += 8) {
                raw[n++] = (uint8_t)((p >> shift) - (above >> shift));
            }
        }
    }
    *len = n;
    return raw;
}

static void encode(struct bytes *b, const uint8_t *raw, size_t len, uint32_t width, uint32_t height)
{
    static const uint8_t magic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t rgb[] = {8, 2, 0, 0, 0}; /* depth, colours, the only methods there are */
    for (size_t i = 0; i < sizeof magic; i++) {
        put(b, magic[i]);
    }
    size_t begin = chunk_begin(b, "IHDR");
    put_be32(b, width);
    put_be32(b, height);
    for (size_t i = 0; i < sizeof rgb; i++) {
        put(b, rgb[i]);
    }
    chunk_end(b, begin);
    begin = chunk_begin(b, "IDAT");
    put(b, 0x78); /* RFC 1950: deflate, 32 KiB */
    put(b, 0x01);
    deflate(b, raw, len);
    put_be32(b, adler(raw, len));
    chunk_end(b, begin);
    chunk_end(b, chunk_begin(b, "IEND"));
}

int linux_write_png(const char *path, const uint32_t *pixels, uint32_t width, uint32_t height)
{
    struct bytes b = {.at = NULL};
    size_t len;
    uint8_t *raw = filter(pixels, width, height, &len);
    if (raw == NULL) {
        return ENOMEM;
    }
    encode(&b, raw, len, width, height);
    free(raw);
    int error = b.failed ? ENOMEM : 0;
    FILE *f = error == 0 ? fopen(path, "wb") : NULL;
    if (f == NULL) {
        error = error != 0 ? error : errno;
    } else {
        error = fwrite(b.at, 1, b.len, f) == b.len ? 0 : errno;
        error = fclose(f) != 0 && error == 0 ? errno : error;
    }
    free(b.at);
    return error;
}
