/* SPDX-License-Identifier: MIT */
/* Calls of services that wait: <ctx/client.h>. */
#include <ctx/client.h>
#include <ctx/fiber.h>

#define POLL_NS   100000000u /* an event that was told before may be the one that we wait for */
#define PAUSE_NS  1000000u
#define PAUSE_MAX 4u /* doublings */

static uint32_t length(const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    return len;
}

static ctx_status open_table(struct ctx *ctx, const char *id, uint32_t size,
                             const struct ctx_table **table)
{
    return CTX_HAS(ctx, iface) ? ctx->iface->open(ctx->iface, id, length(id), size, table)
                               : CTX_E_NOSYS;
}

/*
 * Wait, for an event or a little while. An event that nobody has read is told at once each time, so
 * only every other wait is for one; in between the clock alone decides. 0: the deadline is over.
 */
static int32_t pause(struct ctx *ctx, uint32_t *pauses, uint32_t event, uint64_t deadline_ns)
{
    uint64_t now_ns = 0;
    uint32_t n = (*pauses)++;
    ctx->time->now(ctx->time, &now_ns);
    if (deadline_ns != 0 && now_ns >= deadline_ns) {
        return 0;
    }
    uint32_t doublings = n / 2 < PAUSE_MAX ? n / 2 : PAUSE_MAX;
    uint64_t until_ns = now_ns + (n % 2 == 0 ? POLL_NS : (uint64_t)PAUSE_NS << doublings);
    if (deadline_ns != 0 && until_ns > deadline_ns) {
        until_ns = deadline_ns;
    }
    ctx_status status = ctx_fiber_await(n % 2 == 0 ? UINT64_C(1) << event : 0, until_ns);
    return status == CTX_OK || status == CTX_E_TIMEDOUT;
}

ctx_status ctx_client_begin(struct ctx_client_call *call, struct ctx_client *client, const char *id,
                            uint32_t end, uint32_t flags)
{
    call->client = client;
    call->id = id;
    call->pauses = 0;
    call->reopened = 0;
    if ((flags & CTX_CLIENT_REQUEST) != 0 && ctx_fiber_current() == NULL) {
        return CTX_E_INVAL;
    }
    if (client->table == NULL) {
        const struct ctx_table *table = NULL;
        ctx_status status = open_table(client->ctx, id, 0, &table);
        if (status != CTX_OK) {
            return status;
        }
        client->table = table;
    }
    return client->table->size >= end ? CTX_OK : CTX_E_NOSYS;
}

int32_t ctx_client_again(struct ctx_client_call *call, ctx_status status)
{
    struct ctx_client *client = call->client;
    if (status == CTX_E_STALE && call->reopened == 0 && client->stays == 0) {
        const struct ctx_table *table = NULL;
        call->reopened = 1;
        if (open_table(client->ctx, call->id, 0, &table) != CTX_OK) {
            return 0;
        }
        client->table = table; /* where it was: no instance has two of one id */
        client->renewed = 1;
        return 1;
    }
    return status == CTX_E_BUSY && ctx_fiber_current() != NULL &&
           pause(client->ctx, &call->pauses, CTX_EVENT_READY, client->deadline_ns);
}

ctx_status ctx_client_result(struct ctx_client_call *call, ctx_status status, uint64_t request,
                             void *result, uint32_t bytes)
{
    struct ctx_client *client = call->client;
    const struct ctx_table *table = NULL;
    uint32_t full_len = 0, outcome = 0;
    uint8_t none = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        ((uint8_t *)result)[i] = 0;
    }
    if (status != CTX_PENDING) {
        return status;
    }
    ctx_status taken = open_table(client->ctx, CTX_ID_SERVICE, sizeof(struct ctx_service), &table);
    if (taken != CTX_OK) {
        return taken;
    }
    const struct ctx_service *service = (const struct ctx_service *)table;
    for (call->pauses = 0;;) {
        taken = service->take(service, request, bytes != 0 ? result : &none, bytes, &full_len,
                              &outcome);
        if (taken != CTX_E_AGAIN) {
            return taken == CTX_OK ? (ctx_status)outcome : taken;
        }
        if (!pause(client->ctx, &call->pauses, CTX_EVENT_DONE, client->deadline_ns)) {
            service->cancel(service, request);
            return CTX_E_TIMEDOUT;
        }
    }
}

ctx_status ctx_client_wait(struct ctx_client *client, const char *id)
{
    uint32_t pauses = 0;
    for (;;) {
        const struct ctx_table *table = NULL;
        ctx_status status = open_table(client->ctx, id, 0, &table);
        if (status == CTX_OK) {
            client->table = table;
        }
        if (status != CTX_E_NOSYS || ctx_fiber_current() == NULL ||
            !pause(client->ctx, &pauses, CTX_EVENT_INTERFACE, client->deadline_ns)) {
            return status;
        }
    }
}
