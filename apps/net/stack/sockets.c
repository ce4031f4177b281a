/* SPDX-License-Identifier: MIT */
/* Sockets: what those of all kinds have in common, and what they cost whom. */
#include "stack_private.h"

#include <string.h>

/* ---- their lives ---- */

void sock_changed(struct sock *s)
{
    if (!s->closed && s->listener == NULL) {
        stack.host.changed(s);
    }
}

static void link_in(struct sock *s, struct owner *o)
{
    s->owner = o;
    s->next = o->first;
    s->link = &o->first;
    if (o->first != NULL) {
        o->first->link = &s->next;
    }
    o->first = s;
    o->sockets++;
}

static void unlink_it(struct sock *s)
{
    *s->link = s->next;
    if (s->next != NULL) {
        s->next->link = s->link;
    }
    s->owner->sockets--;
}

ctx_status sock_new(struct owner *o, uint32_t kind, struct sock **out)
{
    if (o->sockets >= o->sockets_most) {
        return CTX_E_NOSPC;
    }
    struct sock *s = stack_calloc(1, sizeof *s);
    if (s == NULL) {
        return CTX_E_NOMEM;
    }
    s->kind = (uint8_t)kind;
    s->state = NET_IDLE;
    link_in(s, o);
    *out = s;
    return CTX_OK;
}

ctx_status sock_open(struct owner *o, uint32_t kind, struct sock **out)
{
    if (kind < NET_TCP || kind > NET_ECHO) {
        return CTX_E_INVAL;
    }
    ctx_status status = sock_new(o, kind, out);
    if (status == CTX_OK) {
        status = kind == NET_TCP ? tcps_open(*out) : packets_open(*out);
        if (status != CTX_OK) {
            sock_free(*out);
        }
    }
    return status;
}

static void let_go(struct sock *s);

/* All of it but what lwIP has. */
void sock_free(struct sock *s)
{
    let_go(s);
    if (s->lookup != NULL) {
        name_end(s->lookup);
    }
    if (s->listener != NULL) {
        struct sock **at = &s->listener->waiting, *before = NULL;
        while (*at != s) {
            before = *at;
            at = &(*at)->next_waiting;
        }
        *at = s->next_waiting;
        if (s->listener->waiting_last == s) {
            s->listener->waiting_last = before;
        }
        s->listener->waiting_count--;
    }
    while (s->in != NULL) {
        struct pbuf *p = s->in;
        s->in = p->next;
        p->next = NULL;
        pbuf_free(p);
    }
    while (s->packets != NULL) {
        struct packet *p = s->packets;
        s->packets = p->next;
        pbuf_free(p->p);
        stack_free(p);
    }
    tcps_drop_pieces(s);
    sock_charge(s, -(int64_t)(s->in_bytes + s->out_cost));
    unlink_it(s);
    stack_free(s);
}

void sock_close(struct sock *s)
{
    if (s->kind == NET_TCP) {
        tcps_close(s);
    } else {
        packets_close(s);
        sock_free(s);
    }
}

void sock_fail(struct sock *s, ctx_status why)
{
    s->state = NET_ENDED;
    s->error = why;
    sock_changed(s);
}

void sock_spoil(struct sock *s)
{
    s->spoiled = true;
    sock_changed(s);
}

void owner_end(struct owner *o)
{
    for (struct sock *s = o->first, *next; s != NULL; s = next) {
        next = s->next;
        if (s->closed) { /* it is on its way */
            unlink_it(s);
            o->bytes -= s->in_bytes + s->out_cost;
            link_in(s, &stack.orphans);
            stack.orphans.bytes += s->in_bytes + s->out_cost;
        }
    }
    while (o->first != NULL) {
        struct sock *s = o->first;
        s = s->listener != NULL ? s->listener : s; /* which takes it along */
        s->spoiled = true;                         /* no orderly end */
        sock_close(s);
    }
    names_forget(o);
}

/* ---- connections that wait for an address of ours ---- */

static void hold(struct sock *s)
{
    s->held_ms = stack.now_ms + SETTLE_MS;
    s->state = NET_OPENING;
    s->held = true;
    s->next_held = stack.held;
    stack.held = s;
}

static void let_go(struct sock *s)
{
    struct sock **at = &stack.held;
    if (s->held) {
        while (*at != s) {
            at = &(*at)->next_held;
        }
        *at = s->next_held;
        s->held = false;
    }
}

