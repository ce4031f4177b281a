/* SPDX-License-Identifier: MIT */
/*
 * Files and images whose numbers multiply: the same bytes named over and over, or more of what is
 * walked along for each other one than any app has. Nobody else runs while the kernel reads them,
 * so each of these kept everybody waiting for minutes, or for ever.
 */
#include "host_private.h"
#include "image_check.h"
#include "image_taken.h"
#include "service_fixture.h"

/* ---- files ---- */

#define BIG (UINT64_C(3) << 20)

static struct {
    uint8_t bytes[BIG];
    struct elf_plan plan;
    struct elf_error error;
} big;

/* The good file with room behind it, into which `more` program headers of the type point. */
static void begin_file(uint32_t type, uint64_t at, uint64_t size, uint32_t more)
{
    make_elf(&m);
    memset(big.bytes, 0, sizeof big.bytes);
    for (uint32_t i = 0; i < more; i++) {
        make_segment(&m, type, 4, at, 0, size);
    }
    memcpy(big.bytes, m.bytes, m.len);
}

static void big_is(const char *field)
{
    bool good = elf_check(big.bytes, sizeof big.bytes, &big.plan, &big.error);
    assert_int_equal(good, field == NULL);
    if (field != NULL) {
        assert_text(big.error.field, field);
    }
}

static void notes_of_a_file_end(void **state)
{
    (void)state;
    const uint64_t most = UINT64_C(1) << 20;
    begin_file(4, most, most, 1); /* notes of nothing, one behind the other */
    big_is(NULL);
    begin_file(4, most, most + 1, 1);
    big_is("PT_NOTE");
    begin_file(4, most, most / 4, 4);
    big_is(NULL);
    begin_file(4, most, most / 4 + 1, 4); /* none of them is too long */
    big_is("PT_NOTE");
}

