/* SPDX-License-Identifier: MIT */
/* Menus: one at most is open, lies above all else, and gets all input. */
#include "ui.h"

#include <ctx/key.h>
#include <stddef.h>

void ui_popup_open(struct ctx_ui *ui, uint32_t id, struct ctx_rect from, uint32_t row)
{
    ui->popup = id;
    ui->popup_from = from;
    ui->popup_row = row;
    ui->popup_first = ui->active = 0;
    ui->popup_rect = CTX_RECT(0, 0, 0, 0);
    ctx_ui_redraw(ui);
}

static void close_with(struct ctx_ui *ui, uint32_t row)
{
    ui->popup_ready = row != CTX_UI_NO_ROW ? ui->popup : 0;
    ui->popup_got = row;
    ui->popup = 0;
    ctx_ui_redraw(ui);
}

uint32_t ui_popup_rows(struct ctx_ui *ui, uint32_t id, const struct ctx_ui_item *items,
                       uint32_t count)
{
    if (ui->popup == id) {
        ui->popup_items = items;
        ui->popup_count = count;
        ui->given = 1;
    }
    if (ui->popup_ready != id) {
        return CTX_UI_NO_ROW;
    }
    ui->popup_ready = 0;
    ui->again = 1;
    return ui->popup_got < count ? ui->popup_got : CTX_UI_NO_ROW;
}

static int32_t row_height(const struct ctx_ui *ui, uint32_t row)
{
    return ui->popup_items[row].flags & CTX_UI_RULE ? ui->theme.gap : ui->theme.row_h;
}

static int can_choose(const struct ctx_ui *ui, uint32_t row)
{
    return row < ui->popup_count && !(ui->popup_items[row].flags & (CTX_UI_RULE | CTX_UI_DISABLED));
}

/* Where the rows lie: inside of the round corners, so that they can be drawn anew without those. */
static struct ctx_rect inside_of(const struct ctx_ui *ui)
{
    const struct ctx_theme *t = &ui->theme;
    return ctx_rect_inset(ui->popup_rect, t->border + 1 + t->radius * 3 / 10);
}

static void place(struct ctx_ui *ui)
{
    const struct ctx_theme *t = &ui->theme;
    struct ctx_rect from = ui->popup_from, r = {from.x, from.y + from.h + 2, from.w, 0};
    int32_t side = 2 * (t->border + 1 + t->radius * 3 / 10), below = ui->draw.h - r.y - 2;
    r.h = side;
    for (uint32_t i = 0; i < ui->popup_count; i++) {
        const struct ctx_ui_item *item = &ui->popup_items[i];
        int32_t w = item->text != NULL ? ctx_text_width(t->body, item->text, CTX_TEXT_ALL) : 0;
        w += item->more != NULL ? ctx_text_width(t->small, item->more, CTX_TEXT_ALL) + 2 * t->pad
                                : 0;
        w += t->icon + t->gap + 2 * t->pad + side;
        r.w = w > r.w ? w : r.w;
        r.h += row_height(ui, i);
    }
    if (r.h > below && from.y > below) { /* there is more room above */
        r.h = r.h > from.y - 4 ? from.y - 4 : r.h;
        r.y = from.y - 2 - r.h;
    } else if (r.h > below) {
        r.h = below;
    }
    r.x = r.x + r.w > ui->draw.w ? ui->draw.w - r.w : r.x;
    r.x = r.x < 0 ? 0 : r.x;
    ui->popup_rect = r;
}

/* The row that a row of pixels belongs to; y = INT32_MAX: the first that is not wholly seen. */
static uint32_t row_at(const struct ctx_ui *ui, int32_t y)
{
    struct ctx_rect in = inside_of(ui);
    int32_t top = in.y;
    for (uint32_t i = ui->popup_first; i < ui->popup_count; i++) {
        top += row_height(ui, i);
        if (top > in.y + in.h) {
            return y == INT32_MAX ? i : CTX_UI_NO_ROW;
        }
        if (y < top && y >= in.y) {
            return i;
        }
    }
    return y == INT32_MAX ? ui->popup_count : CTX_UI_NO_ROW;
}

/* The row that would be chosen. */
static void into_sight(struct ctx_ui *ui)
{
    if (ui->popup_row < ui->popup_count) {
        ui->popup_first = ui->popup_row < ui->popup_first ? ui->popup_row : ui->popup_first;
        while (row_at(ui, INT32_MAX) <= ui->popup_row && ui->popup_first < ui->popup_row) {
            ui->popup_first++;
        }
    }
}

/* The next row that begins with what was typed; large and small letters of ASCII are one. */
static void typed(struct ctx_ui *ui)
{
    uint32_t count = ui->popup_count, row = ui->popup_row;
    for (uint32_t i = 0; ui->text != 0 && i < count; i++) {
        row = row < count - 1 ? row + 1 : 0;
        const char *text = ui->popup_items[row].text;
        uint32_t at = 0, first = text != NULL ? ctx_utf8_next(text, CTX_TEXT_ALL, &at) : 0;
        uint32_t letter = ui->text - (ui->text - 'a' < 26 ? 32 : 0);
        if (first - (first - 'a' < 26 ? 32 : 0) == letter && can_choose(ui, row)) {
            ui->popup_row = row;
            into_sight(ui);
            return;
        }
    }
}

