/* SPDX-License-Identifier: MIT */
/* Apps that crashed, and windows that do not close: what people are told, and can do. */
#include "desktop.h"

#include <ctx/key.h>

const struct ctx_app_info *app_by_pid(struct desktop *d, uint64_t pid)
{
    uint32_t count = 0;
    if (d->apps == NULL || d->apps->list(d->apps, d->app_list, sizeof d->app_list,
                                         sizeof d->app_list[0], &count) != CTX_OK) {
        return NULL;
    }
    for (uint32_t i = 0; i < count && i < sizeof d->app_list / sizeof d->app_list[0]; i++) {
        if (d->app_list[i].pid == pid) {
            return &d->app_list[i];
        }
    }
    return NULL;
}

/* ---- crashes ---- */

/* It stands still as it was before the call that crashed, until somebody decides (restart=ask). */
static int waits_for_answer(const struct ctx_app_info *app)
{
    return app != NULL && app->state == CTX_APP_PAUSED && app->restart_policy == CTX_RESTART_ASK;
}

static int is_gone(const struct ctx_app_info *app)
{
    return app == NULL || app->state == CTX_APP_STOPPED || app->state == CTX_APP_EXITED;
}

static void later(struct desktop *d, uint64_t seq)
{
    for (uint32_t i = 0; i < d->crash_count; i++) {
        if (d->crashes[i] == seq) {
            return;
        }
    }
    if (d->crash_count < CRASHES_MAX) {
        d->crashes[d->crash_count++] = seq;
    }
}

/* The head of a notice. */
static void goes_on(struct line *head, const struct ctx_crash *crash)
{
    line_clear(head);
    line_put_bytes(head, crash->name, sizeof crash->name);
    line_put(head, " crashed, and goes on");
}

/* One report is seen at a time; the others wait for their turn, or this one goes first. */
static void ask(struct desktop *d, const struct ctx_crash *crash, int first)
{
    int other = d->panels[PANEL_CRASH].surface != 0 && d->crash.pid != crash->pid;
    if (other) {
        later(d, first ? d->crash.seq : crash->seq);
    }
    if (!other || first) {
        d->crash = *crash;
        d->crash_row = 0;
    }
    d->crash_waits = waits_for_answer(app_by_pid(d, d->crash.pid));
    struct line head;
    goes_on(&head, crash);
    notices_unsay(d, head.text); /* not any more */
    panel_open_window(d, PANEL_CRASH, 600, 480, "An app crashed", 1);
    d->panels[PANEL_CRASH].stale = 1;
}

/* The next report that still means something, when one is done with. */
static void ask_next(struct desktop *d)
{
    while (d->panels[PANEL_CRASH].surface == 0 && d->crash_count > 0) {
        struct ctx_crash next = {.size = sizeof next};
        uint64_t seq = d->crashes[0];
        d->crash_count--;
        __builtin_memmove(d->crashes, d->crashes + 1, d->crash_count * sizeof d->crashes[0]);
        if (d->control->crash(d->control, seq, &next) == CTX_OK && next.seq == seq) {
            const struct ctx_app_info *app = app_by_pid(d, next.pid);
            if (waits_for_answer(app) || is_gone(app)) {
                ask(d, &next, 0);
            }
        }
    }
}

static void tell(struct desktop *d, const struct ctx_crash *crash)
{
    const struct ctx_app_info *app = app_by_pid(d, crash->pid);
    struct line line;
    int waits = waits_for_answer(app), gone = is_gone(app);
    if (waits && kiosk_is(d)) { /* nobody is there to be asked */
        d->control->restart(d->control, crash->pid);
    } else if (waits || (gone && !kiosk_is(d))) {
        ask(d, crash, 0);
        return;
    }
    goes_on(&line, crash);
    if (gone) {
        line_clear(&line);
        line_put_bytes(&line, crash->name, sizeof crash->name);
        line_put(&line, " crashed");
    }
    const char *then = gone                                        ? "It was stopped."
                       : waits || app->state == CTX_APP_RESTARTING ? "It begins anew."
                       : app->restart_policy == CTX_RESTART_UNDO   ? "Its last call was taken back."
                                                                   : "It is called again.";
    notices_say(d, 1, line.text, then);
}

/* All that happened since it looked last. At the start they are no news, but for those that still
 * wait for an answer. */
void crash_look(struct desktop *d)
{
    struct ctx_crash next = {.size = sizeof next};
    int first = d->lists == 0;
    if (d->control == NULL) {
        return;
    }
    while (d->control->crash(d->control, d->crash_seq, &next) == CTX_OK) {
        d->crash_seq = next.seq + 1;
        if (!first || waits_for_answer(app_by_pid(d, next.pid))) {
            tell(d, &next);
        }
        next.size = sizeof next;
    }
    ask_next(d);
}

