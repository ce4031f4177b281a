/* SPDX-License-Identifier: MIT */
/* An app: a loaded function and its slot. */
#ifndef KERNEL_APP_H
#define KERNEL_APP_H

#include "elf.h"
#include "gate.h"
#include "input_view.h"
#include "slotheap.h"

#include <kernel/machine.h>
#include <kernel/types.h>

#include <ctx/ctx.h>

#define APP_NAME 32u
#define APP_TEXT 128u

/* So many calls in a row may end in a fault before the app is left alone. */
#define APP_FAULTS 3u

struct app {
    /* set once at load */
    char name[APP_NAME];
    char arguments[APP_TEXT];
    uint64_t pid, base, entry;
    uint64_t stack_low; /* the lowest byte that the stack may grow to */
    struct elf_segment segments[ELF_SEGMENTS];
    uint32_t segment_count;
    paddr_t kernel_page, table_page, ctx_page, store_page; /* the slot's single pages */

    /* changes while it runs */
    const struct gate_binding *bind; /* shared until something is bound differently */
    struct slotheap *heap;           /* NULL before the first alloc */
    uint64_t store;                  /* what *ctx->store held after the last good call */
    struct input_view input;
    uint64_t calls, faults, breakpoints, longest_ns, total_ns;
    uint32_t faults_in_a_row;
    uint64_t pages; /* committed */
    bool stopped, told_no_memory;
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

/* Call it once. [loop] */
void app_call(struct app *app);

/*
 * Pages of the app's slot that are backed by memory of their own: zeroed, accounted, given back
 * with the app. offset is that of the page in the slot.
 */
ctx_status app_commit(struct app *app, uint64_t offset, uint32_t rights);
void app_decommit(struct app *app, uint64_t offset);

/* Write into an app's memory through the direct map, whatever its rights; the pages are committed.
 */
void app_fill(struct app *app, uint64_t address, uint8_t byte, uint64_t len);

/* How much one app may have on its heap. [boot] */
void ctx_v2_set_quota(uint64_t bytes);

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
