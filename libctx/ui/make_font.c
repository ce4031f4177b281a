/* SPDX-License-Identifier: MIT */
/*
 * make_font NAME ttf FILE.ttf SIZE > NAME.c
 * make_font NAME psf FILE.psf > NAME.c
 *
 * Runs on the machine that builds: the C text of one struct ctx_font (<ctx/font.h>). Outlines are
 * moved a little before they are filled, up and down only, so that the heights that the eye
 * compares
 * - where letters stand, small letters, capitals, what hangs below - fall on whole rows; round
 * letters, which reach a little beyond, end there too. Nothing in the result depends on anything
 * but the file and the size.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#include <stb_truetype.h>

struct span {
    uint32_t first, last;
};

/* First ASCII, which a lookup tries first. */
static const struct span wanted[] = {
    {0x20, 0x7e},     {0xa0, 0x17f},    {0x18f, 0x18f},   {0x192, 0x192},   {0x218, 0x21b},
    {0x2c6, 0x2c7},   {0x2d8, 0x2dd},   {0x2010, 0x2027}, {0x2030, 0x2030}, {0x2032, 0x2033},
    {0x2039, 0x203a}, {0x2044, 0x2044}, {0x20ac, 0x20ac}, {0x2116, 0x2116}, {0x2122, 0x2122},
    {0x2190, 0x2199}, {0x21b5, 0x21b5}, {0x21e7, 0x21e7}, {0x2202, 0x2202}, {0x2205, 0x2206},
    {0x2211, 0x2212}, {0x221a, 0x221a}, {0x221e, 0x221e}, {0x2248, 0x2248}, {0x2260, 0x2260},
    {0x2264, 0x2265}, {0x2318, 0x2318}, {0x2500, 0x257f}, {0x2580, 0x2593}, {0x25a0, 0x25a1},
    {0x25b2, 0x25b2}, {0x25b6, 0x25b6}, {0x25bc, 0x25bc}, {0x25c0, 0x25c0}, {0x25c6, 0x25c6},
    {0x25cb, 0x25cb}, {0x25cf, 0x25cf}, {0x2605, 0x2606}, {0x2713, 0x2713}, {0x2717, 0x2717},
    {0xfffd, 0xfffd},
};

static uint8_t *data;
static size_t used, room;
static uint32_t ranges, glyphs, box_at;
static char range_text[8192], glyph_text[131072], box_text[128];
static size_t range_len, glyph_len;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "make_font: %s: %s\n", what, why);
    exit(1);
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(16u << 20);
    if (f == NULL || bytes == NULL) {
        die(path, "cannot be read");
    }
    *len = fread(bytes, 1, 16u << 20, f);
    fclose(f);
    return bytes;
}

static void put(uint32_t byte)
{
    if (used == room) {
        room = room * 2 + 4096;
        data = realloc(data, room);
        if (data == NULL) {
            die("memory", "there is none");
        }
    }
    data[used++] = (uint8_t)byte;
}

/* A row of w values 0..15 as bytes, without an end; nothing for what is empty at its right. */
static void put_row(const uint8_t *row, int w)
{
    while (w > 0 && row[w - 1] == 0) {
        w--;
    }
    for (int x = 0; x < w;) {
        int n = 1;
        while (x + n < w && n < 64 && row[x + n] == row[x]) {
            n++;
        }
        if (row[x] == 0) {
            put((uint32_t)n - 1);
        } else if (row[x] == 15) {
            put(0x40u | ((uint32_t)n - 1));
        } else {
            n = 1;
            put(0x80u | row[x]);
        }
        x += n;
    }
}

/* w times h values 0..15, the upper left one at column `left` of the pen and row `top`. */
struct glyph {
    const uint8_t *bitmap;
    int w, h, left, top, advance;
};

static int empty_row(const struct glyph *g, int y)
{
    for (int x = 0; x < g->w; x++) {
        if (g->bitmap[y * g->w + x] != 0) {
            return 0;
        }
    }
    return 1;
}

