/* SPDX-License-Identifier: MIT */
/*
 * virtio-gpu's protocol: the host side below keeps a picture of its own, so what arrives can be
 * compared.
 */
#include "edid.h"
#include "fake_device.h"
#include "fake_kernel.h"
#include "virtio_gpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WIDTH        320u
#define HEIGHT       200u
#define LARGE_WIDTH  640u
#define LARGE_HEIGHT 400u
#define ALL          (VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC | VIRTIO_GPU_F_EDID)

static struct fake_device device;
static struct virtio_gpu gpu;

/* What the host has. */
static struct {
    uint32_t info_width, info_height; /* GET_DISPLAY_INFO */
    uint32_t enabled_scanout;         /* 16: none is */
    uint8_t edid[128];
    uint32_t refuse_once;
    bool refuse_pointer; /* the picture for its plane */
    uint32_t refuse;     /* answers this command with ERR_UNSPEC */
    uint32_t wrong_type; /* answers this one with another success */
    uint32_t lie_at;     /* the device's lie waits for this command, 0: for nothing */
    enum fake_lie lie;

    struct resource {
        bool there;
        uint32_t width, height;
        const uint32_t *pixels; /* its backing */
        uint32_t picture[LARGE_WIDTH * LARGE_HEIGHT];
    } resources[4];                          /* by their numbers, from 1 on; 3 is the pointer's */
    struct virtio_gpu_update_cursor pointer; /* the last request for it */
    uint32_t updates, moves;
    bool scanout;
    uint32_t scanout_id, shown; /* which resource */
    uint32_t transfers, flushes, commands, resets;
    uint64_t transferred; /* pixels */
    struct virtio_gpu_rect flushed;
} host;

static void forget(struct fake_device *it)
{
    (void)it;
    memset(host.resources, 0, sizeof(host.resources));
    host.scanout = false;
    host.resets++;
}

static void make_edid(uint8_t edid[128], uint32_t width, uint32_t height)
{
    static const uint8_t header[8] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    memset(edid, 0, 128);
    memcpy(edid, header, 8);
    edid[54] = 1; /* a pixel clock */
    edid[56] = (uint8_t)width;
    edid[58] = (uint8_t)(width >> 8 << 4);
    edid[59] = (uint8_t)height;
    edid[61] = (uint8_t)(height >> 8 << 4);
    uint32_t sum = 0;
    for (int i = 0; i < 127; i++) {
        sum += edid[i];
    }
    edid[127] = (uint8_t)-sum;
}

static struct resource *resource(uint32_t id)
{
    assert_true(id >= 1 && id <= 3);
    assert_true(host.resources[id].there);
    return &host.resources[id];
}

static bool inside(const struct virtio_gpu_rect *r, uint32_t id)
{
    const struct resource *in = resource(id);
    return r->width > 0 && r->height > 0 && r->x < in->width && r->y < in->height &&
           r->width <= in->width - r->x && r->height <= in->height - r->y;
}

static void display_info(uint8_t *out)
{
    struct virtio_gpu_resp_display_info info = {.hdr.type = VIRTIO_GPU_RESP_OK_DISPLAY_INFO};
    if (host.enabled_scanout < VIRTIO_GPU_MAX_SCANOUTS) {
        info.pmodes[host.enabled_scanout].enabled = 1;
        info.pmodes[host.enabled_scanout].r =
            (struct virtio_gpu_rect){0, 0, host.info_width, host.info_height};
    }
    memcpy(out, &info, sizeof(info));
}

static void transfer(const struct fake_chain *chain)
{
    struct virtio_gpu_transfer_to_host_2d request;
    memcpy(&request, chain->in, sizeof(request));
    struct resource *to = resource(request.resource_id);
    assert_non_null(to->pixels);
    assert_true(inside(&request.r, request.resource_id));
    assert_int_equal(request.offset, 4ull * (request.r.y * to->width + request.r.x));
    for (uint32_t y = 0; y < request.r.height; y++) {
        uint32_t at = (request.r.y + y) * to->width + request.r.x;
        memcpy(to->picture + at, to->pixels + request.offset / 4 + y * to->width,
               4 * request.r.width);
    }
    host.transfers++;
    host.transferred += (uint64_t)request.r.width * request.r.height;
}

