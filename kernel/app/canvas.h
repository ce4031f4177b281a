/* SPDX-License-Identifier: MIT */
/*
 * The canvas: the full-screen picture that apps of versions 1 and 2 share. One piece of RAM, mapped
 * into each of their slots.
 */
#ifndef KERNEL_CANVAS_H
#define KERNEL_CANVAS_H

#include <kernel/types.h>

/*
 * Pages by which the canvas is out of step with well-aligned buffers, both in RAM and in the slot.
 * Emulated TLBs are direct-mapped: copying between two buffers whose page numbers agree in their
 * low bits is ten times slower.
 */
#define CANVAS_STAGGER 37u

/* The size that machines without a display show to their apps. */
#define CANVAS_BLIND_WIDTH  320u
#define CANVAS_BLIND_HEIGHT 200u

/* Make it, black. NOMEM. Once. [boot] */
ctx_status canvas_init(uint32_t width, uint32_t height);

/* For another size: its memory, black. INVAL: it is none; NOMEM. */
struct canvas_memory {
    uint32_t width, height;
    paddr_t frame; /* of the first pixel */
    uint64_t pages;
};
ctx_status canvas_alloc(uint32_t width, uint32_t height, struct canvas_memory *out);
void canvas_free(const struct canvas_memory *memory);

/* It is the canvas from now on; what was is free, and in no slot any more. [loop] */
void canvas_replace(const struct canvas_memory *memory);

uint32_t canvas_width(void);
uint32_t canvas_height(void);
uint32_t *canvas_pixels(void); /* direct map; RGBA bytes, pitch == width */

/* Its frames, for mapping into slots, and where in a slot its first pixel lies. */
paddr_t canvas_frame(void);
uint64_t canvas_pages(void);
uint64_t canvas_slot_offset(void);

#endif
