/* SPDX-License-Identifier: MIT */
/*
 * `ctx new`, `ctx debug`, `ctx idl`, `ctx iso`, `ctx files`, `ctx cc` and `ctx c++`: scripts of the
 * installed package, in lib/ctx beside the folder that the tool lies in. In a build folder they lie
 * in lib/ctx of that folder.
 */
#define _GNU_SOURCE
#include "linux.h"
#include "tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The package's folder that holds this file; false: there is none. */
static bool find_home(const char *file, char home[PATH_MAX])
{
    static const char *const places[] = {"../lib/ctx", "lib/ctx"};
    char self[PATH_MAX], path[2 * PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len < 0) {
        return false;
    }
    self[len] = 0;
    *strrchr(self, '/') = 0;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        snprintf(path, sizeof path, "%s/%s/%s", self, places[i], file);
        if (access(path, R_OK) == 0) {
            snprintf(path, sizeof path, "%s/%s", self, places[i]);
            return realpath(path, home) != NULL;
        }
    }
    return false;
}

bool tool_app_path(const char *name, char path[PATH_MAX])
{
    /* Installed, then in a build folder; those that can be verified first. */
    static const char *const places[] = {"../lib/ctx/apps/verified", "../lib/ctx/apps",
                                         "apps/%s/verified", "apps"};
    char self[PATH_MAX], whole[2 * PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len < 0) {
        return false;
    }
    self[len] = 0;
    *strrchr(self, '/') = 0;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        const char *own = strstr(places[i], "%s");
        int before = own != NULL ? (int)(own - places[i]) : (int)strlen(places[i]);
        snprintf(whole, sizeof whole, "%s/%.*s%s%s/%s.elf", self, before, places[i],
                 own != NULL ? name : "", own != NULL ? own + 2 : "", name);
        if (access(whole, R_OK) == 0) {
            return realpath(whole, path) != NULL;
        }
    }
    return false;
}

int tool_sdk(const char *name, int argc, char **argv)
{
    char file[32], home[PATH_MAX], self[PATH_MAX], script[2 * PATH_MAX];
    bool cxx = strcmp(name, "c++") == 0;
    snprintf(file, sizeof file, "ctx-%s.py", cxx ? "cc" : name);
    if (!find_home(file, home)) {
        fprintf(stderr, "ctx: %s is not installed: there is no lib/ctx/%s beside this tool\n", name,
                file);
        return LINUX_USAGE;
    }
    bool known = realpath("/proc/self/exe", self) != NULL;
    char *head[] = {"python3", "-B", script, "--home", home, "--tool", self};
    /* Those, `--c++`, the arguments, and the NULL behind them. */
    size_t room = ARRAY_COUNT(head) + 1 + (size_t)argc + 1;
    char **words = known ? calloc(room, sizeof *words) : NULL;
    if (words == NULL) {
        perror("ctx");
        return LINUX_USAGE;
    }
    snprintf(script, sizeof script, "%s/%s", home, file);
    memcpy(words, head, sizeof head);
    size_t at = ARRAY_COUNT(head);
    if (cxx) {
        words[at++] = "--c++";
    }
    memcpy(words + at, argv, (size_t)argc * sizeof *argv);
    execvp("python3", words);
    fprintf(stderr, "ctx: python3: %s (package python3)\n", strerror(errno));
    free(words);
    return LINUX_USAGE;
}
