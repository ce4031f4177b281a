/* SPDX-License-Identifier: MIT */
/* Which files are accepted, which are refused, and by the name of which field. */
#include "elf.h"
#include "make_elf.h"
#include "test.h"

#include <ctx/slot.h>

static struct made_elf m;
static struct elf_plan plan;
static struct elf_error error;

static bool check(void)
{
    uint8_t *exact = malloc(m.len != 0 ? m.len : 1);
    assert_non_null(exact);
    memcpy(exact, m.bytes, m.len);
    error = (struct elf_error){NULL, 0, NULL};
    bool good = elf_check(exact, m.len, &plan, &error);
    free(exact);
    return good;
}

static void refused(const char *field)
{
    assert_false(check());
    assert_non_null(error.field);
    assert_text(error.field, field);
    assert_non_null(error.reason);
}

/* Relocations as (place, value) pairs, and a check that each lies in a writable segment. */
static struct {
    uint64_t at[64], value[64];
    uint32_t count;
} words;

static void note_word(void *arg, uint64_t at, uint64_t value)
{
    (void)arg;
    assert_true(words.count < 64);
    bool writable = false;
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        const struct elf_segment *s = &plan.segments[i];
        writable |= s->write && at >= s->at && at + 8 <= s->at + s->size;
    }
    assert_true(writable);
    words.at[words.count] = at;
    words.value[words.count++] = value;
}

static void the_good_file(void **state)
{
    (void)state;
    make_elf(&m);
    assert_true(check());
    assert_int_equal(plan.bias, CTX_SLOT_DYN_BIAS);
    assert_int_equal(plan.entry, CTX_SLOT_DYN_BIAS + 0x1000);
    assert_int_equal(plan.segment_count, 3);
    assert_int_equal(plan.segments[1].at, CTX_SLOT_DYN_BIAS + 0x1000);
    assert_true(plan.segments[1].exec && !plan.segments[1].write);
    assert_int_equal(plan.segments[2].size, 0x2000);
    assert_int_equal(plan.segments[2].file_size, 0x300);
    assert_true(plan.segments[2].write && !plan.segments[2].exec);
    assert_false(plan.segments[0].write || plan.segments[0].exec);
    assert_false(plan.has_note || plan.stack_protector);
    assert_int_equal(plan.image_pointers, 0);

    static const uint64_t expected[MADE_RELOCS][2] = {
        {0x2200, 0x1000}, {0x2208, 0x2010}, {0x2210, 0x1008}, {0x2218, 0x100c}, {0x2228, 0x2020}};
    words.count = 0;
    elf_relocate(m.bytes, &plan, note_word, NULL);
    assert_int_equal(words.count, MADE_RELOCS);
    for (uint32_t i = 0; i < MADE_RELOCS; i++) {
        assert_int_equal(words.at[i], CTX_SLOT_DYN_BIAS + expected[i][0]);
        assert_int_equal(words.value[i], CTX_SLOT_DYN_BIAS + expected[i][1]);
    }
}

