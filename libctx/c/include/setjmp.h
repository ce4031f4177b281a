/* SPDX-License-Identifier: MIT */
/* picolibc has setjmp() and longjmp() alone. These two keep which signals are blocked, too. */
#ifndef CTX_C_SETJMP_H
#define CTX_C_SETJMP_H

#include_next <setjmp.h>
#include <sys/_sigset.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ctx_c_sigjmp {
    jmp_buf place;
    int kept;
    __sigset_t blocked;
};

typedef struct ctx_c_sigjmp sigjmp_buf[1];

/* How what is blocked is kept, if `keep` is not 0. */
void ctx_c_keep_blocked(struct ctx_c_sigjmp *to, int keep);

#define sigsetjmp(to, keep) (ctx_c_keep_blocked((to), (keep)), setjmp((to)->place))

__attribute__((noreturn)) void siglongjmp(sigjmp_buf to, int value);

/* These keep nothing, nor do setjmp() and longjmp(). */
#define _setjmp(to)         setjmp(to)
#define _longjmp(to, value) longjmp((to), (value))

#ifdef __cplusplus
}
#endif
#endif
