/* SPDX-License-Identifier: MIT */
typedef unsigned long u64;
typedef unsigned int u32;
struct ctx {
    unsigned char v, r[7];
    u64 t;
    void (*log)(const char *, u32);
    u64 pid;
};
static int ready;
__attribute__((constructor)) static void begin(void)
{
    ready = 7;
}
int _start(struct ctx *c)
{
    static int n;
    if (!n++)
        c->log(ready == 7 ? "CTOR RAN" : "CTOR DID NOT RUN", ready == 7 ? 8 : 16);
    return 0;
}
