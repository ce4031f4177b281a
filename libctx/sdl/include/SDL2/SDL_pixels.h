/* SPDX-License-Identifier: MIT */
#include "../SDL_pixels.h"
