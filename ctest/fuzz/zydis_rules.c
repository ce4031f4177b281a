/* SPDX-License-Identifier: MIT */
/* The rules of verified code once more, in terms of another decoder's operands: see zydis_rules.h.
 */
#include "zydis_rules.h"

#include "verify.h"

#include <stdlib.h>
#include <string.h>

#include <ctx/slot.h>

#define AT ZYDIS_RULES_AT

static ZydisDecoder decoder;

bool zydis_decode(const uint8_t *code, size_t len, struct decoded *d)
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

void zydis_rules_begin(void)
{
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
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

const char *zydis_forbidden(const struct decoded *d)
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

bool zydis_has_idle_prefix(const ZydisDecodedInstruction *i)
{
    for (int k = 0; k < i->raw.prefix_count; k++) {
        if (i->raw.prefixes[k].type == ZYDIS_PREFIX_TYPE_IGNORED) {
            return true;
        }
    }
    return has_prefix(i, 0x66) && i->raw.rex.W != 0;
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
    if (r->at >= r->end || !zydis_decode(r->code + r->at, r->end - r->at, &r->d)) {
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
            d->o[0].size != 64 || zydis_forbidden(d) != NULL) {
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

static void mark(uint8_t *bits, uint64_t at)
{
    bits[at / 8] = (uint8_t)(bits[at / 8] | 1u << at % 8);
}

/*
 * Of all the code: where what it consists of begins, and where direct branches go that stay in it;
 * NULL: nobody wants to know, and branches are not looked at.
 */
struct whole_code {
    uint32_t offset, size;
    uint8_t *starts, *targets;
};

/* A direct branch goes to a gate, or somewhere in the code. */
static bool goes_somewhere(const struct whole_code *c, const struct reader *r)
{
    int64_t to = (int64_t)r->offset + r->at + r->d.o[0].imm.value.s;
    if (to >= c->offset && to < (int64_t)c->offset + c->size) {
        mark(c->targets, (uint64_t)to - c->offset);
        return true;
    }
    return to >= CTX_SLOT_GATES && to < CTX_SLOT_GATES_END && to % CTX_GATE_SIZE == 0;
}

static bool bundle(const uint8_t *code, uint32_t offset, const struct whole_code *all)
{
    struct reader r = {.code = code, .end = VERIFY_BUNDLE, .offset = offset};
    while (r.at < r.end) {
        uint32_t len;
        if (all != NULL) {
            mark(all->starts, (uint64_t)offset - all->offset + r.at);
        }
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
        if (direct && all != NULL && (zydis_forbidden(&r.d) != NULL || !goes_somewhere(all, &r))) {
            return false;
        }
        if (!direct && !nop && zydis_forbidden(&r.d) != NULL) {
            return false;
        }
    }
    return true;
}

bool zydis_bundle_is_fine(const uint8_t *code, uint32_t offset)
{
    return bundle(code, offset, NULL);
}

bool zydis_code_is_fine(const uint8_t *code, uint32_t size, uint32_t offset, uint8_t *scratch)
{
    struct whole_code all = {offset, size, scratch, scratch + size / 8};
    memset(scratch, 0, 2 * (size_t)(size / 8));
    for (uint32_t at = 0; at < size; at += VERIFY_BUNDLE) {
        if (!bundle(code + at, offset + at, &all)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < size / 8; i++) {
        if ((all.targets[i] & ~all.starts[i]) != 0) {
            return false;
        }
    }
    return true;
}
