/* SPDX-License-Identifier: MIT */
/* PNG as it is written and read, JPEG as it is read, other sizes; and files that are broken. */
#include <decode.h>
#include <shrink.h>

#include <ctx/png.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t seed;

static uint32_t chance(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * n >> 24);
}

/* Memory that can be short, and counts what is not given back. */
static uint64_t out, most = UINT64_MAX;

static void *CTX_CALL get(uint64_t size, uint64_t align)
{
    (void)align;
    if (size > 256u << 20 || out + size > most) {
        return NULL;
    }
    out += size;
    return malloc(size);
}

static void CTX_CALL give(void *p, uint64_t size, uint64_t align)
{
    (void)align;
    out -= size;
    free(p);
}

static struct ctx context = {.alloc = get, .dealloc = give};

struct file {
    uint8_t bytes[1 << 20];
    uint32_t len, room;
};

static int put(void *self, const void *bytes, uint32_t len)
{
    struct file *f = self;
    if (len > f->room - f->len) {
        return 0;
    }
    memcpy(f->bytes + f->len, bytes, len);
    f->len += len;
    return 1;
}

static struct file file;

static int write_png(const uint32_t *pixels, uint32_t w, uint32_t h)
{
    struct ctx_png png;
    file.len = 0;
    ctx_png_begin(&png, w, h, put, &file);
    for (uint32_t y = 0; y < h; y++) {
        ctx_png_row(&png, pixels + (size_t)y * w);
    }
    return ctx_png_end(&png);
}

/* Pictures of all kinds: plain, stripes, noise, something of each. */
static void draw(uint32_t *pixels, uint32_t w, uint32_t h, uint32_t kind)
{
    for (uint32_t i = 0; i < w * h; i++) {
        uint32_t x = i % w, y = i / w;
        uint32_t noise = chance(1 << 24);
        pixels[i] = 0xff000000u | (kind == 0        ? 0x332211
                                   : kind == 1      ? (x / 7 % 2) * 0xffffff
                                   : kind == 2      ? noise
                                   : kind == 3      ? (x ^ y) % 256 * 0x010203
                                   : chance(9) == 0 ? noise
                                                    : 0x102030);
    }
}

static void what_is_written_is_read(void **unused)
{
    static uint32_t pixels[300 * 200];
    (void)unused;
    seed = 1;
    file.room = sizeof file.bytes;
    for (uint32_t run = 0; run < 60; run++) {
        uint32_t w = 1 + chance(run % 5 == 0 ? 3 : 300), h = 1 + chance(200);
        const char *why = NULL;
        int got_w, got_h;
        draw(pixels, w, h, run % 5);
        assert_true(write_png(pixels, w, h));
        uint8_t *got = decode_picture(&context, file.bytes, file.len, 4, &got_w, &got_h, &why);
        assert_non_null(got);
        assert_int_equal(got_w, w);
        assert_int_equal(got_h, h);
        assert_memory_equal(got, pixels, (size_t)w * h * 4);
        decode_free(&context, got);
    }
    assert_int_equal(out, 0);
}

static void a_disk_that_is_full(void **unused)
{
    static uint32_t pixels[100 * 100];
    (void)unused;
    draw(pixels, 100, 100, 2);
    for (uint32_t room = 0; room < 30000; room += 997) {
        file.room = room;
        assert_false(write_png(pixels, 100, 100));
        assert_true(file.len <= room);
    }
    file.room = sizeof file.bytes;
    struct ctx_png png;
    ctx_png_begin(&png, 100, 2, put, &file);
    ctx_png_row(&png, pixels);
    assert_false(ctx_png_end(&png)); /* a row is missing */
}

/* A JPEG of 16 x 16 pixels, grey, as others make it: read from the test's own file. */
static uint32_t read_jpeg(uint8_t *bytes, uint32_t room)
{
    static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00};
    static const uint8_t frame[] = {0xff, 0xc0, 0x00, 0x0b, 8, 0, 16, 0, 16, 1, 1, 0x11, 0};
    /* One code for "no difference", 0, and one for "all zero", 0. */
    static const uint8_t dc[] = {0xff, 0xc4, 0x00, 0x14, 0x00, 1, 0, 0, 0, 0, 0,
                                 0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0};
    static const uint8_t ac[] = {0xff, 0xc4, 0x00, 0x14, 0x10, 1, 0, 0, 0, 0, 0,
                                 0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0};
    static const uint8_t scan[] = {0xff, 0xda, 0x00, 0x08, 1, 1, 0, 0, 63, 0, 0x00, 0xff, 0xd9};
    uint32_t len = 0;
    assert_true(room > 512);
    memcpy(bytes, head, sizeof head);
    len += sizeof head;
    memset(bytes + len, 1, 64);
    len += 64;
    memcpy(bytes + len, frame, sizeof frame);
    len += sizeof frame;
    memcpy(bytes + len, dc, sizeof dc);
    len += sizeof dc;
    memcpy(bytes + len, ac, sizeof ac);
    len += sizeof ac;
    memcpy(bytes + len, scan, sizeof scan);
    return len + sizeof scan;
}

static void a_jpeg(void **unused)
{
    uint8_t bytes[1024];
    const char *why = NULL;
    int w, h;
    (void)unused;
    uint32_t len = read_jpeg(bytes, sizeof bytes);
    uint8_t *got = decode_picture(&context, bytes, len, 4, &w, &h, &why);
    assert_non_null(got);
    assert_int_equal(w, 16);
    assert_int_equal(h, 16);
    assert_int_equal(got[0], 128);
    assert_int_equal(got[3], 255);
    decode_free(&context, got);
    assert_int_equal(out, 0);
}

