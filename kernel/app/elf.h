/* SPDX-License-Identifier: MIT */
/*
 * Reading an app's ELF file (System V ABI, "gABI"; AMD64 supplement) as far as the slot rules allow
 * it. Pure: nothing is mapped here. elf_check() looks at every number in the file before anything
 * acts on it; what it accepts can be loaded.
 */
#ifndef KERNEL_ELF_H
#define KERNEL_ELF_H

#include <ctx/note.h>
#include <kernel/types.h>

#define ELF_SEGMENTS 16u

struct elf_segment {
    uint64_t at, size; /* offset in the slot; bytes in memory */
    uint64_t file_at, file_size;
    bool write, exec;
};

struct elf_plan {
    uint64_t entry; /* offset in the slot */
    uint64_t bias;  /* what is added to the file's addresses, without the slot's base */
    struct elf_segment segments[ELF_SEGMENTS];
    uint32_t segment_count;
    uint64_t rela_at, rela_count; /* in the file */
    uint64_t relr_at, relr_count;
    struct ctx_note note;
    bool has_note;
    bool stack_protector;    /* reads %fs:0x28, which means nothing here */
    uint64_t constructors;   /* of .init_array and the like, which nothing in the app calls */
    uint64_t image_pointers; /* ET_EXEC: data words that look like addresses of the image, and can
                                not be right */
};

/* Why a file is refused: which field holds which value. */
struct elf_error {
    const char *field;
    uint64_t value;
    const char *reason;
};

bool elf_check(const uint8_t *file, uint64_t len, struct elf_plan *plan, struct elf_error *error);

/*
 * Call fn for each word that must be increased by the slot's base: its offset in the slot, and its
 * value without the base. All offsets lie within writable segments.
 */
void elf_relocate(const uint8_t *file, const struct elf_plan *plan,
                  void (*fn)(void *arg, uint64_t at, uint64_t value), void *arg);

#endif
