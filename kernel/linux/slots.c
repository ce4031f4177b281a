/* SPDX-License-Identifier: MIT */
/*
 * RAM is one memfd, mapped whole as the direct map; a slot's pages are the same memfd's, mapped at
 * their slot addresses with their rights. Which page is where is also kept in tables of the shape
 * that the processor would use, because nobody can ask Linux.
 *
 * Linux joins neighbours that follow one another in the file and have equal rights, and allows
 * 65,530 pieces in all (vm.max_map_count). They are counted here: the answer to one too many is
 * NOMEM, and enough are left for those that come into being when the middle of one is unmapped,
 * which must not fail.
 */
#define _GNU_SOURCE
#include "frame.h"
#include "linux.h"

#include <kernel/klog.h>

#include <ctx/slot.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010u /* Linux 6.3: this file's pages may be executed */
#endif

#define PRESENT      8ull /* above the three rights */
#define REGION_SHIFT 21   /* one table: 2 MiB */
#define SLOT_SHIFT   32
#define GROUP_SHIFT  27 /* 64 of them: 128 MiB */
#define GROUPS       (1u << (SLOT_SHIFT - GROUP_SHIFT))
#define PER_GROUP    (1u << (GROUP_SHIFT - REGION_SHIFT))
#define PER_TABLE    512u

#define PIECES       65530u /* as Linux comes */
#define PIECES_LEFT  6000u  /* for what unmapping splits, and for the process itself */

/* So many pages are there at once, if they can be written to: each is a third of a fault then. Of
 * more, nobody knows whether they will all be touched, and it takes its time. */
#define AHEAD_LEAST 4u
#define AHEAD_MOST  512u

/* The tables of one slot, made as they are needed: most slots have few pages, far apart. */
struct slot_group {
    uint64_t *table[PER_GROUP]; /* PER_TABLE entries: frame | PRESENT | rights, 0 = nothing there */
};
struct slot_tables {
    struct slot_group *group[GROUPS];
};

/* [boot, loop, in a call] */
static struct {
    uint8_t *ram;
    uint64_t bytes;
    int memory;
    struct slot_tables *slots[CTX_SLOT_COUNT];
    uint64_t pieces, pieces_max; /* of slots: mappings as Linux counts them */
} state;

static uint64_t pieces_allowed(void)
{
    char text[32] = "";
    uint64_t allowed = PIECES;
    int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, text, sizeof text - 1) > 0) {
            allowed = strtoull(text, NULL, 10);
        }
        close(fd);
    }
    return allowed > 2 * PIECES_LEFT ? allowed - PIECES_LEFT : allowed / 2;
}

const char *linux_ram_init(uint32_t mib)
{
    state.bytes = (uint64_t)mib << 20;
    state.memory = memfd_create("argos-ram", MFD_CLOEXEC | MFD_EXEC);
    if (state.memory < 0) {
        state.memory = memfd_create("argos-ram", MFD_CLOEXEC); /* older than MFD_EXEC */
    }
    if (state.memory < 0 || ftruncate(state.memory, (off_t)state.bytes) != 0) {
        return "no memory file (memfd_create)";
    }
    state.ram = mmap(NULL, state.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, state.memory, 0);
    uint8_t *frame_map = calloc(1, state.bytes / PAGE_SIZE);
    if (state.ram == MAP_FAILED || frame_map == NULL) {
        free(frame_map);
        return "not enough memory";
    }
    state.pieces_max = pieces_allowed();
    frame_init(frame_map, state.bytes / PAGE_SIZE);
    frame_add(0, state.bytes);
    return NULL;
}

void *machine_direct(paddr_t paddr)
{
    return state.ram + paddr;
}

paddr_t machine_direct_paddr(const void *direct)
{
    return (paddr_t)((const uint8_t *)direct - state.ram);
}

/* Of a memory file Linux knows which pages are not there yet; also if they are swapped out. */
bool machine_is_untouched(paddr_t paddr, uint64_t bytes)
{
    off_t data = lseek(state.memory, (off_t)paddr, SEEK_DATA);
    return data < 0 ? errno == ENXIO : (uint64_t)data >= paddr + bytes;
}

/* ---- tables ---- */

