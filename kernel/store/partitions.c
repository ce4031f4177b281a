/* SPDX-License-Identifier: MIT */
/*
 * Partitions, as disks that can be claimed: those that a GUID partition table names (UEFI 2.10,
 * section 5.3). A task reads the tables of devices whose `look` is set, one after the other; a
 * device without a table has none. What a table says of sectors that the device does not have, or
 * twice of the same ones, is said to the log and left out: nothing here can make a claim overlap
 * another (disks.c).
 *
 * A partition that is in the new table as it was in the old one - place, sectors, type - stays the
 * same disk.
 */
#include "gpt.h"
#include "heap.h"

#include <kernel/block.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define ROOM      "block"
#define BUFFER    4096u
#define PARTS_MAX 128u /* of one device */

/* [boot, loop, in a call] */
static struct {
    struct task task;
    bool started, busy;
    struct block_device *device;
    struct block_request io;
    uint8_t *bytes;
    struct gpt_table table;
    uint64_t header, at; /* sectors of the disk's own; bytes of the table */
    uint32_t sum, found;
    bool tabled; /* there is a good table */
} state;

static uint32_t unit(void)
{
    return MAX(state.device->multiple, 1u);
}

static bool wanted(struct block_device **device)
{
    *device = block_first();
    while (*device != NULL && (!(*device)->look || (*device)->gone)) {
        *device = (*device)->next;
    }
    return *device != NULL;
}

static void read(uint64_t sector, uint32_t sectors)
{
    state.io = (struct block_request){.op = BLOCK_READ,
                                      .sector = sector,
                                      .sectors = sectors,
                                      .bytes = state.bytes,
                                      .task = &state.task};
    block_submit(state.device, &state.io);
}

static bool is_free(const struct gpt_entry *e, uint32_t no)
{
    for (const struct block_disk *d = state.device->parts; d != NULL; d = d->next) {
        if (d->seen && d->part != no && e->first * unit() < d->first + d->sectors &&
            d->first < (e->last + 1) * unit()) {
            return false;
        }
    }
    return true;
}

static struct block_disk *known(const struct gpt_entry *e, uint32_t no)
{
    struct block_disk *d = state.device->parts;
    while (d != NULL && (d->gone || d->part != no || d->first != e->first * unit() ||
                         d->sectors != (e->last - e->first + 1) * unit() ||
                         memcmp(d->type, e->type, sizeof d->type) != 0)) {
        d = d->next;
    }
    return d;
}

/* Into its place, by number. */
static void insert(struct block_disk *d)
{
    struct block_disk **p = &state.device->parts;
    while (*p != NULL && (*p)->part <= d->part) {
        p = &(*p)->next;
    }
    d->next = *p;
    *p = d;
}

static void take(const struct gpt_entry *e, uint32_t no)
{
    struct block_disk *d = known(e, no);
    if (!is_free(e, no)) {
        log_warn(ROOM, "%s: partition %u lies over another one, and is left out",
                 state.device->name, no);
        return;
    }
    if (d == NULL && (state.found == PARTS_MAX || (d = heap_alloc(sizeof *d)) == NULL)) {
        log_warn(ROOM, "%s: partition %u is left out: %s", state.device->name, no,
                 state.found == PARTS_MAX ? "there are 128 before it" : "no memory");
        return;
    }
    state.found++;
    if (d->device == NULL) {
        *d = (struct block_disk){.device = state.device,
                                 .number = block_number(),
                                 .part = no,
                                 .first = e->first * unit(),
                                 .sectors = (e->last - e->first + 1) * unit()};
        memcpy(d->type, e->type, sizeof d->type);
        format_text(d->name, sizeof d->name, "%s%u", state.device->name, no);
        insert(d);
    }
    gpt_name(e, d->label, sizeof d->label);
    d->seen = true;
}

