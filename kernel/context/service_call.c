/* SPDX-License-Identifier: MIT */
/*
 * One call of a service: every argument is checked and copied as the descriptor says, once, to the
 * top of the provider's own empty stack, its function is entered, and what it left there goes back.
 * Neither side ever has an address of the other's.
 */
#include "app_memory.h"
#include "gate.h"
#include "service_private.h"
#include "share.h"
#include "slot.h"

#include <kernel/call.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define WINDOWS_MAX   0x10000u /* bytes of all of a call's copies */
#define STACK_PART    4u       /* and no more than this part of the provider's stack */
#define TAIL_CHUNK    64u
#define CONSUMER_MOST (2u * CTX_INTERFACE_STRUCT_MAX) /* a struct that somebody passes */

_Static_assert((int)CTX_INTERFACE_U32 == (int)CTX_ARG_U32, "the same kinds");
_Static_assert((int)CTX_INTERFACE_OUT8 == (int)CTX_ARG_OUT8, "the same kinds");
_Static_assert((int)CTX_INTERFACE_INOUT_STRUCT == (int)CTX_ARG_INOUT_STRUCT, "the same kinds");
_Static_assert((int)CTX_INTERFACE_REQUEST == (int)CTX_ARG_REQUEST, "the same kinds");

/* Where one argument's copy is, and what of it goes back. */
struct window {
    uint64_t at;     /* in the provider's slot */
    uint64_t theirs; /* in the consumer's */
    uint32_t back;   /* so many bytes, from skip on */
    uint32_t skip;
    uint32_t zeroes; /* and so many behind them, which the provider knows nothing of */
};

struct service_call {
    struct app *consumer, *provider;
    const struct ctx_interface_fn *fn;
    const uint64_t *args; /* the consumer's, without its table */
    uint64_t top;         /* the lowest window */
    uint64_t committed;   /* from here up there are pages */
    uint64_t least;       /* no window lies below this */
    struct window windows[CTX_INTERFACE_ARGS];
    uint32_t count;
    struct request *request;
    uint64_t request_at;                 /* where its number goes */
    uint32_t shares[CTX_INTERFACE_ARGS]; /* handles that the provider got */
    uint32_t share_count;
};

/* Room at the top of the provider's stack. 0: there is none, and *status why. */
static uint64_t window(struct service_call *c, uint64_t len, ctx_status *status)
{
    uint64_t bytes = ALIGN_UP(len, UINT64_C(16));
    if (bytes > c->top - c->least) {
        *status = CTX_E_TOOBIG;
        return 0;
    }
    c->top -= bytes;
    for (; c->committed >= c->top; c->committed -= PAGE_SIZE) { /* with one byte below it */
        uint64_t page = c->committed - PAGE_SIZE;
        if (machine_slot_frame(page) == 0 &&
            (!app_may_use_stack() ||
             app_commit(c->provider, page - c->provider->base, MAP_READ | MAP_WRITE) != CTX_OK)) {
            *status = CTX_E_NOMEM;
            return 0;
        }
    }
    return c->top;
}

static void zero(uint64_t address, uint64_t len)
{
    memset((void *)address, 0, len); /* a window: there are pages, and nobody else's */
}

static void goes_back(struct service_call *c, uint64_t at, uint64_t theirs, uint32_t skip,
                      uint32_t len)
{
    c->windows[c->count++] = (struct window){at, theirs, len, skip, 0};
}

/* Bytes of a struct behind what the provider knows of it. */
static ctx_status check_tail(uint64_t address, uint64_t len)
{
    uint8_t chunk[TAIL_CHUNK];
    for (uint64_t part; len > 0; address += part, len -= part) {
        part = MIN(len, sizeof chunk);
        if (machine_copy_in(chunk, address, part) != CTX_OK) {
            return CTX_E_INVAL;
        }
        for (uint64_t i = 0; i < part; i++) {
            if (chunk[i] != 0) {
                return CTX_E_TOOBIG;
            }
        }
    }
    return CTX_OK;
}

