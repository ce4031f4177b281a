/* SPDX-License-Identifier: MIT */
/* virtio-gpu in 2D: see virtio_gpu.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_gpu.h"
#include "virtio_driver.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define ROOM         "virtio-gpu"
#define CONTROL      0u /* [5.7.2] */
#define DISPLAY_RANK 2u

/* What is taken when the device says nothing. */
#define FALLBACK_WIDTH  1024u
#define FALLBACK_HEIGHT 768u
#define POLL_NS         NSEC_PER_MSEC         /* a polled device with requests in flight */
#define POLL_SILENT_NS  (100 * NSEC_PER_MSEC) /* the same, given up waiting */

/* ---- updates ---- */

static struct virtio_gpu_rect box_around(const struct rect *rects, uint32_t count)
{
    uint32_t left = UINT32_MAX, top = UINT32_MAX, right = 0, bottom = 0;
    for (uint32_t i = 0; i < count; i++) {
        left = MIN(left, rects[i].x);
        top = MIN(top, rects[i].y);
        right = MAX(right, rects[i].x + rects[i].w);
        bottom = MAX(bottom, rects[i].y + rects[i].h);
    }
    return (struct virtio_gpu_rect){left, top, right - left, bottom - top};
}

/* Send as much of the update as fits, and notify once. */
static void gpu_pump(struct virtio_gpu *gpu)
{
    bool room = true;
    while (room && gpu->rect_next < gpu->rect_count) {
        const struct rect *r = &gpu->rects[gpu->rect_next];
        struct virtio_gpu_transfer_to_host_2d transfer = {
            .hdr = gpu_header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D),
            .r = {r->x, r->y, r->w, r->h},
            .offset = ((uint64_t)r->y * gpu->display.width + r->x) * sizeof(uint32_t),
            .resource_id = gpu->resource,
        };
        room = gpu_send(gpu, &transfer, sizeof(transfer), VIRTIO_GPU_RESP_OK_NODATA);
        gpu->rect_next += room ? 1 : 0;
    }
    if (room && gpu->flush_due) {
        struct virtio_gpu_resource_flush flush = {
            .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_FLUSH),
            .r = box_around(gpu->rects, gpu->rect_count),
            .resource_id = gpu->resource,
        };
        gpu->flush_due = !gpu_send(gpu, &flush, sizeof(flush), VIRTIO_GPU_RESP_OK_NODATA);
    }
    virtio_kick(gpu->dev, &gpu->control);
}

static bool update_pending(const struct virtio_gpu *gpu)
{
    return gpu->rect_next < gpu->rect_count || gpu->flush_due;
}

static void set_update(struct virtio_gpu *gpu, const struct rect *rects, uint32_t count)
{
    gpu->rect_count = MIN(count, DISPLAY_RECTS);
    gpu->rect_next = 0;
    gpu->flush_due = gpu->rect_count > 0;
    memcpy(gpu->rects, rects, gpu->rect_count * sizeof(*rects));
}

static bool gpu_busy(struct display *display)
{
    const struct virtio_gpu *gpu = container_of(display, struct virtio_gpu, display);
    return !gpu->ready || gpu->in_flight > 0 || update_pending(gpu);
}

static void gpu_update(struct display *display, const struct rect *rects, uint32_t count)
{
    struct virtio_gpu *gpu = container_of(display, struct virtio_gpu, display);
    KASSERT(!gpu_busy(display));
    set_update(gpu, rects, count);
    gpu_pump(gpu); /* at once; the task only collects */
    gpu->nudged = true;
    task_wake(&gpu->task);
}

/* ---- one request at a time ---- */

static bool gpu_open(struct virtio_gpu *gpu)
{
    struct virtio_device *dev = gpu->dev;
    uint64_t known = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_GPU_F_EDID;
    gpu_drop_next(gpu); /* after a reset the device does not reach it */
    gpu->resource = 1;
    gpu->in_flight = 0;
    gpu->silent = false;
    gpu->rect_count = 0;
    gpu->rect_next = 0;
    gpu->flush_due = false;
    memset(gpu->requests, 0, sizeof(gpu->requests));
    if (gpu->area == NULL) {
        gpu->area = dma_alloc(sizeof(*gpu->area), &gpu->area_paddr);
        if (gpu->area == NULL) {
            log_error(ROOM, "no memory for requests bytes=%lu", sizeof(*gpu->area));
            return false;
        }
    }
    if (virtio_reset_end(dev) != CTX_OK || virtio_negotiate(dev, known) != CTX_OK ||
        virtio_queue_start(dev, &gpu->control, CONTROL, 2) != CTX_OK) {
        return false;
    }
    gpu->has_plane = gpu_pointer_open(gpu);
    virtio_driver_ok(dev);
    virtq_arm(&gpu->control);
    return true;
}

