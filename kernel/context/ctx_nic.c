/* SPDX-License-Identifier: MIT */
/* ctx.nic/1: the functions. How claims live is nic_users.c's, what the rings say nic_rings.c's. */
#include "gate.h"
#include "nic_private.h"
#include "watch.h"

#include <kernel/machine.h>
#include <kernel/string.h>

/* Whether the app's line says that it may have this one. */
static bool may_see(const struct app *app, const struct nic_device *device)
{
    const char *params;
    return grants_find(&app->grant_list, GRANT_NIC, device->name, &params);
}

static struct nic_device *find(const struct app *app, uint64_t number)
{
    struct nic_device *device = nic_find((uint32_t)number);
    return device != NULL && may_see(app, device) ? device : NULL;
}

static uint32_t flags_of(const struct nic_device *d)
{
    return (d->link ? CTX_NIC_IS_LINK : 0u) | (d->link_known ? CTX_NIC_IS_KNOWN : 0u) |
           (d->sums ? CTX_NIC_IS_SUM : 0u) | (d->tso4 ? CTX_NIC_IS_TSO4 : 0u) |
           (d->tso6 ? CTX_NIC_IS_TSO6 : 0u) | (d->checks ? CTX_NIC_IS_CHECKS : 0u) |
           (d->filters ? CTX_NIC_IS_FILTERS : 0u) | (d->gone ? CTX_NIC_IS_GONE : 0u) |
           (d->claim != NULL ? CTX_NIC_IS_CLAIMED : 0u);
}

static ctx_status put_info(struct nic_device *d, const uint64_t args[6])
{
    if (d->refresh != NULL) {
        d->refresh(d);
    }
    struct ctx_nic_info info = {
        .size = sizeof info,
        .card = d->number,
        .flags = flags_of(d),
        .mtu = d->mtu,
        .most = nic_most(d),
        .least = nic_least(d),
        .pieces = NIC_PIECES,
        .entries = NIC_ENTRIES,
        .groups = d->groups,
        .speed = d->speed,
        .claimed = d->claim != NULL && d->claim->app != NULL ? d->claim->app->pid : 0,
    };
    memcpy(info.mac, d->mac, sizeof info.mac);
    memcpy(info.name, d->name, sizeof info.name);
    memcpy(info.label, d->label, sizeof info.label);
    return gate_put_struct(args, 2, &info, sizeof info);
}

static uint64_t nic_list(struct app *app, const uint64_t args[6])
{
    uint32_t left = (uint32_t)args[1];
    if (nic_user(app) == NULL) { /* who has listed is told of changes */
        return (uint32_t)CTX_E_NOMEM;
    }
    for (struct nic_device *d = nic_after(NULL); d != NULL; d = nic_after(d)) {
        if (may_see(app, d) && left-- == 0) {
            return (uint32_t)put_info(d, args);
        }
    }
    return (uint32_t)CTX_E_NOENT;
}

static bool is_ring_size(uint32_t n)
{
    return n >= NIC_ENTRIES_LEAST && n <= NIC_ENTRIES && (n & (n - 1)) == 0;
}

static uint64_t nic_claim_gate(struct app *app, const uint64_t args[6])
{
    struct ctx_nic_setup setup;
    struct nic_claim *claim;
    ctx_status status = gate_get_struct(args, 1, &setup, sizeof setup);
    struct nic_device *device = status == CTX_OK ? find(app, setup.card) : NULL;
    if (status != CTX_OK || device == NULL) {
        return (uint32_t)(status != CTX_OK ? status : CTX_E_NOENT);
    }
    if ((setup.flags & ~(uint32_t)CTX_NIC_PARTIAL) != 0 || setup.at % 64 != 0 ||
        !is_ring_size(setup.send_entries) || !is_ring_size(setup.receive_entries)) {
        return (uint32_t)CTX_E_INVAL;
    }
    status = nic_claim_make(app, device, &setup, &claim);
    if (status == CTX_OK) {
        status = gate_put(args[2], &claim->handle, sizeof claim->handle);
        if (status != CTX_OK) {
            nic_claim_let(claim);
        }
    }
    return (uint32_t)status;
}

