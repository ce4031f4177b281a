/* SPDX-License-Identifier: MIT */
/*
 * Functions that take a path. The app is the owner of all files, and no more: it has the rights
 * that their modes give an owner. There are no links of either kind (EPERM).
 */
#include "../glue.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static mode_t mask = 022;

mode_t umask(mode_t new_mask)
{
    mode_t old = mask;
    mask = new_mask & 0777;
    return old;
}

/* Everything but the descriptor. */
static int open_place(const struct ctx_c_place *place, int flags, mode_t mode,
                      struct ctx_c_file *file)
{
    struct stat st;
    if (place->folder && (flags & O_CREAT) != 0) { /* in Linux's words */
        return place->dots && (flags & O_EXCL) != 0 ? -EEXIST : -EISDIR;
    }
    flags |= place->folder ? O_DIRECTORY : 0;
    int error = place->ops->open(place->fs, place->below, flags, mode & ~mask, file);
    if (error != 0) {
        return error;
    }
    error = file->ops->stat(file, &st);
    if (error == 0 && S_ISDIR(st.st_mode)) {
        file->path = strdup(place->text);
        error = file->path == NULL ? -ENOMEM : 0;
    }
    if (error != 0) {
        file->ops->close(file);
    }
    return error;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    struct ctx_c_place place;
    int fd = ctx_c_fd_free(0);
    int error = fd < 0 ? fd : ctx_c_place_of(folder, path, &place);
    if (error == 0 && (flags & O_ACCMODE) == O_ACCMODE) {
        error = -EINVAL;
    }
    struct ctx_c_file *file = error == 0 ? calloc(1, sizeof *file) : NULL;
    if (file == NULL) {
        return error != 0 ? error : -ENOMEM;
    }
    file->fs = place.fs;
    file->flags = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK);
    file->refs = 1;
    error = open_place(&place, flags, mode, file);
    if (error != 0) {
        free(file);
        return error;
    }
    if (ctx_c_file_of(fd) != NULL) { /* another fiber has it, or a handler, while this one waited */
        fd = ctx_c_fd_free(0);
        if (fd < 0) {
            ctx_c_file_drop(file);
            return fd;
        }
    }
    ctx_c_fd_set(fd, file);
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return ctx_c_files_result(open_at(AT_FDCWD, path, flags, mode));
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return ctx_c_files_result(open_at(folder, path, flags, mode));
}

int creat(const char *path, mode_t mode)
{
    return ctx_c_files_result(open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode));
}

int truncate(const char *path, off_t len)
{
    int fd = open(path, O_WRONLY);
    int result = fd < 0 ? -1 : ftruncate(fd, len);
    int kept = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = kept;
    return result;
}

/* ---- what a file is ---- */

static int stat_at(int folder, const char *path, struct stat *out)
{
    struct ctx_c_place place;
    int error = ctx_c_place_of(folder, path, &place);
    return error != 0 ? error : ctx_c_place_stat(&place, out);
}

int stat(const char *restrict path, struct stat *restrict out)
{
    return ctx_c_files_result(stat_at(AT_FDCWD, path, out));
}

int lstat(const char *restrict path, struct stat *restrict out)
{
    return stat(path, out);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict out, int flags)
{
    (void)flags;
    return ctx_c_files_result(stat_at(folder, path, out));
}

static int access_at(int folder, const char *path, int wanted)
{
    struct stat st;
    int error = (wanted & ~(R_OK | W_OK | X_OK)) != 0 ? -EINVAL : stat_at(folder, path, &st);
    if (error != 0) {
        return error;
    }
    if ((wanted & W_OK) != 0 && (st.st_mode & S_IWUSR) == 0) {
        return -EROFS;
    }
    bool fine = ((wanted & R_OK) == 0 || (st.st_mode & S_IRUSR) != 0) &&
                ((wanted & X_OK) == 0 || (st.st_mode & S_IXUSR) != 0);
    return fine ? 0 : -EACCES;
}

int access(const char *path, int wanted)
{
    return ctx_c_files_result(access_at(AT_FDCWD, path, wanted));
}

int faccessat(int folder, const char *path, int wanted, int flags)
{
    (void)flags;
    return ctx_c_files_result(access_at(folder, path, wanted));
}

