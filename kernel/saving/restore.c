/* SPDX-License-Identifier: MIT */
/*
 * The order is: what the image says of itself (image.c), what this system makes of it
 * (restore_check.c), then a slot as for a fresh app, and over it what the image has. Addresses that
 * the app may have kept - its slot, gates, tables, surfaces - are the same ones again; what this
 * system does not have answers NOSYS there, what can not live on answers STALE.
 */
#include "restore_private.h"

#include "app_v3.h"
#include "canvas.h"
#include "ctx_host.h"
#include "event.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "input_view.h"
#include "own_canvas.h"
#include "pack.h"
#include "present.h"
#include "random.h"
#include "slot.h"

#include <kernel/block.h>
#include <kernel/klog.h>
#include <kernel/string.h>

/* ---- parts ---- */

static bool take(const struct image *image, uint32_t kind, struct restore_piece *out)
{
    struct image_stream stream;
    const struct image_part *part = &image->parts[kind];
    *out = (struct restore_piece){.bytes = part->stored, .len = part->len};
    if ((part->flags & CTX_IMAGE_PACKED) == 0 || part->len == 0) {
        return true;
    }
    out->copy = heap_alloc(part->len);
    out->bytes = out->copy;
    bool good = out->copy != NULL && image_stream_begin(&stream, image, kind);
    if (good) {
        good = image_stream_read(&stream, out->copy, part->len);
        image_stream_end(&stream);
    }
    return good;
}

static void give_back(struct restore_piece *piece)
{
    if (piece->copy != NULL) {
        heap_free(piece->copy, piece->len);
    }
    *piece = (struct restore_piece){NULL, 0, NULL};
}

void restore_close_file(struct restore_file *f)
{
    give_back(&f->program);
    give_back(&f->symbols);
    give_back(&f->strings);
}

ctx_status restore_open_file(const struct image *image, const char *label, struct restore_file *f,
                             struct image_error *error)
{
    struct elf_error elf;
    *f = (struct restore_file){.program = {NULL, 0, NULL}};
    if (!take(image, CTX_IMAGE_PROGRAM, &f->program) ||
        !take(image, CTX_IMAGE_SYMBOLS, &f->symbols) ||
        !take(image, CTX_IMAGE_STRINGS, &f->strings)) {
        image_refuse(error, "memory", image->len, "no memory to look at it");
        return CTX_E_NOMEM;
    }
    if (checksum(f->program.bytes, f->program.len) != image->app.code_hash) {
        image_refuse(error, "app.code_hash", image->app.code_hash, "its file is another one");
        return CTX_E_INVAL;
    }
    if (!elf_check(f->program.bytes, f->program.len, &f->plan, &elf)) {
        image_refuse(error, elf.field, elf.value, elf.reason);
        return CTX_E_INVAL;
    }
    if (!app_check_plan(&f->plan, label)) {
        image_refuse(error, "program", image->app.version, "this kernel does not take its file");
        return CTX_E_INVAL;
    }
    return CTX_OK;
}

/* ---- the app's struct ---- */

static void copy_text(char *to, size_t size, const uint8_t *from)
{
    memcpy(to, from, size - 1);
    text_make_printable(to);
}

static void take_grants(struct app *app, const struct image *image)
{
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_GRANTS].count; i++) {
        struct ctx_image_grant g;
        image_entry(image, CTX_IMAGE_GRANTS, i, &g, sizeof g);
        for (uint32_t no = 0; no < CTX_TABLES; no++) {
            const char *id = ctx_tables[no].id[0] != 0 ? ctx_tables[no].id : ctx_tables[no].name;
            if (strcmp(id, (const char *)g.id) == 0) {
                app->grants |= g.granted << no;
                app->denied |= g.denied << no;
            }
        }
    }
}

static void take_head(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    copy_text(app->name, sizeof app->name, a->name);
    copy_text(app->arguments, sizeof app->arguments, a->arguments);
    copy_text(app->hosts, sizeof app->hosts, a->hosts);
    copy_text(app->instrument, sizeof app->instrument, a->instrument);
    for (char *c = app->name; *c != 0; c++) {
        *c = *c == ' ' ? '_' : *c; /* a space ends a name */
    }
    app->parent = a->parent;
    app->version = a->version;
    app->stack_low = a->stack_low;
    app->quota_pages = a->quota_bytes / PAGE_SIZE;
    app->policy = (struct app_policy){
        .restart = a->restart,
        .restart_limit = a->restart_limit,
        .overrun = a->overrun,
        .overrun_limit = a->overrun_limit,
        .budget_ns = a->budget_ns,
        .share = a->share,
        .log_per_second = a->log_per_second,
        .critical = (a->flags & CTX_IMAGE_CRITICAL) != 0,
    };
    take_grants(app, image);
}

