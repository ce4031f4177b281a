/* SPDX-License-Identifier: MIT */
/*
 * <ctx/draw.h> - rectangles, corners, shadows, letters and icons into an array of pixels: a
 * surface, a canvas, or a picture that nobody sees. In libctx_ui.a; needs no Context, no C library
 * and no memory, and keeps nothing between calls. All functions are [any]: they touch only what
 * they are given.
 *
 * Coordinates and lengths are whole pixels, of the target. What lies outside the target or the clip
 * is left out; rectangles may lie anywhere (within +-1,000,000) and those without width or height
 * draw nothing.
 */
#ifndef CTX_DRAW_H
#define CTX_DRAW_H

#include <ctx/font.h>
#include <ctx/tables.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A colour: the four bytes of struct ctx_rgba as one little-endian number, not multiplied by their
 * opacity. CTX_RGB(0xrrggbb) has the order that people write; CTX_ALPHA(color, 0..255) is the same
 * colour, that opaque.
 */
#define CTX_RGB(hex)                                                                               \
    (0xff000000u | ((uint32_t)(hex)&0xffu) << 16 | ((uint32_t)(hex)&0xff00u) |                     \
     ((uint32_t)(hex) >> 16 & 0xffu))
#define CTX_ALPHA(color, alpha) (((uint32_t)(color)&0xffffffu) | (uint32_t)(alpha) << 24)

struct ctx_rect {
    int32_t x, y, w, h; /* left, top, width, height */
};

#define CTX_RECT(x, y, w, h) ((struct ctx_rect){(x), (y), (w), (h)})

/* Where to draw. pixels and pitch stay the caller's. */
struct ctx_draw {
    uint32_t *pixels; /* row by row from the top left */
    int32_t w, h;     /* pixels */
    int32_t pitch;    /* pixels from one row to the next, >= w */
    uint32_t format;  /* CTX_SURFACE_RGBX: what is drawn is opaque. CTX_SURFACE_RGBA: what is below
                         may be transparent, and stays so where nothing is drawn */
    struct ctx_rect clip; /* nothing outside of it is touched; ctx_draw_on says all of the target */
};

/* A target whose clip is all of it. w, h, pitch >= 0; pixels may be NULL when one of them is 0. */
struct ctx_draw ctx_draw_on(void *pixels, uint32_t w, uint32_t h, uint32_t pitch, uint32_t format);

/* What two rectangles share; none: w and h are 0. */
struct ctx_rect ctx_rect_and(struct ctx_rect a, struct ctx_rect b);
/* The smallest that has both in it; one without pixels does not count. */
struct ctx_rect ctx_rect_or(struct ctx_rect a, struct ctx_rect b);
/* Smaller by n on each side, larger with n < 0. Never less than nothing. */
struct ctx_rect ctx_rect_inset(struct ctx_rect r, int32_t n);
/* 1: the point lies in it. */
int ctx_rect_has(struct ctx_rect r, int32_t x, int32_t y);
/* Cut n pixels off a side of *r; answers the part that was cut off, never more than there is. */
struct ctx_rect ctx_rect_left(struct ctx_rect *r, int32_t n);
struct ctx_rect ctx_rect_right(struct ctx_rect *r, int32_t n);
struct ctx_rect ctx_rect_top(struct ctx_rect *r, int32_t n);
struct ctx_rect ctx_rect_bottom(struct ctx_rect *r, int32_t n);

/* a to b: t = 0 is a, 256 is b. Opacity is mixed, too. */
uint32_t ctx_color_mix(uint32_t a, uint32_t b, uint32_t t);

/* Fill; a colour that is not opaque is mixed with what is there. */
void ctx_draw_fill(const struct ctx_draw *d, struct ctx_rect r, uint32_t color);
/* Write the colour as it is, opacity included: how a surface is made transparent again. */
void ctx_draw_clear(const struct ctx_draw *d, struct ctx_rect r, uint32_t color);
/* From one opaque colour to another: top to bottom, or left to right with across = 1. */
void ctx_draw_gradient(const struct ctx_draw *d, struct ctx_rect r, uint32_t from, uint32_t to,
                       int across);
/* A frame of `thick` pixels inside the edges of r. */
void ctx_draw_border(const struct ctx_draw *d, struct ctx_rect r, int32_t thick, uint32_t color);
/* Filled, with round corners that have smooth edges. radius is at most half of a side. */
void ctx_draw_round(const struct ctx_draw *d, struct ctx_rect r, int32_t radius, uint32_t color);
/* The frame of such a rectangle, `thick` pixels inwards. */
void ctx_draw_ring(const struct ctx_draw *d, struct ctx_rect r, int32_t radius, int32_t thick,
                   uint32_t color);
