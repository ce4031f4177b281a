/* SPDX-License-Identifier: MIT */
/*
 * verify_zydis RUNS [SEED [-v]]: the verifier against a decoder that others wrote, Zydis, and rules
 * that are stated here a second time in terms of its operands.
 *
 * RUNS random encodings, half of them with what verified code is full of. Wrong is an instruction
 * that the verifier takes and that has another length, that nobody can decode, or that these rules
 * forbid. What it refuses without need is counted, for whoever wants more on the list: -v names it.
 *
 * A fourth of RUNS bundles, with groups in them that are right or nearly. Wrong is one that is
 * taken and that these rules refuse; too few that both take, and the test is none.
 */
#include "verify.h"

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ctx/slot.h>

#define AT 0x400000u /* where in the slot it would lie */

static ZydisDecoder decoder;

struct decoded {
    ZydisDecodedInstruction i;
    ZydisDecodedOperand o[ZYDIS_MAX_OPERAND_COUNT];
};

static bool decode(const uint8_t *code, size_t len, struct decoded *d)
{
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &d->i, d->o));
}

/* ---- the rules, a second time ---- */

/* Everything that runs in user space and only computes; the rest by name. */
static bool is_harmless_set(const ZydisDecodedInstruction *i)
{
    switch (i->meta.isa_ext) {
    case ZYDIS_ISA_EXT_SSE:
    case ZYDIS_ISA_EXT_SSE2:
    case ZYDIS_ISA_EXT_SSE3:
    case ZYDIS_ISA_EXT_SSSE3:
    case ZYDIS_ISA_EXT_SSE4:
    case ZYDIS_ISA_EXT_AES:
    case ZYDIS_ISA_EXT_PCLMULQDQ:
    case ZYDIS_ISA_EXT_SHA:
    case ZYDIS_ISA_EXT_AVX:
    case ZYDIS_ISA_EXT_AVX2:
    case ZYDIS_ISA_EXT_FMA:
    case ZYDIS_ISA_EXT_F16C:
    case ZYDIS_ISA_EXT_MMX:
    case ZYDIS_ISA_EXT_VAES:
    case ZYDIS_ISA_EXT_AVXAES:
    case ZYDIS_ISA_EXT_VPCLMULQDQ:
    case ZYDIS_ISA_EXT_X87:
    case ZYDIS_ISA_EXT_BMI1:
    case ZYDIS_ISA_EXT_BMI2:
    case ZYDIS_ISA_EXT_ADOX_ADCX:
    case ZYDIS_ISA_EXT_LZCNT:
    case ZYDIS_ISA_EXT_MOVBE:
    case ZYDIS_ISA_EXT_PAUSE:
        return true;
    default:
        return false;
    }
}

static const char *const by_name[] = {
    "adc",     "add",       "and",         "bsf",      "bsr",        "bswap",      "bt",
    "btc",     "btr",       "bts",         "call",     "cbw",        "cdq",        "cdqe",
    "clc",     "cld",       "cmc",         "cmp",      "cmpxchg",    "cmpxchg8b",  "cmpxchg16b",
    "cqo",     "cwd",       "cwde",        "dec",      "div",        "endbr64",    "idiv",
    "imul",    "inc",       "int3",        "jmp",      "jrcxz",      "lahf",       "lea",
    "lfence",  "mfence",    "mov",         "movnti",   "movsx",      "movsxd",     "movzx",
    "mul",     "neg",       "nop",         "not",      "or",         "pop",        "popcnt",
    "push",    "rcl",       "rcr",         "rol",      "ror",        "sahf",       "sar",
    "sbb",     "sfence",    "shl",         "shld",     "shr",        "shrd",       "stc",
    "sub",     "test",      "tzcnt",       "ud2",      "xadd",       "xchg",       "xor",
    "crc32",   "prefetchw", "prefetchnta", "prefetch", "prefetcht0", "prefetcht1", "prefetcht2",
    "ldmxcsr", "stmxcsr",   "emms",        "lddqu",
};
static const char *const never[] = {
    "vldmxcsr", "vstmxcsr", "maskmovdqu", "vmaskmovdqu", "maskmovq", "fldenv", "fnstenv",
    "fnsave",   "frstor",   "fwait",      "rdtsc",       "rdtscp",   "fxsave", "fxrstor",
};

