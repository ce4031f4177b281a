/* SPDX-License-Identifier: MIT */
/*
 * Peers that take or send little at a time. What a segment needs beside its bytes would be many
 * times those: so nobody asks for smaller ones than MSS_LEAST, what segments need is paid for by
 * their owner, and what comes in small ones lies together.
 */
#include "stack_private.h"

#include "hooks.h"

#include "lwip/priv/tcp_priv.h"

#include <string.h>

#define MSS_LEAST 216u /* FreeBSD's; Linux has 48 */
#define SMALL     256u /* bytes of a segment that is put to those before it */
#define PLACE     1024u

/* Three of so many parts are used: then what came ahead of what is missing is forgotten. */
#define AHEAD_PARTS 4u

/* ---- what a peer says it takes ---- */

/* A byte of the options, which may lie in two buffers. */
static uint8_t *option_at(const struct options *o, uint32_t at)
{
    return at < o->first ? o->bytes + at : o->more + (at - o->first);
}

/* lwIP believes each segment, and any number: what was said first is so for ever (RFC 9293, 3.7.1),
 * and less than the least is the least. */
void little_options(struct options o, bool begins)
{
    for (uint32_t at = 0; at < o.len;) {
        uint8_t kind = *option_at(&o, at);
        uint32_t len = kind == LWIP_TCP_OPT_NOP ? 1 : 2;
        if (kind == LWIP_TCP_OPT_EOL || at + len > o.len) {
            return;
        }
        if (len == 2 && (len = *option_at(&o, at + 1)) < 2) {
            return;
        }
        if (kind == LWIP_TCP_OPT_MSS && len == LWIP_TCP_OPT_LEN_MSS && at + len <= o.len) {
            uint8_t *high = option_at(&o, at + 2), *low = option_at(&o, at + 3);
            uint32_t mss = (uint32_t)*high << 8 | *low;
            if (!begins) {
                for (uint32_t i = 0; i < len; i++) {
                    *option_at(&o, at + i) = LWIP_TCP_OPT_NOP;
                }
            } else if (mss != 0 && mss < MSS_LEAST) { /* 0 is none */
                *high = MSS_LEAST >> 8;
                *low = (uint8_t)MSS_LEAST;
            }
        }
        at += len;
    }
}

/* ---- what is sent ---- */

/* Bytes of a segment that is made now. */
static uint32_t segment_of(const struct tcp_pcb *pcb)
{
    uint32_t half = pcb->snd_wnd_max / 2;
    return half != 0 && half < pcb->mss ? half : pcb->mss;
}

uint64_t little_cost(uint64_t bytes, uint32_t parts)
{
    uint64_t all = (uint64_t)parts * SEGMENT_EXTRA;
    return all > bytes / 2 ? all - bytes / 2 : 0;
}

uint64_t little_most(const struct tcp_pcb *pcb, uint64_t room, bool lent, uint32_t *least)
{
    uint64_t segment = segment_of(pcb), parts = lent ? 2 : 1;
    uint64_t left = pcb->snd_queuelen < TCP_SND_QUEUELEN ? TCP_SND_QUEUELEN - pcb->snd_queuelen : 0;
    room = room * segment / (segment + little_cost(segment, (uint32_t)parts));
    *least = segment < TCP_MSS ? (uint32_t)segment : TCP_MSS;
    return room < left / parts * segment ? room : left / parts * segment;
}

/* Of who had no window when the first was made, and then a small one, lwIP makes smaller segments
 * than are there, which it takes for an error of its own. */
tcpwnd_size_t little_window(struct tcp_pcb *pcb)
{
    tcpwnd_size_t before = pcb->snd_wnd_max;
    const struct tcp_seg *last = pcb->unsent;
    while (last != NULL && last->next != NULL) {
        last = last->next;
    }
    uint32_t there = last != NULL ? (uint32_t)last->len + pcb->unsent_oversize : 0;
    pcb->snd_wnd_max = before / 2 < there ? 2 * there : before;
    return before;
}

/* ---- what comes ---- */

/* True: its bytes lie with those before it. */
bool little_joins(struct sock *s, struct pbuf *p)
{
    if (s->in == NULL || p->tot_len > s->in_room) {
        struct pbuf *place =
            s->in != NULL && p->tot_len <= SMALL ? pbuf_alloc(PBUF_RAW, PLACE, PBUF_RAM) : NULL;
        s->in_room = 0;
        if (place == NULL) {
            return false;
        }
        place->len = place->tot_len = 0;
        s->in_last->next = place;
        s->in_last = place;
        s->in_room = PLACE;
    }
    struct pbuf *last = s->in_last;
    (void)pbuf_copy_partial(p, (uint8_t *)last->payload + last->len, p->tot_len, 0);
    last->len = last->tot_len = (u16_t)(last->len + p->tot_len);
    s->in_room -= p->tot_len;
    pbuf_free(p);
    return true;
}

/* What came ahead of something that is missing is nobody's yet, and comes again if it has to: it
 * goes before there is no memory for others. */
void little_run(void)
{
    if (stack.memory < stack.memory_most / AHEAD_PARTS * (AHEAD_PARTS - 1)) {
        return;
    }
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
        tcp_free_ooseq(pcb);
    }
}
