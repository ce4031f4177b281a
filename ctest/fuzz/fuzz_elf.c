/* SPDX-License-Identifier: MIT */
/* What elf_check() accepts can be loaded: built here in an array, where a step outside is seen. */
#include "elf.h"
#include "fuzz.h"
#include "make_elf.h"

#include <ctx/slot.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (1u << 20) /* files may claim 250 MB of zeroes: those are only checked */

struct image {
    const struct elf_plan *plan;
    uint8_t *memory[ELF_SEGMENTS];
};

static void put_word(void *arg, uint64_t at, uint64_t value)
{
    struct image *image = arg;
    for (uint32_t i = 0; i < image->plan->segment_count; i++) {
        const struct elf_segment *s = &image->plan->segments[i];
        if (at >= s->at && at + 8 <= s->at + s->size) {
            FUZZ_MUST(s->write);
            if (image->memory[i] != NULL) {
                memcpy(image->memory[i] + (at - s->at), &value, 8);
            }
            return;
        }
    }
    FUZZ_MUST(false);
}

static void check_plan(const struct elf_plan *plan, size_t size)
{
    bool entry = false;
    FUZZ_MUST(plan->segment_count > 0 && plan->segment_count <= ELF_SEGMENTS);
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        FUZZ_MUST(s->at >= CTX_SLOT_IMAGE && s->size > 0 && s->at + s->size <= CTX_SLOT_IMAGE_END);
        FUZZ_MUST(s->file_size <= s->size && s->file_at + s->file_size <= size);
        FUZZ_MUST(!(s->write && s->exec));
        entry |= s->exec && plan->entry >= s->at && plan->entry < s->at + s->size;
        for (uint32_t k = 0; k < i; k++) {
            const struct elf_segment *o = &plan->segments[k];
            FUZZ_MUST((s->at + s->size - 1) / PAGE_SIZE < o->at / PAGE_SIZE ||
                      (o->at + o->size - 1) / PAGE_SIZE < s->at / PAGE_SIZE);
        }
    }
    FUZZ_MUST(entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_plan plan;
    struct elf_error error = {NULL, 0, NULL};
    if (!elf_check(data, size, &plan, &error)) {
        FUZZ_MUST(error.field != NULL && error.reason != NULL);
        return 0;
    }
    check_plan(&plan, size);
    struct image image = {.plan = &plan};
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        const struct elf_segment *s = &plan.segments[i];
        if (s->size <= LARGEST) {
            image.memory[i] = calloc(1, s->size);
            FUZZ_MUST(image.memory[i] != NULL);
            memcpy(image.memory[i], data + s->file_at, s->file_size);
        }
    }
    elf_relocate(data, &plan, put_word, &image);
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        free(image.memory[i]);
    }
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static struct made_elf m;
    if (no > 2) {
        return 0;
    }
    make_elf(&m);
    if (no == 1) {
        make_note(&m, CTX_NOTE_STACK, 0x4000);
        make_note(&m, CTX_NOTE_MINIMUM, 2);
    }
    if (no == 2) { /* linked for one place */
        make_put(&m, E_TYPE, 2, 2);
        make_put(&m, E_ENTRY, 0x401000, 8);
        for (uint32_t i = 0; i < 3; i++) {
            make_put(&m, PH(i) + P_VADDR, 0x400000 + i * 0x1000, 8);
        }
        make_put(&m, PH(MADE_DYNAMIC) + P_TYPE, 0, 4);
    }
    memcpy(buf, m.bytes, m.len);
    return m.len;
}
