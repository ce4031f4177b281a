/* SPDX-License-Identifier: MIT */
/* Telling an app that there is something to ask for: one bit for each kind of event, no queue. */
#include "app.h"

bool app_was_told(struct app *app, uint64_t mask)
{
    uint32_t told = app->fresh_hints & (uint32_t)mask;
    app->fresh_hints &= ~told;
    return told != 0;
}

void app_tell(struct app *app, uint32_t kind)
{
    app->hints |= UINT32_C(1) << kind;
    app->fresh_hints |= UINT32_C(1) << kind;
    if (app->turn.where == TURN_WAITING && app_was_told(app, app->event_mask)) {
        ready_wake(app);
    }
}
