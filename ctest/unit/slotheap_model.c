/* SPDX-License-Identifier: MIT */
#include "slotheap_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fuzzers use this too, so it does not report through a test library. */
static void must(bool cond, const char *what)
{
    if (!cond) {
        fprintf(stderr, "slot heap: %s\n", what);
        abort();
    }
}

static uint32_t commit(void *arg, uint32_t page, uint32_t count)
{
    struct model *m = arg;
    must(count > 0 && count <= MODEL_PAGES && page <= MODEL_PAGES - count, "committed outside");
    for (uint32_t i = 0; i < count; i++) {
        m->commit_calls++; /* of pages */
        must(m->committed[page + i] == 0, "committed twice");
        if (m->commits_left == 0) {
            return i;
        }
        m->commits_left -= m->commits_left != UINT64_MAX;
        m->committed[page + i] = 1;
        m->pages++;
        must(m->pages <= m->quota, "more pages than the quota");
    }
    return count;
}

static void decommit(void *arg, uint32_t page, uint32_t count)
{
    struct model *m = arg;
    must(count > 0 && count <= MODEL_PAGES && page <= MODEL_PAGES - count, "decommitted outside");
    for (uint32_t i = page; i < page + count; i++) {
        must(m->committed[i] == 1, "decommitted what was not committed");
        m->committed[i] = 0;
        m->pages--;
    }
}

bool model_start(struct model *m, uint64_t quota_pages)
{
    memset(m, 0, sizeof *m);
    m->quota = quota_pages;
    m->commits_left = UINT64_MAX;
    struct slotheap_pages pages = {commit, decommit, m};
    m->heap = slotheap_new(&pages, quota_pages);
    return m->heap != NULL;
}

/* The first byte that is the block's: its guard's, or its own. */
static uint64_t begin(const struct model_block *b)
{
    return b->offset - (b->guarded ? PAGE_SIZE : 0);
}

static ctx_status add(struct model *m, uint64_t size, uint64_t align, bool guarded)
{
    uint64_t offset = UINT64_MAX;
    ctx_status status = guarded ? slotheap_alloc_guarded(m->heap, size, align, &offset)
                                : slotheap_alloc(m->heap, size, align, &offset);
    if (status != CTX_OK) {
        bool power = align != 0 && (align & (align - 1)) == 0;
        must(status == (power ? CTX_E_NOMEM : CTX_E_INVAL), "a status that nobody promised");
        return status;
    }
    must(m->count < MODEL_LIVE, "the model is too small");
    must(size <= MODEL_BYTES && offset <= MODEL_BYTES - size, "outside of the heap");
    must((CTX_SLOT_HEAP + offset) % align == 0, "not aligned");
    must(!guarded || (offset >= PAGE_SIZE && offset % PAGE_SIZE == 0), "no room for the guard");
    struct model_block made = {offset, size, align, guarded};
    for (uint32_t i = 0; i < m->count; i++) {
        const struct model_block *b = &m->live[i];
        must(offset + size <= begin(b) || b->offset + b->size <= begin(&made),
             "two blocks overlap");
    }
    for (uint64_t page = offset / PAGE_SIZE; page <= (offset + size - 1) / PAGE_SIZE; page++) {
        must(m->committed[page] == 1, "a page of the block has no memory");
    }
    m->live[m->count++] = made;
    return CTX_OK;
}

ctx_status model_alloc(struct model *m, uint64_t size, uint64_t align)
{
    return add(m, size, align, false);
}

ctx_status model_alloc_guarded(struct model *m, uint64_t size, uint64_t align)
{
    return add(m, size, align, true);
}

void model_dealloc(struct model *m, uint32_t no)
{
    struct model_block b = m->live[no];
    uint64_t size, align;
    must(slotheap_find(m->heap, b.offset, &size, &align) == CTX_OK && size == b.size &&
             align == b.align,
         "a live block is not found");
    must(!b.guarded || slotheap_find(m->heap, begin(&b), &size, &align) == CTX_E_NOENT,
         "a guard is found as a block");
    must(slotheap_dealloc(m->heap, b.offset, b.size + 1, b.align, &size, &align) == CTX_E_INVAL &&
             size == b.size && align == b.align,
         "a wrong size was taken");
    must(slotheap_dealloc(m->heap, b.offset, b.size, b.align * 2, &size, &align) == CTX_E_INVAL,
         "a wrong alignment was taken");
    must(slotheap_dealloc(m->heap, b.offset + 8, b.size, b.align, &size, &align) == CTX_E_NOENT,
         "the middle of a block was taken");
    must(slotheap_dealloc(m->heap, b.offset, b.size, b.align, &size, &align) == CTX_OK,
         "a live block was refused");
    must(slotheap_dealloc(m->heap, b.offset, b.size, b.align, &size, &align) == CTX_E_NOENT,
         "freed twice");
    m->live[no] = m->live[--m->count];
}

struct seen {
    const struct model *m;
    uint32_t count;
    uint64_t end;
};

static void see(void *arg, const struct slotheap_block *block)
{
    struct seen *seen = arg;
    uint64_t offset = block->offset, size = block->size, align = UINT64_C(1) << block->align_log2;
    must(offset >= seen->end, "blocks are not told in address order");
    seen->end = offset + size;
    seen->count++;
    for (uint32_t i = 0; i < seen->m->count; i++) {
        const struct model_block *b = &seen->m->live[i];
        if (b->offset == offset && b->size == size && b->align == align &&
            b->guarded == block->guarded) {
            return;
        }
    }
    must(false, "a block that the model does not know");
}

void model_check(struct model *m)
{
    const char *why = slotheap_check(m->heap);
    must(why == NULL, why);
    struct slotheap_usage usage;
    slotheap_usage(m->heap, &usage);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        bytes += m->live[i].size;
        must(!m->live[i].guarded || m->committed[begin(&m->live[i]) / PAGE_SIZE] == 0,
             "a guard has memory");
        uint64_t at = m->live[i].offset;
        must(!slotheap_is_guard(m->heap, at), "a block is a guard");
        must(at == 0 || !m->live[i].guarded || slotheap_is_guard(m->heap, at - 1),
             "below a guarded block there is no guard");
        must(at % PAGE_SIZE == 0 || !slotheap_is_guard(m->heap, at - 1), "half a page is a guard");
    }
    must(usage.blocks == m->count && usage.bytes == bytes, "the usage is wrong");
    must(usage.pages == m->pages && usage.quota_pages == m->quota, "the pages are wrong");
    struct seen seen = {m, 0, 0};
    slotheap_for_each(m->heap, see, &seen);
    must(seen.count == m->count, "not all blocks were told");
}

void model_empty(struct model *m)
{
    while (m->count > 0) {
        model_dealloc(m, m->count / 2);
    }
    model_check(m);
    must(m->pages == 0, "an empty heap keeps pages");
    m->commits_left = 0; /* the block is found, and then has no memory */
    uint64_t calls = m->commit_calls;
    must(model_alloc(m, MODEL_BYTES, 1) == CTX_E_NOMEM, "memory from nowhere");
    must(m->commit_calls == calls + 1 || m->quota == 0, "some free block is on no list");
    m->commits_left = UINT64_MAX;
    model_check(m);
}

void model_end(struct model *m)
{
    slotheap_delete(m->heap);
    m->heap = NULL;
    must(m->pages == 0, "pages did not come back");
}
