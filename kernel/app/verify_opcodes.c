/* SPDX-License-Identifier: MIT */
/*
 * The instructions that verified code may have: all of them. What is not here is refused; there is
 * none that is known and forbidden. Opcodes are those of SDM 2, appendix A.
 */
#include "verify_private.h"

/* Attributes are sums that share bits: each says KNOWN. */
/* NOLINTBEGIN(misc-redundant-expression) */

#define ALU(b)                                                                                     \
    [b] = GP | TO_RM | BYTES | LOCK, [(b) + 1] = GP | TO_RM | LOCK,                                \
    [(b) + 2] = GP | TO_REG | BYTES, [(b) + 3] = GP | TO_REG, [(b) + 4] = IMM8, [(b) + 5] = IMMZ

/* Opcodes of one byte. Prefixes F2 and F3 are none of theirs but where look_up() says so. */
/* clang-format off */
static const uint32_t one_byte[256] = {
    ALU(0x00), ALU(0x08), ALU(0x10), ALU(0x18), ALU(0x20), ALU(0x28), ALU(0x30), /* ADD ... XOR */
    [0x38] = GP | BYTES, [0x39] = GP, [0x3a] = GP | BYTES, [0x3b] = GP, /* CMP */
    [0x3c] = IMM8, [0x3d] = IMMZ, [0x50 ... 0x5f] = KNOWN | FORMS, /* PUSH, POP */
    [0x63] = GP | TO_REG, /* MOVSXD */
    [0x68] = IMMZ | FORMS, [0x6a] = IMM8 | FORMS, /* PUSH */
    [0x69] = GP | TO_REG | IMMZ, [0x6b] = GP | TO_REG | IMM8, /* IMUL */
    [0x70 ... 0x7f] = KNOWN | FORMS, /* Jcc */
    [0x80] = MODRM | RM_GP | TO_RM | IMM8 | BYTES | LOCK | FORMS,
    [0x81] = MODRM | RM_GP | TO_RM | IMMZ | LOCK | FORMS,
    [0x83] = MODRM | RM_GP | TO_RM | IMM8 | LOCK | FORMS, [0x84] = GP | BYTES, [0x85] = GP, /* TEST */
    [0x86] = GP | TO_RM | TO_REG | BYTES | LOCK, [0x87] = GP | TO_RM | TO_REG | LOCK, /* XCHG */
    [0x88] = GP | TO_RM | BYTES, [0x89] = GP | TO_RM, /* MOV */
    [0x8a] = GP | TO_REG | BYTES, [0x8b] = GP | TO_REG,
    [0x8d] = MODRM | REG_GP | TO_REG | MEM | UNUSED, /* LEA */
    [0x8f] = MODRM | RM_GP | TO_RM | FORMS, /* POP */
    [0x90] = KNOWN, [0x91 ... 0x97] = KNOWN | FORMS, /* NOP, PAUSE, XCHG with rax */
    [0x98] = KNOWN, [0x99] = KNOWN, /* CWDE, CDQ */
    [0x9e] = KNOWN, [0x9f] = KNOWN, /* SAHF, LAHF */
    [0xa8] = IMM8, [0xa9] = IMMZ, /* TEST */
    [0xb0 ... 0xb7] = IMM8 | FORMS, [0xb8 ... 0xbf] = KNOWN | FORMS, /* MOV */
    [0xc0] = MODRM | RM_GP | TO_RM | IMM8 | BYTES | FORMS, /* rotate, shift */
    [0xc1] = MODRM | RM_GP | TO_RM | IMM8 | FORMS,
    [0xc6] = MODRM | RM_GP | TO_RM | IMM8 | BYTES | FORMS, /* MOV */
    [0xc7] = MODRM | RM_GP | TO_RM | IMMZ | FORMS, [0xcc] = KNOWN, /* INT3 */
    [0xd0] = MODRM | RM_GP | TO_RM | BYTES | FORMS, [0xd1] = MODRM | RM_GP | TO_RM | FORMS,
    [0xd2] = MODRM | RM_GP | TO_RM | BYTES | FORMS, [0xd3] = MODRM | RM_GP | TO_RM | FORMS,
    [0xd8 ... 0xdf] = MODRM | FORMS, /* x87 */
    [0xe3] = KNOWN | FORMS, /* JRCXZ */
    [0xe8] = KNOWN | FORMS, [0xe9] = KNOWN | FORMS, [0xeb] = KNOWN | FORMS, /* CALL, JMP */
    [0xf5] = KNOWN, /* CMC */
    [0xf6] = MODRM | RM_GP | BYTES | LOCK | FORMS, [0xf7] = MODRM | RM_GP | LOCK | FORMS,
    [0xf8] = KNOWN, [0xf9] = KNOWN, [0xfc] = KNOWN, /* CLC, STC, CLD */
    [0xfe] = MODRM | RM_GP | TO_RM | BYTES | LOCK | FORMS, /* INC, DEC */
    [0xff] = MODRM | RM_GP | LOCK | FORMS,
};
/* clang-format on */

