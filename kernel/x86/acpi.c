/* SPDX-License-Identifier: MIT */
/*
 * The few facts that we want from ACPI (ACPI 6.5, chapter 5): interrupt overrides (MADT), PCI's
 * ECAM window (MCFG), and how to power off and reset (FADT, and \_S5 in the DSDT, found by its
 * bytes rather than by interpreting AML). Every table is checked for length and checksum; what is
 * wrong is skipped by name, and the machine runs without it.
 */
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#define HEADER_SIZE 36u
#define TABLE_MAX   (4u << 20)

struct acpi_facts acpi; /* [boot] writes, [any] reads. */

static uint64_t get(const uint8_t *p, uint32_t size)
{
    uint64_t v = 0;
    memcpy(&v, p, size);
    return v;
}

static bool sums_to_zero(const uint8_t *p, uint64_t len)
{
    uint8_t sum = 0;
    for (uint64_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + p[i]);
    }
    return sum == 0;
}

/* A whole table, or NULL with a word in the log. */
static const uint8_t *table_at(paddr_t paddr, uint32_t *len)
{
    const uint8_t *t = paddr != 0 ? firmware_map(paddr, HEADER_SIZE) : NULL;
    *len = t != NULL ? (uint32_t)get(t + 4, 4) : 0;
    if (t == NULL) {
        log_warn("acpi", "a table at 0x%lx lies where the memory map names nothing; skipped",
                 paddr);
        return NULL;
    }
    if (*len < HEADER_SIZE || *len > TABLE_MAX) {
        log_warn("acpi", "a table at 0x%lx has length=%u; skipped", paddr, *len);
        return NULL;
    }
    t = firmware_map(paddr, *len);
    if (t == NULL || !sums_to_zero(t, *len)) {
        log_warn("acpi", "table %.4s has a wrong checksum; skipped",
                 t != NULL ? (const char *)t : "?");
        return NULL;
    }
    return t;
}

static void read_madt(const uint8_t *t, uint32_t len)
{
    if (len < 44) {
        return;
    }
    acpi.has_madt = true;
    acpi.lapic = get(t + 36, 4);
    for (uint32_t at = 44; len - at >= 2 && t[at + 1] >= 2 && t[at + 1] <= len - at;
         at += t[at + 1]) {
        const uint8_t *e = t + at;
        if (e[0] == 0 && e[1] >= 8 && (get(e + 4, 4) & 1) != 0) { /* processor, enabled */
            acpi.cpus++;
        } else if (e[0] == 1 && e[1] >= 12 && acpi.ioapic == 0) {
            acpi.ioapic = get(e + 4, 4);
            acpi.ioapic_gsi = (uint32_t)get(e + 8, 4);
        } else if (e[0] == 2 && e[1] >= 10 && acpi.override_count < ARRAY_COUNT(acpi.overrides)) {
            acpi.overrides[acpi.override_count++] =
                (struct acpi_override){e[3], (uint32_t)get(e + 4, 4), (uint16_t)get(e + 8, 2)};
        }
        if (len - at == t[at + 1]) {
            break;
        }
    }
}

/*
 * The window of segment 0, among those of others. Its base address is where bus 0 is, or would be:
 * PCI Firmware Specification 3.3, 4.1.2; the first bus only says from where on there is something.
 */
static void read_mcfg(const uint8_t *t, uint32_t len)
{
    for (uint32_t at = 44; len - at >= 16 && len > at; at += 16) {
        uint64_t base = get(t + at, 8);
        uint8_t first = t[at + 10], last = t[at + 11];
        if (get(t + at + 8, 2) != 0 || first > last || base == 0) {
            continue;
        }
        acpi.ecam = base;
        acpi.ecam_first_bus = first;
        acpi.ecam_last_bus = last;
        return;
    }
}

