/* SPDX-License-Identifier: MIT */
/* ctx.service/1: what providers and consumers say about services. The calls are service_call.c's.
 */
#include "gate.h"
#include "heap.h"
#include "policy.h"
#include "service_private.h"
#include "verify.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define DESCRIPTOR_MAX                                                                             \
    (sizeof(struct ctx_interface) + CTX_INTERFACE_FNS * sizeof(struct ctx_interface_fn))

/* ---- offering ---- */

/* Why something is not offered is a line of the app's own log: whoever tries again and again floods
 * nobody's. */
static uint64_t refuse(struct app *app, const struct ctx_interface_error *error)
{
    char place[48] = "";
    if (!policy_may_log(app)) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (error->fn != UINT32_MAX && error->arg != UINT32_MAX) {
        format_text(place, sizeof place, "fn[%u].args[%u].", error->fn, error->arg);
    } else if (error->fn != UINT32_MAX) {
        format_text(place, sizeof place, "fn[%u].", error->fn);
    }
    log_warn("service", "%s#%lu: a descriptor is refused: %s%s: %s", app->name, app->pid, place,
             error->field, error->reason);
    return (uint32_t)CTX_E_INVAL;
}

/* Whether all of these are code where a call may begin. */
static bool check_code(const struct app *app, const uint64_t *code, uint32_t count,
                       struct ctx_interface_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!app_is_code(app, code[i])) {
            *error = (struct ctx_interface_error){
                "function", "its address is not code of the app's", i, UINT32_MAX};
            return false;
        }
        if (app->verified && code[i] % VERIFY_BUNDLE != 0) {
            *error = (struct ctx_interface_error){
                "function", "not at a multiple of 32, as those of verified apps are", i,
                UINT32_MAX};
            return false;
        }
    }
    return true;
}

/* The descriptor is right, but not its id. An offer that nobody has allowed is no mistake: apps
 * make it where they may. */
static uint64_t not_offered(struct app *app, const char *id, ctx_status status, const char *why)
{
    if (!policy_may_log(app)) {
        return (uint32_t)status;
    }
    if (status == CTX_E_DENIED) {
        log_info("service", "%s#%lu: %s%s", app->name, app->pid, why, id);
    } else {
        log_warn("service", "%s#%lu: %s%s", app->name, app->pid, why, id);
    }
    return (uint32_t)status;
}

