/* SPDX-License-Identifier: MIT */
/* What an image says of an app's memory: which pages it has, and the blocks of its heap. */
#include "image_check.h"

#include "app.h"

/* Whether pages of this part of the slot are the app's, to be saved and restored. Which of them its
 * file allows restore.c asks. */
static bool is_kept(const struct image *image, uint64_t at, uint64_t len)
{
    uint64_t end = at + len;
    if (at == CTX_SLOT_STORE) {
        return len == PAGE_SIZE;
    }
    if ((at >= CTX_SLOT_IMAGE && end <= CTX_SLOT_IMAGE_END) ||
        (at >= CTX_SLOT_HEAP && end <= CTX_SLOT_HEAP_END)) {
        return true;
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        uint64_t pages = ALIGN_UP((uint64_t)s.w * s.h * 4, (uint64_t)PAGE_SIZE);
        if (at >= s.at && end <= s.at + pages) {
            return true;
        }
    }
    return false;
}

/* Whether a run lies in what one share was mapped at. Both lists ascend: *share is where to look
 * on. */
static bool in_share(const struct image *image, uint64_t at, uint64_t len, uint64_t *share)
{
    for (; *share < image->parts[CTX_IMAGE_SHARES].count; (*share)++) {
        struct ctx_image_share s;
        image_entry(image, CTX_IMAGE_SHARES, *share, &s, sizeof s);
        if (s.at != 0 && at < s.at + s.pages * PAGE_SIZE) {
            return at >= s.at && at + len <= s.at + s.pages * PAGE_SIZE;
        }
    }
    return false;
}

bool image_check_runs(struct image *image, struct image_error *error)
{
    uint64_t next = 0, share = 0;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_RUNS].count; i++) {
        struct ctx_image_run run;
        image_entry(image, CTX_IMAGE_RUNS, i, &run, sizeof run);
        uint64_t at = (uint64_t)run.page * PAGE_SIZE, len = (uint64_t)run.count * PAGE_SIZE;
        bool shared = at >= CTX_SLOT_SHARED && at < CTX_SLOT_SHARED_END;
        if (run.count == 0 || run.page < next || run.page >= CTX_SLOT_SIZE / PAGE_SIZE ||
            !(shared ? in_share(image, at, len, &share) : is_kept(image, at, len))) {
            return image_refuse(error, "run.page", run.page, "no pages of an app, or out of order");
        }
        if (run.rights != (MAP_READ | MAP_WRITE)) {
            return image_refuse(error, "run.rights", run.rights, "not the rights of such pages");
        }
        next = (uint64_t)run.page + run.count;
        image->pages += run.count;
    }
    if (image->pages * PAGE_SIZE != image->parts[CTX_IMAGE_CONTENTS].len) {
        return image_refuse(error, "contents.len", image->parts[CTX_IMAGE_CONTENTS].len,
                            "not as many pages as the runs have");
    }
    return true;
}

bool image_check_heap(const struct image *image, struct image_error *error)
{
    const uint64_t heap = CTX_SLOT_HEAP_END - CTX_SLOT_HEAP;
    uint64_t next = 0;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_HEAP].count; i++) {
        struct ctx_image_block b;
        image_entry(image, CTX_IMAGE_HEAP, i, &b, sizeof b);
        uint64_t guard = b.guarded != 0 ? PAGE_SIZE : 0;
        if (b.guarded > 1 || b.align_log2 > 31 || b.size == 0 || b.offset < guard ||
            b.offset - guard < next || b.offset > heap || b.size > heap - b.offset ||
            (b.offset & 15) != 0 || (guard != 0 && (b.offset & PAGE_MASK) != 0) ||
            ((CTX_SLOT_HEAP + b.offset) & ((UINT64_C(1) << b.align_log2) - 1)) != 0) {
            return image_refuse(error, "heap.offset", b.offset,
                                "not a block, or over the one before");
        }
        next = ALIGN_UP(b.offset + b.size, UINT64_C(16));
    }
    return true;
}
