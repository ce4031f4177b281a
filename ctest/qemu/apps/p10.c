/* SPDX-License-Identifier: MIT */
/* Profile 10: SSE2, 128 KiB of stack, and the red zone survives interrupts. */
#include "t.h"

static u64 calls;

/* Keeps a value below the stack pointer for a while. */
__asm__(".text\n"
        "redzone:\n"
        "    mov %rdi, -8(%rsp)\n"
        "    mov %rdi, -64(%rsp)\n"
        "    mov %rdi, -128(%rsp)\n"
        "1:  cmp %rdi, -8(%rsp)\n"
        "    jne 2f\n"
        "    cmp %rdi, -64(%rsp)\n"
        "    jne 2f\n"
        "    cmp %rdi, -128(%rsp)\n"
        "    jne 2f\n"
        "    dec %rsi\n"
        "    jnz 1b\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        "2:  mov $1, %eax\n"
        "    ret\n");
int redzone(u64 value, u64 rounds);

__attribute__((noinline)) static u64 deep(volatile u8 *from, u64 n)
{
    volatile u8 block[120 * 1024];
    for (u64 i = 0; i < sizeof block; i += 512) {
        block[i] = (u8)(i >> 9);
    }
    u64 bad = 0;
    for (u64 i = 0; i < sizeof block; i += 512) {
        bad += block[i] != (u8)(i >> 9);
    }
    return bad + *from + n;
}

int32_t _start(struct ctx *ctx)
{
    if (++calls > 3) {
        return 0;
    }
    volatile u8 zero = 0;
    T_CHECK("p10", deep(&zero, 0) == 0, calls);
    volatile double x = 3.0, y = 0.5;
    T_CHECK("p10", x * y == 1.5, calls);
    u64 a[2] __attribute__((aligned(16))) = {1, 2}, b[2] __attribute__((aligned(16))) = {40, 50};
    __asm__ volatile("movdqa %0, %%xmm7; paddq %1, %%xmm7; movdqa %%xmm7, %0"
                     : "+m"(a)
                     : "m"(b)
                     : "xmm7");
    T_CHECK("p10", a[0] == 41 && a[1] == 52, a[0]);
    T_CHECK("p10", redzone(0x5aa55aa512345678, 5000000) == 0, calls);
    if (calls == 3) {
        t_ok(ctx, "p10");
    }
    return 0;
}
