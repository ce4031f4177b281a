/* SPDX-License-Identifier: MIT */
/* ctx.windows/1: the mechanism for whoever manages windows. Policy is that app's. */
#include "surface_private.h"

#include "canvas.h"
#include "event.h"
#include "gate.h"
#include "image_check.h"
#include "mirror.h"
#include "route.h"
#include "watch.h"

#include <kernel/string.h>

#include <ctx/keymap.h>

#define NO_PID      UINT64_MAX
#define OPACITY_MAX 255u

void surface_describe(const struct app *app, const struct surface *s, struct ctx_surface_info *out)
{
    struct surface_area at = scene_area(s);
    struct route focus = route_focused();
    *out = (struct ctx_surface_info){
        .size = sizeof *out,
        .surface = surface_handle(s, (uint32_t)(s - app->surfaces->all)),
        .pid = app->pid,
        .flags = s->flags,
        .w = s->w,
        .h = s->h,
        .x = (int32_t)at.x,
        .y = (int32_t)at.y,
        .asked_x = s->asked_x,
        .asked_y = s->asked_y,
        .smallest_w = s->smallest_w,
        .smallest_h = s->smallest_h,
        .format = s->format,
        .cursor = s->cursor,
        .asked = s->asked,
        .level = s->place.level,
        .scale = s->place.placed ? s->place.scale : 1,
        .opacity = s->place.placed ? s->place.opacity : OPACITY_MAX,
        .state =
            (s->place.placed ? CTX_WINDOW_PLACED : 0u) | (s->place.hidden ? CTX_WINDOW_HIDDEN : 0u),
        .shown_w = (uint32_t)at.w,
        .shown_h = (uint32_t)at.h,
    };
    if (route_is_managed() && focus.to == app->pid && focus.surface == out->surface) {
        out->state |= CTX_WINDOW_FOCUS;
    }
    memcpy(out->title, s->title, sizeof out->title);
}

/* ---- list ---- */

static void describe_canvas(struct ctx_surface_info *out)
{
    *out = (struct ctx_surface_info){
        .size = sizeof *out,
        .pid = NO_PID,
        .w = canvas_width(),
        .h = canvas_height(),
        .format = CTX_SURFACE_RGBX,
        .scale = 1,
        .opacity = OPACITY_MAX,
        .state = CTX_WINDOW_CANVAS | CTX_WINDOW_PLACED,
        .shown_w = canvas_width(),
        .shown_h = canvas_height(),
    };
    if (route_is_managed() && route_focused().to == ROUTE_CANVAS) {
        out->state |= CTX_WINDOW_FOCUS;
    }
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        out->state |= app->has_canvas && app->window_w == 0 ? CTX_WINDOW_DRAWN : 0u;
    }
}

/* The caller's array. */
struct listing {
    uint64_t at;
    uint32_t room, each, count;
};

static bool put_one(struct listing *to, const void *one, uint32_t size)
{
    uint32_t no = to->count++;
    return no >= to->room || gate_put_element(to->at, no, to->each, one, size) == CTX_OK;
}

/* Those that are not shown: in no order that anybody sees. */
static bool put_hidden(struct listing *to)
{
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        for (uint32_t i = 0; app->surfaces != NULL && i < app->surfaces->room; i++) {
            const struct surface *s = &app->surfaces->all[i];
            struct ctx_surface_info info;
            if (s->frame == 0 || s->listed) {
                continue;
            }
            surface_describe(app, s, &info);
            if (!put_one(to, &info, sizeof info)) {
                return false;
            }
        }
    }
    return true;
}

static bool put_shown(struct listing *to)
{
    for (uint32_t i = 0; i < scene_count(); i++) {
        const struct layer *l = scene_layer(i);
        struct ctx_surface_info info;
        surface_describe(l->app, l->s, &info);
        if (!put_one(to, &info, sizeof info)) {
            return false;
        }
    }
    return true;
}

static uint64_t windows_list(struct app *self, const uint64_t args[6])
{
    (void)self;
    struct listing to = {.at = args[1], .each = (uint32_t)args[3]};
    if (to.each < GATE_ELEMENT_MIN) {
        return (uint32_t)CTX_E_INVAL;
    }
    to.room = (uint32_t)args[2] / to.each;
    scene_bring_up();
    struct ctx_surface_info canvas;
    describe_canvas(&canvas);
    if (!put_one(&to, &canvas, sizeof canvas) || !put_hidden(&to) || !put_shown(&to)) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)gate_put(args[4], &to.count, sizeof to.count);
}

/* ---- managing ---- */

