/* SPDX-License-Identifier: MIT */
#include "../SDL_platform.h"
