/* SPDX-License-Identifier: MIT */
/* Apps with much that is only read: it lies in memory once, and images name it. */
#include "image_fixture.h"
#include "image_reseal.h"
#include "program.h"

#include <kernel/machine.h>

#include <stdlib.h>

#define DATA_AT    0x8000u
#define DATA_VADDR 0x100000u
#define DATA_BYTES (PROGRAM_NAMED_LEAST + 5 * PAGE_SIZE + 123)
#define NAMED      (PROGRAM_NAMED_LEAST + 5 * PAGE_SIZE)

static uint8_t *file;
static uint64_t file_len;

/* An app of version 1 with a segment of so many bytes. */
static void make_large(uint32_t flags, uint64_t bytes)
{
    struct rng rng = {7};
    make_elf(&m);
    make_segment(&m, 1, flags, DATA_AT, DATA_VADDR, bytes);
    file_len = DATA_AT + bytes;
    file = calloc(1, file_len);
    assert_non_null(file);
    memcpy(file, m.bytes, MIN((uint64_t)sizeof m.bytes, file_len));
    for (uint64_t i = DATA_AT; i < file_len; i++) {
        file[i] = (uint8_t)rng_below(&rng, 256);
    }
}

static struct app *load_large(const char *name)
{
    struct app *app = app_load(file, file_len, "large.elf", name);
    assert_non_null(app);
    return app;
}

static uint64_t data_address(const struct app *app)
{
    return app->base + app->bias + DATA_VADDR;
}

static void has_its_data(const struct app *app)
{
    for (uint64_t i = 0; i < DATA_BYTES; i += PAGE_SIZE) {
        const uint8_t *page = machine_direct(machine_slot_frame(data_address(app) + i));
        uint64_t bytes = MIN(DATA_BYTES - i, (uint64_t)PAGE_SIZE);
        assert_memory_equal(page, file + DATA_AT + i, bytes);
        assert_int_equal(machine_slot_rights(data_address(app) + i), MAP_READ);
    }
}

/* Seen: a game's 28 MB lay in memory twice, and for each save were copied and packed. */
static void lies_in_memory_once(void **state)
{
    (void)state;
    remember();
    make_large(4, DATA_BYTES);
    uint64_t free_before = frame_free_total();
    struct app *app = load_large("large");
    uint64_t one = free_before - frame_free_total();
    assert_true(one < file_len / PAGE_SIZE + 60);
    has_its_data(app);
    assert_int_equal(machine_slot_frame(data_address(app)),
                     machine_direct_paddr(app->program->file + DATA_AT));
    free_before = frame_free_total();
    struct app *other = load_large("other");
    assert_true(free_before - frame_free_total() < 60);
    has_its_data(other);
    app_unload(app);
    has_its_data(other);
    app_unload(other);
    free(file);
    all_is_back();
}

/* Of little, and of code, each instance's copy is made as ever. */
static void what_is_copied_as_ever(void **state)
{
    (void)state;
    remember();
    static const struct {
        uint32_t flags;
        uint64_t bytes;
    } cases[] = {{4, PROGRAM_SHOWN_LEAST - 1}, {5, DATA_BYTES}, {6, DATA_BYTES}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct program_data d;
        make_large(cases[i].flags, cases[i].bytes);
        struct app *app = load_large("copied");
        assert_int_not_equal(machine_slot_frame(data_address(app)),
                             machine_direct_paddr(app->program->file + DATA_AT));
        assert_false(program_data(app->program, 0, &d));
        app_unload(app);
        free(file);
    }
    all_is_back();
}

static void saved(uint32_t flags)
{
    struct app *app = load_large("large");
    call(app, body_fill);
    take(app, flags);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_true(f.len < 400000);
    assert_int_equal(f.image.parts[CTX_IMAGE_NEEDS].count, 1);
    assert_int_equal(f.image.app.code_hash, checksum(file, file_len));
    app_unload(app);
}

static void restored_where_its_file_is(void **state)
{
    (void)state;
    for (uint32_t packed = 0; packed < 2; packed++) {
        for (uint32_t how = 0; how < 2; how++) {
            struct app *other = NULL, *app = NULL;
            remember();
            make_large(4, DATA_BYTES);
            saved(packed != 0 ? SAVE_PACKED : 0);
            if (how == 0) { /* another instance runs */
                other = load_large("other");
                other->pid += 100;
            } else {
                assert_true(program_lend(file, file_len));
                assert_true(program_lend(file, file_len)); /* twice is once */
                assert_true(program_lend(m.bytes, 10));    /* no app: nothing to lend */
            }
            assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
            program_lend_end();
            has_its_data(app);
            call(app, body_still_there);
            assert_int_equal(machine_slot_frame(data_address(app)),
                             machine_direct_paddr(app->program->file + DATA_AT));
            /* And back in place, and anew. */
            take(app, packed != 0 ? SAVE_PACKED : 0);
            assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
            assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
            call(app, body_still_there);
            has_its_data(app);
            app_unload(app);
            if (other != NULL) {
                app_unload(other);
            }
            free(file);
            all_is_back();
        }
    }
}

