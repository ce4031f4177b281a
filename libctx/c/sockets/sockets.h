/* SPDX-License-Identifier: MIT */
/*
 * Sockets: descriptors over ctx.net/1, which an app offers. No app sees this.
 *
 * When who offers it began anew, or this app was restored, a connection is over (ECONNRESET); what
 * listens, and sockets for packets, are made again with what they had.
 */
#ifndef CTX_C_SOCKETS_H
#define CTX_C_SOCKETS_H

#include "../files/files.h"

#include <ctx/ctx.h>
#include <net.h>

#include <sys/socket.h>

struct ctx_c_socket {
    uint32_t handle;
    int family, type, protocol;
    bool bound, listens, connecting, connected;
    int error;                  /* for SO_ERROR, as errno; 0: none */
    uint32_t most;              /* of listen */
    struct net_address own;     /* what it was bound to */
    struct net_address peer;    /* of packets */
    uint64_t read_ns, write_ns; /* SO_RCVTIMEO, SNDTIMEO; 0: as long as it takes */
    uint32_t options[NET_MULTICAST_CARD + 1];
    uint32_t has_option;         /* a bit each */
    struct ctx_c_groups *groups; /* that it has joined */
    struct ctx_c_item *items;    /* of epoll, which watch it */
    uint32_t watched;            /* what ctx.net/1 has been told to watch for */
};

/* Of a descriptor; NULL, and errno. */
struct ctx_c_socket *ctx_c_socket_of(int fd, struct ctx_c_file **file);

/* epoll.c, weak: this one is closed. */
__attribute__((weak)) void ctx_c_epoll_forget(struct ctx_c_socket *s);

/* ---- table.c ---- */

/* NULL: there is no network for this app, and errno. */
const struct net_table *ctx_c_net(void);

/* What to do about an answer. True: ask once more. */
bool ctx_c_net_again(ctx_status status, uint32_t *tries);

#define NET_ASK(result, function, ...)                                                             \
    do {                                                                                           \
        uint32_t tries = 0;                                                                        \
        do {                                                                                       \
            const struct net_table *net_ = ctx_c_net();                                            \
            (result) =                                                                             \
                net_ != NULL ? net_->function(net_ __VA_OPT__(, ) __VA_ARGS__) : CTX_E_NOSYS;      \
        } while (ctx_c_net_again((result), &tries));                                               \
    } while (0)

/* Until something of it can be done. OK; TIMEDOUT; CANCELED: by a signal; AGAIN: not in a fiber. */
struct ctx_c_want {
    uint32_t socket, what;
};
ctx_status ctx_c_net_wait(const struct ctx_c_want *wants, uint32_t count, uint64_t deadline,
                          bool restarts);

/* The same for all that are watched. */
ctx_status ctx_c_net_wait_watched(uint64_t deadline);

/* How often somebody was found who offers the network: after each time nothing is watched. */
extern uint32_t ctx_c_net_lives;

/* errno of an answer, negated. */
int ctx_c_net_error(ctx_status status);

/* ---- address.c ---- */

/* 0; -EINVAL, -EAFNOSUPPORT. */
int ctx_c_address_in(int family, const struct sockaddr *address, socklen_t len,
                     struct net_address *out);
void ctx_c_address_out(int family, const struct net_address *address, struct sockaddr *out,
                       socklen_t *len);

#endif
