/* SPDX-License-Identifier: MIT */
/* A disk: see virtio_blk.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_blk.h"
#include "virtio_driver.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define DISKS_MAX 8u

/* ---- requests ---- */

/* Put the chain of a request into the ring; the device does not see it yet. */
static bool give(struct virtio_blk *blk, uint32_t no, uint32_t type, uint64_t sector,
                 const struct virtq_segment *bytes, uint32_t pieces, struct block_request *request)
{
    size_t header_at =
        offsetof(struct virtio_blk_area, headers) + no * sizeof(struct virtio_blk_req_header);
    size_t status_at = offsetof(struct virtio_blk_area, statuses) + no;
    struct virtq_segment segments[BLK_CHAIN_MAX] = {
        {blk->area_paddr + header_at, sizeof(struct virtio_blk_req_header)},
    };
    uint32_t count = 1;
    for (uint32_t i = 0; i < pieces; i++) {
        segments[count++] = bytes[i];
    }
    segments[count++] = (struct virtq_segment){blk->area_paddr + status_at, 1};
    bool reads = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;
    uint32_t readable = reads ? 1 : count - 1;

    blk->area->headers[no] = (struct virtio_blk_req_header){.type = type, .sector = sector};
    blk->area->statuses[no] = BLK_STATUS_NONE;
    if (virtq_add(&blk->queue, segments, readable, count - readable, &blk->slots[no]) != CTX_OK) {
        return false; /* the ring is full, or broken: then the task finds out */
    }
    blk->slots[no] = (struct blk_slot){.request = request, .used = true};
    if (blk->in_flight++ == 0) {
        blk->heard_ns = machine_now_ns();
    }
    return true;
}

static bool give_request(struct virtio_blk *blk, uint32_t no, struct block_request *request)
{
    static const uint32_t types[] = {
        [BLOCK_READ] = VIRTIO_BLK_T_IN,       [BLOCK_WRITE] = VIRTIO_BLK_T_OUT,
        [BLOCK_FLUSH] = VIRTIO_BLK_T_FLUSH,   [BLOCK_DISCARD] = VIRTIO_BLK_T_DISCARD,
        [BLOCK_ZEROES] = VIRTIO_BLK_T_ZEROES,
    };
    struct virtq_segment bytes[BLK_CHAIN_MAX - 2];
    uint32_t pieces = 0;
    uint64_t sector = 0; /* [5.2.6.1]: what all but reads and writes have to say */
    if (request->op == BLOCK_DISCARD || request->op == BLOCK_ZEROES) {
        bool unmap = request->op == BLOCK_ZEROES && blk->unmaps;
        blk->area->ranges[no] =
            (struct virtio_blk_range){.sector = request->sector,
                                      .sectors = request->sectors,
                                      .flags = unmap ? VIRTIO_BLK_RANGE_UNMAP : 0};
        size_t at = offsetof(struct virtio_blk_area, ranges) + no * sizeof(struct virtio_blk_range);
        bytes[pieces++] =
            (struct virtq_segment){blk->area_paddr + at, sizeof(struct virtio_blk_range)};
    } else if (request->op != BLOCK_FLUSH) {
        sector = request->sector;
        for (uint32_t i = 0; i < request->segment_count; i++) {
            const struct block_segment *s = &request->segments[i];
            bytes[pieces++] = (struct virtq_segment){machine_direct_paddr(s->bytes), s->len};
        }
        if (pieces == 0) {
            bytes[pieces++] = (struct virtq_segment){machine_direct_paddr(request->bytes),
                                                     request->sectors * BLOCK_SECTOR};
        }
    }
    return give(blk, no, types[request->op], sector, bytes, pieces, request);
}

static struct block_request *take_waiting(struct virtio_blk *blk)
{
    struct block_request *request = blk->waiting;
    blk->waiting = request->next;
    if (blk->waiting == NULL) {
        blk->waiting_end = &blk->waiting;
    }
    request->next = NULL;
    return request;
}

