/* SPDX-License-Identifier: MIT */
/* Relocations of an app's file: which are possible, and what each of them changes. */
#include "elf_private.h"

#include <ctx/slot.h>

const char elf_ifunc[] =
    "an IFUNC, a function that is chosen when a program begins; compile without ifunc and target_clones";

static bool is_writable(const struct elf_plan *plan, uint64_t at)
{
    const struct elf_segment *s = elf_segment_of(plan, at, 8);
    return s != NULL && s->write;
}

/*
 * RELR: an address, and bitmaps of 63 words behind it. Linkers write them in ascending order, and
 * so each word can be relocated once: else a file of 64 MiB could ask for half a billion of
 * relocations, and nobody else runs meanwhile.
 */
static bool check_relr(struct elf_reader *r)
{
    const struct elf_plan *plan = r->plan;
    uint64_t where = 0;
    for (uint64_t i = 0; i < plan->relr_count; i++) {
        uint64_t entry = elf_get(r->file + plan->relr_at + i * 8, 8);
        bool bitmap = (entry & 1) != 0;
        if (!bitmap && entry + plan->bias < where) {
            return elf_refuse(r, "DT_RELR", entry, "goes back: its entries must ascend");
        }
        if (bitmap && where >= CTX_SLOT_IMAGE_END) {
            return elf_refuse(r, "DT_RELR", entry, "goes on behind all that an image can have");
        }
        where = bitmap ? where : entry + plan->bias;
        uint64_t bits = bitmap ? entry >> 1 : 1;
        for (uint32_t bit = 0; bits >> bit != 0; bit++) {
            if ((bits >> bit & 1) != 0 && !is_writable(plan, where + 8ull * bit)) {
                return elf_refuse(r, "DT_RELR", entry, "relocates what is not writable data");
            }
        }
        where += bitmap ? 63 * 8 : 8;
    }
    return true;
}

bool elf_check_relocations(struct elf_reader *r)
{
    const struct elf_plan *plan = r->plan;
    for (uint64_t i = 0; i < plan->rela_count; i++) {
        const uint8_t *rela = r->file + plan->rela_at + i * RELA_SIZE;
        uint64_t type = elf_get(rela + 8, 8);
        if ((uint32_t)type == R_X86_64_IRELATIVE) {
            return elf_refuse(r, "R_X86_64_IRELATIVE", elf_get(rela + 16, 8), elf_ifunc);
        }
        if (type != R_X86_64_RELATIVE && type != R_X86_64_NONE) {
            return elf_refuse(
                r, "r_info", type,
                "only R_X86_64_RELATIVE (8) relocations are known; link with -static-pie");
        }
        if (type != R_X86_64_NONE && !is_writable(plan, elf_get(rela, 8) + plan->bias)) {
            return elf_refuse(r, "r_offset", elf_get(rela, 8),
                              "relocates what is not writable data");
        }
    }
    return check_relr(r);
}

void elf_relocate(const uint8_t *file, const struct elf_plan *plan,
                  void (*fn)(void *arg, uint64_t at, uint64_t value), void *arg)
{
    for (uint64_t i = 0; i < plan->rela_count; i++) {
        const uint8_t *rela = file + plan->rela_at + i * RELA_SIZE;
        if (elf_get(rela + 8, 8) == R_X86_64_RELATIVE) {
            fn(arg, elf_get(rela, 8) + plan->bias, elf_get(rela + 16, 8) + plan->bias);
        }
    }
    /* RELR words hold their own addend; find it in the file, 0 where the segment has no bytes
     * there. */
    uint64_t where = 0;
    for (uint64_t i = 0; i < plan->relr_count; i++) {
        uint64_t entry = elf_get(file + plan->relr_at + i * 8, 8);
        uint64_t bits = (entry & 1) == 0 ? 1 : entry >> 1;
        if ((entry & 1) == 0) {
            where = entry + plan->bias;
        }
        for (uint32_t bit = 0; bit < 63; bit++) {
            uint64_t offset;
            if ((bits >> bit & 1) != 0) {
                uint64_t at = where + 8ull * bit;
                uint64_t value = elf_file_offset(plan, at - plan->bias, 8, &offset)
                                     ? elf_get(file + offset, 8)
                                     : 0;
                fn(arg, at, value + plan->bias);
            }
        }
        where += (entry & 1) == 0 ? 8 : 63 * 8;
    }
}
