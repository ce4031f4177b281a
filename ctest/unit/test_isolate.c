/* SPDX-License-Identifier: MIT */
/* Who may run without being verified, and what lies around the code of those who are. */
#include "app_words.h"
#include "host_fixture.h"
#include "image_taken.h"
#include "isolate.h"
#include "session.h"
#include "verify.h"

#define CODE_AT   0x1000u /* in the file */
#define CODE_SIZE 0x100u
#define NOP       0x90
#define HLT       0xf4 /* stands for all that is not allowed */

static void make_nops(void)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    memset(m.bytes + CODE_AT, NOP, CODE_SIZE);
}

static void make_hlt(void)
{
    make_nops();
    m.bytes[CODE_AT + 0x47] = HLT;
}

static struct app *load_made(const char *text)
{
    return app_load(m.bytes, m.len, "/apps/made.elf", text);
}

static ctx_status load_for(const struct app *parent, const char *text, struct app **child)
{
    *child = NULL;
    return app_load_child(parent, m.bytes, m.len, "its memory", text, child);
}

static int back_to_prefer(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_PREFER);
    return 0;
}

/* ---- what the boot line says ---- */

static void the_word(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool known;
        enum isolate_mode mode;
    } table[] = {
        {NULL, true, ISOLATE_PREFER},           {"off", true, ISOLATE_OFF},
        {"prefer", true, ISOLATE_PREFER},       {"require", true, ISOLATE_REQUIRE},
        {"off x=1", true, ISOLATE_OFF},         {"prefer off", true, ISOLATE_PREFER},
        {"require off", true, ISOLATE_REQUIRE}, {"", false, ISOLATE_REQUIRE},
        {" off", false, ISOLATE_REQUIRE},       {"OFF", false, ISOLATE_REQUIRE},
        {"of", false, ISOLATE_REQUIRE},         {"offf", false, ISOLATE_REQUIRE},
        {"requrie", false, ISOLATE_REQUIRE},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        enum isolate_mode mode = ISOLATE_OFF;
        assert_int_equal(isolate_read_mode(table[i].word, &mode), table[i].known);
        assert_int_equal(mode, table[i].mode);
    }
}

static void the_word_rdtsc(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool known, may;
    } table[] = {
        {NULL, true, false},   {"on", true, true},
        {"off", true, false},  {"on isolate=off", true, true},
        {"", false, false},    {"yes", false, false},
        {"ON", false, false},  {"on,off", false, false},
        {"onn", false, false}, {"o", false, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        bool may = true;
        assert_int_equal(isolate_read_rdtsc(table[i].word, &may), table[i].known);
        assert_int_equal(may, table[i].may);
    }
}

static void time_stamps_are_the_systems_to_allow(void **state)
{
    (void)state;
    struct elf_plan plan;
    struct elf_error error;
    struct verify_result result;
    make_hlt();
    memcpy(m.bytes + CODE_AT + 0x47, "\x0f\x31", 2); /* rdtsc */
    assert_true(elf_check(m.bytes, m.len, &plan, &error));
    for (int may = 0; may < 2; may++) {
        isolate_set_rdtsc(may != 0);
        assert_int_equal(isolate_look(m.bytes, &plan, &result), CTX_OK);
        assert_int_equal(result.rule, may != 0 ? VERIFY_FINE : VERIFY_RULE_OPCODE);
    }
    isolate_set_rdtsc(false);
}

