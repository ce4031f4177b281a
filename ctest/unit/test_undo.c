/* SPDX-License-Identifier: MIT */
/*
 * Undo of a call on the fake machine, where slot pages have their rights for real: what a call
 * writes, allocates, frees, draws and destroys is as before when it has ended in a fault.
 */
#include "canvas.h"
#include "event.h"
#include "policy_fixture.h"
#include "surface.h"
#include "undo_private.h"

#include <kernel/input.h>

#include <signal.h>

#define SMALL  3000u
#define LARGE  (UNDO_COPY_PAGES * 2u * PAGE_SIZE) /* more than is copied */
#define BLOCKS 40u
#define SIDE   64u

static struct {
    uint8_t *block[BLOCKS];
    uint8_t *large;
    uint64_t large_bytes;
    uint32_t surface, other;
    uint8_t *next[8]; /* what the next allocs gave */
    uint32_t events;  /* that a call has read */
    uint32_t *out;
    bool little_memory;
} s;

static volatile uint32_t faults_seen;

/* A write to a page that is watched, as the machine's page fault would tell it. */
static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    faults_seen++;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

/* In each test: cmocka takes the signal for itself in between. */
static void watch(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
}

/* Many bytes of one value; a call of the test library for each would take most of the time. */
static void expect_all(const uint8_t *bytes, uint8_t value, uint64_t count)
{
    for (uint64_t at = 0; at < count; at++) {
        if (bytes[at] != value) {
            assert_int_equal(bytes[at], value);
        }
    }
}

/* ---- an app ---- */

static int32_t body_begin(struct ctx *ctx)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        s.block[i] = ctx->mem->alloc(ctx->mem, SMALL / (i % 5 + 1), 16, 0);
        memset(s.block[i], (int)i + 1, SMALL / (i % 5 + 1));
    }
    static const uint8_t holes[] = {15, 35, 5, 25, 10}; /* of one size, not in order */
    for (uint32_t i = 0; i < sizeof holes; i++) {
        ctx->mem->free(ctx->mem, s.block[holes[i]], SMALL, 16);
        s.block[holes[i]] = NULL;
    }
    if (s.large_bytes > 0) {
        s.large = ctx->mem->alloc(ctx->mem, s.large_bytes, PAGE_SIZE, 0);
        memset(s.large, 0x5c, s.large_bytes);
    }
    uint32_t *out = own(ctx, 4);
    s.out = out;
    assert_int_equal(ctx->display->create(ctx->display, SIDE, SIDE, CTX_SURFACE_RGBX, 0, out), 0);
    s.surface = *out;
    assert_int_equal(ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, out), 0);
    s.other = *out;
    memset(ctx->display->pixels(ctx->display, s.surface), 0x11, SIDE * SIDE * 4);
    *ctx->store = s.block[0];
    return CTX_AGAIN;
}

/* A new block full of something; there may be no memory for it. */
static void fill(struct ctx *ctx, uint64_t size, uint64_t flags)
{
    void *block = ctx->mem->alloc(ctx->mem, size, 16, flags);
    assert_true(block != NULL || s.little_memory);
    if (block != NULL) {
        memset(block, 0xcc, size);
    }
}

static void expect_ok(ctx_status status)
{
    assert_true(status == CTX_OK || s.little_memory);
}