int crash_ask_again(struct desktop *d, uint64_t pid)
{
    struct ctx_crash next = {.size = sizeof next};
    uint64_t last = 0, seq = 0;
    const struct ctx_app_info *app = d->control != NULL ? app_by_pid(d, pid) : NULL;
    if (!waits_for_answer(app)) {
        return 0;
    }
    while (d->control->crash(d->control, seq, &next) == CTX_OK) {
        seq = next.seq + 1;
        last = next.pid == pid ? next.seq : last;
        next.size = sizeof next;
    }
    if (last == 0 || d->control->crash(d->control, last, &next) != CTX_OK) {
        /* It came from an image, and its report is of another run. */
        __builtin_memset(&next, 0, sizeof next);
        next.pid = pid;
        __builtin_memcpy(next.name, app->name, sizeof app->name);
    }
    ask(d, &next, 1);
    return 1;
}

/* What the report says behind `name`, to the end of its line. 0: nothing. */
static int report_says(const struct ctx_crash *crash, const char *name, struct line *out)
{
    const char *text = (const char *)crash->text;
    uint32_t len =
        crash->text_len < sizeof crash->text ? crash->text_len : (uint32_t)sizeof crash->text;
    uint32_t want = text_len(name);
    for (uint32_t at = 0; at + want <= len; at++) {
        if (__builtin_memcmp(text + at, name, want) == 0) {
            uint32_t end = at + want;
            while (end < len && text[end] != '\n') {
                end++;
            }
            line_put_bytes(out, text + at + want, end - at - want);
            return 1;
        }
    }
    return 0;
}

/* What Undo does, or why there is none. */
static void say_undo(struct desktop *d, struct line *line)
{
    const struct ctx_app_info *app = app_by_pid(d, d->crash.pid);
    uint32_t policy = app != NULL ? app->restart_policy : CTX_RESTART_NEVER;
    line_clear(line);
    if (d->crash_waits) {
        line_put(line,
                 "Undo puts it back to before this; only keys and clicks of that moment are lost.");
        return;
    }
    line_put(line, "No undo: ");
    if (report_says(&d->crash, "not taken back: ", line)) {
        return;
    }
    line_put(line, policy == CTX_RESTART_UNDO || policy == CTX_RESTART_ASK
                       ? "taking its calls back did not help."
                       : "its line does not say restart=ask, so nothing was kept to go back to.");
}

/* How much of a line fits, to a space. */
static uint32_t row_of(const struct desktop *d, const char *text, uint32_t len, int32_t w)
{
    uint32_t fit = ctx_text_fit(d->theme.mono, text, len, w), cut = fit;
    while (fit < len && cut > 0 && text[cut] != ' ') {
        cut--;
    }
    return cut > 0 ? cut : fit > 0 ? fit : len;
}

/* The report's rows from `first` on, as many as fit; what is longer goes on in the next row,
 * further right. Answers how many there are. */
static uint32_t rows(struct desktop *d, struct ctx_ui *ui, struct ctx_rect in, uint32_t first,
                     int draws)
{
    const struct ctx_font *mono = d->theme.mono;
    const char *text = (const char *)d->crash.text;
    uint32_t len = d->crash.text_len < sizeof d->crash.text ? d->crash.text_len
                                                            : (uint32_t)sizeof d->crash.text;
    uint32_t no = 0, end = 0;
    for (uint32_t at = 0; at < len; at = end + 1) {
        for (end = at; end < len && text[end] != '\n'; end++) {
        }
        for (int32_t indent = 0; at < end; indent = px(d, 32), no++) {
            struct ctx_rect row = {in.x + indent, in.y, in.w - indent, mono->height};
            uint32_t shown = row_of(d, text + at, end - at, row.w);
            row.y += ((int32_t)no - (int32_t)first) * mono->height;
            if (draws && no >= first && row.y + row.h <= in.y + in.h) {
                ctx_draw_text_in(&ui->draw, mono, row, text + at, shown, CTX_TEXT_LEFT,
                                 d->theme.muted);
            }
            at += shown;
            at += at < end && text[at] == ' ';
        }
    }
    return no;
}

static void report(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r)
{
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect in = ctx_rect_inset(r, t->gap), bar = {0, 0, 0, 0};
    int32_t page = in.h / t->mono->height, count = (int32_t)rows(d, ui, in, 0, 0);
    page = page < 1 ? 1 : page;
    if (count > page) {
        bar = ctx_rect_right(&in, t->scroll_w);
        ctx_rect_right(&in, t->gap);
        count = (int32_t)rows(d, ui, in, 0, 0);
    }
    panel_scroll(ui, r, &d->crash_row, page, count);
    if (bar.w > 0) {
        ctx_ui_scroll(ui, bar, "report", &d->crash_row, (uint32_t)page, (uint32_t)count);
        r.w = bar.x - r.x;
    }
    if (!ctx_ui_look(
            ui, r,
            ctx_ui_mix_text((uint32_t)d->crash.seq, (const char *)d->crash.text, (uint32_t)page) +
                d->crash_row)) {
        return;
    }
    ctx_draw_round(&ui->draw, r, t->radius, t->field);
    rows(d, ui, in, d->crash_row, 1);
    ctx_ui_drawn(ui);
}

