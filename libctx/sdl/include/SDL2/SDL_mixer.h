/* SPDX-License-Identifier: MIT */
#include "../SDL_mixer.h"
