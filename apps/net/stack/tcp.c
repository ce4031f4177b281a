/* SPDX-License-Identifier: MIT */
/*
 * Connections. lwIP has the connection (struct tcp_pcb), and calls back; a callback that says that
 * it is over has freed it. What was received lies here until it is read, and only then the window
 * opens again; what was sent lies in lwIP until it has arrived.
 */
#include "stack_private.h"

#include "lwip/priv/tcp_priv.h"

#include <string.h>

#define PORTS_TRIED 64
#define PART_MOST   (44u * TCP_MSS) /* bytes that lwIP takes at once */
#define FIRST_PORT  49152u

static bool has_pcb(const struct sock *s)
{
    return s->tcp != NULL && s->state != NET_LISTENS;
}

/* ---- lent memory ---- */

static void drop_piece(struct sock *s)
{
    struct piece *piece = s->pieces;
    struct lent *l = piece->lent;
    s->pieces = piece->next;
    stack_free(piece);
    if (--l->users == 0 && l->over) {
        l->free(l);
    }
}

void tcps_drop_pieces(struct sock *s)
{
    while (s->pieces != NULL) {
        drop_piece(s);
    }
}

/* The first sequence number that lwIP may send once more. A segment that has arrived in part is
 * still there as a whole. */
static bool oldest_kept(const struct tcp_pcb *pcb, uint32_t *number)
{
    const struct tcp_seg *segments[2] = {pcb->unacked, pcb->unsent};
    bool any = false;
    for (int i = 0; i < 2; i++) {
        uint32_t at = segments[i] != NULL ? lwip_ntohl(segments[i]->tcphdr->seqno) : 0;
        if (segments[i] != NULL && (!any || TCP_SEQ_LT(at, *number))) {
            *number = at;
            any = true;
        }
    }
    return any;
}

static void look_at_pieces(struct sock *s)
{
    uint32_t oldest = 0;
    bool kept = has_pcb(s) && s->pieces != NULL && oldest_kept(s->tcp, &oldest);
    while (s->pieces != NULL && (!kept || TCP_SEQ_LEQ(s->pieces->end, oldest))) {
        drop_piece(s);
    }
}

/* One for what is about to be sent, or the last one, which then reaches further. */
static struct piece *piece_for(struct sock *s, struct lent *l)
{
    if (s->pieces != NULL && s->pieces_last->lent == l) {
        return s->pieces_last;
    }
    struct piece *piece = stack_calloc(1, sizeof *piece);
    if (piece != NULL) {
        piece->lent = l;
        piece->end = s->tcp->snd_lbb;
        l->users++;
        *(s->pieces == NULL ? &s->pieces : &s->pieces_last->next) = piece;
        s->pieces_last = piece;
    }
    return piece;
}

/* What waits for a neighbour outlives its connection in lwIP's queues, unless it is said that the
 * memory is not lwIP's for ever: then it is copied there. */
static void mark_lent(struct tcp_pcb *pcb)
{
    for (struct tcp_seg *segment = pcb->unsent; segment != NULL; segment = segment->next) {
        for (struct pbuf *p = segment->p; p != NULL; p = p->next) {
            if ((p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS) == 0) {
                p->type_internal |= PBUF_TYPE_FLAG_DATA_VOLATILE;
            }
        }
    }
}

/* Bytes that lwIP has of it. */
static void count_out(struct sock *s)
{
    uint64_t now =
        has_pcb(s) && s->tcp->snd_buf < TCP_SND_BUF ? (uint64_t)(TCP_SND_BUF - s->tcp->snd_buf) : 0;
    uint64_t cost = now > 0 ? now + little_cost(now, s->tcp->snd_queuelen) : 0;
    sock_charge(s, (int64_t)cost - (int64_t)s->out_cost);
    s->out_bytes = now;
    s->out_cost = cost;
    look_at_pieces(s);
}

/* lwIP frees it. Where that is an error, on_error hears of it next; after an orderly end nobody
 * does. */
static void on_freed(u8_t id, void *arg)
{
    struct sock *s = arg;
    (void)id;
    if (s != NULL) {
        s->tcp = NULL;
        count_out(s);
        s->state = s->state == NET_OPEN ? NET_ENDED : s->state;
        sock_changed(s);
    }
}

static const struct tcp_ext_arg_callbacks freed = {.destroy = on_freed};

/* Nobody of ours hears of it any more. */
static void let_go(struct sock *s)
{
    if (s->tcp == NULL) {
        return;
    }
    if (s->state == NET_LISTENS) {
        tcp_arg(s->tcp, NULL);
        tcp_accept(s->tcp, NULL);
    } else {
        tcp_ext_arg_set(s->tcp, 0, NULL);
        tcp_arg(s->tcp, NULL);
        tcp_recv(s->tcp, NULL);
        tcp_sent(s->tcp, NULL);
        tcp_err(s->tcp, NULL);
    }
}

