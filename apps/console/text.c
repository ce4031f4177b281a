/* SPDX-License-Identifier: MIT */
#include "text.h"

void text_init(struct text *t)
{
    t->end = 0;
    t->lines = 1;
    t->starts[0] = 0;
}

void text_put(struct text *t, text_cell cell)
{
    t->cells[t->end++ % TEXT_CELLS] = cell;
}

void text_newline(struct text *t)
{
    t->starts[t->lines++ % TEXT_LINES] = t->end;
}

uint64_t text_first_line(const struct text *t)
{
    uint64_t line = t->lines > TEXT_LINES ? t->lines - TEXT_LINES : 0;
    while (line + 1 < t->lines && t->starts[line % TEXT_LINES] + TEXT_CELLS < t->end) {
        line++;
    }
    return line;
}

/* The last line alone may be longer than the ring: then its beginning is gone. */
static uint64_t start_of(const struct text *t, uint64_t line)
{
    uint64_t start = t->starts[line % TEXT_LINES];
    return start + TEXT_CELLS < t->end ? t->end - TEXT_CELLS : start;
}

uint32_t text_line_len(const struct text *t, uint64_t line)
{
    uint64_t end = line + 1 < t->lines ? t->starts[(line + 1) % TEXT_LINES] : t->end;
    return (uint32_t)(end - start_of(t, line));
}

text_cell text_at(const struct text *t, uint64_t line, uint32_t index)
{
    return t->cells[(start_of(t, line) + index) % TEXT_CELLS];
}

uint32_t utf8_decode(const char *bytes, uint32_t len, uint32_t *code)
{
    const uint8_t *b = (const uint8_t *)bytes;
    *code = 0xfffd;
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    uint32_t size = b[0] >= 0xf0 && b[0] <= 0xf4  ? 4
                    : b[0] >= 0xe0 && b[0] < 0xf0 ? 3
                    : b[0] >= 0xc2 && b[0] < 0xe0 ? 2
                                                  : 0;
    if (size == 0 || size > len) {
        return 1;
    }
    uint32_t c = b[0] & (0xffu >> (size + 1));
    for (uint32_t i = 1; i < size; i++) {
        if ((b[i] & 0xc0) != 0x80) {
            return 1;
        }
        c = c << 6 | (b[i] & 0x3f);
    }
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < lowest[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 1;
    }
    *code = c;
    return size;
}

uint32_t utf8_encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}
