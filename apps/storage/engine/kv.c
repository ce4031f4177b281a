/* SPDX-License-Identifier: MIT */
/* Keys and values, beside the files of the same disk, and in the same order of what is done. */
#include "store.h"

#include <string.h>

/* Disks from before keys were there get the table when one is put first. */
static const char table[] =
    "CREATE TABLE IF NOT EXISTS kv(space BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " version INTEGER NOT NULL, PRIMARY KEY(space, key)) WITHOUT ROWID";

static sqlite3_stmt *keyed(struct fdb *db, enum fdb_statement which, const struct fdb_key *k)
{
    sqlite3_stmt *s = fdb_statement(db, which);
    sqlite3_bind_blob(s, 1, k->space, (int)strlen(k->space), SQLITE_STATIC);
    sqlite3_bind_blob(s, 2, k->len > 0 ? (const void *)k->bytes : "", (int)k->len, SQLITE_STATIC);
    return s;
}

/* Versions of keys that are gone are kept as one number, the last of them. */
static void read_last(struct fdb *db)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_KV_LAST);
    if (fdb_step(db, s) == SQLITE_ROW) {
        uint64_t last = (uint64_t)sqlite3_column_int64(s, 0);
        db->kv_last = last > db->kv_last ? last : db->kv_last;
        sqlite3_reset(s);
    }
}

static int keep_last(struct fdb *db)
{
    enum fdb_statement which = FDB_S_KV_KEEP;
    for (;;) {
        sqlite3_stmt *s = fdb_statement(db, which);
        sqlite3_bind_int64(s, 1, (sqlite3_int64)db->kv_last);
        int rc = fdb_step(db, s);
        if (rc != SQLITE_DONE || which == FDB_S_KV_KEEP_FIRST || sqlite3_changes(db->sql) > 0) {
            return rc;
        }
        which = FDB_S_KV_KEEP_FIRST;
    }
}

/* Whether the table is there; a disk that is only read may have none. */
static ctx_status has_table(struct fdb *db, bool make)
{
    sqlite3_stmt *s = NULL;
    if (db->has_kv) {
        return CTX_OK;
    }
    int rc =
        sqlite3_prepare_v2(db->sql, "SELECT 1 FROM sqlite_schema WHERE name = 'kv'", -1, &s, NULL);
    rc = rc == SQLITE_OK ? sqlite3_step(s) : rc;
    sqlite3_finalize(s);
    if (rc == SQLITE_DONE && make) {
        ctx_status status = fdb_begin(db, FDB_CHUNK);
        if (status != CTX_OK) {
            return status;
        }
        rc = sqlite3_exec(db->sql, table, NULL, NULL, NULL) == SQLITE_OK ? SQLITE_ROW
                                                                         : sqlite3_errcode(db->sql);
    }
    db->has_kv = rc == SQLITE_ROW;
    if (db->has_kv) {
        (void)fdb_done(db);
        read_last(db);
    }
    return rc == SQLITE_ROW ? CTX_OK : rc == SQLITE_DONE ? CTX_E_NOENT : fdb_fail(db, rc);
}

ctx_status fdb_kv_get(struct fdb *db, const struct fdb_key *k, void *value, uint32_t room,
                      uint32_t *len, uint64_t *version)
{
    ctx_status status = has_table(db, false);
    if (status != CTX_OK) {
        return status;
    }
    sqlite3_stmt *s = keyed(db, FDB_S_KV_GET, k);
    int rc = fdb_step(db, s);
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE ? CTX_E_NOENT : fdb_fail(db, rc);
    }
    *len = (uint32_t)sqlite3_column_bytes(s, 0);
    *version = (uint64_t)sqlite3_column_int64(s, 1);
    const void *bytes = sqlite3_column_blob(s, 0);
    uint32_t n = *len < room ? *len : room;
    if (n > 0) {
        memcpy(value, bytes, n);
    }
    sqlite3_reset(s);
    return CTX_OK;
}

