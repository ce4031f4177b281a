/* SPDX-License-Identifier: MIT */
/*
 * Slot pages of the fake machine: one table per 2 MiB, in a frame of its own, as on the real one;
 * and each page really mapped at its address.
 */
#define _GNU_SOURCE
#include "fake_machine.h"
#include "frame.h"

#include <ctx/slot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define REGION_SHIFT 21
#define PRESENT      8ull
#define BUCKETS      4096u

struct region {
    uint64_t no; /* address >> REGION_SHIFT */
    paddr_t table;
    struct region *next;
};

static struct {
    struct region *buckets[BUCKETS];
    int memory;
} slots;

void fake_slots_use(int memory, uint64_t bytes)
{
    (void)bytes;
    slots.memory = memory;
}

static uint64_t *entry_at(uint64_t address, bool create)
{
    uint64_t no = address >> REGION_SHIFT;
    struct region **bucket = &slots.buckets[no % BUCKETS];
    struct region *r = *bucket;
    while (r != NULL && r->no != no) {
        r = r->next;
    }
    if (r == NULL) {
        paddr_t table = create ? frame_alloc(0, FRAME_ZERO) : 0;
        if (table == 0) {
            return NULL;
        }
        r = malloc(sizeof *r);
        if (r == NULL) {
            abort();
        }
        *r = (struct region){no, table, *bucket};
        *bucket = r;
        fake.slot_tables++;
    }
    return (uint64_t *)machine_direct(r->table) + (address >> PAGE_SHIFT & 511);
}

static bool in_slots(uint64_t address, uint64_t count)
{
    uint64_t end = CTX_SLOT_LOWEST + CTX_SLOT_COUNT * CTX_SLOT_SIZE;
    return address >= CTX_SLOT_LOWEST && address < end && count <= (end - address) / PAGE_SIZE;
}

ctx_status machine_slot_map(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights)
{
    if (!in_slots(address, count) || address % PAGE_SIZE != 0 || frame % PAGE_SIZE != 0 ||
        (rights & (MAP_WRITE | MAP_EXEC)) == (MAP_WRITE | MAP_EXEC)) {
        return CTX_E_INVAL;
    }
    if (!fake_succeeds(&fake.maps_left)) {
        return CTX_E_NOMEM;
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, true);
        if (e == NULL || *e != 0) {
            for (; i > 0; i--) {
                *entry_at(address + (i - 1) * PAGE_SIZE, false) = 0;
            }
            return e == NULL ? CTX_E_NOMEM : CTX_E_EXIST;
        }
        *e = (frame + i * PAGE_SIZE) | PRESENT | rights;
    }
    int prot = ((rights & MAP_READ) != 0 ? PROT_READ : 0) |
               ((rights & MAP_WRITE) != 0 ? PROT_WRITE : 0) |
               ((rights & MAP_EXEC) != 0 ? PROT_EXEC : 0);
    void *at = mmap((void *)(uintptr_t)address, count * PAGE_SIZE, prot,
                    MAP_SHARED | MAP_FIXED_NOREPLACE, slots.memory, (off_t)frame);
    if (at != (void *)(uintptr_t)address) {
        perror("mmap of a slot page");
        abort();
    }
    fake.extents_live += count;
    return CTX_OK;
}

void machine_slot_unmap(uint64_t address, uint64_t count)
{
    for (uint64_t i = 0; in_slots(address, count) && i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, false);
        if (e != NULL && *e != 0) {
            *e = 0;
            fake.extents_live--;
            munmap((void *)(uintptr_t)(address + i * PAGE_SIZE), PAGE_SIZE);
        }
    }
}

bool machine_slot_protect(uint64_t address, uint64_t count, uint32_t rights)
{
    int prot = (rights & MAP_WRITE) != 0 ? PROT_READ | PROT_WRITE : PROT_READ;
    for (uint64_t i = 0; in_slots(address, count) && i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, false);
        if (e != NULL && *e != 0) {
            if (!fake_succeeds(&fake.protects_left)) {
                return false; /* those before have them */
            }
            *e = (*e & ~(uint64_t)PAGE_MASK) | PRESENT | rights;
            mprotect((void *)(uintptr_t)(address + i * PAGE_SIZE), PAGE_SIZE, prot);
        }
    }
    return true;
}

uint32_t machine_slot_rights(uint64_t address)
{
    return fake_rights(address);
}

paddr_t machine_slot_frame(uint64_t address)
{
    uint64_t *e = in_slots(address, 1) ? entry_at(address, false) : NULL;
    return e != NULL ? *e & ~(uint64_t)PAGE_MASK : 0;
}

uint32_t fake_rights(uint64_t address)
{
    uint64_t *e = in_slots(address, 1) ? entry_at(address, false) : NULL;
    return e != NULL ? (uint32_t)(*e & (MAP_READ | MAP_WRITE | MAP_EXEC)) : 0;
}

uint64_t *machine_slot_entry(uint64_t address)
{
    return in_slots(address, 1) ? entry_at(address, false) : NULL;
}

void machine_slot_release(uint64_t base)
{
    for (uint32_t i = 0; i < BUCKETS; i++) {
        for (struct region **p = &slots.buckets[i]; *p != NULL;) {
            struct region *r = *p;
            if (r->no << REGION_SHIFT < base || r->no << REGION_SHIFT >= base + CTX_SLOT_SIZE) {
                p = &r->next;
                continue;
            }
            const uint64_t *table = machine_direct(r->table);
            for (uint32_t e = 0; e < 512; e++) {
                fake.left_mapped += table[e] != 0;
            }
            frame_free(r->table, 0);
            fake.slot_tables--;
            *p = r->next;
            free(r);
        }
    }
}

/* ---- copies ---- */

static ctx_status copy(uint64_t address, uint8_t *kernel, uint64_t len, bool in)
{
    while (len > 0) {
        uint64_t part = MIN(len, PAGE_SIZE - (address & PAGE_MASK));
        uint32_t rights = fake_rights(address);
        bool can = (rights & (in ? MAP_READ : MAP_WRITE)) != 0;
        if (!can && !(rights == 0 ? app_page_in(address) : !in && app_page_write(address))) {
            return CTX_E_FAULT;
        }
        uint8_t *app = (uint8_t *)machine_direct(machine_slot_frame(address));
        app += address & PAGE_MASK;
        memcpy(in ? kernel : app, in ? app : kernel, part);
        if (in && address == fake.changes_at && part >= sizeof fake.changes_to) {
            memcpy(app, &fake.changes_to, sizeof fake.changes_to);
        }
        kernel += part;
        address += part;
        len -= part;
    }
    return CTX_OK;
}

/* Whoever wants to know sets both counts to 0 before. */
static void note_read(uint64_t address, uint64_t len)
{
    uint32_t kept = MIN(fake.read_count, (uint32_t)ARRAY_COUNT(fake.reads));
    for (uint32_t i = 0; i < kept; i++) {
        uint64_t low = MAX(address, fake.reads[i].at);
        uint64_t high = MIN(address + len, fake.reads[i].at + fake.reads[i].len);
        fake.read_twice += low < high ? (uint32_t)(high - low) : 0;
    }
    uint32_t n = fake.read_count++ % (uint32_t)ARRAY_COUNT(fake.reads);
    fake.reads[n].at = address;
    fake.reads[n].len = len;
}

ctx_status machine_copy_in(void *to, uint64_t address, uint64_t len)
{
    note_read(address, len);
    return copy(address, to, len, true);
}

ctx_status machine_copy_out(uint64_t address, const void *from, uint64_t len)
{
    return copy(address, (uint8_t *)(uintptr_t)from, len, false);
}
