/* SPDX-License-Identifier: MIT */
/*
 * File systems that somebody lends the app, by ctx.files/1: the kernel (`ctx run --dir`), or
 * another app. What is open is known by its path as well: when the app was restored, or who lends
 * it began anew, all handles are STALE, and it is opened again.
 */
#include "../glue.h"
#include "files.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND   INT64_C(1000000000)
#define PAUSE_NS UINT64_C(1000000)
#define PIECE    61440u /* bytes of a call: what an app lends goes in less than 64 KiB */
#define BACK_NS  UINT64_C(5000000000)
#define HINT_NS  UINT64_C(50000000)
#define AGAINS   3u /* how often in one call who lends may begin anew */

struct node {
    uint32_t handle;
    uint32_t flags; /* CTX_FILES_READ, WRITE */
    bool folder, appends;
    bool dirty;  /* written since the last sync */
    bool undone; /* and then who lends it began anew: the next sync says so */
    bool lost;   /* the app was restored, and it was not there any more: for ever */
    size_t len;
    char path[];
};

static const struct ctx_files *table; /* NULL: nobody lends anything, or not now */
static bool mounted;                  /* somebody did */
static const char *first;             /* the first folder that was lent */

/* What is no open file's that could tell of it: names, folders, what was written to files that are
 * closed. */
static struct {
    bool changed; /* since the last sync */
    bool undone;  /* and then who lends began anew: the next sync says so */
} unsynced;

/* False: nobody lends anything to this app. */
static bool open_table(void)
{
    table = ctx_c_open(CTX_ID_FILES);
    if (table != NULL && (table->t.flags & CTX_TBL_GRANTED) == 0) {
        table = NULL;
    }
    return table != NULL;
}

/* Who lends has gone, or began anew. It may be back in a moment: a program waits for that a while.
 */
static bool reopen(void)
{
    struct ctx *ctx = ctx_now();
    uint64_t now = 0, until;
    ctx->time->now(ctx->time, &now);
    until = now + BACK_NS;
    while (!open_table()) {
        ctx->time->now(ctx->time, &now);
        if (ctx_fiber_current() == NULL || now >= until ||
            ctx_c_await(UINT64_C(1) << CTX_EVENT_INTERFACE, now + HINT_NS, true) ==
                CTX_E_CANCELED) {
            return false;
        }
    }
    return true;
}

/* Until who lends says that it is worth to ask again. False: a signal was handled meanwhile. */
static bool await_end(uint64_t request)
{
    const struct ctx_service *service = ctx_c_open(CTX_ID_SERVICE);
    struct ctx *ctx = ctx_now();
    uint32_t len = 0, result = 0;
    uint64_t now = 0;
    uint8_t none[1];
    if (service == NULL) {
        return true;
    }
    while (service->take(service, request, none, 0, &len, &result) == CTX_E_AGAIN) {
        ctx->time->now(ctx->time, &now); /* the event is a hint, and others may have read it */
        if (ctx_c_await(UINT64_C(1) << CTX_EVENT_DONE, now + HINT_NS, true) == CTX_E_CANCELED) {
            (void)service->cancel(service, request);
            return false;
        }
    }
    return true;
}

/* One function's calls until it answers. */
struct asking {
    uint32_t tries;
    bool begun; /* it answered AGAIN: it may be done by now, whatever the next answer is */
};

/* Whether to ask once more. */
static bool again(ctx_status status, struct asking *a)
{
    uint64_t now = 0, request = 0;
    struct ctx *ctx = ctx_now();
    if (status == CTX_E_STALE) {
        unsynced.undone |= unsynced.changed; /* nobody can tell what of it is there */
        unsynced.changed = false;
    }
    if (status == CTX_E_STALE && a->tries++ < AGAINS) {
        return reopen();
    }
    if (status != CTX_E_AGAIN && status != CTX_E_BUSY) {
        return false;
    }
    if (ctx_fiber_current() == NULL) {
        return false; /* nothing of it would go on before this call has ended: EAGAIN */
    }
    a->begun |= status == CTX_E_AGAIN;
    if (status == CTX_E_AGAIN) { /* a disk has to be waited for */
        ctx_status waits = table->wait(table, &request);
        if (waits == CTX_OK || waits == CTX_PENDING) {
            return waits == CTX_OK || await_end(request);
        }
    }
    ctx->time->now(ctx->time, &now);
    return ctx_c_await(UINT64_C(1) << CTX_EVENT_READY, now + PAUSE_NS, true) != CTX_E_CANCELED;
}

