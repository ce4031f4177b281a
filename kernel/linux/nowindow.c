/* SPDX-License-Identifier: MIT */
/* In place of window.c where this tool was built without SDL2. */
#include "linux.h"

const char *linux_window_start(uint32_t width, uint32_t height, const char *title)
{
    (void)width;
    (void)height;
    (void)title;
    return "this ctx was built without SDL2 (package libsdl2-dev)";
}

void linux_window_stay(void) {}
