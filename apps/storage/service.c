/* SPDX-License-Identifier: MIT */
/*
 * ctx.files/1: what apps call. Each function says what it wants; ask_op() has it done, now or by
 * the time that it is called again.
 */
#include "storage.h"

#include <files_provider.h>

#include <ctx/tables.h>

#include <stdlib.h>
#include <string.h>

/* The same for a path: where it lies, and whether it may be changed. */
static ctx_status ask_path(struct client *c, struct asked *asked, const void *path, uint32_t len,
                           bool changes, const void *in)
{
    char place[FDB_PATH_MOST + 1];
    uint32_t rights, tree;
    ctx_status status = client_place(c, path, len, place, &rights, &tree);
    if (status == CTX_OK && changes && (rights & CTX_FILES_WRITE) == 0) {
        status = CTX_E_RDONLY;
    }
    asked->path_len = len;
    return status == CTX_OK ? ask_op(c, asked, place, "", in) : status;
}

static uint32_t rights_of(uint32_t tree_rights)
{
    return storage.db != NULL && fdb_read_only(storage.db)
               ? tree_rights & ~(uint32_t)CTX_FILES_WRITE
               : tree_rights;
}

static void fill(struct files_about *out, const struct fdb_node *n, uint32_t rights)
{
    out->kind = n->kind == FDB_FOLDER ? CTX_FILES_FOLDER : CTX_FILES_FILE;
    out->bytes = n->bytes;
    out->modified_ns = n->modified_ns;
    out->id = (uint64_t)n->id;
    out->rights = rights;
    out->rsv = 0;
}

ctx_status files_root(struct ctx *ctx, uint32_t index, void *path, uint32_t len, uint32_t *full_len,
                      uint32_t *rights)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    if (c == NULL || index >= c->trees_count) {
        return c == NULL ? status : CTX_E_NOENT;
    }
    const struct tree *t = &c->trees[index];
    *full_len = (uint32_t)strlen(t->path);
    *rights = rights_of(t->rights);
    memcpy(path, t->path, *full_len < len ? *full_len : len);
    return CTX_OK;
}

ctx_status files_open_file(struct ctx *ctx, const void *path, uint32_t len, uint32_t flags,
                           uint32_t *handle)
{
    const uint32_t known = CTX_FILES_READ | CTX_FILES_WRITE | CTX_FILES_CREATE |
                           CTX_FILES_EXCLUSIVE | CTX_FILES_TRUNCATE | CTX_FILES_ONLY_FOLDER |
                           CTX_FILES_PRIVATE;
    const uint32_t writes = CTX_FILES_CREATE | CTX_FILES_TRUNCATE | CTX_FILES_EXCLUSIVE;
    struct asked asked = {.what = OP_OPEN, .flags = flags};
    char place[FDB_PATH_MOST + 1];
    uint32_t rights = 0, tree = 0, at = 0;
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    if (c == NULL) {
        return status;
    }
    if ((flags & ~known) != 0 || (flags & (CTX_FILES_READ | CTX_FILES_WRITE)) == 0 ||
        ((flags & writes) != 0 && (flags & CTX_FILES_WRITE) == 0)) {
        return CTX_E_INVAL;
    }
    while (at < OPEN_MOST && c->files[at].handle != 0) {
        at++;
    }
    status = at < OPEN_MOST ? client_place(c, path, len, place, &rights, &tree) : CTX_E_NOSPC;
    if (status == CTX_OK && (flags & CTX_FILES_WRITE) != 0 && (rights & CTX_FILES_WRITE) == 0) {
        status = CTX_E_RDONLY;
    }
    status = status == CTX_OK ? ask_op(c, &asked, place, "", NULL) : status;
    if (status != CTX_OK) {
        return status;
    }
    c->last_handle += c->last_handle == UINT32_MAX ? 2u : 1u;
    c->files[at] = (struct file){
        .handle = c->last_handle,
        .id = c->op.node.id,
        .kind = c->op.node.kind,
        .rights = flags & (CTX_FILES_READ | CTX_FILES_WRITE),
        .tree_rights = rights,
        .purse = quota_purse(place),
    };
    *handle = c->files[at].handle;
    return CTX_OK;
}

/* Of an open file. NULL: *status says why. */
static struct file *open_file(struct client **c, uint32_t handle, ctx_status *status)
{
    *c = client_of_files(status);
    struct file *f = *c != NULL ? client_file(*c, handle) : NULL;
    if (*c != NULL && f == NULL) {
        *status = CTX_E_STALE;
    }
    return f;
}

