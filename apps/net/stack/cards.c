/* SPDX-License-Identifier: MIT */
/*
 * Cards, each a netif of lwIP, and how they get addresses: by DHCP, whose address is used at once
 * and checked afterwards (RFC 5227; lwIP alone would check for seven seconds first), by routers
 * for IPv6, or as the line says.
 */
#include "stack_private.h"

#include "lwip/apps/mdns.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/igmp.h"
#include "lwip/nd6.h"
#include "lwip/prot/dhcp.h"
#include "netif/ethernet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_LEAST 14u
#define PADDED      60u /* as they go over the wire */
#define MTU_MOST    9000u
#define MTU_LEAST   576u
#define AGAIN_MS    10000u /* after an address was another one's */
#define HEAD        14u
#define TCP_UDP_SUMS                                                                               \
    (NETIF_CHECKSUM_GEN_TCP | NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_GEN_UDP |                  \
     NETIF_CHECKSUM_CHECK_UDP)

static struct card *card_of(struct netif *netif)
{
    return netif->state;
}

/* ---- frames ---- */

static err_t on_output(struct netif *netif, struct pbuf *p)
{
    struct card *c = card_of(netif);
    if (!card_joins(c, p)) {
        bool fits = stack.segment != 0 || p->tot_len <= netif->mtu + HEAD;
        uint8_t *to = fits ? c->setup.ops->room(c->setup.arg, p->tot_len) : NULL;
        if (to == NULL) {
            stack.starved |= fits;
            c->lost_out++;
            return ERR_MEM;
        }
        card_sends(c, p, to);
    }
    c->frames_out++;
    c->bytes_out += p->tot_len;
    stack.lively_ms = stack.now_ms;
    return ERR_OK;
}

static void input(struct card *c, const void *frame, uint32_t len, bool good)
{
    stack.lively_ms = stack.now_ms;
    c->frames_in++;
    c->bytes_in += len;
    struct pbuf *p = NULL;
    if (len >= FRAME_LEAST && len <= c->netif.mtu + HEAD + 4u) {
        p = pbuf_alloc(PBUF_RAW, (u16_t)(len < PADDED ? PADDED : len), PBUF_RAM);
    }
    if (p == NULL) {
        c->lost_in++;
        return;
    }
    memcpy(p->payload, frame, len);
    if (len < PADDED) { /* lwIP reads all of an ARP packet, however short the frame */
        memset((uint8_t *)p->payload + len, 0, PADDED - len);
    }
    /* Frames that come from here to here have no sums, and nobody looks for them. */
    u16_t looks = good ? 0 : NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP;
    c->netif.chksum_flags = (u16_t)(c->netif.chksum_flags | looks);
    stack.wire = true;
    if (c->netif.input(p, &c->netif) != ERR_OK) {
        pbuf_free(p);
    }
    stack.wire = false;
    c->netif.chksum_flags = (u16_t)(c->netif.chksum_flags & ~looks);
}

void card_input(struct card *c, const void *frame, uint32_t len)
{
    input(c, frame, len, false);
}

void card_input_good(struct card *c, const void *frame, uint32_t len)
{
    input(c, frame, len, true);
}

void card_does(struct card *c, uint32_t does)
{
    c->setup.does = does;
    c->last.frame = NULL;
    card_sums(c);
}

/* ---- addresses ---- */

static void on_acd(struct netif *netif, acd_callback_enum_t what)
{
    struct card *c = card_of(netif);
    if (what != ACD_IP_OK) {
        c->conflict = true; /* cards_run() goes on with it */
    }
}

/* Whoever answers DHCP may say anything. */
static void on_lie(struct card *c)
{
    const ip4_addr_t *ip = netif_ip4_addr(&c->netif);
    if (!ip4_addr_eq(ip, &c->lied)) {
        char text[2][IP4ADDR_STRLEN_MAX];
        ip4addr_ntoa_r(ip, text[0], sizeof text[0]);
        ip4addr_ntoa_r(netif_ip4_netmask(&c->netif), text[1], sizeof text[1]);
        c->lied = *ip;
        stack_say(CTX_LOG_WARN,
                  "DHCP gives address=%s mask=%s, which no machine can have: it is asked again",
                  text[0], text[1]);
    }
    dhcp_release_and_stop(&c->netif);
    c->dhcp_ms = stack.now_ms + AGAIN_MS;
}

