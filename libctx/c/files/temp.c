/* SPDX-License-Identifier: MIT */
/* Files with names that nobody has yet, in /tmp where the program does not say. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIES 1000u

/* Where the six X stand; NULL and EINVAL: they do not. */
static char *place_of(char *name, int behind)
{
    size_t len = strlen(name);
    if (behind < 0 || len < 6 + (size_t)behind ||
        memcmp(name + len - (size_t)behind - 6, "XXXXXX", 6) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return name + len - (size_t)behind - 6;
}

/* Names count on from a start that differs from app to app: which are free is open()'s to say. */
static void fill(char *at)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static uint64_t number;
    number = number != 0 ? number + 1 : (uint64_t)getpid() * 7919 + 1;
    uint64_t rest = number * UINT64_C(0x9e3779b97f4a7c15) >> 20;
    for (int i = 0; i < 6; i++) {
        at[i] = letters[rest % 36];
        rest /= 36;
    }
}

int mkostemps(char *name, int behind, int flags)
{
    char *at = place_of(name, behind);
    for (uint32_t i = 0; at != NULL && i < TRIES; i++) {
        fill(at);
        int fd = open(name, (flags & O_APPEND) | O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

int mkstemps(char *name, int behind)
{
    return mkostemps(name, behind, 0);
}

int mkostemp(char *name, int flags)
{
    return mkostemps(name, 0, flags);
}

int mkstemp(char *name)
{
    return mkostemps(name, 0, 0);
}

char *mkdtemp(char *name)
{
    char *at = place_of(name, 0);
    for (uint32_t i = 0; at != NULL && i < TRIES; i++) {
        fill(at);
        if (mkdir(name, 0700) == 0) {
            return name;
        }
        if (errno != EEXIST) {
            return NULL;
        }
    }
    return NULL;
}

/* "" if there is none. */
static char *free_name(char *name)
{
    char *at = place_of(name, 0);
    for (uint32_t i = 0; at != NULL && i < TRIES; i++) {
        fill(at);
        if (access(name, F_OK) != 0 && errno == ENOENT) {
            return name;
        }
    }
    name[0] = 0;
    return name;
}

char *mktemp(char *name)
{
    return free_name(name);
}

FILE *tmpfile(void)
{
    char name[] = "/tmp/fXXXXXX";
    int fd = mkstemp(name);
    if (fd < 0) {
        return NULL;
    }
    unlink(name);
    FILE *file = fdopen(fd, "w+");
    if (file == NULL) {
        close(fd);
    }
    return file;
}

char *tmpnam(char *to)
{
    static char own[L_tmpnam];
    to = to != NULL ? to : own;
    strcpy(to, "/tmp/nXXXXXX");
    return *free_name(to) != 0 ? to : NULL;
}
