/* SPDX-License-Identifier: MIT */
/* ctx.files/1 as the kernel has it for one app; see <kernel/files.h>. */
#ifndef KERNEL_CONTEXT_FILES_H
#define KERNEL_CONTEXT_FILES_H

#include "app.h"

/* Whether the table is the kernel's for this app; else another app may offer it. [loop, in a call]
 */
bool files_is_native(const struct app *app);

#endif
