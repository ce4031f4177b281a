/* SPDX-License-Identifier: MIT */
/*
 * Names. lwIP asks for one address of one family, and calls back; here lies what is asked for and
 * what came of it, until whoever wanted it comes for it.
 */
#include "stack_private.h"

#include "lwip/dns.h"

#include <string.h>
#include <strings.h>

#define OF_ONE    8u     /* lookups of one owner */
#define KEPT_MS   60000u /* an answer that nobody came for */
#define TURN_MS   15000u /* while lwIP asks for others: it gives one up after half of that */
#define NAME_MOST 253u

struct lookup {
    struct owner *owner;
    struct sock *sock;       /* whose connection waits for it; NULL: somebody asked */
    struct lookup *next;     /* of its owner's */
    struct lookup *next_all; /* of all */
    uint64_t until_ms;       /* held: at most; answered: kept so long */
    bool held, waits;        /* until there is an address of ours; until lwIP can ask for it, too */
    bool answered;
    bool asked; /* lwIP calls back, so it stays until then */
    bool dropped;
    ctx_status status;
    uint8_t type;
    uint32_t family;
    ip_addr_t ip;
    char name[NAME_MOST + 1];
};

static struct lookup *all; /* the oldest first: each has its turn */
static bool full;          /* lwIP asks for as many as it can */

static void answer(struct lookup *l, ctx_status status, const ip_addr_t *ip)
{
    l->answered = true;
    l->held = false;
    l->status = status;
    l->until_ms = stack.now_ms + KEPT_MS;
    if (ip != NULL) {
        l->ip = *ip;
    }
    if (l->sock != NULL) {
        struct sock *s = l->sock;
        l->sock = NULL;
        s->lookup = NULL;
        l->dropped = true; /* names_run frees it */
        if (status == CTX_OK) {
            s->peer = l->ip;
            status = sock_start(s);
        }
        if (status != CTX_OK) {
            sock_fail(s, status);
        } else if (s->kind != NET_TCP) {
            sock_changed(s);
        }
    } else if (l->owner != NULL) {
        stack.host.named(l->owner);
    }
}

/* One of this machine's cards, or all who hear it. */
static bool is_here(const ip_addr_t *ip)
{
    struct netif *netif;
    NETIF_FOREACH(netif)
    {
        if (IP_IS_V4_VAL(*ip) ? ip4_addr_eq(ip_2_ip4(ip), netif_ip4_addr(netif))
                              : netif_get_ip6_addr_match(netif, ip_2_ip6(ip)) >= 0) {
            return true;
        }
    }
    return ip_addr_ismulticast(ip) || address_is_all(ip);
}

/* Whoever answers for a name that an app may reach could send it to this machine itself, where
 * other apps listen that trust it. Of IPv4 in IPv6 there is no need in an answer. */
static bool is_elsewhere(const ip_addr_t *ip)
{
    return !ip_addr_isloopback(ip) && !ip_addr_isany_val(*ip) && !is_here(ip) &&
           !(IP_IS_V6_VAL(*ip) && ip6_addr_isipv4mappedipv6(ip_2_ip6(ip)));
}

static void on_found(const char *name, const ip_addr_t *ip, void *arg)
{
    struct lookup *l = arg;
    (void)name;
    l->asked = false;
    if (!l->dropped) {
        bool fine = ip != NULL && is_elsewhere(ip);
        answer(l, fine ? CTX_OK : CTX_E_NOENT, fine ? ip : NULL);
    }
}

/* Whether it has to be asked of somebody in the house, by multicast. */
static bool is_local(const char *name)
{
    size_t len = strlen(name);
    return len > 6 && strcasecmp(name + len - 6, ".local") == 0;
}

static void ask(struct lookup *l)
{
    ip_addr_t ip;
    bool way = false;
    struct netif *netif;
    NETIF_FOREACH(netif)
    {
        way |= netif != netif_get_by_index(1) && netif_is_link_up(netif) &&
               !ip4_addr_isany_val(*netif_ip4_addr(netif));
    }
    bool nobody = !is_local(l->name) && ip_addr_isany_val(*dns_getserver(0));
    if (!way || nobody) {
        if (!l->held && stack_settling()) {
            l->held = true;
            l->until_ms = stack.now_ms + SETTLE_MS;
        }
        if (!l->held || !stack_settling() || stack.now_ms >= l->until_ms) {
            answer(l, CTX_E_UNREACHABLE, NULL);
        }
        return;
    }
    if (l->waits && full && stack.now_ms < l->until_ms) {
        return;
    }
    l->held = false;
    l->asked = true;
    err_t error = dns_gethostbyname_addrtype(l->name, &ip, on_found, l, l->type);
    if (error == ERR_INPROGRESS) {
        return;
    }
    if (error == ERR_OK) {
        on_found(l->name, &ip, l); /* it was known */
        return;
    }
    l->asked = false;
    full = error == ERR_MEM;
    if (full && (!l->waits || stack.now_ms < l->until_ms)) {
        l->until_ms = l->waits ? l->until_ms : stack.now_ms + TURN_MS;
        l->held = l->waits = true;
        return;
    }
    answer(l, full ? CTX_E_NOSPC : CTX_E_INVAL, NULL);
}

