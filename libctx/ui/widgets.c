/* SPDX-License-Identifier: MIT */
/* Labels, buttons and what else is one plane with something on it. */
#include "ui.h"

#include <ctx/key.h>
#include <stddef.h>

#define DOUBLE_NS UINT64_C(400000000)

int ui_double_click(struct ctx_ui *ui, uint32_t id)
{
    int twice = ui->click_id == id && ui->time_ns - ui->click_ns < DOUBLE_NS;
    ui->click_id = twice ? 0 : id;
    ui->click_ns = ui->time_ns;
    return twice;
}

int ctx_ui_is_open(const struct ctx_ui *ui)
{
    return ui->popup != 0;
}

void ctx_ui_panel(struct ctx_ui *ui, struct ctx_rect r, uint32_t color, int line)
{
    if (ctx_ui_look(ui, r, ctx_ui_mix(color, (uint32_t)line))) {
        ctx_draw_fill(&ui->draw, r, color);
        if (line || ui->theme.flags & CTX_THEME_CONTRAST) {
            ctx_draw_border(&ui->draw, r, ui->theme.border, ui->theme.line);
        }
        ctx_ui_drawn(ui);
        if (ui->all == 0) {
            ctx_ui_redraw(ui); /* what lies on it is below it now */
        }
    }
    ui->back = color;
}

void ctx_ui_label(struct ctx_ui *ui, struct ctx_rect r, const char *text, uint32_t flags)
{
    const struct ctx_theme *t = &ui->theme;
    if (!ctx_ui_look(ui, r, ctx_ui_mix_text(flags, text, CTX_TEXT_ALL))) {
        return;
    }
    const struct ctx_font *font = flags & CTX_UI_HEAD    ? t->head
                                  : flags & CTX_UI_BOLD  ? t->bold
                                  : flags & CTX_UI_SMALL ? t->small
                                  : flags & CTX_UI_MONO  ? t->mono
                                                         : t->body;
    uint32_t color = flags & CTX_UI_DISABLED ? t->disabled
                     : flags & CTX_UI_DANGER ? t->danger
                     : flags & CTX_UI_MUTED  ? t->muted
                                             : t->text;
    uint32_t align = flags & CTX_UI_CENTER  ? CTX_TEXT_CENTER
                     : flags & CTX_UI_RIGHT ? CTX_TEXT_RIGHT
                                            : CTX_TEXT_LEFT;
    ctx_draw_text_in(&ui->draw, font, r, text, CTX_TEXT_ALL, align, color);
    ctx_ui_drawn(ui);
}

/* The plane of a button, and the colour of what stands on it. */
static uint32_t plane(const struct ctx_ui *ui, struct ctx_rect r, uint32_t flags, uint32_t bits)
{
    const struct ctx_theme *t = &ui->theme;
    int accent = (flags & CTX_UI_PRIMARY) != 0, danger = (flags & CTX_UI_DANGER) != 0;
    int pressed = (bits & CTX_UI_HELD && bits & CTX_UI_HOVER) || flags & CTX_UI_ON;
    uint32_t color = t->control, on = t->text;
    if (flags & CTX_UI_DISABLED) {
        on = t->disabled;
    } else if (flags & CTX_UI_CHOSEN) {
        color = t->select;
        on = t->on_select;
    } else if (accent || (danger && !(flags & CTX_UI_FLAT)) || (danger && bits & CTX_UI_HOVER)) {
        color = accent ? t->accent : t->danger;
        on = accent ? t->on_accent : t->on_danger;
        color = ctx_color_mix(color, pressed ? CTX_RGB(0) : CTX_RGB(0xffffff),
                              pressed               ? 48
                              : bits & CTX_UI_HOVER ? 40
                                                    : 0);
    } else if (pressed || bits & CTX_UI_HOVER) {
        color = pressed ? t->press : t->hover;
    } else if (flags & CTX_UI_FLAT) {
        return on;
    }
    if (flags & CTX_UI_FLAT && flags & CTX_UI_DISABLED) {
        return on;
    }
    ctx_draw_round(&ui->draw, r, t->radius, color);
    if (t->flags & CTX_THEME_CONTRAST && !(flags & CTX_UI_FLAT)) {
        ctx_draw_ring(&ui->draw, r, t->radius, t->border, on == t->disabled ? on : t->line);
    } else if (flags & CTX_UI_ON && !(flags & CTX_UI_FLAT)) {
        ctx_draw_ring(&ui->draw, r, t->radius, t->border, t->line);
    }
    return on;
}

