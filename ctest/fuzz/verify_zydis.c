/* SPDX-License-Identifier: MIT */
/*
 * verify_zydis RUNS [SEED [-v]]: the verifier against a decoder that others wrote, Zydis, and rules
 * that are stated a second time in terms of its operands (zydis_rules.c).
 *
 * RUNS random encodings, half of them with what verified code is full of. Wrong is an instruction
 * that the verifier takes and that has another length, that nobody can decode, or that these rules
 * forbid. What it refuses without need is counted, for whoever wants more on the list: -v names it.
 *
 * A fourth of RUNS bundles, with groups in them that are right or nearly. Wrong is one that is
 * taken and that these rules refuse; too few that both take, and the test is none.
 */
#include "encodings.h"
#include "zydis_rules.h"

#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ctx/slot.h>

#define AT ZYDIS_RULES_AT

static void show(const char *what, const uint8_t *code, uint32_t len, const struct decoded *d,
                 const char *why)
{
    printf("%s: %s length=%u, Zydis: %s length=%u:", what, why, len,
           d != NULL ? ZydisMnemonicGetString(d->i.mnemonic) : "none", d != NULL ? d->i.length : 0);
    for (uint32_t k = 0; k < 15; k++) {
        printf(" %02x", code[k]);
    }
    printf("\n");
}

/* BASE stands for the four bytes that lead to the base's word. */
#define BASE "\xba\xba\xba\xba"
static const struct {
    const char *bytes;
    uint8_t len;
} groups[] = {
#define GROUP(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    GROUP("\x83\xe0\xe0\x48\x03\x05" BASE "\xff\xe0"),         /* jmp *%rax */
    GROUP("\x83\xe3\xe0\x48\x03\x1d" BASE "\xff\xd3"),         /* call *%rbx */
    GROUP("\x41\x83\xe3\xe0\x4c\x03\x1d" BASE "\x41\xff\xe3"), /* jmp *%r11 */
    GROUP("\x41\x83\xe4\xe0\x4c\x03\x25" BASE "\x41\xff\xd4"), /* call *%r12 */
    GROUP("\x89\xff\x48\x03\x3d" BASE "\xf3\x48\xab"),         /* rep stosq */
    GROUP("\x89\xff\x48\x03\x3d" BASE "\x89\xf6\x48\x03\x35" BASE "\xf3\xa4"),
    GROUP("\x89\xf6\x48\x03\x35" BASE "\x66\xad"),      /* lodsw */
    GROUP("\x89\xec\x48\x03\x25" BASE),                 /* mov %ebp,%esp */
    GROUP("\x81\xec\x00\x10\x10\x00\x48\x03\x25" BASE), /* sub $0x101000,%esp */
    GROUP("\x83\xe4\xc0\x48\x03\x25" BASE),             /* and $-64,%esp */
    GROUP("\x8d\x65\xd8\x48\x03\x25" BASE),             /* lea -40(%rbp),%esp */
    GROUP("\x65\x67\x8b\x67\x10\x48\x03\x25" BASE),     /* mov %gs:16(%edi),%esp */
    GROUP("\x48\x83\xec\x40\x50"),                      /* sub $64,%rsp; push %rax */
    GROUP("\x48\x81\xc4\x00\x10\x00\x00\x41\x5f"),      /* add $4096,%rsp; pop %r15 */
};

/* A bundle of nops with one or two groups somewhere, and as often as not a few bytes changed. */
static void make_bundle(uint8_t *code, uint32_t offset)
{
    uint64_t r = encodings_next();
    memset(code, 0x90, VERIFY_BUNDLE);
    uint32_t at = (uint32_t)(r >> 8) % 16;
    for (int n = (r & 3) == 0 ? 2 : 1; n > 0; n--) {
        uint32_t g = (uint32_t)(encodings_next() % (sizeof groups / sizeof *groups));
        if (at + groups[g].len > VERIFY_BUNDLE) {
            break;
        }
        memcpy(code + at, groups[g].bytes, groups[g].len);
        for (uint32_t k = at; k + 4 <= at + groups[g].len; k++) {
            if (memcmp(code + k, BASE, 4) == 0) {
                uint32_t disp = (uint32_t)CTX_SLOT_BASE_WORD - (offset + k + 4);
                memcpy(code + k, &disp, sizeof disp);
            }
        }
        at += groups[g].len;
    }
    for (uint64_t n = r >> 16 & 3; n > 1; n--) {
        uint64_t what = encodings_next();
        uint32_t where = (uint32_t)(what >> 8) % VERIFY_BUNDLE;
        code[where] = (what & 1) != 0 ? (uint8_t)(code[where] ^ 1u << (what >> 1 & 7))
                                      : (uint8_t)(what >> 32);
    }
}

