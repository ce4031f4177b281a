/* SPDX-License-Identifier: MIT */
/* A small, good ELF file made by hand, for tests that then break one field of it. */
#ifndef UNIT_MAKE_ELF_H
#define UNIT_MAKE_ELF_H

#include <kernel/types.h>

#define MADE_SIZE 0x2300u

struct made_elf {
    uint8_t bytes[0x8000];
    uint64_t len;
};

/* Fields of the header and of program header n. */
enum {
    E_CLASS = 4,
    E_DATA = 5,
    E_TYPE = 16,
    E_MACHINE = 18,
    E_ENTRY = 24,
    E_PHOFF = 32,
    E_PHENTSIZE = 54,
    E_PHNUM = 56,
};
#define PH(n)    (64u + 56u * (n))
#define P_TYPE   0u
#define P_FLAGS  4u
#define P_OFFSET 8u
#define P_VADDR  16u
#define P_FILESZ 32u
#define P_MEMSZ  40u
#define P_ALIGN  48u

/* Program headers of the file, and its parts. */
enum {
    MADE_HEAD = 0, /* R  0x0000 */
    MADE_CODE = 1, /* RX 0x1000: xor %eax, %eax; ret */
    MADE_DATA = 2, /* RW 0x2000, 0x300 bytes of file, 0x2000 of memory */
    MADE_DYNAMIC = 3,
    MADE_NOTE = 4, /* empty, of a type that nobody knows until make_note() */
    MADE_PHNUM = 5,
    MADE_DYN_AT = 0x2000,  /* RELA RELASZ RELAENT RELR RELRSZ RELRENT and a NULL */
    MADE_RELA_AT = 0x2100, /* two entries: 0x2200 = 0x1000, 0x2208 = 0x2010 */
    MADE_RELR_AT = 0x2180, /* 0x2210, and a bitmap for 0x2218 and 0x2228 */
    MADE_NOTE_AT = 0x300,
};
#define DYN(n)       (MADE_DYN_AT + 16u * (n))
#define DYN_SPARE    6u /* the first entry that ends the list */
#define MADE_RELOCS  5u
#define NOTE_STACK_5 5u

void make_elf(struct made_elf *m);
void make_put(struct made_elf *m, uint64_t at, uint64_t value, uint32_t size);

/* Add a note of ours with one tag whose payload is a u32. */
void make_note(struct made_elf *m, uint16_t tag, uint32_t value);

/* One more program header, all of it. */
void make_segment(struct made_elf *m, uint32_t type, uint32_t flags, uint64_t offset,
                  uint64_t vaddr, uint64_t size);

#endif
