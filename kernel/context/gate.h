/* SPDX-License-Identifier: MIT */
/*
 * Gates: functions exported from the kernel to an app. A gate's number says which function the app
 * means; what it leads to is decided for each instance by its bind table - the kernel's function,
 * nothing (NOSYS), a refusal, later another app. Grants, wrapping and tracing are all one thing:
 * what a gate is bound to.
 *
 * Arguments are checked here, by the descriptors that libctx/abi/generate.py makes: whoever is
 * behind a gate knows that a pointer lies in the app's own slot. That the memory is really there
 * it learns from machine_copy_in() and machine_copy_out().
 */
#ifndef KERNEL_GATE_H
#define KERNEL_GATE_H

#include <kernel/types.h>

#include <ctx/gates.h>
#include <ctx/slot.h>

struct app;

/* A gate's kernel function: the calling app and its six integer arguments, self first from version
 * 3 on; the result goes back to the app. */
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
    bool traced; /* each call is a line in the log */
    gate_fn *fn; /* GATE_KERNEL */
};

/* The bindings of a fresh app, CTX_GATE_USED of them. Shared and constant. */
const struct gate_binding *gate_default_bindings(void);

/* Bind one gate of one instance differently; its table becomes its own first. NOMEM, RANGE. */
ctx_status gate_bind(struct app *app, uint32_t gate, struct gate_binding binding);

/* Give back a table that gate_bind() made. */
void gate_release(struct app *app);

/*
 * Log every call of the gates that match a word: a function ("alloc", "display.damage"), a table
 * ("events"), or "trace" for all. Works on apps of every version. [loop]
 */
ctx_status gate_instrument(struct app *app, const char *word, size_t len);

/* Whether a traced gate matches one of the app's `instrument=` words. For gates that are opened. */
bool gate_matches(const struct ctx_gate_info *info, const char *word, size_t len);

/* What a gate of this instance leads to, and what it takes. False: it was never given out. */
bool gate_find(struct app *app, uint32_t gate, struct gate_binding *binding,
               const struct ctx_gate_info **info);

/* Do what a gate is bound to, with the arguments checked; what goes back to the app. */
uint64_t gate_perform(struct app *app, uint32_t gate, const struct gate_binding *binding,
                      const struct ctx_gate_info *info, const uint64_t args[6]);

/* What goes back to the app from a gate that did nothing: the status, or NULL. */
static inline uint64_t gate_failure(const struct ctx_gate_info *info, ctx_status status)
{
    return info->returns == CTX_RETURNS_STATUS ? (uint32_t)status : 0;
}

/* "mem.alloc=0x2000", "time.now=OK": a call and its outcome. */
void gate_describe(char *text, size_t size, const struct ctx_gate_info *info, uint64_t result);

/* Results that go to the app's memory; INVAL if it is not there. */
ctx_status gate_put(uint64_t address, const void *value, uint64_t len);

/* A struct that begins with its size: as much of it as the caller has room for. INVAL: less than 8
 * bytes. */
ctx_status gate_put_struct(uint64_t address, const void *value, uint32_t size);

/* The functions of versions 1 and 2 (ctx_v2.c). */
gate_fn ctx_v1_log, ctx_v2_alloc, ctx_v2_dealloc;

/* Those of version 3 (ctx_v3.c, ctx_memory.c, surface.c, event.c). */
gate_fn ctx_iface_open, ctx_time_now, ctx_time_wall, ctx_time_wake_at;
gate_fn ctx_mem_alloc, ctx_mem_resize, ctx_mem_free, ctx_mem_usage;
gate_fn ctx_display_info, ctx_display_canvas, ctx_display_create, ctx_display_pixels,
    ctx_display_damage, ctx_display_presented, ctx_display_resize, ctx_display_destroy;
gate_fn ctx_events_read, ctx_events_wait;

/* A function of a table that is opened by id (ctx_drafts.c); NULL if the kernel has none. */
gate_fn *ctx_draft_fn(uint32_t table, uint32_t fn);

#endif
