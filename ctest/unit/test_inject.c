/* SPDX-License-Identifier: MIT */
/* The injector itself: its word, what it does at gates, and that it leaves nothing behind. */
#include "app_words.h"
#include "inject.h"
#include "v3_fixture.h"
#include "verify.h"

static void the_word(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool good;
    } table[] = {
        {"inject=1,8", true},      {"inject=0,1,uokt", true}, {"inject=4294967295,100,g", true},
        {"inject=", false},        {"inject=1", false},       {"inject=1,", false},
        {"inject=1,0", false},     {"inject=x,1", false},     {"inject=1,2,", true},
        {"inject=1,2,uz", false},  {"inject=1;2", false},     {"inject=-1,2", false},
        {"inject=1,2,u,o", false}, {"inject=1,1,n", true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        char text[64];
        remember();
        fake_serial_clear();
        snprintf(text, sizeof text, "app %s last", table[i].word);
        struct app *app = load_v3(text);
        assert_text(app_text(app->arguments), "last");
        assert_int_equal(app->inject != NULL, table[i].good);
        assert_int_equal(fake_said("it takes SEED"), !table[i].good);
        app_unload(app);
        all_is_back();
    }
}

/* The word of the other test aid (probe/step.c): what comes of it at calls, machines show. */
static void the_word_step(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool good;
    } table[] = {
        {"step=1", true},        {"step=4294967295", true},
        {"step=", false},        {"step=0", false},
        {"step=x", false},       {"step=4294967296", false},
        {"step=-1", false},      {"step=1,1", false},
        {"step=1 step=2", true}, {"step=18446744073709551617", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        char text[64];
        remember();
        fake_serial_clear();
        snprintf(text, sizeof text, "app %s last", table[i].word);
        struct app *app = load_v3(text);
        assert_text(app_text(app->arguments), "last");
        assert_int_equal(fake_said("it takes a number of calls, from 1 to 4294967295"),
                         !table[i].good);
        app_unload(app);
        all_is_back();
    }
}

static int32_t body_good(struct ctx *ctx)
{
    (void)ctx;
    return CTX_AGAIN;
}

static uint32_t slices;

static int32_t body_parked(struct ctx *ctx)
{
    (void)ctx;
    if (++slices % 3 != 0) {
        fake_overrun();
    }
    return CTX_AGAIN;
}

/* Slices that were asked for are no fault of the app's. */
static void steps_do_not_count_against_the_app(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app step=1 overrun=stop:2");
    fake_serial_clear();
    slices = 0;
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_parked);
    }
    assert_true(fake_said("stepped name=app"));
    assert_true(fake_said("steps=3 ended=well"));
    assert_int_equal(app->preemptions, 0);
    call(app, body_parked); /* the next one is as always */
    assert_int_equal(app->preemptions, 1);
    app_unload(app);
    all_is_back();
}

/* They write to the kernel, say where it is, and take any time: an app may not ask for that. */
static void no_app_asks_for_test_aids(void **state)
{
    (void)state;
    static const char *const lines[] = {"kid inject=1,1,k last", "kid step=9 last"};
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        remember();
        struct app *parent = load_v3("parent trusted"), *child = NULL;
        fake_serial_clear();
        assert_int_equal(app_load_child(parent, m.bytes, m.len, "/apps/made.elf", lines[i], &child),
                         CTX_OK);
        assert_text(app_text(child->arguments), "last");
        assert_true(fake_said("only who starts the system may ask for that"));
        assert_null(child->inject);
        call(child, body_good);
        assert_false(fake_said("stepped name=kid"));
        app_unload(child);
        app_for_all("inject=1,1,n"); /* what `ctx run` was told is for all */
        assert_int_equal(app_load_child(parent, m.bytes, m.len, "/apps/made.elf", "kid", &child),
                         CTX_OK);
        app_for_all("");
        assert_non_null(child->inject);
        app_unload(child);
        app_unload(parent);
        all_is_back();
    }
}

static uint32_t nulls, refusals, calls;

static int32_t body_gates(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 100; i++) {
        void *p = ctx->mem->alloc(ctx->mem, 64, 16, 0);
        calls++;
        nulls += p == NULL;
        refusals += p != NULL && ctx->mem->free(ctx->mem, p, 64, 16) != CTX_OK;
    }
    return CTX_AGAIN;
}

