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

struct acpi_facts acpi;

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

static void read_mcfg(const uint8_t *t, uint32_t len)
{
    if (len >= 60 && get(t + 52, 2) == 0) { /* segment 0 */
        acpi.ecam = get(t + 44, 8);
        acpi.ecam_first_bus = t[54];
        acpi.ecam_last_bus = t[55];
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
    acpi.smi_command = (uint16_t)get(t + 48, 4);
    acpi.acpi_enable = t[52];
    acpi.pm1a_event = (uint16_t)get(t + 56, 4);
    acpi.pm1a_control = (uint16_t)get(t + 64, 4);
    acpi.pm1b_control = (uint16_t)get(t + 68, 4);
    acpi.pm1_event_len = t[88];
    if (len >= 129 && (get(t + 112, 4) & 1u << 10) != 0) { /* RESET_REG_SUP */
        acpi.has_reset = true;
        acpi.reset_space = t[116];
        acpi.reset_address = get(t + 120, 8);
        acpi.reset_value = t[128];
    }
    uint32_t dsdt_len;
    paddr_t where = get(t + 40, 4);
    if (where == 0 && len >= 148) { /* X_DSDT */
        where = get(t + 140, 8);
    }
    const uint8_t *dsdt = table_at(where, &dsdt_len);
    if (dsdt != NULL) {
        read_s5(dsdt, dsdt_len);
        count_virtio_mmio(dsdt, dsdt_len);
    }
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

void acpi_init(paddr_t rsdp)
{
    rsdp = rsdp != 0 ? rsdp : find_rsdp();
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