/* What comes by the cursor queue: nothing goes back. */
static uint32_t pointer_request(const struct fake_chain *chain)
{
    assert_int_equal(chain->out_len, 0);
    assert_int_equal(chain->in_len, sizeof(host.pointer));
    struct virtio_gpu_update_cursor request;
    memcpy(&request, chain->in, sizeof(request));
    if (request.hdr.type == VIRTIO_GPU_CMD_MOVE_CURSOR) {
        host.moves++;
        host.pointer.x = request.x;
        host.pointer.y = request.y;
        return 0;
    }
    assert_int_equal(request.hdr.type, VIRTIO_GPU_CMD_UPDATE_CURSOR);
    assert_true(request.resource_id == 0 || resource(request.resource_id)->pixels != NULL);
    host.pointer = request;
    host.updates++;
    return 0;
}

static uint32_t answer(struct fake_device *it, uint16_t no, struct fake_chain *chain)
{
    struct virtio_gpu_ctrl_hdr header;
    struct virtio_gpu_ctrl_hdr ok = {.type = VIRTIO_GPU_RESP_OK_NODATA};
    if (no == 1) {
        return pointer_request(chain);
    }
    assert_int_equal(no, 0);
    assert_true(chain->in_len >= sizeof(header));
    memcpy(&header, chain->in, sizeof(header));
    uint32_t len = sizeof(ok);
    host.commands++;
    if (host.lie_at == header.type) {
        it->lie = host.lie;
        host.lie_at = 0;
    }
    switch (header.type) {
    case VIRTIO_GPU_CMD_GET_DISPLAY_INFO:
        assert_int_equal(chain->out_len, sizeof(struct virtio_gpu_resp_display_info));
        display_info(chain->out);
        memcpy(&ok, chain->out, sizeof(ok));
        len = chain->out_len;
        break;
    case VIRTIO_GPU_CMD_GET_EDID: {
        struct virtio_gpu_resp_edid edid = {.hdr.type = VIRTIO_GPU_RESP_OK_EDID, .size = 128};
        assert_int_equal(chain->out_len, sizeof(edid));
        memcpy(edid.edid, host.edid, 128);
        memcpy(chain->out, &edid, sizeof(edid));
        ok.type = VIRTIO_GPU_RESP_OK_EDID;
        len = sizeof(edid);
        break;
    }
    case VIRTIO_GPU_CMD_RESOURCE_CREATE_2D: {
        struct virtio_gpu_resource_create_2d request;
        memcpy(&request, chain->in, sizeof(request));
        assert_int_equal(request.format, request.resource_id == GPU_POINTER_RESOURCE
                                             ? VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM
                                             : VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM);
        assert_true(request.resource_id >= 1 && request.resource_id <= 3);
        if (request.resource_id == GPU_POINTER_RESOURCE && host.refuse_pointer) {
            ok.type = VIRTIO_GPU_RESP_ERR_UNSPEC;
            break;
        }
        assert_false(host.resources[request.resource_id].there);
        assert_true((uint64_t)request.width * request.height <= LARGE_WIDTH * LARGE_HEIGHT);
        struct resource *fresh = &host.resources[request.resource_id];
        fresh->there = true;
        fresh->width = request.width;
        fresh->height = request.height;
        fresh->pixels = NULL;
        memset(fresh->picture, 0xee, sizeof(fresh->picture));
        break;
    }
    case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING: {
        struct virtio_gpu_resource_attach_backing request;
        memcpy(&request, chain->in, sizeof(request));
        struct resource *of = resource(request.resource_id);
        assert_int_equal(request.nr_entries, 1);
        assert_int_equal(request.length, of->width * of->height * 4);
        of->pixels = (const uint32_t *)(uintptr_t)request.addr;
        break;
    }
    case VIRTIO_GPU_CMD_RESOURCE_UNREF: {
        struct virtio_gpu_resource_unref request;
        memcpy(&request, chain->in, sizeof(request));
        assert_int_not_equal(request.resource_id, host.shown);
        resource(request.resource_id)->there = false;
        break;
    }
    case VIRTIO_GPU_CMD_SET_SCANOUT: {
        struct virtio_gpu_set_scanout request;
        memcpy(&request, chain->in, sizeof(request));
        assert_true(inside(&request.r, request.resource_id));
        host.scanout_id = request.scanout_id;
        host.shown = request.resource_id;
        host.scanout = true;
        break;
    }
    case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D:
        transfer(chain);
        break;
    case VIRTIO_GPU_CMD_RESOURCE_FLUSH: {
        struct virtio_gpu_resource_flush request;
        memcpy(&request, chain->in, sizeof(request));
        assert_true(inside(&request.r, request.resource_id));
        assert_int_equal(request.resource_id, host.shown);
        host.flushed = request.r;
        host.flushes++;
        break;
    }
    default:
        fail_msg("command 0x%x", header.type);
    }
    if (header.type == host.refuse_once) {
        host.refuse_once = 0;
        ok.type = VIRTIO_GPU_RESP_ERR_UNSPEC;
        len = sizeof(ok);
    }
    if (header.type == host.refuse) {
        ok.type = VIRTIO_GPU_RESP_ERR_UNSPEC;
        len = sizeof(ok);
    }
    if (header.type == host.wrong_type) {
        ok.type = 0x1102; /* a success, of something else */
    }
    memcpy(chain->out, &ok, sizeof(ok));
    return len;
}

