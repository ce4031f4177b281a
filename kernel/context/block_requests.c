/* SPDX-License-Identifier: MIT */
/*
 * Claims and requests of ctx.block/1: how they live and end. A request's memory - a copy, or pinned
 * pages of a share - is given back when the device has ended it, never before, whatever has become
 * of the app, its claim or the share meanwhile.
 */
#include "block_private.h"

#include "app_memory.h"
#include "app_v3.h"
#include "frame.h"
#include "heap.h"
#include "resource.h"
#include "share.h"
#include "watch.h"

#include <kernel/machine.h>
#include <kernel/string.h>

/* NULL: it has never asked for anything of this kind. */
static struct disks_user *known(const struct app *app)
{
    return *resource_part((struct app *)(uintptr_t)app, &block_resource);
}

static const struct app *leaving; /* whose claims are being given back. [loop, in a call] */

/* Disks came, went, changed or are free: for all who ever asked. */
static void tell_all(void)
{
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (app != leaving && app->version >= 3 && known(app) != NULL) {
            app_tell(app, CTX_EVENT_BLOCK);
        }
    }
}

struct disks_user *block_user(struct app *app)
{
    void **mine = resource_part(app, &block_resource);
    if (*mine == NULL) {
        struct disks_user *u = heap_alloc(sizeof *u);
        if (u != NULL) {
            u->last = v3_handles_begin(app);
            u->end = &u->first;
        }
        *mine = u;
        block_tell(tell_all);
    }
    return *mine;
}

/* ---- requests ---- */

/* Its memory, and it. */
static void free_request(struct disk_request *r)
{
    if (r->copy != NULL) {
        frame_free_pages(machine_direct_paddr(r->copy), r->copy_pages);
    }
    if (r->app != NULL) {
        r->app->pages -= r->copy_pages;
    }
    if (r->share != NULL) {
        share_unpin(r->share);
    }
    heap_free(r, sizeof *r);
}

/* The claim, if nobody and nothing needs it any more: then the disk is free. */
static void free_claim(struct disk_claim *c)
{
    if (c->handle == 0 && c->going_on == 0 && c->untold == 0) {
        block_unclaim(&c->claim, c->changed);
        heap_free(c, sizeof *c);
    }
}

void block_drop(struct disk_request *r)
{
    struct disk_claim *c = r->claim;
    c->untold--;
    free_request(r);
    free_claim(c);
}

/* Nobody is to be told of it: it goes now, or when the device is done with it. It is in no list. */
static void forget(struct disk_request *r)
{
    if (r->app != NULL) {
        r->app->pages -= r->copy_pages;
        r->app = NULL;
    }
    if (r->ended) {
        block_drop(r);
    }
}

ctx_status block_make(struct app *app, struct disk_claim *claim, uint64_t copy,
                      struct disk_request **out)
{
    uint64_t pages = (copy + PAGE_SIZE - 1) / PAGE_SIZE;
    if (claim->untold >= BLOCK_IN_FLIGHT) {
        return CTX_E_NOSPC;
    }
    if (pages > 0 && !app_may_grow(app, pages)) {
        return CTX_E_NOMEM;
    }
    struct disk_request *r = heap_alloc(sizeof *r);
    paddr_t frame = r != NULL && pages > 0 ? frame_alloc_pages(pages, 0) : 0;
    if (r == NULL || (pages > 0 && frame == 0)) {
        heap_free(r, sizeof *r);
        return CTX_E_NOMEM;
    }
    r->copy = pages > 0 ? machine_direct(frame) : NULL;
    r->copy_pages = pages;
    r->app = app;
    r->claim = claim;
    r->handle = claim->handle;
    app->pages += pages;
    claim->untold++;
    *out = r;
    return CTX_OK;
}

/* What the device wrote to a copy because the share's pages lie in too many pieces. */
static void copy_to_share(const struct disk_request *r)
{
    uint64_t len;
    for (uint64_t done = 0; done < r->bytes; done += len) {
        uint8_t *to = share_bytes(r->share, r->share_at + done, &len);
        len = MIN(len, r->bytes - done);
        memcpy(to, r->copy + done, len);
    }
}

static void request_ended(struct block_request *io)
{
    struct disk_request *r = container_of(io, struct disk_request, io);
    r->ended = true;
    r->claim->going_on--;
    if (r->share != NULL && r->copy != NULL && r->op == CTX_BLOCK_READ && io->status == CTX_OK) {
        copy_to_share(r);
    }
    if (r->app != NULL) {
        app_tell(r->app, CTX_EVENT_BLOCK);
    } else {
        block_drop(r);
    }
}

