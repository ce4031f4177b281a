/* SPDX-License-Identifier: MIT */
/* An app's life: loaded, called, unloaded. */
#include "app_fixture.h"
#include "app_words.h"
#include "canvas.h"

static void names_and_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *arguments;
    } table[] = {
        {"hello one two", "hello", "one two"},
        {"", "made", ""},
        {" one", "made", "one"},
        {"hello ", "hello", ""},
        {"a-name-that-is-longer-than-a-name-may-be x", "a-name-that-is-longer-than-a-na", "x"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        uint32_t count = app_count();
        struct app *app = load(table[i].text);
        assert_text(app->name, table[i].name);
        assert_text(app_text(app->arguments), table[i].arguments);
        assert_int_equal(app_count(), count + 1);
        app_unload(app);
        assert_int_equal(app_count(), count);
        all_is_back();
    }
}

/* Texts of 4,095 bytes, and one more. */
static void long_lines(void **state)
{
    (void)state;
    static char text[4200];
    for (size_t len = 4094; len <= 4096; len++) {
        remember();
        memset(text, 'x', sizeof text);
        memcpy(text, "a ", 2);
        text[2 + len] = 0;
        struct app *app = app_load(m.bytes, m.len, "made.elf", text);
        assert_int_equal(app != NULL, len < 4096);
        if (app != NULL) {
            assert_text(app_text(app->arguments), text + 2);
            app_unload(app);
        } else {
            assert_true(fake_said(
                "field=arguments value=0x1000: an app's arguments have at most 4095 bytes"));
        }
        all_is_back();
    }
    remember(); /* lists have no length of their own */
    memcpy(text, "a host=", 7);
    text[7 + 2000] = 0;
    memcpy(text + 2007, " instrument=", 12);
    text[2019 + 2000] = 0;
    struct app *app = load(text);
    assert_int_equal(strlen(app_text(app->hosts)), 2000);
    assert_int_equal(strlen(app_text(app->instrument)), 2000);
    app_unload(app);
    all_is_back();
}

