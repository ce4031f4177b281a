/* SPDX-License-Identifier: MIT */
/* A folder and its thumbnails in memory, and how it is heard that it is another. */
#include "files.h"

#include <decode.h>
#include <raw.h>
#include <shrink.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define THUMB_BYTES (4u << 20)          /* of a file: a larger one gets no thumbnail */
#define PAUSE_NS    UINT64_C(300000000) /* between two looks at one that changes all the time */

static void free_entries(struct entry *e, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free(e[i].name);
        free(e[i].thumb);
    }
    free(e);
}

void folder_forget(struct view *v)
{
    free_entries(v->entries, v->count);
    v->entries = NULL;
    v->count = v->top = 0;
    v->at = v->from = v->pressed = NONE;
    v->look++;
}

/* ---- the list ---- */

static void watch(struct view *v)
{
    const struct ctx_files *files = raw_table(v->app->ctx);
    if (v->watch == 0 && files != NULL && CTX_TABLE_HAS(struct ctx_files, files, watch)) {
        ctx_status status = files->watch(files, v->path, (uint32_t)strlen(v->path), &v->watch);
        v->watch = status == CTX_PENDING ? v->watch : 0;
    }
}

/* Of entries that are sorted by their names. */
static struct entry *find_sorted(struct entry *e, uint32_t count, const struct entry *like)
{
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        int order = e[mid].is_folder != like->is_folder ? (e[mid].is_folder ? -1 : 1)
                                                        : name_compare(e[mid].name, like->name);
        if (order == 0) {
            return &e[mid];
        }
        from = order < 0 ? mid + 1 : from;
        to = order < 0 ? to : mid;
    }
    return NULL;
}

/* What was known of a name stays with it: choice, thumbnail. */
static void inherit(struct view *v, struct entry *e, uint32_t count)
{
    for (uint32_t i = 0; i < v->count; i++) {
        struct entry *old = &v->entries[i];
        struct entry *now = old->chosen || old->thumb_tried ? find_sorted(e, count, old) : NULL;
        if (now == NULL) {
            continue;
        }
        now->chosen = old->chosen;
        if (old->changed == now->changed && old->bytes == now->bytes) {
            now->thumb = old->thumb;
            now->thumb_tried = old->thumb_tried;
            old->thumb = NULL;
        }
    }
}

static uint32_t find(const struct view *v, const char *name)
{
    for (uint32_t i = 0; i < v->count; i++) {
        if (strcmp(v->entries[i].name, name) == 0) {
            return i;
        }
    }
    return NONE;
}

static void take(struct view *v, struct entry *e, uint32_t count)
{
    char name[NAME_MAX + 1] = "";
    if (v->choose[0] != 0) {
        snprintf(name, sizeof name, "%s", v->choose);
    } else if (v->at < v->count) {
        snprintf(name, sizeof name, "%s", v->entries[v->at].name);
    }
    entries_sort(e, count, SORT_NAME, 0);
    inherit(v, e, count);
    free_entries(v->entries, v->count);
    if (v->sort != SORT_NAME || v->falling) {
        entries_sort(e, count, v->sort, v->falling);
    }
    v->entries = e;
    v->count = count;
    v->at = find(v, name);
    v->pressed = NONE;
    if (v->choose[0] != 0 && v->at != NONE) {
        view_choose_all(v, 0);
        v->entries[v->at].chosen = 1;
        v->from = v->at;
        v->follow = 1;
    }
    v->choose[0] = 0;
}

