/* SPDX-License-Identifier: MIT */
/*
 * <tgmath.h>: each name chooses among the functions of <math.h> and <complex.h> by the types of its
 * arguments; whole numbers count as double.
 */
#ifndef CTX_C_TGMATH_H
#define CTX_C_TGMATH_H

#include <complex.h>
#include <math.h>

/* A whole number is a double; the sum of two has the type that both fit into. */
#define __tg_one(x)                                                                                \
    ((x) + _Generic((x), float : 0.0f, float complex : 0.0f, long double : 0.0L,                   \
                    long double complex : 0.0L, default : 0.0))
#define __tg_real(x, fn) _Generic(__tg_one(x), float : fn##f, long double : fn##l, default : fn)
#define __tg_all(x, fn, cn)                                                                        \
    _Generic(__tg_one(x), float                                                                    \
             : fn##f, long double                                                                  \
             : fn##l, float complex                                                                \
             : cn##f, double complex                                                               \
             : cn, long double complex                                                             \
             : cn##l, default                                                                      \
             : fn)

#define acos(x)          (__tg_all(x, acos, cacos)(x))
#define asin(x)          (__tg_all(x, asin, casin)(x))
#define atan(x)          (__tg_all(x, atan, catan)(x))
#define acosh(x)         (__tg_all(x, acosh, cacosh)(x))
#define asinh(x)         (__tg_all(x, asinh, casinh)(x))
#define atanh(x)         (__tg_all(x, atanh, catanh)(x))
#define cos(x)           (__tg_all(x, cos, ccos)(x))
#define sin(x)           (__tg_all(x, sin, csin)(x))
#define tan(x)           (__tg_all(x, tan, ctan)(x))
#define cosh(x)          (__tg_all(x, cosh, ccosh)(x))
#define sinh(x)          (__tg_all(x, sinh, csinh)(x))
#define tanh(x)          (__tg_all(x, tanh, ctanh)(x))
#define exp(x)           (__tg_all(x, exp, cexp)(x))
#define log(x)           (__tg_all(x, log, clog)(x))
#define sqrt(x)          (__tg_all(x, sqrt, csqrt)(x))
#define fabs(x)          (__tg_all(x, fabs, cabs)(x))
#define pow(x, y)        (__tg_all(__tg_one(x) + __tg_one(y), pow, cpow)(x, y))

#define cbrt(x)          (__tg_real(x, cbrt)(x))
#define ceil(x)          (__tg_real(x, ceil)(x))
#define erf(x)           (__tg_real(x, erf)(x))
#define erfc(x)          (__tg_real(x, erfc)(x))
#define exp2(x)          (__tg_real(x, exp2)(x))
#define expm1(x)         (__tg_real(x, expm1)(x))
#define floor(x)         (__tg_real(x, floor)(x))
#define lgamma(x)        (__tg_real(x, lgamma)(x))
#define log10(x)         (__tg_real(x, log10)(x))
#define log1p(x)         (__tg_real(x, log1p)(x))
#define log2(x)          (__tg_real(x, log2)(x))
#define logb(x)          (__tg_real(x, logb)(x))
#define nearbyint(x)     (__tg_real(x, nearbyint)(x))
#define rint(x)          (__tg_real(x, rint)(x))
#define round(x)         (__tg_real(x, round)(x))
#define tgamma(x)        (__tg_real(x, tgamma)(x))
#define trunc(x)         (__tg_real(x, trunc)(x))
#define ilogb(x)         (__tg_real(x, ilogb)(x))
#define llrint(x)        (__tg_real(x, llrint)(x))
#define llround(x)       (__tg_real(x, llround)(x))
#define lrint(x)         (__tg_real(x, lrint)(x))
#define lround(x)        (__tg_real(x, lround)(x))
#define atan2(x, y)      (__tg_real(__tg_one(x) + __tg_one(y), atan2)(x, y))
#define copysign(x, y)   (__tg_real(__tg_one(x) + __tg_one(y), copysign)(x, y))
#define fdim(x, y)       (__tg_real(__tg_one(x) + __tg_one(y), fdim)(x, y))
#define fmax(x, y)       (__tg_real(__tg_one(x) + __tg_one(y), fmax)(x, y))
#define fmin(x, y)       (__tg_real(__tg_one(x) + __tg_one(y), fmin)(x, y))
#define fmod(x, y)       (__tg_real(__tg_one(x) + __tg_one(y), fmod)(x, y))
#define hypot(x, y)      (__tg_real(__tg_one(x) + __tg_one(y), hypot)(x, y))
#define nextafter(x, y)  (__tg_real(__tg_one(x) + __tg_one(y), nextafter)(x, y))
#define remainder(x, y)  (__tg_real(__tg_one(x) + __tg_one(y), remainder)(x, y))
#define fma(x, y, z)     (__tg_real(__tg_one(x) + __tg_one(y) + __tg_one(z), fma)(x, y, z))
#define frexp(x, e)      (__tg_real(x, frexp)(x, e))
#define ldexp(x, e)      (__tg_real(x, ldexp)(x, e))
#define scalbn(x, e)     (__tg_real(x, scalbn)(x, e))
#define scalbln(x, e)    (__tg_real(x, scalbln)(x, e))
#define nexttoward(x, y) (__tg_real(x, nexttoward)(x, y))
#define remquo(x, y, q)  (__tg_real(__tg_one(x) + __tg_one(y), remquo)(x, y, q))

#define carg(x)                                                                                    \
    (_Generic(__tg_one(x), float                                                                   \
              : cargf, float complex                                                               \
              : cargf, long double                                                                 \
              : cargl, long double complex                                                         \
              : cargl, default                                                                     \
              : carg)(x))
#define cimag(x)                                                                                   \
    (_Generic(__tg_one(x), float                                                                   \
              : cimagf, float complex                                                              \
              : cimagf, long double                                                                \
              : cimagl, long double complex                                                        \
              : cimagl, default                                                                    \
              : cimag)(x))
#define conj(x)                                                                                    \
    (_Generic(__tg_one(x), float                                                                   \
              : conjf, float complex                                                               \
              : conjf, long double                                                                 \
              : conjl, long double complex                                                         \
              : conjl, default                                                                     \
              : conj)(x))
#define cproj(x)                                                                                   \
    (_Generic(__tg_one(x), float                                                                   \
              : cprojf, float complex                                                              \
              : cprojf, long double                                                                \
              : cprojl, long double complex                                                        \
              : cprojl, default                                                                    \
              : cproj)(x))
#define creal(x)                                                                                   \
    (_Generic(__tg_one(x), float                                                                   \
              : crealf, float complex                                                              \
              : crealf, long double                                                                \
              : creall, long double complex                                                        \
              : creall, default                                                                    \
              : creal)(x))

#endif