ctx_status fdb_kv_next(struct fdb *db, const struct fdb_key *after, struct fdb_key *out)
{
    ctx_status status = has_table(db, false);
    if (status != CTX_OK) {
        return status;
    }
    sqlite3_stmt *s = keyed(db, FDB_S_KV_NEXT, after);
    int rc = fdb_step(db, s);
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE ? CTX_E_NOENT : fdb_fail(db, rc);
    }
    int len = sqlite3_column_bytes(s, 0);
    const void *bytes = sqlite3_column_blob(s, 0);
    out->len = (uint32_t)len < FDB_KEY_MOST ? (uint32_t)len : FDB_KEY_MOST;
    if (bytes != NULL) {
        memcpy(out->bytes, bytes, out->len);
    }
    sqlite3_reset(s);
    return CTX_OK;
}

ctx_status fdb_kv_used(struct fdb *db, const char *space, uint64_t *bytes)
{
    *bytes = 0;
    ctx_status status = has_table(db, false);
    if (status != CTX_OK) {
        return status == CTX_E_NOENT ? CTX_OK : status;
    }
    sqlite3_stmt *s = fdb_statement(db, FDB_S_KV_USED);
    sqlite3_bind_blob(s, 1, space, (int)strlen(space), SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, FDB_KEY_COSTS);
    int rc = fdb_step(db, s);
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE ? CTX_E_IO : fdb_fail(db, rc);
    }
    *bytes = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return CTX_OK;
}

/* What it has now: a version of 0 if there is nothing; and what it takes. */
struct now {
    uint64_t version;
    int64_t bytes;
};

static int64_t taken_by(const struct fdb_key *k, uint32_t len)
{
    return (int64_t)k->len + len + FDB_KEY_COSTS;
}

static ctx_status look(struct fdb *db, const struct fdb_key *k, struct now *now)
{
    uint32_t len = 0;
    uint8_t none[1];
    *now = (struct now){.version = 0};
    ctx_status status = fdb_kv_get(db, k, none, 0, &len, &now->version);
    now->bytes = status == CTX_OK ? taken_by(k, len) : 0;
    return status == CTX_E_NOENT ? CTX_OK : status;
}

static int put(struct fdb *db, const struct fdb_key *k, const void *value, uint32_t len,
               uint64_t before)
{
    int64_t now = fdb_now(db);
    uint64_t version = now > 0 ? (uint64_t)now : 0; /* that clock may be set back, or stand */
    version = version > before ? version : before + 1;
    version = version > db->kv_last ? version : db->kv_last + 1;
    sqlite3_stmt *s = keyed(db, FDB_S_KV_PUT, k);
    sqlite3_bind_blob(s, 3, len > 0 ? value : "", (int)len, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)version); /* never one that it had */
    int rc = fdb_step(db, s);
    db->kv_last = rc == SQLITE_DONE ? version : db->kv_last;
    return rc;
}

static bool fits(const struct fdb_kv_room *room, int64_t grows)
{
    return room == NULL || grows <= 0 || (uint64_t)grows <= room->most;
}

static ctx_status done(struct fdb *db, struct fdb_kv_room *room, int64_t grew)
{
    if (room != NULL) {
        room->grew = grew;
    }
    return fdb_done(db);
}

ctx_status fdb_kv_put(struct fdb *db, const struct fdb_key *k, const void *value, uint32_t len,
                      const uint64_t *version, struct fdb_kv_room *room)
{
    struct now before = {.version = 0};
    ctx_status status = has_table(db, true);
    status = status == CTX_OK ? look(db, k, &before) : status;
    if (status != CTX_OK) {
        return status;
    }
    if (version != NULL && *version != before.version) {
        return CTX_E_EXIST;
    }
    int64_t grows = taken_by(k, len) - before.bytes;
    status = fits(room, grows) ? fdb_begin(db, (uint64_t)len + FDB_KEY_MOST) : CTX_E_NOSPC;
    if (status != CTX_OK) {
        return status;
    }
    int rc = put(db, k, value, len, before.version);
    return rc == SQLITE_DONE ? done(db, room, grows) : fdb_fail(db, rc);
}

static int delete_key(struct fdb *db, const struct fdb_key *k, uint64_t before)
{
    db->kv_last = before > db->kv_last ? before : db->kv_last;
    int rc = fdb_step(db, keyed(db, FDB_S_KV_DELETE, k));
    return rc == SQLITE_DONE && sqlite3_changes(db->sql) > 0 ? keep_last(db) : rc;
}

