/* SPDX-License-Identifier: MIT */
/*
 * The order of checks is the order in which a reader of the file meets the fields. Relocations are
 * checked here as well, so that loading can not fail half-way on the file's account.
 */
#include "elf.h"

#include <kernel/string.h>

#include <ctx/slot.h>

#define EHDR_SIZE 64u
#define PHDR_SIZE 56u
#define DYN_SIZE  16u
#define RELA_SIZE 24u
#define SHDR_SIZE 64u

enum {
    ET_EXEC = 2,
    ET_DYN = 3,
    EM_X86_64 = 62,
    PT_LOAD = 1,
    PT_DYNAMIC = 2,
    PT_NOTE = 4,
    PT_TLS = 7,
    PF_X = 1,
    PF_W = 2,
    R_X86_64_NONE = 0,
    R_X86_64_RELATIVE = 8,
    R_X86_64_IRELATIVE = 37,
    DF_TEXTREL = 4,
    SHT_RELA = 4,
    SHT_INIT_ARRAY = 14,
    SHT_PREINIT_ARRAY = 16,
    SHF_ALLOC = 2,
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

struct phdr {
    uint32_t type, flags;
    uint64_t offset, vaddr, filesz, memsz, align;
};

struct reader {
    const uint8_t *file;
    uint64_t len;
    struct elf_plan *plan;
    struct elf_error *error;
    struct {
        uint64_t at, size;
    } init[2]; /* .init_array, .preinit_array: the file's addresses */
};

static uint64_t get(const uint8_t *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, p, size);
    return v;
}

static bool refuse(struct reader *r, const char *field, uint64_t value, const char *reason)
{
    *r->error = (struct elf_error){field, value, reason};
    return false;
}

static bool in_file(const struct reader *r, uint64_t at, uint64_t len)
{
    return at <= r->len && len <= r->len - at;
}

static bool check_header(struct reader *r)
{
    const uint8_t *f = r->file;
    if (r->len < EHDR_SIZE) {
        return refuse(r, "size", r->len, "too short for an ELF file");
    }
    if (memcmp(f, "\177ELF", 4) != 0) {
        return refuse(r, "e_ident", __builtin_bswap32((uint32_t)get(f, 4)), "not an ELF file");
    }
    if (f[4] != 2) {
        return refuse(r, "EI_CLASS", f[4], "not a 64-bit file (2)");
    }
    if (f[5] != 1) {
        return refuse(r, "EI_DATA", f[5], "not little-endian (1)");
    }
    uint64_t type = get(f + 16, 2);
    if (type != ET_EXEC && type != ET_DYN) {
        return refuse(r, "e_type", type,
                      "neither executable (2) nor position independent (3); was it linked?");
    }
    if (get(f + 18, 2) != EM_X86_64) {
        return refuse(r, "e_machine", get(f + 18, 2), "not for x86-64 (62)");
    }
    if (get(f + 54, 2) != PHDR_SIZE) {
        return refuse(r, "e_phentsize", get(f + 54, 2), "must be 56");
    }
    if (get(f + 56, 2) == 0 || !in_file(r, get(f + 32, 8), get(f + 56, 2) * PHDR_SIZE)) {
        return refuse(r, "e_phoff", get(f + 32, 8),
                      "the program headers are not in the file; is it cut off?");
    }
    r->plan->bias = type == ET_DYN ? CTX_SLOT_DYN_BIAS : 0;
    return true;
}

static struct phdr phdr_at(const struct reader *r, uint64_t no)
{
    const uint8_t *p = r->file + get(r->file + 32, 8) + no * PHDR_SIZE;
    return (struct phdr){(uint32_t)get(p, 4), (uint32_t)get(p + 4, 4), get(p + 8, 8),
                         get(p + 16, 8),      get(p + 32, 8),          get(p + 40, 8),
                         get(p + 48, 8)};
}

