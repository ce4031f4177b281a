/* SPDX-License-Identifier: MIT */
/*
 * PNG (ISO/IEC 15948, "PNG") without a library: 8-bit RGB, rows filtered by "up", deflate (RFC
 * 1951) with the fixed code and matches of distance 3 only. After the filter most of a picture
 * repeats its pixel to the left, so that is nearly all there is to find; ten times smaller than
 * stored.
 */
#include <ctx/png.h>

#define LONGEST 258u
#define HEAD    8u

/* ---- bytes ---- */

static void be32(uint8_t *to, uint32_t v)
{
    for (uint32_t i = 0; i < 4; i++) {
        to[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

static uint32_t crc(const uint8_t *at, uint32_t len)
{
    static const uint32_t of[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t c = UINT32_MAX;
    for (uint32_t i = 0; i < len; i++) {
        c ^= at[i];
        c = c >> 4 ^ of[c & 15];
        c = c >> 4 ^ of[c & 15];
    }
    return ~c;
}

/* What has gathered, as a chunk of this kind. */
static void chunk(struct ctx_png *png, const char *kind)
{
    uint8_t *room = png->room;
    be32(room, png->len);
    for (uint32_t i = 0; i < 4; i++) {
        room[4 + i] = (uint8_t)kind[i];
    }
    be32(room + HEAD + png->len, crc(room + 4, png->len + 4));
    if (!png->failed && !png->put(png->self, room, HEAD + png->len + 4)) {
        png->failed = 1;
    }
    png->len = 0;
}

static void byte(struct ctx_png *png, uint8_t value)
{
    if (png->len == CTX_PNG_ROOM) {
        chunk(png, "IDAT");
    }
    png->room[HEAD + png->len++] = value;
}

/* ---- deflate ---- */

static void put_bits(struct ctx_png *png, uint32_t value, uint32_t count)
{
    png->bits |= (uint64_t)value << png->bit_count;
    png->bit_count += count;
    for (; png->bit_count >= 8; png->bit_count -= 8, png->bits >>= 8) {
        byte(png, (uint8_t)png->bits);
    }
}

/* Huffman codes begin with their highest bit. */
static void put_code(struct ctx_png *png, uint32_t code, uint32_t count)
{
    uint32_t turned = 0;
    for (uint32_t i = 0; i < count; i++) {
        turned |= (code >> i & 1) << (count - 1 - i);
    }
    put_bits(png, turned, count);
}

/* The fixed code for literals and lengths, RFC 1951, 3.2.6. */
static void put_symbol(struct ctx_png *png, uint32_t s)
{
    if (s < 144) {
        put_code(png, 0x30 + s, 8);
    } else if (s < 256) {
        put_code(png, 0x190 + s - 144, 9);
    } else if (s < 280) {
        put_code(png, s - 256, 7);
    } else {
        put_code(png, 0xc0 + s - 280, 8);
    }
}

static void put_match(struct ctx_png *png, uint32_t len)
{
    static const uint16_t first[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                       67, 83, 99, 115, 131, 163, 195, 227, 258};
    uint32_t s = 28;
    while (first[s] > len) {
        s--;
    }
    put_symbol(png, 257 + s);
    put_bits(png, len - first[s], s < 8 || s == 28 ? 0 : s / 4 - 1);
    put_code(png, 2, 5); /* distance 3 */
}

/* What repeats, up to here: too little for a match are letters. They are the last ones. */
static void end_run(struct ctx_png *png)
{
    if (png->run >= 3) {
        put_match(png, png->run);
    } else {
        for (uint32_t i = png->run; i > 0; i--) {
            put_symbol(png, png->last[i - 1]);
        }
    }
    png->run = 0;
}

static void raw(struct ctx_png *png, uint8_t value)
{
    if (png->run == LONGEST) {
        end_run(png);
    }
    if (png->raw == 3 && value == png->last[2]) {
        png->run++;
    } else {
        end_run(png);
        put_symbol(png, value);
    }
    png->last[2] = png->last[1];
    png->last[1] = png->last[0];
    png->last[0] = value;
    png->raw += png->raw < 3;
    png->low += value;
    png->high += png->low;
    if (++png->since == 4096) { /* 5552 are possible before a sum overflows */
        png->low %= 65521;
        png->high %= 65521;
        png->since = 0;
    }
}

/* ---- the picture ---- */

void ctx_png_begin(struct ctx_png *png, uint32_t w, uint32_t h,
                   int (*put)(void *self, const void *bytes, uint32_t len), void *self)
{
    static const uint8_t magic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t rgb[] = {8, 2, 0, 0, 0}; /* depth, colours, the only methods there are */
    *png = (struct ctx_png){.put = put, .self = self, .w = w, .h = h, .low = 1};
    png->failed = !put(self, magic, sizeof magic);
    be32(png->room + HEAD, w);
    be32(png->room + HEAD + 4, h);
    for (uint32_t i = 0; i < sizeof rgb; i++) {
        png->room[HEAD + 8 + i] = rgb[i];
    }
    png->len = 13;
    chunk(png, "IHDR");
    byte(png, 0x78); /* RFC 1950: deflate, 32 KiB */
    byte(png, 0x01);
    put_bits(png, 1 | 1 << 1, 3); /* the last block, fixed codes */
}

/* 2 for "up", then what differs from the row above. */
void ctx_png_row(struct ctx_png *png, const void *pixels)
{
    const uint8_t *row = pixels, *above = png->above;
    if (png->rows == png->h) {
        return;
    }
    raw(png, 2);
    for (uint64_t i = 0; i < (uint64_t)png->w * 4; i += 4) {
        for (uint64_t k = i; k < i + 3; k++) {
            raw(png, (uint8_t)(row[k] - (above != 0 ? above[k] : 0)));
        }
    }
    png->above = row;
    png->rows++;
}

int ctx_png_end(struct ctx_png *png)
{
    if (png->rows < png->h) {
        return 0;
    }
    end_run(png);
    put_symbol(png, 256);
    put_bits(png, 0, 7); /* to the byte's end */
    uint32_t low = png->low % 65521, high = png->high % 65521;
    for (uint32_t i = 0; i < 4; i++) {
        byte(png, (uint8_t)((i < 2 ? high : low) >> (i % 2 == 0 ? 8 : 0)));
    }
    chunk(png, "IDAT");
    chunk(png, "IEND");
    return !png->failed;
}
