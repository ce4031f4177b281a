/* SPDX-License-Identifier: MIT */
/* `ctx image info`: all that an image says, for people. */
#define _GNU_SOURCE
#include "imagetool.h"

#include "app.h"
#include "elf.h"
#include "insn.h"
#include "linux.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS_SHOWN 32u

typedef unsigned long long ull;

static const char *const kinds[IMAGE_KINDS] = {
    [CTX_IMAGE_APP] = "app",
    [CTX_IMAGE_PROGRAM] = "program",
    [CTX_IMAGE_SYMBOLS] = "symbols",
    [CTX_IMAGE_STRINGS] = "strings",
    [CTX_IMAGE_RUNS] = "runs",
    [CTX_IMAGE_CONTENTS] = "contents",
    [CTX_IMAGE_HEAP] = "heap",
    [CTX_IMAGE_FREE] = "free",
    [CTX_IMAGE_GRANTS] = "grants",
    [CTX_IMAGE_TABLES] = "tables",
    [CTX_IMAGE_SURFACES] = "surfaces",
    [CTX_IMAGE_EVENTS] = "events",
    [CTX_IMAGE_INPUT] = "input",
    [CTX_IMAGE_KEYS] = "keys",
    [CTX_IMAGE_HANDLES] = "handles",
    [CTX_IMAGE_HOSTS] = "hosts",
    [CTX_IMAGE_CANVAS] = "canvas",
    [CTX_IMAGE_SHARES] = "shares",
    [CTX_IMAGE_TEXTS] = "texts",
    [CTX_IMAGE_SERVICES] = "services",
    [CTX_IMAGE_INTERFACES] = "interfaces",
    [CTX_IMAGE_SERVED] = "served",
    [CTX_IMAGE_GRANT_ITEMS] = "items",
    [CTX_IMAGE_WINDOWS] = "windows",
    [CTX_IMAGE_NEEDS] = "needs",
    [CTX_IMAGE_SESSION_HEAD] = "session",
    [CTX_IMAGE_SESSION_APP] = "apps",
};

static void print_time(int64_t wall_ns)
{
    char text[40];
    time_t seconds = (time_t)(wall_ns / (int64_t)NSEC_PER_SEC);
    struct tm tm;
    if (wall_ns == 0 || gmtime_r(&seconds, &tm) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0) {
        snprintf(text, sizeof text, "nobody knows when");
    }
    printf("%s", text);
}

static void print_hex(const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        printf("%02x", bytes[i]);
    }
}

static void print_text(const char *what, const uint8_t *text, size_t size)
{
    char copy[160];
    if (text[0] != 0) {
        printf("  %-10s %s\n", what, image_text(text, size, copy));
    }
}

/* One that may be too long for its place in the app's own section. */
static void print_long_text(const char *label, const struct image *image, uint32_t what,
                            const uint8_t *place, size_t size)
{
    const char *text = image_text_of(image, CTX_IMAGE_TEXTS, what);
    char copy[APP_TEXT];
    if (text == NULL) {
        print_text(label, place, size);
    } else {
        printf("  %-10s %s\n", label, image_text((const uint8_t *)text, strlen(text) + 1, copy));
    }
}

/* ---- who it is ---- */

static void print_program(const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    struct elf_plan plan;
    struct elf_error error;
    uint64_t len;
    uint8_t *program = image_file_program(image, &len);
    printf("  program    %llu bytes, hash %016llx", (ull)len, (ull)a->code_hash);
    if (a->build_id_len > 0) {
        printf(", build id ");
        print_hex(a->build_id, MIN(a->build_id_len, (uint32_t)sizeof a->build_id));
    }
    printf(", %llu symbols\n", (ull)(image->parts[CTX_IMAGE_SYMBOLS].len / 24));
    if (program == NULL || !elf_check(program, len, &plan, &error)) {
        printf("             no kernel would take it: %s\n",
               program == NULL ? "memory" : error.reason);
        free(program);
        return;
    }
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        const struct elf_segment *s = &plan.segments[i];
        printf("  segment    slot+0x%-8llx %8llu bytes  r%c%c\n", (ull)s->at, (ull)s->size,
               s->write ? 'w' : '-', s->exec ? 'x' : '-');
    }
    free(program);
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_NEEDS].count; i++) {
        struct ctx_image_need need;
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        printf("  needs      %llu bytes at %llu of %.*s's file, hash %016llx\n", (ull)need.len,
               (ull)need.at, (int)sizeof need.name, (const char *)need.name, (ull)need.hash);
    }
}

