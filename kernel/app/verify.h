/* SPDX-License-Identifier: MIT */
/*
 * Whether machine code, whatever it does, can touch nothing outside its slot: looked at once before
 * it runs, so that it runs in the kernel's own address space without being watched. Who made the
 * code, and with what, is not asked. kernel/doc/isolation.md has the rules and why they are enough.
 *
 * Pure, and without memory of its own. Slot offsets are those of <ctx/slot.h>.
 */
#ifndef KERNEL_VERIFY_H
#define KERNEL_VERIFY_H

#include <kernel/types.h>

/*
 * Code comes in bundles of so many bytes, which no instruction and no group of instructions
 * crosses. A multiple of it is all that a computed branch can reach.
 */
#define VERIFY_BUNDLE 32u

/* What fills executable pages around a file's bytes: an instruction of one byte that harms nobody,
 * where zeros would be one that stores. */
#define VERIFY_FILL 0xccu

/* rsp plus or minus so many bytes is in the slot or in the unmapped pages around it. */
#define VERIFY_STACK_REACH 32768

/* Which rule code breaks. */
enum verify_rule {
    VERIFY_FINE = 0,
    VERIFY_RULE_OPCODE,  /* an instruction, or a form of one, that is not on the list */
    VERIFY_RULE_OPERAND, /* memory that may lie outside the slot */
    VERIFY_RULE_BUNDLE,  /* an instruction that goes on behind its bundle */
    VERIFY_RULE_TARGET,  /* a branch to where no instruction begins, and no gate */
    VERIFY_RULE_BASE,    /* a computed branch or a string instruction without the slot's base */
    VERIFY_RULE_STACK,   /* a change of rsp without the base, and without a probe */
    VERIFY_RULE_ENTRY,   /* a function handed to the kernel that does not begin a bundle */
    VERIFY_RULES
};

struct verify_options {
    bool rdtsc; /* it may read the time stamp counter */
};

struct verify_result {
    enum verify_rule rule; /* FINE: the code is verified */
    uint32_t at;           /* which instruction broke it: offset in the slot */
    uint32_t instructions; /* how many were looked at */
};

/* How many bytes of scratch memory verify_code() needs for so much code. */
static inline uint64_t verify_scratch_bytes(uint32_t size)
{
    return 2 * (uint64_t)(size / 8);
}

/* A segment of code that is looked at, one part after the other. */
struct verification {
    const struct verify_options *options;
    uint32_t offset, size; /* of all of it */
    uint32_t at;           /* how much of it was looked at */
    bool again;            /* verify_who_branches() */
    uint8_t *starts;       /* a bit for each byte: where an instruction or a group begins */
    uint8_t *targets;      /* where branches go */
    struct verify_result result;
};

/*
 * Look at code as it will lie in the slot at offset; offset and size are multiples of
 * VERIFY_BUNDLE, and so are the beginnings of all executable memory of the slot and the lengths of
 * all parts. scratch: verify_scratch_bytes(size), all zero; it is used up. v->result has what is
 * wrong first; false: something is.
 */
void verify_begin(struct verification *v, uint32_t offset, uint32_t size,
                  const struct verify_options *options, uint8_t *scratch);
bool verify_part(struct verification *v, const uint8_t *code, uint32_t len);
bool verify_end(struct verification *v);

/*
 * A part that holds nothing but VERIFY_FILL, without looking at each byte: a file of a few bytes
 * may ask for as much of it as a slot has room for.
 */
bool verify_fill(struct verification *v, uint32_t len);

/*
 * After verify_end() found that some branch goes to where nothing begins, and only knows that
 * place: true, and the same parts once more make verify_part() stop at the branch.
 */
bool verify_who_branches(struct verification *v);

/* All in one part. True: fine. */
bool verify_code(const uint8_t *code, uint32_t size, uint32_t offset,
                 const struct verify_options *options, uint8_t *scratch,
                 struct verify_result *result);

/*
 * One instruction, outside any group, at an offset in the slot, of which len bytes are there: its
 * length, 0 if it is not allowed, and then *rule says why. For tests that compare it with other
 * decoders.
 */
uint32_t verify_instruction(const uint8_t *code, uint32_t len, uint32_t offset,
                            const struct verify_options *options, enum verify_rule *rule);

/* "opcode", "operand" ...; "fine" for FINE. */
const char *verify_rule_name(enum verify_rule rule);

#endif