/* ---- what lwIP says ---- */

static void on_error(void *arg, err_t error)
{
    struct sock *s = arg;
    if (s == NULL) {
        return;
    }
    if (s->tcp != NULL) { /* it will be freed; else it has been */
        tcp_ext_arg_set(s->tcp, 0, NULL);
        s->tcp = NULL;
    }
    count_out(s);
    if (s->closed || s->listener != NULL) {
        sock_free(s);
        return;
    }
    bool opening = s->state == NET_OPENING;
    sock_fail(s, error == ERR_CLSD               ? CTX_OK
                 : error == ERR_RST && opening   ? CTX_E_REFUSED
                 : error == ERR_ABRT             ? CTX_E_TIMEDOUT
                 : stack_status(error) == CTX_OK ? CTX_E_RESET
                                                 : stack_status(error));
}

static err_t on_bytes(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct sock *s = arg;
    (void)error;
    if (p == NULL) {
        if (s != NULL) {
            s->end_in = true;
            sock_changed(s);
        }
        return ERR_OK;
    }
    uint32_t len = p->tot_len;
    if (s == NULL || s->deaf) {
        tcp_recved(pcb, (u16_t)len);
        pbuf_free(p);
        return ERR_OK;
    }
    if (!sock_room_in(s, len)) {
        return ERR_MEM; /* lwIP keeps it, takes no more, and asks again */
    }
    if (!little_joins(s, p)) {
        *(s->in == NULL ? &s->in : &s->in_last->next) = p;
        while (p->next != NULL) {
            p = p->next;
        }
        s->in_last = p;
    }
    s->in_bytes += len;
    sock_charge(s, len);
    sock_changed(s);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct sock *s = arg;
    (void)pcb;
    (void)len;
    if (s == NULL) {
        return ERR_OK;
    }
    count_out(s);
    sock_lingers(s, false);
    if (s->closed && s->out_bytes == 0 && s->pieces == NULL) { /* the rest is lwIP's business */
        let_go(s);
        s->tcp = NULL;
        sock_free(s);
        return ERR_OK;
    }
    sock_changed(s);
    return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct sock *s = arg;
    (void)pcb;
    (void)error; /* it is always ERR_OK */
    s->state = NET_OPEN;
    sock_changed(s);
    return ERR_OK;
}

static void take_over(struct sock *s, struct tcp_pcb *pcb)
{
    s->tcp = pcb;
    tcp_arg(pcb, s);
    tcp_recv(pcb, on_bytes);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_error);
}

static void hear_end(struct sock *s)
{
    tcp_ext_arg_set_callbacks(s->tcp, 0, &freed);
    tcp_ext_arg_set(s->tcp, 0, s);
}

#define WAITING_MOST 1024u /* connections that nobody has accepted */

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
    struct sock *s = arg, *other = NULL;
    if (pcb == NULL || error != ERR_OK || s == NULL) {
        return ERR_VAL; /* there was no memory for it, and the other end hears nothing */
    }
    if (s->waiting_count >= WAITING_MOST || sock_new(s->owner, NET_TCP, &other) != CTX_OK) {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    take_over(other, pcb);
    hear_end(other);
    other->state = NET_OPEN;
    other->bound = true;
    other->peer = pcb->remote_ip;
    other->port = pcb->remote_port;
    other->nodelay = s->nodelay;
    other->keepalive = s->keepalive;
    tcps_options(other);
    if (pcb->listener != NULL && pcb->listener->accepts_pending < UINT8_MAX) {
        tcp_backlog_delayed(pcb); /* it is a byte: port.c */
    }
    other->listener = s;
    if (s->waiting == NULL) {
        s->waiting = other;
    } else {
        s->waiting_last->next_waiting = other;
    }
    s->waiting_last = other;
    s->waiting_count++;
    sock_changed(s);
    return ERR_OK;
}

/* ---- what its owner wants ---- */

ctx_status tcps_open(struct sock *s)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
    if (pcb == NULL) {
        return CTX_E_NOMEM;
    }
    take_over(s, pcb);
    return CTX_OK;
}

