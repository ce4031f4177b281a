/* SPDX-License-Identifier: MIT */
/* The dynamic section of an app's file: which entries count, which say nothing to somebody who
 * loads one file alone, and which are refused. */
#include "elf_private.h"

#define DYN_SIZE 16u

enum {
    DF_TEXTREL = 4,
};

enum dynamic_tag {
    DT_NEEDED = 1,
    DT_PLTRELSZ = 2,
    DT_PLTGOT = 3,
    DT_HASH = 4,
    DT_STRTAB = 5,
    DT_SYMTAB = 6,
    DT_RELA = 7,
    DT_RELASZ = 8,
    DT_RELAENT = 9,
    DT_STRSZ = 10,
    DT_SYMENT = 11,
    DT_INIT = 12,
    DT_FINI = 13,
    DT_SONAME = 14,
    DT_RPATH = 15,
    DT_SYMBOLIC = 16,
    DT_REL = 17,
    DT_PLTREL = 20,
    DT_DEBUG = 21,
    DT_TEXTREL = 22,
    DT_JMPREL = 23,
    DT_BIND_NOW = 24,
    DT_INIT_ARRAY = 25,
    DT_FINI_ARRAY = 26,
    DT_INIT_ARRAYSZ = 27,
    DT_FINI_ARRAYSZ = 28,
    DT_RUNPATH = 29,
    DT_FLAGS = 30,
    DT_PREINIT_ARRAY = 32,
    DT_PREINIT_ARRAYSZ = 33,
    DT_SYMTAB_SHNDX = 34,
    DT_RELRSZ = 35,
    DT_RELR = 36,
    DT_RELRENT = 37,
    DT_GNU_HASH = 0x6ffffef5,
    DT_VERSYM = 0x6ffffff0,
    DT_RELACOUNT = 0x6ffffff9,
    DT_RELCOUNT = 0x6ffffffa,
    DT_FLAGS_1 = 0x6ffffffb,
    DT_VERDEF = 0x6ffffffc,
    DT_VERDEFNUM = 0x6ffffffd,
    DT_VERNEED = 0x6ffffffe,
    DT_VERNEEDNUM = 0x6fffffff,
};

/* Tags that say nothing to somebody who loads one file alone, in one go. */
static bool is_harmless(uint64_t tag)
{
    switch (tag) {
    case DT_PLTGOT:
    case DT_HASH:
    case DT_STRTAB:
    case DT_SYMTAB:
    case DT_STRSZ:
    case DT_SYMENT:
    case DT_FINI:
    case DT_SONAME:
    case DT_RPATH:
    case DT_SYMBOLIC:
    case DT_PLTREL:
    case DT_DEBUG:
    case DT_BIND_NOW:
    case DT_FINI_ARRAY:
    case DT_FINI_ARRAYSZ:
    case DT_RUNPATH:
    case DT_SYMTAB_SHNDX:
    case DT_GNU_HASH:
    case DT_VERSYM:
    case DT_RELACOUNT:
    case DT_RELCOUNT:
    case DT_FLAGS_1:
    case DT_VERDEF:
    case DT_VERDEFNUM:
    case DT_VERNEED:
    case DT_VERNEEDNUM:
        return true;
    default:
        return false;
    }
}

/* All others may change what the file means: those that linkers are known to write, by name. */
static bool refuse_tag(struct elf_reader *r, uint64_t tag, uint64_t value)
{
    static const char android[] =
        "relocations in Android's form; link without --pack-dyn-relocs=android and "
        "--use-android-relr-tags";
    static const char library[] = "stands in for a shared library; link with -static-pie -nostdlib";
    static const struct {
        uint32_t tag;
        const char *name, *reason;
    } known[] = {
        {DT_NEEDED, "DT_NEEDED", "wants a shared library; link with -static-pie -nostdlib"},
        {DT_REL, "DT_REL", "relocations without addends are not for x86-64"},
        {DT_TEXTREL, "DT_TEXTREL", "relocates its code; compile with -fPIE"},
        {0x6000000f, "DT_ANDROID_REL", android},
        {0x60000010, "DT_ANDROID_RELSZ", android},
        {0x60000011, "DT_ANDROID_RELA", android},
        {0x60000012, "DT_ANDROID_RELASZ", android},
        {0x6fffe000, "DT_ANDROID_RELR", android},
        {0x6fffe001, "DT_ANDROID_RELRSZ", android},
        {0x6fffe003, "DT_ANDROID_RELRENT", android},
        {0x6ffffdfa, "DT_MOVEENT", "moves data when it is loaded"},
        {0x6ffffdfb, "DT_MOVESZ", "moves data when it is loaded"},
        {0x6ffffefe, "DT_MOVETAB", "moves data when it is loaded"},
        {0x6ffffef6, "DT_TLSDESC_PLT", "thread-local variables are not supported"},
        {0x6ffffef7, "DT_TLSDESC_GOT", "thread-local variables are not supported"},
        {0x6ffffef8, "DT_GNU_CONFLICT", "was linked to others in advance"},
        {0x7ffffffd, "DT_AUXILIARY", library},
        {0x7fffffff, "DT_FILTER", library},
    };
    for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
        if (known[i].tag == tag) {
            return elf_refuse(r, known[i].name, value, known[i].reason);
        }
    }
    return elf_refuse(r, "d_tag", tag, "not known, and may change what the file means");
}

