/* SPDX-License-Identifier: MIT */
/*
 * What an image keeps, all of it: saved, restored and saved again in every state that an app can
 * be in, nothing has changed; and what a system says that has no room for it.
 */
#include "app_memory.h"
#include "canvas.h"
#include "event.h"
#include "image_check.h"
#include "image_taken.h"
#include "input_view.h"
#include "policy_fixture.h"
#include "present.h"
#include "session.h"

#include <kernel/display.h>
#include <kernel/input.h>

/* ---- the same image again ---- */

static void same_again(struct app *app)
{
    take(app, 0);
    app_unload(app);
    for (uint32_t i = 0; i < 2; i++) { /* restored, and restored from what that is saved as */
        uint8_t *first = f.bytes;
        uint64_t len = f.len, order = head()->order, epoch = head()->epoch;
        app = bring_back();
        f.bytes = NULL;
        take(app, 0);
        app_unload(app);
        assert_int_equal(head()->epoch, epoch + 1);
        head()->epoch = (uint32_t)epoch;
        head()->order = order;
        image_reseal(f.bytes, f.len);
        assert_int_equal(f.len, len);
        for (uint64_t at = 0; at < len; at++) {
            if (f.bytes[at] != first[at]) {
                print_error("byte %llu of %llu; the app's are %llu to %llu\n",
                            (unsigned long long)at, (unsigned long long)len,
                            (unsigned long long)image_section_at(first, CTX_IMAGE_APP),
                            (unsigned long long)image_section_at(first, CTX_IMAGE_APP) +
                                sizeof(struct ctx_image_app));
                fail();
            }
        }
        free(first);
    }
}

static int32_t body_old(struct ctx *ctx)
{
    volatile uint8_t stack[3 * PAGE_SIZE];
    stack[0] = 1;
    memset(ctx->alloc(5000, 64), stack[0], 5000);
    ctx->dealloc(ctx->alloc(100, 16), 100, 16);
    return 0;
}

/* Words of every policy, one that is paused, one with faults, deep stacks and held keys. */
static void old_apps(void **state)
{
    (void)state;
    static const char *const words[] = {
        "old",
        "old one two three",
        "old restart=on-fault:7",
        "old restart=never",
        "old overrun=restart:9",
        "old overrun=stop:3",
        "old overrun=keep",
        "old budget=30ms share=40 log=77 critical",
        "old mem=3M stack=128K",
        "old instrument=log deny=mem",
        "old grant=ctx.control/1 grant=ctx.image/1",
    };
    for (uint32_t i = 0; i < ARRAY_COUNT(words); i++) {
        struct app *app = load(words[i]);
        if (strstr(words[i], "deny=mem") == NULL) {
            call(app, body_old);
        }
        for (uint64_t page = 1; page <= i % 4; page++) { /* as if it had been deep in it */
            (void)app_commit(app, CTX_SLOT_STACK_TOP - (page + 1) * PAGE_SIZE,
                             MAP_READ | MAP_WRITE);
        }
        if (i % 3 == 1) {
            app_pause(app, true);
        }
        same_again(app);
    }
}

static void expect_limits(const struct app *app, bool limited)
{
    assert_int_equal(app->policy.budget_ns, (limited ? 250 * NSEC_PER_MSEC : 60 * NSEC_PER_SEC));
    assert_int_equal(app->policy.share, limited ? 10 : 90);
    assert_int_equal(app->policy.log_per_second, limited ? 20 : 5000);
    assert_int_equal(app->policy.critical, !limited);
    assert_true(app->trusts);
    assert_int_equal(app_denies(app, CTX_TABLE_LOG), limited);
}

/* An app whose one call may take a minute would be a machine that stands still; the owner may have
 * it so, and no app may, by no way. */
