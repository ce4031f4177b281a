/* SPDX-License-Identifier: MIT */
/* WebSocket: frames, and messages out of them (RFC 6455). */
#include "http_private.h"

#include <string.h>

/* ---- the handshake ---- */

static uint32_t turn(uint32_t x, uint32_t n)
{
    return x << n | x >> (32 - n);
}

/* SHA-1, which the handshake asks for. Not for anything that has to be safe. */
static void sha1_block(uint32_t h[5], const uint8_t *block)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (uint32_t i = 0; i < 16; i++) {
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    for (uint32_t i = 16; i < 80; i++) {
        w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    for (uint32_t i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = turn(a, 5) + f + e + w[i];
        e = d;
        d = c;
        c = turn(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool ctx_ws_accept(char out[29], struct ctx_http_text key)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t text[128] = {0}, sum[21] = {0};
    /* 16 bytes in base64. */
    if (key.len != 24 || key.at[22] != '=' || key.at[23] != '=') {
        return false;
    }
    for (uint32_t i = 0; i < 22; i++) {
        if (key.at[i] == 0 || strchr(base64, key.at[i]) == NULL) {
            return false;
        }
    }
    memcpy(text, key.at, 24);
    memcpy(text + 24, guid, 36);
    text[60] = 0x80;
    text[126] = 60 * 8 >> 8;
    text[127] = (60 * 8) & 0xff;
    sha1_block(h, text);
    sha1_block(h, text + 64);
    for (uint32_t i = 0; i < 20; i++) {
        sum[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
    }
    for (uint32_t i = 0; i < 7; i++) {
        uint32_t bits = (uint32_t)sum[3 * i] << 16 | (uint32_t)sum[3 * i + 1] << 8 | sum[3 * i + 2];
        for (uint32_t j = 0; j < 4; j++) {
            out[4 * i + j] = base64[bits >> (18 - 6 * j) & 63];
        }
    }
    out[27] = '=';
    out[28] = 0;
    return true;
}

/* ---- UTF-8, a byte at a time ---- */

static bool utf8_step(struct ctx_ws *ws, uint8_t c)
{
    if (ws->utf8_more == 0) {
        if (c < 0x80) {
            return true;
        }
        ws->utf8_more = c >= 0xc2 && c < 0xe0   ? 1
                        : c >= 0xe0 && c < 0xf0 ? 2
                        : c >= 0xf0 && c < 0xf5 ? 3
                                                : 0;
        ws->utf8 = c & (0x3fU >> ws->utf8_more);
        ws->utf8_least = ws->utf8_more == 1 ? 0x80 : ws->utf8_more == 2 ? 0x800 : 0x10000;
        return ws->utf8_more > 0;
    }
    if ((c & 0xc0) != 0x80) {
        return false;
    }
    ws->utf8 = ws->utf8 << 6 | (c & 0x3f);
    ws->utf8_more--;
    /* As soon as it can be known: who sends half a character must not be waited for. */
    if (ws->utf8_more > 0) {
        uint32_t least = ws->utf8 << (6 * ws->utf8_more),
                 most = least | ((1U << (6 * ws->utf8_more)) - 1);
        return most >= ws->utf8_least && least <= 0x10ffff && !(least >= 0xd800 && most <= 0xdfff);
    }
    return ws->utf8 >= ws->utf8_least && ws->utf8 <= 0x10ffff &&
           (ws->utf8 < 0xd800 || ws->utf8 > 0xdfff);
}

bool ctx_ws_utf8(const char *at, size_t len)
{
    struct ctx_ws ws = {.room = 0};
    for (size_t i = 0; i < len; i++) {
        if (!utf8_step(&ws, (uint8_t)at[i])) {
            return false;
        }
    }
    return ws.utf8_more == 0;
}

/* ---- frames ---- */

static uint32_t head_wants(const struct ctx_ws *ws)
{
    if (ws->head_len < 2) {
        return 2;
    }
    uint32_t len = ws->head[1] & 0x7f;
    return 2 + (len == 126 ? 2U : len == 127 ? 8U : 0) + ((ws->head[1] & 0x80) != 0 ? 4U : 0);
}

/* The head is whole: may it be one? 0, or the code to close with. */
static int begin_frame(struct ctx_ws *ws)
{
    uint32_t short_len = ws->head[1] & 0x7f, bytes = short_len == 126   ? 2
                                                     : short_len == 127 ? 8
                                                                        : 0;
    bool masked = (ws->head[1] & 0x80) != 0;
    ws->opcode = ws->head[0] & 0x0f;
    ws->last = (ws->head[0] & 0x80) != 0;
    ws->left = bytes == 0 ? short_len : 0;
    for (uint32_t i = 0; i < bytes; i++) {
        ws->left = ws->left << 8 | ws->head[2 + i];
    }
    ws->at = 0;
    bool control = (ws->opcode & 8) != 0;
    if ((ws->head[0] & 0x70) != 0 || masked != ws->from_client || ws->left >> 63 != 0 ||
        (ws->opcode > 2 && ws->opcode < 8) || ws->opcode > CTX_WS_PONG ||
        (control && (!ws->last || ws->left > 125))) {
        return -1002;
    }
    if ((bytes == 2 && ws->left < 126) || (bytes == 8 && ws->left < 65536)) {
        return -1002; /* longer than it has to be */
    }
    if (control) {
        return 0;
    }
    if ((ws->opcode == 0) != (ws->message_kind != 0)) {
        return -1002; /* a part of nothing, or a message in another */
    }
    if (ws->opcode != 0) {
        ws->message_kind = ws->opcode;
        ws->message_len = 0;
        ws->utf8_more = 0;
    }
    return ws->left > ws->room - ws->message_len ? -1009 : 0;
}

static int take(struct ctx_ws *ws, const char *bytes, size_t len)
{
    bool control = (ws->opcode & 8) != 0;
    const uint8_t *mask = ws->head + ws->head_len - 4;
    for (size_t i = 0; i < len; i++, ws->at++) {
        uint8_t c = (uint8_t)bytes[i];
        c = ws->from_client ? (uint8_t)(c ^ mask[ws->at % 4]) : c;
        if (control) {
            ws->control[ws->at] = c;
        } else {
            ws->message[ws->message_len++] = (char)c;
            if (ws->message_kind == CTX_WS_TEXT && !utf8_step(ws, c)) {
                return -1007;
            }
        }
    }
    ws->left -= len;
    return 0;
}

static bool good_code(uint32_t code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code < 5000);
}

static int end_frame(struct ctx_ws *ws, struct ctx_ws_message *message)
{
    ws->head_len = 0;
    ws->phase = 0;
    if ((ws->opcode & 8) != 0) {
        *message = (struct ctx_ws_message){.kind = ws->opcode,
                                           .at = (const char *)ws->control,
                                           .len = (size_t)ws->at,
                                           .code = 1005};
        if (ws->opcode != CTX_WS_CLOSE || ws->at == 0) {
            return 0;
        }
        message->code = (uint16_t)(ws->control[0] << 8 | ws->control[1]);
        if (ws->at == 1 || !good_code(message->code)) {
            return -1002;
        }
        message->at += 2;
        message->len -= 2;
        return ctx_ws_utf8(message->at, message->len) ? 0 : -1007;
    }
    if (!ws->last) {
        return 0;
    }
    if (ws->message_kind == CTX_WS_TEXT && ws->utf8_more != 0) {
        return -1007;
    }
    *message = (struct ctx_ws_message){
        .kind = ws->message_kind, .at = ws->message, .len = ws->message_len};
    ws->message_kind = 0;
    return 0;
}

int ctx_ws_read(struct ctx_ws *ws, const char *bytes, size_t len, struct ctx_ws_message *message)
{
    size_t at = 0;
    *message = (struct ctx_ws_message){.kind = 0};
    while (message->kind == 0) {
        int result = 0;
        if (ws->phase == 0) {
            for (; at < len && ws->head_len < head_wants(ws); at++) {
                ws->head[ws->head_len++] = (uint8_t)bytes[at];
            }
            if (ws->head_len < head_wants(ws)) {
                break;
            }
            ws->phase = 1;
            result = begin_frame(ws);
        }
        size_t part = ws->left < len - at ? (size_t)ws->left : len - at;
        if (result == 0) {
            result = take(ws, bytes + at, part);
            at += part;
        }
        if (result != 0) {
            return result;
        }
        if (ws->left > 0) {
            break;
        }
        result = end_frame(ws, message);
        if (result != 0) {
            return result;
        }
    }
    return (int)at;
}

size_t ctx_ws_head(uint8_t out[10], uint8_t kind, size_t len)
{
    uint32_t bytes = len < 126 ? 0 : len < 65536 ? 2 : 8;
    out[0] = (uint8_t)(0x80 | kind);
    out[1] = (uint8_t)(bytes == 0 ? len : bytes == 2 ? 126 : 127);
    for (uint32_t i = 0; i < bytes; i++) {
        out[2 + i] = (uint8_t)((uint64_t)len >> (8 * (bytes - 1 - i)));
    }
    return 2 + bytes;
}
