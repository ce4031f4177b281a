/* SPDX-License-Identifier: MIT */
#include "../SDL_rwops.h"
