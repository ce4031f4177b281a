/* SPDX-License-Identifier: MIT */
/* What boot loaders leave behind, made by hand: Multiboot2 tags, PVH start information, archives.
 */
#ifndef UNIT_MAKE_BOOT_H
#define UNIT_MAKE_BOOT_H

#include "bootinfo.h"

/* Bytes that lie somewhere in physical memory; there is nothing else. */
struct made {
    uint8_t bytes[65536];
    uint64_t len;
    paddr_t base;
};

/* A boot_memory_fn; arg is a struct memory_view. */
struct memory_view {
    const uint8_t *bytes;
    uint64_t len;
    paddr_t base;
};
const uint8_t *memory_view_at(paddr_t address, uint64_t len, void *arg);

void made_add(struct made *m, const void *bytes, size_t len);
void made_number(struct made *m, uint64_t value, uint32_t size);

/* Multiboot2: begin, tags, end. */
void mb2_begin(struct made *m, paddr_t base);
void mb2_tag(struct made *m, uint32_t type, const void *payload, size_t len);
void mb2_end(struct made *m);

/* One with everything in it: command line, loader, two modules, memory map, framebuffer, ACPI. */
void mb2_full(struct made *m);

/* The same for PVH: one module, three ranges. */
void pvh_full(struct made *m);

/* Archives: begin with len 0; mode 0100644 for a file. */
void cpio_add(struct made *m, const char *name, uint32_t mode, const void *data, size_t len);
void cpio_end(struct made *m);

#endif
