/* SPDX-License-Identifier: MIT */
/* Options of sockets. Those that have no meaning here are taken, where programs set them and expect
 * no more. */
#include "private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#define IDLE_SECONDS 7200 /* SO_KEEPALIVE without TCP_KEEPIDLE */

static int set(struct ctx_c_socket *s, uint32_t option, uint64_t value)
{
    ctx_status status;
    NET_ASK(status, set, s->handle, option, value);
    if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
        NET_ASK(status, set, s->handle, option, value);
    }
    if (status == CTX_OK) {
        s->options[option] = (uint32_t)value;
        s->has_option |= 1u << option;
    }
    return status == CTX_E_INVAL ? -EINVAL : ctx_c_net_error(status);
}

static int set_timeout(uint64_t *ns, const void *value, socklen_t len)
{
    struct timeval t;
    if (len < sizeof t) {
        return -EINVAL;
    }
    memcpy(&t, value, sizeof t);
    if (t.tv_sec < 0 || t.tv_usec < 0 || t.tv_usec >= 1000000) {
        return -EDOM;
    }
    *ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
    return 0;
}

/* Which of ours it is; 0: none. */
static uint32_t option_of(int level, int option)
{
    if (level == SOL_SOCKET) {
        return option == SO_REUSEADDR || option == SO_REUSEPORT ? NET_REUSE
               : option == SO_BROADCAST                         ? NET_BROADCAST
               : option == SO_KEEPALIVE                         ? NET_KEEPALIVE
                                                                : 0;
    }
    if (level == IPPROTO_TCP) {
        return option == TCP_NODELAY ? NET_NODELAY : option == TCP_KEEPIDLE ? NET_KEEPALIVE : 0;
    }
    if (level == IPPROTO_IP) {
        return option == IP_TTL              ? NET_TTL
               : option == IP_MULTICAST_TTL  ? NET_MULTICAST_TTL
               : option == IP_MULTICAST_LOOP ? NET_MULTICAST_LOOP
                                             : 0;
    }
    return option == IPV6_V6ONLY           ? NET_ONLY6
           : option == IPV6_UNICAST_HOPS   ? NET_TTL
           : option == IPV6_MULTICAST_HOPS ? NET_MULTICAST_TTL
           : option == IPV6_MULTICAST_LOOP ? NET_MULTICAST_LOOP
                                           : 0;
}

/* Of groups, which have structs of their own. 1: it is none of those. */
static int set_group(struct ctx_c_socket *s, int level, int option, const void *value,
                     socklen_t len)
{
    bool six = level == IPPROTO_IPV6;
    if (!six && level != IPPROTO_IP) {
        return 1;
    }
    if (option == (six ? IPV6_MULTICAST_IF : IP_MULTICAST_IF)) {
        int card = ctx_c_socket_group_card(level, value, len);
        return card < 0 ? card : set(s, NET_MULTICAST_CARD, (uint64_t)card);
    }
    bool joins = option == (six ? IPV6_JOIN_GROUP : IP_ADD_MEMBERSHIP);
    if (!joins && option != (six ? IPV6_LEAVE_GROUP : IP_DROP_MEMBERSHIP)) {
        return 1;
    }
    return ctx_c_socket_group(s, level, joins, value, len);
}

static bool is_level(int level)
{
    return level == SOL_SOCKET || level == IPPROTO_TCP || level == IPPROTO_IP ||
           level == IPPROTO_IPV6;
}

