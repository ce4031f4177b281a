/* SPDX-License-Identifier: MIT */
#include "../SDL_messagebox.h"
