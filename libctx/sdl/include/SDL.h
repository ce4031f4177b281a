/* SPDX-License-Identifier: MIT */
/*
 * <SDL.h> - what small games use of SDL 2, over a surface of ctx.display and the events of the
 * Context. libctx/doc/sdl.md lists every function: what is there, and what answers no. Names,
 * numbers and layouts of structs are SDL 2's, so sources compile unchanged; the code is ours, and
 * nothing is shared with a library that was compiled elsewhere.
 *
 * For programs with main() (argos_add_app(NAME PICOLIBC MAIN SDL ...)). There is one thread:
 * whoever waits (SDL_Delay, SDL_WaitEvent, SDL_RenderPresent with the screen's pace, an empty
 * SDL_PollEvent the second time) lets the other apps go on; timers and the audio callback run in
 * these places.
 *
 * Functions that return int: 0 or more is fine, less is an error that SDL_GetError() tells in
 * words. Pointers: NULL is an error. What a function returns belongs to the library, unless there
 * is a function to free it.
 */
#ifndef SDL_h_
#define SDL_h_

#include "SDL_audio.h"
#include "SDL_blendmode.h"
#include "SDL_clipboard.h"
#include "SDL_cpuinfo.h"
#include "SDL_endian.h"
#include "SDL_error.h"
#include "SDL_events.h"
#include "SDL_filesystem.h"
#include "SDL_gamecontroller.h"
#include "SDL_hints.h"
#include "SDL_joystick.h"
#include "SDL_keyboard.h"
#include "SDL_log.h"
#include "SDL_main.h"
#include "SDL_messagebox.h"
#include "SDL_mouse.h"
#include "SDL_mutex.h"
#include "SDL_pixels.h"
#include "SDL_platform.h"
#include "SDL_rect.h"
#include "SDL_render.h"
#include "SDL_rwops.h"
#include "SDL_stdinc.h"
#include "SDL_surface.h"
#include "SDL_thread.h"
#include "SDL_timer.h"
#include "SDL_version.h"
#include "SDL_video.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Parts. All can be initialised: joysticks and controllers are none, audio plays to nothing. */
#define SDL_INIT_TIMER          0x00000001u
#define SDL_INIT_AUDIO          0x00000010u
#define SDL_INIT_VIDEO          0x00000020u
#define SDL_INIT_JOYSTICK       0x00000200u
#define SDL_INIT_HAPTIC         0x00001000u
#define SDL_INIT_GAMECONTROLLER 0x00002000u
#define SDL_INIT_EVENTS         0x00004000u
#define SDL_INIT_SENSOR         0x00008000u
#define SDL_INIT_NOPARACHUTE    0x00100000u
#define SDL_INIT_EVERYTHING                                                                        \
    (SDL_INIT_TIMER | SDL_INIT_AUDIO | SDL_INIT_VIDEO | SDL_INIT_EVENTS | SDL_INIT_JOYSTICK |      \
     SDL_INIT_HAPTIC | SDL_INIT_GAMECONTROLLER | SDL_INIT_SENSOR)

/* VIDEO fails without a screen. Counted: each SDL_QuitSubSystem() undoes one. */
int SDL_Init(Uint32 flags);
int SDL_InitSubSystem(Uint32 flags);
void SDL_QuitSubSystem(Uint32 flags);
Uint32 SDL_WasInit(Uint32 flags); /* those of them that are; 0: of all */
void SDL_Quit(void);              /* all, with windows and audio; more than once is fine */

#ifdef __cplusplus
}
#endif
#endif