static void prepare(uint64_t features, uint16_t queue_size)
{
    fake_reset();
    memset(&gpu, 0, sizeof(gpu));
    memset(&host, 0, sizeof(host));
    host.info_width = WIDTH;
    host.info_height = HEIGHT;
    make_edid(host.edid, WIDTH, HEIGHT);
    fake_device_init(&device, "virtio-gpu", features, queue_size, 16);
    device.answer = answer;
    device.was_reset = forget;
    device.config[8] = 1; /* num_scanouts */
    device.config_len = 16;
}

static void start(void)
{
    virtio_gpu_start(&gpu, &device.dev);
    fake_run();
}

static int teardown(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static bool same_picture(void)
{
    const struct resource *r = resource(host.shown);
    assert_int_equal(r->width, fake.display->width);
    assert_int_equal(r->height, fake.display->height);
    return memcmp(r->picture, fake.display->pixels, (size_t)r->width * r->height * 4) == 0;
}

static void expect_up(void)
{
    if (fake.offers != 1) {
        fake_log_dump();
    }
    assert_int_equal(fake.offers, 1);
    assert_int_equal(fake.probes_ended, 1);
    assert_int_equal(fake.display->width, WIDTH);
    assert_int_equal(fake.display->height, HEIGHT);
    assert_true(host.scanout);
    assert_true(same_picture());
    assert_false(fake.display->busy(fake.display));
}

static void expect_given_up(void)
{
    assert_int_equal(fake.probes_ended, 1);
    assert_int_equal(fake_logged("E virtio-gpu: given up"), 1);
    assert_true(gpu.task.done);
    if (fake.offers > 0) {
        assert_true(fake.display->busy(fake.display));
    }
}

static void paint(const struct rect *rects, uint32_t count)
{
    static uint32_t colour = 1;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t y = rects[i].y; y < rects[i].y + rects[i].h; y++) {
            for (uint32_t x = rects[i].x; x < rects[i].x + rects[i].w; x++) {
                fake.display->pixels[y * fake.display->width + x] = colour++ * 2654435761u;
            }
        }
    }
}

static void show(const struct rect *rects, uint32_t count)
{
    paint(rects, count);
    assert_false(fake.display->busy(fake.display));
    fake.display->update(fake.display, rects, count);
}

static const struct rect corner = {WIDTH - 7, HEIGHT - 3, 7, 3};

/* 64 small rectangles that touch all edges. */
static void many(struct rect rects[DISPLAY_RECTS])
{
    for (uint32_t i = 0; i < DISPLAY_RECTS; i++) {
        rects[i] = (struct rect){i % 8 * 40, i / 8 * 25, 1 + i % 40, 1 + i % 25};
    }
    rects[63] = corner;
}

