/* SPDX-License-Identifier: MIT */
/* What an app has of events: how it begins and ends, its image, the way back before a call. */
#include "event_private.h"
#include "heap.h"
#include "image.h"
#include "image_write.h"
#include "input_view.h"
#include "resource.h"

static void wait(struct app *app)
{
    if (app->event_mask != 0) {
        event_wait(app);
    }
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    if (app->version < 3) {
        return CTX_OK;
    }
    app->events = heap_alloc(sizeof *app->events);
    return app->events != NULL ? CTX_OK : CTX_E_NOMEM;
}

static void tear_down(struct app *app)
{
    if (app->events != NULL) {
        event_forget(app);
        heap_free(app->events, sizeof *app->events);
        app->events = NULL;
    }
}

static uint32_t unread(struct app *app)
{
    return app->events != NULL ? MIN(event_unread(app, NULL, 0), INPUT_UNSEEN_MAX) : 0;
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return unread(app) * sizeof(struct ctx_event);
}

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    const struct app_events *mine = app->events;
    if (mine != NULL) {
        out->flags |=
            (mine->subscribed ? CTX_IMAGE_SUBSCRIBED : 0) | (mine->lost ? CTX_IMAGE_LOST : 0);
        out->event_seq = mine->subscribed ? event_last_seq(app) : 0;
    }
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    uint32_t most = unread(app);
    uint64_t bytes = most * sizeof(struct ctx_event);
    if (most == 0) {
        return CTX_OK;
    }
    struct ctx_event *events = heap_alloc(bytes);
    if (events == NULL) {
        return CTX_E_NOMEM;
    }
    uint32_t count = MIN(event_unread(app, events, most), most);
    image_write_whole(w, CTX_IMAGE_EVENTS, sizeof *events, events, count * sizeof *events, false);
    heap_free(events, bytes);
    return CTX_OK;
}

/* What it has not seen yet, behind what it is told. */
static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    const struct ctx_image_app *a = &image->app;
    uint32_t count = (uint32_t)image->parts[CTX_IMAGE_EVENTS].count, n = 0;
    if (app->events == NULL) {
        return CTX_OK;
    }
    if (how->in_place) {
        event_forget(app);
    }
    if ((a->flags & CTX_IMAGE_SUBSCRIBED) == 0 && how->tell == NULL) {
        return CTX_OK;
    }
    uint64_t bytes = (count + UINT64_C(1)) * sizeof(struct ctx_event);
    struct ctx_event *events = heap_alloc(bytes);
    if (events == NULL) {
        return CTX_E_NOMEM;
    }
    if (how->tell != NULL) {
        events[n++] = *how->tell;
    }
    for (uint32_t i = 0; i < count; i++) {
        image_entry(image, CTX_IMAGE_EVENTS, i, &events[n++], sizeof events[0]);
    }
    ctx_status status =
        event_restore(app, events, n, a->event_seq, (a->flags & CTX_IMAGE_LOST) != 0);
    heap_free(events, bytes);
    return status;
}

/* ---- undo ---- */

static bool remember(struct app *app)
{
    struct app_events *mine = app->events;
    if (mine != NULL) {
        mine->kept.event_next = mine->event_next;
        mine->kept.event_first = mine->event_first;
        mine->kept.own_next = mine->own_next;
        mine->kept.hints = app->hints;
        mine->kept.lost = mine->lost;
        mine->kept.subscribed = mine->subscribed;
    }
    return true;
}

static bool put_back(struct app *app, bool again)
{
    struct app_events *mine = app->events;
    if (mine != NULL && again && mine->kept.subscribed) {
        mine->event_next = mine->kept.event_next;
        mine->event_first = mine->kept.event_first;
        mine->own_next = mine->kept.own_next;
        mine->lost = mine->kept.lost;
        app->hints |= mine->kept.hints;
    }
    return true;
}

static uint64_t count(const struct app *app)
{
    return app->events != NULL && app->events->subscribed;
}

const struct app_resource event_resource = {
    .name = "events",
    .build = build,
    .wait = wait,
    .tear_down = tear_down,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .restore = restore,
    .remember = remember,
    .put_back = put_back,
    .count = count,
};
