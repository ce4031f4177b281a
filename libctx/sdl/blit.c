/* SPDX-License-Identifier: MIT */
/*
 * Copies of rectangles between any two formats: scaled by the nearest pixel, mirrored, with a
 * colour key, modulated, blended. A row goes in pieces: pixels become RGBA, are mixed with what is
 * there, and become the other format. Pure.
 */
#include "private.h"

#define PIECE 2048 /* most screens are no wider: then rows are gone through one after the other */

static uint8_t *at(const struct sdl_side *side, int x, int y)
{
    return (uint8_t *)side->pixels + (ptrdiff_t)y * side->pitch +
           (ptrdiff_t)x * side->format->BytesPerPixel;
}

/* Which of `size` source pixels is seen at place i of `shown`. */
static int source_of(int i, int shown, int size, bool mirrored)
{
    int k = shown == size ? i : (int)(((int64_t)i * 2 + 1) * size / ((int64_t)shown * 2));
    return mirrored ? size - 1 - k : k;
}

/* An index of 1 or 4 bits. */
static uint32_t small(const SDL_PixelFormat *f, const uint8_t *row, int x)
{
    int bits = f->BitsPerPixel, each = 8 / bits, at_bit = x % each * bits;
    bool first_is_high = SDL_PIXELORDER(f->format) == 2; /* as the enumerators have it */
    return (uint32_t)row[x / each] >> (first_is_high ? 8 - bits - at_bit : at_bit) &
           ((1u << bits) - 1);
}

/* Bytes as they are. */
static bool plain(const struct sdl_blit *b)
{
    const SDL_PixelFormat *f = b->from.format, *t = b->to.format;
    bool opaque =
        b->mode == SDL_BLENDMODE_NONE || (b->mode == SDL_BLENDMODE_BLEND && f->Amask == 0 &&
                                          f->palette == NULL && b->mod >> 24 == 255);
    return opaque && f->BitsPerPixel >= 8 && b->mod == SDL_WHITE && !b->keyed && b->flip == 0 &&
           b->src.w == b->dst.w && b->src.h == b->dst.h && f->format == t->format &&
           f->palette == t->palette && f->format != SDL_PIXELFORMAT_UNKNOWN;
}

static void copy(const struct sdl_blit *b, const SDL_Rect *r)
{
    size_t bytes = (size_t)r->w * b->to.format->BytesPerPixel;
    int x = b->src.x + r->x - b->dst.x, y = b->src.y + r->y - b->dst.y;
    bool upwards = (uint8_t *)b->from.pixels < (uint8_t *)b->to.pixels ||
                   (b->from.pixels == b->to.pixels && y < r->y);
    for (int i = 0; i < r->h; i++) { /* a surface may be copied within itself */
        int k = upwards ? r->h - 1 - i : i;
        memmove(at(&b->to, r->x, r->y + k), at(&b->from, x, y + k), bytes);
    }
}

/* Whether these pixels are what is seen, whatever was there: nothing shines through any of them. */
static bool covers(const struct sdl_blit *b, const uint32_t *from, const int *columns, int count)
{
    int first = columns[0], last = columns[count - 1];
    uint32_t all = UINT32_MAX;
    if (b->mode != SDL_BLENDMODE_BLEND || b->mod != SDL_WHITE) {
        return b->mode == SDL_BLENDMODE_NONE && b->mod == SDL_WHITE;
    }
    for (int i = first < last ? first : last; i <= (first < last ? last : first); i++) {
        all &= from[i];
    }
    return all >> 24 == 255;
}

/* Pixels that cover, in their order or not. */
static void row_covered(const uint32_t *from, const int *columns, uint32_t *to, int count,
                        bool straight)
{
    if (straight) {
        memmove(to, from + columns[0], (size_t)count * sizeof *to);
        return;
    }
    for (int i = 0; i < count; i++) {
        to[i] = from[columns[i]];
    }
}

