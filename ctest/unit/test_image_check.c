/* SPDX-License-Identifier: MIT */
/*
 * Each rule that an image is held to, broken alone: everything else in it is right, so that the
 * rule is the reason, and what lies just inside it is taken.
 */
#include "canvas.h"
#include "image_check.h"
#include "image_taken.h"
#include "session.h"

#include <kernel/input.h>

static bool is_good(void)
{
    image_reseal(f.bytes, f.len);
    f.error = (struct image_error){NULL, 0, NULL};
    return image_open(f.bytes, f.len, &f.image, &f.error);
}

/* Entry `no` of a section's list; what it is is the caller's to know. */
static void *entry(uint32_t kind, uint32_t no)
{
    uint64_t at = image_section_at(f.bytes, kind);
    assert_int_not_equal(at, 0);
    return f.bytes + at + (uint64_t)no * image_entry_size(kind);
}

static struct ctx_image_section *section(uint32_t kind)
{
    struct ctx_image_section *s =
        (struct ctx_image_section *)(f.bytes + sizeof(struct ctx_image_header));
    while (s->kind != kind) {
        s++;
        assert_true((uint8_t *)s < f.bytes + f.len);
    }
    return s;
}

static void expect(bool good, const char *field, uint32_t line)
{
    bool is = is_good();
    if (is != good || (!good && strcmp(f.error.field, field) != 0)) {
        print_error("line %u: %s\n", line, is ? "it is taken" : f.error.field);
        fail();
    }
}

/* Whoever reads the refusal learns the value that was found there. A text has none. */
static void expect_reported(const char *field, const char *place, uint64_t value, uint32_t line)
{
    static const char *const texts[] = {"app.name", "app.arguments", "session.name"};
    const char *member = strrchr(place, '.');
    const char *arrow = strstr(place, "->");
    member = member != NULL ? member + 1 : arrow + 2;
    bool named = strcmp(strchr(field, '.') + 1, member) == 0;
    for (uint32_t i = 0; i < ARRAY_COUNT(texts); i++) {
        if (strcmp(field, texts[i]) == 0) {
            named = true;
            value = 0;
        }
    }
    if (named && f.error.value != value) {
        print_error("line %u: %s=0x%lx\n", line, field, f.error.value);
        fail();
    }
}

/* The image with one value in it changed is refused by this field's name, or is as good. */
#define REFUSED(field, place, value)                                                               \
    do {                                                                                           \
        __typeof__(place) was_ = (place);                                                          \
        (place) = (__typeof__(place))(value);                                                      \
        expect(false, field, __LINE__);                                                            \
        expect_reported(field, #place, (uint64_t)(place), __LINE__);                               \
        (place) = was_;                                                                            \
    } while (0)
#define TAKEN(place, value)                                                                        \
    do {                                                                                           \
        __typeof__(place) was_ = (place);                                                          \
        (place) = (__typeof__(place))(value);                                                      \
        expect(true, NULL, __LINE__);                                                              \
        (place) = was_;                                                                            \
    } while (0)

/* A text without an end; and one of the same length with one. */
static void text_without_end(uint8_t *text, size_t size, const char *field)
{
    uint8_t was[128];
    memcpy(was, text, size);
    memset(text, 'x', size);
    expect(false, field, (uint32_t)size);
    text[size - 1] = 0;
    expect(true, NULL, (uint32_t)size);
    memcpy(text, was, size);
}

static uint32_t *made_handle;

/* Two surfaces, two tables, blocks with and without a guard, a host. */
static int32_t body_all(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_RANDOM, 0, &t), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    made_handle = own(ctx, 4);
    const struct ctx_display *d = ctx->display;
    assert_int_equal(d->create(d, 100, 60, CTX_SURFACE_RGBA, 0, made_handle), CTX_OK);
    assert_int_equal(d->create(d, 40, 30, CTX_SURFACE_RGBX, 0, made_handle), CTX_OK);
    for (uint32_t i = 0; i < 2; i++) {
        memset(d->pixels(d, 0x100 | i), 0x5a, i == 0 ? 100 * 60 * 4 : 40 * 30 * 4);
    }
    uint8_t *guarded = ctx->mem->alloc(ctx->mem, 5000, 4096, CTX_MEM_GUARD_LOW);
    assert_non_null(guarded);
    memset(guarded, 1, 5000);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, own(ctx, 32 * sizeof(struct ctx_event)),
                            32 * sizeof(struct ctx_event), sizeof(struct ctx_event), count);
    return 0;
}

