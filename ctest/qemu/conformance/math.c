/* SPDX-License-Identifier: MIT */
/*
 * <math.h>, as bits: six results a line. conformance.py allows a distance in units of the last
 * place for those functions that no standard makes exact.
 */
#include "conform.h"

#include <complex.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double special[] = {0.0,
                                 -0.0,
                                 1.0,
                                 -1.0,
                                 0.5,
                                 -0.5,
                                 2.0,
                                 3.0,
                                 10.0,
                                 0.1,
                                 1e-10,
                                 1e-300,
                                 5e-324,
                                 1e10,
                                 1e22,
                                 1e300,
                                 0.7853981633974483,
                                 1.5707963267948966,
                                 3.141592653589793,
                                 100.25,
                                 -7.75,
                                 709.5,
                                 -745.0,
                                 1.0000000000000002};

#define SPECIALS (sizeof special / sizeof special[0])
#define VALUES   48
#define IN_LINE  6

struct one {
    const char *name;
    double (*call)(double);
};

static const struct one ones[] = {
    {"sin", sin},       {"cos", cos},     {"tan", tan},     {"asin", asin},
    {"acos", acos},     {"atan", atan},   {"sinh", sinh},   {"cosh", cosh},
    {"tanh", tanh},     {"asinh", asinh}, {"acosh", acosh}, {"atanh", atanh},
    {"exp", exp},       {"exp2", exp2},   {"expm1", expm1}, {"log", log},
    {"log2", log2},     {"log10", log10}, {"log1p", log1p}, {"logb", logb},
    {"sqrt", sqrt},     {"cbrt", cbrt},   {"ceil", ceil},   {"floor", floor},
    {"trunc", trunc},   {"round", round}, {"rint", rint},   {"nearbyint", nearbyint},
    {"fabs", fabs},     {"erf", erf},     {"erfc", erfc},   {"tgamma", tgamma},
    {"lgamma", lgamma},
};

struct two {
    const char *name;
    double (*call)(double, double);
};

static const struct two twos[] = {
    {"pow", pow},           {"atan2", atan2},         {"fmod", fmod}, {"remainder", remainder},
    {"hypot", hypot},       {"fdim", fdim},           {"fmax", fmax}, {"fmin", fmin},
    {"copysign", copysign}, {"nextafter", nextafter},
};

static const struct {
    const char *name;
    float (*call)(float);
} singles[] = {
    {"sinf", sinf},   {"cosf", cosf},     {"tanf", tanf},   {"expf", expf},   {"logf", logf},
    {"sqrtf", sqrtf}, {"floorf", floorf}, {"ceilf", ceilf}, {"fabsf", fabsf}, {"roundf", roundf},
};

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return isnan(v) ? UINT64_C(0x7ff8000000000000) : bits; /* one NaN is like another */
}

/* Results one after the other; a new line of the same name when one is full. */
static int column;

static void begin(const char *name, int no)
{
    if (column % IN_LINE == 0) {
        printf("%smath %s %d:", column == 0 ? "" : "\n", name, no);
    }
    column++;
}

static void end(void)
{
    putchar('\n');
    column = 0;
}

void conform_math(void)
{
    double values[VALUES];
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = i < SPECIALS
                        ? special[i]
                        : ((double)(int32_t)conform_random() / 2147483648.0) * (i % 3 == 0   ? 1
                                                                                : i % 3 == 1 ? 20
                                                                                             : 300);
    }
    for (size_t f = 0; f < sizeof ones / sizeof ones[0]; f++) {
        for (int i = 0; i < VALUES; i++) {
            begin(ones[f].name, i);
            printf(" %016" PRIx64, bits_of(ones[f].call(values[i])));
        }
        begin(ones[f].name, VALUES);
        printf(" %016" PRIx64, bits_of(ones[f].call((double)INFINITY)));
        printf(" %016" PRIx64, bits_of(ones[f].call(-(double)INFINITY)));
        printf(" %016" PRIx64, bits_of(ones[f].call((double)NAN)));
        end();
    }
    for (size_t f = 0; f < sizeof twos / sizeof twos[0]; f++) {
        for (int i = 0; i < VALUES; i++) {
            for (int k = i % 5; k < VALUES; k += 13) {
                begin(twos[f].name, i * VALUES + k);
                printf(" %016" PRIx64, bits_of(twos[f].call(values[i], values[k])));
            }
        }
        end();
    }
    for (size_t f = 0; f < sizeof singles / sizeof singles[0]; f++) {
        for (int i = 0; i < VALUES; i++) {
            float v = singles[f].call((float)values[i]);
            uint32_t bits;
            memcpy(&bits, &v, sizeof bits);
            begin(singles[f].name, i);
            printf(" %08" PRIx32, isnan(v) ? UINT32_C(0x7fc00000) : bits);
        }
        end();
    }
    for (int i = 0; i < VALUES; i++) {
        int e = 0;
        double whole = 0;
        double m = frexp(values[i], &e), part = modf(values[i], &whole);
        printf("math parts %d: %a %d %a %a %a %a %d\n", i, m, e, part, whole, ldexp(m, 3),
               scalbn(values[i], -2), fpclassify(values[i]) == FP_NORMAL);
    }
    printf("math fma %a %a\n", fma(1.0 + 0x1p-52, 1.0 - 0x1p-52, -1.0), fma(2.0, 3.0, 4.0));
    printf("math lround %ld %ld %lld %ld\n", lround(2.5), lround(-2.5), llround(1e15), lrint(3.5));
    double complex z = csqrt(-4.0 + 0.0 * I) + 3.0 * (2.0 + 1.0 * I);
    printf("math complex %g %g %g\n", creal(z), cimag(z), cabs(3.0 + 4.0 * I));
}
