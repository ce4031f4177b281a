/* SPDX-License-Identifier: MIT */
/* virtio-gpu: what is asked of the device, one request after the other, to make a picture, and one
 * of another size. */
#include "edid.h"
#include "virtio_driver.h"
#include "virtio_gpu.h"

#include <kernel/dma.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#define ROOM "virtio-gpu"

/* What is taken when memory is short. */
#define SMALL_WIDTH  800u
#define SMALL_HEIGHT 600u
#define SMALL_PIXELS ((size_t)SMALL_WIDTH * SMALL_HEIGHT)

static uint64_t picture_bytes(const struct display *display)
{
    return (uint64_t)display->width * display->height * sizeof(uint32_t);
}

void gpu_drop_next(struct virtio_gpu *gpu)
{
    dma_free(gpu->next.pixels, (size_t)gpu->next.width * gpu->next.height * sizeof(uint32_t));
    gpu->next.pixels = NULL;
}

/* Send one request of the bring-up; the task waits for gpu_settled(). */
static void gpu_ask(struct virtio_gpu *gpu, const void *request, uint32_t len, uint32_t answer_type)
{
    gpu->step_failed = !gpu_send(gpu, request, len, answer_type);
    virtio_kick(gpu->dev, &gpu->control);
}

void gpu_ask_display_info(struct virtio_gpu *gpu)
{
    struct virtio_gpu_ctrl_hdr request = gpu_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
}

void gpu_take_display_info(struct virtio_gpu *gpu)
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

void gpu_ask_edid(struct virtio_gpu *gpu)
{
    struct virtio_gpu_get_edid request = {.hdr = gpu_header(VIRTIO_GPU_CMD_GET_EDID),
                                          .scanout = gpu->scanout};
    gpu_ask(gpu, &request, sizeof(request), VIRTIO_GPU_RESP_OK_EDID);
}

void gpu_take_edid(struct virtio_gpu *gpu)
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

bool gpu_make_pixels(struct virtio_gpu *gpu)
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

#define NEEDED 4u /* stages, without which there is no picture */

bool gpu_picture_ask(struct virtio_gpu *gpu)
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
        gpu_send_all(gpu);
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

bool gpu_picture_ok(const struct virtio_gpu *gpu)
{
    return gpu->stage <= NEEDED ? gpu_step_ok(gpu) : !gpu_in_trouble(gpu);
}

/* ---- another size ---- */

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

bool gpu_resize_ask(struct virtio_gpu *gpu)
{
    uint32_t other = 3 - gpu->resource;
    switch (gpu->stage++) {
    case 0:
        gpu_ask_display_info(gpu);
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
        gpu_send_all(gpu);
        return true;
    case 5:
        ask_unref(gpu, other);
        return true;
    default:
        gpu_drop_next(gpu);
        return false;
    }
}
