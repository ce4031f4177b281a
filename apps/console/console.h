/* SPDX-License-Identifier: MIT */
/* The console: a window, what was printed, the line being typed, and who reads it. */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "ahead.h"
#include "edit.h"
#include "images.h"
#include "input.h"
#include "select.h"
#include "text.h"
#include "window.h"
#include "work.h"

#include <clip.h>
#include <ctx/ctx.h>
#include <ctx/keymap.h>

struct repl;

#define VIEW_ROWS_MAX 128u

enum console_mode {
    MODE_SHELL,
    MODE_REPL,
};

struct console {
    struct ctx *ctx; /* of this call */
    struct input input;
    const struct ctx_input *in; /* of this call */
    struct window window;
    struct text text;
    struct edit edit;
    struct ctx_keyboard keyboard;
    uint32_t last_code; /* the last event's, if a key went down */
    int own_layout;     /* `lang` has chosen one */
    struct repl *repl;  /* NULL until it is needed first */
    enum console_mode mode;
    struct images images;
    struct work work;
    struct ahead ahead;
    uint8_t told_memory; /* that files outside of /disk and /data are the app's own */
    uint64_t seen;       /* key events */
    uint32_t scroll;     /* rows back from the end */
    uint32_t language;   /* index of the messages, and of the layout if `lang` was said */
    uint8_t dirty;       /* text or line changed: draw the rows that look different */
    uint8_t closed;      /* by its user */
    uint8_t ran;         /* it has started a program */
    uint8_t away;        /* keys are for a program in a window of the terminal */
    uint8_t titled;      /* which title the window has: enum console_mode, and isolation */
    uint32_t drawn[VIEW_ROWS_MAX]; /* how each row looked when it was drawn last */
    struct selection selection;
    struct clip clip;
    uint8_t isolation; /* enum system_isolation, as the title bar says it */
    uint64_t asked_ms; /* when that was asked for last */
    uint8_t wants_reset;
    char mirror[512]; /* the line on its way to the log */
    uint32_t mirror_len;
    char line[4 * EDIT_MAX + 1]; /* the line as UTF-8 */
};

/* Print UTF-8; lines also go to the log, so the console works over a serial line alone. */
void console_write(struct console *console, enum text_color color, const char *text, uint32_t len);
void console_print(struct console *console, enum text_color color, const char *text);
void console_printf(struct console *console, enum text_color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* view.c: draw the window's contents into its pixels, rows from..to. */
void view_draw(struct console *console, uint32_t from, uint32_t to);

/* Which of the window's rows of pixels look different than when this was called last; equal: none.
 */
void view_changes(struct console *console, uint32_t *from, uint32_t *to);

/* Between which characters a pixel of the window lies. */
struct spot view_spot(struct console *console, int32_t x, int32_t y);

/* Prompt and typed line are one: the length of the one, and a character of both. */
uint32_t view_prompt_len(const struct console *console);
text_cell view_typed_at(const struct console *console, uint32_t index);

/* How many rows of text the window shows. */
uint32_t view_rows(const struct console *console);

/* shell.c: greet; carry out one line. */
void shell_greet(struct console *console);
void shell_line(struct console *console, char *line, uint32_t len);

/* The prompt of the moment. */
const char *shell_prompt(const struct console *console);

#endif
