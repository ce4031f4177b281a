/* SPDX-License-Identifier: MIT */
/* A faulted call in words; crash.c makes a report of them. */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include "app.h"

/* The first line of a report: which app, which call, which exception, where. */
void report_fault(const struct app *app, const struct machine_fault *fault, char *text,
                  size_t size);

/*
 * "wrote to null+0x18", "executed data in its heap" ...: the access that a page fault was about,
 * into text. Empty for other exceptions.
 */
void report_access(const struct app *app, const struct machine_fault *fault, char *text,
                   size_t size);

#endif
