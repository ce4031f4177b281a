/* SPDX-License-Identifier: MIT */
/* Images that this system does not take, and ones that look as if it should not. */
#include "app_memory.h"
#include "app_words.h"
#include "canvas.h"
#include "image_fixture.h"

static void taken_and_missing(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, SAVE_PACKED);
    refused(CTX_E_EXIST, "app.base");
    call(app, body_still_there); /* the first one has not noticed */
    app_unload(app);
    head()->cpu_features = UINT64_C(1) << 60;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_NOSYS, "app.cpu_features");
    assert_text(f.error.reason,
                "this machine lacks 0x1000000000000000, which the app was told it has");
    head()->cpu_features = CTX_CPU_AVX512F | CTX_CPU_SHA;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_NOSYS, "app.cpu_features");
    assert_text(f.error.reason, "this machine lacks AVX-512 SHA, which the app was told it has");
    head()->cpu_features = 0;
    head()->canvas_at += PAGE_SIZE;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_NOSYS, "app.canvas_at");
    head()->canvas_at -= PAGE_SIZE;
    head()->code_hash ^= 1;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_INVAL, "app.code_hash");
    head()->code_hash ^= 1;
    image_reseal(f.bytes, f.len);
    app_unload(bring_back());
}

/* Any one that is missing is enough, and it is named; those that are there are none. */
static void each_instruction_set_counts(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    for (uint32_t bit = 0; bit < 64; bit++) {
        const uint64_t one = UINT64_C(1) << bit;
        head()->cpu_features = one;
        image_reseal(f.bytes, f.len);
        fake.cpu_features = ~one;
        refused(CTX_E_NOSYS, "app.cpu_features");
        assert_int_equal(f.error.value, one);
        fake.cpu_features = one;
        app_unload(bring_back());
        head()->cpu_features = UINT64_MAX;
        image_reseal(f.bytes, f.len);
        refused(CTX_E_NOSYS, "app.cpu_features");
        assert_int_equal(f.error.value, ~one);
        fake.cpu_features = 0;
    }
}

/* What this system offers, and what the file in the image says that it is for. */
static void a_version_that_is_not_offered(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    app_set_offer(2, false);
    app_unload(bring_back());
    app_set_offer(CTX_ABI_VERSION, false);
    for (uint32_t version = 3; version <= CTX_ABI_VERSION; version++) {
        head()->version = version; /* of a file without a note */
        image_reseal(f.bytes, f.len);
        refused(CTX_E_NOSYS, "app.version");
        assert_int_equal(f.error.value, version);
    }
    app = load_v3("new one two");
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    app_set_offer(2, false); /* what its file asks for is not there */
    refused(CTX_E_INVAL, "program");
    assert_int_equal(f.error.value, 3);
    app_set_offer(CTX_ABI_VERSION, false);
    app_unload(bring_back());
    make_elf(&m); /* one that would be content with less, but began with more */
    make_note(&m, CTX_NOTE_MINIMUM, 2);
    app = app_load(m.bytes, m.len, "/apps/made.elf", "new one two");
    assert_int_equal(app->version, 3);
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    app_set_offer(2, false);
    refused(CTX_E_NOSYS, "app.version");
    assert_int_equal(f.error.value, 3);
    app_set_offer(CTX_ABI_VERSION, false);
    app_unload(bring_back());
}

/* The run that begins in this page of the slot. */
static struct ctx_image_run *run_at(uint64_t at)
{
    struct ctx_image_run *r =
        (struct ctx_image_run *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_RUNS));
    while (r->page != at / PAGE_SIZE) {
        assert_true(r->page < at / PAGE_SIZE);
        r++;
    }
    return r;
}

