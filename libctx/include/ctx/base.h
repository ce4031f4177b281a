/* SPDX-License-Identifier: MIT */
/* <ctx/base.h> - two words that every header of the Context uses. */
#ifndef CTX_BASE_H
#define CTX_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CTX_STATIC_ASSERT static_assert
#else
#define CTX_STATIC_ASSERT _Static_assert
#endif

#if defined(__x86_64__)
/* Every function that crosses between an app and the kernel uses this calling convention. */
#define CTX_CALL __attribute__((sysv_abi))
#else
#define CTX_CALL
#endif

#endif
