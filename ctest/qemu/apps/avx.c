/* SPDX-License-Identifier: MIT */
typedef unsigned long u64;
typedef unsigned int u32;
struct ctx {
    unsigned char v, r[7];
    u64 t;
    void (*log)(const char *, u32);
    u64 pid;
};
static float a[256], b[256], c[256];
int _start(struct ctx *x)
{
    static int n;
    if (!n++) {
        for (int i = 0; i < 256; i++) {
            a[i] = i;
            b[i] = 2 * i;
        }
        for (int i = 0; i < 256; i++)
            c[i] += a[i] * b[i] + 1;
        x->log(c[10] == 201.0f ? "GOOD AVX" : "WRONG AVX", 9);
    }
    return 0;
}
