/* SPDX-License-Identifier: MIT */
/*
 * Who has which card, and what becomes of that when an app's call is undone, or the app goes. A
 * card that was told memory of the app's is stopped first: until it has let go the claim stays, and
 * nobody else can have the card.
 */
#include "nic_private.h"

#include "app_memory.h"
#include "app_v3.h"
#include "frame.h"
#include "heap.h"
#include "resource.h"
#include "share.h"
#include "watch.h"

#include <kernel/machine.h>
#include <kernel/string.h>

extern const struct app_resource nic_resource;

/* NULL: it has never asked for anything of this kind. */
static struct nics_user *known(const struct app *app)
{
    return *resource_part((struct app *)(uintptr_t)app, &nic_resource);
}

static const struct app *leaving; /* whose claims are being given back. [loop, in a call] */

void nic_tell_all(void)
{
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (app != leaving && app->version >= 3 && known(app) != NULL) {
            app_tell(app, CTX_EVENT_NIC);
        }
    }
}

struct nics_user *nic_user(struct app *app)
{
    void **mine = resource_part(app, &nic_resource);
    if (*mine == NULL) {
        struct nics_user *u = heap_alloc(sizeof *u);
        if (u != NULL) {
            u->last = v3_handles_begin(app);
        }
        *mine = u;
    }
    return *mine;
}

struct nic_claim *nic_claim_find(const struct app *app, uint64_t handle)
{
    struct nics_user *u = known(app);
    struct nic_claim *c = u != NULL ? u->claims : NULL;
    while (c != NULL && (c->handle != (uint32_t)handle || c->closing)) {
        c = c->next;
    }
    return c;
}

/* ---- coming and going ---- */

/* The claim's memory: whole pages, that count against the app's quota. */
static struct nic_claim *make_memory(struct app *app, const struct ctx_nic_setup *setup)
{
    uint64_t records = (uint64_t)setup->send_entries + setup->receive_entries;
    uint64_t bytes = sizeof(struct nic_claim) + records * sizeof(struct nic_record);
    uint64_t pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    paddr_t frame = app_may_grow(app, pages) ? frame_alloc_pages(pages, FRAME_ZERO) : 0;
    if (frame == 0) {
        return NULL;
    }
    struct nic_claim *claim = machine_direct(frame);
    claim->pages = pages;
    claim->app = app;
    app->pages += pages;
    claim->send.size = setup->send_entries;
    claim->receive.size = setup->receive_entries;
    claim->send.records = (struct nic_record *)(claim + 1);
    claim->receive.records = claim->send.records + setup->send_entries;
    return claim;
}

/* Where the rings lie, page by page. */
static void find_rings(struct nic_claim *claim, uint64_t at, uint64_t bytes)
{
    uint64_t len, page = ALIGN_DOWN(at, (uint64_t)PAGE_SIZE);
    claim->offset = (uint32_t)(at - page);
    for (uint32_t i = 0; page < at + bytes; i++, page += PAGE_SIZE) {
        claim->ring_pages[i] = share_bytes(claim->share, page, &len);
    }
}

_Static_assert(sizeof(struct ctx_nic_rings) % sizeof(struct ctx_nic_entry) == 0 &&
                   PAGE_SIZE % sizeof(struct ctx_nic_entry) == 0,
               "no entry lies in two pages");
_Static_assert(sizeof(struct ctx_nic_rings) + 2 * NIC_ENTRIES * sizeof(struct ctx_nic_entry) +
                       PAGE_SIZE <=
                   NIC_RING_PAGES * PAGE_SIZE,
               "the pages of the longest rings");

ctx_status nic_claim_make(struct app *app, struct nic_device *device,
                          const struct ctx_nic_setup *setup, struct nic_claim **out)
{
    struct nics_user *u = nic_user(app);
    uint64_t bytes =
        sizeof(struct ctx_nic_rings) +
        ((uint64_t)setup->send_entries + setup->receive_entries) * sizeof(struct ctx_nic_entry);
    if (u == NULL) {
        return CTX_E_NOMEM;
    }
    if (device->claim != NULL) {
        return CTX_E_BUSY;
    }
    if (u->count == NIC_CLAIMS || u->last == UINT32_MAX) {
        return CTX_E_NOSPC;
    }
    struct share *share;
    ctx_status status = share_pin(app, setup->share, true, setup->at, bytes, &share);
    if (status != CTX_OK) {
        return status;
    }
    struct nic_claim *claim = make_memory(app, setup);
    if (claim == NULL) {
        share_unpin(share);
        return CTX_E_NOMEM;
    }
    claim->share = share;
    find_rings(claim, setup->at, bytes);
    claim->device = device;
    claim->handle = ++u->last;
    claim->fresh = app_may_undo(app);
    claim->partial = (setup->flags & CTX_NIC_PARTIAL) != 0;
    claim->filter.groups = true;
    claim->next = u->claims;
    u->claims = claim;
    u->count++;
    device->claim = claim;
    nic_rings_begin(claim);
    if (device->ready && device->filter != NULL) {
        device->filter(device, &claim->filter);
    }
    *out = claim;
    return CTX_OK;
}

void nic_claim_end(struct nic_claim *claim)
{
    if (claim->handle != 0 || nic_rings_busy(claim)) {
        return;
    }
    struct nic_device *device = claim->device;
    nic_rings_end(claim);
    share_unpin(claim->share);
    frame_free_pages(machine_direct_paddr(claim), claim->pages);
    device->claim = NULL;
    nic_tell_all(); /* it is free */
}

void nic_claim_let(struct nic_claim *claim)
{
    struct nics_user *u = known(claim->app);
    struct nic_claim **p = &u->claims;
    while (*p != claim) {
        p = &(*p)->next;
    }
    *p = claim->next;
    u->count--;
    claim->handle = 0;
    claim->app->pages -= claim->pages + claim->copied;
    claim->app = NULL;
    if (nic_rings_busy(claim)) {
        claim->device->stop(claim->device);
    } else {
        nic_claim_end(claim);
    }
}

/* ---- what an app has of this ---- */

static void forget_user(struct app *app)
{
    struct nics_user *u = known(app);
    leaving = app;
    while (u != NULL && u->claims != NULL) {
        nic_claim_let(u->claims);
    }
    leaving = NULL;
    heap_free(u, sizeof *u);
    *resource_part(app, &nic_resource) = NULL;
}

/* The call has ended: what it claimed stays, what it released is released; or the other way. */
static void settle(struct app *app, bool undone)
{
    struct nics_user *u = known(app);
    for (struct nic_claim *next, *c = u != NULL ? u->claims : NULL; c != NULL; c = next) {
        next = c->next;
        if (undone ? c->fresh : c->closing) {
            nic_claim_let(c);
        } else {
            c->fresh = c->closing = false;
        }
    }
    /* What it has seen of its rings and does not know any more has to be looked at once more. */
    if (undone && u != NULL) {
        app_tell(app, CTX_EVENT_NIC);
    }
}

static uint64_t count(const struct app *app)
{
    const struct nics_user *u = known(app);
    return u != NULL ? u->count : 0;
}

const struct app_resource nic_resource = {
    .name = "nics",
    .tear_down = forget_user,
    .settle = settle,
    .outside = true,
    .count = count,
};
