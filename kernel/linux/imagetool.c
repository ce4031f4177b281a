/* SPDX-License-Identifier: MIT */
/* `ctx image`: files that hold saved apps. What the subcommands share, and verify. */
#include "imagetool.h"

#include "app.h"
#include "canvas.h"
#include "elf.h"
#include "frame.h"
#include "klog_private.h"
#include "linux.h"
#include "restore.h"
#include "slot.h"
#include "tool.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MIB   1024u
#define SCREEN_W     640u
#define SCREEN_H     480u
#define SYMBOL_BYTES 24u
#define STT_OBJECT   1u
#define STT_FUNC     2u

static const char usage[] =
    "ctx: image info IMAGE...            what it holds\n"
    "     image verify IMAGE...          would it be restored: if not, which field and why\n"
    "     image diff [--state] IMAGE IMAGE\n"
    "     image extract IMAGE [--app N] program|canvas FILE | surface N FILE\n"
    "                                   | share HANDLE FILE | page OFFSET FILE\n"
    "                                   | memory OFFSET BYTES FILE\n";

/* ---- files ---- */

static void refused(const char *label, const struct image_error *error)
{
    printf("%s: refused field=%s value=0x%llx: %s\n", label, error->field,
           (unsigned long long)error->value, error->reason);
}

bool image_file_open(struct image_file *f, const char *path, int *code)
{
    uint64_t len;
    struct image_error error;
    *f = (struct image_file){.path = path};
    snprintf(f->label, sizeof f->label, "%s", path);
    f->bytes = tool_read(path, TOOL_FILE_MAX, &len);
    if (f->bytes == NULL) {
        *code = LINUX_USAGE;
        return false;
    }
    if (!image_open_file(f->bytes, len, &f->image, &error)) {
        refused(f->label, &error);
        image_file_close(f);
        *code = LINUX_REFUSED;
        return false;
    }
    return true;
}

void image_file_close(struct image_file *f)
{
    free(f->bytes);
    f->bytes = NULL;
}

bool image_file_is_session(const struct image_file *f)
{
    return (f->image.flags & CTX_IMAGE_SESSION) != 0;
}

bool image_file_app(const struct image_file *session, uint32_t index, struct image_file *out)
{
    uint64_t len;
    char name[40];
    struct image_error error = {"app", index, "there are not so many"};
    const uint8_t *bytes = image_session_app(&session->image, index, &len);
    *out = (struct image_file){.path = session->path};
    snprintf(out->label, sizeof out->label, "%s, app %u", session->path, index);
    if (bytes == NULL || !image_open_file(bytes, len, &out->image, &error)) {
        refused(out->label, &error);
        return false;
    }
    snprintf(out->label, sizeof out->label, "%.100s, app %u (%s)", session->path, index,
             image_text(out->image.app.name, sizeof out->image.app.name, name));
    return true;
}

uint8_t *image_file_part(const struct image *image, uint32_t kind, uint64_t *len)
{
    struct image_stream stream;
    *len = image->parts[kind].len;
    uint8_t *bytes = malloc(*len + 1);
    if (bytes == NULL || !image_stream_begin(&stream, image, kind)) {
        free(bytes);
        return NULL;
    }
    bool good = image_stream_read(&stream, bytes, *len);
    image_stream_end(&stream);
    if (!good) {
        free(bytes);
        return NULL;
    }
    bytes[*len] = 0;
    return bytes;
}

const char *image_text(const uint8_t *text, size_t size, char *to)
{
    memcpy(to, text, size);
    to[size - 1] = 0;
    text_make_printable(to);
    return to;
}

/* ---- pages ---- */

void image_pages_begin(struct image_pages *p, const struct image *image)
{
    *p = (struct image_pages){.image = image};
    if (!image_stream_begin(&p->stream, image, CTX_IMAGE_CONTENTS)) {
        p->next = UINT64_MAX;
    }
    image_pages_next(p);
}

