/* SPDX-License-Identifier: MIT */
/* Host apps: calls of an app's Context that lead to another app's function. See ctx.host/1. */
#ifndef KERNEL_CTX_HOST_H
#define KERNEL_CTX_HOST_H

#include "app.h"
#include "gate.h"

/*
 * A gate of an app that has links: what the first link from `link` on that wraps it answers, or,
 * behind the last one, what the gate is bound to. The result is what goes back to the app.
 */
uint64_t host_dispatch(struct app *child, struct app_link *link, uint32_t gate,
                       const struct gate_binding *binding, const struct ctx_gate_info *info,
                       const uint64_t args[6]);

/* The app has just been given this gate: wrap it where its hosts asked for all of its kind. */
void host_gate_opened(struct app *child, uint32_t gate, const struct ctx_gate_info *info);

/* The app has a fresh slot: its hosts are where they were. */
void host_child_began(struct app *child);

/* The app is about to go for good: its hosts' handles are stale. */
void host_forget(struct app *app);

/* The app's slot is about to go: what it wraps as a host stays shut. */
void host_forget_children(struct app *app);

/*
 * What an image has of this: the handles that the app has as a host, and who wraps it; the bytes
 * that both take.
 */
struct ctx_image_host;
struct image_writer;
uint64_t host_image_bytes(const struct app *app);
uint32_t host_generation(const struct app *app); /* no handle that it gave out has a later one */
void host_write_handles(struct image_writer *w, const struct app *app);
void host_write_hosts(struct image_writer *w, const struct app *app);

/* In the app that an image became: a handle that answers STALE; and calls that do so until the host
 * of that pid opens the app anew. NOMEM. */
bool host_is_linked(const struct app *app, uint64_t host_pid); /* by a host that lives */
ctx_status host_restore_handle(struct app *app, uint32_t handle);
ctx_status host_restore_wrap(struct app *app, const struct ctx_image_host *from);

#endif
