/* SPDX-License-Identifier: MIT */
/* A list whose rows have an app's icon, and columns at the right: launcher and overview. */
#include "desktop.h"

#include <ctx/key.h>

static uint32_t look_of(const struct row *row, uint32_t state)
{
    uint32_t look = ctx_ui_mix_text(state, row->text.text, row->text.len);
    look = ctx_ui_mix(look, row->icon);
    for (uint32_t i = 0; i < ROW_COLUMNS; i++) {
        look = ctx_ui_mix_text(look, row->column[i].text, row->column[i].len);
    }
    return look;
}

static void draw(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r, const struct row *row,
                 int chosen, int hovered)
{
    const struct ctx_theme *t = &d->theme;
    uint32_t text = chosen ? t->on_select : t->text, more = chosen ? t->on_select : t->muted;
    int32_t icon = px(d, 20);
    if (chosen || hovered) {
        ctx_draw_round(&ui->draw, r, t->radius, chosen ? t->select : t->hover);
    }
    struct ctx_rect at = {r.x + t->gap, r.y + (r.h - icon) / 2, icon, icon};
    if (row->icon == CTX_ICON_NONE) {
        ctx_draw_app_icon(&ui->draw, at, t->small, row->text.text);
    } else {
        ctx_draw_icon(&ui->draw, at, row->icon, more);
    }
    struct ctx_rect room = r;
    ctx_rect_left(&room, 2 * t->gap + icon);
    ctx_rect_right(&room, t->gap);
    for (uint32_t i = ROW_COLUMNS; i > 0; i--) {
        if (row->wide[i - 1] > 0) {
            ctx_draw_text_in(&ui->draw, t->small, ctx_rect_right(&room, px(d, row->wide[i - 1])),
                             row->column[i - 1].text, CTX_TEXT_ALL, CTX_TEXT_RIGHT, more);
        }
    }
    ctx_draw_text_in(&ui->draw, t->body, room, row->text.text, CTX_TEXT_ALL, CTX_TEXT_LEFT, text);
}

/* Arrows; whoever has the focus. 1: another row. */
static int keys(struct ctx_ui *ui, struct ctx_ui_list *list, uint32_t count, uint32_t page)
{
    uint32_t now = list->chosen < count ? list->chosen : 0, was = list->chosen;
    switch (ui->key) {
    case CTX_KEY_DOWN:
        now = was == CTX_UI_NO_ROW ? 0 : now + 1 < count ? now + 1 : 0;
        break;
    case CTX_KEY_UP:
        now = now > 0 ? now - 1 : count - 1;
        break;
    case CTX_KEY_PAGEDOWN:
        now = now + page < count ? now + page : count - 1;
        break;
    case CTX_KEY_PAGEUP:
        now = now > page ? now - page : 0;
        break;
    default:
        return 0;
    }
    ui->key = 0;
    list->chosen = now;
    if (now < list->first) {
        list->first = now;
    } else if (now >= list->first + page) {
        list->first = now - page + 1;
    }
    return now != was;
}

uint32_t rows_in_field(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r,
                       struct ctx_ui_list *list, uint32_t count,
                       void (*fill)(struct desktop *d, uint32_t no, struct row *out))
{
    uint32_t back = ui->back;
    ctx_ui_panel(ui, r, d->theme.field, 1);
    r = ctx_rect_inset(r, d->theme.border + px(d, 2));
    uint32_t did = rows_draw(d, ui, r, list, count, fill);
    ui->back = back;
    return did;
}

uint32_t rows_draw(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r,
                   struct ctx_ui_list *list, uint32_t count,
                   void (*fill)(struct desktop *d, uint32_t no, struct row *out))
{
    const struct ctx_theme *t = &d->theme;
    int32_t h = px(d, 32);
    uint32_t page = (uint32_t)(r.h / h), did = 0;
    page = page < 1 ? 1 : page;
    did |= count > 0 && keys(ui, list, count, page) ? CTX_UI_CHANGED : 0;
    if (ctx_rect_has(r, ui->x, ui->y) && ui->wheel != 0) {
        int32_t first = (int32_t)list->first - 3 * ui->wheel;
        list->first = first < 0 ? 0 : (uint32_t)first;
        ui->wheel = 0;
    }
    list->first = count <= page ? 0 : list->first > count - page ? count - page : list->first;
    if (count > page) {
        ctx_ui_scroll(ui, ctx_rect_right(&r, t->scroll_w), "rows", &list->first, page, count);
        ctx_rect_right(&r, px(d, 2));
    }
    for (uint32_t no = list->first; no < count && no < list->first + page; no++) {
        struct row row;
        __builtin_memset(&row, 0, sizeof row);
        fill(d, no, &row);
        struct ctx_rect one = ctx_rect_top(&r, h);
        uint32_t got = ctx_ui_control(ui, ctx_ui_id(ui, "row"), one, CTX_UI_NO_FOCUS);
        if ((got & CTX_UI_DOWN) != 0) {
            did |= list->chosen != no ? CTX_UI_CHANGED : 0;
            list->chosen = no;
        }
        did |= (got & CTX_UI_CLICKED) != 0 && list->chosen == no ? CTX_UI_CLICKED : 0;
        uint32_t state = (got & CTX_UI_HOVER) | (list->chosen == no) | no << 8;
        if (ctx_ui_look(ui, one, look_of(&row, state))) {
            draw(d, ui, one, &row, list->chosen == no, (got & CTX_UI_HOVER) != 0);
            ctx_ui_drawn(ui);
        }
    }
    return did;
}
