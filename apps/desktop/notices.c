/* SPDX-License-Identifier: MIT */
/*
 * What the desktop has to say: a stack of notices in a corner where they cover no title, each for a
 * while or until a click on it or Super-Esc.
 */
#include "desktop.h"

#define WIDTH       340 /* at scale 120 */
#define HEIGHT      84
#define STAYS_NS    (8 * SECOND)
#define CORNER_LEFT 1u
#define CORNER_TOP  2u
#define LOW_PART    10 /* of all memory, that should be free */

/* Where a stack of this size, without its shadow, lies in a corner of the work area. */
static struct ctx_rect in_corner(const struct desktop *d, uint32_t corner, int32_t w, int32_t h)
{
    int32_t pad = d->theme.pad;
    int32_t x = corner & CORNER_LEFT ? pad : d->work.w - pad - w;
    int32_t y = corner & CORNER_TOP ? pad : d->work.h - pad - h;
    return CTX_RECT(d->work.x + x, d->work.y + (y > 0 ? y : 0), w, h);
}

static int covers_title(const struct desktop *d, struct ctx_rect r)
{
    int covers = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct window *w = &d->all[d->order[i]];
        struct ctx_rect title = window_rect(d, w);
        title.h = d->theme.title_h;
        covers |= !w->minimized && !w->full && ctx_rect_and(title, r).w > 0;
    }
    return covers;
}

/* It stays where it is as long as that covers none. */
static struct ctx_rect place(struct desktop *d, int32_t w, int32_t h)
{
    static const uint32_t corners[] = {0, CORNER_LEFT, CORNER_TOP, CORNER_TOP | CORNER_LEFT};
    struct ctx_rect r = in_corner(d, d->notice_corner, w, h);
    for (uint32_t i = 0; i < 4 && covers_title(d, r); i++) {
        r = in_corner(d, corners[i], w, h);
        d->notice_corner = corners[i];
    }
    if (covers_title(d, r)) { /* all do: where large windows have none */
        d->notice_corner = 0;
        r = in_corner(d, 0, w, h);
    }
    return r;
}

void notices_aside(struct desktop *d)
{
    const struct panel *p = &d->panels[PANEL_NOTICES];
    int32_t shadow = frame_shadow(d);
    if (p->surface != 0) {
        struct ctx_rect r = place(d, (int32_t)p->w - 2 * shadow, (int32_t)p->h - 2 * shadow);
        panel_put(d, PANEL_NOTICES, r.x - shadow, r.y - shadow, LEVEL_FLOATS + 2, 1);
    }
}

static void fit(struct desktop *d)
{
    struct panel *p = &d->panels[PANEL_NOTICES];
    int32_t shadow = frame_shadow(d), each = px(d, HEIGHT);
    int32_t most = d->work.w - 2 * d->theme.gap, w = px(d, WIDTH) < most ? px(d, WIDTH) : most;
    if (d->notice_count == 0) {
        panel_close(d, PANEL_NOTICES);
        d->notice_corner = 0;
        return;
    }
    int32_t h = each * (int32_t)d->notice_count + 2 * shadow;
    if (panel_open(d, PANEL_NOTICES, w + 2 * shadow, h, CTX_SURFACE_RGBA)) {
        notices_aside(d);
    }
    p->stale = 1;
}

static void drop(struct desktop *d, uint32_t no)
{
    for (; no + 1 < d->notice_count; no++) {
        d->notices[no] = d->notices[no + 1];
    }
    d->notice_count--;
}

void notices_dismiss(struct desktop *d)
{
    if (d->notice_count > 0) {
        drop(d, d->notice_count - 1);
        d->notices_due = 1;
    }
}

void notices_unsay(struct desktop *d, const char *head)
{
    for (uint32_t i = d->notice_count; i > 0; i--) {
        if (same_text(d->notices[i - 1].head.text, head)) {
            drop(d, i - 1);
            d->notices_due = 1;
        }
    }
}

void notices_say(struct desktop *d, int bad, const char *head, const char *text)
{
    struct line log;
    line_clear(&log);
    line_put(&log, "notice: ");
    line_put(&log, head);
    line_put(&log, ": ");
    line_put(&log, text);
    desktop_say(d, &log);
    if (kiosk_is(d)) {
        return; /* nothing is shown over its app; the log has it */
    }
    notices_unsay(d, head); /* the same once more: the old one goes */
    if (d->notice_count == NOTICES_MAX) {
        drop(d, 0);
    }
    struct notice *n = &d->notices[d->notice_count++];
    n->until_ns = d->now_ns + STAYS_NS;
    n->bad = bad != 0;
    n->icon = bad ? CTX_ICON_WARN : CTX_ICON_INFO;
    line_clear(&n->head);
    line_clear(&n->text);
    line_put(&n->head, head);
    line_put(&n->text, text);
    d->notices_due = 1;
}

void notices_time(struct desktop *d)
{
    for (uint32_t i = d->notice_count; i > 0; i--) {
        if (d->now_ns >= d->notices[i - 1].until_ns) {
            drop(d, i - 1);
            d->notices_due = 1;
        }
    }
    if (d->notices_due) {
        d->notices_due = 0;
        fit(d);
    }
}

uint64_t notices_next_ns(const struct desktop *d)
{
    uint64_t next = UINT64_MAX;
    for (uint32_t i = 0; i < d->notice_count; i++) {
        next = d->notices[i].until_ns < next ? d->notices[i].until_ns : next;
    }
    return next;
}

/* Once for each time that it runs low; looked at when the clock is drawn. */
void notices_memory(struct desktop *d)
{
    struct ctx_system_info info = {.size = sizeof info};
    if (d->system == NULL || d->system->info(d->system, &info) != CTX_OK) {
        return;
    }
    int low = info.memory_free < info.memory / LOW_PART;
    if (low && !d->memory_low) {
        struct line line;
        line_clear(&line);
        line_put_bytes_of(&line, info.memory_free);
        line_put(&line, " are free. F12 shows who has it.");
        notices_say(d, 1, "Memory runs low", line.text);
    }
    d->memory_low = low;
}

void notices_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = panel_floating(d, p);
    for (uint32_t i = 0; i < d->notice_count; i++) {
        const struct notice *n = &d->notices[i];
        struct ctx_rect all = ctx_rect_top(&r, px(d, HEIGHT)), one = ctx_rect_inset(all, t->pad);
        struct ctx_rect icon = ctx_rect_left(&one, px(d, 22));
        ctx_rect_left(&one, t->gap);
        struct ctx_rect close = ctx_rect_right(&one, t->row_h);
        if (ctx_ui_look(ui, icon, n->icon)) {
            ctx_draw_icon(&ui->draw, CTX_RECT(icon.x, icon.y, icon.w, icon.w), n->icon,
                          n->bad ? t->warn : t->accent);
            ctx_ui_drawn(ui);
        }
        ctx_ui_label(ui, ctx_rect_top(&one, one.h * 2 / 5), n->head.text, CTX_UI_BOLD);
        panel_two_lines(ui, one, n->text.text, 2);
        close.h = close.w;
        uint32_t bits =
            ctx_ui_button_with(ui, close, CTX_ICON_CLOSE, "#forget", CTX_UI_FLAT | CTX_UI_NO_FOCUS);
        bits |= ctx_ui_control(ui, ctx_ui_id(ui, "#all"), all, CTX_UI_NO_FOCUS);
        if ((bits & CTX_UI_CLICKED) != 0) {
            drop(d, i);
            d->notices_due = 1;
            return;
        }
    }
}