static void ring(const struct ctx_ui *ui, struct ctx_rect r, uint32_t id, uint32_t color)
{
    if (ctx_ui_ring(ui, id)) {
        ctx_draw_ring(&ui->draw, r, ui->theme.radius, ui->theme.focus, color);
    }
}

static uint32_t button(struct ctx_ui *ui, struct ctx_rect r, uint32_t id, uint32_t icon,
                       const char *text, uint32_t icon_right, uint32_t flags)
{
    const struct ctx_theme *t = &ui->theme;
    uint32_t bits = ctx_ui_control(ui, id, r, flags);
    uint32_t state = bits & (CTX_UI_HOVER | CTX_UI_HELD);
    uint32_t look = ctx_ui_mix_text(ctx_ui_mix(flags, state + icon * 256), text, CTX_TEXT_ALL);
    if (ctx_ui_look(ui, r, ctx_ui_mix(look, (uint32_t)ctx_ui_ring(ui, id)))) {
        uint32_t on = plane(ui, r, flags, state);
        int shown = text[0] != 0 && text[0] != '#';
        int32_t icon_w = icon == CTX_ICON_NONE ? 0 : t->icon, gap = shown && icon_w ? t->gap : 0;
        int32_t side = r.w > 4 * t->pad && shown ? t->pad : t->gap / 2;
        struct ctx_rect in = {r.x + side, r.y, r.w - 2 * side, r.h};
        int32_t width = shown ? ctx_text_width(t->body, text, CTX_TEXT_ALL) : 0;
        int32_t free = in.w - icon_w - gap - width;
        if (icon_right) {
            ctx_draw_icon(&ui->draw, ctx_rect_right(&in, t->icon), icon_right, on);
        } else if (!(flags & CTX_UI_LEFT) && free > 0) {
            ctx_rect_left(&in, free / 2);
        }
        struct ctx_rect at = ctx_rect_left(&in, icon_w);
        ctx_draw_icon(&ui->draw, shown ? at : CTX_RECT(r.x + (r.w - icon_w) / 2, r.y, icon_w, r.h),
                      icon, on);
        ctx_rect_left(&in, gap);
        if (shown) {
            ctx_draw_text_in(&ui->draw, t->body, in, text, CTX_TEXT_ALL, CTX_TEXT_LEFT, on);
        }
        ring(ui, r, id, flags & (CTX_UI_PRIMARY | CTX_UI_DANGER) ? t->text : t->accent);
        ctx_ui_drawn(ui);
    }
    return bits;
}

uint32_t ctx_ui_button_with(struct ctx_ui *ui, struct ctx_rect r, uint32_t icon, const char *text,
                            uint32_t flags)
{
    return button(ui, r, ctx_ui_id(ui, text), icon, text, 0, flags);
}

int ctx_ui_button(struct ctx_ui *ui, struct ctx_rect r, const char *text)
{
    return (ctx_ui_button_with(ui, r, CTX_ICON_NONE, text, 0) & CTX_UI_CLICKED) != 0;
}

static int toggle(struct ctx_ui *ui, struct ctx_rect r, const char *text, int32_t *on,
                  uint32_t flags, int is_switch)
{
    const struct ctx_theme *t = &ui->theme;
    uint32_t id = ctx_ui_id(ui, text), bits = ctx_ui_control(ui, id, r, flags);
    int changed = (bits & CTX_UI_CLICKED) != 0;
    *on ^= changed;
    uint32_t look =
        ctx_ui_mix(flags, (bits & (CTX_UI_HOVER | CTX_UI_HELD)) + (uint32_t)(*on + 2 * is_switch));
    look = ctx_ui_mix(ctx_ui_mix_text(look, text, CTX_TEXT_ALL), (uint32_t)ctx_ui_ring(ui, id));
    if (!ctx_ui_look(ui, r, look)) {
        return changed;
    }
    struct ctx_rect in = {r.x + t->gap / 2, r.y, r.w - t->gap, r.h};
    int32_t side = ctx_theme_px(t, 18);
    struct ctx_rect box = ctx_rect_left(&in, is_switch ? side * 2 : side);
    box.y += (r.h - side) / 2;
    box.h = side;
    uint32_t edge = flags & CTX_UI_DISABLED ? t->disabled
                    : bits & CTX_UI_HOVER   ? t->muted
                                            : t->thumb;
    uint32_t fill = *on ? t->accent : t->field, mark = *on ? t->on_accent : t->muted;
    if (flags & CTX_UI_DISABLED) {
        fill = t->field;
        mark = t->disabled;
    } else if (*on && bits & CTX_UI_HOVER) {
        fill = t->accent_hover;
    }
    int32_t radius = is_switch ? side / 2 : ctx_theme_px(t, 4);
    ctx_draw_round(&ui->draw, box, radius, *on && !(flags & CTX_UI_DISABLED) ? fill : edge);
    ctx_draw_round(&ui->draw, ctx_rect_inset(box, t->border), radius - t->border, fill);
    if (is_switch) {
        struct ctx_rect knob = ctx_rect_inset(
            CTX_RECT(*on ? box.x + side : box.x, box.y, side, side), ctx_theme_px(t, 4));
        ctx_draw_round(&ui->draw, knob, knob.w / 2, mark);
    } else if (*on) {
        ctx_draw_icon(&ui->draw, ctx_rect_inset(box, 1), CTX_ICON_CHECK, mark);
    }
    ctx_rect_left(&in, t->gap);
    ctx_draw_text_in(&ui->draw, t->body, in, text, CTX_TEXT_ALL, CTX_TEXT_LEFT,
                     flags & CTX_UI_DISABLED ? t->disabled : t->text);
    ring(ui, r, id, t->accent);
    ctx_ui_drawn(ui);
    return changed;
}

