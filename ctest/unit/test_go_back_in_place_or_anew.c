/* SPDX-License-Identifier: MIT */
/* Going back to an image while the app runs: in place where it has kept what lies outside its
 * pages, else anew. */
#include "go_back_fixture.h"

static int32_t body_table(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &t), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_larger(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, s.second, 51, 30), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_taller(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, s.second, 50, 31), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_one_less(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, s.second), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_one_more(struct ctx *ctx)
{
    assert_int_equal(ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_another(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    assert_int_equal(d->destroy(d, s.second), CTX_OK);
    assert_int_equal(d->create(d, 50, 30, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_with_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->display->canvas(ctx->display), CTX_OK);
    return body_spoil(ctx);
}

/* In place it keeps the pages of its heap; anew it has others. */
static void what_was_kept_stays_in_place(void **state)
{
    (void)state;
    static const struct {
        int32_t (*body)(struct ctx *);
        bool in_place;
    } ways[] = {{body_spoil, true},    {body_table, true},       {body_larger, false},
                {body_taller, false},  {body_one_less, false},   {body_one_more, false},
                {body_another, false}, {body_with_canvas, false}};
    static const uint32_t flags[] = {0, SAVE_PACKED, SAVE_UNCHECKED | SAVE_BARE};
    for (uint32_t i = 0; i < ARRAY_COUNT(ways) * 3; i++) {
        remember();
        struct app *app = load_v3("app");
        call(app, body_begin);
        take_open(app, flags[i % 3]);
        call(app, ways[i / 3].body);
        assert_int_equal(app->faults, 0);
        fake.small_ones_free = true;
        uint64_t allocs = fake.alloc_calls;
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        allocs = fake.alloc_calls - allocs;
        fake.small_ones_free = false;
        if (ways[i / 3].in_place != (allocs < 10)) {
            print_error("way %u: %llu allocations\n", i, (unsigned long long)allocs);
            fail();
        }
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        assert_int_equal(app->epoch, 1);
        app_unload(app);
        all_is_back();
    }
}

/* A page of the image that the slot has lost does not shift those behind it. */
static void a_page_that_is_not_there(void **state)
{
    (void)state;
    static const uint32_t flags[] = {0, SAVE_PACKED, SAVE_UNCHECKED | SAVE_BARE};
    for (uint32_t i = 0; i < ARRAY_COUNT(flags) * 4; i++) {
        remember();
        struct app *app = load_v3("app");
        call(app, body_begin);
        take_open(app, flags[i % 3]);
        call(app, body_spoil);
        uint64_t at = (uint64_t)(uintptr_t)s.pixels + i / 3 * PAGE_SIZE;
        uint64_t frame = machine_slot_frame(at);
        machine_slot_unmap(at, 1 + i / 3 % 2);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        for (uint64_t page = 0; page < 1 + i / 3 % 2; page++) {
            paddr_t its = frame + page * PAGE_SIZE;
            assert_int_equal(*(uint8_t *)machine_direct(its), 0xee); /* nobody has written there */
            assert_int_equal(machine_slot_map(at + page * PAGE_SIZE, its, 1, 3), CTX_OK);
            memset(machine_direct(its), 0x33, PAGE_SIZE);
        }
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
}

/* An image may leave less room for the stack; then that is what the app has. */
static void a_stack_of_another_size(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take_open(app, 0);
    struct ctx_image_app *a =
        (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
    uint64_t low = a->stack_low;
    assert_int_equal(app->stack_low, low);
    for (uint32_t i = 0; i < 2; i++) {
        a->stack_low = low + (i == 0 ? 2 * PAGE_SIZE : 0);
        image_reseal(f.bytes, f.len);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->stack_low, a->stack_low);
        call(app, body_check);
        assert_int_equal(app->faults, 0);
    }
    app_unload(app);
}

/* The two tables were opened in another order, by another instance of the same file. */
static int32_t body_begin_otherwise(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    return body_begin(ctx);
}

static void other_tables_are_made_anew(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take_open(app, 0);
    uint64_t base = app->base;
    app_unload(app);
    __typeof__(s) places = s;
    for (uint32_t few = 0; few < 2; few++) {
        app = load_v3("app");
        if (few == 0) {
            call(app, body_begin_otherwise);
        }
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->base, base);
        s = places;
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        app_unload(app);
    }
}

static uint64_t second_at;

static int32_t body_second_lies_there(struct ctx *ctx)
{
    const uint8_t *pixels = ctx->display->pixels(ctx->display, s.second);
    assert_int_equal((uint64_t)(uintptr_t)pixels - app_current()->base, second_at);
    return body_check(ctx);
}

/* All is the same but where it lay. */
static void a_surface_that_lay_elsewhere_lies_there_again(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take(app, 0);
    struct ctx_image_surface *surfaces =
        (struct ctx_image_surface *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SURFACES));
    surfaces[1].at += 3 * PAGE_SIZE;
    second_at = surfaces[1].at;
    image_reseal(f.bytes, f.len);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    call(app, body_second_lies_there);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

/* It is content with version 2, and began with that; the image is of when it had version 3. */
static void it_goes_back_to_the_images_version(void **state)
{
    (void)state;
    for (uint32_t bare = 0; bare < 2; bare++) {
        make_elf(&m);
        make_note(&m, CTX_NOTE_MINIMUM, 2);
        struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "app");
        assert_int_equal(app->version, 3);
        call(app, body_begin);
        take_open(app, bare != 0 ? SAVE_UNCHECKED | SAVE_BARE : 0);
        app_unload(app);
        app_set_offer(2, false);
        app = app_load(m.bytes, m.len, "/apps/made.elf", "app");
        assert_int_equal(app->version, 2);
        app_set_offer(CTX_ABI_VERSION, false);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->version, 3);
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        app_unload(app);
    }
}

/* Whoever was to end or to begin anew goes back all the same. */
static void a_fate_is_taken_back(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take_open(app, 0);
    call(app, body_spoil);
    app_set_fate(app, FATE_UNLOAD, 0);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    app_settle();
    assert_int_equal(app_count(), 1);
    call(app, body_check);
    app_unload(app);
}

/* Its place is another app's now. */
static void another_app_lives_there(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take_open(app, 0);
    uint64_t base = app->base;
    app_set_fate(app, FATE_RESTART, fake.now_ns);
    app_settle();
    struct app *other = NULL;
    while (other == NULL || other->base != base) { /* slots are given at random */
        if (other != NULL) {
            app_unload(other);
        }
        other = load_v3("other");
    }
    assert_true(app_begin_anew(app));
    call(app, body_begin);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_E_EXIST);
    assert_text(f.error.field, "app.base");
    call(app, body_check); /* nothing has happened to it */
    app_unload(other);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_int_equal(app->base, base);
    app_unload(app);
}

