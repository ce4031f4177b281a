/* SPDX-License-Identifier: MIT */
/* Requests: calls of services that go on when the function has returned. Each of the two sides has
 * a number of its own for one, so neither depends on what the other side remembers. */
#include "heap.h"
#include "service_private.h"
#include "watch.h"

#include <kernel/string.h>

#include <ctx/tables.h>

/* Those that a call has taken or canceled, which may be undone, count as well. True: there are some
 * less, and it may not be undone any more. */
static bool make_less(struct app *consumer, const struct app_services *mine)
{
    uint32_t before = mine->made_count;
    app_reaches_out(consumer, "it is through with more requests than are kept");
    requests_settle(consumer, false);
    return mine->made_count < before;
}

/* It was canceled, and its provider is to be told only that there was such a thing. */
static void forget(struct request *r)
{
    struct service *service = service_of(r->provider, r->service);
    service = service != NULL ? service : services_known(r->provider)->services;
    if (service != NULL) {
        service->lost = true;
    }
    request_free(r);
}

/* Those whose providers do not listen are in nobody's way. True: there are some less. */
static bool forget_canceled(const struct app_services *mine)
{
    uint32_t before = mine->made_count;
    for (uint32_t i = 0; i < REQUEST_CHAINS; i++) {
        for (struct request *next, *r = mine->made[i]; r != NULL; r = next) {
            next = r->next_made;
            if (r->state == REQUEST_CANCELED) {
                forget(r);
            }
        }
    }
    return mine->made_count < before;
}

/* With its consumer alone. */
static ctx_status make(struct app *consumer, struct request **out)
{
    struct app_services *mine = services_of(consumer);
    if (mine == NULL) {
        return CTX_E_NOMEM;
    }
    if (mine->made_count == REQUESTS_MAX && !make_less(consumer, mine) && !forget_canceled(mine)) {
        return CTX_E_NOSPC;
    }
    struct request *r = heap_alloc(sizeof *r);
    if (r == NULL) {
        return CTX_E_NOMEM;
    }
    mine->made_count++;
    r->consumer = consumer;
    r->consumer_id = ++mine->last_made;
    r->pid = consumer->pid;
    r->call = app_call_number(consumer);
    r->fresh = true;
    r->next_made = mine->made[r->consumer_id % REQUEST_CHAINS];
    mine->made[r->consumer_id % REQUEST_CHAINS] = r;
    *out = r;
    return CTX_OK;
}

ctx_status request_make(struct app *consumer, struct service *service, struct request **out)
{
    struct app_services *theirs = services_known(service->provider);
    struct request *r;
    ctx_status status = make(consumer, &r);
    if (status != CTX_OK) {
        return status;
    }
    r->provider = service->provider;
    r->provider_id = ++theirs->last_owed;
    r->service = service->handle;
    r->next_owed = theirs->owed[r->provider_id % REQUEST_CHAINS];
    theirs->owed[r->provider_id % REQUEST_CHAINS] = r;
    *out = r;
    return CTX_OK;
}

ctx_status request_make_own(struct app *consumer, struct request **own)
{
    struct request *r;
    ctx_status status = make(consumer, &r);
    if (status == CTX_OK) {
        r->native = true;
        r->own = own;
        *own = r;
    }
    return status;
}

static void drop_bytes(struct request *r)
{
    if (r->bytes != NULL) {
        if (r->consumer != NULL) {
            services_known(r->consumer)->result_bytes -= r->len;
        }
        heap_free(r->bytes, r->len);
        r->bytes = NULL;
        r->len = 0;
    }
}

/* The consumer's side of it is over. */
static void leave_consumer(struct request *r)
{
    if (r->consumer == NULL) {
        return;
    }
    struct app_services *mine = services_known(r->consumer);
    struct request **p = &mine->made[r->consumer_id % REQUEST_CHAINS];
    drop_bytes(r);
    while (*p != r) {
        p = &(*p)->next_made;
    }
    *p = r->next_made;
    mine->made_count--;
    r->consumer = NULL;
}

static void leave_provider(struct request *r)
{
    if (r->provider == NULL) {
        return;
    }
    struct app_services *theirs = services_known(r->provider);
    struct request **p = &theirs->owed[r->provider_id % REQUEST_CHAINS];
    while (*p != r) {
        p = &(*p)->next_owed;
    }
    *p = r->next_owed;
    theirs->canceled -= r->state == REQUEST_CANCELED;
    theirs->left -= r->state == REQUEST_CANCELED && r->consumer == NULL;
    r->provider = NULL;
}

/* Nobody is to answer it any more. */
static void leave_own(struct request *r)
{
    if (r->own != NULL) {
        *r->own = NULL;
        r->own = NULL;
    }
}

void request_free(struct request *r)
{
    leave_own(r);
    leave_provider(r);
    leave_consumer(r);
    heap_free(r, sizeof *r);
}

struct request *request_made(const struct app *consumer, uint64_t id)
{
    const struct app_services *mine = services_known(consumer);
    struct request *r = mine != NULL ? mine->made[id % REQUEST_CHAINS] : NULL;
    while (r != NULL && (r->consumer_id != id || r->taken || r->state == REQUEST_CANCELED)) {
        r = r->next_made;
    }
    return r;
}

struct request *request_owed(const struct app *provider, uint64_t id)
{
    const struct app_services *mine = services_known(provider);
    struct request *r = mine != NULL ? mine->owed[id % REQUEST_CHAINS] : NULL;
    while (r != NULL && r->provider_id != id) {
        r = r->next_owed;
    }
    return r;
}

