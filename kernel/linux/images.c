/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "images.h"

#include "app.h"
#include "image.h"
#include "lasting.h"
#include "linux.h"
#include "program.h"
#include "restore.h"
#include "session.h"
#include "tool.h"
#include "vault.h"

#include <kernel/klog.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that an image may need: beside the image, or here. */
static void lend(const char *folder, int folder_len, const char *name)
{
    static const char *const endings[] = {".elf", ""};
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
        char *path = NULL;
        struct stat st;
        if (asprintf(&path, "%.*s%s%s", folder_len, folder, name, endings[i]) < 0) {
            return;
        }
        uint64_t len;
        uint8_t *file = stat(path, &st) == 0 && S_ISREG(st.st_mode)
                            ? tool_read(path, TOOL_FILE_MAX, &len)
                            : NULL;
        if (file != NULL && !program_lend(file, len)) {
            log_warn("main", "%s: no memory to have its data at hand", path);
        }
        free(file);
        free(path);
    }
}

/* What one app's image names of its file. path: of the image's file. */
static void lend_needs(const struct image *image, const char *path)
{
    const char *slash = strrchr(path, '/');
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_NEEDS].count; i++) {
        struct ctx_image_need need;
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        const char *name = (const char *)need.name;
        if (strchr(name, '/') != NULL || name[0] == 0) {
            continue; /* an image's word leads to no other folder */
        }
        if (program_find_data(need.len, need.hash) == NULL && slash != NULL) {
            lend(path, (int)(slash - path + 1), name);
        }
        if (program_find_data(need.len, need.hash) == NULL) {
            lend("", 0, name);
        }
    }
}

static void lend_all_needs(const struct image *image, const char *path)
{
    struct image app;
    struct image_error error;
    uint64_t len;
    if ((image->flags & CTX_IMAGE_SESSION) == 0) {
        lend_needs(image, path);
        return;
    }
    for (uint32_t i = 0; i < image->session.apps; i++) {
        const uint8_t *bytes = image_session_app(image, i, &len);
        if (bytes != NULL && image_open_file(bytes, len, &app, &error)) {
            lend_needs(&app, path);
        }
    }
}

bool images_load(const char *path)
{
    uint64_t len;
    struct image image;
    struct image_error error;
    struct app *app;
    uint8_t *bytes = tool_read(path, TOOL_FILE_MAX, &len);
    if (bytes == NULL) {
        return false;
    }
    const char *slash = strrchr(path, '/');
    const char *label = slash != NULL ? slash + 1 : path;
    bool good = image_open_file(bytes, len, &image, &error);
    bool session = good && (image.flags & CTX_IMAGE_SESSION) != 0;
    if (good) {
        linux_virtual_wall(session ? image.session.wall_ns : image.app.wall_ns);
        lend_all_needs(&image, path);
    }
    if (session) {
        if (session_resume(&image, label) < image.session.apps) {
            app_refuse(label, "session.apps", image.session.apps, "not all of it was restored");
        }
    } else {
        good = good && app_restore(&image, label, NULL, &app, &error) == CTX_OK;
        if (good) {
            restore_canvas(&image, image.app.canvas_w, image.app.canvas_h);
        } else {
            app_refuse(label, error.field, error.value, error.reason);
        }
    }
    program_lend_end();
    free(bytes);
    return true;
}

/* Where a name leads; NULL and *error: to something that must not be replaced. To be freed. */
static char *resolve(const char *path, int *error)
{
    struct stat st;
    char *real = realpath(path, NULL);
    *error = real == NULL && errno != ENOENT ? errno : 0;
    if (real == NULL) {
        return *error == 0 ? strdup(path) : NULL;
    }
    if (stat(real, &st) == 0 && !S_ISREG(st.st_mode)) {
        *error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL; /* a device, a pipe */
        free(real);
        return NULL;
    }
    return real;
}

/* All of it under another name first, so that there is never half an image under this one. */
static int write_file(const char *name, const struct image_bytes *image)
{
    char *draft = NULL;
    int error;
    char *path = resolve(name, &error);
    if (path == NULL) {
        return error != 0 ? error : ENOMEM;
    }
    if (asprintf(&draft, "%s.%d.part", path, getpid()) < 0) {
        free(path);
        return ENOMEM;
    }
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    error = fd < 0 ? errno : 0;
    for (uint64_t at = 0; error == 0 && at < image->len;) {
        ssize_t n = write(fd, image->bytes + at, image->len - at);
        error = n < 0 && errno != EINTR ? errno : 0;
        at += n > 0 ? (uint64_t)n : 0;
    }
    if (fd >= 0) {
        error = error == 0 && fsync(fd) != 0 ? errno : error;
        error = close(fd) != 0 && error == 0 ? errno : error;
    }
    error = error == 0 && rename(draft, path) != 0 ? errno : error;
    if (error != 0) {
        unlink(draft);
    }
    free(draft);
    free(path);
    return error;
}

const struct app *images_busy(void)
{
    const struct app *app = app_first();
    while (app != NULL && (app->base == 0 || app_is_between_calls(app))) {
        app = app->next;
    }
    return app;
}

bool images_save(const char *path, const char *session)
{
    struct image_bytes image;
    const struct app *busy = images_busy();
    if (busy != NULL) {
        log_error("main", "save %s: %s is in the middle of a call that does not end", path,
                  busy->name);
        return false;
    }
    ctx_status status = app_count() == 1 && session == NULL
                            ? app_save(app_first(), SAVE_PACKED | SAVE_CANVAS, &image)
                            : session_take(session != NULL ? session : "run", &image);
    if (status != CTX_OK) {
        log_error("main", "save %s: %s", path, ctx_status_name(status));
        return false;
    }
    /* What apps have on disks is to be no older, should the power go. */
    uint64_t question = lasting_ask(NULL);
    lasting_wait(question);
    (void)lasting_end(question, path);
    int error = write_file(path, &image);
    if (error != 0) {
        log_error("main", "save %s: %s", path, strerror(error));
    } else {
        log_info("main", "saved file=%s bytes=%lu apps=%u", path, image.len, app_count());
    }
    image_bytes_free(&image);
    return error == 0;
}

bool images_have_store(const char *session)
{
    struct vault_info info;
    vault_info(&info);
    if (!info.on_disk) {
        fprintf(
            stderr,
            "ctx: --session %s can not be kept: %s (ctx disk create makes a store); nothing was "
            "started\n",
            session, info.where);
    }
    return info.on_disk;
}
