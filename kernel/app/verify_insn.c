/* SPDX-License-Identifier: MIT */
/*
 * One instruction: taken apart, and looked at as if it stood alone. Numbers in brackets are
 * sections of SDM 2.
 */
#include "verify_private.h"

#include <kernel/string.h>

#include <ctx/slot.h>

/* ---- taking an instruction apart ---- */

static uint8_t take(struct insn *in)
{
    if (in->len < in->have) {
        return in->code[in->len++];
    }
    in->cut = true;
    return 0;
}

static int32_t take_signed(struct insn *in, uint32_t bytes)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        value |= (uint32_t)take(in) << (8 * i);
    }
    return bytes == 1 ? (int8_t)value : (int32_t)value;
}

/* Prefixes of old, each at most once, and REX right before the opcode. */
static bool take_prefixes(struct insn *in, uint8_t *byte)
{
    for (;;) {
        bool *seen;
        *byte = take(in);
        switch (*byte) {
        case 0x66:
            seen = &in->opsize;
            break;
        case 0x67:
            seen = &in->addr32;
            break;
        case 0x65:
            seen = &in->gs;
            break;
        case 0xf0:
            seen = &in->lock;
            break;
        case 0xf2:
            seen = &in->repne;
            break;
        case 0xf3:
            seen = &in->rep;
            break;
        default:
            seen = NULL;
            break;
        }
        if (seen == NULL) {
            break;
        }
        if (*seen) {
            return false;
        }
        *seen = true;
    }
    if (in->rep && in->repne) {
        return false;
    }
    if ((*byte & 0xf0) == 0x40) {
        in->rex = true;
        in->wide = (*byte & 8) != 0;
        in->rex_r = (uint8_t)((*byte & 4) << 1);
        in->rex_x = (uint8_t)((*byte & 2) << 2);
        in->rex_b = (uint8_t)((*byte & 1) << 3);
        *byte = take(in);
    }
    return true;
}

/* [2.3.5] and the opcode behind it. False: it is none, or of a map that is not listed. */
static bool take_vex(struct insn *in, uint8_t first, uint8_t *pp)
{
    if (in->rex || in->opsize || in->rep || in->repne || in->lock) {
        return false;
    }
    uint8_t map = MAP_0F, byte = take(in);
    in->vex = true;
    in->rex_r = (byte & 0x80) != 0 ? 0 : 8;
    if (first == 0xc4) {
        in->rex_x = (byte & 0x40) != 0 ? 0 : 8;
        in->rex_b = (byte & 0x20) != 0 ? 0 : 8;
        map = byte & 0x1f;
        byte = take(in);
        in->wide = (byte & 0x80) != 0;
    }
    in->vvvv = (uint8_t)(~byte >> 3 & 15);
    in->l = byte >> 2 & 1;
    *pp = byte & 3;
    in->map = (enum map)map;
    in->opcode = take(in);
    return map == MAP_0F || map == MAP_0F38 || map == MAP_0F3A;
}

static void take_memory(struct insn *in)
{
    uint32_t disp = in->mod == 1 ? 1 : in->mod == 2 ? 4 : 0;
    uint8_t low = in->modrm & 7;
    in->base = low | in->rex_b;
    in->index = NOTHING;
    if (low == 4) {
        uint8_t sib = take(in);
        uint8_t index = (uint8_t)((sib >> 3 & 7) | in->rex_x);
        in->index = index == RSP ? NOTHING : index;
        in->base = (sib & 7) | in->rex_b;
        if ((sib & 7) == 5 && in->mod == 0) {
            in->base = NOTHING;
            disp = 4;
        }
    } else if (low == 5 && in->mod == 0) {
        in->rip = true;
        disp = 4;
    }
    in->disp = disp > 0 ? take_signed(in, disp) : 0;
}

static void take_modrm(struct insn *in)
{
    in->modrm = take(in);
    in->mod = in->modrm >> 6;
    in->ext = in->modrm >> 3 & 7;
    in->reg = in->ext | in->rex_r;
    in->rm = (in->modrm & 7) | in->rex_b;
    if (in->mod != 3) {
        take_memory(in);
    }
}

/* ---- what each has to obey ---- */

static bool take_distance(struct insn *in, uint32_t bytes)
{
    if (in->opsize || in->addr32 || in->gs || in->rex || in->lock) {
        return false;
    }
    in->branches = true;
    in->distance = take_signed(in, bytes);
    return true;
}

/* The register that the opcode itself names; false: it changes rsp. */
static bool may_change_low(const struct insn *in, bool byte)
{
    uint8_t reg = (in->opcode & 7) | in->rex_b;
    return reg != RSP || (byte && !in->rex); /* without REX that is AH */
}

