/* SPDX-License-Identifier: MIT */
#include "memory_map.h"

#include "frame.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define SPANS    512u
#define RESERVED 4u
#define LOW_END  0x100000000u
#define KEEP_LOW 0x10000u /* real-mode data and a place to start other processors */

/* [boot] */
static struct {
    struct memory_span spans[SPANS];
    uint32_t count;
    struct memory_span reserved[RESERVED]; /* what nobody gets, beside the modules */
} state;

/* Take [start, end) out of the list. */
static uint32_t cut(struct memory_span *spans, uint32_t count, uint32_t capacity, paddr_t start,
                    paddr_t end, uint32_t *lost)
{
    uint32_t n = count;
    for (uint32_t i = 0; i < n; i++) {
        struct memory_span *s = &spans[i];
        if (start >= s->end || end <= s->start) {
            continue;
        }
        struct memory_span after = {MAX(end, s->start), s->end};
        s->end = MIN(MAX(start, s->start), s->end);
        if (after.start < after.end) {
            if (s->start == s->end) {
                *s = after;
            } else if (n < capacity) {
                spans[n++] = after;
            } else {
                (*lost)++;
            }
        }
    }
    return n;
}

static void sort(struct memory_span *spans, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct memory_span s = spans[i];
        uint32_t at = i;
        for (; at > 0 && spans[at - 1].start > s.start; at--) {
            spans[at] = spans[at - 1];
        }
        spans[at] = s;
    }
}

/* Whole frames only, ascending, neighbours and overlaps joined, empty ones gone. */
static uint32_t tidy(struct memory_span *spans, uint32_t count)
{
    uint32_t n = 0;
    sort(spans, count);
    for (uint32_t i = 0; i < count; i++) {
        struct memory_span s = {ALIGN_UP(spans[i].start, (paddr_t)PAGE_SIZE),
                                ALIGN_DOWN(spans[i].end, (paddr_t)PAGE_SIZE)};
        if (s.start >= s.end) {
            continue;
        }
        if (n > 0 && s.start <= spans[n - 1].end) {
            spans[n - 1].end = MAX(spans[n - 1].end, s.end);
        } else {
            spans[n++] = s;
        }
    }
    return n;
}

/* One that lies about its place keeps nothing from anybody. */
static struct memory_span module_span(const struct boot_info *boot, uint32_t no)
{
    const struct boot_module *m = &boot->modules[no];
    return m->wrong == NULL ? (struct memory_span){m->start, m->end} : (struct memory_span){0, 0};
}

uint32_t memory_spans(const struct boot_info *boot, const struct memory_span *reserved,
                      uint32_t reserved_count, struct memory_span *spans, uint32_t capacity,
                      uint32_t *lost)
{
    uint32_t count = 0;
    *lost = 0;
    for (uint32_t i = 0; i < boot->range_count; i++) {
        const struct boot_range *r = &boot->ranges[i];
        if (r->type == BOOT_MEMORY_USABLE && r->start <= UINT64_MAX - PAGE_SIZE) {
            if (count == capacity) {
                (*lost)++;
                continue;
            }
            spans[count++] = (struct memory_span){r->start, r->end};
        }
    }
    count = tidy(spans, count);
    for (uint32_t i = 0; i < boot->range_count;
         i++) { /* where entries overlap, the careful one counts */
        const struct boot_range *r = &boot->ranges[i];
        if (r->type != BOOT_MEMORY_USABLE) {
            count = cut(spans, count, capacity, r->start, r->end, lost);
        }
    }
    for (uint32_t i = 0; i < reserved_count + boot->module_count; i++) {
        struct memory_span s =
            i < reserved_count ? reserved[i] : module_span(boot, i - reserved_count);
        /* A frame that is touched at all is reserved as a whole. */
        paddr_t start = ALIGN_DOWN(s.start, (paddr_t)PAGE_SIZE);
        paddr_t end =
            s.end > UINT64_MAX - PAGE_SIZE ? UINT64_MAX : ALIGN_UP(s.end, (paddr_t)PAGE_SIZE);
        count = cut(spans, count, capacity, start, end, lost);
    }
    return tidy(spans, count);
}

static void add(paddr_t from, paddr_t to)
{
    for (uint32_t i = 0; i < state.count; i++) {
        paddr_t start = MAX(state.spans[i].start, from);
        paddr_t end = MIN(state.spans[i].end, to);
        if (start < end) {
            frame_add(start, end);
        }
    }
}

bool memory_init(const struct boot_info *boot, paddr_t kernel_start, paddr_t kernel_end)
{
    state.reserved[0] = (struct memory_span){0, KEEP_LOW};
    state.reserved[1] = (struct memory_span){0x9f000, 0x100000}; /* EBDA, video memory, ROMs */
    state.reserved[2] = (struct memory_span){kernel_start, kernel_end};
    state.reserved[3] = (struct memory_span){boot->info_start, boot->info_end};
    uint32_t lost;
    state.count = memory_spans(boot, state.reserved, RESERVED, state.spans, SPANS, &lost);
    if (lost > 0 || boot->ranges_lost > 0) {
        log_warn("memory", "%u pieces of memory are not used: the map is too long",
                 lost + boot->ranges_lost);
    }
    uint64_t frames = state.count > 0 ? state.spans[state.count - 1].end >> PAGE_SHIFT : 0;
    uint64_t map_bytes = ALIGN_UP(frames, (uint64_t)PAGE_SIZE);
    for (uint32_t i = 0; i < state.count; i++) {
        struct memory_span *s = &state.spans[i];
        if (s->start < LOW_END && MIN(s->end, (paddr_t)LOW_END) - s->start > map_bytes) {
            uint8_t *map = machine_direct(s->start);
            memset(map, 0, map_bytes);
            s->start += map_bytes;
            frame_init(map, frames);
            add(0, LOW_END);
            return true;
        }
    }
    return false;
}

void memory_add_high(void)
{
    add(LOW_END, UINT64_MAX);
}

/* A loader may name a piece of memory twice, or one that holds something else: such a module's
 * frames stay taken. */
static bool is_alone(const struct boot_info *boot, uint32_t no)
{
    const struct boot_module *m = &boot->modules[no];
    paddr_t start = ALIGN_DOWN(m->start, (paddr_t)PAGE_SIZE);
    paddr_t end = ALIGN_UP(m->end, (paddr_t)PAGE_SIZE);
    for (uint32_t i = 0; i < RESERVED + boot->module_count; i++) {
        struct memory_span r = i < RESERVED ? state.reserved[i] : module_span(boot, i - RESERVED);
        bool itself = i == RESERVED + no;
        if (!itself && start < ALIGN_UP(r.end, (paddr_t)PAGE_SIZE) && r.start < end) {
            return false;
        }
    }
    return true;
}

void memory_release_modules(const struct boot_info *boot)
{
    for (uint32_t i = 0; i < boot->module_count; i++) {
        if (boot->modules[i].wrong != NULL || !is_alone(boot, i)) {
            continue;
        }
        /* Only RAM that the map called usable; modules share no frame (they are asked to be
         * page-aligned). */
        for (uint32_t r = 0; r < boot->range_count; r++) {
            const struct boot_range *range = &boot->ranges[r];
            paddr_t start = MAX(boot->modules[i].start, MAX(range->start, (paddr_t)KEEP_LOW));
            paddr_t end = MIN(boot->modules[i].end, range->end);
            bool low = end > 0x9f000 && start < 0x100000;
            if (range->type == BOOT_MEMORY_USABLE && start < end && !low) {
                frame_add(start, end);
            }
        }
    }
}
