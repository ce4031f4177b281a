/* SPDX-License-Identifier: MIT */
/*
 * The machine under the core in unit tests: kernel/machine.h on Linux, with everything under the
 * test's control. RAM is one memfd; slot pages are mapped for real at their slot addresses, with
 * their rights, so an app's pointers mean what they say. Page tables cost frames as on the real
 * machine: nothing may leak here either.
 */
#ifndef UNIT_FAKE_MACHINE_H
#define UNIT_FAKE_MACHINE_H

#include <kernel/machine.h>
#include <kernel/types.h>

#include <ctx/ctx.h>

#include <setjmp.h>

#define FAKE_ALWAYS UINT64_MAX

/* As machine_call() enters code: ctx first. */
typedef int32_t fake_entered(struct ctx *ctx, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                             uint64_t e);

struct fake {
    uint64_t now_ns;
    int64_t wall_ahead;    /* seconds, that it is ahead of UTC */
    int64_t wall_ns;       /* the calendar; 0 = this machine has none */
    uint64_t cpu_features; /* CTX_CPU_* */
    uint64_t random;       /* what machine_random() says next; moves on by itself */
    uint64_t allocs_left;  /* allocations, of frames and small ones, that still succeed */
    bool once;             /* only one allocation is refused, later ones succeed again */
    bool small_ones_free;  /* small ones are neither counted nor refused */
    bool no_redzones;      /* heap_used() is exact; set once, before anything is allocated */
    uint64_t alloc_calls;  /* allocations asked for */
    uint64_t
        protects_left;  /* changes of rights that still succeed, pages for pages that are there */
    uint64_t maps_left; /* the same of machine_slot_map() */

    /* Somebody else writes to the app's memory: as soon as the word at this address was read it is
     * another one. 0: nobody does. */
    uint64_t changes_at;
    uint32_t changes_to;
    struct {
        uint64_t at, len;
    } reads[32]; /* the last reads by machine_copy_in() */
    uint32_t read_count;
    uint32_t read_twice; /* bytes that one of them read and another one before it */

    /* What a call runs: this function, or, with NULL, the code at the app's entry. */
    int32_t (*app)(struct ctx *ctx);
    /* What a call that a host serves runs; NULL: the code that wrap() was given. */
    int32_t (*serve)(struct ctx *ctx, struct ctx_host_call *call);
    /* What a call of a service runs: by the offset in the slot that publish was given; NULL: the
     * code that lies there. */
    fake_entered *(*service)(uint64_t offset);
    void (*on_wait)(uint64_t deadline_ns);
    uint64_t waits;

    char serial[1u << 20]; /* what was written to the serial line, terminated */
    size_t serial_len;

    uint32_t verdict;
    uint64_t left_mapped;  /* pages found mapped when a slot's tables were released */
    uint64_t slot_tables;  /* frames in use as page tables */
    uint64_t extents_live; /* slot pages mapped now */
    jmp_buf *halt;         /* where machine_halt() goes; NULL: the test ends as failed */
};

extern struct fake fake;

/* RAM of so many MiB for the frame allocator, nothing else. Again: start over. */
void fake_ram(uint32_t mib);

/* RAM, a canvas and everything that apps need. Once per program. */
void fake_boot(uint32_t mib, uint32_t width, uint32_t height);

bool fake_is_ram(paddr_t paddr, uint64_t bytes);

/* The rights of a slot address (MAP_*), 0 where nothing is mapped. */
uint32_t fake_rights(uint64_t address);

void fake_serial_clear(void);
bool fake_said(const char *text);
uint32_t fake_said_times(const char *text);

/* From inside an app: the call ends in this exception. */
void fake_fault(uint32_t vector, uint64_t address) __attribute__((noreturn));

/* From inside an app: so much time passes, and the ticks that go with it. True: it was too much.
 */
bool fake_spend(uint64_t ns);

/* From inside an app: the call has had its time and is parked. */
void fake_overrun(void) __attribute__((noreturn));

/* True if fn(arg) panics. */
bool fake_panics(void (*fn)(void *arg), void *arg);

/* Counts down; false: now it is refused. */
bool fake_succeeds(uint64_t *left);

/* fake_slots.c */
void fake_slots_use(int memory, uint64_t bytes);

/* fake_heap.c: this memory is RAM that nobody has used yet. */
void fake_heap_forget(void *memory, uint64_t bytes);

#endif