/* One number of the good file changed: the field that the message names. */
static const struct {
    uint64_t at, value;
    uint32_t size;
    const char *field;
} changes[] = {
    {1, 'e', 1, "e_ident"},
    {E_CLASS, 1, 1, "EI_CLASS"},
    {E_DATA, 2, 1, "EI_DATA"},
    {E_TYPE, 1, 2, "e_type"},
    {E_TYPE, 4, 2, "e_type"},
    {E_MACHINE, 3, 2, "e_machine"},
    {E_PHENTSIZE, 32, 2, "e_phentsize"},
    {E_PHNUM, 0, 2, "e_phoff"},
    {E_PHNUM, 0xffff, 2, "e_phoff"},
    {E_PHOFF, MADE_SIZE, 8, "e_phoff"},
    {E_PHOFF, UINT64_MAX - 8, 8, "e_phoff"},
    {E_ENTRY, 0x2000, 8, "e_entry"},     /* data */
    {E_ENTRY, 0x1100, 8, "e_entry"},     /* right behind the code */
    {E_ENTRY, UINT64_MAX, 8, "e_entry"}, /* wraps with the bias */
    {E_ENTRY, 0, 8, "e_entry"},
    {PH(MADE_NOTE) + P_TYPE, 7, 4, NULL}, /* PT_TLS without memory is nothing */
    {PH(MADE_HEAD) + P_TYPE, 7, 4, "PT_TLS"},
    {PH(MADE_DATA) + P_MEMSZ, 0x2ff, 8, "p_filesz"},
    {PH(MADE_DATA) + P_FILESZ, 0x301, 8, "p_offset"},
    {PH(MADE_CODE) + P_OFFSET, MADE_SIZE, 8, "p_offset"},
    {PH(MADE_CODE) + P_OFFSET, UINT64_MAX, 8, "p_offset"},
    {PH(MADE_CODE) + P_FLAGS, 7, 4, "p_flags"},
    {PH(MADE_DATA) + P_FLAGS, 3, 4, "p_flags"},
    {PH(MADE_DATA) + P_ALIGN, 0x800000, 8, "p_align"},
    {PH(MADE_DATA) + P_ALIGN, 0x400000, 8, NULL},
    {PH(MADE_DATA) + P_MEMSZ, 0xfbfe000, 8, NULL}, /* up to the range's last byte */
    {PH(MADE_DATA) + P_MEMSZ, 0xfbfe001, 8, "p_vaddr"},
    {PH(MADE_DATA) + P_MEMSZ, UINT64_MAX, 8, "p_vaddr"},
    {PH(MADE_CODE) + P_VADDR, 0xfc00000, 8, "p_vaddr"},
    {PH(MADE_CODE) + P_VADDR, UINT64_MAX - 0x3fffff, 8, "p_vaddr"}, /* wraps to 0 */
    {PH(MADE_CODE) + P_VADDR, UINT64_MAX - 0xfff, 8, "p_vaddr"},
    {PH(MADE_DATA) + P_VADDR, 0x1100, 8, "p_vaddr"}, /* shares the code's page */
    {PH(MADE_CODE) + P_VADDR, 0x3fff, 8, "p_vaddr"}, /* overlaps the data's last page */
    {PH(MADE_DYNAMIC) + P_OFFSET, MADE_SIZE, 8, "p_offset"},
    {PH(MADE_DYNAMIC) + P_FILESZ, UINT64_MAX, 8, "p_offset"},
    {DYN(DYN_SPARE), 1, 8, "DT_NEEDED"},
    {DYN(DYN_SPARE), 22, 8, "DT_TEXTREL"},
    {DYN(DYN_SPARE), 17, 8, "DT_REL"},
    {DYN(DYN_SPARE), 2, 8, NULL}, /* DT_PLTRELSZ of 0 */
    {DYN(DYN_SPARE), 0x6000000f, 8, "DT_ANDROID_REL"},
    {DYN(DYN_SPARE), 0x60000010, 8, "DT_ANDROID_RELSZ"},
    {DYN(DYN_SPARE), 0x60000011, 8, "DT_ANDROID_RELA"},
    {DYN(DYN_SPARE), 0x60000012, 8, "DT_ANDROID_RELASZ"},
    {DYN(DYN_SPARE), 0x6fffe000, 8, "DT_ANDROID_RELR"},
    {DYN(DYN_SPARE), 0x6fffe001, 8, "DT_ANDROID_RELRSZ"},
    {DYN(DYN_SPARE), 0x6fffe003, 8, "DT_ANDROID_RELRENT"},
    {DYN(DYN_SPARE), 0x6ffffefe, 8, "DT_MOVETAB"},
    {DYN(DYN_SPARE), 0x6ffffef6, 8, "DT_TLSDESC_PLT"},
    {DYN(DYN_SPARE), 0x7fffffff, 8, "DT_FILTER"},
    {DYN(DYN_SPARE), 38, 8, "d_tag"}, /* the next one that a standard gives out */
    {DYN(DYN_SPARE), 0x70000001, 8, "d_tag"},
    {DYN(DYN_SPARE), 1ull << 60 | 4, 8, "d_tag"},
    {DYN(DYN_SPARE), 0x6ffffef5, 8, NULL}, /* DT_GNU_HASH */
    {DYN(DYN_SPARE), 0x6ffffffb, 8, NULL}, /* DT_FLAGS_1 */
    {DYN(DYN_SPARE), 21, 8, NULL},         /* DT_DEBUG */
    {DYN(0) + 8, 0x4000, 8, "DT_RELA"},
    {DYN(0) + 8, 0x22e0, 8, "DT_RELA"}, /* reaches past what the file holds */
    {DYN(0) + 8, 0x2f00, 8, "DT_RELA"}, /* in memory, but not in the file */
    {DYN(0) + 8, UINT64_MAX, 8, "DT_RELA"},
    {DYN(1) + 8, 47, 8, "DT_RELA"},
    {DYN(1) + 8, UINT64_MAX / 24 * 24, 8, "DT_RELA"},
    {DYN(2) + 8, 16, 8, "DT_RELAENT"},
    {DYN(3) + 8, 0x5000, 8, "DT_RELR"},
    {DYN(4) + 8, 12, 8, "DT_RELR"},
    {DYN(5) + 8, 4, 8, "DT_RELRENT"},
    {MADE_RELA_AT + 8, 6, 8, "r_info"},              /* R_X86_64_GLOB_DAT */
    {MADE_RELA_AT + 8, 8 | 1ull << 32, 8, "r_info"}, /* RELATIVE with a symbol */
    {MADE_RELA_AT + 8, 0, 8, NULL},                  /* R_X86_64_NONE */
    {MADE_RELA_AT + 8, 37, 8, "R_X86_64_IRELATIVE"},
    {MADE_RELA_AT, 0x1000, 8, "r_offset"}, /* code */
    {MADE_RELA_AT, 0x3ff8, 8, NULL},       /* the last word */
    {MADE_RELA_AT, 0x3ff9, 8, "r_offset"},
    {MADE_RELA_AT, UINT64_MAX, 8, "r_offset"},
    {MADE_RELR_AT, 0x1000, 8, "DT_RELR"},
    {MADE_RELR_AT, 0x3ff8, 8, "DT_RELR"},     /* itself fine, its bitmap is not */
    {MADE_RELR_AT, 1 | 1 << 1, 8, "DT_RELR"}, /* a bitmap without an address before it */
    {MADE_RELR_AT + 8, UINT64_MAX, 8, NULL},  /* 63 words, all inside */
    {MADE_NOTE_AT, 0, 8, NULL},
};

