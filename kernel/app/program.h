/* SPDX-License-Identifier: MIT */
/*
 * What the kernel keeps of an app's file: enough to begin the app anew, and to say where it
 * crashed. Instances of one file share it.
 */
#ifndef KERNEL_PROGRAM_H
#define KERNEL_PROGRAM_H

#include "elf.h"

#include <ctx/note.h>
#include <kernel/types.h>

#define PROGRAM_BUILD_ID 20u

struct program {
    const uint8_t *file; /* headers and segments; what debuggers need is cut off */
    uint64_t len;
    char version[32]; /* the app's own, from its note; empty: it says none */
    uint64_t hash;    /* checksum() of the file */
    uint8_t build_id[PROGRAM_BUILD_ID];
    uint32_t build_id_len;

    /*
     * What app_build() found: the segments, and of those that nobody may write to the frames, which
     * all instances share (0: no slot shows them). An instance for which there was no such piece of
     * memory has pages of its own, whatever later ones share.
     */
    struct elf_segment segments[ELF_SEGMENTS];
    paddr_t text[ELF_SEGMENTS];
    uint32_t mapped[ELF_SEGMENTS]; /* how many slots show them */
    uint32_t segment_count;
};

/* How many pages a segment touches. */
static inline uint64_t elf_segment_pages(const struct elf_segment *s)
{
    return (ALIGN_UP(s->at + s->size, (uint64_t)PAGE_SIZE) -
            ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE)) /
           PAGE_SIZE;
}

/* What is known of a code address. */
struct program_symbol {
    const char *name; /* name_len bytes, not terminated; as long as the program */
    uint32_t name_len;
    uint64_t offset; /* from the function's start */
};

/*
 * Keep a file that elf_check() has accepted; the bytes are copied. Ends with program_drop(). NULL:
 * no memory.
 */
struct program *program_keep(const uint8_t *file, uint64_t len, const struct ctx_note *note);

/* How many frames that takes, if no other instance has it kept. */
uint64_t program_pages(const uint8_t *file, uint64_t len);

/*
 * The same from its parts, as program_parts() gave them: an image has them. symbols: Elf64_Sym
 * entries, symbols_len bytes; strings: their names.
 */
struct program_parts {
    const uint8_t *file, *symbols, *strings;
    uint64_t len, symbols_len, strings_len;
};
struct program *program_keep_parts(const struct program_parts *parts, const struct ctx_note *note);
void program_parts(const struct program *program, struct program_parts *out);

/* One user less; NULL is fine. */
void program_drop(struct program *program);

/*
 * The function in which an address of the file (p_vaddr, without any base) lies. False: the file
 * has no names, or none that fits.
 */
bool program_find(const struct program *program, uint64_t vaddr, struct program_symbol *out);

#endif
