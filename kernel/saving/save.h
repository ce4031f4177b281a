/* SPDX-License-Identifier: MIT */
/* Making images: one app between two calls, without its help. The format is <ctx/image.h>'s. */
#ifndef KERNEL_SAVE_H
#define KERNEL_SAVE_H

#include "app.h"
#include "image_write.h"

#ifndef ARGOS_VERSION
#define ARGOS_VERSION "?"
#endif
#define SAVED_BY "Argos " ARGOS_VERSION /* what images say of their maker */

/*
 * Save an app as it is now. One that has no slot is saved as it would begin. AGAIN: it is in the
 * middle of a call, or one of it is parked; NOMEM; TOOBIG: more than 128 MiB. On an error *out is
 * zeroes. [loop, in a call of another app]
 */
ctx_status app_save(struct app *app, uint32_t flags, struct image_bytes *out);

/* The same, but nothing of what it has done: the app as it would begin. */
ctx_status app_save_fresh(struct app *app, uint32_t flags, struct image_bytes *out);

/* What an image says of the system that it was made on: screen and devices, as they are now. */
void save_system(struct ctx_image_app *out);

/*
 * Call fn for each page of data that an image holds, in ascending order of the slot: the store's
 * page, writable segments, live blocks of the heap, and with `areas` shares and surfaces. page is
 * where the kernel sees it. [loop, in a call]
 */
typedef void app_page_fn(void *arg, uint64_t offset, const uint8_t *page);
void app_each_page(struct app *app, bool areas, app_page_fn *fn, void *arg);

#endif
