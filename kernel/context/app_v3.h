/* SPDX-License-Identifier: MIT */
/* What this room keeps of an app of version 3, beyond struct app: the tables that it opened, and
 * the apps that it runs as their host. */
#ifndef KERNEL_APP_V3_H
#define KERNEL_APP_V3_H

#include "app.h"
#include "gate.h"
#include "image.h"

#include <ctx/image.h>
#include <ctx/tables.h>

#define OPENED_GATES   IMAGE_OPENED_GATES
#define OPENED_TABLES  IMAGE_OPENED_TABLES
#define OPENED_UNKNOWN 0xffu /* a table of its image that this kernel does not have */

struct app_v3 {
    uint64_t cpu_told; /* CTX_CPU_* that it was told of */

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

/* Slot pages of this range that were committed for tables. */
void v3_release_tables(struct app *app);

#endif
