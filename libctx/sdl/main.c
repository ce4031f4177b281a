/* SPDX-License-Identifier: MIT */
/* Beginning and end; errors, hints, log, and small questions. */
#include "private.h"

#include "glue.h"

#include <ctx/c.h>

/* What games keep on the stack of main; a program may say another size. */
__attribute__((weak)) const uint32_t ctx_main_stack = 1u << 20;

static struct {
    int counts[32]; /* of each bit of SDL_INIT_* */
    char error[256];
    char *clipboard;
    SDL_LogPriority least;
} state = {.least = SDL_LOG_PRIORITY_INFO};

void sdl_say(uint32_t level, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ctx_c_say(level, "%s", text);
}

/* ---- errors ---- */

int SDL_SetError(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(state.error, sizeof state.error, format, args);
    va_end(args);
    return -1;
}

const char *SDL_GetError(void)
{
    return state.error;
}

char *SDL_GetErrorMsg(char *to, int room)
{
    snprintf(to, (size_t)(room > 0 ? room : 0), "%s", state.error);
    return to;
}

void SDL_ClearError(void)
{
    state.error[0] = 0;
}

int SDL_Error(SDL_errorcode code)
{
    static const char *const texts[] = {
        [SDL_ENOMEM] = "Out of memory",
        [SDL_EFREAD] = "Error reading from datastream",
        [SDL_EFWRITE] = "Error writing to datastream",
        [SDL_EFSEEK] = "Error seeking in datastream",
        [SDL_UNSUPPORTED] = "That operation is not supported",
    };
    bool known = (unsigned)code < SDL_arraysize(texts);
    return SDL_SetError("%s", known ? texts[code] : "Unknown SDL error");
}

/* ---- beginning and end ---- */

int SDL_InitSubSystem(Uint32 flags)
{
    flags |= (flags & (SDL_INIT_VIDEO | SDL_INIT_JOYSTICK)) != 0 ? SDL_INIT_EVENTS : 0;
    flags |= (flags & SDL_INIT_GAMECONTROLLER) != 0 ? SDL_INIT_JOYSTICK : 0;
    if ((flags & SDL_INIT_VIDEO) != 0 && !sdl_screen(NULL, NULL, NULL, NULL)) {
        return SDL_SetError("there is no screen");
    }
    for (int i = 0; i < 32; i++) {
        state.counts[i] += (int)(flags >> i & 1);
    }
    sdl_now();
    return 0;
}

int SDL_Init(Uint32 flags)
{
    return SDL_InitSubSystem(flags);
}

Uint32 SDL_WasInit(Uint32 flags)
{
    Uint32 all = 0;
    for (int i = 0; i < 32; i++) {
        all |= (Uint32)(state.counts[i] > 0) << i;
    }
    return flags == 0 ? all : all & flags;
}

void SDL_QuitSubSystem(Uint32 flags)
{
    Uint32 before = SDL_WasInit(0);
    flags |= (flags & (SDL_INIT_VIDEO | SDL_INIT_JOYSTICK)) != 0 ? SDL_INIT_EVENTS : 0;
    flags |= (flags & SDL_INIT_GAMECONTROLLER) != 0 ? SDL_INIT_JOYSTICK : 0;
    for (int i = 0; i < 32; i++) {
        state.counts[i] -= (flags >> i & 1) != 0 && state.counts[i] > 0;
    }
    Uint32 gone = before & ~SDL_WasInit(0);
    if ((gone & SDL_INIT_AUDIO) != 0) {
        SDL_AudioQuit();
    }
    if ((gone & SDL_INIT_VIDEO) != 0) {
        sdl_video_quit();
    }
}

void SDL_Quit(void)
{
    for (int i = 0; i < 32; i++) {
        state.counts[i] = 0;
    }
    SDL_AudioQuit();
    sdl_video_quit();
    SDL_FlushEvents(0, SDL_LASTEVENT);
    SDL_ClearHints();
}

void SDL_SetMainReady(void) {}

/* ---- log ---- */

void SDL_LogSetAllPriority(SDL_LogPriority priority)
{
    state.least = priority;
}

void SDL_LogSetPriority(int category, SDL_LogPriority priority)
{
    (void)category;
    state.least = priority;
}

SDL_LogPriority SDL_LogGetPriority(int category)
{
    (void)category;
    return state.least;
}

