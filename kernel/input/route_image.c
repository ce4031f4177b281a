/* SPDX-License-Identifier: MIT */
/* Who manages windows, in that app's image: with its chords, and who had the keys. */
#include "event.h"
#include "heap.h"
#include "image_write.h"
#include "resource.h"
#include "route.h"

#include <kernel/string.h>

#include <ctx/keymap.h>

_Static_assert(sizeof((struct ctx_keymap *)0)->name == sizeof((struct ctx_image_window *)0)->code,
               "a layout's name fits");

static uint32_t entries(const struct app *app)
{
    uint32_t count = 0, code, modifiers;
    if (route_manager() != app) {
        return 0;
    }
    while (route_grabbed(count, &code, &modifiers)) {
        count++;
    }
    return count + 1;
}

uint64_t route_image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return entries(app) * sizeof(struct ctx_image_window);
}

ctx_status route_image_save(struct app *app, struct image_writer *w)
{
    uint64_t bytes = route_image_bytes(app, 0);
    if (bytes == 0) {
        return CTX_OK;
    }
    struct ctx_image_window *out = heap_alloc(bytes);
    if (out == NULL) {
        return CTX_E_NOMEM;
    }
    struct route focus = route_focused();
    out[0] = (struct ctx_image_window){
        .kind = CTX_IMAGE_WINDOW_MANAGES, .surface = focus.surface, .pid = focus.to};
    memcpy(&out[0].code, ctx_keymap_get(event_layout())->name, sizeof out[0].code);
    for (uint32_t i = 0; i < entries(app) - 1; i++) {
        struct ctx_image_window *grab = &out[i + 1];
        *grab = (struct ctx_image_window){.kind = CTX_IMAGE_WINDOW_GRAB};
        (void)route_grabbed(i, &grab->code, &grab->modifiers);
    }
    image_write_whole(w, CTX_IMAGE_WINDOWS, sizeof *out, out, bytes, false);
    heap_free(out, bytes);
    return CTX_OK;
}

/* Who had the keys: a surface, the canvas, or nobody. */
static struct route focus_of(const struct ctx_image_window *w)
{
    bool is_surface = w->surface != 0 && w->pid < ROUTE_NOBODY;
    bool is_canvas = w->surface == 0 && w->pid == ROUTE_CANVAS;
    return is_surface  ? (struct route){w->pid, w->surface}
           : is_canvas ? (struct route){ROUTE_CANVAS, 0}
                       : (struct route){ROUTE_NOBODY, 0};
}

/* Where another app manages windows by now this one does not any more, and its next call of
 * ctx.windows/1 says so. */
ctx_status route_image_restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    struct ctx_image_window w;
    uint32_t code, modifiers;
    if (image->parts[CTX_IMAGE_WINDOWS].count == 0) {
        return CTX_OK;
    }
    image_entry(image, CTX_IMAGE_WINDOWS, 0, &w, sizeof w);
    if (w.kind != CTX_IMAGE_WINDOW_MANAGES || route_manage(app) != CTX_OK) {
        return CTX_OK;
    }
    while (route_grabbed(0, &code, &modifiers)) {
        (void)route_ungrab(code, modifiers);
    }
    route_focus(focus_of(&w));
    /* Without a name, or with one that this system does not know, it stays as it is. */
    char layout[sizeof w.code + 1] = {0};
    memcpy(layout, &w.code, sizeof w.code);
    (void)event_set_layout_by_name(layout, strlen(layout));
    for (uint64_t i = 1; i < image->parts[CTX_IMAGE_WINDOWS].count; i++) {
        image_entry(image, CTX_IMAGE_WINDOWS, i, &w, sizeof w);
        (void)route_grab(w.code, w.modifiers); /* as many as there were have room */
    }
    return CTX_OK;
}
