/* SPDX-License-Identifier: MIT */
/* Names, folders, paths. */
#include "store.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MOST (FDB_PATH_MOST / 2) /* a path has no more names */

uint32_t fdb_path(const char *path, uint32_t len, char out[FDB_PATH_MOST + 1], ctx_status *status)
{
    uint32_t at = 0, to = 0;
    *status = CTX_E_INVAL;
    if (len == 0 || path[0] != '/' || memchr(path, 0, len) != NULL) {
        return 0;
    }
    while (at < len) {
        while (at < len && path[at] == '/') {
            at++;
        }
        const char *name = path + at;
        uint32_t n = 0;
        while (at < len && path[at] != '/') {
            at++;
            n++;
        }
        if (n == 0 || (n == 1 && name[0] == '.')) {
            continue;
        }
        if (n == 2 && name[0] == '.' && name[1] == '.') {
            while (to > 0 && out[--to] != '/') {
            }
            continue;
        }
        *status = CTX_E_TOOBIG;
        if (n > FDB_NAME_MOST || to + 1 + n > FDB_PATH_MOST) {
            return 0;
        }
        out[to++] = '/';
        memcpy(out + to, name, n);
        to += n;
    }
    if (to == 0) {
        out[to++] = '/';
    }
    out[to] = 0;
    *status = CTX_OK;
    return to;
}

void fdb_row_node(sqlite3_stmt *s, struct fdb_node *out)
{
    int64_t bytes = sqlite3_column_int64(s, 3);
    int len = sqlite3_column_bytes(s, 5);
    const void *name = sqlite3_column_blob(s, 5);
    out->id = sqlite3_column_int64(s, 0);
    out->parent = sqlite3_column_int64(s, 1);
    out->kind = (uint32_t)sqlite3_column_int(s, 2);
    out->bytes = bytes <= 0 ? 0 : (uint64_t)bytes < FDB_FILE_MOST ? (uint64_t)bytes : FDB_FILE_MOST;
    out->modified_ns = sqlite3_column_int64(s, 4);
    out->name_len = len < 0 ? 0 : (uint32_t)len > FDB_NAME_MOST ? FDB_NAME_MOST : (uint32_t)len;
    if (name != NULL) {
        memcpy(out->name, name, out->name_len);
    }
    out->name[out->name_len] = 0;
}

static ctx_status one(struct fdb *db, sqlite3_stmt *s, struct fdb_node *out, int64_t *chunk)
{
    int rc = fdb_step(db, s);
    if (rc == SQLITE_DONE) {
        return CTX_E_NOENT;
    }
    if (rc != SQLITE_ROW) {
        return fdb_fail(db, rc);
    }
    fdb_row_node(s, out);
    if (chunk != NULL) {
        *chunk = sqlite3_column_int64(s, 6);
    }
    sqlite3_reset(s);
    return CTX_OK;
}

ctx_status fdb_node_chunk(struct fdb *db, int64_t id, struct fdb_node *out, int64_t *chunk)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_NODE);
    sqlite3_bind_int64(s, 1, id);
    return one(db, s, out, chunk);
}

ctx_status fdb_node(struct fdb *db, int64_t id, struct fdb_node *out)
{
    return fdb_node_chunk(db, id, out, NULL);
}

ctx_status fdb_child(struct fdb *db, int64_t folder, const char *name, uint32_t len,
                     struct fdb_node *out)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_CHILD);
    sqlite3_bind_int64(s, 1, folder);
    sqlite3_bind_blob(s, 2, name, (int)len, SQLITE_STATIC);
    return one(db, s, out, NULL);
}

ctx_status fdb_list(struct fdb *db, int64_t folder, const char *after, uint32_t len,
                    struct fdb_node *out)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_NEXT);
    sqlite3_bind_int64(s, 1, folder);
    sqlite3_bind_blob(s, 2, len > 0 ? after : "", (int)len, SQLITE_STATIC);
    return one(db, s, out, NULL);
}

/* The node at a path of fdb_path()'s; of its last name `rest` tells, if it is not NULL: then the
 * node is the folder that has that name, or not. */
static ctx_status walk(struct fdb *db, const char *path, struct fdb_node *out, const char **rest)
{
    const char *at = path + 1;
    ctx_status status = fdb_node(db, FDB_ROOT, out);
    while (status == CTX_OK && *at != 0) {
        const char *end = strchr(at, '/');
        uint32_t len = end != NULL ? (uint32_t)(end - at) : (uint32_t)strlen(at);
        if (out->kind != FDB_FOLDER) {
            return CTX_E_INVAL;
        }
        if (rest != NULL && end == NULL) {
            *rest = at;
            return CTX_OK;
        }
        status = fdb_child(db, out->id, at, len, out);
        at += len + (end != NULL);
    }
    if (status == CTX_OK && rest != NULL) {
        *rest = at; /* the root has no name */
    }
    return status;
}

