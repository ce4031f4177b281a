/* SPDX-License-Identifier: MIT */
/* Between the files of the glue; no app sees this. */
#ifndef CTX_C_GLUE_H
#define CTX_C_GLUE_H

#include <stddef.h>

/* Everything printed so far goes to the log, half a line too. */
void ctx_c_flush(void);

/* One line of the log. */
void ctx_c_line(const char *text, size_t len);

#endif
