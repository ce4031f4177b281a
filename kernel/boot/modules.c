/* SPDX-License-Identifier: MIT */
/*
 * An archive (cpio newc) may hold a file `apps`: one app per line, `FILE NAME ARGUMENTS`, `#`
 * begins a comment. Its order is the list order. Without it, every file is an app.
 */
#include "modules.h"

#include "app.h"
#include "cpio.h"
#include "isolate.h"
#include "program.h"
#include "shelf.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define LINE_MAX      (APP_TEXT + 512u) /* names of file and app, and arguments */

#define SEEN_FILES    16u
#define PICTURE_BYTES 65536u /* a file so long may have a picture in it, to be unpacked */

struct foresight {
    uint64_t canvas_pages;
    struct modules_foreseen sum;
    struct {
        const uint8_t *file;
        struct app_foreseen app;
    } seen[SEEN_FILES]; /* of an archive, whose list has one file many times */
    uint32_t seen_count;
};

struct walk {
    const struct boot_info *boot;
    bool load, allow, lend;
    uint32_t count;
    void (*progress)(uint32_t done, const char *name);
    struct foresight *foresight; /* NULL: nobody wants to know */
};

static void foresee(struct foresight *f, const uint8_t *file, uint64_t len, const char *text)
{
    struct app_foreseen started;
    if (shelf_is_meant(text)) { /* it is only kept */
        bool good = app_foresee(file, len, f->canvas_pages, &started);
        f->sum.frames += good ? program_pages(file, len) : 0;
        return;
    }
    uint32_t no = 0, kept = MIN(f->seen_count, SEEN_FILES);
    while (no < kept && f->seen[no].file != file) {
        no++;
    }
    struct app_foreseen *app = &f->seen[no % SEEN_FILES].app;
    if (no == kept) {
        no = f->seen_count % SEEN_FILES;
        app = &f->seen[no].app;
        f->seen[no].file = NULL;
        if (!app_foresee(file, len, f->canvas_pages, app)) {
            return;
        }
        f->seen[no].file = file;
        f->seen_count++;
        f->sum.frames += app->once;
    }
    f->sum.frames += app->each;
    f->sum.largest = MAX(f->sum.largest, app->pages);
    f->sum.pictures = f->sum.pictures || app->has_note || len >= PICTURE_BYTES;
}

/*
 * What the boot line adds for apps of this name, `to=NAME:WORD`, behind the name: a `--` further on
 * does not keep it from meaning something. The text itself, where there is nothing.
 */
static const char *with_more(const struct boot_info *boot, const char *text)
{
    static char more[LINE_MAX]; /* too large for a stack. [boot] */
    size_t name = word_length(text), len, at = 0;
    for (const char *p = boot->command_line;
         name > 0 && (p = boot_next_value(p, "to", &len)) != NULL; p += len) {
        if (len <= name + 1 || p[name] != ':' || memcmp(p, text, name) != 0) {
            continue;
        }
        size_t word = len - name - 1;
        if (name + at + word + strlen(text) + 2 > sizeof more) {
            log_warn("boot", "to=%.*s: the line of an app has no room for it", (int)len, p);
            continue;
        }
        more[name + at] = ' ';
        memcpy(more + name + at + 1, p + name + 1, word);
        at += word + 1;
    }
    if (at == 0) {
        return text;
    }
    memcpy(more, text, name);
    memcpy(more + name + at, text + name, strlen(text + name) + 1);
    return more;
}

static void one_app(struct walk *w, const uint8_t *data, uint64_t len, const char *file,
                    const char *line)
{
    const char *text = with_more(w->boot, line);
    if (w->load) {
        if (w->progress != NULL) {
            w->progress(w->count, file);
        }
        app_load(data, len, file, text);
    }
    if (w->foresight != NULL) {
        foresee(w->foresight, data, len, text);
    }
    if (w->allow && isolate_allow(file, text) != CTX_OK) {
        log_warn("app", "%s: no memory to remember its grants for images", file);
    }
    if (w->lend && !program_lend(data, len)) {
        log_warn("app", "%s: no memory to have its data at hand for images", file);
    }
    w->count++;
}

static void missing(struct walk *w, const char *file, const char *reason)
{
    if (w->load) {
        app_refuse(file, "apps", 0, reason);
    }
    w->count++;
}