ctx_status fdb_kv_remove(struct fdb *db, const struct fdb_key *k, struct fdb_kv_room *room)
{
    struct now before;
    ctx_status status = look(db, k, &before);
    if (status != CTX_OK || before.version == 0) {
        return status != CTX_OK ? status : CTX_E_NOENT;
    }
    status = fdb_begin(db, 0);
    if (status != CTX_OK) {
        return status;
    }
    int rc = delete_key(db, k, before.version);
    return rc == SQLITE_DONE ? done(db, room, -before.bytes) : fdb_fail(db, rc);
}

/* ---- many at once ---- */

/* The item at *at; *at is behind it. False: it makes no sense. */
static bool next_item(const uint8_t *bytes, uint32_t len, uint32_t *at, struct fdb_key *k,
                      const uint8_t **value, uint32_t *value_len)
{
    uint32_t head[2]; /* length of the key; of the value, or all ones: the key goes */
    if (len - *at < sizeof head) {
        return false;
    }
    memcpy(head, bytes + *at, sizeof head);
    *at += (uint32_t)sizeof head;
    *value_len = head[1] == UINT32_MAX ? 0 : head[1];
    if (head[0] == 0 || head[0] > FDB_KEY_MOST || head[0] > len - *at ||
        *value_len > FDB_VALUE_MOST || *value_len > len - *at - head[0]) {
        return false;
    }
    k->len = head[0];
    memcpy(k->bytes, bytes + *at, k->len);
    *value = head[1] == UINT32_MAX ? NULL : bytes + *at + k->len;
    *at += k->len + *value_len;
    return true;
}

/* All of them, one after the other. OK, or an error that has ended the transaction. */
static ctx_status do_items(struct fdb *db, const char *space, const uint8_t *items, uint32_t len,
                           int64_t *grew)
{
    struct fdb_key k = {.space = space};
    const uint8_t *value = NULL;
    uint32_t value_len = 0;
    for (uint32_t at = 0; at < len;) {
        struct now before;
        (void)next_item(items, len, &at, &k, &value, &value_len);
        ctx_status status = look(db, &k, &before);
        int rc = status != CTX_OK ? SQLITE_IOERR
                 : value != NULL  ? put(db, &k, value, value_len, before.version)
                                  : delete_key(db, &k, before.version);
        if (rc != SQLITE_DONE) {
            return fdb_fail(db, rc);
        }
        *grew += (value != NULL ? taken_by(&k, value_len) : 0) - before.bytes;
    }
    return CTX_OK;
}

ctx_status fdb_kv_batch(struct fdb *db, const char *space, const void *items, uint32_t len,
                        struct fdb_kv_room *room)
{
    struct fdb_key k = {.space = space};
    const uint8_t *value;
    uint32_t value_len, count = 0;
    int64_t grew = 0;
    for (uint32_t at = 0; at < len; count++) {
        if (!next_item(items, len, &at, &k, &value, &value_len)) {
            return CTX_E_INVAL;
        }
    }
    ctx_status status = has_table(db, true);
    status =
        status == CTX_OK ? fdb_begin(db, (uint64_t)len + (uint64_t)count * FDB_KEY_MOST) : status;
    if (status != CTX_OK) {
        return status;
    }
    /* Whether all of it fits is only known behind it: a key may be in there twice. */
    bool limited = room != NULL && room->most != UINT64_MAX;
    int rc = limited ? fdb_run(db, FDB_S_WHOLE) : SQLITE_DONE;
    status = rc == SQLITE_DONE ? do_items(db, space, items, len, &grew) : fdb_fail(db, rc);
    if (status != CTX_OK) {
        return status;
    }
    bool fit = fits(room, grew);
    rc = fit ? SQLITE_DONE : fdb_run(db, FDB_S_WHOLE_BACK);
    rc = limited && rc == SQLITE_DONE ? fdb_run(db, FDB_S_WHOLE_END) : rc;
    if (rc != SQLITE_DONE) {
        return fdb_fail(db, rc);
    }
    status = done(db, room, fit ? grew : 0);
    return fit ? status : CTX_E_NOSPC;
}