static bool refine_one_byte(struct insn *in)
{
    uint8_t op = in->opcode;
    switch (op) {
    case 0x50 ... 0x57:
        return !in->opsize;
    case 0x58 ... 0x5f:
        return !in->opsize && may_change_low(in, false);
    case 0x68:
    case 0x6a:
        return !in->opsize;
    case 0x70 ... 0x7f:
    case 0xe3:
    case 0xeb:
        return take_distance(in, 1);
    case 0xe8:
    case 0xe9:
        return take_distance(in, 4);
    case 0x80:
    case 0x81:
    case 0x83:
        in->what &= in->ext == 7 ? ~(uint32_t)(TO_RM | LOCK) : UINT32_MAX; /* CMP */
        return true;
    case 0x8f:
        return in->ext == 0 && !in->opsize;
    case 0x91 ... 0x97:
        return may_change_low(in, false);
    case 0xb0 ... 0xb7:
        return may_change_low(in, true);
    case 0xb8 ... 0xbf:
        in->imm_bytes = in->wide ? 8 : in->opsize ? 2 : 4;
        return may_change_low(in, false);
    case 0xc0:
    case 0xc1:
    case 0xd0 ... 0xd3:
        return in->ext != 6;
    case 0xc6:
    case 0xc7:
        return in->ext == 0;
    case 0xf6:
    case 0xf7: /* TEST, NOT and NEG, MUL ... IDIV */
        in->what |= in->ext == 0 ? (op == 0xf6 ? IMM8 : IMMZ) : 0;
        in->what |= in->ext == 2 || in->ext == 3 ? TO_RM : 0;
        return in->ext != 1;
    case 0xfe:
        return in->ext <= 1;
    case 0xff: /* INC, DEC, PUSH; computed branches are groups */
        in->what |= in->ext <= 1 ? TO_RM : 0;
        return in->ext <= 1 || (in->ext == 6 && !in->opsize);
    default: /* x87 */
        if (in->opsize) {
            return false;
        }
        if (in->mod == 3) {
            return (x87_registers[op - 0xd8] >> (in->modrm & 63) & 1) != 0;
        }
        in->what |= (x87_stores[op - 0xd8] >> in->ext & 1) != 0 ? TO_RM : 0;
        return (x87_memory[op - 0xd8] >> in->ext & 1) != 0;
    }
}

static bool refine_two_byte(struct insn *in, const struct verify_options *options)
{
    switch (in->opcode) {
    case 0x0d:
        return in->ext <= 1;
    case 0x12:
    case 0x16: /* with 66 only from memory */
        return in->mod != 3 || !in->opsize;
    case 0x18:
        return in->ext <= 3;
    case 0x1e:
        return in->modrm == 0xfa && !in->rex && !in->gs && !in->addr32;
    case 0x1f:
        return in->ext == 0;
    case 0x31:
        return options->rdtsc;
    case 0x71:
    case 0x72:
        return (0x54 >> in->ext & 1) != 0;
    case 0x73:
        return ((in->opsize || in->vex ? 0xcc : 0x44) >> in->ext & 1) != 0;
    case 0x7e:
        in->what |= in->rep ? 0 : TO_RM | RM_GP;
        return true;
    case 0x80 ... 0x8f:
        return take_distance(in, 4);
    case 0xae: /* fences; LDMXCSR and STMXCSR */
        if (in->mod == 3) {
            return in->ext >= 5 && (in->modrm & 7) == 0 && !in->rex;
        }
        in->what |= in->ext == 3 ? TO_RM : 0;
        return in->ext == 2 || in->ext == 3;
    case 0xba:
        in->what &= in->ext == 4 ? ~(uint32_t)(TO_RM | LOCK) : UINT32_MAX;
        return in->ext >= 4;
    case 0xc7:
        return in->ext == 1;
    default: /* BSWAP */
        return may_change_low(in, false);
    }
}

/* What the lists can not say. False: this form is not allowed. */
static bool refine(struct insn *in, const struct verify_options *options)
{
    if ((in->what & FORMS) == 0) {
        return true;
    }
    if (in->vex && in->map == MAP_0F38) {
        return in->ext >= 1 && in->ext <= 3; /* BLSR, BLSMSK, BLSI */
    }
    return in->map == ONE_BYTE ? refine_one_byte(in) : refine_two_byte(in, options);
}

