/* SPDX-License-Identifier: MIT */
/* version 2 (no note): works for a while in its 100th call */
struct ctx {
    unsigned char v, r[7];
    unsigned long ms;
    void (*log)(const char *, unsigned);
    unsigned long pid;
};
int _start(struct ctx *c)
{
    static unsigned long n;
    if (++n == 20) {
        c->log("hog begins", 10);
        for (volatile unsigned long i = 0; i < 600000000ul; i++)
            ;
        c->log("hog ends", 8);
    }
    return 0;
}