static void print_who(const struct image *image)
{
    static const char *const states[] = {"goes on where it was", "begins anew",
                                         "is stopped until someone restarts it"};
    const struct ctx_image_app *a = &image->app;
    print_text("name", a->name, sizeof a->name);
    print_text("version", a->app_version, sizeof a->app_version);
    print_long_text("arguments", image, CTX_IMAGE_TEXT_ARGUMENTS, a->arguments,
                    sizeof a->arguments);
    print_text("saved by", a->saved_by, sizeof a->saved_by);
    printf("  saved      ");
    print_time(a->wall_ns);
    printf(", at %llu.%09llu s of its own time\n", (ull)(a->clock_ns / NSEC_PER_SEC),
           (ull)(a->clock_ns % NSEC_PER_SEC));
    printf("  state      %s%s%s%s\n", states[a->state],
           (a->flags & CTX_IMAGE_PAUSED) != 0 ? ", paused" : "",
           (a->flags & CTX_IMAGE_CRITICAL) != 0 ? ", critical" : "",
           (a->flags & CTX_IMAGE_TRUSTS) != 0 ? ", may start what is not verified" : "");
    printf("  context    version %u, epoch %u\n", a->version, a->epoch);
    printf("  pid        %llu", (ull)a->pid);
    if (a->parent != APP_NO_PARENT) {
        printf(", parent %llu", (ull)a->parent);
    }
    printf(", place %llu\n", (ull)a->order);
    if (a->state == CTX_IMAGE_LIVE) {
        printf("  slot       0x%llx\n", (ull)a->base);
    }
    printf("  calls      %llu, %llu faults, %llu overruns; %llu ns in all, the longest %llu\n",
           (ull)a->calls, (ull)a->faults, (ull)a->overruns, (ull)a->total_ns, (ull)a->longest_ns);
    print_program(image);
}

/* ---- how it is treated ---- */

static void print_policy(const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    static const char *const restart[] = {"never", "on fault", "always", "undo"};
    static const char *const overrun[] = {"goes on in slices", "stop", "restart"};
    printf("  restart    %s, at most %u in a row; %u so far, %u in a row\n",
           a->restart < ARRAY_COUNT(restart) ? restart[a->restart] : "?", a->restart_limit,
           a->restarts, a->restarts_in_a_row);
    printf("  overrun    after %llu ns: %s, limit %u\n", (ull)a->budget_ns,
           a->overrun < ARRAY_COUNT(overrun) ? overrun[a->overrun] : "?", a->overrun_limit);
    printf("  limits     %llu bytes of memory, %u log lines a second", (ull)a->quota_bytes,
           a->log_per_second);
    printf(a->share != 0 ? ", %u %% of the time\n" : "\n", a->share);
    print_long_text("wraps", image, CTX_IMAGE_TEXT_HOSTS, a->hosts, sizeof a->hosts);
    print_long_text("instrument", image, CTX_IMAGE_TEXT_INSTRUMENT, a->instrument,
                    sizeof a->instrument);
    if ((a->flags & CTX_IMAGE_WAITS) != 0) {
        printf("  waits      for ");
        printf(a->wake_ns == NEVER_NS ? "no time" : "%llu ns of its own time", (ull)a->wake_ns);
        printf(", events 0x%llx\n", (ull)a->event_mask);
    }
    if (a->cpu_features != 0) {
        char names[200];
        insn_feature_names(a->cpu_features, names, sizeof names);
        printf("  processor  was told of %s\n", names);
    }
}

static void print_grants(const struct image *image)
{
    for (uint32_t denied = 0; denied < 2; denied++) {
        uint32_t shown = 0;
        for (uint64_t i = 0; i < image->parts[CTX_IMAGE_GRANTS].count; i++) {
            char text[32];
            struct ctx_image_grant g;
            image_entry(image, CTX_IMAGE_GRANTS, i, &g, sizeof g);
            if ((denied != 0 ? g.denied : g.granted) != 0) {
                const char *head = denied != 0 ? "  denied     " : "  granted    ";
                printf("%s%s", shown++ == 0 ? head : " ", image_text(g.id, sizeof g.id, text));
            }
        }
        printf("%s", shown > 0 ? "\n" : "");
    }
}

