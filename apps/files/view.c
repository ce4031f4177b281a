/* SPDX-License-Identifier: MIT */
/* A folder's things: as rows or as pictures; what is chosen, by keys and mouse; dragging, also to
 * another window. */
#include "files.h"

#include <ctx/key.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TWICE_NS UINT64_C(400000000)
#define FAR      6 /* pixels from where a press is a drag */

enum { KEY_A = 30 };

uint32_t view_chosen(const struct view *v, uint64_t *bytes)
{
    uint32_t n = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        n += v->entries[i].chosen;
        sum += v->entries[i].chosen ? v->entries[i].bytes : 0;
    }
    if (bytes != NULL) {
        *bytes = sum;
    }
    return n;
}

void view_choose_all(struct view *v, int on)
{
    for (uint32_t i = 0; i < v->count; i++) {
        v->entries[i].chosen = (uint8_t)on;
    }
}

/* With Ctrl one more or less, with Shift all from there to here. */
static void choose(struct view *v, uint32_t at, uint32_t mods)
{
    if ((mods & CTX_MOD_SHIFT) != 0 && v->from < v->count) {
        uint32_t a = v->from < at ? v->from : at, b = v->from < at ? at : v->from;
        view_choose_all(v, 0);
        for (uint32_t i = a; i <= b; i++) {
            v->entries[i].chosen = 1;
        }
    } else if ((mods & CTX_MOD_CTRL) != 0) {
        v->entries[at].chosen ^= 1;
        v->from = at;
    } else {
        view_choose_all(v, 0);
        v->entries[at].chosen = 1;
        v->from = at;
    }
    v->at = at;
    v->follow = 1;
}

/* ---- keys ---- */

static void type_ahead(struct view *v, uint32_t c)
{
    for (uint32_t k = 1; k <= v->count && c < 0x80; k++) {
        uint32_t i = (v->at < v->count ? v->at + k : k - 1) % v->count;
        uint32_t first = (uint8_t)v->entries[i].name[0];
        if ((first | 0x20) == (c | 0x20)) {
            choose(v, i, 0);
            return;
        }
    }
}

static void keys(struct view *v, uint32_t rows)
{
    struct ctx_ui *ui = &v->pane.ui;
    uint32_t mods = ui->modifiers & (CTX_MOD_SHIFT | CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META);
    int64_t at = v->at < v->count ? (int64_t)v->at : -1, step = v->columns,
            last = (int64_t)v->count - 1;
    if (v->count == 0 || (mods & ~(uint32_t)CTX_MOD_SHIFT) != 0) {
        return;
    }
    switch (ui->key) {
    case CTX_KEY_UP:
        at = at < 0 ? last : at >= step ? at - step : at;
        break;
    case CTX_KEY_DOWN:
        at = at < 0 ? 0 : at + step <= last ? at + step : at / step < last / step ? last : at;
        break;
    case CTX_KEY_LEFT:
        at = step == 1 ? at : at > 0 ? at - 1 : 0;
        break;
    case CTX_KEY_RIGHT:
        at = step == 1 ? at : at < last ? at + 1 : last;
        break;
    case CTX_KEY_PAGEUP:
        at = at > step * rows ? at - step * rows : 0;
        break;
    case CTX_KEY_PAGEDOWN:
        at = at + step * rows < last ? at + step * rows : last;
        break;
    case CTX_KEY_HOME:
        at = 0;
        break;
    case CTX_KEY_END:
        at = last;
        break;
    case CTX_KEY_ENTER:
        if (at >= 0) {
            ui->key = 0;
            ui->again = 1;
            open_entry(v, (uint32_t)at);
        }
        return;
    default:
        if (ui->text > ' ') {
            type_ahead(v, ui->text);
            ui->text = 0;
            ui->again = 1;
        }
        return;
    }
    ui->key = 0;
    ui->again = 1;
    if (at >= 0) {
        choose(v, (uint32_t)at, mods);
    }
}

/* ---- dragging ---- */

/* Where a view's contents lie on the screen. */
static int place_of(struct view *v, struct ctx_rect *r, int32_t *scale)
{
    struct ctx_surface_info info = {.size = sizeof info};
    if (v == NULL || v->pane.surface == 0 ||
        v->app->ctx->display->describe(v->app->ctx->display, v->pane.surface, &info) != CTX_OK) {
        return 0;
    }
    *scale = info.scale >= 1 ? (int32_t)info.scale : 1;
    *r = CTX_RECT(info.x, info.y, (int32_t)v->pane.w * *scale, (int32_t)v->pane.h * *scale);
    return (info.state & CTX_WINDOW_HIDDEN) == 0;
}

