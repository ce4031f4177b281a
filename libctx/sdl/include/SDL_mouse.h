/* SPDX-License-Identifier: MIT */
/*
 * SDL_mouse.h - the pointer. Where it is, is told in the window's own pixels, however large it is
 * shown; events also go through the renderer's logical size.
 */
#ifndef SDL_mouse_h_
#define SDL_mouse_h_

#include "SDL_surface.h"
#include "SDL_video.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_Cursor SDL_Cursor;

typedef enum {
    SDL_SYSTEM_CURSOR_ARROW,
    SDL_SYSTEM_CURSOR_IBEAM,
    SDL_SYSTEM_CURSOR_WAIT,
    SDL_SYSTEM_CURSOR_CROSSHAIR,
    SDL_SYSTEM_CURSOR_WAITARROW,
    SDL_SYSTEM_CURSOR_SIZENWSE,
    SDL_SYSTEM_CURSOR_SIZENESW,
    SDL_SYSTEM_CURSOR_SIZEWE,
    SDL_SYSTEM_CURSOR_SIZENS,
    SDL_SYSTEM_CURSOR_SIZEALL,
    SDL_SYSTEM_CURSOR_NO,
    SDL_SYSTEM_CURSOR_HAND,
    SDL_NUM_SYSTEM_CURSORS,
} SDL_SystemCursor;

typedef enum { SDL_MOUSEWHEEL_NORMAL, SDL_MOUSEWHEEL_FLIPPED } SDL_MouseWheelDirection;

#define SDL_BUTTON(x)     (1 << ((x)-1))
#define SDL_BUTTON_LEFT   1
#define SDL_BUTTON_MIDDLE 2
#define SDL_BUTTON_RIGHT  3
#define SDL_BUTTON_X1     4
#define SDL_BUTTON_X2     5
#define SDL_BUTTON_LMASK  SDL_BUTTON(SDL_BUTTON_LEFT)
#define SDL_BUTTON_MMASK  SDL_BUTTON(SDL_BUTTON_MIDDLE)
#define SDL_BUTTON_RMASK  SDL_BUTTON(SDL_BUTTON_RIGHT)
#define SDL_BUTTON_X1MASK SDL_BUTTON(SDL_BUTTON_X1)
#define SDL_BUTTON_X2MASK SDL_BUTTON(SDL_BUTTON_X2)

SDL_Window *SDL_GetMouseFocus(void);
Uint32 SDL_GetMouseState(int *x, int *y); /* the buttons that are down, as bits */
/* in pixels of the screen, as far as the app knows */
Uint32 SDL_GetGlobalMouseState(int *x, int *y);
Uint32 SDL_GetRelativeMouseState(int *x, int *y); /* since the last time */
void SDL_WarpMouseInWindow(SDL_Window *window, int x,
                           int y);     /* for the program alone, with an event: the pointer stays */
int SDL_WarpMouseGlobal(int x, int y); /* answers no */
/* Events tell how far it was moved, and no place changes; it is not seen. See sdl.md for devices.
 */
int SDL_SetRelativeMouseMode(SDL_bool enabled);
SDL_bool SDL_GetRelativeMouseMode(void);
int SDL_CaptureMouse(SDL_bool enabled); /* while a button is down it is */
SDL_Cursor *SDL_CreateSystemCursor(SDL_SystemCursor which);
/* An arrow, whatever the picture is. */
SDL_Cursor *SDL_CreateCursor(const Uint8 *data, const Uint8 *mask, int w, int h, int x, int y);
SDL_Cursor *SDL_CreateColorCursor(SDL_Surface *surface, int x, int y);
void SDL_SetCursor(SDL_Cursor *cursor);
SDL_Cursor *SDL_GetCursor(void);
SDL_Cursor *SDL_GetDefaultCursor(void);
void SDL_FreeCursor(SDL_Cursor *cursor);
int SDL_ShowCursor(int toggle); /* SDL_QUERY: only ask */

#ifdef __cplusplus
}
#endif
#endif
