/* SPDX-License-Identifier: MIT */
#include "../SDL_clipboard.h"