ctx_status fdb_look(struct fdb *db, const char *path, struct fdb_node *out)
{
    return walk(db, path, out, NULL);
}

void fdb_path_of(struct fdb *db, int64_t id, char *out, size_t room)
{
    char path[FDB_PATH_MOST + 1];
    size_t at = sizeof path - 1;
    path[at] = 0;
    for (uint32_t depth = 0; id != FDB_ROOT && depth < DEPTH_MOST; depth++) {
        sqlite3_stmt *s = fdb_statement(db, FDB_S_PATH);
        sqlite3_bind_int64(s, 1, id);
        if (fdb_step(db, s) != SQLITE_ROW) {
            break;
        }
        size_t len = (size_t)sqlite3_column_bytes(s, 1);
        const void *name = sqlite3_column_blob(s, 1);
        id = sqlite3_column_int64(s, 0);
        if (len + 1 > at) {
            sqlite3_reset(s);
            break;
        }
        at -= len;
        memcpy(path + at, name != NULL ? name : "", len);
        path[--at] = '/';
        sqlite3_reset(s);
    }
    snprintf(out, room, "%s", path[at] != 0 ? path + at : "/");
}

/* ---- changes ---- */

/* The folder above changes too. */
static int touch(struct fdb *db, int64_t folder)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_DATE);
    sqlite3_bind_int64(s, 1, folder);
    sqlite3_bind_int64(s, 2, fdb_now(db));
    return fdb_step(db, s);
}

/* A row, whose bytes are its own. What was taken back gives its id to nobody: who has it open would
 * have another one's. */
static int insert(struct fdb *db, int64_t parent, const char *name, uint32_t len,
                  enum fdb_kind kind, int64_t *id)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_MAKE);
    int64_t now = fdb_now(db);
    sqlite3_bind_int64(s, 1, parent);
    sqlite3_bind_blob(s, 2, name, (int)len, SQLITE_STATIC);
    sqlite3_bind_int(s, 3, (int)kind);
    sqlite3_bind_int64(s, 4, now);
    bool known = db->last_id > 0 && db->last_id < INT64_MAX;
    int rc = known ? sqlite3_bind_int64(s, 5, db->last_id + 1) : sqlite3_bind_null(s, 5);
    rc = rc == SQLITE_OK ? fdb_step(db, s) : rc;
    if (rc != SQLITE_DONE) {
        return rc;
    }
    *id = sqlite3_last_insert_rowid(db->sql);
    db->last_id = *id;
    s = fdb_statement(db, FDB_S_SIZE);
    sqlite3_bind_int64(s, 1, *id);
    sqlite3_bind_int64(s, 2, 0);
    sqlite3_bind_int64(s, 3, now);
    sqlite3_bind_int64(s, 4, *id);
    return fdb_step(db, s);
}

ctx_status fdb_make(struct fdb *db, const char *path, enum fdb_kind kind, int64_t *id)
{
    struct fdb_node folder, there;
    const char *name;
    ctx_status status = walk(db, path, &folder, &name);
    if (status != CTX_OK) {
        return status;
    }
    if (name[0] == 0) {
        return CTX_E_EXIST; /* the root */
    }
    uint32_t len = (uint32_t)strlen(name);
    status = fdb_child(db, folder.id, name, len, &there);
    if (status != CTX_E_NOENT) {
        return status == CTX_OK ? CTX_E_EXIST : status;
    }
    status = fdb_begin(db, FDB_NAME_MOST * 2);
    if (status != CTX_OK) {
        return status;
    }
    int rc = insert(db, folder.id, name, len, kind, id);
    rc = rc == SQLITE_DONE ? touch(db, folder.id) : rc;
    return rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
}

/* Out of its folder: its name is its id from now on, and its folder none. */
static int hide(struct fdb *db, int64_t id)
{
    char name[24];
    int len = snprintf(name, sizeof name, "%lld", (long long)id);
    sqlite3_stmt *s = fdb_statement(db, FDB_S_MOVE);
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, 0);
    sqlite3_bind_blob(s, 3, name, len, SQLITE_STATIC);
    return fdb_step(db, s);
}

ctx_status fdb_make_hidden(struct fdb *db, int64_t *id)
{
    ctx_status status = fdb_begin(db, FDB_NAME_MOST);
    if (status != CTX_OK) {
        return status;
    }
    int rc = insert(db, 0, "", 0, FDB_FILE, id);
    rc = rc == SQLITE_DONE ? hide(db, *id) : rc;
    return rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
}

