/* SPDX-License-Identifier: MIT */
/*
 * Multicast groups. lwIP counts for each card how many have joined, and takes packets for a group
 * whoever has; here is known which socket it was, and no other one is given them. One that did not
 * say by which card goes on by another one when its own has gone.
 */
#include "stack_private.h"

#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/mld6.h"

#define OF_SOCKET 20u /* as Linux */

struct group {
    struct group *next;
    const struct sock *sock;
    ip_addr_t ip;
    u8_t card; /* by which it has to be; 0: by any */
    u8_t on;   /* by which it is; 0: by none */
};

static struct group *groups;

static struct netif *card_for(const struct group *g)
{
    if (g->card != 0) {
        return netif_get_by_index(g->card);
    }
    return netif_default != NULL ? netif_default : stack.cards != NULL ? &stack.cards->netif : NULL;
}

static bool same(const ip_addr_t *a, const ip_addr_t *b)
{
    return ip_addr_zoneless_eq(a, b);
}

static err_t enter(struct group *g)
{
    struct netif *netif = card_for(g);
    if (netif == NULL || (netif->flags & NETIF_FLAG_IGMP) == 0) {
        return ERR_RTE;
    }
    err_t error = ERR_OK;
    if (IP_IS_V4(&g->ip)) {
        error = igmp_joingroup_netif(netif, ip_2_ip4(&g->ip));
    } else {
        ip6_addr_assign_zone(ip_2_ip6(&g->ip), IP6_MULTICAST, netif);
        error = mld6_joingroup_netif(netif, ip_2_ip6(&g->ip));
    }
    g->on = error == ERR_OK ? netif_get_index(netif) : 0;
    return error;
}

static void leave(const struct group *g)
{
    struct netif *netif = g->on != 0 ? netif_get_by_index(g->on) : NULL;
    if (netif == NULL) {
        return;
    }
    if (IP_IS_V4(&g->ip)) {
        (void)igmp_leavegroup_netif(netif, ip_2_ip4(&g->ip));
    } else {
        (void)mld6_leavegroup_netif(netif, ip_2_ip6(&g->ip));
    }
}

/* Of this socket; with how many it is in. */
static struct group **find(const struct sock *s, const ip_addr_t *ip, u8_t card, uint32_t *count)
{
    struct group **found = NULL;
    *count = 0;
    for (struct group **at = &groups; *at != NULL; at = &(*at)->next) {
        if ((*at)->sock == s) {
            ++*count;
            found = same(&(*at)->ip, ip) && (card == 0 || (*at)->card == card) ? at : found;
        }
    }
    return found;
}

static void forget(struct group **at)
{
    struct group *g = *at;
    *at = g->next;
    leave(g);
    stack_free(g);
}

static bool meant(const struct sock *s, const struct net_address *a, ip_addr_t *ip)
{
    return s->kind == NET_UDP && a->card <= UINT8_MAX && address_in(a, ip) &&
           ip_addr_ismulticast(ip);
}

ctx_status sock_join(struct sock *s, const struct net_address *a)
{
    ip_addr_t ip;
    uint32_t count;
    if (!meant(s, a, &ip)) {
        return CTX_E_INVAL;
    }
    if (find(s, &ip, (u8_t)a->card, &count) != NULL) {
        return CTX_E_EXIST;
    }
    if (count >= OF_SOCKET) {
        return CTX_E_NOSPC;
    }
    struct group *g = stack_calloc(1, sizeof *g);
    if (g == NULL) {
        return CTX_E_NOMEM;
    }
    *g = (struct group){.next = groups, .sock = s, .ip = ip, .card = (u8_t)a->card};
    err_t error = enter(g);
    if (error != ERR_OK) {
        stack_free(g);
        return error == ERR_RTE ? CTX_E_UNREACHABLE : stack_status(error);
    }
    groups = g;
    return CTX_OK;
}

ctx_status sock_leave(struct sock *s, const struct net_address *a)
{
    ip_addr_t ip;
    uint32_t count;
    if (!meant(s, a, &ip)) {
        return CTX_E_INVAL;
    }
    struct group **at = find(s, &ip, (u8_t)a->card, &count);
    if (at == NULL) {
        return CTX_E_NOENT;
    }
    forget(at);
    return CTX_OK;
}

void groups_of_gone(const struct sock *s)
{
    for (struct group **at = &groups; *at != NULL;) {
        if ((*at)->sock == s) {
            forget(at);
        } else {
            at = &(*at)->next;
        }
    }
}

bool groups_has(const struct sock *s, const ip_addr_t *to, const struct netif *by)
{
    for (const struct group *g = groups; g != NULL; g = g->next) {
        if (g->sock == s && same(&g->ip, to) && (by == NULL || g->on == netif_get_index(by))) {
            return true;
        }
    }
    return false;
}

void groups_moved(void)
{
    for (struct group *g = groups; g != NULL; g = g->next) {
        if (g->on != 0 && netif_get_by_index(g->on) == NULL) {
            g->on = 0;
        }
        if (g->on == 0) {
            (void)enter(g); /* later, if not now */
        }
    }
}
