/* SPDX-License-Identifier: MIT */
/* The ctx page and the tables of version 3 in the slot, byte for byte, and opening those by id. */
#include "fake_files.h"
#include "fake_terminal.h"
#include "v3_fixture.h"

static uint64_t word_at(const struct app *app, uint64_t offset)
{
    uint64_t word;
    memcpy(&word, (const void *)(uintptr_t)(app->base + offset), sizeof word);
    return word;
}

static uint64_t gate(const struct app *app, uint32_t no)
{
    return app->base + CTX_SLOT_GATES + (uint64_t)no * CTX_GATE_SIZE;
}

static int32_t body_nothing(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

static void the_page_byte_for_byte(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app");
    fake.now_ns = 77 * NSEC_PER_MSEC;
    call(app, body_nothing);
    const uint8_t *ctx = (const uint8_t *)(uintptr_t)(app->base + CTX_SLOT_CTX);
    assert_int_equal(word_at(app, CTX_SLOT_CTX), 3); /* version, and seven bytes of nothing */
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 8), 77);
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 16), gate(app, CTX_GATE_V1_LOG));
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 24), app->pid);
    assert_true(word_at(app, CTX_SLOT_CTX + 32) > app->base);
    assert_memory_equal(ctx + 40, ((uint64_t[]){0, 0, 0}), 24); /* no canvas so far */
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 64), gate(app, CTX_GATE_V2_ALLOC));
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 72), gate(app, CTX_GATE_V2_DEALLOC));
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 80), app->base + CTX_SLOT_STORE);
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 88), app->base + CTX_SLOT_INPUT);
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 96), 152); /* size, epoch 0 */
    assert_int_equal(word_at(app, CTX_SLOT_CTX + 104), 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(word_at(app, CTX_SLOT_CTX + 112 + 8 * i),
                         app->base + CTX_SLOT_TABLES + 0x400 * i);
    }
    for (uint32_t at = 152; at < 0x400; at += 8) {
        assert_int_equal(word_at(app, CTX_SLOT_CTX + at), app->base + CTX_SLOT_NOSYS);
    }
    assert_int_equal(fake_rights(app->base + CTX_SLOT_CTX), MAP_READ);
    assert_int_equal(fake_rights(app->base + CTX_SLOT_TABLES), MAP_READ);
    assert_int_equal(fake_rights(app->base + CTX_SLOT_OPENED), 0);
    assert_int_equal(fake_rights(app->base + CTX_SLOT_STORE), MAP_READ | MAP_WRITE);

    /* Each has a gate of its own, from the first one that version 3 was given on; those of
     * functions that came later are not beside those of the same table. */
    uint64_t used = 0;
    for (uint32_t t = 0; t < 5; t++) {
        uint64_t at = CTX_SLOT_TABLES + 0x400 * t;
        uint32_t size = 16 + 8 * ctx_tables[t].count;
        assert_int_equal(word_at(app, at), size | (uint64_t)CTX_TBL_GRANTED << 32);
        assert_int_equal(word_at(app, at + 8), 0);
        for (uint32_t i = 16; i < 0x400; i += 8) {
            const struct ctx_gate_info *fn = i < size ? &ctx_tables[t].fns[(i - 16) / 8] : NULL;
            assert_int_equal(word_at(app, at + i),
                             gate(app, fn != NULL ? fn->gate : CTX_GATE_NOSYS));
            assert_true(fn == NULL || (used >> fn->gate & 1) == 0);
            used |= fn != NULL ? UINT64_C(1) << fn->gate : 0;
        }
    }
    assert_int_equal(used, (UINT64_C(1) << CTX_GATE_USED) - (1u << 5));
    assert_int_equal(word_at(app, CTX_SLOT_NOSYS), 16);
    app_unload(app);
    all_is_back();
}

/* ---- iface ---- */