#define SSE MODRM
#define MMX (MODRM | PACKED)

/* Opcodes behind 0F. */
/* clang-format off */
static const uint32_t two_byte[256] = {
    [0x0b] = KNOWN | NP, /* UD2 */
    [0x0d] = MODRM | MEM | NP | FORMS, /* PREFETCHW */
    [0x10] = SSE | ANY, [0x11] = SSE | ANY | TO_RM, [0x12] = SSE | ANY | FORMS,
    [0x13] = SSE | PACKED | TO_RM | MEM, [0x14] = SSE | PACKED, [0x15] = SSE | PACKED,
    [0x16] = SSE | PACKED | PF3 | FORMS, [0x17] = SSE | PACKED | TO_RM | MEM,
    [0x18] = MODRM | MEM | NP | FORMS, /* PREFETCHh */
    [0x1e] = MODRM | UNUSED | PF3 | FORMS, /* ENDBR64 */
    [0x1f] = MODRM | RM_GP | UNUSED | PACKED | FORMS, /* NOP */
    [0x28] = SSE | PACKED, [0x29] = SSE | PACKED | TO_RM, [0x2a] = SSE | ANY | RM_GP,
    [0x2b] = SSE | PACKED | TO_RM | MEM, [0x2c] = SSE | ANY | REG_GP | TO_REG,
    [0x2d] = SSE | ANY | REG_GP | TO_REG, [0x2e] = SSE | PACKED, [0x2f] = SSE | PACKED,
    [0x31] = KNOWN | NP | FORMS, /* RDTSC */
    [0x40 ... 0x4f] = GP16 | TO_REG, /* CMOVcc */
    [0x50] = SSE | PACKED | REG | REG_GP | TO_REG, /* MOVMSKPS */
    [0x51] = SSE | ANY, [0x52 ... 0x53] = SSE | NP | PF3, [0x54 ... 0x57] = SSE | PACKED,
    [0x58 ... 0x5a] = SSE | ANY, [0x5b] = SSE | PACKED | PF3, [0x5c ... 0x5f] = SSE | ANY,
    [0x60 ... 0x6b] = MMX, [0x6c ... 0x6d] = SSE | P66, [0x6e] = MMX | RM_GP,
    [0x6f] = MMX | PF3, [0x70] = SSE | ANY | IMM8, [0x71 ... 0x73] = MMX | IMM8 | REG | FORMS,
    [0x74 ... 0x76] = MMX, [0x77] = KNOWN | NP, /* PCMPEQ, EMMS */
    [0x7c ... 0x7d] = SSE | P66 | PF2, [0x7e] = MMX | PF3 | FORMS, [0x7f] = MMX | PF3 | TO_RM,
    [0x80 ... 0x8f] = KNOWN | NP | FORMS, /* Jcc */
    [0x90 ... 0x9f] = MODRM | RM_GP | TO_RM | BYTES | NP, /* SETcc */
    [0xa3] = GP16 | REG, [0xab] = GP16 | REG | TO_RM, /* BT, BTS: of memory, a bit */
    [0xb3] = GP16 | REG | TO_RM, [0xbb] = GP16 | REG | TO_RM, /* may be anywhere */
    [0xa4] = GP16 | TO_RM | IMM8, [0xa5] = GP16 | TO_RM, /* SHLD */
    [0xac] = GP16 | TO_RM | IMM8, [0xad] = GP16 | TO_RM, /* SHRD */
    [0xae] = MODRM | NP | FORMS, [0xaf] = GP16 | TO_REG, /* IMUL */
    [0xb0] = GP | NP | TO_RM | BYTES | LOCK, [0xb1] = GP16 | TO_RM | LOCK, /* CMPXCHG */
    [0xb6] = GP16 | TO_REG, [0xb7] = GP16 | TO_REG, /* MOVZX */
    [0xbe] = GP16 | TO_REG, [0xbf] = GP16 | TO_REG, /* MOVSX */
    [0xb8] = GP | TO_REG | PF3 | SIZE16, /* POPCNT */
    [0xba] = MODRM | RM_GP | PACKED | TO_RM | IMM8 | LOCK | FORMS, /* BT ... with a number */
    [0xbc] = GP16 | PF3 | TO_REG | SIZE16, [0xbd] = GP16 | PF3 | TO_REG | SIZE16,
    [0xc0] = GP | NP | TO_RM | TO_REG | BYTES | LOCK, [0xc1] = GP16 | TO_RM | TO_REG | LOCK,
    [0xc2] = SSE | ANY | IMM8, [0xc3] = GP | NP | TO_RM | MEM, /* MOVNTI */
    [0xc4] = MMX | IMM8 | RM_GP, [0xc5] = MMX | IMM8 | REG | REG_GP | TO_REG,
    [0xc6] = SSE | PACKED | IMM8, [0xc7] = MODRM | NP | MEM | TO_RM | LOCK | FORMS,
    /* CMPXCHG8B, 16B */
    [0xc8 ... 0xcf] = KNOWN | NP | FORMS, /* BSWAP */
    [0xd0] = SSE | P66 | PF2, [0xd1 ... 0xd5] = MMX, [0xd6] = SSE | P66 | TO_RM,
    [0xd7] = MMX | REG | REG_GP | TO_REG, [0xd8 ... 0xe5] = MMX, [0xe6] = SSE | P66 | SCALAR,
    [0xe7] = MMX | TO_RM | MEM, [0xe8 ... 0xef] = MMX, [0xf0] = SSE | PF2 | MEM,
    [0xf1 ... 0xf6] = MMX, [0xf8 ... 0xfe] = MMX, /* F7 stores by rdi */
};
/* clang-format on */

