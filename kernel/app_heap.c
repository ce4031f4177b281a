/* SPDX-License-Identifier: MIT */
/* An app's heap and the pages behind it; what the gates of all versions share. */
#include "app.h"
#include "undo.h"

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

void app_heap_pages(struct app *app)
{
    const struct slotheap_pages pages = {commit_page, decommit_page, app};
    slotheap_set_pages(app->heap, &pages);
}

struct slotheap *app_heap(struct app *app)
{
    if (app->heap == NULL) {
        const struct slotheap_pages pages = {commit_page, decommit_page, app};
        app->heap = slotheap_new(&pages, app->quota_pages);
    }
    return app->heap;
}

ctx_status app_heap_alloc(struct app *app, uint64_t size, uint64_t align, bool guarded,
                          uint64_t *offset)
{
    struct slotheap *heap = app_heap(app);
    if (heap == NULL) {
        return CTX_E_NOMEM;
    }
    undo_heap_before(app);
    ctx_status status = guarded ? slotheap_alloc_guarded(heap, size, align, offset)
                                : slotheap_alloc(heap, size, align, offset);
    if (status == CTX_OK) {
        const struct slotheap_block block = {
            *offset, size, (uint32_t)__builtin_ctzll(align), guarded};
        undo_heap_changed(app, &block, false);
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
        const struct slotheap_block block = {
            offset, size, (uint32_t)__builtin_ctzll(align),
            offset >= PAGE_SIZE && slotheap_is_guard(app->heap, offset - 1)};
        undo_heap_before(app);
        undo_heap_changed(app, &block, true);
    }
    return status != CTX_OK
               ? status
               : slotheap_dealloc(app->heap, offset, size, align, real_size, real_align);
}
