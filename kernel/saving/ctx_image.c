/* SPDX-License-Identifier: MIT */
/*
 * ctx.image/1: what vault.h offers, to apps. A job belongs to the app that asked for it, in the
 * epoch in which it asked: an app that was put back does not know the jobs of its later self.
 */

#include "app.h"
#include "gate.h"
#include "vault.h"
#include "watch.h"

#include <kernel/string.h>

#include <ctx/tables.h>

#define JOBS 16u

struct owned {
    struct vault_job job;
    uint64_t pid;
    uint32_t epoch, restarts; /* of the app when it asked */
    uint32_t generation;      /* of the handle: 24 bits */
    bool taken;
};

/* [in a call]; while one is in the vault its job is also [loop]. */
static struct owned jobs[JOBS];

static uint32_t handle_of(const struct owned *o)
{
    return o->generation << 8 | (uint32_t)(o - jobs);
}

/* A place; those whose app has gone, or went back, are given to others when they are done. */
static struct owned *find_place(void)
{
    for (uint32_t i = 0; i < JOBS; i++) {
        struct owned *o = &jobs[i];
        const struct app *app = o->taken ? app_find(o->pid) : NULL;
        bool orphan = app == NULL || app->epoch != o->epoch || app->restarts != o->restarts;
        if (!o->taken || (orphan && o->job.status != CTX_PENDING)) {
            return o;
        }
    }
    return NULL;
}

static ctx_status read_name(char name[STORE_NAME_MAX + 1], uint64_t address, uint32_t len)
{
    memset(name, 0, STORE_NAME_MAX + 1);
    if (len == 0 || len > STORE_NAME_MAX || machine_copy_in(name, address, len) != CTX_OK ||
        strlen(name) != len || !store_name_good(name)) {
        return CTX_E_INVAL;
    }
    return CTX_OK;
}

static uint64_t begin(struct app *app, enum vault_op op, uint64_t pid, uint64_t name, uint32_t len,
                      uint64_t out)
{
    char text[STORE_NAME_MAX + 1];
    struct owned *o = find_place();
    ctx_status status = read_name(text, name, len);
    if (status == CTX_OK && o == NULL) {
        status = CTX_E_NOSPC;
    }
    if (status == CTX_OK) {
        uint32_t generation = o->generation < UINT32_MAX >> 8 ? o->generation + 1 : 1;
        uint32_t handle = generation << 8 | (uint32_t)(o - jobs);
        status = gate_put(out, &handle, sizeof handle);
        if (status == CTX_OK) {
            *o = (struct owned){
                .job = {.op = op, .pid = pid, .by = app->pid},
                .pid = app->pid,
                .epoch = app->epoch,
                .restarts = app->restarts,
                .generation = generation,
                .taken = true,
            };
            memcpy(o->job.name, text, sizeof text);
            app_reaches_out(app, "it asked for an image");
            vault_submit(&o->job);
            status = CTX_PENDING;
        }
    }
    return (uint32_t)status;
}

static uint64_t image_save(struct app *app, const uint64_t args[6])
{
    return begin(app, VAULT_SAVE, args[1], args[2], (uint32_t)args[3], args[4]);
}

static uint64_t image_restore(struct app *app, const uint64_t args[6])
{
    return begin(app, VAULT_RESTORE, args[1], args[2], (uint32_t)args[3], args[4]);
}

static uint64_t image_remove(struct app *app, const uint64_t args[6])
{
    return begin(app, VAULT_REMOVE, 0, args[1], (uint32_t)args[2], args[3]);
}

static uint64_t image_poll(struct app *app, const uint64_t args[6])
{
    uint32_t at = (uint32_t)args[1] & 0xff;
    struct owned *o = at < JOBS ? &jobs[at] : NULL;
    if (o == NULL || !o->taken || o->pid != app->pid || handle_of(o) != (uint32_t)args[1]) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (o->epoch != app->epoch) {
        return (uint32_t)CTX_E_STALE;
    }
    if (o->restarts != app->restarts) {
        return (uint32_t)CTX_E_NOENT; /* it began anew, and knows nothing of it */
    }
    ctx_status ended = o->job.status;
    struct ctx_image_job out = {
        .size = sizeof out,
        .status = (uint32_t)ended,
        .done = o->job.done,
        .total = o->job.total,
        .pid = o->job.made,
    };
    memcpy(out.why, o->job.why, MIN(sizeof out.why, sizeof o->job.why));
    ctx_status status = gate_put_struct(args, 2, &out, sizeof out);
    o->taken = status != CTX_OK || ended == CTX_PENDING;
    if (!o->taken) {
        app_reaches_out(app, "it took the last answer about an image");
    }
    return (uint32_t)status;
}

static uint64_t image_list(struct app *app, const uint64_t args[6])
{
    (void)app;
    uint32_t each = (uint32_t)args[3], count = 0;
    if (each < GATE_ELEMENT_MIN) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t room = (uint32_t)args[2] / each;
    struct store_stat stat = {.len = 0};
    for (; vault_next(&stat); count++) {
        struct ctx_image_info out = {
            .bytes = stat.len, .wall_ns = stat.wall_ns, .generation = stat.generation};
        memcpy(out.name, stat.name, MIN(sizeof out.name, sizeof stat.name));
        if (count < room && gate_put_element(args[1], count, each, &out, sizeof out) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
    }
    return (uint32_t)gate_put(args[4], &count, sizeof count);
}

static uint64_t image_place(struct app *app, const uint64_t args[6])
{
    (void)app;
    struct vault_info info;
    vault_info(&info);
    struct ctx_image_place out = {
        .size = sizeof out,
        .flags =
            (info.on_disk ? CTX_IMAGES_ON_DISK : 0) | (info.read_only ? CTX_IMAGES_READ_ONLY : 0),
        .used = info.used,
        .quota = info.quota,
        .room = info.room,
    };
    memcpy(out.place, info.where, MIN(sizeof out.place, sizeof info.where));
    return (uint32_t)gate_put_struct(args, 1, &out, sizeof out);
}

GATE_TABLE(ctx_image_table, CTX_TABLE_IMAGE, image_save, image_restore, image_remove, image_poll,
           image_list, image_place);
