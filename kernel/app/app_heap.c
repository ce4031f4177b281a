/* SPDX-License-Identifier: MIT */
/* An app's heap and the pages behind it; what the gates of all versions share. */
#include "app.h"
#include "watch.h"

static ctx_status commit_page(void *arg, uint32_t page)
{
    if (!app_may_grow(arg, 1)) {
        return CTX_E_NOMEM;
    }
    return app_commit(arg, CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE, MAP_READ | MAP_WRITE);
}

static void decommit_page(void *arg, uint32_t page)
{
    app_decommit(arg, CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE);
}

struct slotheap *app_heap(struct app *app)
{
    if (app->heap == NULL) {
        const struct slotheap_pages pages = {commit_page, decommit_page, app};
        app->heap = slotheap_new(&pages, app->quota_pages);
    }
    return app->heap;
}

static void before(struct app *app)
{
    if (app->watch != NULL) {
        app->watch->heap_before(app);
    }
}

static void changed(struct app *app, const struct slotheap_block *block, bool freed)
{
    if (app->watch != NULL) {
        app->watch->heap_changed(app, block, freed);
    }
}

ctx_status app_heap_alloc(struct app *app, uint64_t size, uint64_t align, bool guarded,
                          uint64_t *offset)
{
    struct slotheap *heap = app_heap(app);
    if (heap == NULL) {
        return CTX_E_NOMEM;
    }
    before(app);
    ctx_status status = guarded ? slotheap_alloc_guarded(heap, size, align, offset)
                                : slotheap_alloc(heap, size, align, offset);
    if (status == CTX_OK) {
        const struct slotheap_block block = {*offset, size, (uint32_t)__builtin_ctzll(align),
                                             guarded};
        changed(app, &block, false);
    }
    return status;
}

ctx_status app_heap_free(struct app *app, uint64_t offset, uint64_t size, uint64_t align,
                         uint64_t *real_size, uint64_t *real_align)
{
    if (app->heap == NULL) {
        return CTX_E_NOENT;
    }
    ctx_status status = slotheap_find(app->heap, offset, real_size, real_align);
    if (status == CTX_OK && *real_size == size && *real_align == align) {
        const struct slotheap_block block = {offset, size, (uint32_t)__builtin_ctzll(align),
                                             offset >= PAGE_SIZE &&
                                                 slotheap_is_guard(app->heap, offset - 1)};
        before(app);
        changed(app, &block, true);
    }
    return status != CTX_OK
               ? status
               : slotheap_dealloc(app->heap, offset, size, align, real_size, real_align);
}

/* ---- becoming another ---- */

/* Two heaps of one app meanwhile: a page that the other one has is not given back. */
struct swap {
    struct app *app;
    const struct slotheap *other; /* NULL: there is none */
};

static ctx_status commit_or_keep(void *arg, uint32_t page)
{
    const struct swap *s = arg;
    uint64_t offset = CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE;
    return machine_slot_frame(s->app->base + offset) != 0
               ? CTX_OK
               : app_commit(s->app, offset, MAP_READ | MAP_WRITE);
}

static void decommit_unless_kept(void *arg, uint32_t page)
{
    const struct swap *s = arg;
    if (s->other == NULL || !slotheap_has_page(s->other, page)) {
        app_decommit(s->app, CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE);
    }
}

bool app_heap_become(struct app *app, const struct slotheap_block *blocks, uint64_t count,
                     const uint64_t *order, uint64_t order_count)
{
    struct slotheap *old = app->heap;
    struct swap swap = {app, old};
    const struct slotheap_pages beside = {commit_or_keep, decommit_unless_kept, &swap};
    const struct slotheap_pages usual = {commit_page, decommit_page, app};
    struct slotheap *fresh = slotheap_new(&beside, app->quota_pages);
    for (uint64_t i = 0; fresh != NULL && i < count; i++) {
        if (slotheap_place(fresh, &blocks[i]) != CTX_OK) {
            slotheap_delete(fresh); /* with the pages that came for it */
            fresh = NULL;
        }
    }
    if (fresh == NULL) {
        return false;
    }
    (void)slotheap_set_free_order(fresh, order, order_count); /* a hint */
    slotheap_set_pages(fresh, &usual);
    app->heap = fresh;
    if (old != NULL) {
        swap.other = fresh;
        slotheap_set_pages(old, &beside);
        slotheap_delete(old);
    }
    return true;
}

struct comparison {
    const struct slotheap_block *blocks;
    uint64_t count, seen;
    bool same;
};

static void compare(void *arg, const struct slotheap_block *block)
{
    struct comparison *c = arg;
    const struct slotheap_block *other = &c->blocks[c->seen];
    c->same = c->same && c->seen < c->count && other->offset == block->offset &&
              other->size == block->size && other->align_log2 == block->align_log2 &&
              other->guarded == block->guarded;
    c->seen++;
}

bool app_heap_is(const struct app *app, const struct slotheap_block *blocks, uint64_t count)
{
    struct comparison c = {blocks, count, 0, true};
    if (app->heap != NULL) {
        slotheap_for_each(app->heap, compare, &c);
    }
    return c.same && c.seen == count;
}