static void begin_v3(void)
{
    struct app *app = load_v3("new grant=ctx.control/1 host=host one two");
    call(app, body_all);
    assert_int_equal(app->faults, 0);
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    take(app, 0);
    app_unload(app);
    expect(true, NULL, __LINE__);
}

static int32_t body_old(struct ctx *ctx)
{
    memset(ctx->alloc(3000, 16), 1, 3000);
    return 0;
}

static void begin_old(void)
{
    struct app *app = load("old");
    call(app, body_old);
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    take(app, 0);
    app_unload(app);
    expect(true, NULL, __LINE__);
}

static void the_head(void **state)
{
    (void)state;
    begin_old();
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    REFUSED("app.size", a->size, offsetof(struct ctx_image_app, more_generations) - 1);
    TAKEN(a->size, offsetof(struct ctx_image_app, more_generations)); /* the first ones */
    REFUSED("app.size", a->size, section(CTX_IMAGE_APP)->len + 1);
    REFUSED("app.state", a->state, CTX_IMAGE_STOPPED + 1);
    REFUSED("app.version", a->version, 1);
    REFUSED("app.version", a->version, CTX_ABI_VERSION + 1);
    TAKEN(a->version, CTX_ABI_VERSION);
    for (uint32_t bit = 7; bit < 32; bit++) {
        REFUSED("app.flags", a->flags, a->flags | 1u << bit);
    }
    TAKEN(a->flags, a->flags | 0x7f);
    text_without_end(a->name, sizeof a->name, "app.name");
    REFUSED("app.name", a->name[0], 0);
    text_without_end(a->arguments, sizeof a->arguments, "app.arguments");
    text_without_end(a->hosts, sizeof a->hosts, "app.arguments");
    text_without_end(a->instrument, sizeof a->instrument, "app.arguments");
    text_without_end(a->saved_by, sizeof a->saved_by, "app.arguments");
    text_without_end(a->app_version, sizeof a->app_version, "app.arguments");
    REFUSED("app.build_id_len", a->build_id_len, sizeof a->build_id + 1);
    TAKEN(a->build_id_len, sizeof a->build_id);
}

/* One line of a log, or of a list of names, stays one. */
static void control_characters_in_texts(void **state)
{
    (void)state;
    begin_old();
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    for (uint32_t c = 1; c < 256; c++) {
        if (c < ' ' || c == 0x7f) {
            REFUSED("app.name", a->name[1], c);
        } else {
            TAKEN(a->name[1], c);
        }
    }
    /* Of the others nobody makes a line but the log, which escapes what it is given. */
    memcpy(a->arguments, "one\n[ 0.0] E main: two", 22);
    memcpy(a->instrument, "log\r\n", 5);
    expect(true, NULL, __LINE__);
    struct app *app = NULL;
    fake_serial_clear();
    assert_int_equal(app_restore(&f.image, "made\n.img", NULL, &app, &f.error), CTX_OK);
    call(app, body_old);
    app_unload(app);
    assert_false(fake_said("\n[ 0.0] E main"));
    assert_false(fake_said("made\n"));
}

static void policy(void **state)
{
    (void)state;
    begin_old();
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    REFUSED("app.restart", a->restart, CTX_RESTART_ASK + 1);
    TAKEN(a->restart, CTX_RESTART_ASK);
    REFUSED("app.restart", a->restart_limit, 0);
    TAKEN(a->restart_limit, 1);
    REFUSED("app.overrun", a->overrun, OVERRUN_RESTART + 1);
    TAKEN(a->overrun, OVERRUN_RESTART);
    REFUSED("app.overrun", a->overrun_limit, 0);
    TAKEN(a->overrun_limit, 1);
    REFUSED("app.budget_ns", a->budget_ns, MACHINE_TICK_NS - 1);
    TAKEN(a->budget_ns, MACHINE_TICK_NS);
    TAKEN(a->budget_ns, 60 * NSEC_PER_SEC);
    REFUSED("app.budget_ns", a->budget_ns, 60 * NSEC_PER_SEC + 1);
    TAKEN(a->share, 99);
    REFUSED("app.share", a->share, 100);
    TAKEN(a->log_per_second, 1);
    REFUSED("app.log_per_second", a->log_per_second, 0);
}

