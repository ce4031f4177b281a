/* SPDX-License-Identifier: MIT */
/* virtio-gpu in 2D: see virtio_gpu.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_gpu.h"
#include "edid.h"
#include "virtio_driver.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define ROOM         "virtio-gpu"
#define CONTROL      0u /* [5.7.2] */
#define DISPLAY_RANK 2u

/* What is taken when the device says nothing, or when memory is short. */
#define FALLBACK_WIDTH  1024u
#define FALLBACK_HEIGHT 768u
#define SMALL_WIDTH     800u
#define SMALL_HEIGHT    600u
#define SMALL_PIXELS    ((size_t)SMALL_WIDTH * SMALL_HEIGHT)

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

/* ---- bring-up, one request at a time ---- */

static uint64_t picture_bytes(const struct display *display)
{
    return (uint64_t)display->width * display->height * sizeof(uint32_t);
}

static void drop_next(struct virtio_gpu *gpu)
{
    dma_free(gpu->next.pixels, (size_t)gpu->next.width * gpu->next.height * sizeof(uint32_t));
    gpu->next.pixels = NULL;
}

static bool gpu_open(struct virtio_gpu *gpu)
{
    struct virtio_device *dev = gpu->dev;
    uint64_t known = VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_GPU_F_EDID;
    drop_next(gpu); /* after a reset the device does not reach it */
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

/* Send one request of the bring-up; the task waits for gpu_settled(). */
static void gpu_ask(struct virtio_gpu *gpu, const void *request, uint32_t len, uint32_t answer_type)
{
    gpu->step_failed = !gpu_send(gpu, request, len, answer_type);
    virtio_kick(gpu->dev, &gpu->control);
}

/* True when the step has ended one way or another. */
static bool gpu_settled(struct virtio_gpu *gpu)
{
    gpu_collect(gpu);
    gpu_pump(gpu);
    return (gpu->in_flight == 0 && !update_pending(gpu)) || gpu->control.broken ||
           gpu_quiet_too_long(gpu) || virtio_in_trouble(gpu->dev);
}

/* After gpu_settled(): it answers nothing any more, or nonsense. */
static bool gpu_in_trouble(const struct virtio_gpu *gpu)
{
    return gpu->in_flight > 0 || gpu->control.broken;
}

/* After gpu_settled(): whether the step went well. */
static bool gpu_step_ok(const struct virtio_gpu *gpu)
{
    return gpu->in_flight == 0 && !gpu->step_failed && !gpu->control.broken;
}

static void ask_display_info(struct virtio_gpu *gpu)
{
    struct virtio_gpu_ctrl_hdr request = gpu_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
}

/* Choose the scanout, and the size that it shows now, if it says one that can be. */
static void take_display_info(struct virtio_gpu *gpu)
{
    uint32_t scanouts = 0;
    (void)virtio_config_read(gpu->dev, VIRTIO_GPU_CONFIG_NUM_SCANOUTS, 4, 1, &scanouts);
    scanouts = MAX(1u, MIN(scanouts, VIRTIO_GPU_MAX_SCANOUTS));
    gpu->scanout = 0;
    for (uint32_t i = 0; i < scanouts; i++) {
        struct virtio_gpu_rect mode = gpu->area->big.display_info.pmodes[i].r;
        if (gpu->area->big.display_info.pmodes[i].enabled == 0) {
            continue;
        }
        gpu->scanout = i;
        if (!gpu->offered && display_size_ok(mode.width, mode.height)) {
            gpu->display.width = mode.width;
            gpu->display.height = mode.height;
        }
        break;
    }
}

static void ask_edid(struct virtio_gpu *gpu)
{
    struct virtio_gpu_get_edid request = {.hdr = gpu_header(VIRTIO_GPU_CMD_GET_EDID),
                                          .scanout = gpu->scanout};
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_EDID);
}

