/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <ctx/gates.h>
#include <ctx/slot.h>
#include <ctx/status.h>

/* Of versions 1 and 2, which have no tables: their functions have fixed gates. */
#define OLD_GATES 5u

struct text {
    char *out;
    size_t size, len;
};

static void put(struct text *t, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && t->len + 1 < t->size; i++) {
        t->out[t->len++] = bytes[i];
    }
    t->out[t->len] = 0;
}

static size_t length(const char *text)
{
    size_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    return len;
}

static void say(struct text *t, const char *text)
{
    put(t, text, length(text));
}

static void put_in(struct text *t, uint64_t value, uint32_t base)
{
    char digits[20];
    size_t n = sizeof digits;
    do {
        digits[--n] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put(t, digits + n, sizeof digits - n);
}

/* Sizes and coordinates read better in decimal, addresses in hexadecimal. */
static void number(struct text *t, uint64_t value)
{
    if (value >= 0x10000) {
        say(t, "0x");
    }
    put_in(t, value, value < 0x10000 ? 10 : 16);
}

static int same(const char *a, size_t len, const char *b)
{
    size_t i = 0;
    while (i < len && b[i] != 0 && a[i] == b[i]) {
        i++;
    }
    return i == len && b[i] == 0;
}

/* ---- which function ---- */

static const char *name_of(const struct ctx_host_call *call)
{
    return (const char *)call->name;
}

static int is_old(const struct ctx_host_call *call)
{
    return call->table[0] == 0 && call->index < OLD_GATES &&
           same(ctx_gates[call->index].name, length(ctx_gates[call->index].name), name_of(call));
}

/* Without the table that comes first from version 3 on. */
static const uint64_t *args_of(const struct ctx_host_call *call)
{
    return is_old(call) ? call->args : call->args + 1;
}

int calls_bytes(const struct ctx_host_call *call, uint64_t *at, uint32_t *len)
{
    const uint64_t *args = args_of(call);
    /* That of version 1 is known by heart: its arguments were never described as bytes. */
    int is_log = call->index == CTX_GATE_V1_LOG && is_old(call);
    for (uint32_t i = 0; i < 4; i++) {
        if (call->kinds[i] == CTX_ARG_IN || (is_log && i == 0)) {
            *at = args[i];
            *len = (uint32_t)args[i + 1];
            return 1;
        }
    }
    return 0;
}

/* ---- writing it down ---- */

static void put_text(struct text *t, const char *text, uint32_t len)
{
    say(t, "\"");
    for (uint32_t i = 0; i < len; i++) {
        char c = (uint8_t)text[i] < ' ' || text[i] == 0x7f ? '.' : text[i];
        put(t, &c, 1);
    }
    say(t, "\"");
}

size_t calls_write_result(char *out, size_t size, uint32_t returns, uint64_t result)
{
    struct text t = {out, size, 0};
    out[0] = 0;
    if (returns == CTX_RETURNS_STATUS) {
        say(&t, ctx_status_name((int32_t)result));
    } else if (returns == CTX_RETURNS_POINTER) {
        say(&t, result != 0 ? "0x" : "NULL");
        if (result != 0) {
            put_in(&t, result, 16);
        }
    }
    return t.len;
}

size_t calls_write(char *out, size_t size, const struct ctx_host_call *call, uint64_t result,
                   const char *text, uint32_t text_len)
{
    struct text t = {out, size, 0};
    const uint64_t *args = args_of(call);
    uint64_t at = 0;
    uint32_t len = 0;
    int has_bytes = text_len > 0 && calls_bytes(call, &at, &len);
    out[0] = 0;
    say(&t, name_of(call));
    say(&t, "(");
    for (uint32_t i = 0; i < 5 && call->kinds[i] != 0; i++) {
        say(&t, i > 0 ? ", " : "");
        if (has_bytes && args[i] == at) {
            put_text(&t, text, text_len);
            say(&t, text_len < len ? ".." : "");
            has_bytes = 0;
            continue;
        }
        number(&t, call->kinds[i] == CTX_ARG_U32 ? (uint32_t)args[i] : args[i]);
    }
    char answer[32];
    size_t n = calls_write_result(answer, sizeof answer, call->returns, result);
    say(&t, n > 0 ? ") = " : ")");
    put(&t, answer, n);
    return t.len;
}

/* ---- words ---- */

/* A full name's table and function. */
static size_t table_part(const char *name)
{
    size_t len = 0;
    while (name[len] != 0 && name[len] != '.') {
        len++;
    }
    return len;
}

static int means_name(const char *word, size_t len, const char *name)
{
    size_t table = table_part(name);
    return same(word, len, name) || (name[table] == '.' && same(word, len, name + table + 1)) ||
           (len == table && name[table] == '.' && len > 0 &&
            __builtin_memcmp(word, name, len) == 0);
}

static int is_all(const char *word, size_t len)
{
    return same(word, len, "all") || same(word, len, "trace");
}

/* Where the word at `from` ends. */
static size_t word_end(const char *words, size_t len, size_t from)
{
    while (from < len && words[from] != ',') {
        from++;
    }
    return from;
}

/* Of the system's own tables, or of those that hang on ctx. */
static int is_own(const char *table)
{
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        if (same(table, length(table), ctx_tables[no].id)) {
            return 1; /* those that hang on ctx have an empty one */
        }
    }
    return table[0] == 0;
}

/* An interface by its id, or one function of it: "org.example.chat/1.say". */
static int means_id(const char *word, size_t len, const char *name, const char *table)
{
    size_t id = length(table), fn = table_part(name);
    if (id == 0 || len < id || !same(word, id, table)) {
        return 0;
    }
    name += name[fn] == '.' ? fn + 1 : 0;
    return len == id || (word[id] == '.' && same(word + id + 1, len - id - 1, name));
}

int calls_mean_name(const char *words, size_t len, const char *name, const char *table)
{
    int own = is_own(table);
    for (size_t from = 0, end; from <= len; from = end + 1) {
        end = word_end(words, len, from);
        const char *word = words + from;
        size_t bytes = end - from;
        if (is_all(word, bytes) || means_id(word, bytes, name, table) ||
            (own && means_name(word, bytes, name))) {
            return 1;
        }
    }
    return 0;
}

int calls_mean(const char *words, size_t len, const struct ctx_host_call *call)
{
    return calls_mean_name(words, len, name_of(call), (const char *)call->table);
}

static int is_known(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '/') {
            return 1; /* an interface's id, and who knows who offers it */
        }
    }
    for (uint32_t gate = CTX_GATE_V1_LOG; gate < OLD_GATES; gate++) {
        if (means_name(word, len, ctx_gates[gate].name)) {
            return 1;
        }
    }
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        for (uint32_t fn = 0; fn < ctx_tables[no].count; fn++) {
            if (means_name(word, len, ctx_tables[no].fns[fn].name)) {
                return 1;
            }
        }
    }
    return 0;
}

const char *calls_words_wrong(const char *words, size_t len, size_t *at, size_t *bytes)
{
    for (size_t from = 0, end; from <= len; from = end + 1) {
        end = word_end(words, len, from);
        *at = from;
        *bytes = end - from;
        if (*bytes == 0) {
            return "an empty word";
        }
        if (!is_all(words + from, *bytes) && !is_known(words + from, *bytes)) {
            return "no function, no table, and no id of an interface";
        }
    }
    return NULL;
}
