/* SPDX-License-Identifier: MIT */
/* What is asked is done, in the worker's fiber: engine calls, and what others hear of it. */
#include "storage.h"

#include <ctx/tables.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRIVATE "/private"

/* Folders that every app takes to be there are made when something is put there first. */
static ctx_status make_own_folder(const char *path)
{
    char folder[FDB_PATH_MOST + 1];
    int64_t id;
    struct fdb_node node;
    size_t n = sizeof PRIVATE - 1;
    if (strncmp(path, PRIVATE "/", n + 1) != 0) {
        return CTX_OK;
    }
    const char *end = strchr(path + n + 1, '/');
    size_t len = end != NULL ? (size_t)(end - path) : strlen(path);
    memcpy(folder, path, len);
    folder[len] = 0;
    if (fdb_look(storage.db, folder, &node) == CTX_OK) {
        return CTX_OK;
    }
    ctx_status status = fdb_make(storage.db, PRIVATE, FDB_FOLDER, &id);
    status = status == CTX_OK || status == CTX_E_EXIST
                 ? fdb_make(storage.db, folder, FDB_FOLDER, &id)
                 : status;
    return status == CTX_E_EXIST ? CTX_OK : status;
}

/* An app's own folder that was never written to: it is there, and empty. */
static bool is_own_folder(const char *path)
{
    size_t n = sizeof PRIVATE - 1;
    return strncmp(path, PRIVATE "/", n + 1) == 0 && strchr(path + n + 1, '/') == NULL;
}

static ctx_status look(const char *path, struct fdb_node *out)
{
    ctx_status status = fdb_look(storage.db, path, out);
    if (status == CTX_E_NOENT && is_own_folder(path)) {
        *out = (struct fdb_node){.id = 0, .kind = FDB_FOLDER};
        return CTX_OK;
    }
    return status;
}

/* ---- one operation each ---- */

static ctx_status op_open(struct op *op)
{
    uint32_t flags = op->asked.flags;
    if ((flags & CTX_FILES_WRITE) != 0 && fdb_read_only(storage.db)) {
        return CTX_E_RDONLY;
    }
    ctx_status status = look(op->path, &op->node);
    if (status == CTX_E_NOENT && (flags & CTX_FILES_CREATE) != 0) {
        int64_t id = 0;
        status = make_own_folder(op->path);
        status = status == CTX_OK ? fdb_make(storage.db, op->path, FDB_FILE, &id) : status;
        if (status == CTX_OK) {
            watches_tell(op->path);
            status = fdb_node(storage.db, id, &op->node);
        }
        return status;
    }
    if (status != CTX_OK) {
        return status;
    }
    if ((flags & CTX_FILES_EXCLUSIVE) != 0) {
        return CTX_E_EXIST;
    }
    bool folder = op->node.kind == FDB_FOLDER;
    if ((folder && (flags & CTX_FILES_WRITE) != 0) ||
        (!folder && (flags & CTX_FILES_ONLY_FOLDER) != 0)) {
        return CTX_E_INVAL;
    }
    if ((flags & CTX_FILES_TRUNCATE) != 0 && op->node.bytes > 0) {
        status = fdb_resize(storage.db, op->node.id, 0);
        op->node.bytes = 0;
        watches_tell(op->path);
    }
    return status;
}

static void tell_node(int64_t id)
{
    char path[FDB_PATH_MOST + 1];
    bool any = false;
    for (uint32_t i = 0; i < WATCHES_MOST; i++) {
        any |= storage.watches[i].request != 0;
    }
    if (any) {
        fdb_path_of(storage.db, id, path, sizeof path);
        watches_tell(path);
    }
}

static ctx_status op_write(struct op *op, const struct file *f)
{
    uint64_t at = op->asked.at;
    if (at == UINT64_MAX) {
        ctx_status status = fdb_node(storage.db, f->id, &op->node);
        if (status != CTX_OK) {
            return status;
        }
        at = op->node.bytes;
    }
    ctx_status status = fdb_write(storage.db, f->id, at, op->bytes, op->asked.len);
    if (status == CTX_OK) {
        op->count = op->asked.len;
        tell_node(f->id);
    }
    return status;
}

