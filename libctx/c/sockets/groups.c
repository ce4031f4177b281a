/* SPDX-License-Identifier: MIT */
/* Multicast: which groups a socket of packets has joined, so that it joins them again when whoever
 * offers the network has begun anew. */
#include "private.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct ctx_c_groups {
    struct ctx_c_groups *next;
    struct net_address group;
};

static bool same(const struct net_address *a, const struct net_address *b)
{
    return a->family == b->family && a->card == b->card && memcmp(a->bytes, b->bytes, 16) == 0;
}

/* The number of the card that has this address; -ENODEV: none has. 0.0.0.0: any. */
static int card_of(const struct in_addr *address)
{
    struct net_card_info info = {.size = sizeof info};
    ctx_status status = CTX_OK;
    if (address->s_addr == INADDR_ANY) {
        return 0;
    }
    for (uint32_t i = 0; status == CTX_OK; i++) {
        NET_ASK(status, card, i, &info);
        if (status == CTX_OK && memcmp(info.ip4, address, 4) == 0) {
            return (int)info.number;
        }
    }
    return status == CTX_E_NOENT ? -ENODEV : ctx_c_net_error(status);
}

/* Of struct ip_mreq, ip_mreqn, or in_addr alone (`group` is NULL then). */
static int read_four(const void *value, socklen_t len, struct in_addr *group)
{
    struct ip_mreqn m = {0};
    if (group == NULL && len < sizeof m.imr_multiaddr + sizeof m.imr_address) {
        if (len < sizeof m.imr_address) {
            return -EINVAL;
        }
        memcpy(&m.imr_address, value, sizeof m.imr_address);
        return card_of(&m.imr_address);
    }
    if (len < sizeof(struct ip_mreq)) {
        return -EINVAL;
    }
    memcpy(&m, value, len < sizeof m ? sizeof(struct ip_mreq) : sizeof m);
    if (group != NULL) {
        *group = m.imr_multiaddr;
    }
    return m.imr_ifindex != 0 ? m.imr_ifindex : card_of(&m.imr_address);
}

static int read_group(int level, const void *value, socklen_t len, struct net_address *out)
{
    *out = (struct net_address){.size = sizeof *out};
    if (level == IPPROTO_IPV6) {
        struct ipv6_mreq m;
        if (len < sizeof m) {
            return -EINVAL;
        }
        memcpy(&m, value, sizeof m);
        out->family = NET_IP6;
        out->card = m.ipv6mr_interface;
        memcpy(out->bytes, &m.ipv6mr_multiaddr, 16);
        return 0;
    }
    struct in_addr group = {0};
    int card = read_four(value, len, &group);
    if (card < 0) {
        return card;
    }
    out->family = NET_IP4;
    out->card = (uint32_t)card;
    memcpy(out->bytes, &group, 4);
    return 0;
}

static int error_of(ctx_status status, bool joins)
{
    return status == CTX_E_UNREACHABLE       ? -ENODEV
           : status == CTX_E_INVAL           ? -EINVAL
           : status == CTX_E_NOENT           ? -EADDRNOTAVAIL
           : status == CTX_E_DENIED && joins ? -EPERM
                                             : ctx_c_net_error(status);
}

static bool is_there(void)
{
    const struct net_table *net = ctx_c_net();
    return net == NULL ||
           net->t.size >= offsetof(struct net_table, leave) + sizeof(net->leave); /* an older one */
}

static int enter(struct ctx_c_socket *s, const struct net_address *group)
{
    struct ctx_c_groups *g = calloc(1, sizeof *g);
    ctx_status status;
    if (g == NULL) {
        return -ENOMEM;
    }
    NET_ASK(status, join, s->handle, group);
    if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
        NET_ASK(status, join, s->handle, group);
    }
    if (status != CTX_OK) {
        free(g);
        return error_of(status, true);
    }
    *g = (struct ctx_c_groups){.next = s->groups, .group = *group};
    s->groups = g;
    return 0;
}

static int leave(struct ctx_c_socket *s, const struct net_address *group)
{
    ctx_status status;
    struct ctx_c_groups **at = &s->groups;
    while (*at != NULL && !same(&(*at)->group, group)) {
        at = &(*at)->next;
    }
    struct ctx_c_groups *g = *at;
    if (g == NULL) {
        return -EADDRNOTAVAIL;
    }
    NET_ASK(status, leave, s->handle, group);
    *at = g->next;
    free(g);
    return status == CTX_E_STALE ? 0 : error_of(status, false);
}

int ctx_c_socket_group(struct ctx_c_socket *s, int level, bool joins, const void *value,
                       socklen_t len)
{
    struct net_address group;
    int error = read_group(level, value, len, &group);
    if (error == 0 && !is_there()) {
        error = -ENOPROTOOPT;
    }
    return error != 0 ? error : joins ? enter(s, &group) : leave(s, &group);
}

int ctx_c_socket_group_card(int level, const void *value, socklen_t len)
{
    int number = 0;
    if (level == IPPROTO_IP) {
        return read_four(value, len, NULL);
    }
    if (len < sizeof number) {
        return -EINVAL;
    }
    memcpy(&number, value, sizeof number);
    return number < 0 ? -EINVAL : number;
}

void ctx_c_socket_groups_again(struct ctx_c_socket *s)
{
    for (struct ctx_c_groups *g = s->groups; g != NULL; g = g->next) {
        ctx_status status;
        NET_ASK(status, join, s->handle, &g->group);
        (void)status; /* its card may have gone */
    }
}

void ctx_c_socket_groups_gone(struct ctx_c_socket *s)
{
    while (s->groups != NULL) {
        struct ctx_c_groups *g = s->groups;
        s->groups = g->next;
        free(g);
    }
}
