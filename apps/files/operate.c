/* SPDX-License-Identifier: MIT */
/* Copy, move, remove: in a job, in slices, one at a time. Nothing is ever written over: what is
 * there already keeps its name, what comes gets a number. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 32768
#define DEPTH 24 /* folders in folders; each takes some stack */

void paths_free(char **paths, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free(paths[i]);
    }
    free(paths);
}

char **chosen_paths(struct view *v, uint32_t *count)
{
    uint32_t n = view_chosen(v, NULL);
    char **paths = n > 0 ? calloc(n, sizeof *paths) : NULL;
    char path[PATH_MAX];
    *count = 0;
    for (uint32_t i = 0; paths != NULL && i < v->count && *count < n; i++) {
        if (v->entries[i].chosen && disk_join(path, v->path, v->entries[i].name)) {
            paths[*count] = strdup(path);
            *count += paths[*count] != NULL;
        }
    }
    return paths;
}

static void failed(struct op *op, const char *path, const char *what)
{
    if (op->error[0] == 0) {
        int error = errno;
        snprintf(op->error, sizeof op->error, "%.120s %s: %s.", disk_name(path), what,
                 error == ENOSPC ? "the disk is full" : strerror(error));
    }
}

/* ---- one file, one tree ---- */

static int copy_file(struct op *op, const char *from, const char *to)
{
    static const char no[] = "is not copied";
    int in = open(from, O_RDONLY);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL, 0666) : -1;
    char *bytes = malloc(CHUNK);
    ssize_t n = 0;
    int fine = in >= 0 && out >= 0 && bytes != NULL;
    while (fine && (fine = job_turn(&op->job)) && (n = read(in, bytes, CHUNK)) > 0) {
        for (ssize_t done = 0, k; fine && done < n; done += k) {
            k = write(out, bytes + done, (size_t)(n - done));
            fine = k > 0;
        }
        op->done += (uint64_t)n;
    }
    fine = fine && n == 0;
    if (!fine && !op->job.stop) {
        failed(op, from, no);
    }
    free(bytes);
    if (in >= 0) {
        close(in);
    }
    if (out >= 0) {
        close(out);
        if (!fine) {
            unlink(to); /* no half files */
        }
    }
    return fine;
}

typedef int (*each_fn)(struct op *op, const char *path, const char *to, uint32_t depth);

static int each(struct op *op, const char *folder, const char *to, uint32_t depth, each_fn fn)
{
    DIR *dir = opendir(folder);
    const struct dirent *d;
    int fine = dir != NULL && depth < DEPTH;
    if (!fine) {
        errno = dir != NULL ? ELOOP : errno;
        failed(op, folder, "can not be read");
    }
    while (fine && (d = readdir(dir)) != NULL) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) {
            continue;
        }
        char *paths = malloc(2 * PATH_MAX);
        fine = paths != NULL && disk_join(paths, folder, d->d_name) &&
               (to == NULL || disk_join(paths + PATH_MAX, to, d->d_name)) && job_turn(&op->job) &&
               fn(op, paths, to != NULL ? paths + PATH_MAX : NULL, depth + 1);
        free(paths);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return fine;
}

static int copy_tree(struct op *op, const char *from, const char *to, uint32_t depth)
{
    struct stat st;
    if (stat(from, &st) != 0) {
        failed(op, from, "is not copied");
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        snprintf(op->name, sizeof op->name, "%s", disk_name(from));
        return copy_file(op, from, to);
    }
    if (mkdir(to, 0777) != 0) {
        failed(op, to, "is not made");
        return 0;
    }
    return each(op, from, to, depth, copy_tree);
}

static int remove_tree(struct op *op, const char *path, const char *unused, uint32_t depth)
{
    struct stat st;
    (void)unused;
    int is_there = stat(path, &st) == 0, folder = is_there && S_ISDIR(st.st_mode);
    snprintf(op->name, sizeof op->name, "%s", disk_name(path));
    if (folder && !each(op, path, NULL, depth, remove_tree)) {
        return 0;
    }
    if ((folder ? rmdir(path) : unlink(path)) != 0) {
        failed(op, path, "is not deleted");
        return 0;
    }
    op->done++;
    return 1;
}

/* How much there is to do. */
static int measure(struct op *op, const char *path, const char *unused, uint32_t depth)
{
    struct stat st;
    (void)unused;
    if (stat(path, &st) != 0) {
        return 1; /* who does it will say so */
    }
    op->all += op->kind == OP_DELETE ? 1 : S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size;
    return !S_ISDIR(st.st_mode) || each(op, path, NULL, depth, measure);
}