static void take_edid(struct virtio_gpu *gpu)
{
    uint8_t block[EDID_BLOCK]; /* a copy that stays as it is while we look */
    uint32_t size = gpu->area->big.edid.size;
    uint32_t width, height;
    memcpy(block, gpu->area->big.edid.edid, sizeof(block));
    gpu->has_edid = edid_mode(block, MIN(size, EDID_BLOCK), &width, &height);
    if (gpu->has_edid) {
        gpu->display.width = width;
        gpu->display.height = height;
    } else {
        log_warn(ROOM, "EDID is not understood size=%u", size);
    }
}

/*
 * Pixel memory for the chosen size, or for a smaller one. It is kept over a reset, so the picture
 * survives.
 */
static bool make_pixels(struct virtio_gpu *gpu)
{
    struct display *display = &gpu->display;
    if (display->pixels != NULL) {
        return true;
    }
    display->pixels =
        dma_alloc((size_t)display->width * display->height * sizeof(uint32_t), &gpu->pixels_paddr);
    if (display->pixels == NULL && (uint64_t)display->width * display->height > SMALL_PIXELS) {
        log_warn(ROOM, "no memory for w=%u h=%u, trying w=%u h=%u", display->width, display->height,
                 SMALL_WIDTH, SMALL_HEIGHT);
        display->wanted_width = display->width;
        display->wanted_height = display->height;
        display->width = SMALL_WIDTH;
        display->height = SMALL_HEIGHT;
        display->pixels = dma_alloc(SMALL_PIXELS * sizeof(uint32_t), &gpu->pixels_paddr);
    }
    return display->pixels != NULL;
}

static void ask_resource(struct virtio_gpu *gpu, uint32_t id, uint32_t width, uint32_t height)
{
    struct virtio_gpu_resource_create_2d request = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D),
        .resource_id = id,
        .format = id == GPU_POINTER_RESOURCE ? VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM
                                             : VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM,
        .width = width,
        .height = height,
    };
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_NODATA);
}

static void ask_backing(struct virtio_gpu *gpu, uint32_t id, paddr_t pixels, uint64_t bytes)
{
    struct virtio_gpu_resource_attach_backing request = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING),
        .resource_id = id,
        .nr_entries = 1,
        .addr = pixels,
        .length = (uint32_t)bytes,
    };
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_NODATA);
}

/* The device does not reach its backing any more when this is answered. */
static void ask_unref(struct virtio_gpu *gpu, uint32_t id)
{
    struct virtio_gpu_resource_unref request = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_UNREF),
        .resource_id = id,
    };
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_NODATA);
}

static void ask_scanout(struct virtio_gpu *gpu)
{
    struct virtio_gpu_set_scanout request = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_SET_SCANOUT),
        .r = {0, 0, gpu->display.width, gpu->display.height},
        .scanout_id = gpu->scanout,
        .resource_id = gpu->resource,
    };
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_NODATA);
}

/* The whole picture: black at first, what was shown last after a reset. */
static void send_all(struct virtio_gpu *gpu)
{
    struct rect all = {0, 0, gpu->display.width, gpu->display.height};
    gpu->step_failed = false;
    set_update(gpu, &all, 1);
    gpu_pump(gpu);
}

#define NEEDED 4u /* stages, without which there is no picture */

/* What makes the first picture, one request after the other. False: that was all. */
static bool picture_ask(struct virtio_gpu *gpu)
{
    switch (gpu->stage++) {
    case 0:
        ask_resource(gpu, gpu->resource, gpu->display.width, gpu->display.height);
        return true;
    case 1:
        ask_backing(gpu, gpu->resource, gpu->pixels_paddr, picture_bytes(&gpu->display));
        return true;
    case 2:
        ask_scanout(gpu);
        return true;
    case 3:
        send_all(gpu);
        return true;
    case NEEDED: /* the pointer's: without it all else works as well */
        if (gpu->has_plane) {
            ask_resource(gpu, GPU_POINTER_RESOURCE, DISPLAY_POINTER, DISPLAY_POINTER);
        }
        return gpu->has_plane;
    case NEEDED + 1:
        gpu->has_plane = gpu_step_ok(gpu);
        if (gpu->has_plane) {
            ask_backing(gpu, GPU_POINTER_RESOURCE, gpu->pointer.paddr,
                        sizeof(gpu->pointer.memory->pixels));
        }
        return gpu->has_plane;
    default:
        gpu->has_plane = gpu_step_ok(gpu);
        return false;
    }
}