static void refused_where_its_file_is_not(void **state)
{
    (void)state;
    struct app *app = NULL;
    remember();
    make_large(4, DATA_BYTES);
    saved(SAVE_PACKED);
    fake_serial_clear();
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_E_INVAL);
    assert_text(f.error.field, "need.hash");
    assert_true(fake_said("made.img needs"));
    assert_true(fake_said("of large's file"));
    file[DATA_AT + 70000] ^= 1; /* another version of the data is not these */
    assert_true(program_lend(file, file_len));
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_E_INVAL);
    program_lend_end();
    file[DATA_AT + 70000] ^= 1;
    file[0x1008] ^= 1; /* another code with the same data will do: the image has its own */
    assert_true(program_lend(file, file_len));
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
    program_lend_end();
    call(app, body_still_there);
    app_unload(app);
    free(file);
    all_is_back();
}

static void little_memory(void **state)
{
    (void)state;
    make_large(4, DATA_BYTES);
    saved(SAVE_PACKED);
    remember();
    for (uint64_t n = 0;; n++) {
        struct app *app = NULL;
        assert_true(n < 3000);
        fake.allocs_left = n;
        uint64_t asked = fake.alloc_calls;
        bool lent = program_lend(file, file_len);
        ctx_status status = app_restore(&f.image, "made.img", NULL, &app, &f.error);
        uint64_t calls = fake.alloc_calls - asked;
        fake.allocs_left = FAKE_ALWAYS;
        program_lend_end();
        assert_true(status == CTX_OK || status == CTX_E_NOMEM || (!lent && status == CTX_E_INVAL));
        if (app != NULL) {
            app_unload(app);
        }
        all_is_back();
        if (status == CTX_OK && calls <= n) {
            break;
        }
    }
    free(file);
}

/* Numbers that contradict one another never reach the place where pieces are put together. */
static void needs_that_can_not_be(void **state)
{
    (void)state;
    make_large(4, DATA_BYTES);
    saved(0);
    uint8_t *good = malloc(f.len);
    assert_non_null(good);
    memcpy(good, f.bytes, f.len);
    uint64_t at = image_section_at(f.bytes, CTX_IMAGE_NEEDS);
    uint64_t program = f.image.parts[CTX_IMAGE_PROGRAM].len;
    const struct {
        uint64_t at, value;
        const char *field;
    } cases[] = {
        {0, program + 1, "need.at"}, {0, UINT64_MAX, "need.at"},
        {8, 0, "need.len"},          {8, CTX_SLOT_IMAGE_END, "need.len"},
        {8, UINT64_MAX, "need.len"}, {24, 0x0a0a0a0a0a0a0a0a, "need.name"},
        {16, 1, "need.hash"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        memcpy(f.bytes, good, f.len);
        memcpy(f.bytes + at + cases[i].at, &cases[i].value, 8);
        image_reseal(f.bytes, f.len);
        refused(CTX_E_INVAL, cases[i].field);
    }
    /* Where the piece goes decides what the file is. */
    memcpy(f.bytes, good, f.len);
    uint64_t elsewhere = PAGE_SIZE;
    memcpy(f.bytes + at, &elsewhere, 8);
    image_reseal(f.bytes, f.len);
    assert_true(program_lend(file, file_len));
    struct app *app = NULL;
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_E_INVAL);
    assert_text(f.error.field, "app.code_hash");
    program_lend_end();
    free(good);
    free(file);
}

/* And what is named needs no memory while it is saved. */
static void two_pieces_with_something_between_them(void **state)
{
    (void)state;
    enum { BOTH = 2 * PROGRAM_NAMED_LEAST / PAGE_SIZE };
    const uint64_t second = PROGRAM_NAMED_LEAST + 3 * PAGE_SIZE;
    static paddr_t held[32u << 8];
    uint32_t count = 0;
    remember();
    make_large(4, second + PROGRAM_NAMED_LEAST + 5);
    make_elf(&m);
    make_segment(&m, 1, 4, DATA_AT, DATA_VADDR, PROGRAM_NAMED_LEAST);
    make_segment(&m, 1, 4, DATA_AT + second, 4 * DATA_VADDR, PROGRAM_NAMED_LEAST + 5);
    memcpy(file, m.bytes, DATA_AT);
    struct app *app = load_large("large");
    while (frame_free_total() > BOTH / 2) {
        held[count++] = frame_alloc(0, 0);
    }
    take(app, 0);
    while (count > 0) {
        frame_free(held[--count], 0);
    }
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.parts[CTX_IMAGE_NEEDS].count, 2);
    assert_true(program_lend(file, file_len));
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
    program_lend_end();
    assert_int_equal(app->program->len, file_len);
    assert_memory_equal(app->program->file, file, file_len);
    app_unload(app);
    free(file);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_in_memory_once),
        cmocka_unit_test(what_is_copied_as_ever),
        cmocka_unit_test(restored_where_its_file_is),
        cmocka_unit_test(refused_where_its_file_is_not),
        cmocka_unit_test(little_memory),
        cmocka_unit_test(needs_that_can_not_be),
        cmocka_unit_test(two_pieces_with_something_between_them),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