static void one_field_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        make_elf(&m);
        make_put(&m, changes[i].at, changes[i].value, changes[i].size);
        if (changes[i].field == NULL) {
            assert_true(check());
            words.count = 0;
            if (plan.relr_count + plan.rela_count != 0 && changes[i].value != UINT64_MAX) {
                elf_relocate(m.bytes, &plan, note_word, NULL);
            }
        } else {
            refused(changes[i].field);
        }
    }
}

/* Constructors that nobody calls are counted; start code that names the array's end calls them. */
static void constructors(void **state)
{
    (void)state;
    make_elf(&m);
    make_put(&m, DYN(DYN_SPARE), 12, 8); /* DT_INIT */
    make_put(&m, DYN(DYN_SPARE) + 8, 0x1000, 8);
    assert_true(check());
    assert_int_equal(plan.constructors, 1);
    for (uint32_t named = 0; named < 3; named++) {
        make_elf(&m);
        make_put(&m, DYN(4), 25, 8); /* DT_INIT_ARRAY instead of DT_RELR */
        make_put(&m, DYN(4) + 8, 0x2200, 8);
        make_put(&m, DYN(3), 27, 8); /* DT_INIT_ARRAYSZ */
        make_put(&m, DYN(3) + 8, 24, 8);
        uint64_t lea = 0x1000 + 0x20; /* lea ARRAY(%rip), %rbx; its end is found too */
        uint64_t target = named == 1 ? 0x2200 : 0x2218;
        if (named != 0) {
            make_put(&m, 0x1000 + 0x20, 0x1d8d48, 3);
            make_put(&m, 0x1000 + 0x23, target - (lea + 7), 4);
        }
        assert_true(check());
        assert_int_equal(plan.constructors, named == 0 ? 3 : 0);
    }
}

