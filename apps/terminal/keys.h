/* SPDX-License-Identifier: MIT */
/*
 * Keys and the mouse, as xterm sends them. Characters come as text events, in the layout of the
 * system; with Ctrl by the key, in the same layout.
 */
#ifndef TERMINAL_KEYS_H
#define TERMINAL_KEYS_H

#include "tty.h"

#include <ctx/keymap.h>
#include <ctx/tables.h>

/* 1: it was one that sends something. */
int keys_key(struct tty *tty, struct ctx_keyboard *keyboard, const struct ctx_event *event);
void keys_text(struct tty *tty, const struct ctx_event *event);

/* The pointer is over this cell; button 1 to 3 (0: none) went down or up; wheel: steps away from
 * the user. Nothing if the program has not asked for that. */
void keys_mouse(struct tty *tty, int row, int column, int button, int down, uint32_t modifiers);
void keys_wheel(struct tty *tty, int row, int column, int steps, uint32_t modifiers);

/* Arrows up (> 0) or down, for programs that have the whole screen and no mouse. */
void keys_arrows(struct tty *tty, int steps);

#endif
