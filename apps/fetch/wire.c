/* SPDX-License-Identifier: MIT */
#include "wire.h"

#ifdef __PICOLIBC__
#include <ctx/c.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 30000 /* for an answer, and between two parts of one */
#define CLOCK_MS    10000 /* for a time server */

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static bool failed(struct wire *wire, const char *what, const char *why)
{
    snprintf(wire->why, sizeof wire->why, "%.120s%s%.70s", what, why[0] != 0 ? ": " : "", why);
    return false;
}

/* False: nothing came of it in time. */
static bool wait_for(struct wire *wire, short events)
{
    struct pollfd one = {.fd = wire->fd, .events = events};
    int ready = poll(&one, 1, PATIENCE_MS);
    if (ready == 0) {
        return failed(wire, "nothing for half a minute", "");
    }
    return ready > 0 || errno == EINTR || failed(wire, "poll", strerror(errno));
}

static int below_send(void *arg, const void *bytes, size_t len)
{
    ssize_t sent = send(((struct wire *)arg)->fd, bytes, len, MSG_NOSIGNAL);
    return sent >= 0 ? (int)sent : errno == EAGAIN ? CTX_TLS_BELOW_AGAIN : CTX_TLS_BELOW_ERROR;
}

static int below_receive(void *arg, void *bytes, size_t room)
{
    ssize_t got = recv(((struct wire *)arg)->fd, bytes, room, 0);
    return got >= 0 ? (int)got : errno == EAGAIN ? CTX_TLS_BELOW_AGAIN : CTX_TLS_BELOW_ERROR;
}

/* False: it does not wait for the wire, or has waited long enough. */
static bool tls_waits(struct wire *wire, int answer)
{
    if (answer < 0) {
        wire->refused = true;
        return failed(wire, ctx_tls_why(wire->tls), "");
    }
    return answer != CTX_TLS_OK && wait_for(wire, answer == CTX_TLS_READ ? POLLIN : POLLOUT);
}

static bool reach(struct wire *wire, const struct addrinfo *to)
{
    wire->fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
    if (wire->fd < 0) {
        return failed(wire, "socket", strerror(errno));
    }
    fcntl(wire->fd, F_SETFL, O_NONBLOCK);
    int error = connect(wire->fd, to->ai_addr, to->ai_addrlen) == 0 ? 0 : errno;
    socklen_t len = sizeof error;
    if (error == EINPROGRESS && wait_for(wire, POLLOUT)) {
        getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    }
    if (error == 0) {
        return true;
    }
    if (error != EINPROGRESS) {
        failed(wire, strerror(error), "");
    }
    close(wire->fd);
    wire->fd = -1;
    return false;
}

bool wire_open(struct wire *wire, const struct ctx_http_url *url, struct ctx_tls_config *roots)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    char port[8];
    *wire = (struct wire){.fd = -1};
    snprintf(port, sizeof port, "%u", (unsigned)url->port);
    int error = getaddrinfo(url->host, port, &hints, &list);
    if (error != 0) {
        return failed(wire, url->host, gai_strerror(error));
    }
    for (const struct addrinfo *to = list; to != NULL && wire->fd < 0; to = to->ai_next) {
        reach(wire, to);
    }
    freeaddrinfo(list);
    if (wire->fd < 0) {
        return false;
    }
    if (!url->tls) {
        return true;
    }
#ifdef __PICOLIBC__ /* a machine that has just begun, and has no calendar of its own */
    (void)ctx_calendar_wait(CLOCK_MS);
#endif
    struct ctx_tls_below below = {wire, below_send, below_receive};
    wire->tls = ctx_tls_open(roots, &below, url->host, &error);
    if (wire->tls == NULL) {
        wire->refused = true;
        return failed(wire, ctx_tls_name(error), "");
    }
    do {
        error = ctx_tls_handshake(wire->tls);
    } while (tls_waits(wire, error));
    return error == CTX_TLS_OK;
}

void wire_close(struct wire *wire)
{
    if (wire->tls != NULL) {
        ctx_tls_close(wire->tls);
        ctx_tls_free(wire->tls);
        wire->tls = NULL;
    }
    if (wire->fd >= 0) {
        close(wire->fd);
        wire->fd = -1;
    }
}

bool wire_send(struct wire *wire, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t taken = 0;
        if (wire->tls != NULL) {
            int answer = ctx_tls_write(wire->tls, bytes, len, &taken);
            if (answer != CTX_TLS_OK && !tls_waits(wire, answer)) {
                return false;
            }
        } else {
            int sent = below_send(wire, bytes, len);
            if (sent == CTX_TLS_BELOW_ERROR) {
                return failed(wire, "send", strerror(errno));
            }
            if (sent == CTX_TLS_BELOW_AGAIN && !wait_for(wire, POLLOUT)) {
                return false;
            }
            taken = sent > 0 ? (size_t)sent : 0;
        }
        bytes += taken;
        len -= taken;
    }
    return true;
}

long wire_receive(struct wire *wire, void *bytes, size_t room)
{
    for (;;) {
        if (wire->tls != NULL) {
            size_t got = 0;
            int answer = ctx_tls_read(wire->tls, bytes, room, &got);
            if (answer == CTX_TLS_OK) {
                return (long)got;
            }
            if (!tls_waits(wire, answer)) {
                return -1;
            }
            continue;
        }
        int got = below_receive(wire, bytes, room);
        if (got >= 0) {
            return got;
        }
        if (got == CTX_TLS_BELOW_ERROR) {
            failed(wire, "receive", strerror(errno));
            return -1;
        }
        if (!wait_for(wire, POLLIN)) {
            return -1;
        }
    }
}
