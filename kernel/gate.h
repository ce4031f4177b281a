/* SPDX-License-Identifier: MIT */
/*
 * Gates: functions exported from the kernel to an app. A gate's number says which function the app
 * means; what it leads to is decided for each instance by its bind table - the kernel's function,
 * nothing (NOSYS), a refusal, later another app. Grants, wrapping and tracing are all one thing:
 * what a gate is bound to.
 */
#ifndef KERNEL_GATE_H
#define KERNEL_GATE_H

#include <kernel/types.h>

#include <ctx/slot.h>

struct app;

/* A gate's kernel function: the calling app and its six integer arguments; the result goes back to
 * the app. */
typedef uint64_t gate_fn(struct app *app, const uint64_t args[6]);

enum gate_leads_to {
    GATE_NOSYS = 0, /* also all numbers that nobody was given */
    GATE_KERNEL,
    GATE_DENIED,
    GATE_REVOKED,
    GATE_STALE,
};

struct gate_binding {
    enum gate_leads_to to;
    gate_fn *fn; /* GATE_KERNEL */
};

/* What an app gets when its gate leads nowhere: its status, NULL, or nothing. */
enum gate_returns {
    GATE_RETURNS_STATUS = 0,
    GATE_RETURNS_POINTER,
    GATE_RETURNS_VOID,
};

/* The bindings of a fresh app, CTX_GATE_USED of them. Shared and constant. */
const struct gate_binding *gate_default_bindings(void);

/* Bind one gate of one instance differently; its table becomes its own first. NOMEM, RANGE. */
ctx_status gate_bind(struct app *app, uint32_t gate, struct gate_binding binding);

/* Give back a table that gate_bind() made. */
void gate_release(struct app *app);

/* The functions of versions 1 and 2 (ctx_v2.c). */
gate_fn ctx_v1_log, ctx_v2_alloc, ctx_v2_dealloc;

#endif
