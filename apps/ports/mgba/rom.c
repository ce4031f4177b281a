/* SPDX-License-Identifier: MIT */
/*
 * A cartridge for the Game Boy Advance: the Mandelbrot set, computed a line in each frame, a ball
 * that the keys move over it, and a tone while A is held; START begins the picture anew around the
 * ball. It uses what an emulator can get wrong: both instruction times and widths, interrupts,
 * timers, DMA, sprites over a bitmap, blending, sound, and the BIOS's functions.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned u32;

/* The header: a jump over it, and the two bytes by which it is known. */
__asm__(".globl start\nstart: b begin\n .space 0xae\n .byte 0x96\n .space 0x0d\n"
        "begin: b run\n");

#define IO16(at)     (*(volatile u16 *)(0x04000000 + (at)))
#define IO32(at)     (*(volatile u32 *)(0x04000000 + (at)))
#define PIXELS       ((volatile u16 *)0x06000000)
#define BALL_TILE    ((volatile u16 *)0x06014000) /* sprites begin here in a mode with a bitmap */
#define BALL_COLOURS ((volatile u16 *)0x05000200)
#define SPRITES      ((volatile u16 *)0x07000000)
#define WOKEN        (*(volatile u16 *)0x03007ff8) /* the BIOS waits for bits of it */
#define HANDLER      (*(void (**)(void))0x03007ffc)

enum { WIDTH = 240, HEIGHT = 160, STEPS = 32, ONE = 1 << 12, KEY_A = 1, KEY_START = 8 };

/* In the fast memory; nothing of it is there before run() has written it. */
struct world {
    u32 frames;
    int line, x, y;
    int left, top, step; /* what the picture shows, in 1/ONE */
};
#define world (*(volatile struct world *)0x03000000)

__attribute__((target("arm"))) static void interrupt(void)
{
    IO16(0x202) = 1; /* the vertical blank: seen */
    WOKEN |= 1;
    ++world.frames;
}

static void wait_for_picture(void)
{
    register u32 discard __asm__("r0") = 1, which __asm__("r1") = 1;
    __asm__ volatile("swi 0x50000" : "+r"(discard), "+r"(which) : : "r2", "r3", "memory");
}

static int divide(int a, int b)
{
    register int x __asm__("r0") = a, y __asm__("r1") = b;
    __asm__ volatile("swi 0x60000" : "+r"(x), "+r"(y) : : "r3", "memory");
    return x;
}

static int escapes(int re, int im)
{
    int x = 0, y = 0, n = 0;
    for (; n < STEPS; ++n) {
        int xx = (int)(((long long)x * x) >> 12), yy = (int)(((long long)y * y) >> 12);
        if (xx + yy > 4 * ONE) {
            break;
        }
        y = (int)(((long long)x * y) >> 11) + im;
        x = xx - yy + re;
    }
    return n;
}

static void draw_line(int line)
{
    volatile u16 *row = PIXELS + line * WIDTH;
    for (int x = 0; x < WIDTH; ++x) {
        int n = escapes(world.left + x * world.step, world.top + line * world.step);
        row[x] = n == STEPS ? 0 : (u16)(n | ((n * 3) & 31) << 5 | (31 - n) << 10);
    }
}

/* Everything grey, by DMA; then line after line comes. */
static void around(int x, int y, int step)
{
    static const u16 grey = 0x2108;
    world.left = x - 120 * step;
    world.top = y - 80 * step;
    world.step = step;
    world.line = 0;
    IO32(0xd4) = (u32)&grey;
    IO32(0xd8) = (u32)PIXELS;
    IO32(0xdc) = 0x81000000 | (WIDTH * HEIGHT); /* now, 16 bits, from one place */
}

static void make_ball(void)
{
    for (int i = 0; i < 64; i += 2) { /* 8x8, a byte each, written two at once */
        int dy = 2 * (i >> 3) - 7, dx = 2 * (i & 7) - 7, dx2 = dx + 2;
        BALL_TILE[i >> 1] =
            (u16)((dx * dx + dy * dy < 56 ? 1 : 0) | (dx2 * dx2 + dy * dy < 56 ? 1 : 0) << 8);
    }
    BALL_COLOURS[1] = 0x03ff;
    for (int i = 1; i < 128; ++i) {
        SPRITES[4 * i] = 0x200; /* not shown */
    }
}

static void show_ball(u32 faded)
{
    SPRITES[0] = (u16)((world.y & 255) | (faded ? 0x400 : 0) | 0x2000); /* 256 colours */
    SPRITES[1] = (u16)(world.x & 511);
    SPRITES[2] = 512;
}

__attribute__((noreturn, used)) void run(void)
{
    world.frames = 0;
    world.x = 116;
    world.y = 76;
    HANDLER = interrupt;
    IO16(0x04) = 8;      /* an interrupt at the vertical blank ... */
    IO16(0x200) = 1;     /* ... is let through ... */
    IO16(0x208) = 1;     /* ... as all are */
    IO16(0x00) = 0x1403; /* mode 3, its bitmap, sprites */
    IO16(0x50) = 0x0440; /* a faded ball is half of what is below it */
    IO16(0x52) = 0x0808;
    IO16(0x84) = 0x80; /* sound on, channel 1 on both sides, loud */
    IO16(0x80) = 0x1177;
    IO16(0x82) = 2;
    IO16(0x102) = 0x83; /* timer 0 counts 1,024 cycles; timer 1 its overflows */
    IO16(0x106) = 0x84;
    make_ball();
    around(-ONE / 2, 0, divide(3 * ONE, WIDTH));
    u32 before = 0;
    for (;;) {
        wait_for_picture();
        u32 keys = ~(u32)IO16(0x130) & 0x3ff;
        world.x += (int)(keys >> 4 & 1) - (int)(keys >> 5 & 1);
        world.y += (int)(keys >> 7 & 1) - (int)(keys >> 6 & 1);
        if (keys & ~before & KEY_A) {
            IO16(0x60) = 0;
            IO16(0x62) = 0xf080;
            IO16(0x64) = (u16)(0x8000 | (1024 + 4 * world.x));
        } else if (!(keys & KEY_A)) {
            IO16(0x62) = 0;
        }
        if (keys & ~before & KEY_START) {
            around(world.left + world.x * world.step, world.top + world.y * world.step,
                   divide(world.step * 3, 4));
        }
        before = keys;
        show_ball(keys & KEY_A);
        if (world.line < HEIGHT) {
            draw_line(world.line++);
        }
        /* Below the last line: how much time went by, as the timers see it. */
        PIXELS[159 * WIDTH + (world.frames & 127)] = (u16)(IO16(0x100) ^ IO16(0x104));
    }
}
