/* SPDX-License-Identifier: MIT */
/*
 * Icons are strokes on a square of 48 by 48, drawn for the size that is wanted: each pixel is as
 * full as it is near to a line. Strokes are gathered in a mask first, so that where two meet
 * nothing is drawn twice.
 */
#include "draw.h"

#include <stddef.h>

#define MOST                96 /* pixels of a side */
#define UNIT                48

#define MOVE                0 /* x, y: begin there */
#define LINE                1 /* x, y: on to there */
#define CIRCLE              2 /* x, y, r */
#define DISC                3 /* x, y, r: filled */
#define END                 4

#define BOX(x0, y0, x1, y1) MOVE, x0, y0, LINE, x1, y0, LINE, x1, y1, LINE, x0, y1, LINE, x0, y0

/* One after the other, in the order of CTX_ICON_*. */
/* clang-format off */
static const uint8_t strokes[] = {
    /* NONE */ END,
    /* CLOSE */ MOVE, 12, 12, LINE, 36, 36, MOVE, 36, 12, LINE, 12, 36, END,
    /* MINIMIZE */ MOVE, 11, 34, LINE, 37, 34, END,
    /* MAXIMIZE */ BOX(11, 11, 37, 37), END,
    /* RESTORE */ BOX(10, 18, 30, 38), MOVE, 18, 18, LINE, 18, 10, LINE, 38, 10, LINE, 38, 30, LINE,
    30, 30, END,
    /* SEARCH */ CIRCLE, 21, 21, 11, MOVE, 29, 29, LINE, 39, 39, END,
    /* LEFT */ MOVE, 29, 12, LINE, 17, 24, LINE, 29, 36, END,
    /* RIGHT */ MOVE, 19, 12, LINE, 31, 24, LINE, 19, 36, END,
    /* UP */ MOVE, 12, 29, LINE, 24, 17, LINE, 36, 29, END,
    /* DOWN */ MOVE, 12, 19, LINE, 24, 31, LINE, 36, 19, END,
    /* MENU */ MOVE, 10, 14, LINE, 38, 14, MOVE, 10, 24, LINE, 38, 24, MOVE, 10, 34, LINE, 38, 34,
    END,
    /* CHECK */ MOVE, 10, 25, LINE, 20, 35, LINE, 38, 13, END,
    /* WARN */ MOVE, 24, 8, LINE, 42, 39, LINE, 6, 39, LINE, 24, 8, MOVE, 24, 19, LINE, 24, 28,
    DISC, 24, 34, 2, END,
    /* INFO */ CIRCLE, 24, 24, 17, MOVE, 24, 23, LINE, 24, 33, DISC, 24, 16, 2, END,
    /* APP */ BOX(8, 10, 40, 38), MOVE, 8, 18, LINE, 40, 18, END,
    /* PLUS */ MOVE, 24, 11, LINE, 24, 37, MOVE, 11, 24, LINE, 37, 24, END,
    /* DOT */ DISC, 24, 24, 8, END,
    /* REDO */ MOVE, 37, 24, LINE, 34, 33, LINE, 26, 38, LINE, 17, 36, LINE, 11, 29, LINE, 11, 20,
    LINE, 17, 12, LINE, 26, 10, LINE, 34, 15, MOVE, 35, 6, LINE, 35, 16, LINE, 25, 16, END,
    /* UNDO */ MOVE, 20, 9, LINE, 10, 19, LINE, 20, 29, MOVE, 10, 19, LINE, 29, 19, LINE, 36, 23,
    LINE, 38, 29, LINE, 36, 35, LINE, 29, 39, LINE, 20, 39, END,
    /* POWER */ MOVE, 24, 7, LINE, 24, 22, MOVE, 15, 13, LINE, 10, 21, LINE, 10, 29, LINE, 15, 37,
    LINE, 24, 40, LINE, 33, 37, LINE, 38, 29, LINE, 38, 21, LINE, 33, 13, END,
    /* GEAR */ CIRCLE, 24, 24, 6, CIRCLE, 24, 24, 13, MOVE, 24, 11, LINE, 24, 6, MOVE, 24, 37, LINE,
    24, 42, MOVE, 11, 24, LINE, 6, 24, MOVE, 37, 24, LINE, 42, 24, MOVE, 15, 15, LINE, 11, 11, MOVE,
    33, 33, LINE, 37, 37, MOVE, 33, 15, LINE, 37, 11, MOVE, 15, 33, LINE, 11, 37, END,
    /* COPY */ BOX(17, 17, 39, 39), MOVE, 17, 31, LINE, 9, 31, LINE, 9, 9, LINE, 31, 9, LINE, 31,
    17, END,
    /* LIST */ MOVE, 18, 13, LINE, 39, 13, MOVE, 18, 24, LINE, 39, 24, MOVE, 18, 35, LINE, 39, 35,
    DISC, 10, 13, 2, DISC, 10, 24, 2, DISC, 10, 35, 2, END,
    /* FULL */ MOVE, 9, 18, LINE, 9, 9, LINE, 18, 9, MOVE, 30, 9, LINE, 39, 9, LINE, 39, 18, MOVE,
    39, 30, LINE, 39, 39, LINE, 30, 39, MOVE, 18, 39, LINE, 9, 39, LINE, 9, 30, END,
    /* FOLDER */ MOVE, 7, 38, LINE, 7, 11, LINE, 19, 11, LINE, 23, 17, LINE, 41, 17, LINE, 41, 38,
    LINE, 7, 38, END,
    /* TEXT */ BOX(11, 7, 37, 41), MOVE, 18, 17, LINE, 30, 17, MOVE, 18, 25, LINE, 30, 25, MOVE, 18,
    33, LINE, 25, 33, END,
    /* PICTURE */ BOX(7, 9, 41, 39), DISC, 16, 18, 3, MOVE, 7, 34, LINE, 18, 26, LINE, 26, 32, LINE,
    33, 23, LINE, 41, 31, END,
    /* BRUSH */ MOVE, 39, 8, LINE, 22, 26, DISC, 15, 33, 7, END,
    /* TERMINAL */ MOVE, 10, 13, LINE, 21, 24, LINE, 10, 35, MOVE, 25, 36, LINE, 39, 36, END,
    /* CLOCK */ CIRCLE, 24, 24, 16, MOVE, 24, 14, LINE, 24, 24, LINE, 31, 29, END,
    /* GAME */ MOVE, 10, 38, LINE, 10, 24, LINE, 24, 24, LINE, 24, 11, LINE, 38, 11, DISC, 38, 11, 3,
    END,
    /* BARS */ MOVE, 8, 40, LINE, 40, 40, MOVE, 14, 34, LINE, 14, 26, MOVE, 24, 34, LINE, 24, 10,
    MOVE, 34, 34, LINE, 34, 19, END,
};
/* clang-format on */

