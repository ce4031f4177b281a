/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include "app_v3.h"
#include "app_words.h"
#include "ctx_host.h"
#include "heap.h"
#include "service.h"
#include "slot.h"

#include <kernel/call.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define STRUCT_MOST 0x10000u /* bytes of a struct that an app passes */

/* [boot, loop] write it once, the first who asks; then nobody, and [any] reads. */
static struct gate_binding default_bindings[CTX_GATE_USED];

gate_fn *gate_offered(uint32_t table, uint32_t fn)
{
    for (const struct gate_table *const *t = gate_tables; *t != NULL; t++) {
        if ((*t)->no == table) {
            return fn < (*t)->count ? (*t)->fns[fn] : NULL;
        }
    }
    return NULL;
}

static uint64_t nosys(struct app *app, const uint64_t args[6])
{
    (void)app;
    (void)args;
    return (uint32_t)CTX_E_NOSYS;
}

/* No argument means memory. */
static bool takes_only_numbers(const struct ctx_gate_info *info)
{
    for (uint32_t i = 0; i < info->count; i++) {
        if (info->args[i].kind >= CTX_ARG_IN) {
            return false;
        }
    }
    return true;
}

/* Find out now what each use of the gate would have to find out. */
static void settle(uint32_t gate, struct gate_binding *b)
{
    const struct ctx_gate_info *info = &ctx_gates[gate];
    if (b->to == GATE_NOSYS && info->returns == CTX_RETURNS_STATUS) {
        b->fn = nosys;
        b->plain = !b->traced;
    } else {
        b->plain = b->to == GATE_KERNEL && !b->traced && takes_only_numbers(info);
    }
}

static void offer(uint32_t gate, gate_fn *fn)
{
    default_bindings[gate] =
        (struct gate_binding){.to = fn != NULL ? GATE_KERNEL : GATE_NOSYS, .fn = fn};
    settle(gate, &default_bindings[gate]);
}

const struct gate_binding *gate_default_bindings(void)
{
    if (default_bindings[CTX_GATE_V1_LOG].fn != NULL) {
        return default_bindings;
    }
    for (uint32_t gate = 0; gate < CTX_GATE_USED; gate++) {
        offer(gate, NULL);
    }
    offer(CTX_GATE_V1_LOG, ctx_v1_log);
    offer(CTX_GATE_V2_ALLOC, ctx_v2_alloc);
    offer(CTX_GATE_V2_DEALLOC, ctx_v2_dealloc);
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        const struct ctx_table_info *table = &ctx_tables[no];
        for (uint32_t fn = 0; table->on_ctx != 0 && fn < table->count; fn++) {
            offer(table->fns[fn].gate, gate_offered(no, fn));
        }
    }
    return default_bindings;
}

bool gate_is_of(const struct ctx_table_info *table, uint32_t gate, uint32_t *fn)
{
    for (*fn = 0; table->on_ctx != 0 && *fn < table->count; (*fn)++) {
        if (table->fns[*fn].gate == gate) {
            return true;
        }
    }
    return false;
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
    settle(gate, &binding);
    ((struct gate_binding *)app->bind)[gate] = binding;
    return CTX_OK;
}

void gate_release(struct app *app)
{
    if (app->bind != NULL && app->bind != default_bindings) {
        heap_free((struct gate_binding *)app->bind, sizeof default_bindings);
        app->bind = default_bindings;
    }
}

/* ---- tracing ---- */

