/* SPDX-License-Identifier: MIT */
/* Chords: what the desktop hears wherever the keys go. */
#include "desktop.h"

#include <ctx/key.h>

#define KEY_D     32
#define KEY_F4    62
#define KEY_F12   88
#define KEY_M     50
#define KEY_PRINT 99
#define KEY_S     31
#define SHIFT     CTX_MOD_SHIFT
#define CTRL      CTX_MOD_CTRL
#define ALT       CTX_MOD_ALT
#define META      CTX_MOD_META
#define HELD_MODS (CTX_MOD_SHIFT | CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META)
#define STEP      32 /* pixels that a key moves a window by */

enum deed {
    DO_SWITCH,
    DO_SWITCH_BACK,
    DO_LAUNCHER,
    DO_TILE,
    DO_MOVE,
    DO_SIZE,
    DO_DESKTOP,
    DO_MINIMIZE,
    DO_FULL,
    DO_CLOSE,
    DO_OVERVIEW,
    DO_NUMBER,
    DO_POINTER,
    DO_MENU,
    DO_SHOT,
    DO_DISMISS,
};

static const struct chord {
    uint16_t code, modifiers;
    uint8_t deed, arg;
} chords[] = {
    {CTX_KEY_TAB, ALT, DO_SWITCH, 0},
    {CTX_KEY_TAB, ALT | SHIFT, DO_SWITCH_BACK, 0},
    {0, META, DO_LAUNCHER, 0},
    {CTX_KEY_SPACE, META, DO_LAUNCHER, 0},
    {CTX_KEY_UP, META, DO_TILE, SIDE_UP},
    {CTX_KEY_DOWN, META, DO_TILE, SIDE_DOWN},
    {CTX_KEY_LEFT, META, DO_TILE, SIDE_LEFT},
    {CTX_KEY_RIGHT, META, DO_TILE, SIDE_RIGHT},
    {CTX_KEY_UP, META | SHIFT, DO_MOVE, SIDE_UP},
    {CTX_KEY_DOWN, META | SHIFT, DO_MOVE, SIDE_DOWN},
    {CTX_KEY_LEFT, META | SHIFT, DO_MOVE, SIDE_LEFT},
    {CTX_KEY_RIGHT, META | SHIFT, DO_MOVE, SIDE_RIGHT},
    {CTX_KEY_UP, META | CTRL, DO_SIZE, SIDE_UP},
    {CTX_KEY_DOWN, META | CTRL, DO_SIZE, SIDE_DOWN},
    {CTX_KEY_LEFT, META | CTRL, DO_SIZE, SIDE_LEFT},
    {CTX_KEY_RIGHT, META | CTRL, DO_SIZE, SIDE_RIGHT},
    {KEY_D, META, DO_DESKTOP, 0},
    {KEY_M, META, DO_MINIMIZE, 0},
    {CTX_KEY_ENTER, CTRL | ALT, DO_FULL, 0},
    {KEY_F4, ALT, DO_CLOSE, 0},
    {CTX_KEY_SPACE, ALT, DO_MENU, 0},
    {KEY_F12, 0, DO_OVERVIEW, 0},
    {KEY_PRINT, 0, DO_SHOT, 0},
    {KEY_S, META | SHIFT, DO_SHOT, 0},
    {CTX_KEY_ESC, META, DO_DISMISS, 0},
    {CTX_BTN_LEFT, ALT, DO_POINTER, 0},
    {CTX_BTN_RIGHT, ALT, DO_POINTER, 0},
    {CTX_KEY_1, META, DO_NUMBER, 0},
    {CTX_KEY_1 + 1, META, DO_NUMBER, 1},
    {CTX_KEY_1 + 2, META, DO_NUMBER, 2},
    {CTX_KEY_1 + 3, META, DO_NUMBER, 3},
    {CTX_KEY_1 + 4, META, DO_NUMBER, 4},
    {CTX_KEY_1 + 5, META, DO_NUMBER, 5},
    {CTX_KEY_1 + 6, META, DO_NUMBER, 6},
    {CTX_KEY_1 + 7, META, DO_NUMBER, 7},
    {CTX_KEY_1 + 8, META, DO_NUMBER, 8},
};
#define CHORDS (sizeof chords / sizeof chords[0])

void keys_grab(struct desktop *d)
{
    if (kiosk_is(d)) {
        return;
    }
    for (uint32_t i = 0; i < CHORDS; i++) {
        d->windows->grab(d->windows, chords[i].code, chords[i].modifiers);
    }
}

/* ---- deeds ---- */

static void tile(struct desktop *d, uint16_t id, enum side side)
{
    int lower = 0;
    enum tile next = tile_step(d->all[id].tile, side, &lower);
    if (lower) {
        windows_minimize(d, id);
    } else {
        windows_tile(d, id, next);
    }
}

static int32_t step_x(enum side side)
{
    return side == SIDE_LEFT ? -STEP : side == SIDE_RIGHT ? STEP : 0;
}

static int32_t step_y(enum side side)
{
    return side == SIDE_UP ? -STEP : side == SIDE_DOWN ? STEP : 0;
}

