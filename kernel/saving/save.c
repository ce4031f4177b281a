/* SPDX-License-Identifier: MIT */
/*
 * What an image of an app holds, section by section. Between two calls the stack is empty and no
 * register counts, so pages and the kernel's own few words about the instance are all there is.
 * Pages that the kernel writes itself are not saved: restore.c makes them anew.
 */
#include "save_private.h"

#include "app_words.h"
#include "frame.h"
#include "heap.h"
#include "resource.h"
#include "wall.h"

#include <kernel/block.h>
#include <kernel/string.h>

#define SECTIONS 24u

/* ---- pages ---- */

/* Calls fn for each page in ascending order of the slot. */
struct walk {
    struct app *app;
    app_page_fn *fn;
    void *arg;
    uint64_t next; /* pages below were told */
};

static void tell(struct walk *w, uint64_t offset, uint64_t len)
{
    uint64_t at = MAX(ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE), w->next);
    for (; at < offset + len; at += PAGE_SIZE) {
        paddr_t frame = machine_slot_frame(w->app->base + at);
        if (frame != 0) {
            w->fn(w->arg, at, machine_direct(frame));
        }
        w->next = at + PAGE_SIZE;
    }
}

static void tell_block(void *arg, const struct slotheap_block *block)
{
    tell(arg, CTX_SLOT_HEAP + block->offset, block->size);
}

/* Segments by their addresses: a file need not have them in order. */
static void tell_segments(struct walk *w)
{
    const struct app *app = w->app;
    for (uint32_t done = 0; done < app->segment_count; done++) {
        const struct elf_segment *first = NULL;
        for (uint32_t i = 0; i < app->segment_count; i++) {
            const struct elf_segment *s = &app->segments[i];
            if (s->write && s->at + s->size > w->next && (first == NULL || s->at < first->at)) {
                first = s;
            }
        }
        if (first == NULL) {
            return;
        }
        tell(w, first->at, first->size);
    }
}

static void tell_area(void *arg, uint32_t no, uint64_t at, uint64_t pages)
{
    (void)no;
    tell(arg, at, pages * PAGE_SIZE);
}

void app_each_page(struct app *app, bool areas, app_page_fn *fn, void *arg)
{
    struct walk w = {.app = app, .fn = fn, .arg = arg};
    tell(&w, CTX_SLOT_STORE, PAGE_SIZE);
    w.next = CTX_SLOT_IMAGE;
    tell_segments(&w);
    if (app->heap != NULL) {
        w.next = CTX_SLOT_HEAP;
        slotheap_for_each(app->heap, tell_block, &w);
    }
    if (areas) { /* the shared range lies below all pixels */
        resources_each_shared(app, tell_area, &w);
        resources_each_area(app, tell_area, &w);
    }
}

static bool is_zero(const uint8_t *page)
{
    const uint64_t *words = (const uint64_t *)page;
    for (uint32_t i = 0; i < PAGE_SIZE / 8; i += 4) {
        if ((words[i] | words[i + 1] | words[i + 2] | words[i + 3]) != 0) {
            return false;
        }
    }
    return true;
}

/* What is mapped and counts against another app's quota. */
static void count_shared(void *arg, uint32_t no, uint64_t at, uint64_t pages)
{
    (void)no;
    (void)at;
    *(uint64_t *)arg += pages;
}

struct runs {
    struct ctx_image_run *run;
    uint64_t count, room, pages;
};

static void add_page(void *arg, uint64_t offset, const uint8_t *page)
{
    struct runs *r = arg;
    uint32_t no = (uint32_t)(offset / PAGE_SIZE);
    if (is_zero(page)) {
        return;
    }
    r->pages++;
    bool heap = offset == CTX_SLOT_HEAP; /* data may reach up to there: not one run all the same */
    if (r->count > 0 && !heap && r->run[r->count - 1].page + r->run[r->count - 1].count == no) {
        r->run[r->count - 1].count++;
    } else if (r->count < r->room) {
        r->run[r->count++] = (struct ctx_image_run){no, 1, MAP_READ | MAP_WRITE, 0};
    } else {
        r->room = 0; /* more pages than were committed: impossible, and then no image */
    }
}

