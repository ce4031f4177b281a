/* SPDX-License-Identifier: MIT */
/*
 * Bytes as an image; half of them get good checksums, so that what is behind those is looked at.
 * Or, behind a 'P', changes of single numbers in the sections of a good image. What is accepted can
 * be read, becomes an app that lives and can be saved again, and all comes back.
 */
#include "app_v3.h"
#include "canvas.h"
#include "event.h"
#include "frame.h"
#include "fuzz.h"
#include "heap.h"
#include "image.h"
#include "image_reseal.h"
#include "make_elf.h"
#include "restore.h"
#include "save.h"
#include "session.h"
#include "surface.h"

#include "fake_machine.h"

#include <kernel/input.h>

#include <stdlib.h>
#include <string.h>

#define FRESH   8u
#define SESSION 9u
#define SHARING 10u /* an app with shares */
#define IMAGES  11u
#define PATCHED 40u /* seeds that are changes */

static struct made_elf m;
static struct {
    uint8_t bytes[FUZZ_MAX];
    size_t len;
} good[IMAGES];

/* ---- what apps do, before they are saved and afterwards ---- */

static bool shares;

static int32_t body_old(struct ctx *ctx)
{
    void *blocks[12];
    for (uint32_t i = 0; i < ARRAY_COUNT(blocks); i++) {
        blocks[i] = ctx->alloc(200 + i * 300, 16u << i % 4);
        if (blocks[i] != NULL) {
            memset(blocks[i], (int)i, 200);
        }
    }
    for (uint32_t i = 1; i < ARRAY_COUNT(blocks); i += 2) {
        ctx->dealloc(blocks[i], 200 + i * 300, 16u << i % 4);
    }
    ctx->fb.pixels[ctx->fb.len - 1].r = 7;
    *ctx->store = blocks[0];
    return 0;
}

static void *own(struct ctx *ctx, size_t len)
{
    return ctx->mem->alloc(ctx->mem, len, 16, CTX_MEM_ZERO);
}

static void open_it(struct ctx *ctx, const char *id)
{
    const struct ctx_table **table = own(ctx, sizeof *table);
    char *name = own(ctx, 32);
    if (table != NULL && name != NULL) {
        memcpy(name, id, strlen(id));
        (void)ctx->iface->open(ctx->iface, name, (uint32_t)strlen(id), 0, table);
    }
}

/* Two shares that are mapped, one that is not; or, with those that came back, all that can be done
 * with them. */
static void share_some(struct ctx *ctx)
{
    const struct ctx_table **table = own(ctx, sizeof *table);
    uint64_t *out = own(ctx, sizeof *out);
    char *name = own(ctx, 32);
    if (table == NULL || out == NULL || name == NULL) {
        return;
    }
    memcpy(name, CTX_ID_SHARE, strlen(CTX_ID_SHARE));
    if (ctx->iface->open(ctx->iface, name, (uint32_t)strlen(CTX_ID_SHARE), 0, table) != CTX_OK ||
        ((*table)->flags & CTX_TBL_GRANTED) == 0) {
        return;
    }
    const struct ctx_share *share = (const struct ctx_share *)*table;
    for (uint32_t i = 0; i < 3; i++) {
        if (share->create(share, 3000 + 4096 * i, CTX_SHARE_ZERO, (uint32_t *)out) != CTX_OK) {
            return;
        }
        uint32_t made = *(uint32_t *)out;
        if (i != 1 && share->map(share, made, 1 + i, out) == CTX_OK) {
            uint8_t *at = (uint8_t *)(uintptr_t)*out; /* i == 0: to read */
            FUZZ_MUST(at[2999] == 0);
            if (i != 0) {
                at[i] = 7;
            }
        }
    }
    for (uint32_t handle = 0x400; handle < 0x408; handle++) {
        (void)share->close(share, handle);
    }
}

static int32_t body_new(struct ctx *ctx)
{
    uint32_t *made = own(ctx, 4);
    struct ctx_event *events = own(ctx, 4 * sizeof *events);
    open_it(ctx, CTX_ID_RANDOM);
    open_it(ctx, CTX_ID_CPU);
    open_it(ctx, CTX_ID_LOADER);
    (void)ctx->mem->alloc(ctx->mem, 3000, 4096, CTX_MEM_GUARD_LOW);
    for (uint32_t i = 0; made != NULL && i < 3; i++) {
        if (ctx->display->create(ctx->display, 20 + i, 20, CTX_SURFACE_RGBX, 0, made) == CTX_OK) {
            uint32_t *pixels = ctx->display->pixels(ctx->display, *made);
            FUZZ_MUST(pixels != NULL);
            pixels[3] = 0x123456;
        }
    }
    if (made != NULL && events != NULL) {
        (void)ctx->events->read(ctx->events, events, 4 * sizeof *events, sizeof *events, made);
        (void)ctx->events->wait(ctx->events, 6);
    }
    (void)ctx->time->wake_at(ctx->time, 77 * NSEC_PER_SEC);
    if (shares) {
        share_some(ctx);
    }
    return CTX_WAIT;
}

