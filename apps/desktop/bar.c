/* SPDX-License-Identifier: MIT */
/* The task bar: launcher, windows, whether apps are isolated, settings, the time. */
#include "desktop.h"

#define BUTTON_MOST 190 /* widths of a window's button, at scale 120 */
#define BUTTON_TEXT 74  /* the narrowest with a title: less would be one letter and dots */
#define BUTTON_LESS 36

/* ---- time ---- */

int bar_minute_is_over(struct desktop *d)
{
    return calendar_minute(d) + 1 != d->minute;
}

/* The day of the month and the month (from 0) of a day since 1970. */
static void day_of(uint32_t days, uint32_t *day, uint32_t *month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year = 1970;
    for (;; year++) {
        uint32_t leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (days < 365 + leap) {
            for (*month = 0; days >= lengths[*month] + (*month == 1 ? leap : 0u); (*month)++) {
                days -= lengths[*month] + (*month == 1 ? leap : 0u);
            }
            *day = days + 1;
            return;
        }
        days -= 365 + leap;
    }
}

static void time_texts(struct desktop *d, struct line *date, struct line *clock)
{
    static const char *const days[] = {"Thu ", "Fri ", "Sat ", "Sun ", "Mon ", "Tue ", "Wed "};
    static const char *const months[] = {" Jan", " Feb", " Mar", " Apr", " May", " Jun",
                                         " Jul", " Aug", " Sep", " Oct", " Nov", " Dec"};
    uint32_t minute = calendar_minute(d), day = 0, month = 0;
    line_clear(date);
    line_clear(clock);
    d->minute = minute + 1;
    if (minute == 0) {
        line_put(clock, "--:--");
        return;
    }
    day_of(minute / 1440, &day, &month);
    line_put(date, days[minute / 1440 % 7]);
    line_put_number(date, day);
    line_put(date, months[month]);
    line_put_two(clock, minute / 60 % 24);
    line_put(clock, ":");
    line_put_two(clock, minute % 60);
}

/* ---- what is in it ---- */

/* One window. */
static void window_button(struct desktop *d, struct panel *p, struct ctx_rect r, uint16_t id)
{
    const struct window *w = &d->all[id];
    const struct ctx_theme *t = &d->theme;
    struct ctx_ui *ui = &p->ui;
    const char *name = window_name(d, w);
    struct line key;
    line_clear(&key);
    line_put(&key, "#");
    line_put_number(&key, w->pid);
    line_put(&key, ".");
    line_put_number(&key, w->surface);
    uint32_t control = ctx_ui_id(ui, key.text);
    uint32_t did = ctx_ui_control(ui, control, r, CTX_UI_NO_FOCUS);
    int active = d->active == id;
    if ((did & CTX_UI_CLICKED) != 0) {
        if (active) {
            windows_minimize(d, id);
        } else {
            windows_choose(d, id);
        }
        p->stale = 1;
    }
    if ((did & CTX_UI_MENU) != 0) {
        menu_open(d, id, r.x, d->work.h);
    }
    uint32_t state = (did & (CTX_UI_HOVER | CTX_UI_HELD)) | (uint32_t)active |
                     (w->minimized ? 1024u : 0) | (w->calls ? 2048u : 0);
    if (!ctx_ui_look(ui, r, ctx_ui_mix(ctx_ui_mix_text(control, name, text_len(name)), state))) {
        return;
    }
    uint32_t plane = (did & CTX_UI_HELD) != 0    ? t->press
                     : (did & CTX_UI_HOVER) != 0 ? t->hover
                     : active                    ? t->control
                                                 : t->panel;
    int32_t icon = px(d, 20), space = (r.h - icon) / 2, under = px(d, 3);
    ctx_draw_round(&ui->draw, r, t->radius, plane);
    if ((t->flags & CTX_THEME_CONTRAST) != 0) {
        ctx_draw_ring(&ui->draw, r, t->radius, t->border, t->line);
    }
    window_draw_icon(d, &ui->draw, CTX_RECT(r.x + space, r.y + space, icon, icon), w);
    struct ctx_rect text = {r.x + 2 * space + icon, r.y, r.w - 3 * space - icon, r.h};
    if (r.w >= px(d, BUTTON_TEXT)) {
        ctx_draw_text_in(&ui->draw, t->body, text, name, CTX_TEXT_ALL, CTX_TEXT_LEFT,
                         w->minimized ? t->muted : t->text);
    }
    if (!w->minimized) { /* a line below: long for the one with the keys */
        int32_t wide = active ? r.w - 2 * space : px(d, 10);
        ctx_draw_round(&ui->draw,
                       CTX_RECT(r.x + (active ? space : space + (icon - wide) / 2),
                                r.y + r.h - under, wide, under),
                       under / 2, active || w->calls ? t->accent : t->thumb);
    }
    ctx_ui_drawn(ui);
}

