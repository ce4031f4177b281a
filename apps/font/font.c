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

#define PIXELS 15.0f
#define GLYPHS 1024u /* in the cache, a power of two; when full it starts over */

static struct {
    stbtt_fontinfo info;
    float scale;
    int baseline;
    struct glyph *glyphs[GLYPHS];
    uint32_t count;
} state;

int font_init(const struct font_memory *from)
{
    memory = *from;
    if (!stbtt_InitFont(&state.info, font_ttf, 0)) {
        return 0;
    }
    int ascent, descent, gap;
    state.scale = stbtt_ScaleForPixelHeight(&state.info, PIXELS * 1.17f);
    stbtt_GetFontVMetrics(&state.info, &ascent, &descent, &gap);
    float height = (float)(ascent - descent) * state.scale;
    state.baseline = (int)((float)ascent * state.scale + ((float)FONT_H - height) / 2 + 0.5f);
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

static struct glyph *make(uint32_t code)
{
    struct glyph *g = take(sizeof *g);
    if (g == NULL) {
        return NULL;
    }
    memset(g, 0, sizeof *g);
    g->code = code;
    int index = stbtt_FindGlyphIndex(&state.info, (int)code);
    int x0, y0, x1, y1;
    stbtt_GetGlyphBitmapBox(&state.info, index, state.scale, state.scale, &x0, &y0, &x1, &y1);
    int w = x1 - x0, h = y1 - y0;
    if (w <= 0 || h <= 0 || w > 64 || h > 64) {
        return g; /* a space */
    }
    uint8_t bitmap[64 * 64];
    stbtt_MakeGlyphBitmap(&state.info, bitmap, w, h, w, state.scale, state.scale, index);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            int at_x = x0 + x, at_y = state.baseline + y0 + y;
            if (at_x >= 0 && at_x < (int)FONT_W && at_y >= 0 && at_y < (int)FONT_H) {
                g->cover[at_y * (int)FONT_ROW + at_x] = bitmap[y * w + x];
            }
        }
    }
    return g;
}

const struct glyph *font_glyph(uint32_t code)
{
    uint32_t at = code * 2654435761u >> 22; /* 10 bits */
    while (state.glyphs[at % GLYPHS] != NULL) {
        if (state.glyphs[at % GLYPHS]->code == code) {
            return state.glyphs[at % GLYPHS];
        }
        at++;
    }
    if (state.count >= GLYPHS * 3 / 4) {
        forget_all();
        at = code * 2654435761u >> 22;
    }
    struct glyph *g = make(code);
    if (g != NULL) {
        state.glyphs[at % GLYPHS] = g;
        state.count++;
    }
    return g;
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
    for (uint32_t y = 0; y < FONT_H; y++, cover += FONT_ROW, pixels += pitch) {
        uint64_t row;
        memcpy(&row, cover, sizeof row);
        if (row == 0 && cover[8] == 0) {
            continue; /* most rows of most letters */
        }
        for (uint32_t x = 0; x < FONT_W; x++) {
            if (cover[x] != 0) {
                pixels[x] = mix(pixels[x], color, cover[x] + (cover[x] >> 7u));
            }
        }
    }
}