void SDL_LogMessageV(int category, SDL_LogPriority priority, const char *format, va_list args)
{
    char text[300];
    (void)category;
    if (priority < state.least) {
        return;
    }
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = 0;
    sdl_say(priority >= SDL_LOG_PRIORITY_ERROR  ? CTX_LOG_ERROR
            : priority == SDL_LOG_PRIORITY_WARN ? CTX_LOG_WARN
                                                : CTX_LOG_INFO,
            "%s", text);
}

#define LOG(category, priority)                                                                    \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        SDL_LogMessageV(category, priority, format, args);                                         \
        va_end(args);                                                                              \
    } while (0)

/* clang-format off */
void SDL_Log(const char *format, ...) { LOG(0, SDL_LOG_PRIORITY_INFO); }
void SDL_LogVerbose(int category, const char *format, ...) { LOG(category, SDL_LOG_PRIORITY_VERBOSE); }
void SDL_LogDebug(int category, const char *format, ...) { LOG(category, SDL_LOG_PRIORITY_DEBUG); }
void SDL_LogInfo(int category, const char *format, ...) { LOG(category, SDL_LOG_PRIORITY_INFO); }
void SDL_LogWarn(int category, const char *format, ...) { LOG(category, SDL_LOG_PRIORITY_WARN); }
void SDL_LogError(int category, const char *format, ...) { LOG(category, SDL_LOG_PRIORITY_ERROR); }
void SDL_LogCritical(int category, const char *format, ...) { LOG(category, SDL_LOG_PRIORITY_CRITICAL); }
void SDL_LogMessage(int category, SDL_LogPriority priority, const char *format, ...) { LOG(category, priority); }
/* clang-format on */

int SDL_ShowSimpleMessageBox(Uint32 flags, const char *title, const char *message,
                             SDL_Window *window)
{
    (void)window;
    sdl_say((flags & SDL_MESSAGEBOX_ERROR) != 0 ? CTX_LOG_ERROR : CTX_LOG_INFO, "%s: %.200s",
            title != NULL ? title : "message", message != NULL ? message : "");
    return 0;
}

/* ---- questions ---- */

void SDL_GetVersion(SDL_version *version)
{
    SDL_VERSION(version);
}

const char *SDL_GetRevision(void)
{
    return "ctx";
}

int SDL_GetRevisionNumber(void)
{
    return 0;
}

const char *SDL_GetPlatform(void)
{
    return "Context";
}

char *SDL_GetBasePath(void)
{
    return SDL_strdup("/");
}

char *SDL_GetPrefPath(const char *company, const char *app)
{
    (void)company;
    (void)app;
    return SDL_strdup("/tmp/");
}

int SDL_SetClipboardText(const char *text)
{
    char *kept = strdup(text != NULL ? text : "");
    if (kept == NULL) {
        return SDL_OutOfMemory();
    }
    free(state.clipboard);
    state.clipboard = kept;
    SDL_Event event = {.type = SDL_CLIPBOARDUPDATE};
    sdl_event_add(&event);
    return 0;
}

char *SDL_GetClipboardText(void)
{
    return SDL_strdup(state.clipboard != NULL ? state.clipboard : "");
}

SDL_bool SDL_HasClipboardText(void)
{
    return state.clipboard != NULL && state.clipboard[0] != 0 ? SDL_TRUE : SDL_FALSE;
}

/* clang-format off */
int SDL_GetCPUCount(void) { return 1; }
int SDL_GetCPUCacheLineSize(void) { return SDL_CACHELINE_SIZE; }
SDL_bool SDL_HasMMX(void) { return SDL_TRUE; }
SDL_bool SDL_HasSSE(void) { return SDL_TRUE; }
SDL_bool SDL_HasSSE2(void) { return SDL_TRUE; }
SDL_bool SDL_HasSSE3(void) { return SDL_FALSE; }
SDL_bool SDL_HasSSE41(void) { return SDL_FALSE; }
SDL_bool SDL_HasSSE42(void) { return SDL_FALSE; }
SDL_bool SDL_HasAVX(void) { return SDL_FALSE; }
SDL_bool SDL_HasAVX2(void) { return SDL_FALSE; }
/* clang-format on */

int SDL_GetSystemRAM(void)
{
    return 64;
}
