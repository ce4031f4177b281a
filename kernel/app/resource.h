/* SPDX-License-Identifier: MIT */
/*
 * What rooms above this one keep for an app - its gates, events, surfaces, hosts, the way back
 * before a call - is a *resource*: one struct of functions, in one table (kernel/resources.c), and
 * nothing of it is named here. A new kind of thing that apps can have is one file and one line
 * there.
 *
 * The order of the table is that of layers around the app. Slots are built, and calls end, from the
 * first to the last; calls begin, and all is torn down and forgotten, from the last to the first:
 * who watches the others stands last. All else is asked from the first to the last. Every function
 * may be NULL.
 */
#ifndef KERNEL_RESOURCE_H
#define KERNEL_RESOURCE_H

#include "app.h"

struct ctx_event;     /* <ctx/tables.h> */
struct ctx_image_app; /* <ctx/image.h> */
struct image;         /* image/image.h */
struct image_error;   /* image/image.h */
struct image_writer;  /* image/image_write.h */

/* How an app is put back from its image. */
struct app_restore {
    const struct image *image;
    bool in_place;                /* it has kept its slot, and fits() said that this will do */
    const struct ctx_event *tell; /* what it is told before anything else; NULL: nothing */
};

/* A part of the slot that the app may write to: pixels, buffers. no: which of its resource's. */
typedef void app_area_fn(void *arg, uint32_t no, uint64_t at, uint64_t pages);

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

    /* Whether an app offers an interface of this id now: others may require it. [loop, in a call]
     */
    bool (*offers)(const char *id);

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

    /* The slot is about to go; fine after a build that did not get that far. [loop, in a
     * call] */
    void (*tear_down)(struct app *app);

    /* The app is about to go for good; it has no slot. [loop, in a call] */
    void (*forget)(struct app *app);

    /* ---- its calls ---- */

    /* Whether begin() and end() have to do with the calls of this app: a call asks only those that
     * say so, once its slot is whole. NULL: with everybody's. [loop, in a call] */
    bool (*at_calls)(const struct app *app);

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

    /* ---- images; all of apps that have a slot ---- */

    /* Whatever of it lies in the slot beside data and heap: saved, put back and watched with them.
     * [loop, in a call] */
    void (*each_area)(const struct app *app, app_area_fn *fn, void *arg);

    /* The same for what lies there and is seen by other apps too: saved, but what is written to it
     * is never taken back. [loop, in a call] */
    void (*each_shared)(const struct app *app, app_area_fn *fn, void *arg);

    /* How many bytes its sections take, at most (flags: SAVE_* of image_write.h); its fields of the
     * app's own section; the sections (NOMEM). [loop, in a call of another app] */
    uint64_t (*image_bytes)(struct app *app, uint32_t flags);
    void (*image_head)(const struct app *app, struct ctx_image_app *out);
    ctx_status (*save)(struct app *app, struct image_writer *w);

    /* What the app's own section says of the system, whatever app it is of: the screen, devices.
     * Asked when one is saved, and when one is restored, to tell it what is another now. [loop, in
     * a call of another app] */
    void (*image_system)(struct ctx_image_app *out);

    /*
     * Whether this system can take what an image has of it: NOSYS and *error, if not. *pages grows
     * by what it will take. image_open() has seen that it contradicts neither itself nor the
     * format. [loop, in a call]
     */
    ctx_status (*check)(const struct image *image, uint64_t *pages, struct image_error *error);

    /* Whether the app has of it what the image has, so that it can go back in place. */
    bool (*fits)(const struct app *app, const struct image *image);

    /* A slot is about to be built for an image: whatever build() has to know of that. NOMEM. [loop,
     * in a call] */
    ctx_status (*prepare)(struct app *app, const struct image *image);

    /* Be what the image says: in a fresh slot, or in place. Pages follow later. NOMEM. */
    ctx_status (*restore)(struct app *app, const struct app_restore *how);

    /* ---- undo ---- */

    /* A call begins that may be undone: remember what it may change of this. False: no memory.
     * [loop, in a call] */
    bool (*remember)(struct app *app);

    /*
     * Be what it was then; pages of areas are put back by others, when they are mapped again.
     * again: the app will see its events once more. False: no memory. [loop, in a call]
     */
    bool (*put_back)(struct app *app, bool again);

    /* The call is not undone any more, or the app goes: what was kept for the way back goes. After
     * put_back() it is not called: that has to see to it itself. [loop, in a call] */
    void (*let_go)(struct app *app);

    /*
     * In the place of these three, for things that other machines or devices hold: nothing of them
     * can be remembered, so what a call opens is marked fresh and what it closes is marked closing
     * until it is known how the call ends. undone: what is fresh goes, what is closing stays; else
     * the other way; and no mark is left. Asked before the next call and when the way back is given
     * up (not undone), and when the call is undone. [loop, in a call]
     */
    void (*settle)(struct app *app, bool undone);

    /* Nothing of it is in images: an app that is put back in place has none of it any more, as if
     * by tear_down(), in the place of restore(). */
    bool outside;

    /* ---- counters ---- */

    /* How many things of this kind it has: 0 when it is gone, or something leaks. [any] */
    uint64_t (*count)(const struct app *app);
};

/* All of them, NULL behind the last one. Whoever puts the core together defines it. */
extern const struct app_resource *const app_resources[];

/* One more, behind those of the table, before the first app: for tests. */
void resource_add(const struct app_resource *resource);
void resource_remove(const struct app_resource *resource);

/* What this resource keeps of the app: a pointer that is its own, NULL in a new app. Whoever is
 * asked at every call has a field in struct app instead. */
void **resource_part(struct app *app, const struct app_resource *resource);

/* For the core's own files: all of them in order, or until one refuses. */
bool resources_offer(const char *id);
bool resources_word(struct app *app, const char *word, size_t len);
ctx_status resources_build(struct app *app, const struct elf_plan *plan);
void resources_began(struct app *app);
/* Which of them have to do with its calls is another than when it began. */
void resources_look_at_calls(struct app *app);
void resources_tear_down(struct app *app);
void resources_forget(struct app *app);
void resources_begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served);
void resources_describe(const struct app *app, struct ctx *ctx);
void resources_end(struct app *app, enum app_ending how, bool served);
void resources_wait(struct app *app);
void resources_point(const struct app *app, int32_t *x, int32_t *y);

void resources_each_area(const struct app *app, app_area_fn *fn, void *arg);
void resources_each_shared(const struct app *app, app_area_fn *fn, void *arg);
uint64_t resources_image_bytes(struct app *app, uint32_t flags);
void resources_image_head(const struct app *app, struct ctx_image_app *out);
void resources_image_system(struct ctx_image_app *out);
ctx_status resources_save(struct app *app, struct image_writer *w);
ctx_status resources_check(const struct image *image, uint64_t *pages, struct image_error *error);
bool resources_fit(const struct app *app, const struct image *image);
ctx_status resources_prepare(struct app *app, const struct image *image);
ctx_status resources_restore(struct app *app, const struct app_restore *how);

bool resources_remember(struct app *app);
bool resources_put_back(struct app *app, bool again);
void resources_let_go(struct app *app);

/* Number no (from 0): its name and how many the app has. False: there are fewer. */
bool resources_count(const struct app *app, uint32_t no, const char **name, uint64_t *count);

#endif