/* Over which window the pointer is: this one, or another that lies there. */
static void find_drop(struct view *v, uint32_t hovered)
{
    struct files *f = v->app;
    struct ctx_ui *ui = &v->pane.ui;
    struct ctx_rect r, other;
    int32_t scale, theirs;
    f->drop_view = f->drop_at = NONE;
    if (!place_of(v, &r, &scale)) {
        return;
    }
    if (ctx_rect_has(CTX_RECT(0, 0, (int32_t)v->pane.w, (int32_t)v->pane.h), ui->x, ui->y)) {
        if (hovered < v->count && v->entries[hovered].is_folder && !v->entries[hovered].chosen) {
            f->drop_view = f->drag_view;
            f->drop_at = hovered;
        }
        return;
    }
    for (uint32_t i = 0; i < VIEWS; i++) {
        if (f->views[i] != v && place_of(f->views[i], &other, &theirs) &&
            ctx_rect_has(other, r.x + ui->x * scale, r.y + ui->y * scale)) {
            f->drop_view = i;
        }
    }
}

static void drop(struct view *v)
{
    struct files *f = v->app;
    char folder[PATH_MAX];
    uint32_t count = 0;
    if (f->drop_view == NONE) {
        return;
    }
    struct view *to = f->views[f->drop_view];
    snprintf(folder, sizeof folder, "%s", to->path);
    if (f->drop_at != NONE && !disk_join(folder, to->path, to->entries[f->drop_at].name)) {
        return;
    }
    char **paths = chosen_paths(v, &count);
    if (paths != NULL) {
        operate(v, f->drag_copies ? OP_COPY : OP_MOVE, paths, count, folder);
    }
}

static void drag(struct view *v, uint32_t bits, uint32_t hovered)
{
    struct files *f = v->app;
    struct ctx_ui *ui = &v->pane.ui;
    int32_t dx = ui->x - v->press_x, dy = ui->y - v->press_y;
    if ((bits & CTX_UI_HELD) != 0 && v->pressed != NONE && !v->drags &&
        (dx > FAR || dy > FAR || dx < -FAR || dy < -FAR)) {
        v->drags = 1;
        for (uint32_t i = 0; i < VIEWS; i++) {
            f->drag_view = f->views[i] == v ? i : f->drag_view;
        }
    }
    if (!v->drags) {
        return;
    }
    if ((bits & CTX_UI_HELD) != 0) {
        f->drag_copies = (ui->modifiers & CTX_MOD_CTRL) != 0;
        if (ui->pointed) {
            find_drop(v, hovered);
        }
        ui->cursor = f->drop_view == NONE ? CTX_CURSOR_FORBIDDEN : CTX_CURSOR_MOVE;
        return;
    }
    drop(v);
    v->drags = 0;
    v->pressed = NONE;
    f->drag_view = f->drop_view = f->drop_at = NONE;
    ui->again = 1;
}

static void mouse(struct view *v, struct ctx_rect in, uint32_t bits, uint32_t hovered)
{
    struct ctx_ui *ui = &v->pane.ui;
    if ((bits & CTX_UI_DOWN) != 0) {
        int twice =
            hovered == v->clicked && hovered != NONE && ui->time_ns - v->click_ns < TWICE_NS;
        v->click_ns = ui->time_ns;
        v->clicked = hovered;
        v->pressed = hovered;
        v->press_x = ui->x;
        v->press_y = ui->y;
        if (hovered == NONE) {
            view_choose_all(v, 0);
            v->at = NONE;
        } else if (twice) {
            v->clicked = NONE;
            open_entry(v, hovered);
        } else if (!v->entries[hovered].chosen ||
                   (ui->modifiers & (CTX_MOD_CTRL | CTX_MOD_SHIFT)) != 0) {
            choose(v, hovered, ui->modifiers);
        } else {
            v->at = hovered; /* several may be dragged; let go of, only this one stays */
        }
    } else if ((bits & CTX_UI_CLICKED) != 0 && !v->drags && v->pressed != NONE &&
               v->pressed == hovered && (ui->modifiers & (CTX_MOD_CTRL | CTX_MOD_SHIFT)) == 0) {
        choose(v, hovered, 0);
    }
    if ((bits & CTX_UI_MENU) != 0) {
        if (hovered != NONE && !v->entries[hovered].chosen) {
            choose(v, hovered, 0);
        }
        ctx_ui_open_menu(ui, "#things", ui->x, ui->y);
    }
    (void)in;
    drag(v, bits, hovered);
    if ((bits & CTX_UI_HELD) == 0) {
        v->pressed = NONE;
    }
}

/* ---- drawing ---- */

static void time_text(char *out, size_t room, int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    if (seconds == 0 || gmtime_r(&when, &tm) == NULL ||
        strftime(out, room, "%Y-%m-%d %H:%M", &tm) == 0) {
        out[0] = 0;
    }
}