static void check_address(struct card *c)
{
    const ip4_addr_t *ip = netif_ip4_addr(&c->netif);
    if (!c->fixed && !ip4_addr_isany(ip) && !address_can_be(ip, netif_ip4_netmask(&c->netif))) {
        on_lie(c);
    }
    if (ip4_addr_eq(ip, &c->told)) {
        return;
    }
    c->told = *ip;
    if (ip4_addr_isany_val(*ip)) {
        acd_stop(&c->acd);
        return;
    }
    char text[4][IP4ADDR_STRLEN_MAX];
    ip4addr_ntoa_r(ip, text[0], sizeof text[0]);
    ip4addr_ntoa_r(netif_ip4_netmask(&c->netif), text[1], sizeof text[1]);
    ip4addr_ntoa_r(netif_ip4_gw(&c->netif), text[2], sizeof text[2]);
    ipaddr_ntoa_r(dns_getserver(0), text[3], sizeof text[3]);
    stack_say(CTX_LOG_INFO, "%c%c%u address=%s mask=%s gateway=%s dns=%s by=%s", c->netif.name[0],
              c->netif.name[1], c->netif.num, text[0], text[1], text[2], text[3],
              c->fixed ? "line" : "DHCP");
    acd_add(&c->netif, &c->acd, on_acd);
    acd_start(&c->netif, &c->acd, *ip);
}

static void on_change(struct netif *netif, netif_nsc_reason_t reason,
                      const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)args;
    if ((reason & (LWIP_NSC_IPV4_ADDRESS_CHANGED | LWIP_NSC_IPV4_SETTINGS_CHANGED |
                   LWIP_NSC_IPV6_SET | LWIP_NSC_IPV6_ADDR_STATE_CHANGED | LWIP_NSC_LINK_CHANGED)) !=
        0) {
        stack.moved = true;
    }
}

static bool is_settling(const struct card *c)
{
    return !c->fixed && c->link_ms != 0 && stack.now_ms < c->link_ms + SETTLE_MS &&
           ip4_addr_isany_val(*netif_ip4_addr(&c->netif));
}

bool stack_settling(void)
{
    for (const struct card *c = stack.cards; c != NULL; c = c->next) {
        if (is_settling(c)) {
            return true;
        }
    }
    return false;
}

static bool read_address(const char *words, ip4_addr_t *ip, ip4_addr_t *mask)
{
    char text[20];
    const char *slash = strchr(words, '/');
    size_t len = slash != NULL ? (size_t)(slash - words) : strlen(words);
    struct net_address a = {.size = sizeof a};
    if (len >= sizeof text) {
        return false;
    }
    memcpy(text, words, len);
    text[len] = 0;
    char *end = NULL;
    unsigned long bits = slash != NULL ? strtoul(slash + 1, &end, 10) : 24;
    if (!name_is_address(text, &a) || a.family != NET_IP4 || bits < 1 || bits > 32 ||
        (slash != NULL && (end == slash + 1 || *end != 0))) {
        return false;
    }
    memcpy(&ip->addr, a.bytes, 4);
    mask->addr = lwip_htonl(0xffffffffu << (32 - bits));
    return true;
}

/* ---- their lives ---- */

static err_t on_init(struct netif *netif)
{
    struct card *c = card_of(netif);
    uint32_t mtu = c->setup.mtu;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = on_output;
    netif->mtu = (u16_t)(mtu < MTU_LEAST ? 1500 : mtu < MTU_MOST ? mtu : MTU_MOST);
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, c->setup.mac, 6);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->hostname = stack.name[0] != 0 ? stack.name : "argos";
    return ERR_OK;
}

/* Of the ways to somewhere lwIP takes the first that fits: no network that a card is told to be in
 * takes what this machine says to itself. */
static void loop_first(void)
{
    struct netif **at = &netif_list, *loop;
    while (*at != NULL && ((*at)->name[0] != 'l' || (*at)->name[1] != 'o')) {
        at = &(*at)->next;
    }
    loop = *at;
    if (loop != NULL) {
        *at = loop->next;
        loop->next = netif_list;
        netif_list = loop;
    }
}