/* Relocations of calls by a table: imports, or functions of its own that it chooses among. */
static bool refuse_calls(struct elf_reader *r, uint64_t jmprel, uint64_t size)
{
    uint64_t at;
    bool found = size >= RELA_SIZE && elf_file_offset(r->plan, jmprel, RELA_SIZE, &at);
    if (found && (uint32_t)elf_get(r->file + at + 8, 8) == R_X86_64_IRELATIVE) {
        return elf_refuse(r, "R_X86_64_IRELATIVE", elf_get(r->file + at + 16, 8), elf_ifunc);
    }
    return elf_refuse(r, "DT_PLTRELSZ", size, "imports functions; there is nothing to import from");
}

/* What the entries say that only makes sense together. */
struct dynamic {
    uint64_t rela, rela_size, relr, relr_size, jmprel, jmprel_size;
};

/* One entry: into the plan, into *d, or nowhere, if it says nothing to us. False: it is refused. */
static bool take_entry(struct elf_reader *r, struct dynamic *d, uint64_t tag, uint64_t value)
{
    switch (tag) {
    case DT_PLTRELSZ:
        d->jmprel_size = value;
        break;
    case DT_JMPREL:
        d->jmprel = value;
        break;
    case DT_INIT:
        r->plan->constructors++;
        break;
    case DT_INIT_ARRAY:
        r->init[0].at = value;
        break;
    case DT_INIT_ARRAYSZ:
        r->init[0].size = value;
        break;
    case DT_PREINIT_ARRAY:
        r->init[1].at = value;
        break;
    case DT_PREINIT_ARRAYSZ:
        r->init[1].size = value;
        break;
    case DT_FLAGS:
        if ((value & DF_TEXTREL) != 0) {
            return elf_refuse(r, "DT_FLAGS", value, "relocates its code; compile with -fPIE");
        }
        break;
    case DT_RELAENT:
        if (value != RELA_SIZE) {
            return elf_refuse(r, "DT_RELAENT", value, "must be 24");
        }
        break;
    case DT_RELRENT:
        if (value != 8) {
            return elf_refuse(r, "DT_RELRENT", value, "must be 8");
        }
        break;
    case DT_RELA:
        d->rela = value;
        break;
    case DT_RELASZ:
        d->rela_size = value;
        break;
    case DT_RELR:
        d->relr = value;
        break;
    case DT_RELRSZ:
        d->relr_size = value;
        break;
    default:
        if (!is_harmless(tag)) {
            return refuse_tag(r, tag, value);
        }
        break;
    }
    return true;
}

bool elf_check_dynamic(struct elf_reader *r, const struct elf_phdr *p)
{
    struct elf_plan *plan = r->plan;
    struct dynamic d = {0};
    if (!elf_in_file(r, p->offset, p->filesz)) {
        return elf_refuse(r, "p_offset", p->offset, "the dynamic section is not in the file");
    }
    for (uint64_t at = 0; p->filesz - at >= DYN_SIZE; at += DYN_SIZE) {
        uint64_t tag = elf_get(r->file + p->offset + at, 8);
        uint64_t value = elf_get(r->file + p->offset + at + 8, 8);
        if (tag == 0) {
            break;
        }
        if (!take_entry(r, &d, tag, value)) {
            return false;
        }
    }
    if (d.jmprel_size != 0) {
        return refuse_calls(r, d.jmprel, d.jmprel_size);
    }
    if (d.rela_size % RELA_SIZE != 0 ||
        (d.rela_size != 0 && !elf_file_offset(plan, d.rela, d.rela_size, &plan->rela_at))) {
        return elf_refuse(r, "DT_RELA", d.rela, "the relocations are not in a segment");
    }
    if (d.relr_size % 8 != 0 ||
        (d.relr_size != 0 && !elf_file_offset(plan, d.relr, d.relr_size, &plan->relr_at))) {
        return elf_refuse(r, "DT_RELR", d.relr, "the relocations are not in a segment");
    }
    plan->rela_count = d.rela_size / RELA_SIZE;
    plan->relr_count = d.relr_size / 8;
    return true;
}
