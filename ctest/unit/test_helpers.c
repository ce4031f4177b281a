/* SPDX-License-Identifier: MIT */
/*
 * What verified apps have in place of libgcc (libctx/c/verified), beside libgcc: integers and
 * conversions bit for bit, in every direction of rounding. Quotients of complex numbers are
 * compared by how far they are apart, because libgcc comes by them in another way.
 */
#define __udivmodti4  our_udivmodti4
#define __udivti3     our_udivti3
#define __umodti3     our_umodti3
#define __divmodti4   our_divmodti4
#define __divti3      our_divti3
#define __modti3      our_modti3
#define __popcountdi2 our_popcountdi2
#define __popcountti2 our_popcountti2
#include "../../libctx/c/verified/integers.c"
#undef __udivmodti4
#undef __udivti3
#undef __umodti3
#undef __divmodti4
#undef __divti3
#undef __modti3
#undef __popcountdi2
#undef __popcountti2

#define __floattisf   our_floattisf
#define __floattidf   our_floattidf
#define __floattixf   our_floattixf
#define __floatuntisf our_floatuntisf
#define __floatuntidf our_floatuntidf
#define __floatuntixf our_floatuntixf
#define __fixsfti     our_fixsfti
#define __fixdfti     our_fixdfti
#define __fixxfti     our_fixxfti
#define __fixunssfti  our_fixunssfti
#define __fixunsdfti  our_fixunsdfti
#define __fixunsxfti  our_fixunsxfti
#define __powisf2     our_powisf2
#define __powidf2     our_powidf2
#define __powixf2     our_powixf2
#define __mulsc3      our_mulsc3
#define __muldc3      our_muldc3
#define __mulxc3      our_mulxc3
#define __divsc3      our_divsc3
#define __divdc3      our_divdc3
#define __divxc3      our_divxc3
#include "../../libctx/c/verified/floats.c"
#undef __floattisf
#undef __floattidf
#undef __floattixf
#undef __floatuntisf
#undef __floatuntidf
#undef __floatuntixf
#undef __fixsfti
#undef __fixdfti
#undef __fixxfti
#undef __fixunssfti
#undef __fixunsdfti
#undef __fixunsxfti
#undef __powisf2
#undef __powidf2
#undef __powixf2
#undef __mulsc3
#undef __muldc3
#undef __mulxc3
#undef __divsc3
#undef __divdc3
#undef __divxc3

#include "test.h"

#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* libgcc's, by their names: an expression might be computed at compile time, or without them. */
u128 __udivti3(u128 n, u128 d);
u128 __umodti3(u128 n, u128 d);
s128 __divti3(s128 n, s128 d);
s128 __modti3(s128 n, s128 d);
int __popcountdi2(uint64_t v);
int __popcountti2(u128 v);
float __floattisf(s128 v);
double __floattidf(s128 v);
long double __floattixf(s128 v);
float __floatuntisf(u128 v);
double __floatuntidf(u128 v);
long double __floatuntixf(u128 v);
s128 __fixsfti(float v);
s128 __fixdfti(double v);
s128 __fixxfti(long double v);
u128 __fixunssfti(float v);
u128 __fixunsdfti(double v);
u128 __fixunsxfti(long double v);
float __powisf2(float x, int n);
double __powidf2(double x, int n);
long double __powixf2(long double x, int n);
_Complex float __mulsc3(float a, float b, float c, float d);
_Complex double __muldc3(double a, double b, double c, double d);
_Complex long double __mulxc3(long double a, long double b, long double c, long double d);
_Complex double __divdc3(double a, double b, double c, double d);

#define RUNS 200000

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Of any length, often with long runs of equal bits, and near powers of two. */
static u128 random128(void)
{
    u128 v = (u128)random64() << 64 | random64();
    v >>= random64() % 128;
    switch (random64() % 4) {
    case 0:
        v = ((u128)1 << random64() % 128) + (u128)(s128)((int64_t)(random64() % 7) - 3);
        break;
    case 1:
        v = ~v;
        break;
    case 2:
        v |= (u128)random64() << 64;
        break;
    default:
        break;
    }
    return v;
}

