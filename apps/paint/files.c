/* SPDX-License-Identifier: MIT */
/* Pictures from the disk and to it. */
#include "paint.h"

#include <ctx/png.h>
#include <decode.h>

#include <stddef.h>

#define FOLDER "/disk/pictures"
#define MOST   (32u << 20) /* bytes of a file */

static uint32_t put_text(char *to, uint32_t at, uint32_t room, const char *text)
{
    for (; *text != 0 && at + 1 < room; text++) {
        to[at++] = *text;
    }
    to[at] = 0;
    return at;
}

static const char *name_of(const char *path)
{
    const char *name = path;
    for (; *path != 0; path++) {
        name = *path == '/' ? path + 1 : name;
    }
    return name;
}

void paint_tell(struct state *s, struct ctx *ctx, const char *a, const char *b)
{
    char text[64];
    uint32_t len = put_text(text, 0, sizeof text, "Paint - ");
    len = put_text(text, len, sizeof text, a);
    len = put_text(text, len, sizeof text, b);
    if (ctx->display->title(ctx->display, s->surface, text, len) != CTX_OK) {
        ctx->display->title(ctx->display, s->surface, "Paint", 5); /* a name that is no text */
    }
}

/* ---- out ---- */

static ctx_status write_sheet(struct job *job, struct state *s)
{
    struct ctx_png png;
    int32_t w = s->sheet_w - 2 * FRAME, h = s->sheet_h - 2 * FRAME;
    /* Copies of two rows: what is drawn meanwhile must not change a row that was written. */
    uint64_t bytes = 2 * (uint64_t)w * sizeof(struct ctx_rgba);
    struct ctx_rgba *rows = job->ctx->alloc(bytes, 16);
    if (rows == NULL) {
        return CTX_E_NOMEM;
    }
    ctx_status status = raw_begin(&s->out, job, s->wanted);
    int fine = status == CTX_OK;
    if (fine) {
        ctx_png_begin(&png, (uint32_t)w, (uint32_t)h, raw_put, &s->out);
        for (int32_t y = 0; fine && y < h; y++) {
            struct ctx_rgba *row = rows + (y % 2) * w;
            const struct ctx_rgba *from = s->sheet + (y + FRAME) * s->sheet_w + FRAME;
            for (int32_t x = 0; x < w; x++) {
                row[x] = from[x];
            }
            ctx_png_row(&png, row);
            fine = job_turn(job);
        }
        fine = fine && ctx_png_end(&png);
        status = raw_end(&s->out, fine);
    }
    job->ctx->dealloc(rows, bytes, 16);
    return status;
}

static void save(struct job *job, void *arg)
{
    struct state *s = arg;
    uint32_t changes = s->changes;
    ctx_status status = CTX_OK;
    if (s->path[0] == 0) {
        status = raw_new_name(job, FOLDER, "drawing", s->wanted);
    } else {
        put_text(s->wanted, 0, RAW_PATH, s->path);
    }
    status = status == CTX_OK ? write_sheet(job, s) : status;
    if (status == CTX_OK) {
        put_text(s->path, 0, RAW_PATH, s->wanted);
        s->saved = changes;
        paint_tell(s, job->ctx, "saved as ", name_of(s->path));
    } else {
        paint_tell(s, job->ctx, "not saved. ", raw_why(status));
    }
}

void paint_save(struct ctx *ctx, struct state *s)
{
    if (!job_begin(&s->job, ctx, save, s)) {
        paint_tell(s, ctx, "busy", "");
    }
}

/* ---- in ---- */

static void take(struct ctx *ctx, struct state *s, const uint8_t *from, int32_t w, int32_t h)
{
    struct ctx_display_info info = {.size = sizeof info};
    ctx->display->info(ctx->display, &info);
    if (!paint_enlarge(ctx, s, w + 2 * FRAME, h + 2 * FRAME)) {
        paint_tell(s, ctx, "not enough memory", "");
        return;
    }
    for (int32_t i = 0; i < s->sheet_w * s->sheet_h; i++) {
        s->sheet[i] = (struct ctx_rgba){246, 240, 228, 0};
    }
    for (int32_t y = 0; y < h; y++) {
        struct ctx_rgba *to = s->sheet + (y + FRAME) * s->sheet_w + FRAME;
        for (int32_t x = 0; x < w; x++, from += 3) {
            to[x] = (struct ctx_rgba){from[0], from[1], from[2], 0};
        }
    }
    int32_t most_w = (int32_t)info.w * 9 / 10, most_h = (int32_t)info.h * 4 / 5;
    w = w + 2 * FRAME < most_w ? w + 2 * FRAME : most_w;
    h = h + 2 * FRAME < most_h ? h + 2 * FRAME : most_h;
    paint_resize(ctx, s, w, h);
    paint_show(ctx, s, 0, 0, s->w, s->h);
    put_text(s->path, 0, RAW_PATH, s->wanted);
    s->saved = s->changes;
    paint_tell(s, ctx, name_of(s->path), "");
}

