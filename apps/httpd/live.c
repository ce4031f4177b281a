/* SPDX-License-Identifier: MIT */
/*
 * The living page's WebSocket. From the page come words:
 *
 *   look N             send me the picture, N times smaller; each is answered by one message, as
 * soon as there is something new token TOKEN ONCE   from now on I have hands key CODE 0|1, move X Y
 * W H, wheel N     hands
 *
 * To the page go texts - the status once a second, {"may":...} - and pictures (picture.c). A page
 * that does not take them gets no more of them: nothing is made while something is still on its
 * way.
 */
#include "httpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MS  1000
#define PICTURE_MS 80
#define KEYS_MOST  1024
#define LIVES_MOST 64 /* they stay, and each is work twelve times a second */

struct live {
    struct ctx_ws ws;
    char message[MESSAGE_MOST];
    struct picture_seen seen;
    int64_t next_status, next_picture, next_ping;
    uint32_t shrink; /* of the picture that is wanted; 0: none is */
    uint32_t hands;  /* the token's generation that gave them; 0: it has none */
    bool closing, pinged;
    uint8_t held[KEYS_MOST / 8]; /* keys that are down by this page */
};

static uint32_t watching; /* how many there are */

static void put_frame(struct conn *conn, uint8_t kind, const void *bytes, size_t len)
{
    uint8_t frame[10];
    conn_put(conn, frame, ctx_ws_head(frame, kind, len));
    conn_put(conn, bytes, len);
}

static void close_with(struct conn *conn, uint32_t code)
{
    uint8_t bytes[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    if (conn->state == SOCKET && !conn->live->closing) {
        conn->live->closing = true;
        conn->deadline = now_ms() + LINGER_MS;
        put_frame(conn, CTX_WS_CLOSE, bytes, 2); /* with no memory for it live is freed */
    }
}

void live_begin(struct conn *conn)
{
    const struct ctx_http_text *key = ctx_http_find(&head, "sec-websocket-key"),
                               *version = ctx_http_find(&head, "sec-websocket-version");
    const struct ctx_http_text *upgrade = ctx_http_find(&head, "upgrade");
    char accept[29];
    if (!head.upgrade || upgrade == NULL || !ctx_http_has(*upgrade, "websocket") ||
        conn->head_only || head.minor == 0) {
        answer_status(conn, 426, "Upgrade: websocket\r\nConnection: Upgrade\r\n", "");
        return;
    }
    if (version == NULL || !ctx_http_is(*version, "13")) {
        answer_status(conn, 426, "Sec-WebSocket-Version: 13\r\n", "");
        return;
    }
    if (key == NULL || !ctx_ws_accept(accept, *key) || head.body != CTX_HTTP_BODY_NONE) {
        answer_status(conn, 400, "", "");
        return;
    }
    if (!door_same_origin(&head, conn->tls != NULL)) {
        door_refused(conn->address, "websocket", "refused, it comes from another page");
        answer_status(conn, 403, "", "another page's request");
        return;
    }
    if ((watching == LIVES_MOST || watching >= settings.connections / 2) && !conns_room_to_look()) {
        answer_status(conn, 503, "", "too many are looking");
        return;
    }
    struct live *live = calloc(1, sizeof *live);
    if (live == NULL) {
        answer_status(conn, 503, "", "no memory");
        return;
    }
    live->ws = (struct ctx_ws){
        .message = live->message, .room = sizeof live->message, .from_client = true};
    live->next_ping = now_ms() + PING_MS;
    conn->live = live;
    watching++;
    conn->state = SOCKET;
    conn_printf(
        conn,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
        accept);
    count_status[1]++;
    if (conn->state != SOCKET) {
        return; /* there was no memory for it, and nothing is left of the connection */
    }
    /* What comes now are frames. */
    conn->in_len -= conn->head_len;
    memmove(conn->in, conn->in + conn->head_len, conn->in_len);
    conn->head_len = 0;
}

void live_end(struct conn *conn)
{
    struct live *live = conn->live;
    /* Nobody is left with a key that is down because a page has gone. */
    for (uint32_t code = 0; code < KEYS_MOST; code++) {
        if ((live->held[code / 8] >> (code % 8) & 1) != 0) {
            world_key(code, false);
        }
    }
    free(live);
    conn->live = NULL;
    if (--watching == 0) {
        picture_forget();
    }
}

bool live_may_go(const struct conn *conn)
{
    return conn->live != NULL && conn->live->hands == 0;
}

/* Numbers between spaces. False: there are not so many, or others. */
static bool numbers(const char *words, size_t len, int32_t *out, uint32_t count)
{
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        int32_t sign = 1, value = 0, digits = 0;
        if (at >= len || words[at++] != ' ') {
            return false;
        }
        if (at < len && words[at] == '-') {
            sign = -1;
            at++;
        }
        for (; at < len && words[at] >= '0' && words[at] <= '9' && digits < 6; at++, digits++) {
            value = value * 10 + (words[at] - '0');
        }
        if (digits == 0) {
            return false;
        }
        out[i] = sign * value;
    }
    return at == len;
}

/* It was let in with a token that is not the machine's any more. */
static bool is_outdated(const struct live *live)
{
    return live->hands != 0 && live->hands != settings.generation;
}

