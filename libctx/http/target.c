/* SPDX-License-Identifier: MIT */
/* Targets, and the URLs that clients begin with. */
#include "http_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int http_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a target, decoded. -1: none that a path may have. */
static int character(struct ctx_http_text *text)
{
    uint32_t c = (uint8_t)text->at[0];
    size_t len = 1;
    if (c == '%') {
        if (text->len < 3 || http_hex(text->at[1]) < 0 || http_hex(text->at[2]) < 0) {
            return -1;
        }
        c = (uint32_t)http_hex(text->at[1]) << 4 | (uint32_t)http_hex(text->at[2]);
        len = 3;
        if (c == '/') {
            return -1; /* would be a part's end here, and a letter of it elsewhere */
        }
    }
    text->at += len;
    text->len -= len;
    return c < ' ' || c == 0x7f || c == '\\' ? -1 : (int)c;
}

/* The last part of out[0..at) is done: `.` and `..` are taken out. False: above the root. */
static bool end_part(const char *out, size_t *at)
{
    size_t begin = *at;
    for (; begin > 0 && out[begin - 1] != '/'; begin--) {
    }
    size_t len = *at - begin;
    if (len == 1 && out[begin] == '.') {
        *at = begin;
    } else if (len == 2 && out[begin] == '.' && out[begin + 1] == '.') {
        if (begin <= 1) {
            return false;
        }
        for (begin--; out[begin - 1] != '/'; begin--) {
        }
        *at = begin;
    }
    return true;
}

int ctx_http_path(struct ctx_http_text target, char *out, size_t room, struct ctx_http_text *query)
{
    const char *mark = target.len > 0 ? memchr(target.at, '?', target.len) : NULL;
    *query = (struct ctx_http_text){NULL, 0};
    if (mark != NULL) {
        *query = (struct ctx_http_text){mark + 1, target.len - (size_t)(mark - target.at) - 1};
        target.len = (size_t)(mark - target.at);
    }
    if (target.len == 0 || target.at[0] != '/' || room < 2) {
        return 400;
    }
    size_t at = 0;
    while (target.len > 0) {
        int c = character(&target);
        if (c < 0 || at + 2 > room) {
            return 400;
        }
        if (c == '/') {
            if (!end_part(out, &at)) {
                return 400;
            }
            if (at > 0 && out[at - 1] == '/') {
                continue;
            }
        }
        out[at++] = (char)c;
    }
    if (!end_part(out, &at)) {
        return 400;
    }
    out[at] = 0;
    return ctx_ws_utf8(out, at) ? 0 : 400;
}

static bool take_host(struct ctx_http_url *out, const char **at, const char *end)
{
    const char *host = *at, *stop = host;
    if (host < end && *host == '[') {
        host++;
        const char *bracket = memchr(host, ']', (size_t)(end - host));
        if (bracket == NULL) {
            return false;
        }
        *at = bracket + 1;
        stop = bracket;
        for (const char *c = host; c < stop; c++) {
            if (http_hex(*c) < 0 && *c != ':' && *c != '.') {
                return false;
            }
        }
    } else {
        for (; stop < end && strchr("/?:", *stop) == NULL; stop++) {
            char c = (char)(*stop | 0x20);
            if (!((c >= 'a' && c <= 'z') || (*stop >= '0' && *stop <= '9') || *stop == '-' ||
                  *stop == '_' || *stop == '.')) {
                return false; /* an @ too: a user's name here is how one host is made to look like
                                 another */
            }
        }
        *at = stop;
    }
    size_t len = (size_t)(stop - host);
    if (len == 0 || len >= sizeof out->host) {
        return false;
    }
    memcpy(out->host, host, len);
    out->host[len] = 0;
    return true;
}

static bool take_port(struct ctx_http_url *out, const char **at, const char *end)
{
    out->port = out->tls ? 443 : 80;
    if (*at == end || **at != ':') {
        return true;
    }
    const char *digits = ++*at;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
    }
    uint64_t port = 0;
    struct ctx_http_text text = {digits, (size_t)(*at - digits)};
    if (text.len == 0) {
        return true;
    }
    if (!ctx_http_number(text, &port) || port == 0 || port > 65535) {
        return false;
    }
    out->port = (uint16_t)port;
    return true;
}

/* path and query, without a fragment; a space and what is no ASCII is written with %. */
static bool take_target(char *out, size_t room, const char *at, const char *end)
{
    size_t len = 0;
    if (at == end || *at != '/') {
        out[len++] = '/';
    }
    for (; at < end && *at != '#'; at++) {
        uint8_t c = (uint8_t)*at;
        if (c < ' ' || c == 0x7f || len + 4 > room) {
            return false;
        }
        if (c == ' ' || c >= 0x80) {
            len += (size_t)snprintf(out + len, 4, "%%%02X", c);
        } else {
            out[len++] = (char)c;
        }
    }
    out[len] = 0;
    return true;
}

bool ctx_http_url(struct ctx_http_url *out, struct ctx_http_text text,
                  const struct ctx_http_url *base)
{
    const char *at = text.at, *end = at + text.len;
    struct ctx_http_url made = {.tls = false};
    if (text.len >= 7 && strncasecmp(at, "http://", 7) == 0) {
        at += 7;
    } else if (text.len >= 8 && strncasecmp(at, "https://", 8) == 0) {
        at += 8;
        made.tls = true;
    } else if (base != NULL && text.len >= 2 && at[0] == '/' && at[1] == '/') {
        at += 2;
        made.tls = base->tls;
    } else if (base != NULL) {
        /* Beside what was asked for. */
        made = *base;
        size_t kept = 0;
        if (text.len == 0 || *at != '/') {
            const char *colon = memchr(at, ':', text.len), *slash = memchr(at, '/', text.len);
            if (colon != NULL && (slash == NULL || colon < slash)) {
                return false; /* another scheme */
            }
            kept = strcspn(base->target, "?");
            if (text.len == 0 || *at != '?') {
                for (; kept > 0 && base->target[kept - 1] != '/'; kept--) {
                }
            }
        }
        char whole[sizeof made.target + 1];
        if (kept + text.len >= sizeof whole) {
            return false;
        }
        memcpy(whole, base->target, kept);
        memcpy(whole + kept, text.at, text.len);
        if (!take_target(made.target, sizeof made.target, whole, whole + kept + text.len)) {
            return false;
        }
        *out = made;
        return true;
    } else {
        return false;
    }
    if (!take_host(&made, &at, end) || !take_port(&made, &at, end) ||
        (at < end && strchr("/?#", *at) == NULL) ||
        !take_target(made.target, sizeof made.target, at, end)) {
        return false;
    }
    *out = made;
    return true;
}
