/* SPDX-License-Identifier: MIT */
#include "../SDL_error.h"
