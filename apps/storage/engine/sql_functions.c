/* SPDX-License-Identifier: MIT */
/*
 * Functions of SQLite's whose time grows with the product of what they are given: `instr` of 240
 * KiB in half of that takes seconds, in which SQLite asks nobody. These here have the same results,
 * find in a time that grows with the sum (memmem), and give others their turn.
 */
#define _GNU_SOURCE /* memmem */
#include "sql_private.h"

#include <string.h>

#define WORK_A_TURN (1u << 20) /* bytes that are looked at between two looks at the clock */

/* False: the statement is to end, and knows it. */
static bool spend(sqlite3_context *context, uint64_t bytes)
{
    struct fdb_sql *s = sqlite3_user_data(context);
    s->looked_at += bytes;
    if (s->looked_at < WORK_A_TURN) {
        return true;
    }
    s->looked_at = 0;
    if (sql_turn(s) == 0) {
        return true;
    }
    sqlite3_result_error_code(context, SQLITE_INTERRUPT);
    return false;
}

struct piece {
    const char *at;
    size_t len;
};

/* False: it is NULL, or there was no memory for it as a text. */
static bool text_of(sqlite3_value *value, struct piece *out)
{
    out->at = (const char *)sqlite3_value_text(value);
    out->len = out->at != NULL ? (size_t)sqlite3_value_bytes(value) : 0;
    return out->at != NULL;
}

static bool is_inside(char c) /* of a character */
{
    return ((uint8_t)c & 0xc0) == 0x80;
}

/* Where `part`, which is not empty, is first in what ends at `end`; NULL: nowhere. The time grows
 * with the sum of both. False: the statement is to end. */
static bool search(sqlite3_context *context, const char *from, const char *end, struct piece part,
                   const char **out)
{
    *out = from != end ? memmem(from, (size_t)(end - from), part.at, part.len) : NULL;
    return spend(context, (uint64_t)((*out != NULL ? *out : end) - from) + part.len);
}

/* ---- instr ---- */

/* Tells where, from 1 on, in characters or bytes; 0: it is not there. */
static void find(sqlite3_context *context, struct piece all, struct piece part, bool text)
{
    const char *end = all.at + all.len, *from = all.at, *at = NULL;
    if (part.len == 0) {
        sqlite3_result_int64(context, 1);
        return;
    }
    do {
        if (!search(context, from, end, part, &at)) {
            return;
        }
        from = at != NULL ? at + 1 : end; /* no text begins in the middle of a character */
    } while (text && at != NULL && at != all.at && is_inside(*at));
    int64_t place = at == NULL ? 0 : text ? 1 : at - all.at + 1;
    for (const char *c = all.at; text && c < at; c++) {
        place += !is_inside(c[1]);
    }
    sqlite3_result_int64(context, place);
}

static void instr(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct piece all, part;
    (void)count;
    int first = sqlite3_value_type(values[0]), second = sqlite3_value_type(values[1]);
    if (first == SQLITE_NULL || second == SQLITE_NULL) {
        return;
    }
    if (first == SQLITE_BLOB && second == SQLITE_BLOB) {
        all = (struct piece){sqlite3_value_blob(values[0]), (size_t)sqlite3_value_bytes(values[0])};
        part =
            (struct piece){sqlite3_value_blob(values[1]), (size_t)sqlite3_value_bytes(values[1])};
        find(context, all, part, false);
        return;
    }
    /* Copies: a blob that is read as a text is one from then on. */
    sqlite3_value *copies[2] = {sqlite3_value_dup(values[0]), sqlite3_value_dup(values[1])};
    if (copies[0] == NULL || copies[1] == NULL || !text_of(copies[0], &all) ||
        !text_of(copies[1], &part)) {
        sqlite3_result_error_nomem(context);
    } else {
        find(context, all, part, true);
    }
    sqlite3_value_free(copies[0]);
    sqlite3_value_free(copies[1]);
}

/* ---- replace ---- */

