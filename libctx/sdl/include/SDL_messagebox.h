/* SPDX-License-Identifier: MIT */
/* SDL_messagebox.h - words for the user, which become lines of the log. */
#ifndef SDL_messagebox_h_
#define SDL_messagebox_h_

#include "SDL_video.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SDL_MESSAGEBOX_ERROR = 0x10,
    SDL_MESSAGEBOX_WARNING = 0x20,
    SDL_MESSAGEBOX_INFORMATION = 0x40,
} SDL_MessageBoxFlags;

int SDL_ShowSimpleMessageBox(Uint32 flags, const char *title, const char *message,
                             SDL_Window *window);

#ifdef __cplusplus
}
#endif
#endif
