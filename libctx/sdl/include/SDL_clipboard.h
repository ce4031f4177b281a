/* SPDX-License-Identifier: MIT */
/* SDL_clipboard.h - what the program itself has copied; it is not the desktop's clipboard. */
#ifndef SDL_clipboard_h_
#define SDL_clipboard_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

int SDL_SetClipboardText(const char *text);
char *SDL_GetClipboardText(void); /* for SDL_free(); "": none */
SDL_bool SDL_HasClipboardText(void);

#ifdef __cplusplus
}
#endif
#endif
