/* SPDX-License-Identifier: MIT */
/* Sockets for scripts: to somebody, and TLS on what is connected. */
#include "net_private.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOTS        "/etc/ssl/certs/ca-certificates.crt"
#define TIMEOUT_MOST 1e6

static void fill_hints(struct addrinfo *hints)
{
    *hints = (struct addrinfo){.ai_socktype = SOCK_STREAM};
}

enum tried lua_net_find(lua_State *lua, struct sock *s)
{
    struct addrinfo hints;
    const char *host = lua_tostring(lua, 2);
    char port[8];
    fill_hints(&hints);
    snprintf(port, sizeof port, "%d", (int)lua_tointeger(lua, 3));
    int error = getaddrinfo(host, port, &hints, &s->list);
    if (error == EAI_AGAIN && ctx_fiber_current() == NULL) {
        return LATER;
    }
    if (error == EAI_SYSTEM && errno == ENETDOWN &&
        lua_net_now() < s->began_ms[INWARD] + LUA_NET_OFFERED_MS) {
        return LATER;
    }
    if (error != 0) {
        return lua_net_fail(s, host, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
    }
    s->next = s->list;
    s->step = NAMED;
    return DONE;
}

static enum tried reach(struct sock *s)
{
    const struct addrinfo *to = s->next;
    s->fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK, to->ai_protocol);
    if (s->fd < 0) {
        return errno == ENETDOWN && lua_net_now() < s->began_ms[INWARD] + LUA_NET_OFFERED_MS
                   ? LATER
                   : lua_net_fail(s, strerror(errno), "");
    }
    s->next = to->ai_next;
    s->step = CONNECTING;
    if (connect(s->fd, to->ai_addr, to->ai_addrlen) == 0) {
        return DONE;
    }
    return errno == EINPROGRESS ? WRITE : lua_net_fail(s, strerror(errno), "");
}

static enum tried look_at_connection(struct sock *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    int error = 0;
    socklen_t len = sizeof error;
    if (poll(&p, 1, 0) <= 0) {
        return WRITE;
    }
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    return error == 0 ? DONE : lua_net_fail(s, strerror(error), "");
}

static enum tried try_connect(lua_State *lua, struct sock *s)
{
    enum tried tried = DONE;
    if (s->step == FRESH) {
        tried = lua_net_find(lua, s);
    }
    while (s->step == NAMED || s->step == CONNECTING) {
        tried = s->step == NAMED ? reach(s) : look_at_connection(s);
        if (tried != FAILED || s->next == NULL) {
            break;
        }
        if (s->fd >= 0) { /* its next address */
            close(s->fd);
            s->fd = -1;
        }
        s->step = NAMED;
    }
    return tried;
}

static int done_connect(lua_State *lua, struct sock *s)
{
    freeaddrinfo(s->list);
    s->list = s->next = NULL;
    s->step = OPEN;
    lua_pushvalue(lua, 1);
    return 1;
}

double lua_net_timeout(lua_State *lua, int at)
{
    double seconds = luaL_optnumber(lua, at, LUA_NET_TIMEOUT);
    luaL_argcheck(lua, seconds >= 0 && seconds <= TIMEOUT_MOST, at,
                  "a time is from 0 to 1000000 seconds");
    return seconds;
}

lua_Integer lua_net_port(lua_State *lua, int at)
{
    lua_Integer port = luaL_checkinteger(lua, at);
    luaL_argcheck(lua, port >= 1 && port <= 65535, at, "a port is from 1 to 65535");
    return port;
}

/* net.connect(host, port [, seconds]) */
int lua_net_connect(lua_State *lua)
{
    static const struct work work = {try_connect, done_connect, 3, INWARD};
    luaL_checkstring(lua, 1);
    lua_net_port(lua, 2);
    double seconds = lua_net_timeout(lua, 3);
    lua_settop(lua, 2);
    struct sock *s = lua_net_new(lua);
    lua_insert(lua, 1);
    s->timeout = seconds;
    return lua_net_begin(lua, s, &work);
}