struct card *card_add(const struct card_setup *setup)
{
    ip4_addr_t ip = {0}, mask = {0}, gateway = {0}, unused;
    bool fixed = setup->address != NULL;
    if ((fixed && (!read_address(setup->address, &ip, &mask) || !address_can_be(&ip, &mask))) ||
        (setup->gateway != NULL && !read_address(setup->gateway, &gateway, &unused))) {
        return NULL;
    }
    struct card *c = stack_calloc(1, sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    c->setup = *setup;
    c->fixed = fixed;
    if (netif_add(&c->netif, &ip, &mask, &gateway, c, on_init, ethernet_input) == NULL) {
        stack_free(c);
        return NULL;
    }
    loop_first();
    card_sums(c);
    c->next = stack.cards;
    stack.cards = c;
    if (netif_default == NULL) {
        netif_set_default(&c->netif);
    }
    netif_create_ip6_linklocal_address(&c->netif, 1);
    netif_set_ip6_autoconfig_enabled(&c->netif, 1);
    netif_set_up(&c->netif);
    if (stack.name[0] != 0 && mdns_resp_add_netif(&c->netif, stack.name) != ERR_OK) {
        stack_say(CTX_LOG_WARN, "nobody in the house can call it %s.local: no memory", stack.name);
    }
    return c;
}

void card_remove(struct card *c)
{
    struct card **at = &stack.cards;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    if (mdns_resp_netif_active(&c->netif)) {
        mdns_resp_remove_netif(&c->netif);
    }
    if (!c->fixed) {
        dhcp_stop(&c->netif);
        dhcp_cleanup(&c->netif);
    }
    netif_remove(&c->netif);
    if (netif_default == NULL && stack.cards != NULL) {
        netif_set_default(&stack.cards->netif);
    }
    stack.moved = true;
    stack_free(c);
}

void card_link(struct card *c, bool up)
{
    if (up == (c->link_ms != 0)) {
        return;
    }
    c->complained = false;
    if (!up) {
        c->link_ms = 0;
        netif_set_link_down(&c->netif);
        return;
    }
    c->link_ms = stack.now_ms > 0 ? stack.now_ms : 1;
    netif_set_link_up(&c->netif);
    if (!c->fixed && netif_dhcp_data(&c->netif) == NULL && dhcp_start(&c->netif) != ERR_OK) {
        c->dhcp_ms = stack.now_ms + AGAIN_MS;
    }
}

/* Somebody else answers to its address. */
static void on_conflict(struct card *c)
{
    char text[IP4ADDR_STRLEN_MAX];
    ip4addr_ntoa_r(netif_ip4_addr(&c->netif), text, sizeof text);
    c->conflict = false;
    c->taken = true;
    if (c->fixed) {
        stack_say(CTX_LOG_ERROR,
                  "%s is another machine's as well: give net another address=", text);
        return;
    }
    stack_say(CTX_LOG_WARN, "%s is another machine's: DHCP is asked for another one", text);
    acd_stop(&c->acd);
    dhcp_release_and_stop(&c->netif);
    c->dhcp_ms = stack.now_ms + AGAIN_MS;
}

static void run_card(struct card *c)
{
    if (c->conflict) {
        on_conflict(c);
    }
    if (c->dhcp_ms != 0 && stack.now_ms >= c->dhcp_ms) {
        c->dhcp_ms = dhcp_start(&c->netif) == ERR_OK ? 0 : stack.now_ms + AGAIN_MS;
    }
    if (!c->fixed && !c->complained && c->link_ms != 0 && stack.now_ms >= c->link_ms + SETTLE_MS &&
        ip4_addr_isany_val(*netif_ip4_addr(&c->netif))) {
        c->complained = true;
        stack_say(
            CTX_LOG_WARN,
            "nobody answers DHCP: no IPv4 address (address=10.0.2.15/24 on the line of net sets one)");
        stack.moved = true;
    }
    check_address(c);
}

void cards_run(void)
{
    for (struct card *c = stack.cards; c != NULL; c = c->next) {
        run_card(c);
    }
}

uint64_t cards_next(void)
{
    uint64_t next = UINT64_MAX;
    for (const struct card *c = stack.cards; c != NULL; c = c->next) {
        uint64_t settled = c->link_ms != 0 && !c->complained && !c->fixed &&
                                   ip4_addr_isany_val(*netif_ip4_addr(&c->netif))
                               ? c->link_ms + SETTLE_MS
                               : UINT64_MAX;
        uint64_t again = c->dhcp_ms != 0 ? c->dhcp_ms : UINT64_MAX;
        next = settled < next ? settled : next;
        next = again < next ? again : next;
    }
    return next;
}

void cards_begin(void)
{
    static netif_ext_callback_t callback;
    struct netif *loop = netif_find("lo0");
    if (loop != NULL) { /* it is all one memory */
        NETIF_SET_CHECKSUM_CTRL(loop, (u16_t)(NETIF_CHECKSUM_ENABLE_ALL & ~TCP_UDP_SUMS));
    }
    netif_add_ext_callback(&callback, on_change);
}

/* The clock has leapt: what neighbours were is old, and a lease may be over. */
void cards_leapt(void)
{
    for (struct card *c = stack.cards; c != NULL; c = c->next) {
        etharp_cleanup_netif(&c->netif);
        if (!c->fixed && c->link_ms != 0) {
            dhcp_network_changed_link_up(&c->netif);
        }
        nd6_restart_netif(&c->netif);
    }
    nd6_clear_destination_cache();
}

/* ---- what is told ---- */

static bool usable6(const struct netif *netif, int i)
{
    return ip6_addr_isvalid(netif_ip6_addr_state(netif, i));
}

bool card_at(uint32_t index, struct net_card_info *out)
{
    struct netif *netif = NULL;
    uint32_t size = out->size, at = 0;
    for (uint32_t number = 1; number < 255; number++) {
        netif = netif_get_by_index((u8_t)number);
        if (netif != NULL && at++ == index) {
            break;
        }
        netif = NULL;
    }
    if (netif == NULL) {
        return false;
    }
    bool loop = netif->name[0] == 'l' && netif->name[1] == 'o';
    const struct card *c = loop ? NULL : card_of(netif);
    *out = (struct net_card_info){.size = size, .number = netif_get_index(netif)};
    out->mtu = netif->mtu;
    snprintf((char *)out->name, sizeof out->name, "%c%c%u", netif->name[0], netif->name[1],
             loop ? 0u : netif->num);
    memcpy(out->mac, netif->hwaddr, 6);
    memcpy(out->ip4, &netif_ip4_addr(netif)->addr, 4);
    memcpy(out->mask4, &netif_ip4_netmask(netif)->addr, 4);
    memcpy(out->gateway4, &netif_ip4_gw(netif)->addr, 4);
    for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
        if (usable6(netif, i)) {
            memcpy(out->ip6 + 16 * out->count6++, netif_ip6_addr(netif, i)->addr, 16);
        }
    }
    out->flags = netif_is_link_up(netif) ? NET_CARD_LINK : 0;
    if (c == NULL) {
        out->flags |= NET_CARD_LOOP;
        return true;
    }
    out->flags |= c->fixed ? NET_CARD_FIXED : 0u;
    out->flags |= dhcp_supplied_address(netif) ? NET_CARD_DHCP : 0u;
    out->flags |= is_settling(c) ? NET_CARD_SETTLING : 0u;
    out->flags |= c->taken ? NET_CARD_TAKEN : 0u;
    out->frames_in = c->frames_in;
    out->frames_out = c->frames_out;
    out->bytes_in = c->bytes_in;
    out->bytes_out = c->bytes_out;
    out->lost_in = c->lost_in + (c->setup.ops->lost != NULL ? c->setup.ops->lost(c->setup.arg) : 0);
    out->lost_out = c->lost_out;
    return true;
}