void block_begin(struct disk_request *r)
{
    struct disks_user *u = known(r->app);
    r->fresh = app_may_undo(r->app);
    r->io.ended = request_ended;
    r->claim->going_on++;
    *u->end = r;
    u->end = &r->next;
    block_submit(r->claim->claim.disk->device, &r->io);
}

struct disk_request *block_ended(struct app *app)
{
    struct disks_user *u = known(app);
    struct disk_request *r = u != NULL ? u->first : NULL;
    while (r != NULL && (!r->ended || r->told || r->claim->closing)) {
        r = r->next;
    }
    return r;
}

static void unlink_request(struct disks_user *u, struct disk_request *r)
{
    struct disk_request **p = &u->first;
    while (*p != r) {
        p = &(*p)->next;
    }
    *p = r->next;
    if (*p == NULL) {
        u->end = p;
    }
}

void block_told(struct app *app, struct disk_request *r)
{
    r->told = true;
    if (!app_may_undo(app)) {
        unlink_request(known(app), r);
        block_drop(r);
    }
}

/* ---- claims ---- */

struct disk_claim *block_find(const struct app *app, uint64_t handle)
{
    struct disks_user *u = known(app);
    struct disk_claim *c = u != NULL ? u->claims : NULL;
    while (c != NULL && (c->handle != (uint32_t)handle || c->closing)) {
        c = c->next;
    }
    return c;
}

ctx_status block_have(struct app *app, struct block_disk *disk, bool write, struct disk_claim **out)
{
    struct disks_user *u = block_user(app);
    if (u == NULL) {
        return CTX_E_NOMEM;
    }
    if (u->claim_count == BLOCK_CLAIMS || u->last == UINT32_MAX) {
        return CTX_E_NOSPC;
    }
    struct disk_claim *c = heap_alloc(sizeof *c);
    ctx_status status = c != NULL ? block_claim(&c->claim, disk, app->pid) : CTX_E_NOMEM;
    if (status != CTX_OK) {
        heap_free(c, sizeof *c);
        return status;
    }
    c->handle = ++u->last;
    c->write = write;
    c->fresh = app_may_undo(app);
    c->next = u->claims;
    u->claims = c;
    u->claim_count++;
    *out = c;
    return CTX_OK;
}

void block_let(struct app *app, struct disk_claim *claim)
{
    struct disks_user *u = known(app);
    struct disk_claim **p = &u->claims;
    while (*p != claim) {
        p = &(*p)->next;
    }
    *p = claim->next;
    u->claim_count--;
    claim->untold++; /* it must not go in between */
    for (struct disk_request *next, *r = u->first; r != NULL; r = next) {
        next = r->next;
        if (r->claim == claim) {
            unlink_request(u, r);
            forget(r);
        }
    }
    claim->untold--;
    claim->handle = 0;
    free_claim(claim);
}

/* ---- what an app has of this ---- */

static void forget_user(struct app *app)
{
    struct disks_user *u = known(app);
    leaving = app;
    while (u != NULL && u->claims != NULL) {
        block_let(app, u->claims);
    }
    leaving = NULL;
    heap_free(u, sizeof *u);
    *resource_part(app, &block_resource) = NULL;
}

/* The call has ended: what it claimed stays, what it released is released, what it was told of is
 * gone; or the other way. What was submitted in a call that is undone goes on, and nobody is told.
 */
static void settle(struct app *app, bool undone)
{
    struct disks_user *u = known(app);
    if (u == NULL) {
        return;
    }
    for (struct disk_request *next, *r = u->first; r != NULL; r = next) {
        next = r->next;
        if (undone ? r->fresh : r->told) {
            unlink_request(u, r);
            forget(r);
        } else {
            r->fresh = r->told = false;
        }
    }
    for (struct disk_claim *next, *c = u->claims; c != NULL; c = next) {
        next = c->next;
        if (undone ? c->fresh : c->closing) {
            block_let(app, c);
        } else {
            c->fresh = c->closing = false;
        }
    }
    /* What it was told of and is not any more has to be asked for once more. */
    if (undone && block_ended(app) != NULL) {
        app_tell(app, CTX_EVENT_BLOCK);
    }
}

static uint64_t count(const struct app *app)
{
    const struct disks_user *u = known(app);
    return u != NULL ? u->claim_count : 0;
}

const struct app_resource block_resource = {
    .name = "disks",
    .tear_down = forget_user,
    .settle = settle,
    .outside = true,
    .count = count,
};
