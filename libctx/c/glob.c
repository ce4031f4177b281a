/* SPDX-License-Identifier: MIT */
/* glob(), ftw() and nftw(), over opendir(); and the searches of <search.h> that picolibc lacks. */
#define _GNU_SOURCE
#include "files/files.h"

#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <glob.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- glob ---- */

static int add_path(glob_t *to, const char *path)
{
    size_t count =
        (size_t)to->gl_pathc + ((to->gl_flags & GLOB_DOOFFS) != 0 ? (size_t)to->gl_offs : 0);
    char **bigger = realloc(to->gl_pathv, (count + 2) * sizeof *bigger);
    char *copy = strdup(path);
    if (bigger != NULL) {
        to->gl_pathv = bigger;
    }
    if (bigger == NULL || copy == NULL) {
        free(copy);
        return GLOB_NOSPACE;
    }
    if (to->gl_pathc == 0) {
        memset(bigger, 0, count * sizeof *bigger);
    }
    bigger[count] = copy;
    bigger[count + 1] = NULL;
    to->gl_pathc++;
    return 0;
}

static int match(const char *path, const char *rest, int flags, int (*failed)(const char *, int),
                 glob_t *out);

/* The names in a folder that fit one part of the pattern. */
static int match_names(const char *path, const char *part, const char *rest, int flags,
                       int (*failed)(const char *, int), glob_t *out)
{
    char next[CTX_C_PATH];
    struct dirent *entry;
    int result = 0;
    DIR *dir = opendir(*path != 0 ? path : ".");
    if (dir == NULL) {
        bool stop = failed != NULL && failed(path, errno) != 0;
        return errno != ENOENT && errno != ENOTDIR && (stop || (flags & GLOB_ERR) != 0)
                   ? GLOB_ABORTED
                   : 0;
    }
    int how = FNM_PERIOD | ((flags & GLOB_NOESCAPE) != 0 ? FNM_NOESCAPE : 0);
    while (result == 0 && (entry = readdir(dir)) != NULL) {
        if (fnmatch(part, entry->d_name, how) == 0 &&
            (size_t)snprintf(next, sizeof next, "%s%s%s", path,
                             *path != 0 && path[strlen(path) - 1] != '/' ? "/" : "",
                             entry->d_name) < sizeof next) {
            result = match(next, rest, flags, failed, out);
        }
    }
    closedir(dir);
    return result;
}

