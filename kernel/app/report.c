/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "slot.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define PAGE_FAULT    14u
#define ERROR_PRESENT 1u
#define ERROR_WRITE   2u
#define ERROR_FETCH   16u
#define NULL_PAGES    0x10000u

static const char *exception_name(uint32_t vector)
{
    static const char *const names[] = {
        [0] = "divide error", [1] = "debug exception",  [3] = "breakpoint",  [4] = "overflow",
        [5] = "bound range",  [6] = "invalid opcode",   [7] = "no device",   [10] = "invalid TSS",
        [11] = "no segment",  [12] = "stack fault",     [13] = "protection", [14] = "page fault",
        [16] = "x87 error",   [17] = "alignment check", [19] = "SSE error",
    };
    return vector < ARRAY_COUNT(names) && names[vector] != NULL ? names[vector] : "exception";
}

/* Where in its slot an offset lies. */
static const char *region(const struct app *app, uint64_t offset)
{
    if (offset >= CTX_SLOT_STACK_LOW - PAGE_SIZE && offset < app->stack_low) {
        return "below its stack, which has overflowed";
    }
    if (offset >= CTX_SLOT_HEAP && offset < CTX_SLOT_HEAP_END && app->heap != NULL &&
        slotheap_is_guard(app->heap, offset - CTX_SLOT_HEAP)) {
        return "a guard: the stack above it has overflowed";
    }
    static const struct {
        uint64_t end;
        const char *name;
    } regions[] = {
        {CTX_SLOT_GATES, "below its slot's gates"},
        {CTX_SLOT_GATES_END, "its gates"},
        {CTX_SLOT_CTX, "the kernel's pages"},
        {CTX_SLOT_STORE, "its Context"},
        {CTX_SLOT_STORE + PAGE_SIZE, "its store cell"},
        {CTX_SLOT_STACK_TOP, "its stack"},
        {CTX_SLOT_IMAGE, "the gap above its stack"},
        {CTX_SLOT_IMAGE_END, "its image"},
        {CTX_SLOT_HEAP_END, "its heap"},
        {CTX_SLOT_SHARED_END, "its shared buffers"},
        {CTX_SLOT_CANVAS_END, "its pixels"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(regions); i++) {
        if (offset < regions[i].end) {
            return regions[i].name;
        }
    }
    return "its slot's upper guard";
}

void report_access(const struct app *app, const struct machine_fault *f, char *text, size_t size)
{
    text[0] = 0;
    if (f->vector != PAGE_FAULT) {
        return;
    }
    const char *verb = (f->error & ERROR_FETCH) != 0   ? "executed"
                       : (f->error & ERROR_WRITE) != 0 ? "wrote to"
                                                       : "read";
    const char *state = (f->error & ERROR_PRESENT) != 0 ? "which it may not" : "where nothing is";
    uint64_t offset = f->address - app->base;
    if (f->address < NULL_PAGES) {
        format_text(text, size, "%s null+0x%lx", verb, f->address);
    } else if (offset < CTX_SLOT_SIZE) {
        format_text(text, size, "%s slot+0x%lx, %s, %s", verb, offset, region(app, offset), state);
    } else {
        format_text(text, size, "%s 0x%lx, outside its slot, %s", verb, f->address, state);
    }
}

void report_fault(const struct app *app, const struct machine_fault *f, char *text, size_t size)
{
    format_text(
        text, size,
        "fault name=%s pid=%lu call=%lu vector=%u (%s) ip=slot+0x%lx address=0x%lx error=0x%x",
        app->name, app->pid, app->calls, f->vector, exception_name(f->vector), f->ip - app->base,
        f->address, f->error);
}
