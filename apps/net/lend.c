/* SPDX-License-Identifier: MIT */
/*
 * Shares that apps lend: they are mapped here, and sockets send from them and receive into them.
 * One that was taken back stays mapped until what is on its way from it has arrived.
 */
#include "net_app.h"

#include <net_provider.h>

#include <stdlib.h>
#include <string.h>

static const struct ctx_share *shares;

static bool open_shares(void)
{
    const struct ctx_table *t = NULL;
    struct ctx *ctx = app.ctx;
    if (shares == NULL && ctx->iface->open(ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1,
                                           sizeof *shares, &t) == CTX_OK) {
        shares = (const struct ctx_share *)(const void *)t;
    }
    return shares != NULL;
}

/* Of all, and those that have gone: what is mapped here counts against net's own quota once more
 * for as long as its owner can take it away. */
static uint64_t all_lent;

/* Each may have no more than stays free for the others, and all together leave half of the memory
 * to what net itself needs. */
static bool has_room(const struct client *c, uint64_t bytes)
{
    struct ctx_mem_usage usage = {.size = sizeof usage};
    uint64_t most = app.memory_most;
    if (app.ctx->mem->usage(app.ctx->mem, &usage) == CTX_OK && usage.quota / 2 < most) {
        most = usage.quota / 2;
    }
    if (bytes > app.bytes_most || c->lent > app.bytes_most - bytes || bytes > most ||
        all_lent > most - bytes) {
        return false;
    }
    return c->lent + bytes <= most - bytes - all_lent || all_lent == 0;
}

static void on_free(struct lent *l)
{
    struct buffer *b = (struct buffer *)(void *)l;
    if (b->client != NULL) {
        struct buffer **at = &b->client->buffers;
        while (*at != b) {
            at = &(*at)->next;
        }
        *at = b->next;
        b->client->buffer_count--;
        b->client->lent -= b->bytes;
    }
    all_lent -= b->bytes;
    shares->close(shares, b->share);
    free(b);
}

static uint32_t next_number(const struct client *c)
{
    static uint32_t number;
    if (number == 0) { /* those of an earlier life are none of this one */
        app.random->fill(app.random, &number, sizeof number);
    }
    do {
        number++;
    } while (number == 0 || buffer_of((struct client *)c, number) != NULL);
    return number;
}

static ctx_status map(struct client *c, struct buffer *b)
{
    struct ctx_share_info info = {.size = sizeof info};
    uint64_t address = 0;
    ctx_status status = shares->info(shares, b->share, &info);
    if (status != CTX_OK) {
        return status;
    }
    b->bytes = info.bytes;
    if (!has_room(c, info.bytes)) {
        return CTX_E_NOSPC;
    }
    status = shares->map(shares, b->share, CTX_SHARE_READ | (b->may_write ? CTX_SHARE_WRITE : 0u),
                         &address);
    b->at = (uint8_t *)(uintptr_t)address;
    return status == CTX_E_NOSPC ? CTX_E_NOMEM : status; /* NOSPC is the app's own limit */
}

ctx_status buffer_lend(struct client *c, uint32_t share, bool may_write, uint64_t call,
                       struct buffer **out)
{
    struct buffer *b = open_shares() ? calloc(1, sizeof *b) : NULL;
    ctx_status status = CTX_E_NOMEM;
    if (b != NULL) {
        b->share = share;
        b->may_write = may_write;
        b->made = call;
        status = c->buffer_count < BUFFERS_MOST ? map(c, b) : CTX_E_NOSPC;
    }
    if (status != CTX_OK) {
        if (shares != NULL) {
            shares->close(shares, share);
        }
        free(b);
        return status;
    }
    b->lent = (struct lent){.bytes = b->at, .free = on_free};
    b->number = next_number(c);
    b->client = c;
    b->next = c->buffers;
    c->buffers = b;
    c->buffer_count++;
    c->lent += b->bytes;
    all_lent += b->bytes;
    *out = b;
    return CTX_OK;
}