/* What most pixels of most games are is done here: opaque, or nothing. */
static void row_rgba32(const struct sdl_blit *b, const uint32_t *from, const int *columns,
                       uint32_t *to, int count)
{
    bool plainly = b->mod == SDL_WHITE;
    for (int i = 0; i < count; i++) {
        uint32_t s = plainly ? from[columns[i]] : sdl_modulate(from[columns[i]], b->mod);
        if (b->mode == SDL_BLENDMODE_BLEND && s >> 24 == 255) {
            to[i] = s;
        } else if (b->mode != SDL_BLENDMODE_BLEND || s >> 24 != 0) {
            to[i] = sdl_blend(s, to[i], b->mode);
        }
    }
}

static void row(const struct sdl_blit *b, const uint8_t *from, const int *columns, uint8_t *to,
                int count)
{
    const SDL_PixelFormat *f = b->from.format, *t = b->to.format;
    bool reads = b->mode != SDL_BLENDMODE_NONE;
    uint32_t was = 0, was_rgba = 0; /* neighbours are often alike */
    bool known = false;
    for (int i = 0; i < count; i++, to += t->BytesPerPixel) {
        uint32_t pixel =
            f->BitsPerPixel < 8
                ? small(f, from, columns[i])
                : sdl_pixel_read(from + (ptrdiff_t)columns[i] * f->BytesPerPixel, f->BytesPerPixel);
        if (b->keyed && pixel == b->key) {
            continue;
        }
        if (!known || pixel != was) {
            was = pixel;
            was_rgba = sdl_modulate(sdl_pixel_in(f, pixel), b->mod);
            known = true;
        }
        uint32_t s = was_rgba;
        if (reads && s >> 24 != 255 && b->mode == SDL_BLENDMODE_BLEND && s >> 24 == 0) {
            continue; /* an index would be looked for again */
        }
        if (reads) {
            uint32_t d = sdl_pixel_in(t, sdl_pixel_read(to, t->BytesPerPixel));
            s = sdl_blend(s, d, b->mode);
        }
        sdl_pixel_write(to, t->BytesPerPixel, sdl_pixel_out(t, s));
    }
}

/* Indexes to indexes: each is looked for once. */
static void make_map(const struct sdl_blit *b, uint8_t map[256])
{
    const SDL_Palette *p = b->from.format->palette, *q = b->to.format->palette;
    bool same =
        p == q || (p->ncolors <= q->ncolors &&
                   memcmp(p->colors, q->colors, (size_t)p->ncolors * sizeof *p->colors) == 0);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t rgba = sdl_modulate(sdl_pixel_in(b->from.format, i), b->mod | 0xff000000u);
        map[i] = (uint8_t)(same && b->mod == SDL_WHITE ? i : sdl_pixel_out(b->to.format, rgba));
    }
}

static void row_mapped(const struct sdl_blit *b, const uint8_t map[256], const uint8_t *from,
                       const int *columns, uint8_t *to, int count)
{
    for (int i = 0; i < count; i++) {
        uint8_t pixel = from[columns[i]];
        if (!b->keyed || pixel != b->key) {
            to[i] = map[pixel];
        }
    }
}

/* What each index becomes in a format of four bytes. False: some shine through, or are left out. */
static bool make_table(const struct sdl_blit *b, uint32_t table[256])
{
    const SDL_PixelFormat *f = b->from.format, *t = b->to.format;
    if (f->palette == NULL || f->BitsPerPixel != 8 || t->BytesPerPixel != 4 || b->keyed ||
        (b->mode != SDL_BLENDMODE_NONE && b->mode != SDL_BLENDMODE_BLEND)) {
        return false;
    }
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t rgba = sdl_modulate(sdl_pixel_in(f, i), b->mod);
        if (b->mode == SDL_BLENDMODE_BLEND && rgba >> 24 != 255) {
            return false;
        }
        table[i] = sdl_pixel_out(t, rgba);
    }
    return true;
}

