/* SPDX-License-Identifier: MIT */
/* What goes over a socket. */
#include "../glue.h"
#include "../signals.h"
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 32768u /* bytes of a call: what an app offers goes in less than 64 KiB */

static int failed(struct ctx_c_socket *s, ctx_status status, int flags)
{
    int error = status == CTX_E_INVAL ? -ENOTCONN : ctx_c_net_error(status);
    (void)s;
    if (error == -EPIPE && (flags & MSG_NOSIGNAL) == 0) {
        ctx_c_signal(SIGPIPE);
        ctx_c_signals_run();
    }
    return error;
}

/* A packet: all of it or nothing. */
static ctx_status send_packet(struct ctx_c_socket *s, const void *from, size_t len,
                              const struct net_address *to)
{
    uint32_t count = 0;
    ctx_status status;
    if (len > 65507) {
        return CTX_E_TOOBIG;
    }
    if (to != NULL) {
        NET_ASK(status, send_to, s->handle, from, (uint32_t)len, to);
    } else {
        NET_ASK(status, send, s->handle, from, (uint32_t)len, &count);
    }
    return status;
}

ssize_t ctx_c_socket_send(struct ctx_c_file *file, const void *from, size_t len, int flags,
                          const struct net_address *to)
{
    struct ctx_c_socket *s = file->node;
    bool packet = s->type != SOCK_STREAM;
    uint64_t deadline = ctx_c_socket_deadline(s->write_ns);
    size_t done = 0;
    for (;;) { /* also without a byte: that is a packet too */
        uint32_t count = 0, part = len - done < PIECE ? (uint32_t)(len - done) : PIECE;
        ctx_status status;
        if (packet) {
            status = send_packet(s, from, len, to);
            if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
                continue;
            }
            count = (uint32_t)len;
        } else {
            NET_ASK(status, send, s->handle, (const uint8_t *)from + done, part, &count);
        }
        if (status == CTX_E_AGAIN) {
            int error = ctx_c_socket_await(file, NET_WRITE, deadline, flags);
            if (error != 0) {
                return done > 0 ? (ssize_t)done : error;
            }
            continue;
        }
        if (status != CTX_OK) {
            return done > 0 ? (ssize_t)done : failed(s, status, flags);
        }
        if (packet || len == 0) {
            return (ssize_t)len;
        }
        done += count;
        if (done >= len) {
            return (ssize_t)done;
        }
    }
}

ssize_t ctx_c_socket_receive(struct ctx_c_file *file, void *to, size_t len, int flags,
                             struct net_address *from)
{
    struct ctx_c_socket *s = file->node;
    bool packet = s->type != SOCK_STREAM;
    uint64_t deadline = ctx_c_socket_deadline(s->read_ns);
    size_t done = 0;
    for (;;) {
        uint32_t count = 0, part = len - done < PIECE ? (uint32_t)(len - done) : PIECE;
        ctx_status status;
        if (packet && from != NULL && (flags & MSG_PEEK) == 0) {
            part = len < 61440 ? (uint32_t)len : 61440;
            NET_ASK(status, receive_from, s->handle, to, part, &count, from);
            if (status == CTX_OK && (flags & MSG_TRUNC) == 0) {
                count = count < part ? count : part;
            }
        } else {
            NET_ASK(status, receive, s->handle, (uint8_t *)to + done, part,
                    (flags & MSG_PEEK) != 0 ? NET_PEEK : 0u, &count);
        }
        if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
            continue;
        }
        if (status == CTX_E_AGAIN && done == 0) {
            int error = ctx_c_socket_await(file, NET_READ, deadline, flags);
            if (error != 0) {
                return error;
            }
            continue;
        }
        if (status == CTX_E_AGAIN && (flags & MSG_WAITALL) != 0) {
            if (ctx_c_socket_await(file, NET_READ, deadline, flags) != 0) {
                return (ssize_t)done;
            }
            continue;
        }
        if (status != CTX_OK) {
            return done > 0 ? (ssize_t)done : failed(s, status, MSG_NOSIGNAL);
        }
        done += count;
        bool more = !packet && count == part && done < len && (flags & MSG_PEEK) == 0;
        more |=
            !packet && count > 0 && done < len && (flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL;
        if (!more) {
            return (ssize_t)done;
        }
    }
}

/* ---- what POSIX has ---- */

static ssize_t result_of(ssize_t result)
{
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

ssize_t sendto(int fd, const void *from, size_t len, int flags, const struct sockaddr *address,
               socklen_t address_len)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct net_address to;
    if (s == NULL) {
        return -1;
    }
    ctx_c_signals_poll(256);
    bool named = address != NULL && s->type != SOCK_STREAM;
    int error = named ? ctx_c_address_in(s->family, address, address_len, &to) : 0;
    return result_of(error != 0 ? error
                                : ctx_c_socket_send(file, from, len, flags, named ? &to : NULL));
}

ssize_t send(int fd, const void *from, size_t len, int flags)
{
    return sendto(fd, from, len, flags, NULL, 0);
}

ssize_t recvfrom(int fd, void *to, size_t len, int flags, struct sockaddr *address,
                 socklen_t *address_len)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct net_address from = {.size = sizeof from};
    if (s == NULL) {
        return -1;
    }
    ctx_c_signals_poll(256);
    ssize_t count = ctx_c_socket_receive(file, to, len, flags, &from);
    if (count >= 0 && from.family != 0) {
        ctx_c_address_out(s->family, &from, address, address_len);
    } else if (address_len != NULL) {
        *address_len = 0;
    }
    return result_of(count);
}

ssize_t recv(int fd, void *to, size_t len, int flags)
{
    return recvfrom(fd, to, len, flags, NULL, NULL);
}

/* All pieces in one, for what has to go as one packet. */
static size_t all_of(const struct msghdr *message)
{
    size_t len = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        len += message->msg_iov[i].iov_len;
    }
    return len;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    size_t len = all_of(message), at = 0;
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    if (bytes == NULL) {
        errno = ENOMEM;
        return -1;
    }
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        memcpy(bytes + at, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        at += message->msg_iov[i].iov_len;
    }
    ssize_t count = sendto(fd, bytes, len, flags, (const struct sockaddr *)message->msg_name,
                           message->msg_namelen);
    free(bytes);
    return count;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    size_t len = all_of(message), at = 0;
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    if (bytes == NULL) {
        errno = ENOMEM;
        return -1;
    }
    socklen_t *name_len = message->msg_name != NULL ? &message->msg_namelen : NULL;
    ssize_t count = recvfrom(fd, bytes, len, flags | MSG_TRUNC, message->msg_name, name_len);
    message->msg_flags = count > (ssize_t)len ? MSG_TRUNC : 0;
    message->msg_controllen = 0;
    if (count > (ssize_t)len && (flags & MSG_TRUNC) == 0) {
        count = (ssize_t)len;
    }
    for (size_t i = 0; count >= 0 && i < message->msg_iovlen && at < (size_t)count; i++) {
        size_t left = (size_t)count - at, part = message->msg_iov[i].iov_len;
        part = part < left ? part : left;
        memcpy(message->msg_iov[i].iov_base, bytes + at, part < len - at ? part : len - at);
        at += part;
    }
    free(bytes);
    return count;
}
