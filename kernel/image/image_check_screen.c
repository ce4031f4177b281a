/* SPDX-License-Identifier: MIT */
/* What an image says of the screen: surfaces, and who manages them. */
#include "image_check.h"

#include "utf8.h"

#include <kernel/string.h>

#define POINTER_SIDE_MAX 128u /* of one that follows the pointer */
#define KEY_CODES        1024u

static bool is_side(uint64_t side, uint64_t flags)
{
    uint32_t most = (flags & CTX_SURFACE_POINTER) != 0 ? POINTER_SIDE_MAX : SURFACE_SIDE_MAX;
    return (uint32_t)side > 0 && (uint32_t)side <= most;
}

/* What one that follows the pointer is no window for, and two ways to scale are none. */
static bool are_flags(uint64_t flags)
{
    const uint64_t window = CTX_SURFACE_FIXED | CTX_SURFACE_FULL | CTX_SURFACE_INTEGER |
                            CTX_SURFACE_SMOOTH | CTX_SURFACE_HIDDEN | CTX_SURFACE_RELATIVE |
                            CTX_SURFACE_REDRAWN | CTX_SURFACE_SCALED;
    const uint64_t scales = CTX_SURFACE_INTEGER | CTX_SURFACE_SMOOTH;
    return flags == CTX_SURFACE_POINTER || ((flags & ~window) == 0 && (flags & scales) != scales);
}

bool image_title_is_good(const char *title, uint64_t len)
{
    const uint8_t *bytes = (const uint8_t *)title;
    for (uint64_t i = 0, n; i < len; i += n) {
        n = utf8_printable(bytes + i, len - i);
        if (n == 0) {
            return false;
        }
    }
    return true;
}

bool image_surface_is_good(uint64_t w, uint64_t h, uint32_t format, uint64_t flags)
{
    return is_side(w, flags) && is_side(h, flags) && are_flags(flags) &&
           (format == CTX_SURFACE_RGBX || format == CTX_SURFACE_RGBA);
}

bool image_shown_is_good(uint32_t scale, uint32_t opacity, const struct ctx_image_shown *shown)
{
    const uint32_t most = SURFACE_SIDE_MAX; /* rows and columns that it keeps */
    return scale >= 1 && scale <= IMAGE_SCALE_MAX && opacity <= UINT8_MAX &&
           (shown->w == 0) == (shown->h == 0) && shown->w <= IMAGE_SHOWN_MAX &&
           shown->h <= IMAGE_SHOWN_MAX && shown->filter <= CTX_FILTER_SMOOTH && shown->rsv == 0 &&
           shown->left <= most && shown->right <= most && shown->top <= most &&
           shown->bottom <= most;
}

/* What a window manager has said of it, or nothing. */
static bool is_place(uint32_t state, uint32_t scale, uint32_t opacity,
                     const struct ctx_image_shown *shown)
{
    bool placed = (state & CTX_WINDOW_PLACED) != 0;
    return (state & ~(uint32_t)(CTX_WINDOW_PLACED | CTX_WINDOW_HIDDEN)) == 0 &&
           image_shown_is_good(placed ? scale : 1, placed ? opacity : 0, shown);
}

