/* SPDX-License-Identifier: MIT */
/* An app: a loaded function and its slot. */
#ifndef KERNEL_APP_H
#define KERNEL_APP_H

#include "elf.h"
#include "gate.h"
#include "input_view.h"
#include "ready.h"
#include "slotheap.h"

#include <kernel/machine.h>
#include <kernel/types.h>

#include <ctx/ctx.h>

#define APP_NAME 32u
#define APP_TEXT 128u

/* So many calls in a row may end in a fault before the app is left alone. */
#define APP_FAULTS 3u

/*
 * How long a call may take before it is parked, and for how long a parked one goes on in each
 * frame. A boot that decodes a picture fits; an endless loop leaves three quarters of each frame to
 * the others.
 */
#define APP_BUDGET_NS (100 * NSEC_PER_MSEC)
#define APP_SLICE_NS  (4 * NSEC_PER_MSEC)

struct app_v3; /* app_v3.h */

/* Where the app stands in ready.c's lists. */
struct app_turn_state {
    enum app_turn where;
    uint32_t heap_at; /* 1 + place in the heap of deadlines, 0 = not there */
    uint64_t deadline_ns;
    struct app *prev, *next;
};

struct app {
    /* set once at load */
    char name[APP_NAME];
    char arguments[APP_TEXT];
    uint64_t pid, base, entry;
    uint64_t order;            /* place in the list: grows */
    uint32_t version;          /* of the Context it is given: 2 or 3 */
    uint32_t grants;           /* a bit for each of ctx_tables[] that needs one */
    char instrument[APP_NAME]; /* words of `instrument=`, joined by commas */
    uint64_t stack_low;        /* the lowest byte that the stack may grow to */
    struct elf_segment segments[ELF_SEGMENTS];
    uint32_t segment_count;
    paddr_t kernel_page, table_page, ctx_page, store_page; /* the slot's single pages */

    /* changes while it runs */
    const struct gate_binding *bind; /* shared until something is bound differently */
    struct slotheap *heap;           /* NULL before the first alloc */
    uint64_t store;                  /* what *ctx->store held after the last good call */
    struct input_view input;
    struct app_v3 *v3; /* what only version 3 has; NULL before */
    struct app_turn_state turn;
    uint64_t calls, faults, breakpoints, longest_ns, total_ns;
    uint32_t faults_in_a_row, odd_answers;
    uint64_t pages;                /* committed */
    uint64_t quota_pages;          /* the most that the heap, and each surface, may have */
    struct machine_parked *parked; /* a call that was interrupted and goes on; NULL: none */
    uint64_t deadline_ns;          /* of the call that is going on */
    uint64_t preemptions;
    bool stopped, told_no_memory;
    bool exited; /* to be taken away after this round */
    int32_t exit_code;
    struct app *next; /* list order */
};

/* Before anything else here: the pages that all slots share. NOMEM. [boot] */
ctx_status app_init(uint64_t heap_quota_bytes);

/*
 * Load a file into a fresh slot and append it to the list. file_name is for messages; text is "NAME
 * ARGUMENTS", the name may be missing. The file is not needed afterwards. NULL: refused, and the
 * log says which file, field and value. [loop]
 */
struct app *app_load(const uint8_t *file, uint64_t len, const char *file_name, const char *text);

/* Take it from the list and give back everything it held. [loop, not in a call] */
void app_unload(struct app *app);

/* Call it once; afterwards it stands where its answer puts it in ready.h's lists. [loop] */
void app_call(struct app *app);

/* Take away the apps that ended themselves. [loop, not in a call] */
void app_reap(void);

/* A gate that this instance opened: what it leads to. False: it opened no such one. */
bool app_opened_gate(struct app *app, uint32_t gate, struct gate_binding *binding,
                     const struct ctx_gate_info **info);

/* The version that apps with a note are offered at most (boot word `context=N`), and whether a
 * note's minimum is enforced. */
void app_set_offer(uint32_t version, bool force);

/*
 * Pages of the app's slot that are backed by memory of their own: zeroed, accounted, given back
 * with the app. offset is that of the page in the slot.
 */
ctx_status app_commit(struct app *app, uint64_t offset, uint32_t rights);
void app_decommit(struct app *app, uint64_t offset);

/* Write into an app's memory through the direct map, whatever its rights; the pages are committed.
 */
void app_fill(struct app *app, uint64_t address, uint8_t byte, uint64_t len);

/* The app's heap, made when first asked for; NULL: no memory. (ctx_v2.c) */
struct slotheap *app_heap(struct app *app);

/* Write text of the app's memory to the log, as lines of that level. INVAL: it is not there.
 * (ctx_v2.c) */
ctx_status app_log(struct app *app, char level, uint64_t address, uint32_t len);

/* Whether one of the app's `instrument=` words means this gate. */
bool app_instruments(const struct app *app, const struct ctx_gate_info *info);

/* What an app with a grant may ask of the whole machine; done by the loop when the call has
 * returned. */
enum app_asks {
    APP_ASKS_NOTHING = 0,
    APP_ASKS_REBOOT,
    APP_ASKS_POWER_OFF,
};
void app_ask(const struct app *app, enum app_asks what);
enum app_asks app_asked(void);

/* The app whose call is going on, NULL outside calls. */
struct app *app_current(void);

/* The list, in the order in which apps are called; how many; and how many files were refused so
 * far. */
struct app *app_first(void);
uint32_t app_count(void);
uint32_t app_refused_count(void);

/* Say that a file was refused: the one place where such lines are made. */
void app_refuse(const char *file_name, const char *field, uint64_t value, const char *reason);

#endif
