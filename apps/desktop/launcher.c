/* SPDX-License-Identifier: MIT */
/* Programs that lie on the shelf, and a few things of the desktop's own; what is typed filters. */
#include "desktop.h"

#include <ctx/key.h>

#define WIDTH  420 /* at scale 120 */
#define HEIGHT 440

enum own { OWN_SETTINGS, OWN_OVERVIEW, OWN_HELP, OWN_RESTART, OWN_OFF, OWNS };

static const struct {
    const char *text, *more;
    uint32_t icon;
} owns[OWNS] = {
    {"Settings", "of the desktop", CTX_ICON_GEAR},
    {"Overview", "time and memory: F12", CTX_ICON_LIST},
    {"Keys and mouse", "what they do here", CTX_ICON_INFO},
    {"Start anew", "the machine", CTX_ICON_REDO},
    {"Power off", "the machine", CTX_ICON_POWER},
};

/* A row's number: a program's, or with these added one of the desktop's own. */
#define OWN_ROW  1000u
#define DISK_ROW 2000u

static const char *title_of(const struct ctx_program_info *p)
{
    return p->title[0] != 0 ? (const char *)p->title : (const char *)p->name;
}

static int is_called(const struct ctx_program_info *p, const char *text)
{
    return has_text(title_of(p), text) || has_text((const char *)p->name, text);
}

/* By name; behind these by what it is for. */
static void find(struct desktop *d)
{
    const char *text = d->search.text;
    d->found_count = 0;
    for (uint32_t i = 0; i < d->program_count; i++) {
        if (is_called(&d->programs[i], text)) {
            d->found[d->found_count++] = i;
        }
    }
    for (uint32_t i = 0; i < d->disk_program_count; i++) {
        if (has_text(d->disk_programs[i], d->search.text)) {
            d->found[d->found_count++] = DISK_ROW + i;
        }
    }
    for (uint32_t i = 0; i < OWNS; i++) {
        int can = i < OWN_RESTART || d->system != NULL;
        if (can && has_text(owns[i].text, d->search.text)) {
            d->found[d->found_count++] = OWN_ROW + i;
        }
    }
    for (uint32_t i = 0; i < d->program_count && text_len(text) > 1; i++) {
        const struct ctx_program_info *p = &d->programs[i];
        if (!is_called(p, text) && has_word(about_program(p), text)) {
            d->found[d->found_count++] = i;
        }
    }
    d->found_list.chosen = d->found_count > 0 ? 0 : CTX_UI_NO_ROW;
    d->found_list.first = 0;
}

static void read_programs(struct desktop *d)
{
    uint32_t count = 0;
    const struct ctx_loader *loader = d->loader;
    line_clear(&d->launcher_note);
    d->program_count = 0;
    if (loader == NULL) {
        line_put(&d->launcher_note, "Starting programs takes grant=ctx.loader/1");
        return;
    }
    if (!CTX_TABLE_HAS(struct ctx_loader, loader, run) ||
        loader->programs(loader, d->programs, sizeof d->programs, sizeof d->programs[0], &count) !=
            CTX_OK) {
        line_put(&d->launcher_note, "This kernel has no shelf of programs");
        return;
    }
    d->program_count = count < PROGRAMS_MAX ? count : PROGRAMS_MAX;
    if (count > PROGRAMS_MAX) {
        line_put_number(&d->launcher_note, count - PROGRAMS_MAX);
        line_put(&d->launcher_note, " more do not fit here");
    } else if (count == 0) {
        line_put(&d->launcher_note, "No program lies on the shelf (`shelf` in its line)");
    }
}

void launcher_look(struct desktop *d)
{
    if (d->panels[PANEL_LAUNCHER].surface != 0) {
        uint32_t chosen = d->found_list.chosen;
        find(d);
        d->found_list.chosen = chosen < d->found_count ? chosen : d->found_list.chosen;
        if (d->disk_more > 0) {
            line_clear(&d->launcher_note);
            line_put_number(&d->launcher_note, d->disk_more);
            line_put(&d->launcher_note, " more of /disk/apps do not fit here");
        }
        d->panels[PANEL_LAUNCHER].stale = 1;
    }
}

int launcher_is_open(const struct desktop *d)
{
    return d->panels[PANEL_LAUNCHER].surface != 0 && !d->panels[PANEL_LAUNCHER].close_due;
}

void launcher_close(struct desktop *d)
{
    if (!launcher_is_open(d)) {
        return;
    }
    panel_close(d, PANEL_LAUNCHER);
    d->panels[PANEL_BAR].stale = 1;
    windows_focus_back(d);
}

void launcher_toggle(struct desktop *d)
{
    struct panel *p = &d->panels[PANEL_LAUNCHER];
    if (p->surface != 0) {
        launcher_close(d);
        return;
    }
    menu_close(d);
    int32_t shadow = frame_shadow(d), h = px(d, HEIGHT), room = d->work.h - px(d, 16);
    h = h > room ? room : h;
    int32_t w = px(d, WIDTH) > d->work.w ? d->work.w : px(d, WIDTH);
    d->search = (struct ctx_ui_field){.text = d->search_text, .room = sizeof d->search_text};
    d->search_text[0] = 0;
    read_programs(d);
    disk_list(d);
    find(d);
    if (panel_open(d, PANEL_LAUNCHER, w + 2 * shadow, h + 2 * shadow, CTX_SURFACE_RGBA)) {
        panel_put(d, PANEL_LAUNCHER, px(d, 8) - shadow, d->work.h - h - px(d, 8) - shadow,
                  LEVEL_FLOATS, 1);
        d->windows->focus(d->windows, d->ctx->pid, p->surface);
        d->clipboard = clip_ui(&d->clip, d->ctx);
        p->ui.clipboard = &d->clipboard;
        ctx_ui_focus(&p->ui, "search");
        d->panels[PANEL_BAR].stale = 1;
    }
}

