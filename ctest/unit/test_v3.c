/* SPDX-License-Identifier: MIT */
/* Version 3 from outside its functions: the ctx page, tables, notes, options, what _start answers,
 * and the tables that are opened by id. */
#include "random.h"
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

    uint32_t next = 5; /* the first gate that version 3 was given */
    for (uint32_t t = 0; t < 5; t++) {
        uint64_t at = CTX_SLOT_TABLES + 0x400 * t;
        uint32_t size = 16 + 8 * ctx_tables[t].count;
        assert_int_equal(word_at(app, at), size | (uint64_t)CTX_TBL_GRANTED << 32);
        assert_int_equal(word_at(app, at + 8), 0);
        for (uint32_t i = 16; i < 0x400; i += 8) {
            assert_int_equal(word_at(app, at + i), gate(app, i < size ? next++ : CTX_GATE_NOSYS));
        }
    }
    assert_int_equal(next, CTX_GATE_USED);
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
    assert_int_equal(count, 10);
    for (uint32_t i = 0; i < count; i++) { /* what came later moved nothing */
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
    call(app, body_open);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    app = load_v3("app");
    call(app, body_open_when_full);
    app_unload(app);
    all_is_back();
}

/* ---- what _start answers ---- */

static int32_t answer_is;
static int32_t body_answer(struct ctx *ctx)
{
    if (answer_is >= 0x100 && answer_is <= 0x1ff) { /* with everything an app can hold */
        const struct ctx_table *table;
        uint32_t *out = own(ctx, 4);
        ctx->display->create(ctx->display, 100, 100, CTX_SURFACE_RGBA, 0, out);
        ctx->display->canvas(ctx->display);
        open_table(ctx, CTX_ID_LOG, 0, &table);
        ctx->events->wait(ctx->events, 0x3e);
        ctx->time->wake_at(ctx->time, 5);
        gate_bind(app_current(), 5, (struct gate_binding){.to = GATE_DENIED});
        (void)app_page_in(app_current()->base + app_current()->stack_low);
    }
    return answer_is;
}

static enum app_turn turn_after(struct app *app, int32_t answer)
{
    answer_is = answer;
    call(app, body_answer);
    return app->turn.where;
}

static void answers(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("app");
    fake_serial_clear();
    assert_int_equal(turn_after(app, 0), TURN_FRAME);
    assert_int_equal(turn_after(app, 1), TURN_WAITING);
    assert_int_equal(ready_next_deadline_ns(), NEVER_NS);
    assert_int_equal(turn_after(app, 0), TURN_FRAME);
    assert_int_equal(fake.serial_len, 0); /* nothing to say about those */
    const int32_t odd[] = {CTX_E_NOMEM, -1, INT32_MIN, 2, 0xff, 0x200, INT32_MAX};
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(turn_after(app, odd[i % ARRAY_COUNT(odd)]), TURN_FRAME);
    }
    assert_int_equal(fake_said_times("_start returned"), 4); /* the 1st, 2nd, 4th, 8th time */
    assert_true(fake_said("app#"));
    assert_true(fake_said("_start returned -8 (NOMEM)"));
    app_unload(app);
    all_is_back();
    for (int32_t code = 0; code < 256; code += 51) {
        remember();
        app = load_v3("leaver");
        struct app *stays = load_v3("stays");
        fake_serial_clear();
        assert_int_equal(turn_after(app, CTX_EXIT(code)), TURN_NONE);
        assert_true(app->fate == FATE_UNLOAD);
        char text[64];
        snprintf(text, sizeof text, "exited name=leaver pid=%lu code=%d\n", app->pid, code);
        assert_true(fake_said(text));
        app_settle();
        assert_ptr_equal(app_first(), stays);
        assert_null(stays->next);
        app_unload(stays);
        all_is_back();
    }
}

static int32_t body_fault(struct ctx *ctx)
{
    ctx->time->wake_at(ctx->time, 5);
    fake_fault(14, 0x123);
}

