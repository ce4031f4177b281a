/* SPDX-License-Identifier: MIT */
/* PCI configuration space, BARs and MSI-X; see <kernel/pci.h>. PCI Local Bus 3.0, chapter 6. */
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/pci.h>

#define CONFIG_ADDRESS      0xcf8
#define CONFIG_DATA         0xcfc
#define BUS_BYTES           0x100000u /* ECAM space of one bus */

#define REG_COMMAND         0x04
#define REG_HEADER_TYPE     0x0e
#define REG_BAR0            0x10
#define REG_CAPABILITIES    0x34
#define COMMAND_MEMORY      2u
#define COMMAND_MASTER      4u
#define COMMAND_NO_INTX     0x400u
#define STATUS_CAPABILITIES (1u << 20)

#define MSIX_ENABLE         0x8000u
#define MSIX_MASK_ALL       0x4000u

/* [boot, loop] */
static struct {
    bool ecam, no_msix;
    volatile uint8_t *bus[256]; /* mapped when first looked at */
    uint32_t last_bus;
} state;

static volatile uint8_t *ecam_at(const struct pci_device *d, uint32_t offset)
{
    if (!state.ecam || d->bus < acpi.ecam_first_bus || d->bus > acpi.ecam_last_bus) {
        return NULL;
    }
    if (state.bus[d->bus] == NULL) {
        state.bus[d->bus] = mmio_map(acpi.ecam + (uint64_t)d->bus * BUS_BYTES, BUS_BYTES);
        if (state.bus[d->bus] == NULL) {
            return NULL;
        }
    }
    return state.bus[d->bus] + ((uint32_t)d->slot << 15 | (uint32_t)d->function << 12 | offset);
}

static void select_port(const struct pci_device *d, uint32_t offset)
{
    outl(CONFIG_ADDRESS, 0x80000000u | (uint32_t)d->bus << 16 | (uint32_t)d->slot << 11 |
                             (uint32_t)d->function << 8 | (offset & 0xfc));
}

uint32_t pci_read(const struct pci_device *d, uint32_t offset, uint32_t size)
{
    volatile uint8_t *at = ecam_at(d, offset);
    if (offset >= (at != NULL ? 4096u : 256u)) {
        return UINT32_MAX;
    }
    if (at == NULL) {
        select_port(d, offset);
    }
    uint16_t port = (uint16_t)(CONFIG_DATA + (offset & 3));
    switch (size) {
    case 1:
        return at != NULL ? *at : inb(port);
    case 2:
        return at != NULL ? *(volatile uint16_t *)at : inw(port);
    default:
        return at != NULL ? *(volatile uint32_t *)at : inl(port);
    }
}

void pci_write(const struct pci_device *d, uint32_t offset, uint32_t size, uint32_t value)
{
    volatile uint8_t *at = ecam_at(d, offset);
    if (offset >= (at != NULL ? 4096u : 256u)) {
        return;
    }
    if (at == NULL) {
        select_port(d, offset);
    }
    uint16_t port = (uint16_t)(CONFIG_DATA + (offset & 3));
    switch (size) {
    case 1:
        at != NULL ? (void)(*at = (uint8_t)value) : outb(port, (uint8_t)value);
        break;
    case 2:
        at != NULL ? (void)(*(volatile uint16_t *)at = (uint16_t)value)
                   : outw(port, (uint16_t)value);
        break;
    default:
        at != NULL ? (void)(*(volatile uint32_t *)at = value) : outl(port, value);
        break;
    }
}

void pci_init(const char *command_line)
{
    state.no_msix = boot_word(command_line, "nomsix") != NULL;
    state.ecam = acpi.ecam != 0;
    struct pci_device host = {0};
    if (state.ecam && pci_read(&host, 0, 4) == UINT32_MAX) {
        state.ecam = false; /* the table lies; ports are always there */
    }
    log_info("pci", "access=%s", state.ecam ? "ecam" : "ports");
}

bool pci_look(struct pci_device *d)
{
    uint32_t id = pci_read(d, 0, 4);
    if ((id & 0xffff) == 0xffff || id == 0) {
        return false;
    }
    uint32_t class = pci_read(d, 8, 4);
    uint32_t header = pci_read(d, REG_HEADER_TYPE, 1) & 0x7f;
    d->vendor = (uint16_t)id;
    d->device = (uint16_t)(id >> 16);
    d->subsystem = header == 0 ? (uint16_t)pci_read(d, 0x2e, 2) : 0;
    d->revision = (uint8_t) class;
    d->class_code = class >> 8;
    if (header == 1) { /* a bridge: buses up to its subordinate number exist */
        state.last_bus = MAX(state.last_bus, pci_read(d, 0x1a, 1) & 0xff);
    }
    return true;
}

