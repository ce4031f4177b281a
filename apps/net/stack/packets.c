/* SPDX-License-Identifier: MIT */
/*
 * UDP, and echo requests. What came lies here, packet by packet, up to a limit; then those that
 * come are lost, as anywhere on the way. An echo socket hears the answers to its own requests: the
 * identifier in them is its, and chosen here.
 */
#include "stack_private.h"

#include "lwip/icmp.h"
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/prot/icmp6.h"

#include <string.h>

#define PORTS_TRIED 64
#define FIRST_PORT  49152u
#define ECHO_HEAD   8u /* type, code, sum, identifier, number */

/* ---- what comes ---- */

/* Takes the packet over. */
static void keep(struct sock *s, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    uint64_t cost = (uint64_t)p->tot_len + PACKET_EXTRA;
    bool wanted = !s->deaf && (!s->has_peer || (ip_addr_eq(&s->peer, from) && s->port == port));
    struct packet *new = NULL;
    if (wanted && s->in_bytes + cost <= ROOM_PACKETS && sock_room_in(s, cost)) {
        new = stack_malloc(sizeof *new);
    }
    if (new == NULL) {
        pbuf_free(p);
        return;
    }
    *new = (struct packet){.p = p, .from = *from, .port = port};
    if (s->packets == NULL) {
        s->packets = new;
    } else {
        s->packets_last->next = new;
    }
    s->packets_last = new;
    s->in_bytes += cost;
    sock_charge(s, (int64_t)cost);
    sock_changed(s);
}

static void on_packet(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                      u16_t port)
{
    const ip_addr_t *to = ip_current_dest_addr();
    (void)pcb;
    if (ip_addr_ismulticast(to) && !groups_has(arg, to, ip_current_input_netif())) {
        pbuf_free(p); /* another socket has joined */
        return;
    }
    keep(arg, p, from, port);
}

static u8_t on_echo(struct sock *s, struct pbuf *p, const ip_addr_t *from, u16_t head, u8_t answer)
{
    uint8_t bytes[ECHO_HEAD];
    u16_t id = 0;
    if (pbuf_copy_partial(p, bytes, sizeof bytes, head) != sizeof bytes || bytes[0] != answer) {
        return 0;
    }
    memcpy(&id, bytes + 4, sizeof id);
    if (id != s->echo_id || pbuf_remove_header(p, head + ECHO_HEAD) != 0) {
        return 0;
    }
    keep(s, p, from, 0);
    return 1;
}

static u8_t on_echo4(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    uint8_t first = 0;
    (void)pcb;
    pbuf_copy_partial(p, &first, 1, 0);
    return on_echo(arg, p, from, (u16_t)((first & 0xf) * 4), ICMP_ER);
}

static u8_t on_echo6(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    (void)pcb;
    return on_echo(arg, p, from, IP6_HLEN, ICMP6_TYPE_EREP);
}

/* ---- what is wanted ---- */

ctx_status packets_open(struct sock *s)
{
    if (s->kind == NET_ECHO) {
        s->echo_id = (u16_t)stack_rand();
        return CTX_OK; /* one of lwIP's when it is known for which family */
    }
    s->udp = udp_new_ip_type(IPADDR_TYPE_ANY);
    if (s->udp == NULL) {
        return CTX_E_NOMEM;
    }
    udp_recv(s->udp, on_packet, s);
    packets_options(s);
    return CTX_OK;
}

void packets_close(struct sock *s)
{
    if (s->udp != NULL) {
        groups_of_gone(s);
        udp_remove(s->udp);
    }
    if (s->echo4 != NULL) {
        raw_remove(s->echo4);
    }
    if (s->echo6 != NULL) {
        raw_remove(s->echo6);
    }
}

void packets_options(struct sock *s)
{
    if (s->udp != NULL) {
        s->udp->ttl = s->ttl != 0 ? s->ttl : UDP_TTL;
        s->udp->mcast_ttl = s->group_ttl != 0 ? s->group_ttl : s->ttl != 0 ? s->ttl : 1;
        udp_set_multicast_netif_index(s->udp, s->group_card);
        if (s->unlooped) {
            udp_clear_flags(s->udp, UDP_FLAGS_MULTICAST_LOOP);
        } else {
            udp_set_flags(s->udp, UDP_FLAGS_MULTICAST_LOOP);
        }
        if (s->reuse) {
            ip_set_option(s->udp, SOF_REUSEADDR);
        } else {
            ip_reset_option(s->udp, SOF_REUSEADDR);
        }
        if (s->broadcast) {
            ip_set_option(s->udp, SOF_BROADCAST);
        } else {
            ip_reset_option(s->udp, SOF_BROADCAST);
        }
        if (!s->bound) {
            IP_SET_TYPE(&s->udp->local_ip, s->only6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY);
            IP_SET_TYPE(&s->udp->remote_ip, s->only6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY);
        }
    }
    for (int i = 0; i < 2; i++) {
        struct raw_pcb *pcb = i == 0 ? s->echo4 : s->echo6;
        if (pcb != NULL) {
            pcb->ttl = s->ttl != 0 ? s->ttl : RAW_TTL;
        }
    }
}