static uint64_t windows_manage(struct app *app, const uint64_t args[6])
{
    (void)args;
    app_reaches_out(app, "it manages windows from now on");
    ctx_status status = route_manage(app);
    scene_changed();
    return (uint32_t)status;
}

static bool manages(const struct app *app)
{
    return route_manager() == app;
}

static uint64_t windows_release(struct app *app, const uint64_t args[6])
{
    (void)args;
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    app_reaches_out(app, "it manages windows no longer");
    route_release();
    scene_changed();
    return CTX_OK;
}

/* A surface of any app's. */
static struct surface *find(uint64_t pid, uint64_t handle, struct app **of)
{
    struct app *app = app_first();
    while (app != NULL && app->pid != pid) {
        app = app->next;
    }
    *of = app;
    return app != NULL ? surface_by_handle(app, handle) : NULL;
}

static bool keeps_ends(const struct ctx_image_shown *s)
{
    return (s->left | s->right | s->top | s->bottom) != 0;
}

/* Where it lies, and how large, scene.c sees for itself. */
static bool looks_other(const struct surface_place *a, const struct surface_place *b)
{
    return a->level != b->level || a->opacity != b->opacity || !b->placed ||
           memcmp(&a->shown, &b->shown, sizeof a->shown) != 0;
}

static uint64_t windows_place(struct app *app, const uint64_t args[6])
{
    struct ctx_window_place in;
    struct app *of;
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    ctx_status status = gate_get_struct(args, 1, &in, sizeof in);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    struct surface *s = find(in.pid, in.surface, &of);
    if (s == NULL || (s->flags & CTX_SURFACE_POINTER) != 0) {
        return (uint32_t)CTX_E_NOENT;
    }
    struct surface_place place = {
        .x = in.x,
        .y = in.y,
        .level = in.level,
        .scale = in.scale,
        .opacity = in.opacity,
        .placed = true,
        .hidden = (in.state & CTX_WINDOW_HIDDEN) != 0,
        .shown = {in.shown_w, in.shown_h, in.filter, in.keep_left, in.keep_right, in.keep_top,
                  in.keep_bottom, in.rsv},
    };
    if ((in.state & ~(uint32_t)CTX_WINDOW_HIDDEN) != 0 ||
        !image_shown_is_good(in.scale, in.opacity, &place.shown) ||
        (of != app && keeps_ends(&place.shown))) {
        return (uint32_t)CTX_E_INVAL;
    }
    bool looks_different = looks_other(&place, &s->place);
    s->place = place;
    if (looks_different) {
        scene_touched(s);
    }
    scene_changed();
    return CTX_OK;
}

static uint64_t windows_focus(struct app *app, const uint64_t args[6])
{
    struct app *of;
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (args[1] == NO_PID && (uint32_t)args[2] == 0) {
        route_focus((struct route){ROUTE_CANVAS, 0});
        return CTX_OK;
    }
    if (find(args[1], args[2], &of) == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    route_focus((struct route){of->pid, (uint32_t)args[2]});
    return CTX_OK;
}

static uint64_t windows_grab(struct app *app, const uint64_t args[6])
{
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    bool good = image_is_chord((uint32_t)args[1], (uint32_t)args[2]);
    return (uint32_t)(good ? route_grab((uint32_t)args[1], (uint32_t)args[2]) : CTX_E_INVAL);
}

static uint64_t windows_ungrab(struct app *app, const uint64_t args[6])
{
    return (uint32_t)(manages(app) ? route_ungrab((uint32_t)args[1], (uint32_t)args[2])
                                   : CTX_E_DENIED);
}

/* Tell a surface's app something about it. */
static ctx_status tell(const uint64_t args[6], const struct ctx_event *event)
{
    struct app *of;
    struct ctx_event out = *event;
    if (find(args[1], args[2], &of) == NULL) {
        return CTX_E_NOENT;
    }
    out.surface = (uint32_t)args[2];
    event_send(of->pid, &out);
    return CTX_OK;
}

static uint64_t windows_close(struct app *app, const uint64_t args[6])
{
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    return (uint32_t)tell(args, &(struct ctx_event){.kind = CTX_EVENT_CLOSE});
}

static uint64_t windows_resize(struct app *app, const uint64_t args[6])
{
    uint32_t w = (uint32_t)args[3], h = (uint32_t)args[4];
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (w == 0 || h == 0 || w > SURFACE_SIDE_MAX || h > SURFACE_SIDE_MAX) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)tell(
        args, &(struct ctx_event){.kind = CTX_EVENT_RESIZE, .x = (int32_t)w, .y = (int32_t)h});
}

/* ---- the keyboard's layout ---- */