/* once: it must not be done twice. What may have been done when who lends it went is IO. */
#define ASK_HOW(result, once, function, ...)                                                       \
    do {                                                                                           \
        struct asking asking = {0};                                                                \
        do {                                                                                       \
            (result) = table != NULL || (mounted && open_table())                                  \
                           ? table->function(table, __VA_ARGS__)                                   \
                           : CTX_E_NOSYS;                                                          \
            if ((result) == CTX_E_STALE && (once) && asking.begun) {                               \
                (result) = CTX_E_IO;                                                               \
            }                                                                                      \
        } while (again((result), &asking));                                                        \
    } while (0)

#define ASK(result, function, ...) ASK_HOW(result, false, function, __VA_ARGS__)

static int error_of(ctx_status status)
{
    switch (status) {
    case CTX_OK:
        return 0;
    case CTX_E_DENIED:
        return -EACCES;
    case CTX_E_RDONLY:
        return -EROFS;
    case CTX_E_EXIST:
        return -EEXIST;
    case CTX_E_TOOBIG:
        return -ENAMETOOLONG;
    case CTX_E_STALE:
    case CTX_E_NOSYS:
        return -EIO;
    default:
        return -ctx_errno(status);
    }
}

/* The whole path of what lies below a root. Its length, or negative. */
static int whole_path(void *fs, const char *below, char out[CTX_C_PATH + 1])
{
    int len =
        snprintf(out, CTX_C_PATH + 1, below[0] != 0 ? "%s/%s" : "%s", (const char *)fs, below);
    return len > CTX_C_PATH ? -ENAMETOOLONG : len;
}

static void fill(const struct ctx_files_info *info, struct stat *out)
{
    mode_t writable = (info->rights & CTX_FILES_WRITE) != 0 ? 0222 : 0;
    int64_t rest = (info->modified_ns % SECOND + SECOND) % SECOND;
    *out = (struct stat){
        .st_mode = info->kind == CTX_FILES_FOLDER ? (mode_t)S_IFDIR | 0555 | writable
                   : info->kind == CTX_FILES_FILE ? (mode_t)S_IFREG | 0444 | writable
                                                  : (mode_t)S_IFCHR,
        .st_nlink = 1,
        .st_ino = (ino_t)info->id,
        .st_size = (off_t)info->bytes,
        .st_blksize = (blksize_t)CTX_C_BLOCK,
        .st_blocks = (blkcnt_t)((info->bytes + 511) / 512),
    };
    out->st_mtim.tv_sec = (time_t)((info->modified_ns - rest) / SECOND);
    out->st_mtim.tv_nsec = (long)rest;
    out->st_atim = out->st_ctim = out->st_mtim;
}

static int stat_path(const char *path, size_t len, struct stat *out)
{
    struct ctx_files_info info = {.size = sizeof info};
    ctx_status status;
    ASK(status, look, path, (uint32_t)len, &info);
    if (status == CTX_OK) {
        fill(&info, out);
    }
    return status == CTX_E_INVAL ? -ENOTDIR : error_of(status);
}

/* ---- open files ---- */

/* What is not there now is not what will lie at that path one day; and the handle may be another
 * file's by then. */
static ctx_status open_again(struct node *n)
{
    ctx_status status;
    n->handle = 0;
    n->undone |= n->dirty; /* nobody can tell what of it is there */
    n->dirty = false;
    ASK(status, open, n->path, (uint32_t)n->len, n->flags, &n->handle);
    if (status != CTX_OK) {
        n->lost = true;
        ctx_c_say(CTX_LOG_WARN, "%s was open, and can not be opened again (%d)", n->path,
                  (int)status);
    }
    return status;
}

/* The same for what has a handle, which may have to be another one. */
#define ASK_OPEN(result, n, once, function, ...)                                                   \
    do {                                                                                           \
        uint32_t times = 0;                                                                        \
        (result) = CTX_E_IO;                                                                       \
        while (!(n)->lost) {                                                                       \
            ASK_HOW(result, once, function, (n)->handle __VA_OPT__(, ) __VA_ARGS__);               \
            if ((result) != CTX_E_STALE || times++ > 0 || open_again(n) != CTX_OK) {               \
                break;                                                                             \
            }                                                                                      \
        }                                                                                          \
    } while (0)