/* Answers whether the button was pressed; it is cut off the right end of *foot. */
static int foot_button(struct desktop *d, struct ctx_ui *ui, struct ctx_rect *foot, uint32_t icon,
                       const char *text, uint32_t flags)
{
    struct ctx_rect r = ctx_rect_right(foot, px(d, 120));
    ctx_rect_right(foot, d->theme.gap);
    return (ctx_ui_button_with(ui, r, icon, text, flags) & CTX_UI_CLICKED) != 0;
}

/* What was decided is done; the report goes. */
static void buttons(struct desktop *d, struct ctx_ui *ui, struct ctx_rect foot)
{
    const struct ctx_control *control = d->control;
    uint64_t pid = d->crash.pid;
    int waits = d->crash_waits, done = 1;
    if (waits && foot_button(d, ui, &foot, CTX_ICON_UNDO, "Undo", CTX_UI_PRIMARY)) {
        control->resume(control, pid);
    } else if (foot_button(d, ui, &foot, CTX_ICON_REDO, "Restart", waits ? 0 : CTX_UI_PRIMARY)) {
        control->restart(control, pid);
        windows_forget_app(d, pid);
    } else if (foot_button(d, ui, &foot, CTX_ICON_CLOSE, "Close", 0)) {
        if (waits) {
            control->stop(control, pid);
        }
    } else {
        done =
            ctx_ui_key(ui, CTX_KEY_ESC, 0); /* later: who stands still asks once more when chosen */
    }
    if (done) {
        panel_close(d, PANEL_CRASH);
    }
}

void crash_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad);
    struct line line;
    line_clear(&line);
    line_put_bytes(&line, d->crash.name, sizeof d->crash.name);
    line_put(&line, d->crash_waits ? " crashed, and waits" : " crashed and was stopped");
    ctx_ui_label(ui, ctx_rect_top(&r, t->control_h), line.text, CTX_UI_HEAD);
    line_clear(&line);
    line_put_bytes(&line, d->crash.what, sizeof d->crash.what);
    if (d->crash.text_len > 0) {
        line_put(&line, line.len > 0 ? ", in " : "In ");
        line_put_bytes(&line, d->crash.place, sizeof d->crash.place);
    } else {
        line_put(&line, "Its report is of another run.");
    }
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), line.text, CTX_UI_MUTED);
    ctx_rect_top(&r, t->gap);
    struct ctx_rect foot = ctx_rect_bottom(&r, t->control_h);
    ctx_rect_bottom(&r, t->gap);
    say_undo(d, &line);
    ctx_ui_label(ui, ctx_rect_bottom(&r, t->row_h), line.text, CTX_UI_SMALL | CTX_UI_MUTED);
    ctx_rect_bottom(&r, t->gap / 2);
    report(d, ui, r);
    buttons(d, ui, foot);
}

/* ---- a window that does not close ---- */

void ending_open(struct desktop *d, uint16_t id)
{
    d->ending = id;
    d->ending_pid = d->all[id].pid;
    panel_open_window(d, PANEL_ENDING, 440, 150, "It does not answer", 1);
}

void ending_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad);
    struct line head;
    line_clear(&head);
    line_put(&head, d->ending != NOBODY ? window_name(d, &d->all[d->ending]) : "It");
    line_put(&head, " does not close");
    ctx_ui_label(ui, ctx_rect_top(&r, t->control_h), head.text, CTX_UI_HEAD);
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h),
                 d->control != NULL ? "Ending its app loses what it has not saved."
                                    : "Ending its app takes grant=ctx.control/1.",
                 CTX_UI_MUTED);
    struct ctx_rect foot = ctx_rect_bottom(&r, t->control_h);
    int32_t wide = px(d, 120);
    uint32_t can = d->control != NULL ? CTX_UI_DANGER : CTX_UI_DISABLED;
    if ((ctx_ui_button_with(ui, ctx_rect_right(&foot, wide), CTX_ICON_POWER, "End it", can) &
         CTX_UI_CLICKED) != 0 &&
        d->control != NULL) {
        d->control->stop(d->control, d->ending_pid);
        panel_close(d, PANEL_ENDING);
    }
    ctx_rect_right(&foot, t->gap);
    if ((ctx_ui_button_with(ui, ctx_rect_right(&foot, wide), 0, "Wait", 0) & CTX_UI_CLICKED) != 0 ||
        ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        if (d->ending != NOBODY) {
            d->all[d->ending].close_ns = 0;
        }
        panel_close(d, PANEL_ENDING);
    }
}
