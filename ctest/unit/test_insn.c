/* SPDX-License-Identifier: MIT */
/*
 * Instructions by their bytes: length, and what they need. (The lengths of a million instructions
 * of shared libraries were compared with objdump's when this was written.)
 */
#include "insn.h"

#include "test.h"

#include <ctx/tables.h>

static const struct {
    const char *bytes;
    uint8_t len;
    uint64_t feature;
    const char *text;
} table[] = {
    {"\xc3", 1, 0, "ret"},
    {"\x90", 1, 0, "nop"},
    {"\xf3\x0f\x1e\xfa", 4, 0, "endbr64"},
    {"\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00", 10, 0, "nopw 0(,)"},
    {"\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08", 10, 0, "movabs"},
    {"\x66\xb8\x01\x02", 4, 0, "mov $,%ax"},
    {"\x48\x8b\x05\x01\x02\x03\x04", 7, 0, "mov (%rip)"},
    {"\x8b\x04\x25\x01\x02\x03\x04", 7, 0, "mov abs32"},
    {"\x8b\x44\x24\x08", 4, 0, "mov 8(%rsp)"},
    {"\x8b\x84\x24\x08\x00\x00\x00", 7, 0, "mov disp32(%rsp)"},
    {"\xa1\x01\x02\x03\x04\x05\x06\x07\x08", 9, 0, "movabs eax"},
    {"\xf7\xc1\x01\x00\x00\x00", 6, 0, "test $,%ecx"},
    {"\xf7\xd9", 2, 0, "neg"},
    {"\xf6\xc1\x01", 3, 0, "test $,%cl"},
    {"\xc8\x01\x02\x03", 4, 0, "enter"},
    {"\x0f\x84\x01\x02\x03\x04", 6, 0, "je"},
    {"\x0f\x05", 2, 0, "syscall"},
    {"\x0f\xa4\xc2\x05", 4, 0, "shld"},
    {"\x66\x0f\x70\xc0\x44", 5, 0, "pshufd"},
    {"\x66\x0f\xef\xc0", 4, 0, "pxor"},
    {"\xf3\x0f\xbc\xc0", 4, 0, "tzcnt, which is bsf on old ones"},
    {"\x66\x0f\xc7\x08", 4, 0, "cmpxchg8b-like"},
    {"\xf2\x0f\x12\xc1", 4, CTX_CPU_SSE3, "movddup"},
    {"\xdb\x0c\x24", 3, CTX_CPU_SSE3, "fisttp"},
    {"\x66\x0f\x38\x00\xc1", 5, CTX_CPU_SSSE3, "pshufb"},
    {"\x66\x0f\x3a\x0f\xc1\x04", 6, CTX_CPU_SSSE3, "palignr"},
    {"\x66\x0f\x38\x40\xc1", 5, CTX_CPU_SSE41, "pmulld"},
    {"\x66\x0f\x3a\x0b\xc1\x09", 6, CTX_CPU_SSE41, "roundsd"},
    {"\xf2\x48\x0f\x38\xf1\xc1", 6, CTX_CPU_SSE42, "crc32"},
    {"\x66\x0f\x3a\x63\xc1\x09", 6, CTX_CPU_SSE42, "pcmpistri"},
    {"\xf3\x48\x0f\xb8\xc1", 5, CTX_CPU_POPCNT, "popcnt"},
    {"\xf3\x0f\xbd\xc1", 4, CTX_CPU_LZCNT, "lzcnt"},
    {"\x0f\xbd\xc1", 3, 0, "bsr"},
    {"\x0f\x38\xf0\x01", 4, CTX_CPU_MOVBE, "movbe"},
    {"\x0f\xc7\xf0", 3, CTX_CPU_RDRAND, "rdrand"},
    {"\x48\x0f\xc7\xf8", 4, CTX_CPU_RDSEED, "rdseed"},
    {"\x66\x0f\x38\xdc\xc1", 5, CTX_CPU_AES, "aesenc"},
    {"\x66\x0f\x3a\x44\xc1\x11", 6, CTX_CPU_PCLMUL, "pclmul"},
    {"\x0f\x38\xcc\xc1", 4, CTX_CPU_SHA, "sha256msg1"},
    {"\x66\x0f\x38\xf6\xc1", 5, CTX_CPU_ADX, "adcx"},
    {"\xc5\xf8\x77", 3, CTX_CPU_AVX, "vzeroupper"},
    {"\xc5\xf8\x58\xc1", 4, CTX_CPU_AVX, "vaddps xmm"},
    {"\xc5\xfc\x58\xc1", 4, CTX_CPU_AVX, "vaddps ymm"},
    {"\xc5\xf9\xfe\xc1", 4, CTX_CPU_AVX, "vpaddd xmm"},
    {"\xc5\xfd\xfe\xc1", 4, CTX_CPU_AVX2, "vpaddd ymm"},
    {"\xc5\xfe\x6f\x05\x01\x02\x03\x04", 8, CTX_CPU_AVX, "vmovdqu ymm"},
    {"\xc5\xfd\x70\xc1\x44", 5, CTX_CPU_AVX2, "vpshufd ymm"},
    {"\xc4\xe2\x7d\x18\x05\x01\x02\x03\x04", 9, CTX_CPU_AVX, "vbroadcastss mem"},
    {"\xc4\xe2\x7d\x18\xc1", 5, CTX_CPU_AVX2, "vbroadcastss reg"},
    {"\xc4\xe3\xfd\x00\xc1\x44", 6, CTX_CPU_AVX2, "vpermq"},
    {"\xc4\xe2\xf5\xb8\xc2", 5, CTX_CPU_FMA, "vfmadd231pd"},
    {"\xc4\xe2\x7d\x13\xc1", 5, CTX_CPU_F16C, "vcvtph2ps"},
    {"\xc4\xe2\x70\xf2\xc2", 5, CTX_CPU_BMI1, "andn"},
    {"\xc4\xe2\x73\xf5\xc2", 5, CTX_CPU_BMI2, "pdep"},
    {"\xc4\xe3\x7b\xf0\xc1\x05", 6, CTX_CPU_BMI2, "rorx"},
    {"\xc5\xf8\x92\xc8", 4, CTX_CPU_AVX512F, "kmovw"},
    {"\x62\xf1\x74\x48\x58\xc2", 6, CTX_CPU_AVX512F, "vaddps zmm"},
    {"\x62\xf3\x75\x48\x25\xc2\x55", 7, CTX_CPU_AVX512F, "vpternlogd"},
    {"\x06", 0, 0, "push %es"},
    {"\x82\xc0\x01", 0, 0, "an old form of add"},
    {"\x62\xf1\x70\x48\x58\xc2", 0, 0, "EVEX with its fixed bit off"},
    {"\xc4\xe0\x7d\x18\xc1", 0, 0, "VEX with no map"},
};