/* Everything that a call can do to its own state, and then a fault. */
static int32_t body_spoil(struct ctx *ctx)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (s.block[i] != NULL) {
            memset(s.block[i], 0xee, SMALL / (i % 5 + 1));
        }
    }
    for (uint32_t i = 0; i < BLOCKS; i += 2) {
        if (s.block[i] != NULL) {
            ctx->mem->free(ctx->mem, s.block[i], SMALL / (i % 5 + 1), 16);
        }
    }
    for (uint32_t i = 0; i < 12; i++) {
        fill(ctx, 500 * (i + 1), 0);
    }
    fill(ctx, 5000, CTX_MEM_GUARD_LOW);
    if (s.large_bytes > 0) { /* its pages go, and others take their place */
        memset(s.large + PAGE_SIZE, 0, 3 * PAGE_SIZE);
        assert_int_equal(ctx->mem->free(ctx->mem, s.large, s.large_bytes, PAGE_SIZE), CTX_OK);
        fill(ctx, s.large_bytes * 2, 0);
    }
    memset(ctx->display->pixels(ctx->display, s.surface), 0x99, SIDE * SIDE * 4);
    expect_ok(ctx->display->resize(ctx->display, s.surface, 20, 20));
    expect_ok(ctx->display->destroy(ctx->display, s.other));
    expect_ok(ctx->display->create(ctx->display, 9, 9, CTX_SURFACE_RGBA, 0, s.out));
    *ctx->store = NULL;
    fake_fault(14, 0x10);
}

static int32_t body_check(struct ctx *ctx)
{
    assert_ptr_equal(*ctx->store, s.block[0]);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        expect_all(s.block[i], (uint8_t)(i + 1), s.block[i] != NULL ? SMALL / (i % 5 + 1) : 0);
    }
    expect_all(s.large, 0x5c, s.large_bytes);
    const uint8_t *pixels = ctx->display->pixels(ctx->display, s.surface);
    assert_non_null(pixels);
    expect_all(pixels, 0x11, SIDE * SIDE * 4);
    assert_non_null(ctx->display->pixels(ctx->display, s.other));
    return CTX_AGAIN;
}

/* Where the next blocks would lie: given back again. */
static int32_t body_next(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(s.next); i++) {
        s.next[i] = ctx->mem->alloc(ctx->mem, 100 + 300 * i, 16, 0);
    }
    for (uint32_t i = ARRAY_COUNT(s.next); i-- > 0;) {
        ctx->mem->free(ctx->mem, s.next[i], 100 + 300 * i, 16);
    }
    return CTX_AGAIN;
}

static struct app *begin(uint64_t large_bytes)
{
    memset(&s, 0, sizeof s);
    s.large_bytes = large_bytes;
    fake_serial_clear();
    watch();
    struct app *app = load_v3("app restart=undo");
    turn(app, body_begin);
    turn(app, body_check);
    return app;
}

static void there_and_back(struct app *app)
{
    struct slotheap_usage usage, later;
    uint8_t *next[ARRAY_COUNT(s.next)];
    turn(app, body_next);
    memcpy(next, s.next, sizeof next);
    slotheap_usage(app->heap, &usage);
    uint64_t calls = app->calls, undone = app->undone;
    turn(app, body_spoil);
    assert_int_equal(app->undone, undone + 1);
    assert_int_equal(app->calls, calls);
    assert_int_equal(app->faults, undone + 1);
    assert_null(slotheap_check(app->heap));
    slotheap_usage(app->heap, &later);
    assert_int_equal(later.blocks, usage.blocks);
    assert_int_equal(later.bytes, usage.bytes);
    turn(app, body_check);
    turn(app, body_next);
    assert_memory_equal(next, s.next, sizeof next);
    turn(app, body_check);
}

static void copied(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    for (uint32_t i = 0; i < 5; i++) {
        there_and_back(app);
    }
    assert_int_equal(machine_slot_rights((uint64_t)(uintptr_t)s.block[0]), MAP_READ | MAP_WRITE);
    gone(app);
}

static void watched(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    assert_int_equal(machine_slot_rights((uint64_t)(uintptr_t)s.large), MAP_READ);
    for (uint32_t i = 0; i < 5; i++) {
        there_and_back(app);
    }
    gone(app);
}

/* ---- what is tried, and when it is given up ---- */

static int32_t body_read_and_fault(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 4 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, events, 4 * sizeof *events, count);
    s.events = *count;
    fake_fault(6, 0);
}