static void put_glyph(struct glyph g, char *text, size_t *len, size_t most)
{
    size_t at = used;
    while (g.h > 0 && empty_row(&g, g.h - 1)) {
        g.h--;
    }
    while (g.h > 0 && empty_row(&g, 0)) {
        g.bitmap += g.w, g.h--, g.top++;
    }
    for (int y = 0; y < g.h;) {
        const uint8_t *row = g.bitmap + y * g.w;
        int n = 1;
        while (y + n < g.h && n < 64 && memcmp(row + n * g.w, row, (size_t)g.w) == 0) {
            n++;
        }
        put_row(row, g.w);
        put(0xc0u | ((uint32_t)n - 1));
        y += n;
    }
    if (g.left < -128 || g.left > 127 || g.top < -128 || g.top > 127 || g.h > 255 ||
        g.advance > 255) {
        die("a glyph", "is too large for its struct");
    }
    *len += (size_t)snprintf(text + *len, most - *len, "    {%zu, %d, %d, %d, %d},\n", at, g.left,
                             g.h > 0 ? g.top : 0, g.h, g.advance);
    if (*len >= most) {
        die("glyphs", "too many");
    }
}

/* What comes for characters without a glyph. */
static void put_box(int w, int h, int baseline)
{
    uint8_t *bitmap = calloc((size_t)w, (size_t)h);
    if (bitmap == NULL) {
        die("memory", "there is none");
    }
    for (int x = 0; x < w; x++) {
        bitmap[x] = bitmap[(h - 1) * w + x] = 15;
    }
    for (int y = 0; y < h; y++) {
        bitmap[y * w] = bitmap[y * w + w - 1] = 15;
    }
    size_t len = 0;
    box_at = (uint32_t)used;
    put_glyph((struct glyph){bitmap, w, h, 1, baseline - h, w + 2}, box_text, &len,
              sizeof box_text);
    free(bitmap);
}

/* The character gets the next glyph. */
static void put_code(uint32_t code, uint32_t *run_first, uint32_t *run_count)
{
    if (*run_count != 0 && code == *run_first + *run_count) {
        ++*run_count;
        return;
    }
    if (*run_count != 0) {
        range_len +=
            (size_t)snprintf(range_text + range_len, sizeof range_text - range_len,
                             "    {%u, %u, %u},\n", *run_first, *run_count, glyphs - *run_count);
        ranges++;
    }
    *run_first = code;
    *run_count = 1;
}

static void print(const char *name, uint32_t px, int height, int baseline, int mono)
{
    printf("/* Made by make_font. */\n#include <ctx/font.h>\n\n");
    printf("static const struct ctx_font_range range[] = {\n%s};\n\n", range_text);
    printf("static const struct ctx_glyph glyph[] = {\n%s%s};\n\n", glyph_text, box_text);
    printf("static const uint8_t data[] = {");
    for (size_t i = 0; i < used; i++) {
        printf("%s%u,", i % 24 == 0 ? "\n    " : "", data[i]);
    }
    printf("\n};\n\nconst struct ctx_font %s = {%u, %d, %d, %d, %u, %u, range, glyph, data};\n",
           name, px, height, baseline, mono, ranges, glyphs + 1);
}

/* ---- outlines ---- */

static int whole(double x)
{
    int i = (int)x;
    return x < i ? i - 1 : i;
}

static int nearest(double x)
{
    return whole(x + 0.5);
}

struct heights {
    double from[8], to[8]; /* the font's units, and what they become, in 1/256 pixels */
    int count;
};

static int height_of(const stbtt_fontinfo *font, int code)
{
    int x0, y0, x1, y1;
    if (!stbtt_GetCodepointBox(font, code, &x0, &y0, &x1, &y1)) {
        die("the font", "lacks letters that its heights are taken from");
    }
    return y1;
}

static void add_height(struct heights *h, double from, double to)
{
    if (h->count == 0 || from > h->from[h->count - 1]) {
        h->from[h->count] = from;
        h->to[h->count++] = to;
    }
}

static void find_heights(struct heights *h, const stbtt_fontinfo *font, double scale)
{
    int x0, y0, x1, y1;
    stbtt_GetCodepointBox(font, 'p', &x0, &y0, &x1, &y1);
    int small = height_of(font, 'x'), capital = height_of(font, 'H'), tall = height_of(font, 'l');
    int round = height_of(font, 'o') - small;
    add_height(h, y0, nearest(y0 * scale) * 256.0);
    add_height(h, -round, 0);
    add_height(h, 0, 0);
    add_height(h, small, nearest(small * scale) * 256.0);
    add_height(h, small + round, nearest(small * scale) * 256.0);
    add_height(h, capital, nearest(capital * scale) * 256.0);
    add_height(h, capital + round, nearest(capital * scale) * 256.0);
    add_height(h, tall > capital + round ? tall : capital + round + 1,
               nearest(tall * scale) * 256.0);
}

