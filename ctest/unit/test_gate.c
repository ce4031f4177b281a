/* SPDX-License-Identifier: MIT */
/* log, alloc and dealloc as an app calls them, through the gates of its own slot. */
#include "app.h"
#include "gate.h"
#include "heap.h"
#include "make_elf.h"
#include "slot.h"
#include "test.h"

static struct app *app;
static struct ctx *c; /* in an app: its Context */

static void run(int32_t (*body)(struct ctx *))
{
    fake_serial_clear();
    fake.app = body;
    app_call(app, machine_now_ns());
    fake.app = NULL;
}

#define IN_APP(...)                                                                                \
    do {                                                                                           \
        run(body_##__VA_ARGS__);                                                                   \
    } while (0)

static int setup(void **state)
{
    (void)state;
    static struct made_elf m;
    make_elf(&m);
    app = app_load(m.bytes, m.len, "made.elf", "made");
    assert_non_null(app);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    app_unload(app);
    assert_int_equal(fake.left_mapped, 0);
    return 0;
}

/* A place in the app's own memory to log from. */
static char *own(struct ctx *ctx, const char *text, size_t len)
{
    char *memory = ctx->alloc(len, 1);
    assert_non_null(memory);
    memcpy(memory, text, len);
    return memory;
}

static void say(struct ctx *ctx, const char *text, size_t len)
{
    ctx->log((const uint8_t *)own(ctx, text, len), (uint32_t)len);
}
#define SAY(ctx, text) say(ctx, text, sizeof(text) - 1)

static int32_t body_lines(struct ctx *ctx)
{
    SAY(ctx, "hello");
    SAY(ctx, "with newline\n");
    SAY(ctx, "two\nlines");
    SAY(ctx, "\n\n");
    ctx->log((const uint8_t *)1, 0); /* nobody's address, but nothing is read */
    return 0;
}

static void log_splits_lines(void **state)
{
    (void)state;
    IN_APP(lines);
    assert_int_equal(fake_said_times("I app.made#"), 7);
    assert_int_equal(fake_said_times(": hello\n"), 1);
    assert_int_equal(fake_said_times(": with newline\n"), 1);
    assert_int_equal(fake_said_times(": two\n"), 1);
    assert_int_equal(fake_said_times(": lines\n"), 1);
    assert_int_equal(fake_said_times(": \n"), 3);
}

static int32_t body_text(struct ctx *ctx)
{
    SAY(ctx, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    SAY(ctx, "bad \xff\xc0\x80 \xed\xa0\x80 \xc3");
    SAY(ctx, "ctl \x1b[2J\t\x7f\0.");
    return 0;
}

static void invalid_utf8_is_escaped(void **state)
{
    (void)state;
    IN_APP(text);
    assert_true(fake_said(": gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\n"));
    assert_true(fake_said(": bad \\xff\\xc0\\x80 \\xed\\xa0\\x80 \\xc3\n"));
    assert_true(fake_said(": ctl \\x1b[2J\\x09\\x7f\\x00.\n"));
}

/* Long texts, with characters of each length across every boundary: all bytes arrive, in order. */
static uint32_t shift;

static int32_t body_long(struct ctx *ctx)
{
    static char text[5000];
    size_t len = shift;
    memset(text, 'x', shift);
    while (len + 4 < sizeof text) {
        memcpy(text + len, "\xf0\x9f\x98\x80", 4);
        len += 4;
    }
    say(ctx, text, len);
    return 0;
}

static void long_texts_go_on_in_the_next_line(void **state)
{
    (void)state;
    for (shift = 0; shift < 4; shift++) {
        IN_APP(long);
        assert_int_equal(fake_said_times("\xf0\x9f\x98\x80"), (5000 - 1 - shift) / 4);
        assert_false(fake_said("\\x"));
        assert_false(fake_said("..."));
        for (char *line = strtok(fake.serial, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            assert_true(strlen(line) < 235);
        }
    }
}

static int32_t body_bad_log(struct ctx *ctx)
{
    uint64_t base = app->base;
    ctx->log(NULL, 5);
    ctx->log((const uint8_t *)"kernel", 6);
    ctx->log((const uint8_t *)(base + CTX_SLOT_SIZE), 5);
    ctx->log((const uint8_t *)(base - 5), 5);
    ctx->log((const uint8_t *)base, 5);                        /* the low guard */
    ctx->log((const uint8_t *)(base + CTX_SLOT_GUARD - 1), 5); /* across its end */
    ctx->log((const uint8_t *)(base + CTX_SLOT_SIZE - CTX_SLOT_GUARD - 1), 2);
    ctx->log((const uint8_t *)(base + CTX_SLOT_HEAP), UINT32_MAX); /* too long */
    ctx->log((const uint8_t *)UINT64_MAX, 5);
    ctx->log((const uint8_t *)(base + CTX_SLOT_HEAP + 0x1000000), 5); /* not mapped */
    char *memory = own(ctx, "end", PAGE_SIZE > 3 ? 3 : 0);
    uint64_t page_end = ALIGN_UP((uint64_t)(uintptr_t)memory, (uint64_t)PAGE_SIZE);
    memset(memory, 'e', page_end - (uint64_t)(uintptr_t)memory);
    ctx->log((const uint8_t *)(page_end - 3), 4); /* its last byte is not mapped */
    return 0;
}

static void log_of_foreign_memory(void **state)
{
    (void)state;
    IN_APP(bad_log);
    assert_int_equal(fake_said_times("are not its memory"), 9);
    assert_int_equal(fake_said_times("can not be read"), 2);
    assert_int_equal(fake_said_times("I app.made"), 0);
}

static int32_t body_alloc(struct ctx *ctx)
{
    c = ctx;
    uint8_t *a = ctx->alloc(100, 64);
    assert_true(a != NULL && (uintptr_t)a % 64 == 0);
    assert_true((uint64_t)(uintptr_t)a - app->base >= CTX_SLOT_HEAP);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(a[i], 0xa5); /* not zeroed: a debug kernel says so */
        a[i] = (uint8_t)i;
    }
    uint8_t *none = ctx->alloc(0, 0); /* one byte, aligned to 16 */
    assert_true(none != NULL && (uintptr_t)none % 16 == 0 && none != a);
    *none = 1;
    uint8_t *odd = ctx->alloc(3, 1);
    assert_non_null(odd);
    assert_null(ctx->alloc(10, 48));
    assert_null(ctx->alloc(10, 3));
    assert_null(ctx->alloc(UINT64_MAX, 16));
    uint8_t *far = ctx->alloc(16, 1u << 30);
    assert_true(far != NULL && (uintptr_t)far % (1u << 30) == 0);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(a[i], i);
    }
    ctx->dealloc(NULL, 7, 3); /* silent */
    ctx->dealloc(a, 100, 64);
    ctx->dealloc(none, 1, 16); /* the same after normalisation */
    ctx->dealloc(ctx->alloc(1, 16), 0, 0);
    ctx->dealloc(odd, 3, 1);
    ctx->dealloc(far, 16, 1u << 30);
    return 0;
}

static void allocation(void **state)
{
    (void)state;
    IN_APP(alloc);
    assert_int_equal(app->calls, 1);
    assert_int_equal(app->faults, 0);
    assert_int_equal(fake_said_times("no memory for alloc"), 1);
    assert_false(fake_said("dealloc"));
    struct slotheap_usage usage;
    slotheap_usage(app->heap, &usage);
    assert_int_equal(usage.blocks, 0);
    assert_null(slotheap_check(app->heap));
}

static int32_t body_wrong(struct ctx *ctx)
{
    uint8_t *a = ctx->alloc(100, 64);
    ctx->dealloc(a, 101, 64);
    ctx->dealloc(a, 100, 32);
    ctx->dealloc(a + 16, 84, 16);
    ctx->dealloc(a + 1, 99, 1);
    ctx->dealloc(ctx, 96, 8);
    ctx->dealloc((void *)8, 1, 1);
    ctx->dealloc((void *)(uintptr_t)(app->base + CTX_SLOT_HEAP_END), 1, 1);
    ctx->dealloc((void *)UINTPTR_MAX, 1, 1);
    ctx->dealloc(a, 100, 64);
    ctx->dealloc(a, 100, 64); /* twice */
    return 0;
}

static void wrong_deallocations_change_nothing(void **state)
{
    (void)state;
    IN_APP(wrong);
    assert_int_equal(fake_said_times("but it was allocated with size=100 align=64; ignored"), 2);
    assert_int_equal(fake_said_times("nothing was allocated at"), 7);
    assert_null(slotheap_check(app->heap));
}

static int32_t body_quota(struct ctx *ctx)
{
    uint32_t count = 0;
    while (ctx->alloc(1u << 20, 4096) != NULL) {
        count++;
    }
    assert_int_equal(count, 7); /* fake_boot()'s quota: 8 MiB, its image and stack included */
    for (uint32_t i = 0; i < 100; i++) {
        assert_null(ctx->alloc(1u << 20, 4096));
    }
    return 0;
}

static void quota_ends_it_and_is_said_once(void **state)
{
    (void)state;
    IN_APP(quota);
    assert_int_equal(fake_said_times("no memory for alloc"), 1);
}

/* ---- what gates lead to ---- */

typedef uint64_t(gate_call)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static uint64_t through(uint32_t gate)
{
    gate_call *call = (gate_call *)(uintptr_t)(app->base + CTX_SLOT_GATES + gate * CTX_GATE_SIZE);
    return call(1, 2, 3, 4, 5, 6);
}

static uint64_t six(struct app *who, const uint64_t args[6])
{
    assert_ptr_equal(who, app);
    assert_ptr_equal(app_current(), app);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < 6; i++) {
        sum = sum * 10 + args[i];
    }
    return sum;
}

