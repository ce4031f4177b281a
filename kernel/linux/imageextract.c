/* SPDX-License-Identifier: MIT */
/* `ctx image extract`: parts of an image as files of their own. */
#include "imagetool.h"

#include "app.h"
#include "linux.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

static int complain(int code, const char *what, const char *why)
{
    fprintf(stderr, "ctx: %s: %s\n", what, why);
    return code;
}

/* "-" is standard output. */
static int write_file(const char *path, const uint8_t *bytes, uint64_t len)
{
    bool out = strcmp(path, "-") == 0;
    const char *why = tool_protected(path);
    if (why != NULL) {
        return complain(LINUX_USAGE, path, why);
    }
    FILE *f = out ? stdout : fopen(path, "wb");
    if (f == NULL) {
        return complain(LINUX_USAGE, path, strerror(errno));
    }
    bool good = fwrite(bytes, 1, len, f) == len;
    good = (out ? fflush(f) : fclose(f)) == 0 && good;
    return good ? LINUX_FINE : complain(LINUX_USAGE, path, strerror(errno));
}

/* Memory of the slot. What the image does not name is zero; code is not among it. */
static uint8_t *memory(const struct image *image, uint64_t offset, uint64_t len, uint64_t *named)
{
    static struct image_pages p; /* the command's own: nothing else runs */
    uint8_t *bytes = calloc(1, len);
    *named = 0;
    if (bytes == NULL) {
        return NULL;
    }
    for (image_pages_begin(&p, image); p.offset < offset + len; image_pages_next(&p)) {
        uint64_t from = MAX(offset, p.offset), to = MIN(offset + len, p.offset + PAGE_SIZE);
        if (from < to) {
            memcpy(bytes + (from - offset), p.bytes + (from - p.offset), to - from);
            *named += to - from;
        }
    }
    image_pages_end(&p);
    return bytes;
}

static int extract_memory(const struct image *image, uint64_t offset, uint64_t len,
                          const char *path)
{
    uint64_t named;
    if (offset >= CTX_SLOT_SIZE && offset - image->app.base < CTX_SLOT_SIZE) {
        offset -= image->app.base; /* an address is as good */
    }
    if (offset >= CTX_SLOT_SIZE || len == 0 || len > CTX_SLOT_SIZE - offset) {
        return complain(LINUX_USAGE, "memory", "this is not in the slot");
    }
    uint8_t *bytes = memory(image, offset, len, &named);
    if (bytes == NULL) {
        return complain(LINUX_USAGE, "memory", "not enough");
    }
    if (named < len) {
        fprintf(stderr, "ctx: %llu of these %llu bytes are not in the image, and written as 0\n",
                (ull)(len - named), (ull)len);
    }
    int code = write_file(path, bytes, len);
    free(bytes);
    return code;
}

static int extract_part(const struct image *image, uint32_t kind, const char *path)
{
    uint64_t len;
    uint8_t *bytes = image_file_part(image, kind, &len);
    if (bytes == NULL) {
        return complain(LINUX_USAGE, "memory", "not enough");
    }
    int code = write_file(path, bytes, len);
    free(bytes);
    return code;
}

static int write_picture(const char *path, const void *pixels, uint32_t w, uint32_t h)
{
    const char *why = tool_protected(path);
    if (why != NULL) {
        return complain(LINUX_USAGE, path, why);
    }
    int error = linux_write_png(path, pixels, w, h);
    return error == 0 ? LINUX_FINE : complain(LINUX_USAGE, path, strerror(error));
}

static int extract_canvas(const struct image_file *f, const char *path)
{
    bool session = image_file_is_session(f);
    uint32_t w = session ? f->image.session.canvas_w : f->image.app.canvas_w;
    uint32_t h = session ? f->image.session.canvas_h : f->image.app.canvas_h;
    uint64_t len;
    if (f->image.parts[CTX_IMAGE_CANVAS].len == 0) {
        return complain(LINUX_REFUSED, f->label, "it has no pixels of a canvas");
    }
    uint8_t *pixels = image_file_part(&f->image, CTX_IMAGE_CANVAS, &len);
    if (pixels == NULL) {
        return complain(LINUX_USAGE, "memory", "not enough");
    }
    int code = write_picture(path, pixels, w, h);
    free(pixels);
    return code;
}

static int extract_surface(const struct image_file *f, uint64_t index, const char *path)
{
    const struct image *image = &f->image;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        uint64_t named;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        if (s.index != index) {
            continue;
        }
        uint8_t *pixels = memory(image, s.at, (uint64_t)s.w * s.h * 4, &named);
        if (pixels == NULL) {
            return complain(LINUX_USAGE, "memory", "not enough");
        }
        int code = write_picture(path, pixels, s.w, s.h);
        free(pixels);
        return code;
    }
    return complain(LINUX_REFUSED, f->label, "it has no such surface");
}