#define SAME(type, ours, theirs)                                                                   \
    do {                                                                                           \
        type a_ = (ours), b_ = (theirs);                                                           \
        assert_memory_equal(&a_, &b_, sizeof a_ == 16 && (type)0.5 != 0 ? 10 : sizeof a_);         \
    } while (0)

static void division_is_that_of_libgcc(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        u128 n = random128(), d = random128(), rest;
        if (d == 0) {
            continue;
        }
        SAME(u128, our_udivti3(n, d), __udivti3(n, d));
        SAME(u128, our_umodti3(n, d), __umodti3(n, d));
        SAME(u128, our_udivmodti4(n, d, &rest), __udivti3(n, d));
        SAME(u128, rest, __umodti3(n, d));
        if ((s128)d != -1 || n != (u128)1 << 127) {
            SAME(s128, our_divti3((s128)n, (s128)d), __divti3((s128)n, (s128)d));
            SAME(s128, our_modti3((s128)n, (s128)d), __modti3((s128)n, (s128)d));
        }
    }
}

static void bits_are_counted(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        u128 v = random128();
        assert_int_equal(our_popcountdi2((uint64_t)v), __popcountdi2((uint64_t)v));
        assert_int_equal(our_popcountti2(v), __popcountti2(v));
    }
    assert_int_equal(our_popcountti2(~(u128)0), 128);
}

static void integers_become_floating_point(void **state)
{
    (void)state;
    const int directions[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int i = 0; i < RUNS; i++) {
        u128 v = random128();
        fesetround(directions[i % 4]);
        SAME(float, our_floattisf((s128)v), __floattisf((s128)v));
        SAME(double, our_floattidf((s128)v), __floattidf((s128)v));
        SAME(long double, our_floattixf((s128)v), __floattixf((s128)v));
        SAME(float, our_floatuntisf(v), __floatuntisf(v));
        SAME(double, our_floatuntidf(v), __floatuntidf(v));
        SAME(long double, our_floatuntixf(v), __floatuntixf(v));
    }
    fesetround(FE_TONEAREST);
}

static void floating_point_becomes_integers(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        long double v = ldexpl((long double)random64(), (int)(random64() % 127) - 64);
        float f = (float)v < 0x1p127f ? (float)v : 0.75f;
        double d = (double)v < 0x1p127 ? (double)v : 0.75;
        v = v < 0x1p127L ? v : 0.75L;
        SAME(u128, our_fixunssfti(f), __fixunssfti(f));
        SAME(u128, our_fixunsdfti(d), __fixunsdfti(d));
        SAME(u128, our_fixunsxfti(v), __fixunsxfti(v));
        int sign = random64() % 2 != 0 ? -1 : 1;
        SAME(s128, our_fixsfti((float)sign * f), __fixsfti((float)sign * f));
        SAME(s128, our_fixdfti(sign * d), __fixdfti(sign * d));
        SAME(s128, our_fixxfti(sign * v), __fixxfti(sign * v));
    }
}

static double any(void)
{
    static const double few[] = {0.0, -0.0,    1,        -1,      INFINITY,  -INFINITY,
                                 NAN, DBL_MAX, -DBL_MAX, DBL_MIN, 0x1p-1074, 0.5};
    double v = ldexp((double)(int64_t)random64(), (int)(random64() % 600) - 360);
    return random64() % 3 == 0 ? few[random64() % (sizeof few / sizeof few[0])] : v;
}

