/* SPDX-License-Identifier: MIT */
/* What an app of version 3 has of the screen: its surfaces. For surface*.c, ctx_display.c and
 * compose.c. */
#ifndef KERNEL_APP_SURFACES_H
#define KERNEL_APP_SURFACES_H

#include "app.h"
#include "image.h"

#include <ctx/tables.h>

#define SURFACES      IMAGE_SURFACES
#define SURFACE_TITLE 64u /* with its end */

/* Where whoever manages windows has put a surface. All zeroes: nobody has. */
struct surface_place {
    int32_t x, y, level;
    uint32_t scale;   /* 1.. */
    uint32_t opacity; /* 0..255 */
    bool placed, hidden;
    struct ctx_image_shown shown; /* in another size than scale says */
};

/* A part of the screen; w 0: none. Its corner may be outside. */
struct surface_area {
    int64_t x, y, w, h;
};

/* Whether its app is to draw it anew; TOLD: it is in the middle of reading that. (expose.c) */
enum surface_exposed {
    EXPOSED_NOT = 0,
    EXPOSED_WANTED,
    EXPOSED_TOLD,
};

struct surface {
    paddr_t frame; /* 0 = there is none; contiguous */
    uint64_t pages;
    uint64_t at; /* where its pixels are, an offset in the slot */
    uint32_t w, h, format;
    uint32_t flags;          /* CTX_SURFACE_* of create() */
    uint16_t generation;     /* of the handle; never 0 */
    bool damaged;            /* since the last picture */
    uint32_t x0, y0, x1, y1; /* what was damaged, in surface pixels */
    struct ctx_presented presented;
    enum surface_exposed exposed;

    struct surface_place place;
    struct surface_area shown; /* where the last picture has it (scene.c) */
    bool listed;               /* it is in that one's list */

    /* What the app asks of whoever manages windows; without one only the position is heeded. */
    uint32_t asked; /* CTX_ASKED_* */
    int32_t asked_x, asked_y;
    uint32_t smallest_w, smallest_h;
    uint32_t cursor; /* CTX_CURSOR_* */
    char title[SURFACE_TITLE];
};

struct surfaces_kept; /* surface.c */

struct app_surfaces {
    struct surface *all; /* room of them, of which those with frames are there; NULL: room is 0 */
    uint32_t room;       /* grows, at most SURFACES: few apps have many */
    struct surfaces_kept *kept; /* before the call that may be undone; NULL: none was */
    bool shown;                 /* it has some */
    struct app *next_shown;     /* in list order */
};

#endif