static void pages_and_their_rights(void **state)
{
    (void)state;
    struct app *app = load("x");
    const uint32_t r = MAP_READ;
    const struct {
        uint32_t at, rights;
    } table[] = {
        {0, 0},
        {0xffff, 0},
        {CTX_SLOT_GATES, r | MAP_EXEC},
        {CTX_SLOT_GATES_END - 1, r | MAP_EXEC},
        {CTX_SLOT_BASE_WORD, r},
        {CTX_SLOT_NOSYS, r},
        {CTX_SLOT_TABLES, 0},
        {CTX_SLOT_CTX, r | MAP_WRITE},
        {CTX_SLOT_STORE, r | MAP_WRITE},
        {CTX_SLOT_STORE + PAGE_SIZE, 0},
        {CTX_SLOT_STACK_TOP - 1, r | MAP_WRITE},
        {CTX_SLOT_STACK_TOP - PAGE_SIZE - 1, 0},
        {CTX_SLOT_STACK_TOP, 0},
        {CTX_SLOT_IMAGE, 0},
        {CTX_SLOT_DYN_BIAS, r},
        {CTX_SLOT_DYN_BIAS + 0x1000, r | MAP_EXEC},
        {CTX_SLOT_DYN_BIAS + 0x2000, r | MAP_WRITE},
        {CTX_SLOT_DYN_BIAS + 0x3000, r | MAP_WRITE},
        {CTX_SLOT_DYN_BIAS + 0x4000, 0},
        {CTX_SLOT_HEAP, 0},
        {CTX_SLOT_CANVAS + CANVAS_STAGGER * PAGE_SIZE, r | MAP_WRITE},
        {0xffff0000, 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        assert_int_equal(fake_rights(app->base + table[i].at), table[i].rights);
    }
    const uint64_t *words = (const uint64_t *)(uintptr_t)(app->base + CTX_SLOT_BASE_WORD);
    assert_int_equal(words[0], app->base);
    assert_int_equal(words[1], machine_gate_entry(false));
    const uint64_t *nosys = (const uint64_t *)(uintptr_t)(app->base + CTX_SLOT_NOSYS);
    assert_int_equal(nosys[0], 16);
    assert_int_equal(nosys[1], 0);
    for (uint32_t i = 2; i < 128; i++) {
        assert_int_equal(nosys[i], app->base + CTX_SLOT_GATES + CTX_GATE_NOSYS * CTX_GATE_SIZE);
    }
    /* The image: bytes of the file, relocated words, zeroes behind them. */
    const uint64_t *data = (const uint64_t *)(uintptr_t)(app->base + CTX_SLOT_DYN_BIAS + 0x2200);
    uint64_t image = app->base + CTX_SLOT_DYN_BIAS;
    assert_int_equal(data[0], image + 0x1000);
    assert_int_equal(data[1], image + 0x2010);
    assert_int_equal(data[2], image + 0x1008);
    assert_int_equal(data[3], image + 0x100c);
    assert_int_equal(data[4], 0x1111);
    assert_int_equal(data[5], image + 0x2020);
    for (uint32_t i = 0x100 / 8; i < (0x4000 - 0x2200) / 8; i++) {
        assert_int_equal(data[i], 0);
    }
    app_unload(app);
}

static uint64_t seen_pid, seen_ms;

static int32_t body_context(struct ctx *ctx)
{
    const struct app *app = app_current();
    assert_int_equal((uint64_t)(uintptr_t)ctx, app->base + CTX_SLOT_CTX);
    assert_int_equal(ctx->version, 2);
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(ctx->rsv0[i], 0);
    }
    assert_int_equal(ctx->fb.w, 320);
    assert_int_equal(ctx->fb.h, 200);
    assert_int_equal(ctx->fb.len, 320 * 200);
    assert_true(ctx->log != NULL && ctx->alloc != NULL && ctx->dealloc != NULL);
    assert_true(ctx->store != NULL && ctx->input != NULL && ctx->fb.pixels != NULL);
    assert_true(ctx->input->mx < ctx->fb.w && ctx->input->my < ctx->fb.h);
    seen_pid = ctx->pid;
    seen_ms = ctx->start_time_ms;
    ctx->fb.pixels[5].g = 77;
    memset(ctx, 0xee, sizeof *ctx); /* the page is the app's to scribble on */
    return -1;                      /* means nothing */
}

static void the_context_of_each_call(void **state)
{
    (void)state;
    struct app *a = load("a");
    struct app *b = load("b");
    assert_int_equal(b->pid, a->pid + 1);
    fake.now_ns = 5 * NSEC_PER_SEC + 999999;
    call(a, body_context);
    assert_int_equal(seen_pid, a->pid);
    assert_int_equal(seen_ms, 5000);
    assert_int_equal(canvas_pixels()[5], 77 << 8);
    fake.now_ns += 16 * NSEC_PER_MSEC;
    call(a, body_context); /* all 96 bytes are rewritten */
    assert_int_equal(seen_ms, 5016);
    call(b, body_context);
    assert_int_equal(seen_pid, b->pid);
    assert_int_equal(a->calls, 2);
    assert_null(app_current());
    app_unload(a);
    assert_ptr_equal(app_first(), b);
    app_unload(b);
    assert_null(app_first());
}

