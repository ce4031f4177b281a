/* SPDX-License-Identifier: MIT */
/*
 * The serial line is where the log goes - a file, standard error, or with --verdict standard output
 * - and with --keys-from-stdin this process' standard input, when that is a terminal or a pipe:
 * keys of a US keyboard, as on the other machine. From a terminal they come at once and unechoed;
 * Ctrl-C still ends the tool.
 */
#define _GNU_SOURCE
#include "app.h"
#include "linux.h"
#include "serial_keys.h"

#include <kernel/input.h>
#include <kernel/string.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096u
#define HURRY_NS   (10 * NSEC_PER_SEC)
#define DEAF_MS    500                   /* so long a reader may take when the process is to end */
#define LOOK_MS    1000                  /* else any time; how often that is asked */
#define TYPE_AFTER (300 * NSEC_PER_MSEC) /* apps are there, and have drawn something */

static struct {
    /* out: [any], but for the handlers of signals */
    char line[LINE_BYTES];
    size_t len;
    int fd;                  /* 0: standard output */
    bool quiet;              /* only what somebody has to know */
    const char *left_out[2]; /* files of apps that do not count; NULL: no more */
    bool muted;
    bool deaf;     /* in a hurry, and whoever listens has not read for a while */
    uint64_t lost; /* bytes */

    /* see linux_serial_hurry(): written by handlers only, [any] reads. */
    volatile bool for_good;
    volatile uint64_t hurry_until_ns; /* if it is not for good; 0: never yet */

    /* [boot] writes, with raw first; handlers restore once. */
    struct termios saved;
    volatile bool raw;

    /* in: [boot, loop] */
    struct task task;
    struct linux_watch watch;
    struct serial_keys keys;
    uint8_t bytes[256];
    size_t count, at;
    bool ended;

    struct task typist;
    struct serial_keys typed_keys;
    const char *text;
} state;

/* ---- out ---- */

static uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

void linux_serial_hurry(bool for_good)
{
    state.hurry_until_ns = clock_ns() + HURRY_NS;
    state.for_good |= for_good;
}

/* It takes back nothing of what a handler may be writing. */
static bool in_hurry(void)
{
    uint64_t until = state.hurry_until_ns;
    bool hurry = state.for_good || (until != 0 && clock_ns() <= until);
    state.deaf = state.deaf && hurry; /* else it goes on */
    return hurry;
}

static int log_fd(void)
{
    return state.fd != 0 ? state.fd : STDOUT_FILENO;
}

void linux_log_to(int fd, bool quiet)
{
    state.fd = fd;
    state.quiet = quiet;
}

void linux_log_leave_out(const char *file)
{
    state.left_out[state.left_out[0] != NULL] = file;
}

static bool begins(size_t at, const char *text)
{
    size_t len = strlen(text);
    return at + len <= state.len && memcmp(state.line + at, text, len) == 0;
}

/* Whether an app speaks here, by "app.NAME#", that is not left out. */
static bool is_of_user(size_t at)
{
    if (!begins(at, "app.")) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(state.left_out) && state.left_out[i] != NULL; i++) {
        const char *file = state.left_out[i];
        size_t n = 0;
        while (file[n] != 0 && file[n] != '.' && at + 4 + n < state.len &&
               state.line[at + 4 + n] == file[n]) {
            n++;
        }
        if ((file[n] == 0 || file[n] == '.') && begins(at + 4 + n, "#")) {
            return false;
        }
    }
    return true;
}

/* "[  0.000001] I room: ...": told or to be looked up, but for what apps say; and that a call takes
 * long, where nobody else waits. Lines without a stamp are of a panic. */
static bool is_left_out(void)
{
    size_t at = 0;
    while (state.line[0] == '[' && at < state.len && state.line[at] != ']') {
        at++;
    }
    at += 2;
    if (!state.quiet || state.line[0] != '[') {
        return false;
    }
    return ((begins(at, "I ") || begins(at, "D ")) && !is_of_user(at + 2)) ||
           begins(at, "W app: overran ");
}

/* A write that follows does not block: a pipe that can be written has room for a line. The timeout
 * is for a signal that comes just before. */
static bool wait_for_reader(void)
{
    for (;;) {
        struct pollfd out = {.fd = log_fd(), .events = POLLOUT};
        bool hurry = in_hurry();
        int n = poll(&out, 1, hurry ? (state.deaf ? 0 : DEAF_MS) : LOOK_MS);
        if (n > 0 || (n < 0 && errno != EINTR)) {
            state.deaf = false;
            return true;
        }
        if (n == 0 && hurry) {
            state.deaf = true;
            return false;
        }
    }
}

void linux_serial_tell_lost(void)
{
    struct pollfd error = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (state.lost > 0 && poll(&error, 1, 0) > 0) {
        dprintf(STDERR_FILENO, "ctx: nobody reads %s: %llu bytes are lost\n",
                state.fd == 0 ? "standard output" : "the log", (unsigned long long)state.lost);
        state.lost = 0;
    }
}

static void flush(void)
{
    for (size_t at = is_left_out() ? state.len : 0; at < state.len;) {
        if (!wait_for_reader()) {
            state.lost += state.len - at;
            break;
        }
        ssize_t n = write(log_fd(), state.line + at, state.len - at);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            break; /* nobody listens any more */
        }
        at += n > 0 ? (size_t)n : 0;
    }
    state.len = 0;
}

