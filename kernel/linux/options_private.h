/* SPDX-License-Identifier: MIT */
/* For options.c and options_apps.c alone. */
#ifndef LINUX_OPTIONS_PRIVATE_H
#define LINUX_OPTIONS_PRIVATE_H

#include "options.h"

/* Says on stderr what is wrong with a word. Always false. */
bool options_complain(const char *what, const char *word);

/* Reads the apps from argv[at] on, with a + between each two. False: it makes no sense, and stderr
 * says why. */
bool options_read_apps(struct run_options *o, int argc, char **argv, int at);

#endif