static bool add_segment(struct reader *r, const struct phdr *p)
{
    struct elf_plan *plan = r->plan;
    if (p->memsz == 0) {
        return true;
    }
    if (plan->segment_count == ELF_SEGMENTS) {
        return refuse(r, "e_phnum", plan->segment_count + 1, "more than 16 loadable segments");
    }
    if (p->filesz > p->memsz) {
        return refuse(r, "p_filesz", p->filesz, "larger than p_memsz");
    }
    if (!in_file(r, p->offset, p->filesz)) {
        return refuse(r, "p_offset", p->offset, "the segment is not in the file; is it cut off?");
    }
    if ((p->flags & (PF_W | PF_X)) == (PF_W | PF_X)) {
        return refuse(r, "p_flags", p->flags, "writable and executable at once");
    }
    if (plan->bias != 0 && p->align > CTX_SLOT_DYN_BIAS) {
        return refuse(r, "p_align", p->align,
                      "alignment above 4 MiB; link with -z max-page-size=4096");
    }
    uint64_t at = p->vaddr + plan->bias;
    if (at < p->vaddr || at < CTX_SLOT_IMAGE || at >= CTX_SLOT_IMAGE_END ||
        p->memsz > CTX_SLOT_IMAGE_END - at) {
        return refuse(r, "p_vaddr", p->vaddr,
                      "outside the image range 0x200000..0xfffffff of the slot");
    }
    uint64_t first = at / PAGE_SIZE;
    uint64_t last = (at + p->memsz - 1) / PAGE_SIZE;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (first <= (s->at + s->size - 1) / PAGE_SIZE && last >= s->at / PAGE_SIZE) {
            return refuse(r, "p_vaddr", p->vaddr, "two segments share a page");
        }
    }
    plan->segments[plan->segment_count++] = (struct elf_segment){
        at, p->memsz, p->offset, p->filesz, (p->flags & PF_W) != 0, (p->flags & PF_X) != 0,
    };
    return true;
}

static const struct elf_segment *segment_of(const struct elf_plan *plan, uint64_t at, uint64_t len)
{
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (at >= s->at && at - s->at <= s->size && len <= s->size - (at - s->at)) {
            return s;
        }
    }
    return NULL;
}

/* Where an address of the file lies in the file; false if not all len bytes are in one segment's
 * file part. */
static bool file_offset(const struct elf_plan *plan, uint64_t vaddr, uint64_t len, uint64_t *out)
{
    uint64_t at = vaddr + plan->bias;
    const struct elf_segment *s = segment_of(plan, at, len);
    if (s == NULL || at - s->at > s->file_size || len > s->file_size - (at - s->at)) {
        return false;
    }
    *out = s->file_at + (at - s->at);
    return true;
}

static const char ifunc[] =
    "an IFUNC, a function that is chosen when a program begins; compile without ifunc and target_clones";

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
static bool refuse_tag(struct reader *r, uint64_t tag, uint64_t value)
{
    static const char android[] =
        "relocations in Android's form; link without --pack-dyn-relocs=android and "
        "--use-android-relr-tags";
    static const char library[] = "stands in for a shared library; link with -static-pie -nostdlib";
    static const struct {
        uint32_t tag;
        const char *name, *reason;
    } known[] = {
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
            return refuse(r, known[i].name, value, known[i].reason);
        }
    }
    return refuse(r, "d_tag", tag, "not known, and may change what the file means");
}

/* Relocations of calls by a table: imports, or functions of its own that it chooses among. */
static bool refuse_calls(struct reader *r, uint64_t jmprel, uint64_t size)
{
    uint64_t at;
    bool found = size >= RELA_SIZE && file_offset(r->plan, jmprel, RELA_SIZE, &at);
    if (found && (uint32_t)get(r->file + at + 8, 8) == R_X86_64_IRELATIVE) {
        return refuse(r, "R_X86_64_IRELATIVE", get(r->file + at + 16, 8), ifunc);
    }
    return refuse(r, "DT_PLTRELSZ", size, "imports functions; there is nothing to import from");
}

