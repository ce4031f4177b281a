/* SPDX-License-Identifier: MIT */
/*
 * What a compiler calls for floating point (integers.c says why): integers of 128 bits to and fro,
 * whole powers, and complex numbers (C17, annex G.5.1).
 */
#include <stdint.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

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
_Complex float __divsc3(float a, float b, float c, float d);
_Complex double __divdc3(double a, double b, double c, double d);
_Complex long double __divxc3(long double a, long double b, long double c, long double d);

/* ---- from 128 bits ---- */

/* Both halves fit exactly; the sum is rounded, once. */
long double __floattixf(s128 v)
{
    return (long double)(int64_t)(v >> 64) * 0x1p64L + (long double)(uint64_t)v;
}

long double __floatuntixf(u128 v)
{
    return (long double)(uint64_t)(v >> 64) * 0x1p64L + (long double)(uint64_t)v;
}

/*
 * The others have fewer bits than half of it. So it is cut down to 64, of which the last says
 * whether any beyond was set: far behind where it is rounded, that makes the same result as all of
 * them, in every direction of rounding. Then once more a half.
 */
static int cut(u128 size, int bits)
{
    uint64_t low = (uint64_t)size, high = (uint64_t)(size >> 64);
    int used = high != 0 ? 128 - __builtin_clzll(high) : low != 0 ? 64 - __builtin_clzll(low) : 0;
    return used > bits ? used - bits : 0;
}

static uint64_t with_the_rest(u128 v, u128 cut_down, int by)
{
    return (uint64_t)cut_down | (cut_down << by != v);
}

static double two_to(int n)
{
    union {
        uint64_t bits;
        double value;
    } u = {(uint64_t)(1023 + n) << 52};
    return u.value;
}

double __floatuntidf(u128 v)
{
    int by = cut(v, 64);
    return (double)with_the_rest(v, v >> by, by) * two_to(by);
}

double __floattidf(s128 v)
{
    int by = cut(v < 0 ? ~(u128)v : (u128)v, 63); /* and the sign */
    return (double)(int64_t)with_the_rest((u128)v, (u128)(v >> by), by) * two_to(by);
}

float __floatuntisf(u128 v)
{
    int by = cut(v, 64);
    return (float)with_the_rest(v, v >> by, by) * (float)two_to(by);
}

float __floattisf(s128 v)
{
    int by = cut(v < 0 ? ~(u128)v : (u128)v, 63);
    return (float)(int64_t)with_the_rest((u128)v, (u128)(v >> by), by) * (float)two_to(by);
}

/* ---- to 128 bits ---- */

/* The upper half is cut off towards zero, and what it leaves is exact. */
u128 __fixunsxfti(long double v)
{
    if (!(v > 0)) {
        return 0;
    }
    uint64_t high = (uint64_t)(v * 0x1p-64L);
    return (u128)high << 64 | (uint64_t)(v - (long double)high * 0x1p64L);
}

s128 __fixxfti(long double v)
{
    return (s128)(v < 0 ? -__fixunsxfti(-v) : __fixunsxfti(v));
}

u128 __fixunsdfti(double v)
{
    return __fixunsxfti(v);
}

s128 __fixdfti(double v)
{
    return __fixxfti(v);
}

u128 __fixunssfti(float v)
{
    return __fixunsxfti(v);
}

s128 __fixsfti(float v)
{
    return __fixxfti(v);
}

/* ---- powers: x to the bits of n, the least first ---- */

#define POWER(name, type)                                                                          \
    type name(type x, int n)                                                                       \
    {                                                                                              \
        unsigned left = n < 0 ? 0u - (unsigned)n : (unsigned)n;                                    \
        type result = left % 2 != 0 ? x : 1;                                                       \
        while ((left /= 2) != 0) {                                                                 \
            x *= x;                                                                                \
            if (left % 2 != 0) {                                                                   \
                result *= x;                                                                       \
            }                                                                                      \
        }                                                                                          \
        return n < 0 ? 1 / result : result;                                                        \
    }

POWER(__powisf2, float)
POWER(__powidf2, double)
POWER(__powixf2, long double)

/* ---- complex numbers ---- */

#define IS_NAN(v)      ((v) != (v))
#define IS_INF(v)      __builtin_isinf(v)
#define IS_FINITE(v)   __builtin_isfinite(v)
#define SIGN_OF(to, v) __builtin_copysignl(to, v)

static _Complex long double complex_of(long double x, long double y)
{
    _Complex long double z;
    __real__ z = x;
    __imag__ z = y;
    return z;
}

/* An infinite number is a corner of the unit square, any other the origin: only its direction
 * counts. */
static void to_a_corner(long double *x, long double *y)
{
    *x = SIGN_OF(IS_INF(*x) ? 1 : 0, *x);
    *y = SIGN_OF(IS_INF(*y) ? 1 : 0, *y);
}

static void no_nan(long double *v)
{
    *v = IS_NAN(*v) ? SIGN_OF(0, *v) : *v;
}

/*
 * (a + bi)(c + di) where both parts came out as no number: infinite all the same if one factor is,
 * or if a product was (overflow: only that of two finite ones).
 */
