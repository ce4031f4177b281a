/* SPDX-License-Identifier: MIT */
/*
 * The one set of page tables (SDM chapter 4): kernel image with its rights, direct map of RAM, a
 * window for device registers, and the slots, 4 KiB page by 4 KiB page. CR3 is written once, at the
 * end of paging_init().
 *
 * All pages are supervisor pages: apps and kernel share one privilege level. CR0.WP makes read-only
 * pages read-only for all.
 */
#include "cpu.h"
#include "x86.h"

#include "frame.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/slot.h>

#define PTE_PRESENT  1ull
#define PTE_WRITE    2ull
#define PTE_UNCACHED 0x18ull /* PCD | PWT */
#define PTE_LARGE    0x80ull
#define PTE_NX       (1ull << 63)
#define PTE_ADDRESS  0x000ffffffffff000ull

#define LARGE_PAGE   0x200000ull
#define SLOT_REGIONS 4u /* page directories per slot: 4 GiB / 1 GiB */

extern char kernel_start[], text_start[], text_end[], rodata_start[], rodata_end[], data_start[],
    kernel_end[];
extern char boot_stack_guard[], boot_pml4[], boot_tables_end[];

/* [boot, loop, in a call] */
static struct {
    const struct boot_info *boot;
    uint64_t *pml4;
    uint64_t mmio_next;
    struct {
        paddr_t start, end;
        uint64_t at;
        bool registers;
    } mmio[128]; /* what is mapped already */
    uint32_t mmio_count;
    paddr_t direct_end;
} state;

void *machine_direct(paddr_t paddr)
{
    return (void *)(DIRECT_MAP + paddr);
}

paddr_t machine_direct_paddr(const void *direct)
{
    return (uint64_t)direct - DIRECT_MAP;
}

/* Firmware and boot loaders leave behind what they like. */
bool machine_is_untouched(paddr_t paddr, uint64_t bytes)
{
    (void)paddr;
    (void)bytes;
    return false;
}

static uint64_t *table(uint64_t entry)
{
    return machine_direct(entry & PTE_ADDRESS);
}

/* The entry for address at level 1 (4 KiB) or 2 (2 MiB); tables on the way are made if create.
 * NULL: missing, or no frame. */
static uint64_t *entry_at(uint64_t address, uint32_t level, bool create)
{
    uint64_t *t = state.pml4;
    for (uint32_t l = 4; l > level; l--) {
        uint64_t *e = &t[address >> (12 + 9 * (l - 1)) & 511];
        if ((*e & PTE_PRESENT) == 0) {
            paddr_t frame = create ? frame_alloc(0, FRAME_ZERO) : 0;
            if (frame == 0) {
                return NULL;
            }
            *e = frame | PTE_PRESENT | PTE_WRITE;
        } else if ((*e & PTE_LARGE) != 0) {
            return NULL;
        }
        t = table(*e);
    }
    return &t[address >> (12 + 9 * (level - 1)) & 511];
}

static void invalidate(uint64_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static bool map_kernel(const char *from, const char *to, uint64_t flags)
{
    for (uint64_t at = (uint64_t)from; at < (uint64_t)to; at += PAGE_SIZE) {
        uint64_t *e = entry_at(at, 1, true);
        if (e == NULL) {
            return false;
        }
        *e = (at - KERNEL_HALF) | flags | PTE_PRESENT;
    }
    return true;
}

void paging_give_away(const void *from, const void *to)
{
    uint64_t start = ALIGN_UP((uint64_t)from, (uint64_t)PAGE_SIZE);
    uint64_t end = ALIGN_DOWN((uint64_t)to, (uint64_t)PAGE_SIZE);
    for (uint64_t at = start; at < end; at += PAGE_SIZE) {
        *entry_at(at, 1, false) = 0; /* map_kernel() has made it */
        invalidate(at);
    }
    if (start < end) {
        frame_add(start - KERNEL_HALF, end - KERNEL_HALF);
    }
}

/* Guards are addresses, and want no memory; and nobody uses the first page tables any more. */
static void give_away_what_is_over(void)
{
    paging_give_away(boot_pml4, boot_tables_end);
    paging_give_away(boot_stack_guard, boot_stack_guard + PAGE_SIZE);
    for (uint32_t i = 0; i < ARRAY_COUNT(this_cpu.machine->stacks); i++) {
        const uint8_t *guard = this_cpu.machine->stacks[i].guard;
        paging_give_away(guard, guard + PAGE_SIZE);
    }
}

static bool is_memory(const struct boot_info *boot, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < boot->range_count; i++) {
        const struct boot_range *r = &boot->ranges[i];
        bool ram = r->type == BOOT_MEMORY_USABLE || r->type == BOOT_MEMORY_ACPI ||
                   r->type == BOOT_MEMORY_NVS;
        if (ram && r->start < end && r->end > start) {
            return true;
        }
    }
    return false;
}

