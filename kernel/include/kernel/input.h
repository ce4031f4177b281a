/* SPDX-License-Identifier: MIT */
/*
 * Where key and pointer events come in: drivers call these from their tasks, and apps that may
 * stand in for a device (ctx.hands/1) from their calls. The core gives every app its own view
 * (input/input.h). All values are checked here: a driver may pass on what its device said.
 */
#ifndef KERNEL_INPUT_H
#define KERNEL_INPUT_H

#include <kernel/types.h>

#define INPUT_KEY_UP     0u
#define INPUT_KEY_DOWN   1u
#define INPUT_KEY_REPEAT 2u

/*
 * How many more key events fit before the slowest app has seen some. A driver that can hold its
 * device back (a serial port, a queue of buffers) does so at 0; input_key() beyond it drops the
 * event and counts that in the log. [loop, in a call]
 */
uint32_t input_room(void);

/* code: evdev; value: INPUT_KEY_*. Whether a press is the first or a repetition is decided here,
 * and an up without a down is dropped. Codes of 1024 and more are ignored. [loop, in a call] */
void input_key(uint32_t code, uint32_t value);

/* Move the pointer by pixels. [loop, in a call] */
void input_pointer_move(int32_t dx, int32_t dy);

/* Put the pointer at x of 0..max_x (inclusive) and y of 0..max_y, scaled to the screen; max of 0 is
 * ignored. [loop, in a call] */
void input_pointer_set(uint32_t x, uint32_t max_x, uint32_t y, uint32_t max_y);

/* The wheel turned: steps to the right, and away from the user. [loop, in a call] */
void input_wheel(int32_t dx, int32_t dy);
/* Likewise in 1/120 of a step, for wheels without notches. [loop, in a call] */
void input_wheel_parts(int32_t dx, int32_t dy);

/* Someone pressed the power button: what runs is saved, then the machine goes off. [loop] */
void input_power_button(void);

#endif
