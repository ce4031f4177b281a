/* SPDX-License-Identifier: MIT */
/* What an app of version 3 has beyond struct app: what it waits for, its surfaces, and the tables
 * it opened. */
#ifndef KERNEL_APP_V3_H
#define KERNEL_APP_V3_H

#include "app.h"
#include "gate.h"
#include "image.h"

#include <ctx/image.h>
#include <ctx/tables.h>

#define SURFACES       IMAGE_SURFACES
#define OPENED_GATES   IMAGE_OPENED_GATES
#define OPENED_TABLES  IMAGE_OPENED_TABLES
#define OPENED_UNKNOWN 0xffu /* a table of its image that this kernel does not have */

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

struct app_v3 {
    /* events: which of the system's it has seen */
    bool subscribed, lost, in_waiters;
    uint64_t event_next, event_first;
    struct ctx_event *own_events; /* its image's, before the system's; NULL: none are left */
    uint32_t own_count, own_next;
    uint64_t read_ns; /* when it last asked for events */
    struct app *next_waiter;
    struct app *next_reader; /* of those that have subscribed */
    struct {                 /* before the call that may be undone */
        uint64_t event_next, event_first;
        uint32_t own_next;
        bool lost, subscribed;
    } kept_events;

    uint64_t cpu_told; /* CTX_CPU_* that it was told of */
    struct surface surfaces[SURFACES];
    struct surfaces_kept *kept_surfaces; /* before the call that may be undone; NULL: none was */
    bool shown;                          /* it has some */
    struct app *next_shown;              /* in list order */

    /* opened tables: gate CTX_GATE_OPENED + n is function opened[n].fn of table opened[n].table */
    struct {
        uint8_t table, fn;
        struct gate_binding bind;
    } opened[OPENED_GATES];
    uint32_t opened_gates, opened_tables;
    struct ctx_image_table tables[OPENED_TABLES]; /* in the order of their opening */
    uint64_t opened_at[CTX_TABLES];               /* slot offset of each table, 0 = not opened */

    /* as a host: its handles of children (host_links.c) */
    struct app_link_place *links;
    uint32_t links_room;
};

/* Build header and tables of a fresh instance. NOMEM. (ctx_v3.c) */
ctx_status v3_build(struct app *app);

/* The part of ctx that only version 3 has. */
void v3_write_ctx(const struct app *app, struct ctx *ctx);

/*
 * Put a table of its image where it was, with the gates it had. What this kernel does not have of
 * it answers NOSYS. NOMEM. (ctx_v3.c)
 */
ctx_status v3_restore_table(struct app *app, const struct ctx_image_table *table);

/* Show it the canvas, apps of older versions too. NOMEM. (ctx_display.c) */
ctx_status surface_open_canvas(struct app *app);

/* Slot pages of this range that were committed for tables. */
void v3_release_tables(struct app *app);

/* surface.c: take all its surfaces from the screen. */
void surface_destroy_all(struct app *app);

#endif