static void print_grant_items(const struct image *image)
{
    static const char *const words[] = {"granted", "denied", "offers", "uses", "over"};
    uint64_t at = 0;
    uint32_t what;
    for (const char *text;
         (text = image_next_text(image, CTX_IMAGE_GRANT_ITEMS, &at, &what)) != NULL;) {
        char copy[APP_TEXT];
        printf("  %-10s %s\n", what - 1 < ARRAY_COUNT(words) ? words[what - 1] : "?",
               image_text((const uint8_t *)text, strlen(text) + 1, copy));
    }
}

/* ---- what it has ---- */

static void print_memory(const struct image *image)
{
    uint64_t runs = image->parts[CTX_IMAGE_RUNS].count;
    printf("  pages      %llu in %llu runs, %llu bytes packed to %llu\n", (ull)image->pages,
           (ull)runs, (ull)image->parts[CTX_IMAGE_CONTENTS].len,
           (ull)image->parts[CTX_IMAGE_CONTENTS].stored_len);
    for (uint64_t i = 0; i < runs; i++) {
        struct ctx_image_run r;
        image_entry(image, CTX_IMAGE_RUNS, i, &r, sizeof r);
        if (i < RUNS_SHOWN) {
            printf("  run        slot+0x%08llx %8u pages  %s\n", (ull)r.page * PAGE_SIZE, r.count,
                   image_place(image, (uint64_t)r.page * PAGE_SIZE));
        }
    }
    if (runs > RUNS_SHOWN) {
        printf("             and %llu more\n", (ull)(runs - RUNS_SHOWN));
    }
    uint64_t blocks = image->parts[CTX_IMAGE_HEAP].count, bytes = 0, guarded = 0, end = 0;
    for (uint64_t i = 0; i < blocks; i++) {
        struct ctx_image_block b;
        image_entry(image, CTX_IMAGE_HEAP, i, &b, sizeof b);
        bytes += b.size;
        guarded += b.guarded;
        end = b.offset + b.size;
    }
    printf(
        "  heap       %llu blocks, %llu bytes, %llu guarded, up to slot+0x%llx; %llu free ones\n",
        (ull)blocks, (ull)bytes, (ull)guarded, (ull)(CTX_SLOT_HEAP + end),
        (ull)image->parts[CTX_IMAGE_FREE].count);
}

static void print_pixels(const struct image *image)
{
    const struct ctx_image_app *a = &image->app;
    if (a->screen_w != 0) {
        printf("  screen     %ux%u\n", a->screen_w, a->screen_h);
    }
    printf("  devices   %s%s%s\n", (a->devices & CTX_IMAGE_DISPLAY) != 0 ? " display" : "",
           (a->devices & CTX_IMAGE_DISK) != 0 ? " disk" : "", a->devices == 0 ? " none" : "");
    if ((a->flags & CTX_IMAGE_HAS_CANVAS) != 0) {
        printf("  canvas     %ux%u at slot+0x%llx, %s its pixels\n", a->canvas_w, a->canvas_h,
               (ull)a->canvas_at, image->parts[CTX_IMAGE_CANVAS].len != 0 ? "with" : "without");
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SURFACES].count; i++) {
        struct ctx_image_surface s;
        image_entry(image, CTX_IMAGE_SURFACES, i, &s, sizeof s);
        printf("  surface    %u: %ux%u %s at slot+0x%llx, generation %u, shown %llu times\n",
               s.index, s.w, s.h, s.format == CTX_SURFACE_RGBA ? "RGBA" : "RGBX", (ull)s.at,
               s.generation, (ull)s.presented);
        if (s.title[0] != 0) {
            char text[sizeof s.title + 1];
            printf("             \"%s\"\n", image_text(s.title, sizeof s.title, text));
        }
    }
}

