/* SPDX-License-Identifier: MIT */
/* What is kept of files: shared, given back, looked up; and apps that begin anew from it. */
#include "policy.h"
#include "program.h"
#include "v3_fixture.h"

static const struct ctx_note no_note;

/* Sections: none, the symbols, the strings. */
#define SYMBOLS  0x3000u
#define STRINGS  0x4000u
#define SECTIONS 0x5000u

static void symbol(uint32_t no, uint32_t name, uint32_t type, uint64_t value, uint64_t size)
{
    uint64_t at = SYMBOLS + 24u * no;
    make_put(&m, at, name, 4);
    make_put(&m, at + 4, type, 1);
    make_put(&m, at + 8, value, 8);
    make_put(&m, at + 16, size, 8);
}

static void make_sections(void)
{
    make_elf(&m);
    memcpy(m.bytes + STRINGS, "\0outer\0inner\0bare\0data", 23);
    symbol(1, 1, 2, 0x1000, 0x100);
    symbol(2, 7, 2, 0x1040, 0x10);
    symbol(3, 13, 2, 0x1200, 0); /* as assembly has them: without a size */
    symbol(4, 18, 1, 0x2000, 0x100);
    symbol(5, 999, 2, 0x1300, 0x10); /* its name lies nowhere */
    make_put(&m, 40, SECTIONS, 8);
    make_put(&m, 58, 64, 2);
    make_put(&m, 60, 3, 2);
    make_put(&m, SECTIONS + 64 + 4, 2, 4);
    make_put(&m, SECTIONS + 64 + 24, SYMBOLS, 8);
    make_put(&m, SECTIONS + 64 + 32, 24u * 6, 8);
    make_put(&m, SECTIONS + 64 + 40, 2, 4);
    make_put(&m, SECTIONS + 128 + 4, 3, 4);
    make_put(&m, SECTIONS + 128 + 24, STRINGS, 8);
    make_put(&m, SECTIONS + 128 + 32, 23, 8);
    m.len = SECTIONS + 192;
}

static void is_at(const struct program *p, uint64_t vaddr, const char *name, uint64_t offset)
{
    struct program_symbol s;
    bool found = program_find(p, vaddr, &s);
    assert_int_equal(found, name != NULL);
    if (found) {
        assert_int_equal(s.name_len, strlen(name));
        assert_memory_equal(s.name, name, s.name_len);
        assert_int_equal(s.offset, offset);
    }
}

static void lookup(void **state)
{
    (void)state;
    remember();
    make_sections();
    struct program *p = program_keep(m.bytes, m.len, &no_note);
    assert_non_null(p);
    memset(m.bytes, 0x55, sizeof m.bytes); /* the bytes were copied */
    is_at(p, 0xfff, NULL, 0);
    is_at(p, 0x1000, "outer", 0);
    is_at(p, 0x103f, "outer", 0x3f);
    is_at(p, 0x1040, "inner", 0);
    is_at(p, 0x104f, "inner", 0xf);
    is_at(p, 0x1050, "outer", 0x50);
    is_at(p, 0x1100, NULL, 0);
    is_at(p, 0x1200, "bare", 0);
    is_at(p, 0x1308, "bare", 0x108);
    is_at(p, UINT64_MAX, "bare", UINT64_MAX - 0x1200);
    is_at(p, 0, NULL, 0);
    program_drop(p);
    all_is_back();
}

/* Found by the fuzzer: sizes that reach around all addresses, in front of the function too. */
static void a_function_begins_before_what_is_in_it(void **state)
{
    (void)state;
    remember();
    make_sections();
    symbol(1, 1, 2, 0x1000, UINT64_MAX);
    symbol(2, 7, 2, 0x1040, UINT64_MAX - 0x10);
    struct program *p = program_keep(m.bytes, m.len, &no_note);
    assert_non_null(p);
    is_at(p, 0xff0, NULL, 0);
    is_at(p, 0x103f, "outer", 0x3f);
    is_at(p, 0x1041, "inner", 1);
    program_drop(p);
    all_is_back();
}

static void sharing(void **state)
{
    (void)state;
    remember();
    make_sections();
    struct program *a = program_keep(m.bytes, m.len, &no_note);
    uint64_t used = heap_used();
    struct program *b = program_keep(m.bytes, m.len, &no_note);
    assert_ptr_equal(a, b);
    assert_ptr_equal(program_keep(m.bytes, m.len, &no_note), a); /* three users */
    assert_int_equal(heap_used(), used);
    m.bytes[0x2001] ^= 1; /* another file */
    struct program *c = program_keep(m.bytes, m.len, &no_note);
    assert_ptr_not_equal(a, c);
    m.bytes[0x2001] ^= 1;
    program_drop(a);
    program_drop(a);
    assert_ptr_equal(program_keep(m.bytes, m.len, &no_note), a);
    program_drop(a);
    is_at(a, 0x1000, "outer", 0);
    program_drop(a);
    program_drop(c);
    program_drop(NULL);
    all_is_back();
    /* Instances of one file share it too; only the part that loading needs is kept. */
    make_sections();
    struct app *one = app_load(m.bytes, m.len, "x", "one");
    struct app *two = app_load(m.bytes, m.len, "x", "two");
    assert_ptr_equal(one->program, two->program);
    assert_int_equal(one->program->len, MADE_SIZE);
    app_unload(one);
    is_at(two->program, 0x1000, "outer", 0);
    app_unload(two);
    all_is_back();
}

