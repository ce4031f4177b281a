/* SPDX-License-Identifier: MIT */
/*
 * editor - texts: UTF-8, search and replace, undo, colours for C and Lua; files of ten megabytes
 * and lines as long. What is not saved is in the app's memory like all it has, so an image, a
 * session and undo keep it. Words: a path to open; "contrast" for the other theme.
 */
#include "editor.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/note.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CTX_NOTE(3);

#define WIDTH   760
#define HEIGHT  520
#define LEAST_W 280
#define LEAST_H 160

static const struct pane_size window_size = {WIDTH, HEIGHT, LEAST_W, LEAST_H};

void note(struct editor *e, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(e->note, sizeof e->note, format, list);
    va_end(list);
}

void complain(struct editor *e, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(e->error, sizeof e->error, format, list);
    va_end(list);
    e->bar = BAR_ERROR;
}

void ask(struct editor *e, enum bar bar, const char *text)
{
    e->bar = bar;
    ctx_ui_field_set(&e->ask, text);
    ctx_ui_focus(&e->pane.ui, "ask");
}

void bar_close(struct editor *e)
{
    if (e->bar == BAR_LEAVE || e->bar == BAR_OTHER) {
        e->next = NEXT_NOTHING;
    }
    e->bar = BAR_NONE;
    ctx_ui_focus(&e->pane.ui, "text");
}

/* ---- bars ---- */

/* What is asked, and up to three answers at its right; the first is what most will want. Answers
 * which was pressed, from 1; 0: none. */
static int question(struct editor *e, struct ctx_rect r, const char *text,
                    const char *const *answers, int count, uint32_t first, uint32_t flags)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int pressed = 0;
    for (int i = count; i-- > 0;) {
        int32_t wide = ctx_text_width(t->body, answers[i], CTX_TEXT_ALL) + 2 * t->pad;
        if (ctx_ui_button_with(ui, ctx_rect_right(&r, wide), 0, answers[i], i == 0 ? first : 0) &
            CTX_UI_CLICKED) {
            pressed = i + 1;
        }
        ctx_rect_right(&r, t->gap);
    }
    ctx_ui_label(ui, r, text, flags);
    return pressed;
}

static void leave_bar(struct editor *e, struct ctx_rect r)
{
    static const char *const answers[] = {"Save", "Discard", "Cancel"};
    char text[320];
    snprintf(text, sizeof text, "%.200s has changes that are not saved.", file_title(e));
    switch (question(e, r, text, answers, 3, CTX_UI_PRIMARY, 0)) {
    case 1: {
        enum next next = e->next;
        e->bar = BAR_NONE;
        file_save(e);
        e->next = next;
        break;
    }
    case 2:
        text_saved(&e->text);
        file_then(e, e->next);
        break;
    case 3:
        bar_close(e);
        break;
    default:
        break;
    }
}

static void path_bar(struct editor *e, struct ctx_rect r)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int opens = e->bar == BAR_OPEN;
    struct ctx_rect button = ctx_rect_right(&r, ctx_theme_px(t, 76));
    ctx_rect_right(&r, t->gap);
    ctx_ui_label(ui, ctx_rect_left(&r, ctx_theme_px(t, opens ? 44 : 60)),
                 opens ? "Open" : "Save as", 0);
    uint32_t bits = ctx_ui_field(ui, r, "ask", &e->ask, "/disk/notes.txt", 0);
    bits |= ctx_ui_button_with(ui, button, 0, opens ? "Open" : "Save",
                               e->ask.len > 0 ? CTX_UI_PRIMARY : CTX_UI_DISABLED) &
                    CTX_UI_CLICKED
                ? CTX_UI_ENTER
                : 0;
    if ((bits & CTX_UI_ENTER) == 0 || e->ask.len == 0) {
        return;
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", e->ask.text);
    if (opens) {
        bar_close(e);
        file_open(e, path);
        return;
    }
    enum next next = e->next;
    bar_close(e);
    file_save_as(e, path);
    e->next = next;
}

static void bars(struct editor *e, struct ctx_rect r)
{
    static const char *const dismiss[] = {"Dismiss"};
    static const char *const other[] = {"Overwrite", "Cancel"};
    char text[320];
    switch (e->bar) {
    case BAR_FIND:
        find_bar(e, r);
        break;
    case BAR_GO_TO:
        go_to_bar(e, r);
        break;
    case BAR_OPEN:
    case BAR_SAVE_AS:
        path_bar(e, r);
        break;
    case BAR_LEAVE:
        leave_bar(e, r);
        break;
    case BAR_OTHER:
        snprintf(text, sizeof text,
                 strcmp(e->other, e->path) == 0 ? "%.200s was changed on the disk by somebody else."
                                                : "There is a file %.200s already.",
                 disk_name(e->other));
        switch (question(e, r, text, other, 2, CTX_UI_DANGER, 0)) {
        case 1:
            e->bar = BAR_NONE;
            file_overwrite(e);
            break;
        case 2:
            bar_close(e);
            break;
        default:
            break;
        }
        break;
    case BAR_ERROR:
        if (question(e, r, e->error, dismiss, 1, 0, CTX_UI_DANGER) != 0) {
            bar_close(e);
        }
        break;
    default:
        break;
    }
}

