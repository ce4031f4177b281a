/* SPDX-License-Identifier: MIT */
#include "../SDL_filesystem.h"
