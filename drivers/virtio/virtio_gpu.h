/* SPDX-License-Identifier: MIT */
/*
 * virtio-gpu in 2D: one scanout, one resource whose backing is the core's pixel memory. Virtual I/O
 * Device 1.2, 5.7.
 *
 * When the host's window gets another size (the event DISPLAY) a second resource is made, the core
 * is asked whether it can (display_resize()), and the first one goes when the second is shown.
 * Until then, and when there is no memory, the host goes on scaling what it has.
 *
 * The size is the preferred mode of the display's EDID, else what the device says it shows, else
 * 1024x768; smaller if there is not that much contiguous memory. An update copies just the changed
 * rectangles to the host (several requests at a time, the rest as answers come back) and then
 * flushes the box around them. Requests are taken up in the order they were queued, as every driver
 * of this device relies on; only answers are waited for.
 *
 * What the device answers is checked (length, type, and by the ring: whose answer it is). Wrong
 * answers are reported and counted, a device that is silent for two seconds is reported once and
 * the display stays busy until it answers. A broken ring or a device that lost its state is reset
 * once and gets the whole picture again; then it is given up, and the display stays busy for ever.
 */
#ifndef VIRTIO_VIRTIO_GPU_H
#define VIRTIO_VIRTIO_GPU_H

#include "virtio.h"
#include "virtio_gpu_spec.h"

#include <kernel/display.h>
#include <kernel/task.h>

/* Requests that may be on their way at a time: one page of messages. */
#define GPU_REQUESTS   32u

#define GPU_SILENCE_NS (2 * NSEC_PER_SEC)

/* What one request and its answer take of the page. */
struct gpu_message {
    uint8_t request[64];
    uint8_t answer[64];
};

/* Memory that the device reads and writes: two pages. */
struct gpu_area {
    struct gpu_message messages[GPU_REQUESTS];
    union {
        struct virtio_gpu_resp_display_info display_info;
        struct virtio_gpu_resp_edid edid;
        uint8_t bytes[PAGE_SIZE];
    } big; /* answers that do not fit into a message; at most one is on its way */
};

_Static_assert(sizeof(struct gpu_area) == (size_t)2 * PAGE_SIZE, "two pages");

/* What we remember of a request; its place is the message's. */
struct gpu_request {
    uint32_t command;     /* for the log */
    uint32_t answer_type; /* what success looks like */
    uint32_t answer_len;  /* bytes that the answer must have */
    bool in_flight;
    bool big; /* answered into area->big */
};

/* The pointer's plane (virtio_gpu_pointer.c). */
#define GPU_POINTER_RESOURCE 3u
#define GPU_POINTER_REQUESTS 8u

struct gpu_pointer_memory {
    uint32_t pixels[DISPLAY_POINTER * DISPLAY_POINTER];
    struct virtio_gpu_update_cursor requests[GPU_POINTER_REQUESTS];
};

struct gpu_pointer {
    struct gpu_pointer_memory *memory; /* set once */
    paddr_t paddr;
    struct virtqueue queue;          /* one life of the device */
    bool works;                      /* the device has the plane, and took its picture */
    bool sent[GPU_POINTER_REQUESTS]; /* the device has this one of memory->requests */
    bool visible;
    bool shape_due;    /* its pixels have to be sent */
    bool transferring; /* they are on their way */
    bool update_due;   /* the device has to be told of shape and place */
    bool move_due;     /* or of the place only */
    uint32_t x, y;
};

struct virtio_gpu {
    /* set once */
    struct task task;
    struct display display;
    struct virtio_device *dev;
    struct gpu_area *area;
    paddr_t area_paddr, pixels_paddr;
    bool offered;  /* display_offer() was called */
    bool probed;   /* display_probe_end() was called */
    bool has_edid; /* the size came from there */

    /* another size, while it is being brought about; pixels NULL: it is not */
    struct gpu_picture {
        uint32_t width, height;
        uint32_t *pixels;
        paddr_t paddr;
    } next;