static void apps_of_the_boot_line(void **state)
{
    (void)state;
    static const struct {
        enum isolate_mode mode;
        bool fine, runs, verified;
        const char *says;
    } table[] = {
        {ISOLATE_OFF, true, true, false, NULL},
        {ISOLATE_OFF, false, true, false, NULL},
        {ISOLATE_PREFER, true, true, true, NULL},
        {ISOLATE_PREFER, false, true, false, "I app: unverified name=made at=slot+0x401047"},
        {ISOLATE_REQUIRE, true, true, true, NULL},
        {ISOLATE_REQUIRE, false, false, false, "E app: unverified name=made at=slot+0x401047"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        fake_serial_clear();
        isolate_set_mode(table[i].mode);
        uint64_t trusted = isolate_trusted_total();
        table[i].fine ? make_nops() : make_hlt();
        struct app *app = load_made("made");
        assert_int_equal(app != NULL, table[i].runs);
        assert_int_equal(fake_said("unverified"), table[i].says != NULL);
        assert_true(table[i].says == NULL || fake_said(table[i].says));
        bool counts = table[i].runs && !table[i].verified; /* whether it was looked at or not */
        assert_int_equal(isolate_trusted_total() - trusted, counts);
        if (app != NULL) {
            assert_int_equal(app->verified, table[i].verified);
            app_unload(app);
        } else {
            assert_true(fake_said("bytes=f49090909090909090909090 rule=opcode: rebuild with ctx cc "
                                  "or VERIFIED in CMake, or boot with isolate=prefer"));
        }
        all_is_back();
    }
}

/* Where an app begins is an address that the kernel jumps to without a mask. */
static void an_entry_within_a_bundle(void **state)
{
    (void)state;
    for (uint32_t entry = 0; entry <= 64; entry++) {
        remember();
        fake_serial_clear();
        isolate_set_mode(ISOLATE_REQUIRE);
        make_nops();
        make_put(&m, E_ENTRY, CODE_AT + entry, 8);
        struct app *app = load_made("made");
        assert_int_equal(app != NULL, entry % 32 == 0);
        if (app != NULL) {
            app_unload(app);
        } else {
            assert_true(fake_said("rule=entry: rebuild"));
        }
        all_is_back();
    }
}

/* ---- what apps start ---- */

static void children_by_who_starts_them(void **state)
{
    (void)state;
    static const struct {
        enum isolate_mode mode;
        const char *parent, *child;
        bool fine;
        ctx_status status;
        bool trusts;
    } table[] = {
        {ISOLATE_PREFER, "boss", "child", false, CTX_E_UNVERIFIED, false},
        {ISOLATE_PREFER, "boss", "child trusted", false, CTX_E_UNVERIFIED, false},
        {ISOLATE_PREFER, "boss", "child", true, CTX_OK, false},
        {ISOLATE_PREFER, "boss", "child trusted", true, CTX_OK, false},
        {ISOLATE_PREFER, "boss trusted", "child", false, CTX_OK, false},
        {ISOLATE_PREFER, "boss trusted", "child trusted", false, CTX_OK, true},
        {ISOLATE_PREFER, "boss trusted", "child trusted", true, CTX_OK, true},
        {ISOLATE_REQUIRE, "boss trusted", "child trusted", false, CTX_E_UNVERIFIED, false},
        {ISOLATE_REQUIRE, "boss trusted", "child", true, CTX_OK, false},
        {ISOLATE_OFF, "boss", "child", false, CTX_OK, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        isolate_set_mode(table[i].mode);
        make_nops();
        struct app *boss = load_made(table[i].parent), *child;
        assert_non_null(boss);
        assert_text(app_text(boss->arguments), "");
        uint32_t refused = app_refused_count();
        fake_serial_clear();
        table[i].fine ? make_nops() : make_hlt();
        assert_int_equal(load_for(boss, table[i].child, &child), table[i].status);
        assert_int_equal(child != NULL, table[i].status == CTX_OK);
        assert_int_equal(app_refused_count(), refused); /* not of this boot's */
        if (child != NULL) {
            assert_int_equal(child->verified, table[i].fine && table[i].mode != ISOLATE_OFF);
            assert_int_equal(child->trusts, table[i].trusts);
            /* and so for what that one starts */
            struct app *next;
            make_hlt();
            bool may = table[i].mode == ISOLATE_OFF ||
                       (table[i].mode == ISOLATE_PREFER && table[i].trusts);
            assert_int_equal(load_for(child, "next trusted", &next),
                             may ? CTX_OK : CTX_E_UNVERIFIED);
            if (next != NULL) {
                app_unload(next);
            }
            app_unload(child);
        } else if (table[i].mode == ISOLATE_PREFER) {
            assert_true(fake_said("or let the line of who starts it say `trusted`"));
        }
        app_unload(boss);
        all_is_back();
    }
}

/* A line that another app writes could switch the machine off, and make all others wait. */
static void children_that_are_critical_or_slow(void **state)
{
    (void)state;
    static const struct {
        const char *parent, *child;
        bool note, critical;
        uint64_t budget_ms;
    } table[] = {
        {"boss", "child critical budget=60s", false, false, 250},
        {"boss", "child", true, false, 100},
        {"boss", "child budget=200ms", false, false, 200},
        {"boss budget=2ms", "child budget=200ms", false, false, 200},
        {"boss budget=2s", "child budget=60s", false, false, 2000},
        {"boss budget=2s", "child", false, false, 100},
        {"boss critical", "child", false, false, 100},
        {"boss critical", "child critical", false, true, 100},
        {"boss critical", "child", true, true, 100},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        make_nops();
        struct app *boss = load_made(table[i].parent), *child;
        if (table[i].note) {
            make_note(&m, CTX_NOTE_CRITICAL, 0);
        }
        assert_int_equal(load_for(boss, table[i].child, &child), CTX_OK);
        assert_int_equal(child->policy.critical, table[i].critical);
        assert_int_equal(child->policy.budget_ns, table[i].budget_ms * NSEC_PER_MSEC);
        app_unload(child);
        app_unload(boss);
        all_is_back();
    }
}

/* ---- what lies around the code ---- */

static uint8_t byte_at(const struct app *app, uint64_t at)
{
    const uint8_t *page = machine_direct(machine_slot_frame(app->base + at));
    return page[at % PAGE_SIZE];
}

/* Code from 0x40 in its page on, and two pages and a half of which the file has nothing. */
static void look_around(const struct app *app, bool fine, bool shared)
{
    uint8_t fill = fine ? VERIFY_FILL : 0;
    uint64_t page = CTX_SLOT_DYN_BIAS + 0x6000, code = page + 0x40, end = code + CODE_SIZE;
    assert_int_equal(app->verified, fine);
    uint32_t no = app->segment_count - 1;
    assert_int_equal(app->segments[no].at, code);
    assert_int_equal(app->program->text[no] != 0, shared);
    for (uint64_t at = page; at < page + 3 * PAGE_SIZE; at++) {
        bool in = at >= code && at < end;
        uint8_t there = byte_at(app, at);
        uint8_t file = in ? m.bytes[CODE_AT + 0x40 + (at - code)] : 0;
        assert_int_equal(there, in ? file : fill);
    }
}

static void make_code_within_pages(bool fine)
{
    make_nops();
    make_segment(&m, 1, 5, CODE_AT + 0x40, 0x6040, CODE_SIZE);
    make_put(&m, PH(MADE_PHNUM) + P_MEMSZ, 0x2800, 8);
    memset(m.bytes + CODE_AT, NOP, CODE_SIZE + 0x40);
    make_put(&m, PH(MADE_CODE) + P_FILESZ, 0x40, 8); /* no byte is code of two segments */
    make_put(&m, PH(MADE_CODE) + P_MEMSZ, CODE_SIZE + 0x40, 8);
    m.bytes[CODE_AT + 0x60] = fine ? NOP : HLT;
}

static void pages_of_code_around_the_files_bytes(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_PREFER);
    for (uint32_t fine = 0; fine < 2; fine++) {
        make_code_within_pages(fine != 0);
        remember();
        struct app *app = load_made("made");
        assert_non_null(app);
        look_around(app, fine != 0, true);
        struct app *second = load_made("second");
        look_around(second, fine != 0, true);
        app_unload(second);
        app_unload(app);
        all_is_back();
        /* No memory in one piece: each page is the instance's own. */
        uint32_t own = 0;
        for (uint64_t n = 0; n < 60; n++) {
            fake.allocs_left = n;
            fake.once = true;
            app = load_made("made");
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            if (app != NULL && app->program->text[app->segment_count - 1] == 0) {
                look_around(app, fine != 0, false);
                own++;
            }
            if (app != NULL) {
                app_unload(app);
            }
            all_is_back();
        }
        assert_int_equal(own, 1);
    }
}

/* Without memory to look at the code nothing is said of it, and nothing runs. */
static void no_memory_to_look(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_REQUIRE);
    make_nops();
    remember();
    uint32_t ran = 0, did_not = 0;
    for (uint64_t n = 0; n < 60; n++) {
        fake.allocs_left = n;
        fake.once = true;
        struct app *app = load_made("made");
        fake.allocs_left = FAKE_ALWAYS;
        fake.once = false;
        if (app != NULL) {
            assert_true(app->verified);
            app_unload(app);
            ran++;
        } else {
            did_not++;
        }
        all_is_back();
    }
    assert_true(ran > 5 && did_not > 5);
}

