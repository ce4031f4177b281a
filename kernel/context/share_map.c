/* SPDX-License-Identifier: MIT */
/* A share's pages, and where an app sees them: mappings lie in the slot's shared range, each with a
 * page that is never mapped below and above it. */
#include "share_private.h"

#include "app_memory.h"
#include "frame.h"
#include "heap.h"

#include <kernel/string.h>

#define RUN_PAGES (1u << (FRAME_ORDERS - 1))

/* ---- pages ---- */

void share_free_runs(struct share_run **runs)
{
    while (*runs != NULL) {
        struct share_run *run = *runs;
        *runs = run->next;
        frame_free_pages(run->frame, run->pages);
        heap_free(run, sizeof *run);
    }
}

/* One more run behind *end. False: there are not so many frames in a row. */
static bool add_run(struct share_run ***end, uint64_t pages, uint32_t flags, bool *no_memory)
{
    struct share_run *run = heap_alloc(sizeof *run);
    *no_memory = run == NULL;
    paddr_t frame = run != NULL ? frame_alloc_pages(pages, flags) : 0;
    if (frame == 0) {
        heap_free(run, sizeof *run);
        return false;
    }
    *run = (struct share_run){frame, pages, NULL};
    **end = run;
    *end = &run->next;
    return true;
}

bool share_alloc_runs(uint64_t pages, struct share_run **out)
{
    struct share_run **end = out;
    uint64_t most = RUN_PAGES, left = pages;
    *out = NULL;
    while (left > 0) {
        bool no_memory;
        uint64_t n = MIN(left, most);
        if (add_run(&end, n, FRAME_ZERO, &no_memory)) {
            left -= n;
        } else if (n > 1 && !no_memory && frame_free_total() >= left) {
            most = n / 2; /* the memory is in pieces */
        } else {
            share_free_runs(out);
            return false;
        }
    }
    return true;
}

bool share_copy_runs(const struct share_run *from, struct share_run **out)
{
    struct share_run **end = out;
    bool no_memory;
    *out = NULL;
    for (; from != NULL; from = from->next) {
        struct share_run **here = end;
        if (!add_run(&end, from->pages, 0, &no_memory)) {
            share_free_runs(out);
            return false;
        }
        memcpy(machine_direct((*here)->frame), machine_direct(from->frame),
               from->pages * PAGE_SIZE);
    }
    return true;
}

/* ---- mappings ---- */

static struct share_run *runs_of(const struct holding *h)
{
    return h->share != NULL ? h->share->runs : h->own;
}

/* NOMEM: nothing is mapped. */
static ctx_status map_runs(uint64_t address, const struct share_run *run, uint32_t rights)
{
    uint64_t at = address;
    for (; run != NULL; run = run->next) {
        if (machine_slot_map(at, run->frame, run->pages, rights) != CTX_OK) {
            machine_slot_unmap(address, (at - address) / PAGE_SIZE);
            return CTX_E_NOMEM;
        }
        at += run->pages * PAGE_SIZE;
    }
    return CTX_OK;
}

static uint32_t map_rights(uint32_t rights)
{
    return MAP_READ | ((rights & CTX_SHARE_WRITE) != 0 ? MAP_WRITE : 0);
}

/* Where there is room; 0: nowhere. */
static uint64_t find_gap(const struct app_shares *mine, uint64_t pages)
{
    uint64_t at = CTX_SLOT_SHARED + PAGE_SIZE, needs = (pages + 1) * PAGE_SIZE;
    for (const struct holding *h = mine->lowest; h != NULL && h->at < at + needs; h = h->above) {
        at = h->at + (h->pages + 1) * PAGE_SIZE;
    }
    return at + needs <= CTX_SLOT_SHARED_END ? at : 0;
}

void share_count_promise(struct holding *h)
{
    bool wanted = h->share != NULL && h->at != 0 && h->parent != NULL;
    if (wanted && !h->promised) {
        app_promise(h->app, h->pages);
    } else if (!wanted && h->promised) {
        app_unpromise(h->app, h->pages);
    }
    h->promised = wanted;
}

ctx_status share_map(struct holding *h, uint32_t rights, uint64_t at)
{
    struct app_shares *mine = shares_of(h->app);
    if (at == 0 && (at = find_gap(mine, h->pages)) == 0) {
        return CTX_E_NOSPC;
    }
    if (h->share != NULL && h->parent != NULL && !app_may_grow(h->app, h->pages)) {
        return CTX_E_NOMEM;
    }
    ctx_status status = map_runs(h->app->base + at, runs_of(h), map_rights(rights));
    if (status != CTX_OK) {
        return status;
    }
    struct holding **place = &mine->lowest;
    while (*place != NULL && (*place)->at < at) {
        place = &(*place)->above;
    }
    h->above = *place;
    *place = h;
    h->at = at;
    h->mapped = rights;
    share_count_promise(h);
    return CTX_OK;
}

/* Out of the list, whatever is mapped. */
static void forget_mapping(struct holding *h)
{
    struct holding **place = &shares_of(h->app)->lowest;
    while (*place != h) {
        place = &(*place)->above;
    }
    *place = h->above;
    h->at = 0;
    h->mapped = 0;
    h->mapped_now = h->unmapping = false;
    h->mapped_before = 0;
    if (h->own != NULL) {
        share_free_runs(&h->own);
        h->app->pages -= h->pages;
    }
    share_count_promise(h);
}

void share_unmap(struct holding *h)
{
    machine_slot_unmap(h->app->base + h->at, h->pages);
    forget_mapping(h);
}

bool share_remap_own(struct holding *h)
{
    uint64_t address = h->app->base + h->at;
    machine_slot_unmap(address, h->pages);
    if (map_runs(address, h->own, map_rights(h->mapped)) == CTX_OK) {
        return true;
    }
    forget_mapping(h);
    return false;
}

/* ---- devices ---- */

ctx_status share_pin(struct app *app, uint32_t handle, bool writes, uint64_t from, uint64_t bytes,
                     struct share **out)
{
    const struct holding *h = share_find(app, handle);
    ctx_status status = h != NULL ? share_state(h) : CTX_E_NOENT;
    if (status == CTX_OK && writes && (h->rights & CTX_SHARE_WRITE) == 0) {
        status = CTX_E_DENIED;
    }
    uint64_t all = h != NULL ? h->pages * PAGE_SIZE : 0;
    if (status == CTX_OK && (from > all || bytes > all - from)) {
        status = CTX_E_RANGE;
    }
    if (status != CTX_OK) {
        return status == CTX_E_STALE ? CTX_E_REVOKED : status;
    }
    *out = h->share;
    h->share->pins++;
    return CTX_OK;
}

void share_unpin(struct share *s)
{
    s->pins--;
    share_end(s);
}

uint64_t share_size(const struct share *s)
{
    return s->pages * PAGE_SIZE;
}

uint8_t *share_bytes(const struct share *s, uint64_t at, uint64_t *len)
{
    const struct share_run *run = s->runs;
    while (at >= run->pages * PAGE_SIZE) {
        at -= run->pages * PAGE_SIZE;
        run = run->next;
    }
    *len = run->pages * PAGE_SIZE - at;
    return (uint8_t *)machine_direct(run->frame) + at;
}