static bool check_dynamic(struct reader *r, const struct phdr *p)
{
    struct elf_plan *plan = r->plan;
    uint64_t rela = 0, rela_size = 0, relr = 0, relr_size = 0, jmprel = 0, jmprel_size = 0;
    if (!in_file(r, p->offset, p->filesz)) {
        return refuse(r, "p_offset", p->offset, "the dynamic section is not in the file");
    }
    for (uint64_t at = 0; p->filesz - at >= DYN_SIZE; at += DYN_SIZE) {
        uint64_t tag = get(r->file + p->offset + at, 8);
        uint64_t value = get(r->file + p->offset + at + 8, 8);
        if (tag == 0) {
            break;
        }
        switch (tag) {
        case DT_NEEDED:
            return refuse(r, "DT_NEEDED", value,
                          "wants a shared library; link with -static-pie -nostdlib");
        case DT_TEXTREL:
            return refuse(r, "DT_TEXTREL", value, "relocates its code; compile with -fPIE");
        case DT_REL:
            return refuse(r, "DT_REL", value, "relocations without addends are not for x86-64");
        case DT_PLTRELSZ:
            jmprel_size = value;
            break;
        case DT_JMPREL:
            jmprel = value;
            break;
        case DT_INIT:
            plan->constructors++;
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
                return refuse(r, "DT_FLAGS", value, "relocates its code; compile with -fPIE");
            }
            break;
        case DT_RELAENT:
            if (value != RELA_SIZE) {
                return refuse(r, "DT_RELAENT", value, "must be 24");
            }
            break;
        case DT_RELRENT:
            if (value != 8) {
                return refuse(r, "DT_RELRENT", value, "must be 8");
            }
            break;
        case DT_RELA:
            rela = value;
            break;
        case DT_RELASZ:
            rela_size = value;
            break;
        case DT_RELR:
            relr = value;
            break;
        case DT_RELRSZ:
            relr_size = value;
            break;
        default:
            if (!is_harmless(tag)) {
                return refuse_tag(r, tag, value);
            }
            break;
        }
    }
    if (jmprel_size != 0) {
        return refuse_calls(r, jmprel, jmprel_size);
    }
    if (rela_size % RELA_SIZE != 0 ||
        (rela_size != 0 && !file_offset(plan, rela, rela_size, &plan->rela_at))) {
        return refuse(r, "DT_RELA", rela, "the relocations are not in a segment");
    }
    if (relr_size % 8 != 0 ||
        (relr_size != 0 && !file_offset(plan, relr, relr_size, &plan->relr_at))) {
        return refuse(r, "DT_RELR", relr, "the relocations are not in a segment");
    }
    plan->rela_count = rela_size / RELA_SIZE;
    plan->relr_count = relr_size / 8;
    return true;
}

static bool is_writable(const struct elf_plan *plan, uint64_t at)
{
    const struct elf_segment *s = segment_of(plan, at, 8);
    return s != NULL && s->write;
}

