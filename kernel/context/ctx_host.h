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

#endif
