/* SPDX-License-Identifier: MIT */
/* Heads: the first line and its fields, as RFC 9112 has them where it leaves no choice. */
#include "http_private.h"

#include <string.h>
#include <strings.h>

/* What names are made of. */
bool http_is_token(char c)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr(marks, c) != NULL);
}

bool ctx_http_is(struct ctx_http_text text, const char *word)
{
    return text.at != NULL && strlen(word) == text.len && strncasecmp(text.at, word, text.len) == 0;
}

struct ctx_http_text http_trim(struct ctx_http_text text)
{
    for (; text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t'); text.at++, text.len--) {
    }
    for (; text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t');
         text.len--) {
    }
    return text;
}

/* The next part of a list, without white space; empty ones too. False: there is none left. */
bool http_next(struct ctx_http_text *list, struct ctx_http_text *part)
{
    if (list->at == NULL) {
        return false;
    }
    const char *comma = memchr(list->at, ',', list->len);
    size_t len = comma != NULL ? (size_t)(comma - list->at) : list->len;
    *part = http_trim((struct ctx_http_text){list->at, len});
    if (comma != NULL) {
        list->at += len + 1;
        list->len -= len + 1;
    } else {
        list->at = NULL;
    }
    return true;
}

bool ctx_http_has(struct ctx_http_text list, const char *word)
{
    struct ctx_http_text part;
    while (http_next(&list, &part)) {
        if (ctx_http_is(part, word)) {
            return true;
        }
    }
    return false;
}

bool ctx_http_number(struct ctx_http_text text, uint64_t *out)
{
    uint64_t value = 0;
    if (text.len == 0 || text.len > 16) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    *out = value;
    return value <= CTX_HTTP_LENGTH_MOST;
}

const struct ctx_http_text *ctx_http_find(const struct ctx_http_head *head, const char *name)
{
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (ctx_http_is(head->fields[i].name, name)) {
            return &head->fields[i].value;
        }
    }
    return NULL;
}

int ctx_http_head_end(const char *bytes, size_t len, size_t *from)
{
    size_t most = len < CTX_HTTP_HEAD_MOST ? len : CTX_HTTP_HEAD_MOST;
    for (size_t i = *from; i < most; i++) {
        if (bytes[i] != '\n') {
            continue;
        }
        if (i == 0 || bytes[i - 1] != '\r') {
            return -400; /* who takes LF for an end sees other fields than who does not */
        }
        if (i == 3 && bytes[0] == '\r' && bytes[1] == '\n') {
            return -400; /* nothing but empty lines */
        }
        if (i >= 3 && bytes[i - 2] == '\n' && bytes[i - 3] == '\r') {
            return (int)(i + 1);
        }
    }
    *from = most;
    return len >= CTX_HTTP_HEAD_MOST ? -431 : 0;
}

/* Up to CRLF, which is passed. The caller has seen that there is one. */
static struct ctx_http_text take_line(const char **at, const char *end)
{
    const char *cr = memchr(*at, '\r', (size_t)(end - *at));
    struct ctx_http_text line = {*at, cr != NULL ? (size_t)(cr - *at) : (size_t)(end - *at)};
    *at = cr != NULL && end - cr >= 2 && cr[1] == '\n' ? cr + 2 : NULL;
    return line;
}

static bool clean(struct ctx_http_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* The fields, up to the empty line at the end. 0, 400 or 431. */
static int fields(struct ctx_http_head *head, const char *at, const char *end)
{
    head->field_count = 0;
    while (at != NULL && at < end) {
        struct ctx_http_text line = take_line(&at, end);
        if (at == NULL) {
            return 400;
        }
        if (line.len == 0) {
            return at == end ? 0 : 400;
        }
        size_t name = 0;
        for (; name < line.len && http_is_token(line.at[name]); name++) {
        }
        /* A folded line begins with white space, which is no token. */
        if (name == 0 || name == line.len || line.at[name] != ':' || !clean(line)) {
            return 400;
        }
        if (head->field_count == CTX_HTTP_FIELDS_MOST) {
            return 431;
        }
        struct ctx_http_text value = {line.at + name + 1, line.len - name - 1};
        head->fields[head->field_count++] =
            (struct ctx_http_field){{line.at, name}, http_trim(value)};
    }
    return 400;
}

static uint32_t count(const struct ctx_http_head *head, const char *name)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < head->field_count; i++) {
        n += ctx_http_is(head->fields[i].name, name);
    }
    return n;
}

