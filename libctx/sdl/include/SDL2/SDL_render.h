/* SPDX-License-Identifier: MIT */
#include "../SDL_render.h"
