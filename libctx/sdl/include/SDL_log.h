/* SPDX-License-Identifier: MIT */
/* SDL_log.h - lines of the app's log. */
#ifndef SDL_log_h_
#define SDL_log_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SDL_LOG_CATEGORY_APPLICATION,
    SDL_LOG_CATEGORY_ERROR,
    SDL_LOG_CATEGORY_ASSERT,
    SDL_LOG_CATEGORY_SYSTEM,
    SDL_LOG_CATEGORY_AUDIO,
    SDL_LOG_CATEGORY_VIDEO,
    SDL_LOG_CATEGORY_RENDER,
    SDL_LOG_CATEGORY_INPUT,
    SDL_LOG_CATEGORY_TEST,
    SDL_LOG_CATEGORY_CUSTOM = 19,
} SDL_LogCategory;

typedef enum {
    SDL_LOG_PRIORITY_VERBOSE = 1,
    SDL_LOG_PRIORITY_DEBUG,
    SDL_LOG_PRIORITY_INFO,
    SDL_LOG_PRIORITY_WARN,
    SDL_LOG_PRIORITY_ERROR,
    SDL_LOG_PRIORITY_CRITICAL,
    SDL_NUM_LOG_PRIORITIES,
} SDL_LogPriority;

/* Those below are not written; INFO to begin with, for all categories alike. */
void SDL_LogSetAllPriority(SDL_LogPriority priority);
void SDL_LogSetPriority(int category, SDL_LogPriority priority);
SDL_LogPriority SDL_LogGetPriority(int category);
void SDL_Log(const char *format, ...) __attribute__((format(printf, 1, 2)));
void SDL_LogVerbose(int category, const char *format, ...) __attribute__((format(printf, 2, 3)));
void SDL_LogDebug(int category, const char *format, ...) __attribute__((format(printf, 2, 3)));
void SDL_LogInfo(int category, const char *format, ...) __attribute__((format(printf, 2, 3)));
void SDL_LogWarn(int category, const char *format, ...) __attribute__((format(printf, 2, 3)));
void SDL_LogError(int category, const char *format, ...) __attribute__((format(printf, 2, 3)));
void SDL_LogCritical(int category, const char *format, ...) __attribute__((format(printf, 2, 3)));
void SDL_LogMessage(int category, SDL_LogPriority priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void SDL_LogMessageV(int category, SDL_LogPriority priority, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

#ifdef __cplusplus
}
#endif
#endif