void tcps_options(struct sock *s)
{
    if (s->tcp == NULL) {
        return;
    }
    s->tcp->ttl = s->ttl != 0 ? s->ttl : TCP_TTL;
    if (s->reuse) {
        ip_set_option(s->tcp, SOF_REUSEADDR);
    } else {
        ip_reset_option(s->tcp, SOF_REUSEADDR);
    }
    if (s->state == NET_LISTENS) {
        return;
    }
    if (s->state == NET_IDLE && !s->bound) {
        IP_SET_TYPE(&s->tcp->local_ip, s->only6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY);
        IP_SET_TYPE(&s->tcp->remote_ip, s->only6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY);
    }
    if (s->nodelay) {
        tcp_nagle_disable(s->tcp);
    } else {
        tcp_nagle_enable(s->tcp);
    }
    if (s->keepalive != 0) {
        ip_set_option(s->tcp, SOF_KEEPALIVE);
        s->tcp->keep_idle = s->keepalive * 1000;
        s->tcp->keep_intvl = s->keepalive < 75 ? s->keepalive * 1000 : 75000;
        s->tcp->keep_cnt = 9;
    } else {
        ip_reset_option(s->tcp, SOF_KEEPALIVE);
    }
}

ctx_status tcps_bind(struct sock *s, const ip_addr_t *ip, u16_t port)
{
    ip_addr_t any = s->only6 ? *IP6_ADDR_ANY : *IP_ANY_TYPE;
    ip = ip != NULL ? ip : &any;
    if (s->tcp == NULL) {
        return CTX_E_INVAL;
    }
    if (port != 0) {
        return stack_status(tcp_bind(s->tcp, ip, port));
    }
    for (int i = 0; i < PORTS_TRIED; i++) { /* one that nobody guesses */
        port = (u16_t)(FIRST_PORT + stack_rand() % (65536 - FIRST_PORT));
        err_t error = tcp_bind(s->tcp, ip, port);
        if (error != ERR_USE) {
            return stack_status(error);
        }
    }
    return CTX_E_NOSPC;
}

ctx_status tcps_listen(struct sock *s, uint32_t most)
{
    err_t error = ERR_OK;
    if (s->state == NET_LISTENS) {
        tcp_backlog_set(s->tcp, (u8_t)most);
        return CTX_OK;
    }
    if (!s->bound) {
        ctx_status status = tcps_bind(s, NULL, 0);
        if (status != CTX_OK) {
            return status;
        }
        s->bound = true;
    }
    let_go(s);
    struct tcp_pcb *pcb = tcp_listen_with_backlog_and_err(s->tcp, (u8_t)most, &error);
    if (pcb == NULL) {
        take_over(s, s->tcp);
        return stack_status(error);
    }
    s->tcp = pcb;
    s->state = NET_LISTENS;
    tcp_arg(pcb, s);
    tcp_accept(pcb, on_accept);
    return CTX_OK;
}

ctx_status tcps_connect(struct sock *s)
{
    if (!s->bound) {
        ctx_status status = tcps_bind(s, NULL, 0);
        if (status != CTX_OK) {
            return status;
        }
        s->bound = true;
    }
    s->state = NET_OPENING;
    hear_end(s);
    err_t error = tcp_connect(s->tcp, &s->peer, s->port, on_connected);
    if (error != ERR_OK) {
        s->state = NET_IDLE;
        tcp_ext_arg_set(s->tcp, 0, NULL);
    }
    return stack_status(error);
}

bool tcps_has_room(const struct sock *s)
{
    return s->tcp != NULL && s->tcp->snd_buf > TCP_SNDLOWAT &&
           s->tcp->snd_queuelen < TCP_SND_QUEUELEN - 8 && owner_has_room(s->owner) &&
           sock_room_out(s) > 0;
}

/* As many of them as lwIP takes; *most are those that it may. */
static err_t write_some(struct sock *s, const uint8_t *from, uint32_t len, uint32_t *most,
                        uint32_t *count, bool lent)
{
    uint32_t least = 0;
    struct tcp_pcb *pcb = s->tcp;
    u16_t mss = pcb->mss;
    tcpwnd_size_t window = little_window(pcb);
    err_t error = ERR_OK;
    pcb->mss = len <= mss && pcb->unsent == NULL ? mss : tcps_segment(pcb);
    uint64_t room = little_most(pcb, *most, lent, &least);
    *most = len < room ? len : (uint32_t)room;
    while (*count < *most && error == ERR_OK) {
        uint32_t part = *most - *count < PART_MOST ? *most - *count : PART_MOST;
        u8_t flags =
            (lent ? 0 : TCP_WRITE_FLAG_COPY) | (*count + part < len ? TCP_WRITE_FLAG_MORE : 0);
        error = tcp_write(pcb, from + *count, (u16_t)part, flags);
        if (error == ERR_MEM && part > least) { /* half of the pieces, perhaps */
            part = least;
            error = tcp_write(pcb, from + *count, (u16_t)part, flags);
        }
        *count += error == ERR_OK ? part : 0;
    }
    pcb->mss = mss;
    pcb->snd_wnd_max = window;
    return error;
}

