/* SPDX-License-Identifier: MIT */
/* The bytes of files. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BITS 27
#define ROUND      4096u /* what grows, grows so far at once: the next write finds its place */

int64_t fdb_chunk_id(int64_t chunk, uint64_t number)
{
    return (int64_t)((uint64_t)chunk << CHUNK_BITS | number);
}

static uint32_t least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

int fdb_chunks_drop(struct fdb *db, int64_t chunk, uint64_t first)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_CHUNK_DELETE);
    sqlite3_bind_int64(s, 1, fdb_chunk_id(chunk, first));
    sqlite3_bind_int64(s, 2, fdb_chunk_id(chunk + 1, 0));
    return fdb_step(db, s);
}

/* ---- reading ---- */

/* The chunk is in db->blob. SQLITE_DONE: there is none. */
static int find(struct fdb *db, int64_t id)
{
    int rc = SQLITE_ERROR;
    if (db->blob != NULL) {
        rc = sqlite3_blob_reopen(db->blob, id);
        if (rc != SQLITE_OK) { /* it cannot be used any more, whatever the reason was */
            sqlite3_blob_close(db->blob);
            db->blob = NULL;
        }
    }
    if (db->blob == NULL) {
        sqlite3_stmt *s = fdb_statement(db, FDB_S_CHUNK_LEN);
        sqlite3_bind_int64(s, 1, id);
        rc = fdb_step(db, s);
        if (rc != SQLITE_ROW) {
            return rc;
        }
        sqlite3_reset(s);
        rc = sqlite3_blob_open(db->sql, "main", "chunk", "data", id, 0, &db->blob);
    }
    return rc;
}

/* From one chunk: what it does not have is zeroes. */
static int read_part(struct fdb *db, int64_t id, uint32_t skip, uint8_t *to, uint32_t len)
{
    int rc = find(db, id);
    if (rc == SQLITE_DONE) {
        memset(to, 0, len);
        return SQLITE_OK;
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    uint32_t has = (uint32_t)sqlite3_blob_bytes(db->blob);
    uint32_t n = has > skip ? least(has - skip, len) : 0;
    rc = n > 0 ? sqlite3_blob_read(db->blob, to, (int)n, (int)skip) : SQLITE_OK;
    memset(to + n, 0, len - n);
    return rc;
}

ctx_status fdb_read(struct fdb *db, int64_t id, uint64_t at, void *bytes, uint32_t len,
                    uint32_t *count)
{
    struct fdb_node node;
    int64_t chunk;
    uint8_t *to = bytes;
    *count = 0;
    ctx_status status = fdb_node_chunk(db, id, &node, &chunk);
    if (status != CTX_OK || node.kind != FDB_FILE) {
        return status != CTX_OK ? status : CTX_E_INVAL;
    }
    len = at < node.bytes ? least(node.bytes - at, len) : 0;
    while (*count < len) {
        uint32_t skip = (uint32_t)(at % FDB_CHUNK), n = least(FDB_CHUNK - skip, len - *count);
        int rc = read_part(db, fdb_chunk_id(chunk, at / FDB_CHUNK), skip, to + *count, n);
        if (rc != SQLITE_OK) {
            return *count > 0 ? CTX_OK : fdb_fail(db, rc);
        }
        at += n;
        *count += n;
    }
    return CTX_OK;
}

ctx_status fdb_data(struct fdb *db, int64_t id, uint64_t at, uint64_t *next)
{
    struct fdb_node node;
    int64_t chunk;
    ctx_status status = fdb_node_chunk(db, id, &node, &chunk);
    if (status != CTX_OK) {
        return status;
    }
    *next = node.bytes;
    if (at >= node.bytes || at >= FDB_FILE_MOST) {
        return CTX_OK;
    }
    sqlite3_stmt *s = fdb_statement(db, FDB_S_CHUNK_NEXT);
    sqlite3_bind_int64(s, 1, fdb_chunk_id(chunk, at / FDB_CHUNK));
    sqlite3_bind_int64(s, 2, fdb_chunk_id(chunk + 1, 0));
    int rc = fdb_step(db, s);
    if (rc == SQLITE_ROW) {
        uint64_t found = (uint64_t)(sqlite3_column_int64(s, 0) - fdb_chunk_id(chunk, 0));
        found = found * FDB_CHUNK > at ? found * FDB_CHUNK : at;
        *next = found < node.bytes ? found : node.bytes;
        sqlite3_reset(s);
        rc = SQLITE_DONE;
    }
    return rc == SQLITE_DONE ? CTX_OK : fdb_fail(db, rc);
}

/* ---- writing ---- */

static int put(struct fdb *db, int64_t id, const uint8_t *bytes, uint32_t len)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_CHUNK_PUT);
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_blob(s, 2, bytes, (int)len, SQLITE_STATIC);
    int rc = fdb_step(db, s);
    sqlite3_clear_bindings(s);
    return rc;
}