/* Name(\_S5, Package(n) { a, b, ... }): NameOp "_S5_" PackageOp length count a b (ACPI 20.2.5). */
static void read_s5(const uint8_t *dsdt, uint32_t len)
{
    for (uint32_t at = HEADER_SIZE; at + 16 < len; at++) {
        if (memcmp(dsdt + at, "_S5_", 4) != 0 || dsdt[at + 4] != 0x12) {
            continue;
        }
        uint32_t p = at + 5 + (dsdt[at + 5] >> 6) + 2; /* behind package length and count */
        uint8_t values[2] = {0, 0};
        for (uint32_t i = 0; i < 2 && p + 1 < len; i++) {
            if (dsdt[p] == 0x0a) { /* BytePrefix */
                values[i] = dsdt[p + 1];
                p += 2;
            } else {
                values[i] = dsdt[p] == 0x01 ? 1 : 0; /* OneOp, ZeroOp */
                p++;
            }
        }
        acpi.has_s5 = true;
        acpi.s5_a = values[0];
        acpi.s5_b = values[1];
        return;
    }
}

/*
 * A block of registers that the FADT names twice: in 32 bits, and (from revision 2 on) as a generic
 * address, which counts if it is not 0 (ACPI 6.5, 5.2.9). 0: there is none, or not among the ports.
 */
