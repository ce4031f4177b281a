/* SPDX-License-Identifier: MIT */
/* <netinet/tcp.h>: options of a connection. */
#ifndef CTX_C_NETINET_TCP_H
#define CTX_C_NETINET_TCP_H

#define TCP_NODELAY   1
#define TCP_MAXSEG    2
#define TCP_KEEPIDLE  4
#define TCP_KEEPINTVL 5
#define TCP_KEEPCNT   6
#define SOL_TCP       6

#endif