static int delete_node(struct fdb *db, int64_t id, int64_t chunk)
{
    int rc = fdb_chunks_drop(db, chunk, 0);
    if (rc != SQLITE_DONE) {
        return rc;
    }
    sqlite3_stmt *s = fdb_statement(db, FDB_S_DELETE);
    sqlite3_bind_int64(s, 1, id);
    return fdb_step(db, s);
}

/* A large file goes in parts, each a transaction of its own: the log has not room for any number of
 * pages. From the end, so that what is left is a shorter file. Parts are of what is there: of a
 * hole there is nothing, however long it is. */
#define PART_CHUNKS 256u

/* The number of the chunk that a part begins with; 0: all that is left is one. SQLITE_DONE, or an
 * error. */
static int last_part(struct fdb *db, int64_t chunk, uint64_t *first)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_CHUNK_PART);
    sqlite3_bind_int64(s, 1, fdb_chunk_id(chunk, 0));
    sqlite3_bind_int64(s, 2, fdb_chunk_id(chunk + 1, 0));
    sqlite3_bind_int64(s, 3, PART_CHUNKS);
    int rc = fdb_step(db, s);
    *first = 0;
    if (rc == SQLITE_ROW) {
        *first = (uint64_t)(sqlite3_column_int64(s, 0) - fdb_chunk_id(chunk, 0)) + 1;
        sqlite3_reset(s);
        rc = SQLITE_DONE;
    }
    return rc;
}

ctx_status fdb_drop(struct fdb *db, int64_t id)
{
    struct fdb_node node;
    int64_t chunk;
    uint64_t first = 1;
    ctx_status status = fdb_node_chunk(db, id, &node, &chunk);
    while (status == CTX_OK && first > 0) {
        status = fdb_begin(db, 0);
        if (status != CTX_OK) {
            return status;
        }
        int rc = last_part(db, chunk, &first);
        rc = rc != SQLITE_DONE ? rc
             : first > 0       ? fdb_chunks_drop(db, chunk, first)
                               : delete_node(db, id, chunk);
        status = rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
        db->since_commit += first > 0 ? PART_CHUNKS * FDB_CHUNK / 4 : 0;
    }
    return status;
}

/* What has just been hidden, by an operation that is not done() yet, goes. While changes are held
 * it goes with them, or stays if it is large: then fdb_drop() is for later. */
static ctx_status drop_hidden(struct fdb *db, int64_t id)
{
    struct fdb_node node;
    int64_t chunk;
    uint64_t first = 0;
    if (!db->held) {
        (void)fdb_done(db);
        return fdb_drop(db, id);
    }
    ctx_status status = fdb_node_chunk(db, id, &node, &chunk);
    if (status != CTX_OK) {
        return status;
    }
    int rc = last_part(db, chunk, &first);
    rc = rc == SQLITE_DONE && first == 0 ? delete_node(db, id, chunk) : rc;
    return rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
}

ctx_status fdb_swap(struct fdb *db, int64_t from, int64_t to)
{
    struct fdb_node source, target;
    int64_t new_chunk, old_chunk;
    ctx_status status = fdb_node_chunk(db, from, &source, &new_chunk);
    status = status == CTX_OK ? fdb_node_chunk(db, to, &target, &old_chunk) : status;
    if (status != CTX_OK || source.kind != FDB_FILE || target.kind != FDB_FILE) {
        return status != CTX_OK ? status : CTX_E_INVAL;
    }
    status = fdb_begin(db, 0);
    if (status != CTX_OK) {
        return status;
    }
    int rc = fdb_set_size(db, to, source.bytes, new_chunk);
    rc = rc == SQLITE_DONE ? fdb_set_size(db, from, target.bytes, old_chunk) : rc;
    return rc == SQLITE_DONE ? drop_hidden(db, from) : fdb_fail(db, rc);
}

static ctx_status is_empty(struct fdb *db, int64_t folder)
{
    struct fdb_node any;
    ctx_status status = fdb_list(db, folder, "", 0, &any);
    return status == CTX_OK ? CTX_E_EXIST : status == CTX_E_NOENT ? CTX_OK : status;
}

