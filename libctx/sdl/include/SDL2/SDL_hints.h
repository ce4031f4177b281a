/* SPDX-License-Identifier: MIT */
#include "../SDL_hints.h"
