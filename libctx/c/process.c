/* SPDX-License-Identifier: MIT */
/* What a process is asked for, and an app has an answer to. */
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/syslimits.h>
#include <time.h>
#include <unistd.h>

#define CTX_C_PAGE 4096

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

pid_t getppid(void)
{
    return 0; /* the core */
}

/* Nobody but the one user of the machine is there. */
/* clang-format off */
uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
gid_t getgid(void) { return 0; }
gid_t getegid(void) { return 0; }
pid_t getpgrp(void) { return getpid(); }
pid_t getpgid(pid_t pid) { return pid == 0 ? getpid() : pid; }
pid_t getsid(pid_t pid) { return getpgid(pid); }
/* clang-format on */

static int same_id(unsigned id)
{
    if (id != 0 && id != (unsigned)-1) {
        errno = EPERM;
        return -1;
    }
    return 0;
}

/* clang-format off */
int setuid(uid_t id) { return same_id(id); }
int seteuid(uid_t id) { return same_id(id); }
int setgid(gid_t id) { return same_id(id); }
int setegid(gid_t id) { return same_id(id); }
int setreuid(uid_t id, uid_t effective) { return same_id(id) | same_id(effective); }
int setregid(gid_t id, gid_t effective) { return same_id(id) | same_id(effective); }
int setpgid(pid_t pid, pid_t group) { (void)pid; (void)group; return 0; }
pid_t setsid(void) { return getpid(); }
/* clang-format on */

int getgroups(int room, gid_t groups[])
{
    if (room > 0) {
        groups[0] = 0;
    }
    return 1;
}

static uint64_t memory_pages(bool free)
{
    struct ctx_mem_usage usage = {.size = sizeof usage};
    const struct ctx_mem *mem = CTX_HAS(ctx_now(), mem) ? ctx_now()->mem : NULL;
    if (mem == NULL || mem->usage(mem, &usage) != CTX_OK) {
        return 0;
    }
    return (usage.quota - (free ? usage.committed : 0)) / CTX_C_PAGE;
}

/* What has no limit is -1 with errno as it was. */
long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE:
        return CTX_C_PAGE;
    case _SC_OPEN_MAX:
        return OPEN_MAX;
    case _SC_CLK_TCK:
        return CLOCKS_PER_SEC;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    case _SC_PHYS_PAGES: /* of what the app may have */
        return (long)memory_pages(false);
    case _SC_AVPHYS_PAGES:
        return (long)memory_pages(true);
    case _SC_VERSION:
        return 200809L;
    case _SC_MONOTONIC_CLOCK:
    case _SC_TIMERS:
    case _SC_CLOCK_SELECTION:
        return 200112L;
    case _SC_FSYNC:
        return 200112L;
    case _SC_NGROUPS_MAX:
        return 1;
    case _SC_TZNAME_MAX:
    case _SC_ARG_MAX:
    case _SC_STREAM_MAX:
    case _SC_LINE_MAX:
    case _SC_ATEXIT_MAX:
    case _SC_IOV_MAX:
    case _SC_HOST_NAME_MAX:
    case _SC_LOGIN_NAME_MAX:
    case _SC_TTY_NAME_MAX:
    case _SC_SYMLOOP_MAX:
    case _SC_THREADS:
    case _SC_MAPPED_FILES:
    case _SC_JOB_CONTROL:
    case _SC_SAVED_IDS:
    case _SC_CHILD_MAX:
    case _SC_REALTIME_SIGNALS:
    case _SC_SEMAPHORES:
        return -1;
    default:
        errno = EINVAL;
        return -1;
    }
}

int getdtablesize(void)
{
    return OPEN_MAX;
}

int gethostname(char *to, size_t len)
{
    static const char name[] = "argos";
    if (len < sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(to, name, sizeof name);
    return 0;
}

int nice(int more)
{
    (void)more;
    return 0;
}
