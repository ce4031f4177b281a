/* SPDX-License-Identifier: MIT */
/*
 * Glyphs of a TrueType font, drawn once each and kept as coverage, one cell wide. A cell
 * has FONT_W x FONT_H pixels, or for a screen of more pixels what font_w() and font_h() say.
 */
#ifndef FONT_FONT_H
#define FONT_FONT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FONT_W   9u /* a cell: DejaVu Sans Mono at 15 pixels */
#define FONT_H   19u
#define FONT_ROW 16u /* bytes per row of coverage: FONT_W, and zeroes up to whole words */

struct glyph {
    uint32_t code, scale;
    uint32_t w, h, row; /* of its cell; bytes of a row of coverage */
    uint8_t cover[];    /* 0..255 */
};

#define FONT_SCALE_USUAL 120u
#define FONT_SCALE_MOST  480u

/* Where glyphs are kept: blocks aligned to 16 bytes, NULL when there are no more. */
struct font_memory {
    void *(*alloc)(void *self, size_t size);
    void (*free)(void *self, void *p, size_t size);
    void *self;
};

/* False: the font can not be read. Once. */
int font_init(const struct font_memory *from);

/* A cell's size at a scale, as ctx_display_info.scale has it: from usual to most. */
uint32_t font_w(uint32_t scale);
uint32_t font_h(uint32_t scale);

/* The glyph of a character; one without a glyph shows a box. NULL when there is no memory. */
const struct glyph *font_glyph(uint32_t code);
const struct glyph *font_glyph_at(uint32_t code, uint32_t scale);

/* Mix a glyph into pixels, whose rows are pitch pixels long, from its top left corner. The cell
 * lies inside. */
void font_draw(uint32_t *pixels, uint32_t pitch, const struct glyph *glyph, uint32_t color);

#ifdef __cplusplus
}
#endif
#endif