/* How often `part` is in `all`. False: the statement is to end. */
static bool count_of(sqlite3_context *context, struct piece all, struct piece part, uint64_t *count)
{
    const char *end = all.at + all.len, *from = all.at, *at;
    for (*count = 0; search(context, from, end, part, &at); ++*count) {
        if (at == NULL) {
            return true;
        }
        from = at + part.len;
    }
    return false;
}

static void replace(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct piece all, part, other;
    (void)count;
    if (!text_of(values[0], &all) || !text_of(values[1], &part)) {
        return;
    }
    if (part.len == 0 || part.at[0] == 0) {
        sqlite3_result_text64(context, all.at, all.len, SQLITE_TRANSIENT, SQLITE_UTF8);
        return;
    }
    if (!text_of(values[2], &other)) {
        return;
    }
    uint64_t found;
    if (!count_of(context, all, part, &found)) {
        return;
    }
    uint64_t len = all.len - found * part.len + found * other.len;
    if (len > FDB_SQL_VALUE_MOST) {
        sqlite3_result_error_toobig(context);
        return;
    }
    char *out = sqlite3_malloc64(len + 1), *to = out;
    if (out == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    const char *end = all.at + all.len, *from = all.at, *at;
    while (search(context, from, end, part, &at)) {
        size_t before = (size_t)((at != NULL ? at : end) - from);
        memcpy(to, from, before);
        to += before;
        if (at == NULL) {
            sqlite3_result_text64(context, out, len, sqlite3_free, SQLITE_UTF8);
            return;
        }
        memcpy(to, other.at, other.len);
        to += other.len;
        from = at + part.len;
    }
    sqlite3_free(out);
}

/* ---- trim ---- */

/* How long the character of `set` is that `text` begins (or ends) with; 0: none of it. */
static size_t one_of(struct piece text, struct piece set, bool at_end)
{
    for (size_t at = 0, len; at < set.len; at += len) {
        for (len = 1; (uint8_t)set.at[at] >= 0xc0 && is_inside(set.at[at + len]); len++) {
        }
        if (len > text.len) {
            continue;
        }
        const char *with = at_end ? text.at + text.len - len : text.at;
        if (with[0] == set.at[at] && memcmp(with, set.at + at, len) == 0) {
            return len;
        }
    }
    return 0;
}

static void trim(sqlite3_context *context, sqlite3_value **values, int count, bool left, bool right)
{
    struct piece text, set = {" ", 1};
    if (!text_of(values[0], &text) || (count == 2 && !text_of(values[1], &set))) {
        return;
    }
    set.len = strlen(set.at);
    for (size_t len; left && (len = one_of(text, set, false)) > 0; text.at += len) {
        text.len -= len;
        if (!spend(context, set.len)) {
            return;
        }
    }
    for (size_t len; right && (len = one_of(text, set, true)) > 0;) {
        text.len -= len;
        if (!spend(context, set.len)) {
            return;
        }
    }
    sqlite3_result_text64(context, text.at, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void trim_both(sqlite3_context *context, int count, sqlite3_value **values)
{
    trim(context, values, count, true, true);
}

static void trim_left(sqlite3_context *context, int count, sqlite3_value **values)
{
    trim(context, values, count, true, false);
}

static void trim_right(sqlite3_context *context, int count, sqlite3_value **values)
{
    trim(context, values, count, false, true);
}

int sql_functions(struct fdb_sql *s)
{
    static const struct {
        const char *name;
        int count;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"instr", 2, instr},      {"replace", 3, replace},  {"trim", 1, trim_both},
        {"trim", 2, trim_both},   {"ltrim", 1, trim_left},  {"ltrim", 2, trim_left},
        {"rtrim", 1, trim_right}, {"rtrim", 2, trim_right},
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof functions / sizeof functions[0]; i++) {
        rc = sqlite3_create_function_v2(s->sql, functions[i].name, functions[i].count,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, s,
                                        functions[i].function, NULL, NULL, NULL);
    }
    return rc;
}