static bool check_surfaces(const struct image *image, struct image_error *error)
{
    uint64_t seen = 0;
    uint64_t ends[IMAGE_SURFACES], begins[IMAGE_SURFACES],
        count = image->parts[CTX_IMAGE_SURFACES].count;
    for (uint64_t i = 0; i < count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        if (s.index >= IMAGE_SURFACES || (seen >> s.index & 1) != 0) {
            return image_refuse(error, "surface.index", s.index,
                                "no such surface, or it comes twice");
        }
        seen |= UINT64_C(1) << s.index;
        if (s.generation == 0 || s.generation > UINT16_MAX ||
            (s.format != CTX_SURFACE_RGBX && s.format != CTX_SURFACE_RGBA)) {
            return image_refuse(error, "surface.format", s.format, "no such surface");
        }
        if (!are_flags(s.flags)) {
            return image_refuse(error, "surface.flags", s.flags, "unknown to this system");
        }
        if ((s.asked & ~(uint32_t)CTX_ASKED_POSITION) != 0 || s.smallest_w > SURFACE_SIDE_MAX ||
            s.smallest_h > SURFACE_SIDE_MAX || s.cursor > IMAGE_CURSOR_LAST) {
            return image_refuse(error, "surface.asked", s.asked, "nothing that can be asked for");
        }
        if (!is_place(s.state, s.scale, s.opacity, &s.shown)) {
            return image_refuse(error, "surface.state", s.state, "no place for a window");
        }
        if (!image_is_text(s.title, sizeof s.title) ||
            !image_title_is_good((const char *)s.title, strlen((const char *)s.title))) {
            return image_refuse(error, "surface.title", i, "not a title");
        }
        uint64_t bytes = (uint64_t)s.w * s.h * 4;
        if (!image_surface_is_good(s.w, s.h, s.format, s.flags) || s.at < CTX_SLOT_CANVAS ||
            (s.at & PAGE_MASK) != 0 || !image_in_slot(s.at, bytes)) {
            return image_refuse(error, "surface.at", s.at, "no surface can lie there");
        }
        begins[i] = s.at;
        ends[i] = s.at + ALIGN_UP(bytes, (uint64_t)PAGE_SIZE);
        for (uint64_t j = 0; j < i; j++) {
            if (begins[i] < ends[j] && begins[j] < ends[i]) {
                return image_refuse(error, "surface.at", s.at, "over another surface");
            }
        }
        uint64_t canvas = (uint64_t)image->app.canvas_w * image->app.canvas_h * 4;
        if ((image->app.flags & CTX_IMAGE_HAS_CANVAS) != 0 &&
            begins[i] < image->app.canvas_at + ALIGN_UP(canvas, (uint64_t)PAGE_SIZE) &&
            image->app.canvas_at < ends[i]) {
            return image_refuse(error, "surface.at", s.at, "over the canvas");
        }
    }
    return true;
}

bool image_is_chord(uint32_t code, uint32_t modifiers)
{
    const uint32_t good = CTX_MOD_SHIFT | CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META | CTX_MOD_ALTGR;
    return code < KEY_CODES && (modifiers & ~good) == 0 && (code != 0 || modifiers != 0);
}

/* One that manages comes first, then its chords; or, of another app, its canvas alone. */
static bool check_windows(const struct image *image, struct image_error *error)
{
    bool manages = false;
    uint64_t count = image->parts[CTX_IMAGE_WINDOWS].count;
    for (uint64_t i = 0; i < count; i++) {
        struct ctx_image_window w;
        image_entry(image, CTX_IMAGE_WINDOWS, i, &w, sizeof w);
        bool old = image->app.version < 3;
        bool has_canvas = (image->app.flags & CTX_IMAGE_HAS_CANVAS) != 0;
        switch (w.kind) {
        case CTX_IMAGE_WINDOW_MANAGES:
            if (i != 0 || old) {
                return image_refuse(error, "window.kind", w.kind, "not in this place");
            }
            manages = true;
            break;
        case CTX_IMAGE_WINDOW_GRAB:
            if (!manages || i > IMAGE_GRABS || !image_is_chord(w.code, w.modifiers)) {
                return image_refuse(error, "window.code", w.code, "no chord, or too many of them");
            }
            break;
        case CTX_IMAGE_WINDOW_CANVAS:
            if (i != 0 || !old || !has_canvas || !is_place(w.state, w.scale, w.opacity, &w.shown)) {
                return image_refuse(error, "window.state", w.state, "no window for a canvas");
            }
            break;
        default:
            return image_refuse(error, "window.kind", w.kind, "unknown to this system");
        }
    }
    return true;
}

bool image_canvas_is_window(const struct image *image)
{
    struct ctx_image_window w;
    if (image->parts[CTX_IMAGE_WINDOWS].count == 0) {
        return false;
    }
    image_entry(image, CTX_IMAGE_WINDOWS, 0, &w, sizeof w);
    return w.kind == CTX_IMAGE_WINDOW_CANVAS;
}

bool image_check_screen(const struct image *image, struct image_error *error)
{
    return check_surfaces(image, error) && check_windows(image, error);
}
