/* SPDX-License-Identifier: MIT */
#include "../SDL_quit.h"