/* The image is in order; but its file, or its list of blocks, knows nothing of these pages. */
static void pages_that_nobody_may_write(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_fill);
    take(app, 0);
    app_unload(app);
    struct ctx_image_run *data = run_at(CTX_SLOT_DYN_BIAS + 0x2000);
    const struct ctx_image_run right = *data;
    static const int64_t wrong[] = {-2, -1, 1, 2, 17}; /* head, code, one page out, behind it */
    assert_int_equal(right.count, 1);
    for (uint32_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        data->page = (uint32_t)((int64_t)right.page + wrong[i]);
        image_reseal(f.bytes, f.len);
        if (wrong[i] == 1) { /* its second page: 0x3000 */
            app_unload(bring_back());
        } else {
            refused(CTX_E_INVAL, "run.page");
            assert_int_equal(f.error.value, data->page);
        }
    }
    *data = right;
    /* Of the heap: a page before its run, and one behind, where no block is. */
    struct ctx_image_run *heap = data + 1;
    struct ctx_image_block *b =
        (struct ctx_image_block *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_HEAP));
    uint64_t blocks = f.image.parts[CTX_IMAGE_HEAP].count;
    assert_true(heap->page >= CTX_SLOT_HEAP / PAGE_SIZE && heap->count > 1);
    while (heap + 1 < data + f.image.parts[CTX_IMAGE_RUNS].count &&
           heap[1].page < CTX_SLOT_HEAP_END / PAGE_SIZE) {
        heap++;
    }
    uint64_t end = CTX_SLOT_HEAP + b[blocks - 1].offset + b[blocks - 1].size;
    assert_int_equal(heap->page + heap->count, (end + PAGE_SIZE - 1) / PAGE_SIZE);
    heap->page++;
    image_reseal(f.bytes, f.len);
    refused(CTX_E_INVAL, "run.page");
    assert_int_equal(f.error.value, heap->page);
    heap->page--;
    image_reseal(f.bytes, f.len);
    app_unload(bring_back());
}

/* What it will take is known before anything is built, to a page; and not a page less is enough. */
static void memory_for_all_of_it(void **state)
{
    (void)state;
    struct app *app = load_v3("new one two");
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    const struct ctx_image_block *b =
        (struct ctx_image_block *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_HEAP));
    uint64_t pages = 64 + 4; /* spare ones; the file's head, its code and two of data */
    uint64_t last = UINT64_MAX;
    for (uint64_t i = 0; i < f.image.parts[CTX_IMAGE_HEAP].count; i++) {
        for (uint64_t at = b[i].offset; at < b[i].offset + b[i].size; at++) {
            pages += at / PAGE_SIZE != last;
            last = at / PAGE_SIZE;
        }
    }
    pages += (100 * 60 * 4 + PAGE_SIZE - 1) / PAGE_SIZE; /* its surface */
    static paddr_t held[32u << 8];
    uint32_t count = 0;
    while (app_room() >= pages) {
        held[count++] = frame_alloc(0, 0);
    }
    assert_int_equal(app_room(), pages - 1);
    refused(CTX_E_NOMEM, "memory");
    assert_int_equal(f.error.value, pages * PAGE_SIZE);
    frame_free(held[--count], 0);
    app_unload(bring_back());
    while (count > 0) {
        frame_free(held[--count], 0);
    }
}

/* Where the app's next surface, or the canvas, would lie over it. */
static void surfaces_elsewhere(void **state)
{
    (void)state;
    struct app *app = load_v3("new one two");
    call(app, body_begin);
    take(app, 0);
    app_unload(app);
    struct ctx_image_surface *s =
        (struct ctx_image_surface *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SURFACES));
    struct ctx_image_run *r =
        (struct ctx_image_run *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_RUNS));
    while (r->page != s->at / PAGE_SIZE) {
        r++;
    }
    static const uint64_t places[] = {0xe0000000, 0xe3fff000};
    uint64_t right = s->at;
    for (uint32_t i = 0; i < ARRAY_COUNT(places); i++) {
        s->at = places[i];
        r->page = (uint32_t)(places[i] / PAGE_SIZE);
        image_reseal(f.bytes, f.len);
        refused(CTX_E_NOSYS, "surface.at");
    }
    /* Another system's place, and one from when each surface had a window of its own. */
    static const uint64_t others[] = {0xe4000000, 0xe7697000 + 0x97000, 0xfff00000};
    for (uint32_t i = 0; i <= ARRAY_COUNT(others); i++) {
        s->at = i < ARRAY_COUNT(others) ? others[i] : right + PAGE_SIZE;
        r->page = (uint32_t)(s->at / PAGE_SIZE);
        image_reseal(f.bytes, f.len);
        app_unload(bring_back());
    }
}

static int32_t body_in_between(struct ctx *ctx)
{
    struct image_bytes made = {f.bytes, 1, 1};
    (void)ctx;
    assert_int_equal(app_save(app_current(), 0, &made), CTX_E_AGAIN);
    assert_null(made.bytes);
    assert_int_equal(made.len, 0);
    assert_int_equal(made.pages, 0);
    return 0;
}

static void not_in_a_call(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_in_between);
    app_unload(app);
}

