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
    DF_TEXTREL = 4,
};

enum dynamic_tag {
    DT_NEEDED = 1,
    DT_PLTRELSZ = 2,
    DT_RELA = 7,
    DT_RELASZ = 8,
    DT_RELAENT = 9,
    DT_REL = 17,
    DT_TEXTREL = 22,
    DT_FLAGS = 30,
    DT_RELRSZ = 35,
    DT_RELR = 36,
    DT_RELRENT = 37,
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

static bool check_dynamic(struct reader *r, const struct phdr *p)
{
    struct elf_plan *plan = r->plan;
    uint64_t rela = 0, rela_size = 0, relr = 0, relr_size = 0;
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
            if (value != 0) {
                return refuse(r, "DT_PLTRELSZ", value,
                              "imports functions; there is nothing to import from");
            }
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
            break;
        }
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
    struct reader r = {file, len, plan, error};
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
    if (!check_relocations(&r)) {
        return false;
    }
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
