/* SPDX-License-Identifier: MIT */
/*
 * The virtio-gpu messages that we use, named as in Virtual I/O Device 1.2, section 5.7.
 * Little-endian. Every request starts with a header and is answered by one that starts with a
 * header, too.
 */
#ifndef VIRTIO_VIRTIO_GPU_SPEC_H
#define VIRTIO_VIRTIO_GPU_SPEC_H

#include <kernel/types.h>

#define VIRTIO_GPU_F_EDID       (1ull << 1) /* 5.7.3 */

#define VIRTIO_GPU_MAX_SCANOUTS 16u

/* 5.7.4 device configuration */
#define VIRTIO_GPU_CONFIG_EVENTS_READ  0u
#define VIRTIO_GPU_CONFIG_EVENTS_CLEAR 4u
#define VIRTIO_GPU_CONFIG_NUM_SCANOUTS 8u
#define VIRTIO_GPU_EVENT_DISPLAY       1u

/* 5.7.6.7 */
#define VIRTIO_GPU_CMD_GET_DISPLAY_INFO        0x0100u
#define VIRTIO_GPU_CMD_RESOURCE_CREATE_2D      0x0101u
#define VIRTIO_GPU_CMD_RESOURCE_UNREF          0x0102u
#define VIRTIO_GPU_CMD_SET_SCANOUT             0x0103u
#define VIRTIO_GPU_CMD_RESOURCE_FLUSH          0x0104u
#define VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D     0x0105u
#define VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING 0x0106u
#define VIRTIO_GPU_CMD_GET_EDID                0x010au
#define VIRTIO_GPU_CMD_UPDATE_CURSOR           0x0300u
#define VIRTIO_GPU_CMD_MOVE_CURSOR             0x0301u
#define VIRTIO_GPU_RESP_OK_NODATA              0x1100u
#define VIRTIO_GPU_RESP_OK_DISPLAY_INFO        0x1101u
#define VIRTIO_GPU_RESP_OK_EDID                0x1104u
#define VIRTIO_GPU_RESP_ERR_UNSPEC             0x1200u

/* Bytes in memory are red, green, blue, unused: what the core draws, whatever the fourth byte. */
#define VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM 134u
/* The same with opacity: the pointer's picture. */
#define VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM 67u

struct virtio_gpu_ctrl_hdr {
    uint32_t type;
    uint32_t flags;
    uint64_t fence_id;
    uint32_t ctx_id;
    uint32_t ring_idx_padding;
};

/* 5.7.6.8 */
struct virtio_gpu_rect {
    uint32_t x, y, width, height;
};

struct virtio_gpu_resp_display_info {
    struct virtio_gpu_ctrl_hdr hdr;
    struct {
        struct virtio_gpu_rect r;
        uint32_t enabled;
        uint32_t flags;
    } pmodes[VIRTIO_GPU_MAX_SCANOUTS];
};

struct virtio_gpu_get_edid {
    struct virtio_gpu_ctrl_hdr hdr;
    uint32_t scanout;
    uint32_t padding;
};

struct virtio_gpu_resp_edid {
    struct virtio_gpu_ctrl_hdr hdr;
    uint32_t size;
    uint32_t padding;
    uint8_t edid[1024];
};

struct virtio_gpu_resource_create_2d {
    struct virtio_gpu_ctrl_hdr hdr;
    uint32_t resource_id;
    uint32_t format;
    uint32_t width;
    uint32_t height;
};

struct virtio_gpu_resource_unref {
    struct virtio_gpu_ctrl_hdr hdr;
    uint32_t resource_id;
    uint32_t padding;
};

/* RESOURCE_ATTACH_BACKING with the one entry that we need */
struct virtio_gpu_resource_attach_backing {
    struct virtio_gpu_ctrl_hdr hdr;
    uint32_t resource_id;
    uint32_t nr_entries;
    uint64_t addr;
    uint32_t length;
    uint32_t padding;
};

struct virtio_gpu_set_scanout {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    uint32_t scanout_id;
    uint32_t resource_id;
};

struct virtio_gpu_transfer_to_host_2d {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    uint64_t offset;
    uint32_t resource_id;
    uint32_t padding;
};

struct virtio_gpu_resource_flush {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    uint32_t resource_id;
    uint32_t padding;
};

/* 5.7.6.10; MOVE_CURSOR has only the place */
struct virtio_gpu_update_cursor {
    struct virtio_gpu_ctrl_hdr hdr;
    uint32_t scanout_id;
    uint32_t x, y;
    uint32_t padding;
    uint32_t resource_id; /* 0: no pointer */
    uint32_t hot_x, hot_y;
    uint32_t padding2;
};

_Static_assert(sizeof(struct virtio_gpu_update_cursor) == 56, "5.7.6.10");
_Static_assert(sizeof(struct virtio_gpu_ctrl_hdr) == 24, "5.7.6.7");
_Static_assert(sizeof(struct virtio_gpu_resp_display_info) == 408, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_resp_edid) == 1056, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_resource_create_2d) == 40, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_resource_attach_backing) == 48, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_resource_unref) == 32, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_set_scanout) == 48, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_transfer_to_host_2d) == 56, "5.7.6.8");
_Static_assert(sizeof(struct virtio_gpu_resource_flush) == 48, "5.7.6.8");

#endif