static void keys(struct ctx_ui *ui)
{
    uint32_t count = ui->popup_count, step = 0, row = ui->popup_row;
    if (ui->key == CTX_KEY_ESC || ui->key == CTX_KEY_TAB) {
        close_with(ui, CTX_UI_NO_ROW);
    } else if ((ui->key == CTX_KEY_ENTER || ui->key == CTX_KEY_SPACE) && can_choose(ui, row)) {
        close_with(ui, row);
    } else if (ui->key == CTX_KEY_DOWN || ui->key == CTX_KEY_HOME) {
        row = ui->key == CTX_KEY_HOME || row >= count ? count - 1 : row;
        step = 1;
    } else if (ui->key == CTX_KEY_UP || ui->key == CTX_KEY_END) {
        row = ui->key == CTX_KEY_END || row >= count ? 0 : row;
        step = count - 1;
    } else if (ui->key == CTX_KEY_PAGEDOWN || ui->key == CTX_KEY_PAGEUP) {
        uint32_t seen = row_at(ui, INT32_MAX) - ui->popup_first, last = count - 1;
        int down = ui->key == CTX_KEY_PAGEDOWN;
        row = row < count ? row : 0;
        row = down ? (last - row < seen ? last : row + seen) : row < seen ? 0 : row - seen;
        step = down ? last : 1; /* that one, or the next before it that can be chosen */
        row = (row + count - step) % count;
    }
    for (uint32_t i = 0; step != 0 && i < count; i++) {
        row = (row + step) % count;
        if (can_choose(ui, row)) {
            ui->popup_row = row;
            break;
        }
    }
    if (step != 0) {
        into_sight(ui);
    } else {
        typed(ui);
    }
}

static void pointer(struct ctx_ui *ui)
{
    int inside = ctx_rect_has(ui->popup_rect, ui->x, ui->y);
    uint32_t row = inside ? row_at(ui, ui->y) : CTX_UI_NO_ROW;
    for (; ui->wheel > 0 && ui->popup_first > 0; ui->wheel--) {
        ui->popup_first--;
    }
    for (; ui->wheel < 0 && row_at(ui, INT32_MAX) < ui->popup_count; ui->wheel++) {
        ui->popup_first++;
    }
    if (ui->pointed && inside && can_choose(ui, row)) { /* keys win while it lies still */
        ui->popup_row = row;
    }
    if (ui->went_down != 0 && !inside) {
        close_with(ui, CTX_UI_NO_ROW);
    } else if (ui->went_up != 0 && inside && can_choose(ui, row)) {
        close_with(ui, row);
    }
}

static void draw(struct ctx_ui *ui, uint32_t all)
{
    const struct ctx_theme *t = &ui->theme;
    struct ctx_draw *d = &ui->draw;
    struct ctx_rect in = inside_of(ui);
    if (all) {
        ctx_draw_shadow(d, ui->popup_rect, t->shadow / 2, CTX_ALPHA(0, 110));
        ctx_draw_round(d, ui->popup_rect, t->radius, t->line);
        ctx_draw_round(d, ctx_rect_inset(ui->popup_rect, t->border), t->radius - t->border,
                       t->panel);
    }
    ctx_draw_fill(d, in, t->panel);
    int icons = 0;
    for (uint32_t i = 0; i < ui->popup_count; i++) {
        icons |=
            ui->popup_items[i].icon != CTX_ICON_NONE || ui->popup_items[i].flags & CTX_UI_CHECKED;
    }
    for (uint32_t i = ui->popup_first, end = row_at(ui, INT32_MAX); i < end; i++) {
        struct ctx_rect r = ctx_rect_top(&in, row_height(ui, i));
        d->clip = ctx_rect_and(r, CTX_RECT(0, 0, d->w, d->h));
        if (ui->popup_items[i].flags & CTX_UI_RULE) {
            ctx_draw_fill(d, CTX_RECT(r.x, r.y + r.h / 2, r.w, t->border), t->line);
        } else {
            ui_draw_row(ui, r, &ui->popup_items[i], icons, i == ui->popup_row ? CTX_UI_ON : 0);
        }
        ctx_ui_drawn(ui);
    }
}

void ui_popup(struct ctx_ui *ui, uint32_t all)
{
    if (!ui->given || ui->popup_count == 0) {
        close_with(ui, CTX_UI_NO_ROW); /* who opened it has gone */
        return;
    }
    int opens = ui->popup_rect.w == 0;
    place(ui);
    if (opens) {
        into_sight(ui);
    }
    keys(ui);
    if (ui->popup != 0) {
        pointer(ui);
    }
    if (ui->popup == 0) {
        return;
    }
    uint32_t look = ctx_ui_mix(ui->popup_row, ui->popup_first);
    for (uint32_t i = 0; i < ui->popup_count; i++) {
        look = ui_mix_item(look, &ui->popup_items[i]);
    }
    if (!all && ui->drawn) {
        ctx_ui_redraw(ui); /* perhaps below it: all anew, the shadow, too */
    }
    if (all || look != ui->popup_look) {
        draw(ui, all);
        ui_damage(ui, ui->popup_rect);
        ui->popup_look = look;
    }
}
