/* SPDX-License-Identifier: MIT */
#include "../SDL_main.h"