/* A file with a wrong section table runs as well; it only has no names. */
static void broken_tables(void **state)
{
    (void)state;
    static const struct {
        uint32_t at, size;
    } words[] = {{40, 8},
                 {58, 2},
                 {60, 2},
                 {SECTIONS + 64 + 4, 4},
                 {SECTIONS + 64 + 24, 8},
                 {SECTIONS + 64 + 32, 8},
                 {SECTIONS + 64 + 40, 4},
                 {SECTIONS + 128 + 24, 8},
                 {SECTIONS + 128 + 32, 8},
                 {SYMBOLS + 24, 4},
                 {SYMBOLS + 24 + 16, 8}};
    static const uint64_t values[] = {
        0,      1,      23,     24,         63,         64,        0x2300,         0x5000,
        0x50c0, 0x50c1, 0xffff, 0x7fffffff, 0xffffffff, INT64_MAX, UINT64_MAX - 7, UINT64_MAX};
    uint32_t found = 0;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        for (size_t k = 0; k < ARRAY_COUNT(values); k++) {
            remember();
            make_sections();
            make_put(&m, words[i].at, values[k], words[i].size);
            uint8_t *exact = malloc(m.len); /* where a step outside is seen */
            assert_non_null(exact);
            memcpy(exact, m.bytes, m.len);
            struct app *app = app_load(exact, m.len, "broken.elf", "app");
            free(exact);
            assert_non_null(app);
            for (uint64_t vaddr = 0xff0; vaddr < 0x1400; vaddr += 8) {
                struct program_symbol s;
                found += program_find(app->program, vaddr, &s);
            }
            app_unload(app);
            all_is_back();
        }
    }
    assert_true(found > 100);
    /* Cut off anywhere behind what is loaded. */
    for (uint32_t len = MADE_SIZE; len < SECTIONS + 192; len += 61) {
        make_sections();
        uint8_t *exact = malloc(len);
        assert_non_null(exact);
        memcpy(exact, m.bytes, len);
        struct app *app = app_load(exact, len, "cut.elf", "app");
        free(exact);
        assert_non_null(app);
        is_at(app->program, 0x1000, NULL, 0);
        app_unload(app);
    }
    all_is_back();
}

static void version_and_build_id(void **state)
{
    (void)state;
    remember();
    make_sections();
    static const uint8_t note[] = {4,   0,   0,   0, 6,    0,    0,    0,    3, 0, 0, 0,
                                   'G', 'N', 'U', 0, 0xde, 0xad, 0xbe, 0xef, 1, 2, 0, 0};
    memcpy(m.bytes + 0x6000, note, sizeof note);
    make_segment(&m, 4, 4, 0x6000, 0x6000, sizeof note);
    m.len = 0x6000 + sizeof note;
    struct ctx_note with = {.has = 1u << CTX_NOTE_VERSION};
    char text[100];
    memset(text, 'v', sizeof text);
    with.version = text;
    with.version_len = sizeof text;
    struct program *p = program_keep(m.bytes, m.len, &with);
    assert_int_equal(p->build_id_len, 6);
    assert_memory_equal(p->build_id, note + 16, 6);
    assert_int_equal(strlen(p->version), sizeof p->version - 1);
    program_drop(p);
    for (uint32_t at = 0; at < 12; at++) { /* a note that claims too much */
        m.bytes[0x6000 + at] = 0xff;
        p = program_keep(m.bytes, m.len, &no_note);
        assert_in_range(p->build_id_len, 0, PROGRAM_BUILD_ID);
        program_drop(p);
        m.bytes[0x6000 + at] = note[at];
    }
    all_is_back();
}

/* ---- beginning anew ---- */

static int32_t body_busy(struct ctx *ctx)
{
    uint32_t *out = own(ctx, 70000);
    (void)ctx->display->create(ctx->display, 64, 64, CTX_SURFACE_RGBA, 0, out);
    (void)ctx->alloc(10000, 4096);
    const struct ctx_table *table;
    (void)open_table(ctx, CTX_ID_RANDOM, 0, &table);
    (void)app_page_in(app_current()->base + app_current()->stack_low);
    ctx->events->wait(ctx->events, 2);
    *ctx->store = out;
    return CTX_WAIT;
}

static int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static int32_t body_again(struct ctx *ctx)
{
    (void)ctx;
    return CTX_AGAIN;
}

static void begin_anew(struct app *app)
{
    fake.now_ns = MAX(fake.now_ns, app->turn.deadline_ns);
    ready_remove(app);
    call(app, body_again);
    app_settle();
}

