/* SPDX-License-Identifier: MIT */
/* "/dev": null, zero, full, random and urandom, and the app's streams by name. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {"null",  "zero",   "full",   "random", "urandom",
                                    "stdin", "stdout", "stderr", "tty"};
enum {
    DEV_NULL,
    DEV_ZERO,
    DEV_FULL,
    DEV_RANDOM,
    DEV_URANDOM,
    DEV_STDIN,
    DEV_STDOUT,
    DEV_STDERR,
    DEV_TTY,
    DEV_COUNT
};

static int find(const char *path)
{
    for (int i = 0; i < DEV_COUNT; i++) {
        if (strcmp(path, names[i]) == 0) {
            return i;
        }
    }
    size_t len = strcspn(path, "/");
    for (int i = 0; i < DEV_COUNT; i++) {
        if (path[len] == '/' && strlen(names[i]) == len && memcmp(path, names[i], len) == 0) {
            return -ENOTDIR;
        }
    }
    return -ENOENT;
}

static int number_of(const struct ctx_c_file *file)
{
    return (int)(intptr_t)file->node;
}

static ssize_t random_bytes(char *to, size_t len)
{
    for (size_t done = 0; done < len; done += 256) {
        if (getentropy(to + done, len - done < 256 ? len - done : 256) != 0) {
            return done > 0 ? (ssize_t)done : -errno;
        }
    }
    return (ssize_t)len;
}

static ssize_t read_it(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    int number = number_of(file);
    (void)at;
    if (number == DEV_RANDOM || number == DEV_URANDOM) {
        return random_bytes(to, len);
    }
    if (number == DEV_ZERO || number == DEV_FULL) {
        memset(to, 0, len);
        return (ssize_t)len;
    }
    return 0;
}

static ssize_t write_it(struct ctx_c_file *file, off_t at, const void *from, size_t len)
{
    (void)at;
    (void)from;
    return number_of(file) == DEV_FULL && len > 0 ? -ENOSPC : (ssize_t)len;
}

static void fill(int number, struct stat *out)
{
    memset(out, 0, sizeof *out);
    out->st_ino = (ino_t)number + 2;
    out->st_mode = number == DEV_COUNT ? S_IFDIR | 0755 : S_IFCHR | 0666;
    out->st_nlink = 1;
    out->st_blksize = (blksize_t)CTX_C_BLOCK;
}

static int stat_open(struct ctx_c_file *file, struct stat *out)
{
    fill(number_of(file), out);
    return 0;
}

static void close_it(struct ctx_c_file *file)
{
    (void)file;
}

/* lseek works and does nothing, as elsewhere. */
static const struct ctx_c_file_ops device = {
    .read = read_it, .write = write_it, .stat = stat_open, .close = close_it};
static const struct ctx_c_file_ops folder = {.stat = stat_open, .close = close_it};

static int open_it(void *fs, const char *path, int flags, mode_t mode, struct ctx_c_file *file)
{
    int number = *path == 0 ? DEV_COUNT : find(path);
    (void)fs;
    (void)mode;
    if (number < 0) {
        return number == -ENOENT && (flags & O_CREAT) != 0 ? -EROFS : number;
    }
    if (number == DEV_COUNT && ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0)) {
        return -EISDIR;
    }
    if (number != DEV_COUNT && (flags & O_DIRECTORY) != 0) {
        return -ENOTDIR;
    }
    if (number >= DEV_STDIN && number < DEV_COUNT) {
        /* What descriptor 0, 1 or 2 is by now; the terminal is 0 or 1. */
        int fd = number == DEV_TTY ? (flags & O_ACCMODE) != O_RDONLY : number - DEV_STDIN;
        const struct ctx_c_file *other = ctx_c_file_of(fd);
        if (other == NULL || (number == DEV_TTY && !isatty(fd))) {
            return -ENXIO;
        }
        file->ops = other->ops;
        file->node = other->node;
        return other->ops->stream ? 0 : -ENXIO;
    }
    file->ops = number == DEV_COUNT ? &folder : &device;
    file->node = (void *)(intptr_t)number;
    return 0;
}

static int stat_it(void *fs, const char *path, struct stat *out)
{
    int number = *path == 0 ? DEV_COUNT : find(path);
    (void)fs;
    if (number >= 0) {
        fill(number, out);
    }
    return number < 0 ? number : 0;
}

static int list(void *fs, const char *path, ctx_c_name_fn name, void *arg)
{
    int error = 0;
    (void)fs;
    if (*path != 0) {
        return find(path) >= 0 ? -ENOTDIR : find(path);
    }
    for (int i = 0; i < DEV_COUNT && error == 0; i++) {
        error = name(arg, names[i], strlen(names[i]), (ino_t)i + 2, DT_CHR);
    }
    return error;
}

const struct ctx_c_fs ctx_c_dev = {.open = open_it, .stat = stat_it, .list = list};