/* Opcodes of the other maps: in ascending order for each map; some stand there more than once. */
struct listed {
    uint8_t first, last;
    uint32_t what;
};

/* clang-format off */
static const struct listed map_0f38[] = {
    {0x00, 0x0b, MMX}, {0x10, 0x10, SSE | P66}, {0x14, 0x15, SSE | P66}, {0x17, 0x17, SSE | P66},
    {0x1c, 0x1e, MMX}, {0x20, 0x25, SSE | P66}, {0x28, 0x29, SSE | P66},
    {0x2a, 0x2a, SSE | P66 | MEM}, {0x2b, 0x2b, SSE | P66}, {0x30, 0x35, SSE | P66},
    {0x37, 0x41, SSE | P66}, {0xc8, 0xcd, SSE | NP}, {0xdb, 0xdf, SSE | P66},
    {0xf0, 0xf0, GP16 | MEM | TO_REG}, {0xf1, 0xf1, GP16 | MEM | TO_RM}, /* MOVBE */
    {0xf0, 0xf1, GP | PF2 | TO_REG | SIZE16}, /* CRC32 */
    {0xf6, 0xf6, GP | P66 | PF3 | TO_REG}, /* ADCX, ADOX */
};

static const struct listed map_0f3a[] = {
    {0x08, 0x0e, SSE | P66 | IMM8}, {0x0f, 0x0f, MMX | IMM8},
    {0x14, 0x17, SSE | P66 | IMM8 | TO_RM | RM_GP}, {0x20, 0x20, SSE | P66 | IMM8 | RM_GP},
    {0x21, 0x21, SSE | P66 | IMM8}, {0x22, 0x22, SSE | P66 | IMM8 | RM_GP},
    {0x40, 0x42, SSE | P66 | IMM8}, {0x44, 0x44, SSE | P66 | IMM8}, {0x60, 0x63, SSE | P66 | IMM8},
    {0xcc, 0xcc, SSE | NP | IMM8}, {0xdf, 0xdf, SSE | P66 | IMM8},
};

