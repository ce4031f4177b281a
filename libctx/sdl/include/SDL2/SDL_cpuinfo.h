/* SPDX-License-Identifier: MIT */
#include "../SDL_cpuinfo.h"