void socks_run(void)
{
    for (struct sock *s = stack.held, *next; s != NULL; s = next) {
        next = s->next_held;
        bool leads = address_leads(&s->peer);
        if (!leads && stack_settling() && stack.now_ms < s->held_ms) {
            continue;
        }
        let_go(s);
        ctx_status status = leads ? tcps_connect(s) : CTX_E_UNREACHABLE;
        if (status != CTX_OK) {
            sock_fail(s, status);
        }
    }
}

uint64_t socks_next(void)
{
    uint64_t next = UINT64_MAX;
    for (const struct sock *s = stack.held; s != NULL; s = s->next_held) {
        next = s->held_ms < next ? s->held_ms : next;
    }
    return next;
}

/* ---- what is asked of them ---- */

ctx_status sock_bind(struct sock *s, const struct net_address *a)
{
    ip_addr_t ip;
    if (s->bound || s->state != NET_IDLE || !address_in(a, &ip)) {
        return CTX_E_INVAL;
    }
    if (ip_addr_isany(&ip)) {
        ip = IP_IS_V4_VAL(ip) ? *IP4_ADDR_ANY : s->only6 ? *IP6_ADDR_ANY : *IP_ANY_TYPE;
    } else if (!ip_addr_isloopback(&ip) && !ip_addr_ismulticast(&ip)) {
        struct netif *netif;
        bool ours = false;
        NETIF_FOREACH(netif)
        {
            ours |= IP_IS_V4_VAL(ip) ? ip4_addr_eq(ip_2_ip4(&ip), netif_ip4_addr(netif))
                                     : netif_get_ip6_addr_match(netif, ip_2_ip6(&ip)) >= 0;
        }
        if (!ours) {
            return CTX_E_UNREACHABLE;
        }
    }
    ctx_status status = s->kind == NET_TCP ? tcps_bind(s, &ip, (u16_t)a->port)
                                           : packets_bind(s, &ip, (u16_t)a->port);
    s->bound = status == CTX_OK;
    return status;
}

ctx_status sock_listen(struct sock *s, uint32_t most)
{
    if (s->kind != NET_TCP || (s->state != NET_IDLE && s->state != NET_LISTENS)) {
        return CTX_E_INVAL;
    }
    return tcps_listen(s, most < 1 ? 1 : most < 255 ? most : 255);
}

ctx_status sock_start(struct sock *s)
{
    if (s->kind != NET_TCP) {
        s->has_peer = true;
        s->state = NET_OPEN;
        return s->bound || s->kind == NET_ECHO ? CTX_OK : packets_bind(s, NULL, 0);
    }
    if (ip_addr_ismulticast(&s->peer) || address_is_all(&s->peer)) {
        return CTX_E_UNREACHABLE; /* nobody in particular */
    }
    if (!address_leads(&s->peer)) {
        if (!stack_settling()) {
            return CTX_E_UNREACHABLE;
        }
        hold(s);
        return CTX_OK;
    }
    return tcps_connect(s);
}

static bool may_connect(const struct sock *s)
{
    return s->kind == NET_TCP ? s->state == NET_IDLE : s->state == NET_IDLE || s->state == NET_OPEN;
}

ctx_status sock_connect(struct sock *s, const struct net_address *a)
{
    ip_addr_t ip;
    if (!may_connect(s) || !address_in(a, &ip) || (a->port == 0 && s->kind != NET_ECHO)) {
        return CTX_E_INVAL;
    }
    if (ip_addr_isany(&ip)) { /* as elsewhere: this machine */
        ip_addr_set_loopback(IP_IS_V6_VAL(ip), &ip);
    }
    s->peer = ip;
    s->port = (u16_t)a->port;
    return sock_start(s);
}

ctx_status sock_connect_name(struct sock *s, const char *name, uint32_t port)
{
    struct net_address a = {.size = sizeof a};
    ctx_status status = CTX_OK;
    if (!may_connect(s) || port > UINT16_MAX || (port == 0 && s->kind != NET_ECHO)) {
        return CTX_E_INVAL;
    }
    if (name_is_address(name, &a)) {
        a.port = port;
        return sock_connect(s, &a);
    }
    s->port = (u16_t)port;
    s->state = NET_OPENING;
    s->lookup = name_begin(s->owner, s, name, s->only6 ? NET_IP6 : NET_ANY, &status);
    if (status != CTX_OK && s->state == NET_OPENING) {
        s->state = NET_IDLE;
    }
    return status;
}

ctx_status sock_accept(struct sock *s, struct sock **out)
{
    if (s->state != NET_LISTENS) {
        return CTX_E_INVAL;
    }
    struct sock *other = s->waiting;
    if (other == NULL) {
        return CTX_E_AGAIN;
    }
    s->waiting = other->next_waiting;
    s->waiting_last = s->waiting != NULL ? s->waiting_last : NULL;
    s->waiting_count--;
    other->listener = NULL;
    if (other->tcp != NULL) {
        tcp_backlog_accepted(other->tcp);
    }
    *out = other;
    return CTX_OK;
}

