/* SPDX-License-Identifier: MIT */
/*
 * An app that goes back. If it has kept its tables and surfaces, nothing is unmapped: pages are
 * written over, and the heap's lists are made anew only if they differ. Else it gets a fresh slot,
 * as an app that is restored.
 */
#include "restore_private.h"

#include "app_memory.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "random.h"
#include "resource.h"
#include "save.h"
#include "slot.h"
#include "undo.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* ---- in place ---- */

static bool fits(const struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    return a->state == CTX_IMAGE_LIVE && app->base == a->base && app->version == a->version &&
           app->stack_low == a->stack_low && resources_fit(app, image);
}

/* The heap's blocks as they were. False: no memory, nothing has changed. */
static bool back_heap(struct app *app, const struct image *image)
{
    uint64_t count = image->parts[CTX_IMAGE_HEAP].count;
    uint64_t free = image->parts[CTX_IMAGE_FREE].count;
    uint64_t bytes = (count + 1) * sizeof(struct slotheap_block) + free * sizeof(uint64_t);
    if (app->heap == NULL && count + free == 0) {
        return true;
    }
    struct slotheap_block *blocks = heap_alloc(bytes);
    if (blocks == NULL) {
        return false;
    }
    uint64_t *order = (uint64_t *)(blocks + count + 1);
    for (uint64_t i = 0; i < count; i++) {
        struct ctx_image_block b;
        image_entry(image, CTX_IMAGE_HEAP, i, &b, sizeof b);
        blocks[i] = (struct slotheap_block){b.offset, b.size, b.align_log2, b.guarded != 0};
    }
    for (uint64_t i = 0; i < free; i++) {
        image_entry(image, CTX_IMAGE_FREE, i, &order[i], sizeof order[i]);
    }
    bool good = true;
    if (app->heap != NULL && app_heap_is(app, blocks, count)) {
        (void)slotheap_set_free_order(app->heap, order, free);
    } else {
        good = app_heap_become(app, blocks, count, order, free);
    }
    heap_free(blocks, bytes);
    return good;
}

/* Walks along the image's runs as app_each_page() walks along the slot. */
struct pages {
    const struct image *image;
    struct image_stream stream;
    uint64_t run;
    struct ctx_image_run at; /* what is left of that run */
};

static void next_run(struct pages *p)
{
    p->at.count = 0;
    if (p->run < p->image->parts[CTX_IMAGE_RUNS].count) {
        image_entry(p->image, CTX_IMAGE_RUNS, p->run++, &p->at, sizeof p->at);
    }
}

static void back_page(void *arg, uint64_t offset, const uint8_t *page)
{
    struct pages *p = arg;
    uint64_t no = offset / PAGE_SIZE;
    uint8_t *to = (uint8_t *)(uintptr_t)page; /* ours: it lies in the direct map */
    while (p->at.count > 0 && p->at.page < no) {
        (void)image_stream_read(&p->stream, NULL, PAGE_SIZE); /* not there: no such page is saved */
        p->at.page++;
        if (--p->at.count == 0) {
            next_run(p);
        }
    }
    if (p->at.count == 0 || p->at.page != no) {
        memset(to, 0, PAGE_SIZE);
        return;
    }
    (void)image_stream_read(&p->stream, to, PAGE_SIZE); /* image_open() has seen that it can be */
    p->at.page++;
    if (--p->at.count == 0) {
        next_run(p);
    }
}

static ctx_status in_place(struct app *app, const struct image *image)
{
    struct pages pages = {.image = image};
    uint32_t epoch = app->epoch;
    if (!image_stream_begin(&pages.stream, image, CTX_IMAGE_CONTENTS)) {
        return CTX_E_NOMEM;
    }
    undo_reset(app);
    bool good = back_heap(app, image);
    if (good) {
        next_run(&pages);
        app_each_page(app, true, back_page, &pages);
    }
    image_stream_end(&pages.stream);
    if (!good) {
        return CTX_E_NOMEM;
    }
    restore_numbers(app, image);
    app->epoch = MAX(app->epoch, epoch + 1);
    app->ctx_is_outdated = true;
    return restore_resources(app, image, true);
}

/* ---- either way ---- */

/* The checksum may be the same by intent: another file's segments are not those that the slot has.
 */
