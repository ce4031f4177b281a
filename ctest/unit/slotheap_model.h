/* SPDX-License-Identifier: MIT */
/* What a slot heap must do, in the plainest way: a list of live blocks and a map of committed
 * pages. */
#ifndef UNIT_SLOTHEAP_MODEL_H
#define UNIT_SLOTHEAP_MODEL_H

#include "slotheap.h"

#include <ctx/slot.h>

#define MODEL_BYTES ((uint64_t)(CTX_SLOT_HEAP_END - CTX_SLOT_HEAP))
#define MODEL_PAGES (MODEL_BYTES / PAGE_SIZE)
#define MODEL_LIVE  400u

struct model_block {
    uint64_t offset, size, align;
    bool guarded; /* the page below has no memory */
};

struct model {
    struct slotheap *heap;
    struct model_block live[MODEL_LIVE];
    uint32_t count;
    uint64_t quota, pages, commits_left; /* commits_left: UINT64_MAX for all */
    uint64_t commit_calls;
    uint8_t committed[MODEL_PAGES];
};

/* An empty heap; false: the kernel has no memory. */
bool model_start(struct model *m, uint64_t quota_pages);

/* One alloc or dealloc; compares with the model and stops the program where they differ. Returns
 * the heap's status. */
ctx_status model_alloc(struct model *m, uint64_t size, uint64_t align);
ctx_status model_alloc_guarded(struct model *m, uint64_t size, uint64_t align);
void model_dealloc(struct model *m, uint32_t no);

/* slotheap_check(), and all that the model knows. */
void model_check(struct model *m);

/* Give all blocks back: the heap must be one free block again, of full length, that alloc finds. */
void model_empty(struct model *m);

/* Forget the heap; all pages must have come back. */
void model_end(struct model *m);

#endif