static uint64_t offer(struct app *app, const void *descriptor, uint32_t len, const uint64_t *code,
                      uint32_t count, uint64_t handle_at)
{
    struct ctx_interface_error error = {"functions", "not as many as the descriptor has",
                                        UINT32_MAX, UINT32_MAX};
    const struct ctx_interface *d = descriptor;
    struct app_services *mine = services_of(app);
    if (mine == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    if (!ctx_interface_check(descriptor, len, &error)) {
        return refuse(app, &error);
    }
    if (count != d->count) {
        error = (struct ctx_interface_error){"functions", "not as many as the descriptor has",
                                             UINT32_MAX, UINT32_MAX};
        return refuse(app, &error);
    }
    if (!check_code(app, code, count, &error)) {
        return refuse(app, &error);
    }
    if (!service_may_offer(app, (const char *)d->id)) {
        return not_offered(app, (const char *)d->id, CTX_E_DENIED, "its line does not say offer=");
    }
    if (v3_has_table((const char *)d->id)) {
        return not_offered(app, (const char *)d->id, CTX_E_EXIST, "the kernel itself has ");
    }
    struct interface *iface = interface_make(descriptor, len);
    if (iface == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    uint32_t handle = mine->last_handle + 1;
    ctx_status status = handle == 0 ? CTX_E_NOSPC
                        : !service_may_offer_more(app, iface)
                            ? CTX_E_NOMEM
                            : gate_put(handle_at, &handle, sizeof handle);
    if (status == CTX_OK) {
        status = service_publish(app, iface, code, handle);
    }
    if (status == CTX_OK) {
        mine->last_handle = handle;
        if (policy_may_log(app)) {
            log_info("service", "%s#%lu offers %s", app->name, app->pid, interface_id(iface));
        }
    } else if (status == CTX_E_EXIST) {
        (void)not_offered(app, interface_id(iface), status, "it offers already ");
    }
    interface_drop(iface);
    return (uint32_t)status;
}

static uint64_t service_publish_gate(struct app *app, const uint64_t args[6])
{
    uint32_t len = (uint32_t)args[2], bytes = (uint32_t)args[4];
    uint32_t count = bytes / (uint32_t)sizeof(uint64_t);
    if (len > DESCRIPTOR_MAX || bytes % sizeof(uint64_t) != 0 || count > CTX_INTERFACE_FNS ||
        len == 0) {
        struct ctx_interface_error error = {"size", "not that of 1 to 126 functions", UINT32_MAX,
                                            UINT32_MAX};
        return refuse(app, &error);
    }
    uint64_t room = ALIGN_UP((uint64_t)len, 8ul) + bytes;
    uint8_t *copy = heap_alloc(room);
    if (copy == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    uint64_t *code = (uint64_t *)(copy + ALIGN_UP((uint64_t)len, 8ul));
    uint64_t result = (uint32_t)CTX_E_INVAL;
    if (machine_copy_in(copy, args[1], len) == CTX_OK &&
        machine_copy_in(code, args[3], bytes) == CTX_OK) {
        result = offer(app, copy, len, code, count, args[5]);
    }
    heap_free(copy, room);
    return result;
}

static uint64_t service_unpublish(struct app *app, const uint64_t args[6])
{
    struct service *service = service_of(app, (uint32_t)args[1]);
    if (service == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    app_reaches_out(app, "it took back an interface that others use");
    if (policy_may_log(app)) {
        log_info("service", "%s#%lu offers %s no more", app->name, app->pid,
                 interface_id(service->iface));
    }
    service_withdraw(service);
    return CTX_OK;
}

/* ---- who calls, and what became of them ---- */

static uint64_t service_caller(struct app *app, const uint64_t args[6])
{
    const struct app_served *served = app_serving(app);
    if (served == NULL || served->use == NULL || served->use->service == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    const struct app *consumer = served->use->consumer;
    struct ctx_service_caller out = {
        .size = sizeof out,
        .service = served->use->service->handle,
        .function = served->fn,
        .pid = consumer->pid,
        .call = app_call_number(consumer),
        .request = served->request,
    };
    memcpy(out.name, consumer->name, MIN(sizeof out.name, strlen(consumer->name)));
    return (uint32_t)gate_put_struct(args, 1, &out, sizeof out);
}

static uint64_t service_grant(struct app *app, const uint64_t args[6])
{
    const struct app_served *served = app_serving(app);
    if (served == NULL || served->use == NULL || served->use->service == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    const char *params;
    if (!grants_find(&served->use->consumer->grant_list, GRANT_USE,
                     interface_id(served->use->service->iface), &params) ||
        params == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    uint32_t len = (uint32_t)strlen(params);
    ctx_status status = gate_put(args[1], params, MIN(len, (uint32_t)args[2]));
    return (uint32_t)(status == CTX_OK ? gate_put(args[3], &len, sizeof len) : status);
}

static uint64_t service_callers(struct app *app, const uint64_t args[6])
{
    const struct service *service = service_of(app, (uint32_t)args[1]);
    uint32_t each = (uint32_t)args[4], count = 0;
    ctx_status status = CTX_OK;
    if (service == NULL || each < GATE_ELEMENT_MIN) {
        return (uint32_t)(service == NULL ? CTX_E_NOENT : CTX_E_INVAL);
    }
    uint32_t room = (uint32_t)args[3] / each;
    for (const struct service_use *use = service->uses; use != NULL; use = use->next) {
        if (use->consumer == NULL) {
            continue;
        }
        struct ctx_service_user out = {.pid = use->pid, .calls = use->calls};
        if (count < room) {
            status = gate_put_element(args[2], count, each, &out, sizeof out);
        }
        if (status != CTX_OK) {
            return (uint32_t)status;
        }
        count++;
    }
    return (uint32_t)gate_put(args[5], &count, sizeof count);
}

/* A use that there is something to say of: what was kept first, the earliest before the others. */
static struct service_use *use_with_news(struct service *service)
{
    struct service_use *found = NULL;
    for (struct service_use *use = service->uses; use != NULL; use = use->next) {
        if (use->consumer == NULL || (use->undone && found == NULL)) {
            found = use;
        }
    }
    return found;
}

static uint64_t service_news(struct app *app, const uint64_t args[6])
{
    struct app_services *mine = services_known(app);
    static const char once[] = "it heard news that nobody says twice";
    struct ctx_service_news out = {.size = sizeof out};
    struct request *request = request_canceled(app);
    if (request != NULL) {
        app_reaches_out(app, once);
        out.kind = CTX_NEWS_CANCELED;
        out.service = request->service;
        out.pid = request->pid;
        out.call = request->call;
        out.request = request->provider_id;
        ctx_status status = gate_put_struct(args, 1, &out, sizeof out);
        if (status == CTX_OK) {
            request_free(request);
        }
        return (uint32_t)status;
    }
    for (struct service *s = mine != NULL ? mine->services : NULL; s != NULL; s = s->next_of_app) {
        struct service_use *use = use_with_news(s);
        if (use == NULL && !s->lost) {
            continue;
        }
        app_reaches_out(app, once);
        out.service = s->handle;
        out.kind = s->lost ? CTX_NEWS_LOST : use->undone ? CTX_NEWS_UNDONE : CTX_NEWS_GONE;
        if (!s->lost) {
            out.pid = use->pid;
            out.call = use->undone ? use->undone_call : 0;
            out.ended = use->ended;
            out.code = use->code;
        }
        ctx_status status = gate_put_struct(args, 1, &out, sizeof out);
        if (status == CTX_OK && s->lost) {
            s->lost = false;
        } else if (status == CTX_OK) {
            service_use_told(use);
        }
        return (uint32_t)status;
    }
    return (uint32_t)CTX_E_AGAIN;
}

/* ---- requests ---- */

static uint64_t service_complete(struct app *app, const uint64_t args[6])
{
    struct request *request = request_owed(app, args[1]);
    int32_t status = (int32_t)(uint32_t)args[2];
    uint32_t len = (uint32_t)args[4];
    if (request == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (request->state == REQUEST_CANCELED) {
        request_free(request);
        return (uint32_t)CTX_E_NOENT;
    }
    if (status == CTX_PENDING) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (len > RESULT_BYTES) {
        return (uint32_t)CTX_E_TOOBIG;
    }
    return (uint32_t)request_complete(request, status, args[3], len);
}

static uint64_t service_take(struct app *app, const uint64_t args[6])
{
    struct request *r = request_made(app, args[1]);
    if (r == NULL) {
        const struct app_services *mine = services_known(app);
        bool before = mine != NULL && args[1] != 0 && args[1] <= mine->stale_made;
        return (uint32_t)(before ? CTX_E_STALE : CTX_E_NOENT);
    }
    if (r->state == REQUEST_OPEN) {
        return (uint32_t)CTX_E_AGAIN;
    }
    if (r->state == REQUEST_STALE) {
        request_take(r);
        return (uint32_t)CTX_E_STALE;
    }
    ctx_status status = gate_put(args[4], &r->len, sizeof r->len);
    if (status == CTX_OK) {
        status = gate_put(args[5], &r->status, sizeof r->status);
    }
    if (status == CTX_OK && r->bytes != NULL) {
        status = gate_put(args[2], r->bytes, MIN(r->len, (uint32_t)args[3]));
    }
    if (status == CTX_OK) {
        request_take(r);
    }
    return (uint32_t)status;
}

static uint64_t service_cancel(struct app *app, const uint64_t args[6])
{
    struct request *request = request_made(app, args[1]);
    if (request == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    request_leave(request);
    return CTX_OK;
}

static uint64_t service_done(struct app *app, const uint64_t args[6])
{
    struct request *request = request_ended(app);
    if (request == NULL) {
        return (uint32_t)CTX_E_AGAIN;
    }
    ctx_status status = gate_put(args[1], &request->consumer_id, sizeof request->consumer_id);
    request->named = request->named_now = status == CTX_OK;
    return (uint32_t)status;
}

/* ---- all of them ---- */

static uint64_t service_list(struct app *app, const uint64_t args[6])
{
    (void)app;
    uint32_t each = (uint32_t)args[3], count = 0;
    ctx_status status = CTX_OK;
    if (each < GATE_ELEMENT_MIN) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t room = (uint32_t)args[2] / each;
    for (struct service *s = service_after(NULL); status == CTX_OK && s != NULL;
         s = service_after(s), count++) {
        struct ctx_service_info out = {
            .provider = s->provider->pid,
            .calls = s->calls,
            .time_ns = s->ticks * MACHINE_TICK_NS,
            .users = s->users,
            .flags = (service_current(interface_id(s->iface)) == s ? CTX_SERVICE_CURRENT : 0) |
                     (s->iface->descriptor->flags != 0 ? CTX_SERVICE_NEEDS_GRANT : 0),
        };
        memcpy(out.id, s->iface->descriptor->id, sizeof out.id);
        if (count < room) {
            status = gate_put_element(args[1], count, each, &out, sizeof out);
        }
    }
    return (uint32_t)(status == CTX_OK ? gate_put(args[4], &count, sizeof count) : status);
}

GATE_TABLE(ctx_service_table, CTX_TABLE_SERVICE, service_publish_gate, service_unpublish,
           service_caller, service_callers, service_news, service_complete, service_take,
           service_cancel, service_done, service_list, service_grant);