static void place(void **state)
{
    (void)state;
    begin_old();
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    REFUSED("app.base", a->base, a->base + 1);
    REFUSED("app.base", a->base, a->base + PAGE_SIZE);
    REFUSED("app.base", a->base, CTX_SLOT_LOWEST - CTX_SLOT_SIZE);
    TAKEN(a->base, CTX_SLOT_LOWEST);
    TAKEN(a->base, CTX_SLOT_LOWEST + (CTX_SLOT_COUNT - 1) * CTX_SLOT_SIZE);
    REFUSED("app.base", a->base, CTX_SLOT_LOWEST + CTX_SLOT_COUNT * CTX_SLOT_SIZE);
    REFUSED("app.base", a->state, CTX_IMAGE_FRESH); /* those have none */
    TAKEN(a->pid, UINT64_C(1) << 48);
    REFUSED("app.pid", a->pid, (UINT64_C(1) << 48) + 1);
    TAKEN(a->parent, UINT64_C(1) << 48);
    TAKEN(a->parent, APP_NO_PARENT);
    REFUSED("app.pid", a->parent, (UINT64_C(1) << 48) + 1);
    REFUSED("app.stack_low", a->stack_low, CTX_SLOT_STACK_LOW - PAGE_SIZE);
    TAKEN(a->stack_low, CTX_SLOT_STACK_LOW);
    TAKEN(a->stack_low, CTX_SLOT_STACK_TOP - CTX_STACK_MIN);
    REFUSED("app.stack_low", a->stack_low, CTX_SLOT_STACK_TOP - CTX_STACK_MIN + PAGE_SIZE);
    REFUSED("app.stack_low", a->stack_low, a->stack_low + 8);
    REFUSED("app.quota_bytes", a->quota_bytes, 0);
    TAKEN(a->quota_bytes, PAGE_SIZE);
    REFUSED("app.quota_bytes", a->quota_bytes, a->quota_bytes + 1);
    TAKEN(a->quota_bytes, UINT64_C(1) << 52);
    REFUSED("app.quota_bytes", a->quota_bytes, (UINT64_C(1) << 52) + PAGE_SIZE);
}

static void canvas_without_height(void **state)
{
    (void)state;
    begin_old();
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    assert_true((a->flags & CTX_IMAGE_HAS_CANVAS) != 0);
    REFUSED("app.canvas_at", a->canvas_h, 0);
    REFUSED("app.canvas_at", a->canvas_w, 0);
    REFUSED("app.canvas_at", a->canvas_h, 16385);
    REFUSED("app.canvas_at", a->canvas_w, 16385);
    TAKEN(a->canvas_h, 16384);
    TAKEN(a->canvas_w, 16384);
    REFUSED("app.canvas_at", a->canvas_at, CTX_SLOT_CANVAS - PAGE_SIZE);
    TAKEN(a->canvas_at, CTX_SLOT_CANVAS);
    REFUSED("app.canvas_at", a->canvas_at, a->canvas_at + 16);
    uint64_t end = CTX_SLOT_SIZE - CTX_SLOT_GUARD;
    uint64_t pages = ALIGN_UP((uint64_t)a->canvas_w * a->canvas_h * 4, (uint64_t)PAGE_SIZE);
    TAKEN(a->canvas_at, end - pages);
    REFUSED("app.canvas_at", a->canvas_at, end - pages + PAGE_SIZE);
    REFUSED("app.canvas_at", a->canvas_at, end);
    REFUSED("app.canvas_at", a->canvas_at, UINT64_MAX - PAGE_SIZE + 1);
    a->flags &= ~CTX_IMAGE_HAS_CANVAS; /* then it has none, and nobody looks */
    TAKEN(a->canvas_h, 0);
}

