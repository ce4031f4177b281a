/* SPDX-License-Identifier: MIT */
/*
 * `kiosk=NAME`: one app has the screen, and nothing leads away from it. No bar, no frames, no
 * chords; the kernel's Ctrl-Alt-Del is what is left. If it ends, it begins anew: for ever. What it
 * logs goes where all logs go, to the serial line.
 */
#include "desktop.h"

#define PAUSE_NS SECOND /* before it begins anew, so that one that can not run does not spin */

int kiosk_is(const struct desktop *d)
{
    return d->kiosk[0] != 0;
}

static void begin(struct desktop *d, const struct ctx_app_info *app)
{
    uint64_t pid = 0;
    ctx_status status = CTX_E_DENIED;
    if (app != NULL && d->control != NULL) {
        status = d->control->restart(d->control, app->pid);
    } else if (app == NULL && d->loader != NULL &&
               CTX_TABLE_HAS(struct ctx_loader, d->loader, run)) {
        status = d->loader->run(d->loader, d->kiosk, text_len(d->kiosk), "", 0, &pid);
    }
    struct line line;
    line_clear(&line);
    line_put(&line, "kiosk: ");
    line_put(&line, d->kiosk);
    line_put(&line, status == CTX_OK         ? " begins"
                    : status == CTX_E_DENIED ? " can not be started: the desktop takes "
                                               "grant=ctx.control/1,ctx.loader/1 for that"
                    : status == CTX_E_NOENT  ? " is no app and no program on the shelf"
                                             : " did not start");
    desktop_say(d, &line);
}

/* Its topmost window has the keys; all of other apps' are put away. */
static void show(struct desktop *d, uint64_t pid)
{
    uint16_t top = NOBODY;
    for (uint32_t i = 0; i < d->count; i++) {
        struct window *w = &d->all[d->order[i]];
        int hidden = w->pid != pid;
        d->arrange_due |= w->minimized != hidden;
        w->minimized = hidden;
        top = hidden ? top : d->order[i];
    }
    if (top != d->active || top == NOBODY) {
        if (top != NOBODY || d->active != NOBODY) {
            windows_activate(d, top);
        }
    }
}

void kiosk_see_to(struct desktop *d)
{
    uint32_t count = 0;
    const struct ctx_app_info *app = NULL;
    if (!kiosk_is(d)) {
        return;
    }
    d->kiosk_ns = 0;
    if (d->apps != NULL) {
        d->apps->list(d->apps, d->app_list, sizeof d->app_list, sizeof d->app_list[0], &count);
    }
    for (uint32_t i = 0; i < count && i < sizeof d->app_list / sizeof d->app_list[0]; i++) {
        char name[33] = {0};
        __builtin_memcpy(name, d->app_list[i].name, sizeof d->app_list[i].name);
        if (same_text(name, d->kiosk)) {
            app = &d->app_list[i];
        }
    }
    int runs = app != NULL && app->state != CTX_APP_STOPPED && app->state != CTX_APP_EXITED;
    show(d, app != NULL ? app->pid : UINT64_MAX);
    if (runs) {
        d->kiosk_pid = app->pid;
        d->kiosk_due_ns = 0;
        d->kiosk_begun = 1;
        /* One without a surface may end unseen: nothing tells of that. */
        d->kiosk_ns = d->active == NOBODY ? d->now_ns + PAUSE_NS : 0;
        return;
    }
    if (d->kiosk_due_ns == 0) {
        d->kiosk_due_ns = d->now_ns + (d->kiosk_begun ? PAUSE_NS : 0);
    }
    if (d->now_ns >= d->kiosk_due_ns) {
        d->kiosk_begun = 1;
        d->kiosk_due_ns = d->now_ns + PAUSE_NS;
        begin(d, app);
    }
    d->kiosk_ns = d->kiosk_due_ns;
}
