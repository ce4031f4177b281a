/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include "app.h"
#include "ctx_host.h"
#include "heap.h"
#include "inject.h"
#include "slot.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

static const struct gate_binding default_bindings[CTX_GATE_USED] = {
    [CTX_GATE_NOSYS] = {.to = GATE_NOSYS},
    [CTX_GATE_V1_LOG] = {.to = GATE_KERNEL, .fn = ctx_v1_log},
    [CTX_GATE_V2_ALLOC] = {.to = GATE_KERNEL, .fn = ctx_v2_alloc},
    [CTX_GATE_V2_DEALLOC] = {.to = GATE_KERNEL, .fn = ctx_v2_dealloc},
    [CTX_GATE_IFACE_OPEN] = {.to = GATE_KERNEL, .fn = ctx_iface_open},
    [CTX_GATE_TIME_NOW] = {.to = GATE_KERNEL, .fn = ctx_time_now},
    [CTX_GATE_TIME_WALL] = {.to = GATE_KERNEL, .fn = ctx_time_wall},
    [CTX_GATE_TIME_WAKE_AT] = {.to = GATE_KERNEL, .fn = ctx_time_wake_at},
    [CTX_GATE_MEM_ALLOC] = {.to = GATE_KERNEL, .fn = ctx_mem_alloc},
    [CTX_GATE_MEM_RESIZE] = {.to = GATE_KERNEL, .fn = ctx_mem_resize},
    [CTX_GATE_MEM_FREE] = {.to = GATE_KERNEL, .fn = ctx_mem_free},
    [CTX_GATE_MEM_USAGE] = {.to = GATE_KERNEL, .fn = ctx_mem_usage},
    [CTX_GATE_DISPLAY_INFO] = {.to = GATE_KERNEL, .fn = ctx_display_info},
    [CTX_GATE_DISPLAY_CANVAS] = {.to = GATE_KERNEL, .fn = ctx_display_canvas},
    [CTX_GATE_DISPLAY_CREATE] = {.to = GATE_KERNEL, .fn = ctx_display_create},
    [CTX_GATE_DISPLAY_PIXELS] = {.to = GATE_KERNEL, .fn = ctx_display_pixels},
    [CTX_GATE_DISPLAY_DAMAGE] = {.to = GATE_KERNEL, .fn = ctx_display_damage},
    [CTX_GATE_DISPLAY_PRESENTED] = {.to = GATE_KERNEL, .fn = ctx_display_presented},
    [CTX_GATE_DISPLAY_RESIZE] = {.to = GATE_KERNEL, .fn = ctx_display_resize},
    [CTX_GATE_DISPLAY_DESTROY] = {.to = GATE_KERNEL, .fn = ctx_display_destroy},
    [CTX_GATE_EVENTS_READ] = {.to = GATE_KERNEL, .fn = ctx_events_read},
    [CTX_GATE_EVENTS_WAIT] = {.to = GATE_KERNEL, .fn = ctx_events_wait},
};

const struct gate_binding *gate_default_bindings(void)
{
    return default_bindings;
}

ctx_status gate_bind(struct app *app, uint32_t gate, struct gate_binding binding)
{
    if (gate >= CTX_GATE_USED) {
        return CTX_E_RANGE;
    }
    if (app->bind == default_bindings) {
        struct gate_binding *own = heap_alloc(sizeof default_bindings);
        if (own == NULL) {
            return CTX_E_NOMEM;
        }
        memcpy(own, default_bindings, sizeof default_bindings);
        app->bind = own;
    }
    ((struct gate_binding *)app->bind)[gate] = binding;
    return CTX_OK;
}

void gate_release(struct app *app)
{
    if (app->bind != default_bindings) {
        heap_free((struct gate_binding *)app->bind, sizeof default_bindings);
        app->bind = default_bindings;
    }
}

/* ---- tracing ---- */

static bool text_is(const char *text, size_t text_len, const char *word, size_t len)
{
    return text_len == len && memcmp(text, word, len) == 0;
}

bool gate_matches(const struct ctx_gate_info *info, const char *word, size_t len)
{
    size_t full = strlen(info->name);
    size_t table = 0;
    while (table < full && info->name[table] != '.') {
        table++;
    }
    size_t fn = table < full ? table + 1 : 0;
    return text_is("trace", 5, word, len) || text_is(info->name, full, word, len) ||
           text_is(info->name, table, word, len) || text_is(info->name + fn, full - fn, word, len);
}

ctx_status gate_instrument(struct app *app, const char *word, size_t len)
{
    ctx_status status = CTX_E_NOENT;
    for (uint32_t gate = CTX_GATE_V1_LOG; gate < CTX_GATE_USED; gate++) {
        if (gate_matches(&ctx_gates[gate], word, len)) {
            struct gate_binding b = app->bind[gate];
            b.traced = true;
            status = gate_bind(app, gate, b);
            if (status != CTX_OK) {
                return status;
            }
        }
    }
    return status;
}