/* Every byte has a checksum over it or is looked at: no change goes unseen. */
static void a_thousand_damaged_images(void **state)
{
    (void)state;
    struct rng rng = {11};
    struct app *app = load_v3("new one two");
    call(app, body_begin);
    call(app, body_read);
    take(app, SAVE_PACKED);
    app_unload(app);
    remember();
    uint64_t covered = sizeof(struct ctx_image_header) + 20 * sizeof(struct ctx_image_section);
    for (uint32_t i = 0; i < covered + 4000; i++) {
        uint64_t at = i < covered ? i : rng_below(&rng, f.len);
        uint8_t bit = (uint8_t)(1u << rng_below(&rng, 8));
        f.bytes[at] ^= bit;
        f.error = (struct image_error){NULL, 0, NULL};
        assert_false(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_true(f.error.field != NULL && strlen(f.error.reason) > 5);
        f.bytes[at] ^= bit;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t len = rng_below(&rng, f.len);
        uint8_t *cut = malloc(len + 1);
        memcpy(cut, f.bytes, len);
        assert_false(image_open(cut, len, &f.image, &f.error));
        image_reseal(cut, len); /* and even when all checksums fit */
        assert_false(image_open(cut, len, &f.image, &f.error));
        free(cut);
    }
    uint8_t *longer = calloc(1, f.len + 16);
    memcpy(longer, f.bytes, f.len);
    for (uint32_t i = 1; i <= 16; i++) {
        image_reseal(longer, f.len + i);
        assert_false(image_open(longer, f.len + i, &f.image, &f.error));
        assert_text(f.error.field, "bytes");
    }
    free(longer);
    all_is_back();
    app_unload(bring_back());
}

/* Half of what names need is none. */
static void names_without_strings(void **state)
{
    (void)state;
    static const uint8_t symbols[48];
    static const struct ctx_note note;
    struct program_symbol found;
    remember();
    make_elf(&m);
    for (uint32_t i = 0; i < 2; i++) {
        const struct program_parts parts = {
            m.bytes, i == 0 ? symbols : NULL,     i != 0 ? symbols : NULL,
            m.len,   i == 0 ? sizeof symbols : 0, i != 0 ? sizeof symbols : 0};
        struct program *program = program_keep_parts(&parts, &note);
        assert_non_null(program);
        assert_false(program_find(program, 0x1000, &found));
        program_drop(program);
        all_is_back();
    }
}

static uint8_t *striped;
#define STRIPES 1500u

static int32_t body_stripes(struct ctx *ctx)
{
    striped = ctx->alloc(STRIPES * PAGE_SIZE, PAGE_SIZE);
    for (uint32_t i = 0; i < STRIPES; i++) {
        memset(striped + (uint64_t)i * PAGE_SIZE, i % 2 == 0 ? 1 + (int)(i % 251) : 0, PAGE_SIZE);
    }
    return 0;
}

static int32_t body_stripes_are_there(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < STRIPES; i++) {
        const uint8_t *page = striped + (uint64_t)i * PAGE_SIZE;
        uint8_t wanted = i % 2 == 0 ? (uint8_t)(1 + i % 251) : 0;
        assert_true(page[0] == wanted && memcmp(page, page + 1, PAGE_SIZE - 1) == 0);
    }
    return 0;
}

/* Every other page is zero, so there are as many runs as pages. */
static void many_runs(void **state)
{
    (void)state;
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        struct app *app = load("old");
        call(app, body_stripes);
        take(app, packed != 0 ? SAVE_PACKED : 0);
        app_unload(app);
        app = bring_back();
        assert_true(f.image.parts[CTX_IMAGE_RUNS].count > STRIPES / 2);
        call(app, body_stripes_are_there);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
}

/* They go with the app, or its next fault would have no names. */
static void names_are_saved(void **state)
{
    (void)state;
    static const struct ctx_note note;
    static uint8_t symbols[48], strings[11] = "\0one\0three";
    remember();
    for (uint32_t i = 0; i < sizeof symbols; i++) {
        symbols[i] = (uint8_t)(i + 1);
    }
    struct app *app = load("old");
    m.bytes[0x1008] ^= 1; /* another program: of each there is one, with the names it came with */
    const struct program_parts parts = {m.bytes, symbols,        strings,
                                        m.len,   sizeof symbols, sizeof strings};
    struct program *without = app->program;
    app->program = program_keep_parts(&parts, &note);
    assert_non_null(app->program);
    for (uint32_t packed = 0; packed < 2; packed++) {
        take(app, packed != 0 ? SAVE_PACKED : 0);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        static const uint32_t kinds[] = {CTX_IMAGE_SYMBOLS, CTX_IMAGE_STRINGS};
        const uint8_t *const wanted[] = {symbols, strings};
        const uint64_t lens[] = {sizeof symbols, sizeof strings};
        for (uint32_t i = 0; i < 2; i++) {
            uint8_t got_bytes[48];
            struct image_stream stream;
            assert_int_equal(f.image.parts[kinds[i]].len, lens[i]);
            assert_true(image_stream_begin(&stream, &f.image, kinds[i]));
            assert_true(image_stream_read(&stream, got_bytes, lens[i]));
            image_stream_end(&stream);
            assert_memory_equal(got_bytes, wanted[i], lens[i]);
        }
    }
    program_drop(app->program);
    app->program = without; /* what lies in its slot is this one's */
    app_unload(app);
    all_is_back();
}