static void call(struct app *app)
{
    fake.app = app->version >= 3 ? body_new : body_old;
    app_call(app, machine_now_ns());
    fake.app = NULL;
}

/* ---- what is to hold ---- */

static void read_lists(const struct image *image)
{
    uint8_t entry[4096];
    for (uint32_t kind = 1; kind < IMAGE_KINDS; kind++) {
        const struct image_part *part = &image->parts[kind];
        for (uint64_t i = 0; part->entry != 0 && i < part->count; i++) {
            image_entry(image, kind, i, entry, sizeof entry);
        }
        struct image_stream stream;
        uint64_t left = part->len;
        FUZZ_MUST(image_stream_begin(&stream, image, kind));
        while (left > 0 && part->stored != NULL) {
            uint64_t some = MIN(left, (uint64_t)3000);
            FUZZ_MUST(image_stream_read(&stream, entry, some));
            left -= some;
        }
        FUZZ_MUST(part->stored == NULL || !image_stream_read(&stream, entry, 1));
        image_stream_end(&stream);
    }
}

static void live(struct app *app)
{
    struct image_bytes again;
    struct image image;
    struct image_error error;
    call(app);
    ctx_status status = app->base == 0 ? CTX_OK : app_save(app, SAVE_PACKED | SAVE_CANVAS, &again);
    FUZZ_MUST(status == CTX_OK || status == CTX_E_NOMEM || status == CTX_E_TOOBIG);
    if (app->base == 0 || status != CTX_OK) {
        return;
    }
    FUZZ_MUST(app->heap == NULL || slotheap_check(app->heap) == NULL);
    FUZZ_MUST(image_open(again.bytes, again.len, &image, &error));
    if (app_is_between_calls(app)) {
        FUZZ_MUST(app_go_back(app, &image, &error) == CTX_OK);
        call(app);
    }
    image_bytes_free(&again);
}

static void one_app(const struct image *image)
{
    struct image_error error = {NULL, 0, NULL};
    struct app *app = NULL;
    if (app_restore(image, "fuzz.img", NULL, &app, &error) == CTX_OK) {
        live(app);
    } else {
        FUZZ_MUST(error.field != NULL && error.reason != NULL);
    }
}

/* ---- good images ---- */

static size_t copy(uint8_t *buf, struct image_bytes *made)
{
    size_t len = made->len <= FUZZ_MAX ? made->len : 0;
    FUZZ_MUST(len != 0);
    memcpy(buf, made->bytes, len);
    image_bytes_free(made);
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    return len;
}

static struct app *begin(bool v3, const char *text, uint32_t calls)
{
    make_elf(&m);
    if (v3) {
        make_note(&m, CTX_NOTE_MINIMUM, 3);
        make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_TELL_RESTORED);
    }
    struct app *app = app_load(m.bytes, m.len, "made.elf", text);
    FUZZ_MUST(app != NULL);
    for (uint32_t i = 0; i < calls; i++) {
        call(app);
    }
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    return app;
}

/* Good image number no; 0: there are no more. */
static size_t good_image(uint32_t no, uint8_t *buf)
{
    static const uint32_t flags[] = {0, SAVE_PACKED, SAVE_PACKED | SAVE_CANVAS, SAVE_CANVAS};
    struct image_bytes made;
    if (no < FRESH) {
        struct app *app = begin(no % 2 != 0, "made one grant=ctx.loader/1", 1);
        FUZZ_MUST(app_save(app, flags[no / 2], &made) == CTX_OK);
        return copy(buf, &made);
    }
    if (no == FRESH) {
        struct app *app = begin(true, "made", 1);
        FUZZ_MUST(app_save_fresh(app, SAVE_PACKED, &made) == CTX_OK);
        return copy(buf, &made);
    }
    if (no == SHARING) {
        shares = true;
        struct app *app = begin(true, "made", 2);
        FUZZ_MUST(app_save(app, SAVE_PACKED, &made) == CTX_OK);
        return copy(buf, &made);
    }
    if (no == SESSION) {
        (void)begin(false, "first", 1);
        (void)begin(true, "second", 1);
        (void)begin(false, "third", 0);
        FUZZ_MUST(session_take("all", &made) == CTX_OK);
        return copy(buf, &made);
    }
    return 0;
}

