/* SPDX-License-Identifier: MIT */
/*
 * The screen gets another size. All that may fail is done first; then the canvas is a new one with
 * the old picture, scaled; apps that draw on it keep the size that they know (own_canvas.h), or go
 * back to the shared one when that has it again; and whoever listens is told.
 */
#include "canvas.h"
#include "event.h"
#include "input.h"
#include "own_canvas.h"
#include "present.h"
#include "resource.h"
#include "route.h"
#include "surface.h"
#include "surface_private.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

/* An app that shares the canvas, and what it is to draw on from now on. */
static bool shares(const struct app *app)
{
    return app->base != 0 && app->has_canvas && app->window_w == 0;
}

static bool goes_back(const struct app *app, uint32_t w, uint32_t h)
{
    const struct own_canvas *own = app->own_canvas;
    return own != NULL && own->w == w && own->h == h && app->parked == NULL;
}

/* Canvases for all that need one, in list order, chained. False: no memory, and none is left. */
static bool make_own(struct own_canvas **first)
{
    struct own_canvas **end = first;
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        if (!shares(app) || app->own_canvas != NULL) {
            continue;
        }
        *end = own_canvas_new(canvas_width(), canvas_height());
        if (*end == NULL) {
            while (*first != NULL) {
                struct own_canvas *next = (*first)->next;
                own_canvas_delete(*first);
                *first = next;
            }
            return false;
        }
        end = &(*end)->next;
    }
    return true;
}

static void show(struct app *app, paddr_t frame, uint64_t pages)
{
    ctx_status status =
        machine_slot_map(app->base + canvas_slot_offset(), frame, pages, MAP_READ | MAP_WRITE);
    if (status != CTX_OK) {
        log_error("screen", "%s#%lu loses the canvas: no memory to map another", app->name,
                  app->pid);
        app->has_canvas = false;
    }
    app->ctx_is_outdated = true;
    resources_look_at_calls(app);
}

/* It goes on with what it knows: the same size, the same picture. */
static void give_own(struct app *app, struct own_canvas *own)
{
    uint64_t bytes = (uint64_t)own->w * own->h * 4;
    memcpy(machine_direct(own->frame), canvas_pixels(), bytes);
    memcpy(own->before, canvas_pixels(), bytes);
    own->next = NULL;
    machine_slot_unmap(app->base + canvas_slot_offset(), canvas_pages());
    app->own_canvas = own;
    show(app, own->frame, own->pages);
}

void own_canvas_leave(struct app *app)
{
    struct own_canvas *own = app->own_canvas;
    machine_slot_unmap(app->base + canvas_slot_offset(), own->pages);
    own_canvas_delete(own);
    app->own_canvas = NULL;
    show(app, canvas_frame(), canvas_pages());
}

static void enlarge(uint32_t *to, uint32_t w, uint32_t h)
{
    for (uint32_t y = 0; y < h; y++) {
        const uint32_t *from = canvas_pixels() + (uint64_t)y * canvas_height() / h * canvas_width();
        for (uint32_t x = 0; x < w; x++) {
            to[(uint64_t)y * w + x] = from[(uint64_t)x * canvas_width() / w];
        }
    }
}

static bool resize_canvas(uint32_t w, uint32_t h)
{
    struct own_canvas *own = NULL;
    struct canvas_memory fresh;
    if (canvas_alloc(w, h, &fresh) != CTX_OK) {
        return false;
    }
    if (!make_own(&own)) {
        canvas_free(&fresh);
        return false;
    }
    enlarge(machine_direct(fresh.frame), w, h);
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (shares(app) && app->own_canvas == NULL) {
            struct own_canvas *next = own->next;
            give_own(app, own);
            own = next;
        }
    }
    canvas_replace(&fresh);
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (shares(app) && goes_back(app, w, h)) {
            own_canvas_leave(app);
        }
    }
    return true;
}

bool display_resize(struct display *d, uint32_t width, uint32_t height, uint32_t *pixels)
{
    bool used = present_display() == d && canvas_width() != 0;
    if (width == 0 || height == 0 || pixels == NULL || (used && !resize_canvas(width, height))) {
        log_warn("screen",
                 "%s: not enough memory for width=%u height=%u, it stays width=%u height=%u",
                 d->name, width, height, d->width, d->height);
        return false;
    }
    d->width = width;
    d->height = height;
    d->pixels = pixels;
    if (used) {
        log_info("screen", "%s width=%u height=%u", d->name, width, height);
        present_anew();
        input_resize_screen(width, height);
        surface_repaint();
        event_send(ROUTE_ALL, &(struct ctx_event){.kind = CTX_EVENT_RESIZE,
                                                  .x = (int32_t)width,
                                                  .y = (int32_t)height});
        display_tell_scale();
        route_windows_changed();
    }
    return true;
}
