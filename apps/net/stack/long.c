/* SPDX-License-Identifier: MIT */
/*
 * Long segments. What lwIP does for a segment costs many times what it costs to copy its bytes, so
 * where somebody below cuts them (a card with TSO) or nobody has to (the loop) it makes segments of
 * many times the peer's MSS. All else of TCP - windows, loss - counts in the real MSS: lwIP's own
 * number is another one only while it makes segments.
 *
 * It sends a segment only as a whole, so before it sends, one that no window would let pass is cut,
 * and of one that is sent once more what has arrived is left out. lwIP's tcp_output() has another
 * name for it (stack.cmake); this one stands in front.
 */
#include "stack_private.h"

#include "lwip/priv/tcp_priv.h"

#define HEADS   (14u + 40u + 20u)
#define OF_ALL  4u /* of what may be on its way a segment has one part of so many, at most */
#define AT_MOST (UINT16_MAX - HEADS)

err_t lwip_tcp_output(struct tcp_pcb *pcb);
void stack_rexmit_commit(struct tcp_pcb *pcb);
err_t stack_split(struct tcp_pcb *pcb, u16_t split);

static struct netif *way_of(const struct tcp_pcb *pcb)
{
    return ip_route(&pcb->local_ip, &pcb->remote_ip);
}

static struct card *card_of(const struct netif *netif)
{
    struct card *c = stack.cards;
    while (c != NULL && &c->netif != netif) {
        c = c->next;
    }
    return c;
}

/* Bytes of the longest segment that may go this way; 0: none that is longer than others. */
static uint32_t longest(const struct netif *netif, bool six)
{
    const struct card *c = netif != NULL ? card_of(netif) : NULL;
    if (netif == NULL || c == NULL) {
        return netif != NULL && netif->mtu == 0 ? AT_MOST : 0;
    }
    if ((c->setup.does & (six ? CARD_TSO6 : CARD_TSO4)) == 0 || c->setup.most < HEADS) {
        return 0;
    }
    return c->setup.most - HEADS < AT_MOST ? c->setup.most - HEADS : AT_MOST;
}

static uint32_t window_of(const struct tcp_pcb *pcb)
{
    return pcb->snd_wnd < pcb->cwnd ? pcb->snd_wnd : pcb->cwnd;
}

u16_t tcps_segment(const struct tcp_pcb *pcb)
{
    uint32_t len = longest(way_of(pcb), IP_IS_V6(&pcb->remote_ip)), part = window_of(pcb) / OF_ALL;
    const struct tcp_seg *last = pcb->unsent;
    len = len < part ? len : part;
    len -= len % pcb->mss;
    len = len > pcb->mss ? len : pcb->mss;
    while (last != NULL && last->next != NULL) {
        last = last->next;
    }
    /* What is there already, and has room to grow, is never longer than it may be. */
    uint32_t there = last != NULL ? (uint32_t)last->len + pcb->unsent_oversize : 0;
    return (u16_t)(len > there ? len : there);
}

/* The first unsent one, in two. lwIP itself only ever cuts off less than one MSS. */
static err_t cut(struct tcp_pcb *pcb, uint32_t len)
{
    u16_t mss = pcb->mss;
    pcb->mss = (u16_t)len;
    err_t error = tcp_split_unsent_seg(pcb, (u16_t)len);
    pcb->mss = mss;
    return error;
}

/* Of the first unsent one so many bytes have arrived. */
static err_t leave_out(struct tcp_pcb *pcb, uint32_t len)
{
    struct tcp_seg *seg = pcb->unsent;
    err_t error = cut(pcb, len);
    if (error == ERR_OK) {
        pcb->unsent = seg->next;
        pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen - pbuf_clen(seg->p));
        pcb->snd_buf += seg->len; /* which lwIP does when it frees one */
        tcp_seg_free(seg);
    }
    return error;
}

/* Three answers in a row say that the first bytes of this one are missing, and perhaps no more of
 * it is: the rest of it stays on its way. */
static err_t once_more(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = pcb->unsent;
    err_t error = cut(pcb, pcb->mss);
    if (error == ERR_OK && seg->next != NULL) {
        struct tcp_seg *rest = seg->next;
        seg->next = rest->next;
        rest->next = pcb->unacked;
        pcb->unacked = rest;
    }
    return error;
}