static void boot(void)
{
    static bool booted;
    if (booted) {
        return;
    }
    booted = true;
    fake_boot(32, 80, 50);
    struct app app = {.order = 1}; /* the heap of deadlines stays when it was once made */
    FUZZ_MUST(ready_wait(&app, 5) == CTX_OK);
    ready_remove(&app);
    for (uint32_t i = 0; i < IMAGES; i++) {
        good[i].len = good_image(i, good[i].bytes);
    }
}

/* ---- changes ---- */

#define PATCH_BYTES 6u /* which section, where in it (2), which number, plus, how wide */

/* One number of one section. In a session that is a number of an app's, now and then. */
static void patch_one(uint8_t *bytes, uint64_t len, const uint8_t *p)
{
    static const uint64_t numbers[] = {0,          1,          2,          4,         7,
                                       0x7f,       0xff,       0xfff,      0x1000,    0xffff,
                                       0x10000,    0x58000,    0x90000,    0x400000,  0x7fffffff,
                                       1u << 31,   UINT32_MAX, 1ull << 32, INT64_MAX, UINT64_MAX,
                                       0x10000000, 0xe0000000, 0xe4097000, 50,        1u << 28};
    struct ctx_image_header h;
    struct ctx_image_section s;
    memcpy(&h, bytes, sizeof h);
    memcpy(&s, bytes + sizeof h + p[0] % h.sections * sizeof s, sizeof s);
    uint64_t number =
        numbers[p[3] % ARRAY_COUNT(numbers)] + (p[4] > 60 ? p[4] % 4u : 0) - (p[4] > 200 ? 1u : 0u);
    uint64_t width = 1u << p[5] % 4;
    uint64_t at = (p[1] | (uint64_t)p[2] << 8) % MAX(s.stored, UINT64_C(1)) / width * width;
    if (s.kind == CTX_IMAGE_SESSION_APP && p[5] % 8 != 7) {
        const uint8_t inner[PATCH_BYTES] = {p[4], p[1], p[2], p[3], p[0], p[5]};
        patch_one(bytes + s.at, s.stored, inner);
    } else if (s.at + at + width <= len) {
        memcpy(bytes + s.at + at, &number, width);
    }
}

static void patch_all(uint8_t *bytes, uint64_t len, const uint8_t *patches, size_t size)
{
    for (size_t i = 0; i + PATCH_BYTES <= size; i += PATCH_BYTES) {
        patch_one(bytes, len, patches + i);
    }
}

/* ---- the target ---- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    boot();
    bool patched = size > 1 && data[0] == 'P';
    uint64_t frames = frame_free_total(), used = heap_used();
    struct image image;
    struct image_error error = {NULL, 0, NULL};
    size_t len = patched ? good[data[1] % IMAGES].len : size;
    uint8_t *bytes = malloc(len + 1);
    FUZZ_MUST(bytes != NULL);
    memcpy(bytes, patched ? good[data[1] % IMAGES].bytes : data, len);
    if (patched) {
        patch_all(bytes, len, data + 2, size - 2);
    }
    if (patched || (size > 0 && (checksum(data, size) & 1) != 0)) {
        image_reseal(bytes, len);
    }
    fake_serial_clear();
    if (!image_open(bytes, len, &image, &error)) {
        FUZZ_MUST(error.field != NULL && error.reason != NULL);
    } else if ((image.flags & CTX_IMAGE_SESSION) == 0) {
        read_lists(&image);
        restore_canvas(&image, image.app.canvas_w, image.app.canvas_h);
        one_app(&image);
    } else {
        read_lists(&image);
        (void)session_resume(&image, "fuzz.img");
        for (struct app *app = app_first(); app != NULL; app = app->next) {
            call(app);
        }
        struct session_failures failures;
        (void)session_go_back(&image, "fuzz.img", NULL, &failures);
    }
    uint32_t row[80] = {0};
    surface_compose(row, 0, 20, 80);
    while (app_first() != NULL) {
        app_unload(app_first());
    }
    free(bytes);
    FUZZ_MUST(frame_free_total() == frames && heap_used() == used && fake.left_mapped == 0);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    boot();
    if (no < IMAGES) {
        memcpy(buf, good[no].bytes, good[no].len);
        return good[no].len;
    }
    if (no >= IMAGES + PATCHED) {
        return 0;
    }
    uint64_t x = no * 7919 + 1;
    size_t len = 2 + PATCH_BYTES * (1 + no % 3);
    for (uint32_t i = 0; i < len; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        buf[i] = (uint8_t)(x >> 56);
    }
    buf[0] = 'P';
    buf[1] = (uint8_t)no;
    return len;
}
