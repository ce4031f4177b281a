/* SPDX-License-Identifier: MIT */
/* Who has the network, and waiting for it. */
#include "../glue.h"
#include "sockets.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define PAUSE_NS UINT64_C(1000000)
#define BACK_NS  UINT64_C(5000000000) /* so long who offers it may be away */
#define HINT_NS  UINT64_C(50000000)
#define LOOK_NS  UINT64_C(1000000000)

static const struct net_table *table;
static bool said;
uint32_t ctx_c_net_lives;

static bool open_table(void)
{
    table = ctx_c_open(NET_ID);
    if (table != NULL && (table->t.flags & CTX_TBL_GRANTED) == 0) {
        table = NULL;
    }
    ctx_c_net_lives += table != NULL;
    return table != NULL;
}

const struct net_table *ctx_c_net(void)
{
    if (table == NULL && !open_table() && !said) {
        said = true;
        ctx_c_say(CTX_LOG_WARN, "there is no network for it: its line needs use=" NET_ID
                                ", and the app net has to run");
    }
    return table;
}

static uint64_t now(void)
{
    uint64_t ns = 0;
    ctx_now()->time->now(ctx_now()->time, &ns);
    return ns;
}

/* It may be back in a moment. */
static bool reopen(void)
{
    uint64_t until = now() + BACK_NS;
    while (!open_table()) {
        if (ctx_fiber_current() == NULL || now() >= until ||
            ctx_c_await(UINT64_C(1) << CTX_EVENT_INTERFACE, now() + HINT_NS, true) ==
                CTX_E_CANCELED) {
            return false;
        }
    }
    return true;
}

bool ctx_c_net_again(ctx_status status, uint32_t *tries)
{
    if (status == CTX_E_STALE && (*tries)++ == 0) {
        return reopen(); /* the table is, or the socket: the next answer tells */
    }
    if (status != CTX_E_BUSY || ctx_fiber_current() == NULL) {
        return false;
    }
    return ctx_c_await(UINT64_C(1) << CTX_EVENT_READY, now() + PAUSE_NS, true) != CTX_E_CANCELED;
}

/* Until the request ends. OK, also when who had it has gone: the next call tells. */
static ctx_status await(const struct ctx_service *service, ctx_status status, uint64_t request,
                        uint64_t deadline, bool restarts)
{
    uint32_t len = 0, result = 0;
    uint8_t none[1];
    uint64_t until;
    while (status == CTX_PENDING) {
        if (service->take(service, request, none, 0, &len, &result) != CTX_E_AGAIN) {
            return CTX_OK;
        }
        if (now() >= deadline) {
            status = CTX_E_TIMEDOUT;
            break;
        }
        until = now() + LOOK_NS; /* the event is a hint, and others may have read it */
        until = until < deadline ? until : deadline;
        if (ctx_c_await(UINT64_C(1) << CTX_EVENT_DONE, until, restarts) == CTX_E_CANCELED) {
            status = CTX_E_CANCELED;
            break;
        }
    }
    if (status == CTX_E_TIMEDOUT || status == CTX_E_CANCELED) {
        (void)service->cancel(service, request);
    }
    return status;
}

ctx_status ctx_c_net_wait(const struct ctx_c_want *wants, uint32_t count, uint64_t deadline,
                          bool restarts)
{
    const struct ctx_service *service = ctx_c_open(CTX_ID_SERVICE);
    uint64_t request = 0;
    ctx_status status;
    if (ctx_fiber_current() == NULL || service == NULL) {
        return CTX_E_AGAIN; /* nothing goes on before this call has ended */
    }
    NET_ASK(status, wait, wants, count * (uint32_t)sizeof *wants, &request);
    return await(service, status, request, deadline, restarts);
}

ctx_status ctx_c_net_wait_watched(uint64_t deadline)
{
    const struct ctx_service *service = ctx_c_open(CTX_ID_SERVICE);
    uint64_t request = 0;
    ctx_status status;
    if (ctx_fiber_current() == NULL || service == NULL) {
        return CTX_E_AGAIN;
    }
    NET_ASK(status, wait_watched, &request);
    return await(service, status, request, deadline, false);
}

/* ---- poll() ---- */

#define FEW         64    /* without malloc() */
#define MOST_ASKED  512   /* in one call */
#define MOST_WAITED 4096u /* by one request */
#define MORE_NS     UINT64_C(20000000)

