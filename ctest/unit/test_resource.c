/* SPDX-License-Identifier: MIT */
/*
 * A kind of thing that this kernel does not have, in one file: a note that somebody sticks on an
 * app. One line makes it known (resource_add); it is saved, put back, undone, counted and thrown
 * away with the app, and no other file knows of it.
 */
#include "image.h"
#include "image_write.h"
#include "policy_fixture.h"
#include "resource.h"
#include "restore.h"
#include "save.h"

#define KIND 31u /* of a section: none of the format's */

struct note {
    uint64_t text, was;
    bool kept;
};

static const struct app_resource notes;

static struct {
    uint32_t begun, ended[4], told, dropped, waited;
    uint64_t live;
} seen;

static struct note *note_of(const struct app *app)
{
    return *resource_part((struct app *)app, &notes);
}

static bool stick(struct app *app, uint64_t text)
{
    struct note *n = note_of(app);
    if (n == NULL) {
        n = heap_alloc(sizeof *n);
        seen.live += n != NULL;
        *resource_part(app, &notes) = n;
    }
    if (n != NULL) {
        n->text = text;
    }
    return n != NULL;
}

static bool word(struct app *app, const char *word, size_t len)
{
    bool is = len == 7 && memcmp(word, "note=", 5) == 0;
    seen.told += is && app->base == 0;
    return is;
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    return stick(app, 1) ? CTX_OK : CTX_E_NOMEM;
}

static void begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    (void)app;
    (void)now_ns;
    (void)entry;
    seen.begun += !served;
}

static void end(struct app *app, enum app_ending how, bool served)
{
    (void)app;
    (void)served;
    seen.ended[how]++;
}

static void waits(struct app *app)
{
    (void)app;
    seen.waited++;
}

static void tear_down(struct app *app)
{
    struct note *n = note_of(app);
    seen.live -= n != NULL;
    heap_free(n, sizeof *n);
    *resource_part(app, &notes) = NULL;
}

static void forget(struct app *app)
{
    assert_null(note_of(app));
    seen.dropped++;
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)app;
    (void)flags;
    return sizeof(uint64_t);
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    image_write_whole(w, KIND, 0, &note_of(app)->text, sizeof(uint64_t), false);
    return CTX_OK;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image_part *part = &how->image->parts[KIND];
    if (part->len == sizeof(uint64_t)) {
        memcpy(&note_of(app)->text, part->stored, sizeof(uint64_t));
    }
    return CTX_OK;
}

static bool remember_text(struct app *app)
{
    note_of(app)->was = note_of(app)->text;
    note_of(app)->kept = true;
    return true;
}

static bool put_back(struct app *app, bool again)
{
    (void)again;
    assert_true(note_of(app)->kept);
    note_of(app)->text = note_of(app)->was;
    return true;
}

static void let_go(struct app *app)
{
    if (note_of(app) != NULL) {
        note_of(app)->kept = false;
    }
}

static uint64_t count(const struct app *app)
{
    return note_of(app) != NULL;
}

static const struct app_resource notes = {
    .name = "notes",
    .word = word,
    .build = build,
    .begin = begin,
    .end = end,
    .wait = waits,
    .tear_down = tear_down,
    .forget = forget,
    .image_bytes = image_bytes,
    .save = save,
    .restore = restore,
    .remember = remember_text,
    .put_back = put_back,
    .let_go = let_go,
    .count = count,
};

static int with_notes(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    resource_add(&notes); /* the one line */
    return 0;
}

static uint64_t counted(const struct app *app, const char *which)
{
    const char *name;
    uint64_t n;
    for (uint32_t no = 0; resources_count(app, no, &name, &n); no++) {
        if (strcmp(name, which) == 0) {
            return n;
        }
    }
    fail_msg("no resource is called %s", which);
    return 0;
}

static int32_t body_good(struct ctx *ctx)
{
    (void)ctx;
    stick(app_current(), 7);
    return CTX_AGAIN;
}

static int32_t body_bad(struct ctx *ctx)
{
    (void)ctx;
    stick(app_current(), 8);
    fake_fault(14, 0x1234);
}

static int32_t body_waits(struct ctx *ctx)
{
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY);
    return CTX_WAIT;
}

static void it_is_told_that_the_app_waits(void **state)
{
    (void)state;
    struct app *app = load_v3("one");
    call(app, body_good);
    assert_int_equal(seen.waited, 0);
    call(app, body_waits);
    assert_int_equal(app->turn.where, TURN_WAITING);
    assert_int_equal(seen.waited, 1);
    app_unload(app);
}

/* Kinds are found by their addresses: one that comes to another's place hides it for the first look
 * only. */
static void each_is_found_behind_another_in_its_place(void **state)
{
    (void)state;
    static _Alignas(1024) uint8_t room[1024 + 2 * sizeof(struct app_resource)];
    struct app *app = load_v3("one");
    uint32_t count = 0;
    while (app_resources[count] != NULL) {
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t place = (uintptr_t)app_resources[i] / 16 % 64;
        const struct app_resource *other = (const void *)(room + place * 16);
        resource_add(other);
        for (uint32_t k = 0; k < count; k++) {
            assert_ptr_equal(resource_part(app, app_resources[k]), &app->parts[k]);
        }
        assert_ptr_equal(resource_part(app, other), &app->parts[count]);
        resource_remove(other);
    }
    app_unload(app);
}