bool paging_init(const struct boot_info *boot)
{
    paddr_t root = frame_alloc(0, FRAME_ZERO);
    if (root == 0) {
        return false;
    }
    state.boot = boot;
    state.pml4 = machine_direct(root);
    state.mmio_next = MMIO_WINDOW;

    uint64_t top = 0;
    for (uint32_t i = 0; i < boot->range_count; i++) {
        if (boot->ranges[i].type == BOOT_MEMORY_USABLE) {
            top = MAX(top, boot->ranges[i].end);
        }
    }
    for (uint64_t at = 0; at < top; at += LARGE_PAGE) {
        if (is_memory(boot, at, at + LARGE_PAGE) || at == 0) {
            uint64_t *e = entry_at(DIRECT_MAP + at, 2, true);
            if (e == NULL) {
                return false;
            }
            *e = at | PTE_PRESENT | PTE_WRITE | PTE_LARGE | PTE_NX;
        }
    }
    state.direct_end = ALIGN_UP(top, LARGE_PAGE);
    if (!map_kernel(text_start, text_end, 0) || !map_kernel(rodata_start, rodata_end, PTE_NX) ||
        !map_kernel(data_start, kernel_end, PTE_WRITE | PTE_NX)) {
        return false;
    }

    uint32_t regs[4];
    cpuid(7, regs);
    uint64_t cr4;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    if ((regs[1] >> 7 & 1) != 0) {
        cr4 |= 1ull << 20; /* SMEP */
    }
    __asm__ volatile("mov %0, %%cr4\n\tmov %1, %%cr3" : : "r"(cr4), "r"(root) : "memory");
    give_away_what_is_over();
    return true;
}

static const void *in_direct_map(paddr_t paddr, uint64_t len)
{
    for (uint64_t at = ALIGN_DOWN(paddr, LARGE_PAGE); at < paddr + len; at += LARGE_PAGE) {
        uint64_t *e = at < state.direct_end ? entry_at(DIRECT_MAP + at, 2, false) : NULL;
        if (e == NULL || (*e & PTE_PRESENT) == 0) {
            return NULL;
        }
    }
    return machine_direct(paddr);
}

static volatile void *window_map(paddr_t paddr, uint64_t len, uint64_t flags)
{
    paddr_t start = ALIGN_DOWN(paddr, (paddr_t)PAGE_SIZE);
    paddr_t end = ALIGN_UP(paddr + len, (paddr_t)PAGE_SIZE);
    if (len == 0 || end <= start || end > PTE_ADDRESS) {
        return NULL;
    }
    for (uint32_t i = 0; i < state.mmio_count; i++) {
        if (state.mmio[i].start <= start && end <= state.mmio[i].end &&
            state.mmio[i].registers == ((flags & PTE_UNCACHED) != 0)) {
            return (void *)(state.mmio[i].at + (paddr - state.mmio[i].start));
        }
    }
    if (state.mmio_count == ARRAY_COUNT(state.mmio)) {
        return NULL;
    }
    uint64_t at = state.mmio_next;
    for (paddr_t p = start; p < end; p += PAGE_SIZE) {
        uint64_t *e = entry_at(at + (p - start), 1, true);
        if (e == NULL) {
            return NULL;
        }
        *e = p | flags | PTE_PRESENT | PTE_NX;
    }
    state.mmio[state.mmio_count].start = start;
    state.mmio[state.mmio_count].end = end;
    state.mmio[state.mmio_count].registers = (flags & PTE_UNCACHED) != 0;
    state.mmio[state.mmio_count++].at = at;
    state.mmio_next = at + (end - start) + PAGE_SIZE;
    return (void *)(at + (paddr - start));
}

volatile void *mmio_map(paddr_t paddr, uint64_t len)
{
    if (len > UINT64_MAX - paddr || boot_touches_ram(state.boot, paddr, paddr + len)) {
        log_warn("paging", "registers at 0x%lx len=0x%lx are not used: that is memory", paddr, len);
        return NULL;
    }
    return window_map(paddr, len, PTE_WRITE | PTE_UNCACHED);
}

bool mmio_is_taken(paddr_t paddr, uint64_t len)
{
    for (uint32_t i = 0; i < state.mmio_count; i++) {
        if (state.mmio[i].registers && paddr < state.mmio[i].end &&
            paddr + len > state.mmio[i].start) {
            return true;
        }
    }
    return false;
}

/* A PC's ROMs are there whether the map names them or not. */
static bool is_rom(paddr_t paddr, uint64_t len)
{
    return paddr >= 0xe0000 && len <= 0x100000 && paddr <= 0x100000 - len;
}

