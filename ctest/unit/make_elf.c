/* SPDX-License-Identifier: MIT */
#include "make_elf.h"

#include <string.h>

void make_put(struct made_elf *m, uint64_t at, uint64_t value, uint32_t size)
{
    memcpy(m->bytes + at, &value, size);
}

void make_segment(struct made_elf *m, uint32_t type, uint32_t flags, uint64_t offset,
                  uint64_t vaddr, uint64_t size)
{
    uint16_t count;
    memcpy(&count, m->bytes + E_PHNUM, sizeof count);
    uint64_t at = PH((uint64_t)count);
    make_put(m, at + P_TYPE, type, 4);
    make_put(m, at + P_FLAGS, flags, 4);
    make_put(m, at + P_OFFSET, offset, 8);
    make_put(m, at + P_VADDR, vaddr, 8);
    make_put(m, at + P_FILESZ, size, 8);
    make_put(m, at + P_MEMSZ, size, 8);
    make_put(m, at + P_ALIGN, 0x1000, 8);
    make_put(m, E_PHNUM, count + 1u, 2);
}

void make_elf(struct made_elf *m)
{
    memset(m, 0, sizeof *m);
    m->len = MADE_SIZE;
    memcpy(m->bytes, "\177ELF\2\1\1", 7);
    make_put(m, E_TYPE, 3, 2);
    make_put(m, E_MACHINE, 62, 2);
    make_put(m, 20, 1, 4);
    make_put(m, E_ENTRY, 0x1000, 8);
    make_put(m, E_PHOFF, 64, 8);
    make_put(m, 52, 64, 2);
    make_put(m, E_PHENTSIZE, 56, 2);
    make_segment(m, 1, 4, 0, 0, 0x400);
    make_segment(m, 1, 5, 0x1000, 0x1000, 0x100);
    make_segment(m, 1, 6, 0x2000, 0x2000, 0x300);
    make_put(m, PH(MADE_DATA) + P_MEMSZ, 0x2000, 8);
    make_segment(m, 2, 6, MADE_DYN_AT, MADE_DYN_AT, 0x100);
    make_segment(m, 0x6ffffff0, 4, MADE_NOTE_AT, MADE_NOTE_AT, 0);

    memcpy(m->bytes + 0x1000, "\x31\xc0\xc3", 3);
    const uint64_t dynamic[][2] = {
        {7, MADE_RELA_AT}, {8, 48}, {9, 24}, {36, MADE_RELR_AT}, {35, 16}, {37, 8},
    };
    memcpy(m->bytes + MADE_DYN_AT, dynamic, sizeof dynamic);
    const uint64_t rela[][3] = {{0x2200, 8, 0x1000}, {0x2208, 8, 0x2010}};
    memcpy(m->bytes + MADE_RELA_AT, rela, sizeof rela);
    const uint64_t relr[] = {0x2210, 1 | 1 << 1 | 1 << 3};
    memcpy(m->bytes + MADE_RELR_AT, relr, sizeof relr);
    make_put(m, 0x2210, 0x1008, 8);
    make_put(m, 0x2218, 0x100c, 8);
    make_put(m, 0x2220, 0x1111, 8); /* between the two, not relocated */
    make_put(m, 0x2228, 0x2020, 8);
}

void make_note(struct made_elf *m, uint16_t tag, uint32_t value)
{
    uint64_t size;
    memcpy(&size, m->bytes + PH(MADE_NOTE) + P_FILESZ, 8);
    uint64_t at = MADE_NOTE_AT + size;
    make_put(m, at, 4, 4);
    make_put(m, at + 4, 8, 4);
    make_put(m, at + 8, 1, 4);
    memcpy(m->bytes + at + 12, "ctx", 4);
    make_put(m, at + 16, tag, 2);
    make_put(m, at + 18, 4, 2);
    make_put(m, at + 20, value, 4);
    make_put(m, PH(MADE_NOTE) + P_TYPE, 4, 4);
    make_put(m, PH(MADE_NOTE) + P_FILESZ, size + 24, 8);
    make_put(m, PH(MADE_NOTE) + P_MEMSZ, size + 24, 8);
}
