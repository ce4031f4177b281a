/* SPDX-License-Identifier: MIT */
/*
 * SDL_timer.h - time. It is the app's own (ctx->time->now): it goes on where an image left it. Who
 * asks for the time again and again, and does nothing else, waits a little.
 */
#ifndef SDL_timer_h_
#define SDL_timer_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef Uint32 (*SDL_TimerCallback)(Uint32 interval, void *param);
typedef int SDL_TimerID;

Uint32 SDL_GetTicks(void); /* milliseconds since the program began */
Uint64 SDL_GetTicks64(void);
#define SDL_TICKS_PASSED(a, b) ((Sint32)((b) - (a)) <= 0)
Uint64 SDL_GetPerformanceCounter(void);
Uint64 SDL_GetPerformanceFrequency(void); /* 1000000000 */
void SDL_Delay(Uint32 ms);
/* Called once after so many milliseconds, and again after as many as it returns; 0: no more. It
 * runs where the program waits, not in a thread. At most 32. 0: an error. */
SDL_TimerID SDL_AddTimer(Uint32 interval, SDL_TimerCallback callback, void *param);
SDL_bool SDL_RemoveTimer(SDL_TimerID id);

#ifdef __cplusplus
}
#endif
#endif
