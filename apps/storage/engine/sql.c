/* SPDX-License-Identifier: MIT */
/* A database of an app's: it is opened and closed, statements are prepared and done. */
#include "sql_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDLE_BITS 5u    /* FDB_SQL_STATEMENTS places */
#define CUT_FIRST   1024u /* of a row that fits nowhere, values longer than this are left out */

static void say_why(struct fdb_sql *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say_why(struct fdb_sql *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
}

const char *fdb_sql_why(const struct fdb_sql *s)
{
    return s->why;
}

bool fdb_sql_stale(const struct fdb_sql *s)
{
    return s->db == NULL || fdb_lost(s->db) != s->lost;
}

void fdb_sql_orphan(struct fdb_sql *s)
{
    sql_file_forgets(s->db);
    s->db = NULL;
}

bool fdb_sql_in_transaction(const struct fdb_sql *s)
{
    return sqlite3_get_autocommit(s->sql) == 0;
}

/* What SQLite says, as a status; why has its words. */
static ctx_status fail(struct fdb_sql *s, int rc)
{
    int at = sqlite3_error_offset(s->sql);
    if (at >= 0) {
        say_why(s, "%s (byte %d)", sqlite3_errmsg(s->sql), at);
    } else {
        say_why(s, "%s", sqlite3_errmsg(s->sql));
    }
    if (fdb_sql_stale(s)) {
        say_why(s, "the disk failed, and what was not synced is lost");
        return CTX_E_IO;
    }
    ctx_status error = s->error;
    s->error = CTX_OK;
    if (s->large) {
        s->large = false;
        say_why(s, "a transaction may change %llu KiB on this disk",
                (unsigned long long)(fdb_whole_most(s->db) >> 10));
        return CTX_E_NOSPC;
    }
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return CTX_E_NOSPC;
    case SQLITE_NOMEM:
        say_why(s, "it takes more than %u MiB of memory", FDB_SQL_MEMORY >> 20);
        return CTX_E_NOMEM;
    case SQLITE_INTERRUPT:
        return CTX_E_CANCELED;
    case SQLITE_CONSTRAINT:
        return CTX_E_EXIST;
    case SQLITE_TOOBIG:
        return CTX_E_TOOBIG;
    case SQLITE_AUTH:
        return CTX_E_DENIED;
    case SQLITE_READONLY:
        return CTX_E_RDONLY;
    case SQLITE_IOERR:
        return error == CTX_E_NOMEM || error == CTX_E_NOSPC || error == CTX_E_RDONLY ? error
                                                                                     : CTX_E_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
        return CTX_E_IO;
    default:
        return CTX_E_INVAL;
    }
}

/* ---- opening ---- */

static int pragmas(struct fdb_sql *s, bool fresh)
{
    char text[400];
    unsigned long long pages = s->bytes_most / 4096; /* 0 would change nothing: no limit at all */
    snprintf(text, sizeof text,
             "PRAGMA page_size=4096; PRAGMA journal_mode=MEMORY; PRAGMA cache_spill=0;"
             "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY; PRAGMA synchronous=OFF;"
             "PRAGMA cell_size_check=1; PRAGMA max_page_count=%llu; %s",
             (int)(FDB_SQL_CACHE >> 10), pages > 0 ? pages : 1,
             fresh ? "PRAGMA auto_vacuum=INCREMENTAL" : "");
    return sqlite3_exec(s->sql, text, NULL, NULL, NULL);
}

ctx_status fdb_sql_open(struct fdb *db, const char *path, uint64_t bytes, int (*turn)(void *arg),
                        void *arg, struct fdb_sql **out)
{
    struct fdb_node node;
    *out = NULL;
    ctx_status status = fdb_look(db, path, &node);
    if (status != CTX_OK && status != CTX_E_NOENT) {
        return status;
    }
    if (status == CTX_OK && node.kind != FDB_FILE) {
        return CTX_E_INVAL;
    }
    struct fdb_sql *s = sql_file_start() ? calloc(1, sizeof *s) : NULL;
    if (s == NULL) {
        return CTX_E_NOMEM;
    }
    bool fresh = !fdb_read_only(db) && (status == CTX_E_NOENT || node.bytes == 0);
    s->db = db;
    s->id = status == CTX_OK ? node.id : 0;
    snprintf(s->path, sizeof s->path, "%s", path);
    s->lost = fdb_lost(db);
    s->bytes_most = bytes;
    s->turn = turn;
    s->arg = arg;
    sql_enter(s);
    sql_file_opens(s);
    int flags =
        fdb_read_only(db) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int rc = sqlite3_open_v2("database", &s->sql, flags, FDB_SQL_VFS_NAME);
    (void)sqlite3_extended_result_codes(s->sql, 1);
    rc = rc == SQLITE_OK ? pragmas(s, fresh) : rc;
    rc = rc == SQLITE_OK ? sql_guard(s) : rc;
    status = rc == SQLITE_OK ? CTX_OK : s->sql != NULL ? fail(s, rc) : CTX_E_NOMEM;
    sql_leave(s);
    if (status != CTX_OK) {
        fdb_sql_close(s);
        return status == CTX_E_INVAL ? CTX_E_IO : status;
    }
    *out = s;
    return CTX_OK;
}

