/* SPDX-License-Identifier: MIT */
/* What lwIP asks in the middle: port.c has it. */
#ifndef STACK_HOOKS_H
#define STACK_HOOKS_H

#include "lwip/err.h"
#include "lwip/ip_addr.h"

struct pbuf;
struct tcp_hdr;
struct tcp_pcb;

u32_t stack_first_number(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                         u16_t remote_port);

/* ERR_OK: go on with this segment. */
err_t stack_segment(struct tcp_pcb *pcb, struct tcp_hdr *head, u16_t options, u16_t first,
                    u8_t *more, const struct pbuf *p);

/* Before it is looked at: a connection that begins where an old one has ended. 0: go on with it. */
int stack_packet4(struct pbuf *p);
int stack_packet6(struct pbuf *p);

#endif