/* Give the device what waits, as much as fits, and notify it once. */
static void blk_pump(struct virtio_blk *blk)
{
    bool idle = blk->in_flight == 0;
    if (!blk->ready) {
        return;
    }
    for (uint32_t no = 0; no < BLK_IN_FLIGHT && blk->waiting != NULL; no++) {
        if (blk->slots[no].used) {
            continue;
        }
        if (!give_request(blk, no, blk->waiting)) {
            break;
        }
        (void)take_waiting(blk);
    }
    virtio_kick(blk->dev, &blk->queue);
    if (idle && blk->in_flight > 0) { /* the task sleeps without a deadline */
        blk->nudged = true;
        task_wake(&blk->task);
    }
}

static void blk_submit(struct block_device *device, struct block_request *request)
{
    struct virtio_blk *blk = container_of(device, struct virtio_blk, device);
    if (blk->dead) {
        block_done(request, CTX_E_IO);
        return;
    }
    *blk->waiting_end = request;
    blk->waiting_end = &request->next;
    blk_pump(blk);
}

/* Take back what the device had: it is reset, and gets it again or never. */
static void take_back(struct virtio_blk *blk)
{
    for (uint32_t no = BLK_IN_FLIGHT; no-- > 0;) { /* to the front, about in their order */
        struct block_request *request = blk->slots[no].request;
        blk->slots[no] = (struct blk_slot){0};
        if (request == NULL) {
            continue;
        }
        if (blk->waiting == NULL) {
            blk->waiting_end = &request->next;
        }
        request->next = blk->waiting;
        blk->waiting = request;
    }
    blk->in_flight = 0;
}

/* ---- answers ---- */

/* PENDING: that was no answer. */
static ctx_status result_of(const struct block_request *request, uint8_t status, uint32_t len)
{
    switch (status) {
    case VIRTIO_BLK_S_OK:
        /* [2.7.8]: len counts all that was written. With less, there is old memory in between. */
        return request->op == BLOCK_READ && len < request->sectors * BLOCK_SECTOR ? CTX_PENDING
                                                                                  : CTX_OK;
    case VIRTIO_BLK_S_IOERR:
        return CTX_E_IO;
    case VIRTIO_BLK_S_UNSUPP:
        return CTX_E_NOSYS;
    default:
        return CTX_PENDING;
    }
}

static void say_error(struct virtio_blk *blk, const struct block_request *request,
                      ctx_status status)
{
    if (blk->errors++ < BLK_ERRORS_SAID) {
        log_warn(BLK_ROOM, "%s: %s sector=%lu sectors=%u failed status=%d%s", blk->device.name,
                 block_op_name(request->op), request->sector, request->sectors, status,
                 blk->errors == BLK_ERRORS_SAID ? "; more are not named" : "");
    }
}

static void blk_collect(struct virtio_blk *blk)
{
    struct virtq_chain chain;
    while (blk->step == NULL && virtq_get(&blk->queue, &chain)) {
        struct blk_slot *slot = chain.cookie;
        struct block_request *request = slot->request;
        uint8_t answer = blk->area->statuses[slot - blk->slots]; /* once: it may go on writing */
        blk->heard_ns = machine_now_ns();
        ctx_status status = request == NULL ? CTX_OK : result_of(request, answer, chain.len);
        if (status == CTX_PENDING) {
            /* It stays in its slot, from where it is given again. */
            blk->step = answer == VIRTIO_BLK_S_OK ? "the device read less than it says"
                                                  : "the device wrote no status";
            break;
        }
        *slot = (struct blk_slot){0};
        blk->in_flight--;
        if (request == NULL) {
            blk->answered = true;
            continue;
        }
        if (status == CTX_E_IO && request->op != BLOCK_FLUSH &&
            request->sector + request->sectors > blk->device.sectors) {
            status = CTX_E_RANGE; /* it has become smaller meanwhile */
        }
        if (status != CTX_OK) {
            say_error(blk, request, status);
        }
        block_done(request, status);
    }
    virtq_arm(&blk->queue);
}

/* How long the task may sleep. */
static uint64_t blk_patience_ns(const struct virtio_blk *blk)
{
    if (blk->dev->polled) {
        return BLK_POLL_NS;
    }
    uint64_t limit = blk->ready ? BLK_SILENCE_NS : BLK_ID_NS;
    uint64_t quiet = machine_now_ns() - blk->heard_ns;
    return quiet < limit ? limit - quiet : 0;
}

