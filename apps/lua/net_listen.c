/* SPDX-License-Identifier: MIT */
/* Sockets for scripts: who is reached by others. */
#include "net_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static enum tried try_listen(lua_State *lua, struct sock *s)
{
    struct sockaddr_in6 own = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)lua_tointeger(lua, 2))};
    int yes = 1;
    s->fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0) {
        return errno == ENETDOWN && lua_net_now() < s->began_ms[INWARD] + LUA_NET_OFFERED_MS
                   ? LATER
                   : lua_net_fail(s, strerror(errno), "");
    }
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(s->fd, (struct sockaddr *)&own, sizeof own) != 0 || listen(s->fd, 128) != 0) {
        return lua_net_fail(s, "listen", strerror(errno));
    }
    return DONE;
}

static int done_listen(lua_State *lua, struct sock *s)
{
    s->step = LISTENS;
    lua_pushvalue(lua, 1);
    return 1;
}

/* net.listen(port [, certificate, key]): files in PEM */
int lua_net_listen(lua_State *lua)
{
    static const struct work work = {try_listen, done_listen, 2, INWARD};
    lua_net_port(lua, 1);
    const char *certificate = luaL_optstring(lua, 2, NULL);
    const char *key = certificate != NULL ? luaL_checkstring(lua, 3) : NULL;
    lua_settop(lua, 3);
    struct sock *s = lua_net_new(lua);
    lua_insert(lua, 1);
    if (certificate != NULL) {
        s->config = lua_net_make_config(ctx_tls_server());
        int error = s->config != NULL ? ctx_tls_identity(s->config->tls, certificate, key)
                                      : CTX_TLS_E_MEMORY;
        if (error != CTX_TLS_OK) {
            lua_net_fail(s, certificate, ctx_tls_name(error));
            return lua_net_refuse(lua, s);
        }
    }
    return lua_net_begin(lua, s, &work);
}

void lua_net_push_address(lua_State *lua, const struct sockaddr_storage *a, socklen_t len)
{
    char host[INET6_ADDRSTRLEN] = "", port[8] = "0";
    if (getnameinfo((const struct sockaddr *)a, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        strcpy(host, "?");
    }
    lua_pushstring(lua, strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host);
    lua_pushinteger(lua, atoi(port));
}

/* The one that came is put behind the arguments, where done_accept finds it. */
static enum tried try_accept(lua_State *lua, struct sock *s)
{
    struct sock *other = lua_touserdata(lua, 2);
    other->fd = accept(s->fd, NULL, NULL);
    if (other->fd < 0) {
        return errno == EAGAIN ? READ : lua_net_fail(s, "accept", strerror(errno));
    }
    fcntl(other->fd, F_SETFL, O_NONBLOCK);
    other->step = OPEN;
    if (s->config != NULL) {
        other->config = s->config;
        other->config->users++;
        other->serves = true;
    }
    return DONE;
}

static int done_accept(lua_State *lua, struct sock *s)
{
    struct sock *other = lua_touserdata(lua, 2);
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    (void)s;
    lua_pushvalue(lua, 2);
    if (getpeername(other->fd, (struct sockaddr *)&from, &len) != 0) {
        return 1; /* it has gone already: reading says so */
    }
    lua_net_push_address(lua, &from, len);
    return 3;
}

/* s:accept() */
int lua_net_accept(lua_State *lua)
{
    static const struct work work = {try_accept, done_accept, 2, INWARD};
    struct sock *s = lua_net_check(lua);
    lua_settop(lua, 1);
    if (s->step != LISTENS) {
        lua_net_fail(s, "it does not listen", "");
        return lua_net_refuse(lua, s);
    }
    (void)lua_net_new(lua);
    return lua_net_begin(lua, s, &work);
}