/* Memory and registers where it must be the one or the other, and what only goes with memory. */
static bool operands_fit(const struct insn *in)
{
    bool memory = is_memory(in);
    bool touches = memory && (in->what & UNUSED) == 0;
    if (((in->what & MEM) != 0 && !memory) || ((in->what & REG) != 0 && memory)) {
        return false;
    }
    if (in->vex) {
        bool used = (in->what & THREE) != 0 || ((in->what & THREE_REG) != 0 && !memory);
        if (!used && in->vvvv != 0) {
            return false;
        }
    }
    if (in->lock && (!touches || (in->what & LOCK) == 0 || (in->what & TO_RM) == 0)) {
        return false;
    }
    /* gs and addr32 belong to memory; the latter to LEA as well. */
    return (!in->gs || touches) && (!in->addr32 || memory);
}

/* Where it reads or writes is in the slot, or in the unmapped pages around it. */
static bool memory_fits(const struct insn *in, uint32_t offset)
{
    if (!is_memory(in) || (in->what & UNUSED) != 0) {
        return true;
    }
    if (in->gs) {
        bool number = in->base == NOTHING && in->index == NOTHING && in->disp >= 0;
        return !in->rip && (in->addr32 || number);
    }
    if (in->addr32) {
        return false;
    }
    if (in->rip) {
        int64_t at = (int64_t)offset + in->len + in->disp;
        return at >= (int64_t)CTX_SLOT_GUARD &&
               at + 64 <= (int64_t)(CTX_SLOT_SIZE - CTX_SLOT_GUARD);
    }
    return in->base == RSP && in->index == NOTHING && in->disp >= -VERIFY_STACK_REACH &&
           in->disp <= VERIFY_STACK_REACH;
}

/* AH is called as SPL is where there is no REX. */
static bool is_stack_pointer(const struct insn *in, uint8_t reg)
{
    return reg == RSP && ((in->what & BYTES) == 0 || in->rex);
}

/* rsp is changed by nobody but groups; *in says whether it may begin one. */
static bool stack_fits(struct insn *in)
{
    bool reg =
        (in->what & TO_REG) != 0 && (in->what & REG_GP) != 0 && is_stack_pointer(in, in->reg);
    bool rm = (in->what & TO_RM) != 0 && (in->what & RM_GP) != 0 && !is_memory(in) &&
              is_stack_pointer(in, in->rm);
    if ((in->what & TO_VVVV) != 0 && in->vvvv == RSP) {
        return false;
    }
    in->esp = reg || rm;
    return !in->esp ||
           (in->map == ONE_BYTE && !in->vex && !in->wide && !in->opsize && (in->what & BYTES) == 0);
}

/* Take one instruction apart and look at it on its own. */
enum verify_rule verify_look(struct insn *in, const uint8_t *code, uint32_t have, uint32_t offset,
                             const struct verify_options *options)
{
    uint8_t byte, pp = 0;
    memset(in, 0, sizeof *in);
    in->code = code;
    in->have = MIN(have, INSN_LONGEST);
    if (!take_prefixes(in, &byte)) {
        return VERIFY_RULE_OPCODE;
    }
    if (byte == 0xc4 || byte == 0xc5) {
        in->what = take_vex(in, byte, &pp) ? verify_look_up_vex(in, pp) : 0;
    } else {
        in->opcode = byte;
        if (byte == 0x0f) {
            in->map = MAP_0F;
            in->opcode = take(in);
            if (in->opcode == 0x38 || in->opcode == 0x3a) {
                in->map = in->opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
                in->opcode = take(in);
            }
        }
        in->what = verify_look_up(in);
    }
    if (in->what == 0) {
        return in->cut ? VERIFY_RULE_BUNDLE : VERIFY_RULE_OPCODE;
    }
    if ((in->what & MODRM & ~KNOWN) != 0) {
        take_modrm(in);
    }
    bool allowed = refine(in, options) && operands_fit(in);
    in->imm_bytes += (in->what & IMM8 & ~KNOWN) != 0 ? 1 : 0;
    in->imm_bytes += (in->what & IMMZ & ~KNOWN) == 0 ? 0 : in->opsize ? 2 : 4;
    in->cut = in->cut || in->imm_bytes > in->have - in->len;
    in->len += in->imm_bytes;
    if (in->cut) {
        return VERIFY_RULE_BUNDLE;
    }
    if (!allowed) {
        bool computed = in->map == ONE_BYTE && in->opcode == 0xff && in->ext >= 2 && in->ext <= 5;
        return computed ? VERIFY_RULE_BASE : VERIFY_RULE_OPCODE;
    }
    return !memory_fits(in, offset) ? VERIFY_RULE_OPERAND
           : !stack_fits(in)        ? VERIFY_RULE_STACK
                                    : VERIFY_FINE;
}