/* Times of an app whose own time runs before or behind the machine's; see app_deadline(). */
static void deadlines_in_its_own_time(void **state)
{
    (void)state;
    static const struct {
        uint64_t offset, app_ns, ns;
    } table[] = {
        {0, 0, 0},
        {0, 7, 7},
        {0, NEVER_NS, NEVER_NS},
        {0, NEVER_NS - 1, NEVER_NS - 1},
        {100, 0, 0}, /* before its time began here: at once */
        {100, 99, 0},
        {100, 100, 0},
        {100, 101, 1},
        {100, NEVER_NS - 1, NEVER_NS - 101},
        {100, NEVER_NS, NEVER_NS},
        {INT64_MAX, 5, 0},
        {INT64_MAX, (uint64_t)INT64_MAX + 5, 5},
        {-UINT64_C(100), 0, 100},
        {-UINT64_C(100), 5, 105},
        {-UINT64_C(100), NEVER_NS - 101, NEVER_NS - 1},
        {-UINT64_C(100), NEVER_NS - 99, NEVER_NS}, /* later than the clock can show */
        {-UINT64_C(100), NEVER_NS - 1, NEVER_NS},
        {-UINT64_C(100), NEVER_NS, NEVER_NS},
    };
    struct app *app = load("a");
    for (uint32_t i = 0; i < ARRAY_COUNT(table); i++) {
        app->clock_offset = table[i].offset;
        uint64_t ns = app_deadline(app, table[i].app_ns);
        if (ns != table[i].ns) {
            print_error("row %u: 0x%lx\n", i, ns);
            fail();
        }
    }
    app->clock_offset = 0;
    app_unload(app);
}

static uint8_t poison;

static int32_t body_poison(struct ctx *ctx)
{
    uint8_t *block =
        app_current()->version >= 3 ? ctx->mem->alloc(ctx->mem, 3000, 16, 0) : ctx->alloc(3000, 16);
    const uint8_t *words = (const uint8_t *)&ctx->rsv1;
    for (uint32_t i = 0; i < sizeof ctx->rsv0; i++) {
        assert_int_equal(ctx->rsv0[i], poison);
    }
    for (uint32_t i = 0; i < sizeof ctx->rsv1; i++) {
        assert_int_equal(words[i], poison);
    }
    for (uint32_t i = 0; i < 3000; i++) {
        assert_true(poison == 0 || block[i] == poison);
    }
    assert_null(*ctx->store);
    return 0;
}

/* `poison`: whatever nobody has promised to be zero is not, in each call. */
static void what_is_not_promised_is_poisoned(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        remember();
        make_elf(&m);
        if (i >= 2) {
            make_note(&m, CTX_NOTE_MINIMUM, 3);
        }
        app_set_poison(i % 2 == 0);
        struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "a");
        app_set_poison(false);
        assert_int_equal(app->version, i >= 2 ? 3 : 2);
        poison = i % 2 == 0 ? APP_POISON : 0;
        call(app, body_poison);
        call(app, body_poison);
        assert_int_equal(app->faults, 0);
        const uint8_t *store = (const uint8_t *)(uintptr_t)(app->base + CTX_SLOT_STORE);
        for (uint32_t at = 8; at < PAGE_SIZE; at++) { /* behind the kept pointer */
            assert_int_equal(store[at], poison);
        }
        app_unload(app);
        all_is_back();
    }
}

static int step;

static int32_t body_store(struct ctx *ctx)
{
    switch (step++) {
    case 0:
        assert_null(*ctx->store);
        *ctx->store = (void *)1234;
        break;
    case 1: /* taken and put back */
        assert_ptr_equal(*ctx->store, (void *)1234);
        *ctx->store = NULL;
        *ctx->store = (void *)5678;
        break;
    case 2:
        assert_ptr_equal(*ctx->store, (void *)5678);
        *ctx->store = (void *)9999;
        fake_fault(14, 0xbad);
    case 3: /* as before the fault */
        assert_ptr_equal(*ctx->store, (void *)5678);
        *ctx->store = NULL;
        break;
    default:
        assert_null(*ctx->store);
        break;
    }
    return 0;
}

static void the_store(void **state)
{
    (void)state;
    struct app *app = load("keeper");
    fake_serial_clear();
    for (step = 0; step < 5;) {
        call(app, body_store);
    }
    assert_int_equal(app->calls, 5);
    assert_int_equal(app->faults, 1);
    assert_true(fake_said("fault name=keeper"));
    assert_true(fake_said("vector=14 (page fault)"));
    assert_true(fake_said("address=0xbad"));
    app_unload(app);
}

