/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PIECE 40000u

static uint64_t mix(uint64_t hash, const void *bytes, uint64_t len)
{
    const uint8_t *p = bytes;
    for (uint64_t i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 0x100000001b3u;
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t print_of(const char *path, uint32_t kind, const void *bytes, uint64_t len)
{
    uint64_t hash = mix(0xcbf29ce484222325u, path, strlen(path) + 1);
    hash = mix(hash, &kind, sizeof kind);
    hash = mix(hash, &len, sizeof len);
    return mix(hash, bytes, len);
}

static void changed(struct model *m, struct model_node *n)
{
    m->print -= n->print;
    n->print = print_of(n->path, n->kind, n->bytes, n->len);
    m->print += n->print;
}

void model_clear(struct model *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        free(m->nodes[i].bytes);
    }
    *m = (struct model){0};
}

static struct model_node *find(struct model *m, const char *path)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (strcmp(m->nodes[i].path, path) == 0) {
            return &m->nodes[i];
        }
    }
    return NULL;
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

static struct model_node *add(struct model *m, const char *path, enum fdb_kind kind)
{
    struct model_node *n = &m->nodes[m->count++];
    assert_true(m->count <= MODEL_NODES);
    *n = (struct model_node){.kind = kind};
    snprintf(n->path, sizeof n->path, "%s", path);
    changed(m, n);
    return n;
}

static void take_out(struct model *m, struct model_node *n)
{
    m->print -= n->print;
    free(n->bytes);
    *n = m->nodes[--m->count];
}

static void set_len(struct model_node *n, uint64_t len)
{
    if (len > n->room) {
        n->bytes = realloc(n->bytes, len);
        n->room = len;
    }
    if (len > n->len) {
        memset(n->bytes + n->len, 0, len - n->len);
    }
    n->len = len;
}

/* OK, and the folder is there; NOENT; INVAL: it is a file. */
static ctx_status folder_of(struct model *m, const char *path)
{
    char folder[FDB_PATH_MOST + 1];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *at = folder + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
        *at = 0;
        struct model_node *n = find(m, folder);
        if (n == NULL || n->kind != FDB_FOLDER) {
            return n == NULL ? CTX_E_NOENT : CTX_E_INVAL;
        }
    }
    return CTX_OK;
}

static ctx_status look(struct model *m, const char *path, struct model_node **out)
{
    ctx_status status = folder_of(m, path);
    *out = status == CTX_OK ? find(m, path) : NULL;
    return status != CTX_OK ? status : *out == NULL ? CTX_E_NOENT : CTX_OK;
}

static bool has_some(struct model *m, const char *folder)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (is_below(m->nodes[i].path, folder)) {
            return true;
        }
    }
    return false;
}

/* ---- what the engine has ---- */

static void load_folder(struct model *m, struct fdb *db, int64_t folder, const char *path)
{
    struct fdb_node n = {.name_len = 0};
    ctx_status status;
    while ((status = fdb_list(db, folder, n.name, n.name_len, &n)) == CTX_OK) {
        char below[FDB_PATH_MOST + 1];
        uint32_t count = 0;
        assert_true(snprintf(below, sizeof below, "%s/%s", path, n.name) < (int)sizeof below);
        struct model_node *to = add(m, below, n.kind);
        if (n.kind == FDB_FOLDER) {
            load_folder(m, db, n.id, below);
            continue;
        }
        set_len(to, n.bytes);
        assert_int_equal(fdb_read(db, n.id, 0, to->bytes, (uint32_t)n.bytes, &count), CTX_OK);
        assert_int_equal(count, n.bytes);
        changed(m, to);
    }
    assert_int_equal(status, CTX_E_NOENT);
}

void model_load(struct model *m, struct fdb *db)
{
    model_clear(m);
    load_folder(m, db, FDB_ROOT, "");
    model_committed(m);
}