static bool check_relocations(struct reader *r)
{
    const struct elf_plan *plan = r->plan;
    for (uint64_t i = 0; i < plan->rela_count; i++) {
        const uint8_t *rela = r->file + plan->rela_at + i * RELA_SIZE;
        uint64_t type = get(rela + 8, 8);
        if ((uint32_t)type == R_X86_64_IRELATIVE) {
            return refuse(r, "R_X86_64_IRELATIVE", get(rela + 16, 8), ifunc);
        }
        if (type != R_X86_64_RELATIVE && type != R_X86_64_NONE) {
            return refuse(
                r, "r_info", type,
                "only R_X86_64_RELATIVE (8) relocations are known; link with -static-pie");
        }
        if (type != R_X86_64_NONE && !is_writable(plan, get(rela, 8) + plan->bias)) {
            return refuse(r, "r_offset", get(rela, 8), "relocates what is not writable data");
        }
    }
    uint64_t where = 0;
    for (uint64_t i = 0; i < plan->relr_count; i++) {
        uint64_t entry = get(r->file + plan->relr_at + i * 8, 8);
        if ((entry & 1) == 0) {
            where = entry + plan->bias;
            if (!is_writable(plan, where)) {
                return refuse(r, "DT_RELR", entry, "relocates what is not writable data");
            }
            where += 8;
            continue;
        }
        for (uint32_t bit = 0; bit < 63; bit++) {
            if ((entry >> (bit + 1) & 1) != 0 && !is_writable(plan, where + 8ull * bit)) {
                return refuse(r, "DT_RELR", entry, "relocates what is not writable data");
            }
        }
        where += 63 * 8;
    }
    return true;
}

/* Any of mov, sub, xor, cmp, add with a 64-bit register and %fs:0x28: the stack protector's canary.
 */
static bool has_stack_protector(const uint8_t *code, uint64_t len)
{
    for (uint64_t i = 0; i + 9 <= len; i++) {
        if (code[i] == 0x64 && (code[i + 1] & 0xfb) == 0x48 && (code[i + 3] & 0xc7) == 0x04 &&
            code[i + 4] == 0x25 && get(code + i + 5, 4) == 0x28) {
            return true;
        }
    }
    return false;
}

/*
 * What only sections tell of a file without a dynamic section. They are not needed to load it, so
 * where they make no sense they are left alone.
 */
static bool look_at_sections(struct reader *r)
{
    uint64_t count = get(r->file + 60, 2);
    if (get(r->file + 58, 2) != SHDR_SIZE || !in_file(r, get(r->file + 40, 8), count * SHDR_SIZE)) {
        return true;
    }
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *s = r->file + get(r->file + 40, 8) + i * SHDR_SIZE;
        uint64_t type = get(s + 4, 4), at = get(s + 24, 8), size = get(s + 32, 8);
        if ((get(s + 8, 8) & SHF_ALLOC) == 0 || !in_file(r, at, size)) {
            continue;
        }
        if (type == SHT_INIT_ARRAY || type == SHT_PREINIT_ARRAY) {
            uint32_t which = type == SHT_INIT_ARRAY ? 0 : 1;
            r->init[which].at = get(s + 16, 8);
            r->init[which].size = size;
        }
        for (uint64_t no = 0; type == SHT_RELA && no < size / RELA_SIZE; no++) {
            const uint8_t *rela = r->file + at + no * RELA_SIZE;
            if ((uint32_t)get(rela + 8, 8) == R_X86_64_IRELATIVE) {
                return refuse(r, "R_X86_64_IRELATIVE", get(rela + 16, 8), ifunc);
            }
        }
    }
    return true;
}

/* Whether code names this address: by `lea` relative to itself, or as a constant of 32 bits. */
static bool code_names(const struct reader *r, uint64_t address)
{
    const struct elf_plan *plan = r->plan;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        const uint8_t *code = r->file + s->file_at;
        for (uint64_t at = 0; s->exec && at + 4 <= s->file_size; at++) {
            uint64_t value = get(code + at, 4);
            bool lea = at >= 2 && code[at - 2] == 0x8d && (code[at - 1] & 0xc7) == 5;
            uint64_t behind = s->at - plan->bias + at + 4;
            if ((plan->bias == 0 && value == address) ||
                (lea && behind + (uint64_t)(int64_t)(int32_t)value == address)) {
                return true;
            }
        }
    }
    return false;
}

/* Start code names the array's beginning, or its end, as a compiler likes it. */
static void count_constructors(struct reader *r)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(r->init); i++) {
        uint64_t at = r->init[i].at, size = r->init[i].size;
        if (size >= 8 && !code_names(r, at) && !code_names(r, at + size)) {
            r->plan->constructors += size / 8;
        }
    }
}

