/* SPDX-License-Identifier: MIT */
/* Which pages become writable in a call that is watched, and by whom. */
#include "app_memory.h"
#include "undo_fixture.h"
#include "undo_private.h"

/* ---- without memory in a call that ends well ---- */

/* A host may write to an app that is not being called, watched or not. */
static void written_from_outside(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    uint64_t address = (uint64_t)(uintptr_t)(s.large + 2 * PAGE_SIZE);
    assert_int_equal(machine_slot_rights(address), MAP_READ);
    assert_true(app_page_write(address));
    assert_int_equal(machine_slot_rights(address), MAP_READ | MAP_WRITE);
    assert_false(app_page_write(app->base + CTX_SLOT_TABLES));
    assert_false(app_page_write(app->base + CTX_SLOT_GATES));
    *(uint8_t *)(uintptr_t)address = 1;
    turn(app, body_spoil);
    assert_int_equal(*(uint8_t *)(uintptr_t)address, 1); /* it came before the call */
    gone(app);
}

/* What is not the app's to write does not become that, whatever lies behind its last segment's
 * entry. */
static void only_data_becomes_writable(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    turn(app, body_again); /* few pages were written: one fault, one page */
    const uint64_t first = app->base + CTX_SLOT_DYN_BIAS;
    const struct elf_segment all = {.at = CTX_SLOT_DYN_BIAS, .size = PAGE_SIZE << 8, .write = true};
    assert_true(app->segment_count < ELF_SEGMENTS);
    app->program->segments[app->segment_count] = all;
    uint32_t data = 0;
    for (uint64_t page = 0; page < 8; page++) {
        uint32_t rights = machine_slot_rights(first + page * PAGE_SIZE);
        bool is_data = page == 2 || page == 3; /* make_elf.h */
        assert_int_equal(app_page_write(first + page * PAGE_SIZE), is_data);
        assert_int_equal(machine_slot_rights(first + page * PAGE_SIZE),
                         is_data ? MAP_READ | MAP_WRITE : rights);
        data += rights == MAP_READ;
    }
    assert_int_equal(data, 3); /* and the head, which the app may read */
    assert_false(app_page_write(app->base + CTX_SLOT_CTX));
    assert_false(app_page_write(app->base + CTX_SLOT_INPUT));
    assert_true(app_page_write(app->base + CTX_SLOT_STORE));
    assert_false(app_page_write(app->base + CTX_SLOT_STORE)); /* it is already */
    memset(&app->program->segments[app->segment_count], 0, sizeof all);
    gone(app);
}

/* ---- where pixels lie ---- */

/* An image may put a surface at the very first page of the part for pixels. */
static void the_first_page_of_pixels_is_one_of_pixels(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    assert_false(undo_is_known(app->undo, CTX_SLOT_CANVAS));
    assert_true(undo_is_known(app->undo, CTX_SLOT_CANVAS - PAGE_SIZE));
    assert_true(undo_is_known(app->undo, CTX_SLOT_CANVAS_END));
    gone(app);
}

/* A surface comes where parts of two others lay that have gone: what is known of those is void. */
static void what_lay_in_the_same_place_is_watched_anew(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    struct undo *u = app->undo;
    const uint64_t pages = 4, step = pages * PAGE_SIZE, at = CTX_SLOT_CANVAS + 16 * step;
    const uint32_t first = u->area_count;
    struct watched_area *areas = &u->areas[first];
    assert_true(first + 4 <= UNDO_AREAS);
    for (uint32_t i = 0; i < 4; i++) {
        areas[i] =
            (struct watched_area){.at = at + i * step, .pages = pages, .range = RANGE_CLOSED};
    }
    u->area_count = first + 4;
    assert_int_equal(undo_mapped(app, at + step + PAGE_SIZE, pages, false), MAP_READ | MAP_WRITE);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(areas[i].range, i == 1 || i == 2 ? RANGE_OPEN : RANGE_CLOSED);
    }
    u->area_count = first;
    gone(app);
}

/* ---- a page that was free when the way of keeping changed ---- */

static int32_t body_small(struct ctx *ctx)
{
    s.block[1] = ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, PAGE_SIZE, 0);
    s.block[2] = ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, PAGE_SIZE, 0);
    ctx->mem->free(ctx->mem, s.block[1], 2 * PAGE_SIZE, PAGE_SIZE);
    return CTX_AGAIN;
}

static int32_t body_grow(struct ctx *ctx)
{
    s.large = ctx->mem->alloc(ctx->mem, LARGE, PAGE_SIZE, 0);
    memset(s.large, 0x5c, LARGE);
    return CTX_AGAIN;
}

static bool fill_list; /* of written pages, so that the next one needs a longer list */