static int32_t body_read(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 4 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, events, 4 * sizeof *events, count);
    s.events = *count;
    return CTX_AGAIN;
}

static void events_once_more_and_then_not(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_read); /* subscribes */
    input_key(30, INPUT_KEY_DOWN);
    turn(app, body_read_and_fault);
    assert_true(s.events > 0);
    uint32_t first = s.events;
    turn(app, body_read_and_fault);
    assert_int_equal(s.events, first);
    turn(app, body_read); /* the key that it can not bear is gone */
    assert_int_equal(s.events, 0);
    assert_int_equal(app->undone, 2);
    assert_int_equal(app->restarts_in_a_row, 0);
    input_key(30, INPUT_KEY_UP);
    event_settle(machine_now_ns() + SECOND);
    gone(app);
}

/* What an earlier call has read does not come again. */
static void only_the_events_of_this_call(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_read);
    input_key(30, INPUT_KEY_DOWN);
    turn(app, body_read);
    assert_true(s.events > 0);
    input_key(30, INPUT_KEY_UP);
    turn(app, body_read_and_fault);
    uint32_t first = s.events;
    assert_true(first > 0);
    turn(app, body_read);
    assert_int_equal(s.events, first);
    turn(app, body_read);
    assert_int_equal(s.events, 0);
    event_settle(machine_now_ns() + SECOND);
    gone(app);
}

/* Room for the copies is made once, not for each call. */
static void good_calls_allocate_nothing(void **state)
{
    (void)state;
    for (uint32_t large = 0; large < 2; large++) {
        remember();
        struct app *app = begin(large != 0 ? LARGE : 0);
        turn(app, body_check);
        turn(app, body_check);
        uint64_t calls = fake.alloc_calls;
        for (uint32_t i = 0; i < 5; i++) {
            turn(app, body_check);
        }
        assert_int_equal(fake.alloc_calls, calls);
        gone(app);
    }
}

static uint64_t to_write;

static int32_t body_writes(struct ctx *ctx)
{
    (void)ctx;
    memset(s.large, 0x5c, to_write);
    return CTX_AGAIN;
}

static int32_t body_writes_wrong(struct ctx *ctx)
{
    (void)ctx;
    memset(s.large, 0xa3, to_write);
    fake_fault(6, 0);
}

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

/* Frames for what is written are kept from call to call, so many of them. */
static void frames_are_used_again(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    to_write = 5 * PAGE_SIZE; /* few: none is asked for */
    turn(app, body_writes);
    turn(app, body_writes);
    uint64_t calls = fake.alloc_calls;
    turn(app, body_writes);
    assert_int_equal(fake.alloc_calls, calls);
    fake.allocs_left = 0; /* so it can be undone without memory */
    turn(app, body_writes_wrong);
    fake.allocs_left = FAKE_ALWAYS;
    assert_int_equal(app->undone, 1);
    turn(app, body_check);
    to_write = LARGE; /* many: they stay with their pages */
    turn(app, body_writes);
    for (uint32_t i = 0; i < 3; i++) {
        turn(app, body_writes);
        calls = fake.alloc_calls;
        turn(app, body_writes);
        assert_true(app->undo->count >= LARGE / PAGE_SIZE);
        assert_int_equal(fake.alloc_calls, calls);
        turn(app, body_writes_wrong);
        assert_int_equal(app->undone, 2 + i);
        turn(app, body_check);
    }
    gone(app);
}

static int32_t body_destroys_all(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, s.surface), CTX_OK);
    assert_int_equal(ctx->display->destroy(ctx->display, s.other), CTX_OK);
    fake_fault(6, 0);
}

static int32_t body_recreates(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, s.surface, 5, 5), CTX_OK);
    fake_fault(6, 0);
}

static int32_t body_destroys_for_ever(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, s.surface), CTX_OK);
    assert_int_equal(ctx->display->destroy(ctx->display, s.other), CTX_OK);
    fake.maps_left = 0;
    fake_fault(6, 0);
}