static void look_inside(struct reader *r, bool is_exec)
{
    struct elf_plan *plan = r->plan;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (s->exec) {
            plan->stack_protector |= has_stack_protector(r->file + s->file_at, s->file_size);
        } else if (is_exec && s->write) {
            for (uint64_t at = ALIGN_UP(s->at, 8ull) - s->at; at + 8 <= s->file_size; at += 8) {
                plan->image_pointers +=
                    segment_of(plan, get(r->file + s->file_at + at, 8), 1) != NULL;
            }
        }
    }
}

bool elf_check(const uint8_t *file, uint64_t len, struct elf_plan *plan, struct elf_error *error)
{
    struct reader r = {.file = file, .len = len, .plan = plan, .error = error};
    memset(plan, 0, sizeof *plan);
    if (!check_header(&r)) {
        return false;
    }
    uint64_t count = get(file + 56, 2);
    for (uint64_t i = 0; i < count; i++) {
        struct phdr p = phdr_at(&r, i);
        if (p.type == PT_TLS && p.memsz != 0) {
            return refuse(&r, "PT_TLS", p.memsz, "thread-local variables are not supported");
        }
        if (p.type == PT_LOAD && !add_segment(&r, &p)) {
            return false;
        }
    }
    plan->entry = get(file + 24, 8) + plan->bias;
    const struct elf_segment *s = segment_of(plan, plan->entry, 1);
    if (s == NULL || !s->exec) {
        return refuse(&r, "e_entry", get(file + 24, 8), "not in an executable segment");
    }
    for (uint64_t i = 0; i < count; i++) {
        struct phdr p = phdr_at(&r, i);
        if (p.type == PT_DYNAMIC && !check_dynamic(&r, &p)) {
            return false;
        }
        if (p.type == PT_NOTE) {
            const char *why = "the note is not in the file";
            int32_t found = in_file(&r, p.offset, p.filesz)
                                ? ctx_note_parse(&plan->note, file + p.offset, p.filesz, &why)
                                : -1;
            if (found < 0) {
                return refuse(&r, "PT_NOTE", p.offset, why);
            }
            plan->has_note |= found == 1;
        }
    }
    if (!check_relocations(&r) || !look_at_sections(&r)) {
        return false;
    }
    count_constructors(&r);
    look_inside(&r, plan->bias == 0);
    return true;
}

void elf_relocate(const uint8_t *file, const struct elf_plan *plan,
                  void (*fn)(void *arg, uint64_t at, uint64_t value), void *arg)
{
    for (uint64_t i = 0; i < plan->rela_count; i++) {
        const uint8_t *rela = file + plan->rela_at + i * RELA_SIZE;
        if (get(rela + 8, 8) == R_X86_64_RELATIVE) {
            fn(arg, get(rela, 8) + plan->bias, get(rela + 16, 8) + plan->bias);
        }
    }
    /* RELR words hold their own addend; find it in the file, 0 where the segment has no bytes
     * there. */
    uint64_t where = 0;
    for (uint64_t i = 0; i < plan->relr_count; i++) {
        uint64_t entry = get(file + plan->relr_at + i * 8, 8);
        uint64_t bits = (entry & 1) == 0 ? 1 : entry >> 1;
        if ((entry & 1) == 0) {
            where = entry + plan->bias;
        }
        for (uint32_t bit = 0; bit < 63; bit++) {
            uint64_t offset;
            if ((bits >> bit & 1) != 0) {
                uint64_t at = where + 8ull * bit;
                uint64_t value =
                    file_offset(plan, at - plan->bias, 8, &offset) ? get(file + offset, 8) : 0;
                fn(arg, at, value + plan->bias);
            }
        }
        where += (entry & 1) == 0 ? 8 : 63 * 8;
    }
}