/* ---- into the slot ---- */

static ctx_status restore_heap(struct app *app, const struct image *image)
{
    const struct image_part *free = &image->parts[CTX_IMAGE_FREE];
    uint64_t count = image->parts[CTX_IMAGE_HEAP].count;
    if (count + free->count == 0) {
        return CTX_OK;
    }
    if (app_heap(app) == NULL) {
        return CTX_E_NOMEM;
    }
    for (uint64_t i = 0; i < count; i++) {
        struct ctx_image_block b;
        image_entry(image, CTX_IMAGE_HEAP, i, &b, sizeof b);
        const struct slotheap_block block = {b.offset, b.size, b.align_log2, b.guarded != 0};
        ctx_status status = slotheap_place(app->heap, &block);
        if (status != CTX_OK) {
            return status;
        }
    }
    uint64_t *order = free->count > 0 ? heap_alloc(free->count * sizeof *order) : NULL;
    for (uint64_t i = 0; order != NULL && i < free->count; i++) {
        image_entry(image, CTX_IMAGE_FREE, i, &order[i], sizeof order[i]);
    }
    if (order != NULL) { /* a hint: without it the app only gets other addresses */
        (void)slotheap_set_free_order(app->heap, order, free->count);
        heap_free(order, free->count * sizeof *order);
    }
    return CTX_OK;
}

ctx_status restore_handles(struct app *app, const struct image *image)
{
    ctx_status status = CTX_OK;
    app->v3->link_generation = MAX(app->v3->link_generation, image->app.link_generation);
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_HANDLES].count; i++) {
        struct ctx_image_handle handle;
        image_entry(image, CTX_IMAGE_HANDLES, i, &handle, sizeof handle);
        if (strcmp((const char *)handle.table, CTX_ID_HOST) == 0) {
            status = host_restore_handle(app, handle.handle);
        }
    }
    return status;
}

/* Whoever wrapped it then and does not now: its calls stay shut. */
ctx_status restore_hosts(struct app *app, const struct image *image)
{
    ctx_status status = CTX_OK;
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_HOSTS].count; i++) {
        struct ctx_image_host host;
        image_entry(image, CTX_IMAGE_HOSTS, i, &host, sizeof host);
        if (!host_is_linked(app, host.pid)) {
            status = host_restore_wrap(app, &host);
        }
    }
    return status;
}

static ctx_status restore_lists(struct app *app, const struct image *image)
{
    ctx_status status = restore_hosts(app, image);
    if (app->v3 == NULL) {
        return status;
    }
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_TABLES].count; i++) {
        struct ctx_image_table table;
        image_entry(image, CTX_IMAGE_TABLES, i, &table, sizeof table);
        status = v3_restore_table(app, &table);
    }
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface surface;
        image_entry(image, CTX_IMAGE_SURFACES, i, &surface, sizeof surface);
        status = surface_restore(app, &surface);
    }
    return status == CTX_OK ? restore_handles(app, image) : status;
}

/* Pages that the image does not name were zero. */
static ctx_status restore_pages(struct app *app, const struct image *image)
{
    struct image_stream stream;
    for (uint32_t i = 0; i < app->segment_count; i++) {
        const struct elf_segment *s = &app->segments[i];
        uint64_t from = ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE);
        if (s->write) {
            app_fill(app->base + from, 0, ALIGN_UP(s->at + s->size, (uint64_t)PAGE_SIZE) - from);
        }
    }
    app_fill(app->base + CTX_SLOT_STORE, 0, PAGE_SIZE);
    if (!image_stream_begin(&stream, image, CTX_IMAGE_CONTENTS)) {
        return CTX_E_NOMEM;
    }
    bool good = true;
    for (uint64_t i = 0; good && i < image->parts[CTX_IMAGE_RUNS].count; i++) {
        struct ctx_image_run run;
        image_entry(image, CTX_IMAGE_RUNS, i, &run, sizeof run);
        for (uint32_t n = 0; good && n < run.count; n++) {
            paddr_t frame = machine_slot_frame(app->base + (uint64_t)(run.page + n) * PAGE_SIZE);
            good = frame != 0 && image_stream_read(&stream, machine_direct(frame), PAGE_SIZE);
        }
    }
    image_stream_end(&stream);
    return good ? CTX_OK : CTX_E_NOMEM;
}

