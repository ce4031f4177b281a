/* SPDX-License-Identifier: MIT */
/* Who uses files: what each of them may see, and has open. */
#include "storage.h"

#include <files_provider.h>

#include <ctx/tables.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_PATH   "/data"
#define OWN_PLACE  "/private/"
#define WHOLE_PATH "/disk"

static void add_tree(struct client *c, const char *path, const char *place, uint32_t rights)
{
    if (c->trees_count == TREES_MOST || strlen(path) >= sizeof c->trees[0].path) {
        say(CTX_LOG_WARN, "%s: the tree %s is left out: too many, or too long", c->name, path);
        return;
    }
    struct tree *t = &c->trees[c->trees_count++];
    snprintf(t->path, sizeof t->path, "%s", path);
    snprintf(t->place, sizeof t->place, "%s", place);
    t->rights = rights;
}

/* One PATH, PATH:ro or PATH:rw of what the line says in parentheses. */
static void add_granted(struct client *c, char *word)
{
    char path[FDB_PATH_MOST + 1];
    ctx_status status;
    size_t len = strlen(word);
    uint32_t rights = CTX_FILES_READ | CTX_FILES_WRITE;
    if (len > 3 && (strcmp(word + len - 3, ":ro") == 0 || strcmp(word + len - 3, ":rw") == 0)) {
        rights = word[len - 1] == 'o' ? CTX_FILES_READ : rights;
        word[len -= 3] = 0;
    }
    if (fdb_path(word, (uint32_t)len, path, &status) == 0) {
        say(CTX_LOG_WARN, "%s: use=ctx.files/1(%s): a path begins with /", c->name, word);
        return;
    }
    bool whole = strcmp(path, "/") == 0;
    add_tree(c, whole ? WHOLE_PATH : path, whole ? "" : path, rights);
}

/* What has another meaning in a path is left out. */
void client_folder(const char *top, const char *name, char out[FDB_PATH_MOST + 1])
{
    size_t at = (size_t)snprintf(out, FDB_PATH_MOST, "%s", top);
    for (const char *p = name; *p != 0 && at < FDB_PATH_MOST / 2 - 1; p++) {
        out[at++] = *p == '/' || (*p == '.' && p == name) ? '_' : *p;
    }
    out[at] = 0;
}

bool client_size(const char *text, uint64_t *out)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    uint32_t shift = 0; /* small letters too: `ctx files create` takes them */
    switch (*end | 0x20) {
    case 'k':
        shift = 10;
        break;
    case 'm':
        shift = 20;
        break;
    case 'g':
        shift = 30;
        break;
    default:
        break;
    }
    bool good = *text >= '0' && *text <= '9' && shift != 0 && end[1] == 0 && n < 1u << 20;
    *out = good ? (uint64_t)n << shift : 0;
    return good;
}

/* What an app sees: a folder of its own, and what its line says. Inside a function of ctx.files/1:
 * in one of another table the system would tell what the line says of that. */
static void find_trees(struct client *c)
{
    static char text[GRANT_ROOM];
    char own[FDB_PATH_MOST + 1];
    uint32_t len = 0;
    c->has_trees = true;
    c->quota = UINT64_MAX;
    client_folder(OWN_PLACE, c->name, own);
    add_tree(c, OWN_PATH, own, CTX_FILES_READ | CTX_FILES_WRITE);
    ctx_status status = storage.service->grant(storage.service, text, sizeof text - 1, &len);
    if (status != CTX_OK) {
        return; /* its line says nothing */
    }
    text[len < sizeof text ? len : sizeof text - 1] = 0;
    if (len == 0) {
        char whole[] = "/";
        add_granted(c, whole);
    }
    for (char *word = strtok(text, " ,"); word != NULL; word = strtok(NULL, " ,")) {
        if (strncmp(word, "quota=", 6) != 0) {
            add_granted(c, word);
        } else if (!client_size(word + 6, &c->quota)) { /* then it is 0 */
            say(CTX_LOG_WARN, "%s: use=ctx.files/1(%s): a size is 64K, 16M, 2G", c->name, word);
        }
    }
}

struct client *client_find(uint64_t pid)
{
    struct client *c = storage.clients;
    while (c != NULL && c->pid != pid) {
        c = c->next;
    }
    return c;
}

/* Who had files open before this one's life began may ask with those handles: they are others, but
 * for chance. */
static uint32_t first_handle(void)
{
    uint32_t chance = 0;
    int64_t ns = 0;
    storage.ctx->time->wall(storage.ctx->time, &ns);
    block_random(NULL, &chance, sizeof chance);
    return (uint32_t)(ns / 1000) ^ chance;
}

struct client *client_of_caller(ctx_status *status)
{
    struct ctx_service_caller who = {.size = sizeof who};
    *status = storage.service != NULL ? storage.service->caller(storage.service, &who) : CTX_E_BUSY;
    if (*status != CTX_OK) {
        return NULL;
    }
    struct client *c = client_find(who.pid);
    if (c == NULL) {
        c = calloc(1, sizeof *c);
        if (c == NULL) {
            *status = CTX_E_NOMEM;
            return NULL;
        }
        c->pid = who.pid;
        memcpy(c->name, who.name, sizeof c->name - 1);
        c->op.client = c;
        c->last_handle = first_handle();
        c->lost = storage.db != NULL ? fdb_lost(storage.db) : 0;
        c->next = storage.clients;
        storage.clients = c;
    }
    return c;
}

struct client *client_of_files(ctx_status *status)
{
    struct client *c = client_of_caller(status);
    if (c != NULL && !c->has_trees) {
        find_trees(c);
    }
    return c;
}

