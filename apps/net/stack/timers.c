/* SPDX-License-Identifier: MIT */
/*
 * lwIP's timers. Its own are called at fixed intervals for ever, ten times a second and more, and
 * forget what time has passed when the clock leaps. Here they are called when something may come
 * of it: those that count the age of what is known catch up, the next time that anybody looks, so
 * they need not wake the app in between.
 */
#include "stack_private.h"

#include "lwip/acd.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"

#define LIVELY_MS 20000u /* so long after the last frame each tick is kept */
#define IDLE_MS   60000u
#define MOST      200000u /* ticks that are caught up with: two days of seconds */
#define CYCLIC    16

struct once {
    struct once *next;
    uint64_t at_ms;
    sys_timeout_handler fn;
    void *arg;
};

static struct once *first;
static uint64_t due[CYCLIC]; /* of lwip_cyclic_timers[] */

void sys_timeouts_init(void)
{
    LWIP_ASSERT("timers", lwip_num_cyclic_timers <= CYCLIC);
    for (int i = 0; i < lwip_num_cyclic_timers; i++) {
        due[i] = stack.now_ms + lwip_cyclic_timers[i].interval_ms;
    }
}

void sys_timeout(u32_t ms, sys_timeout_handler fn, void *arg)
{
    struct once **at = &first, *o = stack_malloc(sizeof *o);
    if (o == NULL) {
        return; /* what it is for is repeated, or is announced once less */
    }
    *o = (struct once){.at_ms = stack.now_ms + ms, .fn = fn, .arg = arg};
    while (*at != NULL && (*at)->at_ms <= o->at_ms) {
        at = &(*at)->next;
    }
    o->next = *at;
    *at = o;
}

void sys_untimeout(sys_timeout_handler fn, void *arg)
{
    for (struct once **at = &first; *at != NULL; at = &(*at)->next) {
        struct once *o = *at;
        if (o->fn == fn && o->arg == arg) {
            *at = o->next;
            stack_free(o);
            return;
        }
    }
}

/* Those whose ticks are for something that goes on now, and are not caught up with: a peer that
 * could not answer is not given up for it. */
static bool is_action(lwip_cyclic_timer_handler fn)
{
    return fn == tcp_tmr || fn == dhcp_fine_tmr || fn == acd_tmr || fn == igmp_tmr ||
           fn == mld6_tmr;
}

static bool acd_at_work(void)
{
    struct netif *netif;
    NETIF_FOREACH(netif)
    {
        for (struct acd *acd = netif->acd_list; acd != NULL; acd = acd->next) {
            if (acd->state != ACD_STATE_OFF && acd->state != ACD_STATE_ONGOING) {
                return true;
            }
        }
    }
    return false;
}

static bool dhcp_at_work(void)
{
    struct netif *netif;
    NETIF_FOREACH(netif)
    {
        struct dhcp *dhcp = netif_dhcp_data(netif);
        if (dhcp != NULL && dhcp->request_timeout > 0) {
            return true;
        }
    }
    return false;
}

static bool groups_at_work(void)
{
    struct netif *netif;
    NETIF_FOREACH(netif)
    {
        for (struct igmp_group *g = netif_igmp_data(netif); g != NULL; g = g->next) {
            if (g->timer > 0) {
                return true;
            }
        }
        for (struct mld_group *g = netif_mld6_data(netif); g != NULL; g = g->next) {
            if (g->timer > 0) {
                return true;
            }
        }
    }
    return false;
}

/* How long it may take until it is called. */
static uint64_t patience(lwip_cyclic_timer_handler fn)
{
    bool lively = stack.now_ms < stack.lively_ms + LIVELY_MS;
    if (fn == tcp_tmr) {
        return tcp_active_pcbs != NULL || tcp_tw_pcbs != NULL ? 0 : UINT64_MAX;
    }
    if (fn == dhcp_fine_tmr) {
        return dhcp_at_work() ? 0 : UINT64_MAX;
    }
    if (fn == acd_tmr) {
        return acd_at_work() ? 0 : IDLE_MS;
    }
    if (fn == igmp_tmr || fn == mld6_tmr) {
        return groups_at_work() ? 0 : IDLE_MS;
    }
    return lively ? 0 : IDLE_MS;
}

static void tick(int i)
{
    const struct lwip_cyclic_timer *t = &lwip_cyclic_timers[i];
    uint64_t missed = 1;
    if (stack.now_ms < due[i]) {
        return;
    }
    if (!is_action(t->handler)) {
        missed += (stack.now_ms - due[i]) / t->interval_ms;
        missed = missed < MOST ? missed : MOST;
    }
    due[i] += missed * t->interval_ms;
    due[i] = due[i] > stack.now_ms ? due[i] : stack.now_ms + t->interval_ms;
    while (missed-- > 0) {
        t->handler();
    }
}

void stack_timers_run(void)
{
    for (int i = 0; i < lwip_num_cyclic_timers; i++) {
        tick(i);
    }
    while (first != NULL && first->at_ms <= stack.now_ms) {
        struct once *o = first;
        sys_timeout_handler fn = o->fn;
        void *arg = o->arg;
        first = o->next;
        stack_free(o);
        fn(arg);
    }
}

uint64_t stack_timers_next(void)
{
    uint64_t next = first != NULL ? first->at_ms : UINT64_MAX;
    for (int i = 0; i < lwip_num_cyclic_timers; i++) {
        uint64_t slack = patience(lwip_cyclic_timers[i].handler);
        uint64_t at = slack == UINT64_MAX ? UINT64_MAX : due[i] + slack;
        next = at < next ? at : next;
    }
    return next;
}