static void a_fault_is_no_answer(void **state)
{
    (void)state;
    struct app *app = load_v3("clumsy");
    call(app, body_fault);
    assert_int_equal(app->turn.where, TURN_FRAME);
    call(app, body_fault);
    call(app, body_fault);
    app_settle();
    assert_true(app->stopped);
    assert_int_equal(app->turn.where, TURN_NONE);
    assert_null(ready_frame_first());
    app_unload(app);
}

static int32_t body_odd_of_v2(struct ctx *ctx)
{
    return ctx->version == 2 ? CTX_WAIT : CTX_EXIT(1);
}

static void answers_of_older_apps_mean_nothing(void **state)
{
    (void)state;
    struct app *app = load("old");
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_odd_of_v2);
        assert_int_equal(app->turn.where, TURN_FRAME);
    }
    app_unload(app);
}

/* ---- notes ---- */

static struct app *load_noted(uint32_t minimum, uint32_t draft)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, minimum);
    if (draft != 0) {
        make_note(&m, CTX_NOTE_BUILT_FOR, 3 | draft << 16);
    }
    fake_serial_clear();
    return app_load(m.bytes, m.len, "new.elf", "app");
}

static bool body_ran;
static int32_t body_as_version_2(struct ctx *ctx)
{
    assert_int_equal(ctx->version, 2);
    uint8_t rest[PAGE_SIZE - 96] = {0};
    assert_memory_equal((uint8_t *)ctx + 96, rest, sizeof rest); /* nothing behind byte 95 */
    assert_int_equal(ctx->fb.w, 320);
    ctx->version = 9; /* it may write there */
    body_ran = true;
    return CTX_WAIT;
}

static void notes(void **state)
{
    (void)state;
    remember();
    assert_null(load_noted(5, 0));
    assert_true(fake_said("refused file=new.elf field=note.minimum value=0x5: "
                          "needs context v5, this kernel offers v3\n"));
    assert_null(load_noted(3, CTX_DRAFT_SERIAL + 1));
    char why[160];
    snprintf(why, sizeof why,
             "refused file=new.elf field=note.draft value=0x%x: built for draft %u of context v3, "
             "this kernel has draft %u\n",
             CTX_DRAFT_SERIAL + 1, CTX_DRAFT_SERIAL + 1, CTX_DRAFT_SERIAL);
    assert_true(fake_said(why));
    struct app *app = load_noted(3, CTX_DRAFT_SERIAL);
    assert_int_equal(app->version, 3);
    app_unload(app);

    app_set_offer(3, true); /* `force` */
    app = load_noted(5, CTX_DRAFT_SERIAL + 1);
    assert_int_equal(app->version, 3);
    app_unload(app);

    app_set_offer(2, false); /* `context=2` */
    assert_null(load_noted(3, CTX_DRAFT_SERIAL));
    assert_true(fake_said("needs context v3, this kernel offers v2\n"));
    app = load_noted(2, CTX_DRAFT_SERIAL + 1); /* its drafts do not matter then */
    assert_int_equal(app->version, 2);
    for (uint32_t i = 0; i < 2; i++) {
        body_ran = false;
        call(app, body_as_version_2);
        assert_true(body_ran);
        assert_int_equal(app->turn.where, TURN_FRAME);
    }
    assert_int_equal(fake_rights(app->base + CTX_SLOT_TABLES), 0);
    app_unload(app);
    app_set_offer(CTX_ABI_VERSION, false);
    all_is_back();
}

/* ---- options ---- */