static uint8_t allowed[ZYDIS_MNEMONIC_MAX_VALUE + 1]; /* 1 always, 2 never */

static void read_lists(void)
{
    for (int m = 0; m <= ZYDIS_MNEMONIC_MAX_VALUE; m++) {
        const char *name = ZydisMnemonicGetString((ZydisMnemonic)m);
        for (size_t k = 0; name != NULL && k < sizeof by_name / sizeof *by_name; k++) {
            allowed[m] = strcmp(name, by_name[k]) == 0 ? 1 : allowed[m];
        }
        for (size_t k = 0; name != NULL && k < sizeof never / sizeof *never; k++) {
            allowed[m] = strcmp(name, never[k]) == 0 ? 2 : allowed[m];
        }
    }
}

static bool is_branch(const ZydisDecodedInstruction *i)
{
    return i->meta.category == ZYDIS_CATEGORY_COND_BR ||
           i->meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
           i->meta.category == ZYDIS_CATEGORY_CALL || i->meta.category == ZYDIS_CATEGORY_RET;
}

static const char *forbidden_prefix(const ZydisDecodedInstruction *i)
{
    uint32_t seen = 0;
    for (int k = 0; k < i->raw.prefix_count; k++) {
        uint8_t value = i->raw.prefixes[k].value;
        if ((value & 0xf0) == 0x40) {
            if (k != i->raw.prefix_count - 1) {
                return "REX that is not the last prefix";
            }
            continue;
        }
        const char *known = strchr("\x66\xf2\xf3\xf0\x65\x67", value);
        if (value == 0 || known == NULL) {
            return "a prefix that is not allowed";
        }
        uint32_t bit = 1u << (known - "\x66\xf2\xf3\xf0\x65\x67");
        if ((seen & bit) != 0) {
            return "a prefix twice";
        }
        seen |= bit;
    }
    return (seen & 2) != 0 && (seen & 4) != 0 ? "F2 and F3" : NULL;
}

static bool has_prefix(const ZydisDecodedInstruction *i, uint8_t value)
{
    for (int k = 0; k < i->raw.prefix_count; k++) {
        if (i->raw.prefixes[k].value == value) {
            return true;
        }
    }
    return false;
}

static const char *forbidden_memory(const struct decoded *d, const ZydisDecodedOperand *o)
{
    const ZydisDecodedInstruction *i = &d->i;
    bool stack = i->mnemonic == ZYDIS_MNEMONIC_PUSH || i->mnemonic == ZYDIS_MNEMONIC_POP ||
                 i->mnemonic == ZYDIS_MNEMONIC_CALL;
    if (o->mem.type == ZYDIS_MEMOP_TYPE_AGEN || i->mnemonic == ZYDIS_MNEMONIC_NOP) {
        return has_prefix(i, 0x65) ? "gs that addresses nothing" : NULL;
    }
    if (o->mem.type != ZYDIS_MEMOP_TYPE_MEM) {
        return "memory by vectors";
    }
    if (o->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN) {
        return stack && o->mem.base == ZYDIS_REGISTER_RSP ? NULL : "hidden memory";
    }
    bool number = o->mem.base == ZYDIS_REGISTER_NONE && o->mem.index == ZYDIS_REGISTER_NONE;
    if (o->mem.segment == ZYDIS_REGISTER_GS) {
        if (o->mem.base == ZYDIS_REGISTER_EIP || o->mem.base == ZYDIS_REGISTER_RIP) {
            return "gs and rip";
        }
        return i->address_width == 32 || (number && o->mem.disp.value >= 0)
                   ? NULL
                   : "gs with 64 bits of address";
    }
    if (o->mem.segment == ZYDIS_REGISTER_FS || i->address_width != 64) {
        return "fs, or 32 bits of address without gs";
    }
    if (o->mem.base == ZYDIS_REGISTER_RIP) {
        int64_t at = (int64_t)AT + i->length + o->mem.disp.value;
        return at >= CTX_SLOT_GUARD && at + o->size / 8 <= (int64_t)(CTX_SLOT_SIZE - CTX_SLOT_GUARD)
                   ? NULL
                   : "rip-relative, outside";
    }
    return o->mem.base == ZYDIS_REGISTER_RSP && o->mem.index == ZYDIS_REGISTER_NONE &&
                   llabs(o->mem.disp.value) <= VERIFY_STACK_REACH
               ? NULL
               : "memory without gs";
}

