/* SPDX-License-Identifier: MIT */
/* The theme's numbers for one scale; they themselves stand in <ctx/theme.h>. */
#include <ctx/theme.h>
#include <stddef.h>

static const struct ctx_font *face(const struct ctx_font *const *from, int32_t px)
{
    const struct ctx_font *best = from[0];
    for (; *from != NULL && (*from)->px <= px; from++) {
        best = *from;
    }
    return best;
}

int32_t ctx_theme_px(const struct ctx_theme *theme, int32_t px)
{
    int32_t scaled = (px * (int32_t)theme->scale + 60) / 120;
    return px > 0 && scaled < 1 ? 1 : scaled;
}

void ctx_theme_make(struct ctx_theme *theme, uint32_t scale, uint32_t flags,
                    const struct ctx_faces *faces)
{
    int contrast = (flags & CTX_THEME_CONTRAST) != 0;
    scale = scale == 0 ? 120 : scale < 60 ? 60 : scale > 480 ? 480 : scale;
    theme->scale = scale;
    theme->flags = flags;
#define COLOR(name, normal, high) theme->name = contrast ? CTX_RGB(high) : CTX_RGB(normal);
    CTX_THEME_COLORS(COLOR)
#undef COLOR
#define METRIC(name, px) theme->name = ctx_theme_px(theme, px);
    CTX_THEME_METRICS(METRIC)
#undef METRIC
    if (contrast) {
        theme->border *= 2;
        theme->focus *= 2;
    }
    theme->small = face(faces->sans, ctx_theme_px(theme, CTX_THEME_SMALL));
    theme->body = face(faces->sans, ctx_theme_px(theme, CTX_THEME_BODY));
    theme->bold = face(faces->bold, ctx_theme_px(theme, CTX_THEME_BODY));
    theme->head = face(faces->bold, ctx_theme_px(theme, CTX_THEME_TITLE));
    theme->mono = face(faces->mono, ctx_theme_px(theme, CTX_THEME_MONO));
}
