/* SPDX-License-Identifier: MIT */
#include "../SDL_keycode.h"