/* OK, or why nothing goes any more. */
static ctx_status state_of(const struct sock *s)
{
    if (s->spoiled) {
        return CTX_E_STALE;
    }
    return s->state == NET_ENDED && s->error != CTX_OK     ? s->error
           : s->state == NET_OPENING                       ? CTX_E_AGAIN
           : s->state == NET_OPEN || s->state == NET_ENDED ? CTX_OK
                                                           : CTX_E_INVAL;
}

static ctx_status send_bytes(struct sock *s, const void *bytes, uint32_t len, uint32_t *count,
                             struct lent *lent)
{
    ctx_status status = state_of(s);
    if (s->mute && !s->spoiled) {
        return CTX_E_CANCELED;
    }
    if (status != CTX_OK) {
        return status;
    }
    if (s->kind == NET_TCP) {
        return tcps_send(s, bytes, len, count, lent);
    }
    *count = len;
    return packets_send(s, bytes, len, &s->peer, s->port);
}

ctx_status sock_send(struct sock *s, const void *bytes, uint32_t len, uint32_t *count)
{
    return send_bytes(s, bytes, len, count, NULL);
}

ctx_status sock_send_lent(struct sock *s, struct lent *l, uint64_t at, uint32_t len,
                          uint32_t *count)
{
    return send_bytes(s, l->bytes + at, len, count, l);
}

void lent_end(struct lent *l)
{
    l->over = true;
    if (l->users == 0) {
        l->free(l);
    }
}

ctx_status sock_receive(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count)
{
    ctx_status status = state_of(s);
    *count = 0;
    if (s->spoiled) {
        return status;
    }
    if (s->kind != NET_TCP) {
        return packets_receive(s, bytes, len, peek, count, NULL);
    }
    if (s->in != NULL) {
        return tcps_receive(s, bytes, len, peek, count);
    }
    if (status != CTX_OK) {
        return status;
    }
    return s->end_in || s->deaf || s->state == NET_ENDED ? CTX_OK : CTX_E_AGAIN;
}

ctx_status sock_send_to(struct sock *s, const void *bytes, uint32_t len,
                        const struct net_address *to)
{
    ip_addr_t ip;
    if (s->kind == NET_TCP || !address_in(to, &ip) || (to->port == 0 && s->kind == NET_UDP)) {
        return CTX_E_INVAL;
    }
    return s->spoiled ? CTX_E_STALE : packets_send(s, bytes, len, &ip, (u16_t)to->port);
}

ctx_status sock_receive_from(struct sock *s, void *bytes, uint32_t len, uint32_t *count,
                             struct net_address *from)
{
    *count = 0;
    if (s->kind == NET_TCP) {
        return CTX_E_INVAL;
    }
    return s->spoiled ? CTX_E_STALE : packets_receive(s, bytes, len, false, count, from);
}

ctx_status sock_shutdown(struct sock *s, uint32_t what)
{
    if (what < NET_END_READ || what > NET_END_BOTH || s->state < NET_OPEN) {
        return CTX_E_INVAL;
    }
    s->deaf |= (what & NET_END_READ) != 0;
    sock_changed(s); /* what was watched can be done now: there is an end */
    if ((what & NET_END_WRITE) != 0 && !s->mute) {
        s->mute = true;
        if (s->kind == NET_TCP) {
            return tcps_shutdown(s, NET_END_WRITE);
        }
    }
    return CTX_OK;
}

ctx_status sock_set(struct sock *s, uint32_t option, uint64_t value)
{
    bool tcp = s->kind == NET_TCP;
    switch (option) {
    case NET_NODELAY:
    case NET_REUSE:
    case NET_ONLY6:
    case NET_BROADCAST:
        if (value > 1 || (option == NET_NODELAY && !tcp) || (option == NET_BROADCAST && tcp) ||
            (option == NET_ONLY6 && (s->bound || s->state != NET_IDLE))) {
            return CTX_E_INVAL;
        }
        *(option == NET_NODELAY ? &s->nodelay
          : option == NET_REUSE ? &s->reuse
          : option == NET_ONLY6 ? &s->only6
                                : &s->broadcast) = value != 0;
        break;
    case NET_KEEPALIVE:
        if (!tcp || value > 86400) {
            return CTX_E_INVAL;
        }
        s->keepalive = (uint32_t)value;
        break;
    case NET_TTL:
        if (value < 1 || value > 255) {
            return CTX_E_INVAL;
        }
        s->ttl = (uint8_t)value;
        break;
    case NET_MULTICAST_TTL:
    case NET_MULTICAST_CARD:
        if (tcp || value > 255 || (option == NET_MULTICAST_TTL && value < 1) ||
            (option == NET_MULTICAST_CARD && value != 0 &&
             netif_get_by_index((u8_t)value) == NULL)) {
            return CTX_E_INVAL;
        }
        *(option == NET_MULTICAST_TTL ? &s->group_ttl : &s->group_card) = (uint8_t)value;
        break;
    case NET_MULTICAST_LOOP:
        if (tcp || value > 1) {
            return CTX_E_INVAL;
        }
        s->unlooped = value == 0;
        break;
    default:
        return CTX_E_INVAL;
    }
    if (tcp) {
        tcps_options(s);
    } else {
        packets_options(s);
    }
    return CTX_OK;
}

