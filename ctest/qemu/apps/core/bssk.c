/* SPDX-License-Identifier: MIT */
/* The same, in KiB. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
__attribute__((used)) static volatile char big[KB * 1024ul];
int _start(struct ctx *ctx)
{
    static int n;
    if (!n++)
        say(ctx, "bss app runs", big[5]);
    return CTX_AGAIN;
}
