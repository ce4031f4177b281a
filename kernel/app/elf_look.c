/* SPDX-License-Identifier: MIT */
/* What an app's file can be loaded without, and its author should know: for warnings, but for
 * IFUNCs. */
#include "elf_private.h"

#define SHDR_SIZE 64u

enum {
    SHT_RELA = 4,
    SHT_INIT_ARRAY = 14,
    SHT_PREINIT_ARRAY = 16,
    SHF_ALLOC = 2,
};

/* Any of the eight bytes is it. */
static bool has_byte(uint64_t word, uint8_t byte)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t other = word ^ ones * byte; /* is 0 there */
    return ((other - ones) & ~other & ones << 7) != 0;
}

/* Any of mov, sub, xor, cmp, add with a 64-bit register and %fs:0x28: the stack protector's canary.
 */
static bool has_stack_protector(const uint8_t *code, uint64_t len)
{
    uint64_t i = 0;
    while (i + 9 <= len) {
        if (!has_byte(elf_get(code + i, 8), 0x64)) {
            i += 8;
            continue;
        }
        if (code[i] == 0x64 && (code[i + 1] & 0xfb) == 0x48 && (code[i + 3] & 0xc7) == 0x04 &&
            code[i + 4] == 0x25 && elf_get(code + i + 5, 4) == 0x28) {
            return true;
        }
        i++;
    }
    return false;
}

/*
 * What only sections tell of a file without a dynamic section. They are not needed to load it, so
 * where they make no sense they are left alone; so are those that cannot all be in the file, which
 * would be read over and over.
 */
bool elf_look_at_sections(struct elf_reader *r)
{
    uint64_t count = elf_get(r->file + 60, 2), left = r->len;
    if (elf_get(r->file + 58, 2) != SHDR_SIZE ||
        !elf_in_file(r, elf_get(r->file + 40, 8), count * SHDR_SIZE)) {
        return true;
    }
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *s = r->file + elf_get(r->file + 40, 8) + i * SHDR_SIZE;
        uint64_t type = elf_get(s + 4, 4), at = elf_get(s + 24, 8), size = elf_get(s + 32, 8);
        if ((elf_get(s + 8, 8) & SHF_ALLOC) == 0 || !elf_in_file(r, at, size)) {
            continue;
        }
        if (type == SHT_INIT_ARRAY || type == SHT_PREINIT_ARRAY) {
            uint32_t which = type == SHT_INIT_ARRAY ? 0 : 1;
            r->init[which].at = elf_get(s + 16, 8);
            r->init[which].size = size;
        }
        if (type == SHT_RELA && size > left) {
            return true;
        }
        left -= type == SHT_RELA ? size : 0;
        for (uint64_t no = 0; type == SHT_RELA && no < size / RELA_SIZE; no++) {
            const uint8_t *rela = r->file + at + no * RELA_SIZE;
            if ((uint32_t)elf_get(rela + 8, 8) == R_X86_64_IRELATIVE) {
                return elf_refuse(r, "R_X86_64_IRELATIVE", elf_get(rela + 16, 8), elf_ifunc);
            }
        }
    }
    return true;
}

/* Whether code names this address: by `lea` relative to itself, or as a constant of 32 bits. */
static bool code_names(const struct elf_reader *r, uint64_t address)
{
    const struct elf_plan *plan = r->plan;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        const uint8_t *code = r->file + s->file_at;
        for (uint64_t at = 0; s->exec && at + 4 <= s->file_size; at++) {
            uint64_t value = elf_get(code + at, 4);
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
void elf_count_constructors(struct elf_reader *r)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(r->init); i++) {
        uint64_t at = r->init[i].at, size = r->init[i].size;
        if (size >= 8 && !code_names(r, at) && !code_names(r, at + size)) {
            r->plan->constructors += size / 8;
        }
    }
}

void elf_look_inside(struct elf_reader *r, bool is_exec)
{
    struct elf_plan *plan = r->plan;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (s->exec) {
            plan->stack_protector |= has_stack_protector(r->file + s->file_at, s->file_size);
        } else if (is_exec && s->write) {
            for (uint64_t at = ALIGN_UP(s->at, 8ull) - s->at; at + 8 <= s->file_size; at += 8) {
                plan->image_pointers +=
                    elf_segment_of(plan, elf_get(r->file + s->file_at + at, 8), 1) != NULL;
            }
        }
    }
}
