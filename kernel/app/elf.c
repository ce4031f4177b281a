/* SPDX-License-Identifier: MIT */
/*
 * The order of checks is the order in which a reader of the file meets the fields. Relocations are
 * checked here as well, so that loading can not fail half-way on the file's account.
 */
#include "elf_private.h"

#include <ctx/slot.h>

#define EHDR_SIZE  64u
#define PHDR_SIZE  56u
#define NOTES_MOST (UINT64_C(1) << 20) /* bytes, of all segments of notes */

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
};

bool elf_refuse(struct elf_reader *r, const char *field, uint64_t value, const char *reason)
{
    *r->error = (struct elf_error){field, value, reason};
    return false;
}

static bool check_header(struct elf_reader *r)
{
    const uint8_t *f = r->file;
    if (r->len < EHDR_SIZE) {
        return elf_refuse(r, "size", r->len, "too short for an ELF file");
    }
    if (memcmp(f, "\177ELF", 4) != 0) {
        return elf_refuse(r, "e_ident", __builtin_bswap32((uint32_t)elf_get(f, 4)),
                          "not an ELF file");
    }
    if (f[4] != 2) {
        return elf_refuse(r, "EI_CLASS", f[4], "not a 64-bit file (2)");
    }
    if (f[5] != 1) {
        return elf_refuse(r, "EI_DATA", f[5], "not little-endian (1)");
    }
    uint64_t type = elf_get(f + 16, 2);
    if (type != ET_EXEC && type != ET_DYN) {
        return elf_refuse(r, "e_type", type,
                          "neither executable (2) nor position independent (3); was it linked?");
    }
    if (elf_get(f + 18, 2) != EM_X86_64) {
        return elf_refuse(r, "e_machine", elf_get(f + 18, 2), "not for x86-64 (62)");
    }
    if (elf_get(f + 54, 2) != PHDR_SIZE) {
        return elf_refuse(r, "e_phentsize", elf_get(f + 54, 2), "must be 56");
    }
    if (elf_get(f + 56, 2) == 0 ||
        !elf_in_file(r, elf_get(f + 32, 8), elf_get(f + 56, 2) * PHDR_SIZE)) {
        return elf_refuse(r, "e_phoff", elf_get(f + 32, 8),
                          "the program headers are not in the file; is it cut off?");
    }
    r->plan->bias = type == ET_DYN ? CTX_SLOT_DYN_BIAS : 0;
    return true;
}

static struct elf_phdr phdr_at(const struct elf_reader *r, uint64_t no)
{
    const uint8_t *p = r->file + elf_get(r->file + 32, 8) + no * PHDR_SIZE;
    return (struct elf_phdr){
        (uint32_t)elf_get(p, 4), (uint32_t)elf_get(p + 4, 4), elf_get(p + 8, 8), elf_get(p + 16, 8),
        elf_get(p + 32, 8),      elf_get(p + 40, 8),          elf_get(p + 48, 8)};
}

static bool add_segment(struct elf_reader *r, const struct elf_phdr *p)
{
    struct elf_plan *plan = r->plan;
    if (p->memsz == 0) {
        return true;
    }
    if (plan->segment_count == ELF_SEGMENTS) {
        return elf_refuse(r, "e_phnum", plan->segment_count + 1, "more than 16 loadable segments");
    }
    if (p->filesz > p->memsz) {
        return elf_refuse(r, "p_filesz", p->filesz, "larger than p_memsz");
    }
    if (!elf_in_file(r, p->offset, p->filesz)) {
        return elf_refuse(r, "p_offset", p->offset,
                          "the segment is not in the file; is it cut off?");
    }
    if ((p->flags & (PF_W | PF_X)) == (PF_W | PF_X)) {
        return elf_refuse(r, "p_flags", p->flags, "writable and executable at once");
    }
    if (plan->bias != 0 && p->align > CTX_SLOT_DYN_BIAS) {
        return elf_refuse(r, "p_align", p->align,
                          "alignment above 4 MiB; link with -z max-page-size=4096");
    }
    uint64_t at = p->vaddr + plan->bias;
    if (at < p->vaddr || at < CTX_SLOT_IMAGE || at >= CTX_SLOT_IMAGE_END ||
        p->memsz > CTX_SLOT_IMAGE_END - at) {
        return elf_refuse(r, "p_vaddr", p->vaddr,
                          "outside the image range 0x200000..0xfffffff of the slot");
    }
    uint64_t first = at / PAGE_SIZE;
    uint64_t last = (at + p->memsz - 1) / PAGE_SIZE;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (first <= (s->at + s->size - 1) / PAGE_SIZE && last >= s->at / PAGE_SIZE) {
            return elf_refuse(r, "p_vaddr", p->vaddr, "two segments share a page");
        }
        /* Code is looked at for each time it is mapped, which takes seconds where there is much. */
        if (s->exec && (p->flags & PF_X) != 0 && p->offset < s->file_at + s->file_size &&
            s->file_at < p->offset + p->filesz) {
            return elf_refuse(r, "p_offset", p->offset, "two segments share code");
        }
    }
    plan->segments[plan->segment_count++] = (struct elf_segment){
        at, p->memsz, p->offset, p->filesz, (p->flags & PF_W) != 0, (p->flags & PF_X) != 0,
    };
    return true;
}