static void print_opened(const struct image *image)
{
    char text[64];
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_TABLES].count; i++) {
        struct ctx_image_table t;
        image_entry(image, CTX_IMAGE_TABLES, i, &t, sizeof t);
        printf("  table      %-20s slot+0x%llx, gates %u-%u\n", image_text(t.id, sizeof t.id, text),
               (ull)t.offset, t.gate, t.gate + t.count - 1);
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_HANDLES].count; i++) {
        struct ctx_image_handle h;
        image_entry(image, CTX_IMAGE_HANDLES, i, &h, sizeof h);
        printf("  handle     0x%x of %s comes back stale\n", h.handle,
               image_text(h.table, sizeof h.table, text));
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_HOSTS].count; i++) {
        struct ctx_image_host h;
        image_entry(image, CTX_IMAGE_HOSTS, i, &h, sizeof h);
        printf("  wrapped    by app %llu: %s\n", (ull)h.pid,
               image_text(h.words, sizeof h.words, text));
    }
    if (image->parts[CTX_IMAGE_INPUT].len != 0) {
        struct ctx_input in;
        image_entry(image, CTX_IMAGE_INPUT, 0, &in, sizeof in);
        printf("  input      pointer %llu,%llu, %llu events seen, %llu not yet\n", (ull)in.mx,
               (ull)in.my, (ull)in.last, (ull)image->parts[CTX_IMAGE_KEYS].count);
    }
    if ((image->app.flags & CTX_IMAGE_SUBSCRIBED) != 0) {
        printf("  events     %llu read, %llu not yet%s\n", (ull)image->app.event_seq,
               (ull)image->parts[CTX_IMAGE_EVENTS].count,
               (image->app.flags & CTX_IMAGE_LOST) != 0 ? ", some were lost" : "");
    }
}

static void print_shares(const struct image *image)
{
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SHARES].count; i++) {
        struct ctx_image_share s;
        image_entry(image, CTX_IMAGE_SHARES, i, &s, sizeof s);
        printf("  share      0x%x of app %llu, tag %llu, %llu pages r%c comes back stale", s.handle,
               (ull)s.from, (ull)s.tag, (ull)s.pages,
               (s.rights & CTX_SHARE_WRITE) != 0 ? 'w' : '-');
        if (s.at != 0) {
            printf(", as a copy at slot+0x%llx r%c", (ull)s.at,
                   (s.mapped & CTX_SHARE_WRITE) != 0 ? 'w' : '-');
        }
        printf("\n");
    }
}

static void print_sections(const struct image *image)
{
    for (uint32_t kind = 1; kind < IMAGE_KINDS; kind++) {
        const struct image_part *p = &image->parts[kind];
        if (p->len != 0) {
            printf("  section    %-10s %10llu bytes in %llu%s\n", kinds[kind], (ull)p->len,
                   (ull)p->stored_len, (p->flags & CTX_IMAGE_PACKED) != 0 ? ", packed" : "");
        }
    }
}

static void print_app(const struct image_file *f)
{
    printf("%s: an app, %llu bytes, format %u\n", f->label, (ull)f->image.len, CTX_IMAGE_VERSION);
    print_who(&f->image);
    print_policy(&f->image);
    print_grants(&f->image);
    print_grant_items(&f->image);
    if (f->image.app.state == CTX_IMAGE_LIVE) {
        print_memory(&f->image);
    }
    print_pixels(&f->image);
    print_opened(&f->image);
    print_shares(&f->image);
    print_sections(&f->image);
}

static int print_session(const struct image_file *f)
{
    const struct ctx_image_session *s = &f->image.session;
    int code = LINUX_FINE;
    printf("%s: a session of %u apps, %llu bytes, format %u\n", f->label, s->apps,
           (ull)f->image.len, CTX_IMAGE_VERSION);
    print_text("name", s->name, sizeof s->name);
    print_text("saved by", s->saved_by, sizeof s->saved_by);
    printf("  saved      ");
    print_time(s->wall_ns);
    printf("\n  next pid   %llu\n  canvas     %ux%u, %s its pixels\n", (ull)s->next_pid,
           s->canvas_w, s->canvas_h,
           f->image.parts[CTX_IMAGE_CANVAS].len != 0 ? "with" : "without");
    for (uint32_t i = 0; i < s->apps; i++) {
        struct image_file app;
        if (image_file_app(f, i, &app)) {
            print_app(&app);
        } else {
            code = LINUX_REFUSED;
        }
    }
    return code;
}

int image_info(int argc, char **argv)
{
    int code = LINUX_FINE;
    for (int i = 0; i < argc; i++) {
        struct image_file f;
        int one = LINUX_FINE;
        if (image_file_open(&f, argv[i], &one)) {
            if (image_file_is_session(&f)) {
                one = print_session(&f);
            } else {
                print_app(&f);
            }
            image_file_close(&f);
        }
        code = one != LINUX_FINE ? one : code;
    }
    return code;
}
