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
    uint64_t hash;    /* see program_hash() */
    bool hashed;
    bool told; /* that it is not verified: once, not for each instance */
    uint8_t build_id[PROGRAM_BUILD_ID];
    uint32_t build_id_len;

    /*
     * What app_build() found: the segments, and of those that nobody may write to the frames, which
     * all instances share (0: no slot shows them). An instance for which there was no such piece of
     * memory has pages of its own, whatever later ones share. Of much data the frames are the kept
     * file's own.
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

/*
 * From so many bytes on, what is only read - pictures, levels, files that are compiled in - is
 * shown to apps where the kept file lies, and is not copied once more.
 */
#define PROGRAM_SHOWN_LEAST (UINT64_C(64) << 10)

static inline bool elf_is_shown(const struct elf_segment *s)
{
    return !s->write && !s->exec && s->size >= PROGRAM_SHOWN_LEAST && s->file_size == s->size &&
           ((s->file_at ^ s->at) & PAGE_MASK) == 0;
}

/* The kept file's frames behind segment number no, if it is shown like that; else 0. */
paddr_t program_shown(const struct program *program, uint32_t no);

/* checksum() of the file; reckoned when somebody asks for the first time. [loop, in a call] */
uint64_t program_hash(struct program *program);

/*
 * From so many bytes on, an image names such data by their hash instead of having them. Pieces of
 * whole pages, ascending, none of them in the file's first page. False: there is no piece number
 * no.
 */
#define PROGRAM_NAMED_LEAST (UINT64_C(1) << 20)
struct program_data {
    uint64_t at, len; /* in the file */
    uint64_t hash;    /* checksum() of these bytes */
};
bool program_data(struct program *program, uint32_t no, struct program_data *out);

/* Such bytes in any file that is kept now; NULL: they are in none. */
const uint8_t *program_find_data(uint64_t len, uint64_t hash);

/*
 * While images are restored: a file whose data they may name, kept until program_lend_end(). Of one
 * without such data nothing is kept. False: no memory.
 */
bool program_lend(const uint8_t *file, uint64_t len);
void program_lend_end(void);

/* What is known of a code address. */
#define PROGRAM_NAME_MOST 1024u /* bytes of a name; what is behind them is left out */
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
