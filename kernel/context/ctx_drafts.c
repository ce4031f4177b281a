/* SPDX-License-Identifier: MIT */
/* The tables that are opened by id: log, args, random, cpu, apps, system, loader. */
#include "app_v3.h"
#include "crash.h"
#include "ctx_host.h"
#include "ctx_image.h"
#include "frame.h"
#include "heap.h"
#include "random.h"
#include "slot.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define FILE_MAX (64u << 20)

/* ---- ctx.log/1 ---- */

static uint64_t log_write(struct app *app, const uint64_t args[6])
{
    static const char levels[] = {0, 'E', 'W', 'I', 'D'};
    uint32_t level = (uint32_t)args[1];
    if (level == 0 || level >= sizeof levels) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)app_log(app, levels[level], args[2], (uint32_t)args[3]);
}

/* ---- ctx.args/1 ---- */

/* Word number index of the arguments; NULL if there are fewer. With index UINT32_MAX *count gets
 * how many there are. */
static const char *word_at(const struct app *app, uint32_t index, uint32_t *len, uint32_t *count)
{
    const char *p = word_begin(app->arguments);
    for (*count = 0; *p != 0; (*count)++) {
        size_t length = word_length(p);
        if (*count == index) {
            *len = (uint32_t)length;
            return p;
        }
        p = word_begin(p + length);
    }
    return NULL;
}

static uint64_t args_count(struct app *app, const uint64_t args[6])
{
    uint32_t len, count;
    word_at(app, UINT32_MAX, &len, &count);
    return (uint32_t)gate_put(args[1], &count, sizeof count);
}

static uint64_t args_get(struct app *app, const uint64_t args[6])
{
    uint32_t len, count;
    const char *word = word_at(app, (uint32_t)args[1], &len, &count);
    if (word == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    char plain[APP_TEXT];
    len = (uint32_t)word_plain(plain, sizeof plain, word, len);
    ctx_status status = gate_put(args[2], plain, MIN(len, (uint32_t)args[3]));
    return (uint32_t)(status == CTX_OK ? gate_put(args[4], &len, sizeof len) : status);
}

/* ---- ctx.random/1 ---- */

static uint64_t random_fill_gate(struct app *app, const uint64_t args[6])
{
    (void)app;
    uint8_t chunk[256];
    uint64_t at = args[1];
    for (uint32_t left = (uint32_t)args[2]; left > 0;) {
        uint32_t part = MIN(left, (uint32_t)sizeof chunk);
        random_fill(chunk, part);
        if (gate_put(at, chunk, part) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
        at += part;
        left -= part;
    }
    return CTX_OK;
}

static uint64_t random_reseed_gate(struct app *app, const uint64_t args[6])
{
    (void)app;
    (void)args;
    random_reseed();
    return CTX_OK;
}

/* ---- ctx.cpu/1 ---- */

static uint64_t cpu_info(struct app *app, const uint64_t args[6])
{
    struct ctx_cpu_info out = {.size = sizeof out, .features = machine_cpu_features()};
    app->v3->cpu_told |= out.features;
    return (uint32_t)gate_put_struct(args[1], &out, sizeof out);
}

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

gate_fn *ctx_draft_fn(uint32_t table, uint32_t fn)
{
    static gate_fn *const log[] = {log_write};
    static gate_fn *const args[] = {args_count, args_get};
    static gate_fn *const random[] = {random_fill_gate, random_reseed_gate};
    static gate_fn *const cpu[] = {cpu_info};
    static gate_fn *const apps[] = {apps_list};
    static gate_fn *const system[] = {system_info, system_reboot, system_power_off};
    static gate_fn *const loader[] = {loader_start};
    static gate_fn *const control[] = {control_stop,   control_restart, control_pause,
                                       control_resume, control_crash,   control_remove};
    static const struct {
        gate_fn *const *fns;
        uint32_t count;
    } tables[CTX_TABLES] = {
        [CTX_TABLE_LOG] = {log, ARRAY_COUNT(log)},
        [CTX_TABLE_ARGS] = {args, ARRAY_COUNT(args)},
        [CTX_TABLE_RANDOM] = {random, ARRAY_COUNT(random)},
        [CTX_TABLE_CPU] = {cpu, ARRAY_COUNT(cpu)},
        [CTX_TABLE_APPS] = {apps, ARRAY_COUNT(apps)},
        [CTX_TABLE_SYSTEM] = {system, ARRAY_COUNT(system)},
        [CTX_TABLE_LOADER] = {loader, ARRAY_COUNT(loader)},
        [CTX_TABLE_CONTROL] = {control, ARRAY_COUNT(control)},
        [CTX_TABLE_HOST] = {ctx_host_fns, CTX_HOST_FNS},
        [CTX_TABLE_IMAGE] = {ctx_image_fns, CTX_IMAGE_FNS},
    };
    return fn < tables[table].count ? tables[table].fns[fn] : NULL;
}