static void who_restores_an_app_gives_it_no_more_than_it_has(void **state)
{
    (void)state;
    static const char line[] = "old trusted budget=60s share=90% log=5000 critical";
    struct app *by = load("boss trusted grant=ctx.image/1 deny=ctx.log/1 share=10% log=20");
    struct app *app = load(line);
    struct image_bytes made;
    struct session_failures failures;
    expect_limits(app, false);
    call(app, body_old);
    take(app, 0);
    app_unload(app);
    app = bring_back(); /* the owner does */
    expect_limits(app, false);
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_restore(&f.image, "made.img", by, &app, &f.error), CTX_OK);
    expect_limits(app, true);
    app_unload(app);
    assert_int_equal(app_load_child(by, m.bytes, m.len, "made", line, &app), CTX_OK);
    expect_limits(app, true);
    app_unload(app);
    app = bring_back();
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    uint64_t pid = app->pid;
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(session_go_back(&f.image, "all", by, &failures), CTX_OK);
    app = app_find(pid);
    expect_limits(app, true);
    app_unload(app);
    app_unload(by);
}

static void held_keys(void **state)
{
    (void)state;
    struct app *app = load("old");
    for (uint32_t i = 0; i < 70; i++) {
        input_key((uint16_t)(2 + i % 10), i / 10 % 2 == 0 ? INPUT_KEY_DOWN : INPUT_KEY_UP);
    }
    take(app, 0);
    app_unload(app);
    input_forget(UINT64_MAX, UINT64_MAX);
    /* Seventy events in order, then the ups of what was held. */
    app = bring_back();
    const struct ctx_image_key *k =
        (const struct ctx_image_key *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_KEYS));
    for (uint32_t i = 0; i < 70; i++) {
        assert_int_equal(k[i].code, 2 + i % 10);
        assert_int_equal(k[i].down, i / 10 % 2 == 0);
    }
    for (uint32_t i = 70; i < f.image.parts[CTX_IMAGE_KEYS].count; i++) {
        assert_int_equal(k[i].down, 0);
        assert_int_equal(k[i].code, 2 + i - 70);
    }
    assert_int_equal(f.image.parts[CTX_IMAGE_KEYS].count, 80);
    /* Half of them seen: the rest is kept, and no key that is up goes up once more. */
    call(app, body_old);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    uint64_t count = f.image.parts[CTX_IMAGE_KEYS].count;
    assert_true(count >= 16 && count < 80);
    call(app, body_old);
    call(app, body_old);
    take(app, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.parts[CTX_IMAGE_KEYS].count, 0);
    app_unload(app);
    for (uint16_t code = 2; code < 12; code++) {
        input_key(code, INPUT_KEY_UP);
    }
    input_forget(UINT64_MAX, UINT64_MAX);
}

/* Zero pages are left out; a page with one word in it is not one. */
static void a_page_with_one_word(void **state)
{
    (void)state;
    struct app *app = load("old");
    uint64_t *data = (uint64_t *)(uintptr_t)(app->base + CTX_SLOT_DYN_BIAS + 0x3000);
    take(app, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    uint64_t pages = f.image.pages;
    for (uint32_t i = 0; i < PAGE_SIZE / 8; i++) {
        data[i] = UINT64_C(1) << i % 64;
        take(app, 0);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(f.image.pages, pages + 1);
        data[i] = 0;
    }
    assert_int_equal(head()->screen_w, 320);
    assert_int_equal(head()->screen_h, 200);
    assert_int_equal(head()->devices, CTX_IMAGE_DISPLAY);
    app_unload(app);
}

static uint64_t mask, wake_ns;
static uint32_t *out;

static int32_t body_all(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_RANDOM, 0, &t), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &t), CTX_OK);
    out = own(ctx, 4);
    const struct ctx_display *d = ctx->display;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(d->create(d, 40 + i, 30, i < 2 ? CTX_SURFACE_RGBA : CTX_SURFACE_RGBX,
                                   i == 1 ? CTX_SURFACE_POINTER : 0, out),
                         CTX_OK);
        memset(d->pixels(d, *out), (int)i + 7, 40 * 30 * 4);
        assert_int_equal(d->damage(d, *out, 0, 0, 9, 9), CTX_OK);
    }
    assert_int_equal(d->destroy(d, 0x100), CTX_OK);
    uint8_t *guarded = ctx->mem->alloc(ctx->mem, 5000, 4096, CTX_MEM_GUARD_LOW);
    memset(guarded, 1, 5000);
    void *hole = ctx->mem->alloc(ctx->mem, 5000, 16, 0);
    void *after = ctx->mem->alloc(ctx->mem, 50, 32, 0);
    memset(after, 2, 50);
    ctx->mem->free(ctx->mem, hole, 5000, 16);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, own(ctx, 10 * sizeof(struct ctx_event)),
                            10 * sizeof(struct ctx_event), sizeof(struct ctx_event), count);
    if (mask != 0) {
        ctx->events->wait(ctx->events, mask);
    }
    if (wake_ns != 0) {
        ctx->time->wake_at(ctx->time, wake_ns);
    }
    return mask != 0 || wake_ns != 0 ? CTX_WAIT : CTX_AGAIN;
}

