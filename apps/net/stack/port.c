/* SPDX-License-Identifier: MIT */
/* What lwIP stands on: memory that is counted, time, noise, sums. */
#include "stack_private.h"

#include "hooks.h"

#include "lwip/def.h"
#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"
#include "lwip/sys.h"

#include <stdlib.h>
#include <string.h>

struct stack stack;

/* ---- memory ---- */

/* In front of each block: how large it is. */
#define HEAD 16u

void *stack_malloc(size_t bytes)
{
    uint8_t *block = NULL;
    if (bytes < stack.memory_most && stack.memory + bytes + HEAD <= stack.memory_most) {
        block = malloc(bytes + HEAD);
    }
    if (block == NULL) {
        stack.memory_refused++;
        return NULL;
    }
    memcpy(block, &bytes, sizeof bytes);
    stack.memory += bytes + HEAD;
    return block + HEAD;
}

void *stack_calloc(size_t count, size_t bytes)
{
    size_t all = 0;
    void *block = __builtin_mul_overflow(count, bytes, &all) ? NULL : stack_malloc(all);
    if (block != NULL) {
        memset(block, 0, all);
    }
    return block;
}

void stack_free(void *block)
{
    size_t bytes;
    if (block == NULL) {
        return;
    }
    memcpy(&bytes, (uint8_t *)block - HEAD, sizeof bytes);
    stack.memory -= bytes + HEAD;
    free((uint8_t *)block - HEAD);
}

/* ---- time ---- */

u32_t sys_now(void)
{
    return (u32_t)stack.now_ms;
}

void sys_init(void) {}

/* ---- noise ---- */

uint32_t stack_rand(void)
{
    uint32_t number = 0;
    stack.host.noise(&number, sizeof number);
    return number;
}