static void gates(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app inject=5,1,a");
    call(app, body_gates);
    assert_in_range(nulls, 2, 15); /* one in sixteen */
    assert_int_equal(refusals, 0);
    app_unload(app);
    app = load_v3("app inject=5,1,g");
    nulls = 0;
    for (uint32_t i = 0; i < 20; i++) {
        call(app, body_gates);
        assert_null(slotheap_check(app->heap));
    }
    assert_true(refusals > 20);
    app_unload(app);
    all_is_back();
    fake_serial_clear();
    inject_report();
    assert_true(fake_said("kind=no-memory injected="));
    assert_false(fake_said("kind=garbage injected=0 "));
    assert_true(fake_said("kind=write-others injected=0 "));
}

static int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static uint64_t reported(const char *what)
{
    fake_serial_clear();
    inject_report();
    const char *line = strstr(fake.serial, "kind=write-nowhere");
    line = line != NULL ? strstr(line, what) : NULL;
    assert_non_null(line);
    return strtoull(line + strlen(what), NULL, 10);
}

/* What was injected into a call is counted once, by how the call ended; and what ended badly once
 * more when a good call has followed. */
static void counts(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app inject=3,1,u");
    const uint64_t injected = reported("injected="), trapped = reported("trapped="),
                   quiet = reported("quiet="), recovered = reported("recovered=");
    for (uint32_t i = 0; i < 40; i++) {
        call(app, body_good);
    }
    uint64_t good = reported("injected=") - injected;
    assert_true(good > 0);
    assert_int_equal(reported("quiet=") - quiet, good);
    assert_int_equal(reported("trapped="), trapped);
    for (uint32_t i = 0; i < 40; i++) {
        call(app, body_fault);
    }
    uint64_t bad = reported("injected=") - injected - good;
    assert_true(bad > 0);
    assert_int_equal(reported("quiet=") - quiet, good);
    assert_int_equal(reported("trapped=") - trapped, bad);
    assert_int_equal(reported("recovered="), recovered);
    call(app, body_good);
    assert_int_equal(reported("recovered=") - recovered, bad);
    call(app, body_good);
    assert_int_equal(reported("recovered=") - recovered, bad);
    app_unload(app);
    all_is_back();
}

/* Its page goes with the slot, and comes with the next one. */
static void lives(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app inject=9,1,uox restart=on-fault");
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(fake_rights(app->base + CTX_SLOT_IMAGE - 1), MAP_READ | MAP_EXEC);
        call(app, body_fault);
        app_settle();
        assert_int_equal(app->pages, 0);
        fake.now_ns = app->turn.deadline_ns;
        ready_remove(app);
        call(app, body_gates);
    }
    app_unload(app);
    all_is_back();
}

/* Beside others: where writes go is memory of the right owner, with every seed. */
static void whereto(void **state)
{
    (void)state;
    remember();
    struct app *others[3];
    for (uint32_t i = 0; i < 3; i++) {
        others[i] = load_v3("other");
        call(others[i], body_gates);
    }
    struct app *app = load_v3("app inject=3,1,uoktjx");
    for (uint32_t i = 0; i < 3000; i++) {
        struct machine_entry entry = {.code = app->entry};
        inject_call(app, &entry);
        uint64_t stub = app->base + CTX_SLOT_IMAGE - PAGE_SIZE;
        if (entry.code == stub) {
            uint64_t target;
            memcpy(&target, (const void *)(uintptr_t)(stub + 2), 8);
            bool own = target - app->base < CTX_SLOT_SIZE;
            assert_false(own && (fake_rights(target) & MAP_WRITE) != 0);
        }
        inject_ended(app, ENDED_WELL);
    }
    app_unload(app);
    for (uint32_t i = 0; i < 3; i++) {
        app_unload(others[i]);
    }
    all_is_back();
}

/*
 * A verified app can jump into the page by chance: what is there is code that the verifier takes,
 * whatever is written to, and int3 behind it. An app that is not verified has other code there.
 */