static void runs(void **state)
{
    (void)state;
    begin_v3();
    struct ctx_image_run *r = entry(CTX_IMAGE_RUNS, 0);
    uint64_t count = section(CTX_IMAGE_RUNS)->len / sizeof *r;
    assert_true(count > 3);
    REFUSED("run.page", r->count, 0);
    for (uint64_t i = 0; i < count; i++) {
        for (uint32_t rights = 0; rights < 9; rights++) {
            if (rights != 3) {
                REFUSED("run.rights", r[i].rights, rights);
            }
        }
    }
    REFUSED("contents.len", r[count - 1].count, r[count - 1].count - 1);
    /* The other way round, and one over the next one's first page. */
    struct ctx_image_run first = r[0];
    r[0] = r[1];
    r[1] = first;
    expect(false, "run.page", __LINE__);
    first = r[1];
    r[1] = r[0];
    r[0] = first;
    REFUSED("run.page", r[1].page, r[0].page);
    static const uint64_t wrong[] = {
        CTX_SLOT_GATES,     CTX_SLOT_CTX,      CTX_SLOT_STACK_TOP - PAGE_SIZE,
        CTX_SLOT_IMAGE_END, CTX_SLOT_HEAP_END, CTX_SLOT_CANVAS};
    for (uint32_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        REFUSED("run.page", r[count - 1].page, wrong[i] / PAGE_SIZE);
    }
    REFUSED("run.page", r[count - 1].page, r[count - 1].page - 1); /* before its surface */
    REFUSED("run.page", r[count - 1].page, r[count - 1].page + 1); /* and behind */
    REFUSED("run.page", r[count - 1].page, UINT32_MAX);
    /* Up to both ends of where data and heap can lie, and not a page further. */
    static const uint64_t ends[][2] = {{CTX_SLOT_IMAGE, CTX_SLOT_IMAGE_END},
                                       {CTX_SLOT_HEAP, CTX_SLOT_HEAP_END}};
    for (uint32_t i = 0; i < ARRAY_COUNT(ends); i++) {
        uint64_t no = 0;
        while (r[no].page < ends[i][0] / PAGE_SIZE) {
            no++;
            assert_true(no < count);
        }
        assert_true(r[no].page < ends[i][1] / PAGE_SIZE);
        TAKEN(r[no].page, ends[i][0] / PAGE_SIZE);
        if (i == 0) { /* right before is the store's page, and before the heap is the image */
            REFUSED("run.page", r[no].page, ends[i][0] / PAGE_SIZE - 2);
        }
        while (r[no + 1].page < ends[i][1] / PAGE_SIZE) {
            no++;
        }
        const uint32_t page = r[no].page;
        TAKEN(r[no].page, ends[i][1] / PAGE_SIZE - r[no].count);
        r[no].page = (uint32_t)(ends[i][1] / PAGE_SIZE - r[no].count);
        REFUSED("run.page", r[no].count, r[no].count + 1);
        r[no].page = page;
    }
}

static void heap(void **state)
{
    (void)state;
    begin_v3();
    struct ctx_image_block *b = entry(CTX_IMAGE_HEAP, 0);
    uint32_t count = (uint32_t)(section(CTX_IMAGE_HEAP)->len / sizeof *b), no = 0, plain = 1;
    while (b[no].guarded == 0) {
        no++;
        assert_true(no < count);
    }
    const uint64_t heap_bytes = CTX_SLOT_HEAP_END - CTX_SLOT_HEAP;
    struct ctx_image_block *last = &b[count - 1];
    REFUSED("heap.offset", b[no].guarded, 2);
    REFUSED("heap.offset", b[plain].align_log2, 32);
    REFUSED("heap.offset", b[plain].align_log2, 12);
    REFUSED("heap.offset", b[plain].size, 0);
    REFUSED("heap.offset", b[plain].offset, b[plain].offset + 8);
    REFUSED("heap.offset", b[plain].offset, b[0].offset);
    REFUSED("heap.offset", b[plain].guarded, 1); /* not on a page of its own */
    REFUSED("heap.offset", last->offset, heap_bytes + 16);
    REFUSED("heap.offset", last->size, heap_bytes);
    REFUSED("heap.offset", last->size, heap_bytes - last->offset + 1);
    TAKEN(last->size, heap_bytes - last->offset);
    uint32_t log2 = b[no].align_log2;
    b[no].align_log2 = 4;
    REFUSED("heap.offset", b[no].offset, b[no].offset + 16); /* a guard has a whole page */
    b[no].align_log2 = log2;
    struct ctx_image_block was = b[0];
    b[0] = (struct ctx_image_block){0, 16, 4, 1}; /* where should its guard be? */
    expect(false, "heap.offset", __LINE__);
    b[0] = was;
}

