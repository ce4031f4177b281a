/* SPDX-License-Identifier: MIT */
/* In place of window.c where this tool was built without SDL2. */
#include "linux.h"

static const char why[] = "this ctx was built without SDL2 (package libsdl2-dev)";

/* [boot, loop] */
static bool late;

const char *linux_window_start(uint32_t width, uint32_t height, const char *title, bool is_late)
{
    (void)title;
    late = is_late;
    return !is_late ? why : linux_headless_start(width, height) ? NULL : "not enough memory";
}

void linux_window_show(void)
{
    if (late) {
        linux_no_window(why);
    }
}

void linux_window_stay(void) {}