static uint64_t turned(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = turned(v[1], 13) ^ v[0];
    v[0] = turned(v[0], 32);
    v[2] += v[3];
    v[3] = turned(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = turned(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = turned(v[1], 17) ^ v[2];
    v[2] = turned(v[2], 32);
}

/* SipHash-2-4 (Aumasson, Bernstein, 2012) of whole words. */
static uint64_t hash(const uint64_t key[2], const uint64_t *words, size_t count)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    for (size_t i = 0; i <= count; i++) {
        uint64_t word = i < count ? words[i] : (uint64_t)(count * 8) << 56;
        v[3] ^= word;
        mix(v);
        mix(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) {
        mix(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* RFC 6528: a clock of 4 microseconds, and for each pair of ends a beginning of its own. */
u32_t stack_first_number(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote,
                         u16_t remote_port)
{
    uint64_t words[5] = {(uint64_t)local_port << 16 | remote_port};
    if (IP_IS_V6(remote)) {
        memcpy(words + 1, ip_2_ip6(local)->addr, 16);
        memcpy(words + 3, ip_2_ip6(remote)->addr, 16);
    } else {
        words[1] = ip_2_ip4(local)->addr;
        words[3] = ip_2_ip4(remote)->addr;
    }
    return (u32_t)hash(stack.secret, words, 5) + (u32_t)(stack.now_ms * 250);
}

/* ---- segments ---- */

#define BEGUN_MOST 1024u /* half-open connections of a listener that takes as many as it can */

/* lwIP counts those that have begun in a byte. Of who wants the most it could count, those are let
 * go of that count, so that a thousand clients may come at once; those behind are the oldest. */
static uint32_t count_on(const struct tcp_pcb_listen *listener)
{
    uint32_t begun = 0, seen = 0;
    for (struct tcp_pcb *pcb = tcp_active_pcbs, *next; pcb != NULL; pcb = next, seen++) {
        next = pcb->next;
        if (pcb->state != SYN_RCVD || pcb->listener != listener) {
            continue;
        }
        if (++begun > BEGUN_MOST) {
            tcp_abandon(pcb, 0);
        } else {
            tcp_backlog_accepted(pcb);
        }
    }
    return seen;
}

/*
 * A listener has as many half-open connections as it may have: the oldest one goes, so that a flood
 * of beginnings by nobody keeps others out for moments only. What is looked at for it is limited:
 * among thousands of connections not each time.
 */
static void make_room(const struct tcp_pcb_listen *listener)
{
    static uint64_t not_before_ms;
    struct tcp_pcb *oldest = NULL;
    uint32_t seen = 0;
    if (listener->accepts_pending < listener->backlog || stack.now_ms < not_before_ms) {
        return;
    }
    if (listener->backlog == UINT8_MAX) {
        seen = count_on(listener);
        not_before_ms = stack.now_ms + (listener->accepts_pending == UINT8_MAX ? seen / 1000 : 0);
        return;
    }
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next, seen++) {
        /* Of those of one tick the last: new ones stand in front. */
        if (pcb->state == SYN_RCVD && pcb->listener == listener &&
            (oldest == NULL || (s32_t)(pcb->tmr - oldest->tmr) <= 0)) {
            oldest = pcb;
        }
    }
    not_before_ms = stack.now_ms + seen / 1000;
    if (oldest != NULL) {
        tcp_abandon(oldest, 0);
    }
}

/*
 * lwIP 2.2.1 answers what lies outside of its window by an acknowledgement, and if it has no room
 * at all it takes a plain acknowledgement for that: two ends without room never end, over loopback
 * not even once. One that says nothing new is passed over then; that the other end is there it
 * does say.
 */
err_t stack_segment(struct tcp_pcb *pcb, struct tcp_hdr *head, u16_t options, u16_t first,
                    u8_t *more, const struct pbuf *p)
{
    little_options((struct options){(uint8_t *)(head + 1), more, options, first},
                   (TCPH_FLAGS(head) & TCP_SYN) != 0);
    if (pcb->state == LISTEN && (TCPH_FLAGS(head) & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
        make_room((const struct tcp_pcb_listen *)(const void *)pcb);
    }
    bool open = pcb->state >= ESTABLISHED && pcb->state <= CLOSING;
    if (!open || pcb->rcv_wnd != 0 || p->tot_len != 0 || TCPH_FLAGS(head) != TCP_ACK) {
        return ERR_OK;
    }
    bool new = TCP_SEQ_LT(head->seqno, pcb->rcv_nxt) || head->ackno != pcb->lastack ||
               SND_WND_SCALE(pcb, (tcpwnd_size_t)head->wnd) != pcb->snd_wnd;
    if (new) {
        return ERR_OK;
    }
    /* Else questions whether somebody is there, or has room now, would count as not answered. */
    if ((pcb->flags & TF_RXCLOSED) == 0) {
        pcb->tmr = tcp_ticks;
    }
    pcb->keep_cnt_sent = 0;
    pcb->persist_probe = 0;
    return ERR_ABRT;
}

/* ---- what has ended ---- */

#define ENDED_MOST                                                                                 \
    1024u /* of those that are kept for a while; each that begins is compared with all */

/*
 * A client that makes many connections uses the port of one that ended a moment ago. lwIP 2.2.1
 * answers by an acknowledgement of the old one, so nothing begins for half a minute. One that
 * begins behind the old one's last byte can not be a part of it (RFC 1122, 4.2.2.13): then that is
 * forgotten, and so is the oldest of too many.
 */
static void begins(const ip_addr_t *from, const ip_addr_t *to, const struct tcp_hdr *head)
{
    struct tcp_pcb *found = NULL, *last = NULL;
    u16_t port = lwip_ntohs(head->dest), other = lwip_ntohs(head->src);
    u32_t number = lwip_ntohl(head->seqno), count = 0;
    for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next, count++) {
        if (pcb->remote_port == other && pcb->local_port == port &&
            ip_addr_zoneless_eq(&pcb->remote_ip, from) && ip_addr_zoneless_eq(&pcb->local_ip, to)) {
            found = pcb;
        }
        last = pcb; /* new ones stand in front */
    }
    if (found != NULL && TCP_SEQ_GEQ(number, found->rcv_nxt)) {
        tcp_abandon(found, 0);
    } else if (count > ENDED_MOST) {
        tcp_abandon(last, 0);
    }
}

/* The head of TCP in a packet that has so many bytes in front of it, if it begins a connection. */
static const struct tcp_hdr *beginning(const struct pbuf *p, uint32_t at)
{
    const struct tcp_hdr *head = (const void *)((const uint8_t *)p->payload + at);
    return p->len >= at + TCP_HLEN &&
                   (TCPH_FLAGS(head) & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN
               ? head
               : NULL;
}

/* From the wire comes nothing that this machine has said, or that is for its loop: who says so
 * wants to be taken for an app of ours. Then the packet is freed. */
static int from_nobody(struct pbuf *p, const ip_addr_t *from, const ip_addr_t *to)
{
    if (!stack.wire || (!address_is_home(from) && !ip_addr_isloopback(to))) {
        return 0;
    }
    pbuf_free(p);
    return 1;
}

int stack_packet4(struct pbuf *p)
{
    const struct ip_hdr *ip = p->payload;
    ip_addr_t from, to;
    if (p->len < IP_HLEN) {
        return 0;
    }
    ip_addr_copy_from_ip4(from, ip->src);
    ip_addr_copy_from_ip4(to, ip->dest);
    if (from_nobody(p, &from, &to)) {
        return 1;
    }
    if (IPH_PROTO(ip) == IP_PROTO_TCP && (IPH_OFFSET(ip) & PP_HTONS(IP_OFFMASK)) == 0) {
        const struct tcp_hdr *head = beginning(p, IPH_HL_BYTES(ip));
        if (head != NULL) {
            begins(&from, &to, head);
        }
    }
    return 0;
}

int stack_packet6(struct pbuf *p)
{
    const struct ip6_hdr *ip = p->payload;
    ip_addr_t from, to;
    if (p->len < IP6_HLEN) {
        return 0;
    }
    ip_addr_copy_from_ip6_packed(from, ip->src);
    ip_addr_copy_from_ip6_packed(to, ip->dest);
    if (from_nobody(p, &from, &to)) {
        return 1;
    }
    const struct tcp_hdr *head = IP6H_NEXTH(ip) == IP6_NEXTH_TCP ? beginning(p, IP6_HLEN) : NULL;
    if (head != NULL) {
        begins(&from, &to, head);
    }
    return 0;
}

/* ---- sums ---- */

uint16_t stack_sum(const void *bytes, int len)
{
    const uint8_t *p = bytes;
    uint64_t sum = 0, word;
    for (; len >= (int)sizeof word; len -= (int)sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        sum += word;
        sum += sum < word;
    }
    if (len > 0) {
        word = 0;
        memcpy(&word, p, (size_t)len);
        sum += word;
        sum += sum < word;
    }
    sum = (sum >> 32) + (uint32_t)sum;
    sum = (sum >> 32) + (uint32_t)sum;
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

/* ---- errors ---- */

_Noreturn void stack_broken(const char *what, const char *file, int line)
{
    stack.host.broken(what, file, line);
    abort();
}

ctx_status stack_status(err_t error)
{
    switch (error) {
    case ERR_OK:
        return CTX_OK;
    case ERR_MEM:
    case ERR_BUF:
        return CTX_E_NOMEM;
    case ERR_TIMEOUT:
    case ERR_ABRT:
        return CTX_E_TIMEDOUT;
    case ERR_RTE:
    case ERR_IF:
        return CTX_E_UNREACHABLE;
    case ERR_USE:
        return CTX_E_EXIST;
    case ERR_WOULDBLOCK:
        return CTX_E_AGAIN;
    case ERR_RST:
    case ERR_CONN:
    case ERR_CLSD:
        return CTX_E_RESET;
    default:
        return CTX_E_INVAL;
    }
}