static void shows_what_changed(void **state)
{
    (void)state;
    static const uint64_t features[] = {0, VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC, ALL};
    static const uint16_t sizes[] = {2, 8, 64, 256};
    struct rect rects[DISPLAY_RECTS];
    many(rects);
    for (size_t i = 0; i < ARRAY_COUNT(features); i++) {
        for (size_t k = 0; k < ARRAY_COUNT(sizes); k++) {
            for (int polled = 0; polled < 2; polled++) {
                prepare(features[i], sizes[k]);
                device.no_interrupts = polled != 0;
                start();
                fake_sleep(100 * NSEC_PER_MSEC);
                expect_up();
                host.transferred = host.flushes = host.transfers = 0;
                show(&corner, 1);
                fake_sleep(10 * NSEC_PER_MSEC);
                assert_int_equal(host.transferred, corner.w * corner.h);
                assert_int_equal(host.flushes, 1);
                assert_memory_equal(&host.flushed, &corner, sizeof(corner));
                assert_true(same_picture());

                show(rects, DISPLAY_RECTS);
                fake_sleep(100 * NSEC_PER_MSEC);
                assert_int_equal(host.transfers, 1 + DISPLAY_RECTS);
                assert_int_equal(host.flushes, 2);
                assert_true(same_picture());
                assert_false(fake.display->busy(fake.display));
                assert_int_equal(fake_logged(" W ") + fake_logged("E virtio"), 0);
                /* At rest there is no deadline: an idle machine has no timer. */
                assert_true(gpu.task.wake_at_ns == NEVER_NS);
            }
        }
    }
}

/* Nothing is answered at first: several requests are out, busy() says so, and nothing is lost. */
static void several_in_flight(void **state)
{
    (void)state;
    struct rect rects[DISPLAY_RECTS];
    prepare(ALL, 64);
    start();
    expect_up();
    many(rects);
    device.answer = NULL;
    host.transfers = 0;
    show(rects, DISPLAY_RECTS);
    fake_run();
    assert_int_equal(gpu.in_flight, GPU_REQUESTS);
    assert_true(fake.display->busy(fake.display));
    device.answer = answer;
    fake_process(&device, 0);
    fake_run();
    assert_int_equal(host.transfers, DISPLAY_RECTS);
    assert_false(fake.display->busy(fake.display));
    assert_true(same_picture());
}

static void size_from(void **state)
{
    (void)state;
    prepare(ALL, 64); /* EDID comes first */
    host.info_width = 640;
    start();
    expect_up();

    prepare(VIRTIO_F_EVENT_IDX,
            64); /* not offered: what is shown now; the first scanout that is on */
    device.config[8] = 3;
    host.enabled_scanout = 2;
    start();
    expect_up();
    assert_int_equal(host.scanout_id, 2);

    prepare(ALL, 64); /* nonsense in the EDID */
    host.edid[100]++;
    start();
    expect_up();
    assert_int_equal(fake_logged("EDID is not understood"), 1);

    prepare(ALL, 64); /* refused */
    host.refuse = VIRTIO_GPU_CMD_GET_EDID;
    start();
    expect_up();
    assert_int_equal(fake_logged("bad answer command=0x10a"), 1);
}

