/* SPDX-License-Identifier: MIT */
/*
 * virtio-input: keyboard, mouse, tablet. Virtual I/O Device 1.2, section 5.8. Events are Linux'
 * evdev events.
 *
 * Keys go on as they are. Relative motion adds up and absolute positions are kept until the device
 * says SYN, then they go on as one. When the core has no room for a key, that key is held and
 * nothing behind it is taken: its buffers stay ours, so the device itself is held back and nothing
 * is lost or overtaken. Wheels, touch and LEDs are not driven.
 *
 * Short buffers and events of unknown types are ignored. A broken ring or a device that asks for it
 * is reset once; keys that were down then are let go, so none is stuck.
 */
#ifndef VIRTIO_VIRTIO_INPUT_H
#define VIRTIO_VIRTIO_INPUT_H

#include "virtio.h"

#include <kernel/task.h>

/* 5.8.4 device configuration: write select and subsel, then size bytes of answer are there */
#define VIRTIO_INPUT_CFG_SELECT   0u
#define VIRTIO_INPUT_CFG_SUBSEL   1u
#define VIRTIO_INPUT_CFG_SIZE     2u
#define VIRTIO_INPUT_CFG_DATA     8u
#define VIRTIO_INPUT_CFG_DATA_MAX 128u
#define VIRTIO_INPUT_CFG_ID_NAME  0x01u
#define VIRTIO_INPUT_CFG_EV_BITS  0x11u /* subsel: event type; answer: a bitmap of codes */
#define VIRTIO_INPUT_CFG_ABS_INFO                                                                  \
    0x12u /* subsel: axis; answer: min, max, fuzz, flat, res, 4 bytes each */
#define VIRTIO_INPUT_ABS_INFO_SIZE 20u

/* 5.8.6: what is in a buffer of the event queue */
struct virtio_input_event {
    uint16_t type;
    uint16_t code;
    uint32_t value;
};

_Static_assert(sizeof(struct virtio_input_event) == 8, "5.8.6");

/* evdev's numbers, as far as they are needed */
#define EV_SYN     0u
#define EV_KEY     1u
#define EV_REL     2u
#define EV_ABS     3u
#define AXIS_X     0u /* REL_X, ABS_X */
#define AXIS_Y     1u
#define REL_HWHEEL 6u
#define REL_WHEEL  8u
#define KEY_MAX    1024u

/*
 * How often a device is looked at that does not interrupt, or that waits for the core to have room.
 */
#define INPUT_POLL_NS (4 * NSEC_PER_MSEC)

struct input_axis {
    int32_t min, max; /* max > min, else the device has no such axis */
    int32_t value;    /* last said, within min..max */
};

struct virtio_input {
    /* set once */
    struct task task;
    struct virtio_device *dev;
    struct virtio_input_event *events; /* one page of buffers: the device writes it */
    paddr_t events_paddr;

    /* one life of the device, from reset to reset */
    struct virtqueue eventq;
    char name[48]; /* what the device calls itself, printable */
    bool has_keys, has_rel;
    struct input_axis abs[2]; /* x, y */
    int32_t rel[2];           /* motion since the last SYN */
    bool rel_changed, abs_changed;
    bool holding; /* `held` waits for room */
    struct virtio_input_event held;

    uint8_t down[KEY_MAX / 8]; /* keys that the core believes to be down */
    bool short_seen;           /* a short buffer was reported */
};

/*
 * Start the driver on a device whose transport is open. Both must live for ever, *input filled with
 * zeroes. [boot] [loop]
 */
void virtio_input_start(struct virtio_input *input, struct virtio_device *dev);

#endif
