/* SPDX-License-Identifier: MIT */
#include "../SDL_rect.h"
