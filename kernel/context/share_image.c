/* SPDX-License-Identifier: MIT */
/* What an app has of shares: in its image, in a call that is undone, while it waits, and when it
 * goes. */
#include "share_private.h"

#include "app_memory.h"
#include "heap.h"
#include "image_check.h"
#include "image_write.h"
#include "resource.h"

#include <kernel/string.h>

static struct holding *holding_no(const struct app_shares *mine, uint32_t no)
{
    return mine != NULL && no < mine->room ? mine->places[no].holding : NULL;
}

static uint32_t room(const struct app_shares *mine)
{
    return mine != NULL ? mine->room : 0;
}

/* ---- its life ---- */

static void drop_all(struct app *app)
{
    struct app_shares *mine = shares_of(app);
    app->link_generation = share_last_generation(app); /* handles are never given out twice */
    for (uint32_t i = 0; i < room(mine); i++) {
        if (holding_no(mine, i) != NULL) {
            share_let(holding_no(mine, i));
        }
    }
}

static void tear_down(struct app *app)
{
    struct app_shares *mine = shares_of(app);
    if (mine == NULL) {
        return;
    }
    drop_all(app);
    share_leave(app);
    if (mine->places != NULL) {
        heap_free(mine->places, mine->room * sizeof *mine->places);
    }
    heap_free(mine, sizeof *mine);
    *resource_part(app, &share_resource) = NULL;
}

static uint64_t count(const struct app *app)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < room(shares_of(app)); i++) {
        n += holding_no(shares_of(app), i) != NULL;
    }
    return n;
}

static void wait(struct app *app)
{
    bool waits = (app->event_mask >> CTX_EVENT_SHARE & 1) != 0;
    struct app_shares *mine = waits ? shares_of(app) : NULL;
    if (mine != NULL && (mine->untaken > 0 || mine->woken)) {
        mine->woken = false;
        ready_wake(app);
    }
}

/* ---- undo ---- */

static void let_go(struct app *app)
{
    struct app_shares *mine = shares_of(app);
    if (mine == NULL) {
        return;
    }
    for (uint32_t i = 0; mine->changed && i < mine->room; i++) {
        struct holding *h = holding_no(mine, i);
        if (h != NULL && h->closing) {
            share_let(h);
        } else if (h != NULL) {
            if (h->unmapping) {
                share_unmap(h);
            }
            h->fresh = h->taken_now = h->mapped_now = false;
            h->mapped_before = 0;
        }
    }
    if (mine->granted_now) {
        share_settle_granted(app, true);
    }
    mine->changed = mine->granted_now = false;
}

/* False: the machine does not give the mapping its rights back. */
static bool put_back_one(struct app_shares *mine, struct holding *h)
{
    bool good = true;
    if (h->at != 0 && h->mapped_now) {
        share_unmap(h);
    }
    if (h->mapped_before != 0 && h->mapped_before != h->mapped) {
        uint32_t rights =
            (h->mapped_before & CTX_SHARE_WRITE) != 0 ? MAP_READ | MAP_WRITE : MAP_READ;
        good = machine_slot_protect(h->app->base + h->at, h->pages, rights);
        h->mapped = h->mapped_before;
    }
    h->mapped_before = 0;
    h->closing = h->unmapping = false;
    if (h->fresh && h->taken_now && h->lost == 0) { /* it is there to be taken once more */
        h->fresh = h->taken_now = false;
        h->untaken = true;
        mine->untaken++;
    } else if (h->fresh) {
        share_let(h);
    }
    return good;
}

static bool put_back(struct app *app, bool again)
{
    struct app_shares *mine = shares_of(app);
    bool good = true;
    (void)again;
    if (mine == NULL) {
        return true;
    }
    for (uint32_t i = 0; mine->changed && i < mine->room; i++) {
        if (holding_no(mine, i) != NULL) {
            good &= put_back_one(mine, holding_no(mine, i));
        }
    }
    if (mine->granted_now) {
        share_settle_granted(app, false);
    }
    mine->changed = mine->granted_now = false;
    return good;
}