static int set_option(struct ctx_c_socket *s, int level, int option, const void *value,
                      socklen_t len)
{
    int number = 0;
    if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO)) {
        return set_timeout(option == SO_RCVTIMEO ? &s->read_ns : &s->write_ns, value, len);
    }
    if (level == SOL_SOCKET && option == SO_LINGER) {
        return len < sizeof(struct linger) ? -EINVAL : 0;
    }
    if (!is_level(level)) {
        return -ENOPROTOOPT;
    }
    int done = set_group(s, level, option, value, len);
    if (done <= 0) {
        return done;
    }
    bool byte = len == 1 && (option_of(level, option) == NET_MULTICAST_TTL ||
                             option_of(level, option) == NET_MULTICAST_LOOP); /* as BSD has it */
    if (len < sizeof number && !byte) {
        return -EINVAL;
    }
    memcpy(&number, value, byte ? 1 : sizeof number);
    uint32_t ours = option_of(level, option);
    if (ours == NET_KEEPALIVE && level == SOL_SOCKET) {
        return set(s, ours,
                   number == 0             ? 0
                   : s->options[ours] != 0 ? s->options[ours]
                                           : IDLE_SECONDS);
    }
    if (ours == NET_MULTICAST_TTL && number == -1) {
        number = 1; /* as usual */
    }
    if (ours == NET_TTL || ours == NET_MULTICAST_TTL || ours == NET_KEEPALIVE) {
        return number < 1 ? -EINVAL : set(s, ours, (uint64_t)number);
    }
    if (ours == NET_REUSE && s->type != SOCK_STREAM && option == SO_REUSEADDR && s->bound) {
        return -EINVAL;
    }
    if (ours != 0) {
        return set(s, ours, number != 0);
    }
    bool harmless = level == SOL_SOCKET ? option == SO_SNDBUF || option == SO_RCVBUF ||
                                              option == SO_DONTROUTE || option == SO_OOBINLINE ||
                                              option == SO_RCVLOWAT || option == SO_SNDLOWAT
                    : level == IPPROTO_TCP ? option == TCP_KEEPINTVL || option == TCP_KEEPCNT
                                           : level == IPPROTO_IP && option == IP_TOS;
    return harmless ? 0 : -ENOPROTOOPT;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    return s != NULL ? ctx_c_files_result(set_option(s, level, option, value, len)) : -1;
}

static int take_error(struct ctx_c_socket *s)
{
    struct net_socket_info info = {.size = sizeof info};
    ctx_status status;
    if (s->connecting) {
        int error = ctx_c_socket_opened(s);
        return error == -EINPROGRESS ? 0 : -error;
    }
    NET_ASK(status, info, s->handle, &info);
    return -ctx_c_net_error(status == CTX_OK ? info.error : status);
}

static int get(const struct ctx_c_socket *s, uint32_t option, int *number)
{
    uint64_t value = 0;
    ctx_status status;
    NET_ASK(status, get, s->handle, option, &value);
    *number = value < INT32_MAX ? (int)value : INT32_MAX;
    return status == CTX_E_INVAL ? -ENOPROTOOPT : ctx_c_net_error(status);
}

static int get_number(struct ctx_c_socket *s, int level, int option, int *number)
{
    uint32_t ours = is_level(level) ? option_of(level, option) : 0;
    if (ours != 0) {
        int error = get(s, ours, number);
        *number = ours == NET_KEEPALIVE && level == SOL_SOCKET ? *number != 0 : *number;
        return error;
    }
    if (level == IPPROTO_TCP && option == TCP_MAXSEG) {
        *number = 1460;
        return 0;
    }
    if (level != SOL_SOCKET) {
        return -ENOPROTOOPT;
    }
    switch (option) {
    case SO_ERROR:
        *number = take_error(s);
        return 0;
    case SO_TYPE:
        *number = s->type;
        return 0;
    case SO_DOMAIN:
        *number = s->family;
        return 0;
    case SO_PROTOCOL:
        *number = s->protocol != 0         ? s->protocol
                  : s->type == SOCK_STREAM ? IPPROTO_TCP
                                           : IPPROTO_UDP;
        return 0;
    case SO_ACCEPTCONN:
        *number = s->listens;
        return 0;
    case SO_RCVBUF:
        return get(s, NET_ROOM_IN, number);
    case SO_SNDBUF:
        return get(s, NET_ROOM_OUT, number);
    default:
        return -ENOPROTOOPT;
    }
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct linger linger = {0};
    struct timeval time = {0};
    int number = 0;
    const void *from = &number;
    socklen_t size = sizeof number;
    if (s == NULL) {
        return -1;
    }
    if (level == SOL_SOCKET && option == SO_LINGER) {
        from = &linger;
        size = sizeof linger;
    } else if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO)) {
        uint64_t ns = option == SO_RCVTIMEO ? s->read_ns : s->write_ns;
        time.tv_sec = (time_t)(ns / 1000000000u);
        time.tv_usec = (suseconds_t)(ns % 1000000000u / 1000u);
        from = &time;
        size = sizeof time;
    } else {
        int error = get_number(s, level, option, &number);
        if (error != 0) {
            return ctx_c_files_result(error);
        }
    }
    *len = *len < size ? *len : size;
    memcpy(value, from, *len);
    return 0;
}