/* The trampolines are the same in all slots, so an app of version 2 can call any number. */
static int32_t body_numbers(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t gate = CTX_GATE_V2_DEALLOC + 1; gate < CTX_GATE_COUNT; gate++) {
        assert_int_equal((int32_t)through(gate), CTX_E_NOSYS);
    }
    return 0;
}

static void a_v2_app_calls_a_v3_gate_by_number(void **state)
{
    (void)state;
    IN_APP(numbers);
}

static int32_t body_gates(struct ctx *ctx)
{
    (void)ctx;
    assert_int_equal((int32_t)through(CTX_GATE_NOSYS), CTX_E_NOSYS);
    assert_int_equal((int32_t)through(CTX_GATE_USED), CTX_E_NOSYS);
    assert_int_equal((int32_t)through(CTX_GATE_COUNT - 1), CTX_E_NOSYS);
    static const struct {
        enum gate_leads_to to;
        int32_t status;
    } refusals[] = {{GATE_DENIED, CTX_E_DENIED},
                    {GATE_REVOKED, CTX_E_REVOKED},
                    {GATE_STALE, CTX_E_STALE},
                    {GATE_NOSYS, CTX_E_NOSYS}};
    for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
        struct gate_binding to = {.to = refusals[i].to};
        for (uint32_t gate = CTX_GATE_NOSYS; gate < CTX_GATE_USED; gate++) {
            assert_int_equal(gate_bind(app, gate, to), CTX_OK);
        }
        assert_int_equal((int32_t)through(CTX_GATE_NOSYS), refusals[i].status);
        assert_int_equal(through(CTX_GATE_V2_ALLOC), 0); /* a pointer: NULL */
        assert_int_equal(through(CTX_GATE_V1_LOG), 0);
    }
    assert_int_equal(
        gate_bind(app, CTX_GATE_NOSYS, (struct gate_binding){.to = GATE_KERNEL, .fn = six}),
        CTX_OK);
    assert_int_equal(through(CTX_GATE_NOSYS), 123456);
    assert_int_equal(gate_bind(app, CTX_GATE_USED, (struct gate_binding){.to = GATE_DENIED}),
                     CTX_E_RANGE);
    return 0;
}

