/* SPDX-License-Identifier: MIT */
/* Noise from the host: see virtio_rng.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_rng.h"
#include "virtio_driver.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/noise.h>
#include <kernel/string.h>

#define ROOM     "virtio-rng"
#define REQUESTQ 0u /* [5.4.2] */

static bool rng_open(struct virtio_rng *rng)
{
    struct virtio_device *dev = rng->dev;
    uint64_t known = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
    if (virtio_reset_end(dev) != CTX_OK || virtio_negotiate(dev, known) != CTX_OK ||
        virtio_queue_start(dev, &rng->queue, REQUESTQ, 1) != CTX_OK) {
        return false;
    }
    if (rng->bytes == NULL) {
        rng->bytes = dma_alloc(RNG_BYTES, &rng->bytes_paddr);
        if (rng->bytes == NULL) {
            log_error(ROOM, "no memory at=%s", dev->at);
            return false;
        }
    }
    log_info(ROOM, "irq=%s queue=%u at=%s", dev->polled ? "polled" : "msix", rng->queue.size,
             dev->at);
    virtio_driver_ok(dev);
    return true;
}

static void ask(struct virtio_rng *rng)
{
    struct virtq_segment segment = {rng->bytes_paddr, RNG_BYTES};
    memset(rng->bytes, 0, RNG_BYTES);
    (void)virtq_add(&rng->queue, &segment, 0, 1, rng->bytes);
    virtio_kick(rng->dev, &rng->queue);
    virtq_arm(&rng->queue);
}

static bool has_answer(struct virtio_rng *rng)
{
    return virtq_has_news(&rng->queue) || virtio_in_trouble(rng->dev) ||
           virtq_has_news(&rng->queue); /* again: virtio_in_trouble() */
}

/* What came; however much the device says, the buffer has no more. */
static void take(struct virtio_rng *rng)
{
    uint8_t bytes[RNG_BYTES];
    struct virtq_chain chain;
    while (virtq_get(&rng->queue, &chain)) {
        size_t len = MIN(chain.len, RNG_BYTES);
        memcpy(bytes, rng->bytes, len); /* the device may go on writing */
        noise_add(bytes, len);
        log_debug(ROOM, "bytes=%lu", len);
    }
}

static void rng_run(struct task *task)
{
    struct virtio_rng *rng = container_of(task, struct virtio_rng, task);
    TASK_BEGIN(task);
start:
    virtio_reset_begin(rng->dev);
    while (virtio_reset_pending(rng->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    if (!rng_open(rng)) {
        virtio_give_up(rng->dev, "it could not be started");
        TASK_EXIT(task);
    }
    noise_source(task);
    for (;;) {
        ask(rng);
        while (!has_answer(rng)) {
            if (rng->dev->polled) {
                TASK_AWAIT_FOR(task, has_answer(rng), RNG_POLL_NS);
            } else {
                TASK_AWAIT(task, has_answer(rng));
            }
        }
        take(rng);
        if (rng->queue.broken || virtio_in_trouble(rng->dev)) {
            if (!virtio_recover(rng->dev, rng->queue.broken ? "the queue is broken"
                                                            : "the device asks for a reset")) {
                break;
            }
            goto start;
        }
        TASK_AWAIT(task, noise_is_wanted());
    }
    virtio_give_up(rng->dev, "a reset did not help");
    TASK_END(task);
}

void virtio_rng_start(struct virtio_rng *rng, struct virtio_device *dev)
{
    rng->dev = dev;
    dev->task = &rng->task;
    task_start(&rng->task, ROOM, rng_run);
}

static void start(struct virtio_device *dev, uint32_t no)
{
    static struct virtio_rng rng; /* one is enough. [loop] */
    (void)no;
    virtio_rng_start(&rng, dev);
}

const struct virtio_driver virtio_rng_driver = {.name = ROOM, .type = 4, .most = 1, .start = start};