static int extract_share(const struct image_file *f, uint64_t handle, const char *path)
{
    const struct image *image = &f->image;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SHARES].count; i++) {
        struct ctx_image_share s;
        uint64_t named;
        image_entry(image, CTX_IMAGE_SHARES, i, &s, sizeof s);
        if (s.handle != handle) {
            continue;
        }
        if (s.at == 0) {
            return complain(LINUX_REFUSED, f->label, "that share was not mapped");
        }
        uint8_t *bytes = memory(image, s.at, s.pages * PAGE_SIZE, &named);
        if (bytes == NULL) {
            return complain(LINUX_USAGE, "memory", "not enough");
        }
        int code = write_file(path, bytes, s.pages * PAGE_SIZE);
        free(bytes);
        return code;
    }
    return complain(LINUX_REFUSED, f->label, "it has no such share");
}

/* False: *code is one, and stderr says which numbers there are. */
static bool number(const char *what, const char *word, uint64_t most, uint64_t *out, int *code)
{
    if (tool_number(word, 0, most, out)) {
        return true;
    }
    fprintf(stderr, "ctx: %s %s: a number from 0 to %llu\n", what, word, (ull)most);
    *code = LINUX_USAGE;
    return false;
}

/* words: WHAT ... FILE */
static int extract(const struct image_file *f, int count, char **words)
{
    uint64_t first = 0, second = 0;
    int code = LINUX_FINE;
    const char *what = words[0], *path = words[count - 1];
    bool app = !image_file_is_session(f);
    if (count == 2 && strcmp(what, "canvas") == 0) {
        return extract_canvas(f, path);
    }
    if (!app) {
        return complain(LINUX_USAGE, f->label, "a session: which app? (--app N)");
    }
    if (count == 2 && strcmp(what, "program") == 0) {
        if (f->image.parts[CTX_IMAGE_NEEDS].count > 0) {
            return complain(
                LINUX_REFUSED, f->label,
                "it only names its file's data, and has not got them: the file itself is needed");
        }
        return extract_part(&f->image, CTX_IMAGE_PROGRAM, path);
    }
    if (count == 3 && strcmp(what, "surface") == 0 &&
        number(what, words[1], UINT32_MAX, &first, &code)) {
        return extract_surface(f, first, path);
    }
    if (count == 3 && strcmp(what, "share") == 0 &&
        number(what, words[1], UINT32_MAX, &first, &code)) {
        return extract_share(f, first, path);
    }
    if (count == 3 && strcmp(what, "page") == 0 &&
        number(what, words[1], UINT64_MAX, &first, &code)) {
        return extract_memory(&f->image, ALIGN_DOWN(first, (uint64_t)PAGE_SIZE), PAGE_SIZE, path);
    }
    if (count == 4 && strcmp(what, "memory") == 0 &&
        number(what, words[1], UINT64_MAX, &first, &code) &&
        number(what, words[2], CTX_SLOT_SIZE, &second, &code)) {
        return extract_memory(&f->image, first, second, path);
    }
    if (code != LINUX_FINE) {
        return code;
    }
    return complain(LINUX_USAGE, what,
                    "program, canvas, surface N, share HANDLE, page OFFSET or memory OFFSET BYTES, "
                    "and a file");
}

int image_extract(int argc, char **argv)
{
    struct image_file f, app;
    char *words[8];
    int count = 0, code = LINUX_FINE;
    uint64_t index = UINT64_MAX;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--app") == 0) {
            if (i + 1 == argc || !tool_number(argv[++i], 0, UINT32_MAX, &index)) {
                return complain(LINUX_USAGE, "--app", "a number from 0 to 4294967295");
            }
        } else {
            words[count++] = argv[i];
        }
    }
    if (count < 2) {
        return complain(LINUX_USAGE, "extract", "what, and to which file?");
    }
    if (!image_file_open(&f, argv[0], &code)) {
        return code;
    }
    if (index != UINT64_MAX && !image_file_is_session(&f)) {
        code = complain(LINUX_USAGE, argv[0], "one app, no session");
    } else if (index != UINT64_MAX) {
        code =
            image_file_app(&f, (uint32_t)index, &app) ? extract(&app, count, words) : LINUX_REFUSED;
    } else {
        code = extract(&f, count, words);
    }
    image_file_close(&f);
    return code;
}
