/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "app_slot.h"
#include "canvas.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "restore.h"
#include "wall.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define LIST_BYTES(count) ((uint64_t)(count) * sizeof(struct image_bytes) + 1)

/* ---- saving ---- */

static void copy_canvas(struct session_shot *shot)
{
    uint64_t bytes = (uint64_t)canvas_width() * canvas_height() * 4;
    shot->canvas.pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    paddr_t frame = frame_alloc_pages(shot->canvas.pages, 0);
    if (frame != 0) {
        shot->canvas.bytes = machine_direct(frame);
        shot->canvas.len = bytes;
        memcpy(shot->canvas.bytes, canvas_pixels(), bytes);
    }
}

static ctx_status take_app(struct app *app, uint32_t flags, struct image_bytes *out)
{
    /* What must not come back from an image is in none. */
    ctx_status status =
        app->fresh_on_restore ? app_save_fresh(app, flags, out) : app_save(app, flags, out);
    if (status == CTX_E_AGAIN) {
        log_warn("session", "%s#%lu is in the middle of a call: it will begin anew", app->name,
                 app->pid);
        status = app_save_fresh(app, flags, out);
    }
    if (status == CTX_E_NOMEM && (flags & SAVE_PACKED) == 0) {
        return status; /* it is tried once more */
    }
    if (status != CTX_OK) {
        log_error("session", "%s#%lu can not be saved: %s", app->name, app->pid,
                  ctx_status_name(status));
    }
    return status;
}

static ctx_status shoot(const char *name, uint32_t flags, struct session_shot *shot)
{
    bool tight = (flags & SAVE_PACKED) != 0;
    *shot = (struct session_shot){.room = app_count(), .next_pid = app_next_pid(), .tight = tight};
    memcpy(shot->name, name, MIN(strlen(name), sizeof shot->name - 1));
    (void)wall_ns(&shot->wall_ns);
    shot->apps = heap_alloc(LIST_BYTES(shot->room));
    ctx_status status = shot->apps != NULL ? CTX_OK : CTX_E_NOMEM;
    for (struct app *app = app_first(); status == CTX_OK && app != NULL; app = app->next) {
        if (app->fate == FATE_UNLOAD) { /* that one is as good as gone */
            continue;
        }
        bool fits = shot->count < SESSION_APPS_MAX; /* else nobody could read it */
        status = fits ? take_app(app, flags, &shot->apps[shot->count]) : CTX_E_TOOBIG;
        shot->count += status == CTX_OK;
    }
    if (status == CTX_OK && !tight) {
        copy_canvas(shot);
        status = shot->canvas.bytes != NULL ? CTX_OK : CTX_E_NOMEM;
    }
    shot->done = tight ? shot->count : 0;
    if (status != CTX_OK) {
        session_shot_free(shot);
    }
    return status;
}

ctx_status session_shoot(const char *name, struct session_shot *shot)
{
    ctx_status status = shoot(name, SAVE_UNCHECKED, shot);
    /* No room to copy everything at once: pack one app after the other, while all stand still. */
    return status == CTX_E_NOMEM ? shoot(name, SAVE_PACKED, shot) : status;
}

void session_shot_free(struct session_shot *shot)
{
    for (uint32_t i = 0; i < shot->count; i++) {
        image_bytes_free(&shot->apps[i]);
    }
    if (shot->apps != NULL) {
        heap_free(shot->apps, LIST_BYTES(shot->room));
    }
    image_bytes_free(&shot->canvas);
    image_bytes_free(&shot->head);
    *shot = (struct session_shot){.apps = NULL};
}

static void copy_text(uint8_t *to, size_t size, const char *from)
{
    memcpy(to, from, MIN(strlen(from), size - 1));
}

