/* SPDX-License-Identifier: MIT */
/*
 * The stack - TCP/IP as a library: lwIP, cards, sockets, names. It knows no Context: frames go out
 * and come in by functions, time is what it is told, and nothing here waits. One owner at a time,
 * no threads; callbacks come in the middle of these functions and only take notes.
 *
 * apps/net is one user of it, the unit tests are another: two stacks with a bad wire between them.
 */
#ifndef STACK_H
#define STACK_H

#include <net.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct card;
struct sock;
struct owner;

/* Memory that sockets send from without a copy. They refer to it until what they took has arrived;
 * begins as zeroes but for bytes and free. */
struct lent {
    const uint8_t *bytes;
    uint32_t users; /* pieces that are on their way */
    bool over;
    void (*free)(struct lent *l);
};

/* What the stack stands on. */
struct stack_host {
    void (*noise)(void *bytes, size_t len);                       /* that nobody can guess */
    void (*say)(uint32_t level, const char *text);                /* CTX_LOG_* */
    void (*broken)(const char *what, const char *file, int line); /* does not return */
    void (*changed)(struct sock *s);                              /* look what it can do now */
    void (*named)(struct owner *o);                               /* a name it asked for */
    /* What time it is, in nanoseconds since 1970, as this server says. NULL: nobody is asked. */
    void (*time)(int64_t unix_ns, const char *server);
};

struct stack_setup {
    struct stack_host host;
    uint64_t memory_most; /* bytes */
    const char *name;     /* by which others in the house know it, without .local; "": none */
};

void stack_begin(const struct stack_setup *setup, uint64_t now_ms);

/* What is due. now_ms never goes back; it may leap. */
void stack_run(uint64_t now_ms);

/* When it wants to be run next, if nothing happens until then; UINT64_MAX: never. */
uint64_t stack_next(void);

/* Bytes of memory it has. */
uint64_t stack_memory(void);

/* An address may come within the next seconds. */
bool stack_settling(void);
void stack_overview(struct net_overview *out); /* but for what is an owner's */

/* Whom names are asked of, in place of what DHCP says. At most three. */
bool stack_dns(const char *words);

/* Whom the time is asked of, in place of what DHCP says: at most four names or addresses, each
 * perhaps with a :port, between commas. False: they are none. */
bool stack_ntp(const char *words);
uint32_t stack_clock(void); /* NET_CLOCK ... */

/* ---- cards ---- */

/* What a card does by itself. */
#define CARD_SUMS 1u /* checksums of TCP, of what is sent */
#define CARD_TSO4 2u /* cuts long segments; with SUMS alone */
#define CARD_TSO6 4u

/* What it is to do about a frame. */
struct card_work {
    uint16_t sum_start, sum_offset; /* there stands the sum of the pseudo header */
    uint16_t segment, header;       /* bytes of each segment's data, of all headers; 0: it is one */
    bool six;
};

struct card_ops {
    uint8_t *(*room)(void *arg, uint32_t len); /* for a frame; NULL: there is none */
    /* What lies there now; NULL: nothing is to be done about it. */
    void (*send)(void *arg, uint32_t len, const struct card_work *work);
    /* Where so many bytes more of the frame that was sent last may lie; NULL: it has gone, or there
     * is no room. Then they lie there. Both may be NULL without TSO. */
    uint8_t *(*more)(void *arg, uint32_t len);
    void (*grow)(void *arg, uint32_t len, const struct card_work *work);
    /* Frames that were lost below. May be NULL. */
    uint64_t (*lost)(void *arg);
};

struct card_setup {
    const struct card_ops *ops;
    void *arg;
    uint8_t mac[6];
    uint32_t mtu;
    uint32_t does, most; /* CARD_*; bytes of the longest frame with TSO */
    const char *address; /* 10.0.2.15/24; NULL: by DHCP */
    const char *gateway; /* or NULL */
};

/* NULL: no memory, or an address that is none. Its link is down. */
struct card *card_add(const struct card_setup *setup);
void card_remove(struct card *card);
void card_link(struct card *card, bool up);
void card_does(struct card *card, uint32_t does); /* that is another since */
void card_input(struct card *card, const void *frame, uint32_t len);
/* Of TCP and UDP somebody has looked at the checksum, or there was none to be made. */
void card_input_good(struct card *card, const void *frame, uint32_t len);

/* The one with this place, from 0; the loop is first. */
bool card_at(uint32_t index, struct net_card_info *out);
uint32_t cards_count(void);

/* ---- sockets ---- */

/* Whose sockets they are, and what it may have. Begins as zeroes but for the limits. */
struct owner {
    uint32_t sockets, sockets_most;
    uint64_t bytes, bytes_most; /* buffered */
    bool relieved; /* there was no room for a packet, and is again: look at all of its sockets */
    struct sock *first;
    struct lookup *lookups;
    void *arg;
};

ctx_status sock_open(struct owner *o, uint32_t kind, struct sock **out);
void sock_close(struct sock *s);
ctx_status sock_bind(struct sock *s, const struct net_address *a);
ctx_status sock_listen(struct sock *s, uint32_t most);
ctx_status sock_connect(struct sock *s, const struct net_address *a);
ctx_status sock_connect_name(struct sock *s, const char *name, uint32_t port);
ctx_status sock_accept(struct sock *s, struct sock **out);
ctx_status sock_send(struct sock *s, const void *bytes, uint32_t len, uint32_t *count);
/* Those of TCP are not copied, and must stay until they have arrived. */
ctx_status sock_send_lent(struct sock *s, struct lent *l, uint64_t at, uint32_t len,
                          uint32_t *count);
/* Its owner is done with it: free() is called, now or when nothing is on its way any more. */
void lent_end(struct lent *l);
ctx_status sock_receive(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count);
ctx_status sock_send_to(struct sock *s, const void *bytes, uint32_t len,
                        const struct net_address *to);
ctx_status sock_receive_from(struct sock *s, void *bytes, uint32_t len, uint32_t *count,
                             struct net_address *from);
ctx_status sock_shutdown(struct sock *s, uint32_t what);
ctx_status sock_set(struct sock *s, uint32_t option, uint64_t value);
ctx_status sock_get(const struct sock *s, uint32_t option, uint64_t *value);
ctx_status sock_local(const struct sock *s, struct net_address *out);
ctx_status sock_peer(const struct sock *s, struct net_address *out);
uint32_t sock_what(const struct sock *s); /* NET_READ ... */
/* Multicast, of UDP: packets for this group come, by the card that the address names. */
ctx_status sock_join(struct sock *s, const struct net_address *a);
ctx_status sock_leave(struct sock *s, const struct net_address *a);
void sock_info(const struct sock *s, struct net_socket_info *out);

/* Not to be used for anything but close any more: its stream has a hole. */
void sock_spoil(struct sock *s);

/* What whoever has it keeps with it. An accepted one has 0. */
void sock_mark(struct sock *s, uint64_t mark);
uint64_t sock_marked(const struct sock *s);
struct owner *sock_owner(const struct sock *s);
uint32_t sock_kind(const struct sock *s);

/* All of them, and names: the owner has gone. What was closed before goes on its way. */
void owner_end(struct owner *o);

/* ---- names ---- */

/* As ctx.net's resolve: AGAIN until host.named says that it is worth to ask again. */
ctx_status name_resolve(struct owner *o, const char *name, uint32_t family, struct net_found *out);
void names_forget(struct owner *o);

/* An address in words. False: it is none. */
bool name_is_address(const char *name, struct net_address *out);

#endif
