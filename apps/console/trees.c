/* SPDX-License-Identifier: MIT */
/* cp, mv, rm, find: whole folders. What was done until something fails, or Ctrl-C, stays. */
#include "files.h"
#include "work.h"

#include <disk.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 32768
#define DEPTH 48 /* folders within folders: each takes 1.2 KiB of stack, or 2.3 */

typedef int (*visit_fn)(struct console *c, const char *path, uint32_t depth, const void *arg);

static int is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int too_deep(struct console *c, const char *path, uint32_t depth)
{
    if (depth < DEPTH) {
        return 0;
    }
    files_complain(c, path,
                   c->language == 1 ? "trop de dossiers l'un dans l'autre"
                                    : "too many folders in each other");
    return 1;
}

/* Each name in a folder, while visit says 1. opendir has taken all names: they may be removed. */
static int each(struct console *c, const char *path, uint32_t depth, visit_fn visit,
                const void *arg)
{
    char inside[PATH_MAX];
    DIR *dir = opendir(path);
    const struct dirent *e;
    int fine = dir != NULL;
    if (dir == NULL) {
        files_complain(c, path, NULL);
        return 0;
    }
    while (fine && work_turn(c) && (e = readdir(dir)) != NULL) {
        if (is_dots(e->d_name)) {
            continue;
        }
        fine = files_join(inside, path, e->d_name);
        if (!fine) {
            files_complain(c, e->d_name, NULL);
        } else {
            fine = visit(c, inside, depth + 1, arg);
        }
    }
    closedir(dir);
    return fine && !c->work.stop;
}

/* ---- rm ---- */

static int remove_tree(struct console *c, const char *path, uint32_t depth, const void *whole)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        files_complain(c, path, NULL);
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        if (unlink(path) == 0) {
            return 1;
        }
        files_complain(c, path, NULL);
        return 0;
    }
    if (whole == NULL) {
        files_complain(c, path, c->language == 1 ? "un dossier: rm -r" : "a folder: rm -r");
        return 0;
    }
    /* What can not be removed itself, as all that there is, is not emptied either. */
    if (rmdir(path) == 0) {
        return 1;
    }
    if (errno == EBUSY || errno == EINVAL) {
        files_complain(c, path, NULL);
        return 0;
    }
    if (too_deep(c, path, depth) || !each(c, path, depth, remove_tree, whole)) {
        return 0;
    }
    if (rmdir(path) != 0) {
        files_complain(c, path, NULL);
        return 0;
    }
    return 1;
}

void trees_rm(struct console *c, int argc, char **argv)
{
    int whole = files_options(c, &argc, argv, "rf");
    for (int i = 1; whole >= 0 && i < argc && work_turn(c); i++) {
        remove_tree(c, argv[i], 0, (whole & 1) != 0 ? argv[i] : NULL);
    }
    files_sync(c);
}

/* ---- cp ---- */

static int copy_bytes(struct console *c, int from, int to)
{
    char *bytes = malloc(CHUNK);
    ssize_t n = 0;
    int fine = bytes != NULL;
    while (fine && work_turn(c) && (n = read(from, bytes, CHUNK)) > 0) {
        for (ssize_t done = 0, k; fine && done < n; done += k) {
            k = write(to, bytes + done, (size_t)(n - done));
            fine = k > 0;
        }
    }
    free(bytes);
    return fine && n == 0;
}

/* A file's bytes, for disk_replace: what can not be read ends it. */
struct source {
    struct console *c;
    struct job *job;
    int fd, error;
    char bytes[CHUNK];
};

static const void *next_bytes(void *arg, size_t *len)
{
    struct source *s = arg;
    ssize_t n = work_turn(s->c) ? read(s->fd, s->bytes, CHUNK) : 0;
    if (n < 0 || s->c->work.stop) {
        s->error = n < 0 ? errno : 0;
        s->job->stop = 1; /* nothing of it is kept */
    }
    *len = n > 0 ? (size_t)n : 0;
    return n > 0 ? s->bytes : NULL;
}

