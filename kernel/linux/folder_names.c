/* SPDX-License-Identifier: MIT */
/* What changes names in a folder that is lent: made, removed, renamed, dated, replaced whole. */
#define _GNU_SOURCE
#include "folders.h"
#include "linux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static ctx_status parent_to_change(const char *path, int *parent, const char **name)
{
    const char *below;
    const struct folder *tree = folder_find(path, &below);
    if (tree == NULL || !tree->writable) {
        return tree == NULL ? CTX_E_NOENT : CTX_E_RDONLY;
    }
    *parent = folder_open_parent(tree, below, name);
    return *parent >= 0 ? CTX_OK : folder_failed();
}

ctx_status folder_make(const char *path, bool private)
{
    const char *name;
    int parent;
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status == CTX_OK) {
        status = mkdirat(parent, name, private ? 0700 : 0777) == 0 ? CTX_OK : folder_failed();
        close(parent);
    }
    return status;
}

ctx_status folder_remove(const char *path, bool folder)
{
    const char *name;
    int parent;
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status == CTX_OK) {
        status = unlinkat(parent, name, folder ? AT_REMOVEDIR : 0) == 0 ? CTX_OK : folder_failed();
        close(parent);
    }
    return status;
}

ctx_status folder_rename(const char *from, const char *to)
{
    const char *below, *names[2];
    int parents[2];
    if (folder_find(from, &below) != folder_find(to, &below)) {
        return CTX_E_INVAL;
    }
    ctx_status status = parent_to_change(from, &parents[0], &names[0]);
    if (status != CTX_OK) {
        return status;
    }
    status = parent_to_change(to, &parents[1], &names[1]);
    if (status == CTX_OK) {
        status =
            renameat(parents[0], names[0], parents[1], names[1]) == 0 ? CTX_OK : folder_failed();
        close(parents[1]);
    }
    close(parents[0]);
    return status;
}

ctx_status folder_date(const char *path, int64_t ns)
{
    const char *name;
    int parent;
    int64_t second = NSEC_PER_SEC, rest = (ns % second + second) % second;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = (ns - rest) / second, .tv_nsec = rest}};
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status == CTX_OK) {
        status =
            utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) == 0 ? CTX_OK : folder_failed();
        close(parent);
    }
    return status;
}

static bool write_all(int fd, const uint8_t *bytes, uint32_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (uint32_t)n;
    }
    return true;
}

/* A file beside it, which takes its name when it is whole and on the disk. */
ctx_status folder_replace(const char *path, const uint8_t *bytes, uint32_t len, bool private)
{
    static uint32_t count; /* [in a call] */
    char beside[64];
    struct stat s;
    const char *name;
    int parent;
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status != CTX_OK) {
        return status;
    }
    bool there = fstatat(parent, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
    mode_t mode = there ? s.st_mode & 0777 : private ? 0600 : 0666;
    snprintf(beside, sizeof beside, ".ctx-%d-%u", (int)getpid(), count++);
    int fd = -1;
    if (there && !S_ISREG(s.st_mode)) {
        status = S_ISDIR(s.st_mode) ? CTX_E_INVAL : CTX_E_DENIED;
    } else {
        int own =
            openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* parent is only a place */
        fd = openat(parent, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        bool good = fd >= 0 && (!there || fchmod(fd, mode) == 0) && write_all(fd, bytes, len) &&
                    fsync(fd) == 0 && renameat(parent, beside, parent, name) == 0;
        status = good ? CTX_OK : folder_failed();
        if (good && own >= 0 && fsync(own) != 0) {
            status = folder_failed();
        } else if (!good && fd >= 0) {
            unlinkat(parent, beside, 0);
        }
        close(own);
    }
    close(fd);
    close(parent);
    return status;
}

ctx_status folder_space(const char *path, struct ctx_files_space *out)
{
    const char *below;
    struct statvfs s;
    const struct folder *tree = folder_find(path, &below);
    int fd = tree != NULL ? folder_open(tree->fd, below, O_PATH) : -1;
    if (fd < 0) {
        return tree == NULL ? CTX_E_NOENT : folder_failed();
    }
    ctx_status status = fstatvfs(fd, &s) == 0 ? CTX_OK : folder_failed();
    close(fd);
    if (status == CTX_OK) {
        out->bytes = (uint64_t)s.f_blocks * s.f_frsize;
        out->free = (uint64_t)s.f_bavail * s.f_frsize;
        out->flags = tree->writable ? 0 : CTX_FILES_READ_ONLY;
    }
    return status;
}