/* ---- TLS ---- */

static int below_send(void *arg, const void *bytes, size_t len)
{
    ssize_t n = send(((struct sock *)arg)->fd, bytes, len, MSG_NOSIGNAL);
    return n >= 0 ? (int)n : errno == EAGAIN ? CTX_TLS_BELOW_AGAIN : CTX_TLS_BELOW_ERROR;
}

static int below_receive(void *arg, void *bytes, size_t room)
{
    ssize_t n = recv(((struct sock *)arg)->fd, bytes, room, 0);
    return n >= 0 ? (int)n : errno == EAGAIN ? CTX_TLS_BELOW_AGAIN : CTX_TLS_BELOW_ERROR;
}

enum tried lua_net_of_tls(struct sock *s, int answer)
{
    return answer == CTX_TLS_OK      ? DONE
           : answer == CTX_TLS_READ  ? READ
           : answer == CTX_TLS_WRITE ? WRITE
                                     : lua_net_fail(s, "TLS", ctx_tls_why(s->tls));
}

/* NULL: it has failed. */
static struct ctx_tls_config *roots_of(lua_State *lua, struct sock *s)
{
    const char *roots = lua_isstring(lua, 3) ? lua_tostring(lua, 3) : ROOTS;
    s->config = lua_net_make_config(ctx_tls_client());
    int error = s->config != NULL ? ctx_tls_roots(s->config->tls, roots) : CTX_TLS_E_MEMORY;
    if (error != CTX_TLS_OK) {
        lua_net_fail(s, roots, ctx_tls_name(error));
        lua_net_drop_config(s->config);
        s->config = NULL;
    }
    return s->config != NULL ? s->config->tls : NULL;
}

static enum tried try_tls(lua_State *lua, struct sock *s)
{
    int error = 0;
    if (s->tls == NULL) {
        struct ctx_tls_below below = {s, below_send, below_receive};
        struct ctx_tls_config *config = s->serves ? s->config->tls : roots_of(lua, s);
        if (config == NULL) {
            return FAILED;
        }
        s->tls = ctx_tls_open(config, &below, s->serves ? NULL : lua_tostring(lua, 2), &error);
        if (s->tls == NULL) {
            return lua_net_fail(s, "TLS", ctx_tls_name(error));
        }
        s->step = SECURING;
    }
    return lua_net_of_tls(s, ctx_tls_handshake(s->tls));
}

static int done_tls(lua_State *lua, struct sock *s)
{
    s->step = OPEN;
    lua_pushvalue(lua, 1);
    return 1;
}

/* Before it: a machine that has just begun, and has no calendar of its own. */
static enum tried try_secure(lua_State *lua, struct sock *s)
{
    bool waits = ctx_fiber_current() == NULL;
    if (s->tls == NULL && !s->serves && !ctx_calendar_wait(waits ? 0 : (int)(s->timeout * 1000)) &&
        waits && lua_net_now() < s->began_ms[INWARD] + LUA_NET_OFFERED_MS) {
        return LATER;
    }
    return try_tls(lua, s);
}

/* s:tls(host [, roots]); of one that was accepted, where the listener has a certificate: s:tls() */
int lua_net_tls(lua_State *lua)
{
    static const struct work work = {try_secure, done_tls, 3, INWARD};
    struct sock *s = lua_net_check(lua);
    if (!s->serves) {
        luaL_checkstring(lua, 2);
    }
    luaL_optstring(lua, 3, ROOTS);
    lua_settop(lua, 3);
    if (s->step != OPEN || s->tls != NULL || s->in_len > 0) {
        lua_net_fail(
            s, s->tls != NULL ? "it is TLS already" : "it is not connected, or has been read from",
            "");
        return lua_net_refuse(lua, s);
    }
    return lua_net_begin(lua, s, &work);
}
