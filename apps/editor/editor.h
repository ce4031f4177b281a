/* SPDX-License-Identifier: MIT */
/* What the parts of the editor share. */
#ifndef EDITOR_EDITOR_H
#define EDITOR_EDITOR_H

#include "syntax.h"
#include "text.h"

#include <disk.h>
#include <job.h>
#include <pane.h>

#include <limits.h>
#include <stdint.h>

#define NO_COLUMN UINT32_MAX
#define FIND_ROOM 256u

/* What lies between the bar and the text. */
enum bar { BAR_NONE, BAR_FIND, BAR_GO_TO, BAR_OPEN, BAR_SAVE_AS, BAR_LEAVE, BAR_OTHER, BAR_ERROR };

/* What is done when the text that is there was saved, or may go. */
enum next { NEXT_NOTHING, NEXT_CLOSE, NEXT_NEW, NEXT_OPEN };

struct editor {
    struct pane pane;
    struct ctx *ctx;
    struct text text;
    uint32_t caret, mark; /* mark: the other end of what is chosen; == caret: nothing is */
    uint32_t wish;        /* the column that up and down go along, NO_COLUMN: the caret's */
    uint32_t top, left;   /* the first line and column in sight */
    uint32_t follow;      /* 1: the caret has to be in sight */
    enum syntax_language language;
    int32_t behind; /* 1: states are not known yet up to what is in sight */
    uint64_t click_ns;
    uint32_t clicks, clicked_at;

    char path[PATH_MAX]; /* "": it has no name yet */
    int32_t latin;       /* its file's bytes are Latin-1 */
    int32_t crlf;        /* and its lines end in CR LF */
    int64_t file_time;   /* when its file was changed, as it was read or written; 0: unknown */
    uint64_t file_len;

    struct job job;
    enum { JOB_NONE, JOB_LOAD, JOB_SAVE } doing;
    enum next next;
    char other[PATH_MAX]; /* what the job opens, or saves under */
    char after[PATH_MAX]; /* NEXT_OPEN: what is opened */
    uint32_t saved_to;    /* of a save without memory for a copy: so far */
    int32_t locked;       /* and then nothing is typed */
    int32_t overwrites;   /* it was asked whether that file may be replaced */
    int32_t done;         /* the app ends */

    enum bar bar;
    char note[160];  /* in the foot */
    char error[256]; /* in BAR_ERROR */
    struct ctx_ui_field find, with, ask;
    char find_text[FIND_ROOM], with_text[FIND_ROOM], ask_text[PATH_MAX];
    int32_t fresh; /* a pass must follow: something of another job changed */

    char *own; /* what was copied, of any length */
    uint32_t own_len;
};

/* ---- view.c: on the screen ---- */

/* Rows and columns that the text has in r. */
void view_draw(struct editor *e, struct ctx_rect r);
uint32_t view_column(struct editor *e, uint32_t at);
/* The place in a line that is nearest to a column. */
uint32_t view_at(struct editor *e, uint32_t line, uint32_t column);
/* States of some more of the text. */
void view_catch_up(struct editor *e);

/* ---- keys.c: what is done to the text ---- */

uint32_t chosen_from(const struct editor *e);
uint32_t chosen_to(const struct editor *e);
/* The caret, and with SHIFT what is chosen. */
void caret_to(struct editor *e, uint32_t at, int chooses);
void choose_word(struct editor *e, uint32_t at);
void choose_line(struct editor *e, uint32_t at);
/* In the place of what is chosen. 0: there was no memory, and that was said. */
int put_text(struct editor *e, const char *bytes, uint32_t len, int typed);
void copy_chosen(struct editor *e, int cuts);
void paste_text(struct editor *e);
void undo(struct editor *e, int again);
/* Keys and letters while the text has the focus. */
void view_keys(struct editor *e, uint32_t rows);
/* Those that count wherever the focus is. */
void common_keys(struct editor *e);

/* ---- find.c ---- */

void find_open(struct editor *e);
void find_next(struct editor *e, int back);
void find_bar(struct editor *e, struct ctx_rect r);
void go_to_bar(struct editor *e, struct ctx_rect r);

/* ---- file.c ---- */

void file_open(struct editor *e, const char *path);
void file_save(struct editor *e);
void file_save_as(struct editor *e, const char *path);
/* What it asked about in BAR_OTHER. */
void file_overwrite(struct editor *e);
void file_new(struct editor *e);
/* Ask what has to be asked, then do it. */
void file_then(struct editor *e, enum next next);
/* A job has ended. */
void file_done(struct editor *e);
const char *file_title(const struct editor *e);

/* ---- main.c ---- */

void note(struct editor *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void complain(struct editor *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Open a bar; its field is empty, or has this text. */
void ask(struct editor *e, enum bar bar, const char *text);
void bar_close(struct editor *e);

#endif