const struct elf_segment *elf_segment_of(const struct elf_plan *plan, uint64_t at, uint64_t len)
{
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (at >= s->at && at - s->at <= s->size && len <= s->size - (at - s->at)) {
            return s;
        }
    }
    return NULL;
}

bool elf_file_offset(const struct elf_plan *plan, uint64_t vaddr, uint64_t len, uint64_t *out)
{
    uint64_t at = vaddr + plan->bias;
    const struct elf_segment *s = elf_segment_of(plan, at, len);
    if (s == NULL || at - s->at > s->file_size || len > s->file_size - (at - s->at)) {
        return false;
    }
    *out = s->file_at + (at - s->at);
    return true;
}

/*
 * What is said beside the segments. A file may name the same bytes as often as it has room for
 * program headers, and each time they would be read: so how much is read in all has an end.
 */
static bool check_notes_and_dynamic(struct elf_reader *r, uint64_t count)
{
    struct elf_plan *plan = r->plan;
    uint64_t notes = 0;
    bool dynamic = false;
    for (uint64_t i = 0; i < count; i++) {
        struct elf_phdr p = phdr_at(r, i);
        if (p.type == PT_DYNAMIC && dynamic) {
            return elf_refuse(r, "PT_DYNAMIC", p.offset, "a second one");
        }
        if (p.type == PT_DYNAMIC && !elf_check_dynamic(r, &p)) {
            return false;
        }
        dynamic |= p.type == PT_DYNAMIC;
        if (p.type == PT_NOTE) {
            const char *why = "the note is not in the file";
            bool there = elf_in_file(r, p.offset, p.filesz);
            if (there && p.filesz > NOTES_MOST - notes) {
                return elf_refuse(r, "PT_NOTE", p.offset, "more than 1 MiB of notes");
            }
            notes += there ? p.filesz : 0;
            int32_t found =
                there ? ctx_note_parse(&plan->note, r->file + p.offset, p.filesz, &why) : -1;
            if (found < 0) {
                return elf_refuse(r, "PT_NOTE", p.offset, why);
            }
            plan->has_note |= found == 1;
        }
    }
    return true;
}

bool elf_check(const uint8_t *file, uint64_t len, struct elf_plan *plan, struct elf_error *error)
{
    struct elf_reader r = {.file = file, .len = len, .plan = plan, .error = error};
    memset(plan, 0, sizeof *plan);
    if (!check_header(&r)) {
        return false;
    }
    uint64_t count = elf_get(file + 56, 2);
    for (uint64_t i = 0; i < count; i++) {
        struct elf_phdr p = phdr_at(&r, i);
        if (p.type == PT_TLS && p.memsz != 0) {
            return elf_refuse(&r, "PT_TLS", p.memsz, "thread-local variables are not supported");
        }
        if (p.type == PT_LOAD && !add_segment(&r, &p)) {
            return false;
        }
    }
    plan->entry = elf_get(file + 24, 8) + plan->bias;
    const struct elf_segment *s = elf_segment_of(plan, plan->entry, 1);
    if (s == NULL || !s->exec) {
        return elf_refuse(&r, "e_entry", elf_get(file + 24, 8), "not in an executable segment");
    }
    if (!check_notes_and_dynamic(&r, count) || !elf_check_relocations(&r) ||
        !elf_look_at_sections(&r)) {
        return false;
    }
    elf_count_constructors(&r);
    elf_look_inside(&r, plan->bias == 0);
    return true;
}
