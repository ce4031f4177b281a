/* SPDX-License-Identifier: MIT */
/* What the parts of `files` share. */
#ifndef FILES_FILES_H
#define FILES_FILES_H

#include "model.h"

#include <disk.h>
#include <job.h>
#include <pane.h>

#include <limits.h>
#include <stdint.h>

#define VIEWS   4  /* windows */
#define BACK    16 /* folders that one window goes back to */
#define THUMB_W 96
#define THUMB_H 64
#define MENU    13 /* rows of it */
#define NONE    UINT32_MAX

enum bar { BAR_NONE, BAR_RENAME, BAR_FOLDER, BAR_DELETE, BAR_ERROR };

/* One window: a folder. */
struct view {
    struct pane pane; /* surface 0: it is not open */
    struct files *app;
    char path[PATH_MAX];
    char *back[BACK];
    uint32_t backs;
    struct entry *entries;
    uint32_t count, at; /* at: whom keys are for, NONE: nobody */
    uint32_t from;      /* where a choice with Shift began */
    uint32_t top;       /* the first row in sight */
    uint32_t columns;   /* things in a row, as it was drawn last */
    uint32_t follow;    /* `at` has to be in sight */
    enum sort sort;
    int32_t falling, grid;
    char choose[NAME_MAX + 1]; /* the name that is chosen when it is there */
    char error[160];           /* why the folder can not be read */
    uint64_t free, space;      /* bytes; space 0: unknown */
    struct job list;
    int32_t stale; /* it is to be read (again) */
    uint64_t listed_ns;
    uint64_t watch; /* a request of ctx.files/1; 0: none */
    uint32_t look;  /* counts what is other than before */
    enum bar bar;
    char note[256];
    struct ctx_ui_field ask;
    char ask_text[NAME_MAX + 1];
    struct ctx_ui_item menu[MENU];
    /* The mouse. */
    uint64_t click_ns;
    uint32_t clicked, pressed; /* pressed: thing that went down, NONE: none */
    int32_t press_x, press_y;
    int32_t drags;
};

enum op_kind { OP_NONE, OP_COPY, OP_MOVE, OP_DELETE, OP_UNDO };

/* What is being done to files: one at a time. */
struct op {
    struct job job;
    enum op_kind kind;
    char **paths; /* of what */
    uint32_t count;
    char folder[PATH_MAX]; /* where to */
    uint64_t done, all;    /* bytes, or files when they are removed */
    char name[NAME_MAX + 1];
    uint32_t view;   /* who asked */
    char error[256]; /* empty: all went well */
};

struct moved {
    char *from, *to;
};

struct files {
    struct ctx *ctx;
    struct view *views[VIEWS]; /* NULL: there never was such a window */
    uint32_t theme_flags;
    struct op op;
    struct moved *moved; /* what the last move did, to take it back */
    uint32_t moved_count;
    char **kept; /* cut or copied */
    uint32_t kept_count;
    int32_t kept_cut;
    struct job thumbs, opening;
    char open_path[PATH_MAX];
    uint32_t open_view;
    /* What is dragged, and over what it is. */
    uint32_t drag_view; /* NONE: nothing is */
    uint32_t drop_view; /* NONE: nowhere */
    uint32_t drop_at;   /* a folder in it, NONE: the window's own */
    int32_t drag_copies;
};

/* ---- folder.c ---- */

void folder_go(struct view *v, const char *path, int remember);
void folder_back(struct view *v);
void folder_up(struct view *v);
/* In each call: reads what is stale, thumbnails, hears of changes. Answers what _start may. */
int32_t folder_go_on(struct files *f);
void folder_forget(struct view *v);

/* ---- operate.c ---- */

/* Begin; the paths become the operation's. 0: it is busy, and that was said. */
int operate(struct view *v, enum op_kind kind, char **paths, uint32_t count, const char *folder);
int32_t operate_go_on(struct files *f);
void operate_rename(struct view *v, const char *name);
void operate_new_folder(struct view *v, const char *name);
void operate_undo(struct view *v);
/* Whole paths of what is chosen; *count of them. NULL: nothing is. */
char **chosen_paths(struct view *v, uint32_t *count);
void paths_free(char **paths, uint32_t count);
/* To be pasted. */
void keep(struct view *v, int cuts);
void paste(struct view *v);

/* ---- open.c ---- */

void open_entry(struct view *v, uint32_t at);

/* ---- view.c ---- */

void view_draw(struct view *v, struct ctx_rect r);
uint32_t view_chosen(const struct view *v, uint64_t *bytes);
void view_choose_all(struct view *v, int on);

/* ---- icons.c ---- */

void icon_draw(const struct ctx_draw *d, struct ctx_rect r, const struct ctx_theme *t,
               const struct entry *entry);

/* ---- main.c ---- */

void complain(struct view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct view *view_open(struct files *f, const char *path);
void ask(struct view *v, enum bar bar, const char *text);
/* 1: there is an entry that keys are for. */
int has_one(const struct view *v);

#endif
