/* SPDX-License-Identifier: MIT */
/* SDL_platform.h */
#ifndef SDL_platform_h_
#define SDL_platform_h_

#ifdef __cplusplus
extern "C" {
#endif

const char *SDL_GetPlatform(void); /* "Context" */

#ifdef __cplusplus
}
#endif
#endif
