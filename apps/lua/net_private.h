/* SPDX-License-Identifier: MIT */
/* Between net_module.c - the life of a socket, and how it waits - and the files of what is done
 * with one. */
#ifndef LUA_NET_PRIVATE_H
#define LUA_NET_PRIVATE_H

#include "lua_net.h"

#include <ctx/tls.h>

#include <lauxlib.h>
#include <netdb.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#define LUA_NET_TIMEOUT    30.0 /* seconds: a call without a time of its own */
#define LUA_NET_OFFERED_MS 5000 /* so long who offers the network may take to begin */

enum step { FRESH, NAMED, CONNECTING, SECURING, OPEN, LISTENS, PACKETS, CLOSED };

/* Of TLS, shared by a listener and those that it accepted. */
struct lua_net_config {
    uint32_t users;
    struct ctx_tls_config *tls;
};

struct sock {
    int fd;
    enum step step;
    struct ctx_tls *tls;
    struct lua_net_config *config;
    bool serves; /* it was accepted, with a listener's certificate */
    struct addrinfo *list, *next;
    double timeout;
    int64_t began_ms[2]; /* calls that are going on, each way; -1: none is */
    size_t sent;
    char *in; /* what came, and nobody has asked for yet */
    size_t in_len, in_room;
    bool ended;
    char why[200];
};

enum way { INWARD, OUTWARD };

/* What a try came to. */
enum tried { DONE, READ, WRITE, LATER, FAILED };

/* Of the socket at index 1 of the stack: try until it is done or failed, then finish. The stack is
 * as the function was given it, each time. */
struct work {
    enum tried (*attempt)(lua_State *lua, struct sock *s);
    int (*finish)(lua_State *lua, struct sock *s);
    int top; /* of the stack */
    enum way way;
};

int64_t lua_net_now(void);
enum tried lua_net_fail(struct sock *s, const char *what, const char *why);
struct sock *lua_net_check(lua_State *lua);
struct sock *lua_net_new(lua_State *lua);
int lua_net_refuse(lua_State *lua, const struct sock *s);

/* With the socket at the stack's bottom. */
int lua_net_begin(lua_State *lua, struct sock *s, const struct work *work);

/* The host at index 2 and the port at 3 into s->list. */
enum tried lua_net_find(lua_State *lua, struct sock *s);
lua_Integer lua_net_port(lua_State *lua, int at);
void lua_net_push_address(lua_State *lua, const struct sockaddr_storage *a, socklen_t len);

double lua_net_timeout(lua_State *lua, int at);

/* Owns tls, one user; NULL: no memory, or tls was NULL. */
struct lua_net_config *lua_net_make_config(struct ctx_tls_config *tls);
void lua_net_drop_config(struct lua_net_config *config);

/* What an answer of <ctx/tls.h> means for a try. */
enum tried lua_net_of_tls(struct sock *s, int answer);

/* net_connect.c */
int lua_net_connect(lua_State *lua);
int lua_net_tls(lua_State *lua);

/* net_stream.c */
int lua_net_send(lua_State *lua);
int lua_net_receive(lua_State *lua);

/* net_listen.c */
int lua_net_listen(lua_State *lua);
int lua_net_accept(lua_State *lua);

/* net_packets.c */
int lua_net_udp(lua_State *lua);
int lua_net_send_to(lua_State *lua);
int lua_net_receive_from(lua_State *lua);
int lua_net_join(lua_State *lua);
int lua_net_leave(lua_State *lua);

#endif
