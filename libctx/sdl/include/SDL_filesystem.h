/* SPDX-License-Identifier: MIT */
/* SDL_filesystem.h - where files lie (libctx/doc/files.md). Both are for SDL_free(). */
#ifndef SDL_filesystem_h_
#define SDL_filesystem_h_

#ifdef __cplusplus
extern "C" {
#endif

char *SDL_GetBasePath(void); /* "/" */
/* "/tmp/", which is saved with the app */
char *SDL_GetPrefPath(const char *company, const char *app);

#ifdef __cplusplus
}
#endif
#endif
