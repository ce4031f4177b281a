/* SPDX-License-Identifier: MIT */
/* Size classes over page frames. A frame in use by a class begins with a struct slab; full ones are
 * on no list. */
#include "heap.h"

#include "frame.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

/* The last one is a third of a frame, behind struct slab: there are many of struct app. */
static const uint16_t class_bytes[] = {32, 64, 128, 256, 512, 1344};
#define CLASSES ARRAY_COUNT(class_bytes)
#define LARGEST 1344u

struct slab {
    struct slab *next, *prev; /* slabs of this class with free blocks */
    void *free;               /* blocks, linked through their first word */
    uint32_t used, class;
    uint64_t rsv[2];
};

/* [boot, loop, in a call] */
static struct {
    struct slab *slabs[CLASSES];
    uint64_t used, slack;
} state;

/* Whole frames, however large the number: one that does not fit is more than there ever is. */
static uint64_t pages_of(size_t size)
{
    return size / PAGE_SIZE + ((size & PAGE_MASK) != 0);
}

static uint32_t class_of(size_t size)
{
    uint32_t class = 0;
    while (class_bytes[class] < size) {
        class ++;
    }
    return class;
}

static void slab_link(struct slab *slab)
{
    slab->prev = NULL;
    slab->next = state.slabs[slab->class];
    if (slab->next != NULL) {
        slab->next->prev = slab;
    }
    state.slabs[slab->class] = slab;
}

static void slab_unlink(struct slab *slab)
{
    if (slab->prev != NULL) {
        slab->prev->next = slab->next;
    } else {
        state.slabs[slab->class] = slab->next;
    }
    if (slab->next != NULL) {
        slab->next->prev = slab->prev;
    }
}

static struct slab *slab_new(uint32_t class)
{
    paddr_t frame = frame_alloc(0, 0);
    if (frame == 0) {
        return NULL;
    }
    struct slab *slab = machine_direct(frame);
    *slab = (struct slab){.class = class};
    size_t size = class_bytes[class];
    for (size_t at = ALIGN_UP(sizeof *slab, MIN(size, (size_t)64)); at + size <= PAGE_SIZE;
         at += size) {
        void **block = (void **)((uint8_t *)slab + at);
        *block = slab->free;
        slab->free = block;
    }
    slab_link(slab);
    state.slack += PAGE_SIZE;
    return slab;
}

void *heap_alloc(size_t size)
{
    if (size > LARGEST) {
        paddr_t frame = frame_alloc_pages(pages_of(size), FRAME_ZERO);
        state.used += frame != 0 ? size : 0;
        return frame != 0 ? machine_direct(frame) : NULL;
    }
    uint32_t class = class_of(size);
    struct slab *slab = state.slabs[class] != NULL ? state.slabs[class] : slab_new(class);
    if (slab == NULL) {
        return NULL;
    }
    void **block = slab->free;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a listed slab has a free block */
    slab->free = *block;
    slab->used++;
    if (slab->free == NULL) {
        slab_unlink(slab);
    }
    state.used += size;
    state.slack -= class_bytes[class];
    return memset(block, 0, class_bytes[class]);
}

void heap_free(void *memory, size_t size)
{
    if (memory == NULL) {
        return;
    }
    state.used -= size;
    if (size > LARGEST) {
        frame_free_pages(machine_direct_paddr(memory), pages_of(size));
        return;
    }
    struct slab *slab = (struct slab *)((uintptr_t)memory & ~(uintptr_t)PAGE_MASK);
    if (slab->class != class_of(size) || slab->used == 0) {
        panic("heap: freeing %lu bytes at %p, which were not allocated so", size, memory);
    }
    void **block = memory;
    if (slab->free == NULL) {
        slab_link(slab);
    }
    *block = slab->free;
    slab->free = block;
    slab->used--;
    state.slack += class_bytes[slab->class];
    if (slab->used == 0) {
        slab_unlink(slab);
        state.slack -= PAGE_SIZE;
        frame_free(machine_direct_paddr(slab), 0);
    }
}

uint64_t heap_used(void)
{
    return state.used;
}

uint64_t heap_slack(void)
{
    return state.slack;
}

void *dma_alloc(size_t bytes, paddr_t *out)
{
    *out = frame_alloc_pages(pages_of(bytes), FRAME_ZERO);
    return *out != 0 ? machine_direct(*out) : NULL;
}

void dma_free(void *memory, size_t bytes)
{
    if (memory != NULL) {
        frame_free_pages(machine_direct_paddr(memory), pages_of(bytes));
    }
}
