/* SPDX-License-Identifier: MIT */
/* Addresses: the interface's, lwIP's, in words. */
#include "stack_private.h"

#include "lwip/ip.h"
#include "lwip/nd6.h"

#include <string.h>

bool address_in(const struct net_address *a, ip_addr_t *out)
{
    ip6_addr_t six;
    memset(out, 0, sizeof *out);
    if (a->port > UINT16_MAX || a->card > 255) {
        return false;
    }
    if (a->family == NET_IP4) {
        IP_SET_TYPE(out, IPADDR_TYPE_V4);
        memcpy(&ip_2_ip4(out)->addr, a->bytes, 4);
        return true;
    }
    if (a->family != NET_IP6) {
        return false;
    }
    memset(&six, 0, sizeof six);
    memcpy(six.addr, a->bytes, 16);
    if (ip6_addr_isipv4mappedipv6(&six)) {
        IP_SET_TYPE(out, IPADDR_TYPE_V4);
        ip_2_ip4(out)->addr = six.addr[3];
        return true;
    }
    if (ip6_addr_has_scope(&six, IP6_UNKNOWN)) {
        u8_t first = netif_default != NULL ? netif_get_index(netif_default) : 0;
        ip6_addr_set_zone(&six, a->card != 0 ? (u8_t)a->card : first);
    }
    ip_addr_copy_from_ip6(*out, six);
    return true;
}

void address_out(const ip_addr_t *ip, u16_t port, struct net_address *out)
{
    uint32_t size = out->size;
    *out = (struct net_address){.size = size, .port = port};
    if (IP_IS_V4(ip)) {
        out->family = NET_IP4;
        memcpy(out->bytes, &ip_2_ip4(ip)->addr, 4);
    } else { /* also the one of both families */
        out->family = NET_IP6;
        out->card = ip6_addr_zone(ip_2_ip6(ip));
        memcpy(out->bytes, ip_2_ip6(ip)->addr, 16);
    }
}

bool address_leads(const ip_addr_t *ip)
{
    static ip_addr_t any;
    IP_SET_TYPE(&any, IP_GET_TYPE(ip));
    struct netif *netif = ip_route(&any, ip);
    if (netif == NULL) {
        return false;
    }
    if (IP_IS_V4(ip)) {
        return !ip4_addr_isany_val(*netif_ip4_addr(netif));
    }
    return ip6_addr_islinklocal(ip_2_ip6(ip)) || ip6_addr_isloopback(ip_2_ip6(ip)) ||
           ip6_select_source_address(netif, ip_2_ip6(ip)) != NULL;
}

bool address_is_all(const ip_addr_t *ip)
{
    struct netif *netif;
    NETIF_FOREACH(netif)
    {
        if (IP_IS_V4(ip) && ip4_addr_isbroadcast(ip_2_ip4(ip), netif)) {
            return true;
        }
    }
    return false;
}

/* Not the loop's, nor this network's own, nor one of many; of a network that is one, and there
 * neither its name nor all who are in it. */
bool address_can_be(const ip4_addr_t *ip, const ip4_addr_t *mask)
{
    uint32_t address = lwip_ntohl(ip->addr), hosts = ~lwip_ntohl(mask->addr);
    bool many = (address >> 24) >= 224, none = address >> 24 == 0 || address >> 24 == 127;
    if (many || none || hosts == UINT32_MAX || (hosts & (hosts + 1)) != 0) {
        return false;
    }
    return hosts <= 1 || ((address & hosts) != 0 && (address & hosts) != hosts);
}

bool address_is_home(const ip_addr_t *ip)
{
    struct netif *netif;
    if (ip_addr_isloopback(ip)) {
        return true;
    }
    NETIF_FOREACH(netif)
    {
        /* One of IPv6 that somebody else may have is ours when that has been asked. */
        int at = IP_IS_V6(ip) ? netif_get_ip6_addr_match(netif, ip_2_ip6(ip)) : -1;
        if (IP_IS_V6(ip) ? at >= 0 && ip6_addr_isvalid(netif_ip6_addr_state(netif, at))
                         : !ip4_addr_isany(ip_2_ip4(ip)) &&
                               ip4_addr_eq(ip_2_ip4(ip), netif_ip4_addr(netif))) {
            return true;
        }
    }
    return false;
}

u16_t lwip_destination_mtu(const ip6_addr_t *to, struct netif *netif);

/* How long a packet of IPv6 may be that goes there. lwIP 2.2.1 believes whoever says that one was
 * too big; of one that would be too small for a fragment it makes fragments without an end. All
 * ways take 1,280 bytes (RFC 8201, 4), and none more than the card does. */
u16_t nd6_get_destination_mtu(const ip6_addr_t *to, struct netif *netif)
{
    uint32_t said = lwip_destination_mtu(to, netif), most = netif != NULL ? netif_mtu6(netif) : 0;
    uint32_t mtu = said != 0 && said < IP6_MIN_MTU_LENGTH ? IP6_MIN_MTU_LENGTH : said;
    return (u16_t)(most != 0 && most < mtu ? most : mtu);
}

bool name_is_address(const char *name, struct net_address *out)
{
    ip_addr_t ip;
    uint32_t size = out->size;
    /* Of IPv4 four numbers: what lwIP takes besides (0x7f.1) others take to be something else. */
    size_t dots = 0;
    bool six = strchr(name, ':') != NULL;
    for (const char *p = name; *p != 0; p++) {
        dots += *p == '.';
        if (!six && *p != '.' && (*p < '0' || *p > '9')) {
            return false;
        }
    }
    if ((!six && dots != 3) || !ipaddr_aton(name, &ip)) {
        return false;
    }
    out->size = size;
    address_out(&ip, 0, out);
    return true;
}