static int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static int32_t body_fine(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

static void three_faults_in_a_row(void **state)
{
    (void)state;
    struct app *app = load("clumsy");
    for (uint32_t i = 0; i < 5; i++) { /* a good call in between forgives */
        call(app, body_fault);
        call(app, body_fault);
        assert_false(app->stopped);
        call(app, body_fine);
    }
    call(app, body_fault);
    call(app, body_fault);
    call(app, body_fault);
    assert_int_equal(app->turn.where, TURN_NONE); /* at once */
    app_settle();
    assert_true(app->stopped);
    assert_int_equal(app->pages, 0);
    assert_true(fake_said("stopped name=clumsy"));
    app_unload(app);
}

static int32_t body_stack(struct ctx *ctx)
{
    (void)ctx;
    struct app *app = app_current();
    uint64_t top = app->base + CTX_SLOT_STACK_TOP;
    uint64_t low = app->base + app->stack_low;
    uint64_t pages = app->pages;
    assert_false(app_page_in(low - 1));
    assert_false(app_page_in(top));
    assert_false(app_page_in(app->base + CTX_SLOT_HEAP));
    assert_false(app_page_in(5));
    assert_true(app_page_in(low));
    assert_true(app_page_in(top - PAGE_SIZE - 1));
    assert_int_equal(app->pages, pages + 2);
    assert_int_equal(fake_rights(low), MAP_READ | MAP_WRITE);
    assert_int_equal(*(uint8_t *)(uintptr_t)(low + 5), 0);
    assert_false(app_page_in(low)); /* there already: some other fault */
    fake.allocs_left = 0;
    assert_false(app_page_in(low + PAGE_SIZE));
    fake.allocs_left = FAKE_ALWAYS;
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(app_breakpoint(app->entry + 1));
    }
    assert_false(app_breakpoint(app->base + CTX_SLOT_HEAP));
    assert_false(app_breakpoint(app->base + CTX_SLOT_GATES + 12));
    return 0;
}

static void stack_and_breakpoints(void **state)
{
    (void)state;
    remember();
    assert_false(app_page_in(5));
    assert_false(app_breakpoint(5));
    struct app *app = load("deep");
    assert_int_equal(app->stack_low, CTX_SLOT_STACK_TOP - CTX_STACK_DEFAULT);
    fake_serial_clear();
    call(app, body_stack);
    assert_int_equal(app->calls, 1);
    assert_int_equal(fake_said_times("int3 at"), 7); /* 1 2 4 8 16 32 64 */
    app_unload(app);
    make_elf(&m);
    make_note(&m, CTX_NOTE_STACK, 0x5001);
    app = app_load(m.bytes, m.len, "made.elf", "x");
    assert_int_equal(app->stack_low, CTX_SLOT_STACK_TOP - 0x6000);
    app_unload(app);
    all_is_back();
}

/* Files of real linkers, with their real code, at their real addresses. */
static void real_code_runs(void **state)
{
    (void)state;
    static const char *const files[] = {
        SAMPLE_STATIC_PIE,
#ifdef SAMPLE_RELR
        SAMPLE_RELR,
#endif
    };
    remember();
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        FILE *file = fopen(files[i], "rb");
        assert_non_null(file);
        m.len = fread(m.bytes, 1, sizeof m.bytes, file);
        fclose(file);
        struct app *app = app_load(m.bytes, m.len, "sample.elf", "");
        assert_non_null(app);
        fake_serial_clear();
        for (uint32_t n = 0; n < 4; n++) {
            call(app, NULL);
        }
        assert_int_equal(app->calls, 4);
        assert_int_equal(fake_said_times("I app.sample#"), 4);
        assert_int_equal(fake_said_times(": relocated one\n"), 2);
        assert_int_equal(fake_said_times(": relocated two\n"), 2);
        app_unload(app);
        all_is_back();
    }
}

