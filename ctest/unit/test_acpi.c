/* SPDX-License-Identifier: MIT */
/* Firmware's tables, as several kinds of firmware write them, and cut off or wrong anywhere. */
#include "../../kernel/x86/x86.h"

#include "test.h"

#include <stdlib.h>

#define BASE  0x7f000000ull
#define TABLE 0x1000u

static uint8_t memory[16 * TABLE];
static struct boot_info boot;
static uint32_t tables;

/* What is asked for is copied: a byte read past it is an error that the sanitizer sees. */
const void *firmware_map(paddr_t paddr, uint64_t len)
{
    static void *copies[64];
    static uint32_t next;
    if (paddr < BASE || paddr - BASE > sizeof memory || len > sizeof memory - (paddr - BASE)) {
        return NULL;
    }
    free(copies[next % 64]);
    copies[next % 64] = malloc(len);
    assert_non_null(copies[next % 64]);
    return memcpy(copies[next++ % 64], memory + (paddr - BASE), len);
}

static void put(uint32_t at, uint64_t value, uint32_t size)
{
    memcpy(memory + at, &value, size);
}

static void seal(uint32_t at, uint32_t len, uint32_t where)
{
    uint8_t sum = 0;
    memory[at + where] = 0;
    for (uint32_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + memory[at + i]);
    }
    memory[at + where] = (uint8_t)-sum;
}

/* A table of that length, at a place of its own; seal_table() when it is filled. */
static uint32_t table(const char *name, uint32_t len)
{
    uint32_t at = ++tables * TABLE;
    memcpy(memory + at, name, 4);
    put(at + 4, len, 4);
    if (memcmp(name, "DSDT", 4) != 0) {
        uint32_t count;
        memcpy(&count, memory + 64 + 4, 4);
        put(64 + count, BASE + at, 8);
        put(64 + 4, count + 8, 4);
    }
    return at;
}

static void seal_table(uint32_t at)
{
    uint32_t len;
    memcpy(&len, memory + at + 4, 4);
    seal(at, MIN(len, (uint32_t)sizeof memory - at), 9);
}

/* An RSDP of revision 2, and an XSDT behind it at 64. */
static void begin(void)
{
    memset(memory, 0, sizeof memory);
    memset(&acpi, 0, sizeof acpi);
    tables = 0;
    memcpy(memory, "RSD PTR ", 8);
    memory[15] = 2;
    put(24, BASE + 64, 8);
    memcpy(memory + 64, "XSDT", 4);
    put(64 + 4, 36, 4);
}

static void start(void)
{
    seal(0, 20, 8);
    seal_table(64);
    boot.rsdp = BASE;
    acpi_init(&boot);
}

static uint32_t dsdt(uint8_t s5)
{
    uint32_t at = table("DSDT", 64);
    memcpy(memory + at + 40, "_S5_\x12\x06\x04\x0a", 8);
    memory[at + 48] = s5;
    memcpy(memory + at + 49, "\x0a\x07\x00\x00", 4);
    seal_table(at);
    return at;
}

static uint32_t fadt(uint32_t len)
{
    uint32_t at = table("FACP", len);
    put(at + 46, 9, 2);
    put(at + 48, 0xb2, 4);
    put(at + 56, 0x600, 4);
    put(at + 64, 0x604, 4);
    memory[at + 88] = 4;
    return at;
}

/* The base is where bus 0 would be, whichever bus is the first; other segments are not ours. */
static void ecam(void **state)
{
    (void)state;
    begin();
    uint32_t at = table("MCFG", 44 + 3 * 16);
    put(at + 44, 0xc0000000, 8); /* segment 1 */
    put(at + 52, 1, 2);
    memory[at + 55] = 255;
    put(at + 60, 0xb0000000, 8); /* first bus behind the last one */
    memory[at + 70] = 9;
    memory[at + 71] = 8;
    put(at + 76, 0xe0000000, 8);
    memory[at + 86] = 16;
    memory[at + 87] = 31;
    seal_table(at);
    start();
    assert_int_equal(acpi.ecam, 0xe0000000);
    assert_int_equal(acpi.ecam_first_bus, 16);
    assert_int_equal(acpi.ecam_last_bus, 31);
    for (uint32_t len = 0; len < 44 + 3 * 16; len++) { /* cut off */
        begin();
        at = table("MCFG", len < 36 ? 36 : len);
        put(at + 44, 0xe0000000, 8);
        seal_table(at);
        start();
        assert_int_equal(acpi.ecam, len >= 60 ? 0xe0000000 : 0);
    }
}