ctx_status gate_instrument(struct app *app, const char *word, size_t len)
{
    ctx_status status = CTX_E_NOENT;
    for (uint32_t gate = CTX_GATE_V1_LOG; gate < CTX_GATE_USED; gate++) {
        if (app_word_means(word, len, &ctx_gates[gate])) {
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
    char line[KLOG_LINE];
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

/* ---- arguments ---- */

/* *size: of a struct, as its caller said it. The word is the app's, and others may see it: it is
 * read here and nowhere else. */
static ctx_status check_struct(const struct app *app, const struct ctx_arg_info *arg,
                               uint64_t address, uint32_t *size)
{
    uint32_t least = arg->kind == CTX_ARG_IN_STRUCT ? arg->size : GATE_ELEMENT_MIN;
    if (!slot_has_range(app->base, address, 4) || machine_copy_in(size, address, 4) != CTX_OK ||
        *size < least || !slot_has_range(app->base, address, *size)) {
        return CTX_E_INVAL;
    }
    return *size <= STRUCT_MOST ? CTX_OK : CTX_E_TOOBIG;
}

static ctx_status check_argument(const struct app *app, const struct ctx_arg_info *arg,
                                 const uint64_t *value, uint32_t *size)
{
    uint64_t len;
    switch (arg->kind) {
    case CTX_ARG_IN:
    case CTX_ARG_OUT:
        len = (uint32_t)value[1];
        break;
    case CTX_ARG_OUT4:
        len = 4;
        break;
    case CTX_ARG_OUT8:
        len = 8;
        break;
    case CTX_ARG_IN_STRUCT:
    case CTX_ARG_OUT_STRUCT:
        return check_struct(app, arg, value[0], size);
    default:
        return CTX_OK;
    }
    return slot_has_range(app->base, value[0], len) ? CTX_OK : CTX_E_INVAL;
}

static ctx_status check_arguments(const struct app *app, const struct ctx_gate_info *info,
                                  const uint64_t *args, uint32_t *size)
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < info->count; i++) {
        status = check_argument(app, &info->args[i], &args[i], size);
    }
    return status;
}

ctx_status gate_put(uint64_t address, const void *value, uint64_t len)
{
    return machine_copy_out(address, value, len) == CTX_OK ? CTX_OK : CTX_E_INVAL;
}

ctx_status gate_put_zeroes(uint64_t address, uint64_t len)
{
    static const uint8_t zeroes[64];
    ctx_status status = CTX_OK;
    for (uint64_t part; status == CTX_OK && len > 0; address += part, len -= part) {
        part = MIN(len, sizeof zeroes);
        status = gate_put(address, zeroes, part);
    }
    return status;
}

ctx_status gate_put_struct(const uint64_t args[6], uint32_t no, const void *value, uint32_t size)
{
    uint64_t room = args[0], at = args[no];
    if (room < GATE_ELEMENT_MIN) {
        return CTX_E_INVAL;
    }
    /* The caller's size stays: behind it nothing was asked for. */
    ctx_status status = gate_put(at + 4, (const uint8_t *)value + 4, MIN(room, (uint64_t)size) - 4);
    return status == CTX_OK && room > size ? gate_put_zeroes(at + size, room - size) : status;
}

ctx_status gate_get_struct(const uint64_t args[6], uint32_t no, void *value, uint32_t size)
{
    uint64_t has = args[0];
    uint32_t known = (uint32_t)MIN(has, (uint64_t)size);
    memset(value, 0, size);
    /* The size that was checked is the one that counts: it is not read again. */
    if (has < 8 || machine_copy_in((uint8_t *)value + 4, args[no] + 4, known - 4) != CTX_OK) {
        return CTX_E_INVAL;
    }
    memcpy(value, &known, sizeof known);
    for (uint64_t at = known; at < has; at++) {
        uint8_t byte;
        if (machine_copy_in(&byte, args[no] + at, 1) != CTX_OK) {
            return CTX_E_INVAL;
        }
        if (byte != 0) {
            return CTX_E_TOOBIG;
        }
    }
    return CTX_OK;
}

ctx_status gate_put_element(uint64_t array, uint32_t index, uint32_t each, const void *value,
                            uint32_t size)
{
    uint64_t at = array + (uint64_t)index * each;
    ctx_status status = gate_put(at, value, MIN(each, size));
    return status == CTX_OK && each > size ? gate_put_zeroes(at + size, each - size) : status;
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
    if (gate < app->gates) {
        *binding = app->bind[gate];
        *info = &ctx_gates[gate];
        return true;
    }
    return app->v3 != NULL && gate >= CTX_GATE_USED && gate_find_opened(app, gate, binding, info);
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
    uint32_t size = 0;
    if (binding->to == GATE_SERVICE) {
        return service_perform(app, binding->use, binding->fn_no, args);
    }
    if (binding->to != GATE_KERNEL) {
        status = refusal(binding->to);
    } else {
        status = check_arguments(app, info, without_self(gate, args), &size);
    }
    if (status != CTX_OK) {
        return gate_failure(info, status);
    }
    if (size != 0) { /* in the place of self, which nobody looks at */
        const uint64_t with_size[6] = {size, args[1], args[2], args[3], args[4], args[5]};
        return binding->fn(app, with_size);
    }
    return binding->fn(app, args);
}

static void record(struct app *app, const struct ctx_gate_info *info, uint64_t result)
{
    app->recent[app->gate_calls++ % APP_RECENT] = (struct app_recent){info, result};
}

/* Somebody stands between the app and the function, or there is something to check or to tell. */
static __attribute__((noinline)) uint64_t dispatch_with_care(struct app *app, uint32_t gate,
                                                             const uint64_t args[6])
{
    struct gate_binding b;
    const struct ctx_gate_info *info;
    if (!gate_find(app, gate, &b, &info)) {
        return (uint32_t)CTX_E_NOSYS;
    }
    uint64_t result, changed[6];
    if (app->tap == NULL || !app->tap->before(app, gate, info, &args, changed, &result)) {
        result = app->links == NULL ? gate_perform(app, gate, &b, info, args)
                                    : host_dispatch(app, app->links, gate, &b, info, args);
    }
    if (app->tap != NULL) {
        app->tap->after(app, info, result);
    }
    record(app, info, result);
    if (b.traced) {
        trace(app, info, without_self(gate, args), result);
    }
    return result;
}

/* Not one of those that do it all themselves: a service's, most likely. */
static __attribute__((noinline)) uint64_t dispatch_other(struct app *app, uint32_t gate,
                                                         const uint64_t args[6])
{
    const struct app_v3 *v3 = app->v3;
    if (v3 == NULL || gate - CTX_GATE_OPENED >= v3->opened_gates || app->tap != NULL ||
        app->links != NULL) {
        return dispatch_with_care(app, gate, args);
    }
    const struct opened_gate *opened = &v3->opened[gate - CTX_GATE_OPENED];
    if (opened->bind.to != GATE_SERVICE || opened->bind.traced) {
        return dispatch_with_care(app, gate, args);
    }
    const struct ctx_gate_info *info = opened->info; /* *opened may move while others are called */
    uint64_t result = service_perform(app, opened->bind.use, opened->bind.fn_no, args);
    record(app, info, result);
    return result;
}

uint64_t gate_dispatch(uint32_t gate, const uint64_t args[6])
{
    struct app *app = this_cpu.call->app;
    if (gate < app->gates && app->bind[gate].plain && app->tap == NULL && app->links == NULL) {
        uint64_t result = app->bind[gate].fn(app, args);
        record(app, &ctx_gates[gate], result);
        return result;
    }
    return dispatch_other(app, gate, args);
}
