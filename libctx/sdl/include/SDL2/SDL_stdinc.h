/* SPDX-License-Identifier: MIT */
#include "../SDL_stdinc.h"