static bool blk_has_news(struct virtio_blk *blk)
{
    return blk->nudged || blk->dev->leaving || virtq_has_news(&blk->queue) ||
           virtio_in_trouble(blk->dev) ||
           blk->dev->transport->config_generation(blk->dev) != blk->generation ||
           virtq_has_news(&blk->queue); /* again, behind a register: virtio_in_trouble() */
}

/* [2.5.2]: the generation is another one when anything in the configuration is. */
static void look_at_size(struct virtio_blk *blk)
{
    uint64_t sectors;
    uint32_t now = blk->dev->transport->config_generation(blk->dev);
    blk->moved = blk->moved || now != blk->generation;
    if (!blk->ready || now == blk->generation ||
        !virtio_config_read(blk->dev, VIRTIO_BLK_CONFIG_CAPACITY, sizeof(uint32_t), 2, &sectors)) {
        return;
    }
    blk->generation = now;
    block_resized(&blk->device,
                  ALIGN_DOWN(MIN(sectors, BLK_SECTORS_TOP), (uint64_t)blk->device.multiple));
}

static void blk_refresh(struct block_device *device)
{
    look_at_size(container_of(device, struct virtio_blk, device));
}

/* Once per wake. False: there is trouble, and blk->step says which. */
static bool blk_work(struct virtio_blk *blk)
{
    uint64_t limit = blk->ready ? BLK_SILENCE_NS : BLK_ID_NS;
    blk->nudged = false;
    blk_collect(blk);
    if (blk->dev->leaving) {
        blk->step = "it is taken away";
    }
    if (blk->step != NULL) {
        return false;
    }
    if (blk->queue.broken) {
        blk->step = "the queue is broken";
    } else if (virtio_in_trouble(blk->dev)) {
        blk->step = "the device asks for a reset";
    } else if (blk->in_flight > 0 && machine_now_ns() - blk->heard_ns >= limit) {
        blk->step = "no answer";
    } else {
        look_at_size(blk);
        blk_pump(blk);
        return true;
    }
    return false;
}

/* ---- bring-up ---- */

static bool blk_open(struct virtio_blk *blk)
{
    struct virtio_device *dev = blk->dev;
    uint64_t known = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_BLK_F_SIZE_MAX |
                     VIRTIO_BLK_F_RO | VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_FLUSH |
                     VIRTIO_BLK_F_CONFIG_WCE | VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_DISCARD |
                     VIRTIO_BLK_F_ZEROES;
    blk->step = "it could not be started";
    if (virtio_reset_end(dev) != CTX_OK) {
        return false;
    }
    take_back(blk);
    if (virtio_negotiate(dev, known) != CTX_OK || !virtio_blk_read_config(blk)) {
        return false;
    }
    blk->step = "it could not be started";
    if (virtio_queue_start(dev, &blk->queue, BLK_REQUESTQ, (uint16_t)virtio_blk_chain_max(blk)) !=
        CTX_OK) {
        return false;
    }
    if (blk->area == NULL) {
        blk->area = dma_alloc(sizeof(*blk->area), &blk->area_paddr);
        if (blk->area == NULL) {
            blk->step = "no memory";
            return false;
        }
    }
    blk->flush = virtio_blk_flush_mode(blk);
    blk->device.cache = blk->flush == BLK_FLUSH_SENT       ? BLOCK_CACHE_FLUSH
                        : blk->flush == BLK_FLUSH_NEEDLESS ? BLOCK_CACHE_NONE
                                                           : BLOCK_CACHE_FORGETS;
    blk->step = NULL;
    virtio_driver_ok(dev);
    virtq_arm(&blk->queue);
    return true;
}

/* Its name for people; what counts more is that it answers at all. */
static void ask_id(struct virtio_blk *blk)
{
    struct virtq_segment id = {blk->area_paddr + offsetof(struct virtio_blk_area, id),
                               VIRTIO_BLK_ID_BYTES};
    memset(blk->area->id, 0, sizeof(blk->area->id));
    blk->answered = false;
    (void)give(blk, 0, VIRTIO_BLK_T_GET_ID, 0, &id, 1, NULL); /* the ring is empty, it has room */
    virtio_kick(blk->dev, &blk->queue);
}