/* Of one that has no slot, or that is to begin anew, there is an image as well: without a place. */
static void apps_that_do_not_live(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 3; way++) { /* stopped; to begin anew; as if it had just begun */
        remember();
        struct app *app = load("old one two");
        call(app, body_fill);
        if (way < 2) {
            app_set_fate(app, way == 0 ? FATE_STOP : FATE_RESTART, fake.now_ns);
            app_settle();
            assert_int_equal(app->base, 0);
        }
        struct image_bytes made;
        assert_int_equal(way < 2 ? app_save(app, 0, &made) : app_save_fresh(app, 0, &made), CTX_OK);
        free(f.bytes);
        f.bytes = malloc(made.len);
        f.len = made.len;
        memcpy(f.bytes, made.bytes, made.len);
        image_bytes_free(&made);
        uint64_t pid = app->pid;
        app_unload(app);
        app = bring_back();
        assert_int_equal(f.image.app.base, 0);
        assert_int_equal(f.image.app.state, way == 0 ? CTX_IMAGE_STOPPED : CTX_IMAGE_FRESH);
        assert_int_equal(f.image.parts[CTX_IMAGE_RUNS].count, 0);
        assert_int_equal(app->pid, pid);
        assert_text(app_text(app->arguments), "one two");
        assert_int_equal(app->stopped, way == 0);
        assert_int_equal(app->base == 0, way == 0);
        assert_int_equal(app->store, 0);
        app_unload(app);
        all_is_back();
    }
}

/* Texts that the app's own section has no room for. */
static void long_texts_come_back(void **state)
{
    (void)state;
    static char text[4200];
    for (size_t len = 120; len < 136; len++) {
        remember();
        memset(text, 'x', sizeof text);
        memcpy(text, "a host=", 7);
        text[30 + len / 32] = ' ';
        size_t at = (size_t)snprintf(text + 40, 100, " instrument=log,%.*s ", (int)(len - 100),
                                     "alloc,alloc,alloc,alloc,alloc,alloc,alloc") +
                    40;
        memset(text + at, 'y', len);
        text[at + (len % 2 == 0 ? len : 4000)] = 0;
        struct app *app = load(text);
        char arguments[4200], hosts[64], instrument[64];
        strcpy(arguments, app_text(app->arguments));
        strcpy(hosts, app_text(app->hosts));
        strcpy(instrument, app_text(app->instrument));
        assert_true(strlen(instrument) > 10 && strlen(arguments) >= len && strlen(hosts) > 10);
        take(app, len % 3 == 0 ? SAVE_PACKED : 0);
        app_unload(app);
        app = bring_back();
        assert_text(app_text(app->arguments), arguments);
        assert_text(app_text(app->hosts), hosts);
        assert_text(app_text(app->instrument), instrument);
        app_unload(app);
        all_is_back();
    }
}

/* Each takes more in an image than in a line: more than there is room for by chance. */
static void many_grants_come_back(void **state)
{
    (void)state;
    static char line[APP_TEXT];
    const char *params;
    size_t at = (size_t)snprintf(line, sizeof line, "old use=a/1");
    for (uint32_t i = 0; i < 560; i++) {
        at += (size_t)snprintf(line + at, sizeof line - at, ",a%03u/1", i);
    }
    remember();
    struct app *app = load(line);
    assert_int_equal(grants_count(&app->grant_list), 561);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    assert_int_equal(grants_count(&app->grant_list), 561);
    assert_true(grants_find(&app->grant_list, GRANT_USE, "a559/1", &params));
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_and_missing),
        cmocka_unit_test(long_texts_come_back),
        cmocka_unit_test(many_grants_come_back),
        cmocka_unit_test(each_instruction_set_counts),
        cmocka_unit_test(a_version_that_is_not_offered),
        cmocka_unit_test(pages_that_nobody_may_write),
        cmocka_unit_test(memory_for_all_of_it),
        cmocka_unit_test(surfaces_elsewhere),
        cmocka_unit_test(not_in_a_call),
        cmocka_unit_test(a_thousand_damaged_images),
        cmocka_unit_test(names_without_strings),
        cmocka_unit_test(many_runs),
        cmocka_unit_test(names_are_saved),
        cmocka_unit_test(apps_that_do_not_live),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
