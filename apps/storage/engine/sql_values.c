/* SPDX-License-Identifier: MIT */
/* Values as bytes: parameters, and rows. */
#include "sql_private.h"

#include <string.h>

#define HEAD     8u
#define ROUND(n) (((n) + 7u) & ~7u)

/* One of them at *at; false: it makes no sense. */
static bool take(const uint8_t *values, uint32_t len, uint32_t *at, uint32_t *kind, uint32_t *bytes,
                 const uint8_t **data)
{
    if (len - *at < HEAD) {
        return false;
    }
    memcpy(kind, values + *at, sizeof *kind);
    memcpy(bytes, values + *at + 4, sizeof *bytes);
    *at += HEAD;
    *data = values + *at;
    bool number = *kind == FDB_SQL_INTEGER || *kind == FDB_SQL_REAL;
    if (*kind > FDB_SQL_BLOB || *bytes > len - *at || (number && *bytes != 8) ||
        (*kind == FDB_SQL_NULL && *bytes != 0)) {
        return false;
    }
    *at = ROUND(*bytes) > len - *at ? len : *at + ROUND(*bytes);
    return true;
}

ctx_status sql_values_bind(struct sql_statement *t, const uint8_t *values, uint32_t len)
{
    int count = sqlite3_bind_parameter_count(t->stmt);
    sqlite3_clear_bindings(t->stmt);
    for (uint32_t at = 0, no = 1; at < len; no++) {
        uint32_t kind, bytes;
        const uint8_t *data;
        if (no > (uint32_t)count || !take(values, len, &at, &kind, &bytes, &data)) {
            return CTX_E_INVAL;
        }
        int rc = SQLITE_OK;
        int64_t whole = 0;
        double real = 0;
        switch (kind) {
        case FDB_SQL_INTEGER:
            memcpy(&whole, data, sizeof whole);
            rc = sqlite3_bind_int64(t->stmt, (int)no, whole);
            break;
        case FDB_SQL_REAL:
            memcpy(&real, data, sizeof real);
            rc = sqlite3_bind_double(t->stmt, (int)no, real);
            break;
        case FDB_SQL_TEXT:
            rc = sqlite3_bind_text64(t->stmt, (int)no, (const char *)data, bytes, SQLITE_TRANSIENT,
                                     SQLITE_UTF8);
            break;
        case FDB_SQL_BLOB:
            rc = bytes == 0 ? sqlite3_bind_zeroblob(t->stmt, (int)no, 0)
                            : sqlite3_bind_blob64(t->stmt, (int)no, data, bytes, SQLITE_TRANSIENT);
            break;
        default:
            break;
        }
        if (rc != SQLITE_OK) {
            return rc == SQLITE_NOMEM    ? CTX_E_NOMEM
                   : rc == SQLITE_TOOBIG ? CTX_E_TOOBIG
                                         : CTX_E_INVAL;
        }
    }
    return CTX_OK;
}

static uint32_t kind_of(int type)
{
    return type == SQLITE_INTEGER ? FDB_SQL_INTEGER
           : type == SQLITE_FLOAT ? FDB_SQL_REAL
           : type == SQLITE_TEXT  ? FDB_SQL_TEXT
           : type == SQLITE_BLOB  ? FDB_SQL_BLOB
                                  : FDB_SQL_NULL;
}

uint32_t sql_values_row(sqlite3_stmt *stmt, uint8_t *out, uint32_t room, uint32_t cut)
{
    struct fdb_sql_row head = {.columns = (uint32_t)sqlite3_data_count(stmt)};
    uint32_t at = sizeof head;
    for (uint32_t i = 0; i < head.columns; i++) {
        uint32_t kind = kind_of(sqlite3_column_type(stmt, (int)i)), bytes = 0, here;
        int64_t whole;
        double real;
        const void *data = NULL;
        if (kind == FDB_SQL_INTEGER) {
            whole = sqlite3_column_int64(stmt, (int)i);
            data = &whole;
            bytes = sizeof whole;
        } else if (kind == FDB_SQL_REAL) {
            real = sqlite3_column_double(stmt, (int)i);
            data = &real;
            bytes = sizeof real;
        } else if (kind != FDB_SQL_NULL) {
            data = kind == FDB_SQL_TEXT ? (const void *)sqlite3_column_text(stmt, (int)i)
                                        : sqlite3_column_blob(stmt, (int)i);
            bytes = (uint32_t)sqlite3_column_bytes(stmt, (int)i);
        }
        here = bytes;
        if (kind >= FDB_SQL_TEXT && bytes > cut) {
            kind |= FDB_SQL_CUT;
            here = 0;
        }
        if (at > room || room - at < HEAD + ROUND(here)) {
            return 0;
        }
        memcpy(out + at, &kind, sizeof kind);
        memcpy(out + at + 4, &bytes, sizeof bytes);
        memset(out + at + HEAD, 0, ROUND(here));
        if (here > 0 && data != NULL) {
            memcpy(out + at + HEAD, data, here);
        }
        at += HEAD + ROUND(here);
    }
    if (at > room) {
        return 0;
    }
    head.bytes = at;
    memcpy(out, &head, sizeof head);
    return at;
}
