/* SPDX-License-Identifier: MIT */
/*
 * Who hears a key, a button, the pointer. While nobody manages windows everybody hears everything;
 * otherwise each has one addressee, and this file knows which: the focus, the surface under the
 * pointer, or, for what it has grabbed, the app that manages windows (ctx.windows/1). Unless it
 * says otherwise: [boot, loop, in a call].
 */
#ifndef KERNEL_ROUTE_H
#define KERNEL_ROUTE_H

#include "app.h"
#include "image_check.h"

/* Addressees that are no pid. */
#define ROUTE_ALL UINT64_MAX
#define ROUTE_CANVAS                                                                               \
    (UINT64_MAX - 1) /* who has no surfaces, or draws on the canvas too; not the manager */
#define ROUTE_NOBODY (UINT64_MAX - 2)

#define ROUTE_GRABS  IMAGE_GRABS

struct route {
    uint64_t to;      /* a pid, or ROUTE_* */
    uint32_t surface; /* its handle; 0: none */
};

/* A place in a surface. */
struct route_spot {
    uint64_t pid;
    uint32_t surface;
    int32_t x, y;
};

/* What only the screen knows (screen/scene.c). */
struct route_screen {
    /* What is highest there. False: the canvas. */
    bool (*hit)(uint32_t x, uint32_t y, struct route_spot *out);
    /* Where that is in this surface, perhaps outside. False: there is no such surface. */
    bool (*locate)(uint64_t pid, uint32_t surface, uint32_t x, uint32_t y, struct route_spot *out);
    /* Whether there is this surface; *relative: it hears how far the pointer was moved, not where
     * it is (CTX_SURFACE_RELATIVE). */
    bool (*look)(uint64_t pid, uint32_t surface, bool *relative);
    /* One more of its surfaces that an app is to draw anew: surface, x, y of an event EXPOSE.
     * False: there are no others. Whether they were told is said behind the last one. */
    bool (*exposed)(struct app *app, struct ctx_event *out);
    void (*exposed_end)(struct app *app, bool told);
};
void route_set_screen(const struct route_screen *screen);

/* Whether what is sent there is for this app. */
bool route_hears(const struct app *app, uint64_t to);

/* ---- for input.c and event.c ---- */

/* Of struct route_screen. [in a call] */
bool route_exposed(struct app *app, struct ctx_event *out);
void route_exposed_end(struct app *app, bool told);

/* A key or button goes down, while these CTX_MOD_* are held: who is to have it. [loop, in a
 * call] */
struct route route_down(uint32_t code, uint32_t modifiers, uint32_t x, uint32_t y);

/* A chord has ended that its manager has had no call to see yet, and it will be called in this turn
 * or frame: who is to have the next key is not decided. */
bool route_waits(void);

/* It is up again, and so many keys and buttons are held still. [loop, in a call] */
void route_up(uint32_t code, uint32_t modifiers, uint32_t keys, uint32_t buttons);

/* The pointer is there now: who hears of it, and where it is for them. [loop, in a call] */
struct route route_pointer(uint32_t x, uint32_t y, int32_t *in_x, int32_t *in_y);

/* Something else lies under the pointer than when it was moved last: who hears a button or the
 * wheel there has to be told first where it is. */
bool route_is_elsewhere(uint32_t x, uint32_t y);

/* Who hears of the wheel. */
struct route route_wheel(void);

/* The surface of an addressee that a key is for, or a button that is held. */
uint32_t route_surface_of(uint64_t to, bool button);

/* The pointer stays where it is, and only tells how far it was moved. */
bool route_is_relative(void);

/* ---- for ctx.windows/1 and the screen ---- */

/* Who manages windows; NULL: nobody just now. */
const struct app *route_manager(void);

/* Counts those who began to, from 1, the same app anew as well: a number for the one who does. 0:
 * nobody just now. */
uint64_t route_term(void);

/* Somebody does, or did and has not released. */
bool route_is_managed(void);

/* EXIST: another app does. */
ctx_status route_manage(struct app *app);
void route_release(void);

/* Of a surface that is not there, or not yet, the keys are nobody's. */
void route_focus(struct route to);
struct route route_focused(void);

/* EXIST, NOSPC; NOENT. */
ctx_status route_grab(uint32_t code, uint32_t modifiers);
ctx_status route_ungrab(uint32_t code, uint32_t modifiers);

/* Number `no` of those that are grabbed. False: there are not so many. */
bool route_grabbed(uint32_t no, uint32_t *code, uint32_t *modifiers);

/* What an app has of all this in an image (route_image.c), for route_resource. */
struct app_restore;
struct image_writer;
uint64_t route_image_bytes(struct app *app, uint32_t flags);
ctx_status route_image_save(struct app *app, struct image_writer *w);
ctx_status route_image_restore(struct app *app, const struct app_restore *how);

/* This surface is not there any more. */
void route_surface_gone(uint64_t pid, uint32_t surface);

/* Surfaces came, went or asked for something: tell who manages them. */
void route_windows_changed(void);

#endif