static void size_fallbacks(void **state)
{
    (void)state;
    prepare(0, 64); /* no scanout is on, sizes are nonsense: 1024x768 */
    host.info_width = 1u << 31;
    device.answer = NULL; /* the host's picture is too small for this: just read the request */
    virtio_gpu_start(&gpu, &device.dev);
    fake_run();
    struct fake_chain chain;
    struct virtio_gpu_resource_create_2d create;
    assert_true(fake_take(&device, 0, &chain));
    fake_give(&device, 0, chain.head, answer(&device, 0, &chain));
    fake_run();
    assert_true(fake_take(&device, 0, &chain));
    memcpy(&create, chain.in, sizeof(create));
    assert_int_equal(create.width, 1024);
    assert_int_equal(create.height, 768);

    prepare(0, 64); /* not that much memory in one piece: 800x600 */
    host.info_width = 4096;
    host.info_height = 2160;
    fake.dma_limit = 800 * 600 * 4;
    device.answer = NULL;
    virtio_gpu_start(&gpu, &device.dev);
    fake_run();
    assert_true(fake_take(&device, 0, &chain));
    fake_give(&device, 0, chain.head, answer(&device, 0, &chain));
    fake_run();
    assert_true(fake_take(&device, 0, &chain));
    memcpy(&create, chain.in, sizeof(create));
    assert_int_equal(create.width, 800);

    prepare(0, 64); /* no memory at all */
    fake.dma_limit = 2 * PAGE_SIZE;
    start();
    expect_given_up();
    assert_int_equal(fake_logged("no memory for the picture"), 1);

    prepare(0, 64);
    fake.dma_limit = PAGE_SIZE;
    start();
    expect_given_up();
}

static void edid_modes(void **state)
{
    (void)state;
    uint8_t edid[128];
    uint32_t width, height;
    static const uint32_t good[][2] = {{1280, 800}, {4095, 2160}, {64, 64}, {1920, 1080}};
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        make_edid(edid, good[i][0], good[i][1]);
        assert_true(edid_mode(edid, 128, &width, &height));
        assert_int_equal(width, good[i][0]);
        assert_int_equal(height, good[i][1]);
    }
    assert_false(edid_mode(edid, 127, &width, &height));
    assert_false(edid_mode(edid, 0, &width, &height));
    edid[127]++;
    assert_false(edid_mode(edid, 128, &width, &height));
    make_edid(edid, 63, 800);
    assert_false(edid_mode(edid, 128, &width, &height));
    make_edid(edid, 1280, 0);
    assert_false(edid_mode(edid, 128, &width, &height));
    make_edid(edid, 1280, 800);
    edid[54] = 0; /* no clock, the checksum made right again */
    edid[127]++;
    assert_false(edid_mode(edid, 128, &width, &height));
    memset(edid, 0xff, sizeof(edid));
    assert_false(edid_mode(edid, 128, &width, &height));
}

static const uint32_t bring_up[] = {
    VIRTIO_GPU_CMD_GET_DISPLAY_INFO,   VIRTIO_GPU_CMD_GET_EDID,
    VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
    VIRTIO_GPU_CMD_SET_SCANOUT,        VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
    VIRTIO_GPU_CMD_RESOURCE_FLUSH,
};

/*
 * One lie at each step of the bring-up: after one reset the display is there. The same lie again
 * and again: given up.
 */
static void lies_while_coming_up(void **state)
{
    (void)state;
    static const enum fake_lie lies[] = {LIE_BAD_ID, LIE_HUGE_ID, LIE_OLD_ID, LIE_LONG,
                                         LIE_JUMP,   LIE_BACK,    LIE_SILENT, LIE_RESET,
                                         LIE_DEMAND, LIE_SHORT};
    for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
        for (size_t k = 0; k < ARRAY_COUNT(bring_up); k++) {
            prepare(ALL, 64);
            host.lie_at = bring_up[k];
            host.lie = lies[i];
            start();
            fake_sleep(3 * NSEC_PER_SEC);
            expect_up();
            bool edid_skipped = lies[i] == LIE_SHORT && bring_up[k] == VIRTIO_GPU_CMD_GET_EDID;
            assert_int_equal(device.resets, edid_skipped ? 1 : 2);
            assert_true(fake.log_count < 10);

            if (edid_skipped) {
                continue;
            }
            prepare(ALL, 64);
            host.lie_at = bring_up[k];
            host.lie = lies[i];
            device.lies = UINT32_MAX;
            start();
            fake_sleep(10 * NSEC_PER_SEC);
            expect_given_up();
            assert_int_equal(fake.offers, 0);
            assert_int_equal(device.resets, 2);
            assert_true(fake.log_count < 12);
        }
    }
}