struct buffer *buffer_of(struct client *c, uint32_t number)
{
    struct buffer *b = c->buffers;
    while (b != NULL && (b->number != number || b->lent.over)) {
        b = b->next;
    }
    return b;
}

void buffers_undone(struct client *c, uint64_t call)
{
    for (struct buffer *b = c->buffers, *next; b != NULL; b = next) {
        next = b->next;
        if (b->made == call && !b->lent.over) { /* the client never had it */
            lent_end(&b->lent);
        }
    }
}

void buffers_of_client_gone(struct client *c)
{
    for (struct buffer *b = c->buffers, *next; b != NULL; b = next) {
        next = b->next;
        b->client = NULL;
        if (!b->lent.over) {
            lent_end(&b->lent);
        }
    }
    c->buffers = NULL;
}

/* ---- what apps call ---- */

static ctx_status lend(uint32_t memory, bool may_write, uint32_t *buffer, uint64_t *bytes)
{
    ctx_status status;
    struct buffer *b = NULL;
    struct client *c = client_of_caller(&status);
    if (c == NULL) {
        return status;
    }
    status = buffer_lend(c, memory, may_write, app.call, &b);
    if (status == CTX_OK) {
        *buffer = b->number;
        *bytes = b->bytes;
    }
    return status;
}

ctx_status net_lend(struct ctx *ctx, uint32_t memory, uint32_t *buffer, uint64_t *bytes)
{
    (void)ctx;
    return lend(memory, false, buffer, bytes);
}

ctx_status net_lend_room(struct ctx *ctx, uint32_t memory, uint32_t *buffer, uint64_t *bytes)
{
    (void)ctx;
    return lend(memory, true, buffer, bytes);
}

ctx_status net_take_back(struct ctx *ctx, uint32_t buffer)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_caller(&status);
    struct buffer *b = c != NULL ? buffer_of(c, buffer) : NULL;
    if (b == NULL) {
        return c == NULL ? status : CTX_E_STALE;
    }
    work_begin();
    lent_end(&b->lent);
    return service_end(CTX_OK);
}

/* OK: so much of it is there. */
static ctx_status find(struct client *c, uint32_t buffer, uint64_t at, uint32_t len,
                       struct buffer **out)
{
    *out = buffer_of(c, buffer);
    return *out == NULL                                     ? CTX_E_STALE
           : at > (*out)->bytes || len > (*out)->bytes - at ? CTX_E_RANGE
                                                            : CTX_OK;
}

ctx_status net_send_from(struct ctx *ctx, uint32_t socket, uint32_t buffer, uint64_t at,
                         uint32_t len, uint32_t *count)
{
    ctx_status status;
    struct client *c;
    struct buffer *b;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    status = find(c, buffer, at, len, &b);
    if (status != CTX_OK) {
        return service_end(status);
    }
    status = sock_send_lent(s, &b->lent, at, len, count);
    if (status == CTX_OK && sock_kind(s) == NET_TCP) {
        handle_moved(socket, app.call, false);
    }
    return service_end(status);
}

ctx_status net_receive_into(struct ctx *ctx, uint32_t socket, uint32_t buffer, uint64_t at,
                            uint32_t len, uint32_t *count)
{
    ctx_status status;
    struct client *c;
    struct buffer *b;
    (void)ctx;
    struct sock *s = service_begin(&c, socket, &status);
    if (s == NULL) {
        return c == NULL ? status : service_end(status);
    }
    status = find(c, buffer, at, len, &b);
    status = status == CTX_OK && !b->may_write ? CTX_E_DENIED : status;
    if (status != CTX_OK) {
        return service_end(status);
    }
    status = sock_receive(s, b->at + at, len, false, count);
    if (status == CTX_OK && sock_kind(s) == NET_TCP) {
        handle_moved(socket, app.call, false);
    }
    return service_end(status);
}