/* ---- operations ---- */

static void remember(struct files *f, const char *from, const char *to)
{
    struct moved *more = realloc(f->moved, (f->moved_count + 1) * sizeof *more);
    if (more != NULL) {
        f->moved = more;
        more[f->moved_count] = (struct moved){strdup(from), strdup(to)};
        f->moved_count += more[f->moved_count].from != NULL && more[f->moved_count].to != NULL;
    }
}

static void forget_moves(struct files *f)
{
    for (uint32_t i = 0; i < f->moved_count; i++) {
        free(f->moved[i].from);
        free(f->moved[i].to);
    }
    f->moved_count = 0;
}

/* A name in the folder that nobody has; 0: there is none. */
static int free_name(const char *folder, const char *name, char out[PATH_MAX])
{
    struct stat st;
    char other[NAME_MAX + 1];
    int fine = disk_join(out, folder, name), there = 0;
    for (uint32_t n = 2; fine && (there = stat(out, &st) == 0) && n < 10000; n++) {
        fine = name_numbered(name, n, other, sizeof other) && disk_join(out, folder, other);
    }
    /* Where it is not known whether there is one, there may be one. */
    errno = !fine ? ENAMETOOLONG : there ? EEXIST : errno;
    return fine && !there && errno == ENOENT;
}

static int move_one(struct op *op, struct files *f, const char *from, const char *to)
{
    if (rename(from, to) == 0) {
        remember(f, from, to);
        return 1;
    }
    if (errno != EXDEV) {
        failed(op, from, "is not moved");
        return 0;
    }
    /* From one tree to another it is copied, made to last, and only then removed. */
    if (copy_tree(op, from, to, 0) && disk_sync(&op->job) == 0 && remove_tree(op, from, NULL, 0)) {
        remember(f, from, to);
        return 1;
    }
    return 0;
}

static int one(struct op *op, struct files *f, const char *path)
{
    char to[PATH_MAX], folder[PATH_MAX];
    snprintf(op->name, sizeof op->name, "%s", disk_name(path));
    if (op->kind == OP_DELETE) {
        return remove_tree(op, path, NULL, 0);
    }
    if (path_is_in(op->folder, path)) {
        snprintf(op->error, sizeof op->error, "%.120s can not be put into itself.",
                 disk_name(path));
        return 0;
    }
    disk_folder(folder, path);
    if (op->kind == OP_MOVE && strcmp(folder, op->folder) == 0) {
        return 1; /* it is there */
    }
    if (!free_name(op->folder, disk_name(path), to)) {
        failed(op, path, op->kind == OP_MOVE ? "is not moved" : "is not copied");
        return 0;
    }
    return op->kind == OP_MOVE ? move_one(op, f, path, to) : copy_tree(op, path, to, 0);
}

/* Backwards, and only where nobody has come between. */
static void take_back(struct op *op, struct files *f)
{
    struct stat st;
    while (f->moved_count > 0 && op->error[0] == 0) {
        struct moved *m = &f->moved[f->moved_count - 1];
        if (stat(m->from, &st) == 0) {
            snprintf(op->error, sizeof op->error, "There is another %.120s now.",
                     disk_name(m->from));
        } else if (rename(m->to, m->from) != 0) {
            failed(op, m->to, "is not moved back");
        } else {
            free(m->from);
            free(m->to);
            f->moved_count--;
        }
    }
}

static void run(struct job *job, void *arg)
{
    struct files *f = arg;
    struct op *op = &f->op;
    if (op->kind == OP_UNDO) {
        take_back(op, f);
    } else {
        for (uint32_t i = 0; op->kind != OP_MOVE && i < op->count && job_turn(job); i++) {
            measure(op, op->paths[i], NULL, 0);
        }
        if (op->kind == OP_MOVE) {
            forget_moves(f);
        }
        for (uint32_t i = 0; i < op->count && job_turn(job) && one(op, f, op->paths[i]); i++) {
        }
    }
    if (disk_sync(job) != 0 && op->error[0] == 0) {
        snprintf(op->error, sizeof op->error, "The disk failed: what was done may not last.");
    }
}

