/* SPDX-License-Identifier: MIT */
/*
 * How much of the disk an app may have: in its own folder, use=ctx.files/1(quota=64M), and of keys,
 * use=ctx.kv/1(quota=1M). Of files counts how long they are, holes in them too, and NAME_BYTES for
 * each name.
 *
 * What is there is looked at once, and counted from then on, whoever changes it: in a *purse* for
 * each folder and each space of keys. It is looked at again when something was taken back; and,
 * before anything is refused, when a folder was moved out of it, perhaps with files that are open.
 * A purse that nobody has to do with is forgotten, and looked at anew when somebody has again: an
 * app that sees the whole disk may name as many folders as it likes.
 */
#include "storage.h"

#include <ctx/tables.h>

#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 512u
#define PRIVATE    "/private/"
#define TELL_NS    UINT64_C(10000000000) /* between two lines of the log about one app */

/* ---- purses ---- */

static struct purse *find(const char *place, size_t len, bool keys)
{
    struct purse *p = storage.purses;
    while (p != NULL &&
           (p->keys != keys || strncmp(p->place, place, len) != 0 || p->place[len] != 0)) {
        p = p->next;
    }
    if (p == NULL && len < sizeof p->place && (p = calloc(1, sizeof *p)) != NULL) {
        memcpy(p->place, place, len);
        p->keys = keys;
        p->next = storage.purses;
        storage.purses = p;
    }
    return p;
}

struct purse *quota_purse(const char *path)
{
    size_t top = sizeof PRIVATE - 1;
    if (strncmp(path, PRIVATE, top) != 0) {
        return NULL;
    }
    return find(path, top + strcspn(path + top, "/"), false);
}

struct purse *quota_keys(const char *space)
{
    return find(space, strlen(space), true);
}