/* The part of the table in the buffer. */
static void take_entries(uint64_t bytes)
{
    struct gpt_entry e;
    for (uint64_t i = 0; i + state.table.entry_bytes <= bytes; i += state.table.entry_bytes) {
        if (gpt_entry(&state.table, state.bytes + i, &e)) {
            /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): gpt_header() has looked */
            take(&e, (uint32_t)((state.at + i) / state.table.entry_bytes) + 1);
        }
    }
}

/* Sectors of the next part of the table; 0: that was all. gpt_header() knows that they are on the
 * disk. */
static uint32_t part(void)
{
    uint64_t left = gpt_bytes(&state.table) - MIN(gpt_bytes(&state.table), state.at);
    return (uint32_t)(MIN(ALIGN_UP(left, (uint64_t)unit() * BLOCK_SECTOR), BUFFER) / BLOCK_SECTOR);
}

/* What the new table does not have is gone; and goes, if nobody has it. Where there is no table any
 * more, or none that can be read, who has a partition keeps it. */
static void sweep(void)
{
    for (struct block_disk **p = &state.device->parts; *p != NULL;) {
        struct block_disk *d = *p;
        d->gone |= !d->seen && (state.tabled || d->claims == 0);
        d->seen = false;
        if (d->gone && d->claims == 0) {
            *p = d->next;
            heap_free(d, sizeof *d);
        } else {
            p = &d->next;
        }
    }
    block_changed();
}

static void forget_seen(void)
{
    for (struct block_disk *d = state.device->parts; d != NULL; d = d->next) {
        d->seen = false;
    }
    state.found = 0;
    state.tabled = false;
}

static bool ended(void)
{
    return state.io.status != CTX_PENDING;
}

static bool is_read(void)
{
    return state.io.status == CTX_OK;
}

static void look_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) {
        state.busy = false;
        TASK_AWAIT(task, wanted(&state.device));
        state.busy = true;
        state.device->look = false;
        forget_seen();
        /* A device whose blocks are larger than the buffer has no table that we could read. */
        for (state.header = unit() * BLOCK_SECTOR <= BUFFER && state.device->sectors > 2 * unit();
             state.header != 0;
             state.header = state.header == 1 ? state.device->sectors / unit() - 1 : 0) {
            read(state.header * unit(), unit());
            TASK_AWAIT(task, ended());
            if (!is_read() || !gpt_header(&state.table, state.bytes, state.header,
                                          state.device->sectors / unit(), unit() * BLOCK_SECTOR)) {
                continue;
            }
            /* First the sum, then what it is the sum of. */
            state.sum = UINT32_MAX;
            for (state.at = 0; part() > 0; state.at += BUFFER) {
                read(state.table.entries * unit() + state.at / BLOCK_SECTOR, part());
                TASK_AWAIT(task, ended());
                if (!is_read()) {
                    break;
                }
                state.sum = gpt_crc(state.sum, state.bytes,
                                    MIN(gpt_bytes(&state.table) - state.at, BUFFER));
            }
            if (state.at < gpt_bytes(&state.table) || ~state.sum != state.table.entry_crc) {
                continue;
            }
            state.tabled = true;
            for (state.at = 0; part() > 0; state.at += BUFFER) {
                read(state.table.entries * unit() + state.at / BLOCK_SECTOR, part());
                TASK_AWAIT(task, ended());
                state.tabled &= is_read();
                if (is_read()) {
                    take_entries(MIN(gpt_bytes(&state.table) - state.at, BUFFER));
                }
            }
            break;
        }
        sweep();
        if (state.found > 0) {
            log_info(ROOM, "name=%s partitions=%u", state.device->name, state.found);
        }
    }
    TASK_END(task);
}

void block_partitions_look(void)
{
    if (!state.started) {
        state.bytes = heap_alloc(BUFFER);
        if (state.bytes == NULL) {
            log_warn(ROOM, "no memory to read partition tables");
            return;
        }
        state.started = true;
        task_start(&state.task, "partitions", look_run);
    }
    state.busy = true;
    task_wake(&state.task);
}

bool block_partitions_busy(void)
{
    return state.started && state.busy;
}
