/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "app_slot.h"
#include "heap.h"
#include "restore.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define LIST_BYTES(count) ((uint64_t)(count) * sizeof(struct image_bytes) + 1)

ctx_status session_take(const char *name, struct image_bytes *out)
{
    uint32_t count = 0, room = app_count();
    struct image_bytes *list = heap_alloc(LIST_BYTES(room));
    ctx_status status = list != NULL ? CTX_OK : CTX_E_NOMEM;
    *out = (struct image_bytes){NULL, 0, 0};
    for (struct app *app = app_first(); status == CTX_OK && app != NULL; app = app->next) {
        if (app->fate == FATE_UNLOAD) {
            continue; /* as good as gone */
        }
        status = app_save(app, SAVE_PACKED, &list[count]);
        if (status == CTX_E_AGAIN) {
            log_warn("session", "%s#%lu is in the middle of a call: it will begin anew", app->name,
                     app->pid);
            status = app_save_fresh(app, SAVE_PACKED, &list[count]);
        }
        if (status != CTX_OK) {
            log_error("session", "%s#%lu can not be saved: %s", app->name, app->pid,
                      ctx_status_name(status));
        }
        count += status == CTX_OK;
    }
    if (status == CTX_OK) {
        status = session_save(name, list, count, app_next_pid(), out);
    }
    for (uint32_t i = 0; i < count; i++) {
        image_bytes_free(&list[i]);
    }
    if (list != NULL) {
        heap_free(list, LIST_BYTES(room));
    }
    return status;
}

static void complain(const char *label, uint32_t no, const struct image *image,
                     const struct image_error *error)
{
    log_error("session", "refused file=%s app=%u name=%s field=%s value=0x%lx: %s", label, no,
              image->app.name[0] != 0 ? (const char *)image->app.name : "?", error->field,
              error->value, error->reason);
}

uint32_t session_resume(const struct image *session, const char *label)
{
    uint32_t restored = 0;
    restore_canvas(session, session->session.canvas_w, session->session.canvas_h);
    for (uint32_t i = 0; i < session->session.apps; i++) {
        uint64_t len;
        struct image image;
        struct image_error error;
        struct app *app;
        const uint8_t *bytes = image_session_app(session, i, &len);
        if (bytes != NULL && image_open(bytes, len, &image, &error) &&
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

static bool open(const struct image *session, uint32_t i, struct image *image,
                 struct image_error *error)
{
    uint64_t len;
    const uint8_t *bytes = image_session_app(session, i, &len);
    return bytes != NULL && image_open(bytes, len, image, error);
}

static bool has(const struct image *session, const struct app *app)
{
    for (uint32_t i = 0; i < session->session.apps; i++) {
        struct image image;
        struct image_error error;
        if (open(session, i, &image, &error) && find(&image) == app) {
            return true;
        }
    }
    return false;
}

ctx_status session_go_back(const struct image *session, const char *label,
                           struct image_error *error)
{
    struct image image;
    for (uint32_t i = 0; i < session->session.apps; i++) {
        if (!open(session, i, &image, error)) {
            complain(label, i, &image, error);
            return CTX_E_INVAL;
        }
    }
    for (struct app *next, *app = app_first(); app != NULL; app = next) {
        next = app->next;
        if (!has(session, app)) {
            log_info("session", "%s#%lu ends: it was not there then", app->name, app->pid);
            app_unload(app);
        }
    }
    for (uint32_t i = 0; i < session->session.apps; i++) {
        ctx_status status = CTX_E_INVAL;
        if (open(session, i, &image, error)) {
            struct app *app = find(&image);
            status = app != NULL ? app_replace(app, &image, error)
                                 : app_restore(&image, label, NULL, &app, error);
        }
        if (status != CTX_OK) {
            complain(label, i, &image, error);
        }
    }
    restore_canvas(session, session->session.canvas_w, session->session.canvas_h);
    log_info("session", "went back file=%s apps=%u", label, app_count());
    return CTX_OK;
}
