/* SPDX-License-Identifier: MIT */
#include "text.h"

void line_clear(struct line *line)
{
    line->len = 0;
    line->text[0] = 0;
}

void line_put_bytes(struct line *line, const void *text, uint32_t len)
{
    const char *from = text;
    for (uint32_t i = 0; i < len && from[i] != 0; i++) {
        if (line->len + 1 >= LINE_ROOM) { /* not half a character at the end */
            while (line->len > 0 && ((uint8_t)from[i] & 0xc0) == 0x80 &&
                   ((uint8_t)line->text[line->len - 1] & 0x80) != 0) {
                int first = ((uint8_t)line->text[line->len - 1] & 0xc0) == 0xc0;
                line->len--;
                if (first) {
                    break;
                }
            }
            break;
        }
        line->text[line->len++] = from[i];
    }
    line->text[line->len] = 0;
}

void line_put(struct line *line, const char *text)
{
    line_put_bytes(line, text, UINT32_MAX);
}

void line_put_number(struct line *line, uint64_t n)
{
    char digits[20];
    uint32_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    line_put_bytes(line, digits + at, (uint32_t)sizeof digits - at);
}

void line_put_two(struct line *line, uint32_t n)
{
    char digits[2] = {(char)('0' + n / 10 % 10), (char)('0' + n % 10)};
    line_put_bytes(line, digits, 2);
}

void line_put_bytes_of(struct line *line, uint64_t bytes)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB"};
    uint32_t unit = 0;
    uint64_t tenths = bytes * 10;
    for (; tenths >= 10240 && unit < 3; unit++) {
        tenths /= 1024;
    }
    line_put_number(line, tenths / 10);
    if (unit > 0 && tenths < 100) {
        line_put(line, ".");
        line_put_number(line, tenths % 10);
    }
    line_put(line, units[unit]);
}

int same_text(const char *a, const char *b)
{
    for (; *a != 0 && *a == *b; a++, b++) {
    }
    return *a == *b;
}

uint32_t text_len(const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    return len;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

int has_text(const char *text, const char *part)
{
    for (;; text++) {
        uint32_t i = 0;
        while (part[i] != 0 && small(text[i]) == small(part[i])) {
            i++;
        }
        if (part[i] == 0) {
            return 1;
        }
        if (*text == 0) {
            return 0;
        }
    }
}

int has_word(const char *text, const char *begin)
{
    for (uint32_t at = 0; text[at] != 0; at++) {
        uint32_t i = 0;
        while (begin[i] != 0 && small(text[at + i]) == small(begin[i])) {
            i++;
        }
        if (begin[i] == 0 && (at == 0 || text[at - 1] == ' ')) {
            return 1;
        }
    }
    return 0;
}

uint32_t read_number(const char *text, uint32_t *out)
{
    uint32_t n = 0, len = 0;
    for (; len < 9 && text[len] >= '0' && text[len] <= '9'; len++) {
        n = n * 10 + (uint32_t)(text[len] - '0');
    }
    *out = n;
    return len;
}
