/* SPDX-License-Identifier: MIT */
/* The picture that an image holds, on this screen: nearest pixels, row by row. */
#include "canvas.h"
#include "heap.h"
#include "image_check.h"
#include "restore.h"

void restore_canvas(const struct image *image, uint32_t w, uint32_t h)
{
    struct image_stream stream;
    if (image->parts[CTX_IMAGE_CANVAS].len == 0 || canvas_width() == 0 ||
        image_canvas_is_window(image) || !image_stream_begin(&stream, image, CTX_IMAGE_CANVAS)) {
        return;
    }
    uint32_t *row = heap_alloc((uint64_t)w * 4);
    uint32_t y = 0;
    for (uint32_t from = 0; row != NULL && from < h; from++) {
        if (!image_stream_read(&stream, row, (uint64_t)w * 4)) {
            break;
        }
        for (; y < canvas_height() && (uint64_t)y * h / canvas_height() == from; y++) {
            uint32_t *to = canvas_pixels() + (uint64_t)y * canvas_width();
            for (uint32_t x = 0; x < canvas_width(); x++) {
                to[x] = row[(uint64_t)x * w / canvas_width()];
            }
        }
    }
    if (row != NULL) {
        heap_free(row, (uint64_t)w * 4);
    }
    image_stream_end(&stream);
}