static void list(struct job *job, void *arg)
{
    struct view *v = arg;
    struct entry *all = NULL;
    uint32_t count = 0, room = 0;
    char path[PATH_MAX];
    struct ctx_files_space space;
    const struct dirent *d;
    v->error[0] = 0;
    watch(v);
    DIR *dir = opendir(v->path);
    if (job->stop) {
        if (dir != NULL) {
            closedir(dir);
        }
        return; /* another one is wanted by now */
    }
    if (dir == NULL) {
        snprintf(v->error, sizeof v->error, "%s", strerror(errno));
        folder_forget(v);
        return;
    }
    while (job_turn(job) && (d = readdir(dir)) != NULL) {
        struct stat st;
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) {
            continue;
        }
        if (count == room) {
            room = room * 2 + 32;
            struct entry *more = realloc(all, room * sizeof *more);
            if (more == NULL) {
                snprintf(v->error, sizeof v->error, "There is not enough memory.");
                break;
            }
            all = more;
        }
        all[count] = (struct entry){.name = strdup(d->d_name)};
        if (all[count].name != NULL) {
            if (disk_join(path, v->path, d->d_name) && stat(path, &st) == 0) {
                all[count].is_folder = S_ISDIR(st.st_mode);
                all[count].bytes = S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size;
                all[count].changed = (int64_t)st.st_mtim.tv_sec;
            }
            count++;
        }
    }
    closedir(dir);
    if (job->stop) {
        free_entries(all, count);
        return;
    }
    take(v, all, count);
    v->space = v->free = 0;
    if (raw_space(job, v->path, &space) == CTX_OK) {
        v->space = space.bytes;
        v->free = space.free;
    }
    v->look++;
}

static void unwatch(struct view *v)
{
    const struct ctx_table *t = NULL;
    if (v->watch != 0 && v->app->ctx->iface->open(v->app->ctx->iface, CTX_ID_SERVICE,
                                                  sizeof CTX_ID_SERVICE - 1, 0, &t) == CTX_OK) {
        const struct ctx_service *service = (const struct ctx_service *)(const void *)t;
        (void)service->cancel(service, v->watch);
    }
    v->watch = 0;
}

void folder_go(struct view *v, const char *path, int remember)
{
    char to[PATH_MAX];
    snprintf(to, sizeof to, "%s", path); /* it may lie in what is forgotten now */
    if (remember && v->path[0] != 0) {
        if (v->backs == BACK) {
            free(v->back[0]);
            memmove(v->back, v->back + 1, (BACK - 1) * sizeof v->back[0]);
            v->backs--;
        }
        v->back[v->backs] = strdup(v->path);
        v->backs += v->back[v->backs] != NULL;
    }
    job_stop(&v->list);
    unwatch(v);
    snprintf(v->path, sizeof v->path, "%s", to);
    folder_forget(v);
    v->bar = BAR_NONE;
    v->stale = 1;
    const char *name = disk_name(v->path);
    pane_title(&v->pane, name[0] != 0 ? name : v->path);
    ctx_ui_focus(&v->pane.ui, "things");
}

void folder_back(struct view *v)
{
    if (v->backs > 0) {
        char *path = v->back[--v->backs];
        folder_go(v, path, 0);
        free(path);
    }
}

void folder_up(struct view *v)
{
    char folder[PATH_MAX], name[NAME_MAX + 1];
    snprintf(name, sizeof name, "%s", disk_name(v->path));
    disk_folder(folder, v->path);
    if (strcmp(folder, v->path) != 0) {
        folder_go(v, folder, 1);
        snprintf(v->choose, sizeof v->choose, "%s", name);
    }
}

/* ---- thumbnails ---- */

/* The next one that has none and is in sight, or nearly. */
static struct entry *without_thumb(struct files *f, struct view **view)
{
    for (uint32_t i = 0; i < VIEWS; i++) {
        struct view *v = f->views[i];
        if (v == NULL || v->pane.surface == 0 || !v->grid || v->stale) {
            continue;
        }
        uint32_t first = v->top * v->columns, end = first + 64;
        for (uint32_t k = first; k < v->count && k < end; k++) {
            struct entry *e = &v->entries[k];
            if (!e->thumb_tried && kind_of(e) == KIND_PICTURE) {
                *view = v;
                return e;
            }
        }
    }
    return NULL;
}

