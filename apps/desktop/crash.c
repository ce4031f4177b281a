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

static void tell(struct desktop *d)
{
    const struct ctx_app_info *app = app_by_pid(d, d->crash.pid);
    uint32_t state = app != NULL ? app->state : CTX_APP_STOPPED;
    struct line line;
    int gone = state == CTX_APP_STOPPED || state == CTX_APP_EXITED;
    d->crash_stopped = gone;
    if (!gone || kiosk_is(d)) {
        line_clear(&line);
        line_put_bytes(&line, d->crash.name, sizeof d->crash.name);
        line_put(&line, gone ? " crashed" : " crashed, and goes on");
        const char *then = gone                          ? "It was stopped."
                           : state == CTX_APP_RESTARTING ? "It begins anew."
                           : app->restart_policy == CTX_RESTART_UNDO
                               ? "Its last call was taken back."
                               : "It is called again.";
        notices_say(d, 1, line.text, then);
        return;
    }
    panel_open_window(d, PANEL_CRASH, px(d, 560), px(d, 340), "An app crashed", 1);
    d->panels[PANEL_CRASH].stale = 1;
}

/* All that happened since it looked last. At the start: they are not news. */
void crash_look(struct desktop *d)
{
    struct ctx_crash next = {.size = sizeof next};
    int first = d->lists == 0;
    if (d->control == NULL) {
        return;
    }
    while (d->control->crash(d->control, d->crash_seq, &next) == CTX_OK) {
        d->crash_seq = next.seq + 1;
        d->crash = next;
        if (!first) {
            tell(d);
        }
        next.size = sizeof next;
    }
}

/* The report's lines, as many as fit. */
static void report(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r)
{
    const struct ctx_theme *t = &d->theme;
    const char *text = (const char *)d->crash.text;
    uint32_t len = d->crash.text_len < sizeof d->crash.text ? d->crash.text_len
                                                            : (uint32_t)sizeof d->crash.text;
    if (!ctx_ui_look(ui, r, ctx_ui_mix_text((uint32_t)d->crash.seq, text, len))) {
        return;
    }
    ctx_draw_round(&ui->draw, r, t->radius, t->field);
    struct ctx_rect in = ctx_rect_inset(r, t->gap);
    for (uint32_t at = 0; at < len && in.h >= t->mono->height;) {
        uint32_t end = at;
        while (end < len && text[end] != '\n') {
            end++;
        }
        struct ctx_rect row = ctx_rect_top(&in, t->mono->height);
        ctx_draw_text_in(&ui->draw, t->mono, row, text + at, end - at, CTX_TEXT_LEFT, t->muted);
        at = end + 1;
    }
    ctx_ui_drawn(ui);
}

void crash_draw(struct desktop *d, struct panel *p)
{
    struct ctx_ui *ui = &p->ui;
    const struct ctx_theme *t = &d->theme;
    struct ctx_rect r = ctx_rect_inset(CTX_RECT(0, 0, (int32_t)p->w, (int32_t)p->h), t->pad);
    struct line head;
    line_clear(&head);
    line_put_bytes(&head, d->crash.name, sizeof d->crash.name);
    line_put(&head, " crashed and was stopped");
    ctx_ui_label(ui, ctx_rect_top(&r, t->control_h), head.text, CTX_UI_HEAD);
    line_clear(&head);
    line_put_bytes(&head, d->crash.what, sizeof d->crash.what);
    line_put(&head, head.len > 0 ? ", in " : "In ");
    line_put_bytes(&head, d->crash.place, sizeof d->crash.place);
    ctx_ui_label(ui, ctx_rect_top(&r, t->row_h), head.text, CTX_UI_MUTED);
    ctx_rect_top(&r, t->gap);
    struct ctx_rect foot = ctx_rect_bottom(&r, t->control_h);
    ctx_rect_bottom(&r, t->gap);
    report(d, ui, r);
    int32_t wide = px(d, 120);
    if ((ctx_ui_button_with(ui, ctx_rect_right(&foot, wide), CTX_ICON_REDO, "Restart",
                            CTX_UI_PRIMARY) &
         CTX_UI_CLICKED) != 0) {
        d->control->restart(d->control, d->crash.pid);
        panel_close(d, PANEL_CRASH);
    }
    ctx_rect_right(&foot, t->gap);
    if ((ctx_ui_button_with(ui, ctx_rect_right(&foot, wide), CTX_ICON_CLOSE, "Close", 0) &
         CTX_UI_CLICKED) != 0 ||
        ctx_ui_key(ui, CTX_KEY_ESC, 0)) {
        panel_close(d, PANEL_CRASH);
    }
}

/* ---- a window that does not close ---- */

void ending_open(struct desktop *d, uint16_t id)
{
    d->ending = id;
    d->ending_pid = d->all[id].pid;
    panel_open_window(d, PANEL_ENDING, px(d, 440), px(d, 150), "It does not answer", 1);
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
         CTX_UI_CLICKED) != 0) {
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
