/* SPDX-License-Identifier: MIT */
/* What a card says of itself, and is told to let through: see virtio_net.h. Numbers in brackets are
 * sections of virtio 1.2. */
#include "virtio_net.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define MTU        1500u
#define SPEED_NONE 0xffffffffu /* [5.1.4.2] */

uint64_t virtio_net_known(void)
{
    return VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_NET_F_CSUM |
           VIRTIO_NET_F_GUEST_CSUM | VIRTIO_NET_F_MTU | VIRTIO_NET_F_MAC | VIRTIO_NET_F_HOST_TSO4 |
           VIRTIO_NET_F_HOST_TSO6 | VIRTIO_NET_F_STATUS | VIRTIO_NET_F_CTRL_VQ |
           VIRTIO_NET_F_CTRL_RX | VIRTIO_NET_F_SPEED_DUPLEX;
}

static bool has(const struct virtio_net *net, uint64_t feature)
{
    return (net->dev->features & feature) != 0;
}

/* [5.1.5]: without MAC it is the driver's to choose; one that says it is its own, RFC 7042 2.1. */
static void make_address(uint8_t mac[NIC_MAC])
{
    uint64_t random = machine_random();
    memcpy(mac, &random, NIC_MAC);
    mac[0] = (uint8_t)((mac[0] & ~1u) | 2u);
}

static void read_link(struct virtio_net *net, bool *link, uint32_t *speed)
{
    uint16_t status = VIRTIO_NET_S_LINK_UP;
    uint32_t now = 0;
    if (has(net, VIRTIO_NET_F_STATUS)) {
        (void)virtio_config_read(net->dev, VIRTIO_NET_CONFIG_STATUS, sizeof status, 1, &status);
    }
    if (has(net, VIRTIO_NET_F_SPEED_DUPLEX)) {
        (void)virtio_config_read(net->dev, VIRTIO_NET_CONFIG_SPEED, sizeof now, 1, &now);
    }
    *link = (status & VIRTIO_NET_S_LINK_UP) != 0;
    *speed = now == SPEED_NONE || now > INT32_MAX ? 0 : now;
}

/* Whether all that was said to others of the card still holds; the link may change. */
static bool is_as_it_was(const struct nic_device *was, const struct nic_device *now)
{
    return memcmp(was->mac, now->mac, NIC_MAC) == 0 && was->mtu == now->mtu &&
           was->longest == now->longest && was->sums <= now->sums && was->tso4 <= now->tso4 &&
           was->tso6 <= now->tso6 && was->filters <= now->filters;
}

bool virtio_net_read_config(struct virtio_net *net)
{
    struct virtio_device *dev = net->dev;
    struct nic_device now = net->nic;
    net->generation = dev->transport->config_generation(dev);
    if (has(net, VIRTIO_NET_F_MAC)) {
        if (!virtio_config_read(dev, VIRTIO_NET_CONFIG_MAC, 1, NIC_MAC, now.mac)) {
            net->step = "its address cannot be read";
            return false;
        }
        if ((now.mac[0] & 1) != 0) {
            net->step = "its address is that of a group";
            return false;
        }
    } else if (!net->offered) {
        make_address(now.mac);
    }
    uint16_t mtu = MTU;
    if (has(net, VIRTIO_NET_F_MTU) &&
        (!virtio_config_read(dev, VIRTIO_NET_CONFIG_MTU, sizeof mtu, 1, &mtu) ||
         mtu < NIC_MTU_LEAST)) {
        log_warn(NET_ROOM, "%s: an MTU of %u makes no sense", now.name, mtu);
        mtu = MTU;
    }
    now.mtu = mtu;
    now.sums = has(net, VIRTIO_NET_F_CSUM);
    now.tso4 = now.sums && has(net, VIRTIO_NET_F_HOST_TSO4); /* [5.1.3.1] */
    now.tso6 = now.sums && has(net, VIRTIO_NET_F_HOST_TSO6);
    now.longest = now.tso4 || now.tso6 ? NET_TSO_MOST : 0;
    now.checks = has(net, VIRTIO_NET_F_GUEST_CSUM);
    now.filters = has(net, VIRTIO_NET_F_CTRL_VQ) && has(net, VIRTIO_NET_F_CTRL_RX) &&
                  dev->transport->queue_size(dev, NET_CTRL) >= NET_CTRL_LEAST;
    now.groups = now.filters ? NIC_GROUPS : 0;
    now.link_known = has(net, VIRTIO_NET_F_STATUS);
    if (net->offered && !is_as_it_was(&net->nic, &now)) {
        net->step = "after the reset it is another card";
        return false;
    }
    if (!net->offered) {
        net->nic = now;
        read_link(net, &net->nic.link, &net->nic.speed);
    }
    return true;
}

