/* SPDX-License-Identifier: MIT */
/*
 * An app that never says malloc or clock: only picolibc does, inside. It must find ours and not its
 * own, which would want a heap between two linker symbols that nobody defines.
 */
#define _GNU_SOURCE
#include <ctx/c.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int32_t ctx_start(struct ctx *ctx)
{
    char *text = NULL;
    if (asprintf(&text, "%s", strdup("copied")) == 6 && tmpfile() != NULL) {
        puts(text);
    }
    (void)ctx;
    exit(0);
}