struct file *client_file(struct client *c, uint32_t handle)
{
    for (uint32_t i = 0; handle != 0 && i < OPEN_MOST; i++) {
        if (c->files[i].handle == handle) {
            return &c->files[i];
        }
    }
    return NULL;
}

bool clients_have_open(int64_t id)
{
    for (struct client *c = storage.clients; c != NULL; c = c->next) {
        for (uint32_t i = 0; i < OPEN_MOST; i++) {
            if (c->files[i].handle != 0 && c->files[i].id == id) {
                return true;
            }
        }
    }
    return false;
}

void clients_removed(int64_t id)
{
    for (struct client *c = storage.clients; c != NULL; c = c->next) {
        for (uint32_t i = 0; i < OPEN_MOST; i++) {
            c->files[i].removed |= c->files[i].handle != 0 && c->files[i].id == id;
        }
    }
}

void clients_forget_files(void)
{
    for (struct client *c = storage.clients; c != NULL; c = c->next) {
        memset(c->files, 0, sizeof c->files);
        if (c->op.state == OP_DONE && c->op.asked.what == OP_OPEN && c->op.status == CTX_OK) {
            c->op.status = CTX_E_IO;
        }
    }
}

void client_close(struct file *f)
{
    bool removed = f->removed;
    int64_t id = f->id;
    struct purse *purse = f->purse;
    *f = (struct file){0};
    if (removed && !clients_have_open(id)) {
        op_drop_node(id, purse);
    }
}

/* All that was open: its handles are no good any more. */
static void close_all(struct client *c)
{
    for (uint32_t i = 0; i < OPEN_MOST; i++) {
        if (c->files[i].handle != 0) {
            client_close(&c->files[i]);
        }
    }
    watches_forget(c);
    c->waits = 0;
}

void client_gone(struct client *c)
{
    close_all(c);
    if (storage.together == c) {
        storage.together_ns = 0; /* the worker drops what it has done */
    }
    database_stop(c);
    c->left = true;
    storage.commit_soon = true; /* nobody is there to ask for it */
    clients_free_left();
}

/* The memory of those that have left, unless the worker needs it still. */
void clients_free_left(void)
{
    for (struct client **at = &storage.clients; *at != NULL;) {
        struct client *c = *at;
        if (!c->left || c->op.state == OP_RUNS || storage.together == c || !database_leave(c)) {
            at = &c->next;
            continue;
        }
        if (c->op.state == OP_QUEUED) {
            op_unqueue(&c->op);
        }
        free(c->op.bytes);
        *at = c->next;
        free(c);
    }
}

bool clients_any(void)
{
    for (const struct client *c = storage.clients; c != NULL; c = c->next) {
        if (!c->left) {
            return true;
        }
    }
    return false;
}

void clients_look(void)
{
    static struct ctx_service_user users[256];
    uint32_t count = 0;
    if (storage.service->callers(storage.service, storage.handle, users, sizeof users,
                                 sizeof users[0], &count) != CTX_OK ||
        count > sizeof users / sizeof users[0]) {
        return;
    }
    for (struct client *c = storage.clients, *next; c != NULL; c = next) {
        bool there = false;
        next = c->next;
        for (uint32_t i = 0; i < count; i++) {
            there |= users[i].pid == c->pid;
        }
        if (!there && !c->left) {
            client_gone(c);
            next = storage.clients; /* the list is another one */
        }
    }
}

void client_answer(struct client *c)
{
    if (c->waits != 0) {
        (void)storage.service->complete(storage.service, c->waits, (uint32_t)CTX_OK, NULL, 0);
        c->waits = 0;
    }
}

bool clients_kept(void)
{
    bool any = false;
    for (const struct client *c = storage.clients; c != NULL; c = c->next) {
        any |= c->kept_ns != 0 && c->waits != 0;
    }
    return any;
}

ctx_status client_place(struct client *c, const char *path, uint32_t len,
                        char out[FDB_PATH_MOST + 1], uint32_t *rights, uint32_t *tree)
{
    char whole[FDB_PATH_MOST + 1];
    ctx_status status;
    size_t longest = 0;
    const struct tree *best = NULL;
    uint32_t n = fdb_path(path, len, whole, &status);
    if (n == 0) {
        return status == CTX_E_TOOBIG ? status : CTX_E_NOENT;
    }
    for (uint32_t i = 0; i < c->trees_count; i++) {
        const struct tree *t = &c->trees[i];
        size_t part = strlen(t->path);
        if (strncmp(whole, t->path, part) == 0 && (whole[part] == '/' || whole[part] == 0) &&
            (best == NULL || part >= longest)) {
            best = t;
            longest = part;
        }
    }
    if (best == NULL) {
        return CTX_E_DENIED;
    }
    *rights = best->rights;
    *tree = (uint32_t)(best - c->trees);
    int made = snprintf(out, FDB_PATH_MOST + 1, "%s%s", best->place, whole + longest);
    if (made > (int)FDB_PATH_MOST) {
        return CTX_E_TOOBIG;
    }
    if (made == 0) {
        snprintf(out, FDB_PATH_MOST + 1, "/");
    }
    /* Under a database nobody may change its pages. */
    size_t top = sizeof FDB_SQL_FOLDER - 1;
    if (strncmp(out, FDB_SQL_FOLDER, top) == 0 && (out[top] == '/' || out[top] == 0)) {
        *rights &= ~(uint32_t)CTX_FILES_WRITE;
    }
    return CTX_OK;
}
