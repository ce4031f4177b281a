/* SPDX-License-Identifier: MIT */
/* Folders are gone into, programs are started, other files go to who opens files of that ending. */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE   "/disk/settings/handlers"
#define LARGEST (64u << 20)
#define LINE    2048

static const char *why(ctx_status status)
{
    return status == CTX_E_NOENT        ? "there is no such app"
           : status == CTX_E_NOMEM      ? "there is not enough memory"
           : status == CTX_E_NOSPC      ? "there are too many apps"
           : status == CTX_E_UNVERIFIED ? "its code is not verified"
           : status == CTX_E_INVAL      ? "its file is refused; the log says why"
           : status == CTX_E_DENIED     ? "this app's line lacks grant=ctx.loader/1"
                                        : ctx_status_name(status);
}

static ctx_status start_program(struct job *job, const struct ctx_loader *loader, const char *path,
                                const char **reason)
{
    char line[LINE], name[NAME_MAX + 1];
    uint64_t pid = 0;
    size_t len = 0;
    snprintf(name, sizeof name, "%s", disk_name(path));
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name) {
        *dot = 0;
    }
    name[31] = 0;
    char *bytes = disk_read(job, path, LARGEST, &len);
    if (bytes == NULL) {
        *reason = "it can not be read";
        return CTX_E_IO;
    }
    ctx_status status = CTX_E_INVAL;
    if (line_with("", name, line, sizeof line)) { /* its name is one word */
        status =
            loader->start(loader, bytes, (uint32_t)len, line + 1, (uint32_t)strlen(line + 1), &pid);
    }
    free(bytes);
    *reason = why(status);
    return status;
}

static ctx_status start_handler(const struct ctx_loader *loader, const char *app, const char *path,
                                const char **reason)
{
    static const char reach[] = " use=ctx.files/1(/)"; /* words of ours replace its own line */
    char line[LINE + sizeof reach];
    uint64_t pid = 0;
    ctx_status status = CTX_E_INVAL;
    if (!line_with(app, path, line, LINE)) {
        *reason = "its path is too long";
        return status;
    }
    memcpy(line + strlen(line), reach, sizeof reach);
    status =
        CTX_TABLE_HAS(struct ctx_loader, loader, run)
            ? loader->run(loader, app, (uint32_t)strlen(app), line, (uint32_t)strlen(line), &pid)
            : CTX_E_NOENT;
    *reason = why(status);
    return status;
}

static void open_job(struct job *job, void *arg)
{
    struct files *f = arg;
    struct view *v = f->views[f->open_view];
    const struct ctx_table *t = NULL;
    const char *reason = "", *name = disk_name(f->open_path);
    char app[32] = "";
    size_t len = 0;
    char *table = disk_read(job, TABLE, 65536, &len);
    int known = handler_of(table != NULL ? table : "", name, app, sizeof app);
    free(table);
    if (f->ctx->iface->open(f->ctx->iface, CTX_ID_LOADER, sizeof CTX_ID_LOADER - 1, 0, &t) !=
        CTX_OK) {
        complain(v, "This kernel starts no apps.");
        return;
    }
    const struct ctx_loader *loader = (const struct ctx_loader *)(const void *)t;
    if (!known) {
        complain(v,
                 "Nobody opens %.80s. A line \u201c.ending app\u201d in " TABLE " says who does.",
                 name);
    } else if (app[0] == 0 && start_program(job, loader, f->open_path, &reason) != CTX_OK) {
        complain(v, "%.100s does not start: %s.", name, reason);
    } else if (app[0] != 0 && start_handler(loader, app, f->open_path, &reason) != CTX_OK) {
        complain(v, "%.60s does not open %.100s: %s.", app, name, reason);
    }
}

void open_entry(struct view *v, uint32_t at)
{
    struct files *f = v->app;
    char path[PATH_MAX];
    if (at >= v->count || !disk_join(path, v->path, v->entries[at].name)) {
        return;
    }
    if (v->entries[at].is_folder) {
        folder_go(v, path, 1);
        return;
    }
    if (job_runs(&f->opening)) {
        return;
    }
    snprintf(f->open_path, sizeof f->open_path, "%s", path);
    for (uint32_t i = 0; i < VIEWS; i++) {
        f->open_view = f->views[i] == v ? i : f->open_view;
    }
    job_begin(&f->opening, f->ctx, open_job, f);
}
