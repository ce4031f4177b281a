/* SPDX-License-Identifier: MIT */
#include "../SDL_opengl.h"