/* Then it begins anew, and the pixels that were kept for it go. */
static void surfaces_that_can_not_be_mapped_again(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_destroys_for_ever);
    fake.maps_left = FAKE_ALWAYS;
    assert_int_equal(app->undone, 0);
    assert_true(fake_said("no memory for the surfaces as they were"));
    restart_now(app);
    gone(app);
}

/* Surfaces that come back are seen again, as what they were. */
static void surfaces_are_shown_again(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 2; way++) {
        remember();
        struct app *app = begin(0);
        surface_presented(fake.now_ns);
        assert_false(surface_any_damage());
        assert_true(surface_covers(0, 0, 320, 200));
        turn(app, way == 0 ? body_destroys_all : body_recreates);
        assert_int_equal(app->undone, 1);
        assert_true(surface_any_damage());
        assert_true(surface_covers(0, 0, 320, 200));
        uint32_t line[320];
        memset(line, 0, sizeof line);
        surface_compose(line, 0, 100, 320);
        assert_int_equal(line[160 - SIDE / 2], 0x11111111);
        turn(app, body_check);
        gone(app);
        assert_false(surface_covers(0, 0, 320, 200));
    }
}

static void always_at_one_place(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_fault);
    turn(app, body_fault);
    assert_int_equal(app->undone, 2);
    turn(app, body_fault);
    assert_int_equal(app->undone, 2);
    assert_true(fake_said("does not help"));
    restart_now(app);
    assert_int_equal(app->restarts, 1);
    gone(app);
}

static void good_calls_in_between(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    for (uint32_t i = 0; i < 20; i++) {
        turn(app, body_spoil);
        turn(app, body_check);
    }
    assert_int_equal(app->undone, 20);
    assert_int_equal(app->restarts, 0);
    gone(app);
}

static void an_endless_call(void **state)
{
    (void)state;
    remember();
    memset(&s, 0, sizeof s);
    watch();
    struct app *app = load_v3("app restart=undo overrun=restart:2");
    turn(app, body_begin);
    turn(app, body_overrun);
    assert_non_null(app->parked);
    turn(app, body_overrun);
    assert_int_equal(app->undone, 1);
    assert_null(app->parked);
    turn(app, body_check);
    gone(app);
}

/* Without memory for the way back the policy is that of on-fault, and nothing leaks. */
static void no_memory_at_each_point(void **state)
{
    (void)state;
    uint32_t reached = 0;
    for (uint64_t left = 0, refused = 1; refused != 0; left++) {
        remember();
        struct app *app = begin(LARGE);
        s.little_memory = true;
        fake.allocs_left = left;
        fake.once = true;
        turn(app, body_spoil);
        refused = fake.allocs_left == FAKE_ALWAYS;
        reached += refused != 0;
        fake.allocs_left = FAKE_ALWAYS;
        fake.once = false;
        if (app->base != 0) {
            turn(app, body_check);
        } else {
            restart_now(app);
        }
        gone(app);
    }
    assert_true(reached > 60);
}

/* ---- without memory in a call that ends well ---- */

static uint8_t *more[3];
static const uint64_t more_bytes[] = {24 * PAGE_SIZE, 16, 41 * PAGE_SIZE + 8};

static int32_t body_take_more(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(more); i++) {
        more[i] = ctx->mem->alloc(ctx->mem, more_bytes[i], 16, 0);
        if (more[i] != NULL) {
            memset(more[i], 0x21, more_bytes[i]);
        }
    }
    memset(s.large, 0x5c, MIN(s.large_bytes, 40u * PAGE_SIZE));
    return CTX_AGAIN;
}

static int32_t body_spoil_more(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(more); i++) {
        if (more[i] != NULL) {
            memset(more[i], 0x84, more_bytes[i]);
        }
    }
    return body_spoil(ctx);
}