static int write_part(struct fdb *db, int64_t id, uint32_t skip, const uint8_t *from, uint32_t len)
{
    static uint8_t whole[FDB_CHUNK];
    sqlite3_stmt *s = fdb_statement(db, FDB_S_CHUNK_LEN);
    sqlite3_bind_int64(s, 1, id);
    int rc = fdb_step(db, s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return rc;
    }
    uint32_t has = rc == SQLITE_ROW ? (uint32_t)sqlite3_column_int(s, 0) : 0;
    bool there = rc == SQLITE_ROW;
    sqlite3_reset(s);
    if (skip == 0 && len >= has) {
        return put(db, id, from, len);
    }
    sqlite3_blob *blob = NULL;
    if (there && has <= FDB_CHUNK && skip + len <= has) { /* only the pages that it is about */
        rc = sqlite3_blob_open(db->sql, "main", "chunk", "data", id, 1, &blob);
        rc = rc == SQLITE_OK ? sqlite3_blob_write(blob, from, (int)len, (int)skip) : rc;
        int end = sqlite3_blob_close(blob);
        return rc != SQLITE_OK ? rc : end != SQLITE_OK ? end : SQLITE_DONE;
    }
    memset(whole, 0, sizeof whole);
    if (there) {
        rc = read_part(db, id, 0, whole, skip < has ? skip : has);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    memcpy(whole + skip, from, len);
    uint32_t end = skip + len;
    return put(db, id, whole, there ? least((end + ROUND - 1) / ROUND * ROUND, FDB_CHUNK) : end);
}

int fdb_set_size(struct fdb *db, int64_t id, uint64_t bytes, int64_t chunk)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_SIZE);
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, (int64_t)bytes);
    sqlite3_bind_int64(s, 3, fdb_now(db));
    sqlite3_bind_int64(s, 4, chunk);
    return fdb_step(db, s);
}

ctx_status fdb_write(struct fdb *db, int64_t id, uint64_t at, const void *bytes, uint32_t len)
{
    struct fdb_node node;
    int64_t chunk;
    const uint8_t *from = bytes;
    ctx_status status = fdb_node_chunk(db, id, &node, &chunk);
    if (status != CTX_OK || node.kind != FDB_FILE) {
        return status != CTX_OK ? status : CTX_E_INVAL;
    }
    if (at > FDB_FILE_MOST || len > FDB_FILE_MOST - at) {
        return CTX_E_RANGE;
    }
    if (len == 0) {
        return db->read_only ? CTX_E_RDONLY : CTX_OK;
    }
    /* A chunk that is written again takes no more room than before; one that grows, its old bytes.
     */
    status = fdb_begin(db, (uint64_t)len + FDB_CHUNK);
    if (status != CTX_OK) {
        return status;
    }
    for (uint32_t done = 0; done < len;) {
        uint32_t skip = (uint32_t)((at + done) % FDB_CHUNK),
                 n = least(FDB_CHUNK - skip, len - done);
        int rc = write_part(db, fdb_chunk_id(chunk, (at + done) / FDB_CHUNK), skip, from + done, n);
        if (rc != SQLITE_DONE) {
            return fdb_fail(db, rc);
        }
        done += n;
    }
    int rc = fdb_set_size(db, id, node.bytes > at + len ? node.bytes : at + len, chunk);
    return rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
}

/* The chunk ends at `keep`: what is behind it would be seen when the file grows again. */
static int trim(struct fdb *db, int64_t id, uint32_t keep)
{
    static uint8_t kept[FDB_CHUNK];
    int rc = find(db, id);
    if (rc == SQLITE_DONE) {
        return rc;
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    uint32_t has = (uint32_t)sqlite3_blob_bytes(db->blob);
    if (has <= keep) {
        return SQLITE_DONE;
    }
    rc = sqlite3_blob_read(db->blob, kept, (int)least(keep, FDB_CHUNK), 0);
    return rc == SQLITE_OK ? put(db, id, kept, keep) : rc;
}

ctx_status fdb_resize(struct fdb *db, int64_t id, uint64_t bytes)
{
    struct fdb_node node;
    int64_t chunk;
    int rc = SQLITE_DONE;
    ctx_status status = fdb_node_chunk(db, id, &node, &chunk);
    if (status != CTX_OK || node.kind != FDB_FILE) {
        return status != CTX_OK ? status : CTX_E_INVAL;
    }
    if (bytes > FDB_FILE_MOST) {
        return CTX_E_RANGE;
    }
    /* A shorter one keeps a part of its last chunk, which is written again. */
    status = fdb_begin(db, bytes < node.bytes ? 0 : 1);
    if (status != CTX_OK) {
        return status;
    }
    if (bytes < node.bytes) {
        uint32_t keep = (uint32_t)(bytes % FDB_CHUNK);
        rc = fdb_chunks_drop(db, chunk, bytes / FDB_CHUNK + (keep > 0));
        rc = rc == SQLITE_DONE && keep > 0 ? trim(db, fdb_chunk_id(chunk, bytes / FDB_CHUNK), keep)
                                           : rc;
    }
    rc = rc == SQLITE_DONE ? fdb_set_size(db, id, bytes, chunk) : rc;
    return rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
}
