/* SPDX-License-Identifier: MIT */
/*
 * Sockets for scripts. What can not be done at once is done again: in main's fiber behind a poll(),
 * else when the coroutine that called is resumed. So each function is one that can be begun anew,
 * and what it has done so far lies in the socket.
 */
#include "net_private.h"
#include "waiting.h"

#include <ctx/fiber.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TYPE "net.socket"

extern const char lua_net_http[], lua_net_http_end[]; /* http.S */

int64_t lua_net_now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum tried lua_net_fail(struct sock *s, const char *what, const char *why)
{
    snprintf(s->why, sizeof s->why, "%.110s%s%.80s", what, *why != 0 ? ": " : "", why);
    return FAILED;
}

struct sock *lua_net_check(lua_State *lua)
{
    return luaL_checkudata(lua, 1, TYPE);
}

struct lua_net_config *lua_net_make_config(struct ctx_tls_config *tls)
{
    struct lua_net_config *config = tls != NULL ? calloc(1, sizeof *config) : NULL;
    if (config == NULL) {
        ctx_tls_config_free(tls);
        return NULL;
    }
    *config = (struct lua_net_config){.users = 1, .tls = tls};
    return config;
}

void lua_net_drop_config(struct lua_net_config *config)
{
    if (config != NULL && --config->users == 0) {
        ctx_tls_config_free(config->tls);
        free(config);
    }
}

