/* SPDX-License-Identifier: MIT */
/*
 * files - folders in windows: look, sort, open, rename, copy, move, delete, drag from window to
 * window. Words: a folder; "contrast" for the other theme. It takes use=ctx.files/1(/) for the disk
 * and grant=ctx.loader/1 to start what is opened.
 */
#include "files.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/note.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

CTX_NOTE(3);

#define WIDTH   640
#define HEIGHT  440
#define LEAST_W 300
#define LEAST_H 200

static const struct pane_size window_size = {WIDTH, HEIGHT, LEAST_W, LEAST_H};
#define HOME "/disk"

enum {
    KEY_T = 20,
    KEY_N = 49,
    KEY_Z = 44,
    KEY_X,
    KEY_C,
    KEY_V,
    KEY_A = 30,
    KEY_F2 = 60,
    KEY_F5 = 63
};

void complain(struct view *v, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(v->note, sizeof v->note, format, list);
    va_end(list);
    v->bar = BAR_ERROR;
}

void ask(struct view *v, enum bar bar, const char *text)
{
    v->bar = bar;
    ctx_ui_field_set(&v->ask, text);
    v->ask.mark = 0; /* all of it is chosen; of a file's name what is not its ending */
    const char *dot = strrchr(text, '.');
    if (bar == BAR_RENAME && dot != NULL && dot != text) {
        v->ask.caret = (uint32_t)(dot - text);
    }
    ctx_ui_focus(&v->pane.ui, "ask");
}

static void bar_close(struct view *v)
{
    v->bar = BAR_NONE;
    v->note[0] = 0;
    ctx_ui_focus(&v->pane.ui, "things");
}

int has_one(const struct view *v)
{
    return v->at < v->count;
}

/* ---- what can be done ---- */

enum act {
    ACT_OPEN,
    ACT_CUT,
    ACT_COPY,
    ACT_PASTE,
    ACT_RENAME,
    ACT_DELETE,
    ACT_UNDO,
    ACT_FOLDER,
    ACT_WINDOW,
    ACT_ALL
};

static void act(struct view *v, enum act what)
{
    uint32_t chosen = view_chosen(v, NULL);
    switch (what) {
    case ACT_OPEN:
        open_entry(v, v->at);
        break;
    case ACT_CUT:
    case ACT_COPY:
        keep(v, what == ACT_CUT);
        break;
    case ACT_PASTE:
        paste(v);
        break;
    case ACT_RENAME:
        if (has_one(v)) {
            ask(v, BAR_RENAME, v->entries[v->at].name);
        }
        break;
    case ACT_DELETE:
        if (chosen > 0) {
            v->bar = BAR_DELETE;
            ctx_ui_focus(&v->pane.ui, "Cancel");
        }
        break;
    case ACT_UNDO:
        operate_undo(v);
        break;
    case ACT_FOLDER:
        ask(v, BAR_FOLDER, "");
        break;
    case ACT_WINDOW:
        view_open(v->app, v->path);
        break;
    default:
        view_choose_all(v, 1);
        break;
    }
}

static void common_keys(struct view *v)
{
    static const struct {
        uint32_t key, mods;
        enum act act;
    } all[] = {
        {KEY_X, CTX_MOD_CTRL, ACT_CUT},    {KEY_C, CTX_MOD_CTRL, ACT_COPY},
        {KEY_V, CTX_MOD_CTRL, ACT_PASTE},  {KEY_F2, 0, ACT_RENAME},
        {CTX_KEY_DELETE, 0, ACT_DELETE},   {KEY_Z, CTX_MOD_CTRL, ACT_UNDO},
        {KEY_N, CTX_MOD_CTRL, ACT_WINDOW}, {KEY_N, CTX_MOD_CTRL | CTX_MOD_SHIFT, ACT_FOLDER},
        {KEY_A, CTX_MOD_CTRL, ACT_ALL},
    };
    struct ctx_ui *ui = &v->pane.ui;
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (ctx_ui_key(ui, all[i].key, all[i].mods)) {
            act(v, all[i].act);
        }
    }
    if (ctx_ui_key(ui, CTX_KEY_BACKSPACE, 0) || ctx_ui_key(ui, CTX_KEY_UP, CTX_MOD_ALT)) {
        folder_up(v);
    } else if (ctx_ui_key(ui, CTX_KEY_LEFT, CTX_MOD_ALT)) {
        folder_back(v);
    } else if (ctx_ui_key(ui, KEY_F5, 0)) {
        v->stale = 1;
    } else if (v->bar != BAR_NONE && ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        bar_close(v);
    }
}

