/* SPDX-License-Identifier: MIT */
/* How the process ends: verdicts, Ctrl-C, and the core's panic. */
#define _GNU_SOURCE
#include "app.h"
#include "klog_private.h"
#include "linux.h"
#include "outcome.h"

#include <kernel/klog.h>

#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAMES 32

/* [any] */
static struct {
    void (*at_end)(void);
    int code;
} state;

void linux_at_end(void (*fn)(void))
{
    state.at_end = fn;
}

void linux_end(void)
{
    void (*at_end)(void) = state.at_end;
    state.at_end = NULL;
    if (at_end != NULL) {
        at_end();
    }
    if (state.code == LINUX_FINE) {
        state.code = app_refused_count() + app_needing_count() > 0 ? LINUX_REFUSED
                     : app_fault_total() > 0                       ? LINUX_FAULTED
                                                                   : LINUX_FINE;
    }
    linux_terminal_restore();
    linux_serial_tell_lost();
    exit(outcome_code(state.code));
}

void machine_verdict(enum machine_verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        break;
    case VERDICT_REFUSED:
        state.code = LINUX_REFUSED;
        break;
    case VERDICT_UNFIT:
        state.code = LINUX_USAGE;
        break;
    default:
        state.code = LINUX_PANIC;
        break;
    }
}

/* The core has nothing more to say. After a panic not even the end is orderly: no screenshot, no
 * handlers of exit(). */
void machine_halt(void)
{
    if (state.code == LINUX_PANIC) {
        linux_window_stay();
        linux_terminal_restore();
        _exit(outcome_code(LINUX_PANIC));
    }
    linux_end();
}

void machine_power_off(void)
{
    log_info("power", "off");
    linux_end();
}

/* What would start it anew is whoever started it. */
void machine_reboot(void)
{
    log_info("power", "reboot");
    linux_end();
}

/* ---- panic ---- */

void machine_panic_mark(uint64_t frame_pointer)
{
    (void)frame_pointer; /* the C library finds the callers itself */
}

void machine_panic_details(void)
{
    void *frames[FRAMES];
    int count = backtrace(frames, FRAMES);
    char **names = backtrace_symbols(frames, count);
    klog_raw("backtrace:");
    for (int i = 0; names != NULL && i < count; i++) {
        char line[200];
        format_text(line, sizeof line, "  #%-2d %s", i, names[i]);
        klog_raw(line);
    }
}

/* The stack is Linux' business: there is always enough of it. */
void machine_on_panic_stack(void (*fn)(void))
{
    fn();
    _exit(outcome_code(LINUX_PANIC));
}
