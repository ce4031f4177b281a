/* SPDX-License-Identifier: MIT */
/*
 * stdin, stdout and stderr. The log takes lines, so both outputs collect one each; a line that does
 * not fit is cut between two characters and goes on in the next. Nobody types into stdin.
 */
#include "glue.h"

#include <ctx/c.h>

#include <stdio.h>
#include <string.h>

#define LINE 512u

struct output {
    FILE file;
    uint32_t len;
    char text[LINE];
};

void ctx_c_line(const char *text, size_t len)
{
    ctx_now()->log((const uint8_t *)text, (uint32_t)len);
}

/* How many of the bytes are whole characters of UTF-8; all of them if that is no UTF-8. */
static uint32_t whole(const char *text, uint32_t len)
{
    for (uint32_t back = 1; back <= 3 && back < len; back++) {
        uint8_t byte = (uint8_t)text[len - back];
        if (byte >= 0xc0) {
            uint32_t need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
            return need > back ? len - back : len;
        }
        if (byte < 0x80) {
            break;
        }
    }
    return len;
}

static int put(char c, FILE *file)
{
    struct output *out = (struct output *)file;
    if (c == '\n') {
        ctx_c_line(out->text, out->len);
        out->len = 0;
        return (uint8_t)c;
    }
    if (out->len == LINE) {
        uint32_t len = whole(out->text, LINE);
        ctx_c_line(out->text, len);
        out->len = LINE - len;
        memmove(out->text, out->text + len, out->len);
    }
    out->text[out->len++] = c;
    return (uint8_t)c;
}

static int get(FILE *file)
{
    (void)file;
    return _FDEV_EOF;
}

static int flush(FILE *file)
{
    struct output *out = (struct output *)file;
    if (out->len > 0) {
        ctx_c_line(out->text, out->len);
        out->len = 0;
    }
    return 0;
}

static FILE input = FDEV_SETUP_STREAM(NULL, get, NULL, _FDEV_SETUP_READ);
static struct output output = {.file = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE)};
static struct output errors = {.file = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE)};

FILE *const stdin = &input;
FILE *const stdout = &output.file;
FILE *const stderr = &errors.file;

void ctx_c_flush(void)
{
    flush(stdout);
    flush(stderr);
}
