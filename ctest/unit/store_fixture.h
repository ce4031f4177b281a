/* SPDX-License-Identifier: MIT */
/* A store on a fake disk, and a model of what has to be in it. */
#ifndef UNIT_STORE_FIXTURE_H
#define UNIT_STORE_FIXTURE_H

#include "fake_disk.h"
#include "heap.h"
#include "store_private.h"
#include "store_reseal.h"

#include <kernel/string.h>

#define NAMES     10u
#define NO_OBJECT 0u

/* What each name holds: a version, whose bytes follow from it. */
struct model {
    uint32_t version[NAMES];
    uint32_t len[NAMES];
};

/* Static: tasks live for ever. */
struct box {
    struct store store;
    struct fake_disk disk;
    struct store_job job; /* the last one */
    struct model model;
    bool begun;
};

static inline void name_of(uint32_t i, char name[STORE_NAME_MAX + 1])
{
    static const char *const names[NAMES] = {
        "a",
        "b",
        "session",
        "app/lua-0",
        "quick/Desktop",
        "\xc3\xa4ther",
        "image",
        "x y z.bin",
        "session/last",
        "a-name-of-sixty-three-bytes-which-is-as-long-as-a-name-may-be-.",
    };
    memset(name, 0, STORE_NAME_MAX + 1);
    memcpy(name, names[i], strlen(names[i]));
}

/* The bytes of a version: different everywhere. */
static inline void fill_bytes(uint8_t *to, uint32_t len, uint32_t name, uint32_t version)
{
    struct rng rng = {.state = ((uint64_t)name << 32 | version) * 0x9e3779b97f4a7c15u + 1};
    for (uint32_t i = 0; i < len; i += 8) {
        uint64_t word = rng_next(&rng) * 0x9e3779b97f4a7c15u;
        memcpy(to + i, &word, MIN(len - i, 8u));
    }
}

static inline ctx_status run_job(struct box *box, struct store_job job)
{
    box->job = job;
    if (!box->disk.immediate) {
        fake_disk_attend(&box->disk);
    }
    store_submit(&box->store, &box->job);
    ctx_status status = store_wait(&box->job, NEVER_NS);
    if ((status == CTX_OK) != (box->job.why[0] == 0)) {
        fail_msg("status %d, but why is \"%s\"", status, box->job.why);
    }
    return status;
}

static inline ctx_status mount(struct box *box)
{
    return run_job(box, (struct store_job){.op = STORE_MOUNT, .device = &box->disk.device});
}

static inline ctx_status unmount(struct box *box)
{
    return run_job(box, (struct store_job){.op = STORE_UNMOUNT});
}

static inline ctx_status format(struct box *box, uint64_t quota)
{
    memset(&box->model, 0, sizeof box->model);
    return run_job(
        box, (struct store_job){.op = STORE_FORMAT, .device = &box->disk.device, .quota = quota});
}

/* A disk of so many blocks, formatted and mounted. */
static inline void box_make(struct box *box, uint64_t blocks, uint64_t quota)
{
    if (!box->begun) {
        store_init(&box->store);
        box->begun = true;
    } else {
        fake_disk_drop(&box->disk);
    }
    fake_disk_make(&box->disk, blocks * STORE_SECTORS);
    box->disk.immediate = true;
    assert_int_equal(format(box, quota), CTX_OK);
    assert_int_equal(mount(box), CTX_OK);
}

/* Put a version of a name in one to four pieces; the model is told if it worked. */
static inline ctx_status put(struct box *box, uint32_t name, uint32_t version, uint32_t len)
{
    struct store_piece pieces[4];
    struct rng rng = {.state = version + 77};
    uint8_t *bytes = malloc(len + 1);
    uint32_t count = 1 + (uint32_t)rng_below(&rng, 4), at = 0;
    fill_bytes(bytes, len, name, version);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t part = i + 1 < count ? (uint32_t)rng_below(&rng, len - at + 1) : len - at;
        pieces[i] = (struct store_piece){bytes + at, part};
        at += part;
    }
    struct store_job job = {.op = STORE_PUT, .pieces = pieces, .piece_count = count};
    name_of(name, job.name);
    ctx_status status = run_job(box, job);
    free(bytes);
    if (status == CTX_OK) {
        assert_int_equal(box->job.done, len);
        box->model.version[name] = version;
        box->model.len[name] = len;
    }
    return status;
}

static inline ctx_status take_out(struct box *box, uint32_t name)
{
    struct store_job job = {.op = STORE_REMOVE};
    name_of(name, job.name);
    ctx_status status = run_job(box, job);
    if (status == CTX_OK) {
        box->model.version[name] = NO_OBJECT;
    }
    return status;
}

/* Whether this name is in the store with exactly this version (NO_OBJECT: not at all). */
static inline bool holds(struct box *box, uint32_t name, uint32_t version, uint32_t len)
{
    struct store_stat stat;
    struct store_job job = {.op = STORE_GET};
    name_of(name, job.name);
    if (store_stat(&box->store, job.name, &stat) != CTX_OK) {
        return version == NO_OBJECT;
    }
    if (version == NO_OBJECT || stat.len != len) {
        return false;
    }
    uint8_t *want = malloc(len + 1), *got = malloc(len + 1);
    fill_bytes(want, len, name, version);
    job.buffer = got;
    job.len = len;
    bool same = run_job(box, job) == CTX_OK && memcmp(want, got, len) == 0;
    free(want);
    free(got);
    return same;
}

/* All of it is as the model says; the first name that is not, else NAMES. */
static inline uint32_t differs(struct box *box, const struct model *model)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < NAMES; i++) {
        if (!holds(box, i, model->version[i], model->len[i])) {
            return i;
        }
        count += model->version[i] != NO_OBJECT;
    }
    struct store_stat stat = {.name = ""};
    uint32_t listed = 0;
    while (store_next(&box->store, &stat)) {
        listed++;
    }
    if (listed != count) {
        fail_msg("%u objects are listed, %u are there", listed, count);
    }
    return NAMES;
}

#endif
