/* SPDX-License-Identifier: MIT */
/*
 * SDL_video.h - windows. Each is a surface of ctx.display. A window has the size that the program
 * asked for, whatever it is shown in: where it is shown larger or smaller (by the user or a window
 * manager, on a small screen, FULLSCREEN) all of it is scaled, keeping proportions, and the
 * pointer is told in its own pixels. RESIZABLE and FULLSCREEN_DESKTOP take the other size instead,
 * and hear of it (SDL_WINDOWEVENT_SIZE_CHANGED). There is one display, with one mode; no OpenGL.
 */
#ifndef SDL_video_h_
#define SDL_video_h_

#include "SDL_pixels.h"
#include "SDL_rect.h"
#include "SDL_surface.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_Window SDL_Window;

typedef struct SDL_DisplayMode {
    Uint32 format;
    int w, h;
    int refresh_rate; /* pictures per second */
    void *driverdata;
} SDL_DisplayMode;

typedef enum {
    SDL_WINDOW_FULLSCREEN = 0x00000001,
    SDL_WINDOW_OPENGL = 0x00000002, /* no window is made */
    SDL_WINDOW_SHOWN = 0x00000004,
    SDL_WINDOW_HIDDEN = 0x00000008,
    SDL_WINDOW_BORDERLESS = 0x00000010,
    SDL_WINDOW_RESIZABLE = 0x00000020,
    SDL_WINDOW_MINIMIZED = 0x00000040,
    SDL_WINDOW_MAXIMIZED = 0x00000080,
    SDL_WINDOW_MOUSE_GRABBED = 0x00000100,
    SDL_WINDOW_INPUT_GRABBED = 0x00000100,
    SDL_WINDOW_INPUT_FOCUS = 0x00000200,
    SDL_WINDOW_MOUSE_FOCUS = 0x00000400,
    SDL_WINDOW_FOREIGN = 0x00000800,
    SDL_WINDOW_FULLSCREEN_DESKTOP = 0x00001001,
    SDL_WINDOW_ALLOW_HIGHDPI = 0x00002000,
    SDL_WINDOW_ALWAYS_ON_TOP = 0x00008000,
} SDL_WindowFlags;

#define SDL_WINDOWPOS_UNDEFINED_MASK       0x1fff0000u
#define SDL_WINDOWPOS_UNDEFINED_DISPLAY(x) (SDL_WINDOWPOS_UNDEFINED_MASK | (x))
#define SDL_WINDOWPOS_UNDEFINED            SDL_WINDOWPOS_UNDEFINED_DISPLAY(0)
#define SDL_WINDOWPOS_ISUNDEFINED(x)       (((x)&0xffff0000) == SDL_WINDOWPOS_UNDEFINED_MASK)
#define SDL_WINDOWPOS_CENTERED_MASK        0x2fff0000u
#define SDL_WINDOWPOS_CENTERED_DISPLAY(x)  (SDL_WINDOWPOS_CENTERED_MASK | (x))
#define SDL_WINDOWPOS_CENTERED             SDL_WINDOWPOS_CENTERED_DISPLAY(0)
#define SDL_WINDOWPOS_ISCENTERED(x)        (((x)&0xffff0000) == SDL_WINDOWPOS_CENTERED_MASK)

typedef enum {
    SDL_WINDOWEVENT_NONE,
    SDL_WINDOWEVENT_SHOWN,
    SDL_WINDOWEVENT_HIDDEN,
    SDL_WINDOWEVENT_EXPOSED,
    SDL_WINDOWEVENT_MOVED,
    SDL_WINDOWEVENT_RESIZED,      /* data1, data2: by somebody else than the program */
    SDL_WINDOWEVENT_SIZE_CHANGED, /* likewise: by whomever */
    SDL_WINDOWEVENT_MINIMIZED,
    SDL_WINDOWEVENT_MAXIMIZED,
    SDL_WINDOWEVENT_RESTORED,
    SDL_WINDOWEVENT_ENTER,
    SDL_WINDOWEVENT_LEAVE,
    SDL_WINDOWEVENT_FOCUS_GAINED,
    SDL_WINDOWEVENT_FOCUS_LOST,
    SDL_WINDOWEVENT_CLOSE,
    SDL_WINDOWEVENT_TAKE_FOCUS,
    SDL_WINDOWEVENT_HIT_TEST,
} SDL_WindowEventID;

int SDL_GetNumVideoDrivers(void);
const char *SDL_GetVideoDriver(int index);
const char *SDL_GetCurrentVideoDriver(void); /* "ctx" */
int SDL_VideoInit(const char *driver);
void SDL_VideoQuit(void);