static void other_refusals(void **state)
{
    (void)state;
    make_elf(&m);
    m.len = 63;
    refused("size");
    m.len = 0;
    refused("size");
    make_elf(&m);
    for (uint32_t i = 0; i < 14; i++) {
        make_segment(&m, 1, 4, 0, 0x10000 + i * 0x1000, 16);
    }
    refused("e_phnum");
    assert_int_equal(error.value, ELF_SEGMENTS + 1);
    make_elf(&m);
    make_put(&m, DYN(DYN_SPARE), 2, 8);
    make_put(&m, DYN(DYN_SPARE) + 8, 24, 8);
    refused("DT_PLTRELSZ");
    make_elf(&m);
    make_put(&m, DYN(DYN_SPARE), 30, 8);
    make_put(&m, DYN(DYN_SPARE) + 8, 4, 8);
    refused("DT_FLAGS");
    make_elf(&m);
    make_put(&m, E_TYPE, 2, 2); /* linked for one place, but not in the image range */
    refused("p_vaddr");
    make_elf(&m);
    make_note(&m, CTX_NOTE_STACK, 100);
    refused("PT_NOTE");
    make_elf(&m);
    make_note(&m, CTX_NOTE_STACK, 0x4000);
    make_put(&m, PH(MADE_NOTE) + P_OFFSET, MADE_SIZE - 10, 8);
    refused("PT_NOTE");
}

/* A table that came back to the same words would keep everybody waiting: 64 MiB of it took ten
 * seconds. Linkers write ascending ones, and fill them up with bitmaps of nothing. */
static void compressed_relocations_go_upwards_only(void **state)
{
    (void)state;
    static const struct {
        uint64_t entries[4];
        const char *field;
    } table[] = {
        {{0x2210, 1 | 1 << 1, 1, 1}, NULL},
        {{0x2210, 0x2218, 0x2220, 1 | 1 << 1}, NULL},
        {{0x2210, 0x2210, 1, 1}, "DT_RELR"},
        {{0x2218, 0x2210, 1, 1}, "DT_RELR"},
        {{0x2210, 1 | 1 << 1, 0x2218, 1}, "DT_RELR"}, /* within the bitmap before it */
        {{0x2210, 1 | 1 << 1, 0x2408, 1}, "DT_RELR"},
        {{0x2210, 1 | 1 << 1, 0x2410, 1}, NULL}, /* right behind */
        {{0x2210, 1, 0xfffffffffff00000, 1}, "DT_RELR"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        make_elf(&m);
        make_put(&m, DYN(4) + 8, sizeof table[i].entries, 8);
        for (uint32_t n = 0; n < 4; n++) {
            make_put(&m, MADE_RELR_AT + 8 * n, table[i].entries[n], 8);
        }
        if (table[i].field != NULL) {
            refused(table[i].field);
        } else {
            assert_true(check());
        }
    }
}

/* Bitmaps of nothing, without end: each is 63 words further, and the image is left. */
static void compressed_relocations_end_with_the_image(void **state)
{
    (void)state;
    const uint64_t enough = CTX_SLOT_IMAGE_END / (63 * 8) + 2;
    make_elf(&m);
    uint8_t *file = calloc(1, MADE_SIZE + enough * 8);
    memcpy(file, m.bytes, MADE_SIZE);
    for (uint64_t i = 0; i < enough; i++) {
        const uint64_t nothing = 1;
        memcpy(file + MADE_SIZE + i * 8, &nothing, 8);
    }
    const uint64_t table[] = {MADE_SIZE, enough * 8, 0x300 + enough * 8};
    memcpy(file + DYN(3) + 8, &table[0], 8);
    memcpy(file + DYN(4) + 8, &table[1], 8);
    memcpy(file + PH(MADE_DATA) + P_FILESZ, &table[2], 8);
    memcpy(file + PH(MADE_DATA) + P_MEMSZ, &table[2], 8);
    struct elf_error why;
    assert_false(elf_check(file, MADE_SIZE + enough * 8, &plan, &why));
    assert_text(why.field, "DT_RELR");
    assert_non_null(strstr(why.reason, "goes on behind all that an image can have"));
    free(file);
}

/* Each bitmap stands for 63 words: the second one goes on where the first one ended. */
static void compressed_relocations(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        make_elf(&m);
        make_put(&m, DYN(4) + 8, 24, 8);
        make_put(&m, MADE_RELR_AT, 0x3df8 + i * 8, 8);
        make_put(&m, MADE_RELR_AT + 8, 1, 8);
        make_put(&m, MADE_RELR_AT + 16, 1 | 1 << 1, 8);
        if (i == 1) { /* right behind the segment */
            refused("DT_RELR");
            continue;
        }
        assert_true(check());
        words.count = 0;
        elf_relocate(m.bytes, &plan, note_word, NULL);
        assert_int_equal(words.count, 4);
        assert_int_equal(words.at[2], CTX_SLOT_DYN_BIAS + 0x3df8);
        assert_int_equal(words.at[3], CTX_SLOT_DYN_BIAS + 0x3ff8);
        assert_int_equal(words.value[3], CTX_SLOT_DYN_BIAS); /* no bytes in the file: zero */
    }
}

