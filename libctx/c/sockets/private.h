/* SPDX-License-Identifier: MIT */
/* Between socket.c, bytes.c and options.c. */
#ifndef CTX_C_SOCKETS_PRIVATE_H
#define CTX_C_SOCKETS_PRIVATE_H

#include "sockets.h"

#include <poll.h>

/* What it was when it is STALE, made again. False: that makes no sense of it, or there is no
 * network. */
bool ctx_c_socket_revive(struct ctx_c_socket *s);

uint64_t ctx_c_socket_deadline(uint64_t ns);

/* As poll() tells it; one that is STALE is made again if it can be. */
short ctx_c_socket_ready(struct ctx_c_file *file, short events);

/* 0: ask again; else negative. */
int ctx_c_socket_await(struct ctx_c_file *file, uint32_t what, uint64_t deadline, int flags);
int ctx_c_socket_opened(struct ctx_c_socket *s);

/* groups.c. value: as setsockopt() has it for its level. 0, or negative. */
int ctx_c_socket_group(struct ctx_c_socket *s, int level, bool joins, const void *value,
                       socklen_t len);
int ctx_c_socket_group_card(int level, const void *value, socklen_t len); /* its number */
void ctx_c_socket_groups_again(struct ctx_c_socket *s);
void ctx_c_socket_groups_gone(struct ctx_c_socket *s);

/* flags: MSG_*. The other end: of packets, or NULL. */
ssize_t ctx_c_socket_send(struct ctx_c_file *file, const void *from, size_t len, int flags,
                          const struct net_address *to);
ssize_t ctx_c_socket_receive(struct ctx_c_file *file, void *to, size_t len, int flags,
                             struct net_address *from);

#endif
