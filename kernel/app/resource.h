/* SPDX-License-Identifier: MIT */
/*
 * What rooms above this one keep for an app - its gates, events, surfaces, hosts, the way back
 * before a call - is a *resource*: one struct of functions, in one table (kernel/resources.c), and
 * nothing of it is named here. A new kind of thing that apps can have is one file and one line
 * there.
 *
 * The order of the table is that of layers around the app. Slots are built, and calls end, from the
 * first to the last; calls begin, and all is torn down, from the last to the first: who watches the
 * others stands last. Every function may be NULL.
 */
#ifndef KERNEL_RESOURCE_H
#define KERNEL_RESOURCE_H

#include "app.h"

/* How a call, or one slice of it, ended. */
enum app_ending {
    ENDED_WELL,
    ENDED_BADLY, /* in a fault; what it did stays, but for the store */
    ENDED_UNDONE,
    ENDED_PARKED, /* it goes on later */
};

struct app_resource {
    const char *name; /* for messages and counters */

    /* ---- its life ---- */

    /* A word of the app's text that is this resource's own (`instrument=`, `inject=`): it takes
     * effect and disappears. False: it is not. [loop, in a call] */
    bool (*word)(struct app *app, const char *word, size_t len);

    /*
     * Its part of a fresh slot, which has its file, stack and single pages already. NOMEM; what was
     * made until then is torn down. [loop, in a call]
     */
    ctx_status (*build)(struct app *app, const struct elf_plan *plan);

    /* The slot is whole. [loop, in a call] */
    void (*began)(struct app *app);

    /* The slot is about to go; fine after a build that did not get that far. [loop] */
    void (*tear_down)(struct app *app);

    /* The app is about to go for good; it has no slot. [loop] */
    void (*forget)(struct app *app);

    /* ---- its calls ---- */

    /* A call begins that is not one that was parked. entry: where it does, to be changed by test
     * aids only. served: it is another app's gate. [loop, in a call] */
    void (*begin)(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served);

    /* Its part of the Context, when that is written anew: what *ctx already says is right for an
     * app that has nothing of this resource. [loop, in a call] */
    void (*describe)(const struct app *app, struct ctx *ctx);

    /* A call has ended, or was parked. [loop, in a call] */
    void (*end)(struct app *app, enum app_ending how, bool served);

    /* It waits from now on, as its fields wake_ns and event_mask say. [loop] */
    void (*wait)(struct app *app);

    /* A place of the screen as this app sees it. [loop, in a call] */
    void (*point)(const struct app *app, int32_t *x, int32_t *y);

    /* ---- counters ---- */

    /* How many things of this kind it has: 0 when it is gone, or something leaks. [any] */
    uint64_t (*count)(const struct app *app);
};

/* All of them, NULL behind the last one. Whoever puts the core together defines it. */
extern const struct app_resource *const app_resources[];

/* One more, behind those of the table, before the first app: for tests. */
void resource_add(const struct app_resource *resource);
void resource_remove(const struct app_resource *resource);

/* For the core's own files: all of them in order, or until one refuses. */
bool resources_word(struct app *app, const char *word, size_t len);
ctx_status resources_build(struct app *app, const struct elf_plan *plan);
void resources_began(struct app *app);
void resources_tear_down(struct app *app);
void resources_forget(struct app *app);
void resources_begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served);
void resources_describe(const struct app *app, struct ctx *ctx);
void resources_end(struct app *app, enum app_ending how, bool served);
void resources_wait(struct app *app);
void resources_point(const struct app *app, int32_t *x, int32_t *y);

/* Number no (from 0): its name and how many the app has. False: there are fewer. */
bool resources_count(const struct app *app, uint32_t no, const char **name, uint64_t *count);

#endif