/* ---- starting ---- */

void launcher_not_started(struct desktop *d, const char *title, ctx_status status)
{
    struct line line;
    const char *why = status == CTX_E_NOMEM   ? "There is not enough memory."
                      : status == CTX_E_NOSPC ? "There are too many apps."
                      : status == CTX_E_UNVERIFIED
                          ? "Its code is not verified, and the desktop's line "
                            "does not say `trusted`."
                      : status == CTX_E_INVAL  ? "Its file is refused; the log says why."
                      : status == CTX_E_NOENT  ? "It is not there any more."
                      : status == CTX_E_IO     ? "The disk failed."
                      : status == CTX_E_TOOBIG ? "Its file is too large."
                                               : "The kernel refused it.";
    line_clear(&line);
    line_put(&line, title);
    line_put(&line, " did not start");
    notices_say(d, 1, line.text, why);
}

static void start_program(struct desktop *d, const struct ctx_program_info *program)
{
    uint64_t pid = 0;
    uint32_t len = 0;
    while (len < sizeof program->name && program->name[len] != 0) {
        len++;
    }
    ctx_status status = d->loader->run(d->loader, program->name, len, "", 0, &pid);
    if (status == CTX_OK) {
        return;
    }
    launcher_not_started(d, title_of(program), status);
}

static void take(struct desktop *d, uint32_t row)
{
    uint32_t what = d->found[row];
    launcher_close(d);
    if (what >= DISK_ROW) {
        disk_start(d, d->disk_programs[what - DISK_ROW]);
        return;
    }
    if (what < OWN_ROW) {
        start_program(d, &d->programs[what]);
        return;
    }
    switch (what - OWN_ROW) {
    case OWN_SETTINGS:
        settings_open(d);
        break;
    case OWN_OVERVIEW:
        overview_toggle(d);
        break;
    case OWN_HELP:
        help_open(d);
        break;
    case OWN_RESTART:
        d->system->reboot(d->system);
        break;
    default:
        d->system->power_off(d->system);
    }
}

/* ---- drawing ---- */

static void row(struct desktop *d, uint32_t no, struct row *out)
{
    uint32_t what = d->found[no];
    out->wide[0] = 150;
    if (what >= DISK_ROW) {
        line_put(&out->text, d->disk_programs[what - DISK_ROW]);
        line_put(&out->column[0], "on the disk");
        return;
    }
    if (what >= OWN_ROW) {
        line_put(&out->text, owns[what - OWN_ROW].text);
        line_put(&out->column[0], owns[what - OWN_ROW].more);
        out->icon = owns[what - OWN_ROW].icon;
        return;
    }
    const struct ctx_program_info *p = &d->programs[what];
    line_put_bytes(&out->text, title_of(p), sizeof p->title);
    line_put(&out->column[0], p->running > 0 ? "running" : "");
}

/* What is known of the chosen one: what it is for, and what it is. */
static void describe(struct desktop *d, struct line *what_for, struct line *line)
{
    uint32_t chosen = d->found_list.chosen;
    line_clear(what_for);
    line_clear(line);
    if (chosen < d->found_count && d->found[chosen] >= DISK_ROW) {
        line_put(line, "/disk/apps/");
        line_put(line, d->disk_programs[d->found[chosen] - DISK_ROW]);
        line_put(line, ".elf");
        return;
    }
    if (chosen >= d->found_count || d->found[chosen] >= OWN_ROW) {
        line_put(line, d->found_count == 0 ? "Nothing of that name" : d->launcher_note.text);
        return;
    }
    const struct ctx_program_info *p = &d->programs[d->found[chosen]];
    line_put(what_for, about_program(p));
    line_put_bytes(line, p->name, sizeof p->name);
    if (p->version[0] != 0) {
        line_put(line, " ");
        line_put_bytes(line, p->version, sizeof p->version);
    }
    line_put(line, ", ");
    line_put_bytes_of(line, p->bytes);
    line_put(line, ", Context ");
    line_put_number(line, p->context);
}

void launcher_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = ctx_rect_inset(panel_floating(d, p), t->pad);
    struct line what_for, about;
    int go = ctx_ui_key(ui, CTX_KEY_ENTER, 0);
    if (ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        launcher_close(d);
        return;
    }
    struct ctx_rect field = ctx_rect_top(&r, t->control_h);
    ctx_rect_top(&r, t->gap);
    struct ctx_rect foot = ctx_rect_bottom(&r, px(d, 20));
    struct ctx_rect second = ctx_rect_bottom(&r, px(d, 20));
    ctx_rect_bottom(&r, t->gap / 2);
    /* Before the field, which has the focus: arrows are the list's. And with the mouse one click is
     * enough: nobody doubles clicks in a menu. */
    go |= (rows_in_field(d, ui, r, &d->found_list, d->found_count, row) & CTX_UI_CLICKED) != 0;
    if ((ctx_ui_field(ui, field, "search", &d->search, "Type to find a program", 0) &
         CTX_UI_CHANGED) != 0) {
        find(d);
        p->stale = 1;
    }
    describe(d, &what_for, &about);
    ctx_ui_label(ui, second, what_for.text, CTX_UI_SMALL);
    ctx_ui_label(ui, foot, about.text, CTX_UI_SMALL | CTX_UI_MUTED);
    if (go && d->found_list.chosen < d->found_count) {
        take(d, d->found_list.chosen);
    }
}