static int32_t body_check_more(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(more); i++) {
        expect_all(more[i], 0x21, more[i] != NULL ? more_bytes[i] : 0);
    }
    return body_check(ctx);
}

/* What could not be noted in one call is not forgotten in the next: that one is undone whole. */
static void no_memory_in_the_call_before(void **state)
{
    (void)state;
    uint32_t reached = 0;
    for (uint32_t way = 0; way < 2; way++) {
        for (uint64_t left = 0, refused = 1; refused != 0; left++) {
            remember();
            struct app *app = begin(way == 0 ? LARGE : LARGE / 4);
            fake.allocs_left = left;
            fake.once = true;
            turn(app, body_take_more);
            refused = fake.allocs_left == FAKE_ALWAYS;
            reached += refused != 0;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            assert_int_equal(app->faults, 0);
            turn(app, body_spoil_more);
            assert_int_equal(app->undone, 1);
            turn(app, body_check_more);
            gone(app);
        }
    }
    assert_true(reached > 50);
}

/* A host that let go of its child, and whose call was undone, believed that it still held it. */
static struct app *held;
static uint32_t hold;

static int32_t body_hold(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *out = own(ctx, 4);
    assert_int_equal(host->open(host, held->pid, out), CTX_OK);
    hold = *out;
    void *words = own_copy(ctx, "log", 3);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, hold, words, 3, code, 0), CTX_OK);
    return CTX_AGAIN;
}

static int32_t body_let_go_and_fault(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    assert_int_equal(host->close(host, hold), CTX_OK);
    fake_fault(6, 0);
}

static void what_reaches_out_is_not_undone(void **state)
{
    (void)state;
    remember();
    fake_serial_clear();
    struct app *app = load_v3("host restart=undo grant=ctx.host/1");
    held = load_v3("child host=host");
    turn(app, body_hold);
    turn(app, body_let_go_and_fault);
    assert_int_equal(app->undone, 0);
    assert_true(fake_said("this call can not be undone: it let go of another app"));
    app_unload(held);
    gone(app);
}

static void stopped_in_the_middle(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_check);
    app_set_fate(app, FATE_RESTART, machine_now_ns());
    app_settle();
    assert_null(app->undo);
    restart_now(app);
    gone(app);
}

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

static int32_t body_canvas(struct ctx *ctx)
{
    memset(ctx->fb.pixels, 0x77, 5000);
    fake_fault(6, 0);
}

/* It is not the app's own, and watching all of it would cost each frame more than drawing it. */
static void the_canvas_stays_as_it_is(void **state)
{
    (void)state;
    remember();
    watch();
    struct app *app = load("old restart=undo");
    turn(app, body_canvas);
    assert_int_equal(app->undone, 1);
    assert_int_equal(canvas_pixels()[0], 0x77777777);
    gone(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copied),
        cmocka_unit_test(watched),
        cmocka_unit_test(events_once_more_and_then_not),
        cmocka_unit_test(only_the_events_of_this_call),
        cmocka_unit_test(good_calls_allocate_nothing),
        cmocka_unit_test(pages_that_change_always_take_no_faults),
        cmocka_unit_test(frames_are_used_again),
        cmocka_unit_test(surfaces_are_shown_again),
        cmocka_unit_test(surfaces_that_can_not_be_mapped_again),
        cmocka_unit_test(always_at_one_place),
        cmocka_unit_test(good_calls_in_between),
        cmocka_unit_test(an_endless_call),
        cmocka_unit_test(no_memory_at_each_point),
        cmocka_unit_test(no_memory_in_the_call_before),
        cmocka_unit_test(what_reaches_out_is_not_undone),
        cmocka_unit_test(stopped_in_the_middle),
        cmocka_unit_test(written_from_outside),
        cmocka_unit_test(only_data_becomes_writable),
        cmocka_unit_test(a_page_that_was_free),
        cmocka_unit_test(the_canvas_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
