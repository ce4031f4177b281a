/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include "app.h"
#include "heap.h"

#include <kernel/machine.h>
#include <kernel/string.h>

static const struct gate_binding default_bindings[CTX_GATE_USED] = {
    [CTX_GATE_NOSYS] = {GATE_NOSYS, NULL},
    [CTX_GATE_V1_LOG] = {GATE_KERNEL, ctx_v1_log},
    [CTX_GATE_V2_ALLOC] = {GATE_KERNEL, ctx_v2_alloc},
    [CTX_GATE_V2_DEALLOC] = {GATE_KERNEL, ctx_v2_dealloc},
};

static const uint8_t returns[CTX_GATE_USED] = {
    [CTX_GATE_V1_LOG] = GATE_RETURNS_VOID,
    [CTX_GATE_V2_ALLOC] = GATE_RETURNS_POINTER,
    [CTX_GATE_V2_DEALLOC] = GATE_RETURNS_VOID,
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

uint64_t gate_dispatch(uint32_t gate, const uint64_t args[6])
{
    struct app *app = app_current();
    if (gate >= CTX_GATE_USED) {
        return (uint32_t)CTX_E_NOSYS;
    }
    const struct gate_binding *b = &app->bind[gate];
    if (b->to == GATE_KERNEL) {
        return b->fn(app, args);
    }
    return returns[gate] == GATE_RETURNS_STATUS ? (uint32_t)refusal(b->to) : 0;
}
