/* SPDX-License-Identifier: MIT */
/* What an app has of this room: its gates' bindings, and from version 3 on its tables. */
#include "app_v3.h"
#include "app_words.h"
#include "gate.h"
#include "heap.h"
#include "image_write.h"
#include "resource.h"

#include <kernel/string.h>

static bool is_denied(const struct app *app, uint32_t gate)
{
    switch (gate) { /* what became a table in version 3 was a function before */
    case CTX_GATE_V1_LOG:
        return app_denies(app, CTX_TABLE_LOG);
    case CTX_GATE_V2_ALLOC:
    case CTX_GATE_V2_DEALLOC:
        return app_denies(app, CTX_TABLE_MEM);
    default:
        for (uint32_t no = 0; no < CTX_TABLES; no++) {
            uint32_t fn;
            if (gate_is_of(&ctx_tables[no], gate, &fn)) {
                return app_denies(app, no);
            }
        }
        return false;
    }
}

/* What this instance's gates lead to, beside the default. */
static ctx_status bind(struct app *app)
{
    ctx_status status = CTX_OK;
    size_t len;
    app->bind = gate_default_bindings();
    /* The trampolines are the same in all slots: anybody can call all of their numbers. */
    app->gates = app->version >= 3 ? CTX_GATE_USED : CTX_GATE_V2_DEALLOC + 1;
    for (const char *next, *word = app->instrument; word != NULL && *word != 0; word = next) {
        next = app_next_word(word, &len);
        status = gate_instrument(app, word, len);
        if (status == CTX_E_NOMEM) {
            return status;
        }
        status = CTX_OK; /* perhaps a table that it opens */
    }
    for (uint32_t gate = CTX_GATE_V1_LOG; status == CTX_OK && gate < CTX_GATE_USED; gate++) {
        if (is_denied(app, gate)) {
            struct gate_binding b = app->bind[gate];
            b.to = GATE_DENIED;
            status = gate_bind(app, gate, b);
        }
    }
    return status;
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    if (app->version >= 3) {
        app->v3 = heap_alloc(sizeof *app->v3);
        if (app->v3 == NULL) {
            return CTX_E_NOMEM;
        }
    }
    ctx_status status = bind(app);
    if (status == CTX_OK && app->version >= 3) {
        status = v3_build(app);
    }
    if (status == CTX_OK && app->version >= 3 && (plan->note.listed >> CTX_TABLE_CPU & 1) != 0) {
        app->v3->cpu_told = machine_cpu_features(); /* it may use them without asking */
    }
    return status;
}

static void describe(const struct app *app, struct ctx *ctx)
{
    if (app->version >= 3) {
        v3_write_ctx(app, ctx);
    }
}

static void tear_down(struct app *app)
{
    if (app->v3 != NULL) {
        v3_release_tables(app);
        v3_forget_tables(app);
        heap_free(app->v3, sizeof *app->v3);
        app->v3 = NULL;
    }
    gate_release(app);
}

static uint64_t count(const struct app *app)
{
    return app->v3 != NULL ? app->v3->opened_tables : 0;
}

/* ---- images ---- */

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return app->v3 != NULL ? app->v3->opened_tables * sizeof app->v3->tables[0] : 0;
}

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    out->cpu_features = app->v3 != NULL ? app->v3->cpu_told : 0;
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    if (app->v3 != NULL) {
        image_write_whole(w, CTX_IMAGE_TABLES, sizeof app->v3->tables[0], app->v3->tables,
                          image_bytes(app, w->flags), false);
    }
    return CTX_OK;
}

static bool fits(const struct app *app, const struct image *image)
{
    uint64_t saved = image->parts[CTX_IMAGE_TABLES].count;
    if (app->v3 == NULL || saved > app->v3->opened_tables) {
        return app->v3 == NULL;
    }
    for (uint32_t i = 0; i < saved; i++) { /* others that it opened since do no harm */
        struct ctx_image_table t;
        image_entry(image, CTX_IMAGE_TABLES, i, &t, sizeof t);
        if (memcmp(&t, &app->v3->tables[i], sizeof t) != 0) {
            return false;
        }
    }
    return true;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    ctx_status status = CTX_OK;
    if (app->v3 == NULL) {
        return CTX_OK;
    }
    app->v3->cpu_told = how->image->app.cpu_features;
    uint64_t saved = how->in_place ? 0 : how->image->parts[CTX_IMAGE_TABLES].count;
    for (uint64_t i = 0; status == CTX_OK && i < saved; i++) {
        struct ctx_image_table table;
        image_entry(how->image, CTX_IMAGE_TABLES, i, &table, sizeof table);
        status = v3_restore_table(app, &table);
    }
    return status;
}

const struct app_resource context_resource = {
    .name = "tables",
    .build = build,
    .describe = describe,
    .tear_down = tear_down,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .fits = fits,
    .restore = restore,
    .count = count,
};
