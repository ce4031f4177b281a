/* SPDX-License-Identifier: MIT */
/* Sockets for scripts: what is sent and received on a connection. */
#include "net_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PART      16384u
#define LINE_MOST (1 << 20)
#define ALL_MOST  (64 << 20)

static enum tried try_send(lua_State *lua, struct sock *s)
{
    size_t len;
    const char *bytes = lua_tolstring(lua, 2, &len);
    while (s->sent < len) {
        size_t n = 0;
        if (s->tls != NULL) {
            enum tried tried =
                lua_net_of_tls(s, ctx_tls_write(s->tls, bytes + s->sent, len - s->sent, &n));
            if (tried != DONE) {
                return tried;
            }
        } else {
            ssize_t count = send(s->fd, bytes + s->sent, len - s->sent, MSG_NOSIGNAL);
            if (count < 0) {
                return errno == EAGAIN ? WRITE : lua_net_fail(s, "send", strerror(errno));
            }
            n = (size_t)count;
        }
        s->sent += n;
        s->began_ms[OUTWARD] = lua_net_now(); /* the time is for each part */
    }
    return DONE;
}

static int done_send(lua_State *lua, struct sock *s)
{
    (void)s;
    lua_pushboolean(lua, true);
    return 1;
}

static bool is_open(struct sock *s)
{
    if (s->step != OPEN) {
        lua_net_fail(s, "it is not connected", "");
    }
    return s->step == OPEN;
}

/* s:send(bytes) */
int lua_net_send(lua_State *lua)
{
    static const struct work work = {try_send, done_send, 2, OUTWARD};
    struct sock *s = lua_net_check(lua);
    luaL_checkstring(lua, 2);
    lua_settop(lua, 2);
    if (!is_open(s)) {
        return lua_net_refuse(lua, s);
    }
    if (s->began_ms[OUTWARD] < 0) {
        s->sent = 0;
    }
    return lua_net_begin(lua, s, &work);
}

/* One part more of what came. */
static enum tried fetch(struct sock *s)
{
    if (s->in_room - s->in_len < PART) {
        size_t room = s->in_room * 2 > s->in_len + PART ? s->in_room * 2 : s->in_len + PART;
        char *more = realloc(s->in, room);
        if (more == NULL) {
            return lua_net_fail(s, "not enough memory", "");
        }
        s->in = more;
        s->in_room = room;
    }
    size_t n = 0;
    if (s->tls != NULL) {
        enum tried tried = lua_net_of_tls(s, ctx_tls_read(s->tls, s->in + s->in_len, PART, &n));
        if (tried != DONE) {
            return tried;
        }
    } else {
        ssize_t count = recv(s->fd, s->in + s->in_len, PART, 0);
        if (count < 0) {
            return errno == EAGAIN ? READ : lua_net_fail(s, "receive", strerror(errno));
        }
        n = (size_t)count;
    }
    s->ended = n == 0;
    s->in_len += n;
    s->began_ms[INWARD] = lua_net_now();
    return DONE;
}

/* How many bytes of what came are to be given; -1: not enough yet. *skip: that many more go. */
static long enough(lua_State *lua, const struct sock *s, size_t *skip)
{
    *skip = 0;
    if (lua_type(lua, 2) == LUA_TNUMBER) {
        size_t most = (size_t)lua_tointeger(lua, 2);
        return s->in_len == 0 && !s->ended ? -1 : (long)(s->in_len < most ? s->in_len : most);
    }
    if (*lua_tostring(lua, 2) == 'l') {
        const char *end = s->in_len > 0 ? memchr(s->in, '\n', s->in_len) : NULL;
        if (end != NULL) {
            long len = end - s->in;
            *skip = 1;
            if (len > 0 && s->in[len - 1] == '\r') {
                *skip = 2;
                len--;
            }
            return len;
        }
    }
    return s->ended ? (long)s->in_len : -1;
}

static enum tried try_receive(lua_State *lua, struct sock *s)
{
    size_t skip;
    size_t most = (size_t)lua_tointeger(lua, 3);
    while (enough(lua, s, &skip) < 0) {
        if (lua_type(lua, 2) != LUA_TNUMBER && s->in_len > most) {
            return lua_net_fail(s, "more than it may be", "");
        }
        enum tried tried = fetch(s);
        if (tried != DONE) {
            return tried;
        }
    }
    return DONE;
}

static int done_receive(lua_State *lua, struct sock *s)
{
    size_t skip, len = (size_t)enough(lua, s, &skip);
    bool all = lua_type(lua, 2) == LUA_TSTRING && *lua_tostring(lua, 2) == 'a';
    if (len == 0 && skip == 0 && s->ended && !all) {
        lua_net_fail(s, "closed", "");
        return lua_net_refuse(lua, s);
    }
    lua_pushlstring(lua, len > 0 ? s->in : "", len);
    s->in_len -= len + skip;
    if (s->in_len > 0) {
        memmove(s->in, s->in + len + skip, s->in_len);
    }
    return 1;
}

/* s:receive([n | "l" | "a" [, most]]) */
int lua_net_receive(lua_State *lua)
{
    static const struct work work = {try_receive, done_receive, 3, INWARD};
    struct sock *s = lua_net_check(lua);
    bool all = false;
    if (lua_isnoneornil(lua, 2)) {
        lua_settop(lua, 1);
        lua_pushinteger(lua, PART);
    } else if (lua_type(lua, 2) == LUA_TNUMBER) {
        lua_Integer n = luaL_checkinteger(lua, 2);
        luaL_argcheck(lua, n >= 1, 2, "at least one byte");
    } else {
        static const char *const kinds[] = {"l", "a", NULL};
        all = luaL_checkoption(lua, 2, NULL, kinds) == 1;
    }
    lua_Integer most = luaL_optinteger(lua, 3, all ? ALL_MOST : LINE_MOST);
    luaL_argcheck(lua, most >= 0, 3, "not less than 0 bytes");
    lua_settop(lua, 2);
    lua_pushinteger(lua, most);
    return is_open(s) || s->in_len > 0 ? lua_net_begin(lua, s, &work) : lua_net_refuse(lua, s);
}
