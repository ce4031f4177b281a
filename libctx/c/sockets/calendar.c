/* SPDX-License-Identifier: MIT */
/* Who needs to know what day it is waits for a time server. */
#include "sockets.h"

#include <ctx/c.h>

#include <poll.h>
#include <time.h>

#define BEGINS 1735689600 /* 2025: a clock that says less has not been set */
#define LOOK   50         /* ms */

bool ctx_calendar_wait(int ms)
{
    for (;; ms -= LOOK) {
        struct net_overview how = {.size = sizeof how};
        ctx_status status;
        if (time(NULL) >= BEGINS) {
            return true;
        }
        NET_ASK(status, status, &how);
        if (ms <= 0 || status != CTX_OK || (how.flags & NET_CLOCK_SETTLING) == 0) {
            return false;
        }
        (void)poll(NULL, 0, ms < LOOK ? ms : LOOK);
    }
}