static void row_by_table(const uint32_t table[256], const uint8_t *from, const int *columns,
                         uint8_t *to, int count)
{
    for (int i = 0; i < count; i++) {
        memcpy(to + (size_t)i * 4, &table[from[columns[i]]], 4);
    }
}

static bool is_four_bytes(const SDL_PixelFormat *f)
{
    return f->palette == NULL && f->BytesPerPixel == 4 && f->Rloss == 0 && f->Gloss == 0 &&
           f->Bloss == 0 && (f->Amask == 0 || f->Aloss == 0);
}

/* The same bytes in another order. */
static bool is_swapped(const struct sdl_blit *b)
{
    bool covers_all = b->mode == SDL_BLENDMODE_NONE ||
                      (b->mode == SDL_BLENDMODE_BLEND && b->from.format->Amask == 0);
    return covers_all && !b->keyed && b->mod == SDL_WHITE && is_four_bytes(b->from.format) &&
           is_four_bytes(b->to.format);
}

static void row_swapped(const struct sdl_blit *b, const uint8_t *from, const int *columns,
                        uint8_t *to, int count)
{
    const SDL_PixelFormat f = *b->from.format, t = *b->to.format;
    uint32_t none = f.Amask == 0 ? 255 : 0;
    for (int i = 0; i < count; i++) {
        uint32_t p, q;
        memcpy(&p, from + (ptrdiff_t)columns[i] * 4, 4);
        q = (p >> f.Rshift & 255) << t.Rshift | (p >> f.Gshift & 255) << t.Gshift |
            (p >> f.Bshift & 255) << t.Bshift;
        q |= t.Amask != 0 ? ((p >> f.Ashift & 255) | none) << t.Ashift : 0;
        memcpy(to + (size_t)i * 4, &q, 4);
    }
}

void sdl_blit(const struct sdl_blit *b)
{
    SDL_Rect r;
    int columns[PIECE];
    uint8_t map[256];
    uint32_t table[256];
    if (b->src.w <= 0 || b->src.h <= 0 || !SDL_IntersectRect(&b->dst, &b->clip, &r)) {
        return;
    }
    if (plain(b)) {
        copy(b, &r);
        return;
    }
    bool fast = b->from.format->format == SDL_PIXELFORMAT_RGBA32 &&
                b->to.format->format == SDL_PIXELFORMAT_RGBA32 && !b->keyed;
    bool bytes =
        b->from.format->BitsPerPixel >= 8; /* else its columns count from the row's beginning */
    bool mapped = bytes && b->from.format->palette != NULL && b->to.format->palette != NULL &&
                  (b->mode == SDL_BLENDMODE_NONE || b->mode == SDL_BLENDMODE_BLEND);
    if (mapped) {
        make_map(b, map);
    }
    bool looked_up = !fast && !mapped && make_table(b, table);
    bool swapped = !fast && is_swapped(b);
    for (int x = r.x; x < r.x + r.w; x += PIECE) {
        int count = r.x + r.w - x < PIECE ? r.x + r.w - x : PIECE;
        for (int i = 0; i < count; i++) {
            columns[i] = source_of(x + i - b->dst.x, b->dst.w, b->src.w,
                                   (b->flip & SDL_FLIP_HORIZONTAL) != 0);
            columns[i] += bytes ? 0 : b->src.x;
        }
        bool covered = false, straight = b->dst.w == b->src.w && b->flip == 0;
        for (int y = r.y, before = -1, line; y < r.y + r.h; y++, before = line) {
            line = source_of(y - b->dst.y, b->dst.h, b->src.h, (b->flip & SDL_FLIP_VERTICAL) != 0);
            const uint8_t *from = at(&b->from, bytes ? b->src.x : 0, b->src.y + line);
            uint8_t *to = at(&b->to, x, y);
            const uint32_t *from_rgba = fast ? (const uint32_t *)(const void *)from : NULL;
            if (fast && line != before) {
                covered = covers(b, from_rgba, columns, count);
            }
            if (fast && line == before && (covered || b->mode == SDL_BLENDMODE_NONE)) {
                memcpy(to, to - b->to.pitch, (size_t)count * 4); /* as the one above */
            } else if (fast && covered) {
                row_covered(from_rgba, columns, (uint32_t *)(void *)to, count, straight);
            } else if (fast) {
                row_rgba32(b, from_rgba, columns, (uint32_t *)(void *)to, count);
            } else if (mapped) {
                row_mapped(b, map, from, columns, to, count);
            } else if (looked_up) {
                row_by_table(table, from, columns, to, count);
            } else if (swapped) {
                row_swapped(b, from, columns, to, count);
            } else {
                row(b, from, columns, to, count);
            }
        }
    }
}

