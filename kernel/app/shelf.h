/* SPDX-License-Identifier: MIT */
/*
 * Programs that lie ready to be started by name: files whose line has the word `shelf`. Each is
 * kept as those of running apps are (program.h), with its line, and costs nothing else until
 * somebody starts it (ctx.loader/1).
 */
#ifndef KERNEL_SHELF_H
#define KERNEL_SHELF_H

#include "app.h"

struct shelf_entry {
    char name[APP_NAME];
    char title[64];   /* what its note calls it; else as name */
    uint32_t version; /* of the Context that it would be given */
    struct program *program;
    char *text; /* its line: "NAME ARGUMENTS", without the word */
    struct shelf_entry *next;
};

/* Whether a line says so. */
bool shelf_is_meant(const char *text);

/* Keep it; a later one of the same name takes its place. As app_load(): what is wrong with the file
 * the log says. INVAL, NOMEM. [boot] */
ctx_status shelf_put(const uint8_t *file, uint64_t len, const char *file_name, const char *text);

/* In the order in which they came. */
const struct shelf_entry *shelf_first(void);

/* NULL: there is none of that name. */
const struct shelf_entry *shelf_find(const char *name, size_t len);

#endif
