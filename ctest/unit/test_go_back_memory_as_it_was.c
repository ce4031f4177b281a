/* SPDX-License-Identifier: MIT */
/* The heap of an app that goes back, down to where its next blocks lie; and data in several pieces.
 */
#include "go_back_fixture.h"
#include "undo.h"

#include <signal.h>

/* ---- in place, or anew ---- */

static int32_t body_other_order(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 3; i++) {
        hole[i] = ctx->alloc(200, 16);
    }
    for (uint32_t i = 0; i < 3; i++) {
        ctx->dealloc(hole[i], 200, 16);
    }
    return 0;
}

/* The same blocks, but freed in another order: the next ones lie where they would have lain. */
static void the_next_blocks_lie_where_they_would_have(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_holes);
    take_open(app, 0);
    call(app, body_other_order);
    uint8_t *wanted[3];
    memcpy(wanted, hole, sizeof wanted);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        memset(hole, 0, sizeof hole);
        call(app, body_other_order);
        assert_memory_equal(hole, wanted, sizeof wanted);
    }
    app_unload(app);
}

static int32_t body_data(struct ctx *ctx)
{
    (void)ctx->alloc(100, 16);
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    data[0] = 7; /* a page that was zero when it was saved */
    data[PAGE_SIZE / 8] = 7;
    return 0;
}

static int32_t body_data_is_zero(struct ctx *ctx)
{
    (void)ctx;
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    assert_int_equal(data[0] + data[PAGE_SIZE / 8], 0);
    return 0;
}

static void nothing_was_allocated_then(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    take_open(app, 0);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_data);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        call(app, body_data_is_zero);
        assert_int_equal(app->faults, 0);
        struct slotheap_usage usage = {0};
        slotheap_usage(app->heap, &usage);
        assert_int_equal(usage.blocks, 0);
    }
    app_unload(app);
    all_is_back();
}

static int32_t body_one_and_a_hole(struct ctx *ctx)
{
    hole[0] = ctx->alloc(200, 16);
    hole[1] = ctx->alloc(200, 16);
    hole[2] = ctx->alloc(200, 16);
    ctx->dealloc(hole[1], 200, 16);
    ctx->dealloc(hole[2], 200, 16);
    memset(hole[0], 0x71, 200);
    return 0;
}

static int32_t body_one_is_there(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(hole[0][i], 0x71);
    }
    ctx->dealloc(hole[0], 200, 16);
    return 0;
}

/* It has a heap in the image, as many blocks as holes, and none yet. */
static void nothing_was_allocated_since(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    call(app, body_one_and_a_hole);
    take_open(app, 0);
    uint64_t free_blocks = f.image.parts[CTX_IMAGE_FREE].count;
    assert_int_equal(f.image.parts[CTX_IMAGE_HEAP].count, 1);
    assert_int_equal(free_blocks, 1);
    slotheap_delete(app->heap);
    app->heap = NULL;
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_non_null(app->heap);
    call(app, body_one_is_there);
    struct slotheap_usage usage = {0};
    slotheap_usage(app->heap, &usage);
    assert_int_equal(usage.blocks, 0);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

static uint8_t *freed;

static int32_t body_block(struct ctx *ctx)
{
    if (freed == NULL) {
        freed = ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, PAGE_SIZE, 0);
        (void)ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, PAGE_SIZE, 0);
        memset(freed, 0x61, 2 * PAGE_SIZE);
        return CTX_AGAIN;
    }
    ctx->mem->free(ctx->mem, freed, 2 * PAGE_SIZE, PAGE_SIZE);
    return CTX_AGAIN;
}

static int32_t body_block_fault(struct ctx *ctx)
{
    (void)ctx;
    memset(freed, 0x99, 2 * PAGE_SIZE);
    fake_fault(6, 0);
}

static int32_t body_block_check(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 2 * PAGE_SIZE; i++) {
        assert_int_equal(freed[i], 0x61);
    }
    return CTX_AGAIN;
}