static void apps_of_version_3(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 8; way++) {
        mask = (way & 1) != 0 ? 0x6 : 0;
        wake_ns = (way & 2) != 0 ? 5000 * SECOND : 0;
        struct app *app = load_v3("app grant=ctx.host/1 deny=ctx.cpu/1 restart=undo");
        call(app, body_all);
        assert_int_equal(app->faults, 0);
        fake.now_ns += 5;
        (void)present_canvas(true);
        if ((way & 4) != 0) {
            input_key(30, INPUT_KEY_DOWN);
            input_key(30, INPUT_KEY_UP);
        }
        same_again(app);
        event_settle(fake.now_ns + SECOND);
    }
}

/* What it waits for: its deadline, or an event of a kind that it named. */
static void it_waits_as_before(void **state)
{
    (void)state;
    mask = 0;
    wake_ns = fake.now_ns + 10 * SECOND;
    struct app *app = load_v3("app");
    call(app, body_all);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    assert_int_equal(app->turn.where, TURN_WAITING);
    assert_int_equal(app->turn.deadline_ns, wake_ns);
    app_unload(app);

    mask = 1u << CTX_EVENT_KEY;
    wake_ns = 0;
    app = load_v3("app");
    call(app, body_all);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    assert_int_equal(app->turn.where, TURN_WAITING);
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    assert_ptr_equal(ready_take(), app);
    app_unload(app);
    event_settle(fake.now_ns + SECOND);
}

static struct ctx_event told;

static int32_t body_told(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 8 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    told = (struct ctx_event){0};
    if (ctx->events->read(ctx->events, events, 8 * sizeof *events, sizeof *events, count) ==
        CTX_OK) {
        told = events[0];
    }
    return CTX_AGAIN;
}

static struct app *load_to_be_told(void)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_TELL_RESTORED);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "told");
    assert_non_null(app);
    return app;
}

static void told_what_is_different(void **state)
{
    (void)state;
    static const struct {
        uint32_t w, h, devices, code;
    } was[] = {{320, 200, CTX_IMAGE_DISPLAY, 0},
               {321, 200, CTX_IMAGE_DISPLAY, CTX_RESTORED_SCREEN},
               {320, 199, CTX_IMAGE_DISPLAY, CTX_RESTORED_SCREEN},
               {320, 200, CTX_IMAGE_DISPLAY | CTX_IMAGE_DISK, CTX_RESTORED_DEVICES},
               {0, 0, 0, CTX_RESTORED_SCREEN | CTX_RESTORED_DEVICES}};
    struct app *app = load_to_be_told();
    call(app, body_told);
    take(app, 0);
    app_unload(app);
    for (uint32_t i = 0; i < ARRAY_COUNT(was); i++) {
        head()->screen_w = was[i].w;
        head()->screen_h = was[i].h;
        head()->devices = was[i].devices;
        image_reseal(f.bytes, f.len);
        app = bring_back();
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_RESTORED);
        assert_int_equal(told.code, was[i].code);
        assert_int_equal(told.x, 320);
        assert_int_equal(told.y, 200);
        app_unload(app);
    }
}

/* ---- hosts ---- */

static struct app *child;
static uint32_t handle;

