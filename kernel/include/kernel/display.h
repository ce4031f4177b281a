/* SPDX-License-Identifier: MIT */
/*
 * Where pixels are shown. A driver offers one display; the core writes into its `pixels` and says
 * what changed.
 *
 * pixels is memory that the driver owns for the display's life: RGBA bytes, pitch == width,
 * page-aligned. It always holds what was presented last, so the core finds what an app changed by
 * comparing the canvas with it.
 */
#ifndef KERNEL_DISPLAY_H
#define KERNEL_DISPLAY_H

#include <kernel/types.h>

struct task;

struct rect {
    uint32_t x, y, w, h;
};

struct display {
    const char *name; /* "virtio-gpu", "framebuffer" */
    uint32_t width, height;
    uint32_t wanted_width, wanted_height; /* what it would have, were there the memory; else 0 */
    uint32_t *pixels;
    uint32_t rank; /* the highest rank offered is used: framebuffer 1, virtio-gpu 2 */

    /*
     * These rectangles of pixels have changed: show them. They lie within the display and do not
     * overlap. Returns at once; count is at most DISPLAY_RECTS. Called only when busy() is false.
     */
    void (*update)(struct display *display, const struct rect *rects, uint32_t count);

    /* True while the last update is on its way, or the device has stopped answering. NULL: never
     * busy. */
    bool (*busy)(struct display *display);

    /* The task that finishes what update() began: the only one that a panic still runs. NULL:
     * update() does all of it. */
    struct task *task;

    /* A display of higher rank took over: this one is not used again and may give its pixels back.
     * NULL: nothing to do. */
    void (*retire)(struct display *display);

    /*
     * A plane of its own for the pointer, DISPLAY_POINTER pixels wide and high, RGBA not
     * multiplied, whose middle lies where the pointer is; copied at once. pixels NULL: nothing is
     * shown. NULL: there is no such plane, and the core draws the pointer into `pixels`. May become
     * NULL. Both at any time, also while an update is on its way.
     */
    void (*pointer_shape)(struct display *display, const uint32_t *pixels);
    void (*pointer_move)(struct display *display, uint32_t x, uint32_t y);
};

#define DISPLAY_RECTS   64u
#define DISPLAY_POINTER 64u

/* Offer a display. The struct must live for ever. [boot] [loop] */
void display_offer(struct display *display);

/*
 * It shows another size from now on, in these pixels, whose contents do not count: width, height
 * and pixels of the struct become that, and all of it is shown with the next update. The former
 * pixels are the driver's again. False: the core can not, for want of memory; nothing has changed.
 * Never between update() and the end of busy(). [boot] [loop]
 */
bool display_resize(struct display *display, uint32_t width, uint32_t height, uint32_t *pixels);

/* A display that is offered before this many tasks said that they are done probing is not missed:
 * main waits for them. */
void display_probe_begin(void);
void display_probe_end(void);

#endif
