/* SPDX-License-Identifier: MIT */
/* Nothing is left of an app, whatever went wrong: every counter is back where it was. */
#include "app_fixture.h"
#include "gate.h"

static int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static void refused_files_leave_nothing(void **state)
{
    (void)state;
    remember();
    uint32_t refused = app_refused_count();
    struct rng rng = {9};
    uint32_t tried = 0;
    for (uint32_t i = 0; i < 1500; i++) {
        make_elf(&m);
        for (uint64_t n = 1 + rng_below(&rng, 3); n > 0; n--) {
            uint64_t at = rng_below(&rng, 2) != 0 ? rng_below(&rng, PH(MADE_PHNUM))
                                                  : MADE_DYN_AT + rng_below(&rng, 0x190);
            m.bytes[at] = (uint8_t)rng_next(&rng);
        }
        struct app *app = app_load(m.bytes, m.len, "random.elf", "");
        if (app != NULL) {
            app_unload(app);
        } else {
            tried++;
        }
        all_is_back();
    }
    assert_true(tried > 100);
    assert_int_equal(app_refused_count(), refused + tried);
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 4);
    fake_serial_clear();
    assert_null(app_load(m.bytes, m.len, "new.elf", ""));
    assert_true(fake_said("E app: refused file=new.elf field=note.minimum value=0x4: "));
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 2);
    make_note(&m, CTX_NOTE_REQUIRED, 0x20202020); /* that nobody will ever offer: it waits */
    for (uint32_t i = 0; i < 2; i++) {
        struct app *waits = app_load(m.bytes, m.len, "new.elf", "");
        assert_non_null(waits);
        assert_int_equal(waits->base, 0);
        app_unload(waits);
        if (i == 0) {
            remember(); /* the heap of deadlines is made once, and stays */
        }
    }
    all_is_back();
}

static int32_t body_busy(struct ctx *ctx)
{
    struct app *app = app_current();
    void *keep = ctx->alloc(10000, 4096);
    void *gone = ctx->alloc(70 * 4096, 64);
    (void)ctx->alloc(5, 1u << 24);
    ctx->dealloc(gone, 70 * 4096, 64);
    (void)app_page_in(app->base + app->stack_low);
    *ctx->store = keep;
    return 0;
}

static void a_thousand_lives(void **state)
{
    (void)state;
    remember();
    for (uint32_t i = 0; i < 1000; i++) {
        fake_serial_clear();
        struct app *app = load("mayfly");
        struct app *second = i % 3 == 0 ? load("other") : NULL;
        call(app, body_busy);
        call(app, body_busy);
        if (i % 5 == 0) {
            call(app, body_fault);
        }
        if (i % 7 == 0) {
            assert_int_equal(
                gate_bind(app, CTX_GATE_V1_LOG, (struct gate_binding){.to = GATE_DENIED}), CTX_OK);
        }
        app_unload(app);
        if (second != NULL) {
            app_unload(second);
        }
        all_is_back();
    }
}

static int32_t body_hoards(struct ctx *ctx)
{
    while (ctx->alloc(1u << 16, 16) != NULL) {
    }
    return 0;
}

static int32_t body_digs(struct ctx *ctx)
{
    struct app *app = app_current();
    uint64_t low = app->base + app->stack_low;
    (void)ctx;
    for (uint64_t at = app->base + CTX_SLOT_STACK_TOP - 2 * PAGE_SIZE; at >= low; at -= PAGE_SIZE) {
        if (!app_page_in(at)) {
            return 0;
        }
    }
    *ctx->store = app; /* it has all of its stack */
    return 0;
}

/* Files took what was left for stacks: an innocent app faulted on its own. */
static void memory_is_left_for_stacks_and_kernel(void **state)
{
    (void)state;
    remember();
    enum { DIGGERS = 20 };
    struct app *digger[DIGGERS];
    for (uint32_t i = 0; i < DIGGERS; i++) {
        digger[i] = load("digger");
    }
    uint64_t total = frame_free_total();
    struct app *hoarder = load("hoarder mem=4G");
    call(hoarder, body_hoards);
    uint64_t left = frame_free_total();
    assert_true(left > total / 20); /* no heap took that */
    fake_serial_clear();
    struct app *more[400];
    uint32_t count = 0;
    do { /* and no file */
        make_elf(&m);
        more[count] = app_load(m.bytes, m.len, "made.elf", "one more");
    } while (more[count] != NULL && ++count < 400);
    assert_true(fake_said("refused file=made.elf field=memory"));
    assert_true(frame_free_total() > total / 20);
    uint32_t whole = 0;
    for (uint32_t i = 0; i < DIGGERS; i++) {
        call(digger[i], body_digs);
        whole += digger[i]->store != 0;
        assert_true(i > 0 || whole == 1);
    }
    assert_true(whole < DIGGERS);
    assert_true(frame_free_total() > total / 40); /* nor all stacks together the last of it */
    while (count > 0) {
        app_unload(more[--count]);
    }
    app_unload(hoarder);
    for (uint32_t i = 0; i < DIGGERS; i++) {
        app_unload(digger[i]);
    }
    all_is_back();
}

/* Loading and the busy call, with the n-th frame refused, and with all from the n-th on. */
static void no_frames_at_each_point(void **state)
{
    (void)state;
    uint32_t reached = 0;
    for (uint32_t once = 0; once < 2; once++) {
        uint64_t needed = UINT64_MAX;
        for (uint64_t n = 0; n < needed; n++) {
            remember();
            fake_serial_clear();
            make_elf(&m);
            fake.once = once != 0;
            fake.allocs_left = n;
            uint64_t calls = fake.alloc_calls;
            struct app *app = app_load(m.bytes, m.len, "made.elf", "poor");
            if (app != NULL) {
                call(app, body_busy);
                assert_true(app->heap == NULL || slotheap_check(app->heap) == NULL);
                reached++;
            } else {
                assert_true(fake_said("refused file=made.elf field=memory"));
            }
            calls = fake.alloc_calls - calls;
            fake.allocs_left = FAKE_ALWAYS;
            if (n >= calls) {
                needed = n; /* nothing was refused any more */
            }
            if (app != NULL) {
                app_unload(app);
            }
            all_is_back();
            assert_true(n < 2000);
        }
    }
    fake.once = false;
    assert_true(reached > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_files_leave_nothing),
        cmocka_unit_test(a_thousand_lives),
        cmocka_unit_test(memory_is_left_for_stacks_and_kernel),
        cmocka_unit_test(no_frames_at_each_point),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