static int32_t body_wrap(struct ctx *ctx)
{
    const struct ctx_table *table;
    assert_int_equal(open_table(ctx, CTX_ID_HOST, 0, &table), CTX_OK);
    const struct ctx_host *host = (const struct ctx_host *)table;
    uint32_t *place = own(ctx, 4);
    for (uint32_t i = 0; i < 3; i++) { /* places of their own: the first is given back */
        assert_int_equal(host->open(host, child->pid, place), CTX_OK);
        if (i == 0) {
            assert_int_equal(host->close(host, *place), CTX_OK);
        }
        handle = *place;
    }
    char *words = own_copy(ctx, "trace", 6);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)app_current()->entry;
    assert_int_equal(host->wrap(host, handle, words, 5, code, 77), CTX_OK);
    return CTX_AGAIN;
}

static void hosts_and_handles(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1");
    child = load("child host=host");
    call(host, body_wrap);
    assert_int_equal(host->faults, 0);
    take(child, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.parts[CTX_IMAGE_HOSTS].count, 1); /* the link that wraps nothing */
    const struct ctx_image_host *h =
        (const struct ctx_image_host *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_HOSTS));
    assert_int_equal(h->pid, host->pid);
    assert_text((const char *)h->words, "trace");
    take(host, 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.parts[CTX_IMAGE_HANDLES].count, 2);
    same_again(host);
    take(child, 0); /* its host has gone, and stays in its image */
    same_again(child);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(f.image.parts[CTX_IMAGE_HOSTS].count, 1);
}

/* ---- large ones ---- */

#define MUCH (1400u * 1024u)

static uint8_t *much;

static int32_t body_much(struct ctx *ctx)
{
    struct rng rng = {5};
    much = ctx->alloc(MUCH, 16);
    assert_non_null(much);
    for (uint32_t i = 0; i < MUCH; i++) { /* some of it can be packed, some not at all */
        much[i] = (uint8_t)(i / 100000 % 2 == 0 ? i / 700 : rng_next(&rng));
    }
    return 0;
}

static int32_t body_much_is_there(struct ctx *ctx)
{
    (void)ctx;
    struct rng rng = {5};
    for (uint32_t i = 0; i < MUCH; i++) {
        uint8_t wanted = (uint8_t)(i / 100000 % 2 == 0 ? i / 700 : rng_next(&rng));
        assert_int_equal(much[i], wanted);
    }
    return 0;
}

static void packed_sections_over_256_KiB(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    call(app, body_much);
    take(app, SAVE_PACKED);
    assert_true(f.len > 600000 && f.len < MUCH);
    app_unload(app);
    app = bring_back();
    call(app, body_much_is_there);
    memset(much, 0xee, MUCH);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    call(app, body_much_is_there);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
    /* Cut, or another byte, somewhere in the middle of it. */
    struct rng rng = {9};
    for (uint32_t i = 0; i < 300; i++) {
        uint64_t at = 2000 + rng_below(&rng, f.len - 2000);
        f.bytes[at] ^= 0x10;
        image_reseal(f.bytes, f.len);
        app = NULL;
        if (image_open(f.bytes, f.len, &f.image, &f.error) &&
            app_restore(&f.image, "made.img", NULL, &app, &f.error) == CTX_OK) {
            app_unload(app); /* it unpacks to something else, and that is its own affair */
        }
        all_is_back();
        f.bytes[at] ^= 0x10;
    }
}

/* ---- no room ---- */

