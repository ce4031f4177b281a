/* SPDX-License-Identifier: MIT */
/* A folder's pictures, one of them in memory. */
#include "pictures.h"

#include <decode.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 ||
                           strcasecmp(dot, ".jpeg") == 0);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    int folded = strcasecmp(*x, *y);
    return folded != 0 ? folded : strcmp(*x, *y);
}

static void read_folder(struct job *job, struct pictures *p)
{
    DIR *dir = opendir(p->folder);
    const struct dirent *d;
    if (dir == NULL) {
        snprintf(p->error, sizeof p->error, "%.120s: %s", p->folder, strerror(errno));
        return;
    }
    p->names = calloc(NAMES_MAX, sizeof *p->names);
    while (p->names != NULL && p->count < NAMES_MAX && job_turn(job) &&
           (d = readdir(dir)) != NULL) {
        if (is_picture(d->d_name) && (p->names[p->count] = strdup(d->d_name)) != NULL) {
            p->count++;
        }
    }
    closedir(dir);
    if (p->names == NULL) {
        snprintf(p->error, sizeof p->error, "There is not enough memory.");
        return;
    }
    qsort(p->names, p->count, sizeof *p->names, by_name);
    for (uint32_t i = 0; i < p->count; i++) {
        if (strcmp(p->names[i], disk_name(p->first)) == 0) {
            p->at = i;
        }
    }
}

static void drop(struct pictures *p)
{
    if (p->shown.pixels != NULL) {
        decode_free(p->ctx, (uint8_t *)p->shown.pixels);
    }
    p->shown = (struct picture){NULL, 0, 0};
    p->shown_bytes = 0;
    p->error[0] = 0;
    p->look++;
}

static void read_picture(struct job *job, struct pictures *p, const char *name)
{
    char path[PATH_MAX];
    const char *why = "";
    size_t len = 0;
    int w = 0, h = 0;
    drop(p);
    snprintf(p->shown_name, sizeof p->shown_name, "%s", name);
    char *bytes = disk_join(path, p->folder, name) ? disk_read(job, path, FILE_MOST, &len) : NULL;
    if (bytes == NULL) {
        snprintf(p->error, sizeof p->error, "%s",
                 errno == EFBIG ? "It has more than 64 MiB." : strerror(errno));
    } else {
        p->shown.pixels = (uint32_t *)(void *)decode_picture(p->ctx, (const uint8_t *)bytes, len, 4,
                                                             &w, &h, &why);
        if (p->shown.pixels == NULL) {
            snprintf(p->error, sizeof p->error, "It can not be shown: %.150s.", why);
        }
        p->shown.w = w;
        p->shown.h = h;
        p->shown_bytes = len;
    }
    free(bytes);
}

void folder_job(struct job *job, void *arg)
{
    struct pictures *p = arg;
    if (!p->listed) {
        read_folder(job, p);
        p->listed = 1;
    }
    do {
        p->stale = 0;
        if (p->count > 0) {
            char name[NAME_MAX + 1];
            snprintf(name, sizeof name, "%s", p->names[p->at]);
            read_picture(job, p, name);
        } else if (p->first[0] != 0 && is_picture(p->first) && p->error[0] == 0) {
            read_picture(job, p, disk_name(p->first)); /* its folder can not be listed */
        }
        p->fresh = 1;
    } while (p->stale && job_turn(job));
}

void go(struct pictures *p, uint32_t at)
{
    if (at >= p->count || at == p->at) {
        return;
    }
    p->at = at;
    p->fits = 1;
    p->x = p->y = 32768;
    p->stale = 1;
    job_begin(&p->job, p->ctx, folder_job, p);
}
