/* SPDX-License-Identifier: MIT */
/* Two megabytes that are only read: sums up a page in each call, and says every tenth sum. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define BYTES 0x200000u
#define PAGE  4096u

/* Not all of it the same, so that a page in the wrong place is seen. */
#define ROW(n)  [(n)*0x10000 ...(n) * 0x10000 + 0xffff] = (n) + 1
#define ROWS(n) ROW(n), ROW((n) + 1), ROW((n) + 2), ROW((n) + 3)
static const uint8_t pictures[BYTES] = {ROWS(0),  ROWS(4),  ROWS(8),  ROWS(12),
                                        ROWS(16), ROWS(20), ROWS(24), ROWS(28)};

int32_t _start(struct ctx *ctx)
{
    static uint64_t calls, sum;
    for (uint32_t i = 0; i < PAGE; i++) {
        sum += *(const volatile uint8_t *)&pictures[calls * 31 % (BYTES / PAGE) * PAGE + i];
    }
    calls++;
    if (calls % 10 == 0) {
        say(ctx, "album", (int64_t)(sum * 1000 + calls));
    }
    return CTX_AGAIN;
}