static ssize_t file_read(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    struct node *n = file->node;
    uint32_t count = 0, most = len < PIECE ? (uint32_t)len : PIECE;
    ctx_status status;
    if (n->folder) {
        return -EISDIR;
    }
    ASK_OPEN(status, n, false, read, (uint64_t)at, to, most, &count);
    return status == CTX_OK ? (ssize_t)count : error_of(status);
}

static ssize_t file_write(struct ctx_c_file *file, off_t at, const void *from, size_t len)
{
    struct node *n = file->node;
    uint32_t count = 0, most = len < PIECE ? (uint32_t)len : PIECE;
    ctx_status status;
    ASK_OPEN(status, n, n->appends, write, n->appends ? UINT64_MAX : (uint64_t)at, from, most,
             &count);
    n->dirty = true;
    return status == CTX_OK ? (ssize_t)count : error_of(status);
}

static int file_truncate(struct ctx_c_file *file, off_t len)
{
    struct node *n = file->node;
    ctx_status status;
    ASK_OPEN(status, n, false, resize, (uint64_t)len);
    n->dirty = true;
    return error_of(status);
}

static int file_sync(struct ctx_c_file *file)
{
    struct node *n = file->node;
    ctx_status status;
    ASK_OPEN(status, n, false, sync);
    bool undone = n->undone || unsynced.undone;
    n->undone = n->dirty = false;
    if (status == CTX_OK) {
        unsynced.undone = unsynced.changed = false;
    }
    return status == CTX_OK && undone ? -EIO : error_of(status);
}

static int space_at(const char *path, size_t len, struct statvfs *out)
{
    struct ctx_files_space space = {.size = sizeof space};
    ctx_status status;
    ASK(status, space, path, (uint32_t)len, &space);
    if (status == CTX_OK) {
        *out = (struct statvfs){
            .f_bsize = CTX_C_BLOCK,
            .f_frsize = CTX_C_BLOCK,
            .f_blocks = (fsblkcnt_t)(space.bytes / CTX_C_BLOCK),
            .f_bfree = (fsblkcnt_t)(space.free / CTX_C_BLOCK),
            .f_bavail = (fsblkcnt_t)(space.free / CTX_C_BLOCK),
            .f_flag = (space.flags & CTX_FILES_READ_ONLY) != 0 ? ST_RDONLY : 0,
            .f_namemax = 255,
        };
    }
    return error_of(status);
}

static int file_space(struct ctx_c_file *file, struct statvfs *out)
{
    const struct node *n = file->node;
    return space_at(n->path, n->len, out);
}

static int file_stat(struct ctx_c_file *file, struct stat *out)
{
    struct node *n = file->node;
    struct ctx_files_info info = {.size = sizeof info};
    ctx_status status;
    ASK_OPEN(status, n, false, info, &info);
    if (status == CTX_OK) {
        fill(&info, out);
    }
    return error_of(status);
}

static void file_close(struct ctx_c_file *file)
{
    struct node *n = file->node;
    unsynced.changed |= n->dirty;
    unsynced.undone |= n->undone;
    if (table != NULL && n->handle != 0) {
        table->close(table, n->handle);
    }
    free(n);
}

static const struct ctx_c_file_ops file_ops = {
    .read = file_read,
    .write = file_write,
    .truncate = file_truncate,
    .stat = file_stat,
    .sync = file_sync,
    .space = file_space,
    .close = file_close,
};

/* ---- paths ---- */

static uint32_t flags_of(int flags)
{
    int access = flags & O_ACCMODE;
    uint32_t out = access == O_RDONLY   ? CTX_FILES_READ
                   : access == O_WRONLY ? CTX_FILES_WRITE
                                        : CTX_FILES_READ | CTX_FILES_WRITE;
    out |= (flags & O_DIRECTORY) != 0 ? CTX_FILES_ONLY_FOLDER : 0u;
    if ((out & CTX_FILES_WRITE) != 0) {
        out |= (flags & O_CREAT) != 0 ? CTX_FILES_CREATE : 0u;
        out |= (flags & O_TRUNC) != 0 ? CTX_FILES_TRUNCATE : 0u;
    }
    return out | ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0 ? CTX_FILES_EXCLUSIVE : 0u);
}

