/* SPDX-License-Identifier: MIT */
/*
 * ctx.files/1, where the machine lends an app files: handles, arguments, and undo. What changes a
 * file can not be taken back, so such a call is not undone. A handle that came in an undone call
 * goes again, and one that was closed in it is there again: closing waits for the call's end.
 */
#include "files.h"

#include "app_v3.h"
#include "gate.h"
#include "heap.h"
#include "resource.h"
#include "service_private.h"
#include "watch.h"

#include <kernel/files.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/tables.h>

#define OPEN_MAX    64u
#define CHUNK       0x1000u
#define REPLACE_MAX 0x10000u
#define FLAGS       127u /* that open knows */

struct open_file {
    uint32_t handle; /* 0: free */
    uint64_t node;
    bool fresh;  /* opened in the call that may be undone */
    bool closed; /* likewise: closed */
};

struct files_user {
    uint32_t last; /* handle: none is given out twice */
    struct request *wait;
    struct open_file open[OPEN_MAX];
};

extern const struct app_resource files_resource;

/* [boot, loop] write, [in a call] reads. */
static struct {
    const struct files *machine;
    uint64_t pid; /* whose they are, */
    bool given;   /* if they were given to one */
} state;

static struct files_user *known(const struct app *app)
{
    return *resource_part((struct app *)app, &files_resource);
}

static struct files_user *user_of(struct app *app)
{
    void **mine = resource_part(app, &files_resource);
    if (*mine == NULL) {
        struct files_user *u = heap_alloc(sizeof *u);
        if (u != NULL) {
            u->last = v3_handles_begin(app);
        }
        *mine = u;
    }
    return *mine;
}

void files_offer(const struct files *files)
{
    state.machine = files;
    state.given = false;
}

void files_give(const struct app *app)
{
    if (!service_anybody_may_offer(CTX_ID_FILES)) {
        state.pid = app->pid;
        state.given = true;
    }
}

bool files_is_native(const struct app *app)
{
    return state.machine != NULL && state.given && app->pid == state.pid;
}

/* ---- arguments ---- */

static struct open_file *find(const struct app *app, uint64_t handle)
{
    struct files_user *u = known(app);
    for (uint32_t i = 0; u != NULL && (uint32_t)handle != 0 && i < OPEN_MAX; i++) {
        if (u->open[i].handle == (uint32_t)handle && !u->open[i].closed) {
            return &u->open[i];
        }
    }
    return NULL;
}

/* A path of the app's, terminated. */
static ctx_status get_path(uint64_t address, uint64_t len, char path[FILES_PATH + 1])
{
    uint32_t bytes = (uint32_t)len;
    if (bytes > FILES_PATH) {
        return CTX_E_TOOBIG;
    }
    if (bytes == 0 || machine_copy_in(path, address, bytes) != CTX_OK) {
        return bytes == 0 ? CTX_E_NOENT : CTX_E_INVAL;
    }
    path[bytes] = 0;
    return strlen(path) == bytes && path[0] == '/' ? CTX_OK : CTX_E_NOENT;
}

/* It changes something: that stays. */
static void changes(struct app *app)
{
    app_reaches_out(app, "it changed files");
}

/* ---- the table ---- */