/* In the place of what is there, in one moment. */
static int replace_file(struct console *c, int in, const char *to)
{
    struct job job = {.ctx = c->ctx};
    struct source *source = malloc(sizeof *source);
    if (source == NULL) {
        return 0;
    }
    *source = (struct source){.c = c, .job = &job, .fd = in};
    int error = disk_replace(&job, to, next_bytes, source);
    errno = source->error != 0 ? source->error : error;
    free(source);
    return error == 0;
}

static int write_file(struct console *c, int in, const char *to, int is_new)
{
    int out = open(to, O_WRONLY | O_CREAT | (is_new ? O_EXCL : 0), 0666);
    int fine = out >= 0 && copy_bytes(c, in, out);
    int error = errno;
    if (out >= 0) {
        close(out);
    }
    if (out >= 0 && !fine && is_new) {
        unlink(to); /* no half files */
    }
    errno = error;
    return fine;
}

/* Of a whole folder each file is new, so it is only written; else what is there is replaced. */
static int copy_file(struct console *c, const char *from, const char *to, uint32_t depth)
{
    struct stat a, b;
    int in = open(from, O_RDONLY);
    if (in < 0) {
        files_complain(c, from, NULL);
        return 0;
    }
    int is_there = stat(to, &b) == 0;
    int same = stat(from, &a) == 0 && is_there && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    int fine = 0;
    if (same) {
        files_complain(c, to, c->language == 1 ? "le même fichier" : "the same file");
    } else if ((is_there && !S_ISREG(b.st_mode)) || (!is_there && depth > 0)) {
        fine = write_file(c, in, to, !is_there);
    } else {
        fine = replace_file(c, in, to);
    }
    if (!same && !fine && !c->work.stop) {
        files_complain(c, to, NULL);
    }
    close(in);
    return fine;
}

struct copy {
    size_t skip; /* bytes of the path that is copied, up to what comes behind `to` */
    const char *to;
};

static int copy_tree(struct console *c, const char *path, uint32_t depth, const void *arg)
{
    const struct copy *copy = arg;
    char to[PATH_MAX];
    struct stat st;
    if (stat(path, &st) != 0 ||
        snprintf(to, sizeof to, "%s%s", copy->to, path + copy->skip) >= (int)sizeof to) {
        errno = errno != 0 ? errno : ENAMETOOLONG;
        files_complain(c, path, NULL);
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        return copy_file(c, path, to, depth);
    }
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        files_complain(c, to, NULL);
        return 0;
    }
    return !too_deep(c, path, depth) && each(c, path, depth, copy_tree, arg);
}

/* Whether a folder would be put into itself: its copy would have no end. */
static int is_inside(const char *folder, const char *path)
{
    char *a = realpath(folder, NULL), *b = NULL;
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    for (b = realpath(parent, NULL); b == NULL && strchr(parent, '/') != NULL;
         b = realpath(parent[0] != 0 ? parent : "/", NULL)) {
        *strrchr(parent, '/') = 0;
    }
    size_t len = a != NULL ? strlen(a) : 0;
    int inside =
        a != NULL && b != NULL && strncmp(a, b, len) == 0 && (b[len] == 0 || b[len] == '/');
    free(a);
    free(b);
    return inside;
}

static int copy(struct console *c, const char *from, const char *to, int whole)
{
    struct stat st;
    struct copy what = {strlen(from), to};
    if (stat(from, &st) != 0) {
        files_complain(c, from, NULL);
        return 0;
    }
    if (S_ISDIR(st.st_mode) && !whole) {
        files_complain(c, from, c->language == 1 ? "un dossier: cp -r" : "a folder: cp -r");
        return 0;
    }
    if (S_ISDIR(st.st_mode) && is_inside(from, to)) {
        files_complain(c, to, c->language == 1 ? "dans lui-même" : "inside of what is copied");
        return 0;
    }
    return copy_tree(c, from, 0, &what);
}

