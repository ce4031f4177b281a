/* SPDX-License-Identifier: MIT */
/*
 * The verifier. An instruction that may do harm alone is allowed in groups that take the harm out
 * of it, and that nobody can enter but at their beginning.
 */
#include "verify_private.h"

#include <kernel/string.h>

#include <ctx/slot.h>

/* ---- groups ---- */

/* What is left of a bundle, and where that is in the slot. */
struct rest {
    const uint8_t *code;
    uint32_t have, offset;
};

static struct rest behind(const struct rest *r, uint32_t len)
{
    return (struct rest){r->code + len, r->have - len, r->offset + len};
}

/* add BASE_WORD(%rip),%reg: 7 bytes, or 0. */
static uint32_t add_base(const struct rest *r, uint8_t reg)
{
    if (r->have < 7 || r->code[0] != (0x48u | (reg & 8u) >> 1) || r->code[1] != 0x03 ||
        r->code[2] != (0x05u | (reg & 7u) << 3)) {
        return 0;
    }
    int32_t disp;
    memcpy(&disp, r->code + 3, sizeof disp);
    /* not modulo 4 GiB: the next slot has a base word, too */
    return (int64_t)r->offset + 7 + disp == CTX_SLOT_BASE_WORD ? 7 : 0;
}

/* and $-32,%ereg; add base,%reg; jmp or call *%reg. */
static uint32_t masked_branch(const struct rest *r)
{
    uint32_t high = r->have > 0 && r->code[0] == 0x41 ? 1 : 0; /* r8 to r15 */
    if (r->have < high + 3 || r->code[high] != 0x83 || (r->code[high + 1] & 0xf8) != 0xe0 ||
        r->code[high + 2] != 0xe0) {
        return 0;
    }
    uint8_t reg = (uint8_t)((r->code[high + 1] & 7) | high << 3);
    uint32_t len = high + 3;
    struct rest then = behind(r, len);
    uint32_t add = reg != RSP ? add_base(&then, reg) : 0;
    if (add == 0) {
        return 0;
    }
    then = behind(&then, add);
    if (then.have < 2 + high || (high != 0 && then.code[0] != 0x41) || then.code[high] != 0xff ||
        ((then.code[high + 1] & 0xf8) != 0xe0 && (then.code[high + 1] & 0xf8) != 0xd0) ||
        (then.code[high + 1] & 7) != (reg & 7)) {
        return 0;
    }
    return len + add + 2 + high;
}

/* add or sub $small,%rsp; push or pop: whatever lies there is touched before anything else can
 * happen. */
static uint32_t probed_change(const struct rest *r, const struct verify_options *options)
{
    if (r->have < 4 || r->code[0] != 0x48 || (r->code[1] != 0x83 && r->code[1] != 0x81) ||
        (r->code[2] != 0xc4 && r->code[2] != 0xec)) {
        return 0;
    }
    int32_t by = (int32_t)(r->code[3] ^ 0x80u) - 0x80; /* its sign extended */
    uint32_t len = 4;
    if (r->code[1] == 0x81) {
        if (r->have < 7) {
            return 0;
        }
        memcpy(&by, r->code + 3, sizeof by);
        len = 7;
    }
    if (by < -VERIFY_STACK_REACH || by > VERIFY_STACK_REACH || r->have == len) {
        return 0;
    }
    struct rest then = behind(r, len);
    uint32_t high = then.code[0] == 0x41 ? 1 : 0;
    if (then.have <= high || (then.code[high] & 0xf0) != 0x50) {
        return 0;
    }
    struct insn in;
    return verify_look(&in, then.code, then.have, then.offset, options) == VERIFY_FINE
               ? len + in.len
               : 0;
}

/* What a string instruction goes by: 1 rdi, 2 rsi; 0: it is none. *len is its length. */
static uint32_t string_instruction(const struct rest *r, uint32_t *len)
{
    uint32_t i = r->have > 0 && r->code[0] == 0x66 ? 1 : 0; /* on either side of the repetition */
    if (i < r->have && (r->code[i] == 0xf3 || r->code[i] == 0xf2)) {
        i++;
    }
    if (i < r->have && (r->code[i] == 0x48 || (r->code[i] == 0x66 && r->code[0] != 0x66))) {
        i++;
    }
    if (i >= r->have) {
        return 0;
    }
    *len = i + 1;
    switch (r->code[i]) {
    case 0xa4 ... 0xa7: /* MOVS, CMPS */
        return 3;
    case 0xaa ... 0xab: /* STOS */
    case 0xae ... 0xaf: /* SCAS */
        return 1;
    case 0xac ... 0xad: /* LODS */
        return 2;
    default:
        return 0;
    }
}