/* What is named twice: in 32 bits, and as a generic address. */
static void wide_fields(void **state)
{
    (void)state;
    begin();
    uint32_t at = fadt(244), narrow = dsdt(1), wide = dsdt(5);
    put(at + 40, BASE + narrow, 4);
    seal_table(at);
    start();
    assert_int_equal(acpi.s5_a, 1);
    assert_int_equal(acpi.pm1a_event, 0x600);
    assert_int_equal(acpi.pm1a_control, 0x604);
    assert_int_equal(acpi.pm1b_control, 0);
    put(at + 140, BASE + wide, 8);
    memory[at + 148] = memory[at + 160] = memory[at + 172] = memory[at + 184] = 1; /* ports */
    put(at + 148 + 4, 0x700, 8);
    put(at + 160 + 4, 0x710, 8);
    put(at + 172 + 4, 0x704, 8);
    put(at + 184 + 4, 0x714, 8);
    seal_table(at);
    start();
    assert_int_equal(acpi.s5_a, 5);
    assert_int_equal(acpi.pm1a_event, 0x700);
    assert_int_equal(acpi.pm1b_event, 0x710);
    assert_int_equal(acpi.pm1a_control, 0x704);
    assert_int_equal(acpi.pm1b_control, 0x714);
    memory[at + 148] = 0;              /* in memory: there we do not look, but at the old field */
    put(at + 172 + 4, 0x100000604, 8); /* no port at all */
    put(at + 140, 0x100000000, 8);     /* a DSDT that can not be read: the other one */
    seal_table(at);
    start();
    assert_int_equal(acpi.pm1a_event, 0x600);
    assert_int_equal(acpi.pm1a_control, 0);
    assert_int_equal(acpi.s5_a, 1);
    put(at + 40, 0, 4); /* only the wide one */
    put(at + 140, BASE + wide, 8);
    put(at + 56, 0x10600, 4); /* nothing is cut off to fit */
    put(at + 48, 0x100b2, 4);
    seal_table(at);
    start();
    assert_int_equal(acpi.s5_a, 5);
    assert_int_equal(acpi.pm1a_event, 0);
    assert_int_equal(acpi.smi_command, 0);
}

static void every_length_of_the_fadt(void **state)
{
    (void)state;
    for (uint32_t len = 36; len < 250; len++) {
        begin();
        uint32_t at = fadt(len);
        memset(memory + at + len, 0xff, 300 - len);
        seal_table(at);
        start();
        assert_int_equal(acpi.has_fadt, len >= 116);
        assert_int_equal(acpi.pm1a_event, len >= 116 ? 0x600 : 0);
    }
}

static void line_is(uint32_t irq, uint32_t gsi, bool low, bool level)
{
    bool got_low, got_level;
    assert_int_equal(acpi_line(irq, &got_low, &got_level), gsi);
    assert_int_equal(got_low, low);
    assert_int_equal(got_level, level);
}

/* The SCI is level and low unless an override says otherwise, ISA's lines are neither. */
static void lines(void **state)
{
    (void)state;
    begin();
    uint32_t at = fadt(116);
    seal_table(at);
    start();
    line_is(1, 1, false, false);
    line_is(9, 9, true, true); /* no override */
    static const struct {
        uint16_t flags;
        bool low, level;
    } cases[] = {{0, true, true},   {1, false, true},  {3, true, true},    {4, true, false},
                 {5, false, false}, {0xc, true, true}, {0xd, false, true}, {0xf, true, true}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        begin();
        at = fadt(116);
        seal_table(at);
        uint32_t madt = table("APIC", 44 + 20);
        memcpy(memory + madt + 44, "\x02\x0a\x00\x09", 4);
        put(madt + 48, 20, 4);
        put(madt + 52, cases[i].flags, 2);
        memcpy(memory + madt + 54, "\x02\x0a\x00\x01", 4);
        put(madt + 58, 1, 4);
        put(madt + 62, 0xf, 2);
        seal_table(madt);
        start();
        line_is(9, 20, cases[i].low, cases[i].level);
        line_is(1, 1, true, true);
        line_is(4, 4, false, false);
    }
    begin();
    start();
    line_is(9, 9, false, false); /* without a FADT there is no SCI */
    line_is(300, 300, false, false);
}

static void noise(void **state)
{
    (void)state;
    struct rng rng = {9};
    for (uint32_t round = 0; round < 20000; round++) {
        begin();
        uint32_t at = fadt(244), m = table("MCFG", 76), a = table("APIC", 90);
        put(at + 40, BASE + dsdt(5), 4);
        for (uint32_t i = 0; i < 6; i++) {
            uint32_t where[3] = {at, m, a};
            memory[where[rng_below(&rng, 3)] + rng_below(&rng, 244)] = (uint8_t)rng_next(&rng);
        }
        memory[rng_below(&rng, 160)] ^= (uint8_t)(1u << rng_below(&rng, 8));
        seal_table(at);
        seal_table(m);
        seal_table(a);
        seal(0, 20, 8);
        boot.rsdp = BASE;
        acpi_init(&boot);
        assert_true(acpi.override_count <= ARRAY_COUNT(acpi.overrides));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecam),  cmocka_unit_test(wide_fields),
        cmocka_unit_test(lines), cmocka_unit_test(every_length_of_the_fadt),
        cmocka_unit_test(noise),
    };
    return RUN(tests);
}