/* Head, table and canvas; the apps stay where they are. */
static ctx_status write_head(struct session_shot *shot)
{
    struct image_writer w;
    struct ctx_image_session s = {
        .size = sizeof s,
        .apps = shot->count,
        .next_pid = shot->next_pid,
        .wall_ns = shot->wall_ns,
        .canvas_w = canvas_width(),
        .canvas_h = canvas_height(),
    };
    copy_text(s.name, sizeof s.name, shot->name);
    copy_text(s.saved_by, sizeof s.saved_by, SAVED_BY);
    uint64_t canvas = (uint64_t)s.canvas_w * s.canvas_h * 4;
    const void *pixels = shot->canvas.bytes != NULL ? shot->canvas.bytes : (void *)canvas_pixels();
    ctx_status status = image_write_begin(&w, sizeof s + canvas, shot->count + 2, SAVE_PACKED);
    if (status != CTX_OK) {
        return status;
    }
    image_write_whole(&w, CTX_IMAGE_SESSION_HEAD, s.size, &s, sizeof s, false);
    image_write_whole(&w, CTX_IMAGE_CANVAS, 0, pixels, canvas, true);
    for (uint32_t i = 0; i < shot->count; i++) {
        image_write_elsewhere(&w, CTX_IMAGE_SESSION_APP, &shot->apps[i]);
    }
    shot->len = w.out.len + w.elsewhere;
    status = image_write_end(&w, CTX_IMAGE_SESSION, &shot->head);
    image_bytes_free(&shot->canvas);
    return status;
}

ctx_status session_develop(struct session_shot *shot)
{
    ctx_status status = CTX_PENDING;
    if (shot->done < shot->count) {
        status = image_finish(&shot->apps[shot->done++]);
        status = status == CTX_OK ? CTX_PENDING : status;
    } else {
        status = write_head(shot);
    }
    if (status == CTX_E_NOMEM && !shot->tight) { /* what the copies take is missing: without them */
        char name[sizeof shot->name];
        memcpy(name, shot->name, sizeof name);
        session_shot_free(shot);
        status = shoot(name, SAVE_PACKED, shot);
        return status == CTX_OK ? CTX_PENDING : status;
    }
    if (status != CTX_PENDING && status != CTX_OK) {
        session_shot_free(shot);
    }
    return status;
}

uint32_t session_pieces(struct session_shot *shot, struct store_piece *pieces)
{
    uint64_t left = shot->len;
    for (uint32_t i = 0; i <= shot->count; i++) {
        struct image_bytes *b = i == 0 ? &shot->head : &shot->apps[i - 1];
        uint64_t len =
            MIN(ALIGN_UP(b->len, UINT64_C(8)), left); /* behind the last one is nothing */
        memset(b->bytes + b->len, 0, ALIGN_UP(b->len, UINT64_C(8)) - b->len);
        pieces[i] = (struct store_piece){b->bytes, len};
        left -= len;
    }
    return shot->count + 1;
}

ctx_status session_join(struct session_shot *shot, struct image_bytes *out)
{
    uint64_t bytes = ((uint64_t)shot->count + 1) * sizeof(struct store_piece), at = 0;
    struct store_piece *pieces = heap_alloc(bytes);
    *out = (struct image_bytes){.len = shot->len, .pages = (shot->len + PAGE_SIZE - 1) / PAGE_SIZE};
    bool large = out->pages > UINT64_C(1) << (FRAME_ORDERS - 1);
    paddr_t frame = pieces != NULL && !large ? frame_alloc_pages(out->pages, 0) : 0;
    if (frame != 0) {
        out->bytes = machine_direct(frame);
        for (uint32_t i = 0, n = session_pieces(shot, pieces); i < n; i++) {
            memcpy(out->bytes + at, pieces[i].bytes, pieces[i].len);
            at += pieces[i].len;
        }
    } else {
        *out = (struct image_bytes){NULL, 0, 0};
    }
    if (pieces != NULL) {
        heap_free(pieces, bytes);
    }
    session_shot_free(shot);
    return frame != 0 ? CTX_OK : large ? CTX_E_TOOBIG : CTX_E_NOMEM;
}

ctx_status session_take(const char *name, struct image_bytes *out)
{
    struct session_shot shot;
    *out = (struct image_bytes){NULL, 0, 0};
    ctx_status status = session_shoot(name, &shot);
    if (status == CTX_OK) {
        do {
            status = session_develop(&shot);
        } while (status == CTX_PENDING);
    }
    return status == CTX_OK ? session_join(&shot, out) : status;
}

/* ---- going back ---- */

static void complain(const char *label, uint32_t no, const struct image *image,
                     const struct image_error *error)
{
    const char *name = image->app.name[0] != 0 ? (const char *)image->app.name : "?";
    log_error("session", "refused file=%s app=%u name=%.*s field=%s value=0x%lx: %s", label, no,
              (int)sizeof image->app.name, name, error->field, error->value, error->reason);
}

/* Look at app number i of a session. If it is refused, *image has its name as far as that is known.
 */