static void surface_generation_of_0(void **state)
{
    (void)state;
    begin_v3();
    struct ctx_image_surface *s = entry(CTX_IMAGE_SURFACES, 0);
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    REFUSED("surface.format", s->generation, 0);
    TAKEN(s->generation, UINT16_MAX);
    REFUSED("surface.format", s->generation, UINT16_MAX + 1);
    REFUSED("surface.format", s->format, 0);
    REFUSED("surface.format", s->format, 3);
    TAKEN(s->format, CTX_SURFACE_RGBX);
    REFUSED("surface.index", s->index, 64);
    REFUSED("surface.index", s[1].index, s[0].index);
    TAKEN(s[1].index, 63);
    REFUSED("surface.flags", s->flags, CTX_SURFACE_POINTER | CTX_SURFACE_FIXED);
    REFUSED("surface.flags", s->flags, CTX_SURFACE_INTEGER | CTX_SURFACE_SMOOTH);
    REFUSED("surface.flags", s->flags, 2 * CTX_SURFACE_SCALED);
    TAKEN(s->flags, CTX_SURFACE_FIXED | CTX_SURFACE_FULL | CTX_SURFACE_INTEGER |
                        CTX_SURFACE_HIDDEN | CTX_SURFACE_RELATIVE);
    TAKEN(s->flags, CTX_SURFACE_SMOOTH);
    TAKEN(s->flags, CTX_SURFACE_REDRAWN | CTX_SURFACE_SCALED);
    REFUSED("surface.flags", s->flags, CTX_SURFACE_POINTER | CTX_SURFACE_REDRAWN);
    REFUSED("surface.state", s->shown.w, 1);
    REFUSED("surface.state", s->shown.h, 65536);
    REFUSED("surface.state", s->shown.filter, CTX_FILTER_SMOOTH + 1);
    REFUSED("surface.state", s->shown.left, 8193);
    REFUSED("surface.state", s->shown.bottom, 8193);
    REFUSED("surface.state", s->shown.rsv, 1);
    TAKEN(s->shown.filter, CTX_FILTER_SMOOTH);
    TAKEN(s->shown.top, 8192);
    REFUSED("surface.asked", s->asked, 2);
    TAKEN(s->asked, CTX_ASKED_POSITION);
    REFUSED("surface.asked", s->smallest_w, 8193);
    REFUSED("surface.asked", s->smallest_h, 8193);
    TAKEN(s->smallest_h, 8192);
    REFUSED("surface.asked", s->cursor, CTX_CURSOR_FORBIDDEN + 1);
    TAKEN(s->cursor, CTX_CURSOR_FORBIDDEN);
    TAKEN(s->title[0], 'x');
    REFUSED("surface.title", s->title[0], '\n');
    REFUSED("surface.title", s->title[0], 0xff);
    text_without_end(s->title, sizeof s->title, "surface.title");
    REFUSED("surface.flags", s->flags, 1u << 31);
    TAKEN(s->flags, CTX_SURFACE_POINTER);
    REFUSED("surface.at", s->w, 0);
    REFUSED("surface.at", s->h, 0);
    REFUSED("surface.at", s->w, 8193);
    REFUSED("surface.at", s->h, 8193);
    REFUSED("surface.at", s->at, s->at + 4);
    REFUSED("surface.at", s->at, CTX_SLOT_CANVAS - PAGE_SIZE);
    REFUSED("surface.at", s->at, CTX_SLOT_SIZE - CTX_SLOT_GUARD);
    /* Over another: by its last page, by its first one; beside it is well. */
    uint64_t bytes[2] = {ALIGN_UP(s[0].w * s[0].h * 4u, PAGE_SIZE),
                         ALIGN_UP(s[1].w * s[1].h * 4u, PAGE_SIZE)};
    struct ctx_image_run *r = entry(CTX_IMAGE_RUNS, 0);
    while (r->page < s[1].at / PAGE_SIZE) {
        r++;
    }
    uint32_t page = r->page;
    uint64_t at = s[1].at;
    REFUSED("surface.at", s[1].at, s[0].at + bytes[0] - PAGE_SIZE);
    REFUSED("surface.at", s[1].at, s[0].at);
    s[1].at = s[0].at + bytes[0];
    r->page = (uint32_t)(s[1].at / PAGE_SIZE);
    expect(true, NULL, __LINE__);
    s[1].at = at;
    r->page = page;
    uint64_t first_at = s[0].at; /* and the one right before the other */
    s[0].at = s[1].at + bytes[1];
    uint64_t second_at = s[1].at;
    s[1].at = first_at;
    s[0].at = first_at + bytes[1];
    r = entry(CTX_IMAGE_RUNS, 0);
    struct ctx_image_run of_surfaces[2], *pair = NULL;
    for (uint64_t i = 0; i < section(CTX_IMAGE_RUNS)->len / sizeof *r; i++) {
        if (r[i].page == first_at / PAGE_SIZE) {
            pair = &r[i];
        }
    }
    assert_non_null(pair);
    memcpy(of_surfaces, pair, sizeof of_surfaces);
    pair[0] = (struct ctx_image_run){(uint32_t)(s[1].at / PAGE_SIZE), of_surfaces[1].count, 3, 0};
    pair[1] = (struct ctx_image_run){(uint32_t)(s[0].at / PAGE_SIZE), of_surfaces[0].count, 3, 0};
    expect(true, NULL, __LINE__);
    memcpy(pair, of_surfaces, sizeof of_surfaces);
    s[0].at = first_at;
    s[1].at = second_at;
    expect(true, NULL, __LINE__);
    /* Over the canvas, if there is one. */
    a->flags |= CTX_IMAGE_HAS_CANVAS;
    a->canvas_w = 64;
    a->canvas_h = 64;
    REFUSED("surface.at", a->canvas_at, s[0].at);
    REFUSED("surface.at", a->canvas_at, s[0].at - 3 * PAGE_SIZE);
    REFUSED("surface.at", a->canvas_at, s[0].at + bytes[0] - PAGE_SIZE);
    TAKEN(a->canvas_at, s[0].at - 4 * PAGE_SIZE);
    TAKEN(a->canvas_at, s[0].at + bytes[0]);
    REFUSED("surface.at", a->canvas_at, s[1].at + bytes[1] - PAGE_SIZE);
    a->flags &= ~CTX_IMAGE_HAS_CANVAS;
    TAKEN(a->canvas_at, s[0].at);
}

