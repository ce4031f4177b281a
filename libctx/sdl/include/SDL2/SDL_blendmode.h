/* SPDX-License-Identifier: MIT */
#include "../SDL_blendmode.h"
