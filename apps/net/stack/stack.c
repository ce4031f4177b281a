/* SPDX-License-Identifier: MIT */
/* The stack as a whole: what is done in which order. */
#include "stack_private.h"

#include "lwip/apps/mdns.h"
#include "lwip/dns.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LEAP_MS 90000u /* nobody slept so long on purpose */
#define ROUNDS  64     /* of packets from this machine to itself, until others have a turn */

void stack_say(uint32_t level, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    stack.host.say(level, text);
}

static void on_name(struct netif *netif, u8_t result, s8_t slot)
{
    (void)netif;
    (void)slot;
    if (result != MDNS_PROBING_SUCCESSFUL) {
        stack_say(CTX_LOG_WARN,
                  "%s.local is another machine's: give net another name=", stack.name);
    }
}

void stack_begin(const struct stack_setup *setup, uint64_t now_ms)
{
    stack.host = setup->host;
    stack.now_ms = stack.lively_ms = now_ms;
    stack.memory_most = setup->memory_most;
    stack.orphans.sockets_most = UINT32_MAX;
    stack.orphans.bytes_most = UINT64_MAX;
    snprintf(stack.name, sizeof stack.name, "%s", setup->name);
    stack.host.noise(stack.secret, sizeof stack.secret);
    lwip_init();
    cards_begin();
    ntp_begin();
    if (stack.name[0] != 0) {
        mdns_resp_register_name_result_cb(on_name);
        mdns_resp_init();
    }
}

/* What DHCP or a router says takes the place of what the line says. */
static void keep_dns(void)
{
    for (u8_t i = 0; stack.dns_count != 0 && i < DNS_MAX_SERVERS; i++) {
        dns_setserver(i, i < stack.dns_count ? &stack.dns[i] : NULL);
    }
}

bool stack_dns(const char *words)
{
    char text[64];
    u8_t count = 0;
    for (const char *at = words; *at != 0;) {
        const char *end = strchr(at, ',');
        size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
        struct net_address a = {.size = sizeof a};
        ip_addr_t ip;
        if (len >= sizeof text || count == DNS_MAX_SERVERS) {
            return false;
        }
        memcpy(text, at, len);
        text[len] = 0;
        if (!name_is_address(text, &a) || !address_in(&a, &ip)) {
            return false;
        }
        stack.dns[count++] = ip;
        at += len + (end != NULL);
    }
    stack.dns_count = count;
    keep_dns();
    stack.moved = true;
    return count > 0;
}

static void run_loops(void)
{
    struct netif *netif;
    for (int i = 0; i < ROUNDS; i++) {
        bool any = false;
        NETIF_FOREACH(netif)
        {
            any |= netif->loop_first != NULL;
        }
        if (!any) {
            return;
        }
        netif_poll_all();
    }
}

void stack_run(uint64_t now_ms)
{
    now_ms = now_ms > stack.now_ms ? now_ms : stack.now_ms;
    uint64_t passed = now_ms - stack.now_ms;
    stack.now_ms = now_ms;
    if (passed > LEAP_MS) {
        stack_say(CTX_LOG_INFO, "the clock has leapt by %llu s: addresses are asked for anew",
                  (unsigned long long)(passed / 1000));
        stack.lively_ms = now_ms;
    }
    stack_timers_run();
    if (stack.starved) { /* there may be room by now */
        stack.starved = false;
        tcp_txnow();
    }
    if (passed > LEAP_MS) {
        cards_leapt();
        ntp_leapt();
    }
    run_loops();
    keep_dns();
    bool moved = stack.moved;
    stack.moved = false;
    cards_run();
    if (moved) {
        groups_moved();
    }
    socks_run();
    lingers_run();
    little_run();
    names_run();
    ntp_run(moved);
    run_loops();
}

uint64_t stack_next(void)
{
    struct netif *netif;
    uint64_t next = stack_timers_next(), other = cards_next();
    next = other < next ? other : next;
    other = socks_next();
    next = other < next ? other : next;
    other = names_next();
    next = other < next ? other : next;
    other = ntp_next();
    next = other < next ? other : next;
    NETIF_FOREACH(netif)
    {
        next = netif->loop_first != NULL ? stack.now_ms : next;
    }
    return stack.moved ? stack.now_ms : next;
}

uint64_t stack_memory(void)
{
    return stack.memory;
}
