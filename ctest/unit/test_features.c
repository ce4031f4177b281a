/* SPDX-License-Identifier: MIT */
/* Processors of several kinds, by what CPUID tells of them: what is offered, and what it is kept
 * with. */
#include "../../kernel/x86/features.h"

#include "test.h"

#include <kernel/machine.h>

#include <ctx/tables.h>

static struct {
    uint32_t last, extended, ecx1, ebx7, ecx81, xstate;
    uint32_t at[8], size[8];
} cpu;

static void ask(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    memset(out, 0, 16);
    if (leaf == 0) {
        out[0] = cpu.last;
    } else if (leaf == 1) {
        out[2] = cpu.ecx1;
    } else if (leaf == 7 && subleaf == 0) {
        out[1] = cpu.ebx7;
    } else if (leaf == 0x80000000) {
        out[0] = cpu.extended;
    } else if (leaf == 0x80000001) {
        out[2] = cpu.ecx81;
    } else if (leaf == 0xd && subleaf == 0) {
        out[0] = cpu.xstate;
    } else if (leaf == 0xd && subleaf < 8) {
        out[0] = cpu.size[subleaf];
        out[1] = cpu.at[subleaf];
    }
}

/* Everything there is: Intel's places of the components. */
static void large(void)
{
    cpu.last = 0x20;
    cpu.extended = 0x80000008;
    cpu.ecx1 = UINT32_MAX;
    cpu.ebx7 = UINT32_MAX;
    cpu.ecx81 = UINT32_MAX;
    cpu.xstate = 0x602e7;
    static const uint32_t at[8] = {0, 0, 576, 960, 1024, 1088, 1152, 1664};
    static const uint32_t size[8] = {0, 0, 256, 64, 64, 64, 512, 1024};
    memcpy(cpu.at, at, sizeof at);
    memcpy(cpu.size, size, sizeof size);
}

#define ALL512                                                                                     \
    (CTX_CPU_AVX512F | CTX_CPU_AVX512DQ | CTX_CPU_AVX512CD | CTX_CPU_AVX512BW | CTX_CPU_AVX512VL)
#define ALLAVX (CTX_CPU_AVX | CTX_CPU_AVX2 | CTX_CPU_FMA | CTX_CPU_F16C)
#define SCALAR                                                                                     \
    (CTX_CPU_SSE3 | CTX_CPU_SSSE3 | CTX_CPU_SSE41 | CTX_CPU_SSE42 | CTX_CPU_POPCNT |               \
     CTX_CPU_RDRAND | CTX_CPU_AES | CTX_CPU_BMI1 | CTX_CPU_BMI2 | CTX_CPU_LZCNT | CTX_CPU_MOVBE |  \
     CTX_CPU_PCLMUL | CTX_CPU_SHA | CTX_CPU_ADX | CTX_CPU_RDSEED)

static uint64_t choose(uint64_t allowed)
{
    return xstate_choose(ask, allowed, MACHINE_VECTOR_BYTES);
}

static void what_can_be_kept(void **state)
{
    (void)state;
    large();
    assert_int_equal(choose(UINT64_MAX), 0xe7); /* no MPX, PKRU, AMX: nobody would keep them */
    assert_int_equal(choose(7), 7);             /* another system's XCR0 */
    assert_int_equal(choose(0x67), 7);          /* AVX-512 as a whole or not at all */
    assert_int_equal(choose(3), 3);
    assert_int_equal(choose(0), 0);
    cpu.ebx7 = ~(1u << 31); /* it is cleared by its instructions on XMM registers */
    assert_int_equal(choose(UINT64_MAX), 7);
    large();
    cpu.at[7] = MACHINE_VECTOR_BYTES - 1023; /* one byte too many */
    assert_int_equal(choose(UINT64_MAX), 7);
    cpu.at[7]--;
    assert_int_equal(choose(UINT64_MAX), 0xe7);
    cpu.size[2] = UINT32_MAX; /* would wrap around */
    assert_int_equal(choose(UINT64_MAX), 3);
    cpu.size[2] = 0;
    assert_int_equal(choose(UINT64_MAX), 3);
    large();
    cpu.xstate = 0x63; /* AVX-512 without AVX is none */
    assert_int_equal(choose(UINT64_MAX), 3);
    cpu.ecx1 = ~(1u << 26);
    assert_int_equal(choose(UINT64_MAX), 0);
    large();
    cpu.last = 12;
    assert_int_equal(choose(UINT64_MAX), 0);
    /* What really is kept lies in the room that there is, wherever a processor puts it. */
    large();
    for (uint32_t no = 2; no < 8; no++) {
        cpu.at[no] = 832 + 64 * no;
    }
    assert_int_equal(choose(UINT64_MAX), 0xe7);
}

static void what_is_offered(void **state)
{
    (void)state;
    large();
    assert_int_equal(cpu_features(ask, 0xe7), SCALAR | ALLAVX | ALL512);
    assert_int_equal(cpu_features(ask, 7), SCALAR | ALLAVX);
    assert_int_equal(cpu_features(ask, 3), SCALAR);
    assert_int_equal(cpu_features(ask, 0), SCALAR);
    cpu.last = 6;
    cpu.extended = 0x80000000;
    assert_int_equal(cpu_features(ask, 0xe7),
                     (SCALAR | ALLAVX) &
                         ~(uint64_t)(CTX_CPU_AVX2 | CTX_CPU_BMI1 | CTX_CPU_BMI2 | CTX_CPU_SHA |
                                     CTX_CPU_ADX | CTX_CPU_RDSEED | CTX_CPU_LZCNT));
    memset(&cpu, 0, sizeof cpu);
    assert_int_equal(cpu_features(ask, 0xe7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_can_be_kept),
                                       cmocka_unit_test(what_is_offered)};
    return RUN(tests);
}
