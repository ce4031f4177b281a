/* SPDX-License-Identifier: MIT */
/* Between the files of the glue; no app sees this. */
#ifndef CTX_C_GLUE_H
#define CTX_C_GLUE_H

#include <ctx/ctx.h>

#include <stdbool.h>
#include <stddef.h>

/* Whether this call's Context is of version 3. */
bool ctx_c_is_v3(void);

/* A table by its id; NULL: there is none. Not kept: opening again is cheap. */
const void *ctx_c_open(const char *id);

/* The app is an ordinary program: half a line waits for its end, a fault ends the app. */
void ctx_c_is_main(void);

/* errno from a status; 0 for CTX_OK, else -1. */
int ctx_c_result(ctx_status status);

/* Everything printed so far goes to the log, half a line too. */
void ctx_c_flush(void);

/* One line of the log; level is CTX_LOG_*. */
void ctx_c_line(uint32_t level, const char *text, size_t len);

/* The same as printf has it, at most 300 bytes. */
__attribute__((format(printf, 2, 3))) void ctx_c_say(uint32_t level, const char *format, ...);

/* A character as UTF-8; returns how many bytes. What is no character is U+FFFD. */
uint32_t ctx_c_utf8(uint32_t c, char bytes[4]);

/* The descriptors 0, 1 and 2: bytes moved; -1 and errno. */
long ctx_c_read(void *to, size_t len);
long ctx_c_write(int fd, const void *from, size_t len);

#endif