/* ---- bars ---- */

static void name_bar(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int renames = v->bar == BAR_RENAME;
    const char *refused = v->ask.len > 0 ? name_refused(v->ask.text) : NULL;
    struct ctx_rect button = ctx_rect_right(&r, ctx_theme_px(t, 84));
    ctx_rect_right(&r, t->gap);
    ctx_ui_label(ui, ctx_rect_left(&r, ctx_theme_px(t, 84)), renames ? "New name" : "New folder",
                 0);
    uint32_t bits = ctx_ui_field(ui, r, "ask", &v->ask, "Name", 0);
    if ((ctx_ui_button_with(ui, button, 0, renames ? "Rename" : "Make",
                            v->ask.len > 0 && refused == NULL ? CTX_UI_PRIMARY : CTX_UI_DISABLED) &
         CTX_UI_CLICKED) != 0) {
        bits |= CTX_UI_ENTER;
    }
    if ((bits & CTX_UI_ENTER) == 0 || v->ask.len == 0) {
        return;
    }
    char name[NAME_MAX + 1];
    snprintf(name, sizeof name, "%s", v->ask.text);
    if (refused != NULL) {
        complain(v, "%s", refused);
        return;
    }
    bar_close(v);
    if (!renames) {
        operate_new_folder(v, name);
    } else if (has_one(v) && strcmp(name, v->entries[v->at].name) != 0) {
        operate_rename(v, name);
    }
}

static void delete_bar(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    char text[320];
    uint32_t count = view_chosen(v, NULL);
    const char *one = count == 1 && has_one(v) ? v->entries[v->at].name : NULL;
    int32_t wide = ctx_theme_px(t, 84);
    if (ctx_ui_button_with(ui, ctx_rect_right(&r, wide), 0, "Delete", CTX_UI_DANGER) &
        CTX_UI_CLICKED) {
        char **paths = chosen_paths(v, &count);
        bar_close(v);
        if (paths != NULL) {
            operate(v, OP_DELETE, paths, count, v->path);
        }
        return;
    }
    ctx_rect_right(&r, t->gap);
    if (ctx_ui_button_with(ui, ctx_rect_right(&r, wide), 0, "Cancel", 0) & CTX_UI_CLICKED ||
        count == 0) {
        bar_close(v);
        return;
    }
    ctx_rect_right(&r, t->gap);
    if (one != NULL) {
        snprintf(text, sizeof text, "Delete %.200s for ever?", one);
    } else {
        snprintf(text, sizeof text, "Delete %u things for ever?", (unsigned)count);
    }
    ctx_ui_label(ui, r, text, 0);
}

static void error_bar(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    if (ctx_ui_button_with(ui, ctx_rect_right(&r, ctx_theme_px(t, 84)), 0, "Dismiss", 0) &
        CTX_UI_CLICKED) {
        bar_close(v);
        return;
    }
    ctx_rect_right(&r, t->gap);
    ctx_ui_label(ui, r, v->note, CTX_UI_DANGER);
}

/* What is being done, how much of it, and how to end it. */
static void progress(struct view *v, struct ctx_rect r)
{
    static const char *const verbs[] = {"", "Copying", "Moving", "Deleting", "Taking back"};
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    struct op *op = &v->app->op;
    char text[320];
    ctx_ui_panel(ui, r, t->panel, 0);
    r = CTX_RECT(r.x + t->pad, r.y, r.w - t->pad - t->gap, t->control_h);
    if (ctx_ui_button_with(ui, ctx_rect_right(&r, ctx_theme_px(t, 64)), 0, "Stop", 0) &
        CTX_UI_CLICKED) {
        job_stop(&op->job);
    }
    ctx_rect_right(&r, t->gap);
    snprintf(text, sizeof text, "%s %.200s", verbs[op->kind], op->name);
    ctx_ui_label(ui, ctx_rect_left(&r, r.w * 3 / 5), text, 0);
    ctx_rect_left(&r, t->gap);
    ctx_rect_top(&r, (r.h - ctx_theme_px(t, 8)) / 2);
    uint32_t part = op->all > 0 ? (uint32_t)(op->done * 1000 / op->all) : 0;
    ctx_ui_progress(ui, ctx_rect_top(&r, ctx_theme_px(t, 8)), part > 1000 ? 1000 : part, 1000);
}

/* ---- top and foot ---- */

