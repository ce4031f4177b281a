/* SPDX-License-Identifier: MIT */
/*
 * Paths: from what a program says to a file system and the path below its root. There are no
 * links, so "a/.." is where a is; a has to be a folder all the same.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define MOST 8u

char ctx_c_cwd[CTX_C_PATH] = "/";

struct mount {
    const struct ctx_c_fs *ops;
    void *fs;
    size_t len; /* of path; 0 for "/" */
    const char *path;
};

static struct mount mounts[MOST] = {{.ops = &ctx_c_root, .path = ""}};
static uint32_t mount_count = 1;

/* The file system with the longest path that this one lies in. */
static void choose(struct ctx_c_place *place)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < mount_count; i++) {
        const struct mount *m = &mounts[i];
        char behind = strncmp(place->text, m->path, m->len) == 0 ? place->text[m->len] : 'x';
        if ((behind == 0 || behind == '/') && m->len > mounts[best].len) {
            best = i;
        }
    }
    place->ops = mounts[best].ops;
    place->fs = mounts[best].fs;
    place->device = best + 1;
    place->below = place->text + mounts[best].len;
    place->below += *place->below == '/';
}

int ctx_c_place_stat(const struct ctx_c_place *place, struct stat *out)
{
    int error = place->ops->stat(place->fs, place->below, out);
    if (error == 0) {
        out->st_dev = place->device;
        error = place->folder && !S_ISDIR(out->st_mode) ? -ENOTDIR : 0;
    }
    return error;
}

/* What a ".." or "." stands behind has to be a folder. */
static int check_folder(struct ctx_c_place *place)
{
    struct stat st;
    choose(place);
    int error = ctx_c_place_stat(place, &st);
    return error == 0 && !S_ISDIR(st.st_mode) ? -ENOTDIR : error;
}

/* One name behind the text, which is "" or ends in none. */
static int append(struct ctx_c_place *place, size_t *at, const char *name, size_t len)
{
    if (len == 1 && name[0] == '.') {
        return check_folder(place);
    }
    if (len == 2 && name[0] == '.' && name[1] == '.') {
        int error = check_folder(place);
        while (*at > 0 && place->text[--*at] != '/') {
        }
        place->text[*at] = 0;
        return error;
    }
    if (len > CTX_C_NAME || *at + 1 + len >= CTX_C_PATH) {
        return -ENAMETOOLONG;
    }
    place->text[(*at)++] = '/';
    memcpy(place->text + *at, name, len);
    *at += len;
    place->text[*at] = 0;
    return 0;
}

static int start(int folder, const char *path, struct ctx_c_place *out, size_t *at)
{
    const char *from = ctx_c_cwd;
    *at = 0;
    out->text[0] = 0;
    out->folder = out->dots = false;
    if (path[0] == '/') {
        return 0;
    }
    if (folder != AT_FDCWD) {
        const struct ctx_c_file *file = ctx_c_file_of(folder);
        if (file == NULL || file->path == NULL) {
            return file == NULL ? -EBADF : -ENOTDIR;
        }
        from = file->path;
    }
    if (strcmp(from, "/") != 0) {
        *at = strlen(from);
        memcpy(out->text, from, *at + 1);
    }
    return 0;
}

int ctx_c_place_of(int folder, const char *path, struct ctx_c_place *out)
{
    static bool mounted;
    size_t at;
    if (!mounted) {
        mounted = true;
        ctx_c_mount("/dev", &ctx_c_dev, NULL);
        ctx_c_mount_lent();
    }
    int error = path[0] == 0 ? -ENOENT : start(folder, path, out, &at);
    while (error == 0 && *path != 0) {
        size_t len = strcspn(path, "/");
        if (len > 0) {
            error = append(out, &at, path, len);
        }
        out->dots = len > 0 ? len <= 2 && strspn(path, ".") == len : out->dots;
        out->folder = path[len] == '/' || out->dots;
        path += len + (path[len] == '/');
    }
    if (error == 0) {
        if (at == 0) {
            strcpy(out->text, "/");
        }
        choose(out);
    }
    return error;
}

int ctx_c_mount(const char *path, const struct ctx_c_fs *ops, void *fs)
{
    struct ctx_c_place place;
    struct stat st;
    if (path[0] != '/' || path[1] == 0) {
        return -EINVAL;
    }
    int error = ctx_c_place_of(AT_FDCWD, "/", &place);
    size_t at = 0;
    place.text[0] = 0;
    while (error == 0 && *path != 0) {
        size_t len = strcspn(path, "/");
        if (len > 0) {
            error = append(&place, &at, path, len);
            choose(&place);
            place.folder = true;
        }
        if (error == 0 && len > 0 && ctx_c_place_stat(&place, &st) == -ENOENT) {
            error =
                place.ops->mkdir != NULL ? place.ops->mkdir(place.fs, place.below, 0755) : -EROFS;
        }
        error = error == 0 && len > 0 ? ctx_c_place_stat(&place, &st) : error;
        path += len + (path[len] == '/');
    }
    if (error == 0 && *place.below == 0) {
        error = -EBUSY;
    }
    if (error == 0 && mount_count == MOST) {
        error = -ENOSPC;
    }
    char *copy = error == 0 ? strdup(place.text) : NULL;
    if (error == 0 && copy == NULL) {
        error = -ENOMEM;
    }
    if (error == 0) {
        mounts[mount_count] = (struct mount){.ops = ops, .fs = fs, .len = at, .path = copy};
        mount_count++; /* last: a call may end anywhere */
    }
    return error;
}