static int32_t body_three_pages(struct ctx *ctx)
{
    memset(ctx->mem->alloc(ctx->mem, 3 * PAGE_SIZE, PAGE_SIZE, 0), 1, 3 * PAGE_SIZE);
    memset(ctx->mem->alloc(ctx->mem, 100, 16, 0), 1, 100); /* a page with the next one */
    memset(ctx->mem->alloc(ctx->mem, 100, 16, 0), 1, 100);
    out = (uint32_t *)ctx->mem->alloc(ctx->mem, 16, 16, 0);
    assert_int_equal(ctx->display->create(ctx->display, 64, 31, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    memset(ctx->display->pixels(ctx->display, *out), 1, 64 * 31 * 4);
    return CTX_AGAIN;
}

/* It says how much it wants; with that much it comes back. */
static void as_many_pages_as_it_takes(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_three_pages);
    take(app, 0);
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    /* 64 to spare; head, code, two of data; three and one of the heap; two of pixels. */
    uint64_t wanted = 64 + 4 + 4 + 2;
    static paddr_t taken[8192];
    uint32_t count = 0;
    while (app_room() >= wanted) {
        taken[count++] = frame_alloc(0, 0);
    }
    app = NULL;
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_E_NOMEM);
    assert_text(f.error.field, "memory");
    assert_int_equal(f.error.value, wanted * PAGE_SIZE);
    while (app_room() < wanted) {
        frame_free(taken[--count], 0);
    }
    assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
    assert_true(app->pages <= wanted);
    app_unload(app);
    while (count > 0) {
        frame_free(taken[--count], 0);
    }
}

/* Pages that are nobody's: beside the blocks of its heap, or of its file and not data. */
static void pages_that_are_nobodys(void **state)
{
    (void)state;
    mask = wake_ns = 0;
    struct app *app = load_v3("app");
    call(app, body_three_pages);
    take(app, 0);
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    struct ctx_image_run *r =
        (struct ctx_image_run *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_RUNS));
    uint32_t runs = (uint32_t)f.image.parts[CTX_IMAGE_RUNS].count, refused = 0, taken = 0;
    for (uint32_t i = 0; i < runs; i++) {
        for (int32_t by = -2; by <= 2; by++) {
            uint32_t page = r[i].page;
            uint64_t at = (uint64_t)page * PAGE_SIZE;
            bool in_heap = at >= CTX_SLOT_HEAP && at < CTX_SLOT_HEAP_END;
            bool in_file = at >= CTX_SLOT_IMAGE && at < CTX_SLOT_IMAGE_END;
            if (!in_heap && !in_file) {
                continue;
            }
            r[i].page = (uint32_t)((int32_t)page + by);
            image_reseal(f.bytes, f.len);
            app = NULL;
            bool opened = image_open(f.bytes, f.len, &f.image, &f.error);
            ctx_status status =
                opened ? app_restore(&f.image, "made.img", NULL, &app, &f.error) : CTX_E_INVAL;
            if (status == CTX_OK) {
                taken++;
                app_unload(app);
            } else {
                refused++;
                assert_int_equal(status, CTX_E_INVAL);
                assert_text(f.error.field, "run.page");
            }
            assert_true(by != 0 || status == CTX_OK);
            /* A page before the heap's first block, or behind its last one, is in none. */
            assert_true(!in_heap || by == 0 || status == CTX_E_INVAL);
            r[i].page = page;
        }
    }
    assert_true(refused > 4 && taken >= 2);
}

static void update(struct display *d, const struct rect *rects, uint32_t count)
{
    (void)d;
    (void)rects;
    (void)count;
}

static bool busy(struct display *d)
{
    (void)d;
    return false;
}

static uint32_t shown[320 * 200];
static struct display display = {"test", 320,  200,  0,    0,    shown, 1,
                                 update, busy, NULL, NULL, NULL, NULL};

static int boot_with_display(void **state)
{
    int result = boot_late(state);
    display_offer(&display);
    return result;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_apps),
        cmocka_unit_test(who_restores_an_app_gives_it_no_more_than_it_has),
        cmocka_unit_test(held_keys),
        cmocka_unit_test(a_page_with_one_word),
        cmocka_unit_test(apps_of_version_3),
        cmocka_unit_test(it_waits_as_before),
        cmocka_unit_test(told_what_is_different),
        cmocka_unit_test(hosts_and_handles),
        cmocka_unit_test(packed_sections_over_256_KiB),
        cmocka_unit_test(as_many_pages_as_it_takes),
        cmocka_unit_test(pages_that_are_nobodys),
    };
    return cmocka_run_group_tests(tests, boot_with_display, done);
}
