/* SPDX-License-Identifier: MIT */
/* A terminal that takes everything and has enough to read: for tests that go through all tables.
 */
#ifndef UNIT_FAKE_TERMINAL_H
#define UNIT_FAKE_TERMINAL_H

#include <kernel/terminal.h>

#include <ctx/tables.h>

static inline ctx_status fake_terminal_describe(uint32_t fd, struct ctx_terminal_stream *out)
{
    out->kind = fd == 0 ? CTX_STREAM_NONE : CTX_STREAM_TERMINAL;
    return CTX_OK;
}

static inline ctx_status fake_terminal_write(uint32_t fd, const uint8_t *bytes, uint32_t len,
                                             uint32_t *done)
{
    (void)fd;
    (void)bytes;
    *done = len;
    return CTX_OK;
}

static inline ctx_status fake_terminal_read(uint8_t *bytes, uint32_t len, uint32_t *done)
{
    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = 'x';
    }
    *done = len;
    return CTX_OK;
}

static inline ctx_status fake_terminal_modes(struct ctx_terminal_modes *out)
{
    out->local = 1;
    return CTX_OK;
}

static inline ctx_status fake_terminal_set_modes(uint32_t when,
                                                 const struct ctx_terminal_modes *modes)
{
    (void)when;
    (void)modes;
    return CTX_OK;
}

static inline void fake_terminal_want(uint32_t wanted)
{
    (void)wanted;
}

static inline bool fake_terminal_wait(void)
{
    return false;
}

static inline void fake_terminal_left(void) {}

/* The machine has one, and it is this app's. */
static inline void fake_terminal_give(const struct app *app)
{
    static const struct terminal terminal = {
        fake_terminal_describe,  fake_terminal_write, fake_terminal_read, fake_terminal_modes,
        fake_terminal_set_modes, fake_terminal_want,  fake_terminal_wait, fake_terminal_left,
    };
    terminal_offer(&terminal);
    terminal_give(app);
}

#endif