/* In 1/16 pixels: how far from the segment a-b, which may be a point. */
static int32_t from_segment(const int32_t a[2], const int32_t b[2], int32_t x, int32_t y)
{
    int32_t dx = b[0] - a[0], dy = b[1] - a[1], u = x - a[0], v = y - a[1];
    int32_t length = dx * dx + dy * dy, along = u * dx + v * dy;
    if (length > 0 && along > 0) {
        along = along > length ? length : along;
        u -= (int32_t)((int64_t)dx * along / length);
        v -= (int32_t)((int64_t)dy * along / length);
    }
    return (int32_t)draw_root((uint32_t)(u * u + v * v));
}

/* The pixels that are `reach` or nearer to the box of a and b, all of the square at most. */
static void stroke(uint8_t *mask, int32_t side, const int32_t a[2], const int32_t b[2],
                   int32_t radius, int32_t half)
{
    int32_t reach = radius + half + 16, low[2], high[2];
    for (int i = 0; i < 2; i++) {
        low[i] = ((a[i] < b[i] ? a[i] : b[i]) - reach) / 16;
        high[i] = ((a[i] > b[i] ? a[i] : b[i]) + reach) / 16;
        low[i] = low[i] < 0 ? 0 : low[i];
        high[i] = high[i] >= side ? side - 1 : high[i];
    }
    for (int32_t y = low[1]; y <= high[1]; y++) {
        for (int32_t x = low[0]; x <= high[0]; x++) {
            int32_t far = from_segment(a, b, x * 16 + 8, y * 16 + 8) - radius;
            far = half + 8 - (far < 0 && radius > 0 ? -far : far);
            far = far > 16 ? 16 : far;
            int32_t part = far <= 0 ? 0 : far * 255 / 16;
            if (part > mask[y * side + x]) {
                mask[y * side + x] = (uint8_t)part;
            }
        }
    }
}

