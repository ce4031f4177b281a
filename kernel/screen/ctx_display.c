/* SPDX-License-Identifier: MIT */
/* The table `display`: what apps call for their pixels, and for the canvas. */
#include "surface_private.h"

#include "app_memory.h"
#include "canvas.h"
#include "event.h"
#include "frame.h"
#include "gate.h"
#include "image_check.h"
#include "own_canvas.h"
#include "present.h"
#include "route.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* One pixel for each of a drawing; and how large a screen is that has two across and down, and so
 * on: letters are as large on each as on such a one. */
#define SCALE_ONE   120u
#define SCALE_TIMES 4u /* at most */
#define SCALE_W     1920u
#define SCALE_H     1080u

/* What the manager of windows has said, and what apps were told. [loop, in a call] */
static uint32_t scale = SCALE_ONE, told = SCALE_ONE, looks;

struct surface *surface_by_handle(const struct app *app, uint64_t handle)
{
    uint32_t at = (uint32_t)handle & 0xff;
    if (app->surfaces == NULL || at >= app->surfaces->room || (uint32_t)handle > 0xffffff) {
        return NULL;
    }
    struct surface *s = &app->surfaces->all[at];
    return s->frame != 0 && s->generation == (uint32_t)handle >> 8 ? s : NULL;
}

static uint32_t scale_of_screen(void)
{
    uint32_t times = MIN(canvas_width() / SCALE_W, canvas_height() / SCALE_H);
    return SCALE_ONE * MAX(1, MIN(times, SCALE_TIMES));
}

uint32_t display_scale(void)
{
    return present_display() != NULL ? scale_of_screen() * scale / SCALE_ONE : scale;
}

void display_set_scale(uint32_t to)
{
    scale = to;
    display_tell_scale();
}

void display_tell_scale(void)
{
    if (told != display_scale()) {
        told = display_scale();
        event_send(ROUTE_ALL, &(struct ctx_event){.kind = CTX_EVENT_SCALE, .value = told});
    }
}

uint32_t display_looks(void)
{
    return looks;
}

void display_set_looks(uint32_t to)
{
    if (looks != to) {
        looks = to;
        event_send(ROUTE_ALL,
                   &(struct ctx_event){.kind = CTX_EVENT_SCALE, .value = display_scale()});
    }
}

static uint64_t display_info(struct app *app, const uint64_t args[6])
{
    (void)app;
    bool seen = present_display() != NULL;
    struct ctx_display_info out = {
        .size = sizeof out,
        .w = seen ? canvas_width() : 0,
        .h = seen ? canvas_height() : 0,
        .frame_ns = NSEC_PER_SEC / 60,
        .scale = display_scale(),
        .flags = (route_is_managed() ? (uint32_t)CTX_DISPLAY_MANAGED : 0) | looks,
    };
    return (uint32_t)gate_put_struct(args, 1, &out, sizeof out);
}

static uint64_t display_canvas(struct app *app, const uint64_t args[6])
{
    (void)args;
    const struct own_canvas *own = app->own_canvas;
    if (app->has_canvas) {
        if (own != NULL && (own->w != canvas_width() || own->h != canvas_height())) {
            own_canvas_leave(app); /* it has heard that the screen has another size */
        }
        return CTX_OK;
    }
    return (uint32_t)surface_open_canvas(app);
}

ctx_status surface_open_canvas(struct app *app)
{
    const struct own_canvas *own = app->own_canvas;
    ctx_status status = machine_slot_map(
        app->base + canvas_slot_offset(), own != NULL ? own->frame : canvas_frame(),
        own != NULL ? own->pages : canvas_pages(), MAP_READ | MAP_WRITE);
    app->has_canvas = status == CTX_OK;
    app->ctx_is_outdated = true; /* fb is something else from the next call on */
    route_windows_changed();     /* whoever manages them may have covered the canvas */
    return status;
}

static uint64_t display_create(struct app *app, const uint64_t args[6])
{
    uint32_t format = (uint32_t)args[3];
    if (!image_surface_is_good(args[1], args[2], format, args[4])) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t index = 0;
    while (index < app->surfaces->room && app->surfaces->all[index].frame != 0) {
        index++;
    }
    if (index == SURFACES) {
        return (uint32_t)CTX_E_NOSPC;
    }
    ctx_status status = surface_make_room(app, index);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    struct surface fresh = {
        .format = format,
        .flags = (uint32_t)args[4],
        .generation = app->surfaces->all[index].generation,
        .pages = surface_pages((uint32_t)args[1], (uint32_t)args[2]),
    };
    fresh.generation = (uint16_t)(fresh.generation < UINT16_MAX ? fresh.generation + 1 : 1);
    if (!app_may_grow(app, fresh.pages)) {
        return (uint32_t)CTX_E_NOMEM;
    }
    if (!surface_find_gap(app, fresh.pages, NULL, &fresh.at)) {
        return (uint32_t)CTX_E_NOSPC;
    }
    uint32_t handle = surface_handle(&fresh, index);
    status = gate_put(args[5], &handle, sizeof handle);
    if (status == CTX_OK) {
        status = surface_make(app, (uint32_t)args[1], (uint32_t)args[2], &fresh);
    }
    if (status == CTX_OK) {
        app->surfaces->all[index] = fresh;
        surface_came_or_went(app);
    }
    return (uint32_t)status;
}