/* True when the step has ended one way or another. */
static bool gpu_settled(struct virtio_gpu *gpu)
{
    gpu_collect(gpu);
    gpu_pump(gpu);
    return (gpu->in_flight == 0 && !update_pending(gpu)) || gpu->control.broken ||
           gpu_quiet_too_long(gpu) || virtio_in_trouble(gpu->dev);
}

bool gpu_in_trouble(const struct virtio_gpu *gpu)
{
    return gpu->in_flight > 0 || gpu->control.broken;
}

bool gpu_step_ok(const struct virtio_gpu *gpu)
{
    return gpu->in_flight == 0 && !gpu->step_failed && !gpu->control.broken;
}

void gpu_send_all(struct virtio_gpu *gpu)
{
    struct rect all = {0, 0, gpu->display.width, gpu->display.height};
    gpu->step_failed = false;
    set_update(gpu, &all, 1);
    gpu_pump(gpu);
}

static void probe_end(struct virtio_gpu *gpu)
{
    if (!gpu->probed) {
        gpu->probed = true;
        display_probe_end();
    }
}

static void offer(struct virtio_gpu *gpu)
{
    gpu->ready = true;
    gpu->display.pointer_shape = gpu->has_plane ? gpu_pointer_shape : NULL;
    gpu->display.pointer_move = gpu_pointer_move;
    log_info(ROOM, "scanout w=%u h=%u no=%u edid=%s irq=%s queue=%u at=%s", gpu->display.width,
             gpu->display.height, gpu->scanout, gpu->has_edid ? "yes" : "no",
             gpu->dev->polled ? "polled" : "msix", gpu->control.size, gpu->dev->at);
    if (!gpu->offered) {
        gpu->offered = true;
        display_offer(&gpu->display);
    }
    probe_end(gpu);
}

/* ---- the task ---- */

/* The host says that what it shows has changed. */
static bool display_event(struct virtio_gpu *gpu)
{
    uint32_t events = 0;
    (void)virtio_config_read(gpu->dev, VIRTIO_GPU_CONFIG_EVENTS_READ, 4, 1, &events);
    return (events & VIRTIO_GPU_EVENT_DISPLAY) != 0;
}

static void clear_display_event(struct virtio_gpu *gpu)
{
    (void)gpu->dev->transport->config_write(gpu->dev, VIRTIO_GPU_CONFIG_EVENTS_CLEAR, 4,
                                            VIRTIO_GPU_EVENT_DISPLAY);
}

/* How long to sleep with requests in flight. */
static uint64_t gpu_patience_ns(const struct virtio_gpu *gpu)
{
    if (gpu->dev->polled) {
        return gpu->silent ? POLL_SILENT_NS : POLL_NS;
    }
    uint64_t quiet = machine_now_ns() - gpu->heard_ns;
    return quiet < GPU_SILENCE_NS ? GPU_SILENCE_NS - quiet : 0;
}

static bool gpu_has_news(struct virtio_gpu *gpu)
{
    return gpu->nudged || virtq_has_news(&gpu->control) || virtio_in_trouble(gpu->dev) ||
           display_event(gpu) || virtq_has_news(&gpu->control); /* again: virtio_in_trouble() */
}

/* Once per wake: take answers, send what is left, notice silence. */
static void gpu_work(struct virtio_gpu *gpu)
{
    gpu->nudged = false;
    gpu_collect(gpu);
    gpu_pump(gpu);
    gpu_pointer_pump(gpu);
    if (!gpu->silent && gpu_quiet_too_long(gpu)) {
        gpu->silent = true;
        log_error(ROOM, "no answer for %u s, the display waits in_flight=%u at=%s",
                  (uint32_t)(GPU_SILENCE_NS / NSEC_PER_SEC), gpu->in_flight, gpu->dev->at);
    }
}

