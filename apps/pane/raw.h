/* SPDX-License-Identifier: MIT */
/*
 * Files for apps without a C library, by ctx.files/1 alone. In a job (job.h): where a disk has to
 * be waited for, it waits. Paths are whole, "/disk/...", and end in a NUL.
 */
#ifndef PANE_RAW_H
#define PANE_RAW_H

#include "job.h"

#define RAW_PATH 512u /* bytes of a path here, with its NUL */

/* NULL: nobody offers files to this app. */
const struct ctx_files *raw_table(struct ctx *ctx);

/* All of a file, in memory of ctx->alloc: give it back with ctx->dealloc(bytes, *len, 16). Errors
 * of ctx.files/1; TOOBIG: more than `most`; NOMEM; CANCELED: the job is to end. */
ctx_status raw_read(struct job *job, const char *path, uint64_t most, uint8_t **bytes,
                    uint64_t *len);

/* The names in a folder, one after the other: while name answers 1. */
ctx_status raw_list(struct job *job, const char *path,
                    int (*name)(void *arg, const char *name, uint32_t len, uint32_t kind),
                    void *arg);

/* How much room there is where this path lies. */
ctx_status raw_space(struct job *job, const char *path, struct ctx_files_space *space);

/* What lies there: CTX_OK, NOENT or another error. */
ctx_status raw_look(struct job *job, const char *path);

/*
 * A file that is written from its beginning to its end, and gets its name when it is whole. All 0
 * to begin with. raw_put is what <ctx/png.h> calls.
 */
struct raw_out {
    struct job *job;
    const struct ctx_files *files;
    uint32_t handle, used;
    uint64_t at;
    ctx_status status; /* the first thing that went wrong */
    char path[RAW_PATH + 8];
    uint8_t room[16384];
};
ctx_status raw_begin(struct raw_out *out, struct job *job, const char *path);
int raw_put(void *self, const void *bytes, uint32_t len);
/* fine 0: it is not to be kept. What this answers was how all of it went; then it outlives a power
 * cut. */
ctx_status raw_end(struct raw_out *out, int fine);

/* Makes the folder, if it is not there. */
ctx_status raw_folder(struct job *job, const char *path);

/* The first of FOLDER/NAME-1.png, FOLDER/NAME-2.png ... that is not there, into out; the folder is
 * made. */
ctx_status raw_new_name(struct job *job, const char *folder, const char *name, char out[RAW_PATH]);

/* For people. */
const char *raw_why(ctx_status status);

#endif
