/* SPDX-License-Identifier: MIT */
/* house.h - a network of the test's own at a's wire: DHCP, ARP, DNS and a time server by hand. They
 * say what they are told to say. */
#ifndef NET_HOUSE_H
#define NET_HOUSE_H

#include "wire.h"

extern uint32_t asked_dhcp, asked_dns; /* how often */
extern bool answers_dhcp, taken;       /* taken: somebody answers to the address that DHCP gives */
extern uint8_t lease[4], lease_mask[4];
extern uint8_t dns_says[4], dns_says6[16];

void begin_by_hand(void);
void by_hand(const uint8_t *frame, uint32_t len); /* `heard` of wire.h */
bool has_address(void);                           /* the one that DHCP gives */

/* To who sent a frame. */
void send_udp(const uint8_t *asked, const uint8_t from[4], const uint8_t to[4], uint32_t from_port,
              uint32_t to_port, const uint8_t *body, uint32_t len);

void put16(uint8_t *p, uint32_t value);
uint16_t fold(const uint8_t *p, uint32_t len); /* the sum of IP's head */

#endif