static uint64_t display_pixels(struct app *app, const uint64_t args[6])
{
    const struct surface *s = surface_by_handle(app, args[1]);
    return s != NULL ? app->base + s->at : 0;
}

static uint64_t display_damage(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    uint32_t x0 = MIN((uint32_t)args[2], s->w), y0 = MIN((uint32_t)args[3], s->h);
    uint32_t x1 = x0 + MIN((uint32_t)args[4], s->w - x0),
             y1 = y0 + MIN((uint32_t)args[5], s->h - y0);
    if (x0 == x1 || y0 == y1) {
        return CTX_OK;
    }
    s->x0 = s->damaged ? MIN(s->x0, x0) : x0;
    s->y0 = s->damaged ? MIN(s->y0, y0) : y0;
    s->x1 = s->damaged ? MAX(s->x1, x1) : x1;
    s->y1 = s->damaged ? MAX(s->y1, y1) : y1;
    s->damaged = true;
    scene_damaged();
    return CTX_OK;
}

static uint64_t display_presented(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    struct ctx_presented out = s->presented;
    out.time_ns = out.count != 0 ? app_time(app, out.time_ns) : 0;
    return (uint32_t)gate_put_struct(args, 2, &out, sizeof out);
}

static uint64_t display_resize_surface(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL || !image_surface_is_good(args[2], args[3], s->format, s->flags)) {
        return (uint32_t)(s == NULL ? CTX_E_NOENT : CTX_E_INVAL);
    }
    struct surface old = *s, fresh = *s;
    fresh.damaged = false;
    fresh.exposed = EXPOSED_NOT; /* who gives it another size knows that it is black */
    ctx_status status = surface_alloc(app, (uint32_t)args[2], (uint32_t)args[3], &fresh);
    if (status == CTX_OK && !surface_find_gap(app, fresh.pages, s, &fresh.at)) {
        frame_free_pages(fresh.frame, fresh.pages);
        status = CTX_E_NOSPC;
    }
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    /* They may lie in the same place: the old pixels go first, and come back if the new ones can
     * not be mapped. */
    machine_slot_unmap(app->base + old.at, old.pages);
    status = surface_map_new(app, &fresh);
    if (status != CTX_OK) {
        if (surface_map(app, &old) != CTX_OK) { /* though its tables are still there */
            log_error("surface", "%s#%lu loses a surface: no memory to map it again", app->name,
                      app->pid);
            surface_lose(app, s, &old);
        }
        return (uint32_t)status;
    }
    surface_free_frames(app, &old);
    app->pages -= old.pages;
    *s = fresh;
    scene_touched(s);
    surface_came_or_went(app);
    return CTX_OK;
}

static uint64_t display_destroy(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    surface_drop(app, s);
    return CTX_OK;
}

/* ---- what is asked of whoever manages windows ---- */

static uint64_t display_ask_position(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    s->asked |= CTX_ASKED_POSITION;
    s->asked_x = (int32_t)args[2];
    s->asked_y = (int32_t)args[3];
    scene_changed();
    route_windows_changed();
    return CTX_OK;
}

static uint64_t display_ask_smallest(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    uint32_t w = (uint32_t)args[2], h = (uint32_t)args[3];
    if (s == NULL || w > SURFACE_SIDE_MAX || h > SURFACE_SIDE_MAX) {
        return (uint32_t)(s == NULL ? CTX_E_NOENT : CTX_E_INVAL);
    }
    s->smallest_w = w;
    s->smallest_h = h;
    route_windows_changed();
    return CTX_OK;
}

static uint64_t display_title(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    char title[SURFACE_TITLE] = {0};
    uint32_t len = (uint32_t)args[3];
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (len >= sizeof title || machine_copy_in(title, args[2], len) != CTX_OK ||
        !image_title_is_good(title, len)) {
        return (uint32_t)CTX_E_INVAL;
    }
    memcpy(s->title, title, sizeof title);
    route_windows_changed();
    return CTX_OK;
}

static uint64_t display_cursor(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL || (uint32_t)args[2] > IMAGE_CURSOR_LAST) {
        return (uint32_t)(s == NULL ? CTX_E_NOENT : CTX_E_INVAL);
    }
    s->cursor = (uint32_t)args[2];
    scene_changed();
    return CTX_OK;
}

static uint64_t display_ask_flags(struct app *app, const uint64_t args[6])
{
    struct surface *s = surface_by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (((s->flags ^ args[2]) & CTX_SURFACE_POINTER) != 0 ||
        !image_surface_is_good(s->w, s->h, s->format, args[2])) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (s->flags != (uint32_t)args[2]) {
        s->flags = (uint32_t)args[2];
        scene_touched(s); /* perhaps it is scaled in another way */
    }
    scene_changed();
    route_windows_changed();
    return CTX_OK;
}

static uint64_t display_describe(struct app *app, const uint64_t args[6])
{
    const struct surface *s = surface_by_handle(app, args[1]);
    struct ctx_surface_info out;
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    surface_describe(app, s, &out);
    return (uint32_t)gate_put_struct(args, 2, &out, sizeof out);
}

GATE_TABLE(ctx_display_table, CTX_TABLE_DISPLAY, display_info, display_canvas, display_create,
           display_pixels, display_damage, display_presented, display_resize_surface,
           display_destroy, display_ask_position, display_ask_smallest, display_title,
           display_cursor, display_describe, display_ask_flags);