/* How long the body is, as far as the fields say. 0, 400 or 501. */
static int framing(struct ctx_http_head *head)
{
    uint32_t lengths = count(head, "content-length"), codings = count(head, "transfer-encoding");
    if (lengths > 1 || (lengths > 0 && codings > 0) || (codings > 0 && head->minor == 0)) {
        return 400;
    }
    if (codings > 0) {
        if (codings > 1 || !ctx_http_is(*ctx_http_find(head, "transfer-encoding"), "chunked")) {
            return 501;
        }
        head->body = CTX_HTTP_BODY_CHUNKED;
    } else if (lengths > 0) {
        if (!ctx_http_number(*ctx_http_find(head, "content-length"), &head->length)) {
            return 400;
        }
        head->body = CTX_HTTP_BODY_LENGTH;
    }
    return 0;
}

static void connection(struct ctx_http_head *head)
{
    bool close = false, keep = false;
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (ctx_http_is(head->fields[i].name, "connection")) {
            struct ctx_http_text value = head->fields[i].value;
            close |= ctx_http_has(value, "close");
            keep |= ctx_http_has(value, "keep-alive");
            head->upgrade |= ctx_http_has(value, "upgrade");
        }
    }
    head->keep_alive = !close && (head->minor > 0 || keep);
}

/* HTTP/1.0 and HTTP/1.1: 0, else 400 or 505. */
static int version(struct ctx_http_head *head, struct ctx_http_text text)
{
    if (text.len != 8 || memcmp(text.at, "HTTP/", 5) != 0 || text.at[5] < '0' || text.at[5] > '9' ||
        text.at[6] != '.' || text.at[7] < '0' || text.at[7] > '9') {
        return 400;
    }
    head->minor = text.at[7] == '0' ? 0 : 1;
    return text.at[5] == '1' ? 0 : 505;
}

static bool letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A name or an address, perhaps with a port; what a browser or a proxy could send. Who asks whether
 * it is this machine's may look at the name alone. */
static bool good_host(struct ctx_http_text host)
{
    bool six = host.len > 0 && host.at[0] == '[';
    size_t i = six;
    for (; i < host.len && host.at[i] != 0 &&
           (six ? strchr("0123456789abcdefABCDEF:.", host.at[i]) != NULL
                : letter_or_digit(host.at[i]) || strchr("-._~", host.at[i]) != NULL);
         i++) {
    }
    if (six && (i == host.len || host.at[i++] != ']')) {
        return false;
    }
    if (i < host.len && host.at[i++] != ':') {
        return false;
    }
    for (; i < host.len; i++) {
        if (host.at[i] < '0' || host.at[i] > '9') {
            return false;
        }
    }
    return host.len <= 255;
}

/* http://HOST/TARGET as RFC 9112, 3.2.2 has it: a server has to take it, and then it is the host
 * that counts. */
static int absolute(struct ctx_http_head *head)
{
    struct ctx_http_text *target = &head->target;
    size_t scheme = target->len > 7 && strncasecmp(target->at, "http://", 7) == 0    ? 7
                    : target->len > 8 && strncasecmp(target->at, "https://", 8) == 0 ? 8
                                                                                     : 0;
    if (scheme == 0) {
        return 400;
    }
    const char *host = target->at + scheme, *end = target->at + target->len, *slash = host;
    for (; slash < end && *slash != '/' && *slash != '?'; slash++) {
    }
    head->host = (struct ctx_http_text){host, (size_t)(slash - host)};
    *target = slash == end ? (struct ctx_http_text){"/", 1}
                           : (struct ctx_http_text){slash, (size_t)(end - slash)};
    return head->host.len == 0 || !good_host(head->host) || *target->at != '/' ? 400 : 0;
}