static void a_thousand_restarts(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("phoenix restart=on-fault:4294967295 instrument=alloc");
    uint64_t frames = 0, used = 0, mapped = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        fake_serial_clear();
        call(app, body_busy);
        call(app, body_fault);
        app_settle();
        assert_int_equal(app->pages, 0);
        assert_null(app->v3);
        if (i == 0) {
            frames = frame_free_total();
            used = heap_used();
            mapped = fake.extents_live;
        }
        assert_int_equal(frame_free_total(), frames);
        assert_int_equal(heap_used(), used);
        assert_int_equal(fake.extents_live, mapped);
        begin_anew(app);
        assert_int_equal(app->restarts, i + 1);
        assert_int_equal(app->store, 0); /* nothing is left of its former life */
    }
    app_unload(app);
    all_is_back();
}

/* The n-th frame is refused while it begins anew, and all from the n-th on. */
static void restarts_without_memory(void **state)
{
    (void)state;
    uint32_t failed = 0;
    for (uint32_t once = 0; once < 2; once++) {
        for (uint64_t n = 0, needed = UINT64_MAX; n < needed; n++) {
            remember();
            fake_serial_clear();
            struct app *app = load_v3("poor restart=on-fault instrument=alloc");
            call(app, body_busy);
            call(app, body_fault);
            app_settle();
            uint64_t frames = frame_free_total();
            fake.once = once != 0;
            fake.allocs_left = n;
            uint64_t calls = fake.alloc_calls;
            begin_anew(app);
            calls = fake.alloc_calls - calls;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            if (app->base == 0) {
                failed++;
                assert_true(fake_said("can not begin anew"));
                assert_int_equal(frame_free_total(), frames); /* nothing is half there */
                assert_int_equal(app->pages, 0);
                begin_anew(app);
            }
            assert_int_not_equal(app->base, 0);
            assert_int_equal(app->restarts, 1);
            needed = n >= calls ? n : needed;
            app_unload(app);
            all_is_back();
            assert_true(n < 500);
        }
    }
    assert_true(failed > 10);
}

/* ---- text that instances share ---- */

static uint8_t *code_of(const struct app *app)
{
    return machine_direct(machine_slot_frame(app->base + CTX_SLOT_DYN_BIAS + 0x1000));
}

/* The n-th allocation is refused to the first; for the second there is all it asks for. */
static void an_instance_that_came_before_there_was_text_to_share_gives_its_pages_back(void **state)
{
    (void)state;
    uint32_t apart = 0;
    for (uint64_t n = 0; n < 60; n++) {
        remember();
        fake_serial_clear();
        make_elf(&m);
        fake.once = true;
        fake.allocs_left = n;
        struct app *one = app_load(m.bytes, m.len, "x", "one");
        fake.allocs_left = FAKE_ALWAYS;
        fake.once = false;
        struct app *two = app_load(m.bytes, m.len, "x", "two");
        struct app *three = app_load(m.bytes, m.len, "x", "three");
        assert_ptr_equal(code_of(two), code_of(three));
        if (one != NULL) {
            apart += code_of(one) != code_of(two);
            app_unload(one);
        }
        app_unload(three);
        app_unload(two);
        all_is_back();
    }
    assert_true(apart > 0);
}

static void an_app_that_is_stopped_takes_no_memory_for_its_text(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("still");
    uint64_t used = heap_used();
    app_set_fate(app, FATE_STOP, 0);
    app_settle();
    assert_true(heap_used() < used);
    for (uint32_t i = 0; i < app->program->segment_count; i++) {
        assert_int_equal(app->program->text[i], 0);
    }
    app_unload(app);
    all_is_back();
}

/* Wild writes reach the direct map: whoever crashes for that begins anew with what the file says,
 * whether others still have the same pages or not. */
static void who_begins_anew_has_the_code_of_the_file_again(void **state)
{
    (void)state;
    remember();
    for (uint32_t others = 0; others < 2; others++) {
        fake_serial_clear();
        struct app *app = load_v3("phoenix restart=on-fault");
        struct app *other = others != 0 ? load_v3("other") : NULL;
        uint8_t right[PAGE_SIZE];
        memcpy(right, code_of(app), sizeof right);
        memset(code_of(app), 0xcc, PAGE_SIZE);
        call(app, body_fault);
        app_settle();
        assert_int_equal(app->base, 0);
        begin_anew(app);
        assert_int_not_equal(app->base, 0);
        assert_memory_equal(code_of(app), right, sizeof right);
        app_unload(app);
        if (other != NULL) {
            app_unload(other);
        }
        all_is_back();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookup),
        cmocka_unit_test(a_function_begins_before_what_is_in_it),
        cmocka_unit_test(sharing),
        cmocka_unit_test(broken_tables),
        cmocka_unit_test(version_and_build_id),
        cmocka_unit_test(a_thousand_restarts),
        cmocka_unit_test(restarts_without_memory),
        cmocka_unit_test(an_instance_that_came_before_there_was_text_to_share_gives_its_pages_back),
        cmocka_unit_test(an_app_that_is_stopped_takes_no_memory_for_its_text),
        cmocka_unit_test(who_begins_anew_has_the_code_of_the_file_again),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