uint64_t model_print(struct fdb *db)
{
    static struct model there;
    model_load(&there, db);
    uint64_t print = there.print;
    model_clear(&there);
    return print;
}

void model_committed(struct model *m)
{
    m->past[0] = m->print;
    m->moments = 1;
}

bool model_was(const struct model *m, uint64_t print)
{
    for (uint32_t i = 0; i < m->moments; i++) {
        if (m->past[i] == print) {
            return true;
        }
    }
    return false;
}

void model_compare(struct model *m, struct fdb *db)
{
    assert_int_equal(model_print(db), m->print);
}

/* ---- operations ---- */

static void some_path(struct model *m, struct random *r, char out[FDB_PATH_MOST + 1])
{
    static const char *const names[] = {
        "a", "b", "notes.txt", "x", "a long name with spaces", "\xc3\xa4", "0", "z"};
    if (m->count > 0 && random_below(r, 3) != 0) { /* one that is there */
        snprintf(out, FDB_PATH_MOST + 1, "%s", m->nodes[random_below(r, m->count)].path);
        if (random_below(r, 3) != 0) {
            return;
        }
    } else {
        out[0] = 0;
    }
    size_t len = strlen(out);
    if (len > 200) {
        out[len = 0] = 0;
    }
    snprintf(out + len, FDB_PATH_MOST + 1 - len, "/%s",
             names[random_below(r, sizeof names / sizeof names[0])]);
}

static void some_bytes(struct random *r, uint8_t *bytes, uint32_t len)
{
    uint64_t word = random_next(r);
    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(word >> (i % 8 * 8)) ^ (uint8_t)(i / 251);
    }
}

static uint32_t some_length(struct random *r)
{
    switch (random_below(r, 4)) {
    case 0:
        return (uint32_t)random_below(r, 20);
    case 1:
        return FDB_CHUNK;
    case 2:
        return (uint32_t)random_below(r, 5000);
    default:
        return (uint32_t)random_below(r, PIECE);
    }
}

static ctx_status make(struct model *m, struct fdb *db, const char *path, enum fdb_kind kind)
{
    int64_t id;
    struct model_node *there;
    ctx_status wanted = look(m, path, &there), status;
    if (m->count + 1 >= MODEL_NODES && wanted == CTX_E_NOENT) {
        return CTX_OK;
    }
    wanted = wanted == CTX_OK ? CTX_E_EXIST : wanted == CTX_E_NOENT ? folder_of(m, path) : wanted;
    status = fdb_make(db, path, kind, &id);
    if (status == CTX_OK && wanted == CTX_OK) {
        add(m, path, kind);
        return CTX_OK;
    }
    if (status != CTX_E_IO && status != CTX_E_NOSPC) {
        assert_int_equal(status, wanted);
    }
    return status;
}

static ctx_status change(struct model *m, struct fdb *db, struct random *r, const char *path)
{
    static uint8_t bytes[PIECE];
    struct model_node *there;
    struct fdb_node node;
    ctx_status wanted = look(m, path, &there), status = fdb_look(db, path, &node);
    if (status == CTX_E_IO) {
        return status;
    }
    assert_int_equal(status, wanted);
    if (status != CTX_OK || there->kind != FDB_FILE) {
        return status;
    }
    uint64_t at = random_below(r, 2) == 0 ? there->len : random_below(r, there->len + 50000);
    uint32_t len = some_length(r);
    at = at + len > MODEL_BYTES ? 0 : at;
    some_bytes(r, bytes, len);
    switch (random_below(r, 4)) {
    case 0: {
        uint64_t size = random_below(r, 3) == 0 ? at : random_below(r, there->len + 1);
        status = fdb_resize(db, node.id, size);
        if (status == CTX_OK) {
            set_len(there, size);
        }
        break;
    }
    case 1: { /* all of it at once */
        int64_t hidden;
        status = fdb_make_hidden(db, &hidden);
        status = status == CTX_OK ? fdb_write(db, hidden, 0, bytes, len) : status;
        status = status == CTX_OK ? fdb_swap(db, hidden, node.id) : status;
        if (status == CTX_OK) {
            set_len(there, len);
            if (len > 0) {
                memcpy(there->bytes, bytes, len);
            }
        }
        break;
    }
    default:
        status = fdb_write(db, node.id, at, bytes, len);
        if (status == CTX_OK && len > 0) {
            set_len(there, at + len > there->len ? at + len : there->len);
            memcpy(there->bytes + at, bytes, len);
        }
    }
    changed(m, there);
    return status;
}

