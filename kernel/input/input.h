/* SPDX-License-Identifier: MIT */
/*
 * Keys, buttons and pointer of the whole system, for the core: what is held and where the pointer
 * is. Devices say it by <kernel/input.h>; whom it is for, route.h decides; how apps see it, event.h
 * has for version 3 and input_view.h for versions 1 and 2.
 */
#ifndef KERNEL_INPUT_INPUT_H
#define KERNEL_INPUT_INPUT_H

#include <kernel/types.h>

#include <ctx/key.h>

struct app;

/* Codes of keys and buttons, those of evdev, are below. */
#define INPUT_KEYS 1024u

/* Buttons have a place, and go to whoever is there; keys go to the focus. */
static inline bool input_is_button(uint32_t code)
{
    return code >= CTX_BTN_LEFT && code <= CTX_BTN_SIDE;
}

/* Whether the key is down now, as this app has been told. */
bool input_is_held(const struct app *app, uint32_t code);

/* Keys that waited for whoever manages windows to move the focus, if that one has had its call.
 * Once per turn of the loop, and before each key. [loop, in a call] */
void input_settle(void);

/* Keys that are held and whose addressee (route.h) is `of` go up for that one; what they are
 * further on, is for `to`. */
void input_release(uint64_t of, uint64_t to);

/* This app does not hear any more what goes to the canvas (route.h): what is held there goes up for
 * it, and for others stays down. */
void input_leave_canvas(const struct app *app);

/* Where the pointer is. */
void input_pointer(uint32_t *x, uint32_t *y);

/* It is there, and nobody has moved it: nobody hears of it. Inside the screen. */
void input_pointer_place(uint32_t x, uint32_t y);

/* Where the pointer may go. Puts it into the middle. */
void input_set_screen(uint32_t width, uint32_t height);

/* The same for another size: the pointer stays where it is in the picture. */
void input_resize_screen(uint32_t width, uint32_t height);

/* What was asked for by a key that is nobody's but the kernel's, once. */
enum input_asks {
    INPUT_ASKS_NOTHING = 0,
    INPUT_ASKS_REBOOT,    /* Ctrl-Alt-Del */
    INPUT_ASKS_POWER_OFF, /* the power button */
    INPUT_ASKS_SAVE,      /* Ctrl-Alt-Insert */
    INPUT_ASKS_LOAD,      /* Ctrl-Alt-Home */
    INPUT_ASKS_NEXT_SLOT, /* Ctrl-Alt-PageUp */
    INPUT_ASKS_LAST_SLOT, /* Ctrl-Alt-PageDown: the one before */
};
enum input_asks input_asked(void);

#endif
