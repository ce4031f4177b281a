/* SPDX-License-Identifier: MIT */
/*
 * Sockets for scripts. What can not be done at once is done again: in main's fiber behind a poll(),
 * else when the coroutine that called is resumed. So each function is one that can be begun anew,
 * and what it has done so far lies in the socket.
 */
#include "net_private.h"
#include "waiting.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TYPE         "net.socket"
#define ROOTS        "/etc/ssl/certs/ca-certificates.crt"
#define TIMEOUT      30.0
#define TIMEOUT_MOST 1e6
#define PART         16384u
#define LINE_MOST    (1 << 20)
#define ALL_MOST     (64 << 20)

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

static struct lua_net_config *make_config(struct ctx_tls_config *tls)
{
    struct lua_net_config *config = tls != NULL ? calloc(1, sizeof *config) : NULL;
    if (config == NULL) {
        ctx_tls_config_free(tls);
        return NULL;
    }
    *config = (struct lua_net_config){.users = 1, .tls = tls};
    return config;
}

static void drop_config(struct lua_net_config *config)
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
    drop_config(s->config);
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
    *s = (struct sock){.fd = -1, .timeout = TIMEOUT, .began_ms = {-1, -1}};
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

/* ---- connecting ---- */

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

static double timeout_of(lua_State *lua, int at)
{
    double seconds = luaL_optnumber(lua, at, TIMEOUT);
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
static int fn_connect(lua_State *lua)
{
    static const struct work work = {try_connect, done_connect, 3, INWARD};
    luaL_checkstring(lua, 1);
    lua_net_port(lua, 2);
    double seconds = timeout_of(lua, 3);
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

static enum tried of_tls(struct sock *s, int answer)
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
    s->config = make_config(ctx_tls_client());
    int error = s->config != NULL ? ctx_tls_roots(s->config->tls, roots) : CTX_TLS_E_MEMORY;
    if (error != CTX_TLS_OK) {
        lua_net_fail(s, roots, ctx_tls_name(error));
        drop_config(s->config);
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
    return of_tls(s, ctx_tls_handshake(s->tls));
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
static int fn_tls(lua_State *lua)
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

/* ---- sending and receiving ---- */

static enum tried try_send(lua_State *lua, struct sock *s)
{
    size_t len;
    const char *bytes = lua_tolstring(lua, 2, &len);
    while (s->sent < len) {
        size_t n = 0;
        if (s->tls != NULL) {
            enum tried tried = of_tls(s, ctx_tls_write(s->tls, bytes + s->sent, len - s->sent, &n));
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
static int fn_send(lua_State *lua)
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
        enum tried tried = of_tls(s, ctx_tls_read(s->tls, s->in + s->in_len, PART, &n));
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
static int fn_receive(lua_State *lua)
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

/* ---- being reached ---- */

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
static int fn_listen(lua_State *lua)
{
    static const struct work work = {try_listen, done_listen, 2, INWARD};
    lua_net_port(lua, 1);
    const char *certificate = luaL_optstring(lua, 2, NULL);
    const char *key = certificate != NULL ? luaL_checkstring(lua, 3) : NULL;
    lua_settop(lua, 3);
    struct sock *s = lua_net_new(lua);
    lua_insert(lua, 1);
    if (certificate != NULL) {
        s->config = make_config(ctx_tls_server());
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
static int fn_accept(lua_State *lua)
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
    double seconds = timeout_of(lua, 2);
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
    s->timeout = timeout_of(lua, 2);
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
    static const luaL_Reg functions[] = {{"connect", fn_connect},
                                         {"listen", fn_listen},
                                         {"resolve", fn_resolve},
                                         {"udp", lua_net_udp},
                                         {NULL, NULL}};
    static const luaL_Reg methods[] = {{"accept", fn_accept},
                                       {"close", fn_close},
                                       {"join", lua_net_join},
                                       {"leave", lua_net_leave},
                                       {"own", fn_own},
                                       {"peer", fn_peer},
                                       {"receive", fn_receive},
                                       {"receive_from", lua_net_receive_from},
                                       {"send", fn_send},
                                       {"send_to", lua_net_send_to},
                                       {"timeout", fn_timeout},
                                       {"tls", fn_tls},
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
