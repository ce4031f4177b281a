/* SPDX-License-Identifier: MIT */
/*
 * The stack (apps/net/stack) has its state in static variables, as an app may. So that a test has
 * two of them each is a library that is loaded at run time; this is what it exports.
 */
#ifndef NET_TWIN_H
#define NET_TWIN_H

#include "stack.h"

struct net_twin {
    void (*begin)(const struct stack_setup *setup, uint64_t now_ms);
    void (*run)(uint64_t now_ms);
    uint64_t (*next)(void);
    uint64_t (*memory)(void);
    bool (*dns)(const char *words);
    bool (*ntp)(const char *words);
    uint32_t (*clock)(void);
    struct card *(*card_add)(const struct card_setup *setup);
    void (*card_remove)(struct card *card);
    void (*card_does)(struct card *card, uint32_t does);
    void (*card_link)(struct card *card, bool up);
    void (*card_input)(struct card *card, const void *frame, uint32_t len);
    bool (*card_at)(uint32_t index, struct net_card_info *out);
    void (*overview)(struct net_overview *out);
    ctx_status (*open)(struct owner *o, uint32_t kind, struct sock **out);
    void (*close)(struct sock *s);
    ctx_status (*bind)(struct sock *s, const struct net_address *a);
    ctx_status (*listen)(struct sock *s, uint32_t most);
    ctx_status (*connect)(struct sock *s, const struct net_address *a);
    ctx_status (*connect_name)(struct sock *s, const char *name, uint32_t port);
    ctx_status (*accept)(struct sock *s, struct sock **out);
    ctx_status (*send)(struct sock *s, const void *bytes, uint32_t len, uint32_t *count);
    ctx_status (*send_lent)(struct sock *s, struct lent *l, uint64_t at, uint32_t len,
                            uint32_t *count);
    void (*lent_end)(struct lent *l);
    ctx_status (*receive)(struct sock *s, void *bytes, uint32_t len, bool peek, uint32_t *count);
    ctx_status (*send_to)(struct sock *s, const void *bytes, uint32_t len,
                          const struct net_address *to);
    ctx_status (*receive_from)(struct sock *s, void *bytes, uint32_t len, uint32_t *count,
                               struct net_address *from);
    ctx_status (*shutdown)(struct sock *s, uint32_t what);
    ctx_status (*set)(struct sock *s, uint32_t option, uint64_t value);
    ctx_status (*local)(const struct sock *s, struct net_address *out);
    ctx_status (*peer)(const struct sock *s, struct net_address *out);
    uint32_t (*what)(const struct sock *s);
    void (*info)(const struct sock *s, struct net_socket_info *out);
    ctx_status (*join)(struct sock *s, const struct net_address *group);
    ctx_status (*leave)(struct sock *s, const struct net_address *group);
    void (*spoil)(struct sock *s);
    void (*owner_end)(struct owner *o);
    ctx_status (*resolve)(struct owner *o, const char *name, uint32_t family,
                          struct net_found *out);
};

#endif
