/* SPDX-License-Identifier: MIT */
/* SDL_thread.h - an app is one thread: none is created. */
#ifndef SDL_thread_h_
#define SDL_thread_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_Thread SDL_Thread;
typedef unsigned long SDL_threadID;
typedef int (*SDL_ThreadFunction)(void *data);
typedef enum {
    SDL_THREAD_PRIORITY_LOW,
    SDL_THREAD_PRIORITY_NORMAL,
    SDL_THREAD_PRIORITY_HIGH,
    SDL_THREAD_PRIORITY_TIME_CRITICAL,
} SDL_ThreadPriority;

SDL_Thread *SDL_CreateThread(SDL_ThreadFunction fn, const char *name, void *data); /* NULL */
const char *SDL_GetThreadName(SDL_Thread *thread);
SDL_threadID SDL_ThreadID(void); /* 1 */
SDL_threadID SDL_GetThreadID(SDL_Thread *thread);
int SDL_SetThreadPriority(SDL_ThreadPriority priority);
void SDL_WaitThread(SDL_Thread *thread, int *status); /* -1 of one that is not there */
void SDL_DetachThread(SDL_Thread *thread);

#ifdef __cplusplus
}
#endif
#endif
