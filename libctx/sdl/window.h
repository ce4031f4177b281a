/* SPDX-License-Identifier: MIT */
/* Between window.c and video.c. */
#ifndef CTX_SDL_WINDOW_H
#define CTX_SDL_WINDOW_H

#include "private.h"

/* False, and an error: there is no such window. */
bool sdl_window_is(const SDL_Window *window);

/* Another way of filling the screen; flags as SDL_SetWindowFullscreen() has them. */
int sdl_window_full(SDL_Window *window, Uint32 flags);

#endif
