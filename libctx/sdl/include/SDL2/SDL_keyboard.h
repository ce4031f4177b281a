/* SPDX-License-Identifier: MIT */
#include "../SDL_keyboard.h"