static void options(void **state)
{
    (void)state;
    static const struct {
        const char *text, *arguments, *instrument;
        uint32_t grants;
    } table[] = {
        {"a one two", "one two", "", 0},
        {"a grant=ctx.system/1", "", "", 1u << CTX_TABLE_SYSTEM},
        {"a one grant=ctx.system/1,ctx.loader/1 two", "one two", "",
         1u << CTX_TABLE_SYSTEM | 1u << CTX_TABLE_LOADER},
        {"a instrument=alloc one", "one", "alloc", 0},
        {"a   one   instrument=log,events   two  ", "one two", "log,events", 0},
        {"a grant=ctx.system/1 instrument=trace grant=ctx.loader/1", "", "trace",
         1u << CTX_TABLE_SYSTEM | 1u << CTX_TABLE_LOADER},
        {"a grants=x instrument xgrant=ctx.system/1", "grants=x instrument xgrant=ctx.system/1", "",
         0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        struct app *app = load_v3(table[i].text);
        assert_text(app->arguments, table[i].arguments);
        assert_text(app->instrument, table[i].instrument);
        assert_int_equal(app->grants, table[i].grants);
        app_unload(app);
        all_is_back();
    }
    fake_serial_clear();
    app_unload(load_v3("a grant=ctx.nothing/1,ctx.system"));
    assert_true(fake_said("grant=ctx.nothing/1: there is no such table"));
    assert_true(fake_said("grant=ctx.system: there is no such table"));
}

static int32_t body_calls(struct ctx *ctx)
{
    const struct ctx_table *table;
    ctx->dealloc(ctx->alloc(100, 64), 100, 64);
    open_table(ctx, CTX_ID_RANDOM, 0, &table);
    const struct ctx_random *random = (const struct ctx_random *)table;
    random->reseed(random);
    random->fill(random, (void *)1, 5);
    ctx->display->destroy(ctx->display, 0xfffff);
    return 0;
}

static int32_t body_calls_of_v2(struct ctx *ctx)
{
    void *p = ctx->alloc(100, 64);
    ctx->dealloc(p, 100, 64);
    ctx->log(p, 0);
    return 0;
}

static void instrumenting(void **state)
{
    (void)state;
    struct app *plain = load_v3("plain");
    struct app *app = load_v3("app instrument=trace");
    fake_serial_clear();
    call(plain, body_calls);
    assert_false(fake_said("trace."));
    call(app, body_calls);
    assert_true(fake_said("alloc(100, 64) = 0x"));
    assert_true(fake_said("dealloc(0x"));
    assert_true(fake_said("iface.open(0x"));
    assert_true(fake_said("random.reseed() = OK\n"));
    assert_true(fake_said("random.fill(1, 5) = INVAL\n"));
    assert_true(fake_said("display.destroy(0xfffff) = NOENT\n"));
    assert_true(fake_said("I trace.app#"));
    app_unload(app);
    app = load_v3("app instrument=random,display.destroy");
    fake_serial_clear();
    call(app, body_calls);
    assert_true(fake_said("random.fill(1, 5) = INVAL\n"));
    assert_true(fake_said("display.destroy(0xfffff) = NOENT\n"));
    assert_int_equal(fake_said_times("trace.app"), 3);
    app_unload(app);
    app_unload(plain);
    app = load("old instrument=alloc");
    fake_serial_clear();
    call(app, body_calls_of_v2);
    assert_int_equal(fake_said_times("trace.old"), 1);
    assert_true(fake_said("alloc(100, 64) = 0x"));
    app_unload(app);
}

/* ---- clocks ---- */

static int32_t body_time(struct ctx *ctx)
{
    uint64_t *now = own(ctx, 8);
    int64_t *wall = own(ctx, 8);
    fake.now_ns += 12345; /* now, not the start of the call */
    assert_int_equal(ctx->time->now(ctx->time, now), CTX_OK);
    assert_int_equal(*now, fake.now_ns);
    fake.wall_ns = 0;
    assert_int_equal(ctx->time->wall(ctx->time, wall), CTX_E_NOSYS);
    fake.wall_ns = 1700000000 * (int64_t)NSEC_PER_SEC + 5;
    assert_int_equal(ctx->time->wall(ctx->time, wall), CTX_OK);
    assert_int_equal(*wall, fake.wall_ns);
    return 0;
}

static void clocks(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_time);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

/* ---- drafts ---- */

static int32_t body_drafts(struct ctx *ctx)
{
    const struct ctx_table *t;
    uint32_t *n = own(ctx, 4);
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &t), CTX_OK);
    const struct ctx_log *log = (const struct ctx_log *)t;
    for (uint32_t level = 0; level < 6; level++) {
        assert_int_equal(log->write(log, level, own_copy(ctx, "said", 4), 4),
                         level == 0 || level == 5 ? CTX_E_INVAL : CTX_OK);
    }

    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    const struct ctx_args *args = (const struct ctx_args *)t;
    assert_int_equal(args->count(args, n), CTX_OK);
    assert_int_equal(*n, 3);
    static const char *const words[] = {"one", "zw\xc3\xb6lf", "-x=3"};
    for (uint32_t i = 0; i < 3; i++) {
        char *text = own_copy(ctx, "........", 9);
        assert_int_equal(args->get(args, i, text, 8, n), CTX_OK);
        assert_int_equal(*n, strlen(words[i]));
        assert_memory_equal(text, words[i], *n);
        assert_int_equal(text[*n], '.');
        memcpy(text, "........", 9);
        assert_int_equal(args->get(args, i, text, 2, n), CTX_OK);
        assert_int_equal(*n, strlen(words[i])); /* all of it, though it was cut */
        assert_memory_equal(text, words[i], 2);
        assert_int_equal(text[2], '.');
    }
    assert_int_equal(args->get(args, 3, NULL, 0, n), CTX_E_NOENT);
    assert_int_equal(args->get(args, UINT32_MAX, NULL, 0, n), CTX_E_NOENT);

    assert_int_equal(open_table(ctx, CTX_ID_CPU, 0, &t), CTX_OK);
    const struct ctx_cpu *cpu = (const struct ctx_cpu *)t;
    struct ctx_cpu_info *features = own(ctx, sizeof *features);
    features->size = sizeof *features;
    fake.cpu_features = CTX_CPU_AES | CTX_CPU_SSE3;
    assert_int_equal(cpu->info(cpu, features), CTX_OK);
    assert_int_equal(features->features, CTX_CPU_AES | CTX_CPU_SSE3);
    assert_int_equal(app_current()->v3->cpu_told, CTX_CPU_AES | CTX_CPU_SSE3);

    assert_int_equal(open_table(ctx, CTX_ID_APPS, 0, &t), CTX_OK);
    const struct ctx_apps *apps = (const struct ctx_apps *)t;
    struct ctx_app_info *list = own(ctx, 5 * sizeof *list);
    assert_int_equal(apps->list(apps, list, 5 * sizeof *list, n), CTX_OK);
    assert_int_equal(*n, 3);
    assert_text((const char *)list[0].name, "me");
    assert_text((const char *)list[1].name, "old");
    assert_text((const char *)list[2].name, "an-app-with-a-name-of-31-letter");
    assert_int_equal(list[1].version, 2);
    assert_int_equal(list[1].state, CTX_APP_READY);
    assert_int_equal(list[2].version, 3);
    assert_int_equal(list[2].state, CTX_APP_WAITING);
    assert_int_equal(list[2].calls, 1);
    assert_int_equal(list[2].memory, app_current()->next->next->pages * PAGE_SIZE);
    memset(list, 0, 5 * sizeof *list);
    assert_int_equal(apps->list(apps, list, 2 * sizeof *list - 1, n), CTX_OK);
    assert_int_equal(*n, 3); /* all of them, though one fits */
    assert_int_equal(list[1].calls + list[1].version, 0);

    assert_int_equal(open_table(ctx, CTX_ID_SYSTEM, 0, &t), CTX_OK);
    assert_int_equal(t->flags, CTX_TBL_GRANTED);
    const struct ctx_system *system = (const struct ctx_system *)t;
    struct ctx_system_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(system->info(system, info), CTX_OK);
    assert_int_equal(info->apps, 3);
    assert_int_equal(info->uptime_ns, fake.now_ns);
    assert_int_equal(info->memory, frame_total() * PAGE_SIZE);
    assert_int_equal(info->memory_free, frame_free_total() * PAGE_SIZE);
    return 0;
}