/* Without the dot at its end. False: that is no name. */
static bool clean(const char *name, char out[NAME_MOST + 1])
{
    size_t len = strlen(name), part = 0;
    len -= len > 1 && name[len - 1] == '.';
    if (len == 0 || len > NAME_MOST) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        part = c == '.' ? 0 : part + 1;
        if ((c == '.' && (i == 0 || name[i - 1] == '.')) || part > 63 || c <= ' ' || c == 127) {
            return false;
        }
        out[i] = c;
    }
    out[len] = 0;
    return true;
}

static void unlink_owner(struct lookup *l)
{
    for (struct lookup **at = &l->owner->lookups; *at != NULL; at = &(*at)->next) {
        if (*at == l) {
            *at = l->next;
            break;
        }
    }
    l->owner = NULL;
}

void name_end(struct lookup *l)
{
    if (l->sock != NULL) {
        l->sock->lookup = NULL;
        l->sock = NULL;
    }
    if (l->owner != NULL && !l->asked) { /* else it is the owner's until lwIP is done with it */
        unlink_owner(l);
    }
    l->dropped = true;
}

struct lookup *name_begin(struct owner *o, struct sock *s, const char *name, uint32_t family,
                          ctx_status *status)
{
    char text[NAME_MOST + 1];
    uint32_t count = 0, asked = 0;
    for (const struct lookup *l = o->lookups; l != NULL; l = l->next) {
        count++;
        asked += l->asked;
    }
    /* lwIP asks for 16 at a time, of all apps: one that connects, gives up, and connects again must
     * not have them all. */
    *status = !clean(name, text) || family > NET_IP6  ? CTX_E_INVAL
              : (s != NULL ? asked : count) >= OF_ONE ? CTX_E_NOSPC
                                                      : CTX_OK;
    struct lookup *l = *status == CTX_OK ? stack_calloc(1, sizeof *l) : NULL;
    if (l == NULL) {
        *status = *status == CTX_OK ? CTX_E_NOMEM : *status;
        return NULL;
    }
    strcpy(l->name, text);
    l->family = family;
    l->type = family == NET_IP4   ? LWIP_DNS_ADDRTYPE_IPV4
              : family == NET_IP6 ? LWIP_DNS_ADDRTYPE_IPV6
                                  : LWIP_DNS_ADDRTYPE_IPV4_IPV6;
    l->owner = o;
    l->next = o->lookups;
    o->lookups = l;
    struct lookup **last = &all;
    while (*last != NULL) {
        last = &(*last)->next_all;
    }
    *last = l;
    l->sock = s;
    if (strcasecmp(l->name, "localhost") == 0) {
        ip_addr_t loop;
        ip_addr_set_loopback(family == NET_IP6, &loop);
        answer(l, CTX_OK, &loop);
    } else {
        ask(l);
    }
    /* It may be answered already, and whoever waits for it started. */
    return s != NULL && l->sock == NULL ? NULL : l;
}

static void give(const struct lookup *l, struct net_found *out)
{
    out->count = 1;
    if (IP_IS_V4_VAL(l->ip)) {
        out->bytes[10] = out->bytes[11] = 0xff;
        memcpy(out->bytes + 12, &ip_2_ip4(&l->ip)->addr, 4);
    } else {
        memcpy(out->bytes, ip_2_ip6(&l->ip)->addr, 16);
    }
}

ctx_status name_resolve(struct owner *o, const char *name, uint32_t family, struct net_found *out)
{
    struct net_address a = {.size = sizeof a};
    char text[NAME_MOST + 1];
    ctx_status status = CTX_OK;
    if (!clean(name, text) || (family != NET_ANY && family != NET_IP4 && family != NET_IP6)) {
        return CTX_E_INVAL;
    }
    if (name_is_address(text, &a)) {
        struct lookup literal = {0};
        if ((family != NET_ANY && family != a.family) || !address_in(&a, &literal.ip)) {
            return CTX_E_NOENT;
        }
        give(&literal, out);
        return CTX_OK;
    }
    struct lookup *l = o->lookups;
    while (l != NULL && (l->sock != NULL || l->dropped || l->family != family ||
                         strcasecmp(l->name, text) != 0)) {
        l = l->next;
    }
    if (l == NULL) {
        l = name_begin(o, NULL, text, family, &status);
        if (l == NULL) {
            return status;
        }
    }
    if (!l->answered) {
        return CTX_E_AGAIN;
    }
    status = l->status;
    if (status == CTX_OK) {
        give(l, out);
    }
    name_end(l);
    return status;
}

void names_forget(struct owner *o)
{
    while (o->lookups != NULL) {
        struct lookup *l = o->lookups;
        name_end(l);
        if (l->owner != NULL) {
            unlink_owner(l);
        }
    }
}

void names_run(void)
{
    full = false;
    for (struct lookup *l = all; l != NULL; l = l->next_all) {
        if (l->held && !l->dropped) {
            ask(l);
        } else if (l->answered && !l->dropped && stack.now_ms >= l->until_ms) {
            name_end(l);
        }
    }
    for (struct lookup **at = &all; *at != NULL;) {
        struct lookup *l = *at;
        if (!l->dropped || l->asked) {
            at = &l->next_all;
            continue;
        }
        if (l->owner != NULL) {
            unlink_owner(l);
        }
        *at = l->next_all;
        stack_free(l);
    }
}

uint64_t names_next(void)
{
    uint64_t next = UINT64_MAX;
    for (const struct lookup *l = all; l != NULL; l = l->next_all) {
        uint64_t at = l->dropped && !l->asked ? 0 : l->held || l->answered ? l->until_ms : next;
        next = at < next ? at : next;
    }
    return next;
}