/* Whether its code is verified is looked at for each segment, each time that it begins. */
static void code_is_mapped_once(void **state)
{
    (void)state;
    const uint64_t most = UINT64_C(1) << 20;
    static const struct {
        uint64_t at, size;
        const char *field;
    } table[] = {
        {most, most, "p_offset"},      {most - 100, 101, "p_offset"},
        {2 * most - 1, 1, "p_offset"}, {most - 100, 2 * most, "p_offset"},
        {most - 100, 100, NULL},       {2 * most, 1, NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        begin_file(0, 0, 0, 0);
        make_segment(&m, 1, 5, most, 0x800000, most);
        make_segment(&m, 1, 5, table[i].at, 0x1000000, table[i].size);
        memcpy(big.bytes, m.bytes, 0x1000);
        big_is(table[i].field);
    }
    begin_file(0, 0, 0, 0); /* what is not code may be: nobody looks at it */
    make_segment(&m, 1, 5, most, 0x800000, most);
    make_segment(&m, 1, 4, most, 0x1000000, most);
    memcpy(big.bytes, m.bytes, 0x1000);
    big_is(NULL);
}

static void interfaces_that_an_app_requires_end(void **state)
{
    (void)state;
    const uint32_t most = 256;
    for (uint32_t more = 0; more < 2; more++) {
        begin_file(0, 0, 0, 0);
        make_note(&m, CTX_NOTE_MINIMUM, 3);
        memcpy(big.bytes, m.bytes, m.len);
        static const char one[16] = "\3\0\12\0ctx.apps/1\0\0"; /* tag, length, id, padding */
        uint32_t head[4] = {4, (most + more) * (uint32_t)sizeof one, 1, 0};
        memcpy(&head[3], "ctx", 4);
        memcpy(big.bytes + BIG / 2, head, sizeof head);
        for (uint32_t i = 0; i < most + more; i++) {
            memcpy(big.bytes + BIG / 2 + sizeof head + i * sizeof one, one, sizeof one);
        }
        const uint64_t at = BIG / 2, size = sizeof head + head[1];
        memcpy(big.bytes + PH(MADE_NOTE) + P_OFFSET, &at, 8);
        memcpy(big.bytes + PH(MADE_NOTE) + P_FILESZ, &size, 8);
        fake_serial_clear();
        struct app *app = app_load(big.bytes, sizeof big.bytes, "made.elf", "made");
        assert_int_equal(app == NULL, more);
        assert_int_equal(fake_said("field=note.required value=0x101"), more);
        if (app != NULL) {
            app_unload(app);
        }
    }
}

static void a_file_has_one_dynamic_section(void **state)
{
    (void)state;
    begin_file(2, MADE_DYN_AT, 16 * DYN_SPARE, 1);
    big_is("PT_DYNAMIC");
}

#define SECTIONS_AT UINT64_C(0x10000)

static void put_rela(uint32_t no, uint64_t at, uint64_t size)
{
    uint8_t *s = big.bytes + SECTIONS_AT + UINT64_C(64) * no;
    const uint32_t type = 4;
    const uint64_t allocated = 2, table = SECTIONS_AT;
    const uint16_t entry = 64, count = (uint16_t)(no + 1);
    memcpy(s + 4, &type, 4);
    memcpy(s + 8, &allocated, 8);
    memcpy(s + 24, &at, 8);
    memcpy(s + 32, &size, 8);
    memcpy(big.bytes + 40, &table, 8);
    memcpy(big.bytes + 58, &entry, 2);
    memcpy(big.bytes + 60, &count, 2);
}

/* In the last section is what a file is refused for: it is found, unless the ones before it have as
 * much as the file already. */
static void sections_over_sections_are_left_alone(void **state)
{
    (void)state;
    const uint64_t ifunc = 37, last = BIG - 24;
    begin_file(0, 0, 0, 0);
    memcpy(big.bytes + last + 8, &ifunc, 8);
    put_rela(0, BIG / 2, BIG / 4);
    put_rela(1, last, 24);
    big_is("R_X86_64_IRELATIVE");
    for (uint32_t no = 0; no < 6; no++) {
        put_rela(no, BIG / 2, BIG / 4);
    }
    put_rela(6, last, 24);
    big_is(NULL);
}

/* Each symbol is a better one than all before it, and no name ends before the file does. */
static void names_without_end(void **state)
{
    (void)state;
    remember();
    const uint64_t symbols = 40000, strings = UINT64_C(1) << 20;
    struct program_parts parts = {
        .file = m.bytes, .symbols_len = symbols * 24, .strings_len = strings};
    make_elf(&m);
    parts.len = m.len;
    uint8_t *table = calloc(symbols, 24), *names = malloc(strings);
    memset(names, 'n', strings);
    for (uint64_t i = 0; i < symbols; i++) {
        const uint64_t value = 0x1000 + i;
        table[i * 24 + 4] = 2;
        memcpy(table + i * 24 + 8, &value, 8);
    }
    parts.symbols = table;
    parts.strings = names;
    static const struct ctx_note no_note;
    struct program *p = program_keep_parts(&parts, &no_note);
    assert_non_null(p);
    struct program_symbol s;
    assert_true(program_find(p, 0x1000 + symbols, &s));
    assert_int_equal(s.offset, 1);
    assert_int_equal(s.name_len, PROGRAM_NAME_MOST);
    program_drop(p);
    free(table);
    free(names);
    all_is_back();
}

/* ---- images ---- */

/* The image in f with other bytes in the place of one section's, which are freed. */
static void put_section(uint32_t kind, uint32_t entry, uint8_t *bytes, uint64_t len)
{
    struct ctx_image_header h;
    memcpy(&h, f.bytes, sizeof h);
    uint64_t table = sizeof h, at = sizeof h + h.sections * sizeof(struct ctx_image_section);
    uint8_t *made = calloc(1, f.len + len + 8);
    memcpy(made, f.bytes, at);
    bool found = false;
    for (uint32_t i = 0; i < h.sections; i++, table += sizeof(struct ctx_image_section)) {
        struct ctx_image_section s;
        memcpy(&s, f.bytes + table, sizeof s);
        const uint8_t *from = f.bytes + s.at;
        if (s.kind == kind) {
            s.len = s.stored = len;
            s.entry = entry;
            from = bytes;
            found = true;
        }
        s.at = ALIGN_UP(at, UINT64_C(8));
        memcpy(made + s.at, from, s.stored);
        at = s.at + s.stored;
        memcpy(made + table, &s, sizeof s);
    }
    assert_true(found);
    free(f.bytes);
    free(bytes);
    f.bytes = made;
    f.len = at;
}

static void taken_is(const char *field, uint32_t line)
{
    image_reseal(f.bytes, f.len);
    f.error = (struct image_error){NULL, 0, NULL};
    bool good = image_open(f.bytes, f.len, &f.image, &f.error);
    if (good != (field == NULL) || (!good && strcmp(f.error.field, field) != 0)) {
        print_error("line %u: %s\n", line, good ? "it is taken" : f.error.field);
        fail();
    }
}

/* As many copies of a list's first entry. */
static void repeat(struct app *app, uint32_t kind, uint64_t count)
{
    take(app, 0);
    uint32_t size = image_entry_size(kind);
    uint8_t *bytes = malloc(count * size);
    for (uint64_t i = 0; i < count; i++) {
        memcpy(bytes + i * size, f.bytes + image_section_at(f.bytes, kind), size);
    }
    put_section(kind, size, bytes, count * size);
}

static void lists_that_are_walked_along_end(void **state)
{
    (void)state;
    struct app *host = load_v3("host grant=ctx.host/1 over=*"),
               *app = load_v3("app deny=ctx.gpu/1");
    struct app_link *link = heap_alloc(sizeof *link);
    *link = (struct app_link){.child = app, .host_pid = host->pid, .words = "log", .gates = {1}};
    app->links = link;
    app_unload(host);
    app->denied |= 1; /* one that GRANTS has */
    static const struct {
        uint32_t kind, most;
        const char *field;
    } table[] = {{CTX_IMAGE_GRANTS, 4096, "grants.count"}, {CTX_IMAGE_HOSTS, 16384, "hosts.count"}};
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        repeat(app, table[i].kind, table[i].most);
        taken_is(NULL, __LINE__);
        repeat(app, table[i].kind, table[i].most + 1);
        taken_is(table[i].field, __LINE__);
    }
    app_unload(app);
}

