/* SPDX-License-Identifier: MIT */
#include "../SDL_scancode.h"