static void refusals_while_coming_up(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_COUNT(bring_up); k++) {
        if (bring_up[k] == VIRTIO_GPU_CMD_GET_EDID) {
            continue;
        }
        prepare(ALL, 64);
        host.refuse = bring_up[k];
        start();
        expect_given_up();
        assert_int_equal(fake_logged("bad answer"), 2);
        prepare(ALL, 64);
        host.wrong_type = bring_up[k];
        start();
        expect_given_up();
    }
    prepare(ALL, 64);
    device.refuses = true;
    start();
    expect_given_up();
    prepare(ALL, 64);
    device.offers = ALL; /* a legacy device */
    start();
    expect_given_up();
    prepare(ALL, 0); /* no queue */
    start();
    expect_given_up();
    prepare(ALL, 1); /* one too small for a request and its answer */
    start();
    expect_given_up();
    prepare(ALL, 64);
    device.never_resets = true;
    start();
    assert_int_equal(fake.probes_ended, 0);
    fake_sleep(2 * NSEC_PER_SEC);
    expect_given_up();
    prepare(ALL, 64);
    device.lie = LIE_GONE;
    start();
    fake_sleep(5 * NSEC_PER_SEC);
    expect_given_up();
}

/*
 * A lie during an update: reset once, the whole picture comes back; then given up, and the display
 * stays busy.
 */
static void lies_at_work(void **state)
{
    (void)state;
    static const enum fake_lie lies[] = {LIE_BAD_ID, LIE_HUGE_ID, LIE_OLD_ID, LIE_LONG,
                                         LIE_JUMP,   LIE_DEMAND,  LIE_RESET};
    for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
        for (uint32_t honest = 0; honest < 40; honest += 13) {
            struct rect rects[DISPLAY_RECTS];
            prepare(ALL, 64);
            start();
            expect_up();
            many(rects);
            uint32_t *pixels = fake.display->pixels;
            device.lie = lies[i];
            device.honest = honest;
            show(rects, DISPLAY_RECTS);
            fake_sleep(3 * NSEC_PER_SEC); /* a reset that nobody mentions is noticed by silence */
            assert_int_equal(device.resets, 2);
            assert_ptr_equal(fake.display->pixels, pixels);
            expect_up(); /* all of it is there again */
            show(&corner, 1);
            fake_run();
            assert_true(same_picture());

            device.lies = 1;
            device.honest = 0;
            show(&corner, 1);
            fake_sleep(3 * NSEC_PER_SEC);
            expect_given_up();
            assert_true(fake.log_count < 14);
        }
    }
}

/* Wrong answers to updates: named, a few times only; the display goes on. */
static void wrong_answers_at_work(void **state)
{
    (void)state;
    prepare(ALL, 64);
    start();
    expect_up();
    host.refuse = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D;
    host.wrong_type = VIRTIO_GPU_CMD_RESOURCE_FLUSH;
    for (int i = 0; i < 100; i++) {
        show(&corner, 1);
        fake_run();
        assert_false(fake.display->busy(fake.display));
    }
    assert_int_equal(gpu.bad_answers, 200);
    assert_int_equal(fake_logged("W virtio-gpu: bad answer"), 8);
    assert_int_equal(device.resets, 1);
    host.refuse = host.wrong_type = 0;
    device.lie = LIE_SHORT;
    show(&corner, 1);
    fake_run();
    assert_int_equal(gpu.bad_answers, 201);
    assert_false(fake.display->busy(fake.display));
}

/* Silence: said once after two seconds, no deadline is left running; late answers are welcome. */
static void silence_at_work(void **state)
{
    (void)state;
    for (int polled = 0; polled < 2; polled++) {
        prepare(ALL, 64);
        device.no_interrupts = polled != 0;
        start();
        fake_sleep(100 * NSEC_PER_MSEC);
        expect_up();
        device.answer = NULL;
        show(&corner, 1);
        fake_sleep(1900 * NSEC_PER_MSEC);
        assert_int_equal(fake_logged("no answer for 2 s"), 0);
        assert_true(fake.display->busy(fake.display));
        fake_sleep(60 * NSEC_PER_SEC);
        assert_int_equal(fake_logged("no answer for 2 s"), 1);
        assert_true(fake.display->busy(fake.display));
        assert_true(polled != 0 || gpu.task.wake_at_ns == NEVER_NS);
        assert_int_equal(device.resets, 1);

        device.answer = answer;
        fake_process(&device, 0);
        fake_sleep(NSEC_PER_SEC);
        assert_int_equal(fake_logged("answers again"), 1);
        assert_false(fake.display->busy(fake.display));
        assert_true(same_picture());
    }
}

