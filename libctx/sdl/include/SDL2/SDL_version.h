/* SPDX-License-Identifier: MIT */
#include "../SDL_version.h"
