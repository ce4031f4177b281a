/* SPDX-License-Identifier: MIT */
/* Small functions of C17 and POSIX that picolibc declares and does not have. */
#define _GNU_SOURCE
#include "files/files.h"
#include "glue.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- C17 ---- */

int fgetpos(FILE *restrict file, fpos_t *restrict place)
{
    off_t at = ftello(file);
    *place = (fpos_t)at;
    return at < 0 ? -1 : 0;
}

int fsetpos(FILE *file, const fpos_t *place)
{
    return fseeko(file, (off_t)*place, SEEK_SET);
}

static void (*quickly[32])(void);
static int quick_count;

int at_quick_exit(void (*run)(void))
{
    if (quick_count == 32) {
        return -1;
    }
    quickly[quick_count++] = run;
    return 0;
}

void quick_exit(int status)
{
    while (quick_count > 0) {
        quickly[--quick_count]();
    }
    _exit(status);
}

int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

/* ---- sets of signals: functions for those who take their address ---- */

#undef sigaddset
#undef sigdelset
#undef sigemptyset
#undef sigfillset
#undef sigismember

static bool wrong_signal(int number)
{
    bool wrong = number <= 0 || number >= NSIG;
    errno = wrong ? EINVAL : errno;
    return wrong;
}

int sigaddset(sigset_t *set, const int number)
{
    if (wrong_signal(number)) {
        return -1;
    }
    *set |= (sigset_t)1 << number;
    return 0;
}

int sigdelset(sigset_t *set, const int number)
{
    if (wrong_signal(number)) {
        return -1;
    }
    *set &= ~((sigset_t)1 << number);
    return 0;
}

int sigismember(const sigset_t *set, int number)
{
    return wrong_signal(number) ? -1 : (*set >> number & 1) != 0;
}

int sigemptyset(sigset_t *set)
{
    *set = 0;
    return 0;
}

int sigfillset(sigset_t *set)
{
    *set = ~(sigset_t)0;
    return 0;
}

/* ---- descriptors ---- */

int dup3(int fd, int to, int flags)
{
    if (fd == to) {
        errno = EINVAL;
        return -1;
    }
    int result = dup2(fd, to);
    if (result >= 0 && (flags & O_CLOEXEC) != 0) {
        fcntl(to, F_SETFD, FD_CLOEXEC);
    }
    return result;
}

void sync(void)
{
    ctx_c_sync_lent();
}

/* There is nobody else who could hold a lock. */
int lockf(int fd, int what, off_t len)
{
    (void)what;
    (void)len;
    return fsync(fd);
}

int fchmod(int fd, mode_t mode)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    if (file == NULL) {
        return ctx_c_files_result(-EBADF);
    }
    return ctx_c_files_result(file->ops->chmod != NULL ? file->ops->chmod(file, mode) : -EROFS);
}

int fchown(int fd, uid_t owner, gid_t group)
{
    bool same = (owner == 0 || owner == (uid_t)-1) && (group == 0 || group == (gid_t)-1);
    return ctx_c_files_result(ctx_c_file_of(fd) == NULL ? -EBADF : same ? 0 : -EPERM);
}

int futimens(int fd, const struct timespec times[2])
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    struct timespec modified;
    clock_gettime(CLOCK_REALTIME, &modified);
    if (file == NULL) {
        return ctx_c_files_result(-EBADF);
    }
    if (times != NULL && times[1].tv_nsec != UTIME_NOW) {
        modified = times[1];
    }
    if (modified.tv_nsec == UTIME_OMIT) {
        return 0;
    }
    return ctx_c_files_result(file->ops->times != NULL ? file->ops->times(file, &modified)
                                                       : -EROFS);
}

int futimes(int fd, const struct timeval times[2])
{
    struct timespec both[2];
    for (int i = 0; i < 2 && times != NULL; i++) {
        both[i].tv_sec = times[i].tv_sec;
        both[i].tv_nsec = times[i].tv_usec * 1000L;
    }
    return futimens(fd, times != NULL ? both : NULL);
}

/* ---- the rest ---- */

char *get_current_dir_name(void)
{
    return getcwd(NULL, 0);
}

char *getwd(char *to)
{
    return getcwd(to, PATH_MAX);
}

char *secure_getenv(const char *name)
{
    return getenv(name);
}

int setpgrp(void)
{
    return 0;
}

int issetugid(void)
{
    return 0;
}

long gethostid(void)
{
    return 0;
}

/* The list of users, and that of groups, have one entry each. */
static bool user_told, group_told;

void setpwent(void)
{
    user_told = false;
}

struct passwd *getpwent(void)
{
    bool told = user_told;
    user_told = true;
    return told ? NULL : getpwuid(0);
}

void endpwent(void)
{
    user_told = false;
}

void setgrent(void)
{
    group_told = false;
}

struct group *getgrent(void)
{
    bool told = group_told;
    group_told = true;
    return told ? NULL : getgrgid(0);
}

void endgrent(void)
{
    group_told = false;
}

static int copy_group(const struct group *found, struct group *to, struct group **out)
{
    *out = found != NULL ? to : NULL;
    if (found != NULL) {
        *to = *found;
    }
    return 0;
}

int getgrgid_r(gid_t id, struct group *to, char *text, size_t len, struct group **out)
{
    (void)text;
    (void)len;
    return copy_group(getgrgid(id), to, out);
}

int getgrnam_r(const char *name, struct group *to, char *text, size_t len, struct group **out)
{
    (void)text;
    (void)len;
    return copy_group(getgrnam(name), to, out);
}