/* ---- functions that are handed over ---- */

static uint32_t serve_at;

static int32_t body_wrap_at(struct ctx *ctx)
{
    const struct ctx_host *host = host_table(ctx);
    uint32_t *out = own(ctx, sizeof *out);
    t.open = host->open(host, t.child->pid, out);
    void *words = own_copy(ctx, "log", 4);
    ctx_serve_fn code = (ctx_serve_fn)(uintptr_t)(app_current()->entry + serve_at);
    t.wrap = host->wrap(host, *out, words, 3, code, 77);
    (void)host->close(host, *out);
    return CTX_AGAIN;
}

static void functions_that_begin_no_bundle(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_PREFER);
    for (uint32_t fine = 0; fine < 2; fine++) {
        remember();
        memset(&t, 0, sizeof t);
        fine != 0 ? make_nops() : make_hlt();
        t.host = load_made("host grant=ctx.host/1");
        assert_int_equal(t.host->verified, fine);
        t.child = load_v3("child host=host");
        for (serve_at = 0; serve_at <= 64; serve_at++) {
            call(t.host, body_wrap_at);
            assert_int_equal(t.open, CTX_OK);
            assert_int_equal(t.wrap, fine == 0 || serve_at % 32 == 0 ? CTX_OK : CTX_E_INVAL);
        }
        end();
    }
}

