/* SPDX-License-Identifier: MIT */
#include "../SDL_mutex.h"