static void drafts(void **state)
{
    (void)state;
    remember();
    struct app *me = load_v3("me one zw\xc3\xb6lf grant=ctx.system/1 -x=3");
    struct app *old = load("old");
    struct app *waits = load_v3("an-app-with-a-name-of-31-letters-and-more");
    turn_after(waits, CTX_WAIT);
    fake_serial_clear();
    call(me, body_drafts);
    assert_int_equal(me->faults, 0);
    assert_int_equal(fake_said_times(" app.me#"), 4);
    assert_true(fake_said(" E app.me#") && fake_said(" W app.me#") && fake_said(" I app.me#") &&
                fake_said(" D app.me#"));
    app_unload(me);
    app_unload(old);
    app_unload(waits);
    all_is_back();
}

/* ---- the loader ---- */

static uint32_t child_grants;
static int32_t body_loader(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_LOADER, 0, &t), CTX_OK);
    const struct ctx_loader *loader = (const struct ctx_loader *)t;
    uint8_t *file = own_copy(ctx, m.bytes, m.len);
    uint64_t *pid = own(ctx, 8);
    struct app *self = app_current();
    static const char text[] = "child one grant=ctx.loader/1,ctx.system/1 two";
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, own_copy(ctx, text, sizeof text),
                                   sizeof text - 1, pid),
                     CTX_OK);
    struct app *child = self->next;
    assert_non_null(child);
    assert_int_equal(child->pid, *pid);
    assert_text(child->name, "child");
    assert_text(child->arguments, "one two");
    child_grants = child->grants;
    memset(file, 0, m.len); /* not needed afterwards */
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, NULL, 0, pid), CTX_E_INVAL);
    assert_int_equal(loader->start(loader, file, 0, NULL, 0, pid), CTX_E_INVAL);
    assert_int_equal(loader->start(loader, file, 16, own(ctx, 300), 300, pid), CTX_E_INVAL);
    memcpy(file, m.bytes, m.len);
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, NULL, 0, pid), CTX_OK);
    assert_text(child->next->name, "loaded");
    /* A result that has nowhere to go: no child either. */
    uint64_t *constant = (uint64_t *)(uintptr_t)(self->base + CTX_SLOT_NOSYS);
    assert_int_equal(loader->start(loader, file, (uint32_t)m.len, NULL, 0, constant), CTX_E_INVAL);
    assert_null(child->next->next);
    return 0;
}

static void loading(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("parent grant=ctx.loader/1");
    fake_serial_clear();
    call(app, body_loader);
    assert_int_equal(app->faults, 0);
    assert_int_equal(fake_said_times("refused file="), 1);
    assert_int_equal(child_grants, 1u << CTX_TABLE_LOADER); /* no more than its parent's */
    while (app_first() != NULL) {
        app_unload(app_first());
    }
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

static int start(void **state)
{
    (void)boot(state);
    struct app app = {.order = 1}; /* the heap of deadlines stays when it was once made */
    assert_int_equal(ready_wait(&app, 5), CTX_OK);
    ready_remove(&app);
    return 0;
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
        cmocka_unit_test(answers),
        cmocka_unit_test(a_fault_is_no_answer),
        cmocka_unit_test(answers_of_older_apps_mean_nothing),
        cmocka_unit_test(notes),
        cmocka_unit_test(options),
        cmocka_unit_test(instrumenting),
        cmocka_unit_test(clocks),
        cmocka_unit_test(drafts),
        cmocka_unit_test(loading),
        cmocka_unit_test(no_frames_at_each_point),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
