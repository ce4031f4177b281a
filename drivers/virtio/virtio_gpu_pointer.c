/* SPDX-License-Identifier: MIT */
/*
 * The pointer's plane: a queue of its own [5.7.2], whose requests nobody answers, and a picture of
 * 64x64 that the host lays over ours. Moving it costs one request and no picture. Where a device
 * has no such queue, or refuses the picture, the core draws the pointer itself.
 */
#include "virtio_driver.h"
#include "virtio_gpu.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#define ROOM   "virtio-gpu"
#define CURSOR 1u /* the queue */

bool gpu_pointer_open(struct virtio_gpu *gpu)
{
    struct gpu_pointer *p = &gpu->pointer;
    p->works = false;
    p->transferring = false;
    memset(p->sent, 0, sizeof(p->sent));
    if (virtio_queue_start(gpu->dev, &p->queue, CURSOR, 1) != CTX_OK) {
        return false;
    }
    if (p->memory == NULL) {
        p->memory = dma_alloc(sizeof(*p->memory), &p->paddr);
    }
    if (p->memory == NULL) {
        log_warn(ROOM, "no memory for the pointer's picture; it is drawn without the device");
    }
    virtq_poll(&p->queue); /* what is done is seen before the next request */
    return p->memory != NULL;
}

void gpu_pointer_begin(struct virtio_gpu *gpu, bool works)
{
    struct gpu_pointer *p = &gpu->pointer;
    p->works = works;
    p->shape_due = works && p->visible; /* after a reset: as it was */
    p->update_due = works;
    p->move_due = false;
}

/* Into a free place, without notifying. False: all are on their way. */
static bool send(struct virtio_gpu *gpu, uint32_t command)
{
    struct gpu_pointer *p = &gpu->pointer;
    uint32_t no = 0;
    while (no < GPU_POINTER_REQUESTS && p->sent[no]) {
        no++;
    }
    if (no == GPU_POINTER_REQUESTS) {
        return false;
    }
    struct virtio_gpu_update_cursor *request = &p->memory->requests[no];
    *request = (struct virtio_gpu_update_cursor){
        .hdr = gpu_header(command),
        .scanout_id = gpu->scanout,
        .x = p->x,
        .y = p->y,
        .resource_id = p->visible ? GPU_POINTER_RESOURCE : 0,
        .hot_x = DISPLAY_POINTER / 2,
        .hot_y = DISPLAY_POINTER / 2,
    };
    struct virtq_segment segment = {p->paddr + offsetof(struct gpu_pointer_memory, requests) +
                                        no * sizeof(*request),
                                    sizeof(*request)};
    if (virtq_add(&p->queue, &segment, 1, 0, &p->sent[no]) != CTX_OK) {
        return false;
    }
    p->sent[no] = true;
    return true;
}

static bool send_picture(struct virtio_gpu *gpu)
{
    struct virtio_gpu_transfer_to_host_2d transfer = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D),
        .r = {0, 0, DISPLAY_POINTER, DISPLAY_POINTER},
        .resource_id = GPU_POINTER_RESOURCE,
    };
    return gpu_send(gpu, &transfer, sizeof(transfer), VIRTIO_GPU_RESP_OK_NODATA);
}

void gpu_pointer_pump(struct virtio_gpu *gpu)
{
    struct gpu_pointer *p = &gpu->pointer;
    struct virtq_chain chain;
    if (!p->works) {
        return;
    }
    while (virtq_get(&p->queue, &chain)) {
        *(bool *)chain.cookie = false;
    }
    if (p->queue.broken) {
        p->works = false;
        gpu->display.pointer_shape = NULL; /* from the next picture on the core draws it */
        return;
    }
    if (p->shape_due && send_picture(gpu)) {
        p->shape_due = false;
        p->transferring = true;
        virtio_kick(gpu->dev, &gpu->control);
    }
    /* The two queues know nothing of each other: the picture must be there first. */
    if (p->transferring && gpu->in_flight == 0) {
        p->transferring = false;
        p->update_due = true;
    }
    if (p->update_due && !p->transferring && !p->shape_due) {
        p->update_due = !send(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR);
        p->move_due = p->move_due && p->update_due;
    }
    if (p->move_due && p->visible) {
        p->move_due = !send(gpu, VIRTIO_GPU_CMD_MOVE_CURSOR);
    }
    virtio_kick(gpu->dev, &p->queue);
}

static void nudge(struct virtio_gpu *gpu)
{
    gpu_pointer_pump(gpu);
    gpu->nudged = true; /* the task collects */
    task_wake(&gpu->task);
}

void gpu_pointer_shape(struct display *display, const uint32_t *pixels)
{
    struct virtio_gpu *gpu = container_of(display, struct virtio_gpu, display);
    struct gpu_pointer *p = &gpu->pointer;
    if (!gpu->ready || !p->works) {
        return;
    }
    p->visible = pixels != NULL;
    if (p->visible) {
        memcpy(p->memory->pixels, pixels, sizeof(p->memory->pixels));
        p->shape_due = true;
    } else {
        p->update_due = true;
    }
    nudge(gpu);
}

void gpu_pointer_move(struct display *display, uint32_t x, uint32_t y)
{
    struct virtio_gpu *gpu = container_of(display, struct virtio_gpu, display);
    struct gpu_pointer *p = &gpu->pointer;
    p->x = x;
    p->y = y;
    p->move_due = true;
    if (gpu->ready && p->works) {
        nudge(gpu);
    }
}
