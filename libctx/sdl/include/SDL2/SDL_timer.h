/* SPDX-License-Identifier: MIT */
#include "../SDL_timer.h"
