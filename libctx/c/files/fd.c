/* SPDX-License-Identifier: MIT */
/*
 * Descriptors. 0, 1 and 2 are at first the app's streams, as ctx_c_read and ctx_c_write have them;
 * close(), dup2() and fcntl() treat them as any other, and what stdio prints follows
 * (ctx_c_redirect).
 */
#include "../glue.h"
#include "../signals.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- the app's streams ---- */

static int number_of(const struct ctx_c_file *file)
{
    return (int)(intptr_t)file->node;
}

/* They set errno themselves. */
static ssize_t stream_read(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    int kept = errno;
    (void)at;
    ssize_t count =
        number_of(file) == 0 ? ctx_c_read(to, len, (file->flags & O_NONBLOCK) != 0) : -EBADF;
    if (count < 0) {
        count = number_of(file) == 0 ? -errno : -EBADF;
        errno = kept;
    }
    return count;
}

static ssize_t stream_write(struct ctx_c_file *file, off_t at, const void *from, size_t len)
{
    int kept = errno;
    (void)at;
    if (number_of(file) == 0) {
        return -EBADF;
    }
    ssize_t count = ctx_c_write(number_of(file), from, len);
    if (count < 0) {
        count = -errno;
        errno = kept;
    }
    return count;
}

static int stream_stat(struct ctx_c_file *file, struct stat *out)
{
    static const mode_t modes[] = {S_IFCHR | 0620, S_IFCHR | 0620, S_IFREG | 0644, S_IFIFO | 0600};
    uint32_t kind = ctx_c_kind(number_of(file));
    *out = (struct stat){.st_mode = modes[kind < 4 ? kind : 0],
                         .st_nlink = 1,
                         .st_ino = (ino_t)number_of(file) + 1,
                         .st_blksize = (blksize_t)CTX_C_BLOCK};
    return 0;
}

static void stream_close(struct ctx_c_file *file)
{
    (void)file;
}

static const struct ctx_c_file_ops stream_ops = {.read = stream_read,
                                                 .write = stream_write,
                                                 .stat = stream_stat,
                                                 .close = stream_close,
                                                 .stream = true};

/* One reference more than they have descriptors: they are never freed. */
static struct ctx_c_file streams[3] = {
    {.ops = &stream_ops, .node = (void *)0, .flags = O_RDONLY, .refs = 2},
    {.ops = &stream_ops, .node = (void *)1, .flags = O_WRONLY, .refs = 2},
    {.ops = &stream_ops, .node = (void *)2, .flags = O_WRONLY, .refs = 2},
};

#define WORD 64

/* Of each descriptor its file, and bits; they move to more memory when there are more. */
static struct ctx_c_file *first_table[WORD] = {&streams[0], &streams[1], &streams[2]};
static uint64_t first_bits[2] = {7, 0};
static struct ctx_c_file **table = first_table;
static uint64_t *used = first_bits;
static uint64_t *on_exec = first_bits + 1; /* FD_CLOEXEC: nothing ever executes */
static int room = WORD;

/* ---- the table ---- */

struct ctx_c_file *ctx_c_file_of(int fd)
{
    return fd >= 0 && fd < room ? table[fd] : NULL;
}

int ctx_c_fd_end(void)
{
    return room;
}

static void set_bit(uint64_t *bits, int fd, bool on)
{
    uint64_t bit = UINT64_C(1) << fd % WORD;
    bits[fd / WORD] = on ? bits[fd / WORD] | bit : bits[fd / WORD] & ~bit;
}

/* Until this descriptor has a place. 0; -EMFILE, -ENOMEM. */
static int grow(int fd)
{
    int more = room;
    if (fd >= CTX_C_FDS) {
        return -EMFILE;
    }
    while (more <= fd) {
        more *= 2;
    }
    if (more == room) {
        return 0;
    }
    size_t words = (size_t)(more / WORD);
    struct ctx_c_file **new_table = calloc((size_t)more, sizeof *new_table);
    uint64_t *bits = calloc(2 * words, sizeof *bits);
    bool grown = room >= more; /* by a signal's handler, which calloc() may have run */
    if (grown || new_table == NULL || bits == NULL) {
        free(new_table);
        free(bits);
        return grown ? 0 : -ENOMEM;
    }
    size_t before = (size_t)(room / WORD);
    memcpy(new_table, table, (size_t)room * sizeof *table);
    memcpy(bits, used, before * sizeof *bits);
    memcpy(bits + words, on_exec, before * sizeof *bits);
    if (table != first_table) {
        free(table);
        free(used);
    }
    table = new_table;
    used = bits;
    on_exec = bits + words;
    room = more;
    return 0;
}

bool ctx_c_is_stream(int fd)
{
    return fd >= 0 && fd < 3 && table[fd] == &streams[fd];
}