ctx_status sock_get(const struct sock *s, uint32_t option, uint64_t *value)
{
    bool tcp = s->kind == NET_TCP;
    switch (option) {
    case NET_NODELAY:
        *value = s->nodelay;
        break;
    case NET_REUSE:
        *value = s->reuse;
        break;
    case NET_ONLY6:
        *value = s->only6;
        break;
    case NET_BROADCAST:
        *value = s->broadcast;
        break;
    case NET_KEEPALIVE:
        *value = s->keepalive;
        break;
    case NET_TTL:
        *value = s->ttl != 0 ? s->ttl : 255;
        break;
    case NET_ROOM_IN:
        *value = tcp ? TCP_WND : ROOM_PACKETS;
        break;
    case NET_ROOM_OUT:
        *value = tcp ? TCP_SND_BUF : PACKET_MOST;
        break;
    case NET_MULTICAST_TTL:
        *value = s->group_ttl != 0 ? s->group_ttl : s->ttl != 0 ? s->ttl : 1;
        return tcp ? CTX_E_INVAL : CTX_OK;
    case NET_MULTICAST_LOOP:
        *value = !s->unlooped;
        return tcp ? CTX_E_INVAL : CTX_OK;
    case NET_MULTICAST_CARD:
        *value = s->group_card;
        return tcp ? CTX_E_INVAL : CTX_OK;
    default:
        return CTX_E_INVAL;
    }
    return CTX_OK;
}

ctx_status sock_local(const struct sock *s, struct net_address *out)
{
    if (s->tcp != NULL) {
        address_out(&s->tcp->local_ip, s->tcp->local_port, out);
    } else if (s->udp != NULL) {
        address_out(&s->udp->local_ip, s->udp->local_port, out);
    } else {
        address_out(IP_ANY_TYPE, 0, out);
    }
    return CTX_OK;
}

ctx_status sock_peer(const struct sock *s, struct net_address *out)
{
    if (s->kind == NET_TCP ? s->state != NET_OPEN && s->state != NET_ENDED : !s->has_peer) {
        return CTX_E_INVAL;
    }
    address_out(&s->peer, s->port, out);
    return CTX_OK;
}

uint32_t sock_what(const struct sock *s)
{
    uint32_t what = 0;
    bool over = s->spoiled || s->state == NET_ENDED;
    if (s->in != NULL || s->packets != NULL || s->waiting != NULL || s->end_in || s->deaf || over) {
        what |= NET_READ;
    }
    if (over || s->mute || (s->kind != NET_TCP && s->state != NET_OPENING) ||
        (s->kind == NET_TCP && s->state == NET_OPEN && tcps_has_room(s))) {
        what |= NET_WRITE;
    }
    if (s->kind == NET_TCP && s->state >= NET_OPEN && s->out_bytes == 0 && s->pieces == NULL) {
        what |= NET_SENT;
    }
    return what | (over || s->end_in ? NET_HANGUP : 0u) | (over ? NET_OVER : 0u);
}

void sock_info(const struct sock *s, struct net_socket_info *out)
{
    out->kind = s->kind;
    out->state = s->state;
    out->what = sock_what(s);
    out->error = s->spoiled ? CTX_E_STALE : s->error;
    out->waiting = s->waiting_count;
    out->inward = s->in_bytes;
    out->outward = s->out_bytes;
}

void sock_mark(struct sock *s, uint64_t mark)
{
    s->mark = mark;
}

uint64_t sock_marked(const struct sock *s)
{
    return s->mark;
}

struct owner *sock_owner(const struct sock *s)
{
    return s->owner;
}

uint32_t sock_kind(const struct sock *s)
{
    return s->kind;
}