/* ---- beginning anew ---- */

static int32_t body_fault(struct ctx *ctx)
{
    (void)ctx;
    fake_fault(6, 0);
}

static int32_t body_good(struct ctx *ctx)
{
    (void)ctx;
    return CTX_AGAIN;
}

static void begin_anew(struct app *app)
{
    call(app, body_fault);
    app_settle();
    assert_int_equal(app->base, 0);
    fake.now_ns = app->turn.deadline_ns;
    ready_remove(app);
    call(app, body_good);
}

/* Somebody has written over what the kernel keeps of the file: it is looked at each time. */
static void each_beginning_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        enum isolate_mode mode;
        const char *line;
        bool by_app, runs;
    } table[] = {
        {ISOLATE_PREFER, "made restart=on-fault", false, true},
        {ISOLATE_PREFER, "made restart=on-fault", true, false},
        {ISOLATE_REQUIRE, "made restart=on-fault", false, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        isolate_set_mode(table[i].mode);
        make_nops();
        struct app *boss = table[i].by_app ? load_made("boss") : NULL, *app;
        if (boss != NULL) {
            assert_int_equal(load_for(boss, table[i].line, &app), CTX_OK);
        } else {
            app = load_made(table[i].line);
        }
        assert_true(app->verified);
        begin_anew(app);
        assert_true(app->base != 0 && app->verified);
        uint8_t *file = (uint8_t *)(uintptr_t)app->program->file;
        file[CODE_AT + 0x20] = HLT;
        uint64_t trusted = isolate_trusted_total();
        fake_serial_clear();
        begin_anew(app);
        assert_int_equal(app->base != 0, table[i].runs);
        assert_false(app->verified);
        assert_int_equal(isolate_trusted_total() - trusted, table[i].runs);
        assert_true(fake_said("unverified name=made at=slot+0x401020"));
        app_unload(app);
        if (boss != NULL) {
            app_unload(boss);
        }
        all_is_back();
    }
}