/* ---- images ---- */

static void each_shared(const struct app *app, app_area_fn *fn, void *arg)
{
    const struct app_shares *mine = shares_of(app);
    uint32_t no = 0;
    for (const struct holding *h = mine != NULL ? mine->lowest : NULL; h != NULL; h = h->above) {
        fn(arg, no++, h->at, h->pages);
    }
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return count(app) * sizeof(struct ctx_image_share);
}

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    out->link_generation = MAX(out->link_generation, share_last_generation(app));
}

static void write_one(struct image_writer *w, const struct holding *h, bool *any)
{
    const struct ctx_image_share s = {
        .handle = h->handle,
        .rights = h->rights,
        .at = h->at,
        .pages = h->pages,
        .tag = h->tag,
        .from = h->from_pid,
        .mapped = h->mapped,
    };
    if (!*any) {
        image_write_section(w, CTX_IMAGE_SHARES, sizeof s, false);
        *any = true;
    }
    image_write(w, &s, sizeof s);
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    const struct app_shares *mine = shares_of(app);
    bool any = false;
    for (uint32_t i = 0; i < room(mine); i++) {
        const struct holding *h = holding_no(mine, i);
        if (h != NULL && !h->untaken && h->at == 0) {
            write_one(w, h, &any);
        }
    }
    for (const struct holding *h = mine != NULL ? mine->lowest : NULL; h != NULL; h = h->above) {
        write_one(w, h, &any);
    }
    if (any) {
        image_write_end_section(w);
    }
    return CTX_OK;
}

static ctx_status check(const struct image *image, uint64_t *pages, struct image_error *error)
{
    (void)error;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SHARES].count; i++) {
        struct ctx_image_share s;
        image_entry(image, CTX_IMAGE_SHARES, i, &s, sizeof s);
        *pages += s.at != 0 ? s.pages : 0;
    }
    return CTX_OK;
}

/* What is mapped belongs to others too: it is not written over. */
static bool fits(const struct app *app, const struct image *image)
{
    const struct app_shares *mine = shares_of(app);
    uint64_t pages = 0;
    (void)check(image, &pages, NULL);
    return pages == 0 && (mine == NULL || mine->lowest == NULL);
}

static ctx_status restore_one(struct app *app, const struct ctx_image_share *from)
{
    struct holding *h;
    ctx_status status = share_make_lost(app, from->handle, &h);
    if (status != CTX_OK) {
        return status;
    }
    h->rights = from->rights;
    h->pages = from->pages;
    h->tag = from->tag;
    h->from_pid = from->from;
    if (from->at == 0) {
        return CTX_OK;
    }
    /* It may be more than its quota: another app's, when the image was made. */
    if (from->pages > app_room() || !share_alloc_runs(from->pages, &h->own)) {
        return CTX_E_NOMEM;
    }
    app->pages += from->pages;
    status = share_map(h, from->mapped, from->at);
    if (status != CTX_OK) {
        share_free_runs(&h->own);
        app->pages -= from->pages;
    }
    return status;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    if (shares_of(app) != NULL) {
        drop_all(app);
    }
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_SHARES].count; i++) {
        struct ctx_image_share share;
        image_entry(image, CTX_IMAGE_SHARES, i, &share, sizeof share);
        status = restore_one(app, &share);
    }
    if (shares_of(app) != NULL) { /* whoever waits for others learns that they are gone */
        shares_of(app)->woken = true;
    }
    return status;
}

const struct app_resource share_resource = {
    .name = "shares",
    .tear_down = tear_down,
    .wait = wait,
    .each_shared = each_shared,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .check = check,
    .fits = fits,
    .restore = restore,
    .put_back = put_back,
    .let_go = let_go,
    .count = count,
};