static int32_t body_open(struct ctx *ctx)
{
    const struct ctx_table *a, *b, *first[CTX_TABLES];
    struct app *app = app_current();
    assert_int_equal(open_table(ctx, "ctx.nothing/1", 0, &a), CTX_E_NOSYS);
    assert_null(a);
    static const char *const unknown[] = {
        "",
        "c",
        "ctx.log",
        "ctx.log/",
        "ctx.log/2",
        "ctx.log/11",
        "CTX.LOG/1",
        "org.example.thing/1",
        "an.id.that.is.longer.than.any.id.of.ours/1",
        "iface",
        " ctx.log/1",
    };
    for (size_t i = 0; i < ARRAY_COUNT(unknown); i++) {
        assert_int_equal(open_table(ctx, unknown[i], 0, &a), CTX_E_NOSYS);
    }
    const struct ctx_table **out = own(ctx, 8);
    char *with_nul = own_copy(ctx, "ctx.log/1\0more", 14);
    for (uint32_t len = 10; len < 15; len++) { /* a NUL ends no id */
        assert_int_equal(ctx->iface->open(ctx->iface, with_nul, len, 0, out), CTX_E_NOSYS);
    }
    uint32_t count = 0, gates = 0;
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        const struct ctx_table_info *info = &ctx_tables[no];
        if (info->id[0] == 0) {
            continue;
        }
        uint32_t size = 16 + 8 * info->count;
        assert_int_equal(open_table(ctx, info->id, size + 1, &a), CTX_E_NOSYS);
        assert_int_equal(open_table(ctx, info->id, UINT32_MAX, &a), CTX_E_NOSYS);
        assert_int_equal(open_table(ctx, info->id, size, &a), CTX_OK);
        assert_int_equal(open_table(ctx, info->id, 16, &b), CTX_OK);
        assert_ptr_equal(a, b); /* again: the same address */
        uint64_t at = (uint64_t)(uintptr_t)a - app->base;
        assert_int_equal(at, CTX_SLOT_OPENED + 0x400 * count);
        assert_int_equal(a->size, size);
        assert_int_equal(a->flags, info->grant ? 0 : CTX_TBL_GRANTED);
        assert_int_equal(a->features, 0);
        for (uint32_t i = 16; i < 0x400; i += 8) {
            assert_int_equal(
                word_at(app, at + i),
                gate(app, i < size ? CTX_GATE_OPENED + gates + (i - 16) / 8 : CTX_GATE_NOSYS));
        }
        gates += info->count;
        first[count++] = a;
    }
    assert_int_equal(count, CTX_TABLES - 5); /* five hang on ctx */
    for (uint32_t i = 0; i < count; i++) {   /* what came later moved nothing */
        assert_true((uint64_t)(uintptr_t)first[i] == app->base + CTX_SLOT_OPENED + 0x400 * i);
    }
    return 0;
}

static int32_t body_open_when_full(struct ctx *ctx)
{
    const struct ctx_table *table;
    struct app_v3 *v3 = app_current()->v3;
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &table), CTX_OK);
    v3->opened_gates = OPENED_GATES;
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &table), CTX_E_NOSPC);
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &table), CTX_OK); /* it is there already */
    v3->opened_gates = 1;
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &table), CTX_OK);
    return 0;
}

static void opening_tables(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app");
    fake_terminal_give(app);
    fake_files_give(app);
    call(app, body_open);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    app = load_v3("app");
    call(app, body_open_when_full);
    app_unload(app);
    all_is_back();
}

/* ---- memory that runs out ---- */

static int32_t body_busy(struct ctx *ctx)
{
    uint32_t *out = ctx->mem->alloc(ctx->mem, 4096, 16, CTX_MEM_GUARD_LOW);
    if (out == NULL) {
        return CTX_WAIT;
    }
    char *id = (char *)(out + 8);
    memcpy(id, CTX_ID_LOG, 9);
    ctx->iface->open(ctx->iface, id, 9, 0, (const struct ctx_table **)(out + 2));
    ctx->display->create(ctx->display, 300, 300, CTX_SURFACE_RGBX, 0, out);
    ctx->display->resize(ctx->display, *out, 50, 400);
    ctx->display->canvas(ctx->display);
    ctx->time->wake_at(ctx->time, 1000);
    ctx->events->wait(ctx->events, 0x3e);
    return CTX_WAIT;
}

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
            make_note(&m, CTX_NOTE_MINIMUM, 3);
            fake.once = once != 0;
            fake.allocs_left = n;
            uint64_t calls = fake.alloc_calls;
            struct app *app = app_load(m.bytes, m.len, "made.elf", "poor instrument=log");
            if (app != NULL) {
                call(app, body_busy);
                call(app, body_busy);
                assert_int_equal(app->faults, 0);
                reached++;
            } else {
                assert_true(fake_said("refused file=made.elf field=memory"));
            }
            calls = fake.alloc_calls - calls;
            fake.allocs_left = FAKE_ALWAYS;
            if (n >= calls) {
                needed = n;
            }
            if (app != NULL) {
                app_unload(app);
            }
            all_is_back();
            assert_true(n < 2000);
        }
    }
    fake.once = false;
    assert_true(reached > 20);
}

static int32_t body_full(struct ctx *ctx)
{
    const struct ctx_table **out = own(ctx, sizeof *out);
    char *id = own_copy(ctx, CTX_ID_LOG, sizeof CTX_ID_LOG);
    while (ctx->mem->alloc(ctx->mem, 100, 16, 0) != NULL) {
    }
    assert_int_equal(app_current()->pages, app_current()->quota_pages);
    assert_int_equal(ctx->iface->open(ctx->iface, id, sizeof CTX_ID_LOG - 1, 0, out), CTX_OK);
    return 0;
}

/* It can still say so: tables are the kernel's pages. */
static void an_app_without_memory_opens_a_table(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("full mem=128K");
    call(app, body_full);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_byte_for_byte),
        cmocka_unit_test(opening_tables),
        cmocka_unit_test(an_app_without_memory_opens_a_table),
        cmocka_unit_test(no_frames_at_each_point),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