uint32_t cards_count(void)
{
    uint32_t count = 0;
    for (const struct card *c = stack.cards; c != NULL; c = c->next) {
        count++;
    }
    return count;
}

void stack_overview(struct net_overview *out)
{
    for (const struct card *c = stack.cards; c != NULL; c = c->next) {
        bool link = c->link_ms != 0;
        out->flags |= link && !ip4_addr_isany_val(*netif_ip4_addr(&c->netif)) ? NET_UP4 : 0u;
        for (int i = 1; i < LWIP_IPV6_NUM_ADDRESSES; i++) { /* 0 is the link's own */
            out->flags |= link && usable6(&c->netif, i) ? NET_UP6 : 0u;
        }
    }
    out->flags |= stack_settling() ? NET_SETTLING : 0u;
    out->cards = cards_count();
    out->memory = stack.memory;
    out->memory_most = stack.memory_most;
    for (u8_t i = 0; i < DNS_MAX_SERVERS; i++) {
        const ip_addr_t *ip = dns_getserver(i);
        uint8_t *at = out->dns + 16 * out->count_dns;
        if (ip_addr_isany(ip)) {
            continue;
        }
        if (IP_IS_V4(ip)) {
            at[10] = at[11] = 0xff;
            memcpy(at + 12, &ip_2_ip4(ip)->addr, 4);
        } else {
            memcpy(at, ip_2_ip6(ip)->addr, 16);
        }
        out->count_dns++;
    }
    if (stack.name[0] != 0) {
        snprintf((char *)out->name, sizeof out->name, "%s.local", stack.name);
    }
}