static void length_and_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        uint8_t code[16] = {0};
        uint64_t feature;
        memcpy(code, table[i].bytes, table[i].len != 0 ? table[i].len : strlen(table[i].bytes));
        uint32_t len = insn_look(code, sizeof code, &feature);
        if (len != table[i].len || feature != table[i].feature) {
            fail_msg("%s: length %u, feature 0x%lx", table[i].text, len, feature);
        }
        /* Cut off anywhere it is none, and no byte behind is read. */
        for (uint32_t cut = 0; cut < table[i].len; cut++) {
            uint8_t *exact = malloc(cut + 1);
            assert_non_null(exact);
            memcpy(exact + 1, code, cut);
            assert_int_equal(insn_look(exact + 1, cut, &feature), 0);
            free(exact);
        }
    }
}

static void anything_at_all(void **state)
{
    (void)state;
    struct rng rng = {5};
    for (uint32_t round = 0; round < 300000; round++) {
        uint8_t code[16];
        uint64_t feature;
        size_t len = rng_below(&rng, 17);
        for (size_t i = 0; i < sizeof code; i++) {
            code[i] = (uint8_t)rng_next(&rng);
        }
        uint32_t size = insn_look(code, len, &feature);
        assert_true(size <= len && size <= INSN_MAX);
        assert_true(size != 0 || feature == 0);
    }
    static const uint8_t prefixes[20] = {[0 ... 18] = 0x66, 0x90};
    uint64_t feature;
    assert_int_equal(insn_look(prefixes, sizeof prefixes, &feature), 0);
}

static void names(void **state)
{
    (void)state;
    char text[64];
    insn_feature_names(CTX_CPU_AVX2 | CTX_CPU_AVX | CTX_CPU_SSE42, text, sizeof text);
    assert_text(text, "SSE4.2 AVX AVX2");
    insn_feature_names(1ull << 50 | CTX_CPU_ADX, text, sizeof text);
    assert_text(text, "ADX 0x4000000000000");
    insn_feature_names(0, text, sizeof text);
    assert_text(text, "");
    for (uint32_t bit = 0; bit < 24; bit++) { /* every bit that a machine tells has a name */
        insn_feature_names(1ull << bit, text, sizeof text);
        assert_true(text[0] >= 'A');
    }
    insn_feature_names(UINT64_MAX, text, sizeof text);
    assert_true(strlen(text) < sizeof text);
    static const uint8_t code[] = {0xc5, 0xfd, 0xfe, 0xc1, 0x06, 0xf3, 0x0f, 0xb8, 0xc1, 0xc3};
    assert_int_equal(insn_features(code, sizeof code), CTX_CPU_AVX2 | CTX_CPU_POPCNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(length_and_needs),
        cmocka_unit_test(anything_at_all),
        cmocka_unit_test(names),
    };
    return RUN(tests);
}
