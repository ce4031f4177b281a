/* SPDX-License-Identifier: MIT */
/* ctx.net/1: what apps call. Rights are looked at here, and which socket is whose. */
#include "net_app.h"

#include <net_provider.h>

#include <stdlib.h>
#include <string.h>

#define NAME_MOST    253u
#define CHANCE_FIRST 49152u /* ports that are chosen here */
#define CHANCE_LAST  65535u

struct sock *service_begin(struct client **c, uint32_t handle, ctx_status *status)
{
    *c = client_of_caller(status);
    if (*c == NULL) {
        return NULL;
    }
    work_begin();
    struct sock *s = handle_of(*c, handle);
    if (s == NULL) {
        *status = CTX_E_STALE;
    }
    return s;
}

ctx_status service_end(ctx_status status)
{
    work_end();
    return status;
}

/* This call has read from or written to it. */
static void moved(uint32_t handle, bool made)
{
    handle_moved(handle, app.call, made);
}

/* Its name with a NUL behind it. */
static bool read_name(const void *name, uint32_t len, char out[NAME_MOST + 2])
{
    if (len == 0 || len > NAME_MOST + 1 || memchr(name, 0, len) != NULL) {
        return false;
    }
    memcpy(out, name, len);
    out[len] = 0;
    return true;
}

/* No address means this machine. */
static struct net_address meant(const struct net_address *address)
{
    static const uint8_t none[16], none4[16] = {[10] = 0xff, [11] = 0xff};
    struct net_address a = *address;
    if (a.family == NET_IP6 && memcmp(a.bytes, none4, 16) == 0) {
        memcpy(a.bytes + 12, "\x7f\0\0\1", 4);
    }
    if (a.family == NET_IP4 && memcmp(a.bytes, none, 4) == 0) {
        memcpy(a.bytes, "\x7f\0\0\1", 4);
    } else if (a.family == NET_IP6 && memcmp(a.bytes, none, 16) == 0) {
        a.bytes[15] = 1;
    }
    return a;
}

ctx_status net_socket(struct ctx *ctx, uint32_t kind, uint32_t flags, uint32_t *socket)
{
    ctx_status status;
    struct sock *s = NULL;
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL || flags != 0) {
        return c == NULL ? status : CTX_E_INVAL;
    }
    work_begin();
    status = sock_open(&c->owner, kind, &s);
    if (status == CTX_OK) {
        *socket = handle_make(c, s);
        if (*socket == 0) {
            sock_close(s);
            status = CTX_E_NOMEM;
        } else {
            moved(*socket, true);
        }
    }
    return service_end(status);
}

ctx_status net_close(struct ctx *ctx, uint32_t socket)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    handle_close(c, socket);
    c->dirty = true; /* somebody may wait for it */
    return service_end(CTX_OK);
}

ctx_status net_bind(struct ctx *ctx, uint32_t socket, const struct net_address *address)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    if (address->port != 0 && !rights_in(c, address->port, address->port)) {
        return service_end(CTX_E_DENIED);
    }
    return service_end(sock_bind(s, address));
}

ctx_status net_listen(struct ctx *ctx, uint32_t socket, uint32_t most)
{
    ctx_status status;
    struct client *c;
    struct net_address own = {.size = sizeof own};
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    sock_local(s, &own);
    /* A port of chance may be listened at by who may listen anywhere. */
    bool may =
        own.port != 0 ? rights_in(c, own.port, own.port) : rights_in(c, CHANCE_FIRST, CHANCE_LAST);
    return service_end(may ? sock_listen(s, most) : CTX_E_DENIED);
}

ctx_status net_connect(struct ctx *ctx, uint32_t socket, const struct net_address *address)
{
    ctx_status status;
    struct client *c;
    struct net_address to = meant(address);
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    if (!rights_out(c, &to, sock_kind(s) != NET_ECHO)) {
        return service_end(CTX_E_DENIED);
    }
    moved(socket, false);
    return service_end(sock_connect(s, &to));
}

ctx_status net_connect_name(struct ctx *ctx, uint32_t socket, const void *name, uint32_t len,
                            uint32_t port)
{
    ctx_status status;
    struct client *c;
    char text[NAME_MOST + 2];
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    if (!read_name(name, len, text)) {
        return service_end(CTX_E_INVAL);
    }
    if (!rights_name(c, text, port, sock_kind(s) != NET_ECHO)) {
        return service_end(CTX_E_DENIED);
    }
    moved(socket, false);
    return service_end(sock_connect_name(s, text, port));
}

ctx_status net_accept(struct ctx *ctx, uint32_t socket, uint32_t *other,
                      struct net_address *address)
{
    ctx_status status;
    struct client *c;
    struct sock *accepted = NULL;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    status = sock_accept(s, &accepted);
    if (status == CTX_OK) {
        *other = handle_make(c, accepted);
        if (*other == 0) {
            sock_close(accepted);
            return service_end(CTX_E_NOMEM);
        }
        (void)sock_peer(accepted, address);
        moved(*other, true);
    }
    return service_end(status);
}

