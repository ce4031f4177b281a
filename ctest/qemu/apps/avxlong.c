/* SPDX-License-Identifier: MIT */
/* holds a YMM register over a call that overstays its budget: are its upper halves kept?
 */
typedef unsigned long u64;
typedef unsigned int u32;
struct ctx {
    unsigned char v, r[7];
    u64 t;
    void (*log)(const char *, u32);
    u64 pid;
};
int spin(u64 n, u64 *out);
__asm__(
    ".text\nspin: vmovdqu pat(%rip),%ymm6\n vmovdqu pat(%rip),%ymm15\n1: dec %rdi\n jnz 1b\n vmovdqu %ymm6,(%rsi)\n vmovdqu %ymm15,32(%rsi)\n vzeroupper\n ret\n"
    ".section .rodata\n.align 32\npat: .quad 0x1111111111111111,0x2222222222222222,0x3333333333333333,0x4444444444444444\n.text\n");
int _start(struct ctx *c)
{
    static int n;
    u64 o[8];
    if (n++ >= 5)
        return 0;
    spin(60000000, o);
    int low =
        o[0] == 0x1111111111111111 && o[1] == 0x2222222222222222 && o[4] == o[0] && o[5] == o[1];
    int high =
        o[2] == 0x3333333333333333 && o[3] == 0x4444444444444444 && o[6] == o[2] && o[7] == o[3];
    if (low && high)
        c->log("YMM KEPT", 8);
    else if (low)
        c->log("YMM UPPER HALVES LOST", 21);
    else
        c->log("XMM LOST TOO", 12);
    return 0;
}