/* ---- another size ---- */

static void resize_host(uint32_t width, uint32_t height)
{
    host.info_width = width;
    host.info_height = height;
    device.config[0] = VIRTIO_GPU_EVENT_DISPLAY;
    fake_interrupt(&device);
    fake_sleep(100 * NSEC_PER_MSEC);
}

static void event_cleared(struct fake_device *it)
{
    if (it->config[4] == VIRTIO_GPU_EVENT_DISPLAY) {
        it->config[0] = it->config[4] = 0;
    }
}

static void the_host_has_another_size(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{LARGE_WIDTH, LARGE_HEIGHT}, {WIDTH, HEIGHT}, {500, 320}};
    prepare(ALL, 64);
    device.config_written = event_cleared;
    start();
    expect_up();
    long taken = fake.dma_live;
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        uint32_t before = host.commands;
        resize_host(sizes[i][0], sizes[i][1]);
        assert_int_equal(fake.display->width, sizes[i][0]);
        assert_int_equal(fake.display->height, sizes[i][1]);
        assert_false(fake.display->busy(fake.display));
        assert_true(same_picture());
        assert_int_equal(host.resources[1].there + host.resources[2].there, 1);
        assert_true(host.commands > before);
        show(&(struct rect){0, 0, 5, 5}, 1);
        fake_sleep(10 * NSEC_PER_MSEC);
        assert_true(same_picture());
        assert_true(gpu.task.wake_at_ns == NEVER_NS);
    }
    uint32_t shown = host.shown;
    resize_host(500, 320); /* the event, and nothing is different */
    resize_host(0, 0);
    resize_host(70000, 5);
    assert_int_equal(host.shown, shown);
    assert_int_equal(fake.display->width, 500);
    assert_false(fake.display->busy(fake.display));
    fake.refuse_resize = true; /* the core has no memory for it */
    resize_host(WIDTH, HEIGHT);
    assert_int_equal(fake.display->width, 500);
    assert_int_equal(host.shown, shown);
    assert_int_equal(host.resources[1].there + host.resources[2].there, 1);
    assert_false(fake.display->busy(fake.display));
    assert_true(same_picture());
    assert_int_equal(device.resets, 1);
    fake.refuse_resize = false;
    resize_host(WIDTH, HEIGHT);
    assert_int_equal(fake.dma_live, taken);
}

/* Whichever step the device refuses: one reset, and the picture is there again, in some size. */
static void refused_while_it_changes(void **state)
{
    (void)state;
    static const uint32_t steps[] = {VIRTIO_GPU_CMD_GET_DISPLAY_INFO,
                                     VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
                                     VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
                                     VIRTIO_GPU_CMD_SET_SCANOUT, VIRTIO_GPU_CMD_RESOURCE_UNREF};
    for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
        prepare(ALL, 64);
        device.config_written = event_cleared;
        start();
        expect_up();
        long taken = fake.dma_live;
        host.refuse_once = steps[i];
        resize_host(LARGE_WIDTH, LARGE_HEIGHT);
        fake_sleep(NSEC_PER_SEC);
        assert_int_equal(device.resets, 2);
        assert_false(fake.display->busy(fake.display));
        assert_true(same_picture());
        if (fake.display->width == WIDTH) {
            assert_int_equal(fake.dma_live, taken);
        }
    }
}

/* ---- the pointer's plane ---- */

static uint32_t arrow[DISPLAY_POINTER * DISPLAY_POINTER];

