/* SPDX-License-Identifier: MIT */
/*
 * hello - the smallest useful app, written as a stranger would: no header, no library, only the
 * first 32 bytes of the Context declared by hand. It greets once and then does nothing sixty times
 * a second.
 *
 *     gcc -O2 -nostdlib -static-pie -fPIE hello.c -o hello.elf
 */
struct ctx {
    unsigned char version, reserved[7];
    unsigned long start_time_ms;
    void (*log)(const char *text, unsigned len);
    unsigned long pid;
};

int _start(struct ctx *ctx);
int _start(struct ctx *ctx)
{
    static int greeted;
    if (!greeted) {
        greeted = 1;
        ctx->log("Hello from an app that knows 32 bytes of its world.", 51);
    }
    return 0;
}
