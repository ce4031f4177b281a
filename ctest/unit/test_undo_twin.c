/* SPDX-License-Identifier: MIT */
/*
 * An app beside a model of what it should hold: random allocs, frees, writes, surfaces made, drawn
 * on, resized and destroyed, and faults in the middle, thousands of rounds; also while the machine
 * can not protect pages, maps none, or has no memory. A call that is said to be undone has left
 * everything as it was; one that is not ends in a fresh start. Nothing in between.
 */
#include "policy_fixture.h"
#include "undo.h"

#include <signal.h>

#define BLOCKS 24u
#define PIECES 20u /* surfaces: more than the first room for them, of many sizes */
#define ROUNDS 2500u

struct block {
    uint8_t *at;
    uint32_t size, seed;
    bool guarded;
};

struct piece {
    uint32_t handle, w, h, seed;
};

struct model {
    struct block block[BLOCKS];
    struct piece piece[PIECES];
};

static struct {
    struct rng rng;
    struct model now, was; /* in a call; when it began */
    uint32_t *out;
    uint32_t most_pages; /* of a block */
    bool tight;          /* gates may fail for want of something */
    uint32_t checked, undone, anew;
} s;

static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        if (app_current() != NULL) {
            fake_fault(14, (uint64_t)(uintptr_t)info->si_addr); /* the app's, as on any machine */
        }
        (void)signal(signal_no, SIG_DFL);
    }
}

static void watch(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
}

/* ---- contents ---- */

static uint8_t byte_of(uint32_t seed, uint64_t at)
{
    return (uint8_t)(seed * 31 + at / 97 + at);
}

/* Some bytes of every page, and both ends. */
static void fill(uint8_t *to, uint64_t len, uint32_t seed)
{
    for (uint64_t at = 0; at < len; at += 211) {
        to[at] = byte_of(seed, at);
    }
    to[len - 1] = byte_of(seed, len - 1);
}

static void compare(const uint8_t *bytes, uint64_t len, uint32_t seed)
{
    for (uint64_t at = 0; at < len; at += 211) {
        assert_int_equal(bytes[at], byte_of(seed, at));
    }
    assert_int_equal(bytes[len - 1], byte_of(seed, len - 1));
}

static uint8_t *pixels_of(struct ctx *ctx, const struct piece *p)
{
    return (uint8_t *)ctx->display->pixels(ctx->display, p->handle);
}

static void check_all(struct ctx *ctx)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const struct block *b = &s.now.block[i];
        if (b->at != NULL) {
            compare(b->at, b->size, b->seed);
        }
    }
    for (uint32_t i = 0; i < PIECES; i++) {
        const struct piece *p = &s.now.piece[i];
        if (p->handle != 0) {
            const uint8_t *pixels = pixels_of(ctx, p);
            assert_non_null(pixels);
            compare(pixels, (uint64_t)p->w * p->h * 4, p->seed);
        }
    }
    s.checked++;
}

/* ---- what it does ---- */

static uint32_t chance(uint32_t n)
{
    return (uint32_t)rng_below(&s.rng, n);
}

static void step_block(struct ctx *ctx)
{
    struct block *b = &s.now.block[chance(BLOCKS)];
    if (b->at != NULL && chance(3) == 0) {
        assert_int_equal(ctx->mem->free(ctx->mem, b->at, b->size, b->guarded ? PAGE_SIZE : 16), 0);
        b->at = NULL;
    } else if (b->at == NULL) {
        b->size = 1 + chance(s.most_pages * PAGE_SIZE);
        b->guarded = chance(6) == 0;
        b->at = ctx->mem->alloc(ctx->mem, b->size, b->guarded ? PAGE_SIZE : 16,
                                b->guarded ? CTX_MEM_GUARD_LOW : 0);
        assert_true(b->at != NULL || s.tight);
    }
    if (b->at != NULL) {
        b->seed = chance(250);
        fill(b->at, b->size, b->seed);
    }
}

static void step_surface(struct ctx *ctx)
{
    struct piece *p = &s.now.piece[chance(PIECES)];
    uint32_t what = chance(8);
    if (p->handle == 0) {
        p->w = 1 + chance(chance(8) == 0 ? 200 : 70);
        p->h = 1 + chance(70);
        ctx_status status =
            ctx->display->create(ctx->display, p->w, p->h, CTX_SURFACE_RGBX, 0, s.out);
        assert_true(status == CTX_OK || s.tight);
        p->handle = status == CTX_OK ? *s.out : 0;
    } else if (what == 0) {
        assert_int_equal(ctx->display->destroy(ctx->display, p->handle), CTX_OK);
        p->handle = 0;
    } else if (what == 1) { /* one that fails: it is more than the quota */
        assert_int_equal(ctx->display->resize(ctx->display, p->handle, 8000, 8000), CTX_E_NOMEM);
        compare(pixels_of(ctx, p), (uint64_t)p->w * p->h * 4, p->seed);
    } else if (what == 2) {
        uint32_t w = 1 + chance(70), h = 1 + chance(70);
        ctx_status status = ctx->display->resize(ctx->display, p->handle, w, h);
        assert_true(status == CTX_OK || s.tight);
        if (status == CTX_OK) {
            p->w = w;
            p->h = h;
        } else if (pixels_of(ctx, p) == NULL) { /* neither the new nor the old ones can be mapped */
            assert_true(fake_said("loses a surface"));
            p->handle = 0;
        }
    }
    uint8_t *pixels = p->handle != 0 ? pixels_of(ctx, p) : NULL;
    assert_true(pixels != NULL || p->handle == 0);
    if (pixels != NULL) {
        p->seed = chance(250);
        fill(pixels, (uint64_t)p->w * p->h * 4, p->seed);
    }
}

