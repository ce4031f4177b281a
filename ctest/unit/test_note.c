/* SPDX-License-Identifier: MIT */
/* The app's ELF note. */
#include "test.h"

#include <ctx/gates.h>
#include <ctx/note.h>

static struct {
    uint8_t bytes[4096];
    uint64_t len;
    uint64_t size_at; /* of the open note's descriptor */
} n;

static void add(const void *bytes, size_t len)
{
    memcpy(n.bytes + n.len, bytes, len);
    n.len += len;
}

static void number(uint64_t value, uint32_t size)
{
    add(&value, size);
}

static void begin(const char *owner, uint32_t type)
{
    uint32_t len = (uint32_t)strlen(owner) + 1;
    number(len, 4);
    n.size_at = n.len;
    number(0, 4);
    number(type, 4);
    add(owner, len);
    add("\0\0\0", (4 - len % 4) % 4);
}

static void tag(uint16_t no, const void *payload, uint16_t len)
{
    number(no, 2);
    number(len, 2);
    add(payload, len);
    add("\0\0\0", (4u - len % 4u) % 4);
    uint32_t size;
    memcpy(&size, n.bytes + n.size_at, 4);
    size += 4 + ALIGN_UP((uint32_t)len, 4u);
    memcpy(n.bytes + n.size_at, &size, 4);
}

static void tag_u32(uint16_t no, uint32_t value)
{
    tag(no, &value, 4);
}

static struct ctx_note note;
static const char *why;

static int32_t parse(uint64_t len)
{
    uint8_t *exact = malloc(len != 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, n.bytes, len);
    memset(&note, 0, sizeof note);
    why = NULL;
    int32_t found = ctx_note_parse(&note, exact, len, &why);
    assert_true(found >= 0 || why != NULL);
    free(exact);
    return found;
}

static void full(void)
{
    n.len = 0;
    begin("GNU", 5); /* somebody else's, first */
    tag(1, "xxxxx", 5);
    begin("ctx", 1);
    tag_u32(CTX_NOTE_BUILT_FOR, 3 | 77u << 16);
    tag_u32(CTX_NOTE_MINIMUM, 2);
    tag(CTX_NOTE_REQUIRED, "ctx.one/1", 9);
    tag(CTX_NOTE_REQUIRED, "ctx.two/1", 9);
    tag(CTX_NOTE_OPTIONAL, "a", 1);
    tag_u32(CTX_NOTE_STACK, 0x20000);
    tag_u32(CTX_NOTE_RESTART, 1);
    tag(CTX_NOTE_BUDGET, &(uint64_t){123456789012}, 8);
    tag_u32(CTX_NOTE_STORE, 9);
    tag(CTX_NOTE_NAME, "painter", 7);
    tag(CTX_NOTE_VERSION, "1.2", 3);
    tag_u32(CTX_NOTE_FLAGS, 0x80000001);
    tag(CTX_NOTE_CRITICAL, "", 0);
    tag(4000, "later", 5);
    begin("ctx", 1);
    tag_u32(CTX_NOTE_MINIMUM, 2); /* an equal duplicate */
    tag(CTX_NOTE_NAME, "painter", 7);
}

