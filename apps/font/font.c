/* SPDX-License-Identifier: MIT */
/*
 * stb_truetype over the app's own memory and a handful of arithmetic; a glyph costs floating point
 * once, afterwards it is copied.
 */
#include "font.h"

#include <stddef.h>

/* The compiler may call these anyway; whoever links this has them. */
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *to, int byte, size_t len);

/* dealloc wants to know the size: it stands before the block. */
#define HEADER 16u

static struct font_memory memory;

static void *take(size_t size)
{
    uint64_t *block = memory.alloc(memory.self, size + HEADER);
    if (block == NULL) {
        return NULL;
    }
    *block = size + HEADER;
    return (uint8_t *)block + HEADER;
}

static void give(void *p)
{
    if (p != NULL) {
        uint64_t *block = (uint64_t *)(void *)((uint8_t *)p - HEADER);
        memory.free(memory.self, block, *block);
    }
}

static int whole_below(double x)
{
    int i = (int)x;
    return i > x ? i - 1 : i;
}

static size_t length(const char *text)
{
    size_t n = 0;
    while (text[n] != 0) {
        n++;
    }
    return n;
}

#define STBTT_malloc(size, user) ((void)(user), take(size))
#define STBTT_free(p, user)      ((void)(user), give(p))
#define STBTT_ifloor(x)          whole_below(x)
#define STBTT_iceil(x)           (-whole_below(-(x)))
#define STBTT_sqrt(x)            __builtin_sqrt(x)
#define STBTT_fabs(x)            __builtin_fabs(x)
#define STBTT_assert(x)          ((void)0)
#define STBTT_strlen(x)          length(x)
#define STBTT_memcpy             memcpy
#define STBTT_memset             memset
/* Only for signed distance fields, which nobody here makes. */
#define STBTT_pow(x, y)  ((void)(x), (void)(y), 0.0)
#define STBTT_fmod(x, y) ((void)(x), (void)(y), 0.0)
#define STBTT_cos(x)     ((void)(x), 0.0)
#define STBTT_acos(x)    ((void)(x), 0.0)

#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#include <stb_truetype.h>

extern const uint8_t font_ttf[]; /* font.S */

#define PIXELS  15.0f
#define WIDEST  80 /* of a glyph's picture, at the largest scale */
#define HIGHEST 112
#define GLYPHS  1024u /* in the cache, a power of two; when full it starts over */

static struct {
    stbtt_fontinfo info;
    struct glyph *glyphs[GLYPHS];
    uint32_t count;
} state;

int font_init(const struct font_memory *from)
{
    memory = *from;
    if (!stbtt_InitFont(&state.info, font_ttf, 0)) {
        return 0;
    }
    return 1;
}

static void forget_all(void)
{
    for (uint32_t i = 0; i < GLYPHS; i++) {
        give(state.glyphs[i]);
        state.glyphs[i] = NULL;
    }
    state.count = 0;
}

static uint32_t within(uint32_t scale)
{
    scale = scale < FONT_SCALE_USUAL ? FONT_SCALE_USUAL : scale;
    return scale > FONT_SCALE_MOST ? FONT_SCALE_MOST : scale;
}

static uint32_t scaled(uint32_t pixels, uint32_t scale)
{
    return (pixels * within(scale) + FONT_SCALE_USUAL / 2) / FONT_SCALE_USUAL;
}

uint32_t font_w(uint32_t scale)
{
    return scaled(FONT_W, scale);
}

uint32_t font_h(uint32_t scale)
{
    return scaled(FONT_H, scale);
}

static struct glyph *make(uint32_t code, uint32_t scale)
{
    const uint32_t cell_w = font_w(scale), cell_h = font_h(scale), row = (cell_w + 7) / 8 * 8;
    size_t bytes = sizeof(struct glyph) + (size_t)cell_h * row;
    struct glyph *g = take(bytes);
    if (g == NULL) {
        return NULL;
    }
    memset(g, 0, bytes);
    *g = (struct glyph){.code = code, .scale = scale, .w = cell_w, .h = cell_h, .row = row};
    int ascent, descent, gap;
    float pixels = PIXELS * (float)scale / (float)FONT_SCALE_USUAL;
    float size = stbtt_ScaleForPixelHeight(&state.info, pixels * 1.17f);
    stbtt_GetFontVMetrics(&state.info, &ascent, &descent, &gap);
    float height = (float)(ascent - descent) * size;
    int baseline = (int)((float)ascent * size + ((float)cell_h - height) / 2 + 0.5f);
    int index = stbtt_FindGlyphIndex(&state.info, (int)code);
    int x0, y0, x1, y1;
    stbtt_GetGlyphBitmapBox(&state.info, index, size, size, &x0, &y0, &x1, &y1);
    int w = x1 - x0, h = y1 - y0;
    if (w <= 0 || h <= 0 || w > WIDEST || h > HIGHEST) {
        return g; /* a space */
    }
    uint8_t bitmap[WIDEST * HIGHEST];
    stbtt_MakeGlyphBitmap(&state.info, bitmap, w, h, w, size, size, index);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            int at_x = x0 + x, at_y = baseline + y0 + y;
            if (at_x >= 0 && at_x < (int)cell_w && at_y >= 0 && at_y < (int)cell_h) {
                g->cover[at_y * (int)row + at_x] = bitmap[y * w + x];
            }
        }
    }
    return g;
}

static uint32_t place_of(uint32_t code, uint32_t scale)
{
    return (code ^ scale << 20) * 2654435761u >> 22; /* 10 bits */
}

const struct glyph *font_glyph_at(uint32_t code, uint32_t scale)
{
    scale = within(scale);
    uint32_t at = place_of(code, scale);
    for (const struct glyph *g; (g = state.glyphs[at % GLYPHS]) != NULL; at++) {
        if (g->code == code && g->scale == scale) {
            return g;
        }
    }
    if (state.count >= GLYPHS * 3 / 4) {
        forget_all();
        at = place_of(code, scale);
    }
    struct glyph *g = make(code, scale);
    if (g != NULL) {
        state.glyphs[at % GLYPHS] = g;
        state.count++;
    }
    return g;
}

const struct glyph *font_glyph(uint32_t code)
{
    return font_glyph_at(code, FONT_SCALE_USUAL);
}

/* a to b by t of 256, red and blue in one multiplication, green in another. */
static uint32_t mix(uint32_t a, uint32_t b, uint32_t t)
{
    uint32_t rb = ((a & 0xff00ff) * (256 - t) + (b & 0xff00ff) * t) >> 8 & 0xff00ff;
    uint32_t g = ((a & 0xff00) * (256 - t) + (b & 0xff00) * t) >> 8 & 0xff00;
    return rb | g;
}

void font_draw(uint32_t *pixels, uint32_t pitch, const struct glyph *glyph, uint32_t color)
{
    const uint8_t *cover = glyph->cover;
    const uint32_t w = glyph->w, h = glyph->h, row = glyph->row;
    for (uint32_t y = 0; y < h; y++, cover += row, pixels += pitch) {
        for (uint32_t left = 0; left < w; left += 8) {
            uint64_t eight;
            memcpy(&eight, cover + left, sizeof eight);
            if (eight == 0) {
                continue; /* most rows of most letters */
            }
            for (uint32_t x = left; x < w && x < left + 8; x++) {
                if (cover[x] != 0) {
                    pixels[x] = mix(pixels[x], color, cover[x] + (cover[x] >> 7u));
                }
            }
        }
    }
}