static ctx_status open_app(const struct image *session, uint32_t i, struct image *image,
                           struct image_error *error)
{
    uint64_t len;
    const uint8_t *bytes = image_session_app(session, i, &len);
    if (bytes == NULL) {
        *image = (struct image){.bytes = NULL};
        image_refuse(error, "session.apps", i, "there are not so many");
        return CTX_E_INVAL;
    }
    if (!image_open_file(bytes, len, image, error)) {
        return image_refusal(error);
    }
    image->in_session = true;
    return CTX_OK;
}

uint32_t session_resume(const struct image *session, const char *label)
{
    uint32_t restored = 0;
    restore_canvas(session, session->session.canvas_w, session->session.canvas_h);
    for (uint32_t i = 0; i < session->session.apps; i++) {
        struct image image;
        struct image_error error;
        struct app *app;
        if (open_app(session, i, &image, &error) == CTX_OK &&
            app_restore(&image, label, NULL, &app, &error) == CTX_OK) {
            restored++;
        } else {
            complain(label, i, &image, &error);
        }
    }
    app_set_next_pid(MIN(session->session.next_pid, UINT64_C(1) << 48));
    log_info("session", "resumed file=%s apps=%u of=%u", label, restored, session->session.apps);
    return restored;
}

/* The running app that this image is one of. */
static struct app *find(const struct image *image)
{
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (app->pid == image->app.pid &&
            strncmp(app->name, (const char *)image->app.name, sizeof app->name) == 0) {
            return app;
        }
    }
    return NULL;
}

/* One app of the session: in place, or as a new one. */
static ctx_status go_back_one(const struct image *image, const char *label, const struct app *by,
                              struct image_error *error)
{
    struct app *app = find(image);
    if (app == NULL) {
        return app_restore(image, label, by, &app, error);
    }
    ctx_status status = app_go_back(app, image, error);
    if (status == CTX_OK) {
        go_back_log(app);
    }
    return status;
}

static ctx_status go_back_all(const struct image *session, const char *label, const struct app *by,
                              struct session_failures *failures)
{
    struct image image;
    struct image_error error;
    *failures = (struct session_failures){.apps = session->session.apps};
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        app->goes_back = false;
    }
    for (uint32_t i = 0; i < session->session.apps; i++) {
        ctx_status status = open_app(session, i, &image, &error);
        if (status != CTX_OK) {
            complain(label, i, &image, &error);
            failures->count = session->session.apps;
            failures->first = error;
            return status;
        }
        struct app *app = find(&image);
        if (app != NULL) {
            app->goes_back = true;
        }
    }
    for (struct app *next, *app = app_first(); app != NULL; app = next) {
        next = app->next;
        if (!app->goes_back) {
            log_info("session", "%s#%lu ends: it was not there then", app->name, app->pid);
            app_unload(app);
        }
    }
    ctx_status first = CTX_OK;
    for (uint32_t i = 0; i < session->session.apps; i++) {
        ctx_status status = open_app(session, i, &image, &error);
        if (status == CTX_OK) {
            status = go_back_one(&image, label, by, &error);
        }
        if (status != CTX_OK) {
            complain(label, i, &image, &error);
            if (failures->count++ == 0) {
                first = status;
                failures->first = error;
                memcpy(failures->name, image.app.name, sizeof failures->name - 1);
                text_make_printable(failures->name);
            }
        }
    }
    restore_canvas(session, session->session.canvas_w, session->session.canvas_h);
    log_info("session", "went back file=%s apps=%u failed=%u", label, app_count(), failures->count);
    return first;
}

ctx_status session_go_back(const struct image *session, const char *label, const struct app *by,
                           struct session_failures *failures)
{
    static struct app limits; /* of whoever asks, who may end here too. [loop] */
    if (by == NULL) {
        return go_back_all(session, label, NULL, failures);
    }
    limits.grants = by->grants;
    limits.denied = by->denied;
    limits.policy = by->policy;
    limits.trusts = by->trusts;
    *failures = (struct session_failures){.apps = session->session.apps};
    if (!grants_copy(&limits.grant_list, &by->grant_list)) {
        failures->count = session->session.apps;
        image_refuse(&failures->first, "memory", 0, "no memory to look at it");
        return CTX_E_NOMEM;
    }
    ctx_status status = go_back_all(session, label, &limits, failures);
    grants_free(&limits.grant_list);
    return status;
}
