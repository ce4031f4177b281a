/* SPDX-License-Identifier: MIT */
/*
 * What POSIX has and the Context of versions 1 and 2 has not. Time is the time since the machine
 * was switched on, of the moment when this call began: it stands still during a call, so nobody may
 * wait for it in a loop. There are no files: whoever opens one is told ENOSYS.
 */
#include <ctx/c.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    uint64_t ms = ctx_now()->start_time_ms;
    now->tv_sec = (time_t)(ms / 1000);
    now->tv_usec = (suseconds_t)(ms % 1000 * 1000);
    return 0;
}

clock_t clock(void)
{
    return (clock_t)(ctx_now()->start_time_ms * (CLOCKS_PER_SEC / 1000));
}

clock_t times(struct tms *out)
{
    *out = (struct tms){.tms_utime = clock()};
    return out->tms_utime;
}

pid_t getpid(void)
{
    return (pid_t)ctx_now()->pid;
}

static int nosys(void)
{
    errno = ENOSYS;
    return -1;
}

int open(const char *path, int flags, ...)
{
    (void)path;
    (void)flags;
    return nosys();
}

int close(int fd)
{
    (void)fd;
    return nosys();
}

ssize_t read(int fd, void *to, size_t len)
{
    (void)fd;
    (void)to;
    (void)len;
    return nosys();
}

ssize_t write(int fd, const void *from, size_t len)
{
    (void)fd;
    (void)from;
    (void)len;
    return nosys();
}

off_t lseek(int fd, off_t offset, int whence)
{
    (void)fd;
    (void)offset;
    (void)whence;
    return nosys();
}

int fstat(int fd, struct stat *out)
{
    (void)fd;
    (void)out;
    return nosys();
}

int stat(const char *restrict path, struct stat *restrict out)
{
    (void)path;
    (void)out;
    return nosys();
}

int isatty(int fd)
{
    (void)fd;
    return nosys() + 1;
}

int unlink(const char *path)
{
    (void)path;
    return nosys();
}

int rename(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return nosys();
}
