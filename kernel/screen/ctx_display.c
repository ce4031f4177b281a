/* SPDX-License-Identifier: MIT */
/* The table `display`: what apps call for their pixels, and for the canvas. */
#include "surface_private.h"

#include "canvas.h"
#include "gate.h"
#include "image_check.h"
#include "own_canvas.h"
#include "present.h"

#include <kernel/klog.h>

static struct surface *by_handle(struct app *app, uint64_t handle)
{
    uint32_t at = (uint32_t)handle & 0xff;
    if (at >= SURFACES || (uint32_t)handle > 0xffffff) {
        return NULL;
    }
    struct surface *s = &app->surfaces->all[at];
    return s->frame != 0 && s->generation == (uint32_t)handle >> 8 ? s : NULL;
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
    };
    return (uint32_t)gate_put_struct(args[1], &out, sizeof out);
}

static uint64_t display_canvas(struct app *app, const uint64_t args[6])
{
    (void)args;
    if (app->has_canvas) {
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
    app->ctx_is_written = false; /* fb is something else from the next call on */
    return status;
}

static uint64_t display_create(struct app *app, const uint64_t args[6])
{
    uint32_t format = (uint32_t)args[3];
    if (!image_surface_is_good(args[1], args[2], format, args[4])) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t index = 0;
    while (index < SURFACES && app->surfaces->all[index].frame != 0) {
        index++;
    }
    if (index == SURFACES) {
        return (uint32_t)CTX_E_NOSPC;
    }
    struct surface fresh = {
        .format = format,
        .flags = (uint32_t)args[4],
        .generation = app->surfaces->all[index].generation,
        .at = surface_window_of(index),
    };
    fresh.generation = (uint16_t)(fresh.generation < UINT16_MAX ? fresh.generation + 1 : 1);
    uint32_t handle = (uint32_t)fresh.generation << 8 | index;
    ctx_status status = gate_put(args[5], &handle, sizeof handle);
    if (status == CTX_OK) {
        status = surface_make(app, (uint32_t)args[1], (uint32_t)args[2], &fresh);
    }
    if (status == CTX_OK) {
        app->surfaces->all[index] = fresh;
        compose_list(app, true);
        surface_repaint();
    }
    return (uint32_t)status;
}

static uint64_t display_pixels(struct app *app, const uint64_t args[6])
{
    const struct surface *s = by_handle(app, args[1]);
    return s != NULL ? app->base + s->at : 0;
}

static uint64_t display_damage(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
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
    compose_damaged();
    return CTX_OK;
}

static uint64_t display_presented(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    struct ctx_presented out = s->presented;
    out.time_ns = out.count != 0 ? app_time(app, out.time_ns) : 0;
    return (uint32_t)gate_put_struct(args[2], &out, sizeof out);
}

static uint64_t display_resize(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL || !image_surface_is_good(args[2], args[3], s->format, s->flags)) {
        return (uint32_t)(s == NULL ? CTX_E_NOENT : CTX_E_INVAL);
    }
    struct surface old = *s, fresh = *s;
    fresh.damaged = false;
    ctx_status status = surface_alloc(app, (uint32_t)args[2], (uint32_t)args[3], &fresh);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    /* The window holds one at a time: the old pixels go first, and come back if the new ones can
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
    surface_repaint();
    return CTX_OK;
}

static uint64_t display_destroy(struct app *app, const uint64_t args[6])
{
    struct surface *s = by_handle(app, args[1]);
    if (s == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    surface_drop(app, s);
    return CTX_OK;
}

GATE_TABLE(ctx_display_table, CTX_TABLE_DISPLAY, display_info, display_canvas, display_create,
           display_pixels, display_damage, display_presented, display_resize, display_destroy);