/* What lies around it, turned: none is drawn outside of that. */
static SDL_Rect around(const SDL_Rect *dst, double sine, double cosine, double cx, double cy)
{
    double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
    for (int i = 0; i < 4; i++) {
        double u = ((i & 1) != 0 ? dst->w : 0) - cx, v = ((i & 2) != 0 ? dst->h : 0) - cy;
        double x = dst->x + cx + u * cosine - v * sine, y = dst->y + cy + u * sine + v * cosine;
        left = x < left ? x : left;
        right = x > right ? x : right;
        top = y < top ? y : top;
        bottom = y > bottom ? y : bottom;
    }
    int x = (int)floor(left), y = (int)floor(top);
    return (SDL_Rect){x, y, (int)ceil(right) - x, (int)ceil(bottom) - y};
}

void sdl_blit_turned(const struct sdl_blit *b, double angle, double cx, double cy)
{
    double sine = sin(angle * M_PI / 180), cosine = cos(angle * M_PI / 180);
    SDL_Rect r = around(&b->dst, sine, cosine, cx, cy);
    if (b->src.w <= 0 || b->src.h <= 0 || b->dst.w <= 0 || b->dst.h <= 0 ||
        !SDL_IntersectRect(&r, &b->clip, &r)) {
        return;
    }
    for (int y = r.y; y < r.y + r.h; y++) {
        uint32_t *to = (uint32_t *)(void *)at(&b->to, 0, y);
        for (int x = r.x; x < r.x + r.w; x++) {
            double u = x + 0.5 - b->dst.x - cx, v = y + 0.5 - b->dst.y - cy;
            double px = u * cosine + v * sine + cx, py = v * cosine - u * sine + cy;
            if (px < 0 || py < 0 || px >= b->dst.w || py >= b->dst.h) {
                continue;
            }
            int i = source_of((int)px, b->dst.w, b->src.w, (b->flip & SDL_FLIP_HORIZONTAL) != 0);
            int k = source_of((int)py, b->dst.h, b->src.h, (b->flip & SDL_FLIP_VERTICAL) != 0);
            uint32_t s = sdl_pixel_read(at(&b->from, b->src.x + i, b->src.y + k), 4);
            to[x] = sdl_blend(sdl_modulate(s, b->mod), to[x], b->mode);
        }
    }
}

void sdl_fill(uint32_t *pixels, int pitch_px, const SDL_Rect *clip, const SDL_Rect *rect,
              uint32_t rgba, SDL_BlendMode mode)
{
    SDL_Rect r;
    if (!SDL_IntersectRect(clip, rect, &r)) {
        return;
    }
    bool opaque = mode == SDL_BLENDMODE_NONE || (mode == SDL_BLENDMODE_BLEND && rgba >> 24 == 255);
    for (int y = r.y; y < r.y + r.h; y++) {
        uint32_t *to = pixels + (ptrdiff_t)y * pitch_px + r.x;
        for (int x = 0; opaque && x < r.w; x++) {
            to[x] = rgba;
        }
        for (int x = 0; !opaque && x < r.w; x++) {
            to[x] = sdl_blend(rgba, to[x], mode);
        }
    }
}