static void trace(const struct app *app, const struct ctx_gate_info *info, const uint64_t *args,
                  uint64_t result)
{
    char line[160];
    char room[APP_NAME + 32];
    size_t len = format_text(line, sizeof line, "%s(", info->name);
    for (uint32_t i = 0; i < info->count; i++) {
        uint64_t value = info->args[i].kind == CTX_ARG_U32 ? (uint32_t)args[i] : args[i];
        const char *comma = i > 0 ? ", " : "";
        /* Sizes and coordinates read better in decimal, addresses in hexadecimal. */
        len += format_text(line + len, sizeof line - len, value < 0x10000 ? "%s%lu" : "%s0x%lx",
                           comma, value);
    }
    if (info->returns == CTX_RETURNS_STATUS) {
        format_text(line + len, sizeof line - len, ") = %s", ctx_status_name((int32_t)result));
    } else if (info->returns == CTX_RETURNS_POINTER) {
        format_text(line + len, sizeof line - len, ") = 0x%lx", result);
    } else {
        format_text(line + len, sizeof line - len, ")");
    }
    format_text(room, sizeof room, "trace.%s#%lu", app->name, app->pid);
    log_info(room, "%s", line);
}

void gate_describe(char *text, size_t size, const struct ctx_gate_info *info, uint64_t result)
{
    size_t len = format_text(text, size, "%s", info->name);
    if (info->returns == CTX_RETURNS_STATUS) {
        format_text(text + len, size - len, "=%s", ctx_status_name((int32_t)result));
    } else if (info->returns == CTX_RETURNS_POINTER) {
        format_text(text + len, size - len, "=0x%lx", result);
    }
}

/* ---- arguments ---- */

static bool is_argument_good(const struct app *app, const struct ctx_arg_info *arg,
                             const uint64_t *value)
{
    uint32_t size;
    switch (arg->kind) {
    case CTX_ARG_IN:
    case CTX_ARG_OUT:
        return slot_has_range(app->base, value[0], (uint32_t)value[1]);
    case CTX_ARG_OUT4:
        return slot_has_range(app->base, value[0], 4);
    case CTX_ARG_OUT8:
        return slot_has_range(app->base, value[0], 8);
    case CTX_ARG_IN_STRUCT:
    case CTX_ARG_OUT_STRUCT:
        return slot_has_range(app->base, value[0], 4) &&
               machine_copy_in(&size, value[0], 4) == CTX_OK && size >= 8 &&
               slot_has_range(app->base, value[0], size);
    default:
        return true;
    }
}

static bool are_arguments_good(const struct app *app, const struct ctx_gate_info *info,
                               const uint64_t *args)
{
    for (uint32_t i = 0; i < info->count; i++) {
        if (!is_argument_good(app, &info->args[i], &args[i])) {
            return false;
        }
    }
    return true;
}

ctx_status gate_put(uint64_t address, const void *value, uint64_t len)
{
    return machine_copy_out(address, value, len) == CTX_OK ? CTX_OK : CTX_E_INVAL;
}

ctx_status gate_put_struct(uint64_t address, const void *value, uint32_t size)
{
    uint32_t room;
    if (machine_copy_in(&room, address, sizeof room) != CTX_OK || room < 8) {
        return CTX_E_INVAL;
    }
    /* The caller's size stays: behind it nothing was asked for. */
    return gate_put(address + 4, (const uint8_t *)value + 4, MIN(room, size) - 4);
}

/* ---- the way in ---- */

static ctx_status refusal(enum gate_leads_to to)
{
    switch (to) {
    case GATE_DENIED:
        return CTX_E_DENIED;
    case GATE_REVOKED:
        return CTX_E_REVOKED;
    case GATE_STALE:
        return CTX_E_STALE;
    default:
        return CTX_E_NOSYS;
    }
}

bool gate_find(struct app *app, uint32_t gate, struct gate_binding *binding,
               const struct ctx_gate_info **info)
{
    /* The numbers of version 3 can be called by anybody: the trampolines are the same in all slots.
     */
    if (app->v3 == NULL && gate > CTX_GATE_V2_DEALLOC) {
        return false;
    }
    if (gate < CTX_GATE_USED) {
        *binding = app->bind[gate];
        *info = &ctx_gates[gate];
        return true;
    }
    return app_opened_gate(app, gate, binding, info);
}

/* From version 3 on the table comes first; whatever stands there is not looked at. */
static const uint64_t *without_self(uint32_t gate, const uint64_t *args)
{
    return gate > CTX_GATE_V2_DEALLOC ? args + 1 : args;
}

uint64_t gate_perform(struct app *app, uint32_t gate, const struct gate_binding *binding,
                      const struct ctx_gate_info *info, const uint64_t args[6])
{
    ctx_status status = CTX_OK;
    if (binding->to != GATE_KERNEL) {
        status = refusal(binding->to);
    } else if (!are_arguments_good(app, info, without_self(gate, args))) {
        status = CTX_E_INVAL;
    }
    if (status != CTX_OK) {
        return gate_failure(info, status);
    }
    return binding->fn(app, args);
}

uint64_t gate_dispatch(uint32_t gate, const uint64_t args[6])
{
    struct app *app = app_current();
    struct gate_binding b;
    const struct ctx_gate_info *info;
    if (!gate_find(app, gate, &b, &info)) {
        return (uint32_t)CTX_E_NOSYS;
    }
    uint64_t result, changed[6];
    if (app->inject == NULL || !inject_gate(app, gate, info, &args, changed, &result)) {
        result = app->links == NULL ? gate_perform(app, gate, &b, info, args)
                                    : host_dispatch(app, app->links, gate, &b, info, args);
    }
    if (app->inject != NULL) {
        inject_answered(app, info, result);
    }
    app->recent[app->gate_calls++ % APP_RECENT] = (struct app_recent){info, result};
    if (b.traced) {
        trace(app, info, without_self(gate, args), result);
    }
    return result;
}