/* Where each of several goes: into the last one, which is a folder; or a single one's new name. */
static int target(struct console *c, const char *from, const char *to, int several,
                  char out[PATH_MAX])
{
    struct stat st;
    char name[PATH_MAX];
    size_t len = strlen(from);
    int folder = stat(to, &st) == 0 && S_ISDIR(st.st_mode);
    int says_so = to[0] != 0 && to[strlen(to) - 1] == '/'; /* a folder may have that name one day */
    says_so = says_so && (stat(from, &st) != 0 || !S_ISDIR(st.st_mode));
    if ((several || says_so) && !folder) {
        files_complain(c, to, c->language == 1 ? "pas un dossier" : "not a folder");
        return 0;
    }
    while (len > 1 && from[len - 1] == '/') {
        len--;
    }
    snprintf(name, sizeof name, "%.*s", (int)len, from);
    int fits = folder ? files_join(out, to, files_last(name))
                      : snprintf(out, PATH_MAX, "%s", to) < PATH_MAX;
    if (!fits) {
        errno = ENAMETOOLONG;
        files_complain(c, to, NULL);
    }
    return fits;
}

void trees_cp(struct console *c, int argc, char **argv)
{
    char to[PATH_MAX];
    int whole = files_options(c, &argc, argv, "r");
    for (int i = 1; whole >= 0 && i < argc - 1 && work_turn(c); i++) {
        if (!target(c, argv[i], argv[argc - 1], argc > 3, to) || !copy(c, argv[i], to, whole)) {
            break;
        }
        files_note_memory(c, to);
    }
    files_sync(c);
}

/* ---- mv ---- */

/* From one tree to another it is copied, made to last, and only then removed. */
static int move(struct console *c, const char *from, const char *to)
{
    if (rename(from, to) == 0) {
        return 1;
    }
    if (errno != EXDEV) {
        files_complain(c, from, NULL);
        return 0;
    }
    return copy(c, from, to, 1) && files_sync(c) && remove_tree(c, from, 0, from);
}

void trees_mv(struct console *c, int argc, char **argv)
{
    char to[PATH_MAX];
    for (int i = 1; i < argc - 1 && work_turn(c); i++) {
        if (!target(c, argv[i], argv[argc - 1], argc > 3, to) || !move(c, argv[i], to)) {
            break;
        }
        files_note_memory(c, to);
    }
    files_sync(c);
}

/* ---- find ---- */

static int find_tree(struct console *c, const char *path, uint32_t depth, const void *pattern)
{
    struct stat st;
    int folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (pattern == NULL || fnmatch(pattern, files_last(path), 0) == 0) {
        console_write(c, folder ? TEXT_PROMPT : TEXT_RESULT, path, (uint32_t)strlen(path));
        console_print(c, TEXT_PROMPT, folder ? "/\n" : "\n");
    }
    return !folder || (!too_deep(c, path, depth) && each(c, path, depth, find_tree, pattern));
}

/* A word with a star is the pattern; one without is a part of a name, if it is no folder. */
void trees_find(struct console *c, int argc, char **argv)
{
    char pattern[PATH_MAX];
    struct stat st;
    int at = 1;
    const char *folder = ".";
    if (argc > at && stat(argv[at], &st) == 0 && S_ISDIR(st.st_mode)) {
        folder = argv[at++];
    }
    if (argc > at + 1) {
        files_complain(c, argv[1], c->language == 1 ? "pas un dossier" : "not a folder");
        return;
    }
    int whole = argc > at && strpbrk(argv[at], "*?[") != NULL;
    if (argc > at) {
        snprintf(pattern, sizeof pattern, whole ? "%s" : "*%s*", argv[at]);
    }
    each(c, folder, 0, find_tree, argc > at ? pattern : NULL);
}
