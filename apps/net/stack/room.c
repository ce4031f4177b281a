/* SPDX-License-Identifier: MIT */
/*
 * What sockets may keep of the bytes that their owner has: as much as stays free for all others.
 * So those whose other end takes nothing, or sends and sends, never have it all, and the next one
 * finds room, however many they are. And what was closed is waited for, but not for ever.
 */
#include "stack_private.h"

#include "lwip/priv/tcp_priv.h"

#define LOOK_MS        5000u
#define STILL_MS       60000u  /* without a byte that arrived */
#define LINGER_MOST_MS 600000u /* in all */

bool owner_has_room(const struct owner *o)
{
    return o->bytes + TCP_MSS < o->bytes_most;
}

void sock_charge(struct sock *s, int64_t bytes)
{
    struct owner *o = s->owner;
    bool had = owner_has_room(o);
    o->bytes += (uint64_t)bytes;
    o->relieved |= !had && owner_has_room(o);
}

static uint64_t is_free(const struct owner *o)
{
    return o->bytes < o->bytes_most ? o->bytes_most - o->bytes : 0;
}

uint64_t sock_room_out(const struct sock *s)
{
    uint64_t there = is_free(s->owner), room = there > s->out_cost ? (there - s->out_cost) / 2 : 0;
    /* What arrives makes room, too: then it is worth a segment. */
    return s->out_bytes == 0 || room >= TCP_MSS / 2 ? room : 0;
}

bool sock_room_in(const struct sock *s, uint64_t bytes)
{
    uint64_t there = is_free(s->owner);
    return bytes <= there && (s->in_bytes == 0 || s->in_bytes + bytes <= there - bytes);
}

/* ---- what was closed, and has not sent all ---- */

void sock_lingers(struct sock *s, bool begins)
{
    s->moved_ms = stack.now_ms;
    s->closed_ms = begins ? stack.now_ms : s->closed_ms;
}

/* The other end may say for ever that it is there, and take nothing. */
void lingers_run(void)
{
    static uint64_t next_ms;
    if (stack.now_ms < next_ms) {
        return;
    }
    next_ms = stack.now_ms + LOOK_MS;
    for (struct tcp_pcb *pcb = tcp_active_pcbs, *next; pcb != NULL; pcb = next) {
        const struct sock *s = tcp_ext_arg_get(pcb, 0);
        next = pcb->next;
        if (s != NULL && s->closed &&
            (stack.now_ms >= s->moved_ms + STILL_MS ||
             stack.now_ms >= s->closed_ms + LINGER_MOST_MS)) {
            tcp_abort(pcb); /* which frees s, and nothing else */
        }
    }
}
