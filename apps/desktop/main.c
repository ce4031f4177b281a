/* SPDX-License-Identifier: MIT */
/*
 * desktop - windows, task bar, launcher. What it is made of stands in desktop.h.
 *
 * Words: `scale=150` (percent), `contrast`, `pointer=200` (percent), `wallpaper=N`, `zone=RULE`,
 * `rtc=local`, `kiosk=NAME`, `tell` (what happens to windows stands in the log). Grants:
 * ctx.windows/1; and what it does without if it has to: ctx.loader/1, ctx.control/1, ctx.system/1,
 * ctx.screen/1.
 */
#include "desktop.h"

#include <ctx/key.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define IN_READS 32u /* events of one read */
#define WAIT_FOR                                                                                   \
    (1u << CTX_EVENT_KEY | 1u << CTX_EVENT_TEXT | 1u << CTX_EVENT_POINTER |                        \
     1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_FOCUS | 1u << CTX_EVENT_LEAVE |                       \
     1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_RESIZE | 1u << CTX_EVENT_WINDOWS |                    \
     1u << CTX_EVENT_PRESSED | 1u << CTX_EVENT_INTERFACE | 1u << CTX_EVENT_EXPOSE)

void desktop_say(struct desktop *d, const struct line *line)
{
    d->ctx->log((const uint8_t *)line->text, line->len);
}

/* ---- looks ---- */

int desktop_tells_scale(const struct desktop *d)
{
    return CTX_TABLE_HAS(struct ctx_windows, d->windows, set_scale);
}

static void measure(struct desktop *d)
{
    struct ctx_display_info info = {.size = sizeof info};
    if (desktop_tells_scale(d)) { /* everybody's, which info says from now on */
        d->windows->set_scale(d->windows, 120 * d->settings.scale / 100);
    }
    if (CTX_TABLE_HAS(struct ctx_windows, d->windows, set_looks)) {
        d->windows->set_looks(d->windows, d->settings.contrast != 0 ? CTX_DISPLAY_CONTRAST : 0);
    }
    d->ctx->display->info(d->ctx->display, &info);
    d->screen_w = info.w > 0 ? (int32_t)info.w : 1;
    d->screen_h = info.h > 0 ? (int32_t)info.h : 1;
    uint32_t scale = desktop_tells_scale(d) ? info.scale : info.scale * d->settings.scale / 100;
    ctx_theme_make(&d->theme, scale, d->settings.contrast != 0 ? CTX_THEME_CONTRAST : 0,
                   &ctx_faces_all);
    d->work = CTX_RECT(0, 0, d->screen_w, d->screen_h - (kiosk_is(d) ? 0 : d->theme.bar_h));
}

static void draw_black(struct desktop *d)
{
    const struct ctx_display *display = d->ctx->display;
    const struct panel *p = &d->panels[PANEL_BLACK];
    struct ctx_draw on =
        ctx_draw_on(display->pixels(display, p->surface), p->w, p->h, p->w, CTX_SURFACE_RGBX);
    ctx_draw_fill(&on, CTX_RECT(0, 0, on.w, on.h), CTX_RGB(0));
    display->damage(display, p->surface, 0, 0, p->w, p->h);
}

void desktop_make_look(struct desktop *d)
{
    int32_t before = (int32_t)d->theme.scale;
    measure(d);
    d->look_changed = 0;
    wall_make(d);
    int32_t bw = (d->screen_w + 7) / 8, bh = (d->screen_h + 7) / 8;
    if (panel_open(d, PANEL_BLACK, bw, bh, CTX_SURFACE_RGBX)) {
        draw_black(d);
    }
    pointers_make(d);
    if (!kiosk_is(d)) {
        bar_open(d);
    }
    for (uint32_t i = 0; i < d->count; i++) {
        d->all[d->order[i]].frame_w = 0; /* drawn anew */
    }
    panel_close(d, PANEL_PREVIEW);
    launcher_close(d);
    menu_close(d);
    switcher_end(d, 0);
    for (uint32_t kind = FIRST_WINDOW_PANEL; kind < PANELS; kind++) {
        struct panel *p = &d->panels[kind];
        int32_t now = (int32_t)d->theme.scale;
        ctx_ui_set_theme(&p->ui, &d->theme);
        p->stale = 1;
        if (p->surface != 0) { /* another scale, or another screen that it has to fit */
            panel_rescale(d, (enum panel_kind)kind, before != 0 ? before : now);
        }
    }
    d->panels[PANEL_NOTICES].stale = 1;
    notices_time(d);
    windows_bring_back(d, before != 0 && before != (int32_t)d->theme.scale);
}