int ctx_ui_check(struct ctx_ui *ui, struct ctx_rect r, const char *text, int32_t *on,
                 uint32_t flags)
{
    return toggle(ui, r, text, on, flags, 0);
}

int ctx_ui_switch(struct ctx_ui *ui, struct ctx_rect r, const char *text, int32_t *on,
                  uint32_t flags)
{
    return toggle(ui, r, text, on, flags, 1);
}

int ctx_ui_tabs(struct ctx_ui *ui, struct ctx_rect r, const char *name, const char *const *texts,
                uint32_t count, uint32_t *chosen)
{
    uint32_t id = ctx_ui_id(ui, name), old = *chosen;
    for (uint32_t i = 0; i < count; i++) {
        struct ctx_rect tab = ctx_rect_left(&r, r.w / (int32_t)(count - i));
        ctx_rect_right(&tab, i + 1 < count ? 2 * ui->theme.border : 0);
        uint32_t bits =
            button(ui, tab, id + 2 * i, CTX_ICON_NONE, texts[i], 0, i == old ? CTX_UI_CHOSEN : 0);
        *chosen = bits & (CTX_UI_CLICKED | CTX_UI_DOWN) ? i : *chosen;
    }
    ui->again |= old != *chosen;
    return old != *chosen;
}

void ctx_ui_progress(struct ctx_ui *ui, struct ctx_rect r, uint32_t part, uint32_t of)
{
    const struct ctx_theme *t = &ui->theme;
    int32_t w = of == 0 ? 0 : (int32_t)((int64_t)r.w * (part < of ? part : of) / of);
    if (ctx_ui_look(ui, r, (uint32_t)w)) {
        ctx_draw_round(&ui->draw, r, r.h / 2, t->line);
        ctx_draw_round(&ui->draw, ctx_rect_inset(r, t->border), r.h / 2 - t->border, t->field);
        ctx_draw_round(&ui->draw, CTX_RECT(r.x, r.y, w, r.h), r.h / 2, t->accent);
        ctx_ui_drawn(ui);
    }
}

/* A key that changes a number: how far, in its unit; 0: none of these. It counts as used. */
static int64_t steps(struct ctx_ui *ui, int64_t page, int64_t all)
{
    uint32_t key = ui->key;
    int64_t by = key == CTX_KEY_LEFT || key == CTX_KEY_DOWN  ? -1
                 : key == CTX_KEY_RIGHT || key == CTX_KEY_UP ? 1
                 : key == CTX_KEY_PAGEDOWN                   ? -page
                 : key == CTX_KEY_PAGEUP                     ? page
                 : key == CTX_KEY_HOME                       ? -all
                 : key == CTX_KEY_END                        ? all
                                                             : 0;
    ui->key = by != 0 ? 0 : key;
    return by;
}