static const char *forbidden_register(const struct decoded *d, const ZydisDecodedOperand *o)
{
    const ZydisDecodedInstruction *i = &d->i;
    bool hidden = o->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;
    bool stack = i->mnemonic == ZYDIS_MNEMONIC_PUSH || i->mnemonic == ZYDIS_MNEMONIC_POP ||
                 i->mnemonic == ZYDIS_MNEMONIC_CALL;
    ZydisRegister whole =
        ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, o->reg.value);
    switch (ZydisRegisterGetClass(o->reg.value)) {
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
        return (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0 && whole == ZYDIS_REGISTER_RSP &&
                       !(stack && hidden)
                   ? "it changes rsp"
                   : NULL;
    case ZYDIS_REGCLASS_X87:
    case ZYDIS_REGCLASS_MMX:
    case ZYDIS_REGCLASS_XMM:
    case ZYDIS_REGCLASS_YMM:
    case ZYDIS_REGCLASS_FLAGS:
    case ZYDIS_REGCLASS_IP:
        return NULL;
    default:
        break;
    }
    switch (o->reg.value) {
    case ZYDIS_REGISTER_X87CONTROL:
    case ZYDIS_REGISTER_X87STATUS:
    case ZYDIS_REGISTER_X87TAG:
    case ZYDIS_REGISTER_MXCSR:
        return hidden ? NULL : "a register of the system";
    default:
        return "a register of the system";
    }
}