static bool in_slots(uint64_t address, uint64_t count)
{
    uint64_t end = CTX_SLOT_LOWEST + CTX_SLOT_COUNT * CTX_SLOT_SIZE;
    return address >= CTX_SLOT_LOWEST && address < end && count <= (end - address) / PAGE_SIZE;
}

static struct slot_tables **slot_of(uint64_t address)
{
    return &state.slots[(address - CTX_SLOT_LOWEST) >> SLOT_SHIFT];
}

static uint64_t *entry_at(uint64_t address, bool create)
{
    struct slot_tables **slot = slot_of(address);
    if (*slot == NULL) {
        *slot = create ? calloc(1, sizeof **slot) : NULL;
    }
    if (*slot == NULL) {
        return NULL;
    }
    struct slot_group **group = &(*slot)->group[address >> GROUP_SHIFT & (GROUPS - 1)];
    if (*group == NULL) {
        *group = create ? calloc(1, sizeof **group) : NULL;
    }
    if (*group == NULL) {
        return NULL;
    }
    uint64_t **table = &(*group)->table[address >> REGION_SHIFT & (PER_GROUP - 1)];
    if (*table == NULL) {
        *table = create ? calloc(PER_TABLE, sizeof **table) : NULL;
    }
    return *table != NULL ? *table + (address >> PAGE_SHIFT & (PER_TABLE - 1)) : NULL;
}

static uint64_t entry_of(uint64_t address)
{
    uint64_t *e = entry_at(address, false);
    return e != NULL ? *e : 0;
}

/* Whether a piece begins here: entries of one piece grow by a page with each page. */
static bool is_start(uint64_t address)
{
    uint64_t e = entry_of(address);
    uint64_t before = entry_of(address - PAGE_SIZE);
    return e != 0 && (before == 0 || e - before != PAGE_SIZE);
}

/* How many pieces begin in these pages or right behind them: all whose beginning they decide. */
static uint64_t starts(uint64_t address, uint64_t count)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i <= count; i++) {
        n += is_start(address + i * PAGE_SIZE);
    }
    return n;
}

/* False, and nothing changed: EXIST or NOMEM in *why. */
static bool claim(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights, ctx_status *why)
{
    bool end_before = is_start(address + count * PAGE_SIZE);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, true);
        if (e == NULL || *e != 0) {
            *why = e == NULL ? CTX_E_NOMEM : CTX_E_EXIST;
            while (i-- > 0) {
                *entry_at(address + i * PAGE_SIZE, false) = 0;
            }
            return false;
        }
        *e = (frame + i * PAGE_SIZE) | PRESENT | rights;
    }
    state.pieces += is_start(address);
    state.pieces += is_start(address + count * PAGE_SIZE);
    state.pieces -= end_before;
    return true;
}

static void unclaim(uint64_t address, uint64_t count)
{
    state.pieces -= starts(address, count);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, false);
        if (e != NULL) {
            *e = 0;
        }
    }
    state.pieces += is_start(address + count * PAGE_SIZE);
}

/* ---- mappings ---- */

ctx_status machine_slot_map(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights)
{
    if (!in_slots(address, count) || (rights & (MAP_WRITE | MAP_EXEC)) == (MAP_WRITE | MAP_EXEC)) {
        return CTX_E_INVAL;
    }
    if (state.pieces >= state.pieces_max) {
        return CTX_E_NOMEM;
    }
    ctx_status why;
    if (!claim(address, frame, count, rights, &why)) {
        return why;
    }
    int prot = ((rights & MAP_READ) != 0 ? PROT_READ : 0) |
               ((rights & MAP_WRITE) != 0 ? PROT_WRITE : 0) |
               ((rights & MAP_EXEC) != 0 ? PROT_EXEC : 0);
    /* Code is mapped privately so that a debugger can plant its breakpoints; nobody else ever
     * writes through this mapping, so it shows what is in the file. */
    int sharing = (rights & MAP_EXEC) != 0 ? MAP_PRIVATE : MAP_SHARED;
    if (count >= AHEAD_LEAST && count <= AHEAD_MOST && (rights & MAP_WRITE) != 0) {
        sharing |= MAP_POPULATE;
    }
    void *want = (void *)(uintptr_t)address;
    void *at = mmap(want, count * PAGE_SIZE, prot, sharing | MAP_FIXED_NOREPLACE, state.memory,
                    (off_t)frame);
    if (at == want) {
        return CTX_OK;
    }
    /* A Linux older than 4.17 takes the address as a wish. */
    if (at != MAP_FAILED) {
        munmap(at, count * PAGE_SIZE);
    }
    unclaim(address, count);
    return CTX_E_NOMEM;
}