ctx_status files_close(struct ctx *ctx, uint32_t file)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, file, &status);
    if (f == NULL) {
        return status;
    }
    client_close(f);
    return CTX_OK;
}

ctx_status files_read(struct ctx *ctx, uint32_t file, uint64_t at, void *bytes, uint32_t len,
                      uint32_t *count)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, file, &status);
    if (f == NULL) {
        return status;
    }
    if (f->kind != FDB_FILE || (f->rights & CTX_FILES_READ) == 0) {
        return f->kind != FDB_FILE ? CTX_E_INVAL : CTX_E_DENIED;
    }
    struct asked asked = {
        .what = OP_READ, .file = file, .at = at, .len = len < BYTES_MOST ? len : BYTES_MOST};
    status = ask_op(c, &asked, "", "", NULL);
    if (status == CTX_OK) {
        memcpy(bytes, c->op.bytes, c->op.count);
        *count = c->op.count;
    }
    return status;
}

ctx_status files_write(struct ctx *ctx, uint32_t file, uint64_t at, const void *bytes, uint32_t len,
                       uint32_t *count)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, file, &status);
    if (f == NULL) {
        return status;
    }
    if (f->kind != FDB_FILE || (f->rights & CTX_FILES_WRITE) == 0) {
        return f->kind != FDB_FILE ? CTX_E_INVAL : CTX_E_DENIED;
    }
    struct asked asked = {
        .what = OP_WRITE, .file = file, .at = at, .len = len < BYTES_MOST ? len : BYTES_MOST};
    status = ask_op(c, &asked, "", "", bytes);
    if (status == CTX_OK) {
        *count = c->op.count;
    }
    return status == CTX_E_RANGE ? CTX_E_NOSPC : status;
}

ctx_status files_info(struct ctx *ctx, uint32_t file, struct files_about *out)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, file, &status);
    if (f == NULL) {
        return status;
    }
    struct asked asked = {.what = OP_INFO, .file = file};
    status = ask_op(c, &asked, "", "", NULL);
    if (status == CTX_OK) {
        fill(out, &c->op.node, rights_of(f->tree_rights));
    }
    return status;
}

ctx_status files_look(struct ctx *ctx, const void *path, uint32_t len, struct files_about *out)
{
    ctx_status status;
    char place[FDB_PATH_MOST + 1];
    uint32_t rights, tree;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_LOOK};
    status = c != NULL ? client_place(c, path, len, place, &rights, &tree) : status;
    status = status == CTX_OK ? ask_op(c, &asked, place, "", NULL) : status;
    if (status == CTX_OK) {
        fill(out, &c->op.node, rights_of(rights));
    }
    return status;
}

ctx_status files_list(struct ctx *ctx, uint32_t folder, uint64_t cursor, struct files_entry *out)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, folder, &status);
    if (f == NULL) {
        return status;
    }
    if (f->kind != FDB_FOLDER) {
        return CTX_E_INVAL;
    }
    struct asked asked = {.what = OP_LIST, .file = folder, .at = cursor};
    status = ask_op(c, &asked, "", "", NULL);
    if (status == CTX_OK) {
        const struct fdb_node *n = &c->op.node;
        out->kind = n->kind == FDB_FOLDER ? CTX_FILES_FOLDER : CTX_FILES_FILE;
        out->id = out->next = (uint64_t)n->id;
        out->len = n->name_len;
        out->rsv = 0;
        memcpy(out->name, n->name, n->name_len);
    }
    return status;
}

ctx_status files_resize(struct ctx *ctx, uint32_t file, uint64_t bytes)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, file, &status);
    if (f == NULL) {
        return status;
    }
    if (f->kind != FDB_FILE || (f->rights & CTX_FILES_WRITE) == 0) {
        return f->kind != FDB_FILE ? CTX_E_INVAL : CTX_E_DENIED;
    }
    struct asked asked = {.what = OP_RESIZE, .file = file, .at = bytes};
    status = ask_op(c, &asked, "", "", NULL);
    return status == CTX_E_RANGE ? CTX_E_NOSPC : status;
}

ctx_status files_make_folder(struct ctx *ctx, const void *path, uint32_t len, uint32_t flags)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_MAKE_FOLDER, .flags = flags};
    if (c != NULL && (flags & ~(uint32_t)CTX_FILES_PRIVATE) != 0) {
        return CTX_E_INVAL;
    }
    return c != NULL ? ask_path(c, &asked, path, len, true, NULL) : status;
}

