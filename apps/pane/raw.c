/* SPDX-License-Identifier: MIT */
#include "raw.h"

#include <stddef.h>

static uint32_t length(const char *text)
{
    uint32_t n = 0;
    while (text[n] != 0) {
        n++;
    }
    return n;
}

const struct ctx_files *raw_table(struct ctx *ctx)
{
    const struct ctx_table *t = NULL;
    ctx->iface->open(ctx->iface, CTX_ID_FILES, sizeof CTX_ID_FILES - 1, 0, &t);
    return t != NULL && (t->flags & CTX_TBL_GRANTED) != 0
               ? (const struct ctx_files *)(const void *)t
               : NULL;
}

/* A moment later, if there is something to be waited for. */
static int again(struct job *job, ctx_status status)
{
    uint64_t now = 0;
    if (status != CTX_E_AGAIN && status != CTX_E_BUSY) {
        return 0;
    }
    job->ctx->time->now(job->ctx->time, &now);
    return ctx_fiber_await(0, now + 1000000) != CTX_E_INVAL;
}

#define ASK(job, status, call)                                                                     \
    do {                                                                                           \
        (status) = (call);                                                                         \
    } while (again((job), (status)))

ctx_status raw_look(struct job *job, const char *path)
{
    const struct ctx_files *files = raw_table(job->ctx);
    struct ctx_files_info info = {.size = sizeof info};
    ctx_status status = CTX_E_NOSYS;
    if (files != NULL) {
        ASK(job, status, files->look(files, path, length(path), &info));
    }
    return status;
}

ctx_status raw_space(struct job *job, const char *path, struct ctx_files_space *space)
{
    const struct ctx_files *files = raw_table(job->ctx);
    ctx_status status = CTX_E_NOSYS;
    *space = (struct ctx_files_space){.size = sizeof *space};
    if (files != NULL) {
        ASK(job, status, files->space(files, path, length(path), space));
    }
    return status;
}

ctx_status raw_read(struct job *job, const char *path, uint64_t most, uint8_t **bytes,
                    uint64_t *len)
{
    const struct ctx_files *files = raw_table(job->ctx);
    struct ctx_files_info info = {.size = sizeof info};
    uint32_t handle = 0, count = 1;
    ctx_status status = CTX_E_NOSYS;
    uint8_t *to = NULL;
    if (files != NULL) {
        ASK(job, status, files->open(files, path, length(path), CTX_FILES_READ, &handle));
    }
    if (status != CTX_OK) {
        return status;
    }
    ASK(job, status, files->info(files, handle, &info));
    if (status == CTX_OK) {
        status = info.kind != CTX_FILES_FILE ? CTX_E_INVAL
                 : info.bytes > most         ? CTX_E_TOOBIG
                                             : CTX_OK;
    }
    if (status == CTX_OK && (to = job->ctx->alloc(info.bytes > 0 ? info.bytes : 1, 16)) == NULL) {
        status = CTX_E_NOMEM;
    }
    for (uint64_t at = 0; status == CTX_OK && at < info.bytes; at += count) {
        uint64_t want = info.bytes - at < 32768 ? info.bytes - at : 32768;
        ASK(job, status, files->read(files, handle, at, to + at, (uint32_t)want, &count));
        if (status == CTX_OK && count == 0) {
            status = CTX_E_IO; /* it has become shorter meanwhile */
        }
        status = status == CTX_OK && !job_turn(job) ? CTX_E_CANCELED : status;
    }
    files->close(files, handle);
    if (status != CTX_OK && to != NULL) {
        job->ctx->dealloc(to, info.bytes > 0 ? info.bytes : 1, 16);
        to = NULL;
    }
    *bytes = to;
    *len = info.bytes;
    return status;
}

ctx_status raw_list(struct job *job, const char *path,
                    int (*name)(void *arg, const char *name, uint32_t len, uint32_t kind),
                    void *arg)
{
    const struct ctx_files *files = raw_table(job->ctx);
    struct ctx_files_entry entry = {.size = sizeof entry};
    uint32_t handle = 0;
    ctx_status status = CTX_E_NOSYS;
    if (files != NULL) {
        ASK(job, status,
            files->open(files, path, length(path), CTX_FILES_READ | CTX_FILES_ONLY_FOLDER,
                        &handle));
    }
    if (status != CTX_OK) {
        return status;
    }
    do {
        uint64_t cursor = entry.next;
        entry.size = sizeof entry;
        ASK(job, status, files->list(files, handle, cursor, &entry));
    } while (status == CTX_OK && name(arg, (const char *)entry.name, entry.len, entry.kind) &&
             job_turn(job));
    files->close(files, handle);
    return status == CTX_E_NOENT ? CTX_OK : status;
}

