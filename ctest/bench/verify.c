/* SPDX-License-Identifier: MIT */
/*
 * verify FILE...: how fast the verifier looks at the code of these apps, as it would lie in a slot:
 * megabytes of code in a second, the best of several looks.
 */
#include "verify.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ctx/slot.h>

#define PAGE  4096u
#define IMAGE 0x400000u /* where an app's file begins in its slot */
#define LOOKS 30

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The code of a file, with the verifier's fill around it, to the ends of its pages. */
static uint8_t *code_of(const char *path, uint32_t *offset, uint32_t *size)
{
    FILE *f = fopen(path, "rb");
    Elf64_Ehdr e;
    if (f == NULL || fread(&e, sizeof e, 1, f) != 1 || memcmp(e.e_ident, ELFMAG, SELFMAG) != 0) {
        fprintf(stderr, "%s is no app\n", path);
        exit(1);
    }
    uint8_t *code = NULL;
    for (long i = 0; i < e.e_phnum && code == NULL; i++) {
        Elf64_Phdr p;
        if (fseek(f, (long)e.e_phoff + i * (long)sizeof p, SEEK_SET) != 0 ||
            fread(&p, sizeof p, 1, f) != 1) {
            break;
        }
        if (p.p_type == PT_LOAD && (p.p_flags & PF_X) != 0) {
            uint32_t head = (uint32_t)p.p_vaddr % PAGE;
            *offset = IMAGE + (uint32_t)p.p_vaddr - head;
            *size = (head + (uint32_t)p.p_filesz + PAGE - 1) / PAGE * PAGE;
            code = malloc(*size);
            if (code == NULL || fseek(f, (long)p.p_offset, SEEK_SET) != 0) {
                exit(1);
            }
            memset(code, VERIFY_FILL, *size);
            if (fread(code + head, 1, p.p_filesz, f) != p.p_filesz) {
                exit(1);
            }
        }
    }
    fclose(f);
    if (code == NULL) {
        fprintf(stderr, "%s has no code\n", path);
        exit(1);
    }
    return code;
}

int main(int argc, char **argv)
{
    const struct verify_options options = {0};
    for (int i = 1; i < argc; i++) {
        uint32_t offset, size;
        struct verify_result result;
        uint8_t *code = code_of(argv[i], &offset, &size),
                *scratch = malloc(verify_scratch_bytes(size));
        double best = 1e9;
        for (int n = 0; n < LOOKS && scratch != NULL; n++) {
            double before = seconds();
            memset(scratch, 0, verify_scratch_bytes(size));
            if (!verify_code(code, size, offset, &options, scratch, &result)) {
                fprintf(stderr, "%s: not verified: %s at %#x\n", argv[i],
                        verify_rule_name(result.rule), result.at);
                return 1;
            }
            double took = seconds() - before;
            best = took < best ? took : best;
        }
        printf("verify file=%s bytes=%u instructions=%u ms=%.2f mb_s=%.0f\n", argv[i], size,
               result.instructions, best * 1e3, size / best / 1e6);
        free(code);
        free(scratch);
    }
    return 0;
}
