/* SPDX-License-Identifier: MIT */
#include "../SDL_types.h"
