/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of interfaces: ctx_interface_check against a second one, which is written from the
 * comments of <ctx/interface.h> alone and shares no line with it.
 */
#include "fuzz.h"

#include <ctx/interface.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 80u
#define FN   80u

static uint64_t number(const uint8_t *at, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = bytes; i-- > 0;) {
        n = n << 8 | at[i];
    }
    return n;
}

/* The text's length; SIZE_MAX if there is no NUL, or something behind it. */
static size_t padded(const uint8_t *at, size_t room)
{
    const uint8_t *end = memchr(at, 0, room);
    if (end == NULL) {
        return SIZE_MAX;
    }
    for (const uint8_t *p = end; p < at + room; p++) {
        if (*p != 0) {
            return SIZE_MAX;
        }
    }
    return (size_t)(end - at);
}

static int is_id(const char *text)
{
    char copy[CTX_INTERFACE_ID + 1], *slash, *part, *next;
    if (strlen(text) > CTX_INTERFACE_ID) {
        return 0;
    }
    memcpy(copy, text, strlen(text) + 1);
    slash = strchr(copy, '/');
    if (slash == NULL || slash[1] < '1' || slash[1] > '9' || strlen(slash + 1) > 9 ||
        strspn(slash + 1, "0123456789") != strlen(slash + 1)) {
        return 0;
    }
    *slash = 0;
    for (part = copy; part != NULL; part = next) {
        next = strchr(part, '.');
        if (next != NULL) {
            *next++ = 0;
        }
        if (*part < 'a' || *part > 'z' ||
            strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(part)) {
            return 0;
        }
    }
    return 1;
}

static int is_arg(const uint8_t *fn, uint32_t no, uint32_t count)
{
    const uint8_t *a = fn + 40 + no * 8;
    uint64_t first = number(a + 2, 2), size = number(a + 4, 2);
    if (a[6] != 0 || a[7] != 0 || a[1] > (a[0] == CTX_INTERFACE_SHARE)) {
        return 0;
    }
    switch (a[0]) {
    case CTX_INTERFACE_IN_STRUCT:
    case CTX_INTERFACE_OUT_STRUCT:
    case CTX_INTERFACE_INOUT_STRUCT:
        return (first & 7) == 0 && (size & 7) == 0 && first != 0 && first <= size && size <= 16384;
    case CTX_INTERFACE_IN:
    case CTX_INTERFACE_OUT:
        return first == 0 && size == 0 && no + 1 < count && a[8] == CTX_INTERFACE_U32;
    case CTX_INTERFACE_U32:
    case CTX_INTERFACE_U64:
    case CTX_INTERFACE_OUT4:
    case CTX_INTERFACE_OUT8:
    case CTX_INTERFACE_SHARE:
    case CTX_INTERFACE_REQUEST:
        return first == 0 && size == 0;
    default:
        return 0;
    }
}

static int is_fn(const uint8_t *fn)
{
    uint32_t count = fn[32], requests = 0;
    size_t len = padded(fn, 32);
    if (len == SIZE_MAX || len == 0 || fn[0] < 'a' || fn[0] > 'z' ||
        strspn((const char *)fn, "abcdefghijklmnopqrstuvwxyz0123456789_") != len || count > 5 ||
        number(fn + 33, 7) != 0) {
        return 0;
    }
    for (uint32_t i = 0; i < 5; i++) {
        if (i < count ? !is_arg(fn, i, count) : number(fn + 40 + i * 8, 8) != 0) {
            return 0;
        }
        requests += fn[40 + i * 8] == CTX_INTERFACE_REQUEST;
    }
    return requests <= 1;
}

static int is_descriptor(const uint8_t *d, size_t len)
{
    if (len < HEAD || number(d, 4) != len || (len - HEAD) % FN != 0 || number(d + 4, 2) != 1 ||
        number(d + 6, 2) != (len - HEAD) / FN || len == HEAD || len > HEAD + 126 * FN ||
        number(d + 8, 4) > 1 || number(d + 12, 2) != HEAD || number(d + 14, 2) != FN ||
        padded(d + 16, 64) == SIZE_MAX || !is_id((const char *)d + 16)) {
        return 0;
    }
    for (size_t i = HEAD; i < len; i += FN) {
        if (!is_fn(d + i)) {
            return 0;
        }
        for (size_t other = HEAD; other < i; other += FN) {
            if (strcmp((const char *)d + i, (const char *)d + other) == 0) {
                return 0;
            }
        }
    }
    return 1;
}