static int32_t body_take_free_page(struct ctx *ctx)
{
    uint8_t *place = s.block[1];
    const struct undo *u = app_current()->undo;
    for (uint64_t at = 0; fill_list && u->count < u->room; at += PAGE_SIZE) {
        assert_true(at < LARGE);
        s.large[at] = 0x5c;
    }
    s.block[1] = ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, 16, 0);
    assert_ptr_equal(s.block[1], place);
    memset(s.block[1], 0x33, 2 * PAGE_SIZE);
    return CTX_AGAIN;
}

static int32_t body_spoil_it(struct ctx *ctx)
{
    (void)ctx;
    memset(s.block[1], 0x44, 2 * PAGE_SIZE);
    fake_fault(6, 0);
}

static int32_t body_see_it(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 2 * PAGE_SIZE; i++) {
        assert_int_equal(s.block[1][i], 0x33);
    }
    return CTX_AGAIN;
}

static void that_was_free(uint64_t left, uint32_t *refused)
{
    remember();
    memset(&s, 0, sizeof s);
    watch();
    struct app *app = load_v3("app restart=undo");
    turn(app, body_small);
    turn(app, body_again);
    turn(app, body_grow);
    turn(app, body_again);
    assert_int_equal(machine_slot_rights((uint64_t)(uintptr_t)s.large), MAP_READ);
    fake.once = true;
    fake.allocs_left = left;
    turn(app, body_take_free_page);
    *refused += fake.allocs_left == FAKE_ALWAYS;
    fake.once = false;
    fake.allocs_left = FAKE_ALWAYS;
    turn(app, body_spoil_it);
    assert_int_equal(app->undone, 1);
    turn(app, body_see_it);
    gone(app);
}

/* Also when there is no memory, once, for what that call would note. */
static void a_page_that_was_free(void **state)
{
    (void)state;
    for (uint32_t full = 0; full < 2; full++) {
        fill_list = full != 0;
        uint32_t refused = 0;
        for (uint32_t left = 0; left == refused; left++) {
            that_was_free(left, &refused);
        }
        assert_true(refused > 0);
    }
}

static uint64_t to_write;

static uint32_t writable(uint64_t bytes)
{
    uint32_t pages = 0;
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        pages += machine_slot_rights((uint64_t)(uintptr_t)(s.large + at)) == (MAP_READ | MAP_WRITE);
    }
    return pages;
}

static int32_t body_counts(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t page = 0; page < to_write / PAGE_SIZE; page++) {
        s.large[page * PAGE_SIZE]++; /* something else each time */
    }
    return CTX_AGAIN;
}

static int32_t body_counts_wrong(struct ctx *ctx)
{
    (void)body_counts(ctx);
    fake_fault(6, 0);
}

/* A fault for each page and call would be most of an app's time. They are watched again when they
 * are left alone, and when memory is short. */
static void pages_that_change_always_take_no_faults(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    to_write = 40 * PAGE_SIZE;
    turn(app, body_counts);
    turn(app, body_counts);
    turn(app, body_counts);
    faults_seen = 0;
    for (uint32_t i = 0; i < 20; i++) {
        turn(app, body_counts);
    }
    assert_int_equal(faults_seen, 0);
    uint8_t was = s.large[0];
    turn(app, body_counts_wrong);
    assert_int_equal(app->undone, 1);
    assert_int_equal(s.large[0], was);
    assert_int_equal(s.large[39 * PAGE_SIZE], was);
    for (uint32_t i = 0; i < 20; i++) {
        turn(app, body_again);
    }
    assert_int_equal(writable(LARGE), 0);
    turn(app, body_counts_wrong); /* and so it is noticed again */
    assert_int_equal(app->undone, 2);
    assert_int_equal(s.large[0], was);
    turn(app, body_counts);
    turn(app, body_counts);
    assert_true(writable(LARGE) >= 40);
    static paddr_t frames[8192];
    uint64_t taken = 0;
    while (app_room() >= 40) {
        assert_true(taken < ARRAY_COUNT(frames));
        frames[taken++] = frame_alloc(0, 0);
    }
    turn(app, body_again);
    assert_true(writable(LARGE) <= 1);
    while (taken > 0) {
        frame_free(frames[--taken], 0);
    }
    gone(app);
}

/* A block that comes and goes in each call: small, in a page with others, or in pages of its own.
 */
static uint64_t passing;

static int32_t body_passing_block(struct ctx *ctx)
{
    static uint8_t n;
    s.large[0] = ++n;
    uint8_t *block = ctx->mem->alloc(ctx->mem, passing, 16, 0);
    assert_non_null(block);
    memset(block, ++n, passing);
    assert_int_equal(ctx->mem->free(ctx->mem, block, passing, 16), CTX_OK);
    return CTX_AGAIN;
}

