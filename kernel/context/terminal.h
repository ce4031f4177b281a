/* SPDX-License-Identifier: MIT */
/* ctx.terminal/1 as the kernel has it for one app; see <kernel/terminal.h>. */
#ifndef KERNEL_CONTEXT_TERMINAL_H
#define KERNEL_CONTEXT_TERMINAL_H

#include "app.h"

/* Whether the table is the kernel's for this app; else another app may offer it. [loop, in a call]
 */
bool terminal_is_native(const struct app *app);

#endif