/* What it has not seen yet, and, if its note asks for that, that it was restored. */
ctx_status restore_events(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    uint32_t count = (uint32_t)image->parts[CTX_IMAGE_EVENTS].count;
    bool tell = app->tells_restored;
    if ((a->flags & CTX_IMAGE_SUBSCRIBED) == 0 && !tell) {
        return CTX_OK;
    }
    uint64_t bytes = (count + 1) * sizeof(struct ctx_event);
    struct ctx_event *events = heap_alloc(bytes);
    if (events == NULL) {
        return CTX_E_NOMEM;
    }
    uint32_t n = 0;
    if (tell) { /* before anything that it has not read yet */
        bool seen = present_display() != NULL;
        uint32_t w = seen ? canvas_width() : 0, h = seen ? canvas_height() : 0;
        uint32_t devices =
            (seen ? CTX_IMAGE_DISPLAY : 0) | (block_first() != NULL ? CTX_IMAGE_DISK : 0);
        events[n++] = (struct ctx_event){
            .kind = CTX_EVENT_RESTORED,
            .time_ns = a->clock_ns,
            .code = (w != a->screen_w || h != a->screen_h ? CTX_RESTORED_SCREEN : 0) |
                    (devices != a->devices ? CTX_RESTORED_DEVICES : 0),
            .value = app->epoch,
            .x = (int32_t)w,
            .y = (int32_t)h,
        };
    }
    for (uint32_t i = 0; i < count; i++) {
        image_entry(image, CTX_IMAGE_EVENTS, i, &events[n++], sizeof events[0]);
    }
    ctx_status status =
        event_restore(app, events, n, a->event_seq, (a->flags & CTX_IMAGE_LOST) != 0);
    heap_free(events, bytes);
    return status;
}

ctx_status restore_input(struct app *app, const struct image *image)
{
    uint32_t count = (uint32_t)image->parts[CTX_IMAGE_KEYS].count;
    if (app->v3 != NULL || image->parts[CTX_IMAGE_INPUT].len == 0) {
        return CTX_OK;
    }
    uint64_t bytes = count * sizeof(struct ctx_image_key) + sizeof(struct ctx_input);
    struct ctx_input *page = heap_alloc(bytes);
    if (page == NULL) {
        return CTX_E_NOMEM;
    }
    struct ctx_image_key *keys = (struct ctx_image_key *)(page + 1);
    image_entry(image, CTX_IMAGE_INPUT, 0, page, sizeof *page);
    for (uint32_t i = 0; i < count; i++) {
        image_entry(image, CTX_IMAGE_KEYS, i, &keys[i], sizeof keys[i]);
    }
    ctx_status status = input_view_restore(app->input, page, keys, count);
    heap_free(page, bytes);
    return status;
}

void restore_numbers(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    app->epoch = a->epoch + 1;
    app->clock_offset = a->clock_ns - machine_now_ns();
    app->store = a->store;
    app->calls = a->calls;
    app->faults = a->faults;
    app->preemptions = a->overruns;
    app->total_ns = a->total_ns;
    app->longest_ns = a->longest_ns;
    app->restarts = a->restarts;
    app->restarts_in_a_row = a->restarts_in_a_row;
    for (uint32_t i = 0; app->v3 != NULL && i < SURFACES; i++) {
        app->v3->surfaces[i].generation = a->surface_generation[i];
    }
    if (app->v3 != NULL) {
        app->v3->cpu_told = a->cpu_features;
    }
}

/* As many pages as it had touched; if there is no memory for them they come when they are touched.
 */
static void restore_stack(struct app *app, uint32_t pages)
{
    uint64_t at = CTX_SLOT_STACK_TOP - PAGE_SIZE; /* that one is there */
    for (; pages > 1 && at > app->stack_low && app_may_grow(app, 1); pages--) {
        at -= PAGE_SIZE;
        if (app_commit(app, at, MAP_READ | MAP_WRITE) != CTX_OK) {
            return;
        }
    }
}

/* What app_build() leaves: all that the image has and the file has not. */
static ctx_status restore_into(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    restore_numbers(app, image);
    restore_stack(app, a->stack_pages);
    ctx_status status = restore_heap(app, image);
    if (status == CTX_OK) {
        status = restore_lists(app, image);
    }
    if (status == CTX_OK && app->v3 != NULL && (a->flags & CTX_IMAGE_HAS_CANVAS) != 0) {
        status = surface_open_canvas(app);
    }
    if (status == CTX_OK) {
        status = restore_pages(app, image);
    }
    if (status == CTX_OK) {
        status = restore_input(app, image);
    }
    if (status == CTX_OK && app->v3 != NULL) {
        status = restore_events(app, image);
    }
    return status;
}

