/* SPDX-License-Identifier: MIT */
/*
 * Archives in the "newc" cpio format (cpio(5)): how many files travel in one module. Pure; every
 * length is checked against the archive's own bytes.
 */
#ifndef KERNEL_CPIO_H
#define KERNEL_CPIO_H

#include <kernel/types.h>

struct cpio_file {
    const char *name; /* terminated, inside the archive */
    const uint8_t *data;
    uint64_t len;
};

/* True if the bytes begin like a newc archive. */
bool cpio_is(const uint8_t *archive, uint64_t len);

/*
 * The regular file after position *at (0 at first), which moves behind it. 1: *file is set; 0: the
 * end; -1: the archive is damaged at *at and *why says how.
 */
int cpio_next(const uint8_t *archive, uint64_t len, uint64_t *at, struct cpio_file *file,
              const char **why);

/* A file by name. False if there is none, or the archive is damaged before it. */
bool cpio_find(const uint8_t *archive, uint64_t len, const char *name, size_t name_len,
               struct cpio_file *file);

#endif