static bool has_it_open(const struct client *c, const struct purse *p)
{
    for (uint32_t i = 0; i < OPEN_MOST; i++) {
        if (c->files[i].handle != 0 && c->files[i].purse == p) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct purse *p)
{
    for (const struct client *c = storage.clients; c != NULL; c = c->next) {
        bool own =
            p->keys ? c->keys == p : c->has_trees && strcmp(c->trees[0].place, p->place) == 0;
        if (own || has_it_open(c, p)) {
            return true;
        }
    }
    for (const struct op *op = storage.first; op != NULL; op = op->next) {
        if (op->purse == p) {
            return true;
        }
    }
    return false;
}

void quota_tidy(void)
{
    for (struct purse **at = &storage.purses; *at != NULL;) {
        struct purse *p = *at;
        if (is_wanted(p)) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        free(p);
    }
}

static uint64_t undone(void)
{
    return storage.mounts << 32 ^ fdb_undone(storage.db);
}

static bool is_known(const struct purse *p)
{
    return p->known && p->undone == undone();
}

static bool is_unseen(const struct purse *p, const struct file *f)
{
    return f->handle != 0 && f->removed && f->purse == p;
}

/* Of several handles of one file that nobody sees any more one counts, the first. */
static bool is_first(const struct purse *p, const struct file *file)
{
    for (const struct client *c = storage.clients; c != NULL; c = c->next) {
        for (uint32_t i = 0; i < OPEN_MOST; i++) {
            if (is_unseen(p, &c->files[i]) && c->files[i].id == file->id) {
                return &c->files[i] == file;
            }
        }
    }
    return false;
}

/* What is there, with what is open and nobody sees any more. */
static ctx_status look(struct purse *p)
{
    struct fdb_node node;
    uint64_t used = 0;
    ctx_status status =
        p->keys ? fdb_kv_used(storage.db, p->place, &used) : fdb_look(storage.db, p->place, &node);
    if (status == CTX_OK && !p->keys) {
        status = fdb_used(storage.db, node.id, NAME_BYTES, &used);
    }
    for (struct client *c = storage.clients; c != NULL && !p->keys; c = c->next) {
        for (uint32_t i = 0; i < OPEN_MOST; i++) {
            const struct file *f = &c->files[i];
            if (is_unseen(p, f) && is_first(p, f) && fdb_node(storage.db, f->id, &node) == CTX_OK &&
                node.parent == 0) {
                used += node.bytes + NAME_BYTES;
            }
        }
    }
    status = status == CTX_E_NOENT ? CTX_OK : status;
    p->used = used;
    p->known = status == CTX_OK;
    p->loose = false;
    p->undone = undone();
    return status;
}

/* ---- files: by how much an operation makes a folder longer ---- */

static int64_t bytes_of(const char *path, int64_t name)
{
    struct fdb_node node;
    return fdb_look(storage.db, path, &node) == CTX_OK ? (int64_t)node.bytes + name : 0;
}

static bool is_top(const struct purse *p, const char *path)
{
    return p != NULL && strcmp(p->place, path) == 0; /* it has no name that counts */
}

static int64_t of_open(const struct op *op)
{
    struct fdb_node node;
    uint32_t flags = op->asked.flags;
    ctx_status status = fdb_look(storage.db, op->path, &node);
    if (status == CTX_E_NOENT) {
        return (flags & CTX_FILES_CREATE) != 0 ? NAME_BYTES : 0;
    }
    bool cuts = status == CTX_OK && node.kind == FDB_FILE &&
                (flags & (CTX_FILES_TRUNCATE | CTX_FILES_EXCLUSIVE)) == CTX_FILES_TRUNCATE;
    return cuts ? -(int64_t)node.bytes : 0;
}

static int64_t of_file(const struct op *op, const struct file *f)
{
    const struct asked *a = &op->asked;
    struct fdb_node node;
    if (fdb_node(storage.db, f->id, &node) != CTX_OK) {
        return 0;
    }
    if (a->what == OP_RESIZE) {
        return a->at <= FDB_FILE_MOST ? (int64_t)a->at - (int64_t)node.bytes : 0;
    }
    uint64_t at = a->at == UINT64_MAX ? node.bytes : a->at;
    bool longer = a->len > 0 && at <= FDB_FILE_MOST && at + a->len > node.bytes;
    return longer ? (int64_t)(at + a->len - node.bytes) : 0;
}

/* What is open stays until it is closed: quota_drops(). */
static int64_t of_remove(const struct purse *p, const char *path)
{
    struct fdb_node node;
    return p != NULL && !is_top(p, path) && fdb_look(storage.db, path, &node) == CTX_OK &&
                   !clients_have_open(node.id)
               ? -((int64_t)node.bytes + NAME_BYTES)
               : 0;
}

static ctx_status of_rename(const struct op *op, struct purse *from, struct charge *charge)
{
    struct fdb_node node;
    uint64_t bytes = 0;
    if (fdb_look(storage.db, op->path, &node) != CTX_OK || strcmp(op->path, op->to) == 0) {
        return CTX_OK;
    }
    bool comes = charge->purse != from || is_top(from, op->path);
    if (from != NULL && comes) { /* with all that is in it, and what of that is open */
        from->loose = true;
    }
    if (charge->purse == NULL) {
        return CTX_OK;
    }
    ctx_status status = comes ? fdb_used(storage.db, node.id, NAME_BYTES, &bytes) : CTX_OK;
    charge->bytes = comes ? (int64_t)(bytes + node.bytes + NAME_BYTES) : 0;
    charge->bytes += of_remove(charge->purse, op->to);
    charge->purse->loose |= is_top(charge->purse, op->to);
    return status;
}

/* Whose purse, and how much. */
static ctx_status reckon(const struct op *op, const struct file *f, struct charge *charge)
{
    const struct asked *a = &op->asked;
    switch (a->what) {
    case OP_OPEN:
        charge->purse = quota_purse(op->path);
        charge->bytes = charge->purse != NULL ? of_open(op) : 0;
        return CTX_OK;
    case OP_MAKE_FOLDER:
        charge->purse = quota_purse(op->path);
        charge->bytes =
            !is_top(charge->purse, op->path) && bytes_of(op->path, 1) == 0 ? NAME_BYTES : 0;
        return CTX_OK;
    case OP_REPLACE:
        charge->purse = quota_purse(op->path);
        charge->bytes = (int64_t)a->len + NAME_BYTES - bytes_of(op->path, NAME_BYTES);
        return CTX_OK;
    case OP_REMOVE:
        charge->purse = quota_purse(op->path);
        charge->bytes = of_remove(charge->purse, op->path);
        return CTX_OK;
    case OP_RENAME:
        charge->purse = quota_purse(op->to);
        return of_rename(op, quota_purse(op->path), charge);
    case OP_RESIZE:
    case OP_WRITE:
        charge->purse = f->purse;
        charge->bytes = f->purse != NULL ? of_file(op, f) : 0;
        return CTX_OK;
    default:
        return CTX_OK;
    }
}

/* ---- what is allowed ---- */

static ctx_status refuse(struct client *c, const struct purse *p, uint64_t quota)
{
    if (c->told_ns == 0 || now_ns() - c->told_ns > TELL_NS) {
        c->told_ns = now_ns();
        say(CTX_LOG_WARN, "%s#%llu: no space: %s %llu bytes of its quota of %llu", c->name,
            (unsigned long long)c->pid, p->keys ? "its keys have" : "its folder has",
            (unsigned long long)p->used, (unsigned long long)quota);
    }
    return CTX_E_NOSPC;
}

static bool exceeds(const struct purse *p, uint64_t quota, uint64_t bytes)
{
    return bytes > quota || p->used > quota - bytes;
}

static ctx_status allow_keys(struct client *c, struct charge *charge)
{
    charge->purse = c->keys;
    charge->room.most = UINT64_MAX;
    if (c->keys_quota == UINT64_MAX) {
        return CTX_OK;
    }
    if (c->keys == NULL) {
        return CTX_E_NOMEM;
    }
    ctx_status status = is_known(c->keys) ? CTX_OK : look(c->keys);
    uint64_t used = c->keys->used;
    charge->room.most = used < c->keys_quota ? c->keys_quota - used : 0;
    return status;
}

ctx_status quota_allows(struct client *c, const struct op *op, const struct file *f,
                        struct charge *charge)
{
    *charge = (struct charge){.purse = NULL};
    if (c == NULL) {
        return CTX_OK;
    }
    enum what what = op->asked.what;
    if (what == OP_KV_PUT || what == OP_KV_REMOVE || what == OP_KV_BATCH) {
        return allow_keys(c, charge);
    }
    ctx_status status = reckon(op, f, charge);
    struct purse *p = charge->purse;
    if (status != CTX_OK || p == NULL || charge->bytes <= 0 || c->quota == UINT64_MAX ||
        strcmp(p->place, c->trees[0].place) != 0) {
        return status;
    }
    uint64_t bytes = (uint64_t)charge->bytes;
    status = is_known(p) ? CTX_OK : look(p);
    if (status == CTX_OK && p->loose && exceeds(p, c->quota, bytes)) {
        status = look(p);
    }
    if (status == CTX_OK && exceeds(p, c->quota, bytes)) {
        return refuse(c, p, c->quota);
    }
    return status;
}

void quota_done(struct client *c, struct charge *charge, ctx_status status)
{
    struct purse *p = charge->purse;
    if (p == NULL) {
        return;
    }
    if (p->keys) {
        charge->bytes = charge->room.grew;
        if (status == CTX_E_NOSPC && charge->room.most != UINT64_MAX) {
            (void)refuse(c, p, c->keys_quota);
        }
    }
    if (status != CTX_OK || charge->bytes == 0) {
        return;
    }
    if (charge->bytes < 0 && p->used < (uint64_t)-charge->bytes) {
        p->known = false; /* it was not followed after all */
        return;
    }
    p->used += (uint64_t)charge->bytes;
}

void quota_drops(struct purse *p, int64_t id)
{
    struct fdb_node node;
    if (p == NULL || fdb_node(storage.db, id, &node) != CTX_OK) {
        return;
    }
    uint64_t bytes = node.bytes + NAME_BYTES;
    p->known &= p->used >= bytes;
    p->used -= p->used >= bytes ? bytes : 0;
}

ctx_status quota_space(struct client *c, const char *path, struct fdb_space *space)
{
    struct purse *p = c->quota != UINT64_MAX ? quota_purse(path) : NULL;
    if (p == NULL || strcmp(p->place, c->trees[0].place) != 0) {
        return CTX_OK;
    }
    ctx_status status = is_known(p) && !p->loose ? CTX_OK : look(p);
    uint64_t left = p->used < c->quota ? c->quota - p->used : 0;
    space->bytes = c->quota;
    space->free = left < space->free ? left : space->free;
    return status;
}