static void write_pages(struct image_writer *w, struct app *app, const struct runs *runs)
{
    if (runs->pages == 0) {
        return;
    }
    image_write_section(w, CTX_IMAGE_CONTENTS, 0, true);
    for (uint64_t i = 0; i < runs->count; i++) {
        for (uint32_t n = 0; n < runs->run[i].count; n++) {
            uint64_t at = app->base + (uint64_t)(runs->run[i].page + n) * PAGE_SIZE;
            image_write(w, machine_direct(machine_slot_frame(at)), PAGE_SIZE);
        }
    }
    image_write_end_section(w);
}

/* ---- the heap ---- */

static void write_block(void *arg, const struct slotheap_block *block)
{
    const struct ctx_image_block b = {block->offset, block->size, block->align_log2,
                                      block->guarded};
    image_write(arg, &b, sizeof b);
}

static ctx_status write_heap(struct image_writer *w, const struct app *app, uint64_t free_blocks)
{
    struct slotheap_usage usage;
    if (app->heap == NULL) {
        return CTX_OK;
    }
    slotheap_usage(app->heap, &usage);
    if (usage.blocks > 0) {
        image_write_section(w, CTX_IMAGE_HEAP, sizeof(struct ctx_image_block), false);
        slotheap_for_each(app->heap, write_block, w);
        image_write_end_section(w);
    }
    if (free_blocks > 0) {
        uint64_t *order = heap_alloc(free_blocks * sizeof *order);
        if (order == NULL) {
            return CTX_E_NOMEM;
        }
        slotheap_free_order(app->heap, order, free_blocks);
        image_write_whole(w, CTX_IMAGE_FREE, sizeof *order, order, free_blocks * sizeof *order,
                          false);
        heap_free(order, free_blocks * sizeof *order);
    }
    return CTX_OK;
}

/* ---- the app's own section ---- */

/* Between two calls nothing lies on it; but how deep it was counts as memory. */
static uint32_t stack_pages(const struct app *app)
{
    uint32_t pages = 0;
    for (uint64_t at = app->stack_low; at < CTX_SLOT_STACK_TOP; at += PAGE_SIZE) {
        pages += machine_slot_frame(app->base + at) != 0;
    }
    return pages;
}

void save_system(struct ctx_image_app *out)
{
    out->devices |= block_first() != NULL ? CTX_IMAGE_DISK : 0;
    resources_image_system(out);
}

static void describe(const struct app *app, bool fresh, struct ctx_image_app *a)
{
    const struct app_policy *p = &app->policy;
    int64_t wall = 0;
    bool live = app->base != 0 && !fresh;
    (void)wall_ns(&wall);
    *a = (struct ctx_image_app){
        .size = sizeof *a,
        .state = live           ? CTX_IMAGE_LIVE
                 : app->stopped ? CTX_IMAGE_STOPPED
                                : CTX_IMAGE_FRESH,
        .base = live ? app->base : 0,
        .pid = app->pid,
        .parent = app->parent,
        .order = app->order,
        .version = app->version,
        .epoch = app->epoch,
        .flags = (app->paused ? CTX_IMAGE_PAUSED : 0) | (p->critical ? CTX_IMAGE_CRITICAL : 0) |
                 (app->trusts ? CTX_IMAGE_TRUSTS : 0),
        .stack_pages = live ? stack_pages(app) : 0,
        .calls = live ? app->calls : 0,
        .faults = app->faults,
        .overruns = app->preemptions,
        .total_ns = app->total_ns,
        .longest_ns = app->longest_ns,
        .clock_ns = app_time(app, machine_now_ns()),
        .wall_ns = wall,
        .store = live ? app->store : 0,
        .stack_low = app->stack_low,
        .quota_bytes = app->quota_pages * PAGE_SIZE,
        .code_hash = program_hash(app->program),
        .budget_ns = p->budget_ns,
        .restart = p->restart,
        .restart_limit = p->restart_limit,
        .overrun = p->overrun,
        .overrun_limit = p->overrun_limit,
        .share = p->share,
        .log_per_second = p->log_per_second,
        .restarts = app->restarts,
        .restarts_in_a_row = app->restarts_in_a_row,
        .build_id_len = app->program->build_id_len,
    };
    save_system(a);
    memcpy(a->build_id, app->program->build_id,
           MIN(sizeof a->build_id, sizeof app->program->build_id));
    save_text(a->name, sizeof a->name, app->name);
    save_text(a->app_version, sizeof a->app_version, app->program->version);
    save_text(a->arguments, sizeof a->arguments, app_text(app->arguments));
    save_text(a->hosts, sizeof a->hosts, app_text(app->hosts));
    save_text(a->instrument, sizeof a->instrument, app_text(app->instrument));
    save_text(a->saved_by, sizeof a->saved_by, SAVED_BY);
    if (live && app->version >= 3 && app->turn.where != TURN_FRAME) {
        a->flags |= CTX_IMAGE_WAITS;
        a->wake_ns = app->wake_ns == NEVER_NS ? NEVER_NS : app_time(app, app->wake_ns);
        a->event_mask = app->event_mask;
    }
    if (live) {
        resources_image_head(app, a);
    }
}