/* ---- menus ---- */

static const struct ctx_ui_item file_menu[] = {
    {"New", "Ctrl-N", CTX_ICON_PLUS, 0},   {"Open\u2026", "Ctrl-O", 0, 0},
    {"Save", "Ctrl-S", CTX_ICON_CHECK, 0}, {"Save as\u2026", "Ctrl-Shift-S", 0, 0},
    {NULL, NULL, 0, CTX_UI_RULE},          {"Close", "Ctrl-Q", CTX_ICON_CLOSE, 0},
};
static const struct ctx_ui_item edit_menu[] = {
    {"Undo", "Ctrl-Z", CTX_ICON_UNDO, 0},
    {"Redo", "Ctrl-Y", CTX_ICON_REDO, 0},
    {NULL, NULL, 0, CTX_UI_RULE},
    {"Cut", "Ctrl-X", 0, 0},
    {"Copy", "Ctrl-C", CTX_ICON_COPY, 0},
    {"Paste", "Ctrl-V", 0, 0},
    {"Select all", "Ctrl-A", 0, 0},
    {NULL, NULL, 0, CTX_UI_RULE},
    {"Find\u2026", "Ctrl-F", CTX_ICON_SEARCH, 0},
    {"Find next", "F3", 0, 0},
    {"Go to line\u2026", "Ctrl-G", 0, 0},
};
#define ROWS(menu) ((uint32_t)(sizeof(menu) / sizeof(menu)[0]))

static void in_file_menu(struct editor *e, uint32_t row)
{
    switch (row) {
    case 0:
        file_then(e, NEXT_NEW);
        break;
    case 1:
        ask(e, BAR_OPEN, "");
        break;
    case 2:
        file_save(e);
        break;
    case 3:
        ask(e, BAR_SAVE_AS, e->path[0] != 0 ? e->path : "/disk/");
        break;
    case 5:
        file_then(e, NEXT_CLOSE);
        break;
    default:
        break;
    }
}

static void in_edit_menu(struct editor *e, uint32_t row)
{
    switch (row) {
    case 0:
    case 1:
        undo(e, row == 1);
        break;
    case 3:
    case 4:
        copy_chosen(e, row == 3);
        break;
    case 5:
        paste_text(e);
        break;
    case 6:
        caret_to(e, 0, 0);
        caret_to(e, e->text.len, 1);
        e->follow = 0;
        break;
    case 8:
        find_open(e);
        break;
    case 9:
        find_next(e, 0);
        break;
    case 10:
        ask(e, BAR_GO_TO, "");
        break;
    default:
        break;
    }
    if (row <= 6) {
        ctx_ui_focus(&e->pane.ui, "text");
    }
}

/* ---- the window ---- */

static void top_bar(struct editor *e, struct ctx_rect bar)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    char text[PATH_MAX + 8];
    ctx_ui_panel(ui, bar, t->panel, 0);
    bar = ctx_rect_inset(bar, (t->bar_h - t->control_h) / 2);
    uint32_t row = ctx_ui_menu(ui, ctx_rect_left(&bar, ctx_theme_px(t, 56)), 0, "File", file_menu,
                               ROWS(file_menu), CTX_UI_FLAT);
    if (row != CTX_UI_NO_ROW) {
        in_file_menu(e, row);
    }
    row = ctx_ui_menu(ui, ctx_rect_left(&bar, ctx_theme_px(t, 56)), 0, "Edit", edit_menu,
                      ROWS(edit_menu), CTX_UI_FLAT);
    if (row != CTX_UI_NO_ROW) {
        in_edit_menu(e, row);
    }
    ctx_rect_left(&bar, t->gap);
    ctx_rect_right(&bar, t->gap);
    int changed = text_is_changed(&e->text);
    snprintf(text, sizeof text, "%s%s", e->path[0] != 0 ? e->path : "New text",
             changed ? " \u2022" : "");
    ctx_ui_label(ui, bar, text, CTX_UI_RIGHT | (changed ? 0 : CTX_UI_MUTED));
}

