/* SPDX-License-Identifier: MIT */
/* What an image says of its app's file. What is in the file is the business of those who load it.
 */
#include "image_check.h"

#define SYMBOL_BYTES 24u
#define NEEDS_MAX    16u /* as many segments as a file has */

/* The pieces that are put in: one behind the other, each behind bytes that are there by then. */
static bool check_needs(const struct image *image, struct image_error *error)
{
    const struct image_part *part = &image->parts[CTX_IMAGE_NEEDS];
    uint64_t here = image->parts[CTX_IMAGE_PROGRAM].len, there = 0, end = 0;
    if (part->count > NEEDS_MAX) {
        return image_refuse(error, "needs.count", part->count, "more than a file has segments");
    }
    for (uint64_t i = 0; i < part->count; i++) {
        struct ctx_image_need need;
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        if (need.len == 0 || need.len > CTX_SLOT_IMAGE_END - here - there) {
            return image_refuse(error, "need.len", need.len, "nothing, or more than an app holds");
        }
        if (need.at < end || need.at - there > here) {
            return image_refuse(error, "need.at", need.at,
                                "not behind the one before, or no place in the file");
        }
        if (!image_is_line(need.name, sizeof need.name)) {
            return image_refuse(error, "need.name", i, "a control character, or no end");
        }
        there += need.len;
        end = need.at + need.len;
    }
    return true;
}

bool image_check_program(const struct image *image, struct image_error *error)
{
    const struct image_part *parts = image->parts;
    bool bare = (image->flags & CTX_IMAGE_UNCHECKED) != 0 && parts[CTX_IMAGE_PROGRAM].len == 0 &&
                parts[CTX_IMAGE_NEEDS].count == 0;
    if ((parts[CTX_IMAGE_PROGRAM].len == 0 && !bare) ||
        parts[CTX_IMAGE_PROGRAM].len > CTX_SLOT_IMAGE_END) {
        return image_refuse(error, "program.len", parts[CTX_IMAGE_PROGRAM].len,
                            "the app's file is missing");
    }
    if (parts[CTX_IMAGE_SYMBOLS].len % SYMBOL_BYTES != 0 ||
        parts[CTX_IMAGE_SYMBOLS].len > CTX_SLOT_IMAGE_END ||
        parts[CTX_IMAGE_STRINGS].len > CTX_SLOT_IMAGE_END) {
        return image_refuse(error, "symbols.len", parts[CTX_IMAGE_SYMBOLS].len,
                            "not a table of symbols");
    }
    return check_needs(image, error);
}