static void take_token(struct conn *conn, struct ctx_http_text words)
{
    const char *space = memchr(words.at, ' ', words.len);
    struct ctx_http_text token = words, once = {"", 0};
    if (space != NULL) {
        token.len = (size_t)(space - words.at);
        once = (struct ctx_http_text){space + 1, words.len - token.len - 1};
    }
    uint32_t status = door_may(conn->address, token, once);
    (status == 0 ? door_audit : door_refused)(conn->address, "keys and mouse",
                                              status == 0 ? "given" : "refused");
    conn->live->hands = status == 0 ? settings.generation : 0;
    char text[32];
    int len = snprintf(text, sizeof text, "{\"may\":%s}", status == 0 ? "true" : "false");
    put_frame(conn, CTX_WS_TEXT, text, (size_t)len);
}

/* False: no such words. */
static bool use_hands(struct live *live, const char *at, size_t len)
{
    int32_t n[4];
    if (len > 3 && memcmp(at, "key", 3) == 0 && numbers(at + 3, len - 3, n, 2) && n[0] > 0 &&
        n[0] < KEYS_MOST && (n[1] == 0 || n[1] == 1)) {
        uint8_t bit = (uint8_t)(1U << (n[0] % 8));
        live->held[n[0] / 8] =
            (uint8_t)(n[1] != 0 ? live->held[n[0] / 8] | bit : live->held[n[0] / 8] & ~bit);
        world_key((uint32_t)n[0], n[1] != 0);
        return true;
    }
    if (len > 4 && memcmp(at, "move", 4) == 0 && numbers(at + 4, len - 4, n, 4) && n[0] >= 0 &&
        n[1] >= 0 && n[2] > 0 && n[3] > 0) {
        world_pointer((uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2], (uint32_t)n[3]);
        return true;
    }
    if (len > 5 && memcmp(at, "wheel", 5) == 0 && numbers(at + 5, len - 5, n, 1) && n[0] >= -100 &&
        n[0] <= 100) {
        world_wheel(n[0]);
        return true;
    }
    return false;
}

static void take_words(struct conn *conn, const char *at, size_t len)
{
    struct live *live = conn->live;
    int32_t n;
    if (is_outdated(live)) {
        close_with(conn, 1008);
        return;
    }
    if (len > 4 && memcmp(at, "look", 4) == 0 && (live->hands || !settings.full) &&
        numbers(at + 4, len - 4, &n, 1) && n >= 1 && n <= 8) {
        live->shrink = (uint32_t)n;
    } else if (len > 6 && memcmp(at, "token ", 6) == 0) {
        take_token(conn, (struct ctx_http_text){at + 6, len - 6});
    } else if (!live->hands) {
        close_with(conn, 1008);
    } else if (!use_hands(live, at, len)) {
        close_with(conn, 1003);
    }
}

void live_read(struct conn *conn)
{
    struct live *live = conn->live;
    size_t at = 0;
    while (at < conn->in_len && !live->closing) {
        struct ctx_ws_message message;
        int took = ctx_ws_read(&live->ws, conn->in + at, conn->in_len - at, &message);
        if (took < 0) {
            close_with(conn, (uint32_t)-took);
            break;
        }
        at += (size_t)took;
        if (message.kind == CTX_WS_TEXT) {
            take_words(conn, message.at, message.len);
        } else if (message.kind == CTX_WS_BINARY) {
            close_with(conn, 1003);
        } else if (message.kind == CTX_WS_PING) {
            put_frame(conn, CTX_WS_PONG, message.at, message.len);
        } else if (message.kind == CTX_WS_CLOSE) {
            close_with(conn, message.code == 1005 ? 1000 : message.code);
        }
        if (conn->state != SOCKET) {
            return; /* an answer found no memory: live and in are freed */
        }
        live->pinged = false; /* whoever speaks is there */
    }
    if (conn->state != SOCKET) {
        return;
    }
    if (live->closing) {
        at = conn->in_len;
    }
    conn->in_len -= at;
    memmove(conn->in, conn->in + at, conn->in_len);
}

void live_tick(struct conn *conn)
{
    struct live *live = conn->live;
    int64_t now = now_ms();
    if (is_outdated(live) && !live->closing) {
        close_with(conn, 1008);
        return;
    }
    if (live->closing) {
        conn->keep = false;
        return; /* the deadline does the rest, if the other side does not */
    }
    if (now >= live->next_ping) {
        if (live->pinged) {
            conn_close(conn);
            return;
        }
        live->pinged = true;
        live->next_ping = now + PING_MS;
        put_frame(conn, CTX_WS_PING, "", 0);
    }
    if (conn->state != SOCKET || conn->out_len > 0) {
        return;
    }
    if (now >= live->next_status) {
        size_t len = 0;
        char *text = report_json(&len);
        live->next_status = now + STATUS_MS;
        if (text != NULL) {
            put_frame(conn, CTX_WS_TEXT, text, len);
        }
        free(text);
    }
    if (conn->state == SOCKET && live->shrink != 0 && now >= live->next_picture) {
        size_t len = 0;
        const uint8_t *message = picture_message(&live->seen, live->shrink, &len);
        live->next_picture = now + PICTURE_MS;
        if (message != NULL) {
            live->shrink = 0; /* until it asks again */
            put_frame(conn, CTX_WS_BINARY, message, len);
        }
    }
    if (conn->state == SOCKET) {
        conn->deadline = now + 3 * (int64_t)PING_MS;
    }
}

/* When live_tick() has something to do. */
int64_t live_next(const struct conn *conn)
{
    const struct live *live = conn->live;
    if (live->closing || conn->out_len > 0) {
        return live->closing ? conn->deadline : live->next_ping;
    }
    int64_t next = live->next_status < live->next_ping ? live->next_status : live->next_ping;
    return live->shrink != 0 && live->next_picture < next ? live->next_picture : next;
}