/* What an error says leads to something. */
static void look_at(const struct ctx_interface_error *error, const uint8_t *d, size_t len)
{
    FUZZ_MUST(error->field != NULL && error->field[0] != 0);
    FUZZ_MUST(error->reason != NULL && error->reason[0] != 0);
    FUZZ_MUST(error->fn == UINT32_MAX || error->fn < CTX_INTERFACE_FNS);
    FUZZ_MUST(error->fn == UINT32_MAX || HEAD + (error->fn + 1) * (size_t)FN <= len);
    FUZZ_MUST(error->arg == UINT32_MAX || (error->fn != UINT32_MAX && error->arg < 5));
    (void)d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx_interface_error error = {NULL, NULL, 0, 0};
    /* Of just that size, at an odd address. */
    uint8_t *copy = malloc(size + 1);
    FUZZ_MUST(copy != NULL);
    memcpy(copy + 1, data, size);
    int good = ctx_interface_check(copy + 1, (uint32_t)size, &error) != 0;
    if (!good) {
        look_at(&error, copy + 1, size);
    }
    free(copy);
    FUZZ_MUST(good == is_descriptor(data, size));
    /* And ids alone, which also come from grants and from iface.open. */
    size_t len = size < 70 ? size : 70;
    char text[71];
    memcpy(text, data, len);
    text[len] = 0;
    if (strlen(text) == len) {
        FUZZ_MUST((ctx_interface_is_id(text, (uint32_t)len) != 0) == is_id(text));
    }
    return 0;
}

static void put_fn(uint8_t *fn, const char *name, const struct ctx_interface_arg *args,
                   uint8_t count)
{
    memset(fn, 0, FN);
    memcpy(fn, name, strlen(name));
    fn[32] = count;
    memcpy(fn + 40, args, count * sizeof *args);
}

static size_t put_head(uint8_t *buf, const char *id, uint16_t count)
{
    struct ctx_interface head = {HEAD + count * FN, CTX_INTERFACE_VERSION, count, 0, HEAD, FN, {0}};
    memcpy(head.id, id, strlen(id));
    memcpy(buf, &head, sizeof head);
    return head.size;
}

/* All kinds of arguments; one function alone; as many as there may be; broken ones; ids. */
size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static const struct ctx_interface_arg all[][5] = {
        {{CTX_INTERFACE_U32, 0, 0, 0, 0},
         {CTX_INTERFACE_U64, 0, 0, 0, 0},
         {CTX_INTERFACE_OUT4, 0, 0, 0, 0},
         {CTX_INTERFACE_OUT8, 0, 0, 0, 0},
         {CTX_INTERFACE_SHARE, CTX_INTERFACE_WRITE, 0, 0, 0}},
        {{CTX_INTERFACE_IN, 0, 0, 0, 0},
         {CTX_INTERFACE_U32, 0, 0, 0, 0},
         {CTX_INTERFACE_OUT, 0, 0, 0, 0},
         {CTX_INTERFACE_U32, 0, 0, 0, 0},
         {CTX_INTERFACE_REQUEST, 0, 0, 0, 0}},
        {{CTX_INTERFACE_IN_STRUCT, 0, 8, 16, 0},
         {CTX_INTERFACE_OUT_STRUCT, 0, 24, 24, 0},
         {CTX_INTERFACE_INOUT_STRUCT, 0, 16, 16384, 0},
         {0, 0, 0, 0, 0},
         {0, 0, 0, 0, 0}},
    };
    static const char *const ids[] = {
        "org.example.chat/1", "a/1", "ctx.log/1", "x-y.a_b.c9/999999999",
        "a.abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz012345/1"};
    size_t len = 0;
    switch (no) {
    case 0:
        len = put_head(buf, ids[0], 3);
        put_fn(buf + HEAD, "numbers", all[0], 5);
        put_fn(buf + HEAD + FN, "bytes_2", all[1], 5);
        put_fn(buf + HEAD + 2 * FN, "structs", all[2], 3);
        return len;
    case 1:
        len = put_head(buf, ids[1], 1);
        put_fn(buf + HEAD, "abcdefghijklmnopqrstuvwxyz_1234", all[0], 0);
        return len;
    case 2:
        len = put_head(buf, ids[3], CTX_INTERFACE_FNS);
        for (uint32_t i = 0; i < CTX_INTERFACE_FNS; i++) {
            char name[] = "f00";
            name[1] = (char)('0' + i / 12);
            name[2] = (char)('a' + i % 12);
            put_fn(buf + HEAD + i * FN, name, all[i % 3], i % 3 == 2 ? 3 : 5);
        }
        return len;
    /* Those that no change is likely to find: one rule is broken. */
    case 3:
        len = put_head(buf, ids[1], 2);
        put_fn(buf + HEAD, "same", all[0], 5);
        put_fn(buf + HEAD + FN, "same", all[1], 5);
        return len;
    case 4:
        len = put_head(buf, ids[1], 1);
        put_fn(buf + HEAD, "requests", all[1], 5);
        buf[HEAD + 40 + 8] = buf[HEAD + 40] = CTX_INTERFACE_REQUEST;
        return len;
    case 5:
        len = put_head(buf, ids[1], 1);
        put_fn(buf + HEAD, "flags", all[0], 1);
        buf[8] = 2;
        return len;
    case 6:
        len = put_head(buf, ids[4], 1);
        put_fn(buf + HEAD, "long", all[0], 1);
        return len;
    default:
        if (no - 7 < sizeof ids / sizeof ids[0]) {
            len = strlen(ids[no - 7]);
            memcpy(buf, ids[no - 7], len);
        }
        return len;
    }
}