static void drop_pieces(struct sql_statement *t)
{
    while (t->pieces != NULL) {
        struct sql_piece *next = t->pieces->next;
        sqlite3_free(t->pieces->bytes);
        free(t->pieces);
        t->pieces = next;
    }
}

static void finalize(struct fdb_sql *s, struct sql_statement *t)
{
    sqlite3_finalize(t->stmt);
    sql_file_settle(s);
    drop_pieces(t);
    *t = (struct sql_statement){.handle = 0};
}

void fdb_sql_close(struct fdb_sql *s)
{
    sql_enter(s);
    for (uint32_t i = 0; i < FDB_SQL_STATEMENTS; i++) {
        finalize(s, &s->statements[i]);
    }
    (void)sqlite3_close(s->sql);
    sql_file_settle(s);
    sql_leave(s);
    sql_pieces_end(s);
    free(s);
}

void fdb_sql_rest(struct fdb_sql *s)
{
    sql_enter(s);
    (void)sqlite3_db_release_memory(s->sql);
    sql_leave(s);
    sql_pieces_end(s);
}

/* ---- statements ---- */

static struct sql_statement *find(struct fdb_sql *s, uint32_t handle)
{
    struct sql_statement *t = &s->statements[handle % FDB_SQL_STATEMENTS];
    return handle != 0 && t->handle == handle ? t : NULL;
}

/* Nothing has happened yet that an answer could be about. */
static void begin(struct fdb_sql *s, struct fdb_sql_got *got)
{
    s->why[0] = 0;
    s->error = CTX_OK;
    if (got != NULL) {
        *got = (struct fdb_sql_got){.rows = 0};
    }
    sql_enter(s);
}

static ctx_status end(struct fdb_sql *s, ctx_status status)
{
    sql_file_settle(s);
    sql_leave(s);
    return status;
}

/* The first statement of a text, which has no NUL in it. */
static ctx_status compile(struct fdb_sql *s, const char *text, uint32_t len, uint32_t flags,
                          sqlite3_stmt **out, uint32_t *used)
{
    const char *rest = text;
    *out = NULL;
    if (len > 0 && memchr(text, 0, len) != NULL) {
        say_why(s, "the text has a NUL in it");
        return CTX_E_INVAL;
    }
    int rc = len > 0 ? sqlite3_prepare_v3(s->sql, text, (int)len, flags, out, &rest) : SQLITE_OK;
    if (rc != SQLITE_OK) {
        return fail(s, rc);
    }
    *used = *out != NULL ? (uint32_t)(rest - text) : len;
    return CTX_OK;
}

/* None that was given out before, by whichever database; where a life begins is chance. */
static uint32_t new_handle(const struct fdb_sql *s, uint32_t at)
{
    static uint32_t last;
    if (last == 0) {
        last = (uint32_t)((uint64_t)fdb_now(s->db) / 1000);
    }
    last = (last + 1) & ((1u << (32 - HANDLE_BITS)) - 1);
    last += last == 0;
    return last << HANDLE_BITS | at;
}

ctx_status fdb_sql_prepare(struct fdb_sql *s, const char *text, uint32_t len,
                           struct fdb_sql_got *got)
{
    uint32_t at = 0;
    sqlite3_stmt *stmt;
    begin(s, got);
    while (at < FDB_SQL_STATEMENTS && s->statements[at].handle != 0) {
        at++;
    }
    if (at == FDB_SQL_STATEMENTS) {
        say_why(s, "%u statements are open", FDB_SQL_STATEMENTS);
        return end(s, CTX_E_NOSPC);
    }
    uint32_t handle = new_handle(s, at); /* first: others have turns in there, and s->db may go */
    ctx_status status = compile(s, text, len, SQLITE_PREPARE_PERSISTENT, &stmt, &got->used);
    if (status != CTX_OK || stmt == NULL) {
        return end(s, status);
    }
    s->statements[at] = (struct sql_statement){.handle = handle, .stmt = stmt};
    got->statement = s->statements[at].handle;
    got->columns = (uint32_t)sqlite3_column_count(stmt);
    got->parameters = (uint32_t)sqlite3_bind_parameter_count(stmt);
    got->flags = sqlite3_stmt_readonly(stmt) != 0 ? FDB_SQL_READ_ONLY : 0;
    return end(s, CTX_OK);
}