/* Where it stands in the loop. */
void restore_turn(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    app->stopped = a->state == CTX_IMAGE_STOPPED;
    app->paused = (a->flags & CTX_IMAGE_PAUSED) != 0 && a->state == CTX_IMAGE_LIVE;
    if (app->stopped || app->paused) {
        ready_remove(app);
        return;
    }
    if (app->v3 == NULL || (a->flags & CTX_IMAGE_WAITS) == 0 || app->base == 0) {
        ready_each_frame(app);
        return;
    }
    app->wake_ns = app_deadline(app, a->wake_ns);
    app->event_mask = a->event_mask;
    if (ready_wait(app, app->wake_ns) == CTX_OK && a->event_mask != 0) {
        event_wait(app);
    }
    if (app->v3->own_count > 0) { /* perhaps it is told of the restore */
        ready_wake(app);
    }
}

/* ---- a new app ---- */

/* An instance keeps the canvas's size that it began with. */
static bool needs_own_canvas(const struct image *image)
{
    return (image->app.flags & CTX_IMAGE_HAS_CANVAS) != 0 &&
           (image->app.canvas_w != canvas_width() || image->app.canvas_h != canvas_height());
}

ctx_status restore_build(struct app *app, const struct image *image,
                         const struct restore_file *file)
{
    bool live = image->app.state == CTX_IMAGE_LIVE;
    if (image->app.state == CTX_IMAGE_STOPPED) {
        return CTX_OK; /* no slot until somebody restarts it */
    }
    if (live && needs_own_canvas(image)) {
        app->own_canvas = own_canvas_new(image->app.canvas_w, image->app.canvas_h);
        if (app->own_canvas == NULL) {
            return CTX_E_NOMEM;
        }
    }
    ctx_status status =
        app_build(app, file->program.bytes, &file->plan, live ? image->app.base : 0);
    if (status == CTX_OK && live && restore_into(app, image) != CTX_OK) {
        app_tear_down(app);
        status = CTX_E_NOMEM;
    }
    return status;
}

ctx_status app_restore(const struct image *image, const char *label, const struct app *by,
                       struct app **out, struct image_error *error)
{
    struct restore_file file;
    bool live = image->app.state == CTX_IMAGE_LIVE;
    ctx_status status = restore_open_file(image, label, &file, error);
    if (status == CTX_OK) {
        status = restore_check(image, &file.plan, 0, error);
    }
    if (status == CTX_OK && live && !slot_is_free(image->app.base)) {
        image_refuse(error, "app.base", image->app.base, "another app lives there");
        status = CTX_E_EXIST;
    }
    if (status == CTX_OK && app_find(image->app.pid) != NULL) {
        image_refuse(error, "app.pid", image->app.pid, "another app has this number now");
        status = CTX_E_EXIST;
    }
    struct app *app = status == CTX_OK ? heap_alloc(sizeof *app) : NULL;
    if (app == NULL) {
        restore_close_file(&file);
        if (status == CTX_OK) {
            image_refuse(error, "memory", 0, "no memory for it");
            status = CTX_E_NOMEM;
        }
        return status;
    }
    take_head(app, image);
    if (by != NULL) {
        app->grants &= by->grants;
        app->denied |= by->denied;
        app->policy.critical &= by->policy.critical;
    }
    app->order = app_take_order();
    const struct program_parts parts = {file.program.bytes, file.symbols.bytes, file.strings.bytes,
                                        file.program.len,   file.symbols.len,   file.strings.len};
    app->program = program_keep_parts(&parts, &file.plan.note);
    app->pid = image->app.pid; /* messages name it */
    status = app->program != NULL ? restore_build(app, image, &file) : CTX_E_NOMEM;
    restore_close_file(&file);
    if (status != CTX_OK) {
        image_refuse(error, "memory", frame_free_total() * PAGE_SIZE, "not enough memory for it");
        app_discard(app);
        return status;
    }
    app_append(app, image->app.pid);
    restore_turn(app, image);
    random_reseed();
    log_info("app", "restored name=%s pid=%lu slot=0x%lx calls=%lu epoch=%u from=%s", app->name,
             app->pid, app->base, app->calls, app->epoch, label);
    *out = app;
    return CTX_OK;
}
