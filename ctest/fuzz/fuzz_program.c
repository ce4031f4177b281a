/* SPDX-License-Identifier: MIT */
/* What is kept of a file that elf_check() has accepted: whatever its sections and notes say, it
 * loads the same, names lie inside, and all memory comes back. */
#include "elf.h"
#include "fake_machine.h"
#include "fuzz.h"
#include "heap.h"
#include "make_elf.h"
#include "program.h"

#include <string.h>

#define SECTIONS 0x2800u

static void look_up(const struct program *p)
{
    struct program_symbol s;
    for (uint64_t vaddr = 0xff8; vaddr < 0x1400; vaddr += 24) {
        if (program_find(p, vaddr, &s)) {
            uint32_t sum = 0;
            FUZZ_MUST(s.name_len > 0 && s.offset <= vaddr);
            for (uint32_t i = 0; i < s.name_len; i++) {
                sum += (uint8_t)s.name[i]; /* it is there: the sanitizer looks */
                FUZZ_MUST(s.name[i] != 0);
            }
            FUZZ_MUST(sum > 0);
        }
    }
    (void)program_find(p, UINT64_MAX, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool booted;
    if (!booted) {
        fake_ram(32);
        booted = true;
    }
    struct elf_plan plan, again;
    struct elf_error error;
    if (!elf_check(data, size, &plan, &error)) {
        return 0;
    }
    uint64_t used = heap_used();
    struct program *p = program_keep(data, size, &plan.note);
    FUZZ_MUST(p != NULL && p->len <= size && p->build_id_len <= PROGRAM_BUILD_ID);
    FUZZ_MUST(memchr(p->version, 0, sizeof p->version) != NULL);
    FUZZ_MUST(program_keep(data, size, &plan.note) == p);
    program_drop(p);
    /* To begin anew must not fail on the file's account. */
    FUZZ_MUST(elf_check(p->file, p->len, &again, &error));
    FUZZ_MUST(again.entry == plan.entry && again.segment_count == plan.segment_count);
    FUZZ_MUST(memcmp(again.segments, plan.segments, plan.segment_count * sizeof plan.segments[0]) ==
              0);
    look_up(p);
    program_drop(p);
    FUZZ_MUST(heap_used() == used);
    return 0;
}

/* The made file with sections right behind what is loaded. */
static void sections(struct made_elf *m)
{
    static const uint64_t symbols[][3] = {
        {0, 0, 0}, {2ull << 32 | 1, 0x1000, 0x100}, {2ull << 32 | 7, 0x1040, 0x10}, {0, 0, 0}};
    memcpy(m->bytes + 0x2400, symbols, sizeof symbols);
    memcpy(m->bytes + 0x2600, "\0outer\0inner", 13);
    make_put(m, 40, SECTIONS, 8);
    make_put(m, 58, 64, 2);
    make_put(m, 60, 3, 2);
    const uint64_t table[][3] = {{2, 0x2400, 96}, {3, 0x2600, 13}};
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t at = SECTIONS + 64 * (i + 1);
        make_put(m, at + 4, table[i][0], 4);
        make_put(m, at + 24, table[i][1], 8);
        make_put(m, at + 32, table[i][2], 8);
        make_put(m, at + 40, 2, 4);
    }
    m->len = SECTIONS + 192;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static struct made_elf m;
    static const uint8_t build_id[] = {4,   0,   0,   0, 8, 0, 0, 0, 3, 0, 0, 0,
                                       'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 6, 7, 8};
    if (no > 2) {
        return 0;
    }
    make_elf(&m);
    sections(&m);
    if (no == 1) {
        make_note(&m, CTX_NOTE_VERSION, 0x00312e31);
        make_note(&m, CTX_NOTE_RESTART, 1);
    }
    if (no == 2) {
        memcpy(m.bytes + 0x2900, build_id, sizeof build_id);
        make_segment(&m, 4, 4, 0x2900, 0x2900, sizeof build_id);
        m.len = 0x2900 + sizeof build_id;
    }
    memcpy(buf, m.bytes, m.len);
    return m.len;
}