static int32_t body_passing_block_wrong(struct ctx *ctx)
{
    (void)body_passing_block(ctx);
    fake_fault(6, 0);
}

static void blocks_that_come_and_go_in_each_call_do_not_add_up(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {100, 5 * PAGE_SIZE, 2 * LARGE};
    for (uint32_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        remember();
        struct app *app = begin(LARGE);
        passing = sizes[i];
        for (uint32_t calls = 0; calls < 20; calls++) {
            turn(app, body_passing_block);
        }
        uint64_t frames = frame_free_total();
        uint32_t count = app->undo->count;
        for (uint32_t calls = 0; calls < 60; calls++) {
            turn(app, body_passing_block);
        }
        assert_true(app->undo->count <= count + 8);
        assert_true(frame_free_total() + 8 >= frames);
        uint8_t was = s.large[0];
        turn(app, body_passing_block_wrong);
        assert_int_equal(app->undone, 1);
        assert_int_equal(s.large[0], was);
        s.large[0] = 0x5c;
        turn(app, body_check);
        gone(app);
    }
}

/* The machine refuses, once in each call, to close what has been left alone: then all is closed. */
static int32_t body_counts_and_moves_on(struct ctx *ctx)
{
    static uint64_t page;
    page = (page + 1) % 64;
    s.large[(50 + page) * PAGE_SIZE]++;
    return body_counts(ctx);
}

static void refused_protection_does_not_add_up(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    to_write = 20 * PAGE_SIZE;
    uint32_t most = 0, refused = 0;
    for (uint32_t calls = 0; calls < 100; calls++) {
        fake.once = true;
        fake.protects_left = calls < 10 ? FAKE_ALWAYS : 0;
        turn(app, body_counts_and_moves_on);
        refused += calls >= 10 && fake.protects_left == FAKE_ALWAYS;
        most = MAX(most, app->undo->count);
    }
    fake.once = false;
    fake.protects_left = FAKE_ALWAYS;
    assert_true(refused > 10);
    assert_true(most < 100);
    uint8_t was = s.large[0];
    turn(app, body_counts_wrong);
    assert_int_equal(app->undone, 1);
    assert_int_equal(s.large[0], was);
    gone(app);
}

/* ---- the machine refuses where the way of keeping changes back ---- */

static int32_t body_shrink(struct ctx *ctx)
{
    assert_int_equal(ctx->mem->free(ctx->mem, s.large, LARGE, PAGE_SIZE), CTX_OK);
    s.large = NULL;
    return CTX_AGAIN;
}

static int32_t body_fill_second(struct ctx *ctx)
{
    (void)ctx;
    memset(s.block[2], 0x33, 2 * PAGE_SIZE);
    return CTX_AGAIN;
}

static int32_t body_spoil_second(struct ctx *ctx)
{
    (void)ctx;
    memset(s.block[2], 0x44, 2 * PAGE_SIZE);
    fake_fault(6, 0);
}

/* Some pages stay closed: writing to them is no fault of the app's, and undone like all else. */
static void refused_where_copies_begin_again(void **state)
{
    (void)state;
    uint32_t refused = 0;
    for (uint64_t left = 0; left < 8; left++) {
        remember();
        memset(&s, 0, sizeof s);
        watch();
        struct app *app = load_v3("app restart=undo");
        turn(app, body_small);
        turn(app, body_grow);
        turn(app, body_again);
        turn(app, body_again);
        assert_int_equal(machine_slot_rights((uint64_t)(uintptr_t)s.block[2]), MAP_READ);
        turn(app, body_shrink);
        fake.once = true;
        fake.protects_left = left;
        turn(app, body_fill_second);
        refused += fake.protects_left == FAKE_ALWAYS;
        fake.once = false;
        fake.protects_left = FAKE_ALWAYS;
        assert_int_equal(app->faults, 0);
        turn(app, body_spoil_second);
        assert_int_equal(app->undone, 1);
        for (uint32_t i = 0; i < 2 * PAGE_SIZE; i++) {
            assert_int_equal(s.block[2][i], 0x33);
        }
        turn(app, body_fill_second);
        assert_int_equal(app->faults, 1);
        gone(app);
    }
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_that_change_always_take_no_faults),
        cmocka_unit_test(blocks_that_come_and_go_in_each_call_do_not_add_up),
        cmocka_unit_test(refused_protection_does_not_add_up),
        cmocka_unit_test(written_from_outside),
        cmocka_unit_test(only_data_becomes_writable),
        cmocka_unit_test(the_first_page_of_pixels_is_one_of_pixels),
        cmocka_unit_test(what_lay_in_the_same_place_is_watched_anew),
        cmocka_unit_test(a_page_that_was_free),
        cmocka_unit_test(refused_where_copies_begin_again),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
