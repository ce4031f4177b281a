/* SPDX-License-Identifier: MIT */
/*
 * The order is: what the image says of itself (image.c), what this system makes of it
 * (restore_check.c), then a slot as for a fresh app, and over it what the image has. Addresses that
 * the app may have kept - its slot, gates, tables, surfaces - are the same ones again; what this
 * system does not have answers NOSYS there, what can not live on answers STALE.
 */
#include "restore_private.h"

#include "app_memory.h"
#include "app_words.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "isolate.h"
#include "policy.h"
#include "random.h"
#include "resource.h"
#include "save.h"
#include "slot.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* ---- the app's struct ---- */

static void copy_text(char *to, size_t size, const uint8_t *from)
{
    memcpy(to, from, size - 1);
    text_make_printable(to);
}

static bool take_grants(struct app *app, const struct image *image)
{
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_GRANTS].count; i++) {
        struct ctx_image_grant g;
        image_entry(image, CTX_IMAGE_GRANTS, i, &g, sizeof g);
        for (uint32_t no = 0; no < CTX_TABLES; no++) {
            const char *id = ctx_tables[no].id[0] != 0 ? ctx_tables[no].id : ctx_tables[no].name;
            if (strcmp(id, (const char *)g.id) == 0) {
                app->grants |= (uint64_t)g.granted << no;
                app->denied |= (uint64_t)g.denied << no;
            }
        }
    }
    bool enough = true;
    uint64_t at = 0;
    uint32_t what;
    for (const char *text;
         (text = image_next_text(image, CTX_IMAGE_GRANT_ITEMS, &at, &what)) != NULL;) {
        enum grant_kind kind = (enum grant_kind)(what - CTX_IMAGE_ITEM_TABLE);
        if (what < CTX_IMAGE_ITEM_TABLE || what > CTX_IMAGE_ITEM_NIC) {
            continue;
        }
        app->grants |= kind == GRANT_TABLE ? app_tables_of(kind, text) : 0;
        app->denied |= kind == GRANT_DENY ? app_tables_of(kind, text) : 0;
        enough &= kind == GRANT_TABLE || grants_add(&app->grant_list, kind, text);
    }
    return enough;
}

/* One that its place in the app's own section may hold only a part of. */
static bool take_text(char **to, const struct image *image, uint32_t what, const uint8_t *place)
{
    const char *text = image_text_of(image, CTX_IMAGE_TEXTS, what);
    text = text != NULL ? text : (const char *)place;
    bool enough = app_keep_text(to, text, strlen(text));
    if (*to != NULL) {
        text_make_printable(*to);
    }
    return enough;
}