/* An app's own folder, which was not there when it was opened: perhaps it is now. */
static void find_own(struct file *f)
{
    struct fdb_node own;
    if (f->id == 0 && f->purse != NULL && fdb_look(storage.db, f->purse->place, &own) == CTX_OK) {
        f->id = own.id;
    }
}

static ctx_status op_info(struct op *op, const struct file *f)
{
    if (f->id == 0) {
        op->node = (struct fdb_node){.kind = FDB_FOLDER};
        return CTX_OK;
    }
    return fdb_node(storage.db, f->id, &op->node);
}

static ctx_status op_list(struct op *op, struct file *f)
{
    if (f->id == 0) {
        return CTX_E_NOENT;
    }
    uint64_t cursor = op->asked.at;
    if (cursor == 0) {
        f->after_len = 0;
    } else if (cursor != f->cursor) { /* somewhere else than it stopped */
        struct fdb_node node;
        ctx_status status = fdb_node(storage.db, (int64_t)cursor, &node);
        if (status != CTX_OK || node.parent != f->id) {
            return status == CTX_OK ? CTX_E_NOENT : status;
        }
        f->after_len = node.name_len;
        memcpy(f->after, node.name, node.name_len + 1);
    }
    ctx_status status = fdb_list(storage.db, f->id, f->after, f->after_len, &op->node);
    if (status == CTX_OK) {
        f->cursor = (uint64_t)op->node.id;
        f->after_len = op->node.name_len;
        memcpy(f->after, op->node.name, op->node.name_len + 1);
    }
    return status;
}

/* A large one goes when what changes as one is done; or it does not, and is what it was. */
static void drop_later(int64_t id)
{
    struct fdb_node node;
    if (storage.together != NULL && fdb_node(storage.db, id, &node) == CTX_OK) {
        op_drop_node(id, NULL);
    }
}

static ctx_status op_remove(struct op *op)
{
    struct fdb_node node;
    ctx_status status = fdb_look(storage.db, op->path, &node);
    if (status != CTX_OK) {
        return status;
    }
    bool open = clients_have_open(node.id);
    status = fdb_remove(storage.db, op->path, op->asked.flags != 0 ? FDB_FOLDER : FDB_FILE, open);
    if (status == CTX_OK) {
        if (open) {
            clients_removed(node.id);
        } else {
            drop_later(node.id);
        }
        watches_tell(op->path);
    }
    return status;
}

static bool is_open(void *arg, int64_t id)
{
    (void)arg;
    return clients_have_open(id);
}

static ctx_status op_rename(struct op *op)
{
    int64_t replaced = 0;
    ctx_status status = make_own_folder(op->to);
    status = status == CTX_OK ? fdb_rename(storage.db, op->path, op->to, is_open, NULL, &replaced)
                              : status;
    if (status == CTX_OK) {
        if (replaced != 0 && clients_have_open(replaced)) {
            clients_removed(replaced);
        } else if (replaced != 0) {
            drop_later(replaced);
        }
        watches_moved(op->path);
        watches_moved(op->to);
    }
    return status;
}

static ctx_status op_replace(struct op *op)
{
    struct fdb_node node;
    int64_t id = 0, hidden = 0;
    ctx_status status = make_own_folder(op->path);
    status = status == CTX_OK ? fdb_look(storage.db, op->path, &node) : status;
    if (status == CTX_OK && node.kind != FDB_FILE) {
        return CTX_E_INVAL;
    }
    if (status == CTX_E_NOENT) {
        status = fdb_make(storage.db, op->path, FDB_FILE, &id);
        status = status == CTX_OK ? fdb_write(storage.db, id, 0, op->bytes, op->asked.len) : status;
    } else if (status == CTX_OK) {
        status = fdb_make_hidden(storage.db, &hidden);
        status =
            status == CTX_OK ? fdb_write(storage.db, hidden, 0, op->bytes, op->asked.len) : status;
        status = status == CTX_OK ? fdb_swap(storage.db, hidden, node.id) : status;
        if (status == CTX_OK) {
            drop_later(hidden);
        }
    }
    if (status == CTX_OK) {
        status = storage.together != NULL ? CTX_OK : fdb_commit(storage.db);
        watches_tell(op->path);
    }
    return status;
}

