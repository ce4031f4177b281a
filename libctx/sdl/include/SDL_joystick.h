/* SPDX-License-Identifier: MIT */
/* SDL_joystick.h - there are none, and none can be opened. */
#ifndef SDL_joystick_h_
#define SDL_joystick_h_

#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_Joystick SDL_Joystick;
typedef struct SDL_JoystickGUID {
    Uint8 data[16];
} SDL_JoystickGUID;
typedef Sint32 SDL_JoystickID;
typedef enum {
    SDL_JOYSTICK_TYPE_UNKNOWN,
    SDL_JOYSTICK_TYPE_GAMECONTROLLER,
} SDL_JoystickType;
typedef enum {
    SDL_JOYSTICK_POWER_UNKNOWN = -1,
    SDL_JOYSTICK_POWER_EMPTY,
    SDL_JOYSTICK_POWER_WIRED = 4,
} SDL_JoystickPowerLevel;

#define SDL_JOYSTICK_AXIS_MAX 32767
#define SDL_JOYSTICK_AXIS_MIN (-32768)
#define SDL_HAT_CENTERED      0
#define SDL_HAT_UP            1
#define SDL_HAT_RIGHT         2
#define SDL_HAT_DOWN          4
#define SDL_HAT_LEFT          8
#define SDL_HAT_RIGHTUP       (SDL_HAT_RIGHT | SDL_HAT_UP)
#define SDL_HAT_RIGHTDOWN     (SDL_HAT_RIGHT | SDL_HAT_DOWN)
#define SDL_HAT_LEFTUP        (SDL_HAT_LEFT | SDL_HAT_UP)
#define SDL_HAT_LEFTDOWN      (SDL_HAT_LEFT | SDL_HAT_DOWN)

int SDL_NumJoysticks(void); /* 0 */
SDL_Joystick *SDL_JoystickOpen(int index);
SDL_Joystick *SDL_JoystickFromInstanceID(SDL_JoystickID id);
void SDL_JoystickClose(SDL_Joystick *joystick);
SDL_bool SDL_JoystickGetAttached(SDL_Joystick *joystick);
const char *SDL_JoystickName(SDL_Joystick *joystick);
const char *SDL_JoystickNameForIndex(int index);
SDL_JoystickGUID SDL_JoystickGetDeviceGUID(int index);
SDL_JoystickGUID SDL_JoystickGetGUID(SDL_Joystick *joystick);
void SDL_JoystickGetGUIDString(SDL_JoystickGUID guid, char *text, int room);
SDL_JoystickGUID SDL_JoystickGetGUIDFromString(const char *text);
SDL_JoystickID SDL_JoystickInstanceID(SDL_Joystick *joystick);
SDL_JoystickID SDL_JoystickGetDeviceInstanceID(int index);
int SDL_JoystickNumAxes(SDL_Joystick *joystick);
int SDL_JoystickNumBalls(SDL_Joystick *joystick);
int SDL_JoystickNumHats(SDL_Joystick *joystick);
int SDL_JoystickNumButtons(SDL_Joystick *joystick);
void SDL_JoystickUpdate(void);
int SDL_JoystickEventState(int state);
Sint16 SDL_JoystickGetAxis(SDL_Joystick *joystick, int axis);
Uint8 SDL_JoystickGetHat(SDL_Joystick *joystick, int hat);
int SDL_JoystickGetBall(SDL_Joystick *joystick, int ball, int *dx, int *dy);
Uint8 SDL_JoystickGetButton(SDL_Joystick *joystick, int button);
int SDL_JoystickRumble(SDL_Joystick *joystick, Uint16 low, Uint16 high, Uint32 ms);

#ifdef __cplusplus
}
#endif
#endif
