/* SPDX-License-Identifier: MIT */
/* Waiting: what ctx_fiber_await() does, and signals meanwhile. */
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

ctx_status ctx_c_await(uint64_t mask, uint64_t deadline, bool restarts)
{
    enum ctx_c_handled least = restarts ? CTX_C_HANDLED_RESTART : CTX_C_NOT_HANDLED;
    for (;;) {
        uint64_t until = deadline;
        if (&ctx_c_alarm_deadline != NULL) {
            ctx_c_alarm_check();
            uint64_t alarm = ctx_c_alarm_deadline();
            until = alarm < until ? alarm : until;
        }
        uint64_t streams = ctx_c_streams_ask();
        if (ctx_c_signals_run() > least) {
            return CTX_E_CANCELED;
        }
        ctx_status status = ctx_fiber_await(mask | streams, until);
        ctx_c_streams_look();
        if (&ctx_c_alarm_deadline != NULL) {
            ctx_c_alarm_check();
        }
        if (ctx_c_signals_run() > least) {
            return CTX_E_CANCELED;
        }
        bool streams_only = status == CTX_OK && mask == 0;
        if (!streams_only && (status != CTX_E_TIMEDOUT || until == deadline)) {
            return status;
        }
    }
}