static void in_menu(struct view *v, uint32_t row)
{
    static const int acts[MENU] = {ACT_OPEN,   -1,         ACT_CUT,    ACT_COPY, ACT_PASTE,
                                   -1,         ACT_RENAME, ACT_DELETE, ACT_UNDO, -1,
                                   ACT_FOLDER, ACT_WINDOW, ACT_ALL};
    if (row < MENU && acts[row] >= 0) {
        act(v, (enum act)acts[row]);
    }
}

static void menus(struct view *v, struct ctx_rect r)
{
    uint32_t one = has_one(v) ? 0 : CTX_UI_DISABLED;
    uint32_t some = view_chosen(v, NULL) > 0 ? 0 : CTX_UI_DISABLED;
    uint32_t kept = v->app->kept_count > 0 ? 0 : CTX_UI_DISABLED;
    uint32_t moved = v->app->moved_count > 0 ? 0 : CTX_UI_DISABLED;
    const struct ctx_ui_item items[MENU] = {
        {"Open", "Enter", 0, one},
        {NULL, NULL, 0, CTX_UI_RULE},
        {"Cut", "Ctrl-X", 0, some},
        {"Copy", "Ctrl-C", CTX_ICON_COPY, some},
        {"Paste", "Ctrl-V", 0, kept},
        {NULL, NULL, 0, CTX_UI_RULE},
        {"Rename\u2026", "F2", 0, one},
        {"Delete\u2026", "Del", CTX_ICON_CLOSE, some},
        {"Take back the last move", "Ctrl-Z", CTX_ICON_UNDO, moved},
        {NULL, NULL, 0, CTX_UI_RULE},
        {"New folder\u2026", "Ctrl-Shift-N", CTX_ICON_PLUS, 0},
        {"New window", "Ctrl-N", CTX_ICON_APP, 0},
        {"Select all", "Ctrl-A", 0, 0},
    };
    memcpy(v->menu, items, sizeof items); /* they have to be there until the pass ends */
    in_menu(v, ctx_ui_menu(&v->pane.ui, r, CTX_ICON_MENU, "#menu", v->menu, MENU, CTX_UI_FLAT));
}

/* The folders on the way, as many of the last ones as there is room for. */
static void way(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    const char *part[24];
    uint32_t len[24], count = 0, first = 0;
    for (const char *p = v->path; *p != 0 && count < 24;) {
        p += *p == '/';
        len[count] = (uint32_t)strcspn(p, "/");
        part[count] = p;
        count += len[count] > 0;
        p += len[count > 0 ? count - 1 : 0];
        p += strspn(p, "/") > 1 ? strspn(p, "/") - 1 : 0;
    }
    if (count == 0) {
        ctx_ui_label(ui, r, v->path, CTX_UI_BOLD);
        return;
    }
    int32_t all = 0;
    for (first = count; first > 0; first--) {
        all += ctx_text_width(t->body, part[first - 1], len[first - 1]) + t->gap * 3;
        if (all > r.w && first < count) {
            break;
        }
    }
    for (uint32_t i = first; i < count; i++) {
        char name[NAME_MAX + 1];
        snprintf(name, sizeof name, "%.*s", (int)len[i], part[i]);
        int32_t wide = ctx_text_width(t->body, name, CTX_TEXT_ALL) + t->gap * 2;
        struct ctx_rect button = ctx_rect_left(&r, wide);
        if (i + 1 == count) {
            ctx_ui_label(ui,
                         CTX_RECT(button.x + t->gap, button.y, button.w + r.w - t->gap, button.h),
                         name, CTX_UI_BOLD);
        } else if (ctx_ui_button_with(ui, button, 0, name, CTX_UI_FLAT | CTX_UI_NO_FOCUS) &
                   CTX_UI_CLICKED) {
            char path[PATH_MAX];
            snprintf(path, sizeof path, "%.*s", (int)(part[i] + len[i] - v->path), v->path);
            folder_go(v, path, 1);
            return;
        }
        ctx_rect_left(&r, t->gap / 2);
    }
}

