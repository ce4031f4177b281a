/* SPDX-License-Identifier: MIT */
#include "../SDL_net.h"
