/* SPDX-License-Identifier: MIT */
/* Alt-Tab: windows in the order in which they were used, as small pictures. */
#include "desktop.h"

/* How wide one of them may be, at scale 120: the widest with which all fit. */
static const int16_t widths[] = {240, 190, 150, 116};
#define WIDTHS (sizeof widths / sizeof widths[0])

static int32_t cell_height(const struct desktop *d, int32_t w)
{
    return (w - px(d, 16)) * 5 / 8 + d->theme.row_h + px(d, 18);
}

static void open(struct desktop *d)
{
    int32_t around = 2 * (frame_shadow(d) + d->theme.pad), count = (int32_t)d->ring_count;
    int32_t across = 1, down = 1, w = 0, h = 0;
    for (uint32_t i = 0; i < WIDTHS; i++) {
        w = px(d, widths[i]);
        h = cell_height(d, w);
        across = (d->work.w - around) / w;
        down = (d->work.h - around) / h;
        if (across * down >= count) {
            break;
        }
    }
    across = across < 1 ? 1 : across;
    down = down < 1 ? 1 : down;
    /* As few rows as they need, and these equally long. */
    int32_t rows = (count + across - 1) / across;
    rows = rows > down ? down : rows < 1 ? 1 : rows;
    int32_t even = (count + rows - 1) / rows;
    across = even < across ? even : across;
    d->cell_w = w;
    int32_t all_w = across * w + around, all_h = rows * h + around;
    if (panel_open(d, PANEL_SWITCHER, all_w, all_h, CTX_SURFACE_RGBA)) {
        panel_put(d, PANEL_SWITCHER, (d->work.w - all_w) / 2, (d->work.h - all_h) / 2,
                  LEVEL_FLOATS + 1, 1);
    }
}

void switcher_step(struct desktop *d, int back)
{
    if (!d->switching) {
        launcher_close(d);
        menu_close(d);
        d->ring_count = 0;
        for (uint32_t i = d->count; i > 0; i--) {
            d->ring[d->ring_count++] = d->order[i - 1];
        }
        if (d->ring_count == 0) {
            return;
        }
        d->switching = 1;
        /* With the keys nowhere the topmost is the next one. */
        d->ring_at = d->active == d->ring[0] ? 0 : d->ring_count - 1;
        open(d);
    }
    d->ring_at = (d->ring_at + (back ? d->ring_count - 1 : 1)) % d->ring_count;
    d->panels[PANEL_SWITCHER].stale = 1;
}

void switcher_end(struct desktop *d, int take)
{
    if (!d->switching) {
        return;
    }
    d->switching = 0;
    pictures_drop(d, 0, SWITCHER_PICTURES);
    panel_close(d, PANEL_SWITCHER);
    if (take && d->ring_at < d->ring_count) {
        windows_choose(d, d->ring[d->ring_at]);
    }
}

void switcher_draw(struct desktop *d, struct panel *p)
{
    struct ctx_rect r = ctx_rect_inset(panel_floating(d, p), d->theme.pad);
    int32_t w = d->cell_w, h = cell_height(d, w), gap = px(d, 4);
    uint32_t across = (uint32_t)(r.w / w), down = (uint32_t)(r.h / h), shown = 0;
    across = across < 1 ? 1 : across;
    down = down < 1 ? 1 : down;
    /* More than fit: the rows around the chosen one. */
    uint32_t row = d->ring_at / across, first = row >= down ? (row - down + 1) * across : 0;
    for (uint32_t i = first; d->switching && i < d->ring_count && shown < across * down; i++) {
        struct ctx_rect c = {r.x + (int32_t)(shown % across) * w,
                             r.y + (int32_t)(shown / across) * h, w, h};
        uint32_t no = shown < SWITCHER_PICTURES ? shown : CTX_WINDOW_MIRRORS;
        if ((window_card(d, p, ctx_rect_inset(c, gap / 2), no, d->ring[i], i == d->ring_at) &
             CTX_UI_CLICKED) != 0) {
            d->ring_at = i;
            switcher_end(d, 1);
        }
        shown++;
    }
    pictures_drop(d, shown, d->switching ? SWITCHER_PICTURES : 0);
}