/* A call that overstays is parked and goes on: it is still that call. */
static int32_t body_long(struct ctx *ctx)
{
    if (ctx != NULL) {
        *ctx->store = (void *)0x1111;
        ctx->version = 77;
    }
    assert_true(fake_spend(ctx != NULL ? APP_BUDGET_NS + 1 : APP_SLICE_NS));
    fake_overrun();
}

static int32_t body_end_of_long(struct ctx *ctx)
{
    assert_null(ctx); /* it goes on in the middle */
    const struct ctx *page = (struct ctx *)(uintptr_t)(app_current()->base + CTX_SLOT_CTX);
    assert_int_equal(page->version, 77); /* what it sees did not change under it */
    assert_false(app_overran());
    return 0;
}

static void a_call_that_overstays(void **state)
{
    (void)state;
    remember();
    struct app *app = load("long");
    fake_serial_clear();
    for (uint32_t i = 0; i < 5; i++) {
        call(app, body_long);
        assert_non_null(app->parked);
        assert_int_equal(app->calls, 0);
        assert_int_equal(app->store, 0);
        assert_int_equal(app->turn.where, TURN_FRAME);
    }
    assert_int_equal(fake_said_times("overran name=long"), 3); /* the 1st, 2nd, 4th time */
    call(app, body_end_of_long);
    assert_null(app->parked);
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->faults, 0);
    assert_int_equal(app->store, 0x1111);
    call(app, body_context); /* and the next call is an ordinary one */
    call(app, body_long);
    call(app, body_fault); /* a fault ends it */
    assert_null(app->parked);
    call(app, body_long);
    app_unload(app); /* it may go while it is parked */
    all_is_back();
    assert_false(app_overran());
}

/* Whoever stands still, is about to end or has no slot is entered by nobody. */
static void who_may_serve(void **state)
{
    (void)state;
    struct app *app = load("app");
    assert_int_equal(app_may_serve(app), CTX_OK);
    app_pause(app, true);
    assert_int_equal(app_may_serve(app), CTX_E_STALE);
    app_pause(app, false);
    assert_int_equal(app_may_serve(app), CTX_OK);
    app_set_fate(app, FATE_STOP, 0);
    assert_int_equal(app_may_serve(app), CTX_E_STALE);
    app_settle();
    assert_int_equal(app->base, 0);
    assert_int_equal(app->fate, FATE_NONE);
    assert_int_equal(app_may_serve(app), CTX_E_STALE);
    app_unload(app);
}

static int32_t body_is_in_the_chain(struct ctx *ctx)
{
    (void)ctx;
    const struct app *app = app_current();
    assert_true(app_is_in_chain(app));
    assert_false(app_is_between_calls(app));
    assert_int_equal(app_may_serve(app), CTX_E_BUSY);
    for (const struct app *other = app_first(); other != NULL; other = other->next) {
        assert_int_equal(app_is_in_chain(other), other == app);
        assert_int_equal(app_is_between_calls(other), other != app);
    }
    return 0;
}

static void who_is_being_called(void **state)
{
    (void)state;
    struct app *one = load("one"), *two = load("two");
    assert_false(app_is_in_chain(one) || app_is_in_chain(two));
    call(one, body_is_in_the_chain);
    call(two, body_is_in_the_chain);
    assert_int_equal(one->faults + two->faults, 0);
    app_unload(two);
    app_unload(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_serve),
        cmocka_unit_test(who_is_being_called),
        cmocka_unit_test(names_and_arguments),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(pages_and_their_rights),
        cmocka_unit_test(the_context_of_each_call),
        cmocka_unit_test(the_store),
        cmocka_unit_test(deadlines_in_its_own_time),
        cmocka_unit_test(what_is_not_promised_is_poisoned),
        cmocka_unit_test(three_faults_in_a_row),
        cmocka_unit_test(stack_and_breakpoints),
        cmocka_unit_test(real_code_runs),
        cmocka_unit_test(a_call_that_overstays),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