static uint64_t windows_layouts(struct app *self, const uint64_t args[6])
{
    (void)self;
    struct listing to = {.at = args[1], .each = (uint32_t)args[3]};
    if (to.each < GATE_ELEMENT_MIN) {
        return (uint32_t)CTX_E_INVAL;
    }
    to.room = (uint32_t)args[2] / to.each;
    for (uint32_t i = 0; i < ctx_keymap_count(); i++) {
        const struct ctx_keymap *keymap = ctx_keymap_get(i);
        struct ctx_keyboard_layout out = {.current = i == event_layout()};
        memcpy(out.name, keymap->name, MIN(sizeof out.name, sizeof keymap->name));
        memcpy(out.title, keymap->title, MIN(sizeof out.title, sizeof keymap->title));
        if (!put_one(&to, &out, sizeof out)) {
            return (uint32_t)CTX_E_INVAL;
        }
    }
    return (uint32_t)gate_put(args[4], &to.count, sizeof to.count);
}

static uint64_t windows_set_layout(struct app *app, const uint64_t args[6])
{
    char name[sizeof((struct ctx_keyboard_layout *)0)->name];
    uint32_t len = (uint32_t)args[2];
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (len > sizeof name) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (machine_copy_in(name, args[1], len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)(event_set_layout_by_name(name, len) ? CTX_OK : CTX_E_NOENT);
}

/* ---- small pictures ---- */

static uint64_t windows_mirror(struct app *app, const uint64_t args[6])
{
    struct ctx_window_mirror in;
    uint32_t no = (uint32_t)args[1];
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (no >= CTX_WINDOW_MIRRORS) {
        return (uint32_t)CTX_E_RANGE;
    }
    ctx_status status = gate_get_struct(args, 2, &in, sizeof in);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    bool is_canvas = in.pid == NO_PID && in.surface == 0;
    struct app *of;
    const struct surface *s = is_canvas ? NULL : find(in.pid, in.surface, &of);
    const struct surface *into = surface_by_handle(app, in.into);
    if ((!is_canvas && (s == NULL || (s->flags & CTX_SURFACE_POINTER) != 0)) || into == NULL ||
        (into->flags & CTX_SURFACE_POINTER) != 0) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (in.w == 0 || in.h == 0 || in.w > SURFACE_SIDE_MAX || in.h > SURFACE_SIDE_MAX ||
        in.opacity > OPACITY_MAX) {
        return (uint32_t)CTX_E_INVAL;
    }
    mirror_set(no, &in);
    return CTX_OK;
}

static uint64_t windows_unmirror(struct app *app, const uint64_t args[6])
{
    uint32_t no = (uint32_t)args[1];
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (no >= CTX_WINDOW_MIRRORS) {
        return (uint32_t)CTX_E_RANGE;
    }
    return (uint32_t)(mirror_unset(no) ? CTX_OK : CTX_E_NOENT);
}

static uint64_t windows_set_scale(struct app *app, const uint64_t args[6])
{
    uint32_t scale = (uint32_t)args[1];
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (scale < SCALE_LEAST || scale > SCALE_MOST) {
        return (uint32_t)CTX_E_RANGE;
    }
    display_set_scale(scale);
    return CTX_OK;
}

static uint64_t windows_set_looks(struct app *app, const uint64_t args[6])
{
    uint32_t looks = (uint32_t)args[1];
    if (!manages(app)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if ((looks & ~(uint32_t)CTX_DISPLAY_CONTRAST) != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    display_set_looks(looks);
    return CTX_OK;
}

GATE_TABLE(ctx_windows_table, CTX_TABLE_WINDOWS, windows_list, windows_manage, windows_release,
           windows_place, windows_focus, windows_grab, windows_ungrab, windows_close,
           windows_resize, windows_layouts, windows_set_layout, windows_mirror, windows_unmirror,
           windows_set_scale, windows_set_looks);

/* ---- what the router asks ---- */

static bool locate(uint64_t pid, uint32_t surface, uint32_t x, uint32_t y, struct route_spot *out)
{
    struct app *of;
    const struct surface *s = find(pid, surface, &of);
    if (s == NULL) {
        return false;
    }
    scene_spot(of, s, x, y, out);
    return true;
}

static bool look(uint64_t pid, uint32_t surface, bool *relative)
{
    struct app *of;
    const struct surface *s = find(pid, surface, &of);
    *relative = s != NULL && (s->flags & CTX_SURFACE_RELATIVE) != 0;
    return s != NULL;
}

void windows_init(void)
{
    static const struct route_screen screen = {scene_hit, locate, look, surface_exposed,
                                               surface_exposed_end};
    route_set_screen(&screen);
}
