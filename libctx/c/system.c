/* SPDX-License-Identifier: MIT */
/*
 * What POSIX has and the Context has not, above all files: whoever wants one is told ENOSYS. Of
 * descriptors there are 0, 1 and 2.
 */
#include "glue.h"

#include <ctx/c.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

pid_t getpid(void)
{
    return (pid_t)ctx_now()->pid;
}

/* Also what arc4random() is seeded from. */
int getentropy(void *to, size_t len)
{
    const struct ctx_random *random = ctx_c_open(CTX_ID_RANDOM);
    if (random == NULL || len > 256) {
        errno = random == NULL ? ENOSYS : EIO;
        return -1;
    }
    return ctx_c_result(random->fill(random, to, (uint32_t)len));
}

static int nosys(void)
{
    errno = ENOSYS;
    return -1;
}

ssize_t read(int fd, void *to, size_t len)
{
    return fd == 0 ? ctx_c_read(to, len) : nosys();
}

ssize_t write(int fd, const void *from, size_t len)
{
    return fd == 1 || fd == 2 ? ctx_c_write(fd, from, len) : nosys();
}

int isatty(int fd)
{
    errno = fd >= 0 && fd <= 2 ? ENOTTY : ENOSYS;
    return 0;
}

/* clang-format off */
int open(const char *path, int flags, ...) { (void)path; (void)flags; return nosys(); }
int creat(const char *path, mode_t mode) { (void)path; (void)mode; return nosys(); }
int close(int fd) { (void)fd; return nosys(); }
off_t lseek(int fd, off_t offset, int whence) { (void)fd; (void)offset; (void)whence; return nosys(); }
int fcntl(int fd, int what, ...) { (void)fd; (void)what; return nosys(); }
int fsync(int fd) { (void)fd; return nosys(); }
int ftruncate(int fd, off_t len) { (void)fd; (void)len; return nosys(); }
int truncate(const char *path, off_t len) { (void)path; (void)len; return nosys(); }
int dup(int fd) { (void)fd; return nosys(); }
int dup2(int fd, int to) { (void)fd; (void)to; return nosys(); }
int pipe(int fds[2]) { (void)fds; return nosys(); }

int fstat(int fd, struct stat *out) { (void)fd; (void)out; return nosys(); }
int stat(const char *restrict path, struct stat *restrict out) { (void)path; (void)out; return nosys(); }
int lstat(const char *restrict path, struct stat *restrict out) { (void)path; (void)out; return nosys(); }
int access(const char *path, int mode) { (void)path; (void)mode; return nosys(); }
int chmod(const char *path, mode_t mode) { (void)path; (void)mode; return nosys(); }

int unlink(const char *path) { (void)path; return nosys(); }
int rename(const char *from, const char *to) { (void)from; (void)to; return nosys(); }
int link(const char *from, const char *to) { (void)from; (void)to; return nosys(); }
int symlink(const char *from, const char *to) { (void)from; (void)to; return nosys(); }
int mkdir(const char *path, mode_t mode) { (void)path; (void)mode; return nosys(); }
int rmdir(const char *path) { (void)path; return nosys(); }
int chdir(const char *path) { (void)path; return nosys(); }
char *getcwd(char *to, size_t len) { (void)to; (void)len; nosys(); return NULL; }
ssize_t readlink(const char *restrict path, char *restrict to, size_t len) { (void)path; (void)to; (void)len; return nosys(); }

DIR *opendir(const char *path) { (void)path; nosys(); return NULL; }
struct dirent *readdir(DIR *dir) { (void)dir; nosys(); return NULL; }
int closedir(DIR *dir) { (void)dir; return nosys(); }
/* clang-format on */