#define VEX2 SSE           /* two operands */
#define VEX3 (SSE | THREE) /* three */

static const struct listed vex_0f[] = {
    {0x10, 0x10, VEX2 | PACKED}, {0x10, 0x10, VEX2 | SCALAR | THREE_REG},
    {0x11, 0x11, VEX2 | PACKED | TO_RM}, {0x11, 0x11, VEX2 | SCALAR | THREE_REG | TO_RM},
    {0x12, 0x12, VEX3 | NP | L0}, {0x12, 0x12, VEX3 | P66 | L0 | MEM}, {0x12, 0x12, VEX2 | SCALAR},
    {0x13, 0x13, VEX2 | PACKED | L0 | MEM | TO_RM}, {0x14, 0x15, VEX3 | PACKED},
    {0x16, 0x16, VEX3 | NP | L0}, {0x16, 0x16, VEX3 | P66 | L0 | MEM}, {0x16, 0x16, VEX2 | PF3},
    {0x17, 0x17, VEX2 | PACKED | L0 | MEM | TO_RM}, {0x28, 0x28, VEX2 | PACKED},
    {0x29, 0x29, VEX2 | PACKED | TO_RM}, {0x2a, 0x2a, VEX3 | SCALAR | RM_GP},
    {0x2b, 0x2b, VEX2 | PACKED | MEM | TO_RM}, {0x2c, 0x2d, VEX2 | SCALAR | REG_GP | TO_REG},
    {0x2e, 0x2f, VEX2 | PACKED}, {0x50, 0x50, VEX2 | PACKED | REG | REG_GP | TO_REG},
    {0x51, 0x51, VEX2 | PACKED}, {0x51, 0x51, VEX3 | SCALAR}, {0x52, 0x53, VEX2 | NP},
    {0x52, 0x53, VEX3 | PF3}, {0x54, 0x57, VEX3 | PACKED}, {0x58, 0x59, VEX3 | ANY},
    {0x5a, 0x5a, VEX2 | PACKED}, {0x5a, 0x5a, VEX3 | SCALAR}, {0x5b, 0x5b, VEX2 | PACKED | PF3},
    {0x5c, 0x5f, VEX3 | ANY}, {0x60, 0x6d, VEX3 | P66}, {0x6e, 0x6e, VEX2 | P66 | L0 | RM_GP},
    {0x6f, 0x6f, VEX2 | P66 | PF3}, {0x70, 0x70, VEX2 | P66 | SCALAR | IMM8},
    {0x71, 0x73, VEX3 | P66 | IMM8 | REG | FORMS}, {0x74, 0x76, VEX3 | P66},
    {0x77, 0x77, KNOWN | NP}, {0x7c, 0x7d, VEX3 | P66 | PF2},
    {0x7e, 0x7e, VEX2 | P66 | L0 | RM_GP | TO_RM}, {0x7e, 0x7e, VEX2 | PF3 | L0},
    {0x7f, 0x7f, VEX2 | P66 | PF3 | TO_RM}, {0xc2, 0xc2, VEX3 | ANY | IMM8},
    {0xc4, 0xc4, VEX3 | P66 | L0 | IMM8 | RM_GP},
    {0xc5, 0xc5, VEX2 | P66 | L0 | IMM8 | REG | REG_GP | TO_REG},
    {0xc6, 0xc6, VEX3 | PACKED | IMM8}, {0xd0, 0xd0, VEX3 | P66 | PF2}, {0xd1, 0xd5, VEX3 | P66},
    {0xd6, 0xd6, VEX2 | P66 | L0 | TO_RM}, {0xd7, 0xd7, VEX2 | P66 | REG | REG_GP | TO_REG},
    {0xd8, 0xe5, VEX3 | P66}, {0xe6, 0xe6, VEX2 | P66 | SCALAR},
    {0xe7, 0xe7, VEX2 | P66 | MEM | TO_RM}, {0xe8, 0xef, VEX3 | P66},
    {0xf0, 0xf0, VEX2 | PF2 | MEM}, {0xf1, 0xf6, VEX3 | P66}, {0xf8, 0xfe, VEX3 | P66},
};