/* mov %edi,%edi; add base,%rdi, the same for rsi, and the instruction. Nobody can set DF, so it
 * goes upwards, and meets the unmapped pages at the slot's end. */
static uint32_t based_string(const struct rest *r)
{
    struct rest then = *r;
    uint32_t based = 0, add, len;
    while (then.have >= 2 && then.code[0] == 0x89 &&
           (then.code[1] == 0xff || then.code[1] == 0xf6)) {
        bool rdi = then.code[1] == 0xff;
        struct rest word = behind(&then, 2);
        add = add_base(&word, rdi ? 7 : 6);
        if (add == 0) {
            return 0;
        }
        based |= rdi ? 1 : 2;
        then = behind(&word, add);
    }
    uint32_t needs = based != 0 ? string_instruction(&then, &len) : 0;
    return needs != 0 && (needs & ~based) == 0 ? (uint32_t)(then.code - r->code) + len : 0;
}

/*
 * A group begins here: its length, 0 for none. They begin with bytes that others begin with too:
 * what is no group is an instruction.
 */
static uint32_t group(const struct rest *r, const struct verify_options *options)
{
    uint32_t len = 0;
    switch (r->code[0]) {
    case 0x41:
    case 0x83:
        len = masked_branch(r);
        break;
    case 0x48:
        len = probed_change(r, options);
        break;
    case 0x89:
        len = based_string(r);
        break;
    default:
        break;
    }
    return len;
}

/*
 * Long nops as assemblers write them: 66 66 .. 2e 0f 1f 84 00 and four bytes. The segment prefix is
 * of no other use, and 66 more than once neither.
 */
static uint32_t long_nop(const struct rest *r)
{
    uint32_t i = 0;
    while (i < r->have && r->code[i] == 0x66) {
        i++;
    }
    static const uint8_t nop[] = {0x2e, 0x0f, 0x1f, 0x84, 0x00};
    uint32_t len = i + (uint32_t)sizeof nop + 4;
    bool fits = i > 0 && len <= MIN(r->have, INSN_LONGEST);
    return fits && memcmp(r->code + i, nop, sizeof nop) == 0 ? len : 0;
}

/* The instructions that write esp as a whole, so that the base makes an address of the slot. */
static bool begins_rebase(const struct insn *in)
{
    switch (in->opcode) {
    case 0x01: /* ADD SUB AND MOV LEA */
    case 0x03:
    case 0x29:
    case 0x2b:
    case 0x21:
    case 0x23:
    case 0x89:
    case 0x8b:
    case 0x81:
    case 0x83:
    case 0x8d:
        return true;
    default:
        return false;
    }
}

/* Of an instruction that is not allowed alone: is it one of those that groups are made for? */
static enum verify_rule better_rule(const struct rest *r, enum verify_rule rule)
{
    uint32_t len;
    bool ret = r->code[0] == 0xc3 || r->code[0] == 0xc2;
    return rule == VERIFY_RULE_OPCODE && (ret || string_instruction(r, &len) != 0)
               ? VERIFY_RULE_BASE
               : rule;
}

/*
 * One instruction or group. *len: its length; *in: if it was one that branches, where to. FINE or
 * what is wrong.
 */
static enum verify_rule look_at(const struct rest *r, const struct verify_options *options,
                                struct insn *in, uint32_t *len)
{
    in->branches = false;
    *len = group(r, options);
    if (*len == 0) {
        *len = long_nop(r);
    }
    if (*len != 0) {
        return VERIFY_FINE;
    }
    enum verify_rule rule = verify_look(in, r->code, r->have, r->offset, options);
    if (rule != VERIFY_FINE) {
        return better_rule(r, rule);
    }
    *len = in->len;
    if (in->esp) {
        struct rest then = behind(r, in->len);
        uint32_t add = begins_rebase(in) ? add_base(&then, RSP) : 0;
        *len += add;
        return add != 0 ? VERIFY_FINE : VERIFY_RULE_STACK;
    }
    return VERIFY_FINE;
}

/* ---- all of it ---- */

static void mark(uint8_t *bits, uint32_t at)
{
    bits[at / 8] = (uint8_t)(bits[at / 8] | 1u << at % 8);
}

static bool is_marked(const uint8_t *bits, uint32_t at)
{
    return (bits[at / 8] >> at % 8 & 1) != 0;
}