int operate(struct view *v, enum op_kind kind, char **paths, uint32_t count, const char *folder)
{
    struct files *f = v->app;
    struct op *op = &f->op;
    uint32_t view = 0;
    if (op->kind != OP_NONE) {
        complain(v, "One thing after the other: something is being done already.");
        paths_free(paths, count);
        return 0;
    }
    while (view + 1 < VIEWS && f->views[view] != v) {
        view++;
    }
    *op = (struct op){.kind = kind, .paths = paths, .count = count, .view = view};
    snprintf(op->folder, sizeof op->folder, "%s", folder);
    if (!job_begin(&op->job, f->ctx, run, f)) {
        op->kind = OP_NONE;
        complain(v, "There is not enough memory for that.");
        paths_free(paths, count);
        return 0;
    }
    return 1;
}

int32_t operate_go_on(struct files *f)
{
    struct op *op = &f->op;
    int ended = 0;
    int32_t answer = job_go_on(&op->job, &ended);
    if (ended) {
        struct view *v = f->views[op->view];
        if (op->error[0] != 0 && v != NULL && v->pane.surface != 0) {
            complain(v, "%s", op->error);
        }
        paths_free(op->paths, op->count);
        op->paths = NULL;
        op->kind = OP_NONE;
        for (uint32_t i = 0; i < VIEWS; i++) {
            if (f->views[i] != NULL) {
                f->views[i]->stale = 1; /* also where nothing is watched */
                f->views[i]->listed_ns = 0;
            }
        }
        return CTX_AGAIN;
    }
    return answer;
}

void operate_undo(struct view *v)
{
    if (v->app->moved_count > 0) {
        operate(v, OP_UNDO, NULL, 0, "");
    } else {
        complain(v, "There is no move to take back.");
    }
}

/* ---- what is quick is a job all the same: it may wait for the disk ---- */

static void rename_job(struct job *job, void *arg)
{
    struct files *f = arg;
    struct op *op = &f->op;
    char to[PATH_MAX];
    struct stat st;
    int makes = op->count == 0;
    if (!disk_join(to, op->folder, op->name)) {
        errno = ENAMETOOLONG;
        failed(op, op->name, "is too long");
    } else if (stat(to, &st) == 0) {
        snprintf(op->error, sizeof op->error, "There is a %.120s already.", op->name);
    } else if (makes ? mkdir(to, 0777) != 0 : rename(op->paths[0], to) != 0) {
        failed(op, makes ? to : op->paths[0], makes ? "is not made" : "is not renamed");
    } else if (!makes) {
        forget_moves(f);
        remember(f, op->paths[0], to);
    }
    (void)disk_sync(job);
}

static void named(struct view *v, char **paths, uint32_t count, const char *name)
{
    struct op *op = &v->app->op;
    if (operate(v, OP_MOVE, paths, count, v->path)) {
        op->job.fn = rename_job; /* it has not begun yet */
        snprintf(op->name, sizeof op->name, "%s", name);
        snprintf(v->choose, sizeof v->choose, "%s", name);
    }
}

void operate_rename(struct view *v, const char *name)
{
    char path[PATH_MAX];
    char **paths = calloc(1, sizeof *paths);
    if (!has_one(v) || paths == NULL || !disk_join(path, v->path, v->entries[v->at].name) ||
        (paths[0] = strdup(path)) == NULL) {
        free(paths);
        return;
    }
    named(v, paths, 1, name);
}

void operate_new_folder(struct view *v, const char *name)
{
    named(v, NULL, 0, name);
}

/* ---- cut, copy, paste ---- */

void keep(struct view *v, int cuts)
{
    struct files *f = v->app;
    uint32_t count = 0;
    char **paths = chosen_paths(v, &count);
    if (paths != NULL) {
        paths_free(f->kept, f->kept_count);
        f->kept = paths;
        f->kept_count = count;
        f->kept_cut = cuts;
        snprintf(v->note, sizeof v->note, "%u to be %s", (unsigned)count,
                 cuts ? "moved" : "copied");
    }
}

void paste(struct view *v)
{
    struct files *f = v->app;
    char **paths = f->kept_count > 0 ? calloc(f->kept_count, sizeof *paths) : NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; paths != NULL && i < f->kept_count; i++) {
        paths[count] = strdup(f->kept[i]);
        count += paths[count] != NULL;
    }
    if (paths != NULL && operate(v, f->kept_cut ? OP_MOVE : OP_COPY, paths, count, v->path) &&
        f->kept_cut) {
        paths_free(f->kept, f->kept_count); /* once */
        f->kept = NULL;
        f->kept_count = 0;
    }
}