static uint32_t plane(const struct ctx_theme *t, const struct entry *e, int over, uint32_t back)
{
    return e->chosen ? t->select : over ? t->control : back;
}

static void draw_row(struct view *v, struct ctx_rect r, const struct entry *e, int over)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    uint32_t text = e->chosen ? t->on_select : t->text, more = e->chosen ? t->on_select : t->muted;
    char words[40];
    ctx_draw_round(&ui->draw, r, t->radius, plane(t, e, over, ui->back));
    ctx_rect_left(&r, t->gap / 2);
    struct ctx_rect icon = ctx_rect_left(&r, r.h);
    icon_draw(&ui->draw, ctx_rect_inset(icon, ctx_theme_px(t, 3)), t, e);
    ctx_rect_left(&r, t->gap / 2);
    ctx_rect_right(&r, t->gap);
    if (r.w > ctx_theme_px(t, 320)) {
        time_text(words, sizeof words, e->changed);
        ctx_draw_text_in(&ui->draw, t->small, ctx_rect_right(&r, ctx_theme_px(t, 124)), words,
                         CTX_TEXT_ALL, CTX_TEXT_RIGHT, more);
    }
    words[0] = 0;
    if (!e->is_folder) {
        disk_size_text(words, sizeof words, e->bytes);
    }
    ctx_draw_text_in(&ui->draw, t->small, ctx_rect_right(&r, ctx_theme_px(t, 84)), words,
                     CTX_TEXT_ALL, CTX_TEXT_RIGHT, more);
    ctx_rect_right(&r, t->gap);
    ctx_draw_text_in(&ui->draw, t->body, r, e->name, CTX_TEXT_ALL, CTX_TEXT_LEFT, text);
}

static void draw_thumb(const struct ctx_draw *d, struct ctx_rect r, const uint32_t *thumb)
{
    struct ctx_draw from =
        ctx_draw_on((void *)(uintptr_t)thumb, THUMB_W, THUMB_H, THUMB_W, CTX_SURFACE_RGBA);
    ctx_draw_picture(d, r.x + (r.w - THUMB_W) / 2, r.y + (r.h - THUMB_H) / 2, &from);
}

/* Two lines of the name: what does not fit into the first, broken where it has to be. */
static void draw_name(const struct ctx_draw *d, const struct ctx_font *font, struct ctx_rect r,
                      const char *name, uint32_t color)
{
    uint32_t len = (uint32_t)strlen(name), fits = ctx_text_fit(font, name, len, r.w), cut = fits;
    struct ctx_rect line = ctx_rect_top(&r, font->height);
    if (fits < len) {
        while (cut > fits / 2 && cut > 0 && strchr(" -_.", name[cut - 1]) == NULL) {
            cut--;
        }
        fits = cut > fits / 2 ? cut : fits;
        ctx_draw_text_in(d, font, line, name, fits, CTX_TEXT_CENTER, color);
        ctx_draw_text_in(d, font, ctx_rect_top(&r, font->height), name + fits, len - fits,
                         CTX_TEXT_CENTER, color);
    } else {
        ctx_draw_text_in(d, font, line, name, len, CTX_TEXT_CENTER, color);
    }
}

static void draw_cell(struct view *v, struct ctx_rect r, const struct entry *e, int over)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int32_t side = ctx_theme_px(t, 56);
    struct ctx_rect in = ctx_rect_inset(r, ctx_theme_px(t, 4));
    ctx_draw_round(&ui->draw, ctx_rect_inset(r, ctx_theme_px(t, 2)), t->radius,
                   plane(t, e, over, ui->back));
    struct ctx_rect top = ctx_rect_top(&in, ctx_theme_px(t, 70));
    if (e->thumb != NULL) {
        draw_thumb(&ui->draw, top, e->thumb);
    } else {
        icon_draw(&ui->draw,
                  CTX_RECT(top.x + (top.w - side) / 2, top.y + (top.h - side) / 2, side, side), t,
                  e);
    }
    draw_name(&ui->draw, t->small, in, e->name, e->chosen ? t->on_select : t->text);
}

static uint32_t look_of(const struct view *v, uint32_t at, int over)
{
    const struct entry *e = &v->entries[at];
    uint32_t look =
        ctx_ui_mix_text((uint32_t)(e->chosen + 2 * over + 4 * v->grid), e->name, CTX_TEXT_ALL);
    look = ctx_ui_mix(look, (uint32_t)(e->bytes ^ e->bytes >> 32));
    return ctx_ui_mix(look,
                      (uint32_t)e->changed ^ (e->thumb != NULL ? 0x55555555u : 0) ^ e->is_folder);
}