/* Wait for the answers to what was asked last; `name` says in the log which step failed. */
#define AWAIT_STEP(gpu, name)                                                                      \
    (gpu)->step = (name);                                                                          \
    while (!gpu_settled(gpu)) {                                                                    \
        TASK_AWAIT_FOR(&(gpu)->task, virtq_has_news(&(gpu)->control), gpu_patience_ns(gpu));       \
    }

static void gpu_run(struct task *task)
{
    struct virtio_gpu *gpu = container_of(task, struct virtio_gpu, task);
    TASK_BEGIN(task);
start:
    gpu->ready = false;
    virtio_reset_begin(gpu->dev);
    while (virtio_reset_pending(gpu->dev)) {
        TASK_AWAIT_FOR(task, false, NSEC_PER_MSEC);
    }
    gpu->step = "reset and negotiation";
    if (!gpu_open(gpu)) {
        goto give_up;
    }

    gpu_ask_display_info(gpu);
    AWAIT_STEP(gpu, "GET_DISPLAY_INFO failed");
    if (!gpu_step_ok(gpu)) {
        goto trouble;
    }
    gpu_take_display_info(gpu);

    if ((gpu->dev->features & VIRTIO_GPU_F_EDID) != 0 && !gpu->offered) {
        gpu_ask_edid(gpu);
        AWAIT_STEP(gpu, "GET_EDID failed");
        if (gpu_step_ok(gpu)) {
            gpu_take_edid(gpu);
        } else if (gpu_in_trouble(gpu)) {
            goto trouble;
        } /* a refusal was logged; the size is known without it */
    }

    gpu->step = "no memory for the picture";
    if (!gpu_make_pixels(gpu)) {
        goto give_up;
    }
    gpu->stage = 0;
    while (gpu_picture_ask(gpu)) {
        AWAIT_STEP(gpu, "the first picture was refused");
        if (!gpu_picture_ok(gpu)) {
            goto trouble;
        }
    }
    gpu_pointer_begin(gpu, gpu->has_plane);
    offer(gpu);

    for (;;) {
        if (gpu->in_flight == 0 || (gpu->silent && !gpu->dev->polled)) {
            TASK_AWAIT(task, gpu_has_news(gpu));
        } else {
            TASK_AWAIT_FOR(task, gpu_has_news(gpu), gpu_patience_ns(gpu));
        }
        gpu_work(gpu);
        gpu->step = gpu->control.broken ? "the queue is broken"
                                        : "the device lost its state or asks for a reset";
        if (gpu->control.broken || virtio_in_trouble(gpu->dev)) {
            goto trouble;
        }
        if (!display_event(gpu)) {
            continue;
        }
        clear_display_event(gpu); /* before it is asked what: later ones come again */
        gpu->ready = false;       /* nothing is shown meanwhile */
        AWAIT_STEP(gpu, "no answer before another size");
        gpu->stage = 0;
        while (!gpu_in_trouble(gpu) && gpu_resize_ask(gpu)) {
            AWAIT_STEP(gpu, "another size was refused");
            if (!gpu_step_ok(gpu)) {
                goto trouble;
            }
        }
        if (gpu_in_trouble(gpu)) {
            goto trouble;
        }
        gpu->ready = true;
    }

trouble:
    if (virtio_recover(gpu->dev, gpu->step)) {
        goto start;
    }
give_up:
    gpu->ready = false; /* a display that was offered stays busy from here on */
    virtio_give_up(gpu->dev, gpu->step);
    probe_end(gpu);
    TASK_END(task);
}

void virtio_gpu_start(struct virtio_gpu *gpu, struct virtio_device *dev)
{
    gpu->dev = dev;
    dev->task = &gpu->task;
    gpu->display = (struct display){
        .name = ROOM,
        .width = FALLBACK_WIDTH,
        .height = FALLBACK_HEIGHT,
        .rank = DISPLAY_RANK,
        .update = gpu_update,
        .busy = gpu_busy,
        .task = &gpu->task,
    };
    task_start(&gpu->task, ROOM, gpu_run);
}

static void start(struct virtio_device *dev, uint32_t no)
{
    static struct virtio_gpu gpu; /* [loop]: gpu_run() and what it calls */
    (void)no;
    display_probe_begin(); /* probe_end() */
    virtio_gpu_start(&gpu, dev);
}

const struct virtio_driver virtio_gpu_driver = {
    .name = ROOM, .type = 16, .most = 1, .start = start};
