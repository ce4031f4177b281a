/* SPDX-License-Identifier: MIT */
/*
 * The one user, the one group and the machine's name, for programs that ask: root, 0, whose home is
 * "/" (or HOME), and "argos".
 */
#define _GNU_SOURCE
#include <ctx/c.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static struct passwd user;
static struct group group;
static char *members[] = {(char[]){"root"}, NULL};

struct passwd *getpwuid(uid_t id)
{
    char *home = getenv("HOME");
    if (id != 0) {
        errno = 0; /* there is none, and that is no error */
        return NULL;
    }
    static char texts[4][2] = {"x", "", "", "/"};
    user.pw_name = members[0];
    user.pw_passwd = texts[0];
    user.pw_comment = user.pw_gecos = user.pw_shell = texts[1];
    user.pw_dir = home != NULL ? home : texts[3];
    return &user;
}

struct passwd *getpwnam(const char *name)
{
    return getpwuid(strcmp(name, "root") == 0 ? 0 : 1);
}

static int copy_user(const struct passwd *found, struct passwd *to, struct passwd **out)
{
    *out = found != NULL ? to : NULL;
    if (found != NULL) {
        *to = *found; /* what it points at stays */
    }
    return 0;
}

int getpwuid_r(uid_t id, struct passwd *to, char *text, size_t len, struct passwd **out)
{
    (void)text;
    (void)len;
    return copy_user(getpwuid(id), to, out);
}

int getpwnam_r(const char *name, struct passwd *to, char *text, size_t len, struct passwd **out)
{
    (void)text;
    (void)len;
    return copy_user(getpwnam(name), to, out);
}

struct group *getgrgid(gid_t id)
{
    if (id != 0) {
        errno = 0;
        return NULL;
    }
    static char secret[] = "x";
    group = (struct group){.gr_name = members[0], .gr_passwd = secret, .gr_mem = members};
    return &group;
}

struct group *getgrnam(const char *name)
{
    return getgrgid(strcmp(name, "root") == 0 ? 0 : 1);
}

char *getlogin(void)
{
    return members[0];
}

int uname(struct utsname *out)
{
    memset(out, 0, sizeof *out);
    strcpy(out->sysname, "Argos");
    strcpy(out->machine, "x86_64");
    strcpy(out->version, "libctx");
    snprintf(out->release, sizeof out->release, "ctx.%u", (unsigned)ctx_now()->version);
    return gethostname(out->nodename, sizeof out->nodename);
}

/* An app is called, and does not know how long others were: all of its time is the user's. */
int getrusage(int who, struct rusage *out)
{
    memset(out, 0, sizeof *out);
    if (who == RUSAGE_SELF) {
        clock_t used = clock();
        out->ru_utime.tv_sec = (time_t)(used / CLOCKS_PER_SEC);
        out->ru_utime.tv_usec = (suseconds_t)(used % CLOCKS_PER_SEC * (1000000 / CLOCKS_PER_SEC));
    }
    return 0;
}

int sched_yield(void)
{
    return 0; /* nobody else is there to whom it could give way */
}

char *ttyname(int fd)
{
    static char name[] = "/dev/tty";
    return isatty(fd) ? name : NULL;
}

char *ctermid(char *to)
{
    static char own[9];
    return strcpy(to != NULL ? to : own, "/dev/tty");
}