void virtio_net_look_at_link(struct virtio_net *net)
{
    bool link;
    uint32_t speed;
    net->generation = net->dev->transport->config_generation(net->dev);
    read_link(net, &link, &speed);
    if (link != net->nic.link || speed != net->nic.speed) {
        net->nic.link = link;
        net->nic.speed = speed;
        nic_link_changed(&net->nic);
    }
}

/* ---- what is let through [5.1.6.5.1, 5.1.6.5.2] ---- */

static void command(struct virtio_net *net, uint8_t class, uint8_t what, uint32_t len)
{
    struct net_command *c = &net->area->commands[net->commands];
    paddr_t at = net->area_paddr + offsetof(struct net_area, commands) +
                 net->commands * sizeof(struct net_command);
    struct virtq_segment segments[] = {
        {at, offsetof(struct net_command, data)},
        {at + offsetof(struct net_command, data), len},
        {at + offsetof(struct net_command, answer), sizeof c->answer},
    };
    c->class = class;
    c->command = what;
    c->answer = UINT8_MAX;
    if (virtq_add(&net->control, segments, 2, 1, c) == CTX_OK) {
        net->commands++;
    }
}

static void send_filter(struct virtio_net *net)
{
    const struct nic_filter *f = &net->filter;
    struct net_command *c = net->area->commands;
    uint32_t none = 0, count = f->groups ? 0 : f->count;
    net->filter_waits = false;
    c[0].data[0] = f->all;
    command(net, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, 1);
    c[1].data[0] = f->groups;
    command(net, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_ALLMULTI, 1);
    memcpy(c[2].data, &none, sizeof none); /* addresses of one, then those of groups */
    memcpy(c[2].data + sizeof none, &count, sizeof count);
    memcpy(c[2].data + sizeof none + sizeof count, f->group, (size_t)count * NIC_MAC);
    command(net, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE,
            (uint32_t)(sizeof none + sizeof count) + count * NIC_MAC);
    virtio_kick(net->dev, &net->control);
    virtq_arm(&net->control);
}

void virtio_net_filter(struct nic_device *nic, const struct nic_filter *filter)
{
    struct virtio_net *net = container_of(nic, struct virtio_net, nic);
    if (!net->started || !nic->filters) {
        return;
    }
    net->filter = *filter;
    net->filter_waits = true;
    if (net->commands == 0) {
        send_filter(net);
        if (net->dev->polled) {
            task_wake(&net->task);
        }
    }
}

void virtio_net_answers(struct virtio_net *net)
{
    struct virtq_chain chain;
    if (!net->started || !net->nic.filters) {
        return;
    }
    while (virtq_get(&net->control, &chain)) {
        const volatile struct net_command *c = chain.cookie;
        uint8_t answer = c->answer;
        net->commands--;
        if ((chain.len < 1 || answer != VIRTIO_NET_OK) && net->errors++ == 0) {
            log_warn(NET_ROOM, "%s: it does not filter command=%u.%u answer=%u", net->nic.name,
                     c->class, c->command, answer);
        }
    }
    if (net->commands == 0 && net->filter_waits) {
        send_filter(net);
    }
    virtq_arm(&net->control);
}