int ctx_ui_slider(struct ctx_ui *ui, struct ctx_rect r, const char *name, int32_t *value,
                  int32_t low, int32_t high, int32_t step)
{
    const struct ctx_theme *t = &ui->theme;
    uint32_t id = ctx_ui_id(ui, name), bits = ctx_ui_control(ui, id, r, CTX_UI_OWN_KEYS);
    int64_t old = *value, now = old, range = (int64_t)high - low;
    int32_t knob = ctx_theme_px(t, 16), way = r.w - knob > 1 ? r.w - knob : 1;
    step = step > 0 ? step : 1;
    if (bits & CTX_UI_HELD) {
        int64_t at = ui->x - r.x - knob / 2;
        at = at < 0 ? 0 : at > way ? way : at;
        now = low + ((at * range + way / 2) / way + step / 2) / step * step;
    } else if (bits & CTX_UI_HOVER && ui->wheel != 0) {
        now += (int64_t)ui->wheel * step;
        ui->wheel = 0;
    } else if (bits & CTX_UI_FOCUS) {
        now += steps(ui, 10, range) * step;
    }
    now = now < low ? low : now > high ? high : now;
    *value = (int32_t)now;
    ui->again |= now != old;
    int32_t at = (int32_t)((now - low) * way / (range > 0 ? range : 1));
    uint32_t look = ctx_ui_mix((uint32_t)at, bits & (CTX_UI_HOVER | CTX_UI_HELD));
    if (ctx_ui_look(ui, r, ctx_ui_mix(look, (uint32_t)ctx_ui_ring(ui, id)))) {
        int32_t thick = ctx_theme_px(t, 4), y = r.y + r.h / 2;
        struct ctx_rect track = {r.x + knob / 4, y - thick / 2, r.w - knob / 2, thick};
        ctx_draw_round(&ui->draw, track, thick / 2,
                       t->flags & CTX_THEME_CONTRAST ? t->disabled : t->thumb);
        track.w = at + knob / 4;
        ctx_draw_round(&ui->draw, track, thick / 2, t->accent);
        struct ctx_rect k = {r.x + at, y - knob / 2, knob, knob};
        ctx_draw_round(&ui->draw, k, knob / 2, ui->back);
        ctx_draw_round(&ui->draw, ctx_rect_inset(k, 2), knob / 2 - 2,
                       bits & (CTX_UI_HOVER | CTX_UI_HELD) ? t->accent_hover : t->accent);
        ring(ui, r, id, t->accent);
        ctx_ui_drawn(ui);
    }
    return now != old;
}

uint32_t ctx_ui_menu(struct ctx_ui *ui, struct ctx_rect r, uint32_t icon, const char *text,
                     const struct ctx_ui_item *items, uint32_t count, uint32_t flags)
{
    uint32_t id = ctx_ui_id(ui, text), open = ui->popup == id ? CTX_UI_ON : 0;
    uint32_t bits = button(ui, r, id, icon, text, 0, flags | open);
    if (bits & CTX_UI_DOWN || (bits & CTX_UI_CLICKED && !ui->went_up)) {
        ui_popup_open(ui, id, r, bits & CTX_UI_DOWN ? CTX_UI_NO_ROW : 0);
    }
    return ui_popup_rows(ui, id, items, count);
}

int ctx_ui_choice(struct ctx_ui *ui, struct ctx_rect r, const char *name,
                  const struct ctx_ui_item *items, uint32_t count, uint32_t *chosen)
{
    uint32_t id = ctx_ui_id(ui, name), open = ui->popup == id ? CTX_UI_ON : 0;
    const struct ctx_ui_item none = {"", NULL, 0, 0},
                             *now = *chosen < count ? &items[*chosen] : &none;
    uint32_t bits = button(ui, r, id, now->icon, now->text, CTX_ICON_DOWN, CTX_UI_LEFT | open);
    if (bits & CTX_UI_DOWN || (bits & CTX_UI_CLICKED && !ui->went_up)) {
        ui_popup_open(ui, id, r, *chosen);
    }
    uint32_t row = ui_popup_rows(ui, id, items, count), old = *chosen;
    *chosen = row != CTX_UI_NO_ROW ? row : old;
    return *chosen != old;
}

void ctx_ui_open_menu(struct ctx_ui *ui, const char *name, int32_t x, int32_t y)
{
    ui_popup_open(ui, ctx_ui_mix_text(2166136261u, name, CTX_TEXT_ALL) | 1, CTX_RECT(x, y, 0, 0),
                  CTX_UI_NO_ROW);
    ui->went_down = 0; /* the press that opens it is none beside it */
}

uint32_t ctx_ui_menu_of(struct ctx_ui *ui, const char *name, const struct ctx_ui_item *items,
                        uint32_t count)
{
    return ui_popup_rows(ui, ctx_ui_id(ui, name), items, count);
}
