/* SPDX-License-Identifier: MIT */
/* What the parts of `pictures` share. */
#ifndef PICTURES_PICTURES_H
#define PICTURES_PICTURES_H

#include <disk.h>
#include <job.h>
#include <pane.h>
#include <shrink.h>

#include <limits.h>
#include <stdint.h>

#define NAMES_MAX 4096u       /* pictures of one folder */
#define FILE_MOST (64u << 20) /* bytes of a file */

struct pictures {
    struct pane pane;
    struct ctx *ctx;
    char folder[PATH_MAX];
    char **names; /* of the folder's pictures, sorted */
    uint32_t count, at;
    char first[PATH_MAX]; /* what was asked for, while the folder is not read yet */
    struct picture shown; /* pixels NULL: none */
    char shown_name[NAME_MAX + 1];
    uint64_t shown_bytes;
    char error[200]; /* why there is none */
    uint32_t look;   /* counts what is shown */
    int32_t fits;    /* 1: as large as the window; 0: zoom percent */
    uint32_t zoom;
    int32_t x, y; /* of the picture, in the middle of the window, of 65,536 */
    int32_t drag_x, drag_y;
    struct job job;
    int32_t listed; /* the folder was read */
    int32_t stale;  /* another one is wanted than the one that is read */
    int32_t fresh;
};

/* ---- folder.c ---- */

int is_picture(const char *name);
/* The folder, then the picture. */
void folder_job(struct job *job, void *arg);
/* Another picture of the folder; it is read beside. */
void go(struct pictures *p, uint32_t at);

/* ---- view.c ---- */

/* The percent that it is shown in. */
uint32_t view_percent(const struct pictures *p, struct ctx_rect r);
void view_draw(struct pictures *p, struct ctx_rect r);
void view_zoom(struct pictures *p, struct ctx_rect r, int in);

#endif