static void part_of_notes(void *arg)
{
    (void)resource_part(arg, &notes);
}

static void part_of_a_stranger(void *arg)
{
    static const struct app_resource stranger = {.name = "stranger"};
    (void)resource_part(arg, &stranger);
}

static void one_that_was_taken_away_is_found_no_more(void **state)
{
    (void)state;
    struct app *app = load_v3("one");
    resource_add(&notes);
    assert_false(fake_panics(part_of_notes, app));
    resource_remove(&notes);
    assert_true(fake_panics(part_of_notes, app));
    assert_true(fake_panics(part_of_a_stranger, app));
    app_unload(app);
}

/* No kind that is first wants to know of calls; one that did would be asked, and the walk ends. */
static void calls_of_the_first_kind(void **state)
{
    (void)state;
    struct app *app = load_v3("one");
    struct machine_entry entry;
    uint32_t was = app->at_calls;
    memset(&entry, 0, sizeof entry);
    app->at_calls = was | 1;
    resources_begin(app, fake.now_ns, &entry, false);
    resources_end(app, ENDED_WELL, false);
    app->at_calls = was;
    app_unload(app);
}

static void it_lives_and_goes_with_the_app(void **state)
{
    (void)state;
    remember();
    struct app *app = load_v3("one note=x9 deny=ctx.log/1");
    assert_int_equal(seen.told, 1); /* the word was its own, and the app does not get it */
    assert_null(app->arguments);
    assert_int_equal(counted(app, "notes"), 1);
    call(app, body_good);
    assert_int_equal(seen.begun, 1);
    assert_int_equal(seen.ended[ENDED_WELL], 1);
    app_set_fate(app, FATE_STOP, 0);
    app_settle();
    assert_int_equal(counted(app, "notes"), 0);
    assert_int_equal(seen.live, 0);
    app_set_fate(app, FATE_RESTART, fake.now_ns);
    app_settle();
    restart_now(app);
    assert_int_equal(counted(app, "notes"), 1);
    app_unload(app);
    assert_int_equal(seen.live, 0);
    assert_int_equal(seen.dropped, 1);
    all_is_back();
}

static void it_is_undone(void **state)
{
    (void)state;
    struct app *app = load_v3("one restart=undo");
    call(app, body_good);
    assert_int_equal(note_of(app)->text, 7);
    assert_false(note_of(app)->kept); /* a good call has no way back */
    call(app, body_bad);
    assert_int_equal(app->undone, 1);
    assert_int_equal(note_of(app)->text, 7);
    assert_int_equal(seen.ended[ENDED_UNDONE], 1);
    app_unload(app);
}

static void it_is_saved_and_restored(void **state)
{
    (void)state;
    struct app *app = load_v3("one");
    struct image_bytes made;
    struct image image;
    struct image_error error;
    struct app *other = NULL;
    call(app, body_good);
    assert_int_equal(app_save(app, 0, &made), CTX_OK);
    assert_true(image_open(made.bytes, made.len, &image, &error));
    note_of(app)->text = 9;
    assert_int_equal(app_go_back(app, &image, &error), CTX_OK); /* in place */
    assert_int_equal(note_of(app)->text, 7);
    app_unload(app);
    assert_int_equal(app_restore(&image, "test", NULL, &other, &error), CTX_OK);
    assert_int_equal(note_of(other)->text, 7);
    app_unload(other);
    image_bytes_free(&made);
    assert_int_equal(seen.live, 0);
}

/* Without memory for it there is no app, and what was built is gone. */
static void no_app_without_it(void **state)
{
    (void)state;
    remember();
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    uint32_t refused = 0;
    for (uint64_t left = 0; left < 200; left++) {
        fake.allocs_left = left;
        struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "one");
        fake.allocs_left = UINT64_MAX;
        refused += app == NULL;
        if (app != NULL) {
            app_unload(app);
        }
        assert_int_equal(seen.live, 0);
        all_is_back();
    }
    assert_true(refused > 3 && refused < 200);
}

static int without_notes(void **state)
{
    (void)state;
    resource_remove(&notes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_lives_and_goes_with_the_app, with_notes, without_notes),
        cmocka_unit_test_setup_teardown(it_is_undone, with_notes, without_notes),
        cmocka_unit_test_setup_teardown(it_is_saved_and_restored, with_notes, without_notes),
        cmocka_unit_test_setup_teardown(no_app_without_it, with_notes, without_notes),
        cmocka_unit_test_setup_teardown(it_is_told_that_the_app_waits, with_notes, without_notes),
        cmocka_unit_test(each_is_found_behind_another_in_its_place),
        cmocka_unit_test(one_that_was_taken_away_is_found_no_more),
        cmocka_unit_test(calls_of_the_first_kind),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
