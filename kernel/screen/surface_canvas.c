/* SPDX-License-Identifier: MIT */
/* A canvas that is a window: the one surface of an app that knows of none. */
#include "heap.h"
#include "route.h"
#include "surface_private.h"

static struct surface *window_of(const struct app *app)
{
    return &app->surfaces->all[0];
}

ctx_status surface_show_canvas(struct app *app, paddr_t frame, uint32_t w, uint32_t h)
{
    app->surfaces = heap_alloc(sizeof *app->surfaces);
    if (app->surfaces == NULL) {
        return CTX_E_NOMEM;
    }
    ctx_status status = surface_make_room(app, 0);
    if (status != CTX_OK) {
        heap_free(app->surfaces, sizeof *app->surfaces);
        app->surfaces = NULL;
        return status;
    }
    *window_of(app) = (struct surface){
        .frame = frame,
        .w = w,
        .h = h,
        .format = CTX_SURFACE_RGBX,
        .flags = CTX_SURFACE_FIXED | CTX_SURFACE_INTEGER,
        .generation = 1,
    };
    surface_came_or_went(app);
    return CTX_OK;
}

void surface_hide_canvas(struct app *app)
{
    struct surface *s = window_of(app);
    scene_lost(s);
    s->frame = 0;
    route_surface_gone(app->pid, surface_handle(s, 0));
    surface_came_or_went(app);
    surface_free_room(app);
}

void surface_canvas_drawn(struct app *app)
{
    struct surface *s = window_of(app);
    s->damaged = true;
    s->x0 = s->y0 = 0;
    s->x1 = s->w;
    s->y1 = s->h;
    scene_damaged();
}

static int32_t within(int32_t n, uint32_t size)
{
    return n < 0 ? 0 : MIN(n, (int32_t)size - 1);
}

void surface_canvas_point(const struct app *app, int32_t *x, int32_t *y)
{
    const struct surface *s = window_of(app);
    struct route_spot spot;
    scene_spot(app, s, (uint32_t)*x, (uint32_t)*y, &spot);
    *x = within(spot.x, s->w);
    *y = within(spot.y, s->h);
}

void surface_canvas_place(const struct app *app, struct ctx_image_window *out)
{
    const struct surface_place *p = &window_of(app)->place;
    out->x = p->x;
    out->y = p->y;
    out->level = p->level;
    out->scale = p->scale;
    out->opacity = p->opacity;
    out->state = (p->placed ? CTX_WINDOW_PLACED : 0u) | (p->hidden ? CTX_WINDOW_HIDDEN : 0u);
    out->shown = p->shown;
}

void surface_canvas_put(struct app *app, const struct ctx_image_window *in)
{
    window_of(app)->place = (struct surface_place){
        .x = in->x,
        .y = in->y,
        .level = in->level,
        .scale = in->scale,
        .opacity = in->opacity,
        .placed = (in->state & CTX_WINDOW_PLACED) != 0,
        .hidden = (in->state & CTX_WINDOW_HIDDEN) != 0,
        .shown = in->shown,
    };
    scene_changed();
}