/* Of a mode's bits those matter that keep a secret. */
static uint32_t private_of(mode_t mode)
{
    return (mode & (S_IRWXG | S_IRWXO)) == 0 ? CTX_FILES_PRIVATE : 0u;
}

static int lent_open(void *fs, const char *below, int flags, mode_t mode, struct ctx_c_file *file)
{
    char path[CTX_C_PATH + 1];
    struct stat st;
    ctx_status status;
    int len = whole_path(fs, below, path);
    if (len < 0) {
        return len;
    }
    struct node *n = malloc(sizeof *n + (size_t)len + 1);
    if (n == NULL) {
        return -ENOMEM;
    }
    n->undone = n->lost = false;
    n->len = (size_t)len;
    memcpy(n->path, path, n->len + 1);
    uint32_t wanted = flags_of(flags);
    wanted |= (wanted & CTX_FILES_CREATE) != 0 ? private_of(mode) : 0u;
    ASK(status, open, n->path, (uint32_t)n->len, wanted, &n->handle);
    if (status != CTX_OK) {
        int error = error_of(status);
        if (status == CTX_E_INVAL) { /* which of the two it is */
            bool is_folder = stat_path(path, n->len, &st) == 0 && S_ISDIR(st.st_mode);
            error = is_folder ? -EISDIR : -ENOTDIR;
        }
        free(n);
        return error;
    }
    n->dirty = (wanted & CTX_FILES_TRUNCATE) != 0;
    n->flags = wanted & (CTX_FILES_READ | CTX_FILES_WRITE);
    n->appends = (flags & O_APPEND) != 0;
    file->ops = &file_ops;
    file->node = n;
    n->folder = file_stat(file, &st) == 0 && S_ISDIR(st.st_mode);
    return 0;
}

static int lent_stat(void *fs, const char *below, struct stat *out)
{
    char path[CTX_C_PATH + 1];
    int len = whole_path(fs, below, path);
    return len < 0 ? len : stat_path(path, (size_t)len, out);
}

static int lent_list(void *fs, const char *below, ctx_c_name_fn name, void *arg)
{
    static const uint8_t types[] = {DT_UNKNOWN, DT_REG, DT_DIR, DT_CHR};
    char path[CTX_C_PATH + 1];
    struct ctx_files_entry entry = {.size = sizeof entry};
    uint32_t handle = 0;
    uint64_t cursor = 0;
    int error = 0, len = whole_path(fs, below, path);
    ctx_status status;
    if (len < 0) {
        return len;
    }
    ASK(status, open, path, (uint32_t)len, CTX_FILES_READ | CTX_FILES_ONLY_FOLDER, &handle);
    if (status != CTX_OK) {
        return status == CTX_E_INVAL ? -ENOTDIR : error_of(status);
    }
    for (; status == CTX_OK && error == 0; cursor = entry.next) {
        ASK(status, list, handle, cursor, &entry);
        if (status == CTX_OK) {
            error = name(arg, (const char *)entry.name, entry.len, (ino_t)entry.id,
                         types[entry.kind < sizeof types ? entry.kind : 0]);
        }
    }
    table->close(table, handle);
    return status == CTX_OK || status == CTX_E_NOENT ? error : error_of(status);
}

static int lent_mkdir(void *fs, const char *below, mode_t mode)
{
    char path[CTX_C_PATH + 1];
    int len = whole_path(fs, below, path);
    ctx_status status = CTX_E_TOOBIG;
    if (len >= 0) {
        ASK(status, make_folder, path, (uint32_t)len, private_of(mode));
    }
    unsynced.changed |= status == CTX_OK;
    return status == CTX_E_INVAL ? -ENOTDIR : error_of(status);
}

static int lent_remove(void *fs, const char *below, bool folder)
{
    char path[CTX_C_PATH + 1];
    int len = whole_path(fs, below, path);
    ctx_status status = CTX_E_TOOBIG;
    if (len >= 0) {
        ASK(status, remove, path, (uint32_t)len, folder);
    }
    unsynced.changed |= status == CTX_OK;
    return status == CTX_E_INVAL   ? (folder ? -ENOTDIR : -EISDIR)
           : status == CTX_E_EXIST ? -ENOTEMPTY
                                   : error_of(status);
}