static bool take_head(struct app *app, const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    copy_text(app->name, sizeof app->name, a->name);
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
    app->trusts = (a->flags & CTX_IMAGE_TRUSTS) != 0;
    return take_grants(app, image) &&
           take_text(&app->arguments, image, CTX_IMAGE_TEXT_ARGUMENTS, a->arguments) &&
           take_text(&app->hosts, image, CTX_IMAGE_TEXT_HOSTS, a->hosts) &&
           take_text(&app->instrument, image, CTX_IMAGE_TEXT_INSTRUMENT, a->instrument);
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

/* What an app is told that asks for that in its note, before anything that it has not read yet. */
static struct ctx_event told(const struct app *app, const struct ctx_image_app *a)
{
    struct ctx_image_app here = {.size = sizeof here};
    save_system(&here);
    bool resized = here.screen_w != a->screen_w || here.screen_h != a->screen_h;
    return (struct ctx_event){
        .kind = CTX_EVENT_RESTORED,
        .time_ns = a->clock_ns,
        .code = (resized ? CTX_RESTORED_SCREEN : 0) |
                (here.devices != a->devices ? CTX_RESTORED_DEVICES : 0),
        .value = app->epoch,
        .x = (int32_t)here.screen_w,
        .y = (int32_t)here.screen_h,
    };
}

ctx_status restore_resources(struct app *app, const struct image *image, bool in_place)
{
    struct ctx_event event = told(app, &image->app);
    const struct app_restore how = {
        .image = image,
        .in_place = in_place,
        .tell = app->tells_restored ? &event : NULL,
    };
    return resources_restore(app, &how);
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
    restore_numbers(app, image);
    restore_stack(app, image->app.stack_pages);
    ctx_status status = restore_heap(app, image);
    if (status == CTX_OK) {
        status = restore_resources(app, image, false);
    }
    return status == CTX_OK ? restore_pages(app, image) : status;
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
    if (app->version < 3 || (a->flags & CTX_IMAGE_WAITS) == 0 || app->base == 0) {
        ready_each_frame(app);
        return;
    }
    app->wake_ns = app_deadline(app, a->wake_ns);
    app->event_mask = a->event_mask;
    if (ready_wait(app, app->wake_ns) == CTX_OK) {
        resources_wait(app);
    }
    if (app->tells_restored) {
        ready_wake(
            app); /* nobody can wait for that event; of others, those that it waits for count */
    }
}

/* ---- a new app ---- */

ctx_status restore_build(struct app *app, const struct image *image,
                         const struct restore_file *file)
{
    bool live = image->app.state == CTX_IMAGE_LIVE;
    if (image->app.state == CTX_IMAGE_STOPPED) {
        return CTX_OK; /* no slot until somebody restarts it */
    }
    char id[64];
    if (!live && app_has_to_wait(app, id)) {
        app->unstarted = true;
        return CTX_OK; /* nor before somebody offers what it requires: the loop looks */
    }
    app->needs = false;
    ctx_status status = live ? resources_prepare(app, image) : CTX_OK;
    if (status == CTX_OK) {
        status = app_build(app, file->program.bytes, &file->plan, live ? image->app.base : 0);
    }
    if (status == CTX_OK && live && restore_into(app, image) != CTX_OK) {
        app_tear_down(app);
        status = CTX_E_NOMEM;
    }
    return status;
}

static void lost_grant(void *arg, enum grant_kind kind, const char *text)
{
    const struct app *app = arg;
    log_warn("app", "%s: its image has %s%s, and who restores it has not got that", app->name,
             grants_word_name(kind), text);
}

ctx_status restore_fresh(bool fresh, const struct image **image, struct image **copy,
                         struct image_error *error)
{
    *copy = NULL;
    if (!fresh || (*image)->app.state != CTX_IMAGE_LIVE) {
        return CTX_OK;
    }
    if (!(*image)->in_session) {
        image_refuse(error, "program.note", (*image)->app.pid,
                     "fresh-on-restore: only a session brings it back, begun anew");
        return CTX_E_INVAL;
    }
    *copy = heap_alloc(sizeof **copy);
    if (*copy == NULL) {
        image_refuse(error, "memory", 0, "no memory for it");
        return CTX_E_NOMEM;
    }
    **copy = **image;
    (*copy)->app.state = CTX_IMAGE_FRESH;
    (*copy)->app.base = 0;
    (*copy)->app.flags &=
        ~(CTX_IMAGE_WAITS | CTX_IMAGE_SUBSCRIBED | CTX_IMAGE_LOST | CTX_IMAGE_HAS_CANVAS);
    *image = *copy;
    return CTX_OK;
}

/* Its file is open; it is closed here. */
static ctx_status make(const struct image *image, const char *label, const struct app *by,
                       struct restore_file *opened, struct app **out, struct image_error *error)
{
    struct restore_file file = *opened;
    bool live = image->app.state == CTX_IMAGE_LIVE;
    ctx_status status = restore_check(image, &file.plan, 0, error);
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
    bool enough = take_head(app, image);
    if (by == NULL) {
        app->grants = isolate_cut(app->name, app->grants);
        enough &= isolate_cut_list(app->name, &app->grant_list);
    } else {
        app->grants &= by->grants;
        app->denied |= by->denied;
        enough &= grants_limit(&app->grant_list, &by->grant_list, lost_grant, app);
        policy_limit(&app->policy, &by->policy);
    }
    uint32_t items = grants_count(&app->grant_list);
    /* Without an app that asks, it is the owner's own session. */
    app->may_be_trusted = by == NULL || by->trusts;
    app->trusts &= app->may_be_trusted;
    app->order = app_take_order();
    const struct program_parts parts = {file.program.bytes, file.symbols.bytes, file.strings.bytes,
                                        file.program.len,   file.symbols.len,   file.strings.len};
    bool fits = items <= GRANTS_MOST; /* with those of who restores it */
    app->program = enough && fits ? program_keep_parts(&parts, &file.plan.note) : NULL;
    app->pid = image->app.pid; /* messages name it */
    status = app->program != NULL ? restore_build(app, image, &file) : CTX_E_NOMEM;
    restore_close_file(&file);
    if (!fits) {
        image_refuse(error, "grants", items, "more than an app can have");
        app_discard(app);
        return CTX_E_INVAL;
    }
    if (status == CTX_E_UNVERIFIED) {
        image_refuse(error, "program", image->app.pid, "its code is not verified");
        app_discard(app);
        return status;
    }
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

ctx_status app_restore(const struct image *image, const char *label, const struct app *by,
                       struct app **out, struct image_error *error)
{
    struct restore_file file;
    struct image *copy = NULL;
    ctx_status status = restore_open_file(image, label, &file, error);
    if (status == CTX_OK) {
        const struct ctx_note *note = &file.plan.note;
        bool fresh =
            CTX_NOTE_HAS(note, CTX_NOTE_FLAGS) && (note->flags & CTX_NOTE_FRESH_ON_RESTORE) != 0;
        status = restore_fresh(fresh, &image, &copy, error);
    }
    if (status == CTX_OK) {
        status = make(image, label, by, &file, out, error);
    } else {
        restore_close_file(&file);
    }
    if (copy != NULL) {
        heap_free(copy, sizeof *copy);
    }
    return status;
}
