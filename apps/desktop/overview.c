/* SPDX-License-Identifier: MIT */
/* F12: who takes time and memory. It looks once a second while it is open, and only then. */
#include "desktop.h"

#include <ctx/key.h>

#define CARD_W     150 /* of a window, at scale 120 */
#define CARD_LEAST 104
#define CARD_H     128
#define APPS       (sizeof d->app_list / sizeof d->app_list[0])

void overview_toggle(struct desktop *d)
{
    struct panel *p = &d->panels[PANEL_OVERVIEW];
    uint16_t id = p->surface != 0 ? windows_find(d, d->ctx->pid, p->surface) : NOBODY;
    launcher_close(d);
    menu_close(d);
    if (id != NOBODY && d->active == id) {
        panel_close(d, PANEL_OVERVIEW);
        return;
    }
    panel_open_window(d, PANEL_OVERVIEW, 720, 520, "Overview", 0);
    d->overview_list.chosen = CTX_UI_NO_ROW;
    d->overview_ns = d->now_ns;
    d->app_look_ns = 0;
}

static uint64_t time_before(const struct desktop *d, uint64_t pid)
{
    for (uint32_t i = 0; i < APPS; i++) {
        if (d->app_pids[i] == pid) {
            return d->app_times[i];
        }
    }
    return UINT64_MAX;
}

static void look(struct desktop *d)
{
    uint64_t took = d->now_ns - d->app_look_ns;
    uint64_t times[APPS], pids[APPS];
    uint32_t count = 0;
    if (d->apps == NULL) {
        return;
    }
    d->apps->list(d->apps, d->app_list, sizeof d->app_list, sizeof d->app_list[0], &count);
    d->app_all = count;
    d->app_count = count < APPS ? count : (uint32_t)APPS;
    for (uint32_t i = 0; i < APPS; i++) {
        const struct ctx_app_info *app = &d->app_list[i];
        pids[i] = i < d->app_count ? app->pid : UINT64_MAX;
        times[i] = i < d->app_count ? app->time_ns : 0;
        uint64_t before = time_before(d, pids[i]);
        uint64_t used = before <= times[i] ? times[i] - before : 0;
        d->app_share[i] = d->app_look_ns != 0 && took > 0 ? (uint32_t)(used * 1000 / took) : 0;
    }
    __builtin_memcpy(d->app_times, times, sizeof times);
    __builtin_memcpy(d->app_pids, pids, sizeof pids);
    d->app_look_ns = d->now_ns;
}

void overview_time(struct desktop *d)
{
    struct panel *p = &d->panels[PANEL_OVERVIEW];
    if (p->surface == 0) {
        d->overview_ns = 0;
    } else if (d->now_ns >= d->overview_ns) {
        look(d);
        web_look(d);
        d->overview_ns = d->now_ns + SECOND;
        p->stale = 1;
    }
}

static const char *state_name(uint32_t state)
{
    static const char *const names[] = {"ready",  "waits",       "stopped",         "ended",
                                        "paused", "begins anew", "misses something"};
    return state < sizeof names / sizeof names[0] ? names[state] : "?";
}

static void row(struct desktop *d, uint32_t no, struct row *out)
{
    const struct ctx_app_info *app = &d->app_list[no];
    line_put_bytes(&out->text, app->name, sizeof app->name);
    line_put(&out->column[0], state_name(app->state));
    line_put_number(&out->column[1], d->app_share[no] / 10);
    line_put(&out->column[1], ".");
    line_put_number(&out->column[1], d->app_share[no] % 10);
    line_put(&out->column[1], " %");
    line_put_bytes_of(&out->column[2], app->memory);
    out->wide[0] = 120;
    out->wide[1] = 70;
    out->wide[2] = 90;
}

