/* SPDX-License-Identifier: MIT */
#include "../SDL_video.h"