void image_pages_next(struct image_pages *p)
{
    if (p->within == p->run.count) {
        if (p->next >= p->image->parts[CTX_IMAGE_RUNS].count) {
            p->offset = UINT64_MAX;
            return;
        }
        image_entry(p->image, CTX_IMAGE_RUNS, p->next++, &p->run, sizeof p->run);
        p->within = 0;
    }
    p->offset = (uint64_t)(p->run.page + p->within++) * PAGE_SIZE;
    if (!image_stream_read(&p->stream, p->bytes, PAGE_SIZE)) {
        p->offset = UINT64_MAX;
    }
}

void image_pages_end(struct image_pages *p)
{
    image_stream_end(&p->stream);
}

const char *image_place(const struct image *image, uint64_t offset)
{
    if (offset == CTX_SLOT_STORE) {
        return "store cell";
    }
    if (offset >= CTX_SLOT_IMAGE && offset < CTX_SLOT_IMAGE_END) {
        return "data";
    }
    if (offset >= CTX_SLOT_HEAP && offset < CTX_SLOT_HEAP_END) {
        return "heap";
    }
    if (offset >= CTX_SLOT_SHARED && offset < CTX_SLOT_SHARED_END) {
        return "share";
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        /* Filled as they are asked for. The command's own: nothing else runs. */
        static char names[IMAGE_SURFACES][12];
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        if (offset >= s.at && offset < s.at + (uint64_t)s.w * s.h * 4) {
            char *name = names[s.index % IMAGE_SURFACES];
            snprintf(name, sizeof names[0], "surface %u", s.index % IMAGE_SURFACES);
            return name;
        }
    }
    return "?";
}

/* ---- the app's file ---- */

uint8_t *image_file_program(const struct image *image, uint64_t *len)
{
    uint64_t here;
    uint8_t *part = image_file_part(image, CTX_IMAGE_PROGRAM, &here);
    const struct image_part *needs = &image->parts[CTX_IMAGE_NEEDS];
    *len = here;
    if (part == NULL || needs->count == 0) {
        return part;
    }
    struct ctx_image_need need;
    for (uint64_t i = 0; i < needs->count; i++) {
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        *len += need.len;
    }
    uint8_t *whole = calloc(1, *len);
    uint64_t from = 0, at = 0;
    for (uint64_t i = 0; whole != NULL && i < needs->count; i++) {
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        memcpy(whole + at, part + from, need.at - at);
        from += need.at - at;
        at = need.at + need.len;
    }
    if (whole != NULL) {
        memcpy(whole + at, part + from, here - from);
    }
    free(part);
    return whole;
}

/* ---- names ---- */

void image_names_open(struct image_names *n, const struct image *image)
{
    struct elf_plan plan;
    struct elf_error error;
    uint64_t len;
    uint8_t *program = image_file_program(image, &len);
    *n = (struct image_names){.symbols = NULL};
    n->symbols = image_file_part(image, CTX_IMAGE_SYMBOLS, &n->symbols_len);
    n->strings = image_file_part(image, CTX_IMAGE_STRINGS, &n->strings_len);
    if (program == NULL || n->symbols == NULL || n->strings == NULL ||
        !elf_check(program, len, &plan, &error)) {
        n->symbols_len = 0;
    }
    n->bias = n->symbols_len != 0 ? plan.bias : 0;
    free(program);
}

void image_names_close(struct image_names *n)
{
    free(n->symbols);
    free(n->strings);
}

bool image_names_find(const struct image_names *n, uint64_t offset, char *to, size_t size)
{
    uint64_t vaddr = offset - n->bias;
    for (uint64_t at = 0; at + SYMBOL_BYTES <= n->symbols_len; at += SYMBOL_BYTES) {
        uint32_t name;
        uint64_t value, len;
        uint8_t type = n->symbols[at + 4] & 15;
        memcpy(&name, n->symbols + at, 4);
        memcpy(&value, n->symbols + at + 8, 8);
        memcpy(&len, n->symbols + at + 16, 8);
        if ((type != STT_OBJECT && type != STT_FUNC) || vaddr < value || vaddr - value >= len ||
            name >= n->strings_len || n->strings[name] == 0) {
            continue;
        }
        /* image_file_part() has put a NUL behind the last one. */
        int written = snprintf(to, size, "%s", (const char *)n->strings + name);
        text_make_printable(to);
        if (vaddr != value && written > 0 && (size_t)written < size) {
            snprintf(to + written, size - (size_t)written, "+0x%llx",
                     (unsigned long long)(vaddr - value));
        }
        return true;
    }
    return false;
}