ctx_status tcps_send(struct sock *s, const void *bytes, uint32_t len, uint32_t *count,
                     struct lent *lent)
{
    struct piece *piece = NULL;
    *count = 0;
    if (s->tcp == NULL) { /* it ended in order */
        return CTX_E_RESET;
    }
    uint64_t room = sock_room_out(s);
    uint32_t most = room < s->tcp->snd_buf ? (uint32_t)room : s->tcp->snd_buf;
    if (lent != NULL && most > 0 && len > 0) {
        piece = piece_for(s, lent);
        if (piece == NULL) {
            return CTX_E_NOMEM;
        }
    }
    err_t error = write_some(s, bytes, len, &most, count, lent != NULL);
    if (piece != NULL) {
        piece->end = *count > 0 ? s->tcp->snd_lbb : piece->end;
        mark_lent(s->tcp);
    }
    if (*count > 0) {
        (void)tcp_output(s->tcp);
    }
    count_out(s);
    if (*count > 0 || len == 0) {
        return CTX_OK;
    }
    /* What is on its way makes room when it has arrived; else there is none to wait for. */
    return error != ERR_OK && error != ERR_MEM ? stack_status(error)
           : s->out_bytes > 0 || most == 0     ? CTX_E_AGAIN
                                               : CTX_E_NOMEM;
}

/* The window opens. */
static void tell_read(struct sock *s, uint32_t len)
{
    sock_charge(s, -(int64_t)len);
    s->in_bytes -= len;
    if (!has_pcb(s)) {
        return;
    }
    while (len > 0) {
        u16_t part = len < UINT16_MAX ? (u16_t)len : UINT16_MAX;
        tcp_recved(s->tcp, part);
        len -= part;
    }
    if (s->tcp->refused_data != NULL) { /* there is room for it now */
        (void)tcp_process_refused_data(s->tcp);
    }
}

ctx_status tcps_receive(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count)
{
    uint8_t *to = bytes;
    uint32_t at = s->in_at;
    struct pbuf *p = s->in;
    while (p != NULL && *count < len) {
        uint32_t there = p->len - at, part = len - *count < there ? len - *count : there;
        memcpy(to + *count, (uint8_t *)p->payload + at, part);
        *count += part;
        at += part;
        if (at < p->len) {
            break;
        }
        at = 0;
        struct pbuf *next = p->next;
        if (!peek) {
            p->next = NULL;
            pbuf_free(p);
        }
        p = next;
    }
    if (!peek) {
        s->in = p;
        s->in_at = at;
        tell_read(s, *count);
    }
    return CTX_OK;
}

ctx_status tcps_shutdown(struct sock *s, uint32_t what)
{
    (void)what;
    if (s->tcp == NULL) {
        return CTX_OK;
    }
    err_t error = tcp_shutdown(s->tcp, 0, 1);
    return error == ERR_CONN ? CTX_OK : stack_status(error);
}

void tcps_close(struct sock *s)
{
    struct tcp_pcb *pcb = s->tcp;
    if (s->state == NET_LISTENS) {
        while (s->waiting != NULL) {
            struct sock *other = s->waiting;
            other->spoiled = true;
            tcps_close(other);
        }
    }
    if (pcb == NULL) {
        sock_free(s);
        return;
    }
    /* No orderly end. What lwIP still keeps for us was not read, either. */
    if (has_pcb(s) && (s->spoiled || s->in != NULL || pcb->refused_data != NULL)) {
        let_go(s);
        s->tcp = NULL;
        s->state = NET_ENDED;
        sock_free(s);
        tcp_abort(pcb);
        return;
    }
    /* Until all has arrived its owner pays for it, and what is lent stays. Of these states lwIP
     * frees the connection at once in the first two, if its window is not all open. */
    bool lingers = has_pcb(s) && (s->out_bytes > 0 || s->pieces != NULL) &&
                   (((pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT) &&
                     pcb->rcv_wnd == TCP_WND_MAX(pcb)) ||
                    pcb->state == FIN_WAIT_1 || pcb->state == CLOSING || pcb->state == LAST_ACK);
    if (lingers) {
        s->closed = true;
        s->deaf = true;
        sock_lingers(s, true);
    } else {
        let_go(s);
    }
    if (tcp_close(pcb) != ERR_OK) {
        let_go(s);
        tcp_abort(pcb);
        lingers = false;
    }
    if (!lingers) {
        s->tcp = NULL;
        sock_free(s);
    }
}