void machine_slot_unmap(uint64_t address, uint64_t count)
{
    if (in_slots(address, count) && count > 0) {
        unclaim(address, count);
        if (munmap((void *)(uintptr_t)address, count * PAGE_SIZE) != 0) {
            panic("slots: Linux does not unmap %lu pages at 0x%lx, pieces=%lu", count, address,
                  state.pieces);
        }
    }
}

/* Pieces are counted as where mapping would count them: they come and go at the edges. */
/* How many pieces n mapped pages and what follows them would have, were their rights these. */
static uint64_t starts_with(uint64_t at, uint64_t n, uint32_t rights)
{
    uint64_t before = entry_of(at - PAGE_SIZE), count = 0;
    for (uint64_t i = 0; i <= n; i++) {
        uint64_t e = entry_of(at + i * PAGE_SIZE);
        if (i < n) {
            e = (e & ~(uint64_t)PAGE_MASK) | PRESENT | rights;
        }
        count += e != 0 && (before == 0 || e - before != PAGE_SIZE);
        before = e;
    }
    return count;
}

/* Mapped pages in a row. What the entries say is what Linux does: if it can not change all, all are
 * as before. */
static bool protect_run(uint64_t at, uint64_t n, uint32_t rights)
{
    int prot = (rights & MAP_WRITE) != 0 ? PROT_READ | PROT_WRITE : PROT_READ;
    uint64_t now = starts(at, n), then = starts_with(at, n, rights);
    if (then > now && state.pieces - now + then > state.pieces_max) {
        return false;
    }
    if (mprotect((void *)(uintptr_t)at, n * PAGE_SIZE, prot) != 0) {
        for (uint64_t k = 0; k < n; k++) {
            uint64_t address = at + k * PAGE_SIZE;
            prot = (entry_of(address) & MAP_WRITE) != 0 ? PROT_READ | PROT_WRITE : PROT_READ;
            if (mprotect((void *)(uintptr_t)address, PAGE_SIZE, prot) != 0) {
                panic("slots: Linux does not give a page its rights back, pieces=%lu",
                      state.pieces);
            }
        }
        return false;
    }
    for (uint64_t k = 0; k < n; k++) {
        uint64_t *e = entry_at(at + k * PAGE_SIZE, false);
        *e = (*e & ~(uint64_t)PAGE_MASK) | PRESENT | rights;
    }
    state.pieces = state.pieces - now + then;
    return true;
}

bool machine_slot_protect(uint64_t address, uint64_t count, uint32_t rights)
{
    bool good = in_slots(address, count);
    for (uint64_t i = 0; good && i < count;) {
        uint64_t at = address + i * PAGE_SIZE, n = 0;
        while (i + n < count && entry_of(at + n * PAGE_SIZE) != 0) {
            n++;
        }
        good = n == 0 || protect_run(at, n, rights);
        i += n != 0 ? n : 1;
    }
    return good;
}

uint32_t machine_slot_rights(uint64_t address)
{
    uint64_t e = in_slots(address, 1) ? entry_of(address) : 0;
    return (uint32_t)e & (MAP_READ | MAP_WRITE | MAP_EXEC);
}

paddr_t machine_slot_frame(uint64_t address)
{
    uint64_t *e = in_slots(address, 1) ? entry_at(address, false) : NULL;
    return e != NULL ? *e & ~(uint64_t)PAGE_MASK : 0;
}

uint64_t *machine_slot_entry(uint64_t address)
{
    return in_slots(address, 1) ? entry_at(address, false) : NULL;
}

void machine_slot_release(uint64_t base)
{
    struct slot_tables **slot = in_slots(base, 1) ? slot_of(base) : NULL;
    if (slot == NULL || *slot == NULL) {
        return;
    }
    for (uint32_t i = 0; i < GROUPS; i++) {
        struct slot_group *group = (*slot)->group[i];
        for (uint32_t n = 0; group != NULL && n < PER_GROUP; n++) {
            free(group->table[n]);
        }
        free(group);
    }
    free(*slot);
    *slot = NULL;
}