void pci_for_each(bool (*fn)(const struct pci_device *device, void *arg), void *arg)
{
    state.last_bus = 0;
    for (uint32_t bus = 0; bus <= state.last_bus; bus++) {
        for (uint32_t slot = 0; slot < 32; slot++) {
            struct pci_device d = {.bus = (uint8_t)bus, .slot = (uint8_t)slot};
            if ((pci_read(&d, 0, 4) & 0xffff) == 0xffff) {
                continue;
            }
            uint32_t functions = (pci_read(&d, REG_HEADER_TYPE, 1) & 0x80) != 0 ? 8 : 1;
            for (uint32_t f = 0; f < functions; f++) {
                d.function = (uint8_t)f;
                if (pci_look(&d) && !fn(&d, arg)) {
                    return;
                }
            }
        }
    }
}

uint32_t pci_find_capability(const struct pci_device *d, uint8_t id, uint32_t after)
{
    if ((pci_read(d, REG_COMMAND, 4) & STATUS_CAPABILITIES) == 0) {
        return 0;
    }
    uint32_t at = pci_read(d, after != 0 ? after + 1 : REG_CAPABILITIES, 1) & 0xfc;
    for (uint32_t steps = 0; at >= 0x40 && steps < 48; steps++) {
        if (pci_read(d, at, 1) == id) {
            return at;
        }
        at = pci_read(d, at + 1, 1) & 0xfc;
    }
    return 0;
}

/* How large a BAR is, by writing ones (PCI 6.2.5.1), with memory decoding off meanwhile. */
uint64_t pci_bar_size(const struct pci_device *d, uint32_t reg, bool wide)
{
    uint32_t command = pci_read(d, REG_COMMAND, 2);
    uint32_t low = pci_read(d, reg, 4);
    uint32_t high = wide ? pci_read(d, reg + 4, 4) : 0;
    pci_write(d, REG_COMMAND, 2, command & ~COMMAND_MEMORY);
    pci_write(d, reg, 4, UINT32_MAX);
    uint64_t mask = pci_read(d, reg, 4) & ~15u;
    if (wide) {
        pci_write(d, reg + 4, 4, UINT32_MAX);
        mask |= (uint64_t)pci_read(d, reg + 4, 4) << 32;
        pci_write(d, reg + 4, 4, high);
    } else if (mask != 0) {
        mask |= 0xffffffff00000000ull;
    }
    pci_write(d, reg, 4, low);
    pci_write(d, REG_COMMAND, 2, command);
    return mask != 0 ? ~mask + 1 : 0;
}

volatile void *pci_map_bar(const struct pci_device *d, uint32_t bar, uint64_t offset, uint64_t len)
{
    if (bar > 5) {
        return NULL;
    }
    uint32_t reg = REG_BAR0 + 4 * bar;
    uint32_t low = pci_read(d, reg, 4);
    bool wide = (low & 6) == 4;
    if ((low & 1) != 0 || (wide && bar == 5)) {
        return NULL;
    }
    uint64_t base = (low & ~15u) | (wide ? (uint64_t)pci_read(d, reg + 4, 4) << 32 : 0);
    uint64_t size = pci_bar_size(d, reg, wide);
    if (base == 0 || offset > size || len == 0 || len > size - offset) {
        return NULL;
    }
    return mmio_map(base + offset, len);
}

void pci_enable(const struct pci_device *d)
{
    uint32_t command = pci_read(d, REG_COMMAND, 2);
    pci_write(d, REG_COMMAND, 2, command | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_INTX);
}

/* The vector table: 16 bytes per vector, all masked at first. */
static volatile uint32_t *msix_table(const struct pci_device *d, uint32_t *count)
{
    uint32_t cap = state.no_msix ? 0 : pci_find_capability(d, PCI_CAP_MSIX, 0);
    if (cap == 0) {
        return NULL;
    }
    *count = (pci_read(d, cap + 2, 2) & 0x7ff) + 1;
    uint32_t where = pci_read(d, cap + 4, 4);
    return pci_map_bar(d, where & 7, where & ~7u, (uint64_t)*count * 16);
}

uint32_t pci_msix_enable(const struct pci_device *d)
{
    uint32_t count;
    volatile uint32_t *table = msix_table(d, &count);
    if (table == NULL) {
        return 0;
    }
    uint32_t cap = pci_find_capability(d, PCI_CAP_MSIX, 0);
    uint32_t control = pci_read(d, cap + 2, 2);
    pci_write(d, cap + 2, 2, control | MSIX_ENABLE | MSIX_MASK_ALL);
    for (uint32_t i = 0; i < count; i++) {
        table[i * 4 + 3] = 1;
    }
    pci_write(d, cap + 2, 2, (control | MSIX_ENABLE) & ~MSIX_MASK_ALL);
    return count;
}

ctx_status pci_msix_route(const struct pci_device *d, uint32_t vector, struct task *task)
{
    uint32_t count;
    volatile uint32_t *table = msix_table(d, &count);
    if (table == NULL || vector >= count) {
        return CTX_E_INVAL;
    }
    uint8_t number = irq_alloc(task);
    if (number == 0) {
        return CTX_E_NOSPC;
    }
    volatile uint32_t *entry = table + (size_t)vector * 4;
    entry[0] = 0xfee00000u | apic_id() << 12; /* SDM 11.11: message address, fixed destination */
    entry[1] = 0;
    entry[2] = number;
    entry[3] = 0;
    return CTX_OK;
}
