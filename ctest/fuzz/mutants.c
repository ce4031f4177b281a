/* SPDX-License-Identifier: MIT */
/*
 * mutants FILE FLIPS SEED FOLDER: bits of a verified app's code turned over, one after the other.
 *
 * One that the verifier takes stays, one that it refuses is turned back; after a few there is a
 * mutant, whose code the rules of zydis_rules.c must take too, and which is written to FOLDER, for
 * whoever wants to see what it does (ctest/linux/mutants.py). Then it begins anew.
 */
#include "zydis_rules.h"

#include "verify.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ctx/slot.h>

#define PAGE           4096u
#define MOST_PER_FILE  40u /* flips that are tried */
#define FILE_MAX_BYTES (64u << 20)

static uint64_t state;

static uint64_t below(uint64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % n;
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = f != NULL ? malloc(FILE_MAX_BYTES) : NULL;
    *len = bytes != NULL ? fread(bytes, 1, FILE_MAX_BYTES, f) : 0;
    if (f != NULL) {
        fclose(f);
    }
    if (*len < sizeof(Elf64_Ehdr)) {
        fprintf(stderr, "%s: can not be read\n", path);
        exit(2);
    }
    return bytes;
}

/* Its one segment of code. */
static const Elf64_Phdr *code_of(const uint8_t *file, size_t len)
{
    const Elf64_Ehdr *e = (const Elf64_Ehdr *)(const void *)file;
    const Elf64_Phdr *found = NULL;
    for (unsigned i = 0; i < e->e_phnum; i++) {
        const Elf64_Phdr *p = (const Elf64_Phdr *)(const void *)(file + e->e_phoff) + i;
        if (p->p_type == PT_LOAD && (p->p_flags & PF_X) != 0) {
            if (found != NULL || e->e_type != ET_DYN || p->p_offset + p->p_filesz > len) {
                fprintf(stderr, "not an app as the tests build them\n");
                exit(2);
            }
            found = p;
        }
    }
    return found;
}

struct code {
    uint8_t *pages; /* as they will lie in the slot */
    uint32_t size, offset, head;
    uint8_t *scratch;
};

static bool is_taken(const struct code *c, struct verify_result *result)
{
    static const struct verify_options options;
    memset(c->scratch, 0, verify_scratch_bytes(c->size));
    return verify_code(c->pages, c->size, c->offset, &options, c->scratch, result);
}

static void write_mutant(const char *folder, uint64_t no, uint8_t *file, size_t len,
                         const Elf64_Phdr *p, const struct code *c)
{
    char path[512];
    memcpy(file + p->p_offset, c->pages + c->head, p->p_filesz);
    snprintf(path, sizeof path, "%s/%06lu.elf", folder, (unsigned long)no);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(file, 1, len, f) != len || fclose(f) != 0) {
        fprintf(stderr, "%s: can not be written\n", path);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "mutants FILE FLIPS SEED FOLDER\n");
        return 2;
    }
    size_t len;
    zydis_rules_begin();
    uint8_t *file = read_file(argv[1], &len);
    const Elf64_Phdr *p = code_of(file, len);
    if (p == NULL) {
        return 2;
    }
    uint64_t flips = strtoull(argv[2], NULL, 10), at = CTX_SLOT_DYN_BIAS + p->p_vaddr;
    state = strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15u | 1;
    struct code c = {.offset = (uint32_t)(at & ~(uint64_t)(PAGE - 1)), .head = at % PAGE};
    c.size = (c.head + (uint32_t)p->p_memsz + PAGE - 1) & ~(PAGE - 1);
    c.pages = malloc(c.size);
    c.scratch = malloc(verify_scratch_bytes(c.size));
    uint8_t *good = malloc(p->p_filesz);
    if (c.pages == NULL || c.scratch == NULL || good == NULL) {
        return 2;
    }
    memset(c.pages, VERIFY_FILL, c.size);
    memcpy(good, file + p->p_offset, p->p_filesz);
    memcpy(c.pages + c.head, good, p->p_filesz);
    struct verify_result result;
    if (!is_taken(&c, &result) || !zydis_code_is_fine(c.pages, c.size, c.offset, c.scratch)) {
        fprintf(stderr, "%s: not verified to begin with\n", argv[1]);
        return 2;
    }
    uint64_t taken = 0, refused[VERIFY_RULES] = {0}, mutants = 0, wrong = 0;
    for (uint64_t n = 0; n < flips;) {
        uint64_t kept = 0;
        for (uint64_t here = 1 + below(MOST_PER_FILE); here > 0 && n < flips; here--, n++) {
            uint8_t *byte = c.pages + c.head + below(p->p_filesz);
            uint8_t was = *byte;
            *byte = (uint8_t)(was ^ (below(2) == 0 ? 1u << below(8) : 1 + below(255)));
            if (is_taken(&c, &result)) {
                kept++;
            } else {
                refused[result.rule]++;
                *byte = was;
            }
        }
        taken += kept;
        if (kept > 0) {
            if (!zydis_code_is_fine(c.pages, c.size, c.offset, c.scratch)) {
                printf("mutant %lu: the verifier takes what must not be\n", (unsigned long)mutants);
                wrong++;
            }
            write_mutant(argv[4], mutants++, file, len, p, &c);
            memcpy(c.pages + c.head, good, p->p_filesz);
        }
    }
    printf("flips=%lu taken=%lu mutants=%lu wrong=%lu", (unsigned long)flips, (unsigned long)taken,
           (unsigned long)mutants, (unsigned long)wrong);
    for (uint32_t r = 1; r < VERIFY_RULES; r++) {
        printf(" %s=%lu", verify_rule_name((enum verify_rule)r), (unsigned long)refused[r]);
    }
    printf("\n");
    return wrong > 0 ? 1 : 0;
}
