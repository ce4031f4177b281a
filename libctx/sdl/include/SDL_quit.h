/* SPDX-License-Identifier: MIT */
/* SDL_quit.h - an older name of a part of SDL_events.h. */
#include "SDL_events.h"