static bool is_its_file(const struct app *app, const struct restore_file *file)
{
    return file->program.len == app->program->len &&
           memcmp(file->program.bytes, app->program->file, app->program->len) == 0;
}

/* A bare image is one of the file that the app has. */
static ctx_status open_file(const struct app *app, const struct image *image,
                            struct restore_file *file, struct image_error *error)
{
    if (image->app.code_hash != program_hash(app->program)) {
        *file = (struct restore_file){.program = {NULL, 0, NULL}};
        image_refuse(error, "app.code_hash", image->app.code_hash, "the image of another program");
        return CTX_E_INVAL;
    }
    if (image->parts[CTX_IMAGE_PROGRAM].len != 0) {
        ctx_status status = restore_open_file(image, app->name, file, error);
        if (status == CTX_OK && !is_its_file(app, file)) {
            image_refuse(error, "app.code_hash", image->app.code_hash,
                         "the image of another program");
            status = CTX_E_INVAL;
        }
        return status;
    }
    struct elf_error elf;
    *file = (struct restore_file){.program = {app->program->file, app->program->len, NULL}};
    if (fits(app, image)) { /* what its file says of memory is known, and nothing else is wanted */
        file->plan.has_note = app->version >= 3;
        file->plan.segment_count = app->segment_count;
        memcpy(file->plan.segments, app->segments, app->segment_count * sizeof *app->segments);
        return CTX_OK;
    }
    if (!elf_check(app->program->file, app->program->len, &file->plan, &elf)) {
        image_refuse(error, elf.field, elf.value, elf.reason);
        return CTX_E_INVAL;
    }
    return CTX_OK;
}

static ctx_status anew(struct app *app, const struct image *image, struct restore_file *file,
                       struct image_error *error)
{
    uint32_t epoch = app->epoch;
    struct elf_error elf; /* the plan may be only what replacing in place needs */
    (void)elf_check(file->program.bytes, file->program.len, &file->plan, &elf);
    app_tear_down(app);
    uint32_t generation = app->link_generation;
    app->version = image->app.version;
    app->stack_low = image->app.stack_low;
    ctx_status status = restore_build(app, image, file);
    app->epoch = MAX(app->epoch, epoch + 1);
    app->link_generation = MAX(app->link_generation, generation);
    if (status != CTX_OK) {
        image_refuse(error, "memory", frame_free_total() * PAGE_SIZE,
                     "not enough memory: the app begins anew");
        app_set_fate(app, FATE_RESTART, machine_now_ns());
    }
    return status;
}

void go_back_log(const struct app *app)
{
    log_info("app", "went back name=%s pid=%lu slot=0x%lx calls=%lu epoch=%u", app->name, app->pid,
             app->base, app->calls, app->epoch);
}

ctx_status app_go_back(struct app *app, const struct image *image, struct image_error *error)
{
    struct restore_file file;
    if (app->base != 0 && app_is_in_chain(app)) {
        image_refuse(error, "app", app->pid, "it is in the middle of a call");
        return CTX_E_AGAIN;
    }
    struct image *copy = NULL;
    ctx_status status = open_file(app, image, &file, error);
    if (status == CTX_OK) { /* the file is the app's own */
        status = restore_fresh(app->fresh_on_restore, &image, &copy, error);
    }
    bool live = image->app.state == CTX_IMAGE_LIVE;
    if (status == CTX_OK) {
        status = restore_check(image, &file.plan, app->pages, error);
    }
    if (status == CTX_OK && live && image->app.base != app->base &&
        !slot_is_free(image->app.base)) {
        image_refuse(error, "app.base", image->app.base, "another app lives there");
        status = CTX_E_EXIST;
    }
    if (status == CTX_OK) {
        app->fate = FATE_NONE;
        app_drop_parked(app); /* perhaps it hangs, and somebody wants it back as it was */
        bool done = fits(app, image) && in_place(app, image) == CTX_OK;
        status = done ? CTX_OK : anew(app, image, &file, error);
        if (status == CTX_OK) {
            restore_turn(app, image);
            random_reseed();
        }
    }
    restore_close_file(&file);
    if (copy != NULL) {
        heap_free(copy, sizeof *copy);
    }
    return status;
}
