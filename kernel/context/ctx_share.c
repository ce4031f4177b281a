/* SPDX-License-Identifier: MIT */
/* ctx.share/1: the functions. What happens to shares is share.c's. */
#include "gate.h"
#include "policy.h"
#include "share_private.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define PAGES_MOST ((CTX_SLOT_SHARED_END - CTX_SLOT_SHARED) / PAGE_SIZE - 2)

/* A handle that can be used. NULL: *status says why not. */
static struct holding *good(const struct app *app, uint64_t handle, ctx_status *status)
{
    struct holding *h = share_find(app, handle);
    *status = h != NULL ? share_state(h) : CTX_E_NOENT;
    return *status == CTX_OK ? h : NULL;
}

/* Once for each row of refusals, as for alloc. */
static void tell(struct app *app, uint64_t bytes, ctx_status status)
{
    if (!app->told_no_memory && policy_may_log(app)) {
        app->told_no_memory = true;
        log_warn("share", "%s#%lu: no share of bytes=%lu: %s", app->name, app->pid, bytes,
                 status == CTX_E_TOOBIG                  ? "a slot has no room for it"
                 : bytes / PAGE_SIZE >= app->quota_pages ? "its quota is smaller"
                                                         : "no memory, or its quota is used up");
    }
}

static uint64_t share_create_gate(struct app *app, const uint64_t args[6])
{
    uint64_t bytes = args[1], flags = args[2];
    struct holding *h;
    if (bytes == 0 || (flags & ~(uint64_t)CTX_SHARE_ZERO) != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint64_t pages = bytes / PAGE_SIZE + ((bytes & PAGE_MASK) != 0);
    bool poison = app->poison && (flags & CTX_SHARE_ZERO) == 0;
    ctx_status status = pages > PAGES_MOST ? CTX_E_TOOBIG : share_create(app, pages, poison, &h);
    if (status == CTX_E_TOOBIG || status == CTX_E_NOMEM) {
        tell(app, bytes, status);
    }
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    app->told_no_memory = false;
    shares_of(app)->changed |= h->fresh;
    status = gate_put(args[3], &h->handle, sizeof h->handle);
    if (status != CTX_OK) {
        share_let(h);
    }
    return (uint32_t)status;
}

/* It was unmapped in this call, which may be undone: then it is there still. */
static ctx_status map_again(struct holding *h, uint32_t rights)
{
    if (rights != h->mapped) {
        uint64_t address = h->app->base + h->at;
        bool writes = (rights & CTX_SHARE_WRITE) != 0;
        if (!machine_slot_protect(address, h->pages, writes ? MAP_READ | MAP_WRITE : MAP_READ)) {
            return CTX_E_NOMEM;
        }
        h->mapped = rights;
    }
    h->unmapping = false;
    return CTX_OK;
}

static uint64_t share_map_gate(struct app *app, const uint64_t args[6])
{
    uint32_t rights = (uint32_t)args[2];
    ctx_status status;
    struct holding *h = good(app, args[1], &status);
    if (h == NULL) {
        return (uint32_t)status;
    }
    if (!share_rights_are_good(rights)) {
        return (uint32_t)CTX_E_INVAL;
    }
    if ((rights & ~h->rights) != 0) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (h->at != 0 && !h->unmapping) {
        return (uint32_t)CTX_E_EXIST;
    }
    /* Where the address goes is looked at before anything is done. */
    uint64_t address = 0;
    status = gate_put(args[3], &address, sizeof address);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    if (h->at != 0) {
        status = map_again(h, rights);
    } else {
        status = share_map(h, rights, 0);
        h->mapped_now = status == CTX_OK && app_may_undo(app);
        shares_of(app)->changed |= h->mapped_now;
    }
    address = app->base + h->at;
    return (uint32_t)(status == CTX_OK ? gate_put(args[3], &address, sizeof address) : status);
}

static uint64_t share_unmap_gate(struct app *app, const uint64_t args[6])
{
    struct holding *h = share_find(app, args[1]);
    if (h == NULL || h->at == 0 || h->unmapping) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (!app_may_undo(app) || h->mapped_now) {
        share_unmap(h);
        return CTX_OK;
    }
    h->unmapping = true;
    h->mapped_before = h->mapped_before != 0 ? h->mapped_before : h->mapped;
    shares_of(app)->changed = true;
    return CTX_OK;
}

/* How many grants of one app another has not taken. */
static uint32_t untaken_from(const struct app *to, uint64_t pid)
{
    const struct app_shares *theirs = shares_of(to);
    uint32_t n = 0;
    for (uint32_t i = 0; theirs != NULL && theirs->untaken > 0 && i < theirs->room; i++) {
        const struct holding *h = theirs->places[i].holding;
        n += h != NULL && h->untaken && h->from_pid == pid;
    }
    return n;
}

static uint64_t share_grant(struct app *app, const uint64_t args[6])
{
    uint32_t rights = (uint32_t)args[3];
    ctx_status status;
    struct holding *h = good(app, args[1], &status), *theirs;
    struct app *to = app_find(args[2]);
    if (h == NULL || to == NULL || to->base == 0 || to->version < 3) {
        return (uint32_t)(h == NULL ? status : CTX_E_NOENT);
    }
    if (!share_rights_are_good(rights) || to == app) {
        return (uint32_t)CTX_E_INVAL;
    }
    if ((rights & ~h->rights) != 0 || app_denies(to, CTX_TABLE_SHARE)) {
        return (uint32_t)CTX_E_DENIED;
    }
    if (untaken_from(to, app->pid) >= SHARE_UNTAKEN) {
        return (uint32_t)CTX_E_AGAIN;
    }
    status = share_derive(h, to, rights, &theirs);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    struct app_shares *mine = shares_of(app);
    theirs->tag = args[4];
    theirs->untaken = true;
    theirs->granted_now = app_may_undo(app);
    mine->granted = true;
    mine->granted_now |= theirs->granted_now;
    shares_of(to)->untaken++;
    (void)share_end_wait(to);
    return CTX_OK;
}

static void describe(const struct holding *h, struct ctx_share_info *out)
{
    bool mapped = h->at != 0 && !h->unmapping;
    *out = (struct ctx_share_info){
        .size = sizeof *out,
        .share = h->handle,
        .rights = h->rights,
        .flags = h->lost | (h->share != NULL && h->parent == NULL ? CTX_SHARE_ROOT : 0),
        .bytes = h->pages * PAGE_SIZE,
        .address = mapped ? h->app->base + h->at : 0,
        .tag = h->tag,
        .from = h->from_pid,
        .owner = h->share != NULL ? h->share->owner->pid : h->app->pid,
        .mapped = mapped ? h->mapped : 0,
        .holders = h->share != NULL ? share_holders(h->share) : 1,
    };
}

static uint64_t share_take(struct app *app, const uint64_t args[6])
{
    struct app_shares *mine = shares_of(app);
    struct holding *oldest = NULL;
    for (uint32_t i = 0; mine != NULL && mine->untaken > 0 && i < mine->room; i++) {
        struct holding *h = mine->places[i].holding;
        if (h != NULL && h->untaken && (oldest == NULL || h->order < oldest->order)) {
            oldest = h;
        }
    }
    if (oldest == NULL) {
        return (uint32_t)CTX_E_AGAIN;
    }
    struct ctx_share_info info;
    oldest->untaken = false; /* so that it counts as a holder */
    describe(oldest, &info);
    ctx_status status = gate_put_struct(args, 1, &info, sizeof info);
    if (status != CTX_OK) {
        oldest->untaken = true;
        return (uint32_t)status;
    }
    mine->untaken--;
    oldest->fresh = oldest->taken_now = app_may_undo(app);
    mine->changed |= oldest->fresh;
    return CTX_OK;
}

static uint64_t share_info_gate(struct app *app, const uint64_t args[6])
{
    const struct holding *h = share_find(app, args[1]);
    struct ctx_share_info info;
    if (h == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    describe(h, &info);
    return (uint32_t)gate_put_struct(args, 2, &info, sizeof info);
}

static uint64_t share_revoke_gate(struct app *app, const uint64_t args[6])
{
    ctx_status status;
    struct holding *h = good(app, args[1], &status);
    return (uint32_t)(h != NULL ? share_revoke(h, args[2]) : status);
}

static uint64_t share_close(struct app *app, const uint64_t args[6])
{
    struct holding *h = share_find(app, args[1]);
    if (h == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (app_may_undo(app) && (!h->fresh || h->taken_now)) {
        h->closing = true;
        shares_of(app)->changed = true;
    } else {
        share_let(h);
    }
    return CTX_OK;
}

static uint64_t share_wake_gate(struct app *app, const uint64_t args[6])
{
    ctx_status status;
    const struct holding *h = good(app, args[1], &status);
    if (h != NULL) {
        share_wake_others(h->share, app);
    }
    return (uint32_t)status;
}

GATE_TABLE(ctx_share_table, CTX_TABLE_SHARE, share_create_gate, share_map_gate, share_unmap_gate,
           share_grant, share_take, share_info_gate, share_revoke_gate, share_close,
           share_wake_gate);