/* With each allocation refused in turn it goes back, or begins anew and says so. */
static void little_memory(void **state)
{
    (void)state;
    static const uint32_t flags[] = {0, SAVE_PACKED, SAVE_UNCHECKED | SAVE_BARE};
    uint32_t failed = 0;
    for (uint32_t way = 0; way < 4 * ARRAY_COUNT(flags); way++) {
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            remember();
            struct app *app = load_v3("app");
            call(app, body_begin);
            take_open(app, flags[way / 4]);
            struct slotheap_usage then = {0}, now = {0};
            const uint64_t entry = app->entry, bias = app->bias;
            slotheap_usage(app->heap, &then);
            call(app, (way & 1) != 0 ? body_larger : body_spoil);
            fake.once = (way & 2) != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = app_go_back(app, &f.image, &f.error);
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            if (status == CTX_OK) {
                slotheap_usage(app->heap, &now);
                assert_int_equal(now.blocks, then.blocks);
                assert_int_equal(now.bytes, then.bytes);
                assert_int_equal(app->entry, entry); /* of its file, if it was built anew */
                assert_int_equal(app->bias, bias);
                call(app, body_check);
                assert_int_equal(app->faults, 0);
            } else {
                assert_int_equal(status, CTX_E_NOMEM);
                assert_text(f.error.field, "memory");
                failed++;
            }
            app_settle();
            app_unload(app);
            all_is_back();
            assert_true(n < 2000);
        }
    }
    assert_true(failed > 10);
}

/* The checksum is not one against malice: whoever wants to finds a file that has the same. What is
 * known of memory is that of the file that the app has. */
static void the_image_of_a_program_with_the_same_checksum(void **state)
{
    (void)state;
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        make_elf(&m);
        m.bytes[MADE_SIZE] = 1; /* one page more, and longer by a byte */
        make_segment(&m, 1, 4, MADE_SIZE, 0x8300, 1);
        m.len = MADE_SIZE + 1;
        m.bytes[0x1008] ^= 1;
        struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "app");
        assert_non_null(app);
        call(app, body_again);
        take_open(app, packed != 0 ? SAVE_PACKED : 0);
        uint64_t hash = program_hash(app->program), pid = app->pid;
        app_unload(app);
        app = load("app");
        app->pid = pid;
        app->program->hash = hash;
        app->program->hashed = true;
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_E_INVAL);
        assert_text(f.error.reason, "the image of another program");
        call(app, body_again);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_image_of_a_program_with_the_same_checksum),
        cmocka_unit_test(what_was_kept_stays_in_place),
        cmocka_unit_test(a_page_that_is_not_there),
        cmocka_unit_test(a_stack_of_another_size),
        cmocka_unit_test(other_tables_are_made_anew),
        cmocka_unit_test(a_surface_that_lay_elsewhere_lies_there_again),
        cmocka_unit_test(it_goes_back_to_the_images_version),
        cmocka_unit_test(a_fate_is_taken_back),
        cmocka_unit_test(another_app_lives_there),
        cmocka_unit_test(little_memory),
    };
    return cmocka_run_group_tests(tests, boot_late, done);
}
