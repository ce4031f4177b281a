/* SPDX-License-Identifier: MIT */
/* The steps of elf_check(), and what elf.c, elf_dynamic.c, elf_relocate.c and elf_look.c share. */
#ifndef KERNEL_ELF_PRIVATE_H
#define KERNEL_ELF_PRIVATE_H

#include "elf.h"

#include <kernel/string.h>

#define RELA_SIZE 24u

enum {
    R_X86_64_NONE = 0,
    R_X86_64_RELATIVE = 8,
    R_X86_64_IRELATIVE = 37,
};

struct elf_phdr {
    uint32_t type, flags;
    uint64_t offset, vaddr, filesz, memsz, align;
};

struct elf_reader {
    const uint8_t *file;
    uint64_t len;
    struct elf_plan *plan;
    struct elf_error *error;
    struct {
        uint64_t at, size;
    } init[2]; /* .init_array, .preinit_array: the file's addresses */
};

static inline uint64_t elf_get(const uint8_t *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, p, size);
    return v;
}

static inline bool elf_in_file(const struct elf_reader *r, uint64_t at, uint64_t len)
{
    return at <= r->len && len <= r->len - at;
}

/* False, with the error filled in. (elf.c) */
bool elf_refuse(struct elf_reader *r, const char *field, uint64_t value, const char *reason);

/* The segment that has all of len bytes from this offset in the slot; NULL: none. (elf.c) */
const struct elf_segment *elf_segment_of(const struct elf_plan *plan, uint64_t at, uint64_t len);

/* Where an address of the file lies in the file; false if not all len bytes are in one segment's
 * file part. (elf.c) */
bool elf_file_offset(const struct elf_plan *plan, uint64_t vaddr, uint64_t len, uint64_t *out);

/* What the dynamic section says, which p shows the place of; constructors and relocations are
 * noted. (elf_dynamic.c) */
bool elf_check_dynamic(struct elf_reader *r, const struct elf_phdr *p);

/* The reason for which an IFUNC is refused, wherever it is found. (elf_relocate.c) */
extern const char elf_ifunc[];
bool elf_check_relocations(struct elf_reader *r);

/* elf_look.c: what can be loaded all the same, and its author should know. The first refuses IFUNCs
 * of a file without a dynamic section. */
bool elf_look_at_sections(struct elf_reader *r);
void elf_count_constructors(struct elf_reader *r);
void elf_look_inside(struct elf_reader *r, bool is_exec);

#endif