ctx_status packets_bind(struct sock *s, const ip_addr_t *ip, u16_t port)
{
    ip_addr_t any = s->only6 ? *IP6_ADDR_ANY : *IP_ANY_TYPE;
    ip = ip != NULL ? ip : &any;
    if (s->kind == NET_ECHO) {
        return CTX_E_INVAL;
    }
    if (port != 0) {
        return stack_status(udp_bind(s->udp, ip, port));
    }
    for (int i = 0; i < PORTS_TRIED; i++) {
        port = (u16_t)(FIRST_PORT + stack_rand() % (65536 - FIRST_PORT));
        err_t error = udp_bind(s->udp, ip, port);
        if (error != ERR_USE) {
            s->bound = error == ERR_OK;
            return stack_status(error);
        }
    }
    return CTX_E_NOSPC;
}

/* One of lwIP's for requests of this family. */
static struct raw_pcb *echo_of(struct sock *s, bool six)
{
    struct raw_pcb **pcb = six ? &s->echo6 : &s->echo4;
    if (*pcb == NULL) {
        *pcb = six ? raw_new_ip_type(IPADDR_TYPE_V6, IP6_NEXTH_ICMP6)
                   : raw_new_ip_type(IPADDR_TYPE_V4, IP_PROTO_ICMP);
        if (*pcb == NULL) {
            return NULL;
        }
        raw_recv(*pcb, six ? on_echo6 : on_echo4, s);
        if (six) { /* lwIP sums it up, with its addresses */
            (*pcb)->chksum_reqd = 1;
            (*pcb)->chksum_offset = 2;
        }
        packets_options(s);
    }
    return *pcb;
}

static err_t send_echo(struct sock *s, struct pbuf *p, const ip_addr_t *to)
{
    bool six = IP_IS_V6(to);
    struct raw_pcb *pcb = echo_of(s, six);
    u16_t number = lwip_htons(++s->echo_number), sum;
    if (pcb == NULL || pbuf_add_header(p, ECHO_HEAD) != 0) {
        return ERR_MEM;
    }
    uint8_t *head = p->payload;
    memset(head, 0, ECHO_HEAD);
    head[0] = six ? ICMP6_TYPE_EREQ : ICMP_ECHO;
    memcpy(head + 4, &s->echo_id, 2);
    memcpy(head + 6, &number, 2);
    if (!six) {
        sum = inet_chksum_pbuf(p);
        memcpy(head + 2, &sum, sizeof sum);
    }
    return raw_sendto(pcb, p, to);
}

ctx_status packets_send(struct sock *s, const void *bytes, uint32_t len, const ip_addr_t *to,
                        u16_t port)
{
    if (len > PACKET_MOST) {
        return CTX_E_TOOBIG;
    }
    bool to_all = address_is_all(to);
    if (to_all && !s->broadcast) { /* nobody says something to everybody by accident */
        return CTX_E_DENIED;
    }
    if (!address_leads(to) && !ip_addr_ismulticast(to) && !to_all) {
        return stack_settling() ? CTX_E_AGAIN : CTX_E_UNREACHABLE;
    }
    if (s->kind == NET_UDP && !s->bound) {
        ctx_status status = packets_bind(s, NULL, 0);
        if (status != CTX_OK) {
            return status;
        }
    }
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    if (p == NULL) {
        return CTX_E_NOMEM;
    }
    memcpy(p->payload, bytes, len);
    err_t error = s->kind == NET_ECHO ? send_echo(s, p, to) : udp_sendto(s->udp, p, to, port);
    pbuf_free(p);
    return stack_status(error);
}

ctx_status packets_receive(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count,
                           struct net_address *from)
{
    struct packet *packet = s->packets;
    if (packet == NULL) {
        return s->deaf ? CTX_OK : CTX_E_AGAIN;
    }
    uint32_t all = packet->p->tot_len, part = all < len ? all : len;
    pbuf_copy_partial(packet->p, bytes, (u16_t)(part < UINT16_MAX ? part : UINT16_MAX), 0);
    *count = from != NULL ? all : part;
    if (from != NULL) {
        address_out(&packet->from, packet->port, from);
    }
    if (!peek) {
        s->packets = packet->next;
        s->in_bytes -= (uint64_t)all + PACKET_EXTRA;
        sock_charge(s, -(int64_t)((uint64_t)all + PACKET_EXTRA));
        pbuf_free(packet->p);
        stack_free(packet);
    }
    return CTX_OK;
}