/* It counts as the consumer's until its provider has heard of that. */
void request_cancel(struct request *r)
{
    if (r->state != REQUEST_OPEN || r->provider == NULL) { /* done with, gone, or the kernel's */
        request_free(r);
        return;
    }
    r->state = REQUEST_CANCELED;
    r->taken = r->fresh = false;
    services_known(r->provider)->canceled++;
    app_tell(r->provider, CTX_EVENT_NEWS);
}

void request_leave(struct request *r)
{
    if (app_may_undo(r->consumer) && !r->fresh) {
        r->taken = true; /* until that call has ended */
    } else {
        request_cancel(r);
    }
}

struct request *request_canceled(const struct app *provider)
{
    const struct app_services *mine = services_known(provider);
    if (mine == NULL || mine->canceled == 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < REQUEST_CHAINS; i++) {
        for (struct request *r = mine->owed[i]; r != NULL; r = r->next_owed) {
            if (r->state == REQUEST_CANCELED) {
                return r;
            }
        }
    }
    return NULL;
}

/* The provider has ended it, or has gone. */
static void end(struct request *r, enum request_state state)
{
    leave_provider(r);
    r->state = state;
    if (!r->taken) { /* else it is not wanted any more, unless that is undone */
        app_tell(r->consumer, CTX_EVENT_DONE);
    }
}

/* Room for a result; NULL in *bytes for one of nothing. */
static ctx_status make_room(const struct request *r, uint32_t len, uint8_t **bytes)
{
    *bytes = NULL;
    if (len > RESULTS_MAX - services_known(r->consumer)->result_bytes) {
        return CTX_E_NOSPC;
    }
    *bytes = len > 0 ? heap_alloc(len) : NULL;
    return len > 0 && *bytes == NULL ? CTX_E_NOMEM : CTX_OK;
}

static void complete(struct request *r, int32_t status, uint8_t *bytes, uint32_t len)
{
    services_known(r->consumer)->result_bytes += len;
    r->bytes = bytes;
    r->len = len;
    r->status = status;
    end(r, REQUEST_DONE);
}

ctx_status request_complete(struct request *r, int32_t status, uint64_t address, uint32_t len)
{
    uint8_t *bytes;
    ctx_status failed = make_room(r, len, &bytes);
    if (failed != CTX_OK) {
        return failed;
    }
    if (machine_copy_in(bytes, address, len) != CTX_OK) {
        heap_free(bytes, len);
        return CTX_E_INVAL;
    }
    complete(r, status, bytes, len);
    return CTX_OK;
}

ctx_status request_answer(struct request *r, int32_t status, const void *bytes, uint32_t len)
{
    uint8_t *copy;
    ctx_status failed = make_room(r, len, &copy);
    if (failed != CTX_OK) {
        return failed;
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    leave_own(r);
    complete(r, status, copy, len);
    return CTX_OK;
}

void request_take(struct request *r)
{
    if (r->native && app_may_undo(r->consumer)) {
        r->taken = true;
        return;
    }
    app_reaches_out(r->consumer, "it took the result of a request");
    request_free(r);
}

void requests_owed_end(struct app *provider)
{
    struct app_services *mine = services_known(provider);
    for (uint32_t i = 0; mine != NULL && i < REQUEST_CHAINS; i++) {
        while (mine->owed[i] != NULL) {
            struct request *r = mine->owed[i];
            if (r->state != REQUEST_CANCELED) {
                end(r, REQUEST_STALE);
            } else {
                request_free(r);
            }
        }
    }
}

/* Its consumer goes: its provider is to be told, or that there was more than is kept. */
static void leave_behind(struct request *r)
{
    struct app_services *theirs = services_known(r->provider);
    if (theirs->left == CANCELED_MAX) {
        forget(r);
    } else {
        leave_consumer(r);
        theirs->left++;
    }
}

void requests_made_end(struct app *consumer)
{
    struct app_services *mine = services_known(consumer);
    for (uint32_t i = 0; mine != NULL && i < REQUEST_CHAINS; i++) {
        while (mine->made[i] != NULL) {
            struct request *r = mine->made[i];
            if (r->state != REQUEST_CANCELED) {
                request_cancel(r);
            }
            if (mine->made[i] == r) { /* it is there still */
                leave_behind(r);
            }
        }
    }
}

/* What was taken, canceled or named in a call that is undone was not; of one that has ended its
 * consumer may have heard in that call. */
static void put_back(struct request *r)
{
    r->named &= !r->taken && !r->named_now;
    r->taken = false;
    if (r->state != REQUEST_OPEN) {
        app_tell(r->consumer, CTX_EVENT_DONE);
    }
}

void requests_settle(struct app *consumer, bool undone)
{
    struct app_services *mine = services_known(consumer);
    for (uint32_t i = 0; mine != NULL && mine->made_count > 0 && i < REQUEST_CHAINS; i++) {
        for (struct request *next, *r = mine->made[i]; r != NULL; r = next) {
            next = r->next_made;
            if (r->state == REQUEST_CANCELED) {
                continue;
            }
            if (undone ? r->fresh : r->taken) {
                request_cancel(r);
                continue;
            }
            if (undone) {
                put_back(r);
            }
            r->fresh = r->named_now = false;
        }
    }
}

struct request *request_ended(const struct app *consumer)
{
    const struct app_services *mine = services_known(consumer);
    for (uint32_t i = 0; mine != NULL && mine->made_count > 0 && i < REQUEST_CHAINS; i++) {
        for (struct request *r = mine->made[i]; r != NULL; r = r->next_made) {
            if ((r->state == REQUEST_DONE || r->state == REQUEST_STALE) && !r->named && !r->taken) {
                return r;
            }
        }
    }
    return NULL;
}
