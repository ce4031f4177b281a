/* SPDX-License-Identifier: MIT */
/*
 * A disk of files in memory that keeps what was written in a cache until a flush, and can lose
 * power at any moment: then each block of what was not flushed survives or does not, as chance has
 * it.
 */
#ifndef UNIT_LOSSY_DISK_H
#define UNIT_LOSSY_DISK_H

#include "disk.h"

#include <stdint.h>

struct random {
    uint64_t state;
};

uint64_t random_next(struct random *r);
uint64_t random_below(struct random *r, uint64_t n);

enum lossy_cut {
    CUT_ORDER,  /* the first of the writes, the last one of them torn */
    CUT_ANY,    /* any blocks of any writes */
    CUT_NONE,   /* none of them */
    CUT_ALL,    /* all of them */
    CUT_LATEST, /* the last ones, and not the first */
    CUT_KINDS,
};

struct lossy_write {
    uint64_t at;
    uint8_t *bytes; /* one block, and behind it what lay there before */
};

struct lossy_disk {
    struct fdb_disk disk;
    uint8_t *bytes; /* what reads see */
    uint64_t room;  /* of bytes: disk.bytes may be less, or become more */
    struct lossy_write *cache;
    uint64_t cached, cache_room;
    struct random random;

    uint64_t done;      /* requests of any kind */
    uint64_t fail_from; /* from this one on so many answer IO; writes do nothing then */
    uint64_t fail_count;
    uint64_t power_left; /* after so many writes nothing works; all ones: never */
    uint64_t flushes;
    int64_t now_ns;
};

void lossy_make(struct lossy_disk *d, uint64_t bytes, uint32_t block, uint64_t seed);
void lossy_drop(struct lossy_disk *d);

/* Power is lost, and comes back: the cache is empty, and disk.bytes as they survived. */
void lossy_cut(struct lossy_disk *d, enum lossy_cut how);

#endif
