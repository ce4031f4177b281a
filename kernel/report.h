/* SPDX-License-Identifier: MIT */
/* A faulted call in words: what the app did, where, and its registers. */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include "app.h"

/* Several lines in the log. The app has no call going on. */
void report_fault(const struct app *app, const struct machine_fault *fault);

/*
 * "wrote to null+0x18", "executed data in its heap" ...: the access that a page fault was about,
 * into text. Empty for other exceptions.
 */
void report_access(const struct app *app, const struct machine_fault *fault, char *text,
                   size_t size);

#endif