static void foot(struct editor *e, struct ctx_rect r)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    char text[96];
    uint32_t line = text_line_of(&e->text, e->caret);
    ctx_ui_panel(ui, r, t->panel, 0);
    r.x += t->pad;
    r.w -= 2 * t->pad;
    uint32_t chosen = chosen_to(e) - chosen_from(e);
    if (chosen > 0) {
        snprintf(text, sizeof text, "%u chosen   %s",
                 (unsigned)text_chars(&e->text, chosen_from(e), chosen_to(e)),
                 syntax_name(e->language));
    } else {
        snprintf(text, sizeof text, "Line %u of %u, column %u   %s", (unsigned)line + 1,
                 (unsigned)e->text.lines + 1, (unsigned)view_column(e, e->caret) + 1,
                 syntax_name(e->language));
    }
    int32_t wide = ctx_text_width(t->small, text, CTX_TEXT_ALL) + t->gap;
    struct ctx_rect right = ctx_rect_right(&r, wide);
    ctx_ui_label(ui, right, text, CTX_UI_SMALL | CTX_UI_MUTED | CTX_UI_RIGHT);
    const char *said = e->doing == JOB_LOAD   ? "Opening\u2026"
                       : e->doing == JOB_SAVE ? "Saving\u2026"
                                              : e->note;
    ctx_ui_label(ui, r, said, CTX_UI_SMALL | CTX_UI_MUTED);
}

static void window(void *app, struct pane *pane)
{
    struct editor *e = app;
    struct ctx_ui *ui = &pane->ui;
    const struct ctx_theme *t = &ui->theme;
    struct ctx_rect all = {0, 0, (int32_t)pane->w, (int32_t)pane->h};
    struct ctx_rect bar = ctx_rect_top(&all, t->bar_h), low = ctx_rect_bottom(&all, t->row_h);
    top_bar(e, bar);
    if (e->bar != BAR_NONE) {
        struct ctx_rect r = ctx_rect_top(&all, t->control_h + t->gap);
        ctx_ui_panel(ui, r, t->panel, 0);
        r = CTX_RECT(r.x + t->gap, r.y, r.w - 2 * t->gap, t->control_h);
        bars(e, r);
    }
    common_keys(e);
    ctx_ui_panel(ui, all, t->field, 0);
    view_draw(e, all);
    uint32_t row =
        ctx_ui_menu_of(ui, "#edit", edit_menu, ROWS(edit_menu)); /* behind who opens it */
    if (row != CTX_UI_NO_ROW) {
        in_edit_menu(e, row);
    }
    foot(e, low);
}

/* ---- the app ---- */

/* Words of its line. */
static void words(struct editor *e, char *path, uint32_t *flags)
{
    const struct ctx_table *table = NULL;
    uint32_t count = 0;
    if (e->ctx->iface->open(e->ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) !=
        CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const struct ctx_args *)(const void *)table;
    args->count(args, &count);
    for (uint32_t i = 0; i < count; i++) {
        char word[PATH_MAX] = {0};
        uint32_t len = 0;
        args->get(args, i, word, sizeof word - 1, &len);
        if (strcmp(word, "contrast") == 0) {
            *flags |= CTX_THEME_CONTRAST;
        } else if (word[0] == '/') {
            snprintf(path, PATH_MAX, "%s", word);
        }
    }
}

static struct editor *start(struct ctx *ctx)
{
    struct editor *e = calloc(1, sizeof *e);
    char path[PATH_MAX] = {0};
    uint32_t flags = 0;
    if (e == NULL) {
        return NULL;
    }
    e->ctx = ctx;
    words(e, path, &flags);
    if (!pane_open(&e->pane, ctx, "New text", &window_size, flags)) {
        free(e);
        return NULL;
    }
    e->find = (struct ctx_ui_field){e->find_text, sizeof e->find_text, 0, 0, 0, 0, 0};
    e->with = (struct ctx_ui_field){e->with_text, sizeof e->with_text, 0, 0, 0, 0, 0};
    e->ask = (struct ctx_ui_field){e->ask_text, sizeof e->ask_text, 0, 0, 0, 0, 0};
    e->wish = NO_COLUMN;
    ctx_ui_focus(&e->pane.ui, "text");
    if (path[0] != 0) {
        file_open(e, path);
    }
    *ctx->store = e;
    return e;
}

int32_t ctx_start(struct ctx *ctx)
{
    struct editor *e = *ctx->store != NULL ? *ctx->store : start(ctx);
    int ended = 0;
    if (e == NULL) {
        static const char sorry[] = "not enough memory for an editor";
        ctx->log((const uint8_t *)sorry, sizeof sorry - 1);
        return CTX_EXIT(1);
    }
    e->ctx = ctx;
    int32_t answer = job_go_on(&e->job, &ended);
    if (ended) {
        file_done(e);
    }
    view_catch_up(e);
    e->fresh = 0;
    if (pane_run(&e->pane, ctx, window, e)) {
        file_then(e, NEXT_CLOSE);
        pane_run(&e->pane, ctx, window, e);
    }
    if (e->done) {
        return CTX_EXIT(0);
    }
    if (e->behind || (job_runs(&e->job) && e->job.since_ns == 0)) {
        answer = CTX_AGAIN; /* a job that has just begun, or colours that are not known yet */
    }
    ctx->events->wait(ctx->events, PANE_EVENTS);
    return answer;
}