static stbtt_vertex_type move(const struct heights *h, double scale, int y)
{
    int last = h->count - 1;
    double to;
    if (y <= h->from[0]) {
        to = h->to[0] + (y - h->from[0]) * scale * 256;
    } else if (y >= h->from[last]) {
        to = h->to[last] + (y - h->from[last]) * scale * 256;
    } else {
        int i = 0;
        while (y > h->from[i + 1]) {
            i++;
        }
        to =
            h->to[i] + (h->to[i + 1] - h->to[i]) * (y - h->from[i]) / (h->from[i + 1] - h->from[i]);
    }
    return (stbtt_vertex_type)nearest(to);
}

/* One character; its points are in 1/256 pixels then. */
static void outline(const stbtt_fontinfo *font, const struct heights *h, double scale, int index,
                    int baseline)
{
    enum { SIDE = 160 };
    static uint8_t bitmap[SIDE * SIDE];
    stbtt_vertex *points;
    int count = stbtt_GetGlyphShape(font, index, &points), advance, bearing;
    stbtt_GetGlyphHMetrics(font, index, &advance, &bearing);
    int wide = nearest(advance * scale), w = 0, rows = 0, left = 0, top = 0;
    /* The pen moves by whole pixels: what that takes or gives is shared by both sides. */
    double shift = (wide - advance * scale) / 2 * 256;
    int x0 = 1 << 20, y0 = 1 << 20, x1 = -(1 << 20), y1 = -(1 << 20);
    for (int i = 0; i < count; i++) {
        stbtt_vertex *p = &points[i];
        p->x = (stbtt_vertex_type)nearest(p->x * scale * 256 + shift);
        p->cx = (stbtt_vertex_type)nearest(p->cx * scale * 256 + shift);
        p->y = move(h, scale, p->y);
        p->cy = move(h, scale, p->cy);
        x0 = p->x < x0 ? p->x : x0, x1 = p->x > x1 ? p->x : x1;
        y0 = p->y < y0 ? p->y : y0, y1 = p->y > y1 ? p->y : y1;
        if (p->type == STBTT_vcurve) {
            x0 = p->cx < x0 ? p->cx : x0, x1 = p->cx > x1 ? p->cx : x1;
            y0 = p->cy < y0 ? p->cy : y0, y1 = p->cy > y1 ? p->cy : y1;
        }
    }
    if (count > 0) {
        left = whole(x0 / 256.0), top = whole(-y1 / 256.0);
        w = whole(x1 / 256.0) + 1 - left, rows = whole(-y0 / 256.0) + 1 - top;
        if (w > SIDE || rows > SIDE) {
            die("a glyph", "is too large");
        }
        memset(bitmap, 0, sizeof bitmap);
        stbtt__bitmap picture = {w, rows, w, bitmap};
        stbtt_Rasterize(&picture, 0.2f, points, count, 1 / 256.0f, 1 / 256.0f, 0, 0, left, top, 1,
                        NULL);
        for (int i = 0; i < w * rows; i++) {
            bitmap[i] = (uint8_t)((bitmap[i] * 15 + 127) / 255);
        }
    }
    put_glyph((struct glyph){bitmap, w, rows, left, baseline + top, wide}, glyph_text, &glyph_len,
              sizeof glyph_text);
    stbtt_FreeShape(font, points);
}

static void from_ttf(const char *name, const char *path, uint32_t px)
{
    size_t len;
    uint8_t *file = read_file(path, &len);
    stbtt_fontinfo font;
    if (!stbtt_InitFont(&font, file, 0)) {
        die(path, "is no TrueType font");
    }
    /* Small letters as high as whole pixels, and the rest follows them: no larger than px says. */
    double scale = (double)stbtt_ScaleForMappingEmToPixels(&font, (float)px);
    int ascent, descent, gap;
    stbtt_GetFontVMetrics(&font, &ascent, &descent, &gap);
    struct heights h = {{0}, {0}, 0};
    find_heights(&h, &font, scale);
    int baseline = whole(ascent * scale + 0.99), height = baseline + whole(-descent * scale + 0.99);
    uint32_t first = 0, count = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        for (uint32_t code = wanted[i].first; code <= wanted[i].last; code++) {
            int index = stbtt_FindGlyphIndex(&font, (int)code);
            if (index != 0 && (code < 0x2500 || code >= 0x25a0)) { /* boxes are for Spleen */
                put_code(code, &first, &count);
                outline(&font, &h, scale, index, baseline);
                glyphs++;
            }
        }
    }
    put_code(0, &first, &count);
    int capital = nearest(height_of(&font, 'H') * scale);
    put_box(capital * 5 / 8 + 1, capital, baseline);
    print(name, px, height, baseline, 0);
}

