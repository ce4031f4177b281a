/* SPDX-License-Identifier: MIT */
/* Much zeroed memory in the file. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
__attribute__((used)) static volatile char big[MB * 1048576ul - 400000];
int _start(struct ctx *ctx)
{
    static int n;
    if (!n++)
        say(ctx, "bss app runs", big[5]);
    return CTX_AGAIN;
}
