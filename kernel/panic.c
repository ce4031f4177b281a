/* SPDX-License-Identifier: MIT */
/*
 * The end. Serial first, because it needs the least; then the screen, as far as the display still
 * answers. No other task runs any more: what the disks hold is as it was. A second panic on the way
 * is one line and the halt; whatever goes wrong even in that line, the halt alone.
 */
#include "klog_private.h"
#include "present.h"
#include "screen.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define DISPLAY_NS (500 * NSEC_PER_MSEC) /* as long as it may take to finish what it has begun */

/* [panic] */
static struct {
    char reason[KLOG_LINE];
    uint32_t depth;
} state;

static void last_words(void)
{
    screen_panic_begin();
    klog_raw(state.reason);
    machine_panic_details();
    (void)present_last(DISPLAY_NS);
    machine_verdict(VERDICT_PANIC);
    machine_halt();
}

/* The serial line only, with nothing that was made for good days: the screen may be the trouble. */
static void second_words(const char *format, va_list args)
{
    char line[KLOG_LINE];
    size_t len = format_text(line, sizeof line, "PANIC inside a panic: ");
    format_args(line + len, sizeof line - len, format, args);
    machine_serial_write(line, strlen(line));
    machine_serial_write("\n", 1);
}

void panic(const char *format, ...)
{
    if (state.depth++ > 0) {
        if (state.depth == 2) {
            va_list args;
            va_start(args, format);
            second_words(format, args);
            va_end(args);
        }
        machine_verdict(VERDICT_PANIC);
        machine_halt();
    }
    size_t len = format_text(state.reason, sizeof state.reason, "PANIC ");
    va_list args;
    va_start(args, format);
    format_args(state.reason + len, sizeof state.reason - len, format, args);
    va_end(args);
    machine_panic_mark((uint64_t)__builtin_frame_address(0));
    machine_on_panic_stack(last_words);
}
