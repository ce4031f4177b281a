/* SPDX-License-Identifier: MIT */
/* What an app's hosts and children are in its image, and what the app has of links. */
#include "host_private.h"

#include "heap.h"
#include "image.h"
#include "image_write.h"
#include "resource.h"

#include <kernel/string.h>

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    uint64_t bytes = app->v3 != NULL ? app->v3->links_room * sizeof(struct ctx_image_handle) : 0;
    for (const struct app_link *link = app->links; link != NULL; link = link->below) {
        bytes += sizeof(struct ctx_image_host);
    }
    return bytes;
}

static void write_handles(struct image_writer *w, const struct app *app)
{
    bool any = false;
    for (uint32_t i = 0; i < app->v3->links_room; i++) {
        if (app->v3->links[i].link == NULL) {
            continue;
        }
        if (!any) {
            image_write_section(w, CTX_IMAGE_HANDLES, sizeof(struct ctx_image_handle), false);
            any = true;
        }
        struct ctx_image_handle h = {.table = CTX_ID_HOST,
                                     .handle = app->v3->links[i].link->handle};
        image_write(w, &h, sizeof h);
    }
    if (any) {
        image_write_end_section(w);
    }
}

static void write_hosts(struct image_writer *w, const struct app *app)
{
    bool any = false;
    for (const struct app_link *link = app->links; link != NULL; link = link->below) {
        if (!host_stays_shut(link)) {
            continue;
        }
        if (!any) {
            image_write_section(w, CTX_IMAGE_HOSTS, sizeof(struct ctx_image_host), false);
            any = true;
        }
        struct ctx_image_host h = {.pid = link->host != NULL ? link->host->pid : link->host_pid};
        memcpy(h.words, link->words, sizeof h.words);
        image_write(w, &h, sizeof h);
    }
    if (any) {
        image_write_end_section(w);
    }
}

static ctx_status restore_handle(struct app *app, uint32_t handle)
{
    struct app_v3 *v3 = app->v3;
    uint32_t place = host_place_of(handle);
    while (place >= v3->links_room) {
        ctx_status status = host_grow_places(app);
        if (status != CTX_OK) {
            return status;
        }
    }
    struct app_link_place *p = &v3->links[place];
    if (p->link == NULL) {
        struct app_link *link = heap_alloc(sizeof *link);
        if (link == NULL) {
            return CTX_E_NOMEM;
        }
        link->host = app;
        link->handle = handle;
        p->link = link;
        p->generation = MAX(p->generation, handle >> PLACE_BITS);
    }
    return CTX_OK;
}

/* By a host that lives, or shut where it was then. */
static bool is_linked(const struct app *app, const struct ctx_image_host *from)
{
    const struct app_link *link = app->links;
    while (link != NULL &&
           (link->host != NULL ? link->host->pid != from->pid
                               : link->host_pid != from->pid ||
                                     memcmp(link->words, from->words, sizeof link->words) != 0)) {
        link = link->below;
    }
    return link != NULL;
}

static ctx_status restore_wrap(struct app *app, const struct ctx_image_host *from)
{
    struct app_link *link = heap_alloc(sizeof *link);
    struct app_link **end = &app->links;
    if (link == NULL) {
        return CTX_E_NOMEM;
    }
    link->child = app;
    link->host_pid = from->pid;
    memcpy(link->words, from->words, sizeof link->words);
    while (*end != NULL) {
        end = &(*end)->below;
    }
    *end = link;
    host_mark_all(link);
    return CTX_OK;
}

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    out->link_generation = app->v3 != NULL ? host_last_generation(app) : 0;
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    if (app->v3 != NULL) {
        write_handles(w, app);
    }
    write_hosts(w, app);
    return CTX_OK;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    /* Whoever wrapped it then and does not now: its calls stay shut. */
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_HOSTS].count; i++) {
        struct ctx_image_host host;
        image_entry(image, CTX_IMAGE_HOSTS, i, &host, sizeof host);
        if (!is_linked(app, &host)) {
            status = restore_wrap(app, &host);
        }
    }
    if (host_is_shut(app)) { /* it could not ask for what it is told: that waits for its host */
        app->fresh_hints &= ~HINTS_OF_SURFACES;
    }
    if (app->v3 == NULL) {
        return status;
    }
    host_forget_children(app); /* what it held of others is stale */
    app->link_generation = MAX(app->link_generation, image->app.link_generation);
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_HANDLES].count; i++) {
        struct ctx_image_handle handle;
        image_entry(image, CTX_IMAGE_HANDLES, i, &handle, sizeof handle);
        if (strcmp((const char *)handle.table, CTX_ID_HOST) == 0) {
            status = restore_handle(app, handle.handle);
        }
    }
    return status;
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    app->link_generation = 0; /* it begins anew, and knows no handle */
    return CTX_OK;
}

static void tear_down(struct app *app)
{
    if (app->v3 != NULL) {
        host_forget_children(app);
    }
}

static uint64_t count(const struct app *app)
{
    uint64_t n = 0;
    for (const struct app_link *link = app->links; link != NULL; link = link->below) {
        n++;
    }
    for (uint32_t i = 0; app->v3 != NULL && i < app->v3->links_room; i++) {
        n += app->v3->links[i].link != NULL;
    }
    return n;
}

const struct app_resource host_resource = {
    .name = "links",
    .build = build,
    .began = host_child_began,
    .tear_down = tear_down,
    .forget = host_forget,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .restore = restore,
    .count = count,
};
