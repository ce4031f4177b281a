/* SPDX-License-Identifier: MIT */
/*
 * <ctx/c.h> - for apps that link a C library (argos_add_app(NAME PICOLIBC ...); libctx_c.a is the
 * glue between picolibc and the Context). libctx/doc/picolibc.md says what such an app gets.
 *
 * The app supplies ctx_start instead of _start. Before its first call of an instance constructors
 * run. exit(), _exit(), abort() and a failed assert() end the call they happen in, and the app:
 * from then on the kernel's calls return at once. exit() runs the atexit functions and destructors;
 * the others do not, and abort() and assert() leave a line in the log that says where.
 *
 * What an app prints to stdout or stderr goes to ctx->log line by line. Half a line goes there when
 * the call returns. malloc() takes from ctx->alloc, so it needs version 2 of the Context: with
 * version 1 it returns NULL.
 */
#ifndef CTX_C_H
#define CTX_C_H

#include <ctx/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The app: called again and again; what it returns, _start returns. */
int32_t ctx_start(struct ctx *ctx);

/* The Context of this call, for functions that it was not handed to. [in-call] */
struct ctx *ctx_now(void);

#ifdef __cplusplus
}
#endif
#endif
