/* SPDX-License-Identifier: MIT */
/* Text on the display while no app draws: the boot screen and the panic page. */
#ifndef KERNEL_SCREEN_H
#define KERNEL_SCREEN_H

#include <kernel/types.h>

/* Show the boot screen on the display in use (again, after a better one was found). Log lines
 * appear on it. */
void screen_boot_begin(void);

/* The bar: done of total, and what is being done. */
void screen_progress(uint32_t done, uint32_t total, const char *text);

/* A message that stays, in place of the bar: why nothing more will happen. */
void screen_message(const char *text);

/* The apps take over; log lines go to the serial port only. */
void screen_boot_end(void);

/* From now on raw log lines are the panic page. Nothing is shown before present_now(). */
void screen_panic_begin(void);

#endif