static ctx_status put_struct(struct service_call *c, const struct ctx_interface_arg *arg,
                             uint64_t theirs, uint64_t *out)
{
    ctx_status status = CTX_OK;
    uint32_t size;
    bool in = arg->kind != CTX_INTERFACE_OUT_STRUCT;
    if (!slot_has_range(c->consumer->base, theirs, sizeof size) ||
        machine_copy_in(&size, theirs, sizeof size) != CTX_OK || size < arg->first ||
        !slot_has_range(c->consumer->base, theirs, size)) {
        return CTX_E_INVAL;
    }
    if (size > CONSUMER_MOST) {
        return CTX_E_TOOBIG;
    }
    uint32_t known = MIN(size, (uint32_t)arg->size);
    *out = window(c, arg->size, &status);
    if (*out == 0) {
        return status;
    }
    if (in && machine_copy_in((void *)*out, theirs, known) != CTX_OK) {
        return CTX_E_INVAL;
    }
    if (in && size > known) {
        status = check_tail(theirs + known, size - known);
    }
    zero(*out + (in ? known : 0), arg->size - (in ? known : 0));
    memcpy((void *)*out, &known, sizeof known); /* whatever the consumer has written there since */
    if (arg->kind != CTX_INTERFACE_IN_STRUCT) {
        goes_back(c, *out, theirs, sizeof size, known - (uint32_t)sizeof size);
        c->windows[c->count - 1].zeroes = in ? 0 : size - known;
    }
    return status;
}

static ctx_status put_bytes(struct service_call *c, bool in, uint64_t theirs, uint32_t len,
                            uint64_t *out)
{
    ctx_status status = CTX_OK;
    if (!slot_has_range(c->consumer->base, theirs, len)) {
        return CTX_E_INVAL;
    }
    *out = window(c, len, &status); /* of nothing: an address of its stack, for those who count */
    if (*out == 0) {
        return status;
    }
    if (in) {
        return machine_copy_in((void *)*out, theirs, len) == CTX_OK ? CTX_OK : CTX_E_INVAL;
    }
    zero(*out, len);
    goes_back(c, *out, theirs, 0, len);
    return CTX_OK;
}

static ctx_status put_request(struct service_call *c, struct service *service, uint64_t theirs,
                              uint64_t *out)
{
    if (!slot_has_range(c->consumer->base, theirs, sizeof(uint64_t))) {
        return CTX_E_INVAL;
    }
    ctx_status status = request_make(c->consumer, service, &c->request);
    if (status == CTX_OK) {
        c->request_at = theirs;
        *out = c->request->provider_id;
    }
    return status;
}

static ctx_status put_share(struct service_call *c, const struct ctx_interface_arg *arg,
                            uint32_t handle, uint64_t *out)
{
    uint32_t rights =
        (arg->flags & CTX_INTERFACE_WRITE) != 0 ? CTX_SHARE_READ | CTX_SHARE_WRITE : CTX_SHARE_READ;
    uint32_t theirs;
    ctx_status status = share_pass(c->consumer, handle, rights, c->provider, &theirs);
    if (status == CTX_OK) {
        c->shares[c->share_count++] = theirs;
        *out = theirs;
    }
    return status;
}

/* The provider was not entered: it got nothing. */
static void take_back(struct service_call *c)
{
    if (c->request != NULL) {
        request_free(c->request);
    }
    while (c->share_count > 0) {
        share_drop(c->provider, c->shares[--c->share_count]);
    }
}

/* What the provider gets in the place of each argument. */
static ctx_status put_arguments(struct service_call *c, struct service *service, uint64_t out[5])
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < c->fn->count; i++) {
        const struct ctx_interface_arg *arg = &c->fn->args[i];
        uint64_t value = c->args[i];
        switch (arg->kind) {
        case CTX_INTERFACE_U32:
            out[i] = (uint32_t)value;
            break;
        case CTX_INTERFACE_U64:
            out[i] = value;
            break;
        case CTX_INTERFACE_IN:
        case CTX_INTERFACE_OUT:
            status = put_bytes(c, arg->kind == CTX_INTERFACE_IN, value, (uint32_t)c->args[i + 1],
                               &out[i]);
            break;
        case CTX_INTERFACE_OUT4:
        case CTX_INTERFACE_OUT8:
            status = put_bytes(c, false, value, arg->kind == CTX_INTERFACE_OUT4 ? 4 : 8, &out[i]);
            break;
        case CTX_INTERFACE_REQUEST:
            status = put_request(c, service, value, &out[i]);
            break;
        case CTX_INTERFACE_SHARE:
            status = put_share(c, arg, (uint32_t)value, &out[i]);
            break;
        default:
            status = put_struct(c, arg, value, &out[i]);
            break;
        }
    }
    return status;
}

