/* SPDX-License-Identifier: MIT */
/*
 * Functions that picolibc 1.8.10 calls and that its own CMake leaves out of libc.a: its other build
 * description (meson) has them. Without them nextafter(), nexttoward() and what is made of long
 * double would not link. Still not there: sinl(), cosl() and tanl().
 */
#include <float.h>
#include <math.h>

double __math_denorm(double x);
float __math_denormf(float x);
long double __math_denorml(long double x);

/* x, and the flags "underflow" and "inexact". */
double __math_denorm(double x)
{
    volatile double least = DBL_MIN;
    least = least * least;
    return x;
}

float __math_denormf(float x)
{
    volatile float least = FLT_MIN;
    least = least * least;
    return x;
}

long double __math_denorml(long double x)
{
    volatile long double least = LDBL_MIN;
    least = least * least;
    return x;
}

int __finitel(long double x)
{
    return __builtin_isfinite(x);
}

int __fpclassifyl(long double x)
{
    return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x);
}