int ctx_c_fd_free(int least)
{
    int fd = least, error;
    do {
        while (fd < room) {
            uint64_t free_ones = ~used[fd / WORD] >> fd % WORD;
            if (free_ones != 0) {
                fd += __builtin_ctzll(free_ones);
                break;
            }
            fd += WORD - fd % WORD;
        }
        error = grow(fd);
    } while (error == 0 && table[fd] != NULL); /* a handler has taken it meanwhile */
    return error == 0 ? fd : error;
}

void ctx_c_file_drop(struct ctx_c_file *file)
{
    if (--file->refs > 0) {
        return;
    }
    file->ops->close(file);
    free(file->path);
    free(file);
}

/* What stdio has for descriptor 0, 1 or 2 that is something else by now; -2: it is not. */
static long moved_write(int fd, const void *from, size_t len)
{
    return ctx_c_is_stream(fd) ? -2 : write(fd, from, len);
}

static long moved_read(int fd, void *to, size_t len)
{
    return ctx_c_is_stream(fd) ? -2 : read(fd, to, len);
}

void ctx_c_fd_set(int fd, struct ctx_c_file *file)
{
    table[fd] = file;
    set_bit(used, fd, file != NULL);
    set_bit(on_exec, fd, false);
    if (fd < 3) {
        ctx_c_redirect = moved_write;
        ctx_c_redirect_in = moved_read;
    }
}

int ctx_c_files_result(int result)
{
    if (result < 0) {
        errno = -result;
        return -1;
    }
    return result;
}

static ssize_t sized(ssize_t result)
{
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

int close(int fd)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    if (file == NULL) {
        return ctx_c_files_result(-EBADF);
    }
    ctx_c_fd_set(fd, NULL);
    ctx_c_file_drop(file);
    return 0;
}

static int copy_to(int fd, int to)
{
    int error = ctx_c_file_of(fd) == NULL || to < 0 || to >= CTX_C_FDS ? -EBADF : grow(to);
    struct ctx_c_file *file = ctx_c_file_of(fd), *old = ctx_c_file_of(to); /* behind grow() */
    if (error != 0 || file == NULL) {
        return ctx_c_files_result(error != 0 ? error : -EBADF);
    }
    if (fd != to) {
        file->refs++;
        ctx_c_fd_set(to, file);
        if (old != NULL) {
            ctx_c_file_drop(old);
        }
    }
    return to;
}

int dup2(int fd, int to)
{
    return copy_to(fd, to);
}

static int copy_from(int fd, int least)
{
    if (ctx_c_file_of(fd) == NULL || least < 0 || least >= CTX_C_FDS) {
        return ctx_c_files_result(ctx_c_file_of(fd) == NULL ? -EBADF : -EINVAL);
    }
    int to = ctx_c_fd_free(least);
    return to < 0 ? ctx_c_files_result(to) : copy_to(fd, to);
}

int dup(int fd)
{
    return copy_from(fd, 0);
}

/* ---- bytes ---- */

static bool may_read(const struct ctx_c_file *file)
{
    return file != NULL && (file->flags & O_ACCMODE) != O_WRONLY;
}

static bool may_write(const struct ctx_c_file *file)
{
    return file != NULL && (file->flags & O_ACCMODE) != O_RDONLY;
}

static ssize_t read_at(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    if (!may_read(file)) {
        return -EBADF;
    }
    if (file->ops->read == NULL) {
        return file->path != NULL ? -EISDIR : -EINVAL;
    }
    return file->ops->read(file, at, to, len < PTRDIFF_MAX ? len : PTRDIFF_MAX);
}

static ssize_t write_at(struct ctx_c_file *file, off_t at, const void *from, size_t len)
{
    if (!may_write(file)) {
        return -EBADF;
    }
    if (file->ops->write == NULL) {
        return -EINVAL;
    }
    return len > PTRDIFF_MAX ? -EINVAL : file->ops->write(file, at, from, len);
}

ssize_t read(int fd, void *to, size_t len)
{
    ctx_c_signals_poll(256);
    struct ctx_c_file *file = ctx_c_file_of(fd);
    ssize_t count = read_at(file, file != NULL ? file->at : 0, to, len);
    if (count > 0 && !file->ops->stream) {
        file->at += count;
    }
    return sized(count);
}

static int to_end(struct ctx_c_file *file)
{
    struct stat st;
    int error = file->ops->stat(file, &st);
    if (error == 0) {
        file->at = st.st_size;
    }
    return error;
}