static void open_wanted(struct job *job, struct state *s)
{
    struct ctx *ctx = job->ctx;
    uint8_t *bytes = NULL;
    uint64_t len = 0;
    int w = 0, h = 0;
    const char *why = "";
    ctx_status status = raw_read(job, s->wanted, MOST, &bytes, &len);
    if (status != CTX_OK) {
        paint_tell(s, ctx, "not opened. ", raw_why(status));
        return;
    }
    uint8_t *pixels = decode_picture(ctx, bytes, len, 3, &w, &h, &why);
    ctx->dealloc(bytes, len > 0 ? len : 1, 16);
    if (pixels == NULL) {
        paint_tell(s, ctx, "not opened. ", why);
    } else if (w > 8192 - 2 * FRAME || h > 8192 - 2 * FRAME) {
        paint_tell(s, ctx, "not opened. ", "It is too large.");
    } else {
        take(ctx, s, pixels, w, h);
    }
    decode_free(ctx, pixels);
}

static void open_job(struct job *job, void *arg)
{
    open_wanted(job, arg);
}

/* The first name behind that of the open one, or the first of all. */
struct next {
    const char *name; /* of the open one */
    char first[256], behind[256];
};

static int before(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a < (uint8_t)*b;
}

static int look_at(void *arg, const char *name, uint32_t len, uint32_t kind)
{
    struct next *next = arg;
    char text[256];
    static const char ending[] = ".png";
    int is = len > 4 && len < sizeof text && kind != CTX_FILES_FOLDER;
    for (uint32_t i = 0; is && i < 4; i++) {
        is = name[len - 4 + i] == ending[i];
    }
    if (!is) {
        return 1;
    }
    for (uint32_t i = 0; i < len; i++) {
        text[i] = name[i];
    }
    text[len] = 0;
    if (next->first[0] == 0 || before(text, next->first)) {
        put_text(next->first, 0, sizeof next->first, text);
    }
    if (before(next->name, text) && (next->behind[0] == 0 || before(text, next->behind))) {
        put_text(next->behind, 0, sizeof next->behind, text);
    }
    return 1;
}

static void next_job(struct job *job, void *arg)
{
    struct state *s = arg;
    struct next next = {.name = name_of(s->path)};
    ctx_status status = raw_list(job, FOLDER, look_at, &next);
    const char *name = next.behind[0] != 0 ? next.behind : next.first;
    if (name[0] == 0) {
        paint_tell(
            s, job->ctx,
            status == CTX_OK || status == CTX_E_NOENT ? "no PNG in " FOLDER : raw_why(status), "");
        return;
    }
    uint32_t len = put_text(s->wanted, 0, RAW_PATH, FOLDER "/");
    put_text(s->wanted, len, RAW_PATH, name);
    open_wanted(job, s);
}

void paint_open_next(struct ctx *ctx, struct state *s)
{
    if (s->changes != s->saved) {
        paint_tell(s, ctx, "save this one first: Ctrl-S", "");
    } else if (!job_begin(&s->job, ctx, next_job, s)) {
        paint_tell(s, ctx, "busy", "");
    }
}

void paint_words(struct ctx *ctx, struct state *s)
{
    const struct ctx_table *table = NULL;
    uint32_t count = 0;
    if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) != CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const struct ctx_args *)(const void *)table;
    args->count(args, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t len = 0;
        args->get(args, i, s->wanted, RAW_PATH - 1, &len);
        if (len > 0 && len < RAW_PATH && s->wanted[0] == '/') {
            s->wanted[len] = 0;
            job_begin(&s->job, ctx, open_job, s);
            return;
        }
    }
}

int32_t paint_go_on(struct ctx *ctx, struct state *s)
{
    int ended = 0;
    (void)ctx;
    return job_go_on(&s->job, &ended);
}
