/* SPDX-License-Identifier: MIT */
/* SDL_version.h - the version of SDL whose functions these are; not all of them are there. */
#ifndef SDL_version_h_
#define SDL_version_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_version {
    Uint8 major, minor, patch;
} SDL_version;

#define SDL_MAJOR_VERSION 2
#define SDL_MINOR_VERSION 0
#define SDL_PATCHLEVEL    22
#define SDL_VERSION(x)                                                                             \
    ((x)->major = SDL_MAJOR_VERSION, (x)->minor = SDL_MINOR_VERSION, (x)->patch = SDL_PATCHLEVEL)
#define SDL_VERSIONNUM(x, y, z)      ((x)*1000 + (y)*100 + (z))
#define SDL_COMPILEDVERSION          SDL_VERSIONNUM(SDL_MAJOR_VERSION, SDL_MINOR_VERSION, SDL_PATCHLEVEL)
#define SDL_VERSION_ATLEAST(x, y, z) (SDL_COMPILEDVERSION >= SDL_VERSIONNUM(x, y, z))

void SDL_GetVersion(SDL_version *version);
const char *SDL_GetRevision(void); /* "ctx" */
int SDL_GetRevisionNumber(void);

#ifdef __cplusplus
}
#endif
#endif
