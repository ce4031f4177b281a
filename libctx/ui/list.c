/* SPDX-License-Identifier: MIT */
/* Lists, their rows, and scroll bars. */
#include "ui.h"

#include <ctx/key.h>
#include <stddef.h>

uint32_t ui_mix_item(uint32_t look, const struct ctx_ui_item *item)
{
    look = ctx_ui_mix_text(ctx_ui_mix(look, item->flags), item->text, CTX_TEXT_ALL);
    return ctx_ui_mix_text(ctx_ui_mix(look, item->icon), item->more, CTX_TEXT_ALL);
}

void ui_draw_row(const struct ctx_ui *ui, struct ctx_rect r, const struct ctx_ui_item *item,
                 int icons, uint32_t flags)
{
    const struct ctx_theme *t = &ui->theme;
    uint32_t color = item->flags & CTX_UI_DISABLED ? t->disabled : t->text, muted = t->muted;
    if (flags & CTX_UI_ON) {
        ctx_draw_round(&ui->draw, r, t->radius - t->border, t->select);
        color = muted = t->on_select;
    } else if (flags & CTX_UI_HOVER) {
        ctx_draw_round(&ui->draw, r, t->radius - t->border, t->control);
    }
    struct ctx_rect in = {r.x + t->gap, r.y, r.w - 2 * t->gap, r.h};
    uint32_t icon = item->flags & CTX_UI_CHECKED ? CTX_ICON_CHECK : item->icon;
    if (icons || icon != CTX_ICON_NONE) {
        ctx_draw_icon(&ui->draw, ctx_rect_left(&in, t->icon), icon, color);
        ctx_rect_left(&in, t->gap);
    }
    if (item->more != NULL) {
        int32_t w = ctx_text_width(t->small, item->more, CTX_TEXT_ALL);
        ctx_draw_text_in(&ui->draw, t->small, ctx_rect_right(&in, w), item->more, CTX_TEXT_ALL,
                         CTX_TEXT_LEFT, muted);
        ctx_rect_right(&in, t->gap);
    }
    if (item->text != NULL) {
        ctx_draw_text_in(&ui->draw, t->body, in, item->text, CTX_TEXT_ALL, CTX_TEXT_LEFT, color);
    }
}

int ctx_ui_scroll(struct ctx_ui *ui, struct ctx_rect r, const char *name, uint32_t *first,
                  uint32_t page, uint32_t total)
{
    const struct ctx_theme *t = &ui->theme;
    uint32_t bits = ctx_ui_control(ui, ctx_ui_id(ui, name), r, CTX_UI_NO_FOCUS);
    uint32_t most = total > page ? total - page : 0, old = *first;
    *first = *first > most ? most : *first;
    int64_t thumb = most == 0 ? r.h : (int64_t)r.h * page / total;
    thumb = thumb < 2 * r.w ? 2 * r.w : thumb;
    thumb = thumb > r.h ? r.h : thumb;
    int64_t way = r.h - thumb, at = most == 0 ? 0 : way * *first / most;
    if (bits & CTX_UI_DOWN) {
        ui->grip = (int32_t)(ui->y - r.y - at);
        if (ui->grip < 0 || ui->grip >= thumb) {
            ui->grip = (int32_t)(thumb / 2);
        }
    }
    if (bits & CTX_UI_HELD && way > 0) {
        int64_t to = ui->y - r.y - ui->grip;
        to = to < 0 ? 0 : to > way ? way : to;
        *first = (uint32_t)((to * most + way / 2) / way);
        at = way * *first / (most > 0 ? most : 1);
    }
    uint32_t look =
        ctx_ui_mix(ctx_ui_mix((uint32_t)at, (uint32_t)thumb), bits & (CTX_UI_HOVER | CTX_UI_HELD));
    if (ctx_ui_look(ui, r, look)) {
        struct ctx_rect k = ctx_rect_inset(CTX_RECT(r.x, r.y + (int32_t)at, r.w, (int32_t)thumb),
                                           ctx_theme_px(t, 2));
        ctx_draw_fill(&ui->draw, r, t->field);
        if (most > 0) {
            ctx_draw_round(&ui->draw, k, k.w / 2,
                           bits & (CTX_UI_HOVER | CTX_UI_HELD) ? t->muted : t->thumb);
        }
        ctx_ui_drawn(ui);
    }
    ui->again |= old != *first;
    return old != *first;
}

/* What a key makes of the chosen row; none of a list's keys: the same. */
static uint32_t moved(struct ctx_ui *ui, uint32_t chosen, uint32_t count, uint32_t page)
{
    uint32_t key = ui->key, last = count - 1, now = chosen < count ? chosen : 0;
    ui->key = 0;
    switch (key) {
    case CTX_KEY_UP:
        return chosen >= count ? last : now > 0 ? now - 1 : 0;
    case CTX_KEY_DOWN:
        return chosen >= count ? 0 : now < last ? now + 1 : last;
    case CTX_KEY_PAGEUP:
        return now > page ? now - page : 0;
    case CTX_KEY_PAGEDOWN:
        return last - now > page ? now + page : last;
    case CTX_KEY_HOME:
        return 0;
    case CTX_KEY_END:
        return last;
    default:
        ui->key = key;
        return chosen;
    }
}