static void two_tables_at_one_place(void **state)
{
    (void)state;
    begin_v3();
    struct ctx_image_table *t = entry(CTX_IMAGE_TABLES, 0);
    REFUSED("table.offset", t[1].offset, t[0].offset);
    REFUSED("table.offset", t->offset, CTX_SLOT_OPENED - 0x400);
    REFUSED("table.offset", t->offset, CTX_SLOT_CTX);
    TAKEN(t->offset, CTX_SLOT_CTX - 0x400);
    const uint64_t first = t->offset;
    t->offset = CTX_SLOT_CTX - 0x400;
    REFUSED("table.offset", t[1].offset, t[0].offset);
    t->offset = first;
    REFUSED("table.offset", t->offset, t->offset + 0x200);
    REFUSED("table.gate", t->gate, CTX_GATE_OPENED - 1);
    REFUSED("table.gate", t->gate, CTX_GATE_OPENED + 1024);
    REFUSED("table.gate", t->count, 0);
    REFUSED("table.gate", t[1].count, 127);
    TAKEN(t[1].count, 126);
    REFUSED("table.gate", t[1].gate, t[0].gate + t[0].count - 1);
    TAKEN(t[1].gate, CTX_GATE_OPENED + 1024 - t[1].count);
    REFUSED("table.gate", t[1].gate, CTX_GATE_OPENED + 1024 - t[1].count + 1);
    REFUSED("table.id", t->id[0], 0);
    REFUSED("table.id", t->more[0], 'x'); /* of an id that has ended already */
    uint8_t id[sizeof t->id];
    memcpy(id, t->id, sizeof id);
    memset(t->id, 'a', sizeof t->id); /* it goes on in the second piece */
    TAKEN(t->more[0], 'b');
    text_without_end(t->more, sizeof t->more, "table.id");
    memcpy(t->id, id, sizeof id);
}

