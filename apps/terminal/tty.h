/* SPDX-License-Identifier: MIT */
/*
 * A screen and a line discipline, joined: what is written goes through the discipline to the
 * screen, what the screen answers and what people type or paste goes through it to the reader. It
 * knows no Context.
 */
#ifndef TERMINAL_TTY_H
#define TERMINAL_TTY_H

#include "discipline.h"
#include "screen.h"

#define TTY_SENT 4096u /* bytes on their way to the discipline; what does not fit is not sent */

struct tty {
    struct screen screen;
    struct discipline line;
    uint64_t now_ns; /* set by whoever calls, before anything is typed */
    uint32_t sent_len;
    uint8_t sent[TTY_SENT];
    uint8_t bell;   /* the discipline's */
    uint8_t *paste; /* its own memory; NULL: nothing is being pasted */
    uint32_t paste_len, paste_at;
};

/* 0: no memory. */
int tty_init(struct tty *tty, int rows, int columns);
void tty_free(struct tty *tty);

/* From the program. Not while tty->line.stopped. */
void tty_write(struct tty *tty, const uint8_t *bytes, uint32_t len);

/* From people, and from the mouse, by libvterm's vterm_keyboard_... and vterm_mouse_..., between
 * these two; or bytes as they are. */
void tty_send(struct tty *tty, const uint8_t *bytes, uint32_t len);
void tty_settle(struct tty *tty);

/* A text is pasted, little by little as it is read: line ends as Enter types them, without control
 * characters, in brackets if the program wants them. 0: no memory. */
int tty_paste(struct tty *tty, const uint8_t *text, uint32_t len);
/* As much of it as there is room for. */
void tty_pump(struct tty *tty);

#endif