/*
 * The soft shadow that r throws: `blur` pixels wide around it (64 at most), as dark as the colour's
 * opacity right at the edge. What lies in r itself is not touched.
 */
void ctx_draw_shadow(const struct ctx_draw *d, struct ctx_rect r, int32_t blur, uint32_t color);
/* Another picture's w times h pixels, its upper left one at x, y; as in RGBX, or mixed as in RGBA.
 */
void ctx_draw_picture(const struct ctx_draw *d, int32_t x, int32_t y, const struct ctx_draw *from);

/*
 * ---- letters ----
 * Texts are UTF-8, len bytes or up to a NUL with CTX_TEXT_ALL. Bytes that are none count as U+FFFD,
 * one each; what a font lacks is a box.
 */
#define CTX_TEXT_ALL UINT32_MAX

/* The character at text[*at] of len bytes, and *at behind it. At the end: 0, and nothing moves. */
uint32_t ctx_utf8_next(const char *text, uint32_t len, uint32_t *at);
/* Where the character begins that ends before `at`; 0 at the start. */
uint32_t ctx_utf8_before(const char *text, uint32_t at);

/* Its width in pixels, on one line. */
int32_t ctx_text_width(const struct ctx_font *font, const char *text, uint32_t len);
/* How many bytes of it fit into `width` pixels, whole characters. */
uint32_t ctx_text_fit(const struct ctx_font *font, const char *text, uint32_t len, int32_t width);
/* The place between two characters that is nearest to x pixels from its start, in bytes. */
uint32_t ctx_text_at(const struct ctx_font *font, const char *text, uint32_t len, int32_t x);

/* On one line, its upper left corner at x, y; answers its width. Control characters are boxes. */
int32_t ctx_draw_text(const struct ctx_draw *d, const struct ctx_font *font, int32_t x, int32_t y,
                      const char *text, uint32_t len, uint32_t color);

#define CTX_TEXT_LEFT   0u
#define CTX_TEXT_CENTER 1u
#define CTX_TEXT_RIGHT  2u
/* In a rectangle, in the middle of its height; what is too long ends in an ellipsis. */
void ctx_draw_text_in(const struct ctx_draw *d, const struct ctx_font *font, struct ctx_rect r,
                      const char *text, uint32_t len, uint32_t align, uint32_t color);

/* ---- icons, drawn for their size: strokes with round ends ---- */
#define CTX_ICON_NONE     0u
#define CTX_ICON_CLOSE    1u
#define CTX_ICON_MINIMIZE 2u
#define CTX_ICON_MAXIMIZE 3u
#define CTX_ICON_RESTORE  4u
#define CTX_ICON_SEARCH   5u
#define CTX_ICON_LEFT     6u /* chevrons */
#define CTX_ICON_RIGHT    7u
#define CTX_ICON_UP       8u
#define CTX_ICON_DOWN     9u
#define CTX_ICON_MENU     10u
#define CTX_ICON_CHECK    11u
#define CTX_ICON_WARN     12u
#define CTX_ICON_INFO     13u
#define CTX_ICON_APP      14u
#define CTX_ICON_PLUS     15u
#define CTX_ICON_DOT      16u
#define CTX_ICON_REDO     17u /* an arrow around: begin anew */
#define CTX_ICON_UNDO     18u
#define CTX_ICON_POWER    19u
#define CTX_ICON_GEAR     20u
#define CTX_ICON_COPY     21u
#define CTX_ICON_LIST     22u
#define CTX_ICON_FULL     23u /* the whole screen */
#define CTX_ICON_FOLDER   24u
#define CTX_ICON_TEXT     25u
#define CTX_ICON_PICTURE  26u
#define CTX_ICON_BRUSH    27u
#define CTX_ICON_TERMINAL 28u
#define CTX_ICON_CLOCK    29u
#define CTX_ICON_GAME     30u
#define CTX_ICON_BARS     31u /* numbers of something */
#define CTX_ICON_LAST     31u

/* In the middle of r, as large as fits into a square of it (96 at most). Unknown: nothing. */
void ctx_draw_icon(const struct ctx_draw *d, struct ctx_rect r, uint32_t icon, uint32_t color);
/* An app's, by its name: those of this project have a symbol, others their first letter, on a plate
 * in a colour that depends on the name, always the same one. */
void ctx_draw_app_icon(const struct ctx_draw *d, struct ctx_rect r, const struct ctx_font *font,
                       const char *name);

#ifdef __cplusplus
}
#endif
#endif