/* A block that is there again, in a page that never went: it is copied before each call again. */
static void what_came_back_is_undone_as_well(void **state)
{
    (void)state;
    remember();
    freed = NULL;
    struct app *app = load_v3("app restart=undo");
    turn(app, body_block);
    take_open(app, 0);
    turn(app, body_block);
    turn(app, body_again);
    uint64_t base = app->base;
    assert_int_not_equal(machine_slot_frame((uint64_t)(uintptr_t)freed), 0);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_int_equal(app->base, base);
    turn(app, body_block_check);
    turn(app, body_block_fault);
    assert_int_equal(app->undone, 1);
    turn(app, body_block_check);
    assert_int_equal(app->faults, 1);
    app_unload(app);
    all_is_back();
}

/* ---- data in several pieces ---- */

#define SECOND_AT 0x6000u /* before it, in the list, stands one at 0x7000 */
#define FIRST_AT  0x7000u

static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

static uint64_t *piece(uint32_t no)
{
    static const uint32_t at[] = {0x2400, FIRST_AT, SECOND_AT};
    return (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + at[no]);
}

static int32_t body_pieces(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 3; i++) {
        *piece(i) = 100 + i;
    }
    return 0;
}

static int32_t body_pieces_are_there(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(*piece(i), 100 + i);
    }
    return 0;
}

static int32_t body_pieces_fault(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 3; i++) {
        *piece(i) = 666;
    }
    fake_fault(6, 0);
}

static int32_t body_much(struct ctx *ctx)
{
    (void)ctx->alloc(UNDO_COPY_PAGES * 2u * PAGE_SIZE, 16);
    return 0;
}

static struct app *load_pieces(const char *words)
{
    make_elf(&m);
    m.len = sizeof m.bytes;
    make_segment(&m, 1, 6, FIRST_AT, FIRST_AT, 0x100);
    make_segment(&m, 1, 6, SECOND_AT, SECOND_AT, 0x100);
    struct app *app = app_load(m.bytes, m.len, "pieces.elf", words);
    assert_non_null(app);
    return app;
}

static void two_writable_segments_out_of_order(void **state)
{
    (void)state;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        struct app *app = load_pieces("pieces");
        call(app, body_pieces);
        take_open(app, packed != 0 ? SAVE_PACKED : 0);
        call(app, body_pieces_fault);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        call(app, body_pieces_are_there);
        app_unload(app);
        assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
        call(app, body_pieces_are_there);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
    for (uint32_t much = 0; much < 2; much++) { /* copied, or watched */
        remember();
        struct app *app = load_pieces("pieces restart=undo");
        if (much != 0) {
            turn(app, body_much);
        }
        turn(app, body_pieces);
        for (uint32_t i = 0; i < 3; i++) {
            turn(app, body_pieces_fault);
            assert_int_equal(app->undone, i + 1);
            turn(app, body_pieces_are_there);
        }
        assert_int_equal(app->faults, 3);
        app_unload(app);
        all_is_back();
    }
}

#define WORDS (PAGE_SIZE / (uint32_t)sizeof(uint64_t))

static uint8_t *worded;

static int32_t body_one_word_of_each(struct ctx *ctx)
{
    worded = ctx->alloc((uint64_t)WORDS * PAGE_SIZE, PAGE_SIZE);
    memset(worded, 0, (size_t)WORDS * PAGE_SIZE);
    for (uint32_t i = 0; i < WORDS; i++) {
        ((uint64_t *)(worded + (uint64_t)i * PAGE_SIZE))[i] = i + 1;
    }
    return 0;
}

static int32_t body_each_has_its_word(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < WORDS; i++) {
        const uint64_t *page = (const uint64_t *)(worded + (uint64_t)i * PAGE_SIZE);
        for (uint32_t n = 0; n < WORDS; n++) {
            assert_int_equal(page[n], n == i ? i + 1 : 0);
        }
    }
    return 0;
}

/* Wherever it lies in its page, and whatever lies behind the page. */
static void a_page_with_one_word_is_not_zero(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_one_word_of_each);
    take_open(app, 0);
    app_unload(app);
    app = bring_back();
    call(app, body_each_has_its_word);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_blocks_lie_where_they_would_have),
        cmocka_unit_test(nothing_was_allocated_then),
        cmocka_unit_test(nothing_was_allocated_since),
        cmocka_unit_test(what_came_back_is_undone_as_well),
        cmocka_unit_test(two_writable_segments_out_of_order),
        cmocka_unit_test(a_page_with_one_word_is_not_zero),
    };
    return cmocka_run_group_tests(tests, boot_late, done);
}
