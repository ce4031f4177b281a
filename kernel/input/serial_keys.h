/* SPDX-License-Identifier: MIT */
/*
 * Bytes from a terminal as key presses of a US keyboard, so that every app can be used over a
 * serial line. Each character is pressed and released at once, with Shift or Ctrl around it where
 * needed; the common escape sequences are arrows and the like; other bytes are ignored.
 */
#ifndef KERNEL_SERIAL_KEYS_H
#define KERNEL_SERIAL_KEYS_H

#include <kernel/types.h>

/* The most key events that one byte can cause: a pending ESC, then modifier, key and both releases.
 */
#define SERIAL_KEYS_MAX 8u

struct serial_keys {
    uint8_t state; /* 0 text, 1 after ESC, 2 after ESC [ or ESC O */
    uint8_t parameter;
};

void serial_keys_byte(struct serial_keys *keys, uint8_t byte);

/* No byte came for a while: a pending ESC was the Escape key. */
void serial_keys_pause(struct serial_keys *keys);
bool serial_keys_pending(const struct serial_keys *keys);

#endif
