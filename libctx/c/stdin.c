/* SPDX-License-Identifier: MIT */
/*
 * stdin: a stream of ctx.terminal/1 (streams.c), or without one what is typed, by keyboard or
 * serial line, as UTF-8. Text comes as events of its own; four keys that mean no text are taken for
 * what they mean in a terminal: Enter, Tab, Backspace, and Ctrl-D for the end of input. No line is
 * edited, nothing is echoed.
 */
#include "glue.h"

#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/key.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define KEY_D       32u
#define KEY_KPENTER 96u

static struct {
    uint32_t at, len;
    uint32_t ctrl; /* a bit for each of the two keys */
    bool ended;    /* Ctrl-D */
    char bytes[4]; /* of one event */
} typed;

static void add(uint32_t c)
{
    typed.len += ctx_c_utf8(c, typed.bytes + typed.len);
}

static void key(uint32_t code, bool down)
{
    uint32_t bit = code == CTX_KEY_LEFTCTRL ? 1 : code == CTX_KEY_RIGHTCTRL ? 2 : 0;
    typed.ctrl = down ? typed.ctrl | bit : typed.ctrl & ~bit;
    if (!down) {
        return;
    }
    switch (code) {
    case CTX_KEY_ENTER:
    case KEY_KPENTER:
        add('\n');
        break;
    case CTX_KEY_TAB:
        add('\t');
        break;
    case CTX_KEY_BACKSPACE:
        add('\b');
        break;
    case KEY_D:
        typed.ended |= typed.ctrl != 0;
        break;
    default:
        break;
    }
}

/* Take one event, so that the end of input lies between the right two; the buffer is empty. */
static ctx_status take(void)
{
    struct ctx_event event;
    uint32_t count = 0;
    const struct ctx_events *table = ctx_now()->events;
    ctx_status status = table->read(table, &event, sizeof event, sizeof event, &count);
    typed.at = typed.len = 0;
    if (status == CTX_OK && event.kind == CTX_EVENT_TEXT) {
        add(event.code);
    } else if (status == CTX_OK && event.kind == CTX_EVENT_KEY) {
        key(event.code, event.value != 0);
    }
    return status;
}

/* Bytes there are, 0 at the end of input, -1 and errno: EAGAIN outside of a fiber, or at once. */
static long wait_for_bytes(bool at_once)
{
    int kept = errno;
    while (typed.at == typed.len) {
        if (typed.ended) {
            typed.ended = false; /* as in a terminal: who goes on reading gets more */
            return 0;
        }
        if (!ctx_c_is_v3()) {
            return 0;
        }
        ctx_status status = take();
        if (status == CTX_E_DENIED) {
            return 0; /* nobody can type */
        }
        if (status == CTX_E_AGAIN && !at_once && ctx_fiber_current() != NULL) {
            ctx_c_flush(); /* the question */
            status = ctx_c_await(CTX_C_TYPED, CTX_FIBER_NEVER, true);
        }
        if (status == CTX_E_CANCELED) {
            errno = EINTR;
            return -1;
        }
        if (status != CTX_OK) {
            return ctx_c_result(status);
        }
    }
    errno = kept;
    return (long)(typed.len - typed.at);
}

int ctx_c_typed_ready(void)
{
    while (typed.at == typed.len && !typed.ended) {
        ctx_status status = ctx_c_is_v3() ? take() : CTX_E_DENIED;
        if (status != CTX_OK) {
            return status != CTX_E_AGAIN; /* that will say what is wrong */
        }
    }
    return 1;
}

ctx_status ctx_c_await_streams(uint32_t wanted, uint64_t deadline)
{
    uint64_t mask = ctx_c_streams_ask_for(wanted);
    ctx_c_flush_lines();
    return ctx_c_await(mask, deadline, false);
}

/* Waits for the first byte, and takes what is there already: up to the end of a line, of the room,
 * of the input. */
static long read_typed(char *bytes, size_t len, bool at_once)
{
    size_t count = 0;
    long there = len > 0 ? wait_for_bytes(at_once) : 0;
    if (there <= 0) {
        return there;
    }
    for (;;) {
        while (count < len && typed.at < typed.len) {
            bytes[count++] = typed.bytes[typed.at++];
        }
        if (count == len || bytes[count - 1] == '\n') {
            return (long)count;
        }
        while (typed.at == typed.len) { /* events that are no text */
            if (typed.ended || take() != CTX_OK) {
                return (long)count;
            }
        }
    }
}

/* By the descriptor: what stdio has read already is not seen. */
long ctx_c_read(void *to, size_t len, bool at_once)
{
    if (ctx_c_kind(0) != CTX_STREAM_NONE) {
        long count = ctx_c_terminal_read(to, len, at_once);
        if (count != -2) {
            return count;
        }
    }
    return read_typed(to, len, at_once);
}

/* ---- by stdio ---- */

static struct {
    uint32_t at, len;
    char bytes[4096];
} block;

long (*ctx_c_redirect_in)(int fd, void *to, size_t len);
bool ctx_c_input_at_once;

/* The next byte; _FDEV_EOF, _FDEV_ERR. */
static int get(FILE *file)
{
    (void)file;
    if (block.at == block.len) {
        long count = -2;
        if (ctx_c_redirect_in != NULL) {
            count = ctx_c_redirect_in(0, block.bytes, sizeof block.bytes);
        }
        if (count == -2) {
            count = ctx_c_read(block.bytes, sizeof block.bytes, ctx_c_input_at_once);
        }
        block.at = 0;
        block.len = count > 0 ? (uint32_t)count : 0;
        if (count <= 0) {
            return count == 0 ? _FDEV_EOF : _FDEV_ERR;
        }
    }
    return (uint8_t)block.bytes[block.at++];
}

static FILE input = FDEV_SETUP_STREAM(NULL, get, NULL, _FDEV_SETUP_READ);

FILE *const stdin = &input;
