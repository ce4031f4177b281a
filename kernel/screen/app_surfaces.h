/* SPDX-License-Identifier: MIT */
/* What an app of version 3 has of the screen: its surfaces. For surface*.c, ctx_display.c and
 * compose.c. */
#ifndef KERNEL_APP_SURFACES_H
#define KERNEL_APP_SURFACES_H

#include "app.h"
#include "image.h"

#include <ctx/tables.h>

#define SURFACES IMAGE_SURFACES

struct surface {
    paddr_t frame; /* 0 = there is none; contiguous */
    uint64_t pages;
    uint64_t at; /* where its pixels are, an offset in the slot */
    uint32_t w, h, format;
    uint32_t flags;          /* CTX_SURFACE_POINTER */
    uint16_t generation;     /* of the handle; never 0 */
    bool damaged;            /* since the last picture */
    uint32_t x0, y0, x1, y1; /* what was damaged, in surface pixels */
    struct ctx_presented presented;
};

struct surfaces_kept; /* surface.c */

struct app_surfaces {
    struct surface all[SURFACES];
    struct surfaces_kept *kept; /* before the call that may be undone; NULL: none was */
    bool shown;                 /* it has some */
    struct app *next_shown;     /* in list order */
};

#endif