static void windows_part(struct desktop *d, struct panel *p, struct ctx_rect room)
{
    int32_t gap = px(d, 4), count = (int32_t)d->count;
    if (count == 0) {
        return;
    }
    int32_t wide = (room.w + gap) / count - gap, most = px(d, BUTTON_MOST);
    int32_t less = px(d, BUTTON_LESS), fit = count;
    wide = wide > most ? most : wide;
    if (wide < px(d, BUTTON_TEXT)) {
        fit = wide < less ? (room.w - px(d, 44)) / (less + gap) : count;
        wide = less;
    }
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        if (d->all[id].surface != 0 && fit > 0) {
            window_button(d, p, ctx_rect_left(&room, wide), id);
            ctx_rect_left(&room, gap);
            fit--;
            count--;
        }
    }
    if (count > 0) {
        struct line more;
        line_clear(&more);
        line_put(&more, "+");
        line_put_number(&more, (uint64_t)count);
        ctx_ui_label(&p->ui, room, more.text, CTX_UI_MUTED | CTX_UI_CENTER);
    }
}

/* Whether apps can reach each other: one that nobody verified is enough. */
static void lamp(struct desktop *d, struct panel *p, struct ctx_rect *room)
{
    const struct ctx_theme *t = &d->theme;
    struct ctx_ui *ui = &p->ui;
    struct ctx_system_info info = {.size = sizeof info};
    if (d->system == NULL || d->system->info(d->system, &info) != CTX_OK) {
        return;
    }
    const char *text = info.trusted == 0 ? "isolated" : "not isolated";
    int32_t dot = px(d, 8);
    int32_t wide = ctx_text_width(t->small, text, CTX_TEXT_ALL) + dot + 3 * t->gap;
    if (room->w < px(d, 560)) { /* a small screen: only the lamp */
        wide = dot + 2 * t->gap;
        text = "";
    }
    struct ctx_rect r = ctx_rect_right(room, wide);
    if (ctx_ui_look(ui, r, ctx_ui_mix(11, info.trusted == 0))) {
        uint32_t color = info.trusted == 0 ? t->good : t->warn;
        ctx_draw_round(&ui->draw, CTX_RECT(r.x + t->gap, r.y + (r.h - dot) / 2, dot, dot), dot / 2,
                       color);
        struct ctx_rect words = {r.x + 2 * t->gap + dot, r.y, wide, r.h};
        ctx_draw_text_in(&ui->draw, t->small, words, text, CTX_TEXT_ALL, CTX_TEXT_LEFT, t->muted);
        ctx_ui_drawn(ui);
    }
}

void bar_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect all = {0, 0, (int32_t)p->w, (int32_t)p->h};
    struct line date, clock;
    ctx_ui_panel(ui, all, t->panel, 0);
    ctx_ui_panel(ui, CTX_RECT(0, 0, all.w, t->border), t->line, 0);
    ui->back = t->panel;
    struct ctx_rect room = ctx_rect_inset(all, px(d, 4));
    struct ctx_rect start = ctx_rect_left(&room, px(d, 92));
    uint32_t open = d->panels[PANEL_LAUNCHER].surface != 0 ? CTX_UI_ON : 0;
    if ((ctx_ui_button_with(ui, start, CTX_ICON_SEARCH, "Apps", CTX_UI_NO_FOCUS | open) &
         CTX_UI_CLICKED) != 0) {
        launcher_toggle(d);
    }
    ctx_rect_left(&room, t->gap);
    time_texts(d, &date, &clock);
    int32_t wide = ctx_text_width(t->bold, clock.text, CTX_TEXT_ALL) + 2 * t->gap;
    ctx_ui_label(ui, ctx_rect_right(&room, wide), clock.text, CTX_UI_BOLD | CTX_UI_CENTER);
    if (date.len > 0 && room.w > px(d, 400)) {
        wide = ctx_text_width(t->body, date.text, CTX_TEXT_ALL) + t->gap;
        ctx_ui_label(ui, ctx_rect_right(&room, wide), date.text, CTX_UI_MUTED | CTX_UI_RIGHT);
    }
    struct ctx_rect gear = ctx_rect_right(&room, room.h);
    if ((ctx_ui_button_with(ui, gear, CTX_ICON_GEAR, "#settings", CTX_UI_NO_FOCUS | CTX_UI_FLAT) &
         CTX_UI_CLICKED) != 0) {
        settings_open(d);
    }
    lamp(d, p, &room);
    ctx_rect_right(&room, t->gap);
    windows_part(d, p, room);
}

void bar_open(struct desktop *d)
{
    int32_t h = d->theme.bar_h;
    if (panel_open(d, PANEL_BAR, d->screen_w, h, CTX_SURFACE_RGBX)) {
        panel_put(d, PANEL_BAR, 0, d->screen_h - h, LEVEL_BAR, 1);
    }
}