/* ---- bitmaps ---- */

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

#define CODES 0x10000
static int32_t glyph_of[CODES];

/* The table behind the bitmaps: for each, characters; sequences of several are passed over. */
static void psf1_codes(const uint8_t *p, const uint8_t *end, uint32_t count)
{
    int sequence = 0;
    for (uint32_t i = 0; i < count && end - p >= 2; p += 2) {
        uint32_t code = p[0] | (uint32_t)p[1] << 8;
        if (code == 0xffff) {
            i++, sequence = 0;
        } else if (code == 0xfffe) {
            sequence = 1;
        } else if (!sequence && glyph_of[code] < 0) {
            glyph_of[code] = (int32_t)i;
        }
    }
}

static void psf2_codes(const uint8_t *p, const uint8_t *end, uint32_t count)
{
    int sequence = 0;
    for (uint32_t i = 0; i < count && p < end;) {
        if (*p == 0xff) {
            i++, p++, sequence = 0;
        } else if (*p == 0xfe) {
            p++, sequence = 1;
        } else {
            uint32_t more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
            uint32_t code = more == 0 ? *p : *p & (0x3fu >> more);
            for (p++; more > 0 && p < end; more--, p++) {
                code = code << 6 | (*p & 0x3fu);
            }
            if (!sequence && code < CODES && glyph_of[code] < 0) {
                glyph_of[code] = (int32_t)i;
            }
        }
    }
}

static void from_psf(const char *name, const char *path)
{
    size_t len;
    const uint8_t *file = read_file(path, &len), *bits;
    uint32_t w = 8, h, count, size;
    memset(glyph_of, 0xff, sizeof glyph_of);
    if (len > 4 && file[0] == 0x36 && file[1] == 0x04) {
        count = file[2] & 1 ? 512 : 256, h = size = file[3], bits = file + 4;
    } else if (len > 32 && le32(file) == 0x864ab572) {
        count = le32(file + 16), size = le32(file + 20), h = le32(file + 24), w = le32(file + 28);
        bits = file + le32(file + 8);
    } else {
        die(path, "is no PSF font");
        return;
    }
    if (w > 32 || h > 64 || size != (w + 7) / 8 * h ||
        (size_t)(bits - file) + (size_t)count * size > len) {
        die(path, "its sizes do not fit together");
    }
    if (file[0] == 0x36) {
        psf1_codes(bits + (size_t)count * size, file + len, count);
    } else {
        psf2_codes(bits + (size_t)count * size, file + len, count);
    }
    uint32_t first = 0, run = 0;
    int baseline = (int)(h * 3 / 4);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        for (uint32_t code = wanted[i].first; code <= wanted[i].last; code++) {
            if (glyph_of[code] < 0) {
                continue;
            }
            static uint8_t bitmap[32 * 64];
            for (uint32_t y = 0; y < h; y++) {
                for (uint32_t x = 0; x < w; x++) {
                    const uint8_t *row = bits + (size_t)glyph_of[code] * size + y * ((w + 7) / 8);
                    bitmap[y * w + x] = row[x / 8] >> (7 - x % 8) & 1 ? 15 : 0;
                }
            }
            put_code(code, &first, &run);
            put_glyph((struct glyph){bitmap, (int)w, (int)h, 0, 0, (int)w}, glyph_text, &glyph_len,
                      sizeof glyph_text);
            glyphs++;
        }
    }
    put_code(0, &first, &run);
    put_box((int)w - 2, (int)h * 5 / 8, baseline);
    print(name, h, (int)h, baseline, 1);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[2], "ttf") == 0) {
        from_ttf(argv[1], argv[3], (uint32_t)strtoul(argv[4], NULL, 10));
    } else if (argc == 4 && strcmp(argv[2], "psf") == 0) {
        from_psf(argv[1], argv[3]);
    } else {
        die("usage", "make_font NAME ttf FILE SIZE | make_font NAME psf FILE");
    }
    return ferror(stdout) || fflush(stdout) != 0;
}
