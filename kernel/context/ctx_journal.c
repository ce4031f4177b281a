/* SPDX-License-Identifier: MIT */
/* ctx.journal/1: the machine's log, to be read by who may. */
#include "gate.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

static uint64_t journal_read(struct app *app, const uint64_t args[6])
{
    (void)app;
    char part[1024];
    uint64_t from = args[1];
    uint32_t room = (uint32_t)args[3], got = 0;
    /* Through a buffer of the kernel's: nothing that the app writes is read twice, and it may
     * fault. */
    while (got < room) {
        size_t len;
        uint64_t next = klog_read(from, part, MIN(sizeof part, room - got), &len);
        if (got > 0 && len > 0 && part[len - 1] != '\n') {
            break; /* half a line behind whole ones */
        }
        from = next;
        if (len == 0) {
            break;
        }
        if (machine_copy_out(args[2] + got, part, len) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
        got += (uint32_t)len;
    }
    if (room == 0) {
        size_t len;
        from = klog_read(from, part, 0, &len); /* what is gone is passed over all the same */
    }
    if (gate_put(args[4], &got, sizeof got) != CTX_OK ||
        gate_put(args[5], &from, sizeof from) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    return CTX_OK;
}

GATE_TABLE(ctx_journal_table, CTX_TABLE_JOURNAL, journal_read);