/* What ctx.net/1 has to look at for a list, and whose it is. They lie in few, or are allocated:
 * NULL. */
static struct ctx_c_want *wants_of(const struct pollfd *list, size_t count, struct ctx_c_want *few,
                                   uint32_t *found)
{
    struct ctx_c_want *wants = count <= FEW ? few : malloc(count * sizeof *wants);
    *found = 0;
    for (size_t i = 0; wants != NULL && i < count; i++) {
        struct ctx_c_file *file = ctx_c_file_of(list[i].fd);
        uint32_t want[2];
        if (file != NULL && file->ops->wants != NULL &&
            file->ops->wants(file, list[i].events, want)) {
            wants[(*found)++] = (struct ctx_c_want){want[0], want[1]};
        }
    }
    return wants;
}

/* An end and an error are looked at by themselves: there is more to be told. */
static short told(struct pollfd *one, uint32_t what)
{
    short in = POLLIN | POLLRDNORM, out = POLLOUT | POLLWRNORM;
    if ((what & NET_OVER) != 0) {
        struct ctx_c_file *file = ctx_c_file_of(one->fd);
        return file->ops->ready(file, one->events);
    }
    return (short)(((what & NET_READ) != 0 ? one->events & in : 0) |
                   ((what & NET_WRITE) != 0 ? one->events & out : 0));
}

int ctx_c_sockets_look(struct pollfd *list, size_t count)
{
    struct ctx_c_want few[FEW], *wants;
    uint32_t whats[MOST_ASKED], n, at = 0;
    size_t next = 0;
    int ready = 0;
    wants = wants_of(list, count, few, &n);
    if (wants == NULL) {
        return -ENOMEM;
    }
    while (at < n) {
        uint32_t part = n - at < MOST_ASKED ? n - at : MOST_ASKED;
        ctx_status status;
        NET_ASK(status, ready, wants + at, part * (uint32_t)sizeof *wants, whats,
                part * (uint32_t)sizeof *whats);
        for (uint32_t i = 0; i < part && next < count; next++) {
            const struct ctx_c_file *file = ctx_c_file_of(list[next].fd);
            if (file != NULL && file->ops->wants != NULL) {
                list[next].revents = told(&list[next], status == CTX_OK ? whats[i] : NET_OVER);
                ready += list[next].revents != 0;
                i++;
            }
        }
        at += part;
    }
    if (wants != few) {
        free(wants);
    }
    return ready;
}

/* For poll(): a request beside what it waits for of the streams. */
ctx_status ctx_c_sockets_await(const struct pollfd *list, size_t count, uint64_t deadline,
                               uint32_t streams)
{
    const struct ctx_service *service = ctx_c_open(CTX_ID_SERVICE);
    struct ctx_c_want few[FEW], *wants;
    uint64_t request = 0, until = now() + LOOK_NS;
    uint32_t n = 0;
    ctx_status status;
    wants = wants_of(list, count, few, &n);
    if (wants == NULL) {
        return CTX_E_NOMEM;
    }
    if (n > MOST_WAITED) { /* the others are looked at now and then; epoll has no such limit */
        n = MOST_WAITED;
        until = now() + MORE_NS;
    }
    NET_ASK(status, wait, wants, n * (uint32_t)sizeof *wants, &request);
    if (wants != few) {
        free(wants);
    }
    if (status != CTX_PENDING || service == NULL) {
        return status; /* OK: look again */
    }
    until = until < deadline ? until : deadline;
    uint64_t mask = UINT64_C(1) << CTX_EVENT_DONE | ctx_c_streams_ask_for(streams);
    status = ctx_c_await(mask, until, false);
    (void)service->cancel(service, request); /* over, or asked for anew */
    return status == CTX_E_TIMEDOUT && until != deadline ? CTX_OK : status;
}

int ctx_c_net_error(ctx_status status)
{
    switch (status) {
    case CTX_OK:
        return 0;
    case CTX_E_NOSYS:
        return -ENETDOWN;
    case CTX_E_STALE:
        return -ECONNRESET;
    case CTX_E_EXIST:
        return -EADDRINUSE;
    case CTX_E_NOSPC:
        return -ENOBUFS;
    case CTX_E_NOENT:
        return -EHOSTUNREACH;
    case CTX_E_TOOBIG:
        return -EMSGSIZE;
    case CTX_E_CANCELED:
        return -EPIPE;
    default:
        return -ctx_errno(status);
    }
}