static uint64_t files_root(struct app *app, const uint64_t args[6])
{
    uint32_t rights = 0;
    const char *path = state.machine->root((uint32_t)args[1], &rights);
    (void)app;
    if (path == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    uint32_t len = (uint32_t)strlen(path);
    ctx_status status = gate_put(args[2], path, MIN(len, (uint32_t)args[3]));
    if (status == CTX_OK) {
        status = gate_put(args[4], &len, sizeof len);
    }
    return (uint32_t)(status == CTX_OK ? gate_put(args[5], &rights, sizeof rights) : status);
}

static uint64_t files_open(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    uint32_t flags = (uint32_t)args[3], at = 0;
    const uint32_t writes = CTX_FILES_CREATE | CTX_FILES_TRUNCATE | CTX_FILES_EXCLUSIVE;
    struct files_user *u = user_of(app);
    ctx_status status = u != NULL ? get_path(args[1], args[2], path) : CTX_E_NOMEM;
    if (status == CTX_OK &&
        ((flags & ~FLAGS) != 0 || (flags & (CTX_FILES_READ | CTX_FILES_WRITE)) == 0 ||
         ((flags & writes) != 0 && (flags & CTX_FILES_WRITE) == 0))) {
        status = CTX_E_INVAL;
    }
    while (status == CTX_OK && at < OPEN_MAX && u->open[at].handle != 0) {
        at++;
    }
    if (status == CTX_OK && (at == OPEN_MAX || u->last == UINT32_MAX)) {
        status = CTX_E_NOSPC;
    }
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    if ((flags & (CTX_FILES_CREATE | CTX_FILES_TRUNCATE)) != 0) {
        changes(app);
    }
    struct open_file f = {.handle = u->last + 1, .fresh = true};
    status = state.machine->open(path, flags, &f.node);
    if (status == CTX_OK && gate_put(args[4], &f.handle, sizeof f.handle) != CTX_OK) {
        state.machine->close(f.node);
        status = CTX_E_INVAL;
    }
    if (status == CTX_OK) {
        u->last++;
        u->open[at] = f;
    }
    return (uint32_t)status;
}

static void drop(struct open_file *f)
{
    state.machine->close(f->node);
    *f = (struct open_file){.handle = 0};
}

static uint64_t files_close(struct app *app, const uint64_t args[6])
{
    struct open_file *f = find(app, args[1]);
    if (f == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    if (app_may_undo(app)) {
        f->closed = true;
    } else {
        drop(f);
    }
    return CTX_OK;
}

static uint64_t files_read(struct app *app, const uint64_t args[6])
{
    uint8_t chunk[CHUNK];
    const struct open_file *f = find(app, args[1]);
    uint32_t len = (uint32_t)args[4], total = 0, count = 1;
    ctx_status status = f != NULL ? CTX_OK : CTX_E_STALE;
    while (status == CTX_OK && total < len && count > 0) {
        status =
            state.machine->read(f->node, args[2] + total, chunk, MIN(len - total, CHUNK), &count);
        if (status == CTX_OK) {
            status = gate_put(args[3] + total, chunk, count);
            total += count;
        }
    }
    if (status != CTX_OK && (total == 0 || status == CTX_E_INVAL)) {
        return (uint32_t)status;
    }
    return (uint32_t)gate_put(args[5], &total, sizeof total);
}

static uint64_t files_write(struct app *app, const uint64_t args[6])
{
    uint8_t chunk[CHUNK];
    const struct open_file *f = find(app, args[1]);
    uint32_t len = (uint32_t)args[4], total = 0, count = 1;
    ctx_status status = f != NULL ? CTX_OK : CTX_E_STALE;
    if (status == CTX_OK) {
        changes(app);
    }
    while (status == CTX_OK && total < len && count > 0) {
        uint32_t part = MIN(len - total, CHUNK);
        uint64_t at = args[2] == UINT64_MAX ? UINT64_MAX : args[2] + total;
        if (machine_copy_in(chunk, args[3] + total, part) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
        status = state.machine->write(f->node, at, chunk, part, &count);
        total += status == CTX_OK ? count : 0;
    }
    if (status != CTX_OK && total == 0) {
        return (uint32_t)status;
    }
    return (uint32_t)gate_put(args[5], &total, sizeof total);
}

static uint64_t files_info(struct app *app, const uint64_t args[6])
{
    struct ctx_files_info out = {.size = sizeof out};
    const struct open_file *f = find(app, args[1]);
    ctx_status status = f != NULL ? state.machine->info(f->node, &out) : CTX_E_STALE;
    return (uint32_t)(status == CTX_OK ? gate_put_struct(args, 2, &out, sizeof out) : status);
}

static uint64_t files_look(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    struct ctx_files_info out = {.size = sizeof out};
    (void)app;
    ctx_status status = get_path(args[1], args[2], path);
    if (status == CTX_OK) {
        status = state.machine->look(path, &out);
    }
    return (uint32_t)(status == CTX_OK ? gate_put_struct(args, 3, &out, sizeof out) : status);
}

static uint64_t files_list(struct app *app, const uint64_t args[6])
{
    struct ctx_files_entry out = {.size = sizeof out};
    const struct open_file *f = find(app, args[1]);
    ctx_status status = f != NULL ? state.machine->list(f->node, args[2], &out) : CTX_E_STALE;
    return (uint32_t)(status == CTX_OK ? gate_put_struct(args, 3, &out, sizeof out) : status);
}

static uint64_t files_resize(struct app *app, const uint64_t args[6])
{
    const struct open_file *f = find(app, args[1]);
    if (f == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    changes(app);
    return (uint32_t)state.machine->resize(f->node, args[2]);
}

static uint64_t files_make_folder(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    uint32_t flags = (uint32_t)args[3];
    ctx_status status = (flags & ~(uint32_t)CTX_FILES_PRIVATE) == 0
                            ? get_path(args[1], args[2], path)
                            : CTX_E_INVAL;
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    changes(app);
    return (uint32_t)state.machine->make_folder(path, flags != 0);
}

static uint64_t files_remove(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    uint32_t folder = (uint32_t)args[3];
    ctx_status status = folder > 1 ? CTX_E_INVAL : get_path(args[1], args[2], path);
    changes(app);
    return (uint32_t)(status == CTX_OK ? state.machine->remove(path, folder != 0) : status);
}

static uint64_t files_rename(struct app *app, const uint64_t args[6])
{
    char from[FILES_PATH + 1], to[FILES_PATH + 1];
    ctx_status status = get_path(args[1], args[2], from);
    if (status == CTX_OK) {
        status = get_path(args[3], args[4], to);
    }
    changes(app);
    return (uint32_t)(status == CTX_OK ? state.machine->rename(from, to) : status);
}

static uint64_t files_date(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    ctx_status status = get_path(args[1], args[2], path);
    changes(app);
    return (uint32_t)(status == CTX_OK ? state.machine->date(path, (int64_t)args[3]) : status);
}

static uint64_t files_sync(struct app *app, const uint64_t args[6])
{
    const struct open_file *f = find(app, args[1]);
    return (uint32_t)(f != NULL ? state.machine->sync(f->node) : CTX_E_STALE);
}

/* No function here ever answers AGAIN: it has ended already. */
static uint64_t files_wait(struct app *app, const uint64_t args[6])
{
    struct files_user *u = user_of(app);
    ctx_status status = u != NULL ? request_make_own(app, &u->wait) : CTX_E_NOMEM;
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    status = gate_put(args[1], &u->wait->consumer_id, sizeof u->wait->consumer_id);
    if (status != CTX_OK) {
        request_free(u->wait);
        return (uint32_t)status;
    }
    (void)request_answer(u->wait, CTX_OK, NULL, 0);
    return CTX_PENDING;
}

static uint64_t files_replace(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    uint32_t len = (uint32_t)args[4], flags = (uint32_t)args[5];
    ctx_status status = (flags & ~(uint32_t)CTX_FILES_PRIVATE) == 0
                            ? get_path(args[1], args[2], path)
                            : CTX_E_INVAL;
    if (status != CTX_OK || len > REPLACE_MAX) {
        return (uint32_t)(status != CTX_OK ? status : CTX_E_TOOBIG);
    }
    uint8_t *bytes = heap_alloc(MAX(len, 1u));
    if (bytes == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    changes(app);
    status = len == 0 || machine_copy_in(bytes, args[3], len) == CTX_OK
                 ? state.machine->replace(path, bytes, len, flags != 0)
                 : CTX_E_INVAL;
    heap_free(bytes, MAX(len, 1u));
    return (uint32_t)status;
}

static uint64_t files_space(struct app *app, const uint64_t args[6])
{
    char path[FILES_PATH + 1];
    struct ctx_files_space out = {.size = sizeof out};
    (void)app;
    ctx_status status = get_path(args[1], args[2], path);
    status = status == CTX_OK ? state.machine->space(path, &out) : status;
    return (uint32_t)(status == CTX_OK ? gate_put_struct(args, 3, &out, sizeof out) : status);
}

/* What a machine's own files can not do. */
static uint64_t files_unknown(struct app *app, const uint64_t args[6])
{
    (void)app;
    (void)args;
    return (uint32_t)CTX_E_NOSYS;
}

/* ---- what an app has of this ---- */

static bool offers(const char *id)
{
    return state.machine != NULL && strcmp(id, CTX_ID_FILES) == 0;
}

static void forget_user(struct app *app)
{
    struct files_user *u = known(app);
    for (uint32_t i = 0; u != NULL && i < OPEN_MAX; i++) {
        if (u->open[i].handle != 0) {
            drop(&u->open[i]);
        }
    }
    heap_free(u, sizeof *u);
    *resource_part(app, &files_resource) = NULL;
}

/* The call has ended: what it opened stays open, what it closed is closed; or the other way. */
static void settle(struct app *app, bool undone)
{
    struct files_user *u = known(app);
    for (uint32_t i = 0; u != NULL && i < OPEN_MAX; i++) {
        struct open_file *f = &u->open[i];
        if (f->handle != 0 && ((undone && f->fresh) || (!undone && f->closed))) {
            drop(f);
        }
        f->fresh = f->closed = false;
    }
}

static uint64_t count(const struct app *app)
{
    const struct files_user *u = known(app);
    uint64_t n = 0;
    for (uint32_t i = 0; u != NULL && i < OPEN_MAX; i++) {
        n += u->open[i].handle != 0;
    }
    return n;
}

GATE_TABLE(ctx_files_table, CTX_TABLE_FILES, files_root, files_open, files_close, files_read,
           files_write, files_info, files_look, files_list, files_resize, files_make_folder,
           files_remove, files_rename, files_date, files_sync, files_wait, files_replace,
           files_space, files_unknown, files_unknown);

const struct app_resource files_resource = {
    .name = "files",
    .offers = offers,
    .tear_down = forget_user,
    .settle = settle,
    .outside = true,
    .count = count,
};