/* ---- events ---- */

/* Where it is on the screen, of an event in a surface's own pixels. */
static void pointer_at(struct desktop *d, const struct ctx_event *e)
{
    const struct spot *spot = NULL;
    enum panel_kind kind = panel_of(d, e->surface);
    uint16_t id = frame_owner(d, e->surface);
    d->over = e->surface;
    d->over_x = e->x;
    d->over_y = e->y;
    d->buttons = e->code;
    if (id != NOBODY) {
        spot = &d->all[id].frame_spot;
    } else if (kind != PANELS) {
        id = windows_find(d, d->ctx->pid, e->surface);
        spot = id != NOBODY ? &d->all[id].spot : &d->panels[kind].spot;
    }
    d->screen_x = e->x + (spot != NULL ? spot->x : 0);
    d->screen_y = e->y + (spot != NULL ? spot->y : 0);
}

static void button(struct desktop *d, const struct ctx_event *up_or_down)
{
    struct ctx_event copy = *up_or_down, *e = &copy;
    uint32_t bit = 1u << (e->code - CTX_BTN_LEFT);
    if (d->switching && e->surface == 0) { /* Alt is held, so it is grabbed */
        e->surface = d->panels[PANEL_SWITCHER].surface;
    }
    if (e->value != 0 && d->buttons == 0) {
        d->pressed = e->surface;
    } else { /* an up says which surface has the keys, not where it went down */
        e->surface = d->pressed;
    }
    d->buttons = e->value != 0 ? d->buttons | bit : d->buttons & ~bit;
    enum panel_kind kind = panel_of(d, e->surface);
    if (e->value == 0) {
        d->grabbed = 0;
        drag_release(d, e->code);
    }
    if (e->surface != 0 && kind != PANELS) {
        uint16_t id = windows_find(d, d->ctx->pid, e->surface);
        if (e->value != 0 && id != NOBODY) {
            windows_activate(d, id);
        }
        if (e->value != 0 && kind != PANEL_LAUNCHER && kind != PANEL_BAR) {
            launcher_close(d);
        }
        if (e->value != 0 && kind != PANEL_MENU) {
            menu_close(d);
        }
        panel_event(d, kind, e);
    } else if (e->value != 0) {
        launcher_close(d);
        menu_close(d);
        if (e->surface != 0) {
            d->over = e->surface;
            drag_press(d, e->code);
        } else {
            d->grabbed = e->code;
        }
    }
}

/* A button went down over somebody else's surface, or on the canvas. */
static void pressed(struct desktop *d, const struct ctx_event *e)
{
    d->screen_x = e->x;
    d->screen_y = e->y;
    launcher_close(d);
    menu_close(d);
    uint16_t id = e->cookie == UINT64_MAX ? NOBODY : windows_find(d, e->cookie, e->surface);
    if (id != d->active || id != (d->count > 0 ? d->order[d->count - 1] : NOBODY)) {
        windows_choose(d, id);
    } else if (id != NOBODY) {
        (void)crash_ask_again(d, d->all[id].pid);
    }
}

/* The pixels of one of the desktop's own surfaces were not kept. */
static void exposed(struct desktop *d, uint32_t surface)
{
    enum panel_kind kind = panel_of(d, surface);
    uint16_t id = frame_owner(d, surface);
    if (id != NOBODY) {
        d->all[id].frame_lost = 1;
        d->arrange_due = 1;
    } else if (kind == PANEL_WALL) {
        wall_draw(d);
    } else if (kind == PANEL_BLACK) {
        draw_black(d);
    } else if (kind == PANEL_PREVIEW) {
        preview_draw(d);
    }
}

