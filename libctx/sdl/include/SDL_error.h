/* SPDX-License-Identifier: MIT */
/* SDL_error.h - what went wrong last, in words. There is one text, it stays until the next. */
#ifndef SDL_error_h_
#define SDL_error_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SDL_ENOMEM,
    SDL_EFREAD,
    SDL_EFWRITE,
    SDL_EFSEEK,
    SDL_UNSUPPORTED,
    SDL_LASTERROR,
} SDL_errorcode;

/* As printf has it, at most 255 bytes; always -1. */
int SDL_SetError(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *SDL_GetError(void); /* "": nothing did */
char *SDL_GetErrorMsg(char *to, int room);
void SDL_ClearError(void);
int SDL_Error(SDL_errorcode code); /* always -1 */

#define SDL_OutOfMemory()          SDL_Error(SDL_ENOMEM)
#define SDL_Unsupported()          SDL_Error(SDL_UNSUPPORTED)
#define SDL_InvalidParamError(par) SDL_SetError("Parameter '%s' is invalid", (par))

#ifdef __cplusplus
}
#endif
#endif
