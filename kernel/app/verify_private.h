/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the verifier know of each other: verify_opcodes.c has the instructions,
 * verify_insn.c takes one apart and looks at it alone, verify.c at groups of them and at all code.
 */
#ifndef KERNEL_VERIFY_PRIVATE_H
#define KERNEL_VERIFY_PRIVATE_H

#include "verify.h"

#define INSN_LONGEST 15u /* SDM 2, 2.3.11 */
#define RSP          4u
#define NOTHING      0xffu /* no such register */

/* What an instruction is made of, and what it changes. */
#define KNOWN   (1u << 0)
#define MODRM   (1u << 1 | KNOWN)
#define IMM8    (1u << 2 | KNOWN)
#define IMMZ    (1u << 3 | KNOWN) /* 2 or 4 bytes, as the operand's size says */
#define TO_RM   (1u << 4)         /* changes its r/m operand */
#define TO_REG  (1u << 5)         /* changes its reg operand */
#define TO_VVVV (1u << 6)         /* changes the general register that VEX.vvvv names */
#define RM_GP   (1u << 7)         /* r/m, if it is a register, is a general one */
#define REG_GP  (1u << 8)         /* and reg */
#define BYTES   (1u << 9)         /* general registers are the bytes of them */
#define LOCK    (1u << 10)        /* LOCK is allowed if it is memory that changes */
#define MEM     (1u << 11)        /* r/m is memory, always */
#define REG     (1u << 12)        /* r/m is a register, always */
#define UNUSED  (1u << 13)        /* r/m names memory that it does not touch */
#define FORMS   (1u << 14)        /* refine() has more to say */
#define SIZE16  (1u << 15)        /* 66 is the operand's size, beside F2 or F3 */
#define NP      (1u << 16)        /* allowed without prefix */
#define P66     (1u << 17)        /* ... with 66 */
#define PF3     (1u << 18)
#define PF2     (1u << 19)
/* of instructions with VEX only */
#define THREE     (1u << 20) /* vvvv is an operand; else it must be 1111 */
#define THREE_REG (1u << 21) /* ... only if r/m is a register */
#define L0        (1u << 22) /* VEX.L must be 0 */
#define L1        (1u << 23)
#define W0        (1u << 24)
#define W1        (1u << 25)
#define SCALAR    (PF3 | PF2)
#define PACKED    (NP | P66)
#define ANY       (PACKED | SCALAR)
#define GP        (MODRM | RM_GP | REG_GP)
#define GP16      (GP | PACKED) /* general registers of any size */

/* Of x87, by opcode - 0xd8: see verify_opcodes.c. */
extern const uint8_t x87_memory[8], x87_stores[8];
extern const uint64_t x87_registers[8];

enum map { ONE_BYTE, MAP_0F, MAP_0F38, MAP_0F3A };

struct insn {
    const uint8_t *code;
    uint32_t have, len; /* bytes that are there; that it has */
    bool cut;           /* it wanted more */

    bool opsize, addr32, gs, lock, rep, repne; /* prefixes */
    bool rex, wide, vex;
    uint8_t rex_r, rex_x, rex_b; /* 8 or 0 */
    uint8_t vvvv, l;
    enum map map;
    uint8_t opcode;
    uint32_t what;

    uint8_t modrm, mod, ext; /* ext: ModRM.reg as it stands there */
    uint8_t reg, rm;         /* registers; rm only if mod is 3 */
    uint8_t base, index;     /* of memory */
    bool rip;
    int32_t disp;
    uint32_t imm_bytes;

    bool branches; /* relative to its end */
    int32_t distance;
    bool esp; /* it writes esp, and may if the base follows */
};

static inline bool is_memory(const struct insn *in)
{
    return (in->what & MODRM & ~KNOWN) != 0 && in->mod != 3;
}

/* What the lists have of an instruction, once its opcode is known; pp: what VEX says of prefixes.
 * 0: nothing, so it is refused. (verify_opcodes.c) */
uint32_t verify_look_up(const struct insn *in);
uint32_t verify_look_up_vex(const struct insn *in, uint8_t pp);

/*
 * Take one instruction apart, of which have bytes are there, and look at it on its own.
 * (verify_insn.c)
 */
enum verify_rule verify_look(struct insn *in, const uint8_t *code, uint32_t have, uint32_t offset,
                             const struct verify_options *options);

#endif