static ctx_status remove_one(struct model *m, struct fdb *db, struct random *r, const char *path)
{
    struct model_node *there;
    ctx_status wanted = look(m, path, &there), status;
    enum fdb_kind kind = random_below(r, 3) == 0 ? FDB_FOLDER : FDB_FILE;
    if (wanted == CTX_OK) {
        wanted = there->kind != kind ? CTX_E_INVAL : has_some(m, path) ? CTX_E_EXIST : CTX_OK;
    }
    status = fdb_remove(db, path, kind, false);
    if (status == CTX_OK && wanted == CTX_OK) {
        take_out(m, there);
    } else if (status != CTX_E_IO) {
        assert_int_equal(status, wanted);
    }
    return status;
}

static ctx_status move(struct model *m, struct fdb *db, const char *from, const char *to)
{
    struct model_node *source, *target;
    int64_t replaced;
    ctx_status wanted = look(m, from, &source), status;
    ctx_status there = look(m, to, &target);
    bool itself = strcmp(from, to) == 0;
    if (wanted == CTX_OK) {
        wanted = there == CTX_E_NOENT ? folder_of(m, to) : there;
    }
    if (wanted == CTX_OK && target != NULL && !itself) {
        wanted = target->kind != source->kind ? CTX_E_INVAL
                 : has_some(m, to)            ? CTX_E_EXIST
                                              : CTX_OK;
    }
    if (wanted == CTX_OK && source->kind == FDB_FOLDER && is_below(to, from)) {
        wanted = CTX_E_INVAL;
    }
    status = fdb_rename(db, from, to, NULL, NULL, &replaced);
    if (status != CTX_OK || wanted != CTX_OK) {
        if (status != CTX_E_IO && status != CTX_E_NOSPC) {
            assert_int_equal(status, wanted);
        }
        return status;
    }
    if (itself) {
        return CTX_OK;
    }
    if (target != NULL) {
        take_out(m, target);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        struct model_node *n = &m->nodes[i];
        char path[2 * FDB_PATH_MOST];
        if (strcmp(n->path, from) == 0 || is_below(n->path, from)) {
            int len = snprintf(path, sizeof path, "%s%s", to, n->path + strlen(from));
            assert_true(len > 0 && (size_t)len < sizeof n->path);
            memcpy(n->path, path, (size_t)len + 1);
            changed(m, n);
        }
    }
    return CTX_OK;
}

ctx_status model_step(struct model *m, struct fdb *db, struct random *r)
{
    char path[FDB_PATH_MOST + 1], other[FDB_PATH_MOST + 1];
    ctx_status status;
    some_path(m, r, path);
    switch (random_below(r, 12)) {
    case 0:
    case 1:
        status = make(m, db, path, FDB_FOLDER);
        break;
    case 2:
    case 3:
    case 4:
        status = make(m, db, path, FDB_FILE);
        break;
    case 5:
        status = remove_one(m, db, r, path);
        break;
    case 6:
        some_path(m, r, other);
        status = strlen(path) + strlen(other) < 300 ? move(m, db, path, other) : CTX_OK;
        break;
    default:
        status = change(m, db, r, path);
    }
    if (m->moments < MODEL_PAST) {
        m->past[m->moments++] = m->print;
    }
    return status;
}