ctx_status net_send(struct ctx *ctx, uint32_t socket, const void *bytes, uint32_t len,
                    uint32_t *count)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    status = sock_send(s, bytes, len, count);
    if (status == CTX_OK && sock_kind(s) == NET_TCP) {
        moved(socket, false);
    }
    return service_end(status);
}

ctx_status net_receive(struct ctx *ctx, uint32_t socket, void *bytes, uint32_t len, uint32_t flags,
                       uint32_t *count)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    if ((flags & ~(uint32_t)NET_PEEK) != 0) {
        return service_end(CTX_E_INVAL);
    }
    status = sock_receive(s, bytes, len, (flags & NET_PEEK) != 0, count);
    if (status == CTX_OK && flags == 0 && sock_kind(s) == NET_TCP) {
        moved(socket, false);
    }
    return service_end(status);
}

ctx_status net_send_to(struct ctx *ctx, uint32_t socket, const void *bytes, uint32_t len,
                       const struct net_address *to)
{
    ctx_status status;
    struct client *c;
    struct net_address address = meant(to);
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    if (!rights_out(c, &address, sock_kind(s) != NET_ECHO)) {
        struct net_address own = {.size = sizeof own};
        sock_local(s, &own);
        /* Who may be reached may answer, but not speak first. */
        if (own.port == 0 || sock_kind(s) != NET_UDP || !rights_in(c, own.port, own.port) ||
            !rights_answer(c, &address)) {
            return service_end(CTX_E_DENIED);
        }
    }
    return service_end(sock_send_to(s, bytes, len, &address));
}

ctx_status net_receive_from(struct ctx *ctx, uint32_t socket, void *bytes, uint32_t len,
                            uint32_t *count, struct net_address *from)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    *from = (struct net_address){.size = from->size}; /* at an end nobody is written there */
    status = sock_receive_from(s, bytes, len, count, from);
    if (status == CTX_OK) {
        rights_hear(c, from);
    }
    return service_end(status);
}

ctx_status net_shutdown(struct ctx *ctx, uint32_t socket, uint32_t what)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    moved(socket, false);
    c->dirty = true;
    return service_end(sock_shutdown(s, what));
}

ctx_status net_set(struct ctx *ctx, uint32_t socket, uint32_t option, uint64_t value)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    return s != NULL   ? service_end(sock_set(s, option, value))
           : c == NULL ? status
                       : service_end(status);
}

ctx_status net_get(struct ctx *ctx, uint32_t socket, uint32_t option, uint64_t *value)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    return s != NULL   ? service_end(sock_get(s, option, value))
           : c == NULL ? status
                       : service_end(status);
}

ctx_status net_local(struct ctx *ctx, uint32_t socket, struct net_address *address)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    return s != NULL   ? service_end(sock_local(s, address))
           : c == NULL ? status
                       : service_end(status);
}

ctx_status net_peer(struct ctx *ctx, uint32_t socket, struct net_address *address)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    return s != NULL   ? service_end(sock_peer(s, address))
           : c == NULL ? status
                       : service_end(status);
}

ctx_status net_info(struct ctx *ctx, uint32_t socket, struct net_socket_info *out)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s != NULL) {
        sock_info(s, out);
        status = CTX_OK;
    }
    return c == NULL ? status : service_end(status);
}

ctx_status net_join(struct ctx *ctx, uint32_t socket, const struct net_address *group)
{
    ctx_status status;
    struct client *c;
    struct net_address own = {.size = sizeof own};
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    sock_local(s, &own);
    bool may = own.port != 0 ? rights_in(c, own.port, own.port) : rights_in_any(c);
    return service_end(may ? sock_join(s, group) : CTX_E_DENIED);
}

ctx_status net_leave(struct ctx *ctx, uint32_t socket, const struct net_address *group)
{
    ctx_status status;
    struct client *c;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    return s != NULL ? service_end(sock_leave(s, group)) : c == NULL ? status : service_end(status);
}

ctx_status net_resolve(struct ctx *ctx, const void *name, uint32_t len, uint32_t family,
                       struct net_found *out)
{
    ctx_status status;
    char text[NAME_MOST + 2];
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL || !read_name(name, len, text)) {
        return c == NULL ? status : CTX_E_INVAL;
    }
    if (!rights_name(c, text, 0, false)) {
        return CTX_E_DENIED;
    }
    work_begin();
    c->named = false;
    status = name_resolve(&c->owner, text, family, out);
    if (status == CTX_OK) {
        rights_know(c, text, out);
    }
    return service_end(status);
}

ctx_status net_card(struct ctx *ctx, uint32_t index, struct net_card_info *out)
{
    (void)ctx;
    work_begin();
    return service_end(card_at(index, out) ? CTX_OK : CTX_E_NOENT);
}

ctx_status net_status(struct ctx *ctx, struct net_overview *out)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c == NULL) {
        return status;
    }
    work_begin();
    stack_overview(out);
    out->flags |= stack_clock();
    out->sockets = c->owner.sockets;
    out->sockets_most = c->owner.sockets_most;
    out->buffered = c->owner.bytes;
    out->buffered_most = c->owner.bytes_most;
    return service_end(CTX_OK);
}
