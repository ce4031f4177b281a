/* SPDX-License-Identifier: MIT */
/* Between the files of the stack. */
#ifndef STACK_PRIVATE_H
#define STACK_PRIVATE_H

#include "stack.h"

#include "lwip/acd.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/raw.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

#include <ctx/ctx.h>
#include <ctx/tables.h>

struct stack {
    struct stack_host host;
    uint64_t now_ms, lively_ms; /* when a frame went last */
    uint64_t memory, memory_most, memory_refused;
    uint64_t secret[2];
    char name[48]; /* without .local; "": none */
    struct card *cards;
    bool moved;       /* an address came or went */
    bool starved;     /* a card had no room for a frame */
    bool wire;        /* the packet that is looked at has come by a card */
    bool long_made;   /* there may be segments that somebody has to cut */
    u16_t segment;    /* how long the parts are of those that go now; 0: whole ones */
    ip_addr_t dns[3]; /* of the line */
    uint8_t dns_count;
    struct sock *held;    /* connections that wait for an address of ours */
    struct owner orphans; /* of sockets whose owner is done with them, and that have not sent all */
};
extern struct stack stack;

/* The frame that was sent last, as long as the next segment may go with it. */
struct long_frame {
    uint8_t *frame; /* NULL: it may not */
    uint32_t len, header, segment, next;
};

struct card {
    struct card *next;
    struct long_frame last;
    struct netif netif;
    struct card_setup setup;
    struct acd acd;
    uint64_t link_ms; /* since when there is a link */
    uint64_t dhcp_ms; /* when to try again; 0: not */
    bool fixed, taken, conflict, complained;
    ip4_addr_t told; /* the address that was told of */
    ip4_addr_t lied; /* the one that can be nobody's, of which was told last */
    uint64_t frames_in, frames_out, bytes_in, bytes_out, lost_in, lost_out;
};

struct packet {
    struct packet *next;
    struct pbuf *p;
    ip_addr_t from;
    u16_t port;
};

/* What a connection has taken of lent memory, up to this sequence number. */
struct piece {
    struct piece *next;
    struct lent *lent;
    uint32_t end;
};

struct sock {
    struct owner *owner;
    struct sock *next, **link; /* of its owner's */
    uint64_t mark;
    uint8_t kind, state;
    uint8_t ttl;                   /* 0: as usual */
    uint8_t group_ttl, group_card; /* of multicast; 0: as usual */
    bool unlooped;                 /* what it sends to groups does not come back to this machine */
    bool only6, reuse, broadcast, nodelay, bound, has_peer;
    bool end_in; /* the other end has sent its last */
    bool deaf;   /* READ was shut down */
    bool mute;   /* WRITE was */
    bool closed; /* by its owner */
    bool spoiled;
    bool held; /* its connection waits for an address of ours */
    uint32_t keepalive;
    ctx_status error;

    struct tcp_pcb *tcp; /* of one that listens: struct tcp_pcb_listen */
    struct udp_pcb *udp;
    struct raw_pcb *echo4, *echo6;
    u16_t echo_id, echo_number;

    struct pbuf *in, *in_last; /* TCP: by next, each a chain of its own; tot_len says nothing */
    uint32_t in_at;            /* of the first */
    struct packet *packets, *packets_last;
    uint32_t in_room; /* free ones behind the last of those that came */
    uint64_t in_bytes, out_bytes;
    uint64_t out_cost; /* with what its segments need; the owner pays for it */
    struct piece *pieces, *pieces_last;

    ip_addr_t peer;
    u16_t port;
    uint64_t held_ms;             /* until when */
    uint64_t closed_ms, moved_ms; /* since when; when a byte arrived last since then */
    struct sock *next_held;
    struct lookup *lookup;

    struct sock *listener;               /* it waits there to be accepted */
    struct sock *waiting, *waiting_last; /* those that wait here, */
    struct sock *next_waiting;
    uint32_t waiting_count;
};