static int change_mode(int folder, const char *path, mode_t mode)
{
    struct ctx_c_place place;
    struct stat st;
    int error = ctx_c_place_of(folder, path, &place);
    if (error == 0) {
        error = ctx_c_place_stat(&place, &st);
    }
    if (error == 0) {
        error = place.ops->chmod != NULL ? place.ops->chmod(place.fs, place.below, mode)
                : (mode & 0777) == (st.st_mode & 0777) ? 0      /* it is so */
                : (st.st_mode & 0222) == 0             ? -EROFS /* nothing can be changed there */
                                                       : -EPERM;
    }
    return error;
}

int chmod(const char *path, mode_t mode)
{
    return ctx_c_files_result(change_mode(AT_FDCWD, path, mode));
}

int fchmodat(int folder, const char *path, mode_t mode, int flags)
{
    (void)flags;
    return ctx_c_files_result(change_mode(folder, path, mode));
}

/* Everything belongs to user and group 0, and nobody else is there. */
static int change_owner(int folder, const char *path, uid_t owner, gid_t group)
{
    struct stat st;
    int error = stat_at(folder, path, &st);
    bool same = (owner == 0 || owner == (uid_t)-1) && (group == 0 || group == (gid_t)-1);
    return error == 0 && !same ? -EPERM : error;
}

int chown(const char *path, uid_t owner, gid_t group)
{
    return ctx_c_files_result(change_owner(AT_FDCWD, path, owner, group));
}

int lchown(const char *path, uid_t owner, gid_t group)
{
    return chown(path, owner, group);
}

static int set_time(int folder, const char *path, const struct timespec *modified)
{
    struct ctx_c_place place;
    struct stat st;
    struct timespec now;
    if (modified == NULL || modified->tv_nsec == UTIME_NOW) {
        clock_gettime(CLOCK_REALTIME, &now);
        modified = &now;
    }
    int error = ctx_c_place_of(folder, path, &place);
    if (error == 0) {
        error = ctx_c_place_stat(&place, &st);
    }
    if (error != 0 || modified->tv_nsec == UTIME_OMIT) {
        return error;
    }
    return place.ops->times != NULL ? place.ops->times(place.fs, place.below, modified) : -EROFS;
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags)
{
    (void)flags;
    return ctx_c_files_result(set_time(folder, path, times != NULL ? &times[1] : NULL));
}

int utimes(const char *path, const struct timeval times[2])
{
    struct timespec modified;
    if (times != NULL) {
        modified.tv_sec = times[1].tv_sec;
        modified.tv_nsec = times[1].tv_usec * 1000L;
    }
    return ctx_c_files_result(set_time(AT_FDCWD, path, times != NULL ? &modified : NULL));
}

int utime(const char *path, const struct utimbuf *times)
{
    struct timespec modified = {.tv_sec = times != NULL ? times->modtime : 0};
    return ctx_c_files_result(set_time(AT_FDCWD, path, times != NULL ? &modified : NULL));
}

/* ---- names ---- */

static int remove_at(int at, const char *path, bool folder)
{
    struct ctx_c_place place;
    struct stat st;
    size_t len = strlen(path);
    bool dot = len > 0 && path[len - 1] == '.' && (len == 1 || path[len - 2] == '/');
    int error = ctx_c_place_of(at, path, &place);
    if (error == 0) {
        error = ctx_c_place_stat(&place, &st);
    }
    if (error != 0) {
        return error;
    }
    if (folder && dot) {
        return -EINVAL; /* not by that name */
    }
    if (*place.below == 0) {
        return -EBUSY; /* a root */
    }
    if (place.ops->remove == NULL) {
        return -EROFS;
    }
    return place.ops->remove(place.fs, place.below, folder);
}

int unlink(const char *path)
{
    return ctx_c_files_result(remove_at(AT_FDCWD, path, false));
}

int rmdir(const char *path)
{
    return ctx_c_files_result(remove_at(AT_FDCWD, path, true));
}

int unlinkat(int folder, const char *path, int flags)
{
    return ctx_c_files_result(remove_at(folder, path, (flags & AT_REMOVEDIR) != 0));
}

