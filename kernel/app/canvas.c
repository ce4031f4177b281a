/* SPDX-License-Identifier: MIT */
#include "canvas.h"

#include "frame.h"

#include <kernel/machine.h>

#include <ctx/slot.h>

static struct canvas_memory state; /* [boot, loop] write, [any] reads */

ctx_status canvas_alloc(uint32_t width, uint32_t height, struct canvas_memory *out)
{
    uint64_t bytes = (uint64_t)width * height * 4;
    uint64_t pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    if (pages == 0 ||
        pages > (CTX_SLOT_CANVAS_END - CTX_SLOT_CANVAS) / PAGE_SIZE - CANVAS_STAGGER) {
        return CTX_E_INVAL;
    }
    paddr_t frame = frame_alloc_run(pages, CANVAS_STAGGER, FRAME_ZERO);
    if (frame == 0) { /* in step with others, and so perhaps slower, is better than not at all */
        frame = frame_alloc_pages(pages, FRAME_ZERO);
    }
    if (frame == 0) {
        return CTX_E_NOMEM;
    }
    *out = (struct canvas_memory){width, height, frame, pages};
    return CTX_OK;
}

void canvas_free(const struct canvas_memory *memory)
{
    if (memory->frame != 0) {
        frame_free_pages(memory->frame, memory->pages);
    }
}

void canvas_replace(const struct canvas_memory *memory)
{
    canvas_free(&state);
    state = *memory;
}

ctx_status canvas_init(uint32_t width, uint32_t height)
{
    struct canvas_memory fresh;
    ctx_status status = canvas_alloc(width, height, &fresh);
    if (status == CTX_OK) {
        state = fresh;
    }
    return status;
}

uint32_t canvas_width(void)
{
    return state.width;
}

uint32_t canvas_height(void)
{
    return state.height;
}

uint32_t *canvas_pixels(void)
{
    return machine_direct(state.frame);
}

paddr_t canvas_frame(void)
{
    return state.frame;
}

uint64_t canvas_pages(void)
{
    return state.pages;
}

uint64_t canvas_slot_offset(void)
{
    return CTX_SLOT_CANVAS + (uint64_t)CANVAS_STAGGER * PAGE_SIZE;
}