static void of_verified_apps(void **state)
{
    (void)state;
    static const struct verify_options options;
    static uint8_t page[PAGE_SIZE], scratch[2 * PAGE_SIZE / 8];
    remember();
    struct app *other = load_v3("other");
    call(other, body_gates);
    for (uint32_t verified = 0; verified < 2; verified++) {
        make_elf(&m);
        make_note(&m, CTX_NOTE_MINIMUM, 3);
        if (verified != 0) {
            memset(m.bytes + 0x1000, 0x90, 0x100);
        }
        struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "app inject=3,1,uoktjx");
        assert_non_null(app);
        assert_int_equal(app->verified, verified);
        uint64_t stub = app->base + CTX_SLOT_IMAGE - PAGE_SIZE;
        uint32_t writes = 0, jumps = 0;
        for (uint32_t i = 0; i < 2000; i++) {
            struct machine_entry entry = {.code = app->entry};
            memcpy(page, (const void *)(uintptr_t)stub, sizeof page);
            inject_call(app, &entry);
            if (verified == 0) {
                inject_ended(app, ENDED_WELL);
                continue;
            }
            /* it goes there, or to its own beginning: a wild jump is one of a masked kind */
            assert_true(entry.code == stub || entry.code == app->entry);
            memcpy(page, (const void *)(uintptr_t)stub, sizeof page);
            writes += entry.code == stub && page[1] == 0xba;
            jumps += entry.code == stub && page[1] == 0xbb;
            for (uint32_t at = 2 * VERIFY_BUNDLE; at < sizeof page; at++) {
                assert_int_equal(page[at], VERIFY_FILL);
            }
            struct verify_result result;
            memset(scratch, 0, sizeof scratch);
            assert_true(verify_code(page, sizeof page, CTX_SLOT_IMAGE - PAGE_SIZE, &options,
                                    scratch, &result));
            inject_ended(app, ENDED_WELL);
        }
        if (verified != 0) {
            assert_in_range(writes, 1000, 1600);
            assert_in_range(jumps, 400, 1000);
        } else {
            memset(scratch, 0, sizeof scratch);
            struct verify_result result;
            memcpy(page, (const void *)(uintptr_t)stub, sizeof page);
            assert_false(verify_code(page, sizeof page, CTX_SLOT_IMAGE - PAGE_SIZE, &options,
                                     scratch, &result));
        }
        app_unload(app);
    }
    assert_false(fake_said("its code is not verified"));
    app_unload(other);
    all_is_back();
}

static struct app *victim;
static uint64_t victim_at;

static int32_t body_keeps_memory(struct ctx *ctx)
{
    (void)own(ctx, 64);
    return CTX_AGAIN;
}

static int32_t body_writes(struct ctx *ctx)
{
    (void)ctx;
    paddr_t frame = machine_slot_frame(victim->base + victim_at);
    assert_int_not_equal(frame, 0);
    *((uint8_t *)machine_direct(frame) + 100) ^= 1;
    return CTX_AGAIN;
}

static uint64_t changed_of(struct app *app, int32_t (*body)(struct ctx *ctx))
{
    uint64_t was[2] = {0, 0}, now[2] = {0, 0};
    for (uint32_t n = 0; n < 2; n++) {
        uint64_t *to = n == 0 ? was : now;
        fake_serial_clear();
        inject_report();
        const char *line = strstr(fake.serial, "kind=write-nowhere");
        assert_non_null(line);
        to[0] = strtoull(strstr(line, "changed=") + 8, NULL, 10);
        to[1] = strtoull(strstr(line, "looked=") + 7, NULL, 10);
        for (uint32_t i = 0; n == 0 && i < 40; i++) {
            call(app, body);
        }
    }
    assert_true(now[1] - was[1] > 2);
    assert_int_equal(now[0] - was[0] == 0 || now[0] - was[0] == now[1] - was[1], true);
    return now[0] - was[0];
}

/* Whatever of another slot is not as it was counts, wherever that is: words, Context, text, data,
 * heap, stack, the gates of all. */
static void what_changed_counts(void **state)
{
    (void)state;
    remember();
    victim = load_v3("victim");
    call(victim, body_keeps_memory);
    struct app *app = load_v3("app inject=3,1,u");
    assert_int_equal(changed_of(app, body_good), 0);
    uint64_t table = (uint64_t)(uintptr_t)victim->ctx->mem;
    const uint64_t places[] = {CTX_SLOT_GATES,
                               CTX_SLOT_BASE_WORD,
                               CTX_SLOT_NOSYS,
                               ALIGN_DOWN(table - victim->base, (uint64_t)PAGE_SIZE),
                               CTX_SLOT_CTX,
                               CTX_SLOT_STORE,
                               CTX_SLOT_STACK_TOP - PAGE_SIZE,
                               ALIGN_DOWN(victim->segments[0].at, (uint64_t)PAGE_SIZE),
                               ALIGN_DOWN(victim->segments[1].at, (uint64_t)PAGE_SIZE),
                               ALIGN_DOWN(victim->segments[2].at, (uint64_t)PAGE_SIZE),
                               CTX_SLOT_HEAP};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        victim_at = places[i];
        assert_true(changed_of(app, body_writes) > 0);
    }
    app_unload(app);
    app_unload(victim);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_word),
        cmocka_unit_test(the_word_step),
        cmocka_unit_test(steps_do_not_count_against_the_app),
        cmocka_unit_test(no_app_asks_for_test_aids),
        cmocka_unit_test(gates),
        cmocka_unit_test(counts),
        cmocka_unit_test(lives),
        cmocka_unit_test(whereto),
        cmocka_unit_test(of_verified_apps),
        cmocka_unit_test(what_changed_counts),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