static uint64_t compare_bundles(uint64_t runs)
{
    static const struct verify_options options;
    uint64_t wrong = 0, both = 0, neither = 0;
    for (uint64_t n = 0; n < runs; n++) {
        uint8_t code[VERIFY_BUNDLE], scratch[2 * VERIFY_BUNDLE / 8] = {0};
        struct verify_result result;
        uint32_t offset = AT + (uint32_t)(encodings_next() & 0xffff) * VERIFY_BUNDLE;
        make_bundle(code, offset);
        bool taken = verify_code(code, VERIFY_BUNDLE, offset, &options, scratch, &result);
        bool fine = zydis_bundle_is_fine(code, offset);
        both += taken && fine;
        neither += !taken && !fine;
        if (taken && !fine && wrong++ < 20) {
            printf("accepted at 0x%x:", offset);
            for (uint32_t k = 0; k < VERIFY_BUNDLE; k++) {
                printf(" %02x", code[k]);
            }
            printf("\n");
        }
    }
    printf("%lu bundles: %lu accepted, %lu of them wrongly; %lu refused, as they should\n",
           (unsigned long)runs, (unsigned long)(both + wrong), (unsigned long)wrong,
           (unsigned long)neither);
    if (both < runs / 8 || neither < runs / 8) {
        printf("too few of one kind for this to mean anything\n");
        wrong++;
    }
    return wrong;
}

int main(int argc, char **argv)
{
    static const struct verify_options options;
    static uint64_t refused[ZYDIS_MNEMONIC_MAX_VALUE + 1];
    uint64_t runs = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    encodings_begin(argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
    bool names = argc > 3 && strcmp(argv[3], "-v") == 0;
    uint64_t taken = 0, wrong = 0, also = 0;
    zydis_rules_begin();
    for (uint64_t n = 0; n < runs; n++) {
        uint8_t code[16];
        struct decoded d;
        enum verify_rule rule;
        encodings_make(code);
        uint32_t len = verify_instruction(code, 15, AT, &options, &rule);
        bool known = zydis_decode(code, 15, &d);
        const char *why = known ? zydis_forbidden(&d) : "undecodable";
        taken += len > 0;
        if (len > 0 && (why != NULL || d.i.length != len)) {
            if (wrong++ < 40) {
                show("accepted", code, len, known ? &d : NULL, why != NULL ? why : "length");
            }
        } else if (len == 0 && why == NULL && !zydis_has_idle_prefix(&d.i)) {
            also++;
            if (names && also < 60) {
                show("refused", code, 0, &d, verify_rule_name(rule));
            }
            refused[d.i.mnemonic] += 1;
        }
    }
    printf("%lu encodings: %lu accepted, %lu of them wrongly; %lu refused that could be accepted\n",
           (unsigned long)runs, (unsigned long)taken, (unsigned long)wrong, (unsigned long)also);
    for (int m = 0; names && m <= ZYDIS_MNEMONIC_MAX_VALUE; m++) {
        if (refused[m] > 0) {
            printf("%s:%lu ", ZydisMnemonicGetString((ZydisMnemonic)m), (unsigned long)refused[m]);
        }
    }
    if (taken < runs / 100) {
        printf("too few were accepted for this to mean anything\n");
        return 1;
    }
    printf(names ? "\n" : "");
    wrong += compare_bundles(runs / 4);
    return wrong > 0 ? 1 : 0;
}
