/* SPDX-License-Identifier: MIT */
/*
 * Two numbers. What is *known*: the canvas, and what each file takes to begin, read from the file;
 * with less, something would be refused. And what is *likely*: where there is a screen, and an app
 * that may draw more than the canvas, pictures of the screen's size; with less, a desktop would run
 * without its background, which only the log would say.
 */
#include "enough.h"

#include "app.h"
#include "frame.h"
#include "modules.h"

#include <kernel/klog.h>

#define MIB            (UINT64_C(1) << 20)
#define LIKELY_SPARE   (3 * MIB)
#define LIKELY_EACH    (UINT64_C(1) << 17)
#define PICTURE_MARGIN 48u
#define PICTURE_SPARE  (15 * MIB / 4)
#define SMALL_BYTES    (8 * MIB)
#define KNOWN_SPARE    (UINT64_C(1) << 17) /* stacks that grow, crash reports, what the log says */

static uint64_t files(const struct boot_info *boot)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < boot->module_count; i++) {
        const struct boot_module *m = &boot->modules[i];
        bytes += m->wrong == NULL ? m->end - m->start : 0;
    }
    return bytes;
}

/*
 * A canvas, two more screenfuls for what apps keep of it, and room for the kernel; or, if that is
 * more, room for an app like the Desktop's background, which wants a picture a little larger than
 * the screen, some more while it makes it, and gets half of what the canvas leaves. And the files
 * themselves.
 */
static uint64_t likely(const struct boot_info *boot, uint32_t width, uint32_t height)
{
    uint64_t w = width, h = height, screen = w * h * 4;
    uint64_t picture = (w + PICTURE_MARGIN) * (h + PICTURE_MARGIN) * 4;
    return MAX(3 * screen + LIKELY_SPARE, screen + 2 * (picture + PICTURE_SPARE)) + files(boot);
}

static uint64_t needed(const struct boot_info *boot, const struct enough_screen *screen,
                       boot_memory_fn *memory, void *arg)
{
    uint64_t canvas = ((uint64_t)screen->width * screen->height * 4 + PAGE_SIZE - 1) / PAGE_SIZE;
    struct modules_foreseen all;
    modules_foresee(boot, memory, arg, canvas, &all);
    /* One app gets at most half of what is free when they begin. */
    uint64_t apps = MAX(app_frames_for(all.frames), app_frames_for(0) + 2 * all.largest);
    uint64_t known = (canvas + apps) * PAGE_SIZE + KNOWN_SPARE;
    bool pictures = screen->shown && all.pictures;
    return pictures ? MAX(known, likely(boot, screen->width, screen->height)) : known;
}

static uint64_t memory_end(const struct boot_info *boot)
{
    uint64_t end = 0;
    for (uint32_t i = 0; i < boot->range_count; i++) {
        if (boot->ranges[i].type == BOOT_MEMORY_USABLE) {
            end = MAX(end, boot->ranges[i].end);
        }
    }
    return end;
}

/* How large the machine would have to be, in the steps in which such machines grow. Firmware keeps
 * some memory that the map does not show as ours, so what counts is where it ends. */
static uint64_t advice(const struct boot_info *boot, uint64_t bytes)
{
    uint64_t end = memory_end(boot);
    bytes += bytes / 32; /* more memory wants larger tables */
    uint64_t step = end + bytes < SMALL_BYTES ? MIB : 4 * MIB;
    return (ALIGN_UP(end, step) + ALIGN_UP(bytes, step)) / MIB;
}

/* How much more the machine would need: for the screen that it would have then. */
static uint64_t lacking(const struct boot_info *boot, const struct enough_screen *screen,
                        boot_memory_fn *memory, void *arg)
{
    struct enough_screen then = *screen;
    uint64_t more = 0; /* the driver takes, for that screen */
    if (screen->wanted_width != 0) {
        then.width = screen->wanted_width;
        then.height = screen->wanted_height;
        uint64_t now = (uint64_t)screen->width * screen->height;
        uint64_t wanted = (uint64_t)then.width * then.height;
        more = 4 * (wanted - MIN(wanted, now));
    }
    uint64_t need = needed(boot, &then, memory, arg) + more;
    uint64_t have = frame_free_total() * PAGE_SIZE;
    return need - MIN(need, have);
}

bool enough_memory(const struct boot_info *boot, const struct enough_screen *screen, uint32_t apps,
                   boot_memory_fn *memory, void *arg, char *text, size_t size)
{
    uint64_t have = frame_free_total() * PAGE_SIZE;
    if (have >= likely(boot, screen->width, screen->height) + apps * LIKELY_EACH) {
        return true; /* nearly always, and then nobody has to look into the files */
    }
    uint64_t need = needed(boot, screen, memory, arg);
    if (have >= need) {
        return true;
    }
    format_text(text, size,
                "not enough memory: %lu KiB free, %lu KiB needed for %u app(s) at %ux%u; give this "
                "machine %lu MiB",
                have >> 10, need >> 10, apps, screen->width, screen->height,
                advice(boot, lacking(boot, screen, memory, arg)));
    return false;
}

void enough_in_pieces(const struct boot_info *boot, const struct enough_screen *screen,
                      boot_memory_fn *memory, void *arg, char *text, size_t size)
{
    uint64_t canvas = (uint64_t)screen->width * screen->height * 4;
    format_text(text, size,
                "not enough memory: %lu KiB free, but not %lu of them in one piece for a canvas of "
                "%ux%u; give this machine %lu MiB",
                frame_free_total() * PAGE_SIZE >> 10, canvas >> 10, screen->width, screen->height,
                advice(boot, MAX(canvas, lacking(boot, screen, memory, arg))));
}

bool enough_for_kernel(const struct boot_info *boot, paddr_t first, paddr_t after, char *text,
                       size_t size)
{
    if (!boot_is_usable(boot, ALIGN_DOWN(first, (paddr_t)PAGE_SIZE),
                        ALIGN_UP(after, (paddr_t)PAGE_SIZE))) {
        format_text(text, size,
                    "not enough memory: the kernel lies at 0x%lx..0x%lx, and not all of that is "
                    "memory for it; give this machine %lu MiB",
                    first, after, advice(boot, after));
        return false;
    }
    /* In a larger machine that is not for want of memory: then the module is refused by name. */
    for (uint32_t i = 0; i < boot->module_count && memory_end(boot) < SMALL_BYTES; i++) {
        const struct boot_module *m = &boot->modules[i];
        if (m->start < after && m->end > first) {
            format_text(text, size,
                        "not enough memory: the boot loader put a module of %lu KiB over the "
                        "kernel; give this machine %lu MiB",
                        (m->end - m->start) >> 10, advice(boot, 2 * (m->end - m->start)));
            return false;
        }
    }
    return true;
}