static int infinite_product(long double *x, long double *y, long double a, long double b,
                            long double c, long double d, int overflow)
{
    int is = 0;
    if (IS_INF(a) || IS_INF(b)) {
        to_a_corner(&a, &b);
        no_nan(&c);
        no_nan(&d);
        is = 1;
    }
    if (IS_INF(c) || IS_INF(d)) {
        to_a_corner(&c, &d);
        no_nan(&a);
        no_nan(&b);
        is = 1;
    }
    if (!is && overflow) {
        no_nan(&a);
        no_nan(&b);
        no_nan(&c);
        no_nan(&d);
        is = 1;
    }
    if (is) {
        *x = __builtin_infl() * (a * c - b * d);
        *y = __builtin_infl() * (a * d + b * c);
    }
    return is;
}

#define MULTIPLY(name, type)                                                                       \
    _Complex type name(type a, type b, type c, type d)                                             \
    {                                                                                              \
        type ac = a * c, bd = b * d, ad = a * d, bc = b * c, x = ac - bd, y = ad + bc;             \
        long double far_x, far_y;                                                                  \
        if (IS_NAN(x) && IS_NAN(y) &&                                                              \
            infinite_product(&far_x, &far_y, a, b, c, d,                                           \
                             IS_INF(ac) || IS_INF(bd) || IS_INF(ad) || IS_INF(bc))) {              \
            x = (type)far_x;                                                                       \
            y = (type)far_y;                                                                       \
        }                                                                                          \
        _Complex type z;                                                                           \
        __real__ z = x;                                                                            \
        __imag__ z = y;                                                                            \
        return z;                                                                                  \
    }

MULTIPLY(__mulsc3, float)
MULTIPLY(__muldc3, double)
MULTIPLY(__mulxc3, long double)

/* 2 to the n, where that is a normal number. */
static long double long_two_to(int n)
{
    union {
        struct {
            uint64_t digits;
            uint16_t exponent;
        } bits;
        long double value;
    } u = {.bits = {1ull << 63, (uint16_t)(16383 + n)}};
    return u.value;
}

/* How many times 2 goes into v, which is neither 0 nor infinite. */
static int exponent_of(long double v)
{
    union {
        long double value;
        struct {
            uint64_t digits;
            uint16_t exponent;
        } bits;
    } u = {v};
    int exponent = u.bits.exponent & 0x7fff;
    return exponent != 0 ? exponent - 16383 : -16382 - __builtin_clzll(u.bits.digits);
}

/* In two steps, because 2 to the n alone may be too big; beyond what two can do there is nothing
 * but 0 and infinity. */
static long double times_two_to(long double v, int n)
{
    n = n > 32764 ? 32764 : n < -32764 ? -32764 : n;
    return v * long_two_to(n / 2) * long_two_to(n - n / 2);
}

/* (a + bi) / (c + di): the divisor brought near 1, so that nothing on the way is too big or too
 * small. */
_Complex long double __divxc3(long double a, long double b, long double c, long double d)
{
    long double size =
        __builtin_fabsl(c) > __builtin_fabsl(d) ? __builtin_fabsl(c) : __builtin_fabsl(d);
    int by = size > 0 && IS_FINITE(size) ? -exponent_of(size) : 0;
    long double c1 = times_two_to(c, by), d1 = times_two_to(d, by), norm = c1 * c1 + d1 * d1;
    /* The number that is divided as well, by as much as fits; the rest at the end. */
    long double most =
        __builtin_fabsl(a) > __builtin_fabsl(b) ? __builtin_fabsl(a) : __builtin_fabsl(b);
    int down = most > 0 && IS_FINITE(most) ? -exponent_of(most) : 0;
    long double a1 = times_two_to(a, down), b1 = times_two_to(b, down);
    long double x = times_two_to((a1 * c1 + b1 * d1) / norm, by - down);
    long double y = times_two_to((b1 * c1 - a1 * d1) / norm, by - down);
    if (IS_NAN(x) && IS_NAN(y)) {
        if (norm == 0 && (!IS_NAN(a) || !IS_NAN(b))) {
            x = SIGN_OF(__builtin_infl(), c) * a;
            y = SIGN_OF(__builtin_infl(), c) * b;
        } else if ((IS_INF(a) || IS_INF(b)) && IS_FINITE(c) && IS_FINITE(d)) {
            to_a_corner(&a, &b);
            x = __builtin_infl() * (a * c + b * d);
            y = __builtin_infl() * (b * c - a * d);
        } else if ((IS_INF(c) || IS_INF(d)) && IS_FINITE(a) && IS_FINITE(b)) {
            to_a_corner(&c, &d);
            x = 0 * (a * c + b * d);
            y = 0 * (b * c - a * d);
        }
    }
    return complex_of(x, y);
}

_Complex double __divdc3(double a, double b, double c, double d)
{
    return (_Complex double)__divxc3(a, b, c, d);
}

_Complex float __divsc3(float a, float b, float c, float d)
{
    return (_Complex float)__divxc3(a, b, c, d);
}
