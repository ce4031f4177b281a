/* SPDX-License-Identifier: MIT */
/*
 * Services: functions of one app that others open by an interface's id and call as they call the
 * kernel's. See ctx.service/1 and kernel/doc/services.md.
 *
 * A provider *publishes* an interface; a consumer that has opened its id has a *use* of it, for as
 * long as the instance lives, at the same table and gates. A use leads to the service that was
 * there when it was opened; when that goes, its functions answer STALE until the id is opened
 * again.
 */
#ifndef KERNEL_SERVICE_H
#define KERNEL_SERVICE_H

#include "app.h"
#include "image.h"

struct service_use;

/*
 * Open an id that is not the kernel's own: *offset is where its table lies in the slot. NOSYS:
 * nobody offers it, or less of it than min_size bytes of table; NOSPC: as many tables as fit are
 * open; NOMEM. [in a call]
 */
ctx_status service_open(struct app *app, const char *id, uint32_t len, uint32_t min_size,
                        uint64_t *offset);

/*
 * A table of its image that is not the kernel's: it answers STALE until somebody opens it again.
 * NOMEM. [loop, in a call]
 */
ctx_status service_restore_use(struct app *app, const struct ctx_image_table *table);

/* A call by way of a use, of the interface's function number fn; what goes back. [in a call] */
uint64_t service_perform(struct app *consumer, struct service_use *use, uint32_t fn,
                         const uint64_t args[6]);

/* The id of what was opened; "": it is not known any more. [in a call] */
const char *service_use_id(const struct service_use *use);

/* Once per turn of the loop: who waits for a provider, or for an interface, is told. [loop] */
void service_settle(void);

/*
 * The boot word `provider=ID:NAME`, without its name and the =: of several apps that offer this id,
 * one of this name is opened. What makes no sense is logged. False: no memory. [boot]
 */
bool service_prefer(const char *value, size_t len);

/* For tests: how many services there are. [any] */
uint32_t service_count(void);

#endif
