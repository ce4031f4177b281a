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

#define OPENED_GATES  IMAGE_OPENED_GATES
#define OPENED_TABLES IMAGE_OPENED_TABLES

/* Gate CTX_GATE_OPENED + n of an instance. No info: it was never given out, or there is nothing of
 * that kind here. */
struct opened_gate {
    struct gate_binding bind;
    const struct ctx_gate_info *info;
};

struct app_v3 {
    uint64_t cpu_told; /* CTX_CPU_* that it was told of */

    /* opened tables; both arrays grow as they are needed */
    struct opened_gate *opened;
    struct ctx_image_table *tables; /* in the order of their opening */
    uint32_t opened_gates, opened_room, opened_tables, tables_room;
    uint64_t opened_at[CTX_TABLES]; /* slot offset of each of the kernel's tables, 0 = not opened */
    struct service_use *uses;       /* those of other apps (service.h) */

    /* as a host: its handles of children (host_links.c) */
    struct app_link_place *links;
    uint32_t links_room;
};

/*
 * Numbers of handles of what is in no image - disks, cards, files - begin behind this one: what the
 * app was given before it was restored is no handle of now.
 */
static inline uint32_t v3_handles_begin(const struct app *app)
{
    return app->epoch << 20;
}

/* Build header and tables of a fresh instance. NOMEM. (ctx_v3.c) */
ctx_status v3_build(struct app *app);

/* The part of ctx that only version 3 has. */
void v3_write_ctx(const struct app *app, struct ctx *ctx);

/*
 * Put a table of its image where it was, with the gates it had. What this kernel does not have of
 * it answers NOSYS. NOMEM. (ctx_v3.c)
 */
ctx_status v3_restore_table(struct app *app, const struct ctx_image_table *table);

/*
 * A new table of count functions: gates and a place for it, its header and addresses written; what
 * its gates lead to is the caller's next business, v3_gate() each. NOSPC: as many as fit are open;
 * NOMEM. (ctx_v3.c)
 */
ctx_status v3_add_table(struct app *app, const char *id, uint32_t count, bool granted,
                        struct ctx_image_table *out);
/* Whether its functions may be used, from now on. */
void v3_set_granted(struct app *app, const struct ctx_image_table *at, bool granted);

/* An opened gate, to be bound; its hosts hear of it when that is done. */
struct opened_gate *v3_gate(const struct app *app, uint32_t gate);

/* Whether this id is one of the kernel's own tables'. */
bool v3_has_table(const char *id);

/* Slot pages of this range that were committed for tables. */
void v3_release_tables(struct app *app);

/* What grew of *app->v3 goes. */
void v3_forget_tables(struct app *app);

#endif