static uint64_t nic_release(struct app *app, const uint64_t args[6])
{
    struct nic_claim *claim = nic_claim_find(app, args[1]);
    if (claim == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    if (app_may_undo(app)) {
        claim->closing = true;
    } else {
        nic_claim_let(claim);
    }
    return CTX_OK;
}

static uint64_t nic_info_gate(struct app *app, const uint64_t args[6])
{
    const struct nic_claim *claim = nic_claim_find(app, args[1]);
    return (uint32_t)(claim != NULL ? put_info(claim->device, args) : CTX_E_STALE);
}

static uint64_t nic_kick(struct app *app, const uint64_t args[6])
{
    struct nic_claim *claim = nic_claim_find(app, args[1]);
    uint32_t flags = (uint32_t)args[2];
    bool news = false;
    if (claim == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    if ((flags & ~(uint32_t)CTX_NIC_KICK_TELL_SENT) != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    struct nic_device *device = claim->device;
    device->counters.kicks++;
    if (device->gone) {
        return (uint32_t)CTX_E_IO;
    }
    if (device->collect != NULL) {
        device->collect(device);
    }
    ctx_status status = nic_rings_look(claim, &news);
    if (news) {
        app_reaches_out(app, "a network card works for it");
    }
    claim->tell_sent = (flags & CTX_NIC_KICK_TELL_SENT) != 0;
    nic_rings_pump(claim);
    nic_rings_settle(claim);
    return (uint32_t)status;
}

static uint64_t nic_filter_gate(struct app *app, const uint64_t args[6])
{
    struct nic_claim *claim = nic_claim_find(app, args[1]);
    uint32_t flags = (uint32_t)args[2], len = (uint32_t)args[4];
    if (claim == NULL) {
        return (uint32_t)CTX_E_STALE;
    }
    if ((flags & ~(uint32_t)(CTX_NIC_FILTER_GROUPS | CTX_NIC_FILTER_ALL)) != 0 ||
        len % NIC_MAC != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (len / NIC_MAC > NIC_GROUPS) {
        return (uint32_t)CTX_E_TOOBIG;
    }
    struct nic_device *device = claim->device;
    struct nic_filter filter = {
        .all = (flags & CTX_NIC_FILTER_ALL) != 0,
        .groups = (flags & CTX_NIC_FILTER_GROUPS) != 0,
        .count = len / NIC_MAC,
    };
    if (len > 0 && machine_copy_in(filter.group, args[3], len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (device->gone) {
        return (uint32_t)CTX_E_IO;
    }
    app_reaches_out(app, "it changed what a network card lets through");
    claim->filter = filter;
    if (device->ready && device->filter != NULL) {
        device->filter(device, &claim->filter);
    }
    return CTX_OK;
}

static uint64_t nic_counters_gate(struct app *app, const uint64_t args[6])
{
    const struct nic_device *device = find(app, args[1]);
    if (device == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    const struct nic_counters *c = &device->counters;
    struct ctx_nic_counters out = {
        .size = sizeof out,
        .sent = c->sent,
        .sent_bytes = c->sent_bytes,
        .send_errors = c->send_errors,
        .received = c->received,
        .received_bytes = c->received_bytes,
        .receive_errors = c->receive_errors,
        .dropped = c->dropped,
        .kicks = c->kicks,
        .interrupts = c->interrupts,
        .resets = c->resets,
    };
    return (uint32_t)gate_put_struct(args, 2, &out, sizeof out);
}

GATE_TABLE(ctx_nic_table, CTX_TABLE_NIC, nic_list, nic_claim_gate, nic_release, nic_info_gate,
           nic_kick, nic_filter_gate, nic_counters_gate);
