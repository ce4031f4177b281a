/* SPDX-License-Identifier: MIT */
#include "../SDL_surface.h"
