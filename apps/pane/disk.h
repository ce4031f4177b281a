/* SPDX-License-Identifier: MIT */
/* Whole files: read, and put in the place of another one in one moment. In a job. */
#ifndef PANE_DISK_H
#define PANE_DISK_H

#include "job.h"

#include <stddef.h>

/* All of a file, at most `most` bytes, with a NUL behind it that does not count. NULL and errno:
 * EFBIG it has more, ECANCELED the job is to end. free() it. */
char *disk_read(struct job *job, const char *path, size_t most, size_t *len);

/* The next bytes of what is to be written; NULL: that was all. They stay until the next call. */
typedef const void *(*disk_source)(void *arg, size_t *len);

/*
 * The file at this path has these bytes and no others, or is as it was: nobody sees anything
 * between, not after a power cut either, and when this answers 0 it outlives one. What fits into
 * one call goes by ctx.files/1's replace; more, or where nobody offers that, into "PATH~part",
 * which is synced and gets the name. Answers an errno value; ECANCELED as above.
 */
int disk_replace(struct job *job, const char *path, disk_source source, void *arg);
/* The same with bytes that lie in one piece. */
int disk_replace_bytes(struct job *job, const char *path, const void *bytes, size_t len);

/* What was done to files lasts from now on. An errno value. */
int disk_sync(struct job *job);

/* What stands behind the last slash; never with one. */
const char *disk_name(const char *path);
/* folder/name into out, of PATH_MAX bytes. 0: it does not fit. */
int disk_join(char *out, const char *folder, const char *name);
/* The folder that it lies in, into out of PATH_MAX bytes; of "/" that itself. */
void disk_folder(char *out, const char *path);
/* A number of bytes for people: "4.2 MiB". */
void disk_size_text(char *out, size_t room, uint64_t bytes);

#endif
