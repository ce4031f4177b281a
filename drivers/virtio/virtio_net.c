/* SPDX-License-Identifier: MIT */
/* A network card's life: see virtio_net.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_net.h"
#include "virtio_driver.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#define CARDS_MAX 4u

static void net_stop(struct nic_device *nic)
{
    struct virtio_net *net = container_of(nic, struct virtio_net, nic);
    net->stopping = true;
    task_wake(&net->task);
}

static void net_collect(struct nic_device *nic)
{
    virtio_net_collect(container_of(nic, struct virtio_net, nic));
}

/* Chains as long as frames may lie in pieces, or as the queue takes [2.7.5.3.1]. */
static bool start_way(struct virtio_net *net, struct net_way *way, uint16_t no)
{
    uint32_t size = net->dev->transport->queue_size(net->dev, no);
    uint16_t chain_max = (uint16_t)MIN(size, NET_CHAIN);
    return virtio_queue_start_large(net->dev, &way->queue, no, chain_max, way->virtq_slots,
                                    NET_FRAMES) == CTX_OK &&
           way->queue.chain_max >= NET_CHAIN_LEAST;
}

static bool net_open(struct virtio_net *net)
{
    struct virtio_device *dev = net->dev;
    net->step = "it could not be started";
    if (virtio_negotiate(dev, virtio_net_known()) != CTX_OK || !virtio_net_read_config(net)) {
        return false;
    }
    if (net->area == NULL) {
        net->area = dma_alloc(sizeof(*net->area), &net->area_paddr);
        if (net->area == NULL) {
            net->step = "no memory";
            return false;
        }
    }
    net->step = "it could not be started";
    if (!start_way(net, &net->rx, NET_RX) || !start_way(net, &net->tx, NET_TX) ||
        (net->nic.filters &&
         virtio_queue_start(dev, &net->control, NET_CTRL, NET_COMMANDS) != CTX_OK)) {
        return false;
    }
    virtio_net_begin(net);
    net->commands = 0;
    net->filter_waits = false;
    net->stopping = false;
    net->step = NULL;
    net->started = true;
    virtio_driver_ok(dev);
    virtq_arm(&net->rx.queue);
    (void)virtq_arm_last(&net->tx.queue);
    return true;
}

static void offer(struct virtio_net *net)
{
    const struct nic_device *nic = &net->nic;
    if (net->offered) {
        return;
    }
    net->offered = true;
    log_info(NET_ROOM, "%s sums=%u%u tso=%u%u filters=%u irq=%s queues=%u,%u at=%s", nic->name,
             nic->sums, nic->checks, nic->tso4, nic->tso6, nic->filters,
             net->dev->polled ? "polled" : "msix", net->rx.queue.size, net->tx.queue.size,
             net->dev->at);
    nic_offer(&net->nic);
}

static bool net_has_used(const struct virtio_net *net)
{
    return virtq_has_news(&net->rx.queue) || virtq_has_news(&net->tx.queue) ||
           virtq_has_news(&net->control);
}

static bool net_has_news(struct virtio_net *net)
{
    return net->stopping || net->dev->leaving || net_has_used(net) || virtio_in_trouble(net->dev) ||
           net->dev->transport->config_generation(net->dev) != net->generation ||
           net_has_used(net); /* again, behind a register: virtio_in_trouble() */
}

/* Once per wake. False: net->step says why the card has to be reset, or it is to be stopped. */
static bool net_work(struct virtio_net *net)
{
    struct virtio_device *dev = net->dev;
    net->nic.counters.interrupts++;
    virtio_net_collect(net);
    virtio_net_answers(net);
    if (dev->leaving) {
        net->step = "it is taken away";
    } else if (net->rx.queue.broken || net->tx.queue.broken || net->control.broken) {
        net->step = "a queue is broken";
    } else if (virtio_in_trouble(dev)) {
        net->step = "the device asks for a reset";
    } else if (dev->transport->config_generation(dev) != net->generation) {
        virtio_net_look_at_link(net);
        net->moved = true;
    }
    return net->step == NULL && !net->stopping;
}

static bool net_is_polled(const struct virtio_net *net)
{
    return net->dev->polled && net->rx.used + net->tx.used + net->commands > 0;
}

static void net_run(struct task *task)
{
    struct virtio_net *net = container_of(task, struct virtio_net, task);
    TASK_BEGIN(task);
start:
    net->started = false;
    virtio_reset_begin(net->dev);
    while (virtio_reset_pending(net->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    net->step = "it could not be started";
    if (virtio_reset_end(net->dev) != CTX_OK) {
        goto give_up;
    }
    if (net->offered) { /* memory is whoever's it was from here on */
        net->nic.counters.resets++;
        nic_was_reset(&net->nic);
    }
    if (!net_open(net)) {
        goto give_up;
    }
    offer(net);
    virtio_net_look_at_link(net);
    nic_is_ready(&net->nic);
    for (;;) {
        if (net_is_polled(net)) {
            TASK_AWAIT_FOR(task, net_has_news(net), NET_POLL_NS);
        } else {
            TASK_AWAIT(task, net_has_news(net) || net_is_polled(net));
        }
        if (!net_work(net)) {
            break;
        }
        if (net->moved) { /* one that never holds still must not keep the loop to itself */
            net->moved = false;
            task_wake(task);
            TASK_AWAIT(task, virtio_paused(net->dev));
        }
    }
    if (net->step == NULL || (!net->dev->leaving && virtio_recover(net->dev, net->step))) {
        goto start;
    }
give_up:
    net->started = false;
    /* Nobody gets his memory back before the device has let go of it. */
    virtio_reset_begin(net->dev);
    while (virtio_reset_pending(net->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    virtio_cut_off(net->dev);
    virtio_give_up(net->dev, net->step);
    if (net->offered) {
        nic_is_gone(&net->nic);
    }
    TASK_END(task);
}

void virtio_net_start(struct virtio_net *net, struct virtio_device *dev, const char *name)
{
    net->dev = dev;
    dev->task = &net->task;
    net->nic.send = virtio_net_send;
    net->nic.receive = virtio_net_receive;
    net->nic.push = virtio_net_push;
    net->nic.collect = net_collect;
    net->nic.stop = net_stop;
    net->nic.filter = virtio_net_filter;
    format_text(net->nic.name, sizeof(net->nic.name), "%s", name);
    format_text(net->nic.label, sizeof(net->nic.label), "virtio at %s", dev->at);
    task_start(&net->task, NET_ROOM, net_run);
}

static void start(struct virtio_device *dev, uint32_t no)
{
    static struct virtio_net cards[CARDS_MAX]; /* [loop] */
    const char name[] = {'n', 'e', 't', (char)('0' + no), 0};
    virtio_net_start(&cards[no], dev, name);
}

const struct virtio_driver virtio_net_driver = {
    .name = NET_ROOM, .type = 1, .most = CARDS_MAX, .start = start};