/* All that this app did is on the disk, or it hears that it is not. */
static ctx_status op_sync(struct client *c)
{
    ctx_status status = storage.together != NULL ? CTX_OK : fdb_commit(storage.db);
    if (c->lost != fdb_lost(storage.db)) {
        c->lost = fdb_lost(storage.db);
        return CTX_E_IO;
    }
    return status;
}

/* What anybody was told is done lasts, or whoever saves an image hears that it does not. */
static ctx_status op_last(const struct op *op)
{
    ctx_status status = storage.db != NULL ? fdb_commit(storage.db) : CTX_OK;
    uint64_t lost = storage.db != NULL ? fdb_lost(storage.db) : 0;
    if (storage.lost || storage.answer_lost != lost) {
        storage.answer_lost = lost;
        status = status == CTX_OK ? CTX_E_IO : status;
    }
    storage.lost = false;
    (void)storage.saving->lasts(storage.saving, op->asked.at, (uint32_t)status);
    return status;
}

/* Unless it has its name again: that it was removed may have been taken back meanwhile. */
static ctx_status op_drop(const struct op *op)
{
    struct fdb_node node;
    int64_t id = (int64_t)op->asked.at;
    ctx_status status = fdb_node(storage.db, id, &node);
    if (status != CTX_OK || node.parent != 0 || id == FDB_ROOT || clients_have_open(id)) {
        return status;
    }
    quota_drops(op->purse, id);
    return fdb_drop(storage.db, id);
}

static bool changes(const struct asked *a)
{
    switch (a->what) {
    case OP_OPEN:
        return (a->flags & (CTX_FILES_CREATE | CTX_FILES_TRUNCATE)) != 0;
    case OP_WRITE:
    case OP_RESIZE:
    case OP_MAKE_FOLDER:
    case OP_REMOVE:
    case OP_RENAME:
    case OP_DATE:
    case OP_REPLACE:
    case OP_KV_PUT:
    case OP_KV_REMOVE:
    case OP_KV_BATCH:
        return true;
    default:
        return false;
    }
}

static ctx_status perform_allowed(struct op *op, struct file *f, struct fdb_kv_room *room)
{
    const struct asked *a = &op->asked;
    struct client *c = op->client;
    switch (a->what) {
    case OP_OPEN:
        return op_open(op);
    case OP_READ:
        return fdb_read(storage.db, f->id, a->at, op->bytes, a->len, &op->count);
    case OP_WRITE:
        return op_write(op, f);
    case OP_INFO:
        return op_info(op, f);
    case OP_LOOK:
        return look(op->path, &op->node);
    case OP_LIST:
        return op_list(op, f);
    case OP_RESIZE: {
        ctx_status status = fdb_resize(storage.db, f->id, a->at);
        tell_node(f->id);
        return status;
    }
    case OP_MAKE_FOLDER: {
        int64_t id;
        ctx_status status = make_own_folder(op->path);
        status = status == CTX_OK ? fdb_make(storage.db, op->path, FDB_FOLDER, &id) : status;
        watches_tell(op->path);
        return status;
    }
    case OP_REMOVE:
        return op_remove(op);
    case OP_RENAME:
        return op_rename(op);
    case OP_DATE: {
        ctx_status status = fdb_look(storage.db, op->path, &op->node);
        status = status == CTX_OK ? fdb_date(storage.db, op->node.id, (int64_t)a->at) : status;
        if (status == CTX_OK) {
            watches_tell(op->path);
        }
        return status;
    }
    case OP_SYNC:
        return op_sync(c);
    case OP_REPLACE:
        return op_replace(op);
    case OP_SPACE: {
        ctx_status status = look(op->path, &op->node);
        status = status == CTX_OK ? fdb_space(storage.db, &op->space) : status;
        return status == CTX_OK ? quota_space(c, op->path, &op->space) : status;
    }
    case OP_TOGETHER:
        return together_op(op->asked.flags, c);
    case OP_KV_GET:
        return fdb_kv_get(storage.db, &op->asked_key, op->bytes, BYTES_MOST, &op->count,
                          &op->version);
    case OP_KV_PUT:
        return fdb_kv_put(storage.db, &op->asked_key, op->bytes, a->len,
                          a->flags != 0 ? &a->at : NULL, room);
    case OP_KV_REMOVE:
        return fdb_kv_remove(storage.db, &op->asked_key, room);
    case OP_KV_NEXT:
        return fdb_kv_next(storage.db, &op->asked_key, &op->key);
    case OP_KV_BATCH:
        return fdb_kv_batch(storage.db, c->space, op->bytes, a->len, room);
    case OP_SQL_RUN:
    case OP_SQL_PREPARE:
    case OP_SQL_BIND:
    case OP_SQL_APPEND:
    case OP_SQL_STEP:
    case OP_SQL_VALUE:
    case OP_SQL_NAME:
    case OP_SQL_CLOSE:
    case OP_SQL_LEAVE:
        break; /* a guest's */
    case OP_DROP:
        return op_drop(op);
    case OP_LAST:
        return op_last(op);
    }
    return CTX_E_NOSYS;
}

