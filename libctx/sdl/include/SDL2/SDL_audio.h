/* SPDX-License-Identifier: MIT */
#include "../SDL_audio.h"
