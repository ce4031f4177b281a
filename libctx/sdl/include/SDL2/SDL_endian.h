/* SPDX-License-Identifier: MIT */
#include "../SDL_endian.h"
