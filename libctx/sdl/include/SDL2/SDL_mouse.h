/* SPDX-License-Identifier: MIT */
#include "../SDL_mouse.h"
