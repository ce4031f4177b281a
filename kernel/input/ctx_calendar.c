/* SPDX-License-Identifier: MIT */
/* ctx.calendar/1: what time it is, said by who may. */
#include "app.h"
#include "event.h"
#include "gate.h"
#include "route.h"
#include "wall.h"
#include "watch.h"

static const struct ctx_event changed = {.kind = CTX_EVENT_CALENDAR};

static uint64_t calendar_set(struct app *app, const uint64_t args[6])
{
    ctx_status status = wall_set((int64_t)args[1]);
    if (status == CTX_OK) {
        app_reaches_out(app, "it set the calendar for others");
        event_send(ROUTE_ALL, &changed);
    }
    return (uint32_t)status;
}

static uint64_t calendar_set_zone(struct app *app, const uint64_t args[6])
{
    uint32_t local = (uint32_t)args[2];
    if (local > 2) {
        return (uint32_t)CTX_E_INVAL;
    }
    ctx_status status = wall_set_zone((int64_t)args[1], local == 2 ? wall_is_local() : local != 0);
    if (status == CTX_OK) {
        app_reaches_out(app, "it set the time zone for others");
        event_send(ROUTE_ALL, &changed);
    }
    return (uint32_t)status;
}

GATE_TABLE(ctx_calendar_table, CTX_TABLE_CALENDAR, calendar_set, calendar_set_zone);
