/* SPDX-License-Identifier: MIT */
/* The app: programs, and the window that each of them has. */
#ifndef TERMINAL_TERMINAL_H
#define TERMINAL_TERMINAL_H

#include "select.h"
#include "tty.h"

#include <clip.h>
#include <ctx/ctx.h>
#include <ctx/keymap.h>
#include <ctx/theme.h>
#include <stdint.h>

#define CLIENTS_MAX 48u /* windows at once; an app has 64 surfaces at most */
#define NAME_MAX    32u

/* CTX_READY_* of ctx.terminal/1. */
#define READY_READ   1u
#define READY_WRITE  2u
#define READY_SIZE   4u
#define READY_SIGNAL 8u
#define READY_HANGUP 16u

#define REDRAW_ALL   1u /* what lies behind the text, too */
#define REDRAW_ROWS  2u /* all rows may look different */

struct window {
    uint32_t surface; /* 0: there is none yet, or not any more */
    uint32_t w, h;    /* of it */
    uint32_t font;    /* index of its letters' size: draw.c */
    int32_t cell_w, cell_h;
    uint64_t *looks;    /* how each cell looked when it was drawn last: rows * columns */
    uint64_t back;      /* lines that it is scrolled back */
    uint64_t top_seen;  /* screen_top() when that was set: new lines do not move what is shown */
    int32_t at_x, at_y; /* the pointer, in it */
    uint8_t focused;    /* it has the keys */
    uint8_t redraw;     /* REDRAW_* */
    uint8_t cursor;     /* CTX_CURSOR_*, as told */
    uint8_t bar; /* the mark beside the text that tells how far it is scrolled back is shown */
    struct ctx_keyboard keyboard;
    struct selection selection;
};

/* A program, from its first call until its window is closed and it has ended. */
struct client {
    struct client *next;
    uint64_t pid;
    char name[NAME_MAX + 1];
    struct tty tty;
    struct window window;
    uint64_t request; /* of next(); 0: none */
    uint32_t wanted;  /* READY_* */
    uint32_t credit;  /* bytes that it may write before others have their turn */
    uint8_t has_tty;  /* it has used its terminal: tty and window are there, or were */
    uint8_t new_size; /* READY_SIZE is to be told */
    uint8_t hung;     /* its window was closed while it ran, */
    uint64_t hung_ns; /* then */
    uint8_t ended;    /* it has gone */
};

struct terminal {
    struct ctx *ctx; /* of this call */
    const struct ctx_service *service;
    uint32_t handle; /* of what is offered; 0: not yet */
    uint32_t epoch;  /* of the Context: another one, and the app was restored */
    struct client *clients;
    uint8_t serial_is_others; /* keys of the serial line are, where nobody manages windows */
    struct client *front;     /* keys go here where nobody manages windows; NULL: none */
    struct clip clip;
    struct ctx_theme theme;
    uint64_t now_ns, drawn_ns;
    uint64_t spent_ns; /* with what was written since the last call */
    uint8_t managed;
};

/* The app's own; NULL before its first call. */
struct terminal *terminal_of(struct ctx *ctx);
void terminal_tell_time(struct terminal *terminal);

/* ---- client.c ---- */

/* By pid; made if it is not there. NULL: no memory, or too many. */
struct client *client_find(struct terminal *terminal, uint64_t pid);
struct client *client_of_caller(struct terminal *terminal, ctx_status *status);
/* Its terminal and window are there afterwards. */
ctx_status client_open(struct terminal *terminal, struct client *client);
/* Tell it what it waits for, if that holds now. */
void client_tell(struct terminal *terminal, struct client *client);
/* Its window is closed by people: gone if it has ended, else asked to end. */
void client_close(struct terminal *terminal, struct client *client);
/* When one that was asked to end and did not is stopped; UINT64_MAX: never. And that, where the
 * time has come. */
uint64_t client_patience(const struct client *client);
void client_stop_late(struct terminal *terminal, struct client *client);
/* It has gone: ended (CTX_ENDED_...) and code as ctx.service/1's news have them. */
void client_gone(struct terminal *terminal, struct client *client, uint32_t ended, int32_t code);
/* Those that are over are forgotten. */
void clients_sweep(struct terminal *terminal);
/* The app was restored: who is not there any more has gone. */
void clients_look(struct terminal *terminal);
/* What there is for a describe() before there is a window. */
void client_default_size(struct terminal *terminal, uint32_t *columns, uint32_t *rows, uint32_t *w,
                         uint32_t *h);

/* ---- window.c ---- */

/* 0: no memory. */
int window_open(struct terminal *terminal, struct client *client);
void window_close(struct terminal *terminal, struct client *client);
void window_title(struct terminal *terminal, struct client *client);
void window_event(struct terminal *terminal, struct client *client, const struct ctx_event *event);
/* Another size, or other letters. */
/* The theme has another scale: as many letters as before, in their usual size there. */
void window_rescale(struct terminal *terminal, struct client *client);
void window_resize(struct terminal *terminal, struct client *client, uint32_t w, uint32_t h);
/* How many columns and rows a surface of that size has. */
void window_cells(const struct terminal *terminal, const struct window *window, uint32_t w,
                  uint32_t h, int *columns, int *rows);
/* The line that is at the top of what is shown. */
uint64_t window_first(const struct client *client);
void window_scroll(struct client *client, int64_t lines);

/* ---- mouse.c ---- */

void mouse_event(struct terminal *terminal, struct client *client, const struct ctx_event *event);
void mouse_copy(struct terminal *terminal, struct client *client);
void mouse_paste(struct terminal *terminal, struct client *client);

/* ---- draw.c ---- */

#define FONTS 4u
const struct ctx_font *draw_font(uint32_t index);
/* The one for the display's scale. */
uint32_t draw_default_font(const struct ctx_theme *theme);
int32_t draw_pad(const struct terminal *terminal);
/* What looks different than when it was drawn last, and tell the display of it. */
void draw_window(struct terminal *terminal, struct client *client);

#endif