/* NULL, or why an instruction must not be in verified code outside any group. */
static const char *forbidden(const struct decoded *d)
{
    const ZydisDecodedInstruction *i = &d->i;
    const char *name = ZydisMnemonicGetString(i->mnemonic);
    bool listed = allowed[i->mnemonic] == 1 || is_harmless_set(i) ||
                  strncmp(name, "cmov", 4) == 0 || strncmp(name, "set", 3) == 0 || name[0] == 'j';
    if (allowed[i->mnemonic] == 2 || !listed) {
        return "not a known instruction";
    }
    if (i->encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX ||
        i->encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX ||
        i->encoding == ZYDIS_INSTRUCTION_ENCODING_XOP ||
        i->encoding == ZYDIS_INSTRUCTION_ENCODING_3DNOW) {
        return "another encoding";
    }
    if (is_branch(i)) {
        bool direct = d->o[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && d->o[0].imm.is_relative;
        return direct && i->raw.prefix_count == 0 ? NULL : "a computed branch, or a prefix on one";
    }
    const char *why = forbidden_prefix(i);
    bool bit = i->mnemonic == ZYDIS_MNEMONIC_BT || i->mnemonic == ZYDIS_MNEMONIC_BTS ||
               i->mnemonic == ZYDIS_MNEMONIC_BTR || i->mnemonic == ZYDIS_MNEMONIC_BTC;
    if (bit && d->o[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
        d->o[1].type == ZYDIS_OPERAND_TYPE_REGISTER) {
        return "a bit of memory by its number";
    }
    for (int k = 0; why == NULL && k < i->operand_count; k++) {
        const ZydisDecodedOperand *o = &d->o[k];
        if (o->type == ZYDIS_OPERAND_TYPE_POINTER) {
            why = "a far pointer";
        } else if (o->type == ZYDIS_OPERAND_TYPE_MEMORY) {
            why = forbidden_memory(d, o);
        } else if (o->type == ZYDIS_OPERAND_TYPE_REGISTER) {
            why = forbidden_register(d, o);
        }
    }
    return why;
}

/* Prefixes that change nothing are of no use to anybody. */
static bool has_idle_prefix(const ZydisDecodedInstruction *i)
{
    for (int k = 0; k < i->raw.prefix_count; k++) {
        if (i->raw.prefixes[k].type == ZYDIS_PREFIX_TYPE_IGNORED) {
            return true;
        }
    }
    return has_prefix(i, 0x66) && i->raw.rex.W != 0;
}

/* ---- encodings ---- */

static uint64_t state;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void make(uint8_t *code)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0x65, 0xf2, 0xf3, 0xf0,
                                       0x2e, 0x64, 0x3e, 0x65, 0x67};
    uint64_t r = next();
    int i = 0;
    if ((r & 1) != 0) {
        code[i++] = 0x65;
        code[i++] = 0x67;
    }
    for (int n = (int)(r >> 8 & 3) % 3; n > 0; n--) {
        code[i++] = prefixes[next() % sizeof prefixes];
    }
    if ((r >> 20 & 1) != 0) {
        code[i++] = (uint8_t)(0x40 | (next() & 15));
    }
    switch (r >> 24 & 7) {
    case 2:
    case 3:
        code[i++] = 0x0f;
        break;
    case 4:
    case 5:
        code[i++] = 0x0f;
        code[i++] = (r >> 24 & 7) == 4 ? 0x38 : 0x3a;
        break;
    case 6:
        code[i++] = 0xc5;
        break;
    case 7:
        code[i++] = 0xc4;
        code[i++] = (uint8_t)((next() & 0xe0) | (1 + next() % 3));
        break;
    default:
        break;
    }
    while (i < 16) {
        code[i++] = (uint8_t)next();
    }
    if ((r >> 32 & 7) == 0) {
        memset(code + 6 + (r >> 36 & 3), 0, 4); /* small numbers */
    }
}

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

/* ---- bundles ---- */

#define BASE_TO ((int64_t)CTX_SLOT_BASE_WORD)

static bool is_register(const ZydisDecodedOperand *o, ZydisRegister reg)
{
    return o->type == ZYDIS_OPERAND_TYPE_REGISTER && o->reg.value == reg;
}

static bool has_only_rex(const ZydisDecodedInstruction *i)
{
    for (int k = 0; k < i->raw.prefix_count; k++) {
        if ((i->raw.prefixes[k].value & 0xf0) != 0x40) {
            return false;
        }
    }
    return true;
}

static ZydisRegister whole(ZydisRegister reg)
{
    return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
}

struct reader {
    const uint8_t *code;
    uint32_t at, end, offset; /* of the bundle; where in the slot it lies */
    struct decoded d;
    uint32_t began;
};

static bool read_one(struct reader *r)
{
    r->began = r->at;
    if (r->at >= r->end || !decode(r->code + r->at, r->end - r->at, &r->d)) {
        return false;
    }
    r->at += r->d.i.length;
    return true;
}

/* The next adds the slot's base to this register. */
static bool reads_base(struct reader *r, ZydisRegister reg)
{
    if (!read_one(r)) {
        return false;
    }
    const struct decoded *d = &r->d;
    return d->i.mnemonic == ZYDIS_MNEMONIC_ADD && has_only_rex(&d->i) &&
           is_register(&d->o[0], reg) && d->o[1].type == ZYDIS_OPERAND_TYPE_MEMORY &&
           d->o[1].size == 64 && d->o[1].mem.base == ZYDIS_REGISTER_RIP &&
           d->o[1].mem.segment != ZYDIS_REGISTER_GS &&
           (int64_t)r->offset + r->at + d->o[1].mem.disp.value == BASE_TO;
}