/* So many different items, in the order in which each is put in front of all before it. */
static void put_items(uint32_t count)
{
    uint8_t *bytes = calloc(count, 24);
    for (uint32_t i = 0; i < count; i++) {
        struct ctx_image_text head = {.what = CTX_IMAGE_ITEM_TABLE + GRANT_USE, .len = 10};
        memcpy(bytes + i * 24, &head, sizeof head);
        snprintf((char *)bytes + i * 24 + sizeof head, 11, "a%07u/1", count - i);
    }
    put_section(CTX_IMAGE_GRANT_ITEMS, 0, bytes, count * UINT64_C(24));
}

static void items_of_grants_end(void **state)
{
    (void)state;
    struct app *app = load_v3("app use=a/1");
    take(app, 0);
    put_items(GRANTS_MOST);
    taken_is(NULL, __LINE__);
    app_unload(app);
    app = bring_back();
    assert_int_equal(grants_count(&app->grant_list), GRANTS_MOST);
    take(app, 0); /* and what it has can be saved and restored once more */
    app_unload(app);
    app = bring_back();
    assert_int_equal(grants_count(&app->grant_list), GRANTS_MOST);
    app_unload(app);
    put_items(GRANTS_MOST + 2 * CTX_TABLES + 1);
    taken_is("grant.items", __LINE__);
}

static void one_descriptor_for_many_services(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    fake.service = served;
    struct app *app = load_v3("provider offer=*");
    for (uint32_t i = 0; i < 2; i++) {
        struct all_interface d = all_1;
        uint64_t code[FN_COUNT];
        memset(d.head.id, 0, sizeof d.head.id);
        snprintf((char *)d.head.id, sizeof d.head.id, "org.example.n/%u", i + 1);
        for (uint32_t n = 0; n < FN_COUNT; n++) {
            code[n] = app->entry;
        }
        struct interface *iface = interface_make(&d, d.head.size);
        assert_int_equal(service_publish(app, iface, code, i + 1), CTX_OK);
        interface_drop(iface);
    }
    take(app, 0);
    taken_is(NULL, __LINE__);
    struct ctx_image_service *s =
        (struct ctx_image_service *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SERVICES));
    s += s->what == CTX_IMAGE_SERVICE_COUNTERS;
    assert_int_equal(s[1].what, CTX_IMAGE_SERVICE_OFFERS);
    assert_true(s[1].at > s[0].at);
    s[1].at = s[0].at;
    taken_is("service.at", __LINE__);
    app_unload(app);
}