/* ---- verify ---- */

static const char *verifying; /* the command's own: nothing else runs */

/* What the core says on the way. */
static void hear(char level, const char *room, const char *text)
{
    if ((level == 'W' || level == 'E') && strcmp(room, "loop") != 0) {
        printf("%s: %s\n", verifying, text);
    }
}

static const char *begin_restoring(void)
{
    static bool begun; /* likewise */
    if (begun) {
        return NULL;
    }
    begun = true;
    slot_init(false);
    if (canvas_init(SCREEN_W, SCREEN_H) != CTX_OK ||
        app_init(frame_free_total() * PAGE_SIZE) != CTX_OK) {
        return "not enough memory";
    }
    klog_set_sink(hear);
    return NULL;
}

/* Make an app of it, which is not called. What only this machine can not do is not the image's
 * fault. */
static int verify_app(const struct image_file *f)
{
    struct app *app;
    struct image_error error;
    verifying = f->label;
    ctx_status status = app_restore(&f->image, f->label, NULL, &app, &error);
    if (status == CTX_OK) {
        printf("%s: fine\n", f->label);
        return LINUX_FINE;
    }
    if (status == CTX_E_INVAL || status == CTX_E_EXIST) {
        refused(f->label, &error);
        return LINUX_REFUSED;
    }
    printf("%s: fine, but not for this machine: field=%s value=0x%llx: %s\n", f->label, error.field,
           (unsigned long long)error.value, error.reason);
    return LINUX_FINE;
}

static int verify_file(const struct image_file *f)
{
    int code = LINUX_FINE;
    if (!image_file_is_session(f)) {
        code = verify_app(f);
    } else {
        for (uint32_t i = 0; i < f->image.session.apps; i++) {
            struct image_file app;
            int one = image_file_app(f, i, &app) ? verify_app(&app) : LINUX_REFUSED;
            code = one != LINUX_FINE ? one : code;
        }
        printf("%s: a session of %u, %s\n", f->label, f->image.session.apps,
               code == LINUX_FINE ? "fine" : "damaged");
    }
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    return code;
}

static int verify(int argc, char **argv)
{
    int code = LINUX_FINE, one;
    const char *why = begin_restoring();
    if (why != NULL) {
        fprintf(stderr, "ctx: %s\n", why);
        return LINUX_USAGE;
    }
    for (int i = 0; i < argc; i++) {
        struct image_file f;
        if (!image_file_open(&f, argv[i], &one)) {
            code = one;
            continue;
        }
        one = verify_file(&f);
        code = one != LINUX_FINE ? one : code;
        image_file_close(&f);
    }
    return code;
}

int tool_image(int argc, char **argv)
{
    static const struct {
        const char *name;
        int least, most;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"info", 1, 1 << 20, image_info},
        {"verify", 1, 1 << 20, verify},
        {"diff", 2, 3, image_diff},
        {"extract", 3, 7, image_extract},
    };
    for (size_t i = 0; argc > 0 && i < ARRAY_COUNT(commands); i++) {
        if (strcmp(argv[0], commands[i].name) != 0 || argc - 1 < commands[i].least ||
            argc - 1 > commands[i].most) {
            continue;
        }
        linux_clock_init();
        linux_serial_mute();
        const char *why = linux_ram_init(MEMORY_MIB);
        if (why != NULL) {
            fprintf(stderr, "ctx: memory: %s\n", why);
            return LINUX_USAGE;
        }
        return commands[i].run(argc - 1, argv + 1);
    }
    fputs(usage, stderr);
    return LINUX_USAGE;
}