static void powers(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        double x = any();
        int n = (int)(random64() % 200) - 100;
        if (isnan(x)) {
            continue;
        }
        SAME(float, our_powisf2((float)x, n), __powisf2((float)x, n));
        SAME(double, our_powidf2(x, n), __powidf2(x, n));
        SAME(long double, our_powixf2(x, n), __powixf2(x, n));
    }
    assert_true(our_powidf2(2, (int)0x80000000u) == 0);
}

/* No number is like any other that is none; zeros have signs. */
static void same_parts(_Complex long double ours, _Complex long double theirs)
{
    const long double a[] = {__real__ ours, __imag__ ours},
                      b[] = {__real__ theirs, __imag__ theirs};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(isnan(a[i]) != 0, isnan(b[i]) != 0);
        if (!isnan(a[i])) {
            assert_true(a[i] == b[i] && signbit(a[i]) == signbit(b[i]));
        }
    }
}

static void complex_products(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        double a = any(), b = any(), c = any(), d = any();
        float fa = (float)a, fb = (float)b, fc = (float)c, fd = (float)d;
        same_parts(our_mulsc3(fa, fb, fc, fd), __mulsc3(fa, fb, fc, fd));
        same_parts(our_muldc3(a, b, c, d), __muldc3(a, b, c, d));
        same_parts(our_mulxc3(a, b, c, d), __mulxc3(a, b, c, d));
    }
}

static double modest(void)
{
    return ldexp((double)(int64_t)random64(), (int)(random64() % 100) - 110);
}

static void near(_Complex double ours, _Complex double theirs, double by)
{
    double size = hypot(__real__ theirs, __imag__ theirs);
    assert_true(fabs(__real__ ours - __real__ theirs) <= by * size);
    assert_true(fabs(__imag__ ours - __imag__ theirs) <= by * size);
}

static void complex_quotients(void **state)
{
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        double a = modest(), b = modest(), c = modest(), d = modest();
        _Complex double theirs = __divdc3(a, b, c, d);
        near(our_divdc3(a, b, c, d), theirs, 0x1p-50);
        near((_Complex double)our_divxc3(a, b, c, d), theirs, 0x1p-50);
        float fa = (float)a, fb = (float)b, fc = (float)c, fd = (float)d;
        near(our_divsc3(fa, fb, fc, fd), __divdc3(fa, fb, fc, fd), 0x1p-22);
    }
    /* Where other ways end in infinity or zero. */
    near((_Complex double)our_divxc3(LDBL_MAX, LDBL_MAX, LDBL_MAX, LDBL_MAX), 1, 0x1p-50);
    near((_Complex double)our_divxc3(0x1p-16445L, 0, 0x1p-16445L, 0), 1, 0x1p-50);
    near(our_divdc3(DBL_MAX, 0, 0x1p1023, 0x1p1023), CMPLX(0.5, -0.5) * (DBL_MAX / 0x1p1023),
         0x1p-50);
    same_parts(our_divxc3(0x1p-16445L, 0, LDBL_MAX, 0), 0);
    /* C17 G.5.1: by zero infinite, infinite by finite infinite, finite by infinite zero. */
    assert_true(isinf(__real__ our_divdc3(1, 1, 0, 0)) &&
                isinf(__imag__ our_divdc3(1, 1, -0.0, 0)));
    assert_true(isinf(__real__ our_divdc3(INFINITY, NAN, 1, 1)));
    assert_true(__real__ our_divdc3(1, 1, INFINITY, NAN) == 0 &&
                __imag__ our_divdc3(1, 1, INFINITY, INFINITY) == 0);
    assert_true(isnan(__real__ our_divdc3(NAN, NAN, 1, 1)) &&
                isnan(__real__ our_divsc3(0, 0, 0, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division_is_that_of_libgcc),
        cmocka_unit_test(bits_are_counted),
        cmocka_unit_test(integers_become_floating_point),
        cmocka_unit_test(floating_point_becomes_integers),
        cmocka_unit_test(powers),
        cmocka_unit_test(complex_products),
        cmocka_unit_test(complex_quotients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