static void move(struct desktop *d, uint16_t id, enum side side)
{
    struct window *w = &d->all[id];
    if (w->full || w->tile != TILE_NONE) {
        return;
    }
    struct ctx_rect r = window_rect(d, w);
    r.x += step_x(side);
    r.y += step_y(side);
    r = keep_reachable(r, d->work, d->theme.title_h, px(d, 80));
    w->x = r.x;
    w->y = r.y;
    w->wanted.w = 0;
    d->arrange_due = 1;
}

static void size(struct desktop *d, uint16_t id, enum side side)
{
    struct window *w = &d->all[id];
    if (w->full || (w->flags & CTX_SURFACE_FIXED) != 0 || w->tile == TILE_ALL) {
        return;
    }
    struct ctx_rect least = window_smallest(d, w);
    w->tile = TILE_NONE;
    windows_want(d, id,
                 move_edges(window_rect(d, w), EDGE_RIGHT | EDGE_BOTTOM, step_x(side), step_y(side),
                            least.w, least.h),
                 EDGE_RIGHT | EDGE_BOTTOM);
}

/* The window whose button is number `no` on the task bar: they stand in the order of the array. */
static void number(struct desktop *d, uint32_t no)
{
    for (uint16_t id = 0; id < WINDOWS_MAX; id++) {
        if (d->all[id].surface != 0 && no-- == 0) {
            windows_choose(d, id);
            return;
        }
    }
}

/* With the one whose menu is open, or who has the keys. What else was open is closed. */
static void with_active(struct desktop *d, const struct chord *c)
{
    uint16_t id = menu_is_open(d) ? d->menu_window : d->active;
    int closes = c->deed == DO_CLOSE && launcher_is_open(d);
    int toggles = c->deed == DO_MENU && menu_is_open(d);
    launcher_close(d);
    menu_close(d);
    if (id == NOBODY || closes || toggles) {
        return;
    }
    switch (c->deed) {
    case DO_TILE:
        tile(d, id, (enum side)c->arg);
        break;
    case DO_MOVE:
        move(d, id, (enum side)c->arg);
        break;
    case DO_SIZE:
        size(d, id, (enum side)c->arg);
        break;
    case DO_MINIMIZE:
        windows_minimize(d, id);
        break;
    case DO_FULL:
        windows_full(d, id, !d->all[id].full);
        break;
    case DO_CLOSE:
        windows_close(d, id);
        break;
    case DO_MENU:
        menu_open(d, id, d->all[id].x, d->all[id].y + d->theme.title_h);
        break;
    default:
        break;
    }
}

static void act(struct desktop *d, const struct chord *c)
{
    switch (c->deed) {
    case DO_SWITCH:
    case DO_SWITCH_BACK:
        switcher_step(d, c->deed == DO_SWITCH_BACK);
        break;
    case DO_LAUNCHER:
        launcher_toggle(d);
        break;
    case DO_DESKTOP:
        launcher_close(d);
        menu_close(d);
        windows_show_desktop(d);
        break;
    case DO_OVERVIEW:
        overview_toggle(d);
        break;
    case DO_NUMBER:
        number(d, c->arg);
        break;
    case DO_SHOT:
        shot_take(d);
        break;
    case DO_DISMISS:
        notices_dismiss(d);
        break;
    default:
        with_active(d, c);
    }
}

/* While Alt-Tab goes on. */
static void switching(struct desktop *d, const struct ctx_event *e)
{
    if (e->value == 0) {
        if (e->code == CTX_KEY_LEFTALT) {
            switcher_end(d, 1);
        }
    } else if (e->code == CTX_KEY_TAB) {
        switcher_step(d, (e->modifiers & SHIFT) != 0);
    } else if (e->code == CTX_KEY_RIGHT || e->code == CTX_KEY_DOWN) {
        switcher_step(d, 0);
    } else if (e->code == CTX_KEY_LEFT || e->code == CTX_KEY_UP) {
        switcher_step(d, 1);
    } else if (e->code == KEY_PRINT && e->value == 1) {
        shot_take(d);
    } else if (e->code == CTX_KEY_ESC) {
        switcher_end(d, 0);
    }
}

int keys_chord(struct desktop *d, const struct ctx_event *e)
{
    if (d->switching) { /* ups name the surface that has the keys, which may be a panel */
        switching(d, e);
        return 1;
    }
    if (e->code == CTX_KEY_ESC && e->surface == 0 && e->value == 1 && !(e->modifiers & META)) {
        drag_take_back(d);
        return 1;
    }
    if (e->surface != 0 && e->value != 2) {
        return 0; /* typed into a panel; a repetition may be a chord's */
    }
    for (uint32_t i = 0; i < CHORDS && e->value != 0; i++) {
        const struct chord *c = &chords[i];
        int again = e->value == 2 && c->deed != DO_MOVE && c->deed != DO_SIZE;
        if (c->code == e->code && c->modifiers == (e->modifiers & HELD_MODS)) {
            if (!again) {
                act(d, c);
            }
            return 1;
        }
    }
    return e->surface == 0;
}
