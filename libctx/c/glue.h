/* SPDX-License-Identifier: MIT */
/* Between the files of the glue; no app sees this. */
#ifndef CTX_C_GLUE_H
#define CTX_C_GLUE_H

#include <ctx/ctx.h>
#include <ctx/tables.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether this call's Context is of version 3. */
bool ctx_c_is_v3(void);

/* TZ is the system's zone, where the app has not set one. (time.c) */
void ctx_c_follow_zone(void);

/* A table by its id; NULL: there is none. Not kept: opening again is cheap. */
const void *ctx_c_open(const char *id);

/* The app is an ordinary program: half a line waits for its end, a fault ends the app. */
void ctx_c_is_main(void);

/* errno from a status; 0 for CTX_OK, else -1. */
int ctx_c_result(ctx_status status);

/* Everything printed so far goes out, half a line too. */
void ctx_c_flush(void);

/* What is to be lines of the log, where a program ends in any other way than by exit(). */
void ctx_c_flush_log(void);

/* What vfprintf() prints between the two to stderr goes out in one piece. */
void ctx_c_print_begin(FILE *file);
void ctx_c_print_end(FILE *file);

/* The same of what a terminal shows at once; a file or a pipe gets whole blocks. */
void ctx_c_flush_lines(void);

/* One line of the log; level is CTX_LOG_*. */
void ctx_c_line(uint32_t level, const char *text, size_t len);

/* The same as printf has it, at most 300 bytes. */
__attribute__((format(printf, 2, 3))) void ctx_c_say(uint32_t level, const char *format, ...);

/* A character as UTF-8; returns how many bytes. What is no character is U+FFFD. */
uint32_t ctx_c_utf8(uint32_t c, char bytes[4]);

/* The descriptors 0, 1 and 2: bytes moved; -1 and errno. */
long ctx_c_read(void *to, size_t len, bool at_once);
extern bool ctx_c_input_at_once; /* stdin's descriptor is O_NONBLOCK */
long ctx_c_write(int fd, const void *from, size_t len);

/*
 * Like ctx_fiber_await, in a fiber; signals that come meanwhile are handled. CTX_E_CANCELED: by a
 * handler that interrupts (EINTR). restarts: one with SA_RESTART does not, as in read(); in sleep()
 * each does.
 */
ctx_status ctx_c_await(uint64_t mask, uint64_t deadline, bool restarts);

/* ctx_c_await for what makes ctx_c_ready another: CTX_READY_READ, _WRITE; 0: only time passes. */
ctx_status ctx_c_await_streams(uint32_t wanted, uint64_t deadline);

/* argv[0], or "app". */
extern const char *ctx_c_program_name;

/* A signal has come: it is handled when the program waits next. [any time] */
void ctx_c_signal(int number);

/* A line in the log, unless it was said, and ENOSYS. */
void ctx_c_never(const char *name, bool *said);

/*
 * NULL until a descriptor of 0 to 2 is closed or made another one (files/fd.c): then stdin, stdout
 * and stderr move their bytes by these. -2: this one is what it was; else like read and write.
 */
extern long (*ctx_c_redirect)(int fd, const void *from, size_t len);
extern long (*ctx_c_redirect_in)(int fd, void *to, size_t len);

/* ---- main.c ---- */

extern const char ctx_c_has_main; /* weak where it is asked for: the app has main() */

/* ---- streams.c: ctx.terminal/1 ---- */

/* Somebody has the three streams for this program; else they are the log and typed events. */
bool ctx_c_has_streams(void);

/* How often they were opened: after each time they may be others. */
extern uint32_t ctx_c_streams_opened;

/* CTX_STREAM_*: what descriptor 0, 1 or 2 is; NONE without streams. */
uint32_t ctx_c_kind(int fd);
ctx_status ctx_c_describe(int fd, struct ctx_terminal_stream *stream); /* size is set */
ctx_status ctx_c_modes(struct ctx_terminal_modes *modes);
ctx_status ctx_c_set_modes(uint32_t when, const struct ctx_terminal_modes *modes);

/* Whether a read or a write of it would go on at once: 1, 0. */
int ctx_c_ready(int fd, bool write);

/* They wait in a fiber, and only there: -1 and EAGAIN, or for a write as long as it takes. -2:
 * there are no streams any more. */
long ctx_c_terminal_read(void *to, size_t len, bool at_once);
long ctx_c_terminal_write(int fd, const void *from, size_t len);

/* Around every wait: signals are asked for, and events to wait for as well come back; then what
 * they told is taken. */
uint64_t ctx_c_streams_ask(void);
void ctx_c_streams_look(void);

/* Before a wait until stdin can be read (CTX_READY_READ), an output written (CTX_READY_WRITE): for
 * which events that waits. */
uint64_t ctx_c_streams_ask_for(uint32_t wanted);

/* What the program does about signals is another thing now. */
void ctx_c_streams_changed(void);

/* ---- signal.c ---- */

/* CTX_READY_CAUGHT: some signals have handlers, or are ignored; CTX_READY_STOPS: SIGTSTP has. */
uint32_t ctx_c_catches(void);

/* ---- stdin.c: typed events ---- */

/* What there is to wait for, where there are no streams. */
#define CTX_C_TYPED (UINT64_C(1) << CTX_EVENT_TEXT | UINT64_C(1) << CTX_EVENT_KEY)

int ctx_c_typed_ready(void);

#endif
