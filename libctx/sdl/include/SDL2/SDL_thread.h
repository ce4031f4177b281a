/* SPDX-License-Identifier: MIT */
#include "../SDL_thread.h"