static void probe_end(struct virtio_blk *blk)
{
    if (!blk->probed) {
        blk->probed = true;
        block_probe_end();
    }
}

static void offer(struct virtio_blk *blk)
{
    static const char *const flushes[] = {"yes", "needless", "missing"};
    char id[VIRTIO_BLK_ID_BYTES + 1] = "";
    memcpy(id, blk->area->id, VIRTIO_BLK_ID_BYTES); /* nothing when it did not say one */
    text_make_printable(id);
    log_info(BLK_ROOM, "%s id=\"%s\" block=%u max_sectors=%u flush=%s irq=%s queue=%u at=%s",
             blk->device.name, id, blk->device.multiple * BLOCK_SECTOR, blk->device.max_sectors,
             flushes[blk->flush], blk->dev->polled ? "polled" : "msix", blk->queue.size,
             blk->dev->at);
    if (!blk->offered) {
        blk->offered = true;
        format_text(blk->device.serial, sizeof blk->device.serial, "%s", id);
        block_offer(&blk->device);
    }
    probe_end(blk);
}

/* ---- the task ---- */

static void fail_all(struct virtio_blk *blk)
{
    take_back(blk);
    while (blk->waiting != NULL) {
        block_done(take_waiting(blk), CTX_E_IO);
    }
}

static void blk_run(struct task *task)
{
    struct virtio_blk *blk = container_of(task, struct virtio_blk, task);
    TASK_BEGIN(task);
start:
    blk->ready = false;
    virtio_reset_begin(blk->dev);
    while (virtio_reset_pending(blk->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    if (!blk_open(blk)) {
        goto give_up;
    }
    ask_id(blk);
    while (!blk->answered) {
        TASK_AWAIT_FOR(task, blk_has_news(blk), blk_patience_ns(blk));
        if (!blk_work(blk)) {
            goto trouble;
        }
    }
    offer(blk);
    blk->ready = true;
    blk_pump(blk);
    for (;;) {
        if (blk->in_flight == 0) {
            TASK_AWAIT(task, blk_has_news(blk));
        } else {
            TASK_AWAIT_FOR(task, blk_has_news(blk), blk_patience_ns(blk));
        }
        if (!blk_work(blk)) {
            goto trouble;
        }
        if (blk->moved) { /* one that never holds still must not keep the loop to itself */
            blk->moved = false;
            task_wake(task);
            TASK_AWAIT(task, virtio_paused(blk->dev));
        }
    }

trouble:
    if (!blk->dev->leaving && virtio_recover(blk->dev, blk->step)) {
        goto start;
    }
give_up:
    blk->ready = false;
    /* Nobody is told IO before the device has let go of his memory. */
    virtio_reset_begin(blk->dev);
    while (virtio_reset_pending(blk->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    virtio_cut_off(blk->dev);
    virtio_give_up(blk->dev, blk->step);
    blk->dead = true;
    if (blk->offered) {
        block_gone(&blk->device);
    }
    fail_all(blk);
    probe_end(blk);
    TASK_END(task);
}

void virtio_blk_start(struct virtio_blk *blk, struct virtio_device *dev, const char *name)
{
    blk->dev = dev;
    dev->task = &blk->task;
    blk->waiting_end = &blk->waiting;
    blk->device.submit = blk_submit;
    blk->device.refresh = blk_refresh;
    format_text(blk->device.name, sizeof(blk->device.name), "%s", name);
    task_start(&blk->task, BLK_ROOM, blk_run);
}

static void start(struct virtio_device *dev, uint32_t no)
{
    static struct virtio_blk disks[DISKS_MAX]; /* [loop] */
    const char name[] = {'v', 'd', (char)('a' + no), 0};
    block_probe_begin(); /* probe_end() */
    virtio_blk_start(&disks[no], dev, name);
}

const struct virtio_driver virtio_blk_driver = {
    .name = BLK_ROOM, .type = 2, .most = DISKS_MAX, .start = start};
