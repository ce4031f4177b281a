/* SPDX-License-Identifier: MIT */
/* SDL_main.h - main() is main(). */
#ifndef SDL_main_h_
#define SDL_main_h_

#ifdef __cplusplus
extern "C" {
#endif

typedef int (*SDL_main_func)(int argc, char *argv[]);
void SDL_SetMainReady(void);

#ifdef __cplusplus
}
#endif
#endif
