/* SPDX-License-Identifier: MIT */
/* SDL_types.h - an older name of SDL_stdinc.h. */
#include "SDL_stdinc.h"