static bool was_sent(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return TCP_SEQ_LEQ(lwip_ntohl(seg->tcphdr->seqno) + TCP_TCPLEN(seg), pcb->snd_nxt);
}

/* So that the first unsent one can go. It waits if others are on its way, whose arrival makes room,
 * unless it is the one that all wait for. */
static err_t fit(struct tcp_pcb *pcb)
{
    err_t error = ERR_OK;
    if (pcb->unsent->len <= pcb->mss || pcb->unsent->p->ref != 1) {
        return ERR_OK;
    }
    int32_t ahead = (int32_t)(lwip_ntohl(pcb->unsent->tcphdr->seqno) - pcb->lastack);
    if (ahead < 0 && (uint32_t)-ahead < pcb->unsent->len) {
        error = leave_out(pcb, (uint32_t)-ahead);
        ahead = 0;
    }
    if (error == ERR_OK && ahead <= 0 && (pcb->flags & TF_INFR) != 0 && pcb->unacked != NULL &&
        pcb->unsent->len > pcb->mss && was_sent(pcb, pcb->unsent)) {
        error = once_more(pcb);
    }
    uint32_t window = window_of(pcb), room = window;
    if (ahead > 0) {
        room = (uint32_t)ahead < window ? window - (uint32_t)ahead : 0;
    }
    if (error == ERR_OK && pcb->unsent->len > room && room >= pcb->mss &&
        (ahead <= 0 || pcb->unacked == NULL)) {
        error = cut(pcb, room - room % pcb->mss);
    }
    return error;
}

/* The way that they are to go has changed to one where nobody cuts them. */
static err_t cut_all(struct tcp_pcb *pcb)
{
    struct tcp_seg *first = pcb->unsent;
    err_t error = ERR_OK;
    while (pcb->unsent != NULL && error == ERR_OK) {
        if (pcb->unsent->len > pcb->mss && pcb->unsent->p->ref == 1) {
            error = cut(pcb, pcb->mss);
        }
        pcb->unsent = pcb->unsent->next;
    }
    pcb->unsent = first;
    return error;
}

static err_t send_long(struct tcp_pcb *pcb, struct netif *netif)
{
    u16_t mtu = netif->mtu, mtu6 = netif->mtu6;
    stack.segment = pcb->mss;
    netif->mtu = netif->mtu6 = 0; /* else lwIP would make fragments of them */
    err_t error = lwip_tcp_output(pcb);
    netif->mtu = mtu;
    netif->mtu6 = mtu6;
    stack.segment = 0;
    return error;
}

err_t tcp_output(struct tcp_pcb *pcb)
{
    const struct tcp_seg *first = pcb->unsent;
    bool all_short = first == NULL || (first->next == NULL && first->len <= pcb->mss);
    if (all_short || tcp_input_pcb == pcb || pcb->state == SYN_SENT || pcb->state == SYN_RCVD) {
        return lwip_tcp_output(pcb);
    }
    struct netif *netif = way_of(pcb);
    bool may = longest(netif, IP_IS_V6(&pcb->remote_ip)) != 0;
    err_t error = may ? fit(pcb) : stack.long_made ? cut_all(pcb) : ERR_OK;
    if (error != ERR_OK) { /* there is no memory: soon once more */
        tcp_set_flags(pcb, TF_NAGLEMEMERR);
        pcb->rtime = pcb->rtime < 0 ? 0 : pcb->rtime;
        return error;
    }
    stack.long_made |= may;
    return may ? send_long(pcb, netif) : lwip_tcp_output(pcb);
}

/* As lwIP's own, which knows of no tcp_output() but its own. */
void stack_rexmit_commit(struct tcp_pcb *pcb)
{
    pcb->nrtx = pcb->nrtx < UINT8_MAX ? (u8_t)(pcb->nrtx + 1) : pcb->nrtx;
    (void)tcp_output(pcb);
}

/* When a window stays small. */
err_t stack_split(struct tcp_pcb *pcb, u16_t split)
{
    return tcp_split_unsent_seg(pcb, split != 0 && split < pcb->mss ? split : pcb->mss);
}
