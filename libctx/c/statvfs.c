/* SPDX-License-Identifier: MIT */
/* Terminals that nobody can make, and how much there is of file systems: memory, where none is
 * lent. */
#define _GNU_SOURCE
#include "files/files.h"
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BLOCK     4096u
#define NAME_MOST 255u

/* What can be written there is memory of the app's: all of its files share what it has left. */
static int fill(struct statvfs *out)
{
    long all = sysconf(_SC_PHYS_PAGES), left = sysconf(_SC_AVPHYS_PAGES);
    *out = (struct statvfs){.f_bsize = BLOCK,
                            .f_frsize = BLOCK,
                            .f_blocks = all > 0 ? (fsblkcnt_t)all : 0,
                            .f_bfree = left > 0 ? (fsblkcnt_t)left : 0,
                            .f_bavail = left > 0 ? (fsblkcnt_t)left : 0,
                            .f_namemax = NAME_MOST};
    return 0;
}

int statvfs(const char *restrict path, struct statvfs *restrict out)
{
    static struct ctx_c_place place;
    struct stat st;
    if (stat(path, &st) != 0) {
        return -1;
    }
    int error = ctx_c_place_of(AT_FDCWD, path, &place);
    if (error == 0 && place.ops->space != NULL) {
        return ctx_c_files_result(place.ops->space(place.fs, place.below, out));
    }
    return fill(out);
}

int fstatvfs(int fd, struct statvfs *out)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    struct stat st;
    if (file != NULL && file->ops->space != NULL) {
        return ctx_c_files_result(file->ops->space(file, out));
    }
    return fstat(fd, &st) == 0 ? fill(out) : -1;
}

/* ---- a terminal has somebody at its other end, and an app is alone ---- */

int openpty(int *master, int *slave, char *name, const struct termios *modes,
            const struct winsize *size)
{
    static bool said;
    (void)master;
    (void)slave;
    (void)name;
    (void)modes;
    (void)size;
    ctx_c_never("openpty", &said);
    return -1;
}

pid_t forkpty(int *master, char *name, const struct termios *modes, const struct winsize *size)
{
    static bool said;
    (void)master;
    (void)name;
    (void)modes;
    (void)size;
    ctx_c_never("forkpty", &said);
    return -1;
}

int login_tty(int fd)
{
    if (!isatty(fd)) {
        return -1;
    }
    for (int no = 0; no <= 2; no++) { /* it is the one that the program has */
        if (fd != no && dup2(fd, no) < 0) {
            return -1;
        }
    }
    return fd > 2 ? close(fd) : 0;
}

/* ---- advice: memory is as near as it gets ---- */

int posix_fadvise(int fd, off_t from, off_t len, int advice)
{
    struct stat st;
    int kept = errno;
    (void)from;
    if (fstat(fd, &st) != 0) {
        errno = kept;
        return EBADF;
    }
    return S_ISFIFO(st.st_mode)                                                   ? ESPIPE
           : len < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE ? EINVAL
                                                                                  : 0;
}
