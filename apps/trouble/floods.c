/* SPDX-License-Identifier: MIT */
/* floods - writes to its log without end, two dozen lines in each call. */
#include <ctx/ctx.h>

#define LINES 24

int32_t _start(struct ctx *ctx)
{
    static uint32_t count;
    for (uint32_t i = 0; i < LINES; i++) {
        char line[] = "line 00000000 of a flood that nobody reads";
        uint32_t n = ++count;
        for (char *digit = line + 12; digit > line + 4; digit--, n /= 10) {
            *digit = (char)('0' + n % 10);
        }
        ctx->log((const uint8_t *)line, sizeof line - 1);
    }
    return 0;
}