static void cut_off_anywhere(void **state)
{
    (void)state;
    for (uint64_t len = 0; len < MADE_SIZE; len++) {
        make_elf(&m);
        m.len = len;
        assert_false(check());
    }
    make_elf(&m);
    assert_true(check());
}

static void notes_interpreters_and_warnings(void **state)
{
    (void)state;
    make_elf(&m);
    make_note(&m, CTX_NOTE_STACK, 0x4000);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_segment(&m, 3, 4, 0x200, 0x200, 20); /* PT_INTERP: ignored */
    make_segment(&m, 7, 4, 0x200, 0x200, 0);  /* PT_TLS of nothing */
    assert_true(check());
    assert_true(plan.has_note);
    assert_int_equal(plan.note.stack_bytes, 0x4000);
    assert_int_equal(plan.note.minimum, 3);

    /* Reads of the stack protector's canary: mov to rax and r9, sub from rdx. */
    static const char *const canaries[] = {"\x64\x48\x8b\x04\x25\x28\0\0\0",
                                           "\x64\x4c\x8b\x0c\x25\x28\0\0\0",
                                           "\x64\x48\x2b\x14\x25\x28\0\0\0"};
    for (size_t i = 0; i < ARRAY_COUNT(canaries); i++) {
        make_elf(&m);
        memcpy(m.bytes + 0x10f7, canaries[i], 9); /* the code's last bytes */
        assert_true(check());
        assert_true(plan.stack_protector);
        m.bytes[0x10f7 + 5] = 0x30; /* some other thread-local word */
        assert_true(check());
        assert_false(plan.stack_protector);
    }
}

static void linked_for_one_place(void **state)
{
    (void)state;
    make_elf(&m);
    make_put(&m, E_TYPE, 2, 2);
    make_put(&m, E_ENTRY, 0x401000, 8);
    for (uint32_t i = 0; i < 3; i++) {
        make_put(&m, PH(i) + P_VADDR, 0x400000 + i * 0x1000, 8);
    }
    make_put(&m, PH(MADE_DYNAMIC) + P_TYPE, 0, 4);
    make_put(&m, PH(MADE_DATA) + P_ALIGN, 0x1000000, 8); /* means nothing for such files */
    make_put(&m, 0x2280, 0x401004, 8);
    assert_true(check());
    assert_int_equal(plan.bias, 0);
    assert_int_equal(plan.entry, 0x401000);
    assert_int_equal(plan.image_pointers, 1);
}

static void load_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    m.len = fread(m.bytes, 1, sizeof m.bytes, file);
    assert_true(feof(file) || m.len == sizeof m.bytes);
    fclose(file);
}

static void what_linkers_make(void **state)
{
    (void)state;
    load_file(SAMPLE_STATIC_PIE);
    assert_true(check());
    assert_int_equal(plan.bias, CTX_SLOT_DYN_BIAS);
    assert_true(plan.rela_count >= 4);
    words.count = 0;
    elf_relocate(m.bytes, &plan, note_word, NULL);
    assert_int_equal(words.count, plan.rela_count);

    load_file(SAMPLE_EXEC);
    assert_true(check());
    assert_int_equal(plan.bias, 0);
    assert_true(plan.image_pointers >= 4); /* the table of pointers, which can not be right */
#ifdef SAMPLE_RELR
    load_file(SAMPLE_RELR);
    assert_true(check());
    assert_true(plan.relr_count >= 2);
    words.count = 0;
    elf_relocate(m.bytes, &plan, note_word, NULL);
    assert_true(words.count >= 4);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_file),
        cmocka_unit_test(one_field_changed),
        cmocka_unit_test(other_refusals),
        cmocka_unit_test(constructors),
        cmocka_unit_test(compressed_relocations),
        cmocka_unit_test(compressed_relocations_go_upwards_only),
        cmocka_unit_test(compressed_relocations_end_with_the_image),
        cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(notes_interpreters_and_warnings),
        cmocka_unit_test(linked_for_one_place),
        cmocka_unit_test(what_linkers_make),
    };
    return RUN(tests);
}
