/* SPDX-License-Identifier: MIT */
/* ctx.net/1: which of many sockets something can be done with. `ready` and `wait` look at each that
 * they are given; those that are watched cost something only when they change. */
#include "net_app.h"

#include <net_provider.h>

#include <stdlib.h>
#include <string.h>

/* Pairs of u32, which may lie anywhere. */
static struct want want_at(const void *wants, uint32_t index)
{
    struct want w;
    memcpy(&w, (const uint8_t *)wants + index * sizeof w, sizeof w);
    return w;
}

ctx_status net_ready(struct ctx *ctx, const void *wants, uint32_t len, void *found, uint32_t room)
{
    ctx_status status;
    uint32_t count = len / (uint32_t)sizeof(struct want);
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL) {
        return status;
    }
    if (len % sizeof(struct want) != 0 || room < count * sizeof(uint32_t)) {
        return CTX_E_INVAL;
    }
    work_begin();
    for (uint32_t i = 0; i < count; i++) {
        struct want w = want_at(wants, i);
        w.what |= w.socket != 0 ? NET_HANGUP : 0u;
        uint32_t what = client_ready(c, &w);
        memcpy((uint8_t *)found + i * sizeof what, &what, sizeof what);
    }
    return service_end(CTX_OK);
}

ctx_status net_wait(struct ctx *ctx, const void *wants, uint32_t len, uint64_t request)
{
    ctx_status status;
    uint32_t count = len / (uint32_t)sizeof(struct want), at = 0;
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL) {
        return status;
    }
    if (len % sizeof(struct want) != 0 || count > WANTS_MOST) {
        return CTX_E_INVAL;
    }
    work_begin();
    for (uint32_t i = 0; i < count; i++) {
        struct want w = want_at(wants, i);
        if (client_ready(c, &w) != 0) {
            return service_end(CTX_OK);
        }
    }
    while (at < WAITS_MOST && c->waits[at].request != 0) {
        at++;
    }
    if (at == WAITS_MOST) {
        return service_end(CTX_E_NOSPC);
    }
    struct want *kept = malloc(len != 0 ? len : 1);
    if (kept == NULL) {
        return service_end(CTX_E_NOMEM);
    }
    memcpy(kept, wants, len);
    c->waits[at] = (struct waiting){.request = request, .count = count, .wants = kept};
    return service_end(CTX_PENDING);
}

ctx_status net_watch(struct ctx *ctx, uint32_t socket, uint32_t what, uint64_t tag)
{
    ctx_status status;
    struct watch watch = {what, tag};
    struct client *c;
    (void)ctx;
    if (socket == 0) {
        c = client_of_caller(&status);
        if (c == NULL || (what & ~(uint32_t)NET_NAME) != 0) {
            return c == NULL ? status : CTX_E_INVAL;
        }
        if (c->names_call != app.call) {
            c->names_call = app.call;
            c->names_before = c->names;
        }
        c->names = watch;
        c->dirty = true;
        return service_end(CTX_OK);
    }
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    if ((what & ~(uint32_t)(NET_READ | NET_WRITE | NET_HANGUP | NET_SENT | NET_OVER | NET_EDGE)) !=
        0) {
        return service_end(CTX_E_INVAL);
    }
    handle_watch(socket, watch, app.call);
    c->dirty = true;
    return service_end(CTX_OK);
}

ctx_status net_watched(struct ctx *ctx, void *found, uint32_t room, uint32_t *count)
{
    ctx_status status;
    uint32_t most = room / (uint32_t)sizeof(struct watched);
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL || most == 0) {
        return c == NULL ? status : CTX_E_INVAL;
    }
    work_begin();
    *count = client_watched(c, found, most);
    return service_end(CTX_OK);
}

ctx_status net_wait_watched(struct ctx *ctx, uint64_t request)
{
    ctx_status status;
    uint32_t at = 0;
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL) {
        return status;
    }
    work_begin();
    if (client_any_watched(c)) {
        return service_end(CTX_OK);
    }
    while (at < WAITS_MOST && c->watchers[at] != 0) {
        at++;
    }
    if (at == WAITS_MOST) {
        return service_end(CTX_E_NOSPC);
    }
    c->watchers[at] = request;
    c->watcher_count++;
    return service_end(CTX_PENDING);
}
