/* SPDX-License-Identifier: MIT */
/*
 * What a card does for us: checksums of TCP, and segments. lwIP sends segment after segment; one
 * that goes on where the one before ended joins it in the card's memory, as long as that has not
 * gone, and the card cuts them again. Of much data it makes long segments itself (long.c).
 */
#include "stack_private.h"

#include "lwip/prot/tcp.h"

#include <string.h>

#define ETHERNET 14u
#define IP4      20u
#define IP6      40u
#define HEAD     (ETHERNET + IP6 + 60u)
#define IP_MOST  65535u

/* Where things are in a frame with TCP. */
struct tcp_frame {
    uint8_t head[HEAD];
    bool six;
    uint32_t tcp, header, data; /* where TCP begins, where its data; how much of that */
    uint32_t number;
    uint8_t flags;
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void card_sums(struct card *c)
{
    u16_t flags =
        NETIF_CHECKSUM_ENABLE_ALL & (u16_t) ~(NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP);
    if ((c->setup.does & CARD_SUMS) != 0) {
        flags = (u16_t)(flags & ~NETIF_CHECKSUM_GEN_TCP);
    }
    NETIF_SET_CHECKSUM_CTRL(&c->netif, flags);
}

/* lwIP sends TCP without options of IP, and never in fragments. */
static bool read_frame(const struct pbuf *p, struct tcp_frame *f)
{
    uint32_t len = pbuf_copy_partial(p, f->head, HEAD, 0);
    const uint8_t *h = f->head;
    if (len < ETHERNET + IP4 + TCP_HLEN) {
        return false;
    }
    f->six = get16(h + 12) == 0x86dd;
    if (f->six ? len < ETHERNET + IP6 + TCP_HLEN || h[20] != 6
               : get16(h + 12) != 0x0800 || h[14] != 0x45 || h[23] != 6 ||
                     (get16(h + 20) & 0x3fff) != 0) {
        return false;
    }
    f->tcp = ETHERNET + (f->six ? IP6 : IP4);
    f->header = f->tcp + (uint32_t)(h[f->tcp + 12] >> 4) * 4;
    if (f->header > p->tot_len || f->header > HEAD) {
        return false;
    }
    f->data = p->tot_len - f->header;
    f->number = get32(h + f->tcp + 4);
    f->flags = h[f->tcp + 13];
    return true;
}

static uint32_t add_up(const uint8_t *bytes, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < len; i += 2) {
        sum += get16(bytes + i);
    }
    return sum;
}

static uint32_t folded(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

/* The pseudo header's sum, where TCP's belongs. len: of the frame. */
static void put_pseudo(uint8_t *frame, const struct tcp_frame *f, uint32_t len)
{
    uint32_t sum = f->six ? add_up(frame + 22, 32) : add_up(frame + 26, 8);
    put16(frame + f->tcp + 16, folded(sum + 6 + len - f->tcp));
}

/* Lengths that the frame has now. */
static void put_lengths(uint8_t *frame, const struct tcp_frame *f, uint32_t len)
{
    if (f->six) {
        put16(frame + 18, len - ETHERNET - IP6);
        return;
    }
    put16(frame + 16, len - ETHERNET);
    put16(frame + 24, 0);
    put16(frame + 24, ~folded(add_up(frame + ETHERNET, IP4)) & 0xffff);
}

/* What differs from segment to segment of one connection is made the same. */
static void blank(uint8_t *head, const struct tcp_frame *f)
{
    if (f->six) {
        put16(head + 18, 0);
    } else {
        memset(head + 16, 0, 4);
        put16(head + 24, 0);
    }
    memset(head + f->tcp + 4, 0, 4);
    head[f->tcp + 13] = 0;
    put16(head + f->tcp + 16, 0);
}

static bool same_connection(const struct long_frame *l, const struct tcp_frame *f)
{
    uint8_t one[HEAD], two[HEAD];
    memcpy(one, l->frame, l->header);
    memcpy(two, f->head, l->header);
    blank(one, f);
    blank(two, f);
    return memcmp(one, two, l->header) == 0;
}

bool card_joins(struct card *c, const struct pbuf *p)
{
    struct long_frame *l = &c->last;
    struct tcp_frame f;
    if (l->frame == NULL) {
        return false;
    }
    bool joins = read_frame(p, &f) && f.header == l->header && f.data > 0 && f.data <= l->segment &&
                 f.number == l->next && (f.flags & (uint8_t) ~(TCP_PSH | TCP_FIN)) == TCP_ACK &&
                 l->len + f.data <= c->setup.most &&
                 l->len + f.data <= ETHERNET + (f.six ? IP6 : 0) + IP_MOST &&
                 same_connection(l, &f);
    uint8_t *to = joins ? c->setup.ops->more(c->setup.arg, f.data) : NULL;
    if (to == NULL) {
        l->frame = NULL;
        return false;
    }
    pbuf_copy_partial(p, to, (u16_t)f.data, (u16_t)f.header);
    l->len += f.data;
    l->next += f.data;
    l->frame[f.tcp + 13] |= f.flags;
    put_lengths(l->frame, &f, l->len);
    put_pseudo(l->frame, &f, l->len);
    struct card_work work = {.sum_start = (uint16_t)f.tcp,
                             .sum_offset = 16,
                             .segment = (uint16_t)l->segment,
                             .header = (uint16_t)l->header,
                             .six = f.six};
    c->setup.ops->grow(c->setup.arg, f.data, &work);
    if (f.data < l->segment || f.flags != TCP_ACK) {
        l->frame = NULL; /* it was the last */
    }
    return true;
}

void card_sends(struct card *c, const struct pbuf *p, uint8_t *to)
{
    struct tcp_frame f;
    pbuf_copy_partial(p, to, p->tot_len, 0);
    c->last.frame = NULL;
    if ((c->setup.does & CARD_SUMS) == 0 || !read_frame(p, &f)) {
        c->setup.ops->send(c->setup.arg, p->tot_len, NULL);
        return;
    }
    put_pseudo(to, &f, p->tot_len);
    bool is_long = stack.segment != 0 && f.data > stack.segment;
    struct card_work work = {.sum_start = (uint16_t)f.tcp,
                             .sum_offset = 16,
                             .segment = is_long ? stack.segment : 0,
                             .header = is_long ? (uint16_t)f.header : 0,
                             .six = f.six};
    c->setup.ops->send(c->setup.arg, p->tot_len, &work);
    if (!is_long && (c->setup.does & (f.six ? CARD_TSO6 : CARD_TSO4)) != 0 && f.data > 0 &&
        f.flags == TCP_ACK) {
        c->last = (struct long_frame){.frame = to,
                                      .len = p->tot_len,
                                      .header = f.header,
                                      .segment = f.data,
                                      .next = f.number + f.data};
    }
}
