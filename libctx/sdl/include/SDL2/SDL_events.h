/* SPDX-License-Identifier: MIT */
#include "../SDL_events.h"