/* Line by line, so that nothing is missing when an app never returns. */
void machine_serial_write(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !state.muted; i++) {
        state.line[state.len++] = bytes[i];
        if (bytes[i] == '\n' || state.len == LINE_BYTES) {
            flush();
        }
    }
}

void linux_serial_mute(void)
{
    state.muted = true;
}

/* ---- in ---- */

int machine_serial_read(void)
{
    return state.at < state.count ? state.bytes[state.at++] : -1;
}

static void fill(void)
{
    ssize_t n = read(STDIN_FILENO, state.bytes, sizeof state.bytes);
    state.ended = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
    state.count = n > 0 ? (size_t)n : 0;
    state.at = 0;
}

/* As kernel/x86/serial.c: read only while the events fit, so that a long paste waits in the sender.
 */
static void serial_run(struct task *task)
{
    TASK_BEGIN(task);
    while (!state.ended) {
        linux_watch(&state.watch, input_room() >= SERIAL_KEYS_MAX ? STDIN_FILENO : -1, task);
        TASK_AWAIT_FOR(task, state.watch.fd < 0 && input_room() >= SERIAL_KEYS_MAX,
                       serial_keys_pending(&state.keys) ? 50 * NSEC_PER_MSEC
                       : input_room() < SERIAL_KEYS_MAX ? 16 * NSEC_PER_MSEC
                                                        : NEVER_NS);
        if (state.watch.fd < 0 && state.at == state.count && input_room() >= SERIAL_KEYS_MAX) {
            fill();
        } else if (state.watch.fd >= 0) {
            serial_keys_pause(&state.keys); /* a lone ESC was the key */
        }
        int byte;
        while (input_room() >= SERIAL_KEYS_MAX && (byte = machine_serial_read()) >= 0) {
            serial_keys_byte(&state.keys, (uint8_t)byte);
        }
        if (state.at < state.count) { /* no room for the rest: look again */
            TASK_AWAIT_FOR(task, false, 16 * NSEC_PER_MSEC);
        }
    }
    serial_keys_pause(&state.keys);
    TASK_END(task);
}

/* Also called from signal handlers: tcsetattr is safe there (POSIX 2.4.3). */
void linux_terminal_restore(void)
{
    if (state.raw) {
        state.raw = false;
        tcsetattr(STDIN_FILENO, TCSANOW, &state.saved); /* waits for nobody */
    }
    linux_streams_restore();
}

static void terminal_raw(void)
{
    if (tcgetattr(STDIN_FILENO, &state.saved) == 0) {
        struct termios mode = state.saved;
        mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        state.raw = true; /* first: a signal may end it all in between */
        if (tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) != 0) {
            state.raw = false;
        }
    }
}

void linux_serial_start(void)
{
    struct stat s;
    bool terminal = isatty(STDIN_FILENO) != 0;
    bool pipe = fstat(STDIN_FILENO, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode));
    if (!terminal && !pipe) {
        return;
    }
    /* Not from the background: that would stop the tool. */
    if (terminal && tcgetpgrp(STDIN_FILENO) != getpgrp()) {
        return;
    }
    if (terminal) {
        terminal_raw();
    }
    task_start(&state.task, "serial", serial_run);
}

/* ---- a text from the command line ---- */

static const struct {
    const char *name, *bytes;
} key_names[] = {
    {"up", "\033[A"},    {"down", "\033[B"},  {"right", "\033[C"}, {"left", "\033[D"},
    {"home", "\033[H"},  {"end", "\033[F"},   {"ins", "\033[2~"},  {"del", "\033[3~"},
    {"pgup", "\033[5~"}, {"pgdn", "\033[6~"}, {"ret", "\r"},       {"tab", "\t"},
    {"backspace", "\b"}, {"spc", " "},        {"lt", "<"},
};

const char *linux_type_one(const char *text)
{
    if (strncmp(text, "<esc>", 5) == 0) {
        serial_keys_byte(&state.typed_keys, 0x1b);
        serial_keys_pause(&state.typed_keys);
        return text + 5;
    }
    for (size_t i = 0; i < ARRAY_COUNT(key_names); i++) {
        size_t len = strlen(key_names[i].name);
        if (text[0] == '<' && strncmp(text + 1, key_names[i].name, len) == 0 &&
            text[1 + len] == '>') {
            for (const char *b = key_names[i].bytes; *b != 0; b++) {
                serial_keys_byte(&state.typed_keys, (uint8_t)*b);
            }
            return text + len + 2;
        }
    }
    serial_keys_byte(&state.typed_keys, (uint8_t)*text);
    return text + 1;
}

static void typist_run(struct task *task)
{
    TASK_BEGIN(task);
    TASK_AWAIT_FOR(task, false, TYPE_AFTER);
    while (*state.text != 0) {
        TASK_AWAIT_FOR(task, input_room() >= LINUX_TYPE_ROOM, 16 * NSEC_PER_MSEC);
        while (*state.text != 0 && input_room() >= LINUX_TYPE_ROOM) {
            state.text = linux_type_one(state.text);
        }
    }
    TASK_END(task);
}

void linux_type(const char *text)
{
    state.text = text;
    task_start(&state.typist, "typist", typist_run);
}