/* ---- what apps can make by themselves ---- */

static void services_of_one_app_end(void **state)
{
    (void)state;
    remember();
    memset(&t, 0, sizeof t);
    fake.service = served;
    struct app *app = load_v3("provider offer=* use=*"), *other = load_v3("other offer=*");
    assert_int_equal(publish(other, &all_1, sizeof all_1, FN_COUNT), CTX_OK);
    assert_int_equal(open_all(app), CTX_OK);
    struct all_interface d = all_1;
    d.head.count = 1;
    d.head.size = sizeof d.head + sizeof d.fns[0];
    for (uint32_t i = 0; i <= SERVICES_MAX; i++) {
        uint64_t code = app->entry;
        memset(d.head.id, 0, sizeof d.head.id);
        snprintf((char *)d.head.id, sizeof d.head.id, "org.example.n/%u", i + 1);
        struct interface *iface = interface_make(&d, d.head.size);
        assert_int_equal(service_publish(app, iface, &code, i + 1),
                         i < SERVICES_MAX ? CTX_OK : CTX_E_NOSPC);
        interface_drop(iface);
    }
    service_withdraw(services_known(app)->services);
    struct interface *iface = interface_make(&d, d.head.size);
    uint64_t code = app->entry;
    assert_int_equal(service_publish(app, iface, &code, 1 << 20), CTX_OK);
    interface_drop(iface);
    take(app, 0);
    taken_is(NULL, __LINE__);
    /* One more than there may be, in an image that nobody saved. */
    struct ctx_image_service *s =
        (struct ctx_image_service *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SERVICES));
    while (s->what != CTX_IMAGE_SERVICE_USES) {
        s++;
    }
    s->what = CTX_IMAGE_SERVICE_OFFERS;
    s->code = 0;
    taken_is("service.at", __LINE__);
    app_unload(app);
    app_unload(other);
    all_is_back();
}

/* Each generation is denied what all before it were, and a line more. */
static void denied_by_generations(void **state)
{
    (void)state;
    remember();
    struct app *family[16] = {load_v3("eve trusted grant=ctx.loader/1")};
    ctx_status status = CTX_OK;
    uint32_t n = 0;
    while (status == CTX_OK) {
        char line[APP_TEXT];
        size_t len = (size_t)snprintf(line, sizeof line,
                                      "child%u trusted grant=ctx.loader/1 deny=c%u/1", n, n);
        for (uint32_t i = 0; len + 16 < sizeof line; i++) {
            len += (size_t)snprintf(line + len, sizeof line - len, ",%c%u/1", 'a' + (int)n, i);
        }
        assert_in_range(n, 0, 14);
        struct app *child = NULL;
        fake_serial_clear();
        status = app_load_child(family[n], m.bytes, m.len, "made", line, &child);
        family[++n] = child;
    }
    assert_int_equal(status, CTX_E_INVAL);
    assert_true(fake_said("refused file=made field=grants"));
    assert_in_range(n, 5, 14);
    assert_in_range(grants_count(&family[n - 1]->grant_list), GRANTS_MOST / 2, GRANTS_MOST);
    while (n-- > 0) {
        app_unload(family[n]);
    }
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_of_a_file_end),
        cmocka_unit_test(code_is_mapped_once),
        cmocka_unit_test(interfaces_that_an_app_requires_end),
        cmocka_unit_test(a_file_has_one_dynamic_section),
        cmocka_unit_test(sections_over_sections_are_left_alone),
        cmocka_unit_test(names_without_end),
        cmocka_unit_test(lists_that_are_walked_along_end),
        cmocka_unit_test(items_of_grants_end),
        cmocka_unit_test(one_descriptor_for_many_services),
        cmocka_unit_test(services_of_one_app_end),
        cmocka_unit_test(denied_by_generations),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
