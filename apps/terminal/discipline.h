/* SPDX-License-Identifier: MIT */
/*
 * The line discipline: what becomes of typed bytes before a program reads them, and of written ones
 * before they are shown. It edits lines, echoes, makes signals of ^C and its like, and stops output
 * at ^S, all as POSIX's "General Terminal Interface" and Linux's N_TTY have it. It knows no Context
 * and takes no memory; the bits and characters are those of <termios.h>, by number.
 */
#ifndef TERMINAL_DISCIPLINE_H
#define TERMINAL_DISCIPLINE_H

#include <stdint.h>

/* input */
#define DISC_ISTRIP 0x0020u
#define DISC_INLCR  0x0040u
#define DISC_IGNCR  0x0080u
#define DISC_ICRNL  0x0100u
#define DISC_IXON   0x0400u
#define DISC_IXANY  0x0800u
#define DISC_IUTF8  0x4000u
/* output */
#define DISC_OPOST 0x0001u
#define DISC_ONLCR 0x0004u
#define DISC_OCRNL 0x0008u
/* control */
#define DISC_CS8   0x0030u
#define DISC_CREAD 0x0080u
/* local */
#define DISC_ISIG    0x0001u
#define DISC_ICANON  0x0002u
#define DISC_ECHO    0x0008u
#define DISC_ECHOE   0x0010u
#define DISC_ECHOK   0x0020u
#define DISC_ECHONL  0x0040u
#define DISC_NOFLSH  0x0080u
#define DISC_ECHOCTL 0x0200u
#define DISC_ECHOKE  0x0800u
#define DISC_IEXTEN  0x8000u

/* cc; a character that is 0 is never typed */
enum {
    DISC_INTR = 0,
    DISC_QUIT = 1,
    DISC_ERASE = 2,
    DISC_KILL = 3,
    DISC_EOF = 4,
    DISC_TIME = 5,
    DISC_MIN = 6,
    DISC_START = 8,
    DISC_STOP = 9,
    DISC_SUSP = 10,
    DISC_EOL = 11,
    DISC_WERASE = 14,
    DISC_LNEXT = 15,
    DISC_CHARS = 32,
};

#define DISC_SIGINT  2u
#define DISC_SIGQUIT 3u
#define DISC_SIGTSTP 20u

#define DISC_LINE    4096u /* bytes of a line being edited, its end included; more are refused */
#define DISC_QUEUE   8192u /* bytes that wait to be read; a power of two */

struct disc_modes {
    uint32_t input, output, control, local;
    uint8_t cc[DISC_CHARS];
};

/* Where shown bytes go: text that was written, and echo. */
struct disc_screen {
    void (*show)(void *self, const uint8_t *bytes, uint32_t len);
    void (*bell)(void *self);
    uint32_t (*column)(void *self); /* of the cursor, from 0 */
    void *self;
};

struct discipline {
    struct disc_modes modes;
    struct disc_screen screen;
    uint32_t signals;            /* bit n: signal n was asked for, and not told yet */
    uint8_t stopped;             /* by ^S: what is written waits */
    uint8_t quote;               /* ^V: the next one is nothing special */
    uint8_t waits;               /* a reader waits for VTIME since: */
    uint64_t since_ns, typed_ns; /* the latter: the last byte came */
    uint32_t start_column;       /* where the line being edited began on the screen */
    uint32_t line_len;
    uint8_t line[DISC_LINE];
    uint32_t head, queued;
    uint16_t queue[DISC_QUEUE]; /* a byte, and DISC_ENDS, DISC_END in discipline.c */
};

/* As a terminal is when nobody has said anything: canonical, with echo and signals. */
void discipline_init(struct discipline *d, const struct disc_screen *screen);

/* Another way from now on; with forget what was typed and not read is forgotten. */
void discipline_set(struct discipline *d, const struct disc_modes *modes, int forget);

/* A byte is typed. What finds no room is refused with a bell. */
void discipline_type(struct discipline *d, uint8_t byte, uint64_t now_ns);

/* How many bytes may be typed before one is refused. */
uint32_t discipline_room(const struct discipline *d);

/* Written bytes, to be shown. Not while it is stopped. */
void discipline_write(struct discipline *d, const uint8_t *bytes, uint32_t len);

enum disc_read { DISC_READ_SOME, DISC_READ_END, DISC_READ_AGAIN };

/* SOME: *count bytes, at least one. END: the end was typed, or VMIN and VTIME make that of nothing.
 * AGAIN: not yet. */
enum disc_read discipline_read(struct discipline *d, uint8_t *bytes, uint32_t len, uint32_t *count,
                               uint64_t now_ns);

/* 1: a read would not answer AGAIN, and there is something to read, or a reader waited long enough.
 */
int discipline_readable(const struct discipline *d, uint64_t now_ns);

/* When to ask again, because VTIME will be over; UINT64_MAX: never. */
uint64_t discipline_deadline(const struct discipline *d);

/* A signal that was asked for, which is over with this; 0: none. */
uint32_t discipline_signal(struct discipline *d);

#endif
