/* SPDX-License-Identifier: MIT */
/* Looks after all others: whoever was stopped begins anew. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

int32_t _start(struct ctx *ctx)
{
    static const struct ctx_control *control;
    static const struct ctx_apps *apps;
    static struct ctx_app_info list[64];
    uint32_t count = 0;
    if (control == NULL) {
        control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
        apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    }
    apps->list(apps, list, sizeof list, sizeof list[0], &count);
    for (uint32_t i = 0; i < count && i < 64; i++) {
        if (list[i].state == CTX_APP_STOPPED) {
            control->restart(control, list[i].pid);
        }
    }
    return CTX_AGAIN;
}