static void list_line(struct walk *w, const uint8_t *archive, uint64_t len, const uint8_t *line,
                      uint64_t line_len)
{
    static char text[LINE_MAX], name[LINE_MAX]; /* too large for a stack. [boot] */
    while (line_len > 0 && (line[0] == ' ' || line[0] == '\t')) {
        line++;
        line_len--;
    }
    while (line_len > 0 && line[line_len - 1] == '\r') {
        line_len--;
    }
    if (line_len == 0 || line[0] == '#') {
        return;
    }
    if (line_len >= sizeof text) {
        missing(w, "apps", "a line is longer than 4607 bytes");
        return;
    }
    memcpy(text, line, line_len);
    text[line_len] = 0;
    size_t first = word_length(text);
    size_t name_len = word_plain(name, sizeof name, text, first);
    struct cpio_file file;
    if (!cpio_find(archive, len, name, name_len, &file)) {
        missing(w, name, "the archive has no such file");
        return;
    }
    one_app(w, file.data, file.len, name, word_begin(text + first));
}

static void one_archive(struct walk *w, const uint8_t *archive, uint64_t len)
{
    struct cpio_file list;
    if (cpio_find(archive, len, "apps", 4, &list)) {
        for (uint64_t at = 0; at < list.len;) {
            uint64_t end = at;
            while (end < list.len && list.data[end] != '\n') {
                end++;
            }
            list_line(w, archive, len, list.data + at, end - at);
            at = end + 1;
        }
        return;
    }
    struct cpio_file file;
    uint64_t at = 0;
    const char *why;
    int found;
    while ((found = cpio_next(archive, len, &at, &file, &why)) == 1) {
        one_app(w, file.data, file.len, file.name, "");
    }
    if (found < 0) {
        if (w->load) {
            app_refuse("archive", "offset", at, why);
        }
    }
}

static void walk_modules(struct walk *w, const struct boot_info *boot, boot_memory_fn *memory,
                         void *arg)
{
    for (uint32_t i = 0; i < boot->module_count; i++) {
        const struct boot_module *m = &boot->modules[i];
        uint64_t len = m->end - m->start;
        const uint8_t *data = NULL;
        if (m->wrong == NULL) {
            data = len > 0 ? memory(m->start, len, arg) : (const uint8_t *)"";
        }
        char name[64];
        if (word_plain(name, sizeof name, m->text, word_length(m->text)) == 0) {
            format_text(name, sizeof name, "module-%u", i);
        }
        if (data == NULL) {
            missing(w, name, m->wrong != NULL ? m->wrong : "the module lies outside of memory");
        } else if (cpio_is(data, len)) {
            one_archive(w, data, len);
        } else {
            one_app(w, data, len, name, m->text);
        }
    }
}

uint32_t modules_count(const struct boot_info *boot, boot_memory_fn *memory, void *arg)
{
    struct walk w = {.boot = boot, .load = false};
    walk_modules(&w, boot, memory, arg);
    return w.count;
}

void modules_foresee(const struct boot_info *boot, boot_memory_fn *memory, void *arg,
                     uint64_t canvas_pages, struct modules_foreseen *out)
{
    static struct foresight f; /* too large for a stack. [boot] */
    f = (struct foresight){.canvas_pages = canvas_pages};
    struct walk w = {.boot = boot, .foresight = &f};
    walk_modules(&w, boot, memory, arg);
    *out = f.sum;
}

void modules_allow(const struct boot_info *boot, boot_memory_fn *memory, void *arg)
{
    struct walk w = {.boot = boot, .allow = true};
    walk_modules(&w, boot, memory, arg);
}

void modules_lend(const struct boot_info *boot, boot_memory_fn *memory, void *arg)
{
    struct walk w = {.boot = boot, .lend = true};
    walk_modules(&w, boot, memory, arg);
}

void modules_load(const struct boot_info *boot, boot_memory_fn *memory, void *arg,
                  void (*progress)(uint32_t done, const char *name))
{
    struct walk w = {.boot = boot, .load = true, .progress = progress};
    walk_modules(&w, boot, memory, arg);
    if (boot->modules_lost > 0) {
        app_refuse("boot", "modules", boot->modules_lost,
                   "so many modules could not be read, or are beyond the first 1024");
    }
}