int SDL_GetNumVideoDisplays(void); /* 1 */
const char *SDL_GetDisplayName(int display);
int SDL_GetDisplayBounds(int display, SDL_Rect *rect);
int SDL_GetDisplayUsableBounds(int display, SDL_Rect *rect);
int SDL_GetDisplayDPI(int display, float *diagonal, float *horizontal, float *vertical);
int SDL_GetNumDisplayModes(int display);
int SDL_GetDisplayMode(int display, int index, SDL_DisplayMode *mode);
int SDL_GetDesktopDisplayMode(int display, SDL_DisplayMode *mode);
int SDL_GetCurrentDisplayMode(int display, SDL_DisplayMode *mode);
SDL_DisplayMode *SDL_GetClosestDisplayMode(int display, const SDL_DisplayMode *mode,
                                           SDL_DisplayMode *closest);

/* x and y: where it is to lie, or SDL_WINDOWPOS_*; a window manager may know better. A side is 1 to
 * 8192. flags: SDL_WINDOW_* */
SDL_Window *SDL_CreateWindow(const char *title, int x, int y, int w, int h, Uint32 flags);
void SDL_DestroyWindow(SDL_Window *window); /* with its renderer and surface */
Uint32 SDL_GetWindowID(SDL_Window *window);
SDL_Window *SDL_GetWindowFromID(Uint32 id);
Uint32 SDL_GetWindowFlags(SDL_Window *window);
Uint32 SDL_GetWindowPixelFormat(SDL_Window *window); /* RGB888 */
int SDL_GetWindowDisplayIndex(SDL_Window *window);
/* FULLSCREEN gets that size; NULL: its own */
int SDL_SetWindowDisplayMode(SDL_Window *window, const SDL_DisplayMode *mode);
int SDL_GetWindowDisplayMode(SDL_Window *window, SDL_DisplayMode *mode);
void SDL_SetWindowTitle(SDL_Window *window, const char *title);
const char *SDL_GetWindowTitle(SDL_Window *window);
void SDL_SetWindowIcon(SDL_Window *window, SDL_Surface *icon); /* nobody shows it */
void *SDL_SetWindowData(SDL_Window *window, const char *name, void *data);
void *SDL_GetWindowData(SDL_Window *window, const char *name);
void SDL_SetWindowPosition(SDL_Window *window, int x, int y);
void SDL_GetWindowPosition(SDL_Window *window, int *x, int *y);
void SDL_SetWindowSize(SDL_Window *window, int w, int h);
void SDL_GetWindowSize(SDL_Window *window, int *w, int *h);
int SDL_GetWindowBordersSize(SDL_Window *window, int *top, int *left, int *bottom, int *right);
void SDL_SetWindowMinimumSize(SDL_Window *window, int w, int h);
void SDL_GetWindowMinimumSize(SDL_Window *window, int *w, int *h);
void SDL_SetWindowMaximumSize(SDL_Window *window, int w, int h);
void SDL_GetWindowMaximumSize(SDL_Window *window, int *w, int *h);
void SDL_SetWindowBordered(SDL_Window *window, SDL_bool bordered);
void SDL_SetWindowResizable(SDL_Window *window, SDL_bool resizable);
void SDL_ShowWindow(SDL_Window *window);
void SDL_HideWindow(SDL_Window *window); /* its surface goes, until it is shown */
void SDL_RaiseWindow(SDL_Window *window);
void SDL_MaximizeWindow(SDL_Window *window);
void SDL_MinimizeWindow(SDL_Window *window);
void SDL_RestoreWindow(SDL_Window *window);
/* FULLSCREEN: scaled to all of the screen; FULLSCREEN_DESKTOP: as large as that; 0: a window. */
int SDL_SetWindowFullscreen(SDL_Window *window, Uint32 flags);
void SDL_SetWindowGrab(SDL_Window *window, SDL_bool grabbed); /* kept, and changes nothing */
SDL_bool SDL_GetWindowGrab(SDL_Window *window);
SDL_Window *SDL_GetGrabbedWindow(void);
int SDL_SetWindowBrightness(SDL_Window *window, float brightness); /* answers no */
int SDL_SetWindowGammaRamp(SDL_Window *window, const Uint16 *r, const Uint16 *g,
                           const Uint16 *b);                 /* answers no */
int SDL_SetWindowOpacity(SDL_Window *window, float opacity); /* answers no */

/* Pixels instead of a renderer: RGB888, until the window has another size. */
SDL_Surface *SDL_GetWindowSurface(SDL_Window *window);
int SDL_UpdateWindowSurface(SDL_Window *window);
int SDL_UpdateWindowSurfaceRects(SDL_Window *window, const SDL_Rect *rects, int count);

SDL_bool SDL_IsScreenSaverEnabled(void);
void SDL_EnableScreenSaver(void);
void SDL_DisableScreenSaver(void);

#ifdef __cplusplus
}
#endif
#endif
