/* SPDX-License-Identifier: MIT */
/* Packets (UDP) for scripts, and the groups that hear them. A socket has both families. */
#include "net_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MOST 65507u /* bytes of a packet */

static enum tried try_udp(lua_State *lua, struct sock *s)
{
    struct sockaddr_in6 own = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)lua_tointeger(lua, 2))};
    int yes = 1;
    s->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0) {
        return errno == ENETDOWN && lua_net_now() < s->began_ms[INWARD] + LUA_NET_OFFERED_MS
                   ? LATER
                   : lua_net_fail(s, strerror(errno), "");
    }
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(s->fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    if (bind(s->fd, (struct sockaddr *)&own, sizeof own) != 0) {
        return lua_net_fail(s, "udp", strerror(errno));
    }
    return DONE;
}

static int done_udp(lua_State *lua, struct sock *s)
{
    s->step = PACKETS;
    lua_pushvalue(lua, 1);
    return 1;
}

/* net.udp([port]) */
int lua_net_udp(lua_State *lua)
{
    static const struct work work = {try_udp, done_udp, 2, INWARD};
    lua_Integer port = lua_isnoneornil(lua, 1) ? 0 : lua_net_port(lua, 1);
    lua_settop(lua, 0);
    struct sock *s = lua_net_new(lua);
    lua_pushinteger(lua, port);
    return lua_net_begin(lua, s, &work);
}

static bool is_packets(struct sock *s)
{
    if (s->step != PACKETS) {
        lua_net_fail(s, "it is not of packets: net.udp() is", "");
    }
    return s->step == PACKETS;
}

/* As a socket of both families has it. */
static struct sockaddr_in6 as_six(const struct sockaddr *a)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four;
    if (a->sa_family == AF_INET6) {
        memcpy(&six, a, sizeof six);
        return six;
    }
    memcpy(&four, a, sizeof four);
    six.sin6_port = four.sin_port;
    memset(six.sin6_addr.s6_addr + 10, 0xff, 2);
    memcpy(six.sin6_addr.s6_addr + 12, &four.sin_addr, 4);
    return six;
}

/* The stack: the socket, a host, a port, bytes. */
static enum tried try_send_to(lua_State *lua, struct sock *s)
{
    size_t len;
    const char *bytes = lua_tolstring(lua, 4, &len);
    enum tried tried = s->list != NULL ? DONE : lua_net_find(lua, s);
    s->step = PACKETS; /* which finding a name has changed */
    if (tried != DONE) {
        return tried;
    }
    struct sockaddr_in6 to = as_six(s->list->ai_addr);
    if (sendto(s->fd, bytes, len, 0, (struct sockaddr *)&to, sizeof to) < 0) {
        if (errno == EAGAIN) {
            return WRITE;
        }
        tried = lua_net_fail(s, "send", strerror(errno));
    }
    freeaddrinfo(s->list);
    s->list = s->next = NULL;
    s->sent = tried == DONE ? len : 0;
    return tried;
}

static int done_send_to(lua_State *lua, struct sock *s)
{
    (void)s;
    lua_pushboolean(lua, true);
    return 1;
}

/* s:send_to(bytes, host, port) */
int lua_net_send_to(lua_State *lua)
{
    static const struct work work = {try_send_to, done_send_to, 4, OUTWARD};
    struct sock *s = lua_net_check(lua);
    size_t len;
    luaL_checklstring(lua, 2, &len);
    luaL_argcheck(lua, len <= MOST, 2, "a packet has 65507 bytes at most");
    luaL_checkstring(lua, 3);
    lua_net_port(lua, 4);
    lua_settop(lua, 4);
    if (!is_packets(s)) {
        return lua_net_refuse(lua, s);
    }
    lua_pushvalue(lua, 2);
    lua_remove(lua, 2);
    if (s->began_ms[OUTWARD] < 0 && s->list != NULL) { /* of one that timed out */
        freeaddrinfo(s->list);
        s->list = s->next = NULL;
    }
    return lua_net_begin(lua, s, &work);
}

/* What came stands on the stack then. */
static enum tried try_receive_from(lua_State *lua, struct sock *s)
{
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof from;
    if (s->in == NULL) {
        s->in = malloc(MOST);
        if (s->in == NULL) {
            return lua_net_fail(s, "not enough memory", "");
        }
    }
    ssize_t count = recvfrom(s->fd, s->in, MOST, 0, (struct sockaddr *)&from, &len);
    if (count < 0) {
        return errno == EAGAIN ? READ : lua_net_fail(s, "receive", strerror(errno));
    }
    lua_pushlstring(lua, s->in, (size_t)count);
    lua_net_push_address(lua, &from, len);
    return DONE;
}

static int done_receive_from(lua_State *lua, struct sock *s)
{
    (void)lua;
    (void)s;
    return 3;
}

/* s:receive_from(): bytes, host, port */
int lua_net_receive_from(lua_State *lua)
{
    static const struct work work = {try_receive_from, done_receive_from, 1, INWARD};
    struct sock *s = lua_net_check(lua);
    lua_settop(lua, 1);
    return is_packets(s) ? lua_net_begin(lua, s, &work) : lua_net_refuse(lua, s);
}

static int group(lua_State *lua, bool joins)
{
    struct sock *s = lua_net_check(lua);
    const char *words = luaL_checkstring(lua, 2);
    struct ipv6_mreq six = {0};
    struct ip_mreq four = {0};
    int done = -1;
    if (!is_packets(s)) {
        return lua_net_refuse(lua, s);
    }
    errno = EINVAL;
    if (inet_pton(AF_INET6, words, &six.ipv6mr_multiaddr) == 1) {
        done = setsockopt(s->fd, IPPROTO_IPV6, joins ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &six,
                          sizeof six);
    } else if (inet_pton(AF_INET, words, &four.imr_multiaddr) == 1) {
        done = setsockopt(s->fd, IPPROTO_IP, joins ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &four,
                          sizeof four);
    }
    if (done != 0) {
        lua_net_fail(s, words, strerror(errno));
        return lua_net_refuse(lua, s);
    }
    lua_pushboolean(lua, true);
    return 1;
}

/* s:join(address) */
int lua_net_join(lua_State *lua)
{
    return group(lua, true);
}

/* s:leave(address) */
int lua_net_leave(lua_State *lua)
{
    return group(lua, false);
}
