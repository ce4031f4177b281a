/* SPDX-License-Identifier: MIT */
#include "../SDL_log.h"