/* Of stdio: folders too. */
int remove(const char *path)
{
    struct stat st;
    int error = stat_at(AT_FDCWD, path, &st);
    if (error == 0) {
        error = remove_at(AT_FDCWD, path, S_ISDIR(st.st_mode));
    }
    return ctx_c_files_result(error);
}

static int rename_at(int from_folder, const char *from, int to_folder, const char *to)
{
    struct ctx_c_place a, b;
    struct stat st;
    int error = ctx_c_place_of(from_folder, from, &a);
    if (error == 0) {
        error = ctx_c_place_of(to_folder, to, &b);
    }
    if (error != 0) {
        return error;
    }
    error = ctx_c_place_stat(&a, &st);
    if (error != 0 && error != -ENOENT) { /* that is the file system's to say, of both */
        return error;
    }
    if (error == 0 && b.folder && !S_ISDIR(st.st_mode)) {
        return -ENOTDIR;
    }
    if (*a.below == 0 || *b.below == 0) {
        return -EBUSY;
    }
    if (a.device != b.device) {
        return -EXDEV;
    }
    return a.ops->rename != NULL ? a.ops->rename(a.fs, a.below, b.below) : -EROFS;
}

int rename(const char *from, const char *to)
{
    return ctx_c_files_result(rename_at(AT_FDCWD, from, AT_FDCWD, to));
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return ctx_c_files_result(rename_at(from_folder, from, to_folder, to));
}

static int make_folder(int folder, const char *path, mode_t mode)
{
    struct ctx_c_place place;
    int error = ctx_c_place_of(folder, path, &place);
    if (error != 0) {
        return error;
    }
    if (*place.below == 0) {
        return -EEXIST;
    }
    return place.ops->mkdir != NULL ? place.ops->mkdir(place.fs, place.below, mode & ~mask)
                                    : -EROFS;
}

int mkdir(const char *path, mode_t mode)
{
    return ctx_c_files_result(make_folder(AT_FDCWD, path, mode));
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    return ctx_c_files_result(make_folder(folder, path, mode));
}

int link(const char *from, const char *to)
{
    struct stat st;
    (void)to;
    int error = stat_at(AT_FDCWD, from, &st);
    return ctx_c_files_result(error != 0 ? error : -EPERM);
}

int symlink(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return ctx_c_files_result(-EPERM);
}

ssize_t readlink(const char *restrict path, char *restrict to, size_t len)
{
    struct stat st;
    (void)to;
    (void)len;
    int error = stat_at(AT_FDCWD, path, &st);
    return ctx_c_files_result(error != 0 ? error : -EINVAL);
}

/* ---- the working folder ---- */

static int go_to(const char *path)
{
    struct stat st;
    struct ctx_c_place place;
    int error = ctx_c_place_of(AT_FDCWD, path, &place);
    if (error == 0) {
        error = ctx_c_place_stat(&place, &st);
    }
    if (error == 0 && !S_ISDIR(st.st_mode)) {
        error = -ENOTDIR;
    }
    if (error == 0) {
        strcpy(ctx_c_cwd, place.text);
    }
    return error;
}

int chdir(const char *path)
{
    return ctx_c_files_result(go_to(path));
}

int fchdir(int fd)
{
    const struct ctx_c_file *file = ctx_c_file_of(fd);
    if (file == NULL || file->path == NULL) {
        return ctx_c_files_result(file == NULL ? -EBADF : -ENOTDIR);
    }
    return chdir(file->path);
}

/* Like glibc's: without a place it makes one. */
char *getcwd(char *to, size_t len)
{
    size_t need = strlen(ctx_c_cwd) + 1;
    if (to == NULL && len == 0) {
        len = need;
    }
    if (len < need) {
        errno = len == 0 ? EINVAL : ERANGE;
        return NULL;
    }
    if (to == NULL) {
        to = malloc(len);
    }
    return to != NULL ? memcpy(to, ctx_c_cwd, need) : NULL;
}

char *realpath(const char *restrict path, char *restrict out)
{
    struct ctx_c_place place;
    struct stat st;
    int error = path == NULL ? -EINVAL : ctx_c_place_of(AT_FDCWD, path, &place);
    if (error == 0) {
        error = ctx_c_place_stat(&place, &st);
    }
    if (ctx_c_files_result(error) < 0) {
        return NULL;
    }
    return out != NULL ? strcpy(out, place.text) : strdup(place.text);
}