/* Code in memory that somebody has written over is the file's again in the next instance. */
static void damaged_text_is_put_right(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_REQUIRE);
    remember();
    make_nops();
    struct app *app = load_made("made restart=on-fault");
    uint64_t at = CTX_SLOT_DYN_BIAS + CODE_AT;
    for (uint32_t n = 0; n < 2; n++) { /* in its code, and behind it */
        uint64_t where = at + 0x20 + n * 0x800;
        uint8_t *page = machine_direct(machine_slot_frame(app->base + at));
        page[where % PAGE_SIZE] = HLT;
        struct app *second = load_made("second");
        assert_non_null(second);
        assert_true(second->verified);
        assert_int_equal(byte_at(second, where), n == 0 ? NOP : VERIFY_FILL);
        app_unload(second);
    }
    app_unload(app);
    all_is_back();
}

/* ---- images ---- */

/* Another program, with checksums that are right. */
static void tamper(void)
{
    uint64_t at = image_section_at(f.bytes, CTX_IMAGE_PROGRAM);
    struct ctx_image_header h;
    assert_int_not_equal(at, 0);
    memcpy(&h, f.bytes, sizeof h);
    uint64_t len = 0;
    for (uint32_t i = 0; i < h.sections; i++) {
        struct ctx_image_section s;
        memcpy(&s, f.bytes + sizeof h + i * sizeof s, sizeof s);
        len = s.kind == CTX_IMAGE_PROGRAM ? s.stored : len;
    }
    assert_int_equal(f.bytes[at + CODE_AT + 0x20], NOP);
    f.bytes[at + CODE_AT + 0x20] = HLT;
    head()->code_hash = checksum(f.bytes + at, len);
    image_reseal(f.bytes, f.len);
}

static ctx_status restore_by(const struct app *by, struct app **app)
{
    *app = NULL;
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    return app_restore(&f.image, "made.img", by, app, &f.error);
}

static void images_whose_program_is_another(void **state)
{
    (void)state;
    static const struct {
        enum isolate_mode mode;
        const char *by; /* NULL: the owner of the machine */
        bool tampered;
        ctx_status status;
    } table[] = {
        {ISOLATE_REQUIRE, NULL, false, CTX_OK},
        {ISOLATE_REQUIRE, NULL, true, CTX_E_UNVERIFIED},
        {ISOLATE_REQUIRE, "boss trusted", true, CTX_E_UNVERIFIED},
        {ISOLATE_REQUIRE, "boss", false, CTX_OK},
        {ISOLATE_PREFER, NULL, true, CTX_OK},
        {ISOLATE_PREFER, "boss", true, CTX_E_UNVERIFIED},
        {ISOLATE_PREFER, "boss", false, CTX_OK},
        {ISOLATE_PREFER, "boss trusted", true, CTX_OK},
        {ISOLATE_OFF, "boss", true, CTX_OK},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        isolate_set_mode(table[i].mode);
        make_nops();
        struct app *app = load_made("made"), *by = NULL;
        call(app, body_good);
        take(app, 0);
        app_unload(app);
        if (table[i].tampered) {
            tamper();
        }
        if (table[i].by != NULL) {
            make_nops();
            by = load_made(table[i].by);
        }
        remember();
        fake_serial_clear();
        ctx_status status = restore_by(by, &app);
        assert_int_equal(status, table[i].status);
        if (status == CTX_OK) {
            assert_int_equal(app->verified, !table[i].tampered && table[i].mode != ISOLATE_OFF);
            app_unload(app);
        } else {
            assert_null(app);
            assert_text(f.error.field, "program");
            assert_true(fake_said("unverified name=made at=slot+0x401020"));
        }
        all_is_back();
        if (by != NULL) {
            app_unload(by);
        }
    }
}

