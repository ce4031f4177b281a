/* SPDX-License-Identifier: MIT */
/* printf's small sister; see klog.h for what it knows. */
#include <kernel/klog.h>
#include <kernel/string.h>

struct out {
    char *buf;
    size_t size, len;
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size) {
        o->buf[o->len++] = c;
    }
}

struct spec {
    bool left, zero;
    uint32_t width;
    int32_t precision; /* -1: none */
    uint32_t longs;
};

static void put_padded(struct out *o, const struct spec *spec, const char *text, size_t len,
                       bool number)
{
    size_t pad = spec->width > len ? spec->width - len : 0;
    char fill = number && spec->zero && !spec->left ? '0' : ' ';
    if (fill == '0' && len > 0 && text[0] == '-') {
        put(o, '-');
        text++;
        len--;
    }
    for (size_t i = 0; !spec->left && i < pad; i++) {
        put(o, fill);
    }
    for (size_t i = 0; i < len; i++) {
        put(o, text[i]);
    }
    for (size_t i = 0; spec->left && i < pad; i++) {
        put(o, ' ');
    }
}

static void put_number(struct out *o, const struct spec *spec, uint64_t value, uint32_t base,
                       bool negative)
{
    char text[24];
    size_t at = sizeof text;
    do {
        text[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    if (negative) {
        text[--at] = '-';
    }
    put_padded(o, spec, text + at, sizeof text - at, true);
}

static const char *parse_spec(struct spec *spec, const char *f, va_list *args)
{
    *spec = (struct spec){.precision = -1};
    for (; *f == '-' || *f == '0'; f++) {
        spec->left |= *f == '-';
        spec->zero |= *f == '0';
    }
    if (*f == '*') {
        int width = va_arg(*args, int);
        spec->width = width > 0 ? (uint32_t)width : 0;
        f++;
    }
    for (; *f >= '0' && *f <= '9'; f++) {
        spec->width = spec->width * 10 + (uint32_t)(*f - '0');
    }
    if (*f == '.') {
        f++;
        spec->precision = 0;
        if (*f == '*') {
            spec->precision = va_arg(*args, int);
            f++;
        }
        for (; *f >= '0' && *f <= '9'; f++) {
            spec->precision = spec->precision * 10 + (*f - '0');
        }
    }
    for (; *f == 'l' || *f == 'z'; f++) {
        spec->longs++;
    }
    return f;
}

static void put_string(struct out *o, const struct spec *spec, const char *s)
{
    size_t len = 0;
    if (s == NULL) {
        s = "(null)";
    }
    while ((spec->precision < 0 || len < (size_t)spec->precision) && s[len] != 0) {
        len++;
    }
    put_padded(o, spec, s, len, false);
}

size_t format_args(char *buf, size_t size, const char *format, va_list args)
{
    struct out o = {buf, size, 0};
    va_list ap;
    va_copy(ap, args);
    for (const char *f = format; *f != 0; f++) {
        if (*f != '%') {
            put(&o, *f);
            continue;
        }
        struct spec spec;
        f = parse_spec(&spec, f + 1, &ap);
        char one;
        int64_t number;
        switch (*f) {
        case 's':
            put_string(&o, &spec, va_arg(ap, const char *));
            break;
        case 'c':
            one = (char)va_arg(ap, int);
            put_padded(&o, &spec, &one, 1, false);
            break;
        case 'd':
        case 'i':
            number = spec.longs != 0 ? va_arg(ap, int64_t) : va_arg(ap, int);
            put_number(&o, &spec, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10,
                       number < 0);
            break;
        case 'u':
        case 'x':
            put_number(&o, &spec, spec.longs != 0 ? va_arg(ap, uint64_t) : va_arg(ap, unsigned),
                       *f == 'x' ? 16 : 10, false);
            break;
        case 'p':
            put(&o, '0');
            put(&o, 'x');
            put_number(&o, &spec, (uint64_t)va_arg(ap, void *), 16, false);
            break;
        case 0:
            f--;
            break;
        default:
            put(&o, *f);
            break;
        }
    }
    va_end(ap);
    buf[o.len] = 0;
    return o.len;
}

size_t format_text(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t len = format_args(buf, size, format, args);
    va_end(args);
    return len;
}