const void *firmware_map(paddr_t paddr, uint64_t len)
{
    if (len > UINT64_MAX - paddr ||
        (!is_rom(paddr, len) && !boot_is_named(state.boot, paddr, paddr + len))) {
        return NULL;
    }
    const void *direct = in_direct_map(paddr, len);
    return direct != NULL ? direct : (const void *)window_map(paddr, len, 0);
}

/* ---- slots ---- */

static bool in_slots(uint64_t address, uint64_t count)
{
    uint64_t end = CTX_SLOT_LOWEST + CTX_SLOT_COUNT * CTX_SLOT_SIZE;
    return address >= CTX_SLOT_LOWEST && address < end && count <= (end - address) / PAGE_SIZE;
}

ctx_status machine_slot_map(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights)
{
    if (!in_slots(address, count) || (rights & (MAP_WRITE | MAP_EXEC)) == (MAP_WRITE | MAP_EXEC)) {
        return CTX_E_INVAL;
    }
    uint64_t flags = PTE_PRESENT | ((rights & MAP_WRITE) != 0 ? PTE_WRITE : 0) |
                     ((rights & MAP_EXEC) != 0 ? 0 : PTE_NX);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, 1, true);
        if (e == NULL || (*e & PTE_PRESENT) != 0) {
            machine_slot_unmap(address, i);
            return e == NULL ? CTX_E_NOMEM : CTX_E_EXIST;
        }
        *e = (frame + i * PAGE_SIZE) | flags;
    }
    return CTX_OK;
}

void machine_slot_unmap(uint64_t address, uint64_t count)
{
    for (uint64_t i = 0; in_slots(address, count) && i < count; i++) {
        uint64_t *e = entry_at(address + i * PAGE_SIZE, 1, false);
        if (e != NULL && *e != 0) {
            *e = 0;
            invalidate(address + i * PAGE_SIZE);
        }
    }
}

bool machine_slot_protect(uint64_t address, uint64_t count, uint32_t rights)
{
    uint64_t flags = PTE_PRESENT | PTE_NX | ((rights & MAP_WRITE) != 0 ? PTE_WRITE : 0);
    uint64_t *e = NULL;
    for (uint64_t i = 0; in_slots(address, count) && i < count; i++) {
        uint64_t at = address + i * PAGE_SIZE;
        e = e != NULL && (at >> 12 & 511) != 0 ? e + 1 : entry_at(at, 1, false);
        if (e != NULL && (*e & PTE_PRESENT) != 0) {
            *e = (*e & PTE_ADDRESS) | flags;
            invalidate(at);
        }
    }
    return true;
}

uint32_t machine_slot_rights(uint64_t address)
{
    const uint64_t *e = in_slots(address, 1) ? entry_at(address, 1, false) : NULL;
    if (e == NULL || (*e & PTE_PRESENT) == 0) {
        return 0;
    }
    return MAP_READ | ((*e & PTE_WRITE) != 0 ? MAP_WRITE : 0) | ((*e & PTE_NX) == 0 ? MAP_EXEC : 0);
}

paddr_t machine_slot_frame(uint64_t address)
{
    uint64_t *e = in_slots(address, 1) ? entry_at(address, 1, false) : NULL;
    return e != NULL && (*e & PTE_PRESENT) != 0 ? *e & PTE_ADDRESS : 0;
}

uint64_t *machine_slot_entry(uint64_t address)
{
    return in_slots(address, 1) ? entry_at(address, 1, false) : NULL;
}

static bool is_empty(const uint64_t *t)
{
    for (uint32_t i = 0; i < 512; i++) {
        if (t[i] != 0) {
            return false;
        }
    }
    return true;
}

void machine_slot_release(uint64_t base)
{
    uint64_t *top = &state.pml4[base >> 39 & 511];
    if (!in_slots(base, 1) || (*top & PTE_PRESENT) == 0) {
        return;
    }
    uint64_t *pdpt = table(*top);
    for (uint32_t r = 0; r < SLOT_REGIONS; r++) {
        uint64_t *region = &pdpt[(base >> 30 & 511) + r];
        if ((*region & PTE_PRESENT) == 0) {
            continue;
        }
        uint64_t *directory = table(*region);
        for (uint32_t i = 0; i < 512; i++) {
            if ((directory[i] & PTE_PRESENT) != 0) {
                frame_free(directory[i] & PTE_ADDRESS, 0);
            }
        }
        frame_free(*region & PTE_ADDRESS, 0);
        *region = 0;
    }
    if (is_empty(pdpt)) {
        frame_free(*top & PTE_ADDRESS, 0);
        *top = 0;
    }
    /* Paging-structure caches may hold the tables just freed (SDM 4.10.3); one INVLPG drops them
     * all. */
    invalidate(base);
}
