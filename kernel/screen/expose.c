/* SPDX-License-Identifier: MIT */
/*
 * Surfaces that their app draws anew when it is asked to (CTX_SURFACE_REDRAWN): nobody keeps their
 * pixels, so it is always all of one that is wanted. That is a state of the surface and no event
 * that waits in a ring, so it is not lost when an app is slow, and is put back with the surface
 * when a call is undone. So it is with the scale that an app draws for (CTX_SURFACE_SCALED), when
 * it comes back from an image: here it may be another one.
 */
#include "surface_private.h"

void surface_expose(struct app *app, struct surface *s)
{
    if ((s->flags & CTX_SURFACE_REDRAWN) == 0 || s->frame == 0) {
        return;
    }
    s->exposed = EXPOSED_WANTED;
    /* It is in a call, or about to wait: whoever sees to that looks for what it was told. */
    app->hints |= UINT32_C(1) << CTX_EVENT_EXPOSE;
    app->fresh_hints |= UINT32_C(1) << CTX_EVENT_EXPOSE;
}

bool surface_exposed(struct app *app, struct ctx_event *out)
{
    if (out->kind == CTX_EVENT_SCALE) {
        out->value = display_scale();
        return true;
    }
    for (uint32_t i = 0; surface_has_own(app) && i < app->surfaces->room; i++) {
        struct surface *s = &app->surfaces->all[i];
        if (s->frame != 0 && s->exposed == EXPOSED_WANTED) {
            s->exposed = EXPOSED_TOLD;
            out->surface = surface_handle(s, i);
            out->x = (int32_t)s->w;
            out->y = (int32_t)s->h;
            return true;
        }
    }
    return false;
}

void surface_exposed_end(struct app *app, bool told)
{
    for (uint32_t i = 0; surface_has_own(app) && i < app->surfaces->room; i++) {
        struct surface *s = &app->surfaces->all[i];
        if (s->exposed == EXPOSED_TOLD) {
            s->exposed = told ? EXPOSED_NOT : EXPOSED_WANTED;
        }
    }
}
