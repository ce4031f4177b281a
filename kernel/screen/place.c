/* SPDX-License-Identifier: MIT */
/* From a surface's own pixels to those of the screen and back, for all that do not follow the
 * pointer. */
#include "canvas.h"
#include "route.h"
#include "surface_private.h"

#include <kernel/machine.h>

struct surface_area place_area(const struct surface *s)
{
    const struct surface_place *p = &s->place;
    struct surface_area at = {0, 0, s->w, s->h};
    if (p->placed) {
        at.x = p->x;
        at.y = p->y;
        at.w = p->shown.w != 0 ? p->shown.w : at.w * p->scale;
        at.h = p->shown.h != 0 ? p->shown.h : at.h * p->scale;
    } else if ((s->asked & CTX_ASKED_POSITION) != 0) {
        at.x = s->asked_x;
        at.y = s->asked_y;
    } else {
        at.x = ((int64_t)canvas_width() - s->w) / 2;
        at.y = ((int64_t)canvas_height() - s->h) / 2;
    }
    return at;
}

static enum sample_how how_of(const struct surface *s)
{
    uint32_t flags = s->flags & (CTX_SURFACE_INTEGER | CTX_SURFACE_SMOOTH);
    bool smooth =
        flags != 0 ? flags == CTX_SURFACE_SMOOTH : s->place.shown.filter == CTX_FILTER_SMOOTH;
    return smooth ? SAMPLE_SMOOTH : SAMPLE_PIXELS;
}

struct sample place_sample(const struct surface *s, const struct surface_area *at)
{
    const struct ctx_image_shown *p = &s->place.shown;
    return (struct sample){
        .whose = s,
        .pixels = machine_direct(s->frame),
        .has_alpha = s->format == CTX_SURFACE_RGBA,
        .how = how_of(s),
        .x = at->x,
        .y = at->y,
        .across = sample_axis(s->w, (uint32_t)at->w, p->left, p->right),
        .down = sample_axis(s->h, (uint32_t)at->h, p->top, p->bottom),
    };
}

/* A smooth pixel depends on its neighbours too. */
struct surface_area place_damage(const struct surface *s, const struct surface_area *at)
{
    struct sample p = place_sample(s, at);
    uint32_t more = p.how == SAMPLE_SMOOTH ? 1 : 0;
    int64_t x0, y0, x1, y1;
    sample_seen(&p.across, s->x0 - MIN(s->x0, more), MIN(s->x1 + more, s->w), &x0, &x1);
    sample_seen(&p.down, s->y0 - MIN(s->y0, more), MIN(s->y1 + more, s->h), &y0, &y1);
    return (struct surface_area){at->x + x0, at->y + y0, x1 - x0, y1 - y0};
}

bool place_is_there(const struct surface *s, const struct surface_area *at, int64_t x, int64_t y)
{
    if (x < at->x || y < at->y || x >= at->x + at->w || y >= at->y + at->h) {
        return false;
    }
    struct sample p = place_sample(s, at);
    uint32_t row = sample_pixel(&p.down, (uint32_t)(y - at->y));
    uint32_t column = sample_pixel(&p.across, (uint32_t)(x - at->x));
    return !p.has_alpha || p.pixels[(size_t)row * s->w + column] >> 24 != 0;
}

/* A place that is counted from a corner that may lie anywhere. */
static int32_t in_pixels(int64_t distance, int64_t size, int64_t shown)
{
    int64_t n = distance * size;
    n = (n - (n < 0 ? shown - 1 : 0)) / shown;
    return (int32_t)MAX(INT32_MIN, MIN(n, (int64_t)INT32_MAX));
}

void place_spot(const struct app *app, const struct surface *s, const struct surface_area *at,
                uint32_t x, uint32_t y, struct route_spot *out)
{
    /* Of which row in the stretched part the pointer is over, its manager would not know where that
     * is: places of such a surface are the screen's. */
    const struct ctx_image_shown *p = &s->place.shown;
    bool across = (p->left | p->right) != 0, down = (p->top | p->bottom) != 0;
    /* Outside of it, when a button is held, places count from its corner too. */
    *out = (struct route_spot){
        .pid = app->pid,
        .surface = surface_handle(s, (uint32_t)(s - app->surfaces->all)),
        .x = in_pixels((int64_t)x - at->x, across ? at->w : s->w, at->w),
        .y = in_pixels((int64_t)y - at->y, down ? at->h : s->h, at->h),
    };
}