static uint16_t port_of(const uint8_t *t, uint32_t len, uint32_t narrow, uint32_t wide)
{
    enum { SPACE_PORTS = 1 };
    if (len >= wide + 12 && get(t + wide + 4, 8) != 0 && t[wide] == SPACE_PORTS) {
        uint64_t port = get(t + wide + 4, 8);
        return port <= UINT16_MAX ? (uint16_t)port : 0;
    }
    uint64_t port = get(t + narrow, 4);
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* Device(...) { Name(_HID, "LNRO0005") ... }: a virtio device of the transport MMIO. */
static void count_virtio_mmio(const uint8_t *dsdt, uint32_t len)
{
    static const char id[] = "LNRO0005";
    for (uint32_t at = HEADER_SIZE; at + sizeof id <= len; at++) {
        acpi.virtio_mmio += memcmp(dsdt + at, id, sizeof id) == 0;
    }
}

/* Firmware that does not describe such devices names them to the kernel:
 * virtio_mmio.device=SIZE@ADDRESS:LINE. */
void acpi_name_passed_over(const char *words)
{
    static const char word[] = "virtio_mmio.device=";
    uint32_t named = 0;
    for (const char *p = words; *p != 0; p++) {
        named += (p == words || p[-1] == ' ') && strncmp(p, word, sizeof word - 1) == 0;
    }
    uint32_t count = MAX(named, acpi.virtio_mmio);
    if (count > 0) {
        log_warn("virtio",
                 "virtio-mmio devices are passed over, only those on PCI are driven devices=%u",
                 count);
    }
}

static void read_fadt(const uint8_t *t, uint32_t len)
{
    if (len < 116) {
        return;
    }
    acpi.has_fadt = true;
    acpi.sci = (uint16_t)get(t + 46, 2);
    acpi.smi_command = get(t + 48, 4) <= UINT16_MAX ? (uint16_t)get(t + 48, 4) : 0;
    acpi.acpi_enable = t[52];
    acpi.pm1a_event = port_of(t, len, 56, 148);
    acpi.pm1b_event = port_of(t, len, 60, 160);
    acpi.pm1a_control = port_of(t, len, 64, 172);
    acpi.pm1b_control = port_of(t, len, 68, 184);
    acpi.pm1_event_len = t[88];
    acpi.century = t[108] < 128 ? t[108] : 0;              /* other banks have other ports */
    if (len >= 129 && (get(t + 112, 4) & 1u << 10) != 0) { /* RESET_REG_SUP */
        acpi.has_reset = true;
        acpi.reset_space = t[116];
        acpi.reset_address = get(t + 120, 8);
        acpi.reset_value = t[128];
    }
    uint64_t wide = len >= 148 ? get(t + 140, 8) : 0; /* X_DSDT: above 4 GiB, or the only one */
    uint32_t dsdt_len;
    const uint8_t *dsdt = table_at(wide != 0 ? wide : get(t + 40, 4), &dsdt_len);
    if (dsdt == NULL && wide != 0 && wide != get(t + 40, 4)) {
        dsdt = table_at(get(t + 40, 4), &dsdt_len);
    }
    if (dsdt != NULL) {
        read_s5(dsdt, dsdt_len);
        count_virtio_mmio(dsdt, dsdt_len);
    }
}

uint32_t acpi_line(uint32_t irq, bool *low_active, bool *level)
{
    uint32_t gsi = irq, flags = 0;
    for (uint32_t i = 0; i < acpi.override_count; i++) {
        if (acpi.overrides[i].irq == irq) {
            flags = acpi.overrides[i].flags;
            gsi = acpi.overrides[i].gsi;
        }
    }
    /* Polarity in bits 0-1, trigger in 2-3; 0 is what the bus has: ISA high and edge, the SCI low
     * and level (ACPI 6.5, 5.2.12.5 and 5.2.9). */
    bool sci = acpi.has_fadt && irq == acpi.sci;
    uint32_t polarity = flags & 3, trigger = flags >> 2 & 3;
    *low_active = polarity == 3 || (polarity == 0 && sci);
    *level = trigger == 3 || (trigger == 0 && sci);
    return gsi;
}

/* Where the loader named none: the first 1 KiB of the EBDA, and the BIOS area (ACPI 5.2.5.1). */
static paddr_t find_rsdp(void)
{
    paddr_t ebda = (paddr_t)get(machine_direct(0x40e), 2) << 4;
    paddr_t areas[2][2] = {{ebda, ebda + 1024}, {0xe0000, 0x100000}};
    for (uint32_t a = 0; a < 2; a++) {
        for (paddr_t p = areas[a][0]; p + 20 <= areas[a][1] && p >= 0x400; p += 16) {
            const uint8_t *r = machine_direct(p);
            if (memcmp(r, "RSD PTR ", 8) == 0 && sums_to_zero(r, 20)) {
                return p;
            }
        }
    }
    return 0;
}

void acpi_init(const struct boot_info *boot)
{
    paddr_t rsdp = boot->rsdp != 0 ? boot->rsdp : find_rsdp();
    const uint8_t *r = rsdp != 0 ? firmware_map(rsdp, 36) : NULL;
    if (r == NULL || memcmp(r, "RSD PTR ", 8) != 0 || !sums_to_zero(r, 20)) {
        log_warn("acpi", "none found: no power off, legacy interrupt routing");
        return;
    }
    bool wide = r[15] >= 2 && get(r + 24, 8) != 0;
    uint32_t len;
    const uint8_t *root = table_at(wide ? get(r + 24, 8) : get(r + 16, 4), &len);
    if (root == NULL) {
        return;
    }
    acpi.present = true;
    uint32_t width = wide ? 8 : 4;
    for (uint32_t at = HEADER_SIZE; len - at >= width; at += width) {
        uint32_t table_len;
        const uint8_t *t = table_at(get(root + at, width), &table_len);
        if (t == NULL) {
            continue;
        }
        if (memcmp(t, "APIC", 4) == 0) {
            read_madt(t, table_len);
        } else if (memcmp(t, "MCFG", 4) == 0) {
            read_mcfg(t, table_len);
        } else if (memcmp(t, "FACP", 4) == 0) {
            read_fadt(t, table_len);
        }
    }
    log_info("acpi", "cpus=%u used=1 overrides=%u ecam=0x%lx sci=%u poweroff=%s reset=%s",
             acpi.cpus, acpi.override_count, acpi.ecam, acpi.sci, acpi.has_s5 ? "yes" : "no",
             acpi.has_reset ? "yes" : "no");
}
