/* SPDX-License-Identifier: MIT */
/* Whether this system can take an image: its addresses, its processor, its memory. */
#include "app_memory.h"
#include "frame.h"
#include "image_check.h"
#include "insn.h"
#include "resource.h"
#include "restore_private.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define SPARE_PAGES 64u /* tables and the kernel's own */

static bool is_data(const struct elf_plan *plan, uint64_t at)
{
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (s->write && at >= ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE) && at < s->at + s->size) {
            return true;
        }
    }
    return false;
}

/* Whether each page of a run belongs to a live block; *block: where to look on. */
static bool in_blocks(const struct image *image, uint64_t at, uint64_t end, uint64_t *block)
{
    while (at < end && *block < image->parts[CTX_IMAGE_HEAP].count) {
        struct ctx_image_block b;
        image_entry(image, CTX_IMAGE_HEAP, *block, &b, sizeof b);
        if (at + PAGE_SIZE <= b.offset) {
            return false;
        }
        uint64_t last = ALIGN_UP(b.offset + b.size, (uint64_t)PAGE_SIZE);
        if (at >= last) {
            (*block)++;
            continue;
        }
        at = last;
    }
    return at >= end;
}

static bool check_pages(const struct image *image, const struct elf_plan *plan,
                        struct image_error *error)
{
    uint64_t block = 0;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_RUNS].count; i++) {
        struct ctx_image_run run;
        image_entry(image, CTX_IMAGE_RUNS, i, &run, sizeof run);
        uint64_t at = (uint64_t)run.page * PAGE_SIZE, end = at + (uint64_t)run.count * PAGE_SIZE;
        bool good = true;
        if (at >= CTX_SLOT_IMAGE && at < CTX_SLOT_IMAGE_END) {
            for (; good && at < end; at += PAGE_SIZE) {
                good = is_data(plan, at);
            }
        } else if (at >= CTX_SLOT_HEAP && at < CTX_SLOT_HEAP_END) {
            good = in_blocks(image, at - CTX_SLOT_HEAP, end - CTX_SLOT_HEAP, &block);
        }
        if (!good) {
            return image_refuse(error, "run.page", run.page,
                                "neither data nor a block of the heap");
        }
    }
    return true;
}

static uint64_t pages_of(uint64_t at, uint64_t len)
{
    return (ALIGN_UP(at + len, (uint64_t)PAGE_SIZE) - ALIGN_DOWN(at, (uint64_t)PAGE_SIZE)) /
           PAGE_SIZE;
}

/* How many pages it will take, at most, without what its resources say. */
static uint64_t need(const struct image *image, const struct elf_plan *plan)
{
    uint64_t pages = SPARE_PAGES, next = 0;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        pages += pages_of(plan->segments[i].at, plan->segments[i].size);
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_HEAP].count; i++) {
        struct ctx_image_block b;
        image_entry(image, CTX_IMAGE_HEAP, i, &b, sizeof b);
        uint64_t first = MAX(b.offset / PAGE_SIZE, next);
        next = MAX((b.offset + b.size + PAGE_SIZE - 1) / PAGE_SIZE, first);
        pages += next - first;
    }
    return pages;
}

ctx_status restore_check(const struct image *image, const struct elf_plan *plan,
                         uint64_t comes_back, struct image_error *error)
{
    const struct ctx_image_app *a = &image->app;
    if ((image->flags & CTX_IMAGE_SESSION) != 0) {
        image_refuse(error, "flags", image->flags, "a session, not one app");
        return CTX_E_INVAL;
    }
    if (a->version > app_offer() || (a->version >= 3 && !plan->has_note)) {
        image_refuse(error, "app.version", a->version,
                     "saved with a Context that this system does not offer");
        return CTX_E_NOSYS;
    }
    /* Asking the processor is slow under a hypervisor: only where it matters. */
    if (a->cpu_features != 0 && (a->cpu_features & ~machine_cpu_features()) != 0) {
        static char reason[160]; /* until the next refusal. [boot, loop, in a call] */
        uint64_t missing = a->cpu_features & ~machine_cpu_features();
        size_t at = format_text(reason, sizeof reason, "this machine lacks ");
        insn_feature_names(missing, reason + at, 100);
        format_text(reason + strlen(reason), sizeof reason - strlen(reason),
                    ", which the app was told it has");
        image_refuse(error, "app.cpu_features", missing, reason);
        return CTX_E_NOSYS;
    }
    uint64_t pages = need(image, plan);
    ctx_status status = resources_check(image, &pages, error);
    if (status != CTX_OK) {
        return status;
    }
    if (!check_pages(image, plan, error)) {
        return CTX_E_INVAL;
    }
    if (pages > app_room() + comes_back) {
        image_refuse(error, "memory", pages * PAGE_SIZE, "not enough memory for it");
        return CTX_E_NOMEM;
    }
    return CTX_OK;
}
