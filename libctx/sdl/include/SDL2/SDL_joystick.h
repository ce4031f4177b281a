/* SPDX-License-Identifier: MIT */
#include "../SDL_joystick.h"
