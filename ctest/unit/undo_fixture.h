/* SPDX-License-Identifier: MIT */
/*
 * An app whose calls are undone, on the fake machine, where slot pages have their rights for real:
 * what it does to its state, and whether that is as before.
 */
#ifndef UNIT_UNDO_FIXTURE_H
#define UNIT_UNDO_FIXTURE_H

#include "policy_fixture.h"
#include "undo_private.h"

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
static inline void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    faults_seen++;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

/* In each test: cmocka takes the signal for itself in between. */
static inline void watch(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
}

/* Many bytes of one value; a call of the test library for each would take most of the time. */
static inline void expect_all(const uint8_t *bytes, uint8_t value, uint64_t count)
{
    for (uint64_t at = 0; at < count; at++) {
        if (bytes[at] != value) {
            assert_int_equal(bytes[at], value);
        }
    }
}

/* ---- an app ---- */

static inline int32_t body_begin(struct ctx *ctx)
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
static inline void fill(struct ctx *ctx, uint64_t size, uint64_t flags)
{
    void *block = ctx->mem->alloc(ctx->mem, size, 16, flags);
    assert_true(block != NULL || s.little_memory);
    if (block != NULL) {
        memset(block, 0xcc, size);
    }
}

static inline void expect_ok(ctx_status status)
{
    assert_true(status == CTX_OK || s.little_memory);
}

/* Everything that a call can do to its own state, and then a fault. */
static inline int32_t body_spoil(struct ctx *ctx)
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

static inline int32_t body_check(struct ctx *ctx)
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

static inline struct app *begin(uint64_t large_bytes)
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

#endif
