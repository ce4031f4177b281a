/* SPDX-License-Identifier: MIT */
/*
 * ctx.terminal/1: what programs call. Text is taken as it comes, so nothing of it is kept; who
 * writes more than its share before the next picture is told to come back. None of these functions
 * draws.
 */
#include "terminal.h"

#include <terminal_provider.h>

#include <string.h>

#define PIECE         4096u
#define SPENT_NS      UINT64_C(4000000) /* of all programs together, between two pictures */
#define FRAME_NS      UINT64_C(10000000)

#define KIND_TERMINAL 1u

/* It is to be drawn, not more often than can be seen; and READY_... are to be told. */
static void come_back(struct terminal *t)
{
    uint64_t at = t->drawn_ns + FRAME_NS;
    t->ctx->time->wake_at(t->ctx->time, at > t->now_ns ? at : t->now_ns);
}

ctx_status terminal_describe(struct ctx *ctx, uint32_t fd, struct terminal_stream *stream)
{
    ctx_status status;
    struct terminal *t = terminal_of(ctx);
    struct client *c = client_of_caller(t, &status);
    if (c == NULL) {
        return status;
    }
    if (fd > 2) {
        return CTX_E_INVAL;
    }
    stream->kind = KIND_TERMINAL;
    if (c->window.surface == 0) {
        client_default_size(t, &stream->columns, &stream->rows, &stream->w, &stream->h);
        return CTX_OK;
    }
    stream->columns = (uint32_t)c->tty.screen.columns;
    stream->rows = (uint32_t)c->tty.screen.rows;
    stream->w = stream->columns * (uint32_t)c->window.cell_w;
    stream->h = stream->rows * (uint32_t)c->window.cell_h;
    return CTX_OK;
}

ctx_status terminal_write(struct ctx *ctx, uint32_t fd, const void *bytes, uint32_t len,
                          uint32_t *written)
{
    ctx_status status;
    struct terminal *t = terminal_of(ctx);
    struct client *c = client_of_caller(t, &status);
    *written = 0;
    if (c == NULL) {
        return status;
    }
    if (fd != 1 && fd != 2) {
        return CTX_E_INVAL;
    }
    status = len > 0 ? client_open(t, c) : CTX_OK;
    if (status != CTX_OK || len == 0) {
        return status;
    }
    while (*written < len && c->credit > 0 && !c->tty.line.stopped &&
           (t->spent_ns < SPENT_NS || *written == 0)) {
        uint32_t n = len - *written < PIECE ? len - *written : PIECE;
        n = n < c->credit ? n : c->credit;
        uint64_t from = t->now_ns;
        tty_write(&c->tty, (const uint8_t *)bytes + *written, n);
        terminal_tell_time(t);
        t->spent_ns += t->now_ns - from;
        c->credit -= n;
        *written += n;
    }
    if (t->spent_ns >= SPENT_NS) {
        c->credit = 0; /* the others too, when they come */
    }
    come_back(t);
    return *written > 0 ? CTX_OK : CTX_E_AGAIN;
}

ctx_status terminal_read(struct ctx *ctx, void *bytes, uint32_t len, uint32_t *count)
{
    ctx_status status;
    struct terminal *t = terminal_of(ctx);
    struct client *c = client_of_caller(t, &status);
    *count = 0;
    if (c == NULL) {
        return status;
    }
    if (c->hung) {
        return CTX_OK; /* the end */
    }
    status = client_open(t, c);
    if (status != CTX_OK) {
        return status;
    }
    enum disc_read what = discipline_read(&c->tty.line, bytes, len, count, t->now_ns);
    tty_pump(&c->tty);
    come_back(t); /* for VTIME, and what was pasted is echoed */
    return what == DISC_READ_AGAIN ? CTX_E_AGAIN : CTX_OK;
}

ctx_status terminal_modes(struct ctx *ctx, struct terminal_termios *modes)
{
    ctx_status status;
    struct terminal *t = terminal_of(ctx);
    struct client *c = client_of_caller(t, &status);
    struct discipline usual;
    const struct disc_modes *m;
    if (c == NULL) {
        return status;
    }
    m = &c->tty.line.modes;
    if (c->window.surface == 0 && !c->hung) {
        const struct disc_screen nothing = {0};
        discipline_init(&usual, &nothing);
        m = &usual.modes;
    }
    modes->input = m->input;
    modes->output = m->output;
    modes->control = m->control;
    modes->local = m->local;
    modes->rsv = 0;
    memcpy(modes->cc, m->cc, sizeof modes->cc);
    return CTX_OK;
}

ctx_status terminal_set_modes(struct ctx *ctx, uint32_t when, const struct terminal_termios *modes)
{
    ctx_status status;
    struct terminal *t = terminal_of(ctx);
    struct client *c = client_of_caller(t, &status);
    if (c == NULL) {
        return status;
    }
    if (when > 2) {
        return CTX_E_INVAL;
    }
    status = client_open(t, c);
    if (status != CTX_OK) {
        return status;
    }
    struct disc_modes m = {modes->input, modes->output, modes->control, modes->local, {0}};
    memcpy(m.cc, modes->cc, sizeof m.cc);
    discipline_set(&c->tty.line, &m, when == 2);
    come_back(t);
    return CTX_OK;
}

ctx_status terminal_front(struct ctx *ctx, uint32_t *has)
{
    struct terminal *t = terminal_of(ctx);
    if (t == NULL) {
        return CTX_E_BUSY;
    }
    t->serial_is_others = 1;
    *has = !t->managed && t->front != NULL;
    return CTX_OK;
}

ctx_status terminal_next(struct ctx *ctx, uint32_t wanted, uint64_t request)
{
    ctx_status status;
    struct terminal *t = terminal_of(ctx);
    struct client *c = client_of_caller(t, &status);
    if (c == NULL) {
        return status;
    }
    wanted &= READY_READ | READY_WRITE | READY_SIZE | READY_SIGNAL | READY_HANGUP;
    if (wanted == 0) {
        return CTX_E_INVAL;
    }
    if ((wanted & READY_READ) != 0 && !c->hung) {
        status = client_open(t, c);
        if (status != CTX_OK) {
            return status;
        }
    }
    if (c->request != 0) {
        terminal_complete_next(t->service, c->request, CTX_E_CANCELED, NULL);
    }
    c->request = request;
    c->wanted = wanted;
    client_tell(t, c);
    if (c->request != 0 && c->has_tty) {
        come_back(t);
    }
    return CTX_PENDING;
}