static void lists(void **state)
{
    (void)state;
    begin_v3();
    struct ctx_image_grant *g = entry(CTX_IMAGE_GRANTS, 0);
    text_without_end(g->id, sizeof g->id, "grant.id");
    REFUSED("grant.id", g->granted, 2);
    REFUSED("grant.id", g->denied, 2);
    struct ctx_event *e = entry(CTX_IMAGE_EVENTS, 0);
    REFUSED("event.kind", e->kind, 0);
    REFUSED("event.kind", e->kind, 64);
    TAKEN(e->kind, 63);
    struct ctx_image_app *a = entry(CTX_IMAGE_APP, 0);
    REFUSED("section.kind", a->version, 2);
}

static void keys(void **state)
{
    (void)state;
    begin_old();
    struct ctx_image_key *k = entry(CTX_IMAGE_KEYS, 0);
    REFUSED("key.code", k->code, 1024);
    TAKEN(k->code, 1023);
    REFUSED("key.code", k->down, 2);
    struct ctx_input *input = entry(CTX_IMAGE_INPUT, 0);
    uint32_t states = 0;
    for (uint32_t value = 0; value < 256; value++) {
        uint8_t was = input->keys[1023];
        input->keys[1023] = (uint8_t)value;
        states += is_good();
        input->keys[1023] = was;
    }
    assert_int_equal(states, 6);
    REFUSED("input.keys", input->keys[0], 0xff);
}

/* Only what stays in memory may leave the file out. */
static void the_file_is_missing(void **state)
{
    (void)state;
    struct image_bytes made;
    struct app *app = load("old");
    assert_int_equal(app_save(app, SAVE_BARE, &made), CTX_OK);
    keep(&made);
    expect(false, "program.len", __LINE__);
    assert_int_equal(app_save(app, SAVE_BARE | SAVE_UNCHECKED, &made), CTX_OK);
    keep(&made);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_false(image_open_file(f.bytes, f.len, &f.image, &f.error));
    app_unload(app);
}

static void session(void **state)
{
    (void)state;
    struct image_bytes made;
    struct app *app = load("first");
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    app_unload(app);
    expect(true, NULL, __LINE__);
    struct ctx_image_session *s = entry(CTX_IMAGE_SESSION_HEAD, 0);
    REFUSED("session.size", s->size, sizeof *s - 1);
    REFUSED("session.size", s->size, section(CTX_IMAGE_SESSION_HEAD)->len + 1);
    REFUSED("session.apps", s->apps, s->apps + 1);
    REFUSED("session.apps", s->apps, s->apps - 1);
    text_without_end(s->name, sizeof s->name, "session.name");
    text_without_end(s->saved_by, sizeof s->saved_by, "session.name");
    REFUSED("session.name", s->name[0], '\n');
    REFUSED("session.name", s->name[2], 0x7f);
    REFUSED("canvas.len", s->canvas_w, s->canvas_w + 1);
    REFUSED("canvas.len", s->canvas_h, s->canvas_h - 1);
    REFUSED("canvas.len", s->canvas_w, 16385);
    REFUSED("canvas.len", s->canvas_h, 16385);
    struct ctx_image_section *canvas = section(CTX_IMAGE_CANVAS);
    *canvas = (struct ctx_image_section){.kind = 1000, /* nobody knows it: there is no picture */
                                         .at = canvas->at,
                                         .stored = canvas->stored,
                                         .len = canvas->stored};
    expect(true, NULL, __LINE__);
    assert_int_equal(f.image.parts[CTX_IMAGE_CANVAS].len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head),
        cmocka_unit_test(control_characters_in_texts),
        cmocka_unit_test(policy),
        cmocka_unit_test(place),
        cmocka_unit_test(canvas_without_height),
        cmocka_unit_test(runs),
        cmocka_unit_test(heap),
        cmocka_unit_test(surface_generation_of_0),
        cmocka_unit_test(two_tables_at_one_place),
        cmocka_unit_test(lists),
        cmocka_unit_test(keys),
        cmocka_unit_test(the_file_is_missing),
        cmocka_unit_test(session),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
