/* SPDX-License-Identifier: MIT */
#include "waiting.h"

#include "lua_files.h"

#include <ctx/fiber.h>

static int yields; /* [in-call] */

void lua_yields_to_wait(int on)
{
    yields = on;
}

int lua_wait_begin(void)
{
    return yields ? ctx_fiber_hide(1) : 0;
}

void lua_wait_end(int was)
{
    if (yields) {
        (void)ctx_fiber_hide(was);
    }
}
