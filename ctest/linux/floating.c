/* SPDX-License-Identifier: MIT */
/*
 * What <fenv.h> does, told line by line: a plain build has picolibc's, a verified one that of
 * libctx/c/verified, and isolation.py compares them. Flags are raised by SSE and by the x87.
 */
#include <fenv.h>
#include <stdio.h>

#pragma STDC FENV_ACCESS ON

static volatile double one = 1, three = 3, zero, big = 0x1p1023, small = 0x1p-1022;
static volatile long double long_one = 1, long_three = 3, long_zero;

static void flags(const char *what)
{
    printf("%s: raised %#x, enabled %#x, round %d\n", what, (unsigned)fetestexcept(FE_ALL_EXCEPT),
           (unsigned)fegetexcept(), fegetround());
}

static void one_by_one(void)
{
    static const int each[] = {FE_INVALID, FE_DIVBYZERO, FE_OVERFLOW, FE_UNDERFLOW, FE_INEXACT};
    for (unsigned i = 0; i < sizeof each / sizeof each[0]; i++) {
        printf("raise %d ", feraiseexcept(each[i]));
        flags("one");
        printf("test %d\n", fetestexcept(each[i]) == each[i]);
        printf("clear %d ", feclearexcept(each[i]));
        flags("none");
        printf("set %d ", fesetexcept(each[i]));
        flags("one");
    }
    printf("clear %d ", feclearexcept(FE_INEXACT | FE_INVALID));
    flags("three");
    printf("clear %d ", feclearexcept(FE_ALL_EXCEPT));
    flags("none");
}

static void by_arithmetic(void)
{
    volatile double v;
    volatile long double lv;
    v = one / zero;
    flags("sse divides");
    lv = long_zero / long_zero;
    flags("x87 as well");
    feclearexcept(FE_DIVBYZERO);
    flags("one is left");
    lv = long_one / long_three;
    flags("x87 rounds");
    feclearexcept(FE_INVALID);
    flags("rounded");
    feclearexcept(FE_ALL_EXCEPT);
    v = big * big;
    v = small * small;
    flags("far");
    feclearexcept(FE_ALL_EXCEPT);
    (void)v;
    (void)lv;
}

static void rounding(void)
{
    int seen[4];
    for (int way = 0; way < 4; way++) {
        fesetround(way);
        seen[way] = fegetround();
        volatile double v = one / three, w = -one / three;
        volatile long double lv = long_one / long_three;
        printf("way %d: %a %a %La %.3f %ld\n", way, v, w, lv, one / three, (long)(one * 2.5));
    }
    printf("rounding %d %d %d %d\n", seen[0], seen[1], seen[2], seen[3]);
    printf("no way: %d %d\n", fesetround(4) != 0, fegetround());
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
}

static void environments(void)
{
    fenv_t first, second;
    fexcept_t kept;
    feraiseexcept(FE_OVERFLOW);
    fesetround(FE_UPWARD);
    printf("get %d ", fegetenv(&first));
    flags("first");
    printf("hold %d ", feholdexcept(&second));
    flags("held");
    volatile double v = one / zero;
    flags("divided");
    printf("update %d ", feupdateenv(&second));
    flags("both");
    printf("set %d ", fesetenv(&first));
    flags("first");
    printf("default %d ", fesetenv(FE_DFL_ENV));
    flags("default");
    v = one / zero;
    printf("flag %d ", fegetexceptflag(&kept, FE_ALL_EXCEPT));
    feclearexcept(FE_ALL_EXCEPT);
    printf("back %d ", fesetexceptflag(&kept, FE_DIVBYZERO | FE_INEXACT));
    flags("divided");
    feclearexcept(FE_ALL_EXCEPT);
    (void)v;
}

/* What is enabled is told and taken back; that it traps is a fault, and another program's. */
static void enabling(void)
{
    int before = feenableexcept(FE_DIVBYZERO | FE_INVALID);
    printf("enable %#x ", (unsigned)before);
    flags("two");
    before = fedisableexcept(FE_DIVBYZERO);
    printf("disable %#x ", (unsigned)before);
    flags("one");
    fedisableexcept(FE_ALL_EXCEPT);
    printf("wrong: %d %d %d %d\n", feenableexcept(0x1000), fedisableexcept(0x1000),
           feclearexcept(0x1000) != 0, feraiseexcept(0x1000) != 0);
    flags("none");
}

int main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == 't') { /* traps */
        feenableexcept(FE_DIVBYZERO);
        feraiseexcept(FE_DIVBYZERO);
        printf("T floating FAIL: nothing trapped\n");
        return 1;
    }
    flags("start");
    one_by_one();
    by_arithmetic();
    rounding();
    environments();
    enabling();
    return 0;
}