static void top_bar(struct view *v, struct ctx_rect bar)
{
    static const struct ctx_ui_item sorts[] = {
        {"Name", NULL, 0, 0}, {"Size", NULL, 0, 0}, {"Changed", NULL, 0, 0}};
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    ctx_ui_panel(ui, bar, t->panel, 0);
    bar = ctx_rect_inset(bar, (t->bar_h - t->control_h) / 2);
    if (ctx_ui_button_with(ui, ctx_rect_left(&bar, t->control_h), CTX_ICON_LEFT, "#back",
                           CTX_UI_FLAT | (v->backs > 0 ? 0 : CTX_UI_DISABLED)) &
        CTX_UI_CLICKED) {
        folder_back(v);
    }
    if (ctx_ui_button_with(ui, ctx_rect_left(&bar, t->control_h), CTX_ICON_UP, "#parent",
                           CTX_UI_FLAT) &
        CTX_UI_CLICKED) {
        folder_up(v);
    }
    ctx_rect_left(&bar, t->gap / 2);
    menus(v, ctx_rect_right(&bar, t->control_h));
    if (ctx_ui_button_with(ui, ctx_rect_right(&bar, t->control_h),
                           v->grid ? CTX_ICON_LIST : CTX_ICON_FULL, "#kind", CTX_UI_FLAT) &
        CTX_UI_CLICKED) {
        v->grid ^= 1;
        v->follow = 1;
    }
    if (bar.w > ctx_theme_px(t, 240)) {
        if (ctx_ui_button_with(ui, ctx_rect_right(&bar, t->control_h),
                               v->falling ? CTX_ICON_DOWN : CTX_ICON_UP, "#order", CTX_UI_FLAT) &
            CTX_UI_CLICKED) {
            v->falling ^= 1;
            entries_sort(v->entries, v->count, v->sort, v->falling);
            v->at = v->from = NONE;
        }
        uint32_t sort = (uint32_t)v->sort;
        if (ctx_ui_choice(ui, ctx_rect_right(&bar, ctx_theme_px(t, 96)), "sort", sorts, 3, &sort)) {
            v->sort = (enum sort)sort;
            v->falling = v->sort != SORT_NAME; /* the largest and the newest first */
            entries_sort(v->entries, v->count, v->sort, v->falling);
            v->at = v->from = NONE;
        }
        ctx_rect_right(&bar, t->gap);
    }
    way(v, bar);
}

static void foot(struct view *v, struct ctx_rect r)
{
    struct ctx_ui *ui = &v->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    char text[160], size[24];
    uint64_t bytes = 0;
    uint32_t chosen = view_chosen(v, &bytes);
    ctx_ui_panel(ui, r, t->panel, 0);
    r.x += t->pad;
    r.w -= 2 * t->pad;
    text[0] = 0;
    if (v->space > 0) {
        disk_size_text(size, sizeof size, v->free);
        snprintf(text, sizeof text, "%s free", size);
    }
    ctx_ui_label(ui, ctx_rect_right(&r, ctx_theme_px(t, 110)), text,
                 CTX_UI_SMALL | CTX_UI_MUTED | CTX_UI_RIGHT);
    int n = snprintf(text, sizeof text, "%u thing%s", (unsigned)v->count, v->count == 1 ? "" : "s");
    if (chosen > 0) {
        disk_size_text(size, sizeof size, bytes);
        snprintf(text + n, sizeof text - (size_t)n, ", %u chosen%s%s", (unsigned)chosen,
                 bytes > 0 ? ": " : "", bytes > 0 ? size : "");
    } else if (v->note[0] != 0 && v->bar == BAR_NONE) {
        snprintf(text, sizeof text, "%.150s", v->note);
    }
    ctx_ui_label(ui, r, text, CTX_UI_SMALL | CTX_UI_MUTED);
}

static void window(void *app, struct pane *pane)
{
    struct view *v = app;
    struct ctx_ui *ui = &pane->ui;
    const struct ctx_theme *t = &ui->theme;
    struct ctx_rect all = {0, 0, (int32_t)pane->w, (int32_t)pane->h};
    struct ctx_rect bar = ctx_rect_top(&all, t->bar_h), low = ctx_rect_bottom(&all, t->row_h);
    top_bar(v, bar);
    if (v->bar != BAR_NONE) {
        struct ctx_rect r = ctx_rect_top(&all, t->control_h + t->gap);
        ctx_ui_panel(ui, r, t->panel, 0);
        r = CTX_RECT(r.x + t->pad, r.y, r.w - t->pad - t->gap, t->control_h);
        if (v->bar == BAR_DELETE) {
            delete_bar(v, r);
        } else if (v->bar == BAR_ERROR) {
            error_bar(v, r);
        } else {
            name_bar(v, r);
        }
    }
    if (v->app->op.kind != OP_NONE) {
        progress(v, ctx_rect_bottom(&all, t->control_h + t->gap));
    }
    foot(v, low);
    view_draw(v, all);
    in_menu(v, ctx_ui_menu_of(ui, "#things", v->menu, MENU)); /* behind whoever opens it */
    common_keys(v);
}

/* ---- the app ---- */

