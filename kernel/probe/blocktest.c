/* SPDX-License-Identifier: MIT */
/*
 * The self-check of block devices: see blocktest.h. Each device gets more requests at once than a
 * ring has places: the first block, the last, some scattered ones and a long one. Who knows what is
 * on the disk compares it with `sum`; what was written is compared here.
 */
#include "blocktest.h"
#include "heap.h"

#include <kernel/block.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define ROOM         "blocktest"
#define SCATTERED    64u
#define PLACES       (2u + SCATTERED + 1u) /* first, last, scattered, the long one */
#define LONG_ONE     (PLACES - 1u)
#define STREAMS      4u
#define STREAM_BYTES (64ull << 20)
#define ERRORS_SAID  8u
#define SPREAD       0x9e3779b97f4a7c15ull /* 2^64 over the golden ratio: far apart, no pattern */
#define WORDS        (BLOCK_SECTOR / sizeof(uint64_t))

/* [boot, loop] */
static struct {
    struct task task;
    bool write;
    struct block_device *device;
    struct block_request requests[PLACES];
    uint8_t *bytes;
    size_t len;
    uint32_t in_flight, errors, said, devices, failed, streams;
    uint64_t sum, stream_next, stream_end, stream_ns;
} state;

static uint32_t unit(void)
{
    return MAX(state.device->multiple, 1u);
}

static bool pending(const struct block_request *request)
{
    return request->status == CTX_PENDING;
}

static bool all_done(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        if (pending(&state.requests[i])) {
            return false;
        }
    }
    return true;
}

static void complain(const struct block_request *r, const char *what)
{
    state.errors++;
    if (state.said++ < ERRORS_SAID) {
        log_warn(ROOM, "%s: %s sector=%lu sectors=%u: %s status=%d", state.device->name,
                 block_op_name(r->op), r->sector, r->sectors, what, r->status);
    }
}

/* ---- places on the disk ---- */

static uint64_t place(uint32_t i)
{
    uint64_t units = state.device->sectors / unit();
    uint64_t at = i == 0 ? 0 : i == 1 ? units - 1 : i == LONG_ONE ? units / 2 : i * SPREAD % units;
    return at * unit();
}

static uint32_t place_sectors(uint32_t i)
{
    uint64_t rest = state.device->sectors - place(i);
    return i == LONG_ONE ? (uint32_t)MIN(rest, state.device->max_sectors) : unit();
}

/* Every place at once. */
static void ask_all(enum block_op op)
{
    state.in_flight = 0;
    for (uint32_t i = 0; i < PLACES; i++) {
        state.requests[i] = (struct block_request){
            .op = op,
            .sectors = place_sectors(i),
            .sector = place(i),
            .bytes = state.bytes + (size_t)i * unit() * BLOCK_SECTOR,
            .task = &state.task,
        };
        block_submit(state.device, &state.requests[i]);
    }
    for (uint32_t i = 0; i < PLACES; i++) {
        state.in_flight += pending(&state.requests[i]);
    }
}

static void ask_flush(void)
{
    state.requests[0] = (struct block_request){.op = BLOCK_FLUSH, .task = &state.task};
    block_submit(state.device, &state.requests[0]);
}

static void check_statuses(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (state.requests[i].status != CTX_OK) {
            complain(&state.requests[i], "failed");
        }
    }
}

/* Of all that was read, in the order of the places: FNV-1a, by words. */
static void add_up(void)
{
    state.sum = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < PLACES; i++) {
        const struct block_request *r = &state.requests[i];
        for (size_t n = 0; r->status == CTX_OK && n < r->sectors * WORDS; n++) {
            state.sum = (state.sum ^ ((const uint64_t *)r->bytes)[n]) * 0x100000001b3u;
        }
    }
}

/* ---- what is written: each sector says which it is ---- */

static uint64_t pattern(uint64_t sector, uint64_t word)
{
    return sector * SPREAD + word;
}

static void fill(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        uint64_t *words = (uint64_t *)(state.bytes + (size_t)i * unit() * BLOCK_SECTOR);
        for (uint64_t n = 0; n < place_sectors(i) * WORDS; n++) {
            words[n] = pattern(place(i) + n / WORDS, n % WORDS);
        }
    }
}

static void compare(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        const struct block_request *r = &state.requests[i];
        const uint64_t *words = r->bytes;
        for (uint64_t n = 0; r->status == CTX_OK && n < r->sectors * WORDS; n++) {
            if (words[n] != pattern(r->sector + n / WORDS, n % WORDS)) {
                complain(r, "not what was written");
                break;
            }
        }
    }
}

/* ---- what must be refused ---- */

static void refuse(enum block_op op, uint64_t sector, uint32_t sectors, ctx_status want)
{
    struct block_request *r = &state.requests[0];
    if (pending(r)) {
        return; /* the one before was not refused */
    }
    *r = (struct block_request){
        .op = op, .sectors = sectors, .sector = sector, .bytes = state.bytes, .task = &state.task};
    block_submit(state.device, r);
    if (r->status != want) {
        complain(r, "not refused");
    }
}

