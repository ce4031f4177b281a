/* SPDX-License-Identifier: MIT */
/* What can be done to a window, as a menu: right button on its title or on the task bar, Alt-Space.
 */
#include "desktop.h"

#include <ctx/key.h>

#define WIDTH 270 /* at scale 120 */

enum item { ITEM_ALL, ITEM_LEFT, ITEM_RIGHT, ITEM_FULL, ITEM_AWAY, ITEM_BACK, ITEM_CLOSE, ITEMS };

static const struct {
    const char *text, *keys;
    uint32_t icon;
} items[ITEMS] = {
    {"Maximize", "Super-Up", CTX_ICON_MAXIMIZE},
    {"Left half", "Super-Left", CTX_ICON_LEFT},
    {"Right half", "Super-Right", CTX_ICON_RIGHT},
    {"Whole screen", "Ctrl-Alt-Enter", CTX_ICON_FULL},
    {"Put away", "Super-M", CTX_ICON_MINIMIZE},
    {"To the back", "middle button", CTX_ICON_DOWN},
    {"Close", "Alt-F4", CTX_ICON_CLOSE},
};

int menu_is_open(const struct desktop *d)
{
    return d->panels[PANEL_MENU].surface != 0 && !d->panels[PANEL_MENU].close_due;
}

void menu_close(struct desktop *d)
{
    if (!menu_is_open(d)) {
        return;
    }
    panel_close(d, PANEL_MENU);
    d->menu_window = NOBODY;
    windows_focus_back(d);
}

void menu_open(struct desktop *d, uint16_t id, int32_t x, int32_t y)
{
    struct panel *p = &d->panels[PANEL_MENU];
    int32_t shadow = frame_shadow(d);
    int32_t w = px(d, WIDTH), h = ITEMS * px(d, 32) + 2 * px(d, 5);
    struct ctx_rect r = keep_inside(CTX_RECT(x, y, w, h), d->work);
    launcher_close(d);
    if (panel_open(d, PANEL_MENU, w + 2 * shadow, h + 2 * shadow, CTX_SURFACE_RGBA)) {
        panel_put(d, PANEL_MENU, r.x - shadow, r.y - shadow, LEVEL_FLOATS, 1);
        d->menu_window = id;
        d->menu_list = (struct ctx_ui_list){CTX_UI_NO_ROW, 0};
        d->windows->focus(d->windows, d->ctx->pid, p->surface);
    }
}

static void row(struct desktop *d, uint32_t no, struct row *out)
{
    const struct window *w = &d->all[d->menu_window];
    int on = (no == ITEM_FULL && w->full) || (no == ITEM_ALL && w->tile == TILE_ALL);
    line_put(&out->text, no == ITEM_ALL && on ? "As it was" : items[no].text);
    line_put(&out->column[0], no == ITEM_ALL && on ? "Super-Down" : items[no].keys);
    out->wide[0] = 110;
    out->icon = no == ITEM_ALL && on ? CTX_ICON_RESTORE : on ? CTX_ICON_CHECK : items[no].icon;
}

static void take(struct desktop *d, uint16_t id, uint32_t item)
{
    struct window *w = &d->all[id];
    if (item != ITEM_AWAY && item != ITEM_BACK && item != ITEM_CLOSE) {
        windows_choose(d, id);
    }
    switch (item) {
    case ITEM_ALL:
        windows_tile(d, id, w->tile == TILE_ALL ? TILE_NONE : TILE_ALL);
        break;
    case ITEM_LEFT:
    case ITEM_RIGHT:
        windows_tile(d, id, item == ITEM_LEFT ? TILE_LEFT : TILE_RIGHT);
        break;
    case ITEM_FULL:
        windows_full(d, id, !w->full);
        break;
    case ITEM_AWAY:
        windows_minimize(d, id);
        break;
    case ITEM_BACK:
        order_lower(d->order, d->count, id);
        windows_activate_top(d);
        break;
    default:
        windows_close(d, id);
    }
}

void menu_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    struct ctx_rect r = ctx_rect_inset(panel_floating(d, p), px(d, 5));
    uint16_t id = d->menu_window;
    if (id == NOBODY) {
        return;
    }
    int go = ctx_ui_key(ui, CTX_KEY_ENTER, 0) || ctx_ui_key(ui, CTX_KEY_SPACE, 0);
    if (ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        menu_close(d);
        return;
    }
    go |= (rows_draw(d, ui, r, &d->menu_list, ITEMS, row) & CTX_UI_CLICKED) != 0;
    uint32_t item = d->menu_list.chosen;
    if (go && item < ITEMS) {
        menu_close(d);
        take(d, id, item);
    }
}
