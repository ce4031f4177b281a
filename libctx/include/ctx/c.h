/* SPDX-License-Identifier: MIT */
/*
 * <ctx/c.h> - for apps that link a C library (argos_add_app(NAME PICOLIBC ...); libctx_c.a is the
 * glue between picolibc and the Context). libctx/doc/picolibc.md says what such an app gets.
 *
 * The app supplies one of two functions. main(), as any C program has it, runs in a fiber of
 * <ctx/fiber.h>: it may sleep and wait for input, and when it returns the app ends. ctx_start() is
 * called again and again, as _start is; without a note (<ctx/note.h>) it gets a Context of version
 * 2.
 *
 * Before the first call of an instance constructors run. exit() and _exit() end the call they
 * happen in, and the app; exit() runs the atexit functions and destructors. abort() and a failed
 * assert() leave a line in the log that says where and then fault, so that the kernel reports the
 * callers; at the next call the app ends with status 134.
 *
 * What an app prints to stdout or stderr goes to the log line by line. Half a line goes there when
 * ctx_start returns, or when main reads stdin. malloc() takes from ctx->mem or ctx->alloc, so it
 * needs version 2 of the Context: with version 1 it returns NULL.
 */
#ifndef CTX_C_H
#define CTX_C_H

#include <ctx/ctx.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The app: called again and again; what it returns, _start returns. */
int32_t ctx_start(struct ctx *ctx);

/* The Context of this call, for functions that it was not handed to. [in-call] */
struct ctx *ctx_now(void);

/*
 * The errno value for a status: 0 for CTX_OK, EINPROGRESS for CTX_PENDING and whatever is positive,
 * EPROTO for a status that this library does not know.
 */
int ctx_errno(ctx_status status);

/*
 * Whether the calendar is set. On a machine without one the app `net` asks a time server, which
 * takes a moment after the machine has begun: as long as that may still come main waits here, up to
 * ms milliseconds. For who looks at the dates of certificates. [in main]
 */
bool ctx_calendar_wait(int ms);

/*
 * Memory that sockets of TCP send from without a copy: a share of this app's own, zeroed, which
 * whoever offers ctx.net/1 reads where it lies. *at is where the app writes it. NULL: no memory.
 */
struct ctx_lent;
struct ctx_lent *ctx_lent_make(size_t bytes, void **at);

/*
 * As send() of the bytes from `at` on, so many of them as go; leave them alone until they have
 * arrived. Where the memory can not be lent they are copied. -1 and errno, EFAULT: it has not so
 * many.
 */
ptrdiff_t ctx_lent_send(struct ctx_lent *lent, int fd, size_t at, size_t len, int flags);

/* Given back; what is on its way from it still arrives. NULL is nothing. */
void ctx_lent_end(struct ctx_lent *lent);

/*
 * How many bytes of stack main gets, 256 KiB if the app does not say. It says so at file scope:
 * const uint32_t ctx_main_stack = 1 << 20;
 */
extern const uint32_t ctx_main_stack;

#ifdef __cplusplus
}
#endif
#endif
