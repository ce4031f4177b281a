/* SPDX-License-Identifier: MIT */
/*
 * A connection from its first byte to its last. What a client sends is read into `in`, as much as a
 * head may have; answers go out of `out`, which is filled again when it is empty. Between requests
 * a connection holds no buffers.
 */
#define _GNU_SOURCE
#include "httpd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

struct ctx_http_head head;
uint64_t count_requests, count_connections;

#define TOGETHER  2048u
#define TURN_MOST (512u << 10) /* bytes: then other connections have theirs */

enum { IO_AGAIN = -1, IO_ERROR = -2 };

/* ---- the wire, plain or not ---- */

static int plain_result(ssize_t count)
{
    return count >= 0                                                  ? (int)count
           : errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? IO_AGAIN
                                                                       : IO_ERROR;
}

static int plain_send(void *arg, const void *bytes, size_t len)
{
    return plain_result(send(((struct conn *)arg)->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static int plain_receive(void *arg, void *bytes, size_t room)
{
    return plain_result(recv(((struct conn *)arg)->fd, bytes, room, MSG_DONTWAIT));
}

static int of_tls(struct conn *conn, int result, size_t count)
{
    conn->wants_write = result == CTX_TLS_WRITE;
    return result == CTX_TLS_OK ? (int)count : result > 0 ? IO_AGAIN : IO_ERROR;
}

static int wire_send(struct conn *conn, const void *bytes, size_t len)
{
    size_t taken = 0;
    if (conn->tls == NULL) {
        return plain_send(conn, bytes, len);
    }
    int result = ctx_tls_write(conn->tls, bytes, len, &taken);
    return of_tls(conn, result, taken);
}

static int wire_receive(struct conn *conn, void *bytes, size_t room)
{
    size_t got = 0;
    if (conn->tls == NULL) {
        return plain_receive(conn, bytes, room);
    }
    int result = ctx_tls_read(conn->tls, bytes, room, &got);
    return of_tls(conn, result, got);
}

static size_t turn_left; /* of the one that has its turn */

static void turn_begins(void)
{
    turn_left = TURN_MOST;
}

static void has_sent(struct conn *conn, size_t len)
{
    turn_left -= len < turn_left ? len : turn_left;
    if (conn->state != SOCKET) { /* there it is pings that count */
        conn->deadline = now_ms() + STALL_MS;
    }
}

/* Of what is kept, from where it lies. */
static int send_kept(struct conn *conn)
{
    size_t at = (size_t)(conn->ranges[conn->range_at].first + conn->at),
           len = conn->direct < turn_left ? conn->direct : turn_left;
    if (conn->tls != NULL) {
        return wire_send(conn, conn->kept->bytes + at, conn->direct);
    }
    return plain_result(world_send(conn->kept->lent, conn->fd, at, len));
}

/* ---- life ---- */

#define GO_MOST 16u /* of others, for one that has no memory */

/* Greetings of TLS that come to nothing, and whoever is slow, must not have all the memory. */
static bool room_for(struct conn *conn, char **bytes, size_t *room, size_t wanted, size_t most)
{
    for (uint32_t gone = 0; !buffer_room(bytes, room, wanted, most); gone++) {
        if (wanted > most || gone == GO_MOST || !conns_room_for(conn)) {
            return false;
        }
    }
    return true;
}

void conn_open(int fd, bool secure, uint64_t address)
{
    struct conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        close(fd);
        return;
    }
    *conn = (struct conn){.fd = fd,
                          .address = address,
                          .file = -1,
                          .state = READING,
                          .since = now_ms(),
                          .deadline = now_ms() + HEAD_MS};
    if (secure) {
        int error;
        struct ctx_tls_below below = {conn, plain_send, plain_receive};
        conn->state = GREETING;
        conn->tls = ctx_tls_open(settings.tls, &below, NULL, &error);
        for (uint32_t gone = 0; conn->tls == NULL && gone < GO_MOST && conns_room_for(conn);
             gone++) {
            conn->tls = ctx_tls_open(settings.tls, &below, NULL, &error);
        }
        if (conn->tls == NULL) {
            free(conn);
            close(fd);
            return;
        }
    }
    if (!conns_add(conn)) {
        ctx_tls_free(conn->tls);
        free(conn);
        close(fd);
        return;
    }
    count_connections++;
}

static void drop_answer(struct conn *conn)
{
    files_close(conn);
    free(conn->text);
    conn->text = NULL;
    conn->source = SOURCE_NONE;
    conn->direct = 0;
}

static void drop_body(struct conn *conn)
{
    if (conn->upload != NULL) {
        upload_end(conn, false);
    }
    free(conn->body);
    conn->body = NULL;
    conn->sink = SINK_NONE;
}

void conn_close(struct conn *conn)
{
    if (conn->state == CLOSED) {
        return;
    }
    if (conn->live != NULL) {
        live_end(conn);
    }
    drop_answer(conn);
    drop_body(conn);
    ctx_tls_free(conn->tls);
    conn->tls = NULL;
    close(conn->fd);
    buffers_drop(conn);
    conn->state = CLOSED; /* the loop frees it */
}

/* What has been sent is on its way; what comes meanwhile must be read, or the other side's system
 * throws away our answer with it. */
static void linger(struct conn *conn)
{
    drop_answer(conn);
    drop_body(conn);
    if (conn->live != NULL) {
        live_end(conn); /* it has nothing more to say, and keys are not held any longer */
    }
    if (conn->tls != NULL) {
        ctx_tls_close(conn->tls);
    }
    shutdown(conn->fd, SHUT_WR);
    conn->out_len = conn->out_at = 0;
    conn->in_len = 0;
    conn->wants_write = conn->half_closed = false; /* it is read once more, which sees the end */
    conn->state = LINGER;
    conn->deadline = now_ms() + LINGER_MS;
    conn->body_len = 0;
}

/* ---- out ---- */

bool conn_put(struct conn *conn, const void *bytes, size_t len)
{
    if (conn->state == CLOSED) {
        return false;
    }
    if (!room_for(conn, &conn->out, &conn->out_room, conn->out_len + len, 1U << 22)) {
        conn_close(conn);
        return false;
    }
    memcpy(conn->out + conn->out_len, bytes, len);
    conn->out_len += len;
    return true;
}

bool conn_printf(struct conn *conn, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof text) {
        conn_close(conn); /* no answer is better than half of one */
        return false;
    }
    return conn_put(conn, text, (size_t)len);
}

/* Sends what there is. False: the other side takes no more for now, its turn is over, or the
 * connection is closed. */
static bool flush(struct conn *conn)
{
    while (conn->state != CLOSED && (conn->out_at < conn->out_len || conn->direct > 0)) {
        bool of_out = conn->out_at < conn->out_len;
        int sent = turn_left == 0 ? IO_AGAIN
                   : of_out
                       ? wire_send(conn, conn->out + conn->out_at, conn->out_len - conn->out_at)
                       : send_kept(conn);
        if (sent == IO_ERROR) {
            conn_close(conn);
        }
        if (sent < 0) {
            return false;
        }
        if (of_out) {
            conn->out_at += (size_t)sent;
        } else {
            conn->at += (uint64_t)sent;
            conn->direct -= (size_t)sent;
        }
        has_sent(conn, (size_t)sent);
    }
    conn->out_at = conn->out_len = 0;
    return conn->state != CLOSED;
}

/* ---- in ---- */

/* Takes len bytes of `in` out of its beginning. */
static void consume(struct conn *conn, size_t len)
{
    conn->in_len -= len;
    memmove(conn->in, conn->in + len, conn->in_len);
}

bool conn_head_again(struct conn *conn)
{
    return ctx_http_request(&head, conn->in, conn->head_len) == 0;
}

/* A request is done with. */
static void next_request(struct conn *conn)
{
    drop_answer(conn);
    drop_body(conn);
    if (!conn->keep || (conn->half_closed && conn->in_len <= conn->head_len)) {
        linger(conn);
        return;
    }
    consume(conn, conn->head_len);
    conn->head_len = conn->head_from = 0;
    conn->state = READING;
    conn->since = now_ms();
    conn->deadline = conn->since + (conn->in_len > 0 ? HEAD_MS : IDLE_MS);
    if (conn->in_len == 0) {
        buffers_drop(conn);
    }
}

static void refuse(struct conn *conn, uint32_t status)
{
    conn->keep = false;
    conn->head_only = false;
    conn->body_left = 0;
    conn->framing = CTX_HTTP_BODY_NONE;
    answer_status(conn, status, "", "");
}

static void body_done(struct conn *conn)
{
    void (*then)(struct conn *) = conn->then;
    conn->then = NULL;
    conn->state = SENDING;
    if (then != NULL && conn_head_again(conn)) {
        then(conn);
    } else if (then != NULL) {
        refuse(conn, 400);
    }
}

static bool body_bytes(struct conn *conn, const char *bytes, size_t len)
{
    conn->body_len += len;
    switch (conn->sink) {
    case SINK_MEMORY:
        if (conn->body_len > BODY_MOST) {
            refuse(conn, 413);
            return false;
        }
        memcpy(conn->body + conn->body_len - len, bytes, len);
        return true;
    case SINK_FILE:
        if (!upload_take(conn, bytes, len)) {
            refuse(conn, conn->body_len > UPLOAD_MOST ? 413 : 507);
            return false;
        }
        return true;
    default:
        if (conn->body_len > DISCARD_MOST) {
            refuse(conn, 413);
            return false;
        }
        return true;
    }
}

/* What is behind the head in `in`, as far as it is the body. */
static void take_body(struct conn *conn)
{
    while (conn->state == BODY) {
        const char *bytes = conn->in + conn->head_len;
        size_t len = conn->in_len - conn->head_len, used = len;
        bool ended = false;
        if (conn->framing == CTX_HTTP_BODY_CHUNKED) {
            const char *part;
            size_t part_len;
            int result =
                len > 0 ? ctx_http_unchunk(&conn->chunks, bytes, len, &part, &part_len, &ended) : 0;
            if (result < 0) {
                refuse(conn, 400);
                return;
            }
            used = (size_t)result;
            if (part_len > 0 && len > 0 && !body_bytes(conn, part, part_len)) {
                return;
            }
        } else {
            used = conn->body_left < len ? (size_t)conn->body_left : len;
            if (used > 0 && !body_bytes(conn, bytes, used)) {
                return;
            }
            conn->body_left -= used;
            ended = conn->body_left == 0;
        }
        conn->in_len -= used;
        memmove(conn->in + conn->head_len, conn->in + conn->head_len + used,
                conn->in_len - conn->head_len);
        if (ended) {
            body_done(conn);
        } else if (used == 0) {
            return;
        }
    }
}

/* A whole head: whose request it is decides where a body goes. */
static void take_head(struct conn *conn, size_t len)
{
    uint32_t status = (uint32_t)ctx_http_request(&head, conn->in, len);
    conn->head_len = len;
    count_requests++;
    if (status != 0) {
        refuse(conn, status);
        return;
    }
    conn->keep = head.keep_alive;
    conn->head_only = ctx_http_is(head.method, "HEAD");
    conn->framing = head.body;
    conn->body_left = head.length;
    conn->body_len = 0;
    conn->chunks = (struct ctx_http_chunks){.left = 0};
    conn->sink = SINK_DISCARD;
    conn->then = NULL;
    bool has_body = head.body == CTX_HTTP_BODY_CHUNKED ||
                    (head.body == CTX_HTTP_BODY_LENGTH && head.length > 0);
    bool expects = head.expects;
    route(conn);
    if (conn->state == CLOSED || conn->state == SOCKET) {
        return;
    }
    if (conn->then == NULL) { /* answered already */
        if (has_body &&
            (expects || head.body == CTX_HTTP_BODY_CHUNKED || head.length > DISCARD_MOST)) {
            conn->keep =
                false; /* it said so too late for the head, but the end is seen all the same */
        }
        if (!has_body || !conn->keep) {
            return;
        }
        /* The body of a request that is answered is passed over behind the answer. */
        conn->state = SENDING;
        return;
    }
    if (!has_body) {
        body_done(conn);
        return;
    }
    if (conn->sink == SINK_MEMORY) {
        conn->body = calloc(1, BODY_MOST + 1);
        if (conn->body == NULL) {
            refuse(conn, 503);
            return;
        }
    }
    if (conn->framing == CTX_HTTP_BODY_LENGTH &&
        conn->body_left > (conn->sink == SINK_FILE ? UPLOAD_MOST : BODY_MOST)) {
        refuse(conn, 413);
        return;
    }
    if (expects) {
        conn_printf(conn, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (conn->state != CLOSED) {
        conn->state = BODY;
        conn->deadline = now_ms() + STALL_MS;
    }
}

/* Goes on as far as what is there allows. */
static void advance(struct conn *conn)
{
    for (;;) {
        if (conn->state == READING) {
            int len =
                conn->in_len > 0 ? ctx_http_head_end(conn->in, conn->in_len, &conn->head_from) : 0;
            if (len < 0) {
                conn->head_len = 0;
                refuse(conn, (uint32_t)-len);
            } else if (len == 0) {
                if (conn->half_closed) {
                    conn_close(conn);
                }
                return;
            } else {
                take_head(conn, (size_t)len);
            }
        } else if (conn->state == BODY) {
            take_body(conn);
            if (conn->state == BODY) {
                flush(conn);
                return;
            }
        } else if (conn->state == SENDING) {
            /* A head goes with the first bytes of its body. */
            if (conn->source != SOURCE_NONE && conn->out_at == 0 && conn->out_len < TOGETHER &&
                !answer_more(conn)) {
                conn_close(conn); /* the head has promised what can not be had */
            }
            if (!flush(conn)) {
                return;
            }
            if (conn->source != SOURCE_NONE) {
                if (!answer_more(conn)) {
                    conn_close(conn); /* the head has promised what can not be had */
                }
                continue;
            }
            /* What a request brought along and nobody wanted. */
            if (conn->keep && conn->sink == SINK_DISCARD && conn->framing == CTX_HTTP_BODY_LENGTH &&
                conn->body_left > 0) {
                conn->state = BODY;
                continue;
            }
            next_request(conn);
        } else if (conn->state == SOCKET) {
            live_read(conn);
            if (conn->state == SOCKET) {
                flush(conn);
            }
            return;
        } else {
            return;
        }
    }
}

/* Reads what has come. False: nothing more for now. */
static bool pull(struct conn *conn)
{
    if (conn->state == LINGER) {
        char bytes[2048];
        int got = plain_receive(conn, bytes, sizeof bytes);
        if (got == 0 || got == IO_ERROR ||
            (got > 0 && (conn->body_len += (uint64_t)got) > DISCARD_MOST)) {
            conn_close(conn);
        }
        return got > 0 && conn->state == LINGER;
    }
    size_t wanted = conn->in_len + 2048 < IN_MOST ? conn->in_len + 2048 : IN_MOST;
    if (conn->in_len >= IN_MOST) {
        return false; /* it is looked at first */
    }
    if (!room_for(conn, &conn->in, &conn->in_room, wanted, 2 * IN_MOST)) {
        conn_close(conn);
        return false;
    }
    int got = wire_receive(conn, conn->in + conn->in_len, wanted - conn->in_len);
    if (got == IO_ERROR || (got == 0 && conn->state != SENDING)) {
        conn_close(conn);
        return false;
    }
    if (got == 0) {
        conn->half_closed = true; /* it may still wait for our answer */
        return false;
    }
    if (got > 0 && conn->state == READING && conn->in_len == 0) {
        conn->deadline = now_ms() + HEAD_MS;
    } else if (got > 0 && conn->state == BODY && conn->sink == SINK_FILE) {
        /* Only who may upload can take long: all others have a few bytes, and time for all of them.
         */
        conn->deadline = now_ms() + STALL_MS;
    }
    conn->in_len += got > 0 ? (size_t)got : 0;
    return got > 0;
}

bool conn_wants_read(const struct conn *conn)
{
    /* Whoever does not take our answers to its pings sends no more of them meanwhile. */
    return !conn->half_closed && conn->in_len < IN_MOST &&
           (conn->state != SENDING || conn->in_len <= conn->head_len) &&
           (conn->state != SOCKET || conn->out_len < SOCKET_MOST);
}

bool conn_wants_write(const struct conn *conn)
{
    return conn->wants_write || conn->out_at < conn->out_len ||
           (conn->state == SENDING && conn->source != SOURCE_NONE);
}

void conn_work(struct conn *conn, bool readable, bool writable)
{
    turn_begins();
    if (conn->state == GREETING) {
        int result = ctx_tls_handshake(conn->tls);
        conn->wants_write = result == CTX_TLS_WRITE;
        if (result < 0) {
            linger(conn); /* its alert is on its way */
        } else if (result == CTX_TLS_OK) {
            conn->state = READING;
            conn->deadline = now_ms() + HEAD_MS;
        } else {
            return;
        }
    }
    (void)writable;
    /* With TLS bytes may be here that poll() does not see. */
    for (uint32_t turns = 0; turns < 16; turns++) {
        bool more = conn->state != CLOSED && (readable || conn->tls != NULL) &&
                    conn_wants_read(conn) && pull(conn);
        if (conn->state != CLOSED) {
            advance(conn);
        }
        if (!more || conn->state == CLOSED || turn_left == 0) {
            break;
        }
    }
    if (conn->state == READING && conn->in_len == 0) {
        buffers_drop(conn); /* it has looked for more, and there was none */
    }
}

void conn_timeout(struct conn *conn)
{
    turn_begins();
    if (conn->state == READING && conn->in_len > 0) {
        refuse(conn, 408);
        flush(conn);
        if (conn->state == SENDING) {
            linger(conn);
        }
    } else if (conn->state == BODY) {
        refuse(conn, 408);
        flush(conn);
        if (conn->state == SENDING) {
            linger(conn);
        }
    } else if (conn->state == READING || conn->state == SOCKET) {
        linger(conn);
    } else {
        conn_close(conn);
    }
}
