/* SPDX-License-Identifier: MIT */
/*
 * Memory that sockets send from without a copy. It is a share of the app's own; whoever offers
 * ctx.net/1 is lent it when it is first sent from, and again when somebody else offers it since.
 * Where it can not be lent (that app has no room for more, or this one was restored and its shares
 * are gone) what it has is sent as any other bytes are.
 */
#include "../glue.h"
#include "../signals.h"
#include "private.h"

#include <ctx/c.h>

#include <errno.h>
#include <stdlib.h>

struct ctx_lent {
    uint32_t share, buffer;
    uint32_t lives; /* of the network, when it was lent or refused there; 0: it has not been */
    bool refused;
    size_t bytes;
    uint8_t *at;
};

struct ctx_lent *ctx_lent_make(size_t bytes, void **at)
{
    const struct ctx_share *shares = ctx_c_open(CTX_ID_SHARE);
    struct ctx_lent *lent = shares != NULL ? calloc(1, sizeof *lent) : NULL;
    uint64_t address = 0;
    if (lent == NULL) {
        return NULL;
    }
    if (shares->create(shares, bytes, CTX_SHARE_ZERO, &lent->share) != CTX_OK) {
        free(lent);
        return NULL;
    }
    if (shares->map(shares, lent->share, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) != CTX_OK) {
        shares->close(shares, lent->share);
        free(lent);
        return NULL;
    }
    lent->bytes = bytes;
    lent->at = (uint8_t *)(uintptr_t)address;
    *at = lent->at;
    return lent;
}

void ctx_lent_end(struct ctx_lent *lent)
{
    const struct ctx_share *shares = ctx_c_open(CTX_ID_SHARE);
    ctx_status status;
    if (lent == NULL) {
        return;
    }
    if (lent->lives == ctx_c_net_lives && !lent->refused && lent->lives != 0) {
        NET_ASK(status, take_back, lent->buffer);
        (void)status; /* STALE: it has been */
    }
    if (shares != NULL) {
        shares->close(shares, lent->share);
    }
    free(lent);
}

/* Whether the network has it. */
static bool is_lent(struct ctx_lent *lent)
{
    uint64_t bytes = 0;
    ctx_status status;
    if (lent->lives == ctx_c_net_lives && lent->lives != 0) {
        return !lent->refused;
    }
    NET_ASK(status, lend, lent->share, &lent->buffer, &bytes);
    lent->lives = ctx_c_net_lives; /* it may be another one since it was asked */
    lent->refused = status != CTX_OK || bytes < lent->bytes;
    return !lent->refused;
}

/* Bytes that have gone; negative: an error. */
static ssize_t send_from(struct ctx_lent *lent, struct ctx_c_file *file, size_t at, size_t len,
                         int flags)
{
    struct ctx_c_socket *s = file->node;
    uint64_t deadline = ctx_c_socket_deadline(s->write_ns);
    for (size_t done = 0;;) {
        uint32_t count = 0, part = len - done < INT32_MAX ? (uint32_t)(len - done) : INT32_MAX;
        ctx_status status = CTX_E_STALE;
        if (is_lent(lent)) {
            NET_ASK(status, send_from, s->handle, lent->buffer, at + done, part, &count);
        }
        done += status == CTX_OK ? count : 0;
        if (done == len) {
            return (ssize_t)done;
        }
        if (status == CTX_E_AGAIN) {
            int error = ctx_c_socket_await(file, NET_WRITE, deadline, flags);
            if (error != 0) {
                return done > 0 ? (ssize_t)done : error;
            }
        } else if (status != CTX_OK) {
            /* The buffer may be gone and the socket be fine, or the other way round: this tells. */
            lent->refused |= status == CTX_E_STALE && lent->lives == ctx_c_net_lives;
            ssize_t more = ctx_c_socket_send(file, lent->at + at + done, len - done, flags, NULL);
            return more >= 0 ? (ssize_t)done + more : done > 0 ? (ssize_t)done : more;
        }
    }
}

ptrdiff_t ctx_lent_send(struct ctx_lent *lent, int fd, size_t at, size_t len, int flags)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    if (s == NULL) {
        return -1;
    }
    if (s->type != SOCK_STREAM || at > lent->bytes || len > lent->bytes - at) {
        errno = s->type != SOCK_STREAM ? EOPNOTSUPP : EFAULT;
        return -1;
    }
    ctx_c_signals_poll(256);
    ssize_t count = send_from(lent, file, at, len, flags);
    if (count < 0) {
        errno = (int)-count;
        return -1;
    }
    return count;
}