/* That what it starts may be trusted is in its image, and holds if who restores it has that too. */
static void the_word_in_images(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_PREFER);
    static const struct {
        const char *line, *by;
        bool trusts;
    } table[] = {
        {"made trusted", NULL, true},    {"made", NULL, false},
        {"made trusted", "boss", false}, {"made trusted", "boss trusted", true},
        {"made", "boss trusted", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        remember();
        make_nops();
        struct app *app = load_made(table[i].line), *by = NULL;
        call(app, body_good);
        take(app, 0);
        app_unload(app);
        assert_int_equal((head()->flags & CTX_IMAGE_TRUSTS) != 0,
                         strcmp(table[i].line, "made") != 0);
        if (table[i].by != NULL) {
            make_nops();
            by = load_made(table[i].by);
        }
        assert_int_equal(restore_by(by, &app), CTX_OK);
        assert_true(app->verified);
        assert_int_equal(app->trusts, table[i].trusts);
        struct app *child;
        make_hlt();
        assert_int_equal(load_for(app, "child", &child),
                         table[i].trusts ? CTX_OK : CTX_E_UNVERIFIED);
        if (child != NULL) {
            app_unload(child);
        }
        app_unload(app);
        if (by != NULL) {
            app_unload(by);
        }
        all_is_back();
    }
}

/* Who starts by going back to a session is asked like who starts one app. */
static void a_session_by_who_goes_back_to_it(void **state)
{
    (void)state;
    isolate_set_mode(ISOLATE_PREFER);
    static const struct {
        const char *by;
        ctx_status status;
    } table[] = {{NULL, CTX_OK}, {"boss", CTX_E_UNVERIFIED}, {"boss trusted", CTX_OK}};
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        struct session_failures failures;
        struct image_bytes made;
        struct image_error error;
        struct image session;
        make_hlt();
        struct app *app = load_made("made trusted");
        uint64_t pid = app->pid;
        call(app, body_good);
        assert_int_equal(session_take("all", &made), CTX_OK);
        app_unload(app);
        assert_true(image_open(made.bytes, made.len, &session, &error));
        make_nops();
        struct app *by = table[i].by != NULL ? load_made(table[i].by) : NULL;
        assert_int_equal(session_go_back(&session, "all", by, &failures), table[i].status);
        app = app_find(pid);
        assert_int_equal(app != NULL, table[i].status == CTX_OK);
        if (app != NULL) {
            assert_true(app->trusts);
            app_unload(app);
        }
        assert_null(app_first()); /* the boss was not there then */
        image_bytes_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_word),
        cmocka_unit_test(the_word_rdtsc),
        cmocka_unit_test(time_stamps_are_the_systems_to_allow),
        cmocka_unit_test_teardown(apps_of_the_boot_line, back_to_prefer),
        cmocka_unit_test_teardown(an_entry_within_a_bundle, back_to_prefer),
        cmocka_unit_test_teardown(children_by_who_starts_them, back_to_prefer),
        cmocka_unit_test_teardown(children_that_are_critical_or_slow, back_to_prefer),
        cmocka_unit_test_teardown(pages_of_code_around_the_files_bytes, back_to_prefer),
        cmocka_unit_test_teardown(no_memory_to_look, back_to_prefer),
        cmocka_unit_test_teardown(functions_that_begin_no_bundle, back_to_prefer),
        cmocka_unit_test_teardown(each_beginning_is_looked_at, back_to_prefer),
        cmocka_unit_test_teardown(damaged_text_is_put_right, back_to_prefer),
        cmocka_unit_test_teardown(images_whose_program_is_another, back_to_prefer),
        cmocka_unit_test_teardown(the_word_in_images, back_to_prefer),
        cmocka_unit_test_teardown(a_session_by_who_goes_back_to_it, back_to_prefer),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