/* What runs where: in all drafts of a version, when it is frozen, and when the next one begins. */
static void drafts_fit_or_not(void **state)
{
    (void)state;
    static const struct {
        uint16_t built_for, draft;
        uint32_t version, serial;
        int32_t fits;
    } cases[] = {
        {3, 4, 3, 4, 1}, {3, 3, 3, 4, 0}, {3, 5, 3, 4, 0}, /* while version 3 is a draft */
        {3, 0, 3, 4, 0}, {4, 1, 3, 4, 0}, {4, 0, 3, 4, 0},
        {3, 0, 3, 0, 1}, {3, 4, 3, 0, 0}, /* when it is frozen */
        {4, 1, 3, 0, 1}, {4, 0, 3, 0, 1}, {9, 7, 3, 0, 1},
        {3, 0, 4, 1, 1}, {3, 4, 4, 1, 0}, /* while version 4 is a draft */
        {4, 1, 4, 1, 1}, {4, 2, 4, 1, 0}, {4, 0, 4, 1, 0},
        {2, 9, 3, 4, 1}, {2, 0, 3, 0, 1}, /* never a word about drafts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(&note, 0, sizeof note);
        note.has = 1u << CTX_NOTE_BUILT_FOR;
        note.built_for = cases[i].built_for;
        note.draft = cases[i].draft;
        assert_int_equal(ctx_note_fits(&note, cases[i].version, cases[i].serial), cases[i].fits);
    }
    memset(&note, 0, sizeof note); /* it does not say */
    assert_int_equal(ctx_note_fits(&note, 3, 4), 1);
}

static void everything_is_read(void **state)
{
    (void)state;
    full();
    memset(&note, 0, sizeof note);
    assert_int_equal(ctx_note_parse(&note, n.bytes, n.len, &why), 1);
    assert_int_equal(note.built_for, 3);
    assert_int_equal(note.draft, 77);
    assert_int_equal(note.minimum, 2);
    assert_int_equal(note.required_count, 2);
    assert_int_equal(note.stack_bytes, 0x20000);
    assert_int_equal(note.restart, 1);
    assert_int_equal(note.budget_ns, 123456789012);
    assert_int_equal(note.store_version, 9);
    assert_int_equal(note.flags, 0x80000001);
    assert_int_equal(note.name_len, 7);
    assert_memory_equal(note.name, "painter", 7);
    assert_int_equal(note.version_len, 3);
    assert_memory_equal(note.version, "1.2", 3);
    assert_int_equal(note.has, 0x1ffe); /* 1 to 12 */
}

static void nothing_of_ours(void **state)
{
    (void)state;
    n.len = 0;
    assert_int_equal(parse(0), 0);
    begin("GNU", 1);
    tag_u32(CTX_NOTE_STACK, 1);
    begin("ctx", 2); /* a type that is not ours */
    tag_u32(CTX_NOTE_STACK, 1);
    begin("ctxy", 1);
    tag_u32(CTX_NOTE_STACK, 1);
    assert_int_equal(parse(n.len), 0);
    assert_int_equal(note.has, 0);
}

static void every_truncation(void **state)
{
    (void)state;
    full();
    for (uint64_t len = 0; len < n.len; len++) {
        (void)parse(len);
    }
    assert_int_equal(parse(n.len), 1);
}

/* Each value given twice, differently. */
static void contradictions(void **state)
{
    (void)state;
    static const struct {
        uint16_t tag, len;
        const char *one, *two;
    } table[] = {
        {CTX_NOTE_BUILT_FOR, 4, "\3\0\0\0", "\3\0\1\0"},
        {CTX_NOTE_MINIMUM, 4, "\2\0\0\0", "\3\0\0\0"},
        {CTX_NOTE_STACK, 4, "\0\x20\0\0", "\0\x40\0\0"},
        {CTX_NOTE_RESTART, 4, "\0\0\0\0", "\1\0\0\0"},
        {CTX_NOTE_BUDGET, 8, "\0\0\0\0\0\0\0\0", "\0\0\0\0\1\0\0\0"},
        {CTX_NOTE_STORE, 4, "\1\0\0\0", "\0\0\0\0"},
        {CTX_NOTE_NAME, 3, "abc", "abd"},
        {CTX_NOTE_VERSION, 3, "abc", "ABC"},
        {CTX_NOTE_FLAGS, 4, "\0\0\0\0", "\0\0\0\x80"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        n.len = 0;
        begin("ctx", 1);
        tag(table[i].tag, table[i].one, table[i].len);
        tag(table[i].tag, table[i].one, table[i].len);
        assert_int_equal(parse(n.len), 1);
        tag(table[i].tag, table[i].two, table[i].len);
        assert_int_equal(parse(n.len), -1);
        assert_text(why, "two notes contradict each other");
    }
    n.len = 0;
    begin("ctx", 1);
    tag(CTX_NOTE_NAME, "abc", 3);
    tag(CTX_NOTE_NAME, "abcd", 4);
    assert_int_equal(parse(n.len), -1);
}

static void malformed(void **state)
{
    (void)state;
    static const struct {
        uint16_t tag, len;
        const char *payload, *why;
    } table[] = {
        {CTX_NOTE_MINIMUM, 2, "\2\0", "a tag has the wrong length"},
        {CTX_NOTE_BUDGET, 4, "\2\0\0\0", "a tag has the wrong length"},
        {CTX_NOTE_STACK, 4, "\xff\x1f\0\0", "stack bytes out of range, 8 KiB to 1 MiB"},
        {CTX_NOTE_STACK, 4, "\1\0\x10\0", "stack bytes out of range, 8 KiB to 1 MiB"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        n.len = 0;
        begin("ctx", 1);
        tag(table[i].tag, table[i].payload, table[i].len);
        assert_int_equal(parse(n.len), -1);
        assert_text(why, table[i].why);
    }
    n.len = 0;
    begin("ctx", 1);
    tag_u32(CTX_NOTE_MINIMUM, 2);
    n.bytes[18] = 5; /* the tag's length: one byte past the note */
    assert_int_equal(parse(n.len), -1);
    assert_text(why, "a tag reaches past the note's end");
    n.bytes[18] = 4;
    for (uint32_t at = 0; at < 8; at += 4) { /* name and descriptor of 4 GiB */
        full();
        memset(n.bytes + at, 0xff, 4);
        assert_int_equal(parse(n.len), -1);
        assert_text(why, "a note reaches past its segment's end");
    }
}

/* Which tables of ours it lists, required or not. */
static void tables_are_remembered(void **state)
{
    (void)state;
    n.len = 0;
    begin("ctx", 1);
    tag(CTX_NOTE_REQUIRED, "ctx.args/1", 10);
    tag(CTX_NOTE_OPTIONAL, "ctx.cpu/1", 9);
    tag(CTX_NOTE_OPTIONAL, "ctx.cpu/12", 10);
    tag(CTX_NOTE_OPTIONAL, "ctx.cpu", 7);
    memset(&note, 0, sizeof note);
    assert_int_equal(ctx_note_parse(&note, n.bytes, n.len, &why), 1);
    assert_int_equal(note.listed, 1ull << CTX_TABLE_ARGS | 1ull << CTX_TABLE_CPU);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drafts_fit_or_not),
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(tables_are_remembered),
        cmocka_unit_test(nothing_of_ours),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(malformed),
    };
    return RUN(tests);
}