static void the_pointer_has_a_plane(void **state)
{
    (void)state;
    prepare(ALL, 64);
    start();
    expect_up();
    assert_non_null(fake.display->pointer_shape);
    for (uint32_t i = 0; i < ARRAY_COUNT(arrow); i++) {
        arrow[i] = i * 2654435761u;
    }
    uint32_t flushes = host.flushes;
    fake.display->pointer_move(fake.display, 7, 9);
    fake.display->pointer_shape(fake.display, arrow);
    fake_run();
    assert_int_equal(host.pointer.resource_id, GPU_POINTER_RESOURCE);
    assert_int_equal(host.pointer.x, 7);
    assert_int_equal(host.pointer.y, 9);
    assert_int_equal(host.pointer.hot_x, 32);
    assert_memory_equal(resource(GPU_POINTER_RESOURCE)->picture, arrow, sizeof(arrow));
    for (uint32_t i = 0; i < 100; i++) {
        fake.display->pointer_move(fake.display, i, 2 * i);
    }
    fake_run();
    assert_int_equal(host.pointer.x, 99);
    assert_int_equal(host.pointer.y, 198);
    assert_true(host.moves > 0);
    assert_int_equal(host.flushes, flushes); /* no picture for it */
    fake.display->pointer_shape(fake.display, NULL);
    fake_run();
    assert_int_equal(host.pointer.resource_id, 0);
    assert_true(gpu.task.wake_at_ns == NEVER_NS);
    assert_true(same_picture());
}

/* Nothing is taken from the cursor queue for a while: places are left out, the last one arrives. */
static void a_slow_plane(void **state)
{
    (void)state;
    prepare(ALL, 64);
    start();
    fake.display->pointer_shape(fake.display, arrow);
    fake_run();
    device.answer = NULL;
    for (uint32_t i = 0; i < 100; i++) {
        fake.display->pointer_move(fake.display, i, i);
        fake_run();
    }
    device.answer = answer;
    fake_process(&device, 1);
    fake.display->pointer_move(fake.display, 100, 101);
    fake_run();
    assert_int_equal(host.pointer.x, 100);
    assert_int_equal(host.pointer.y, 101);
    assert_true(same_picture());
}

static void a_plane_that_is_refused(void **state)
{
    (void)state;
    prepare(ALL, 64);
    host.refuse_pointer = true;
    start();
    expect_up();
    assert_null(fake.display->pointer_shape);
    fake.display->pointer_move(fake.display, 1, 1); /* means nothing */
    fake_run();
    assert_int_equal(host.updates + host.moves, 0);
    show(&corner, 1);
    fake_sleep(10 * NSEC_PER_MSEC);
    assert_true(same_picture());
    assert_int_equal(device.resets, 1);
}

static void unplugged(void **state)
{
    (void)state;
    prepare(ALL, 64);
    start();
    expect_up();
    device.lie = LIE_GONE;
    show(&corner, 1);
    fake_sleep(5 * NSEC_PER_SEC);
    expect_given_up();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(shows_what_changed, teardown),
        cmocka_unit_test_teardown(several_in_flight, teardown),
        cmocka_unit_test_teardown(size_from, teardown),
        cmocka_unit_test_teardown(size_fallbacks, teardown),
        cmocka_unit_test_teardown(edid_modes, teardown),
        cmocka_unit_test_teardown(lies_while_coming_up, teardown),
        cmocka_unit_test_teardown(refusals_while_coming_up, teardown),
        cmocka_unit_test_teardown(lies_at_work, teardown),
        cmocka_unit_test_teardown(wrong_answers_at_work, teardown),
        cmocka_unit_test_teardown(silence_at_work, teardown),
        cmocka_unit_test_teardown(the_host_has_another_size, teardown),
        cmocka_unit_test_teardown(refused_while_it_changes, teardown),
        cmocka_unit_test_teardown(the_pointer_has_a_plane, teardown),
        cmocka_unit_test_teardown(a_slow_plane, teardown),
        cmocka_unit_test_teardown(a_plane_that_is_refused, teardown),
        cmocka_unit_test_teardown(unplugged, teardown),
    };
    return cmocka_run_group_tests_name("unit.virtio_gpu", tests, NULL, NULL);
}
