/* SPDX-License-Identifier: MIT */
#include "wall.h"

#include <kernel/machine.h>

#define DAY          (24 * 60 * 60)
#define YEAR_2200_NS (INT64_C(7258118400) * (int64_t)NSEC_PER_SEC)

/* [loop, in a call] */
static struct {
    int64_t zone; /* seconds */
    bool local;   /* the machine's own clock has local time */
    bool is_set;
    bool has_machine;  /* it was set against the machine's calendar, which shows when the */
    int64_t ahead_ns;  /* machine stood still; by so much it goes ahead of that */
    int64_t booted_ns; /* when machine_now_ns() was 0: for where that calendar is not, or fails */
} state;

ctx_status wall_ns(int64_t *out)
{
    int64_t machine = 0;
    ctx_status status = machine_wall_ns(&machine);
    if (!state.is_set) {
        *out = status == CTX_OK ? machine : 0;
        return status;
    }
    *out = state.has_machine && status == CTX_OK ? machine + state.ahead_ns
                                                 : state.booted_ns + (int64_t)machine_now_ns();
    return CTX_OK;
}

int64_t wall_zone(void)
{
    return state.zone;
}

bool wall_is_local(void)
{
    return state.local;
}

ctx_status wall_set_zone(int64_t seconds, bool local)
{
    if (seconds <= -DAY || seconds >= DAY) {
        return CTX_E_RANGE;
    }
    int64_t before = 0, after = 0;
    (void)machine_wall_ns(&before);
    state.zone = seconds;
    state.local = local;
    machine_wall_ahead(local ? seconds : 0);
    (void)machine_wall_ns(&after);
    state.ahead_ns += before - after;
    return CTX_OK;
}

bool wall_read_zone(const char *text, int64_t *seconds)
{
    int64_t sign = *text == '-' ? -1 : 1, parts[2] = {0, 0};
    text += *text == '-' || *text == '+';
    uint32_t part = 0, digits = 0;
    for (; *text > ' '; text++) {
        if (*text == ':' && part == 0 && digits > 0) {
            part = 1;
            digits = 0;
        } else if (*text >= '0' && *text <= '9' && ++digits <= 2) {
            parts[part] = 10 * parts[part] + (*text - '0');
        } else {
            return false;
        }
    }
    *seconds = sign * (parts[0] * 60 + parts[1]) * 60;
    return digits > 0 && parts[0] <= 14 && parts[1] < 60;
}

ctx_status wall_set(int64_t unix_ns)
{
    if (unix_ns < 0 || unix_ns >= YEAR_2200_NS) {
        return CTX_E_RANGE;
    }
    int64_t machine = 0;
    state.has_machine = machine_wall_ns(&machine) == CTX_OK;
    state.ahead_ns = unix_ns - machine;
    state.booted_ns = unix_ns - (int64_t)machine_now_ns();
    state.is_set = true;
    return CTX_OK;
}