/* A branch to its own code is looked at in the end, when all that begins there is known. */
static bool branch_fits(const struct verification *v, const struct insn *in, uint32_t *to)
{
    int64_t target = (int64_t)v->at + in->len + in->distance;
    *to = (uint32_t)target;
    if (target >= 0 && target < v->size) {
        return true;
    }
    target += v->offset;
    *to = UINT32_MAX;
    return target >= CTX_SLOT_GATES && target < CTX_SLOT_GATES_END && target % CTX_GATE_SIZE == 0;
}

void verify_begin(struct verification *v, uint32_t offset, uint32_t size,
                  const struct verify_options *options, uint8_t *scratch)
{
    bool whole = size % VERIFY_BUNDLE == 0 && offset % VERIFY_BUNDLE == 0;
    *v = (struct verification){
        .options = options,
        .offset = offset,
        .size = size,
        .starts = scratch,
        .targets = scratch + size / 8,
        .result = {.rule = whole ? VERIFY_FINE : VERIFY_RULE_BUNDLE, .at = offset}};
}

bool verify_part(struct verification *v, const uint8_t *code, uint32_t part)
{
    struct insn in;
    uint32_t len, to = UINT32_MAX, end = v->at + part;
    for (const uint8_t *c = code; v->result.rule == VERIFY_FINE && v->at < end;
         v->at += len, c += len) {
        struct rest r = {c, VERIFY_BUNDLE - v->at % VERIFY_BUNDLE, v->offset + v->at};
        enum verify_rule rule = look_at(&r, v->options, &in, &len);
        v->result.at = r.offset;
        v->result.instructions++;
        if (rule == VERIFY_FINE && in.branches && !branch_fits(v, &in, &to)) {
            rule = VERIFY_RULE_TARGET;
        }
        if (rule == VERIFY_FINE && in.branches && to != UINT32_MAX) {
            if (v->again && !is_marked(v->starts, to)) {
                rule = VERIFY_RULE_TARGET;
            }
            mark(v->targets, to);
        }
        mark(v->starts, v->at);
        v->result.rule = rule;
        if (rule != VERIFY_FINE) {
            break;
        }
    }
    return v->result.rule == VERIFY_FINE;
}

bool verify_fill(struct verification *v, uint32_t len)
{
    if (v->result.rule == VERIFY_FINE) {
        memset(v->starts + v->at / 8, 0xff, len / 8);
        v->at += len;
        v->result.instructions += len;
    }
    return v->result.rule == VERIFY_FINE;
}

bool verify_end(struct verification *v)
{
    if (v->result.rule == VERIFY_FINE && v->at != v->size) {
        v->result = (struct verify_result){.rule = VERIFY_RULE_BUNDLE, .at = v->offset + v->at};
    }
    for (uint32_t i = 0; v->result.rule == VERIFY_FINE && i < v->size / 8; i++) {
        if ((v->targets[i] & ~v->starts[i]) != 0) {
            v->result.rule = VERIFY_RULE_TARGET;
            v->result.at = v->offset + i * 8;
        }
    }
    return v->result.rule == VERIFY_FINE;
}

bool verify_who_branches(struct verification *v)
{
    if (v->result.rule != VERIFY_RULE_TARGET || v->at != v->size) {
        return false;
    }
    v->result.rule = VERIFY_FINE;
    v->again = true;
    v->at = 0;
    return true;
}

bool verify_code(const uint8_t *code, uint32_t size, uint32_t offset,
                 const struct verify_options *options, uint8_t *scratch,
                 struct verify_result *result)
{
    struct verification v;
    verify_begin(&v, offset, size, options, scratch);
    verify_part(&v, code, size);
    if (!verify_end(&v) && verify_who_branches(&v)) {
        verify_part(&v, code, size);
    }
    *result = v.result;
    return result->rule == VERIFY_FINE;
}

uint32_t verify_instruction(const uint8_t *code, uint32_t len, uint32_t offset,
                            const struct verify_options *options, enum verify_rule *rule)
{
    struct rest r = {code, len, offset};
    struct insn in;
    uint32_t nop = len > 0 ? long_nop(&r) : 0;
    if (nop != 0) {
        *rule = VERIFY_FINE;
        return nop;
    }
    *rule = verify_look(&in, code, len, offset, options);
    if (*rule == VERIFY_FINE && in.esp) {
        *rule = VERIFY_RULE_STACK;
    }
    return *rule == VERIFY_FINE ? in.len : 0;
}

const char *verify_rule_name(enum verify_rule rule)
{
    static const char *const names[VERIFY_RULES] = {"fine",   "opcode", "operand", "bundle",
                                                    "target", "base",   "stack",   "entry"};
    return (unsigned)rule < VERIFY_RULES ? names[rule] : "?";
}