ctx_status fdb_sql_run(struct fdb_sql *s, const char *text, uint32_t len, struct fdb_sql_got *got)
{
    begin(s, got);
    int64_t before = sqlite3_total_changes64(s->sql);
    ctx_status status = CTX_OK;
    for (uint32_t at = 0, used; status == CTX_OK && at < len; at += used) {
        sqlite3_stmt *stmt;
        used = len - at;
        status = compile(s, text + at, len - at, 0, &stmt, &used);
        if (stmt != NULL) {
            int rc;
            do {
                rc = sqlite3_step(stmt);
            } while (rc == SQLITE_ROW);
            status = rc == SQLITE_DONE ? CTX_OK : fail(s, rc);
            sqlite3_finalize(stmt);
            sql_file_settle(s);
        }
        got->used = at + used;
    }
    got->changed = (uint64_t)(sqlite3_total_changes64(s->sql) - before);
    got->last_id = sqlite3_last_insert_rowid(s->sql);
    return end(s, status);
}

/* It is about to be done anew. */
static void rewind_statement(struct fdb_sql *s, struct sql_statement *t)
{
    sqlite3_reset(t->stmt);
    sql_file_settle(s);
    t->told = t->changed = 0;
    t->done = t->waits = t->shown = t->begun = false;
}

ctx_status fdb_sql_bind(struct fdb_sql *s, uint32_t statement, const void *values, uint32_t len)
{
    struct sql_statement *t = find(s, statement);
    begin(s, NULL);
    if (t == NULL) {
        return end(s, CTX_E_STALE);
    }
    rewind_statement(s, t);
    ctx_status status = sql_values_bind(t, values, len);
    drop_pieces(t);
    if (status != CTX_OK) {
        sqlite3_clear_bindings(t->stmt);
        say_why(s, status == CTX_E_INVAL    ? "the parameters make no sense, or are too many"
                   : status == CTX_E_TOOBIG ? "a parameter is too long"
                                            : "there is not enough memory");
    }
    return end(s, status);
}

ctx_status fdb_sql_append(struct fdb_sql *s, uint32_t statement, uint32_t parameter,
                          const void *bytes, uint32_t len)
{
    struct sql_statement *t = find(s, statement);
    begin(s, NULL);
    if (t == NULL) {
        return end(s, CTX_E_STALE);
    }
    if (parameter == 0 || parameter > (uint32_t)sqlite3_bind_parameter_count(t->stmt)) {
        say_why(s, "there is no parameter %u", parameter);
        return end(s, CTX_E_INVAL);
    }
    rewind_statement(s, t);
    struct sql_piece *p = t->pieces;
    while (p != NULL && p->parameter != parameter) {
        p = p->next;
    }
    if (p == NULL) { /* it begins with nothing: what was bound is not to be had back */
        p = calloc(1, sizeof *p);
        if (p == NULL) {
            return end(s, CTX_E_NOMEM);
        }
        p->parameter = parameter;
        p->next = t->pieces;
        t->pieces = p;
    }
    if (len > FDB_SQL_VALUE_MOST - p->len) {
        say_why(s, "a value has %u bytes at most", FDB_SQL_VALUE_MOST);
        return end(s, CTX_E_TOOBIG);
    }
    /* SQLite's, so that it counts: this database's memory is limited, ours is everybody's. */
    uint8_t *more = sqlite3_realloc64(p->bytes, (uint64_t)p->len + len + 1);
    if (more == NULL) {
        say_why(s, "it takes more than %u MiB of memory", FDB_SQL_MEMORY >> 20);
        return end(s, CTX_E_NOMEM);
    }
    memcpy(more + p->len, bytes, len);
    p->bytes = more;
    p->len += len;
    int rc = sqlite3_bind_blob64(t->stmt, (int)parameter, p->bytes, p->len, SQLITE_STATIC);
    return end(s, rc == SQLITE_OK ? CTX_OK : fail(s, rc));
}

