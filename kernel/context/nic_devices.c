/* SPDX-License-Identifier: MIT */
/* The list of network cards, and what their drivers say: see kernel/nic.h. */
#include "nic_private.h"

#include <kernel/klog.h>

/* [boot, loop, in a call] */
static struct {
    struct nic_device *first, **end;
    uint32_t last; /* number */
} state;

void nic_offer(struct nic_device *device)
{
    const uint8_t *m = device->mac;
    KASSERT(device->send != NULL && device->receive != NULL && device->push != NULL &&
            device->stop != NULL && device->mtu >= NIC_MTU_LEAST);
    device->number = ++state.last;
    device->next = NULL;
    if (state.end == NULL) {
        state.end = &state.first;
    }
    *state.end = device;
    state.end = &device->next;
    log_info("nic", "name=%s mac=%02x:%02x:%02x:%02x:%02x:%02x mtu=%u link=%s at=\"%s\"",
             device->name, m[0], m[1], m[2], m[3], m[4], m[5], device->mtu,
             device->link ? "up" : "down", device->label);
    nic_tell_all();
}

static struct nic_device *there(struct nic_device *device)
{
    while (device != NULL && device->gone) {
        device = device->next;
    }
    return device;
}

struct nic_device *nic_after(const struct nic_device *device)
{
    return there(device != NULL ? device->next : state.first);
}

struct nic_device *nic_find(uint32_t number)
{
    struct nic_device *device = nic_after(NULL);
    while (device != NULL && device->number != number) {
        device = nic_after(device);
    }
    return device;
}

uint32_t nic_most(const struct nic_device *device)
{
    return MAX(device->mtu + NIC_HEADER + NIC_VLAN, device->longest);
}

uint32_t nic_least(const struct nic_device *device)
{
    return device->mtu + NIC_HEADER + NIC_VLAN;
}

void nic_is_ready(struct nic_device *device)
{
    struct nic_claim *claim = device->claim;
    device->ready = true;
    if (claim == NULL) {
        return;
    }
    if (device->filter != NULL) {
        device->filter(device, &claim->filter);
    }
    nic_rings_pump(claim);
    nic_rings_settle(claim);
}

void nic_was_reset(struct nic_device *device)
{
    struct nic_claim *claim = device->claim;
    device->ready = false;
    if (claim != NULL) {
        nic_rings_reset(claim);
        nic_rings_settle(claim);
        nic_claim_end(claim);
    }
}

void nic_is_gone(struct nic_device *device)
{
    if (device->gone) {
        return;
    }
    device->gone = true;
    device->link = false;
    log_info("nic", "name=%s is gone", device->name);
    nic_was_reset(device);
    nic_link_changed(device);
}

void nic_link_changed(struct nic_device *device)
{
    if (!device->gone) {
        log_info("nic", "name=%s link=%s", device->name, device->link ? "up" : "down");
    }
    if (device->claim != NULL) {
        nic_rings_changed(device->claim);
    }
    nic_tell_all();
}

void nic_sent(struct nic_device *device, uint32_t tag, ctx_status status)
{
    if (device->claim != NULL) {
        nic_rings_sent(device->claim, tag, status);
    }
}

void nic_received(struct nic_device *device, uint32_t tag, const struct nic_arrival *arrival)
{
    if (device->claim != NULL) {
        nic_rings_received(device->claim, tag, arrival);
    }
}

void nic_settle(struct nic_device *device)
{
    if (device->claim != NULL) {
        nic_rings_pump(device->claim);
        nic_rings_settle(device->claim);
    }
}
