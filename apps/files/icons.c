/* SPDX-License-Identifier: MIT */
/* Folders, pages, pictures, programs: drawn for their size. */
#include "files.h"

static int32_t part(int32_t of, int32_t n)
{
    return of * n / 48;
}

static struct ctx_rect box(struct ctx_rect r, int32_t x, int32_t y, int32_t w, int32_t h)
{
    return CTX_RECT(r.x + part(r.w, x), r.y + part(r.h, y), part(r.w, w), part(r.h, h));
}

static void folder(const struct ctx_draw *d, struct ctx_rect r)
{
    uint32_t back = CTX_RGB(0xb98a45), front = CTX_RGB(0xe0b266);
    int32_t round = r.w / 12 + 1;
    ctx_draw_round(d, box(r, 5, 9, 18, 12), round, back);
    ctx_draw_round(d, box(r, 5, 13, 38, 26), round, back);
    ctx_draw_round(d, box(r, 5, 18, 38, 22), round, front);
}

/* A page, with its corner turned down. */
static struct ctx_rect page(const struct ctx_draw *d, struct ctx_rect r)
{
    uint32_t paper = CTX_RGB(0xe8e4dc), fold = CTX_RGB(0xb5afa4);
    struct ctx_rect p = box(r, 10, 5, 28, 38), corner = box(r, 28, 5, 10, 10);
    ctx_draw_round(d, p, r.w / 24 + 1, paper);
    ctx_draw_fill(d, corner, fold);
    return p;
}

static void text(const struct ctx_draw *d, struct ctx_rect r)
{
    uint32_t ink = CTX_RGB(0x8a8478);
    int32_t high = r.h >= 40 ? 2 : 1;
    page(d, r);
    for (int32_t y = 19; y <= 37; y += r.h >= 40 ? 6 : 9) {
        struct ctx_rect line = box(r, 15, y, y > 30 ? 12 : 18, 1);
        line.h = high;
        ctx_draw_fill(d, line, ink);
    }
}

static void picture(const struct ctx_draw *d, struct ctx_rect r)
{
    struct ctx_rect in = box(r, 8, 12, 32, 24);
    ctx_draw_round(d, box(r, 5, 9, 38, 30), r.w / 24 + 1, CTX_RGB(0xe8e4dc));
    ctx_draw_fill(d, in, CTX_RGB(0x86b5e0));
    ctx_draw_fill(d, box(r, 8, 28, 32, 8), CTX_RGB(0x7f9c60));
    ctx_draw_round(d, box(r, 29, 15, 7, 7), r.w / 12 + 1, CTX_RGB(0xf2d27a));
}

void icon_draw(const struct ctx_draw *d, struct ctx_rect r, const struct ctx_theme *t,
               const struct entry *entry)
{
    switch (kind_of(entry)) {
    case KIND_FOLDER:
        folder(d, r);
        break;
    case KIND_TEXT:
        text(d, r);
        break;
    case KIND_PICTURE:
        picture(d, r);
        break;
    case KIND_PROGRAM:
        ctx_draw_app_icon(d, ctx_rect_inset(r, r.w / 8), r.h >= 40 ? t->head : t->small,
                          entry->name);
        break;
    default:
        page(d, r);
    }
}
