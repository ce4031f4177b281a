/* SPDX-License-Identifier: MIT */
#include "../SDL_gamecontroller.h"