static int first_line(struct ctx_http_head *head, struct ctx_http_text line)
{
    size_t method = 0, target = 0;
    for (; method < line.len && http_is_token(line.at[method]); method++) {
    }
    if (method == 0 || method > 32 || method == line.len || line.at[method] != ' ') {
        return 400;
    }
    struct ctx_http_text rest = {line.at + method + 1, line.len - method - 1};
    for (; target < rest.len && rest.at[target] > ' ' && rest.at[target] < 0x7f; target++) {
    }
    if (target > CTX_HTTP_TARGET_MOST) {
        return 414;
    }
    if (target == 0 || target == rest.len || rest.at[target] != ' ') {
        return 400;
    }
    head->method = (struct ctx_http_text){line.at, method};
    head->target = (struct ctx_http_text){rest.at, target};
    return version(head, (struct ctx_http_text){rest.at + target + 1, rest.len - target - 1});
}

int ctx_http_request(struct ctx_http_head *head, const char *bytes, size_t len)
{
    const char *at = bytes, *end = bytes + len;
    memset(head, 0, offsetof(struct ctx_http_head, fields));
    if (len >= 2 && at[0] == '\r' && at[1] == '\n') {
        at += 2; /* old clients send one behind a body; RFC 9112, 2.2 */
    }
    struct ctx_http_text line = take_line(&at, end);
    int status = at == NULL ? 400 : first_line(head, line);
    if (status == 0) {
        status = fields(head, at, end);
    }
    if (status == 0) {
        status = framing(head);
    }
    if (status != 0) {
        return status;
    }
    uint32_t hosts = count(head, "host");
    if (hosts > 1 || (hosts == 0 && head->minor > 0)) {
        return 400;
    }
    if (hosts > 0) {
        head->host = *ctx_http_find(head, "host");
        if (!good_host(head->host)) {
            return 400;
        }
    }
    connection(head);
    const struct ctx_http_text *expect = ctx_http_find(head, "expect");
    if (expect != NULL && !ctx_http_is(*expect, "100-continue")) {
        return 417;
    }
    head->expects = expect != NULL && head->minor > 0;
    if (head->target.at[0] == '/') {
        return 0;
    }
    if (head->target.len == 1 && head->target.at[0] == '*') {
        return ctx_http_is(head->method, "OPTIONS") ? 0 : 400;
    }
    return absolute(head);
}

int ctx_http_response(struct ctx_http_head *head, const char *bytes, size_t len, bool to_head)
{
    const char *at = bytes, *end = bytes + len;
    memset(head, 0, offsetof(struct ctx_http_head, fields));
    struct ctx_http_text line = take_line(&at, end);
    uint64_t status = 0;
    if (at == NULL || line.len < 12 || version(head, (struct ctx_http_text){line.at, 8}) != 0 ||
        line.at[8] != ' ' || (line.len > 12 && line.at[12] != ' ') ||
        !ctx_http_number((struct ctx_http_text){line.at + 9, 3}, &status) || status < 100 ||
        !clean(line) || fields(head, at, end) != 0 || framing(head) != 0) {
        return 502;
    }
    head->status = (uint32_t)status;
    connection(head);
    if (to_head || status < 200 || status == 204 || status == 304) {
        head->body = CTX_HTTP_BODY_NONE;
    } else if (head->body == CTX_HTTP_BODY_NONE) {
        head->body = CTX_HTTP_BODY_CLOSE;
    }
    return 0;
}