static void bindings_are_the_instances_own(void **state)
{
    (void)state;
    uint64_t used = heap_used();
    assert_ptr_equal(app->bind, gate_default_bindings());
    IN_APP(gates);
    assert_int_equal(app->faults, 0);
    assert_true(app->bind != gate_default_bindings());
    assert_int_equal(gate_default_bindings()[CTX_GATE_V1_LOG].to, GATE_KERNEL);
    gate_release(app);
    assert_ptr_equal(app->bind, gate_default_bindings());
    assert_int_equal(heap_used(), used);
}

static void ranges_of_a_slot(void **state)
{
    (void)state;
    uint64_t base = CTX_SLOT_LOWEST + 5 * CTX_SLOT_SIZE;
    uint64_t end = base + CTX_SLOT_SIZE - CTX_SLOT_GUARD;
    assert_true(slot_has_range(base, base + CTX_SLOT_GUARD, 1));
    assert_false(slot_has_range(base, base + CTX_SLOT_GUARD - 1, 1));
    assert_true(slot_has_range(base, end - 1, 1));
    assert_false(slot_has_range(base, end - 1, 2));
    assert_false(slot_has_range(base, end, 1));
    assert_true(slot_has_range(base, base + CTX_SLOT_GUARD, end - base - CTX_SLOT_GUARD));
    assert_false(slot_has_range(base, base + CTX_SLOT_GUARD, end - base - CTX_SLOT_GUARD + 1));
    assert_false(slot_has_range(base, end - 1, UINT64_MAX));
    assert_false(slot_has_range(base, 5, 1));
    assert_true(slot_has_range(base, 1, 0));
}

static int boot(void **state)
{
    (void)state;
    fake_boot(32, 320, 200);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(log_splits_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(invalid_utf8_is_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(long_texts_go_on_in_the_next_line, setup, teardown),
        cmocka_unit_test_setup_teardown(log_of_foreign_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(allocation, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_deallocations_change_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(quota_ends_it_and_is_said_once, setup, teardown),
        cmocka_unit_test_setup_teardown(bindings_are_the_instances_own, setup, teardown),
        cmocka_unit_test_setup_teardown(a_v2_app_calls_a_v3_gate_by_number, setup, teardown),
        cmocka_unit_test(ranges_of_a_slot),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