/* ---- all of it ---- */

static ctx_status write_live(struct image_writer *w, struct app *app, uint64_t free_blocks,
                             const struct runs *runs)
{
    ctx_status status = resources_save(app, w);
    if (status == CTX_OK) {
        status = write_heap(w, app, free_blocks);
    }
    image_write_whole(w, CTX_IMAGE_RUNS, sizeof *runs->run, runs->run,
                      runs->count * sizeof *runs->run, false);
    write_pages(w, app, runs);
    return status;
}

static ctx_status save(struct app *app, bool fresh, uint32_t flags, struct image_bytes *out)
{
    struct ctx_image_app a;
    struct image_writer w;
    struct slotheap_usage usage = {0, 0, 0, 0};
    struct runs runs = {NULL, 0, 0, 0};
    uint64_t free_blocks = 0;
    *out = (struct image_bytes){NULL, 0, 0};
    describe(app, fresh, &a);
    bool live = a.state == CTX_IMAGE_LIVE;
    uint64_t runs_bytes = 0;
    if (live) {
        runs.room = app->pages + 1;
        resources_each_shared(app, count_shared, &runs.room);
        runs_bytes = runs.room * sizeof *runs.run;
        runs.run = heap_alloc(runs_bytes);
        if (runs.run == NULL) {
            return CTX_E_NOMEM;
        }
        app_each_page(app, true, add_page, &runs);
        if (app->heap != NULL) {
            slotheap_usage(app->heap, &usage);
            free_blocks = slotheap_free_order(app->heap, NULL, 0);
        }
    }
    uint64_t bytes = sizeof a + save_words_bytes(app) +
                     ((flags & SAVE_BARE) == 0 ? save_program_bytes(app) : 0) +
                     runs.pages * PAGE_SIZE + runs.count * sizeof *runs.run +
                     usage.blocks * sizeof(struct ctx_image_block) + free_blocks * 8 +
                     (live ? resources_image_bytes(app, flags) : 0);
    ctx_status status =
        live && runs.room == 0 ? CTX_E_NOMEM : image_write_begin(&w, bytes, SECTIONS, flags);
    if (status == CTX_OK) {
        image_write_whole(&w, CTX_IMAGE_APP, a.size, &a, sizeof a, false);
        status = save_words(&w, app);
        if ((flags & SAVE_BARE) == 0) {
            save_program(&w, app);
        }
        if (live && status == CTX_OK) {
            status = write_live(&w, app, free_blocks, &runs);
        }
        if (status == CTX_OK) {
            status = image_write_end(&w, 0, out);
        } else {
            image_write_abandon(&w);
        }
    }
    if (runs.run != NULL) {
        heap_free(runs.run, runs_bytes);
    }
    return status;
}

ctx_status app_save(struct app *app, uint32_t flags, struct image_bytes *out)
{
    if (app->base != 0 && !app_is_between_calls(app)) {
        *out = (struct image_bytes){NULL, 0, 0};
        return CTX_E_AGAIN;
    }
    return save(app, false, flags, out);
}

ctx_status app_save_fresh(struct app *app, uint32_t flags, struct image_bytes *out)
{
    return save(app, true, flags, out);
}