ctx_status stack_status(err_t error);
void stack_say(uint32_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* timers.c */
void stack_timers_run(void);
uint64_t stack_timers_next(void);

/* cards.c */
void cards_begin(void);
void cards_run(void);
void cards_leapt(void);
uint64_t cards_next(void);

/* offload.c */
void card_sums(struct card *c); /* which sums lwIP makes and looks at */
bool card_joins(struct card *c, const struct pbuf *p);
void card_sends(struct card *c, const struct pbuf *p, uint8_t *to);

/* address.c: between the interface's and lwIP's */
bool address_in(const struct net_address *a, ip_addr_t *out); /* false: no such family */
void address_out(const ip_addr_t *ip, u16_t port, struct net_address *out);
bool address_leads(const ip_addr_t *ip);  /* there is a way */
bool address_is_all(const ip_addr_t *ip); /* all who hear a card of ours, by IPv4 */
bool address_can_be(const ip4_addr_t *ip, const ip4_addr_t *mask); /* a card's */
bool address_is_home(
    const ip_addr_t *ip); /* this machine's own: one of its cards', or the loop's */

/* sockets.c */
void sock_changed(struct sock *s);
ctx_status sock_new(struct owner *o, uint32_t kind, struct sock **out); /* without one of lwIP's */
void sock_free(struct sock *s);
void sock_fail(struct sock *s, ctx_status why);
void socks_run(void); /* those that are held */
uint64_t socks_next(void);
ctx_status sock_start(struct sock *s); /* its connection, to peer and port */

/* little.c */
#define SEGMENT_EXTRA 224u /* what a part of a segment needs beside its bytes */
struct options {
    uint8_t *bytes, *more; /* what is not in the first buffer */
    uint32_t len, first;   /* of all, and in the first */
};
void little_options(struct options o, bool begins);
/* What is paid for so many bytes in so many parts beside them: what those need, beyond half as much
 * as the bytes. */
uint64_t little_cost(uint64_t bytes, uint32_t parts);
/* Bytes that may be sent where there is so much room; least: those of one segment. */
uint64_t little_most(const struct tcp_pcb *pcb, uint64_t room, bool lent, uint32_t *least);
tcpwnd_size_t little_window(struct tcp_pcb *pcb); /* what snd_wnd_max was, and is to be again */
bool little_joins(struct sock *s, struct pbuf *p);
void little_run(void);

/* room.c */
void sock_charge(struct sock *s, int64_t bytes); /* to its owner */
bool owner_has_room(const struct owner *o);
uint64_t sock_room_out(const struct sock *s);            /* bytes that it may send more */
bool sock_room_in(const struct sock *s, uint64_t bytes); /* whether it may receive these */
void sock_lingers(struct sock *s, bool begins);          /* it was closed, or bytes arrived since */
void lingers_run(void);

/* tcp.c */
ctx_status tcps_open(struct sock *s);
void tcps_close(struct sock *s);
ctx_status tcps_bind(struct sock *s, const ip_addr_t *ip, u16_t port);
ctx_status tcps_listen(struct sock *s, uint32_t most);
ctx_status tcps_connect(struct sock *s);
ctx_status tcps_send(struct sock *s, const void *bytes, uint32_t len, uint32_t *count,
                     struct lent *lent); /* NULL: they are copied */
/* How long a segment that is made now may be. */
u16_t tcps_segment(const struct tcp_pcb *pcb); /* long.c */
void tcps_drop_pieces(struct sock *s);
ctx_status tcps_receive(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count);
ctx_status tcps_shutdown(struct sock *s, uint32_t what);
void tcps_options(struct sock *s);
bool tcps_has_room(const struct sock *s);

/* packets.c: UDP and echo requests */
ctx_status packets_open(struct sock *s);
void packets_close(struct sock *s);
ctx_status packets_bind(struct sock *s, const ip_addr_t *ip, u16_t port);
ctx_status packets_send(struct sock *s, const void *bytes, uint32_t len, const ip_addr_t *to,
                        u16_t port);
ctx_status packets_receive(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count,
                           struct net_address *from);
void packets_options(struct sock *s);

#define PACKET_EXTRA 256u                  /* what one costs beside its bytes */
#define ROOM_PACKETS (UINT64_C(256) << 10) /* of one socket */
#define PACKET_MOST  65507u

/* groups.c */
void groups_of_gone(const struct sock *s);
/* Whether it hears what comes for this group, by this card. */
bool groups_has(const struct sock *s, const ip_addr_t *to, const struct netif *by);
void groups_moved(void); /* a card came or went */

/* names.c */
struct lookup *name_begin(struct owner *o, struct sock *s, const char *name, uint32_t family,
                          ctx_status *status);
void name_end(struct lookup *l);
void names_run(void);
uint64_t names_next(void);

/* ntp.c */
void ntp_begin(void);
void ntp_run(bool moved); /* an address came or went */
void ntp_leapt(void);
uint64_t ntp_next(void);

#define SETTLE_MS 5000u /* how long an address may take */

#endif