static const struct listed vex_0f38[] = {
    {0x00, 0x0b, VEX3 | P66}, {0x0c, 0x0d, VEX3 | P66 | W0}, {0x0e, 0x0f, VEX2 | P66 | W0},
    {0x13, 0x13, VEX2 | P66 | W0}, {0x16, 0x16, VEX3 | P66 | W0 | L1}, {0x17, 0x17, VEX2 | P66},
    {0x18, 0x18, VEX2 | P66 | W0}, {0x19, 0x19, VEX2 | P66 | W0 | L1},
    {0x1a, 0x1a, VEX2 | P66 | W0 | L1 | MEM}, {0x1c, 0x1e, VEX2 | P66}, {0x20, 0x25, VEX2 | P66},
    {0x28, 0x29, VEX3 | P66}, {0x2a, 0x2a, VEX2 | P66 | MEM}, {0x2b, 0x2b, VEX3 | P66},
    {0x2c, 0x2d, VEX3 | P66 | W0 | MEM}, {0x2e, 0x2f, VEX3 | P66 | W0 | MEM | TO_RM},
    {0x30, 0x35, VEX2 | P66}, {0x36, 0x36, VEX3 | P66 | W0 | L1}, {0x37, 0x40, VEX3 | P66},
    {0x41, 0x41, VEX2 | P66 | L0}, {0x45, 0x45, VEX3 | P66}, {0x46, 0x46, VEX3 | P66 | W0},
    {0x47, 0x47, VEX3 | P66}, {0x58, 0x59, VEX2 | P66 | W0},
    {0x5a, 0x5a, VEX2 | P66 | W0 | L1 | MEM}, {0x78, 0x79, VEX2 | P66 | W0},
    {0x8c, 0x8c, VEX3 | P66 | MEM}, {0x8e, 0x8e, VEX3 | P66 | MEM | TO_RM},
    {0x96, 0x9f, VEX3 | P66}, {0xa6, 0xaf, VEX3 | P66}, {0xb6, 0xbf, VEX3 | P66}, /* FMA */
    {0xdb, 0xdb, VEX2 | P66 | L0}, {0xdc, 0xdf, VEX3 | P66}, /* AES */
    {0xf2, 0xf2, GP | THREE | NP | L0 | TO_REG}, /* ANDN */
    {0xf3, 0xf3, MODRM | RM_GP | THREE | NP | L0 | TO_VVVV | FORMS}, /* BLSR ... */
    {0xf5, 0xf5, GP | THREE | NP | SCALAR | L0 | TO_REG}, /* BZHI, PEXT, PDEP */
    {0xf6, 0xf6, GP | THREE | PF2 | L0 | TO_REG | TO_VVVV}, /* MULX */
    {0xf7, 0xf7, GP | THREE | ANY | L0 | TO_REG}, /* BEXTR, SHLX ... */
};

static const struct listed vex_0f3a[] = {
    {0x00, 0x01, VEX2 | P66 | IMM8 | W1 | L1}, {0x02, 0x02, VEX3 | P66 | IMM8 | W0},
    {0x04, 0x05, VEX2 | P66 | IMM8 | W0}, {0x06, 0x06, VEX3 | P66 | IMM8 | W0 | L1},
    {0x08, 0x09, VEX2 | P66 | IMM8}, {0x0a, 0x0f, VEX3 | P66 | IMM8},
    {0x14, 0x17, VEX2 | P66 | IMM8 | L0 | RM_GP | TO_RM},
    {0x18, 0x18, VEX3 | P66 | IMM8 | W0 | L1}, {0x19, 0x19, VEX2 | P66 | IMM8 | W0 | L1 | TO_RM},
    {0x1d, 0x1d, VEX2 | P66 | IMM8 | W0 | TO_RM}, {0x20, 0x20, VEX3 | P66 | IMM8 | L0 | RM_GP},
    {0x21, 0x21, VEX3 | P66 | IMM8 | L0}, {0x22, 0x22, VEX3 | P66 | IMM8 | L0 | RM_GP},
    {0x38, 0x38, VEX3 | P66 | IMM8 | W0 | L1}, {0x39, 0x39, VEX2 | P66 | IMM8 | W0 | L1 | TO_RM},
    {0x40, 0x40, VEX3 | P66 | IMM8}, {0x41, 0x41, VEX3 | P66 | IMM8 | L0},
    {0x42, 0x42, VEX3 | P66 | IMM8}, {0x44, 0x44, VEX3 | P66 | IMM8},
    {0x46, 0x46, VEX3 | P66 | IMM8 | W0 | L1}, {0x4a, 0x4c, VEX3 | P66 | IMM8 | W0},
    {0x60, 0x63, VEX2 | P66 | IMM8 | L0}, {0xdf, 0xdf, VEX2 | P66 | IMM8 | L0},
    {0xf0, 0xf0, GP | PF2 | IMM8 | L0 | TO_REG}, /* RORX */
};
/* clang-format on */