static bool is_masked_branch(struct reader r, uint32_t *len)
{
    if (!read_one(&r) || r.d.i.mnemonic != ZYDIS_MNEMONIC_AND || !has_only_rex(&r.d.i) ||
        r.d.o[0].type != ZYDIS_OPERAND_TYPE_REGISTER || r.d.o[0].size != 32 ||
        r.d.o[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
        (uint32_t)r.d.o[1].imm.value.u != 0xffffffe0u) {
        return false;
    }
    ZydisRegister reg = whole(r.d.o[0].reg.value);
    uint32_t began = r.began;
    if (reg == ZYDIS_REGISTER_RSP || !reads_base(&r, reg) || !read_one(&r) ||
        (r.d.i.mnemonic != ZYDIS_MNEMONIC_JMP && r.d.i.mnemonic != ZYDIS_MNEMONIC_CALL) ||
        !has_only_rex(&r.d.i) || !is_register(&r.d.o[0], reg)) {
        return false;
    }
    *len = r.at - began;
    return true;
}

/* A string instruction, and which of rdi and rsi it goes by. */
static uint32_t string_goes_by(const struct decoded *d)
{
    bool base =
        d->i.meta.category == ZYDIS_CATEGORY_STRINGOP &&
        (d->i.meta.isa_ext == ZYDIS_ISA_EXT_BASE || d->i.meta.isa_ext == ZYDIS_ISA_EXT_LONGMODE) &&
        d->i.address_width == 64;
    uint32_t by = 0;
    for (int k = 0; base && k < d->i.operand_count; k++) {
        const ZydisDecodedOperand *o = &d->o[k];
        if (o->type == ZYDIS_OPERAND_TYPE_MEMORY) {
            if (o->mem.segment == ZYDIS_REGISTER_FS || o->mem.segment == ZYDIS_REGISTER_GS) {
                return 0;
            }
            by |= o->mem.base == ZYDIS_REGISTER_RDI ? 1u : 2u;
        }
    }
    return by;
}

static bool is_string_group(struct reader r, uint32_t *len)
{
    uint32_t began = r.at, based = 0;
    for (;;) {
        if (!read_one(&r)) {
            return false;
        }
        bool rdi = is_register(&r.d.o[0], ZYDIS_REGISTER_EDI) &&
                   is_register(&r.d.o[1], ZYDIS_REGISTER_EDI);
        bool rsi = is_register(&r.d.o[0], ZYDIS_REGISTER_ESI) &&
                   is_register(&r.d.o[1], ZYDIS_REGISTER_ESI);
        if (r.d.i.mnemonic == ZYDIS_MNEMONIC_MOV && has_only_rex(&r.d.i) && (rdi || rsi)) {
            if (!reads_base(&r, rdi ? ZYDIS_REGISTER_RDI : ZYDIS_REGISTER_RSI)) {
                return false;
            }
            based |= rdi ? 1 : 2;
            continue;
        }
        uint32_t by = string_goes_by(&r.d);
        *len = r.at - began;
        return by != 0 && (by & ~based) == 0;
    }
}

static bool is_stack_group(struct reader r, uint32_t *len)
{
    uint32_t began = r.at;
    if (!read_one(&r)) {
        return false;
    }
    const struct decoded *d = &r.d;
    bool sum = d->i.mnemonic == ZYDIS_MNEMONIC_ADD || d->i.mnemonic == ZYDIS_MNEMONIC_SUB;
    if (sum && has_only_rex(&d->i) && is_register(&d->o[0], ZYDIS_REGISTER_RSP) &&
        d->o[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
        llabs(d->o[1].imm.value.s) <= VERIFY_STACK_REACH) {
        if (!read_one(&r) ||
            (d->i.mnemonic != ZYDIS_MNEMONIC_PUSH && d->i.mnemonic != ZYDIS_MNEMONIC_POP) ||
            !has_only_rex(&d->i) || d->o[0].type != ZYDIS_OPERAND_TYPE_REGISTER ||
            d->o[0].size != 64 || forbidden(d) != NULL) {
            return false;
        }
        *len = r.at - began;
        return true;
    }
    /* All of esp is written by what else the rules allow; then the base. */
    if (!is_register(&d->o[0], ZYDIS_REGISTER_ESP) ||
        (d->o[0].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0 ||
        forbidden_prefix(&d->i) != NULL) {
        return false;
    }
    for (int k = 0; k < d->i.operand_count; k++) {
        if (d->o[k].type == ZYDIS_OPERAND_TYPE_MEMORY) {
            r.d.i.length = d->i.length;
            struct decoded at = *d;
            /* rip-relative operands count from where the instruction really ends */
            if (at.o[k].mem.base == ZYDIS_REGISTER_RIP) {
                at.o[k].mem.disp.value += (int64_t)r.offset + r.began - AT;
            }
            if (forbidden_memory(&at, &at.o[k]) != NULL) {
                return false;
            }
        } else if (k > 0 && d->o[k].type == ZYDIS_OPERAND_TYPE_REGISTER &&
                   forbidden_register(d, &d->o[k]) != NULL) {
            return false;
        }
    }
    if (!reads_base(&r, ZYDIS_REGISTER_RSP)) {
        return false;
    }
    *len = r.at - began;
    return true;
}

/* By the rules as they are here. Branches are left to the first part of this test. */
static bool bundle_is_fine(const uint8_t *code, uint32_t offset)
{
    struct reader r = {.code = code, .end = VERIFY_BUNDLE, .offset = offset};
    while (r.at < r.end) {
        uint32_t len;
        if (code[r.at] == 0x90) { /* most of them */
            r.at++;
            continue;
        }
        if (is_masked_branch(r, &len) || is_string_group(r, &len) || is_stack_group(r, &len)) {
            r.at += len;
            continue;
        }
        if (!read_one(&r)) {
            return false;
        }
        for (int k = 0; k < r.d.i.operand_count; k++) {
            if (r.d.o[k].type == ZYDIS_OPERAND_TYPE_MEMORY &&
                r.d.o[k].mem.base == ZYDIS_REGISTER_RIP) {
                r.d.o[k].mem.disp.value += (int64_t)r.offset + r.began - AT;
            }
        }
        bool direct = is_branch(&r.d.i) && r.d.o[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
        bool nop = r.d.i.mnemonic == ZYDIS_MNEMONIC_NOP && r.d.i.length >= 9;
        if (!direct && !nop && forbidden(&r.d) != NULL) {
            return false;
        }
    }
    return true;
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
    uint64_t r = next();
    memset(code, 0x90, VERIFY_BUNDLE);
    uint32_t at = (uint32_t)(r >> 8) % 16;
    for (int n = (r & 3) == 0 ? 2 : 1; n > 0; n--) {
        uint32_t g = (uint32_t)(next() % (sizeof groups / sizeof *groups));
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
        uint64_t what = next();
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
        uint32_t offset = AT + (uint32_t)(next() & 0xffff) * VERIFY_BUNDLE;
        make_bundle(code, offset);
        bool taken = verify_code(code, VERIFY_BUNDLE, offset, &options, scratch, &result);
        bool fine = bundle_is_fine(code, offset);
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
    state = 88172645463325252u ^ (argc > 2 ? strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15u : 0);
    bool names = argc > 3 && strcmp(argv[3], "-v") == 0;
    uint64_t taken = 0, wrong = 0, also = 0;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    read_lists();
    for (uint64_t n = 0; n < runs; n++) {
        uint8_t code[16];
        struct decoded d;
        enum verify_rule rule;
        make(code);
        uint32_t len = verify_instruction(code, 15, AT, &options, &rule);
        bool known = decode(code, 15, &d);
        const char *why = known ? forbidden(&d) : "undecodable";
        taken += len > 0;
        if (len > 0 && (why != NULL || d.i.length != len)) {
            if (wrong++ < 40) {
                show("accepted", code, len, known ? &d : NULL, why != NULL ? why : "length");
            }
        } else if (len == 0 && why == NULL && !has_idle_prefix(&d.i)) {
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