static void machine(struct desktop *d, struct line *line)
{
    struct ctx_system_info info = {.size = sizeof info};
    line_clear(line);
    line_put_number(line, d->app_all);
    line_put(line, " apps");
    if (d->app_all > d->app_count) {
        line_put(line, " (the first 64 are shown)");
    }
    if (d->system != NULL && d->system->info(d->system, &info) == CTX_OK) {
        line_put(line, ", ");
        line_put_bytes_of(line, info.memory_free);
        line_put(line, " of ");
        line_put_bytes_of(line, info.memory);
        line_put(line, " free, ");
        line_put(line, info.trusted == 0 ? "isolated" : "not isolated");
    }
}

/* Windows in small, in the order of the task bar, as many as there is room for; a click goes there.
 */
static void windows(struct desktop *d, struct panel *p, struct ctx_rect r)
{
    int32_t count = (int32_t)d->count - 1, side = px(d, CARD_W), more = 0;
    if (count * side > r.w) { /* narrower, so that more of them are seen */
        side = r.w / count > px(d, CARD_LEAST) ? r.w / count : px(d, CARD_LEAST);
    }
    uint32_t no = SWITCHER_PICTURES;
    uint16_t chosen = NOBODY;
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        const struct window *w = &d->all[id];
        if (w->surface == 0 || (window_is_own(d, w) && w->surface == p->surface)) {
            continue;
        }
        if (r.w < side || no >= CTX_WINDOW_MIRRORS) {
            more++;
            continue;
        }
        struct ctx_rect c = ctx_rect_left(&r, side);
        uint32_t did = window_card(d, p, ctx_rect_inset(c, px(d, 2)), no++, id, 0);
        chosen = (did & CTX_UI_CLICKED) != 0 ? id : chosen;
    }
    pictures_drop(d, no, CTX_WINDOW_MIRRORS);
    struct line line;
    line_clear(&line);
    if (more > 0) {
        line_put(&line, "+");
        line_put_number(&line, (uint64_t)more);
    }
    ctx_ui_label(&p->ui, r, line.text, CTX_UI_MUTED);
    if (chosen != NOBODY) {
        windows_choose(d, chosen);
    }
}

void overview_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad);
    struct line line;
    machine(d, &line);
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), line.text, CTX_UI_MUTED);
    struct ctx_rect foot = ctx_rect_bottom(&r, t->control_h);
    ctx_rect_bottom(&r, t->gap);
    if (web_line(d, &line)) {
        ctx_ui_label(ui, ctx_rect_bottom(&r, t->row_h), line.text, CTX_UI_MUTED);
    }
    if (r.h > 2 * px(d, CARD_H)) { /* else the list is what it is for */
        windows(d, p, ctx_rect_top(&r, px(d, CARD_H)));
        ctx_rect_top(&r, t->gap);
    } else {
        pictures_drop(d, SWITCHER_PICTURES, CTX_WINDOW_MIRRORS);
    }
    rows_in_field(d, ui, r, &d->overview_list, d->app_count, row);
    uint32_t chosen = d->overview_list.chosen;
    int can = d->control != NULL && chosen < d->app_count && d->app_list[chosen].pid != d->ctx->pid;
    int32_t wide = px(d, 110);
    if ((ctx_ui_button_with(ui, ctx_rect_right(&foot, wide), CTX_ICON_POWER, "End it",
                            can ? CTX_UI_DANGER : CTX_UI_DISABLED) &
         CTX_UI_CLICKED) != 0 &&
        can) {
        d->control->stop(d->control, d->app_list[chosen].pid);
        d->overview_ns = d->now_ns + SECOND / 10;
    }
    ctx_rect_right(&foot, t->gap);
    if ((ctx_ui_button_with(ui, ctx_rect_right(&foot, wide), CTX_ICON_REDO, "Restart",
                            can ? 0 : CTX_UI_DISABLED) &
         CTX_UI_CLICKED) != 0 &&
        can) {
        d->control->restart(d->control, d->app_list[chosen].pid);
        windows_forget_app(d, d->app_list[chosen].pid);
        d->overview_ns = d->now_ns + SECOND / 10;
    }
    if (ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        panel_close(d, PANEL_OVERVIEW);
    }
}