static uint32_t *make_thumb(struct ctx *ctx, const char *bytes, size_t len)
{
    const char *why = NULL;
    int w = 0, h = 0;
    struct picture p = {NULL, 0, 0};
    int32_t wide, high;
    uint32_t *thumb = NULL;
    p.pixels =
        (uint32_t *)(void *)decode_picture(ctx, (const uint8_t *)bytes, len, 4, &w, &h, &why);
    p.w = w;
    p.h = h;
    if (p.pixels != NULL && (thumb = calloc(THUMB_W * THUMB_H, sizeof *thumb)) != NULL) {
        picture_fit(&p, THUMB_W, THUMB_H, &wide, &high);
        struct picture_view view = {wide, high, 0, 0, CTX_RGB(0xe8e4dc)};
        picture_part(&p, &view, thumb + (THUMB_H - high) / 2 * THUMB_W + (THUMB_W - wide) / 2, wide,
                     high, THUMB_W);
    }
    decode_free(ctx, (uint8_t *)p.pixels);
    return thumb;
}

static void thumbs(struct job *job, void *arg)
{
    struct files *f = arg;
    struct view *v = NULL;
    struct entry *e;
    while (job_turn(job) && (e = without_thumb(f, &v)) != NULL) {
        char path[PATH_MAX], name[NAME_MAX + 1], folder[PATH_MAX];
        size_t len = 0;
        e->thumb_tried = 1;
        if (e->bytes > THUMB_BYTES || !disk_join(path, v->path, e->name)) {
            continue;
        }
        snprintf(name, sizeof name, "%s", e->name);
        snprintf(folder, sizeof folder, "%s", v->path);
        char *bytes = disk_read(job, path, THUMB_BYTES, &len);
        uint32_t *thumb = bytes != NULL ? make_thumb(f->ctx, bytes, len) : NULL;
        free(bytes);
        /* Meanwhile the window may show another folder. */
        uint32_t at = strcmp(folder, v->path) == 0 ? find(v, name) : NONE;
        if (thumb != NULL && at != NONE && v->entries[at].thumb == NULL) {
            v->entries[at].thumb = thumb;
            v->entries[at].thumb_tried = 1;
            v->look++;
        } else {
            free(thumb);
        }
    }
}

/* ---- in each call ---- */

static void hear(struct files *f, struct view *v)
{
    const struct ctx_table *t = NULL;
    uint32_t len = 0, result = 0;
    uint8_t none[1];
    if (v->watch == 0 || f->ctx->iface->open(f->ctx->iface, CTX_ID_SERVICE,
                                             sizeof CTX_ID_SERVICE - 1, 0, &t) != CTX_OK) {
        return;
    }
    const struct ctx_service *service = (const struct ctx_service *)(const void *)t;
    if (service->take(service, v->watch, none, 0, &len, &result) != CTX_E_AGAIN) {
        v->watch = 0;
        v->stale = 1;
    }
}

static int32_t go_on_with(struct files *f, struct view *v, uint64_t now)
{
    int ended = 0;
    hear(f, v);
    int32_t answer = job_go_on(&v->list, &ended);
    if (ended) {
        f->ctx->time->now(f->ctx->time, &v->listed_ns);
    }
    if (v->stale && !job_runs(&v->list)) {
        if (v->count > 0 && now < v->listed_ns + PAUSE_NS) {
            f->ctx->time->wake_at(f->ctx->time, v->listed_ns + PAUSE_NS);
        } else {
            v->stale = 0;
            job_begin(&v->list, f->ctx, list, v);
            answer = CTX_AGAIN;
        }
    }
    return answer;
}

int32_t folder_go_on(struct files *f)
{
    struct view *v;
    uint64_t now = 0;
    int ended = 0;
    f->ctx->time->now(f->ctx->time, &now);
    int32_t answer = job_go_on(&f->thumbs, &ended);
    for (uint32_t i = 0; i < VIEWS; i++) {
        if (f->views[i] != NULL && f->views[i]->pane.surface != 0) {
            int32_t one = go_on_with(f, f->views[i], now);
            answer = one != CTX_WAIT ? CTX_AGAIN : answer;
        }
    }
    if (!job_runs(&f->thumbs) && without_thumb(f, &v) != NULL) {
        job_begin(&f->thumbs, f->ctx, thumbs, f);
        answer = CTX_AGAIN;
    }
    return answer;
}
