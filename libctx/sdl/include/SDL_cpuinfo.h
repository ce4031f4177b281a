/* SPDX-License-Identifier: MIT */
/* SDL_cpuinfo.h - the processor: what every one of this kind has. ctx.cpu/1 knows more. */
#ifndef SDL_cpuinfo_h_
#define SDL_cpuinfo_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_CACHELINE_SIZE 64

int SDL_GetCPUCount(void); /* 1 */
int SDL_GetCPUCacheLineSize(void);
SDL_bool SDL_HasMMX(void);
SDL_bool SDL_HasSSE(void);
SDL_bool SDL_HasSSE2(void);
SDL_bool SDL_HasSSE3(void); /* false, as those below */
SDL_bool SDL_HasSSE41(void);
SDL_bool SDL_HasSSE42(void);
SDL_bool SDL_HasAVX(void);
SDL_bool SDL_HasAVX2(void);
/* 64 MiB: a guess that does no harm; mem= on the app's line is what it may have */
int SDL_GetSystemRAM(void);

#ifdef __cplusplus
}
#endif
#endif
