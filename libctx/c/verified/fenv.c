/* SPDX-License-Identifier: MIT */
/*
 * <fenv.h> for verified apps. Picolibc's asks the processor who it is and loads the whole state of
 * the x87, and verified code may do neither. Here exceptions are kept in the SSE unit's register:
 * those that the x87 has raised are moved there when somebody asks or changes them, which nobody
 * can tell, because every question looks at both.
 */
#define _GNU_SOURCE /* feenableexcept and its kind */
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <stdint.h>

#define MASKS       7 /* mxcsr has the masks so many bits above the flags */
#define SSE_ROUND   13
#define X87_ROUND   10
#define DENORMAL    2u /* always masked */
#define ALL         ((unsigned)FE_ALL_EXCEPT)
#define X87_DEFAULT 0x037fu
#define SSE_DEFAULT 0x1f80u

/* FE_DFL_ENV is in picolibc, and empty there. */
static const fenv_t standard = {._fpu = {._fpu_cw = X87_DEFAULT}, ._sse_mxcsr = SSE_DEFAULT};
static const fenv_t no_mask = {._fpu = {._fpu_cw = X87_DEFAULT & ~ALL},
                               ._sse_mxcsr = SSE_DEFAULT & ~(ALL << MASKS)};
const fenv_t *const _fe_nomask_env = &no_mask;

static unsigned x87(void)
{
    uint16_t word;
    __asm__ volatile("fnstcw %0" : "=m"(word));
    return word;
}

static void set_x87(unsigned value)
{
    uint16_t word = (uint16_t)value;
    __asm__ volatile("fldcw %0" : : "m"(word));
}

static void set_sse(unsigned value)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(value));
}

/* The SSE unit's register, with what the x87 has raised. */
static unsigned sse(void)
{
    uint16_t flags;
    unsigned value;
    __asm__ volatile("fnstsw %0" : "=m"(flags));
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value | (flags & (ALL | DENORMAL));
}

/* All flags are in value now. */
static void take_over(unsigned value)
{
    __asm__ volatile("fnclex");
    set_sse(value);
}

static int wrong(int excepts)
{
    return ((unsigned)excepts & ~ALL) != 0;
}

int feenableexcept(int excepts)
{
    unsigned before = x87();
    if (wrong(excepts)) {
        return -1;
    }
    take_over(sse() & ~((unsigned)excepts << MASKS)); /* a flag in the x87 would trap at once */
    set_x87(before & ~(unsigned)excepts);
    return (int)(~before & ALL);
}

int fedisableexcept(int excepts)
{
    unsigned before = x87();
    if (wrong(excepts)) {
        return -1;
    }
    set_x87(before | (unsigned)excepts);
    take_over(sse() | (unsigned)excepts << MASKS);
    return (int)(~before & ALL);
}

int fegetexcept(void)
{
    return (int)(~x87() & ALL);
}

int fegetenv(fenv_t *env)
{
    *env = (fenv_t){._fpu = {._fpu_cw = x87()}, ._sse_mxcsr = sse()};
    return 0;
}

int fesetenv(const fenv_t *env)
{
    if (env == FE_DFL_ENV) {
        env = &standard;
    }
    take_over(env->_sse_mxcsr | (env->_fpu._fpu_sw & ALL));
    set_x87(env->_fpu._fpu_cw);
    return 0;
}

int feholdexcept(fenv_t *env)
{
    fegetenv(env);
    fedisableexcept(FE_ALL_EXCEPT);
    return feclearexcept(FE_ALL_EXCEPT);
}

int feclearexcept(int excepts)
{
    if (wrong(excepts)) {
        return EINVAL;
    }
    take_over(sse() & ~(unsigned)excepts);
    return 0;
}

int fesetexcept(int excepts); /* not in every <fenv.h> */
int fesetexcept(int excepts)
{
    if (wrong(excepts)) {
        return EINVAL;
    }
    take_over(sse() | (unsigned)excepts);
    return 0;
}

/* A flag that is only set traps nobody: those that are not masked are raised by arithmetic. */
int feraiseexcept(int excepts)
{
    if (fesetexcept(excepts) != 0) {
        return EINVAL;
    }
    unsigned trapping = (unsigned)excepts & ~x87();
    volatile float zero = 0, one = 1, big = FLT_MAX, small = FLT_MIN, result;
    if ((trapping & FE_INVALID) != 0) {
        result = zero / zero;
    }
    if ((trapping & FE_DIVBYZERO) != 0) {
        result = one / zero;
    }
    if ((trapping & FE_OVERFLOW) != 0) {
        result = big * big;
    }
    if ((trapping & FE_UNDERFLOW) != 0) {
        result = small * small;
    }
    if ((trapping & FE_INEXACT) != 0) {
        result = one + small;
    }
    (void)result;
    return 0;
}

int feupdateenv(const fenv_t *env)
{
    unsigned raised = sse() & ALL;
    fesetenv(env);
    return feraiseexcept((int)raised);
}

int fetestexcept(int excepts)
{
    return wrong(excepts) ? EINVAL : (int)(sse() & (unsigned)excepts);
}

int fegetexceptflag(fexcept_t *flags, int excepts)
{
    if (wrong(excepts)) {
        return EINVAL;
    }
    *flags = sse() & (unsigned)excepts;
    return 0;
}

int fesetexceptflag(const fexcept_t *flags, int excepts)
{
    if (wrong(excepts)) {
        return EINVAL;
    }
    take_over((sse() & ~(unsigned)excepts) | (*flags & (unsigned)excepts));
    return 0;
}

int fegetround(void)
{
    return (int)(x87() >> X87_ROUND & 3);
}

int fesetround(int round)
{
    if (round < FE_TONEAREST || round > FE_TOWARDZERO) {
        return EINVAL;
    }
    set_x87((x87() & ~(3u << X87_ROUND)) | (unsigned)round << X87_ROUND);
    take_over((sse() & ~(3u << SSE_ROUND)) | (unsigned)round << SSE_ROUND);
    return 0;
}