ctx_status raw_folder(struct job *job, const char *path)
{
    const struct ctx_files *files = raw_table(job->ctx);
    ctx_status status = CTX_E_NOSYS;
    if (files != NULL) {
        ASK(job, status, files->make_folder(files, path, length(path), 0));
    }
    return status == CTX_E_EXIST ? CTX_OK : status;
}

static uint32_t put_text(char *to, uint32_t at, const char *text)
{
    for (; *text != 0 && at + 1 < RAW_PATH; text++) {
        to[at++] = *text;
    }
    to[at] = 0;
    return at;
}

ctx_status raw_new_name(struct job *job, const char *folder, const char *name, char out[RAW_PATH])
{
    ctx_status status = raw_folder(job, folder);
    for (uint32_t n = 1; status == CTX_OK && n < 100000; n++) {
        char digits[8] = {0};
        uint32_t first = 6, at = 0;
        for (uint32_t k = n; k > 0; k /= 10) {
            digits[first--] = (char)('0' + k % 10);
        }
        at = put_text(out, at, folder);
        at = put_text(out, at, "/");
        at = put_text(out, at, name);
        at = put_text(out, at, "-");
        at = put_text(out, at, digits + first + 1);
        put_text(out, at, ".png");
        status = raw_look(job, out);
    }
    return status == CTX_E_NOENT ? CTX_OK : status == CTX_OK ? CTX_E_EXIST : status;
}

/* ---- writing ---- */

static const char part[] = "~part";

/* The path that it has until it is whole. */
static uint32_t part_path(const struct raw_out *out, char *to)
{
    uint32_t n = 0;
    for (; out->path[n] != 0; n++) {
        to[n] = out->path[n];
    }
    for (uint32_t i = 0; i < sizeof part; i++) {
        to[n + i] = part[i];
    }
    return n + (uint32_t)sizeof part - 1;
}

ctx_status raw_begin(struct raw_out *out, struct job *job, const char *path)
{
    char temporary[RAW_PATH + 16];
    uint32_t len = length(path);
    out->job = job;
    out->files = raw_table(job->ctx);
    out->used = 0;
    out->at = 0;
    if (out->files == NULL || len >= RAW_PATH) {
        return out->status = out->files == NULL ? CTX_E_NOSYS : CTX_E_TOOBIG;
    }
    for (uint32_t i = 0; i <= len; i++) {
        out->path[i] = path[i];
    }
    len = part_path(out, temporary);
    ASK(job, out->status,
        out->files->open(out->files, temporary, len,
                         CTX_FILES_WRITE | CTX_FILES_CREATE | CTX_FILES_TRUNCATE, &out->handle));
    return out->status;
}

static void flush(struct raw_out *out)
{
    for (uint32_t done = 0, n = 0; out->status == CTX_OK && done < out->used; done += n) {
        ASK(out->job, out->status,
            out->files->write(out->files, out->handle, out->at, out->room + done, out->used - done,
                              &n));
        out->at += n;
        if (out->status == CTX_OK && n == 0) {
            out->status = CTX_E_IO;
        }
    }
    out->used = 0;
}

int raw_put(void *self, const void *bytes, uint32_t len)
{
    struct raw_out *out = self;
    const uint8_t *from = bytes;
    for (uint32_t i = 0; i < len && out->status == CTX_OK; i++) {
        if (out->used == sizeof out->room) {
            flush(out);
        }
        out->room[out->used++] = from[i];
    }
    return out->status == CTX_OK;
}

ctx_status raw_end(struct raw_out *out, int fine)
{
    char temporary[RAW_PATH + 16];
    const struct ctx_files *files = out->files;
    ctx_status status;
    if (files == NULL || out->handle == 0) {
        return out->status;
    }
    uint32_t len = part_path(out, temporary), path = length(out->path);
    flush(out);
    if (out->status == CTX_OK && fine) {
        ASK(out->job, out->status, files->sync(files, out->handle));
    }
    if (out->status == CTX_OK && fine) {
        ASK(out->job, out->status, files->rename(files, temporary, len, out->path, path));
        if (out->status == CTX_OK) {
            ASK(out->job, out->status, files->sync(files, out->handle)); /* the name, too */
        }
    } else {
        ASK(out->job, status, files->remove(files, temporary, len, 0));
    }
    files->close(files, out->handle);
    out->handle = 0;
    return out->status == CTX_OK && !fine ? CTX_E_CANCELED : out->status;
}

const char *raw_why(ctx_status status)
{
    switch (status) {
    case CTX_E_NOSYS:
        return "Nobody offers files.";
    case CTX_E_NOSPC:
        return "The disk is full.";
    case CTX_E_IO:
        return "The disk failed.";
    case CTX_E_RDONLY:
        return "It can only be read.";
    case CTX_E_DENIED:
        return "This app may not.";
    case CTX_E_NOENT:
        return "It is not there.";
    case CTX_E_TOOBIG:
        return "It is too large.";
    case CTX_E_NOMEM:
        return "There is no memory for it.";
    default:
        return ctx_status_name(status);
    }
}
