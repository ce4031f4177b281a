/* SPDX-License-Identifier: MIT */
#include "words.h"

struct out {
    char *to;
    size_t size, len; /* len: of all, also of what found no room */
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size) {
        o->to[o->len] = c;
    }
    o->len++;
}

static void put_quoted(struct out *o, char c)
{
    if (c == ' ' || c == '\\') {
        put(o, '\\');
    }
    put(o, c);
}

static size_t end(struct out *o)
{
    if (o->size > 0) {
        o->to[o->len < o->size ? o->len : o->size - 1] = 0;
    }
    return o->len;
}

size_t word_length(const char *word)
{
    size_t len = 0;
    while (word[len] != 0 && word[len] != ' ') {
        len += word[len] == '\\' && word[len + 1] != 0 ? 2 : 1;
    }
    return len;
}

const char *word_begin(const char *text)
{
    while (*text == ' ') {
        text++;
    }
    return text;
}

size_t word_plain(char *out, size_t size, const char *word, size_t len)
{
    struct out o = {out, size, 0};
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '\\' && i + 1 < len && word[++i] == '0') {
            continue;
        }
        put(&o, word[i]);
    }
    return end(&o);
}

static void put_empty(struct out *o)
{
    put(o, '\\');
    put(o, '0');
}

size_t word_quote(char *out, size_t size, const char *plain, size_t len)
{
    struct out o = {out, size, 0};
    for (size_t i = 0; i < len; i++) {
        put_quoted(&o, plain[i]);
    }
    if (len == 0) {
        put_empty(&o);
    }
    return end(&o);
}

size_t words_from_plain(char *out, size_t size, const char *text)
{
    struct out o = {out, size, 0};
    for (; *text != 0; text++) {
        if (*text == '\\') {
            put(&o, '\\');
        }
        put(&o, *text);
    }
    return end(&o);
}

size_t words_from_grub(char *out, size_t size, const char *text)
{
    struct out o = {out, size, 0};
    bool quoted = false, any = *text != 0;
    size_t begin = 0; /* of the word */
    for (; *text != 0; text++) {
        if (*text == '\\' && (text[1] == '\\' || text[1] == '"' || text[1] == '\'')) {
            text++;
            put_quoted(&o, *text);
        } else if (*text == '"') {
            quoted = !quoted;
        } else if (*text == ' ' && !quoted) {
            if (o.len == begin) {
                put_empty(&o);
            }
            put(&o, ' ');
            begin = o.len;
        } else {
            put_quoted(&o, *text);
        }
    }
    if (any && o.len == begin) {
        put_empty(&o);
    }
    return end(&o);
}
