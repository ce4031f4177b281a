/* SPDX-License-Identifier: MIT */
/* The table `mem`. Its blocks are those of ctx->alloc: one heap, one quota. */
#include "app_memory.h"
#include "app_v3.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

static uint64_t normal_align(uint64_t align)
{
    return align != 0 ? align : 16;
}

/* Of many pages Linux can be asked, and clears them itself when they are used. */
#define ASK_FROM ((uint64_t)64 << 10)
#define ASK_MOST ((uint64_t)2 << 20)

/* How many of these bytes, at most ASK_MOST, lie in frames that follow one another. */
static uint64_t in_a_row(uint64_t address, uint64_t len)
{
    paddr_t frame = machine_slot_frame(address);
    uint64_t before = address & PAGE_MASK, row = PAGE_SIZE - before;
    while (row < len && row < ASK_MOST &&
           machine_slot_frame(address + row) == frame + before + row) {
        row += PAGE_SIZE;
    }
    return MIN(row, len);
}

/* What nobody has written to since the machine began is zero, and stays untouched. */
static void clear(struct app *app, uint64_t address, uint64_t len)
{
    while (len > 0) {
        uint64_t row = in_a_row(address, len);
        paddr_t at = machine_slot_frame(address) + (address & PAGE_MASK);
        if (row < ASK_FROM || !machine_is_untouched(at, row)) {
            app_touch(app, address - app->base, row);
            app_fill(address, 0, row);
        }
        address += row;
        len -= row;
    }
}

static uint64_t heap_alloc_for(struct app *app, uint64_t size, uint64_t align, uint64_t flags)
{
    uint64_t offset;
    if ((flags & ~(uint64_t)(CTX_MEM_ZERO | CTX_MEM_GUARD_LOW)) != 0) {
        return 0;
    }
    size = size != 0 ? size : 1;
    align = normal_align(align);
    ctx_status status = app_heap_alloc(app, size, align, (flags & CTX_MEM_GUARD_LOW) != 0, &offset);
    if (status != CTX_OK) {
        return 0;
    }
    uint64_t address = app->base + CTX_SLOT_HEAP + offset;
#ifdef KERNEL_DEBUG
    app_touch(app, address - app->base, size);
    app_fill(address, 0xa5, size);
#endif
    if ((flags & CTX_MEM_ZERO) != 0) {
        clear(app, address, size);
    }
    return address;
}

static uint64_t mem_alloc(struct app *app, const uint64_t args[6])
{
    return heap_alloc_for(app, args[1], args[2], args[3]);
}

/* The heap offset of an address, or one that no block has. */
static uint64_t heap_offset(const struct app *app, uint64_t address)
{
    uint64_t offset = address - app->base - CTX_SLOT_HEAP;
    return offset < CTX_SLOT_HEAP_END - CTX_SLOT_HEAP ? offset : 1;
}

static ctx_status heap_free_for(struct app *app, uint64_t address, uint64_t size, uint64_t align)
{
    uint64_t real_size, real_align;
    if (address == 0) {
        return CTX_OK;
    }
    if (app->heap == NULL) {
        return CTX_E_NOENT;
    }
    size = size != 0 ? size : 1;
    align = normal_align(align);
    uint64_t offset = heap_offset(app, address);
    return app_heap_free(app, offset, size, align, &real_size, &real_align);
}

static uint64_t mem_free(struct app *app, const uint64_t args[6])
{
    return (uint32_t)heap_free_for(app, args[1], args[2], args[3]);
}

/* Copy between two blocks of one app, page by page through the direct map. */
static void copy_block(struct app *app, uint64_t to, uint64_t from, uint64_t len)
{
    app_touch(app, to - app->base, len);
    while (len > 0) {
        uint64_t part = MIN(len, PAGE_SIZE - MAX(to & PAGE_MASK, from & PAGE_MASK));
        memcpy((uint8_t *)machine_direct(machine_slot_frame(to)) + (to & PAGE_MASK),
               (uint8_t *)machine_direct(machine_slot_frame(from)) + (from & PAGE_MASK), part);
        to += part;
        from += part;
        len -= part;
    }
}

static uint64_t mem_resize(struct app *app, const uint64_t args[6])
{
    uint64_t old = args[1], size = args[2], align = args[3], new_size = args[4];
    if (old == 0) {
        return size == 0 ? heap_alloc_for(app, new_size, align, 0) : 0;
    }
    uint64_t real_size, real_align;
    bool known = app->heap != NULL &&
                 slotheap_find(app->heap, heap_offset(app, old), &real_size, &real_align) == CTX_OK;
    if (!known || real_size != MAX(size, UINT64_C(1)) || real_align != normal_align(align)) {
        return 0;
    }
    uint64_t block = heap_alloc_for(app, new_size, align, 0);
    if (block != 0) {
        copy_block(app, block, old, MIN(real_size, MAX(new_size, UINT64_C(1))));
        heap_free_for(app, old, size, align);
    }
    return block;
}

static uint64_t mem_usage(struct app *app, const uint64_t args[6])
{
    struct slotheap_usage usage = {0, 0, 0, 0};
    struct slotheap *heap = app_heap(app);
    if (heap != NULL) {
        slotheap_usage(heap, &usage);
    }
    struct ctx_mem_usage out = {
        .size = sizeof out,
        .blocks = usage.blocks,
        .bytes = usage.bytes,
        .committed = usage.pages * PAGE_SIZE,
        .quota = usage.quota_pages * PAGE_SIZE,
    };
    return (uint32_t)gate_put_struct(args, 1, &out, sizeof out);
}

GATE_TABLE(ctx_mem_table, CTX_TABLE_MEM, mem_alloc, mem_resize, mem_free, mem_usage);