static void act(struct ctx *ctx)
{
    for (uint32_t n = chance(12); n > 0; n--) {
        if (chance(2) == 0) {
            step_block(ctx);
        } else {
            step_surface(ctx);
        }
    }
}

static int32_t body_first(struct ctx *ctx)
{
    s.out = own(ctx, sizeof *s.out);
    memset(&s.now, 0, sizeof s.now);
    return CTX_AGAIN;
}

static int32_t body_good(struct ctx *ctx)
{
    check_all(ctx);
    act(ctx);
    return CTX_AGAIN;
}

static int32_t body_bad(struct ctx *ctx)
{
    check_all(ctx);
    act(ctx);
    fake_fault(chance(2) == 0 ? 6 : 14, chance(4096)); /* at another place each time */
}

static int32_t body_check(struct ctx *ctx)
{
    check_all(ctx);
    return CTX_AGAIN;
}

/* One call with this many successes of each kind before one fails. */
static void one_round(struct app *app, bool bad)
{
    uint64_t undone = app->undone, faults = app->faults;
    s.was = s.now;
    turn(app, bad ? body_bad : body_good);
    fake.allocs_left = FAKE_ALWAYS;
    fake.protects_left = FAKE_ALWAYS;
    fake.maps_left = FAKE_ALWAYS;
    app->undone_in_a_row = 0; /* chance may fault at one place */
    if (app->faults == faults) {
        assert_false(bad);
        return;
    }
    if (app->undone > undone) { /* then it is as it was */
        s.now = s.was;
        s.undone++;
        turn(app, body_check);
        return;
    }
    assert_true(s.tight); /* or it begins anew, and says why */
    assert_true(fake_said("this call can not be undone: "));
    s.anew++;
    app->restarts_in_a_row = 0;
    restart_now(app);
    turn(app, body_first);
}

static struct app *begin(uint32_t most_pages, uint32_t seed, bool tight)
{
    memset(&s, 0, sizeof s);
    s.rng = (struct rng){seed};
    s.most_pages = most_pages;
    s.tight = tight;
    fake_serial_clear();
    watch();
    struct app *app = load_v3("app restart=undo mem=6M");
    turn(app, body_first);
    return app;
}

static void rounds(uint32_t most_pages)
{
    remember();
    struct app *app = begin(most_pages, most_pages, false);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        one_round(app, chance(3) != 0);
        fake_serial_clear();
    }
    assert_true(s.undone > ROUNDS / 2);
    assert_int_equal(s.anew, 0);
    gone(app);
}

static void small_ones(void **state)
{
    (void)state;
    rounds(1); /* copied */
}

static void large_ones(void **state)
{
    (void)state;
    rounds(20); /* watched */
}

static void both_ways_in_turn(void **state)
{
    (void)state;
    rounds(5); /* around the number of pages where copying ends */
}

/* The machine refuses: to protect, to map, memory; once, or from then on. Fewer than `most` times
 * it does not. */
static void refused(uint64_t *left, uint32_t most)
{
    for (uint32_t once = 0; once < 2; once++) {
        remember();
        struct app *app = begin(12, 7 + once, true);
        fake.once = once != 0;
        for (uint32_t i = 0; i < ROUNDS; i++) {
            *left = chance(2) == 0 ? FAKE_ALWAYS : chance(most);
            one_round(app, chance(2) != 0);
            fake_serial_clear();
        }
        assert_true(s.undone > 100);
        assert_true(s.anew > 10);
        gone(app);
    }
    fake.once = false;
}

static void protection_is_refused(void **state)
{
    (void)state;
    refused(&fake.protects_left, 40);
}

static void mapping_is_refused(void **state)
{
    (void)state;
    refused(&fake.maps_left, 8); /* some pages come by one mapping */
}

static void memory_is_refused(void **state)
{
    (void)state;
    refused(&fake.allocs_left, 40);
}

/* Many good calls, each of which destroys a surface: nothing is kept of them. */
static int32_t body_make(struct ctx *ctx)
{
    assert_int_equal(ctx->display->create(ctx->display, 30, 30, CTX_SURFACE_RGBX, 0, s.out), 0);
    return CTX_AGAIN;
}

static int32_t body_destroy(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, *s.out), 0);
    return CTX_AGAIN;
}

static int32_t body_many_and_fault(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(ctx->display->create(ctx->display, 9, 9, CTX_SURFACE_RGBX, 0, s.out), 0);
        assert_int_equal(ctx->display->destroy(ctx->display, *s.out), 0);
    }
    fake_fault(6, 0);
}

static void surfaces_that_come_and_go(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(4, 1, false);
    uint64_t free = 0;
    for (uint32_t i = 0; i < 100; i++) {
        turn(app, body_make);
        turn(app, body_destroy);
        free = i == 5 ? frame_free_total() : free;
        assert_true(i < 5 || frame_free_total() == free);
    }
    turn(app, body_many_and_fault); /* however many: none was there before */
    assert_int_equal(app->undone, 1);
    turn(app, body_make);
    assert_int_equal(*s.out >> 8, 101); /* and handles go on as if that call had not been */
    gone(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ones),
        cmocka_unit_test(large_ones),
        cmocka_unit_test(both_ways_in_turn),
        cmocka_unit_test(protection_is_refused),
        cmocka_unit_test(mapping_is_refused),
        cmocka_unit_test(memory_is_refused),
        cmocka_unit_test(surfaces_that_come_and_go),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
