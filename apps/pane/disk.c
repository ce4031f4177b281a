/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE   32768u
#define AT_ONCE 61440u /* what one call of ctx.files/1 takes, whoever offers it */
#define PART    "~part"

char *disk_read(struct job *job, const char *path, size_t most, size_t *len)
{
    struct stat st;
    int fd = open(path, O_RDONLY), error = 0;
    size_t room = 0, done = 0;
    char *bytes = NULL;
    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, &st) != 0) {
        error = errno;
    } else if (S_ISDIR(st.st_mode)) {
        error = EISDIR;
    } else if ((uint64_t)st.st_size > most) {
        error = EFBIG;
    } else {
        room = (size_t)st.st_size;
        bytes = malloc(room + 1);
        error = bytes == NULL ? ENOMEM : 0;
    }
    while (error == 0 && done < room) {
        size_t want = room - done < PIECE ? room - done : PIECE;
        ssize_t n = read(fd, bytes + done, want);
        if (n <= 0) {
            error = n < 0 ? errno : 0;
            break; /* it has become shorter meanwhile */
        }
        done += (size_t)n;
        error = job_turn(job) ? 0 : ECANCELED;
    }
    close(fd);
    if (error != 0) {
        free(bytes);
        errno = error;
        return NULL;
    }
    bytes[done] = 0;
    *len = done;
    return bytes;
}

/* ---- writing ---- */

struct piece {
    const void *bytes;
    size_t len;
};

static const struct ctx_files *table_of(struct ctx *ctx)
{
    const struct ctx_table *t = NULL;
    ctx->iface->open(ctx->iface, CTX_ID_FILES, sizeof CTX_ID_FILES - 1, 0, &t);
    if (t == NULL || (t->flags & CTX_TBL_GRANTED) == 0) {
        return NULL;
    }
    return (const struct ctx_files *)(const void *)t;
}

/* A moment later, if there is something to be waited for. */
static int again(struct job *job, ctx_status status)
{
    uint64_t now = 0;
    if (status != CTX_E_AGAIN && status != CTX_E_BUSY) {
        return 0;
    }
    job->ctx->time->now(job->ctx->time, &now);
    return ctx_fiber_await(0, now + 1000000) != CTX_E_INVAL;
}

/* In one call. -1: that is not offered for this path; else an errno value. */
static int replace_at_once(struct job *job, const char *path, const void *bytes, size_t len)
{
    const struct ctx_files *files = table_of(job->ctx);
    ctx_status status = CTX_E_NOSYS;
    if (files == NULL || path[0] != '/' || !CTX_TABLE_HAS(struct ctx_files, files, replace)) {
        return -1;
    }
    do {
        status = files->replace(files, path, (uint32_t)strlen(path), bytes, (uint32_t)len, 0);
    } while (again(job, status));
    switch (status) {
    case CTX_OK:
        return 0;
    case CTX_E_RDONLY:
        return EROFS;
    case CTX_E_NOSPC:
        return ENOSPC;
    case CTX_E_IO:
        return EIO;
    default:
        return -1; /* a path of another file system, or a reason that open() knows better */
    }
}

static int write_all(int fd, const char *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        size_t want = len - done < PIECE ? len - done : PIECE;
        ssize_t n = write(fd, bytes + done, want);
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        done += (size_t)n;
    }
    return 0;
}

/* First what was taken from the source already, in two pieces, then the rest of it. */
static int replace_by_name(struct job *job, const char *path, const struct piece taken[2],
                           disk_source source, void *arg)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s%s", path, PART) >= (int)sizeof part) {
        return ENAMETOOLONG;
    }
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int error = fd < 0 ? errno : write_all(fd, taken[0].bytes, taken[0].len);
    if (error == 0) {
        error = write_all(fd, taken[1].bytes, taken[1].len);
    }
    size_t len = 0;
    const void *bytes;
    while (error == 0 && source != NULL && (bytes = source(arg, &len)) != NULL) {
        error = job_turn(job) ? write_all(fd, bytes, len) : ECANCELED;
    }
    if (fd >= 0) {
        if (error == 0 && fsync(fd) != 0) {
            error = errno;
        }
        close(fd);
        if (error == 0 && rename(part, path) != 0) {
            error = errno;
        }
        if (error != 0) {
            unlink(part);
        }
    }
    return error == 0 ? disk_sync(job) : error;
}

int disk_replace(struct job *job, const char *path, disk_source source, void *arg)
{
    char *first = malloc(AT_ONCE);
    size_t len = 0, n = 0;
    const char *bytes = NULL;
    int error = -1;
    if (first == NULL) {
        return ENOMEM;
    }
    while ((bytes = source(arg, &n)) != NULL && n <= AT_ONCE - len) {
        memcpy(first + len, bytes, n);
        len += n;
    }
    if (bytes == NULL) {
        error = replace_at_once(job, path, first, len);
        source = NULL;
    }
    if (error < 0) {
        const struct piece taken[2] = {{first, len}, {bytes, bytes != NULL ? n : 0}};
        error = replace_by_name(job, path, taken, source, arg);
    }
    free(first);
    return error;
}

static const void *one_piece(void *arg, size_t *len)
{
    struct piece *piece = arg;
    const void *bytes = piece->bytes;
    *len = piece->len;
    piece->bytes = NULL;
    return bytes;
}

int disk_replace_bytes(struct job *job, const char *path, const void *bytes, size_t len)
{
    struct piece piece = {len > 0 ? bytes : NULL, len};
    return disk_replace(job, path, one_piece, &piece);
}

int disk_sync(struct job *job)
{
    const struct ctx_files *files = table_of(job->ctx);
    char path[PATH_MAX];
    uint32_t len = 0, rights = 0, handle = 0;
    ctx_status status;
    if (files == NULL) {
        return 0; /* what there is lies in memory */
    }
    do {
        status = files->root(files, 0, path, sizeof path, &len, &rights);
    } while (again(job, status));
    if (status != CTX_OK || len > sizeof path) {
        return 0;
    }
    do {
        status = files->open(files, path, len, CTX_FILES_READ | CTX_FILES_ONLY_FOLDER, &handle);
    } while (again(job, status));
    if (status != CTX_OK) {
        return EIO;
    }
    do {
        status = files->sync(files, handle);
    } while (again(job, status));
    files->close(files, handle);
    return status == CTX_OK ? 0 : EIO;
}

/* ---- paths ---- */

const char *disk_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

int disk_join(char *out, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    return snprintf(out, PATH_MAX, "%s%s%s", folder, slash, name) < PATH_MAX;
}

void disk_folder(char *out, const char *path)
{
    snprintf(out, PATH_MAX, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash == NULL) {
        snprintf(out, PATH_MAX, ".");
    } else {
        slash[slash == out] = 0;
    }
}

void disk_size_text(char *out, size_t room, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    uint32_t unit = 0;
    uint64_t tenths = bytes * 10;
    while (tenths >= 10240 && unit < 4) {
        tenths /= 1024;
        unit++;
    }
    if (unit == 0 || tenths >= 1000) {
        snprintf(out, room, "%u %s", (unsigned)(tenths / 10),
                 unit == 0 && bytes == 1 ? "byte" : units[unit]);
    } else {
        snprintf(out, room, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
                 units[unit]);
    }
}