struct view *view_open(struct files *f, const char *path)
{
    uint32_t i = 0;
    while (i < VIEWS && f->views[i] != NULL && f->views[i]->pane.surface != 0) {
        i++;
    }
    struct view *v = i < VIEWS ? f->views[i] : NULL;
    if (i < VIEWS && v == NULL) {
        v = f->views[i] = calloc(1, sizeof *v);
    }
    if (v == NULL) {
        return NULL;
    }
    if (!pane_open(&v->pane, f->ctx, "Files", &window_size, f->theme_flags)) {
        return NULL;
    }
    v->app = f;
    v->grid = 1;
    v->sort = SORT_NAME;
    v->falling = 0;
    v->bar = BAR_NONE;
    v->ask = (struct ctx_ui_field){v->ask_text, sizeof v->ask_text, 0, 0, 0, 0, 0};
    v->clicked = v->pressed = v->at = v->from = NONE;
    v->path[0] = 0;
    folder_go(v, path, 0);
    return v;
}

static int close_view(struct files *f, struct view *v)
{
    int open = 0;
    job_stop(&v->list);
    folder_forget(v);
    pane_close(&v->pane);
    for (uint32_t i = 0; i < VIEWS; i++) {
        open |= f->views[i] != NULL && f->views[i]->pane.surface != 0;
    }
    return open;
}

static struct files *start(struct ctx *ctx)
{
    struct files *f = calloc(1, sizeof *f);
    const struct ctx_table *table = NULL;
    char path[PATH_MAX] = HOME;
    uint32_t count = 0;
    if (f == NULL) {
        return NULL;
    }
    f->ctx = ctx;
    f->drag_view = f->drop_view = f->drop_at = NONE;
    if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) == CTX_OK) {
        const struct ctx_args *args = (const struct ctx_args *)(const void *)table;
        args->count(args, &count);
        for (uint32_t i = 0; i < count; i++) {
            char word[PATH_MAX] = {0};
            uint32_t len = 0;
            args->get(args, i, word, sizeof word - 1, &len);
            if (strcmp(word, "contrast") == 0) {
                f->theme_flags = CTX_THEME_CONTRAST;
            } else if (word[0] == '/') {
                snprintf(path, sizeof path, "%s", word);
            }
        }
    }
    if (view_open(f, path) == NULL) {
        free(f);
        return NULL;
    }
    *ctx->store = f;
    return f;
}

/* 0: the last window was closed. */
static int events(struct files *f)
{
    struct ctx_event e[16];
    uint32_t count = 0;
    int open = 1;
    do {
        count = 0;
        f->ctx->events->read(f->ctx->events, e, sizeof e, sizeof e[0], &count);
        count = ctx_ui_merge(e, count);
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t k = 0; k < VIEWS; k++) {
                struct view *v = f->views[k];
                int is = v != NULL && v->pane.surface != 0 &&
                         (e[i].surface == v->pane.surface || e[i].surface == 0);
                if (is && pane_event(&v->pane, &e[i], window, v)) {
                    open = close_view(f, v);
                }
            }
        }
    } while (count > 0);
    for (uint32_t k = 0; k < VIEWS; k++) {
        struct view *v = f->views[k];
        if (v != NULL && v->pane.surface != 0) {
            pane_event(&v->pane, NULL, window, v);
            pane_show(&v->pane);
        }
    }
    return open;
}

static int has_begun(const struct job *job)
{
    return job_runs(job) && job->since_ns == 0;
}

int32_t ctx_start(struct ctx *ctx)
{
    struct files *f = *ctx->store != NULL ? *ctx->store : start(ctx);
    int ended = 0;
    if (f == NULL) {
        static const char sorry[] = "not enough memory for files";
        ctx->log((const uint8_t *)sorry, sizeof sorry - 1);
        return CTX_EXIT(1);
    }
    f->ctx = ctx;
    int32_t answer = folder_go_on(f), other = operate_go_on(f);
    answer = other != CTX_WAIT ? CTX_AGAIN : answer;
    other = job_go_on(&f->opening, &ended);
    answer = other != CTX_WAIT ? CTX_AGAIN : answer;
    if (!events(f)) {
        return CTX_EXIT(0);
    }
    for (uint32_t i = 0; i < VIEWS; i++) {
        if (f->views[i] != NULL && f->views[i]->stale && f->views[i]->pane.surface != 0 &&
            f->views[i]->count == 0) {
            answer = CTX_AGAIN;
        }
    }
    if (has_begun(&f->op.job) || has_begun(&f->opening) || has_begun(&f->thumbs)) {
        answer = CTX_AGAIN;
    }
    ctx->events->wait(ctx->events, PANE_EVENTS | 1u << CTX_EVENT_DONE);
    return answer;
}