/* Why nothing is seen. */
static void draw_empty(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int reads = v->stale || job_runs(&v->list);
    const char *head = v->error[0] != 0 ? "This folder can not be read"
                       : reads          ? ""
                                        : "Nothing is here";
    const char *text = v->error[0] != 0 ? v->error : "";
    if (!ctx_ui_look(ui, r,
                     ctx_ui_mix_text(ctx_ui_mix_text(9, head, CTX_TEXT_ALL), text, CTX_TEXT_ALL))) {
        return;
    }
    struct ctx_rect in = ctx_rect_inset(r, t->pad);
    ctx_rect_top(&in, in.h / 2 - t->row_h);
    ctx_draw_text_in(&ui->draw, t->head, ctx_rect_top(&in, t->row_h), head, CTX_TEXT_ALL,
                     CTX_TEXT_CENTER, v->error[0] != 0 ? t->text : t->disabled);
    ctx_draw_text_in(&ui->draw, t->body, ctx_rect_top(&in, t->row_h), text, CTX_TEXT_ALL,
                     CTX_TEXT_CENTER, t->muted);
    ctx_ui_drawn(ui);
}

static void things(struct view *v, struct ctx_rect in, struct ctx_rect cell, uint32_t rows,
                   uint32_t hovered)
{
    struct ctx_ui *ui = &v->pane.ui;
    struct files *f = v->app;
    uint32_t first = v->top * v->columns, end = first + (rows + 1) * v->columns;
    int32_t wide = in.w / (int32_t)v->columns;
    for (uint32_t i = first; i < v->count && i < end; i++) {
        uint32_t n = i - first;
        struct ctx_rect r = {in.x + (int32_t)(n % v->columns) * wide,
                             in.y + (int32_t)(n / v->columns) * cell.h, v->grid ? wide : in.w,
                             cell.h};
        r = ctx_rect_and(r, in);
        int drops = f->drop_view != NONE && f->views[f->drop_view] == v && f->drop_at == i;
        int over = (i == hovered && f->drag_view == NONE) || drops;
        if (r.h < cell.h || !ctx_ui_look(ui, r, look_of(v, i, over))) {
            continue;
        }
        if (v->grid) {
            draw_cell(v, r, &v->entries[i], over);
        } else {
            draw_row(v, r, &v->entries[i], over);
        }
        ctx_ui_drawn(ui);
    }
}

void view_draw(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    struct files *f = v->app;
    int target = f->drop_view != NONE && f->views[f->drop_view] == v && f->drop_at == NONE;
    ctx_ui_panel(ui, r, target ? ctx_color_mix(t->field, t->select, 100) : t->field, 0);
    struct ctx_rect bar = ctx_rect_right(&r, t->scroll_w);
    struct ctx_rect in = ctx_rect_inset(r, ctx_theme_px(t, 4));
    struct ctx_rect cell = {0, 0, ctx_theme_px(t, v->grid ? 116 : 1),
                            ctx_theme_px(t, v->grid ? 112 : 28)};
    v->columns = v->grid && in.w > cell.w ? (uint32_t)(in.w / cell.w) : 1;
    uint32_t rows = in.h > cell.h ? (uint32_t)(in.h / cell.h) : 1;
    uint32_t all = (v->count + v->columns - 1) / v->columns, hovered = NONE;
    uint32_t bits = ctx_ui_control(ui, ctx_ui_id(ui, "things"), r, CTX_UI_OWN_KEYS);
    int32_t wide = in.w / (int32_t)v->columns;
    if ((bits & CTX_UI_FOCUS) != 0 && ui->keys_here) {
        keys(v, rows);
    }
    if (ui->wheel != 0 && ctx_rect_has(r, ui->x, ui->y) && !ctx_ui_is_open(ui)) {
        int64_t to = (int64_t)v->top - (v->grid ? 1 : 3) * (int64_t)ui->wheel;
        v->top = to < 0 ? 0 : (uint32_t)to;
        ui->wheel = 0;
    }
    if (v->follow && v->at < v->count) {
        uint32_t row = v->at / v->columns;
        v->top = row < v->top ? row : row >= v->top + rows ? row - rows + 1 : v->top;
    }
    v->follow = 0;
    v->top = all <= rows ? 0 : v->top > all - rows ? all - rows : v->top;
    if (ctx_rect_has(in, ui->x, ui->y) && wide > 0) {
        uint32_t row = v->top + (uint32_t)((ui->y - in.y) / cell.h),
                 column = (uint32_t)((ui->x - in.x) / wide);
        hovered = row * v->columns + column;
        hovered = column < v->columns && hovered < v->count && row < v->top + rows ? hovered : NONE;
    }
    mouse(v, in, bits, hovered);
    ctx_ui_scroll(ui, bar, "#scroll", &v->top, rows, all);
    if (v->count == 0) {
        draw_empty(v, in);
    } else {
        things(v, in, cell, rows, ctx_ui_is_open(ui) ? NONE : hovered);
    }
}
