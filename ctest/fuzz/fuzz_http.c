/* SPDX-License-Identifier: MIT */
/*
 * What comes over a network, as libctx/http reads it: heads, targets, chunks, ranges, dates, URLs,
 * frames. The first byte says which; what must hold is that a text in pieces means what it means as
 * a whole.
 */
#include "fuzz.h"

#include <ctx/http.h>

#include <stdlib.h>
#include <string.h>

/* Exactly so many bytes, so that one more is seen. */
static char *exact(const uint8_t *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    FUZZ_MUST(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

static void inside(struct ctx_http_text text, const char *bytes, size_t len)
{
    FUZZ_MUST(text.at == NULL || (text.at >= bytes && text.at + text.len <= bytes + len));
}

static void heads(const char *bytes, size_t len)
{
    static struct ctx_http_head head;
    size_t from = 0, piecewise = 0;
    int end = ctx_http_head_end(bytes, len, &from), in_pieces = 0;
    for (size_t i = 0; i <= len && in_pieces == 0; i++) {
        in_pieces = ctx_http_head_end(bytes, i, &piecewise);
    }
    FUZZ_MUST(end == in_pieces);
    if (end <= 0) {
        return;
    }
    if (ctx_http_request(&head, bytes, (size_t)end) == 0) {
        inside(head.method, bytes, len);
        inside(head.host, bytes, len);
        FUZZ_MUST(head.field_count <= CTX_HTTP_FIELDS_MOST && head.length <= CTX_HTTP_LENGTH_MOST);
        for (uint32_t i = 0; i < head.field_count; i++) {
            inside(head.fields[i].name, bytes, len);
            inside(head.fields[i].value, bytes, len);
            FUZZ_MUST(memchr(head.fields[i].value.at, '\n', head.fields[i].value.len) == NULL);
        }
    }
    ctx_http_response(&head, bytes, (size_t)end, false);
}

static void paths(const char *bytes, size_t len)
{
    char path[300];
    struct ctx_http_text query;
    if (ctx_http_path((struct ctx_http_text){bytes, len}, path, sizeof path, &query) == 0) {
        FUZZ_MUST(path[0] == '/' && strstr(path, "/../") == NULL && strstr(path, "//") == NULL &&
                  strstr(path, "/./") == NULL);
        size_t end = strlen(path);
        FUZZ_MUST(end < sizeof path && (end < 3 || strcmp(path + end - 3, "/..") != 0));
    }
}

static void chunked(const char *bytes, size_t len)
{
    struct ctx_http_chunks whole = {.left = 0}, pieces = {.left = 0};
    uint64_t sum = 0, sum_pieces = 0;
    bool ended = false, ended_pieces = false;
    int result = 0, result_pieces = 0;
    const char *body;
    size_t body_len;
    for (size_t at = 0; at < len && !ended && result >= 0;
         at += (size_t)(result > 0 ? result : 0)) {
        result = ctx_http_unchunk(&whole, bytes + at, len - at, &body, &body_len, &ended);
        sum += body_len;
        FUZZ_MUST(result != 0 &&
                  (body_len == 0 || (body >= bytes && body + body_len <= bytes + len)));
    }
    for (size_t at = 0; at < len && !ended_pieces && result_pieces >= 0; at++) {
        result_pieces = ctx_http_unchunk(&pieces, bytes + at, 1, &body, &body_len, &ended_pieces);
        sum_pieces += body_len;
    }
    FUZZ_MUST(sum == sum_pieces && ended == ended_pieces && (result < 0) == (result_pieces < 0));
}

static void words(const char *bytes, size_t len)
{
    static struct ctx_http_url url, next;
    struct ctx_http_range ranges[CTX_HTTP_RANGES_MOST];
    struct ctx_http_text text = {bytes, len};
    int count = ctx_http_ranges(text, 1000, ranges);
    for (int i = 0; i < count; i++) {
        FUZZ_MUST(ranges[i].first <= ranges[i].last && ranges[i].last < 1000);
    }
    uint64_t size;
    int64_t when;
    char date[CTX_HTTP_DATE_ROOM], accept[29];
    ctx_http_content_range(text, ranges, &size);
    ctx_http_etag(text, "\"abc\"", true);
    ctx_http_has(text, "close");
    ctx_ws_accept(accept, text);
    if (ctx_http_date(text, &when)) {
        ctx_http_put_date(date, when);
    }
    if (ctx_http_url(&url, text, NULL)) {
        FUZZ_MUST(url.host[0] != 0 && url.target[0] == '/' && url.port != 0);
        FUZZ_MUST(ctx_http_url(&next, (struct ctx_http_text){bytes + len / 2, len - len / 2},
                               &url) == false ||
                  next.target[0] == '/');
    }
}

static void frames(const char *bytes, size_t len)
{
    static char room[2][512];
    struct ctx_ws whole = {.message = room[0], .room = sizeof room[0], .from_client = true},
                  pieces = {.message = room[1], .room = sizeof room[1], .from_client = true};
    struct ctx_ws_message message;
    int result = 0;
    size_t messages = 0, messages_pieces = 0;
    for (size_t at = 0; at < len && result >= 0; at += (size_t)(result > 0 ? result : 0)) {
        result = ctx_ws_read(&whole, bytes + at, len - at, &message);
        FUZZ_MUST(result != 0);
        messages += result > 0 && message.kind != 0;
        FUZZ_MUST(result < 0 || message.kind != CTX_WS_TEXT ||
                  ctx_ws_utf8(message.at, message.len));
    }
    int result_pieces = 0;
    for (size_t at = 0; at < len && result_pieces >= 0; at++) {
        result_pieces = ctx_ws_read(&pieces, bytes + at, 1, &message);
        messages_pieces += result_pieces > 0 && message.kind != 0;
    }
    FUZZ_MUST((result < 0) == (result_pieces < 0) && messages == messages_pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const all[])(const char *, size_t) = {heads, paths, chunked, words, frames};
    if (size == 0) {
        return 0;
    }
    char *copy = exact(data + 1, size - 1);
    all[data[0] % (sizeof all / sizeof all[0])](copy, size - 1);
    free(copy);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static const struct {
        uint8_t what, len;
        const char *bytes;
    } seeds[] = {
#define SEED(what, text) {what, sizeof text - 1, text}
        SEED(
            0,
            "GET /a?b HTTP/1.1\r\nHost: argos.local\r\nContent-Length: 12\r\nConnection: keep-alive, close\r\n\r\n"),
        SEED(
            0,
            "POST http://a:80/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"),
        SEED(0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        SEED(1, "/a/./b/../%41%C3%A9//c?d=e"),
        SEED(2, "5;a=b\r\nhello\r\n0a\r\n0123456789\r\n0\r\nA: b\r\n\r\n"),
        SEED(3, "bytes=0-9, 20-, -5"),
        SEED(3, "bytes 5-9/20"),
        SEED(3, "Sun, 06 Nov 1994 08:49:37 GMT"),
        SEED(3, "https://[::1]:8443/a/b?c#d"),
        SEED(3, "\"abc\", W/\"d\""),
        SEED(4, "\x01\x83\1\2\3\4\x60\x60\x60\x89\x80\1\2\3\4\x80\x82\1\2\3\4\x60\x60"),
        SEED(4, "\x88\x82\0\0\0\0\x03\xe8"),
        SEED(4, "\x82\xfe\0\x7e\1\2\3\4"),
    };
    if (no >= sizeof seeds / sizeof seeds[0]) {
        return 0;
    }
    buf[0] = seeds[no].what;
    memcpy(buf + 1, seeds[no].bytes, seeds[no].len);
    return 1 + (size_t)seeds[no].len;
}