static void event(struct desktop *d, const struct ctx_event *e)
{
    enum panel_kind kind = panel_of(d, e->surface);
    switch (e->kind) {
    case CTX_EVENT_POINTER:
        pointer_at(d, e);
        if (d->grabbed != 0 && e->surface == 0) {
            d->screen_x -= e->dx;
            d->screen_y -= e->dy;
            drag_press_anywhere(d, d->grabbed);
            d->screen_x = e->x;
            d->screen_y = e->y;
            d->grabbed = 0;
        }
        drag_motion(d);
        panel_event(d, kind == PANELS ? PANEL_WALL : kind, e);
        break;
    case CTX_EVENT_KEY:
        if (e->code >= CTX_BTN_LEFT && e->code <= CTX_BTN_SIDE) {
            button(d, e);
        } else if (!keys_chord(d, e) && kind != PANELS) {
            panel_event(d, kind, e);
        }
        break;
    case CTX_EVENT_LEAVE:
        if (e->code == 1 && d->drag.kind == DRAG_NONE) {
            drag_leave(d);
        }
        if (kind != PANELS) {
            panel_event(d, kind, e);
        }
        break;
    case CTX_EVENT_WINDOWS:
        d->list_due = 1;
        break;
    case CTX_EVENT_EXPOSE:
        exposed(d, e->surface);
        if (kind != PANELS) {
            panel_event(d, kind, e);
        }
        break;
    case CTX_EVENT_CALENDAR:
        calendar_hear(d);
        break;
    case CTX_EVENT_INTERFACE:
        web_look(d);
        kept_look(d);
        break;
    case CTX_EVENT_PRESSED:
        pressed(d, e);
        break;
    case CTX_EVENT_RESIZE:
        if (e->surface == 0) {
            d->look_changed = 1;
        } else if (kind != PANELS) {
            panel_event(d, kind, e);
        }
        break;
    default:
        if (kind != PANELS) {
            panel_event(d, kind, e);
        }
    }
}

/* Of motions in a row only the last counts: a drag that is behind must not stay behind. */
static int is_overtaken(const struct ctx_event *e, const struct ctx_event *next)
{
    return e->kind == CTX_EVENT_POINTER && next->kind == CTX_EVENT_POINTER &&
           e->surface == next->surface && e->code == next->code;
}

static void events(struct desktop *d)
{
    struct ctx_event e[IN_READS];
    uint32_t count = 0;
    while (d->ctx->events->read(d->ctx->events, e, sizeof e, sizeof e[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (i + 1 == count || !is_overtaken(&e[i], &e[i + 1])) {
                event(d, &e[i]);
            }
        }
    }
}

/* ---- what runs out ---- */

static void closings(struct desktop *d)
{
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        struct window *w = &d->all[id];
        if (w->surface != 0 && w->close_ns != 0 && d->now_ns >= w->close_ns) {
            w->close_ns = 0;
            ending_open(d, id);
        }
    }
}

static void wake_at(struct desktop *d, uint64_t ns)
{
    if (ns != 0 && ns != UINT64_MAX) {
        d->ctx->time->wake_at(d->ctx->time, ns);
    }
}

static void wait(struct desktop *d)
{
    uint32_t more =
        CTX_TABLE_HAS(struct ctx_time, d->ctx->time, zone) ? 1u << CTX_EVENT_CALENDAR : 0;
    d->ctx->events->wait(d->ctx->events, WAIT_FOR | more);
    wake_at(d, calendar_next_ns(d, !kiosk_is(d)));
    wake_at(d, notices_next_ns(d));
    wake_at(d, d->overview_ns);
    wake_at(d, d->kiosk_ns);
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        wake_at(d, d->all[id].surface != 0 ? d->all[id].close_ns : 0);
        wake_at(d, d->all[id].surface != 0 ? d->all[id].pending_ns : 0);
    }
}

/* ---- its life ---- */

static const void *open(struct ctx *ctx, const char *id)
{
    const struct ctx_table *table = NULL;
    if (ctx->iface->open(ctx->iface, id, text_len(id), 0, &table) != CTX_OK ||
        (table->flags & CTX_TBL_GRANTED) == 0) {
        return NULL;
    }
    return table;
}

