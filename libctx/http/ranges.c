/* SPDX-License-Identifier: MIT */
/* Parts of things, and whether a client has them already: RFC 9110, 13 and 14. */
#include "http_private.h"

#include <string.h>
#include <strings.h>

/* One of a list. 1: a range, 0: none that is in it, -1: no range at all. */
static int one_range(struct ctx_http_text part, uint64_t size, struct ctx_http_range *out)
{
    const char *dash = part.len > 0 ? memchr(part.at, '-', part.len) : NULL;
    if (dash == NULL) {
        return -1;
    }
    struct ctx_http_text from = {part.at, (size_t)(dash - part.at)};
    struct ctx_http_text to = {dash + 1, part.len - from.len - 1};
    uint64_t first = 0, last = size - 1;
    if (from.len == 0) {
        uint64_t count;
        if (!ctx_http_number(to, &count)) {
            return -1;
        }
        if (count == 0 || size == 0) {
            return 0;
        }
        *out = (struct ctx_http_range){count < size ? size - count : 0, last};
        return 1;
    }
    if (!ctx_http_number(from, &first) || (to.len > 0 && !ctx_http_number(to, &last)) ||
        (to.len > 0 && last < first)) {
        return -1;
    }
    if (first >= size) {
        return 0;
    }
    *out = (struct ctx_http_range){first, last < size ? last : size - 1};
    return 1;
}

int ctx_http_ranges(struct ctx_http_text value, uint64_t size,
                    struct ctx_http_range out[CTX_HTTP_RANGES_MOST])
{
    struct ctx_http_text part;
    uint32_t count = 0, overlaps = 0, parts = 0;
    if (value.len < 6 || strncasecmp(value.at, "bytes=", 6) != 0) {
        return 0;
    }
    value.at += 6;
    value.len -= 6;
    while (http_next(&value, &part)) {
        struct ctx_http_range range = {0, 0};
        int is = one_range(part, size, &range);
        if (is < 0 || ++parts > CTX_HTTP_RANGES_MOST) {
            return 0;
        }
        if (is == 0) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            overlaps += range.first <= out[i].last && out[i].first <= range.last;
        }
        out[count++] = range;
    }
    if (overlaps > 1) {
        return 0;
    }
    return count > 0 ? (int)count : -1;
}

bool ctx_http_content_range(struct ctx_http_text value, struct ctx_http_range *out, uint64_t *size)
{
    if (value.len < 6 || strncasecmp(value.at, "bytes ", 6) != 0) {
        return false;
    }
    struct ctx_http_text rest = {value.at + 6, value.len - 6};
    const char *slash = memchr(rest.at, '/', rest.len), *dash = memchr(rest.at, '-', rest.len);
    if (slash == NULL || dash == NULL || dash > slash) {
        return false;
    }
    struct ctx_http_text first = {rest.at, (size_t)(dash - rest.at)},
                         last = {dash + 1, (size_t)(slash - dash) - 1},
                         whole = {slash + 1, rest.len - (size_t)(slash - rest.at) - 1};
    *size = UINT64_MAX;
    if (!ctx_http_number(first, &out->first) || !ctx_http_number(last, &out->last) ||
        out->last < out->first) {
        return false;
    }
    return ctx_http_is(whole, "*") || (ctx_http_number(whole, size) && out->last < *size);
}

bool ctx_http_etag(struct ctx_http_text list, const char *tag, bool weak)
{
    struct ctx_http_text part;
    if (ctx_http_is(list, "*")) {
        return true;
    }
    bool is_weak = strncmp(tag, "W/", 2) == 0;
    tag += is_weak ? 2 : 0;
    while (http_next(&list, &part)) {
        bool part_weak = part.len > 2 && memcmp(part.at, "W/", 2) == 0;
        if (part_weak) {
            part.at += 2;
            part.len -= 2;
        }
        if (part.len == strlen(tag) && memcmp(part.at, tag, part.len) == 0 &&
            (weak || (!is_weak && !part_weak))) {
            return true;
        }
    }
    return false;
}
