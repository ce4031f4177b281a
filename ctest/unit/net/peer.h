/* SPDX-License-Identifier: MIT */
/* peer.h - another end of TCP by hand, 10.0.0.2, at the wire of a, 10.0.0.1. It says what it is
 * told to say. */
#ifndef NET_PEER_H
#define NET_PEER_H

#include "house.h"

#define PORT 80u /* of a's that it talks to */
#define FIN  1u
#define SYN  2u
#define RST  4u
#define ACK  16u

extern uint32_t peer_port, peer_seen, peer_window; /* what it has seen of a's; its window */

uint32_t get32(const uint8_t *p);

/* A segment with this number. */
void peer_says(uint32_t number, uint32_t flags, const void *options, uint32_t options_len,
               const uint8_t *body, uint32_t len);

/* Where a's TCP begins in a frame of a's, and how many bytes of data it has; NULL: it was another
 * one, and has its answer if it asked for an address. */
const uint8_t *peer_hears(const uint8_t *frame, uint32_t len, uint32_t *data);

#endif