ssize_t write(int fd, const void *from, size_t len)
{
    ctx_c_signals_poll(256);
    struct ctx_c_file *file = ctx_c_file_of(fd);
    if (len > 0 && may_write(file) && !file->ops->stream && (file->flags & O_APPEND) != 0) {
        int error = to_end(file);
        if (error != 0) {
            return sized(error);
        }
    }
    ssize_t count = write_at(file, file != NULL ? file->at : 0, from, len);
    if (count > 0 && !file->ops->stream) {
        file->at += count;
    }
    return sized(count);
}

static ssize_t no_place(const struct ctx_c_file *file, off_t at)
{
    return file == NULL ? -EBADF : file->ops->stream ? -ESPIPE : at < 0 ? -EINVAL : 0;
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    ssize_t error = no_place(file, at);
    return sized(error != 0 ? error : read_at(file, at, to, len));
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    ssize_t error = no_place(file, at);
    return sized(error != 0 ? error : write_at(file, at, from, len));
}

/* Piece by piece; what was moved before an error counts. */
ssize_t readv(int fd, const struct iovec *pieces, int count)
{
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t len = read(fd, pieces[i].iov_base, pieces[i].iov_len);
        if (len < 0) {
            return all > 0 ? all : -1;
        }
        all += len;
        if ((size_t)len < pieces[i].iov_len) {
            break;
        }
    }
    return all;
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t len = write(fd, pieces[i].iov_base, pieces[i].iov_len);
        if (len < 0) {
            return all > 0 ? all : -1;
        }
        all += len;
        if ((size_t)len < pieces[i].iov_len) {
            break;
        }
    }
    return all;
}

off_t lseek(int fd, off_t offset, int whence)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    struct stat st = {0};
    ssize_t error = no_place(file, 0);
    if (error == 0 && whence == SEEK_END) {
        error = file->ops->stat(file, &st);
    }
    off_t from = whence == SEEK_END ? st.st_size : whence == SEEK_CUR && error == 0 ? file->at : 0;
    if (error == 0 && (whence < SEEK_SET || whence > SEEK_END ||
                       __builtin_add_overflow(from, offset, &offset) || offset < 0)) {
        error = -EINVAL;
    }
    if (error == 0) {
        file->at = offset;
    }
    return error == 0 ? offset : sized(error);
}

int ftruncate(int fd, off_t len)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    if (!may_write(file) || file->ops->truncate == NULL || len < 0) {
        return ctx_c_files_result(file == NULL ? -EBADF : -EINVAL);
    }
    return ctx_c_files_result(file->ops->truncate(file, len));
}

int fstat(int fd, struct stat *out)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    return ctx_c_files_result(file != NULL ? file->ops->stat(file, out) : -EBADF);
}

/* ---- what else is asked of descriptors ---- */

int isatty(int fd)
{
    const struct ctx_c_file *file = ctx_c_file_of(fd);
    if (file != NULL && file->ops == &stream_ops && ctx_c_kind(number_of(file)) == 1) {
        return 1;
    }
    errno = file == NULL ? EBADF : ENOTTY;
    return 0;
}

int fsync(int fd)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    return ctx_c_files_result(file == NULL              ? -EBADF
                              : file->ops->sync != NULL ? file->ops->sync(file)
                                                        : 0);
}

int fdatasync(int fd)
{
    return fsync(fd);
}

/* There is nobody else who could hold a lock. */
int flock(int fd, int operation)
{
    (void)operation;
    return ctx_c_files_result(ctx_c_file_of(fd) != NULL ? 0 : -EBADF);
}

static int get_lock(struct flock *lock)
{
    lock->l_type = F_UNLCK;
    return 0;
}

int fcntl(int fd, int what, ...)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    const int changing = O_APPEND | O_NONBLOCK;
    va_list args;
    if (file == NULL) {
        return ctx_c_files_result(-EBADF);
    }
    va_start(args, what);
    int result = -EINVAL;
    switch (what) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        result = copy_from(fd, va_arg(args, int));
        va_end(args);
        return result; /* errno is set */
    case F_GETFD:
        result = (on_exec[fd / WORD] >> fd % WORD & 1) != 0 ? FD_CLOEXEC : 0;
        break;
    case F_SETFD:
        set_bit(on_exec, fd, (va_arg(args, int) & FD_CLOEXEC) != 0);
        result = 0;
        break;
    case F_GETFL:
        result = file->flags;
        break;
    case F_SETFL:
        file->flags = (file->flags & ~changing) | (va_arg(args, int) & changing);
        if (fd == 0) {
            ctx_c_input_at_once = (file->flags & O_NONBLOCK) != 0;
        }
        result = 0;
        break;
    case F_GETLK:
        result = get_lock(va_arg(args, struct flock *));
        break;
    case F_SETLK:
    case F_SETLKW:
        result = 0;
        break;
    default:
        break;
    }
    va_end(args);
    return ctx_c_files_result(result);
}
