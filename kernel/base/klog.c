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

void klog_raw(const char *line)
{
    machine_serial_write(line, strlen(line));
    machine_serial_write("\n", 1);
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
    machine_serial_write(line, len + text);
    machine_serial_write("\n", 1);
    if (state.sink != NULL) {
        state.sink(level, room, line + len);
    }
}