    /* one life of the device, from reset to reset */
    uint32_t resource; /* the one that is shown: 1 or 2 */
    bool has_plane;    /* for the pointer */
    uint32_t stage;    /* of what takes several requests */
    bool taken;        /* the core has taken the other size */
    struct virtqueue control;
    struct gpu_request requests[GPU_REQUESTS];
    uint32_t in_flight; /* requests without an answer */
    uint32_t scanout;   /* which one shows our picture */
    uint64_t heard_ns;  /* when something was last sent to an idle device, or answered */
    bool ready;         /* updates are taken */
    bool silent;        /* reported as such */
    const char *step;   /* what is being done, for the log */
    bool step_failed;   /* an answer since the last gpu_send() of the bring-up was wrong */

    struct gpu_pointer pointer;

    /* the update on its way */
    struct rect rects[DISPLAY_RECTS];
    uint32_t rect_count, rect_next; /* rects from rect_next on are not sent yet */
    bool flush_due;                 /* nor is the flush */
    bool nudged;                    /* update() wants the task to look at its deadline */

    uint32_t bad_answers; /* in the device's whole time */
};

/*
 * Start the driver on a device whose transport is open. Both must live for ever, *gpu filled with
 * zeroes. Calls display_probe_end() once, when the display is offered or the driver failed. [boot]
 * [loop]
 */
void virtio_gpu_start(struct virtio_gpu *gpu, struct virtio_device *dev);

/* ---- the pointer (virtio_gpu_pointer.c), for the driver itself ---- */

/* Between negotiation and DRIVER_OK: its queue. False: there is none, or no memory. */
bool gpu_pointer_open(struct virtio_gpu *gpu);
/* The device is up, and has its resource or not. */
void gpu_pointer_begin(struct virtio_gpu *gpu, bool works);
/* Send what is due. */
void gpu_pointer_pump(struct virtio_gpu *gpu);
/* For struct display. */
void gpu_pointer_shape(struct display *display, const uint32_t *pixels);
void gpu_pointer_move(struct display *display, uint32_t x, uint32_t y);

/* ---- requests and answers (virtio_gpu_requests.c), for the driver itself ---- */

static inline struct virtio_gpu_ctrl_hdr gpu_header(uint32_t command)
{
    return (struct virtio_gpu_ctrl_hdr){.type = command};
}

/*
 * Queue a request of len bytes, without notifying. answer_type says what is expected: NODATA
 * answers go into the message, others into the big area. False: no room now, try again after an
 * answer; nothing was done. [loop]
 */
bool gpu_send(struct virtio_gpu *gpu, const void *request, uint32_t len, uint32_t answer_type);

/*
 * Take all answers that are there, at most GPU_REQUESTS: nothing is sent here. Arms the interrupt.
 * [loop]
 */
void gpu_collect(struct virtio_gpu *gpu);

/* Requests are out and nothing was heard for GPU_SILENCE_NS. [loop] */
bool gpu_quiet_too_long(const struct virtio_gpu *gpu);

/* ---- pictures (virtio_gpu_picture.c), for the driver itself ---- */

/* Each asks one thing; the task waits until that is settled. What came is then taken: the scanout
 * and the size that it shows now, if it says one that can be; the size that the display prefers.
 * [loop] */
void gpu_ask_display_info(struct virtio_gpu *gpu);
void gpu_take_display_info(struct virtio_gpu *gpu);
void gpu_ask_edid(struct virtio_gpu *gpu);
void gpu_take_edid(struct virtio_gpu *gpu);

/* Pixel memory for the chosen size, or for a smaller one. It is kept over a reset, so the picture
 * survives. False: there is none. */
bool gpu_make_pixels(struct virtio_gpu *gpu);

/* What makes the first picture, by gpu->stage from 0 on, one request after the other. False: that
 * was all. And, when one is settled, whether it can go on. */
bool gpu_picture_ask(struct virtio_gpu *gpu);
bool gpu_picture_ok(const struct virtio_gpu *gpu);

/* The same for another size. */
bool gpu_resize_ask(struct virtio_gpu *gpu);

/* A picture of another size that did not come about, or the former one: the device does not reach
 * it any more. */
void gpu_drop_next(struct virtio_gpu *gpu);

/* ---- of the task (virtio_gpu.c) ---- */

/* The whole picture: black at first, what was shown last after a reset. */
void gpu_send_all(struct virtio_gpu *gpu);

/* After what was asked is settled: it answers nothing any more, or nonsense; it went well. */
bool gpu_in_trouble(const struct virtio_gpu *gpu);
bool gpu_step_ok(const struct virtio_gpu *gpu);

#endif
