/* SPDX-License-Identifier: MIT */
/* Tables about all apps and the whole machine: ctx.apps/1, ctx.system/1, ctx.loader/1 and
 * ctx.control/1. */
#include "crash.h"
#include "frame.h"
#include "gate.h"
#include "heap.h"
#include "isolate.h"
#include "policy.h"
#include "program.h"
#include "shelf.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define FILE_MAX (64u << 20)
#define LINE_MAX (2u * APP_NAME + APP_TEXT)

/* ---- ctx.apps/1 ---- */

static uint32_t state_of(const struct app *app)
{
    return app->fate == FATE_UNLOAD          ? CTX_APP_EXITED
           : app->stopped                    ? CTX_APP_STOPPED
           : app->paused                     ? CTX_APP_PAUSED
           : app->base == 0 && app->needs    ? CTX_APP_NEEDS
           : app->base == 0                  ? CTX_APP_RESTARTING
           : app->turn.where == TURN_WAITING ? CTX_APP_WAITING
                                             : CTX_APP_READY;
}

static uint64_t apps_list(struct app *self, const uint64_t args[6])
{
    (void)self;
    uint32_t each = (uint32_t)args[3], count = 0;
    if (each < GATE_ELEMENT_MIN) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t room = (uint32_t)args[2] / each;
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
            .isolated = app->verified && app->base != 0,
        };
        memcpy(out.name, app->name, MIN(sizeof out.name, strlen(app->name)));
        if (count < room && gate_put_element(args[1], count, each, &out, sizeof out) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
    }
    return (uint32_t)gate_put(args[4], &count, sizeof count);
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
        .memory_free = frame_free_total() * PAGE_SIZE + heap_slack(),
        .trusted = isolate_trusted_total(),
    };
    return (uint32_t)gate_put_struct(args, 1, &out, sizeof out);
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
    uint32_t len = (uint32_t)args[2], text_len = (uint32_t)args[4];
    if (len == 0 || len > FILE_MAX || text_len >= LINE_MAX) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint64_t pid = 0; /* where it goes is looked at first: a call that fails starts nothing */
    if (gate_put(args[5], &pid, sizeof pid) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint64_t room = (uint64_t)len + text_len + 1;
    uint8_t *file = heap_alloc(room);
    if (file == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    char *text = (char *)file + len;
    ctx_status status = machine_copy_in(file, args[1], len) == CTX_OK &&
                                machine_copy_in(text, args[3], text_len) == CTX_OK
                            ? CTX_OK
                            : CTX_E_INVAL;
    text[text_len] = 0;
    if (status == CTX_OK) {
        struct app *child = NULL;
        status = app_load_child(app, file, len, text_len > 0 ? text : "loaded", text, &child);
        if (status == CTX_OK) {
            status = gate_put(args[5], &child->pid, sizeof child->pid);
        }
    }
    heap_free(file, room);
    return (uint32_t)status;
}

static uint32_t count_running(const struct program *program)
{
    uint32_t count = 0;
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        count += app->program == program;
    }
    return count;
}

static uint64_t loader_programs(struct app *app, const uint64_t args[6])
{
    (void)app;
    uint32_t each = (uint32_t)args[3], count = 0;
    if (each < GATE_ELEMENT_MIN) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t room = (uint32_t)args[2] / each;
    for (const struct shelf_entry *e = shelf_first(); e != NULL; e = e->next, count++) {
        struct ctx_program_info out = {
            .bytes = e->program->len,
            .context = e->version,
            .running = count_running(e->program),
        };
        if (count >= room) {
            continue;
        }
        memcpy(out.name, e->name, MIN(sizeof out.name, sizeof e->name));
        memcpy(out.title, e->title, sizeof out.title);
        memcpy(out.version, e->program->version,
               MIN(sizeof out.version, sizeof e->program->version));
        if (gate_put_element(args[1], count, each, &out, sizeof out) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
    }
    return (uint32_t)gate_put(args[4], &count, sizeof count);
}

static uint64_t loader_run(struct app *app, const uint64_t args[6])
{
    char name[APP_NAME];
    uint32_t len = (uint32_t)args[2], text_len = (uint32_t)args[4];
    uint64_t pid = 0;
    if (len >= sizeof name || text_len >= LINE_MAX ||
        machine_copy_in(name, args[1], len) != CTX_OK ||
        gate_put(args[5], &pid, sizeof pid) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    const struct shelf_entry *e = shelf_find(name, len);
    if (e == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    char *text = heap_alloc(text_len + 1);
    if (text == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    text[text_len] = 0;
    ctx_status status = machine_copy_in(text, args[3], text_len) == CTX_OK ? CTX_OK : CTX_E_INVAL;
    struct app *child = NULL;
    if (status == CTX_OK) {
        status = app_load_child(app, e->program->file, e->program->len, e->name,
                                text_len > 0 ? text : e->text, &child);
    }
    if (status == CTX_OK) {
        status = gate_put(args[5], &child->pid, sizeof child->pid);
    }
    heap_free(text, text_len + 1);
    return (uint32_t)status;
}

/* ---- ctx.control/1 ---- */

static uint64_t decide(struct app *self, uint64_t pid, enum app_fate fate, const char *verb)
{
    struct app *app = app_find(pid);
    if (app == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (policy_may_log(self)) {
        log_info("app", "%s#%lu %s %s#%lu", self->name, self->pid, verb, app->name, app->pid);
    }
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

static uint64_t pause_or_resume(struct app *self, uint64_t pid, bool pause)
{
    struct app *app = app_find(pid);
    if (app == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (app->base == 0 || app->fate != FATE_NONE || (!pause && !app->paused)) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (policy_may_log(self)) {
        log_info("app", "%s#%lu %s %s#%lu", self->name, self->pid, pause ? "pauses" : "resumes",
                 app->name, app->pid);
    }
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
    ctx_status status = gate_put_struct(args, 2, crash, sizeof *crash);
    uint64_t time_ns = app_time(self, crash->time_ns);
    if (status == CTX_OK && args[0] >= offsetof(struct ctx_crash, time_ns) + sizeof time_ns) {
        status = gate_put(args[2] + offsetof(struct ctx_crash, time_ns), &time_ns, sizeof time_ns);
    }
    return (uint32_t)status;
}

GATE_TABLE(ctx_apps_table, CTX_TABLE_APPS, apps_list);
GATE_TABLE(ctx_system_table, CTX_TABLE_SYSTEM, system_info, system_reboot, system_power_off);
GATE_TABLE(ctx_loader_table, CTX_TABLE_LOADER, loader_start, loader_programs, loader_run);
GATE_TABLE(ctx_control_table, CTX_TABLE_CONTROL, control_stop, control_restart, control_pause,
           control_resume, control_crash, control_remove);