/* Rows that fit into what is left. */
static ctx_status tell_rows(struct fdb_sql *s, struct sql_statement *t, uint8_t *rows,
                            uint32_t room, struct fdb_sql_got *got)
{
    while (!t->done) {
        if (!t->waits) {
            t->shown = false;
            int rc = sqlite3_step(t->stmt);
            sql_file_settle(s);
            if (rc == SQLITE_DONE) {
                t->done = true;
                sqlite3_reset(t->stmt);
                break;
            }
            if (rc != SQLITE_ROW) {
                ctx_status status = fail(s, rc);
                rewind_statement(s, t);
                return status;
            }
        }
        uint32_t n = sql_values_row(t->stmt, rows + got->bytes, room - got->bytes, UINT32_MAX);
        t->waits = n == 0 && got->rows > 0;
        if (t->waits) {
            break; /* it is the first of the next time */
        }
        bool cut = n == 0;
        n = n == 0 ? sql_values_row(t->stmt, rows, room, CUT_FIRST) : n;
        n = n == 0 ? sql_values_row(t->stmt, rows, room, 0) : n;
        got->bytes += n;
        got->rows++;
        t->told++;
        if (cut) {
            t->shown = true; /* its values may be asked for, one by one */
            break;
        }
    }
    return CTX_OK;
}

ctx_status fdb_sql_step(struct fdb_sql *s, uint32_t statement, uint64_t first, void *rows,
                        uint32_t room, struct fdb_sql_got *got)
{
    struct sql_statement *t = find(s, statement);
    begin(s, got);
    if (t == NULL) {
        return end(s, CTX_E_STALE);
    }
    if (room < FDB_SQL_ROOM_LEAST) {
        say_why(s, "rows need a room of %u bytes", FDB_SQL_ROOM_LEAST);
        return end(s, CTX_E_INVAL);
    }
    if (first == 0) {
        rewind_statement(s, t);
    } else if (first != t->told || !t->begun) {
        say_why(s, "%llu rows were told", (unsigned long long)t->told);
        return end(s, CTX_E_RANGE);
    }
    t->begun = true;
    int64_t before = sqlite3_total_changes64(s->sql);
    ctx_status status = tell_rows(s, t, rows, room, got);
    t->changed += (uint64_t)(sqlite3_total_changes64(s->sql) - before);
    got->flags = t->done ? FDB_SQL_DONE : 0;
    got->next = t->told;
    got->changed = t->changed;
    got->last_id = sqlite3_last_insert_rowid(s->sql);
    return end(s, status);
}

ctx_status fdb_sql_value(struct fdb_sql *s, uint32_t statement, uint32_t column, uint32_t at,
                         void *bytes, uint32_t room, uint32_t *len)
{
    struct sql_statement *t = find(s, statement);
    begin(s, NULL);
    *len = 0;
    if (t == NULL) {
        return end(s, CTX_E_STALE);
    }
    if (!t->shown || column >= (uint32_t)sqlite3_data_count(t->stmt)) {
        say_why(s, "no value of the row that was told last is cut, or it has no such column");
        return end(s, CTX_E_INVAL);
    }
    int type = sqlite3_column_type(t->stmt, (int)column);
    const uint8_t *data = type == SQLITE_TEXT   ? sqlite3_column_text(t->stmt, (int)column)
                          : type == SQLITE_BLOB ? sqlite3_column_blob(t->stmt, (int)column)
                                                : NULL;
    uint32_t has = data != NULL ? (uint32_t)sqlite3_column_bytes(t->stmt, (int)column) : 0;
    *len = at >= has ? 0 : has - at < room ? has - at : room;
    if (*len > 0) {
        memcpy(bytes, data + at, *len);
    }
    return end(s, CTX_OK);
}

ctx_status fdb_sql_name(struct fdb_sql *s, uint32_t statement, uint32_t column, void *text,
                        uint32_t room, uint32_t *len)
{
    struct sql_statement *t = find(s, statement);
    begin(s, NULL);
    *len = 0;
    if (t == NULL) {
        return end(s, CTX_E_STALE);
    }
    const char *name = column < (uint32_t)sqlite3_column_count(t->stmt)
                           ? sqlite3_column_name(t->stmt, (int)column)
                           : NULL;
    if (name == NULL) {
        say_why(s, "there is no column %u", column);
        return end(s, CTX_E_INVAL);
    }
    *len = (uint32_t)strlen(name);
    memcpy(text, name, *len < room ? *len : room);
    return end(s, CTX_OK);
}

ctx_status fdb_sql_end(struct fdb_sql *s, uint32_t statement)
{
    struct sql_statement *t = find(s, statement);
    begin(s, NULL);
    if (t != NULL) {
        finalize(s, t);
    }
    return end(s, t != NULL ? CTX_OK : CTX_E_STALE);
}