static struct desktop *start(struct ctx *ctx)
{
    struct desktop *d = ctx->mem->alloc(ctx->mem, sizeof *d, 64, CTX_MEM_ZERO);
    static const char wants[] = "it manages windows, and takes grant=ctx.windows/1 for that";
    static const char other[] = "another app manages windows already";
    if (d == NULL) {
        return NULL;
    }
    d->ctx = ctx;
    d->epoch = ctx->epoch;
    d->windows = open(ctx, CTX_ID_WINDOWS);
    d->loader = open(ctx, CTX_ID_LOADER);
    d->control = open(ctx, CTX_ID_CONTROL);
    d->apps = open(ctx, CTX_ID_APPS);
    d->system = open(ctx, CTX_ID_SYSTEM);
    d->screen = open(ctx, CTX_ID_SCREEN);
    d->calendar = open(ctx, CTX_ID_CALENDAR);
    if (d->windows == NULL || d->windows->manage(d->windows) != CTX_OK) {
        const char *why = d->windows == NULL ? wants : other;
        ctx->log((const uint8_t *)why, text_len(why));
        return NULL;
    }
    d->active = d->hovered = d->click_window = d->ending = d->menu_window = NOBODY;
    d->settings = (struct settings){.scale = 100, .pointer = 100};
    calendar_begin(d);
    settings_words(d);
    ctx->time->now(ctx->time, &d->now_ns);
    desktop_make_look(d);
    crash_look(d);
    keys_grab(d);
    d->list_due = 1;
    (void)open(ctx, CTX_ID_SERVICE); /* who has it hears of interfaces that come */
    web_look(d);
    kept_look(d);
    *ctx->store = d;
    return d;
}

/* This is an earlier state: what is on the screen may be another, and handles of others are. */
static void come_back(struct desktop *d)
{
    d->epoch = d->ctx->epoch;
    if (d->windows->manage(d->windows) != CTX_OK) {
        static const char why[] = "another app manages windows now";
        d->ctx->log((const uint8_t *)why, sizeof why - 1);
    }
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        d->all[id].spot.is = d->all[id].frame_spot.is = 0;
        d->all[id].told = 0;
    }
    for (uint32_t kind = 0; kind < PANELS; kind++) {
        d->panels[kind].spot.is = 0;
        d->panels[kind].stale = 1;
    }
    for (uint32_t i = 0; i < CTX_WINDOW_MIRRORS; i++) {
        d->pictures[i].into = 0; /* images have none */
    }
    d->web = (struct web_state){0}; /* of then */
    web_look(d);
    kept_forget(d);
    keys_grab(d);
    drag_end(d);
    d->crash_seq = 0;
    d->lists = 0; /* crashes so far are no news */
    crash_look(d);
    d->list_due = d->look_changed = 1;
    calendar_forget(d);
}

static int32_t call(struct desktop *d)
{
    d->ctx->time->now(d->ctx->time, &d->now_ns);
    if (d->epoch != d->ctx->epoch) {
        come_back(d);
    }
    int32_t disk = disk_go_on(d);
    events(d);
    for (uint32_t i = 0; d->list_due && i < 4; i++) { /* panels that opened are windows, too */
        windows_list(d);
    }
    crash_look(d);
    calendar_tell(d);
    kiosk_see_to(d);
    closings(d);
    windows_pending(d);
    if (bar_minute_is_over(d)) {
        d->panels[PANEL_BAR].stale = 1;
        notices_memory(d);
    }
    notices_time(d);
    overview_time(d);
    if (d->look_changed) {
        desktop_make_look(d);
    }
    panels_up_to_date(d);
    if (d->list_due) {
        windows_list(d);
    }
    if (d->arrange_due) {
        windows_arrange(d);
    }
    panels_up_to_date(d);
    wait(d);
    return disk_has_begun(d) ? CTX_AGAIN : disk;
}

int32_t _start(struct ctx *ctx)
{
    struct desktop *d = *ctx->store != NULL ? *ctx->store : start(ctx);
    if (d == NULL) {
        return CTX_EXIT(1);
    }
    d->ctx = ctx;
    return call(d);
}
