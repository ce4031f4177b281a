/* SPDX-License-Identifier: MIT */
/* SDL_hints.h - wishes by name. They are kept and told; none changes anything. */
#ifndef SDL_hints_h_
#define SDL_hints_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_HINT_FRAMEBUFFER_ACCELERATION           "SDL_FRAMEBUFFER_ACCELERATION"
#define SDL_HINT_RENDER_DRIVER                      "SDL_RENDER_DRIVER"
#define SDL_HINT_RENDER_SCALE_QUALITY               "SDL_RENDER_SCALE_QUALITY"
#define SDL_HINT_RENDER_VSYNC                       "SDL_RENDER_VSYNC"
#define SDL_HINT_RENDER_BATCHING                    "SDL_RENDER_BATCHING"
#define SDL_HINT_RENDER_LOGICAL_SIZE_MODE           "SDL_RENDER_LOGICAL_SIZE_MODE"
#define SDL_HINT_VIDEO_ALLOW_SCREENSAVER            "SDL_VIDEO_ALLOW_SCREENSAVER"
#define SDL_HINT_VIDEO_HIGHDPI_DISABLED             "SDL_VIDEO_HIGHDPI_DISABLED"
#define SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS       "SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS"
#define SDL_HINT_GRAB_KEYBOARD                      "SDL_GRAB_KEYBOARD"
#define SDL_HINT_MOUSE_RELATIVE_MODE_WARP           "SDL_MOUSE_RELATIVE_MODE_WARP"
#define SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH           "SDL_MOUSE_FOCUS_CLICKTHROUGH"
#define SDL_HINT_MOUSE_TOUCH_EVENTS                 "SDL_MOUSE_TOUCH_EVENTS"
#define SDL_HINT_TOUCH_MOUSE_EVENTS                 "SDL_TOUCH_MOUSE_EVENTS"
#define SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS   "SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS"
#define SDL_HINT_GAMECONTROLLERCONFIG               "SDL_GAMECONTROLLERCONFIG"
#define SDL_HINT_ACCELEROMETER_AS_JOYSTICK          "SDL_ACCELEROMETER_AS_JOYSTICK"
#define SDL_HINT_NO_SIGNAL_HANDLERS                 "SDL_NO_SIGNAL_HANDLERS"
#define SDL_HINT_TIMER_RESOLUTION                   "SDL_TIMER_RESOLUTION"
#define SDL_HINT_AUDIO_RESAMPLING_MODE              "SDL_AUDIO_RESAMPLING_MODE"
#define SDL_HINT_APP_NAME                           "SDL_APP_NAME"
#define SDL_HINT_ORIENTATIONS                       "SDL_IOS_ORIENTATIONS"
#define SDL_HINT_ANDROID_TRAP_BACK_BUTTON           "SDL_ANDROID_TRAP_BACK_BUTTON"
#define SDL_HINT_WINDOWS_DISABLE_THREAD_NAMING      "SDL_WINDOWS_DISABLE_THREAD_NAMING"
#define SDL_HINT_WINDOWS_NO_CLOSE_ON_ALT_F4         "SDL_WINDOWS_NO_CLOSE_ON_ALT_F4"
#define SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR"

typedef enum { SDL_HINT_DEFAULT, SDL_HINT_NORMAL, SDL_HINT_OVERRIDE } SDL_HintPriority;
typedef void (*SDL_HintCallback)(void *userdata, const char *name, const char *old,
                                 const char *value);

/* False: a wish of higher priority stands (a variable of the environment is one), or no memory. */
SDL_bool SDL_SetHintWithPriority(const char *name, const char *value, SDL_HintPriority priority);
SDL_bool SDL_SetHint(const char *name, const char *value);
const char *SDL_GetHint(const char *name); /* NULL: nobody said; the environment's, if it has one */
SDL_bool SDL_GetHintBoolean(const char *name, SDL_bool otherwise);
void SDL_ClearHints(void);

#ifdef __cplusplus
}
#endif
#endif
