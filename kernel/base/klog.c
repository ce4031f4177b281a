/* SPDX-License-Identifier: MIT */
/* Log lines to the serial port, and to the screen's boot messages while there are no apps. */
#include "klog_private.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

/* [boot, loop, panic] write, [any] reads. */
static struct {
    klog_sink_fn *sink;
} state;

void klog_set_sink(klog_sink_fn *sink)
{
    state.sink = sink;
}

/* [any] but [irq] */
static struct {
    char bytes[KLOG_KEPT];
    uint64_t end; /* how many there have been */
} kept;

static void keep(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        kept.bytes[kept.end++ % KLOG_KEPT] = bytes[i];
    }
}

static void put_line(const char *line, size_t len)
{
    machine_serial_write(line, len);
    machine_serial_write("\n", 1);
    keep(line, len);
    keep("\n", 1);
}

uint64_t klog_read(uint64_t from, char *out, size_t room, size_t *got)
{
    uint64_t end = kept.end, oldest = end > KLOG_KEPT ? end - KLOG_KEPT : 0;
    uint64_t at = MIN(from, end);
    if (at < oldest) {
        /* Its line has lost its beginning. */
        for (at = oldest; at < end && kept.bytes[at++ % KLOG_KEPT] != '\n';) {
        }
    }
    uint64_t len = MIN(end - at, room), whole = len;
    for (; whole > 0 && kept.bytes[(at + whole - 1) % KLOG_KEPT] != '\n'; whole--) {
    }
    len = whole > 0 ? whole : len; /* a line that is longer than there is room comes in parts */
    for (uint64_t i = 0; i < len; i++) {
        out[i] = kept.bytes[(at + i) % KLOG_KEPT];
    }
    *got = (size_t)len;
    return at + len;
}

void klog_raw(const char *line)
{
    put_line(line, strlen(line));
    if (state.sink != NULL) {
        state.sink('P', "", line);
    }
}

void klog(char level, const char *room, const char *format, ...)
{
    char line[KLOG_LINE];
    uint64_t us = machine_now_ns() / NSEC_PER_USEC;
    size_t len = format_text(line, sizeof line, "[%3lu.%06lu] %c %s: ", us / 1000000, us % 1000000,
                             level, room);
    va_list args;
    va_start(args, format);
    size_t text = format_args(line + len, sizeof line - len, format, args);
    va_end(args);
    if (len + text == sizeof line - 1) {
        memcpy(line + sizeof line - 4, "...", 3);
    }
    text_make_printable(line); /* names of apps and files are somebody else's: one line stays one */
    put_line(line, len + text);
    if (state.sink != NULL) {
        state.sink(level, room, line + len);
    }
}
