/* SPDX-License-Identifier: MIT */
/* Whether a descriptor keeps its rules. It comes from an app: every byte may be a lie. */
#include <ctx/interface.h>

#define NONE 0xffffffffu

static int32_t wrong(struct ctx_interface_error *error, const char *field, const char *reason,
                     uint32_t fn, uint32_t arg)
{
    error->field = field;
    error->reason = reason;
    error->fn = fn;
    error->arg = arg;
    return 0;
}

/* Byte by byte: what is looked at may lie anywhere. */
static void copy(void *to, const void *from, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    }
}

static int32_t is_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static int32_t is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

int32_t ctx_interface_is_id(const char *text, uint32_t len)
{
    uint32_t at = 0, part = 0, revision = 0;
    if (len > CTX_INTERFACE_ID) {
        return 0;
    }
    while (at < len && text[at] != '/') {
        uint8_t c = (uint8_t)text[at++];
        if (c == '.') {
            if (part == 0) {
                return 0;
            }
            part = 0;
        } else if (is_letter(c) || (part > 0 && (is_digit(c) || c == '_' || c == '-'))) {
            part++;
        } else {
            return 0;
        }
    }
    if (at == len || part == 0) {
        return 0;
    }
    at++;
    for (; at < len && is_digit((uint8_t)text[at]); at++, revision++) {
        if (revision == 0 && text[at] == '0') {
            return 0;
        }
    }
    return at == len && revision > 0 && revision <= 9;
}

/* A text and zeroes behind it: its length; NONE: it is none, or has no end. */
static uint32_t text_length(const uint8_t *text, uint32_t room)
{
    uint32_t len = 0;
    while (len < room && text[len] != 0) {
        len++;
    }
    for (uint32_t i = len; i < room; i++) {
        if (text[i] != 0) {
            return NONE;
        }
    }
    return len < room ? len : NONE;
}

static int32_t is_name(const uint8_t *name)
{
    uint32_t len = text_length(name, CTX_INTERFACE_NAME + 1);
    if (len == NONE || len == 0 || !is_letter(name[0])) {
        return 0;
    }
    for (uint32_t i = 1; i < len; i++) {
        if (!is_letter(name[i]) && !is_digit(name[i]) && name[i] != '_') {
            return 0;
        }
    }
    return 1;
}

static int32_t is_zero(const void *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (((const uint8_t *)bytes)[i] != 0) {
            return 0;
        }
    }
    return 1;
}

static int32_t is_struct(uint8_t kind)
{
    return kind == CTX_INTERFACE_IN_STRUCT || kind == CTX_INTERFACE_OUT_STRUCT ||
           kind == CTX_INTERFACE_INOUT_STRUCT;
}

static int32_t is_kind(uint8_t kind)
{
    return (kind >= CTX_INTERFACE_U32 && kind <= CTX_INTERFACE_OUT8) ||
           (kind >= CTX_INTERFACE_INOUT_STRUCT && kind <= CTX_INTERFACE_REQUEST);
}

static int32_t check_arg(const struct ctx_interface_fn *f, uint32_t fn, uint32_t no,
                         struct ctx_interface_error *error)
{
    const struct ctx_interface_arg *a = &f->args[no];
    if (!is_kind(a->kind)) {
        return wrong(error, "kind", "no such kind of argument", fn, no);
    }
    if ((a->flags & ~(a->kind == CTX_INTERFACE_SHARE ? CTX_INTERFACE_WRITE : 0u)) != 0) {
        return wrong(error, "flags", "a flag that this kind does not have", fn, no);
    }
    if (a->rsv != 0) {
        return wrong(error, "rsv", "not 0", fn, no);
    }
    if (!is_struct(a->kind)) {
        if (a->first != 0 || a->size != 0) {
            return wrong(error, "size", "only structs have one", fn, no);
        }
    } else if (a->first < 8 || a->size < a->first || a->size > CTX_INTERFACE_STRUCT_MAX ||
               a->first % 8 != 0 || a->size % 8 != 0) {
        return wrong(error, "size", "not a multiple of 8, from 8 and `first` to 16384", fn, no);
    }
    if ((a->kind == CTX_INTERFACE_IN || a->kind == CTX_INTERFACE_OUT) &&
        (no + 1 >= f->count || f->args[no + 1].kind != CTX_INTERFACE_U32)) {
        return wrong(error, "kind", "bytes without a u32 behind them, how many", fn, no);
    }
    for (uint32_t i = 0; a->kind == CTX_INTERFACE_REQUEST && i < no; i++) {
        if (f->args[i].kind == CTX_INTERFACE_REQUEST) {
            return wrong(error, "kind", "a second request", fn, no);
        }
    }
    return 1;
}

static int32_t check_fn(const uint8_t *fns, uint32_t no, struct ctx_interface_error *error)
{
    struct ctx_interface_fn f;
    copy(&f, fns + no * sizeof f, sizeof f);
    if (!is_name(f.name)) {
        return wrong(error, "name", "not [a-z][a-z0-9_]* of 1 to 31 bytes", no, NONE);
    }
    if (f.count > CTX_INTERFACE_ARGS) {
        return wrong(error, "count", "more than 5 arguments", no, NONE);
    }
    if (!is_zero(f.rsv, sizeof f.rsv)) {
        return wrong(error, "rsv", "not 0", no, NONE);
    }
    if (!is_zero(&f.args[f.count], (CTX_INTERFACE_ARGS - f.count) * sizeof f.args[0])) {
        return wrong(error, "args", "not 0 behind the last one", no, f.count);
    }
    for (uint32_t i = 0; i < f.count; i++) {
        if (!check_arg(&f, no, i, error)) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < no; i++) {
        struct ctx_interface_fn other;
        uint32_t same = 0;
        copy(&other, fns + i * sizeof other, sizeof other);
        while (same < sizeof f.name && other.name[same] == f.name[same]) {
            same++;
        }
        if (same == sizeof f.name) {
            return wrong(error, "name", "a second function of this name", no, NONE);
        }
    }
    return 1;
}

int32_t ctx_interface_check(const void *at, uint32_t len, struct ctx_interface_error *error)
{
    struct ctx_interface h;
    if (len < sizeof h) {
        return wrong(error, "size", "shorter than its header", NONE, NONE);
    }
    copy(&h, at, sizeof h);
    if (h.version != CTX_INTERFACE_VERSION) {
        return wrong(error, "version", "of a descriptor that is not known", NONE, NONE);
    }
    if (h.head != sizeof h || h.fn_size != sizeof(struct ctx_interface_fn)) {
        return wrong(error, "head", "header and functions are 80 bytes each", NONE, NONE);
    }
    if (h.count == 0 || h.count > CTX_INTERFACE_FNS) {
        return wrong(error, "count", "not 1 to 126 functions", NONE, NONE);
    }
    if (h.size != len || len != sizeof h + h.count * sizeof(struct ctx_interface_fn)) {
        return wrong(error, "size", "not that of its functions", NONE, NONE);
    }
    if ((h.flags & ~CTX_INTERFACE_NEEDS_GRANT) != 0) {
        return wrong(error, "flags", "an unknown flag", NONE, NONE);
    }
    uint32_t id = text_length(h.id, sizeof h.id);
    if (id == NONE || !ctx_interface_is_id((const char *)h.id, id)) {
        return wrong(error, "id", "not like org.example.name/1", NONE, NONE);
    }
    for (uint32_t no = 0; no < h.count; no++) {
        if (!check_fn((const uint8_t *)at + sizeof h, no, error)) {
            return 0;
        }
    }
    return 1;
}
