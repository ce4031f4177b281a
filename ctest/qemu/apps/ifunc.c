/* SPDX-License-Identifier: MIT */
typedef unsigned long u64;
typedef unsigned int u32;
struct ctx {
    unsigned char v, r[7];
    u64 t;
    void (*log)(const char *, u32);
    u64 pid;
};
static int impl_a(int x)
{
    return x * 3;
}
static int (*pick(void))(int)
{
    return impl_a;
}
static int chosen(int) __attribute__((ifunc("pick")));
int _start(struct ctx *c)
{
    static int n;
    if (!n++)
        c->log(chosen(14) == 42 ? "GOOD" : "WRONG", 5);
    return 0;
}
