/* SPDX-License-Identifier: MIT */
/*
 * stdin: what is typed, by keyboard or serial line, as UTF-8. Text comes as events of its own; four
 * keys that mean no text are taken for what they mean in a terminal: Enter, Tab, Backspace, and
 * Ctrl-D for the end of input. No line is edited, nothing is echoed.
 */
#include "glue.h"

#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/key.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MASK        (UINT64_C(1) << CTX_EVENT_TEXT | UINT64_C(1) << CTX_EVENT_KEY)
#define KEY_D       32u
#define KEY_KPENTER 96u

static struct {
    uint32_t at, len;
    uint32_t ctrl; /* a bit for each of the two keys */
    bool ended;    /* Ctrl-D */
    uint32_t character;
    bool is_wide;  /* bytes has it as a wchar_t, no longer as UTF-8 */
    char bytes[4]; /* of one event */
} typed;

static void add(uint32_t c)
{
    typed.character = c;
    typed.is_wide = false;
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
    ctx_status status = table->read(table, &event, sizeof event, &count);
    typed.at = typed.len = 0;
    if (status == CTX_OK && event.kind == CTX_EVENT_TEXT) {
        add(event.code);
    } else if (status == CTX_OK && event.kind == CTX_EVENT_KEY) {
        key(event.code, event.value != 0);
    }
    return status;
}

/* Bytes there are, 0 at the end of input, -1 and errno: EAGAIN outside of a fiber. */
static long wait_for_bytes(void)
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
        if (status == CTX_E_AGAIN && ctx_fiber_current() != NULL) {
            ctx_c_flush(); /* the question */
            status = ctx_fiber_await(MASK, CTX_FIBER_NEVER);
        }
        if (status != CTX_OK) {
            return ctx_c_result(status);
        }
    }
    errno = kept;
    return (long)(typed.len - typed.at);
}

/* Waits for the first byte, and takes what is there already: up to the end of a line, of the room,
 * of the input. */
long ctx_c_read(void *to, size_t len)
{
    char *bytes = to;
    size_t count = 0;
    long there = len > 0 ? wait_for_bytes() : 0;
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

static int get(FILE *file)
{
    long there = wait_for_bytes();
    if (there <= 0) {
        return there == 0 ? _FDEV_EOF : _FDEV_ERR;
    }
    if ((file->flags & __SWIDE) != 0 && !typed.is_wide) {
        /* fgetwc: picolibc wants the bytes of a wchar_t. */
        memcpy(typed.bytes, &typed.character, sizeof typed.character);
        typed.at = 0;
        typed.len = sizeof typed.character;
        typed.is_wide = true;
    }
    return (uint8_t)typed.bytes[typed.at++];
}

static FILE input = FDEV_SETUP_STREAM(NULL, get, NULL, _FDEV_SETUP_READ);

FILE *const stdin = &input;
