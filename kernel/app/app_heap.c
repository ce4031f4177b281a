/* SPDX-License-Identifier: MIT */
/* An app's heap and the pages behind it; what the gates of all versions share. */
#include "app.h"
#include "app_memory.h"
#include "watch.h"

static uint32_t commit_pages(void *arg, uint32_t page, uint32_t count)
{
    uint64_t may = MIN((uint64_t)count, app_room()), came = 0;
    (void)app_commit_run(arg, CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE, may, MAP_READ | MAP_WRITE,
                         &came);
    return (uint32_t)came;
}

static void decommit_pages(void *arg, uint32_t page, uint32_t count)
{
    app_decommit_run(arg, CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE, count);
}

struct slotheap *app_heap(struct app *app)
{
    if (app->heap == NULL) {
        const struct slotheap_pages pages = {commit_pages, decommit_pages, app};
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

static uint32_t commit_or_keep(void *arg, uint32_t page, uint32_t count)
{
    const struct swap *s = arg;
    uint64_t at = CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE;
    for (uint32_t done = 0; done < count;) {
        uint64_t missing = 0, came = 0;
        while (done + missing < count &&
               machine_slot_frame(s->app->base + at + (done + missing) * PAGE_SIZE) == 0) {
            missing++;
        }
        if (missing > 0 && app_commit_run(s->app, at + (uint64_t)done * PAGE_SIZE, missing,
                                          MAP_READ | MAP_WRITE, &came) != CTX_OK) {
            return done + (uint32_t)came;
        }
        done += missing > 0 ? (uint32_t)missing : 1;
    }
    return count;
}

static void decommit_unless_kept(void *arg, uint32_t page, uint32_t count)
{
    const struct swap *s = arg;
    for (; count > 0; page++, count--) {
        if (s->other == NULL || !slotheap_has_page(s->other, page)) {
            app_decommit(s->app, CTX_SLOT_HEAP + (uint64_t)page * PAGE_SIZE);
        }
    }
}

bool app_heap_become(struct app *app, const struct slotheap_block *blocks, uint64_t count,
                     const uint64_t *order, uint64_t order_count)
{
    struct slotheap *old = app->heap;
    struct swap swap = {app, old};
    const struct slotheap_pages beside = {commit_or_keep, decommit_unless_kept, &swap};
    const struct slotheap_pages usual = {commit_pages, decommit_pages, app};
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
