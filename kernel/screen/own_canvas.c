/* SPDX-License-Identifier: MIT */
#include "own_canvas.h"

#include "app_memory.h"
#include "app_words.h"
#include "canvas.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "image_write.h"
#include "present.h"
#include "resource.h"
#include "route.h"
#include "surface_private.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

struct own_canvas *own_canvas_new(uint32_t w, uint32_t h)
{
    struct own_canvas *c = heap_alloc(sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    c->w = w;
    c->h = h;
    c->pages = ((uint64_t)w * h * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
    paddr_t before = frame_alloc_pages(c->pages, FRAME_ZERO);
    c->before = before != 0 ? machine_direct(before) : NULL;
    c->frame = frame_alloc_pages(c->pages, FRAME_ZERO);
    if (c->before == NULL || c->frame == 0) {
        own_canvas_delete(c);
        return NULL;
    }
    return c;
}

void own_canvas_delete(struct own_canvas *c)
{
    if (c == NULL) {
        return;
    }
    if (c->before != NULL) {
        frame_free_pages(machine_direct_paddr(c->before), c->pages);
    }
    if (c->frame != 0) {
        frame_free_pages(c->frame, c->pages);
    }
    heap_free(c, sizeof *c);
}

/* Before a call: the picture that all see, in this canvas's size. */
static void fill_canvas(struct own_canvas *c)
{
    uint32_t *pixels = machine_direct(c->frame);
    for (uint32_t y = 0; y < c->h; y++) {
        const uint32_t *from =
            canvas_pixels() + (uint64_t)y * canvas_height() / c->h * canvas_width();
        uint32_t *to = c->before + (uint64_t)y * c->w;
        uint64_t step = ((uint64_t)canvas_width() << 32) / c->w, at = 0;
        for (uint32_t x = 0; x < c->w; x++, at += step) {
            to[x] = from[at >> 32];
        }
    }
    memcpy(pixels, c->before, (uint64_t)c->w * c->h * 4);
}

/* And behind it: what the app has changed of that, back into the picture. */
static void take_pixels(struct own_canvas *c)
{
    const uint32_t *pixels = machine_direct(c->frame);
    for (uint32_t y = 0; y < canvas_height(); y++) {
        uint64_t row = (uint64_t)y * c->h / canvas_height() * c->w;
        uint32_t *to = canvas_pixels() + (uint64_t)y * canvas_width();
        uint64_t step = ((uint64_t)c->w << 32) / canvas_width(), at = 0;
        for (uint32_t x = 0; x < canvas_width(); x++, at += step) {
            uint64_t i = row + (at >> 32);
            if (pixels[i] != c->before[i]) {
                to[x] = pixels[i];
            }
        }
    }
}

/* A place of the screen as a place of this canvas. */
static void point_in_canvas(const struct own_canvas *c, int32_t *x, int32_t *y)
{
    *x = (int32_t)((int64_t)*x * c->w / MAX(canvas_width(), 1u));
    *y = (int32_t)((int64_t)*y * c->h / MAX(canvas_height(), 1u));
}

/* ---- what an app has of the canvas, its own or the shared one ---- */

static bool is_window(const struct app *app)
{
    return app->window_w != 0;
}

/* A number of one or more digits, and behind it `end`. */
static bool read_side(const char **p, const char *stop, char end, uint32_t *out)
{
    *out = 0;
    const char *first = *p;
    while (*p < stop && **p >= '0' && **p <= '9' && *out <= SURFACE_SIDE_MAX) {
        *out = *out * 10 + (uint32_t)(*(*p)++ - '0');
    }
    bool ends = end == 0 ? *p == stop : *p < stop && *(*p)++ == end;
    return ends && *p != first && *out >= 1 && *out <= SURFACE_SIDE_MAX;
}

static bool word(struct app *app, const char *word, size_t len)
{
    static const char prefix[] = "window=";
    const char *p = word + sizeof prefix - 1, *stop = word + len;
    uint32_t w, h;
    if (len < sizeof prefix - 1 || memcmp(word, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    if (!read_side(&p, stop, 'x', &w) || !read_side(&p, stop, 0, &h) ||
        (uint64_t)w * h * 4 > SURFACES_FIRST - canvas_slot_offset()) {
        app_wrong_words++;
        log_warn("app", "%s: %.*s: it takes a size, as in window=640x400; left out", app->name,
                 (int)len, word);
        return true;
    }
    if (app->version >= 3) {
        app_wrong_words++;
        log_warn("app", "%s: %.*s: only for apps of versions 1 and 2; left out", app->name,
                 (int)len, word);
        return true;
    }
    app->window_w = w;
    app->window_h = h;
    return true;
}

/* The window, unless prepare() has made it for an image. */
static ctx_status build_window(struct app *app)
{
    if (app->own_canvas == NULL) {
        app->own_canvas = own_canvas_new(app->window_w, app->window_h);
    }
    struct own_canvas *own = app->own_canvas;
    if (own == NULL || !app_may_grow(app, own->pages)) {
        return CTX_E_NOMEM;
    }
    ctx_status status = surface_show_canvas(app, own->frame, own->w, own->h);
    app->pages += status == CTX_OK ? own->pages : 0;
    return status;
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    if (app->version >= 3) {
        return CTX_OK;
    }
    ctx_status status = is_window(app) ? build_window(app) : CTX_OK;
    return status == CTX_OK ? surface_open_canvas(app) : status;
}

static void describe(const struct app *app, struct ctx *ctx)
{
    uint32_t w = app->own_canvas != NULL ? app->own_canvas->w : canvas_width();
    uint32_t h = app->own_canvas != NULL ? app->own_canvas->h : canvas_height();
    bool none = !app->has_canvas;
    ctx->fb.pixels = (struct ctx_rgba *)(app->base + canvas_slot_offset()); /* never NULL */
    ctx->fb.len = none ? 0 : (uint64_t)w * h;
    ctx->fb.w = none ? 0 : w;
    ctx->fb.h = none ? 0 : h;
}

static bool at_calls(const struct app *app)
{
    return app->own_canvas != NULL;
}

static void begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    (void)now_ns;
    (void)entry;
    (void)served;
    struct own_canvas *own = app->own_canvas;
    if (!is_window(app)) {
        fill_canvas(own);
    } else if (app->undo != NULL) {
        memcpy(own->before, machine_direct(own->frame), (uint64_t)own->w * own->h * 4);
    }
}

/* Of a call that was undone, or might have been, nothing is seen. */
static void end(struct app *app, enum app_ending how, bool served)
{
    (void)served;
    struct own_canvas *own = app->own_canvas;
    bool undone = (how == ENDED_BADLY || how == ENDED_UNDONE) && app->undo != NULL;
    if (is_window(app)) {
        if (undone) {
            memcpy(machine_direct(own->frame), own->before, (uint64_t)own->w * own->h * 4);
        }
        surface_canvas_drawn(app);
    } else if (!undone) {
        take_pixels(own);
    }
}

static void point(const struct app *app, int32_t *x, int32_t *y)
{
    if (is_window(app)) {
        surface_canvas_point(app, x, y);
    } else if (app->own_canvas != NULL) {
        point_in_canvas(app->own_canvas, x, y);
    }
}

static void tear_down(struct app *app)
{
    if (app->base != 0) {
        machine_slot_unmap(app->base + canvas_slot_offset(),
                           app->own_canvas != NULL ? app->own_canvas->pages : canvas_pages());
    }
    if (is_window(app) && app->surfaces != NULL) {
        surface_hide_canvas(app);
        app->pages -= app->own_canvas->pages;
    }
    own_canvas_delete(app->own_canvas);
    app->own_canvas = NULL;
    if (app->has_canvas) {
        app->has_canvas = false;
        route_windows_changed();
    }
}

static uint64_t count(const struct app *app)
{
    return app->own_canvas != NULL;
}

/* ---- images ---- */

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    if (app->has_canvas) {
        out->flags |= CTX_IMAGE_HAS_CANVAS;
        out->canvas_w = app->own_canvas != NULL ? app->own_canvas->w : canvas_width();
        out->canvas_h = app->own_canvas != NULL ? app->own_canvas->h : canvas_height();
        out->canvas_at = canvas_slot_offset();
    }
}

static void image_system(struct ctx_image_app *out)
{
    out->scale = display_scale();
    out->looks = display_looks();
    if (present_display() != NULL) {
        out->screen_w = canvas_width();
        out->screen_h = canvas_height();
        out->devices |= CTX_IMAGE_DISPLAY;
    }
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    uint64_t own =
        app->own_canvas != NULL ? (uint64_t)app->own_canvas->w * app->own_canvas->h * 4 : 0;
    return is_window(app)                                   ? own + sizeof(struct ctx_image_window)
           : (flags & SAVE_CANVAS) == 0 || !app->has_canvas ? 0
           : own != 0                                       ? own
                      : (uint64_t)canvas_width() * canvas_height() * 4;
}

/* Its pixels are nobody else's: they are always saved, with where it lies. */
static void save_window(struct app *app, struct image_writer *w)
{
    const struct own_canvas *own = app->own_canvas;
    struct ctx_image_window window = {.kind = CTX_IMAGE_WINDOW_CANVAS};
    surface_canvas_place(app, &window);
    image_write_whole(w, CTX_IMAGE_CANVAS, 0, machine_direct(own->frame),
                      (uint64_t)own->w * own->h * 4, true);
    image_write_whole(w, CTX_IMAGE_WINDOWS, sizeof window, &window, sizeof window, false);
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    if (is_window(app)) {
        save_window(app, w);
        return CTX_OK;
    }
    if ((w->flags & SAVE_CANVAS) != 0 && app->has_canvas) {
        const uint32_t *pixels = canvas_pixels();
        if (app->own_canvas != NULL) {
            fill_canvas(app->own_canvas); /* what it would see now */
            pixels = machine_direct(app->own_canvas->frame);
        }
        image_write_whole(w, CTX_IMAGE_CANVAS, 0, pixels, image_bytes(app, w->flags), true);
    }
    return CTX_OK;
}

static ctx_status check(const struct image *image, uint64_t *pages, struct image_error *error)
{
    (void)pages;
    const struct ctx_image_app *a = &image->app;
    if ((a->flags & CTX_IMAGE_HAS_CANVAS) != 0 && a->canvas_at != canvas_slot_offset()) {
        image_refuse(error, "app.canvas_at", a->canvas_at, "this system has its canvas elsewhere");
        return CTX_E_NOSYS;
    }
    return CTX_OK;
}

static bool fits(const struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    uint32_t w = app->own_canvas != NULL ? app->own_canvas->w : canvas_width();
    uint32_t h = app->own_canvas != NULL ? app->own_canvas->h : canvas_height();
    return is_window(app) == image_canvas_is_window(image) &&
           app->has_canvas == ((a->flags & CTX_IMAGE_HAS_CANVAS) != 0) &&
           (!app->has_canvas || (w == a->canvas_w && h == a->canvas_h));
}

/* An instance keeps the canvas's size that it began with. */
static ctx_status prepare(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    bool window = image_canvas_is_window(image);
    app->window_w = window ? a->canvas_w : 0;
    app->window_h = window ? a->canvas_h : 0;
    if (window) {
        app->own_canvas = own_canvas_new(a->canvas_w, a->canvas_h);
        return app->own_canvas != NULL ? CTX_OK : CTX_E_NOMEM;
    }
    if ((a->flags & CTX_IMAGE_HAS_CANVAS) == 0 ||
        (a->canvas_w == canvas_width() && a->canvas_h == canvas_height())) {
        return CTX_OK;
    }
    app->own_canvas = own_canvas_new(a->canvas_w, a->canvas_h);
    return app->own_canvas != NULL ? CTX_OK : CTX_E_NOMEM;
}

static ctx_status restore_window(struct app *app, const struct image *image)
{
    const struct own_canvas *own = app->own_canvas;
    struct ctx_image_window window;
    struct image_stream stream;
    image_entry(image, CTX_IMAGE_WINDOWS, 0, &window, sizeof window);
    surface_canvas_put(app, &window);
    if (image->parts[CTX_IMAGE_CANVAS].len == 0) {
        return CTX_OK;
    }
    if (!image_stream_begin(&stream, image, CTX_IMAGE_CANVAS)) {
        return CTX_E_NOMEM;
    }
    (void)image_stream_read(&stream, machine_direct(own->frame), (uint64_t)own->w * own->h * 4);
    image_stream_end(&stream);
    surface_canvas_drawn(app);
    return CTX_OK;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    bool opened = (image->app.flags & CTX_IMAGE_HAS_CANVAS) != 0;
    if (is_window(app)) {
        return restore_window(app, image);
    }
    return app->version >= 3 && !how->in_place && opened ? surface_open_canvas(app) : CTX_OK;
}

const struct app_resource canvas_resource = {
    .name = "canvas",
    .word = word,
    .build = build,
    .at_calls = at_calls,
    .begin = begin,
    .describe = describe,
    .end = end,
    .point = point,
    .tear_down = tear_down,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .image_system = image_system,
    .save = save,
    .check = check,
    .fits = fits,
    .prepare = prepare,
    .restore = restore,
    .count = count,
};