static ctx_status perform(struct op *op)
{
    struct client *c = op->client;
    const struct asked *a = &op->asked;
    struct file *f = c != NULL && a->file != 0 ? client_file(c, a->file) : NULL;
    if (a->file != 0 && f == NULL) {
        return CTX_E_STALE;
    }
    if (f != NULL) {
        find_own(f);
    }
    /* What it believes to do as one was dropped: nothing of it is done until it knows. */
    if (c != NULL && c->together == TOGETHER_LATE && changes(a)) {
        return CTX_E_TIMEDOUT;
    }
    if (c != NULL && storage.together == c && together_broken() && changes(a)) {
        return CTX_E_IO;
    }
    struct charge charge;
    ctx_status status = quota_allows(c, op, f, &charge);
    if (status == CTX_OK) {
        status = perform_allowed(op, f, &charge.room);
        quota_done(c, &charge, status);
    }
    return status;
}

void op_perform(struct op *op)
{
    static char said[200];
    op->count = 0;
    op->status = storage.db != NULL || op->asked.what == OP_LAST ? perform(op) : CTX_E_IO;
    if (op->status == CTX_E_IO && storage.db != NULL && strcmp(said, fdb_why(storage.db)) != 0) {
        snprintf(said, sizeof said, "%s", fdb_why(storage.db));
        say(CTX_LOG_ERROR, "%s%s%s", op->path, op->path[0] != 0 ? ": " : "", said);
    }
}

/* ---- operations of our own ---- */

void op_drop_node(int64_t id, struct purse *purse)
{
    struct op *op = calloc(1, sizeof *op);
    if (op != NULL) { /* else the next mount does it */
        op->asked = (struct asked){.what = OP_DROP, .at = (uint64_t)id};
        op->purse = purse;
        worker_queue(op);
    }
}

void op_hear_saving(void)
{
    uint64_t question = 0;
    if (storage.saving == NULL || storage.saving->asked(storage.saving, &question) != CTX_OK ||
        question == storage.asked) {
        return;
    }
    struct op *op = calloc(1, sizeof *op);
    if (op == NULL) {
        (void)storage.saving->lasts(storage.saving, question, (uint32_t)CTX_E_NOMEM);
        return;
    }
    storage.asked = question;
    op->asked = (struct asked){.what = OP_LAST, .at = question};
    worker_queue(op);
}

void op_forget(struct op *op)
{
    free(op);
}

void op_unqueue(struct op *op)
{
    for (struct op **at = &storage.first; *at != NULL; at = &(*at)->next) {
        if (*at == op) {
            *at = op->next;
            if (op->next == NULL) {
                storage.last = at;
            }
            break;
        }
    }
    op->state = OP_FREE;
}
