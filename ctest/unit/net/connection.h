/* SPDX-License-Identifier: MIT */
/* connection.h - how a connection begins: b listens, a comes. */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include "wire.h"

extern struct sock *listener, *out, *in; /* b's; a's; b's end of a's */

void listen_at(uint8_t last, uint32_t port); /* at any address of b's, of 10.0.0.last's family */
void connect_to(uint8_t last, uint32_t port);
bool accepted(void); /* for wire_until() */

#endif
