/* SPDX-License-Identifier: MIT */
/* Tables about all apps and the whole machine: ctx.apps/1, ctx.system/1, ctx.loader/1 and
 * ctx.control/1. */
#include "crash.h"
#include "frame.h"
#include "gate.h"
#include "heap.h"
#include "isolate.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define FILE_MAX (64u << 20)

/* ---- ctx.apps/1 ---- */

static uint32_t state_of(const struct app *app)
{
    return app->fate == FATE_UNLOAD          ? CTX_APP_EXITED
           : app->stopped                    ? CTX_APP_STOPPED
           : app->paused                     ? CTX_APP_PAUSED
           : app->base == 0                  ? CTX_APP_RESTARTING
           : app->turn.where == TURN_WAITING ? CTX_APP_WAITING
                                             : CTX_APP_READY;
}

static uint64_t apps_list(struct app *self, const uint64_t args[6])
{
    (void)self;
    uint32_t room = (uint32_t)args[2] / (uint32_t)sizeof(struct ctx_app_info);
    uint32_t count = 0;
    for (const struct app *app = app_first(); app != NULL; app = app->next, count++) {
        struct ctx_app_info out = {
            .pid = app->pid,
            .state = state_of(app),
            .version = app->version,
            .calls = app->calls,
            .faults = app->faults,
            .time_ns = app->total_ns,
            .longest_ns = app->longest_ns,
            .memory = app->pages * PAGE_SIZE,
            .memory_quota = app->quota_pages * PAGE_SIZE,
            .parent = app->parent,
            .overruns = app->preemptions,
            .budget_ns = app->policy.budget_ns,
            .log_dropped = app->log.dropped,
            .restarts = app->restarts,
            .restart_policy = app->policy.restart,
        };
        memcpy(out.name, app->name, MIN(sizeof out.name, strlen(app->name)));
        if (count < room &&
            gate_put(args[1] + (uint64_t)count * sizeof out, &out, sizeof out) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
    }
    return (uint32_t)gate_put(args[3], &count, sizeof count);
}

/* ---- ctx.system/1 ---- */

static uint64_t system_info(struct app *app, const uint64_t args[6])
{
    (void)app;
    struct ctx_system_info out = {
        .size = sizeof out,
        .apps = app_count(),
        .uptime_ns = machine_now_ns(),
        .memory = frame_total() * PAGE_SIZE,
        .memory_free = frame_free_total() * PAGE_SIZE,
        .trusted = isolate_trusted_total(),
    };
    return (uint32_t)gate_put_struct(args[1], &out, sizeof out);
}

static uint64_t system_reboot(struct app *app, const uint64_t args[6])
{
    (void)args;
    app_ask(app, APP_ASKS_REBOOT);
    return CTX_OK;
}

static uint64_t system_power_off(struct app *app, const uint64_t args[6])
{
    (void)args;
    app_ask(app, APP_ASKS_POWER_OFF);
    return CTX_OK;
}

/* ---- ctx.loader/1 ---- */

static uint64_t loader_start(struct app *app, const uint64_t args[6])
{
    char text[APP_NAME + APP_TEXT];
    uint32_t len = (uint32_t)args[2], text_len = (uint32_t)args[4];
    if (len == 0 || len > FILE_MAX || text_len >= sizeof text ||
        machine_copy_in(text, args[3], text_len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint64_t pid = 0; /* where it goes is looked at first: a call that fails starts nothing */
    if (gate_put(args[5], &pid, sizeof pid) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    text[text_len] = 0;
    uint8_t *file = heap_alloc(len);
    if (file == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    ctx_status status = machine_copy_in(file, args[1], len) == CTX_OK ? CTX_OK : CTX_E_INVAL;
    if (status == CTX_OK) {
        struct app *child = NULL;
        status = app_load_child(app, file, len, text_len > 0 ? text : "loaded", text, &child);
        if (status == CTX_OK) {
            status = gate_put(args[5], &child->pid, sizeof child->pid);
        }
    }
    heap_free(file, len);
    return (uint32_t)status;
}

/* ---- ctx.control/1 ---- */

static uint64_t decide(const struct app *self, uint64_t pid, enum app_fate fate, const char *verb)
{
    struct app *app = app_find(pid);
    if (app == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    log_info("app", "%s#%lu %s %s#%lu", self->name, self->pid, verb, app->name, app->pid);
    if (fate == FATE_RESTART) {
        app->restarts_in_a_row = 0; /* somebody wants it: what was is forgiven */
    }
    app_set_fate(app, fate, machine_now_ns());
    return CTX_OK;
}

static uint64_t control_stop(struct app *self, const uint64_t args[6])
{
    return decide(self, args[1], FATE_STOP, "stops");
}

static uint64_t control_remove(struct app *self, const uint64_t args[6])
{
    return decide(self, args[1], FATE_UNLOAD, "removes");
}

static uint64_t control_restart(struct app *self, const uint64_t args[6])
{
    return decide(self, args[1], FATE_RESTART, "restarts");
}

static uint64_t pause_or_resume(const struct app *self, uint64_t pid, bool pause)
{
    struct app *app = app_find(pid);
    if (app == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (app->base == 0 || app->fate != FATE_NONE || (!pause && !app->paused)) {
        return (uint32_t)CTX_E_INVAL;
    }
    log_info("app", "%s#%lu %s %s#%lu", self->name, self->pid, pause ? "pauses" : "resumes",
             app->name, app->pid);
    app_pause(app, pause);
    return CTX_OK;
}

static uint64_t control_pause(struct app *self, const uint64_t args[6])
{
    return pause_or_resume(self, args[1], true);
}

static uint64_t control_resume(struct app *self, const uint64_t args[6])
{
    return pause_or_resume(self, args[1], false);
}

static uint64_t control_crash(struct app *self, const uint64_t args[6])
{
    const struct ctx_crash *crash = crash_get(args[1]);
    if (crash == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    ctx_status status = gate_put_struct(args[2], crash, sizeof *crash);
    uint64_t time_ns = app_time(self, crash->time_ns);
    uint32_t size;
    if (status == CTX_OK && machine_copy_in(&size, args[2], sizeof size) == CTX_OK &&
        size >= offsetof(struct ctx_crash, time_ns) + sizeof time_ns) {
        status = gate_put(args[2] + offsetof(struct ctx_crash, time_ns), &time_ns, sizeof time_ns);
    }
    return (uint32_t)status;
}

GATE_TABLE(ctx_apps_table, CTX_TABLE_APPS, apps_list);
GATE_TABLE(ctx_system_table, CTX_TABLE_SYSTEM, system_info, system_reboot, system_power_off);
GATE_TABLE(ctx_loader_table, CTX_TABLE_LOADER, loader_start);
GATE_TABLE(ctx_control_table, CTX_TABLE_CONTROL, control_stop, control_restart, control_pause,
           control_resume, control_crash, control_remove);