/* Results go to the consumer's memory, with its rights. */
static ctx_status bring_back(const struct service_call *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct window *w = &c->windows[i];
        uint64_t end = w->theirs + w->skip + w->back;
        if (machine_copy_out(w->theirs + w->skip, (const void *)(w->at + w->skip), w->back) !=
                CTX_OK ||
            gate_put_zeroes(end, w->zeroes) != CTX_OK) {
            return CTX_E_INVAL;
        }
    }
    return CTX_OK;
}

/* The provider has answered: is there a request that goes on? */
static ctx_status keep_request(struct service_call *c, ctx_status status)
{
    if (c->request == NULL) {
        return status;
    }
    uint64_t id = c->request->consumer_id;
    if (status == CTX_PENDING && gate_put(c->request_at, &id, sizeof id) != CTX_OK) {
        request_cancel(c->request);
        return CTX_E_INVAL;
    }
    if (status != CTX_PENDING) {
        request_free(c->request);
    }
    return status;
}

/* Enter the function, below `top` of its stack. */
static inline __attribute__((always_inline)) ctx_status
enter(struct service_use *use, uint32_t fn, const uint64_t args[5], uint64_t top, uint64_t request)
{
    struct service *service = use->service;
    struct app *provider = service->provider;
    struct machine_entry entry = {
        .code = service->code[fn],
        .args = {provider->base + CTX_SLOT_CTX, args[0], args[1], args[2], args[3], args[4]},
        .stack_top = top,
    };
    struct app_served served = {.use = use, .fn = fn, .request = request};
    int32_t result = 0;
    service->calls++;
    use->calls++;
    use->called = app_call_number(use->consumer);
    ctx_status status = app_serve(provider, &entry, &served, &result);
    if (use->service == service) { /* it may have taken itself back */
        service->ticks += served.ticks;
    }
    return status == CTX_OK ? result : status;
}

/* There is something to be copied. */
static __attribute__((noinline)) ctx_status perform_with_copies(struct app *consumer,
                                                                struct service_use *use,
                                                                uint32_t fn, const uint64_t *args)
{
    struct service *service = use->service;
    struct app *provider = service->provider;
    struct service_call c;
    uint64_t out[5] = {0};
    uint64_t stack = provider->base + CTX_SLOT_STACK_TOP;
    uint64_t stack_bytes = CTX_SLOT_STACK_TOP - provider->stack_low;
    c.consumer = consumer;
    c.provider = provider;
    c.fn = &ctx_interface_fns(service->iface->descriptor)[fn]; /* as the provider knows it */
    c.args = args;
    c.top = stack;
    c.committed = stack - PAGE_SIZE; /* the first page is always there */
    c.least = stack - MIN((uint64_t)WINDOWS_MAX, stack_bytes / STACK_PART);
    c.count = 0;
    c.request = NULL;
    c.share_count = 0;
    ctx_status status = put_arguments(&c, service, out);
    if (status != CTX_OK) {
        take_back(&c);
        return status;
    }
    status = enter(use, fn, out, c.top, c.request != NULL ? c.request->provider_id : 0);
    if (status >= 0 && c.count > 0 && bring_back(&c) != CTX_OK) {
        status = CTX_E_INVAL;
    }
    return keep_request(&c, status);
}

uint64_t service_perform(struct app *consumer, struct service_use *use, uint32_t fn,
                         const uint64_t args[6])
{
    struct service *service = use->service;
    if (service == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    if ((use->same[fn / 64] >> (fn % 64) & 1) == 0) {
        return (uint32_t)CTX_E_NOSYS;
    }
    ctx_status status = app_may_serve(service->provider);
    if (status == CTX_E_STALE && service->provider->paused && service->provider->base != 0 &&
        service->provider->fate == FATE_NONE) {
        status = CTX_E_BUSY; /* it will go on */
    }
    if (status != CTX_OK) {
        if (status == CTX_E_BUSY) {
            service_wants_ready(use);
        }
        return (uint32_t)status;
    }
    if ((service->iface->plain[fn / 64] >> (fn % 64) & 1) == 0) {
        return (uint32_t)perform_with_copies(consumer, use, fn, args + 1);
    }
    const struct ctx_interface_fn *f = &ctx_interface_fns(service->iface->descriptor)[fn];
    uint64_t out[5] = {0};
    for (uint32_t i = 0; i < f->count; i++) {
        out[i] = f->args[i].kind == CTX_INTERFACE_U32 ? (uint32_t)args[i + 1] : args[i + 1];
    }
    return (uint32_t)enter(use, fn, out, service->provider->base + CTX_SLOT_STACK_TOP, 0);
}
