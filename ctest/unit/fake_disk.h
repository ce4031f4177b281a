/* SPDX-License-Identifier: MIT */
/*
 * A disk as a power cut sees it: writes stay in a cache until a flush, requests are done in any
 * order, and what was not flushed survives sector by sector, as chance has it. It can also fail.
 */
#ifndef UNIT_FAKE_DISK_H
#define UNIT_FAKE_DISK_H

#include "test.h"

#include <kernel/block.h>

#define FAKE_DISK_QUEUE 64u

struct fake_disk_write {
    uint64_t sector, done_at; /* 0: not done yet */
    struct block_request *request;
    uint8_t bytes[BLOCK_SECTOR];
};

enum fake_disk_fault {
    FAULT_REFUSED,    /* nothing happens */
    FAULT_DONE,       /* it happens, and yet IO is said */
    FAULT_TORN,       /* some sectors of it */
    FAULT_FIRST_DONE, /* the first one happens, the others do not */
    FAULT_KINDS,
};

struct fake_disk {
    struct block_device device;
    uint8_t *durable, *seen; /* what survives; what reads tell */
    struct block_request *queue[FAKE_DISK_QUEUE];
    uint64_t queued_at[FAKE_DISK_QUEUE];
    uint32_t queued;
    struct fake_disk_write *cache;
    uint64_t cached, cache_room;
    uint64_t clock; /* counts what happens */
    struct rng rng;

    uint64_t requests, reads, writes, flushes; /* done so far */
    uint32_t most_queued;
    uint64_t fail_from, fail_count; /* these requests, counted by `requests`, end in IO */
    enum fake_disk_fault fault;
    bool immediate;                         /* done when submit returns */
    bool forgetful;                         /* a flush is not one: for the test of the tests */
    void (*before)(struct fake_disk *disk); /* something is about to be done */
};

/* Of so many sectors, all zero. Its memory lasts until fake_disk_drop(). */
void fake_disk_make(struct fake_disk *disk, uint64_t sectors);
void fake_disk_drop(struct fake_disk *disk);

/* Do one of the waiting requests; false: there are none. */
bool fake_disk_step(struct fake_disk *disk);

/* fake.on_wait for tests with disks: one step of this one. */
void fake_disk_attend(struct fake_disk *disk);

/* What a power cut now may leave behind. `how` 0 .. FAKE_DISK_CUTS-1. */
#define FAKE_DISK_CUTS 6u
void fake_disk_cut(struct fake_disk *disk, uint32_t how, uint8_t *out);

/* The disk holds these bytes, for good; its cache is empty. */
void fake_disk_load(struct fake_disk *disk, const uint8_t *bytes);

#endif