static int match(const char *path, const char *rest, int flags, int (*failed)(const char *, int),
                 glob_t *out)
{
    char part[CTX_C_PATH], next[CTX_C_PATH];
    struct stat st;
    size_t slashes = strspn(rest, "/"), len = strcspn(rest + slashes, "/");
    bool slash = slashes > 0 && (*path == 0 || path[strlen(path) - 1] != '/');
    if (len == 0) {
        if (stat(*path != 0 ? path : "/", &st) != 0) {
            return 0;
        }
        bool mark = slash || ((flags & GLOB_MARK) != 0 && S_ISDIR(st.st_mode));
        snprintf(next, sizeof next, "%s%s", path, mark ? "/" : "");
        return add_path(out, next);
    }
    if (len >= sizeof part ||
        (size_t)snprintf(next, sizeof next, "%s%s", path, slash ? "/" : "") >= sizeof next) {
        return 0;
    }
    memcpy(part, rest + slashes, len);
    part[len] = 0;
    if (strpbrk(part, "*?[\\") != NULL) {
        return match_names(next, part, rest + slashes + len, flags, failed, out);
    }
    char whole[CTX_C_PATH];
    const char *between = *next != 0 && next[strlen(next) - 1] != '/' ? "/" : "";
    if ((size_t)snprintf(whole, sizeof whole, "%s%s%s", next, between, part) >= sizeof whole ||
        stat(whole, &st) != 0) {
        return 0;
    }
    return match(whole, rest + slashes + len, flags, failed, out);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One pattern without braces: what it finds comes behind what there is, sorted. */
static int find_one(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *out)
{
    char whole[CTX_C_PATH];
    size_t before = (size_t)out->gl_pathc;
    if ((flags & GLOB_TILDE) != 0 && pattern[0] == '~' && (pattern[1] == 0 || pattern[1] == '/')) {
        const char *home = getenv("HOME");
        size_t len = home != NULL ? strlen(home) : 0;
        len -= len > 0 && home[len - 1] == '/';
        const char *rest = len == 0 && pattern[1] == 0 ? "/" : pattern + 1;
        if ((size_t)snprintf(whole, sizeof whole, "%.*s%s", (int)len, len > 0 ? home : "", rest) >=
            sizeof whole) {
            return 0; /* no path is that long */
        }
        pattern = whole;
    }
    int result = match("", pattern, flags, failed, out);
    size_t found = (size_t)out->gl_pathc - before;
    if (result == 0 && (flags & GLOB_NOSORT) == 0 && found > 0) {
        size_t first = (flags & GLOB_DOOFFS) != 0 ? (size_t)out->gl_offs : 0;
        qsort(out->gl_pathv + first + before, found, sizeof *out->gl_pathv, by_text);
    }
    return result;
}

/* The end of the alternative that begins here: a ',' or '}' of its own braces; the text's end if
 * they are never closed. */
static const char *alternative_end(const char *at, int flags)
{
    unsigned depth = 0;
    for (; *at != 0 && (depth > 0 || (*at != ',' && *at != '}')); at++) {
        if (*at == '\\' && (flags & GLOB_NOESCAPE) == 0 && at[1] != 0) {
            at++;
        } else if (*at == '{') {
            depth++;
        } else if (*at == '}') {
            depth--;
        }
    }
    return at;
}

/* The first braces that are alternatives: closed, and not "{}". NULL: there are none. */
static const char *find_braces(const char *pattern, int flags)
{
    for (const char *at = pattern; *at != 0; at++) {
        if (*at == '\\' && (flags & GLOB_NOESCAPE) == 0 && at[1] != 0) {
            at++;
        } else if (*at == '{' && at[1] != '}') {
            const char *end = alternative_end(at + 1, flags);
            while (*end == ',') {
                end = alternative_end(end + 1, flags);
            }
            if (*end == '}') {
                return at;
            }
        }
    }
    return NULL;
}

/* {a,b}: once with each. */
static int find_each(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *out)
{
    const char *open = (flags & GLOB_BRACE) != 0 ? find_braces(pattern, flags) : NULL;
    if (open == NULL) {
        return find_one(pattern, flags, failed, out);
    }
    const char *close = alternative_end(open + 1, flags);
    while (*close == ',') {
        close = alternative_end(close + 1, flags);
    }
    char *whole = malloc(strlen(pattern) + 1);
    int result = whole != NULL ? 0 : GLOB_NOSPACE;
    for (const char *from = open + 1, *to; result == 0 && from <= close; from = to + 1) {
        to = alternative_end(from, flags);
        size_t before = (size_t)(open - pattern), len = (size_t)(to - from);
        memcpy(whole, pattern, before);
        memcpy(whole + before, from, len);
        strcpy(whole + before + len, close + 1);
        result = find_each(whole, flags, failed, out);
    }
    free(whole);
    return result;
}

int glob(const char *restrict pattern, int flags, int (*failed)(const char *, int),
         glob_t *restrict out)
{
    if ((flags & GLOB_APPEND) == 0) {
        out->gl_pathc = 0;
        out->gl_pathv = NULL;
        out->gl_offs = (flags & GLOB_DOOFFS) != 0 ? out->gl_offs : 0;
    }
    out->gl_flags = flags;
    size_t before = (size_t)out->gl_pathc;
    int result = find_each(pattern, flags, failed, out);
    if (result == 0 && (size_t)out->gl_pathc == before) {
        bool plain = (flags & GLOB_NOMAGIC) != 0 && strpbrk(pattern, "*?[") == NULL;
        return plain || (flags & GLOB_NOCHECK) != 0 ? add_path(out, pattern) : GLOB_NOMATCH;
    }
    return result;
}

void globfree(glob_t *list)
{
    for (size_t i = 0; i < (size_t)list->gl_pathc; i++) {
        free(list->gl_pathv[(size_t)list->gl_offs + i]);
    }
    free(list->gl_pathv);
    list->gl_pathv = NULL;
    list->gl_pathc = 0;
}

/* ---- walking ---- */

struct walk {
    int (*each)(const char *, const struct stat *, int);
    int (*each_with)(const char *, const struct stat *, int, struct FTW *);
    int flags;
};

static int tell(const struct walk *w, const char *path, const struct stat *st, int kind, int level)
{
    if (w->each != NULL) {
        return w->each(path, st, kind);
    }
    const char *slash = strrchr(path, '/');
    struct FTW where = {.base = slash != NULL ? (int)(slash + 1 - path) : 0, .level = level};
    return w->each_with(path, st, kind, &where);
}

static int walk(const struct walk *w, const char *path, int level)
{
    struct dirent **list = NULL;
    struct stat st = {0};
    char next[CTX_C_PATH];
    if (stat(path, &st) != 0) {
        return level == 0 ? -1 : tell(w, path, &st, FTW_NS, level);
    }
    if (!S_ISDIR(st.st_mode)) {
        return tell(w, path, &st, FTW_F, level);
    }
    bool depth = (w->flags & FTW_DEPTH) != 0;
    int count = scandir(path, &list, NULL, NULL);
    int result = depth && count >= 0 ? 0 : tell(w, path, &st, count < 0 ? FTW_DNR : FTW_D, level);
    for (int i = 0; i < count; i++) {
        const char *name = list[i]->d_name;
        if (result == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            (size_t)snprintf(next, sizeof next, "%s%s%s", path,
                             path[strlen(path) - 1] == '/' ? "" : "/", name) < sizeof next) {
            result = walk(w, next, level + 1);
        }
        free(list[i]);
    }
    free(list);
    return result == 0 && depth && count >= 0 ? tell(w, path, &st, FTW_DP, level) : result;
}

int ftw(const char *path, int (*each)(const char *, const struct stat *, int), int fds)
{
    (void)fds;
    return walk(&(struct walk){.each = each}, path, 0);
}

int nftw(const char *path, int (*each)(const char *, const struct stat *, int, struct FTW *),
         int fds, int flags)
{
    (void)fds;
    return walk(&(struct walk){.each_with = each, .flags = flags}, path, 0);
}

/* ---- <search.h> ---- */

void *lfind(const void *key, const void *list, size_t *count, size_t each,
            int (*order)(const void *, const void *))
{
    for (size_t i = 0; i < *count; i++) {
        const char *at = (const char *)list + i * each;
        if (order(key, at) == 0) {
            return (void *)(uintptr_t)at;
        }
    }
    return NULL;
}

void *lsearch(const void *key, void *list, size_t *count, size_t each,
              int (*order)(const void *, const void *))
{
    void *found = lfind(key, list, count, each, order);
    return found != NULL ? found : memcpy((char *)list + (*count)++ * each, key, each);
}