void ctx_draw_icon(const struct ctx_draw *d, struct ctx_rect r, uint32_t icon, uint32_t color)
{
    uint8_t mask[MOST * MOST];
    int32_t side = r.w < r.h ? r.w : r.h;
    side = side > MOST ? MOST : side;
    struct ctx_rect at = {r.x + (r.w - side) / 2, r.y + (r.h - side) / 2, side, side};
    struct ctx_rect s = ctx_rect_and(ctx_rect_and(at, d->clip), CTX_RECT(0, 0, d->w, d->h));
    if (icon > CTX_ICON_LAST || side <= 0 || s.w == 0 || d->pixels == NULL) {
        return;
    }
    const uint8_t *p = strokes;
    for (uint32_t i = 0; i < icon; p++) {
        i += *p == END;
        p += *p == END ? 0 : *p >= CIRCLE ? 3 : 2;
    }
    for (int32_t i = 0; i < side * side; i++) {
        mask[i] = 0;
    }
    /* A line is a tenth of the side, never thinner than a pixel and a bit; ends lie on the middle
     * of pixels, so that straight lines are sharp. */
    int32_t half = side * 16 / 24 < 10 ? 10 : side * 16 / 24, from[2] = {0, 0};
    for (; *p != END; p += *p >= CIRCLE ? 4 : 3) {
        int32_t to[2], snap = half >= 12 && half < 20 ? 16 : 8;
        for (int i = 0; i < 2; i++) {
            to[i] = p[i + 1] * side * 16 / UNIT;
            to[i] = snap == 16 ? (to[i] + 8) / 16 * 16 : to[i] / 16 * 16 + 8;
        }
        if (*p == CIRCLE || *p == DISC) {
            int32_t radius = p[3] * side * 16 / UNIT;
            int32_t middle[2] = {p[1] * side * 16 / UNIT, p[2] * side * 16 / UNIT};
            int disc = *p == DISC;
            stroke(mask, side, middle, middle, disc ? 0 : radius, disc ? radius : half);
        } else if (*p == LINE) {
            stroke(mask, side, from, to, 0, half);
        }
        from[0] = to[0];
        from[1] = to[1];
    }
    for (int32_t y = s.y; y < s.y + s.h; y++) {
        uint32_t *row = d->pixels + (size_t)y * (size_t)d->pitch;
        const uint8_t *part = mask + (y - at.y) * side;
        for (int32_t x = s.x; x < s.x + s.w; x++) {
            if (part[x - at.x] != 0) {
                draw_run(d, row + x, 1, color, part[x - at.x] * (color >> 24) / 255);
            }
        }
    }
}

static const struct {
    const char *name; /* small letters */
    uint32_t icon;
} symbols[] = {
    {"clock", CTX_ICON_CLOCK},   {"console", CTX_ICON_TERMINAL}, {"editor", CTX_ICON_TEXT},
    {"files", CTX_ICON_FOLDER},  {"paint", CTX_ICON_BRUSH},      {"pictures", CTX_ICON_PICTURE},
    {"snake", CTX_ICON_GAME},    {"supervisor", CTX_ICON_BARS},  {"terminal", CTX_ICON_TERMINAL},
    {"tracer", CTX_ICON_SEARCH}, {"widgets", CTX_ICON_APP},
};

static uint32_t symbol_of(const char *name)
{
    for (uint32_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        const char *a = name, *b = symbols[i].name;
        while (*b != 0 && (*a | 0x20) == *b) {
            a++;
            b++;
        }
        if (*a == 0 && *b == 0) {
            return symbols[i].icon;
        }
    }
    return CTX_ICON_NONE;
}

void ctx_draw_app_icon(const struct ctx_draw *d, struct ctx_rect r, const struct ctx_font *font,
                       const char *name)
{
    /* One lightness, so that none is louder than the others. */
    static const uint32_t plates[] = {
        CTX_RGB(0x9c6b4a), CTX_RGB(0x7c7a45), CTX_RGB(0x5b7f58), CTX_RGB(0x4a7d7a),
        CTX_RGB(0x56729a), CTX_RGB(0x7a659b), CTX_RGB(0x9a5f80), CTX_RGB(0x9d5f5a),
    };
    uint32_t hash = 2166136261u, len = 0;
    for (const char *c = name; *c != 0; c++) {
        hash = (hash ^ (uint8_t)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c)) * 16777619u;
    }
    int32_t side = r.w < r.h ? r.w : r.h;
    struct ctx_rect at = {r.x + (r.w - side) / 2, r.y + (r.h - side) / 2, side, side};
    ctx_draw_round(d, at, side / 5, plates[hash >> 16 & 7]);
    uint32_t symbol = symbol_of(name);
    if (symbol != CTX_ICON_NONE) {
        ctx_draw_icon(d, ctx_rect_inset(at, side / 6), symbol, CTX_RGB(0xfff6e8));
        return;
    }
    uint32_t code = ctx_utf8_next(name, CTX_TEXT_ALL, &len);
    char letter[5] = {0};
    for (uint32_t i = 0; i < len; i++) {
        letter[i] = name[i];
    }
    if (code >= 'a' && code <= 'z') {
        letter[0] = (char)(letter[0] - 'a' + 'A');
    }
    ctx_draw_text_in(d, font, at, letter, CTX_TEXT_ALL, CTX_TEXT_CENTER, CTX_RGB(0xfff6e8));
}
