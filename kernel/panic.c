/* SPDX-License-Identifier: MIT */
/*
 * The end. Serial first, because it needs the least; then the screen, as far as the display still
 * answers. A second panic on the way goes straight to the halt.
 */
#include "klog_private.h"
#include "present.h"
#include "screen.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/task.h>

static struct {
    char reason[KLOG_LINE];
    uint32_t depth;
} state;

static void last_words(void)
{
    screen_panic_begin();
    klog_raw(state.reason);
    machine_panic_details();
    /* Let the display driver finish what was on its way, then show the page; best effort. */
    for (uint32_t i = 0; i < 3 && present_display() != NULL; i++) {
        task_run_ready(machine_now_ns());
    }
    present_now();
    machine_verdict(VERDICT_PANIC);
    machine_halt();
}

void panic(const char *format, ...)
{
    if (state.depth++ > 0) {
        klog_raw("PANIC inside a panic");
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