uint32_t ctx_ui_list(struct ctx_ui *ui, struct ctx_rect r, const char *name,
                     struct ctx_ui_list *list, uint32_t count,
                     void (*item)(void *self, uint32_t row, struct ctx_ui_item *out), void *self)
{
    const struct ctx_theme *t = &ui->theme;
    struct ctx_rect in = ctx_rect_inset(r, t->border + ctx_theme_px(t, 2)), bar = {0, 0, 0, 0};
    uint32_t page = (uint32_t)(in.h / t->row_h), over = CTX_UI_NO_ROW, back = ui->back;
    page = page > 0 ? page : 1;
    if (count > page) {
        bar = ctx_rect_right(&in, t->scroll_w);
    }
    uint32_t id = ctx_ui_id(ui, name), bits = ctx_ui_control(ui, id, in, CTX_UI_OWN_KEYS);
    uint32_t old = list->chosen, first = list->first;
    if (list->chosen >= count) {
        list->chosen = CTX_UI_NO_ROW;
    }
    if (bits & CTX_UI_HOVER) {
        uint32_t row = list->first + (uint32_t)((ui->y - in.y) / t->row_h);
        over = row < count && row - list->first < page ? row : CTX_UI_NO_ROW;
    }
    if (ctx_rect_has(r, ui->x, ui->y) && ui->wheel != 0 && ui->popup == 0) {
        int64_t to = (int64_t)list->first - 3 * (int64_t)ui->wheel;
        list->first = to < 0 ? 0 : to > (int64_t)count ? count : (uint32_t)to;
        ui->wheel = 0;
    }
    if (bits & CTX_UI_DOWN && over != CTX_UI_NO_ROW) {
        list->chosen = over;
        bits |= ui_double_click(ui, ctx_ui_mix(id, over)) ? CTX_UI_ENTER : 0;
    } else if (bits & CTX_UI_FOCUS && count > 0) {
        if (ui->key == CTX_KEY_ENTER && list->chosen != CTX_UI_NO_ROW) {
            bits |= CTX_UI_ENTER;
            ui->key = 0;
            ui->again = 1;
        }
        list->chosen = moved(ui, list->chosen, count, page);
    }
    if (list->chosen != old && list->chosen != CTX_UI_NO_ROW) { /* into sight */
        list->first = list->chosen < list->first ? list->chosen : list->first;
        list->first = list->chosen - list->first >= page ? list->chosen - page + 1 : list->first;
    }
    list->first = count <= page ? 0 : list->first > count - page ? count - page : list->first;
    ui->back = t->field;
    if (bar.w > 0) {
        ctx_ui_scroll(ui, bar, "#scroll", &list->first, page, count);
    }
    int ringed = ctx_ui_ring(ui, id);
    uint32_t look = ctx_ui_mix(ctx_ui_mix(list->first, list->chosen), ctx_ui_mix(over, count)),
             end = list->first + page;
    end = end > count ? count : end;
    struct ctx_ui_item one;
    for (uint32_t i = list->first; i < end; i++) {
        one = (struct ctx_ui_item){NULL, NULL, 0, 0};
        item(self, i, &one);
        look = ui_mix_item(look, &one);
    }
    if (ctx_ui_look(ui, in, look)) {
        ctx_draw_fill(&ui->draw, in, t->field);
        for (uint32_t i = list->first; i < end; i++) {
            one = (struct ctx_ui_item){NULL, NULL, 0, 0};
            item(self, i, &one);
            ui_draw_row(ui, ctx_rect_top(&in, t->row_h), &one, 0,
                        i == list->chosen ? CTX_UI_ON
                        : i == over       ? CTX_UI_HOVER
                                          : 0);
        }
        ctx_ui_drawn(ui);
    }
    /* The edge, which the focus colours: four strips, so that what is inside stays. */
    ui->back = back;
    int32_t edge = t->border + ctx_theme_px(t, 2);
    struct ctx_rect rest = r, strips[4] = {ctx_rect_top(&rest, edge), ctx_rect_bottom(&rest, edge),
                                           ctx_rect_left(&rest, edge), ctx_rect_right(&rest, edge)};
    for (int i = 0; i < 4; i++) {
        if (ctx_ui_look(ui, strips[i], (uint32_t)ringed)) {
            ctx_draw_fill(&ui->draw, r, t->field);
            ctx_draw_ring(&ui->draw, r, 0, ringed ? edge : t->border, ringed ? t->accent : t->line);
            ctx_ui_drawn(ui);
        }
    }
    bits |= old != list->chosen ? CTX_UI_CHANGED : 0;
    ui->again |= old != list->chosen || first != list->first;
    return bits;
}
