/* SPDX-License-Identifier: MIT */
/*
 * net - offers ctx.net/1: TCP/IP over the cards of ctx.nic/1. The stack (stack/) knows no Context;
 * here lie the cards, the apps that use it, and what their lines allow.
 *
 * Nothing waits: a function of the service does what it can in the caller's own call. What the
 * network does by itself is done in _start, which the cards' event and lwIP's timers call.
 */
#ifndef NET_APP_H
#define NET_APP_H

#include "stack/stack.h"

#include <ctx/c.h>
#include <ctx/tables.h>

#define RULES_MOST   32u /* of an app's line */
#define KNOWN_MOST   64u /* addresses that an app got for names that it may reach */
#define HEARD_MOST   64u /* from whom packets came last, who may be answered */
#define WAITS_MOST   64u
#define WANTS_MOST   4096u
#define BUFFERS_MOST 64u
#define NAME_ROOM    32u /* as struct ctx_service_caller has it */
#define PATTERN_MOST 128u

enum rule_kind { RULE_ANY, RULE_NAME, RULE_SUFFIX, RULE_NETWORK };

/* One item of what a line allows. */
struct rule {
    bool inward;
    enum rule_kind kind;
    char name[PATTERN_MOST]; /* small letters; SUFFIX: from its dot on */
    uint8_t network[16];     /* as IPv6 */
    uint32_t bits;
    uint32_t first_port, last_port;
};

/* An address that belongs to a name which some rule means. */
struct known {
    uint8_t bytes[16];
    uint64_t rules; /* a bit each */
};

/* Somebody from whom a packet came. */
struct heard {
    uint8_t bytes[16];
    uint32_t port; /* 0: free */
};

struct want {
    uint32_t socket, what;
};

struct waiting {
    uint64_t request; /* 0: free */
    uint32_t count;
    struct want *wants;
};

/* What a client wants to hear of a socket. */
struct watch {
    uint32_t what; /* 0: nothing */
    uint64_t tag;
};

/* As `watched` tells it. */
struct watched {
    uint64_t tag;
    uint32_t socket, what;
};

/* A share of a client's, as long as it is lent or sockets have bytes of it on their way: then it
 * was taken back (lent.over), and still counts. */
struct buffer {
    struct lent lent;
    struct client *client; /* NULL: it has gone */
    struct buffer *next;   /* of its client's */
    uint32_t number, share;
    bool may_write;
    uint64_t bytes, made; /* in which call of the client's */
    uint8_t *at;
};

struct client {
    struct client *next;
    uint64_t pid;
    char name[NAME_ROOM];
    struct owner owner;
    struct rule rules[RULES_MOST];
    uint32_t rule_count;
    struct known known[KNOWN_MOST];
    uint32_t known_next;
    struct heard heard[HEARD_MOST];
    uint32_t heard_next;
    struct waiting waits[WAITS_MOST];
    bool ready_any;
    uint32_t ready_first, ready_last; /* handles.c: of those that are watched */
    struct watch names, names_before; /* of names, which have no socket */
    uint64_t names_call;
    uint64_t watchers[WAITS_MOST]; /* requests; 0: free */
    uint32_t watcher_count;
    struct buffer *buffers;
    uint32_t buffer_count;
    uint64_t lent; /* bytes */
    bool dirty;    /* something of it has changed: look at its waits */
    bool named;    /* a name is known */
};

struct app {
    struct ctx *ctx;
    const struct ctx_service *service;
    const struct ctx_random *random;
    const struct ctx_calendar *calendar; /* NULL: it may not set the time */
    uint32_t handle;
    uint64_t call; /* of the caller's own calls the one that is being answered */
    struct client *clients;
    uint64_t armed_ms; /* when _start will be called; 0: not known */
    uint32_t sockets_most;
    uint64_t bytes_most, memory_most;
    char address[64], gateway[64], dns[128], name[48], ntp[300];
    bool has_ntp; /* the line says it, perhaps that nobody is to be asked */
};
extern struct app app;

void say(uint32_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t now_ms(void);

/* Around whatever may change something: frames that came are taken, those that are to go go,
 * whoever waits hears of it, and _start will be called in time. */
void work_begin(void);
void work_end(void);

/* service.c. The caller's socket, when frames that came are taken; NULL: *status says why. */
struct sock *service_begin(struct client **c, uint32_t handle, ctx_status *status);
ctx_status service_end(ctx_status status);

/* rights.c */
void rights_read(struct client *c, char *text);
void rights_all(struct client *c); /* a line without parentheses */
bool rights_out(const struct client *c, const struct net_address *a, bool port_matters);
bool rights_name(const struct client *c, const char *name, uint32_t port, bool port_matters);
bool rights_in(const struct client *c, uint32_t first, uint32_t last); /* all of these ports */
bool rights_in_any(const struct client *c);                            /* at some port */
void rights_hear(struct client *c, const struct net_address *from);
bool rights_answer(const struct client *c, const struct net_address *to);
void rights_know(struct client *c, const char *name, const struct net_found *found);

/* clients.c */
struct client *client_of_caller(ctx_status *status);
void clients_news(void);
void clients_look(void); /* those that are dirty: their waits */
uint32_t client_ready(struct client *c, const struct want *w);

/* Of names too. */
uint32_t client_watched(struct client *c, uint8_t *out, uint32_t most);
bool client_any_watched(struct client *c);

/* handles.c */
uint32_t handle_make(struct client *c, struct sock *s); /* 0: no memory */
struct sock *handle_of(struct client *c, uint32_t handle);
void handle_close(struct client *c, uint32_t handle);
void handles_of_client_gone(struct client *c);
void handle_moved(uint32_t handle, uint64_t call, bool made); /* by this call of the caller's */
void handles_undone(struct client *c, uint64_t call);
void handles_begin(void);
void handle_look(uint32_t handle); /* something of it has changed */
void handle_watch(uint32_t handle, struct watch watch, uint64_t call);
bool handles_any_ready(struct client *c); /* of those that are watched */
uint32_t handles_ready(struct client *c, uint8_t *out, uint32_t most); /* struct watched */
void handles_look_all(struct client *c);

/* lend.c */
ctx_status buffer_lend(struct client *c, uint32_t share, bool may_write, uint64_t call,
                       struct buffer **out);
struct buffer *buffer_of(struct client *c, uint32_t number);
void buffers_undone(struct client *c, uint64_t call);
void buffers_of_client_gone(struct client *c);

/* card.c */
void cards_look(void); /* which there are */
void cards_take(void); /* frames that came */
/* Those that are to go. In a call of another app's the first goes at once, and those behind it wait
 * for each other until it has ended: telling a card of one costs more than making it. */
void cards_go(bool own_turn);
bool cards_any(void);

#endif
