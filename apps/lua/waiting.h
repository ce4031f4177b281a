/* SPDX-License-Identifier: MIT */
/*
 * How net and sql wait. In main's fiber they wait there. A script that is the whole app stands in a
 * fiber too, for its files (lua_files.h); but its coroutines are to go on meanwhile, so what would
 * wait is told that there is no fiber, answers AGAIN, and yields.
 */
#ifndef LUA_WAITING_H
#define LUA_WAITING_H

/* Around what may wait; `begin` says what `end` puts back. Nothing between them throws. */
int lua_wait_begin(void);
void lua_wait_end(int was);

#endif