ctx_status files_remove(struct ctx *ctx, const void *path, uint32_t len, uint32_t folder)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_REMOVE, .flags = folder};
    if (c != NULL && folder > 1) {
        return CTX_E_INVAL;
    }
    return c != NULL ? ask_path(c, &asked, path, len, true, NULL) : status;
}

ctx_status files_rename(struct ctx *ctx, const void *from, uint32_t from_len, const void *to,
                        uint32_t to_len)
{
    char old[FDB_PATH_MOST + 1], new[FDB_PATH_MOST + 1];
    uint32_t old_rights = 0, new_rights = 0, old_tree = 0, new_tree = 0;
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_RENAME, .path_len = from_len, .to_len = to_len};
    status = c != NULL ? client_place(c, from, from_len, old, &old_rights, &old_tree) : status;
    status = status == CTX_OK ? client_place(c, to, to_len, new, &new_rights, &new_tree) : status;
    if (status == CTX_OK && old_tree != new_tree) {
        status = CTX_E_INVAL;
    }
    if (status == CTX_OK && (old_rights & new_rights & CTX_FILES_WRITE) == 0) {
        status = CTX_E_RDONLY;
    }
    return status == CTX_OK ? ask_op(c, &asked, old, new, NULL) : status;
}

ctx_status files_date(struct ctx *ctx, const void *path, uint32_t len, int64_t modified_ns)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_DATE, .at = (uint64_t)modified_ns};
    return c != NULL ? ask_path(c, &asked, path, len, true, NULL) : status;
}

ctx_status files_sync(struct ctx *ctx, uint32_t file)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct file *f = open_file(&c, file, &status);
    struct asked asked = {.what = OP_SYNC, .file = file};
    return f != NULL ? ask_op(c, &asked, "", "", NULL) : status;
}

ctx_status files_wait(struct ctx *ctx, uint64_t request)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_caller(&status); /* other tables wait by this, too */
    if (c == NULL) {
        return status;
    }
    if (c->op.state != OP_QUEUED && c->op.state != OP_RUNS && c->kept_ns == 0) {
        return CTX_OK;
    }
    client_answer(c); /* an older one */
    c->waits = request;
    storage_wake();
    return CTX_PENDING;
}

ctx_status files_replace(struct ctx *ctx, const void *path, uint32_t len, const void *bytes,
                         uint32_t count, uint32_t flags)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_REPLACE, .flags = flags, .len = count};
    if (c != NULL && ((flags & ~(uint32_t)CTX_FILES_PRIVATE) != 0 || count > BYTES_MOST)) {
        return count > BYTES_MOST ? CTX_E_TOOBIG : CTX_E_INVAL;
    }
    return c != NULL ? ask_path(c, &asked, path, len, true, bytes) : status;
}

ctx_status files_space(struct ctx *ctx, const void *path, uint32_t len, struct files_room *out)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_SPACE};
    status = c != NULL ? ask_path(c, &asked, path, len, false, NULL) : status;
    if (status == CTX_OK) {
        out->flags = (storage.on_disk ? 0u : CTX_FILES_IN_MEMORY) |
                     (rights_of(CTX_FILES_WRITE) == 0 ? CTX_FILES_READ_ONLY : 0u);
        out->bytes = c->op.space.bytes;
        out->free = c->op.space.free;
        out->files = c->op.space.files + c->op.space.folders;
    }
    return status;
}

ctx_status files_watch(struct ctx *ctx, const void *path, uint32_t len, uint64_t request)
{
    char place[FDB_PATH_MOST + 1];
    uint32_t rights, tree, at = 0, own = 0;
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    status = c != NULL ? client_place(c, path, len, place, &rights, &tree) : status;
    if (status != CTX_OK) {
        return status;
    }
    for (uint32_t i = 0; i < WATCHES_MOST; i++) {
        own += storage.watches[i].request != 0 && storage.watches[i].client == c;
    }
    while (at < WATCHES_MOST && storage.watches[at].request != 0) {
        at++;
    }
    if (at == WATCHES_MOST || own >= WATCHES_OF_ONE) {
        return CTX_E_NOSPC;
    }
    storage.watches[at].request = request;
    storage.watches[at].client = c;
    strcpy(storage.watches[at].path, place);
    return CTX_PENDING;
}

ctx_status files_together(struct ctx *ctx, uint32_t what)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_files(&status);
    struct asked asked = {.what = OP_TOGETHER, .flags = what};
    if (c != NULL && (what < CTX_FILES_TOGETHER || what > CTX_FILES_DROP)) {
        return CTX_E_INVAL;
    }
    return c != NULL ? ask_op(c, &asked, "", "", NULL) : status;
}