static void close_sock(struct sock *s)
{
    if (s->tls != NULL) {
        if (s->step == OPEN) {
            (void)ctx_tls_close(s->tls);
        }
        ctx_tls_free(s->tls);
    }
    lua_net_drop_config(s->config);
    if (s->list != NULL) {
        freeaddrinfo(s->list);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(s->in);
    *s = (struct sock){.fd = -1, .step = CLOSED, .timeout = s->timeout, .began_ms = {-1, -1}};
}

struct sock *lua_net_new(lua_State *lua)
{
    struct sock *s = lua_newuserdatauv(lua, sizeof *s, 0);
    *s = (struct sock){.fd = -1, .timeout = LUA_NET_TIMEOUT, .began_ms = {-1, -1}};
    luaL_setmetatable(lua, TYPE);
    return s;
}

/* ---- waiting ---- */

int lua_net_refuse(lua_State *lua, const struct sock *s)
{
    luaL_pushfail(lua);
    lua_pushstring(lua, s->why);
    return 2;
}

static int end(lua_State *lua, struct sock *s, const struct work *work, enum tried tried)
{
    s->began_ms[work->way] = -1;
    if (tried == DONE) {
        return work->finish(lua, s);
    }
    int results = lua_net_refuse(lua, s);
    if (work->way == OUTWARD) {
        lua_pushinteger(lua, (lua_Integer)s->sent); /* whoever goes on begins behind these */
        results++;
    }
    return results;
}

static int go_on(lua_State *lua, int status, lua_KContext context);

static int go(lua_State *lua, const struct work *work)
{
    struct sock *s = lua_touserdata(lua, 1);
    for (;;) {
        lua_settop(lua, work->top);
        int was = lua_wait_begin();
        enum tried tried =
            s->step != CLOSED ? work->attempt(lua, s) : lua_net_fail(s, "closed", "");
        bool yields = ctx_fiber_current() == NULL;
        lua_wait_end(was);
        int64_t left = s->began_ms[work->way] + (int64_t)(s->timeout * 1000) - lua_net_now();
        if (tried > DONE && tried != FAILED && left <= 0) {
            tried = lua_net_fail(s, "timed out", "");
        }
        if (tried > DONE && tried != FAILED && yields) {
            if (lua_isyieldable(lua)) {
                return lua_yieldk(lua, 0, (lua_KContext)work, go_on);
            }
            tried = lua_net_fail(s, "it can not wait here: call it in a coroutine", "");
        }
        if (tried == DONE || tried == FAILED) {
            return end(lua, s, work, tried);
        }
        struct pollfd p = {.fd = s->fd, .events = tried == READ ? POLLIN : POLLOUT};
        bool there = tried != LATER;
        int wait = left > 1000000 ? 1000000 : (int)left;
        (void)poll(there ? &p : NULL, there, there || wait < 20 ? wait : 20);
    }
}

static int go_on(lua_State *lua, int status, lua_KContext context)
{
    (void)status;
    return go(lua, (const struct work *)context);
}

/* top: of the stack, with the socket at its bottom. */
int lua_net_begin(lua_State *lua, struct sock *s, const struct work *work)
{
    if (s->began_ms[work->way] >= 0) {
        return luaL_error(lua, "another coroutine is in the middle of such a call of this socket");
    }
    s->began_ms[work->way] = lua_net_now();
    return go(lua, work);
}

/* ---- the rest ---- */

/* net.resolve(name [, seconds]): an address in words. */
static int done_resolve(lua_State *lua, struct sock *s)
{
    struct sockaddr_storage a = {0};
    memcpy(&a, s->list->ai_addr, s->list->ai_addrlen);
    lua_net_push_address(lua, &a, s->list->ai_addrlen);
    close_sock(s);
    lua_pop(lua, 1);
    return 1;
}

static int fn_resolve(lua_State *lua)
{
    static const struct work work = {lua_net_find, done_resolve, 3, INWARD};
    luaL_checkstring(lua, 1);
    double seconds = lua_net_timeout(lua, 2);
    lua_settop(lua, 1);
    lua_pushinteger(lua, 1);
    struct sock *s = lua_net_new(lua);
    lua_insert(lua, 1);
    s->timeout = seconds;
    return lua_net_begin(lua, s, &work);
}

/* s:timeout(seconds): of each wait from now on */
static int fn_timeout(lua_State *lua)
{
    struct sock *s = lua_net_check(lua);
    luaL_checknumber(lua, 2);
    s->timeout = lua_net_timeout(lua, 2);
    return 0;
}

static int address_of(lua_State *lua, int (*ask)(int, struct sockaddr *, socklen_t *))
{
    struct sock *s = lua_net_check(lua);
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;
    if (s->fd < 0 || ask(s->fd, (struct sockaddr *)&a, &len) != 0) {
        lua_net_fail(s, "it has none", "");
        luaL_pushfail(lua);
        lua_pushstring(lua, s->why);
        return 2;
    }
    lua_net_push_address(lua, &a, len);
    return 2;
}

static int fn_peer(lua_State *lua)
{
    return address_of(lua, getpeername);
}

static int fn_own(lua_State *lua)
{
    return address_of(lua, getsockname);
}

static int fn_close(lua_State *lua)
{
    close_sock(lua_net_check(lua));
    return 0;
}

static int fn_tostring(lua_State *lua)
{
    static const char *const words[] = {"new",  "named",   "connecting", "securing",
                                        "open", "listens", "packets",    "closed"};
    lua_pushfstring(lua, "socket (%s)", words[lua_net_check(lua)->step]);
    return 1;
}

static void open_http(lua_State *lua)
{
    if (luaL_loadbufferx(lua, lua_net_http, (size_t)(lua_net_http_end - lua_net_http), "=http",
                         "t") != LUA_OK) {
        lua_error(lua);
    }
    lua_call(lua, 0, 1);
    lua_setglobal(lua, "http");
}

void lua_open_net(lua_State *lua)
{
    static const luaL_Reg functions[] = {{"connect", lua_net_connect},
                                         {"listen", lua_net_listen},
                                         {"resolve", fn_resolve},
                                         {"udp", lua_net_udp},
                                         {NULL, NULL}};
    static const luaL_Reg methods[] = {{"accept", lua_net_accept},
                                       {"close", fn_close},
                                       {"join", lua_net_join},
                                       {"leave", lua_net_leave},
                                       {"own", fn_own},
                                       {"peer", fn_peer},
                                       {"receive", lua_net_receive},
                                       {"receive_from", lua_net_receive_from},
                                       {"send", lua_net_send},
                                       {"send_to", lua_net_send_to},
                                       {"timeout", fn_timeout},
                                       {"tls", lua_net_tls},
                                       {"__close", fn_close},
                                       {"__gc", fn_close},
                                       {"__tostring", fn_tostring},
                                       {NULL, NULL}};
    luaL_newmetatable(lua, TYPE);
    luaL_setfuncs(lua, methods, 0);
    lua_pushvalue(lua, -1);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 1);
    luaL_newlib(lua, functions);
    lua_setglobal(lua, "net");
    open_http(lua);
}
