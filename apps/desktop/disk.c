/* SPDX-License-Identifier: MIT */
/*
 * The disk, where the desktop's line has use=ctx.files/1(/): programs in /disk/apps, which the
 * launcher lists and starts, and pictures of the screen. All of it waits beside the windows.
 */
#include "desktop.h"

#include <ctx/png.h>

#define APPS     "/disk/apps"
#define PICTURES "/disk/pictures"
#define MOST     (64u << 20) /* bytes of a program */

/* ---- programs ---- */

static int put_program(void *arg, const char *name, uint32_t len, uint32_t kind)
{
    struct desktop *d = arg;
    static const char ending[] = ".elf";
    int is = len > 4 && len - 4 < sizeof d->disk_programs[0] && kind != CTX_FILES_FOLDER;
    for (uint32_t i = 0; is && i < 4; i++) {
        is = name[len - 4 + i] == ending[i];
    }
    if (!is) {
        return 1;
    }
    if (d->disk_program_count == DISK_PROGRAMS_MAX) {
        d->disk_more++;
        return 1;
    }
    /* In their order. */
    uint32_t at = d->disk_program_count++;
    char text[sizeof d->disk_programs[0]] = {0};
    __builtin_memcpy(text, name, len - 4);
    for (; at > 0; at--) {
        const char *before = d->disk_programs[at - 1];
        uint32_t i = 0;
        while (before[i] != 0 && before[i] == text[i]) {
            i++;
        }
        if ((uint8_t)before[i] <= (uint8_t)text[i]) {
            break;
        }
        __builtin_memcpy(d->disk_programs[at], before, sizeof text);
    }
    __builtin_memcpy(d->disk_programs[at], text, sizeof text);
    return 1;
}

static void list(struct job *job, void *arg)
{
    struct desktop *d = arg;
    d->disk_program_count = d->disk_more = 0;
    (void)raw_list(job, APPS, put_program, d); /* no such folder: no such programs */
    launcher_look(d);
}

void disk_list(struct desktop *d)
{
    d->disk_program_count = 0;
    if (d->loader != NULL && raw_table(d->ctx) != NULL) {
        job_begin(&d->list_job, d->ctx, list, d);
    }
}

static void start(struct job *job, void *arg)
{
    struct desktop *d = arg;
    struct line path, line;
    uint8_t *bytes = NULL;
    uint64_t len = 0, pid = 0;
    line_clear(&path);
    line_put(&path, APPS "/");
    line_put(&path, d->start_name);
    line_put(&path, ".elf");
    ctx_status status = raw_read(job, path.text, MOST, &bytes, &len);
    if (status == CTX_OK) {
        /* Its name is one word of its line. */
        line_clear(&line);
        for (const char *p = d->start_name; *p != 0; p++) {
            line_put_bytes(&line, "\\", *p == ' ' || *p == '\\');
            line_put_bytes(&line, p, 1);
        }
        line_put(&line, " restart=ask"); /* a crash is asked about, and can be taken back */
        status = d->loader->start(d->loader, bytes, (uint32_t)len, line.text, line.len, &pid);
        d->ctx->dealloc(bytes, len > 0 ? len : 1, 16);
    }
    if (status != CTX_OK) {
        launcher_not_started(d, d->start_name, status);
    }
}

void disk_start(struct desktop *d, const char *name)
{
    if (d->start_job.fiber != NULL) {
        launcher_not_started(d, name, CTX_E_BUSY);
        return;
    }
    __builtin_memcpy(d->start_name, name, sizeof d->start_name);
    if (!job_begin(&d->start_job, d->ctx, start, d)) {
        launcher_not_started(d, name, CTX_E_NOMEM);
    }
}

/* ---- pictures ---- */

static void shot(struct job *job, void *arg)
{
    struct desktop *d = arg;
    struct ctx_png png;
    struct line line;
    char path[RAW_PATH];
    const struct ctx_table *share = NULL;
    ctx_status status = raw_new_name(job, PICTURES, "screen", path);
    if (status == CTX_OK) {
        status = raw_begin(&d->out, job, path);
    }
    if (status == CTX_OK) {
        int fine = 1;
        ctx_png_begin(&png, d->shot.w, d->shot.h, raw_put, &d->out);
        for (uint32_t y = 0; fine && y < d->shot.h; y++) {
            ctx_png_row(&png, d->shot.pixels + (uint64_t)y * d->shot.w);
            fine = job_turn(job);
        }
        status = raw_end(&d->out, ctx_png_end(&png) && fine);
    }
    if (d->ctx->iface->open(d->ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1, 0, &share) ==
        CTX_OK) {
        const struct ctx_share *t = (const struct ctx_share *)(const void *)share;
        t->close(t, d->shot.handle);
    }
    line_clear(&line);
    line_put(&line, status == CTX_OK ? path : raw_why(status));
    line_put(&line, d->shot.copied
                        ? status == CTX_OK ? ", and in the clipboard" : " It is in the clipboard."
                        : "");
    notices_say(d, status != CTX_OK && !d->shot.copied,
                status == CTX_OK ? "Picture of the screen" : "The picture is not on the disk",
                line.text);
}

int disk_save_shot(struct desktop *d)
{
    return raw_table(d->ctx) != NULL && job_begin(&d->shot_job, d->ctx, shot, d);
}

/* ---- both ---- */

int32_t disk_go_on(struct desktop *d)
{
    struct job *jobs[] = {&d->list_job, &d->start_job, &d->shot_job, &d->web_job, &d->kept_job};
    int32_t answer = CTX_WAIT;
    int ended = 0;
    for (uint32_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        int32_t one = job_go_on(jobs[i], &ended);
        answer = one != CTX_WAIT ? CTX_AGAIN : answer;
    }
    return answer;
}

int disk_has_begun(const struct desktop *d)
{
    return (d->list_job.fiber != NULL && d->list_job.since_ns == 0) ||
           (d->start_job.fiber != NULL && d->start_job.since_ns == 0) ||
           (d->shot_job.fiber != NULL && d->shot_job.since_ns == 0) ||
           (d->web_job.fiber != NULL && d->web_job.since_ns == 0) ||
           (d->kept_job.fiber != NULL && d->kept_job.since_ns == 0);
}