ctx_status fdb_remove(struct fdb *db, const char *path, enum fdb_kind kind, bool open)
{
    struct fdb_node node;
    ctx_status status = fdb_look(db, path, &node);
    if (status != CTX_OK) {
        return status;
    }
    if (node.id == FDB_ROOT || node.kind != kind) {
        return CTX_E_INVAL;
    }
    status = kind == FDB_FOLDER ? is_empty(db, node.id) : CTX_OK;
    status = status == CTX_OK ? fdb_begin(db, 0) : status;
    if (status != CTX_OK) {
        return status;
    }
    int rc = hide(db, node.id);
    rc = rc == SQLITE_DONE ? touch(db, node.parent) : rc;
    if (rc != SQLITE_DONE) {
        return fdb_fail(db, rc);
    }
    /* The name is gone; that its bytes are too is not what was asked, and may fail or be late. */
    return open ? fdb_done(db) : drop_hidden(db, node.id);
}

/* Whether the folder lies in, or is, the node. */
static ctx_status lies_in(struct fdb *db, int64_t folder, int64_t node, bool *yes)
{
    struct fdb_node at = {.id = folder};
    ctx_status status = CTX_OK;
    *yes = folder == node;
    for (uint32_t depth = 0; status == CTX_OK && !*yes && at.id != FDB_ROOT && depth < DEPTH_MOST;
         depth++) {
        status = fdb_node(db, at.id, &at);
        at.id = at.parent;
        *yes = at.id == node;
    }
    return status;
}

ctx_status fdb_rename(struct fdb *db, const char *from, const char *to,
                      bool (*open)(void *arg, int64_t id), void *arg, int64_t *replaced)
{
    struct fdb_node node, folder, old = {0};
    const char *name;
    bool inside = false;
    *replaced = 0;
    ctx_status status = fdb_look(db, from, &node);
    status = status == CTX_OK ? walk(db, to, &folder, &name) : status;
    if (status != CTX_OK) {
        return status;
    }
    if (node.id == FDB_ROOT || name[0] == 0) {
        return CTX_E_INVAL;
    }
    status = fdb_child(db, folder.id, name, (uint32_t)strlen(name), &old);
    if (status == CTX_OK && old.id == node.id) {
        return CTX_OK; /* its own name */
    }
    if (status == CTX_OK && old.kind != node.kind) {
        return CTX_E_INVAL;
    }
    if (status == CTX_OK && old.kind == FDB_FOLDER) {
        status = is_empty(db, old.id);
    }
    if (status != CTX_OK && status != CTX_E_NOENT) {
        return status;
    }
    bool replaces = status == CTX_OK;
    status = node.kind == FDB_FOLDER ? lies_in(db, folder.id, node.id, &inside) : CTX_OK;
    if (status == CTX_OK && inside) {
        return CTX_E_INVAL;
    }
    status = status == CTX_OK ? fdb_begin(db, FDB_NAME_MOST) : status;
    if (status != CTX_OK) {
        return status;
    }
    int rc = replaces ? hide(db, old.id) : SQLITE_DONE;
    if (rc == SQLITE_DONE) {
        sqlite3_stmt *s = fdb_statement(db, FDB_S_MOVE);
        sqlite3_bind_int64(s, 1, node.id);
        sqlite3_bind_int64(s, 2, folder.id);
        sqlite3_bind_blob(s, 3, name, (int)strlen(name), SQLITE_STATIC);
        rc = fdb_step(db, s);
    }
    rc = rc == SQLITE_DONE ? touch(db, node.parent) : rc;
    rc = rc == SQLITE_DONE ? touch(db, folder.id) : rc;
    if (rc != SQLITE_DONE) {
        return fdb_fail(db, rc);
    }
    *replaced = replaces ? old.id : 0;
    return replaces && (open == NULL || !open(arg, old.id)) ? drop_hidden(db, old.id)
                                                            : fdb_done(db);
}

ctx_status fdb_date(struct fdb *db, int64_t id, int64_t modified_ns)
{
    ctx_status status = fdb_begin(db, 1);
    if (status != CTX_OK) {
        return status;
    }
    sqlite3_stmt *s = fdb_statement(db, FDB_S_DATE);
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, modified_ns);
    int rc = fdb_step(db, s);
    return rc == SQLITE_DONE ? fdb_done(db) : fdb_fail(db, rc);
}

ctx_status fdb_used(struct fdb *db, int64_t folder, uint64_t name_bytes, uint64_t *bytes)
{
    sqlite3_stmt *s = fdb_statement(db, FDB_S_USED);
    sqlite3_bind_int64(s, 1, folder);
    int rc = fdb_step(db, s);
    if (rc != SQLITE_ROW) {
        return fdb_fail(db, rc);
    }
    *bytes =
        (uint64_t)sqlite3_column_int64(s, 0) + name_bytes * (uint64_t)sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    return CTX_OK;
}