/* After gpu_settled(): whether it can go on. */
static bool picture_ok(const struct virtio_gpu *gpu)
{
    return gpu->stage <= NEEDED ? gpu_step_ok(gpu) : !gpu_in_trouble(gpu);
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

/* ---- another size ---- */

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

/* After GET_DISPLAY_INFO: whether our scanout is to have another size, and memory for it. */
static bool take_next_size(struct virtio_gpu *gpu)
{
    struct virtio_gpu_rect mode = gpu->area->big.display_info.pmodes[gpu->scanout].r;
    bool enabled = gpu->area->big.display_info.pmodes[gpu->scanout].enabled != 0;
    bool same = mode.width == gpu->display.width && mode.height == gpu->display.height;
    if (!enabled || same || !display_size_ok(mode.width, mode.height)) {
        return false;
    }
    gpu->next = (struct gpu_picture){.width = mode.width, .height = mode.height};
    gpu->next.pixels =
        dma_alloc((size_t)mode.width * mode.height * sizeof(uint32_t), &gpu->next.paddr);
    if (gpu->next.pixels == NULL) {
        log_warn(ROOM, "no memory for w=%u h=%u, it stays w=%u h=%u", mode.width, mode.height,
                 gpu->display.width, gpu->display.height);
    }
    return gpu->next.pixels != NULL;
}

/* The core takes it, or not; what the other one is then goes. */
static void change_over(struct virtio_gpu *gpu)
{
    struct gpu_picture former = {gpu->display.width, gpu->display.height, gpu->display.pixels,
                                 gpu->pixels_paddr};
    gpu->taken = display_resize(&gpu->display, gpu->next.width, gpu->next.height, gpu->next.pixels);
    if (gpu->taken) {
        gpu->pixels_paddr = gpu->next.paddr;
        gpu->resource = 3 - gpu->resource;
        gpu->next = former; /* dropped when the device does not reach it */
    }
}

/* The requests of it, one after the other. False: that was all. */
static bool resize_ask(struct virtio_gpu *gpu)
{
    uint32_t other = 3 - gpu->resource;
    switch (gpu->stage++) {
    case 0:
        ask_display_info(gpu);
        return true;
    case 1:
        if (!take_next_size(gpu)) {
            return false;
        }
        ask_resource(gpu, other, gpu->next.width, gpu->next.height);
        return true;
    case 2:
        ask_backing(gpu, other, gpu->next.paddr,
                    (uint64_t)gpu->next.width * gpu->next.height * sizeof(uint32_t));
        return true;
    case 3:
        change_over(gpu);
        if (gpu->taken) {
            ask_scanout(gpu);
        } else {
            ask_unref(gpu, other);
            gpu->stage = 6;
        }
        return true;
    case 4:
        send_all(gpu);
        return true;
    case 5:
        ask_unref(gpu, other);
        return true;
    default:
        drop_next(gpu);
        return false;
    }
}

/* ---- the task ---- */

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
           display_event(gpu);
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

    ask_display_info(gpu);
    AWAIT_STEP(gpu, "GET_DISPLAY_INFO failed");
    if (!gpu_step_ok(gpu)) {
        goto trouble;
    }
    take_display_info(gpu);

    if ((gpu->dev->features & VIRTIO_GPU_F_EDID) != 0 && !gpu->offered) {
        ask_edid(gpu);
        AWAIT_STEP(gpu, "GET_EDID failed");
        if (gpu_step_ok(gpu)) {
            take_edid(gpu);
        } else if (gpu_in_trouble(gpu)) {
            goto trouble;
        } /* a refusal was logged; the size is known without it */
    }

    gpu->step = "no memory for the picture";
    if (!make_pixels(gpu)) {
        goto give_up;
    }
    gpu->stage = 0;
    while (picture_ask(gpu)) {
        AWAIT_STEP(gpu, "the first picture was refused");
        if (!picture_ok(gpu)) {
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
        while (!gpu_in_trouble(gpu) && resize_ask(gpu)) {
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
