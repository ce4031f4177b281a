/* SPDX-License-Identifier: MIT */
/*
 * Vector registers between apps. Each call begins by writing down all of YMM0-15, before any
 * compiled code runs: nothing of another app may be in there. What it does then, by -D:
 *   FILLER  leaves a pattern in all of them and returns
 *   FAULTER leaves a pattern and faults
 *   HOLDER  holds a pattern while it overstays, and says whether it is still there
 *   SPOILER takes AVX away from everybody, as ring 0 can
 * WIDE: of AVX-512, all of ZMM0-31 and of the masks.
 */
#include "t.h"

#define EACH(M)                                                                                    \
    M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15)
#define TEXT(x) #x
#if defined WIDE
#define WORDS (32 * 8 + 8)
#define MORE(M)                                                                                    \
    M(16) M(17) M(18) M(19) M(20) M(21) M(22) M(23) M(24) M(25) M(26) M(27) M(28) M(29) M(30) M(31)
#define MASKS(M)  M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
#define STORE1(n) "vmovdqu64 %zmm" TEXT(n) ", found + 64 * " TEXT(n) "(%rip)\n"
#define LOAD1(n)  "vmovdqu64 pattern + 64 * " TEXT(n) "(%rip), %zmm" TEXT(n) "\n"
#define STOREK(n) "kmovq %k" TEXT(n) ", found + 64 * 32 + 8 * " TEXT(n) "(%rip)\n"
#define LOADK(n)  "kmovq pattern + 64 * 32 + 8 * " TEXT(n) "(%rip), %k" TEXT(n) "\n"
#define STORE     EACH(STORE1) MORE(STORE1) MASKS(STOREK)
#define LOAD      EACH(LOAD1) MORE(LOAD1) MASKS(LOADK)
#else
#define WORDS     64
#define STORE1(n) "vmovdqu %ymm" TEXT(n) ", found + 32 * " TEXT(n) "(%rip)\n"
#define LOAD1(n)  "vmovdqu pattern + 32 * " TEXT(n) "(%rip), %ymm" TEXT(n) "\n"
#define STORE     EACH(STORE1)
#define LOAD      EACH(LOAD1)
#endif

__attribute__((used)) uint64_t found[WORDS], pattern[WORDS];

__asm__(".text\n.globl _start\n_start:\n" STORE "jmp begin\n"
        ".globl fill\nfill:\n" LOAD "ret\n"
        ".globl hold\nhold:\n" LOAD "1: dec %rdi\njnz 1b\n" STORE "vzeroupper\nret\n");

void fill(void);
void hold(uint64_t turns);
int begin(struct ctx *ctx);

static int differ(const uint64_t *a, const uint64_t *b)
{
    for (int i = 0; i < WORDS; i++) {
        if (a[i] != (b != 0 ? b[i] : 0)) {
            return 1;
        }
    }
    return 0;
}

int begin(struct ctx *ctx)
{
    static int calls, leaks;
    if (differ(found, 0) && leaks++ == 0) {
        say(ctx, "T vectors FAIL another app's registers");
    }
    if (calls++ == 0) {
        for (int i = 0; i < WORDS; i++) {
            pattern[i] = 0x0101010101010101u * (unsigned)(i + 1);
        }
    }
#if defined FILLER
    fill();
#elif defined FAULTER
    if (calls <= 2) {
        fill();
        __asm__ volatile("ud2");
    }
#elif defined HOLDER
    if (calls <= 2) {
        hold(200000000);
        say(ctx, differ(found, pattern) ? "T vectors FAIL registers lost" : "T held");
    }
#elif defined SPOILER
    if (calls == 3) {
        __asm__ volatile("xsetbv" : : "c"(0), "a"(1), "d"(0));
    } else if (calls == 5) {
        uint64_t cr4;
        __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
        __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 & ~(1ull << 18)));
    }
#endif
    return 0;
}