static bool lies_in(const char *path, const char *folder, int len)
{
    return strncmp(path, folder, (size_t)len) == 0 && path[len] == '/';
}

/* INVAL is one of several things, of which this is the first. */
static int why_not_renamed(const char *old, int old_len, const char *new, int new_len)
{
    struct stat a, b;
    int from = stat_path(old, (size_t)old_len, &a), to = stat_path(new, (size_t)new_len, &b);
    if (from == -ENOTDIR || to == -ENOTDIR) {
        return -ENOTDIR;
    }
    if (from == 0 && lies_in(old, new, new_len)) {
        return -ENOTEMPTY;
    }
    if (lies_in(new, old, old_len) || from != 0 || to != 0 ||
        S_ISDIR(a.st_mode) == S_ISDIR(b.st_mode)) {
        return -EINVAL;
    }
    return S_ISDIR(b.st_mode) ? -EISDIR : -ENOTDIR;
}

static int lent_rename(void *fs, const char *from, const char *to)
{
    char old[CTX_C_PATH + 1], new[CTX_C_PATH + 1];
    int old_len = whole_path(fs, from, old), new_len = whole_path(fs, to, new);
    ctx_status status = CTX_E_TOOBIG;
    if (old_len >= 0 && new_len >= 0) {
        ASK(status, rename, old, (uint32_t)old_len, new, (uint32_t)new_len);
    }
    unsynced.changed |= status == CTX_OK;
    if (status == CTX_E_INVAL) {
        return why_not_renamed(old, old_len, new, new_len);
    }
    return status != CTX_E_EXIST        ? error_of(status)
           : lies_in(new, old, old_len) ? -EINVAL
                                        : -ENOTEMPTY;
}

static int lent_times(void *fs, const char *below, const struct timespec *modified)
{
    char path[CTX_C_PATH + 1];
    int len = whole_path(fs, below, path);
    ctx_status status = CTX_E_TOOBIG;
    if (len >= 0) {
        ASK(status, date, path, (uint32_t)len, modified->tv_sec * SECOND + modified->tv_nsec);
    }
    unsynced.changed |= status == CTX_OK;
    return error_of(status);
}

/* Whoever lends does that for all that was done, by anybody. */
void ctx_c_sync_lent(void)
{
    ctx_status status;
    uint32_t handle = 0;
    if (!mounted) {
        return;
    }
    ASK(status, open, first, (uint32_t)strlen(first), CTX_FILES_READ | CTX_FILES_ONLY_FOLDER,
        &handle);
    if (status == CTX_OK) {
        ASK(status, sync, handle);
        unsynced.changed &= status != CTX_OK; /* who asks for one file is told what is gone */
        table->close(table, handle);
    }
}

static int lent_space(void *fs, const char *below, struct statvfs *out)
{
    char path[CTX_C_PATH + 1];
    int len = whole_path(fs, below, path);
    return len < 0 ? len : space_at(path, (size_t)len, out);
}

static const struct ctx_c_fs lent = {
    .open = lent_open,
    .stat = lent_stat,
    .list = lent_list,
    .mkdir = lent_mkdir,
    .remove = lent_remove,
    .rename = lent_rename,
    .times = lent_times,
    .space = lent_space,
};

void ctx_c_mount_lent(void)
{
    char path[CTX_C_PATH + 1];
    uint32_t len = 0, rights = 0;
    ctx_status status;
    (void)open_table();
    for (uint32_t i = 0; table != NULL; i++) {
        ASK(status, root, i, path, sizeof path - 1, &len, &rights);
        if (status != CTX_OK || len >= sizeof path) {
            return;
        }
        path[len] = 0;
        char *kept = strdup(path);
        int error = kept != NULL ? ctx_c_mount(kept, &lent, kept) : -ENOMEM;
        first = error == 0 && !mounted ? kept : first;
        mounted |= error == 0;
        if (error != 0) {
            ctx_c_say(CTX_LOG_WARN, "%s is lent, and can not be used: %s", path,
                      strerror(error < 0 ? -error : error));
        }
    }
}