/*
 * x87, by opcode - 0xd8. Of memory: which extensions are allowed, and which of them store. Left out
 * are FLDENV, FNSTENV, FRSTOR, FNSAVE, whose operand is larger than the room behind a slot that a
 * check may forget about, and which set more than an app may. Of registers: the bytes C0 .. FF.
 */
const uint8_t x87_memory[8] = {0xff, 0xad, 0xff, 0xaf, 0xff, 0x8f, 0xff, 0xff};
const uint8_t x87_stores[8] = {0, 0x8c, 0, 0x8e, 0, 0x8e, 0, 0xce};
const uint64_t x87_registers[8] = {
    UINT64_MAX,         /* D8: arithmetic */
    0xffff7f330001ffff, /* D9: FLD FXCH FNOP; FCHS FABS FTST FXAM, constants, functions */
    0x00000200ffffffff, /* DA: FCMOV, FUCOMPP */
    0x00ffff0cffffffff, /* DB: FCMOV, FNCLEX FNINIT, FUCOMI FCOMI */
    0xffffffff0000ffff, /* DC: arithmetic */
    0x0000ffffffff00ff, /* DD: FFREE, FST FSTP, FUCOM FUCOMP */
    0xffffffff0200ffff, /* DE: arithmetic, FCOMPP */
    0x00ffff0100000000, /* DF: FNSTSW, FUCOMIP FCOMIP */
};

/* NOLINTEND(misc-redundant-expression) */

static uint32_t find(const struct listed *list, size_t count, uint8_t opcode, uint32_t prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (opcode >= list[i].first && opcode <= list[i].last && (list[i].what & prefix) != 0) {
            return list[i].what;
        }
    }
    return 0;
}

#define FIND(list, in, prefix) find(list, ARRAY_COUNT(list), (in)->opcode, prefix)

/* What the lists have of an instruction with VEX; 0: nothing. */
uint32_t verify_look_up_vex(const struct insn *in, uint8_t pp)
{
    static const uint32_t prefixes[4] = {NP, P66, PF3, PF2};
    uint32_t what = in->map == MAP_0F     ? FIND(vex_0f, in, prefixes[pp])
                    : in->map == MAP_0F38 ? FIND(vex_0f38, in, prefixes[pp])
                                          : FIND(vex_0f3a, in, prefixes[pp]);
    bool size = ((what & L0) == 0 || in->l == 0) && ((what & L1) == 0 || in->l == 1) &&
                ((what & W0) == 0 || !in->wide) && ((what & W1) == 0 || in->wide);
    return size ? what : 0;
}

/* And without. */
uint32_t verify_look_up(const struct insn *in)
{
    bool repeats = in->rep || in->repne;
    if (in->map == ONE_BYTE) {
        /* 66 beside REX.W: processors disagree about how long what follows is, or did. */
        bool fits = !(in->opsize && in->wide) &&
                    (!repeats || (in->rep && in->opcode == 0x90 && !in->rex && !in->opsize));
        return fits ? one_byte[in->opcode] : 0;
    }
    uint32_t prefix = in->rep ? PF3 : in->repne ? PF2 : in->opsize ? P66 : NP;
    uint32_t what = in->map == MAP_0F     ? two_byte[in->opcode]
                    : in->map == MAP_0F38 ? FIND(map_0f38, in, prefix)
                                          : FIND(map_0f3a, in, prefix);
    bool fits = (what & prefix) != 0 && (!(in->opsize && repeats) || (what & SIZE16) != 0);
    return fits ? what : 0;
}