/* Cut, flipped and mixed: an answer, and nothing else; the sanitizers look on. */
static void broken(const uint8_t *bytes, uint32_t len, uint32_t runs)
{
    uint8_t *copy = malloc(len + 64);
    uint32_t refused = 0;
    for (uint32_t run = 0; run < runs; run++) {
        uint32_t n = chance(4) == 0 ? chance(len) : len;
        const char *why = NULL;
        int w, h;
        memcpy(copy, bytes, n);
        for (uint32_t i = chance(6); i > 0 && n > 0; i--) {
            copy[chance(n)] = (uint8_t)chance(256);
        }
        most = chance(8) == 0 ? chance(1 << 16) : UINT64_MAX;
        uint8_t *got = decode_picture(&context, copy, n, 4, &w, &h, &why);
        assert_true(got != NULL || (why != NULL && why[0] != 0));
        refused += got == NULL;
        decode_free(&context, got);
        assert_int_equal(out, 0);
    }
    most = UINT64_MAX;
    free(copy);
    assert_true(refused > runs / 100);
}

static void broken_files(void **unused)
{
    static uint32_t pixels[24 * 24];
    uint8_t jpeg[1024];
    (void)unused;
    seed = 7;
    file.room = sizeof file.bytes;
    draw(pixels, 24, 24, 4);
    assert_true(write_png(pixels, 24, 24));
    broken(file.bytes, file.len, 6000);
    uint32_t len = read_jpeg(jpeg, sizeof jpeg);
    broken(jpeg, len, 6000);
    for (uint32_t i = 0; i < sizeof jpeg; i++) {
        jpeg[i] = (uint8_t)chance(256);
    }
    broken(jpeg, sizeof jpeg, 500);
}

/* A header says that it is enormous: refused before there is memory for it. */
static void a_large_one_is_refused(void **unused)
{
    static uint32_t pixels[4];
    const char *why = NULL;
    int w, h;
    (void)unused;
    assert_true(write_png(pixels, 2, 2));
    file.bytes[18] = file.bytes[22] = 0x27; /* 10,000 each way */
    file.bytes[19] = file.bytes[23] = 0x10;
    assert_null(decode_picture(&context, file.bytes, file.len, 4, &w, &h, &why));
    assert_non_null(strstr(why, "million"));
    assert_int_equal(out, 0);
}

static void part(const struct picture *from, struct picture_view view, uint32_t *to, int32_t w,
                 int32_t h, int32_t pitch)
{
    picture_part(from, &view, to, w, h, pitch);
}

static void other_sizes(void **unused)
{
    static uint32_t pixels[64 * 48], to[100 * 100];
    struct picture from = {pixels, 64, 48};
    int32_t w, h;
    (void)unused;
    for (uint32_t i = 0; i < 64 * 48; i++) {
        pixels[i] = i % 2 == 0 ? 0xff000000u : 0xffffffffu;
    }
    part(&from, (struct picture_view){64, 48, 0, 0, 0}, to, 64, 48, 64);
    assert_memory_equal(to, pixels, sizeof pixels);
    part(&from, (struct picture_view){32, 24, 0, 0, 0}, to, 32, 24, 32);
    for (uint32_t i = 0; i < 32 * 24; i++) {
        assert_in_range(to[i] & 255, 127, 128);
    }
    part(&from, (struct picture_view){256, 192, 4, 0, 0}, to, 4, 1, 4); /* squares */
    assert_int_equal(to[0], 0xffffffffu);
    assert_int_equal(to[3], 0xffffffffu);
    part(&from, (struct picture_view){64, 48, -2, -2, 0xff00ff00u}, to, 4, 4,
         4); /* what lies beside it */
    assert_int_equal(to[0], 0xff00ff00u);
    assert_int_equal(to[10], 0xff000000u);
    pixels[0] = 0x80ffffffu; /* half */
    part(&from, (struct picture_view){64, 48, 0, 0, 0xff000000u}, to, 1, 1, 1);
    assert_in_range(to[0] & 255, 127, 129);
    seed = 3;
    for (uint32_t run = 0; run < 400; run++) { /* wherever, whatever: inside of its memory */
        struct picture some = {pixels, 1 + (int32_t)chance(64), 1 + (int32_t)chance(48)};
        int32_t wide = 1 + (int32_t)chance(run % 2 ? 40 : 900), high = 1 + (int32_t)chance(300);
        part(&some,
             (struct picture_view){wide, high, (int32_t)chance(1000) - 100,
                                   (int32_t)chance(400) - 100, 0},
             to, 1 + (int32_t)chance(100), 1 + (int32_t)chance(100), 100);
    }
    picture_fit(&from, 32, 100, &w, &h);
    assert_int_equal(w, 32);
    assert_int_equal(h, 24);
    picture_fit(&from, 1, 1, &w, &h);
    assert_true(w == 1 && h == 1);
    picture_fit(&from, 500, 500, &w, &h);
    assert_true(w == 64 && h == 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_disk_that_is_full),
        cmocka_unit_test(a_jpeg),
        cmocka_unit_test(broken_files),
        cmocka_unit_test(a_large_one_is_refused),
        cmocka_unit_test(other_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