static void check_refusals(void)
{
    const struct block_device *d = state.device;
    uint32_t one = unit();
    refuse(BLOCK_READ, d->sectors, one, CTX_E_RANGE);
    refuse(BLOCK_READ, d->sectors - one, 2 * one,
           2 * one > d->max_sectors ? CTX_E_INVAL : CTX_E_RANGE);
    refuse(BLOCK_READ, ALIGN_DOWN(UINT64_MAX, (uint64_t)one), one, CTX_E_RANGE);
    refuse(BLOCK_READ, 0, 0, CTX_E_INVAL);
    refuse(BLOCK_READ, 0, d->max_sectors + one, CTX_E_INVAL);
    refuse(BLOCK_FLUSH, 0, one, CTX_E_INVAL);
    if (one > 1) {
        refuse(BLOCK_READ, 1, one, CTX_E_INVAL);
    }
    if (d->read_only) {
        refuse(BLOCK_WRITE, 0, one, CTX_E_RDONLY);
    }
}

/* ---- how fast it reads ---- */

static void ask_stream(uint32_t i)
{
    const struct block_device *d = state.device;
    struct block_request *r = &state.requests[i];
    *r = (struct block_request){
        .op = BLOCK_READ,
        .sectors = (uint32_t)MIN(d->max_sectors, state.stream_end - state.stream_next),
        .sector = state.stream_next,
        .bytes = state.bytes + (size_t)i * d->max_sectors * BLOCK_SECTOR,
        .task = &state.task,
    };
    state.stream_next += r->sectors;
    state.streams++;
    block_submit(state.device, r);
}

/* Keep STREAMS long reads going. True: all have come to their end. */
static bool stream(void)
{
    for (uint32_t i = 0; i < STREAMS; i++) {
        struct block_request *r = &state.requests[i];
        if (pending(r)) {
            continue;
        }
        if (r->sectors > 0) { /* it was asked, and has ended */
            state.streams--;
            if (r->status != CTX_OK) {
                complain(r, "failed");
            }
        }
        r->sectors = 0;
        if (state.stream_next < state.stream_end) {
            ask_stream(i);
        }
    }
    return state.streams == 0;
}

static void begin_stream(void)
{
    memset(state.requests, 0, sizeof(state.requests));
    state.stream_next = 0;
    state.stream_end = MIN(state.device->sectors, STREAM_BYTES / BLOCK_SECTOR);
    state.stream_ns = machine_now_ns();
    (void)stream();
}

/* ---- the task ---- */

static bool begin_device(void)
{
    const struct block_device *d = state.device;
    size_t places = ((size_t)LONG_ONE * unit() + d->max_sectors) * BLOCK_SECTOR;
    state.len = MAX(places, (size_t)STREAMS * d->max_sectors * BLOCK_SECTOR);
    state.bytes = heap_alloc(state.len);
    state.errors = state.said = 0;
    if (state.bytes == NULL) {
        log_warn(ROOM, "%s: no memory", d->name);
    }
    return state.bytes != NULL;
}

static void end_device(void)
{
    const struct block_device *d = state.device;
    uint64_t ns = MAX(machine_now_ns() - state.stream_ns, 1u);
    log_info(ROOM, "%s: sum=0x%lx read_KiB=%lu MB_per_s=%lu", d->name, state.sum,
             state.stream_end * BLOCK_SECTOR >> 10, state.stream_end * BLOCK_SECTOR * 1000 / ns);
    log_info(ROOM, "KBLOCK name=%s sectors=%lu in_flight=%u errors=%u %s", d->name, d->sectors,
             state.in_flight, state.errors, state.errors == 0 ? "ok" : "FAILED");
    heap_free(state.bytes, state.len);
    state.devices++;
    state.failed += state.errors > 0;
}

static void blocktest_run(struct task *task)
{
    TASK_BEGIN(task);
    while (block_probing()) {
        TASK_AWAIT_FOR(task, false, 10 * NSEC_PER_MSEC);
    }
    for (state.device = block_first(); state.device != NULL; state.device = state.device->next) {
        if (!begin_device()) {
            state.failed++;
            continue;
        }
        ask_all(BLOCK_READ);
        TASK_AWAIT(task, all_done());
        check_statuses(PLACES);
        add_up();
        check_refusals();
        TASK_AWAIT(task, all_done());
        if (state.write && !state.device->read_only) {
            fill();
            ask_all(BLOCK_WRITE);
            TASK_AWAIT(task, all_done());
            check_statuses(PLACES);
            ask_flush();
            TASK_AWAIT(task, all_done());
            check_statuses(1);
            memset(state.bytes, 0, state.len);
            ask_all(BLOCK_READ);
            TASK_AWAIT(task, all_done());
            check_statuses(PLACES);
            compare();
        }
        begin_stream();
        TASK_AWAIT(task, stream());
        end_device();
    }
    log_info(ROOM, "KBLOCK devices=%u failed=%u", state.devices, state.failed);
    TASK_END(task);
}

void blocktest_start(const char *word)
{
    if (word != NULL) {
        state.write = strncmp(word, "write", 5) == 0;
        task_start(&state.task, ROOM, blocktest_run);
    }
}
