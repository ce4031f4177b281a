/* SPDX-License-Identifier: MIT */
/*
 * <ctx/font.h> - letters, made by the build: DejaVu Sans and its bold from outlines, Spleen
 * (monospaced) from its bitmaps. A font is a constant of its own in libctx_ui.a, so an app has only
 * those that it names, or that the set of faces it gives to its theme names (<ctx/theme.h>).
 *
 * Characters: Latin-1, Latin Extended-A, general punctuation, arrows, some of mathematics and
 * shapes; Spleen also what boxes are drawn of. U+FFFD is there for everything else.
 */
#ifndef CTX_FONT_H
#define CTX_FONT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One character. Its rows lie at data + at, one after the other from the top, as bytes:
 *   0x00..0x3f  n + 1 pixels without it          0x40..0x7f  (n & 63) + 1 pixels full of it
 *   0x80..0x8f  one pixel, (n & 15) / 15 of it   0xc0..0xff  the row ends; it stands there (n & 63)
 *                                                            times more
 */
struct ctx_glyph {
    uint32_t at;     /* offset of its first row in the font's data */
    int8_t left;     /* columns from the pen to where its rows begin; may be < 0 */
    int8_t top;      /* rows from the line's upper edge to its first; may be < 0 */
    uint8_t rows;    /* how many, repeated ones counted; 0: a space */
    uint8_t advance; /* how far the pen moves, pixels */
};

/* `count` characters from `first` on are glyphs number `glyph` and following. */
struct ctx_font_range {
    uint16_t first, count, glyph;
};

struct ctx_font {
    uint8_t px;       /* the size it is made for */
    uint8_t height;   /* rows from one line to the next */
    uint8_t baseline; /* rows from a line's upper edge to where letters stand */
    uint8_t mono;     /* not 0: every character is that wide */
    uint16_t ranges;  /* how many; sorted, the first begins at U+0020 */
    uint16_t glyphs;  /* how many; the last stands for what is not there */
    const struct ctx_font_range *range;
    const struct ctx_glyph *glyph;
    const uint8_t *data;
};

/* The glyph of a character, or of the box for those that the font lacks. Never NULL. [any] */
const struct ctx_glyph *ctx_font_glyph(const struct ctx_font *font, uint32_t code);
/* 1: the font has it. [any] */
int ctx_font_has(const struct ctx_font *font, uint32_t code);

extern const struct ctx_font ctx_font_sans_13, ctx_font_sans_15, ctx_font_sans_18, ctx_font_sans_22,
    ctx_font_sans_26, ctx_font_sans_30, ctx_font_sans_36;
extern const struct ctx_font ctx_font_bold_13, ctx_font_bold_15, ctx_font_bold_18, ctx_font_bold_22,
    ctx_font_bold_26, ctx_font_bold_30, ctx_font_bold_36;
/* Spleen: the size is the height of its cells, 8, 12, 16 and 32 wide. */
extern const struct ctx_font ctx_font_mono_16, ctx_font_mono_24, ctx_font_mono_32, ctx_font_mono_64;

#ifdef __cplusplus
}
#endif
#endif
