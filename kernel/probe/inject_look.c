/* SPDX-License-Identifier: MIT */
/* Whether a call has changed what others have. */
#include "inject_private.h"
#include "pack.h"
#include "resource.h"

#include <kernel/call.h>
#include <kernel/machine.h>
#include <kernel/string.h>

/* The kernel's objects are not what they were: nobody follows them any more. [loop, in a call] */
static bool damaged;

/* What is in such a page, where it lies, and what may be done to it. */
static void sum_page(uint64_t *sum, uint64_t address)
{
    paddr_t frame = machine_slot_frame(address);
    if (frame != 0) {
        uint64_t words[] = {*sum, address, frame, machine_slot_rights(address),
                            checksum(machine_direct(frame), PAGE_SIZE)};
        *sum = checksum(words, sizeof words);
    }
}

static void sum_pages(uint64_t *sum, const struct app *app, uint64_t from, uint64_t to)
{
    for (uint64_t at = ALIGN_DOWN(from, (uint64_t)PAGE_SIZE); at < to; at += PAGE_SIZE) {
        sum_page(sum, app->base + at);
    }
}

struct area_sum {
    const struct app *app;
    uint64_t *sum;
};

static void sum_area(void *arg, uint32_t no, uint64_t at, uint64_t pages)
{
    const struct area_sum *s = arg;
    (void)no;
    sum_pages(s->sum, s->app, at, at + pages * PAGE_SIZE);
}

static void sum_heap(uint64_t *sum, const struct app *app)
{
    struct slotheap_usage usage;
    slotheap_usage(app->heap, &usage);
    for (uint32_t n = 0; usage.pages > 0; n++) {
        if (slotheap_has_page(app->heap, n)) {
            sum_page(sum, app->base + CTX_SLOT_HEAP + (uint64_t)n * PAGE_SIZE);
            usage.pages--;
        }
    }
}

/* All pages of a slot but the canvas, which is everybody's. */
static void sum_slot(uint64_t *sum, const struct app *app)
{
    sum_pages(sum, app, CTX_SLOT_GATES, CTX_SLOT_IMAGE);
    for (uint32_t s = 0; s < app->segment_count; s++) {
        const struct elf_segment *segment = &app->segments[s];
        sum_pages(sum, app, segment->at, segment->at + segment->size);
    }
    if (app->heap != NULL) {
        sum_heap(sum, app);
    }
    struct area_sum areas = {app, sum};
    resources_each_area(app, sum_area, &areas);
}

/*
 * Of what others have, and of what the kernel knows of all, as far as only the kernel's loop
 * changes it: no call of this app may.
 */
static uint64_t others_sum(const struct app *self)
{
    uint64_t sum = 1;
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        const uint8_t *known = (const uint8_t *)app + offsetof(struct app, name);
        size_t len = offsetof(struct app, link_generation) - offsetof(struct app, name);
        uint64_t words[] = {sum, (uint64_t)(uintptr_t)app, app->base, app->entry,
                            checksum(known, len)};
        sum = checksum(words, sizeof words);
        if (app != self && app->base != 0) {
            sum_slot(&sum, app);
        }
    }
    return sum;
}

/* An app that serves another in its call has changes of its own. */
static uint64_t others_ns(const struct app *self)
{
    uint64_t ns = 0;
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        ns += app != self ? app->total_ns : 0;
    }
    return ns;
}

/* A word that may be anywhere: where there is no memory, the copy says so. */
static bool read_word(const struct app *app, uint64_t at, uint64_t *word)
{
    struct call call = {.base = app->base, .state = CALL_GATE, .below = this_cpu.call};
    call.app = (struct app *)app;
    this_cpu.call = &call;
    bool good = machine_copy_in(word, at, sizeof *word) == CTX_OK;
    this_cpu.call = call.below;
    return good;
}

void inject_look_before(struct app *app)
{
    struct inject *i = app->inject;
    i->summed = !damaged;
    if (i->summed) {
        i->others_ns = others_ns(app);
        i->sum = others_sum(app);
    }
    if (i->target != 0 && !read_word(app, i->target, &i->before)) {
        i->target = 0;
    }
}

/* The word that was written to holds what it was to hold. Anything else there is the kernel's own
 * doing: it goes on counting in a call. */
static bool target_changed(const struct app *app)
{
    const struct inject *i = app->inject;
    const uint64_t mask = i->whole ? UINT64_MAX : 0xff;
    uint64_t now, wanted = (i->before & ~mask) | (i->value & mask);
    return i->target != 0 && read_word(app, i->target, &now) && now != i->before && now == wanted;
}

bool inject_look_after(struct app *app, bool *looked)
{
    struct inject *i = app->inject;
    bool changed = target_changed(app);
    *looked = changed;
    damaged |= changed;
    if (!changed && i->summed && others_ns(app) == i->others_ns) {
        changed = others_sum(app) != i->sum;
        *looked = true;
    }
    i->summed = false;
    i->target = 0;
    return changed;
}
