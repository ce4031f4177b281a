/* SPDX-License-Identifier: MIT */
/*
 * <ctx/theme.h> - what everything looks like, in one place: colours, distances, sizes of letters,
 * for people who want things as they are, larger, or in high contrast.
 *
 * The language of form: flat planes of warm dark grey, the lighter the nearer to the user; one
 * accent, amber, for what is chosen, on, or focused and for nothing else; a thin line where two
 * planes of one brightness meet; corners a little round; no gloss, no gradient on controls, a soft
 * shadow only under what floats. Pointed at is a step lighter, pressed a step darker, disabled has
 * only its letters faded. The focus is a ring of the accent along the edge of a control.
 *
 * Lengths are pixels at scale 120 (CTX_THEME_METRICS); ctx_theme_make multiplies them.
 */
#ifndef CTX_THEME_H
#define CTX_THEME_H

#include <ctx/draw.h>
#include <ctx/font.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of a theme. */
#define CTX_THEME_CONTRAST 1u /* black, white, yellow, and lines around everything */

/* X(name, normal, in high contrast), 0xrrggbb */
#define CTX_THEME_COLORS(X)                                                                        \
    X(desktop, 0x1a1917, 0x000000)      /* behind everything */                                    \
    X(window, 0x262421, 0x000000)       /* what a window's contents lie on */                      \
    X(panel, 0x2e2c28, 0x000000)        /* bars, groups, menus, the task bar */                    \
    X(title, 0x36332e, 0x000000)        /* the title of the window that has the keys */            \
    X(title_idle, 0x2b2926, 0x000000)   /* and of the others */                                    \
    X(control, 0x403c36, 0x000000)      /* buttons */                                              \
    X(hover, 0x4c4740, 0x303030)        /* pointed at */                                           \
    X(press, 0x34302b, 0x505050)        /* pressed */                                              \
    X(field, 0x1c1b19, 0x000000)        /* where text is typed, lists, the track of a slider */    \
    X(line, 0x4a463f, 0xffffff)         /* thin lines: edges of fields, panels, menus */           \
    X(text, 0xece7df, 0xffffff)         /* */                                                      \
    X(muted, 0xada69a, 0xffffff)        /* what explains other text */                             \
    X(disabled, 0x7d766b, 0x9a9a9a)     /* */                                                      \
    X(accent, 0xe3a857, 0xffe000)       /* on, chosen, the focus */                                \
    X(accent_hover, 0xeebb75, 0xfff080) /* */                                                      \
    X(on_accent, 0x1f1608, 0x000000)    /* letters on the accent */                                \
    X(select, 0x5a4526, 0xffe000)       /* behind chosen text and rows */                          \
    X(on_select, 0xfff3df, 0x000000)    /* letters on that */                                      \
    X(thumb, 0x5d5850, 0xffffff)        /* what a scroll bar is moved by */                        \
    X(danger, 0xd9604c, 0xff6060)       /* what cannot be taken back, errors */                    \
    X(on_danger, 0x1f0a06, 0x000000)    /* */                                                      \
    X(warn, 0xdcc05a, 0xffff60)         /* */                                                      \
    X(good, 0x8fb573, 0x60ff60)         /* */

/* X(name, pixels at scale 120) */
#define CTX_THEME_METRICS(X)                                                                       \
    X(pad, 12)          /* from a window's edge to what is in it */                                \
    X(gap, 8)           /* between two controls */                                                 \
    X(control_h, 30)    /* height of a button, a field */                                          \
    X(row_h, 26)        /* of a list's or a menu's row */                                          \
    X(title_h, 32)      /* of a window's title */                                                  \
    X(bar_h, 40)        /* of the task bar */                                                      \
    X(radius, 5)        /* of a control's corners */                                               \
    X(window_radius, 8) /* of a window's upper corners, menus, notices */                          \
    X(border, 1)        /* thin lines */                                                           \
    X(focus, 2)         /* thickness of the focus ring */                                          \
    X(caret, 2)         /* width of the line between two characters */                             \
    X(scroll_w, 10)     /* width of a scroll bar */                                                \
    X(icon, 16)         /* of icons beside text */                                                 \
    X(app_icon, 48)     /* of apps in the launcher */                                              \
    X(shadow, 24)       /* how far a window's shadow reaches */

/* Sizes of letters, in pixels at scale 120; of Spleen the height of a cell. */
#define CTX_THEME_SMALL 13
#define CTX_THEME_BODY  15
#define CTX_THEME_TITLE 18
#define CTX_THEME_MONO  16

/* Fonts to choose from, each list sorted by size and ended by NULL. Static, or at least kept. */
struct ctx_faces {
    const struct ctx_font *const *sans;
    const struct ctx_font *const *bold;
    const struct ctx_font *const *mono;
};

/* All fonts, for every scale up to 2.4 (640 KiB), and those for scales 1 and 2, which other scales
 * make do with (360 KiB). An app has those that it names, and no others. */
extern const struct ctx_faces ctx_faces_all;
extern const struct ctx_faces ctx_faces_1x2x;

struct ctx_theme {
    uint32_t scale; /* that it was made for, in 1/120 */
    uint32_t flags; /* CTX_THEME_* */
#define CTX_THEME_FIELD(name, normal, contrast) uint32_t name;
    CTX_THEME_COLORS(CTX_THEME_FIELD) /* for <ctx/draw.h>, opaque */
#undef CTX_THEME_FIELD
#define CTX_THEME_FIELD(name, px) int32_t name;
    CTX_THEME_METRICS(CTX_THEME_FIELD) /* pixels, at least 1 */
#undef CTX_THEME_FIELD
    const struct ctx_font *small, *body, *bold, *head, *mono;
};

/*
 * The theme for a scale (ctx_display_info.scale; 0 counts as 120, and it is kept between 60 and
 * 480). Fonts are the largest of faces that are not larger than wanted, or the smallest there is.
 * The result depends on nothing else, and may be copied and kept. [any]
 */
void ctx_theme_make(struct ctx_theme *theme, uint32_t scale, uint32_t flags,
                    const struct ctx_faces *faces);

/* A length of the app's own, in the theme's scale; at least 1 if px is. [any] */
int32_t ctx_theme_px(const struct ctx_theme *theme, int32_t px);

#ifdef __cplusplus
}
#endif
#endif
