/* SPDX-License-Identifier: MIT */
/* SDL_gamecontroller.h - there are none, and none can be opened. */
#ifndef SDL_gamecontroller_h_
#define SDL_gamecontroller_h_

#include "SDL_joystick.h"
#include "SDL_rwops.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_GameController SDL_GameController;

typedef enum {
    SDL_CONTROLLER_AXIS_INVALID = -1,
    SDL_CONTROLLER_AXIS_LEFTX,
    SDL_CONTROLLER_AXIS_LEFTY,
    SDL_CONTROLLER_AXIS_RIGHTX,
    SDL_CONTROLLER_AXIS_RIGHTY,
    SDL_CONTROLLER_AXIS_TRIGGERLEFT,
    SDL_CONTROLLER_AXIS_TRIGGERRIGHT,
    SDL_CONTROLLER_AXIS_MAX,
} SDL_GameControllerAxis;

typedef enum {
    SDL_CONTROLLER_BUTTON_INVALID = -1,
    SDL_CONTROLLER_BUTTON_A,
    SDL_CONTROLLER_BUTTON_B,
    SDL_CONTROLLER_BUTTON_X,
    SDL_CONTROLLER_BUTTON_Y,
    SDL_CONTROLLER_BUTTON_BACK,
    SDL_CONTROLLER_BUTTON_GUIDE,
    SDL_CONTROLLER_BUTTON_START,
    SDL_CONTROLLER_BUTTON_LEFTSTICK,
    SDL_CONTROLLER_BUTTON_RIGHTSTICK,
    SDL_CONTROLLER_BUTTON_LEFTSHOULDER,
    SDL_CONTROLLER_BUTTON_RIGHTSHOULDER,
    SDL_CONTROLLER_BUTTON_DPAD_UP,
    SDL_CONTROLLER_BUTTON_DPAD_DOWN,
    SDL_CONTROLLER_BUTTON_DPAD_LEFT,
    SDL_CONTROLLER_BUTTON_DPAD_RIGHT,
    SDL_CONTROLLER_BUTTON_MAX,
} SDL_GameControllerButton;

SDL_bool SDL_IsGameController(int index); /* false */
SDL_GameController *SDL_GameControllerOpen(int index);
SDL_GameController *SDL_GameControllerFromInstanceID(SDL_JoystickID id);
void SDL_GameControllerClose(SDL_GameController *controller);
const char *SDL_GameControllerName(SDL_GameController *controller);
const char *SDL_GameControllerNameForIndex(int index);
SDL_bool SDL_GameControllerGetAttached(SDL_GameController *controller);
SDL_Joystick *SDL_GameControllerGetJoystick(SDL_GameController *controller);
int SDL_GameControllerAddMapping(const char *mapping);
int SDL_GameControllerAddMappingsFromRW(SDL_RWops *from, int close);
#define SDL_GameControllerAddMappingsFromFile(file)                                                \
    SDL_GameControllerAddMappingsFromRW(SDL_RWFromFile((file), "rb"), 1)
int SDL_GameControllerEventState(int state);
void SDL_GameControllerUpdate(void);
Sint16 SDL_GameControllerGetAxis(SDL_GameController *controller, SDL_GameControllerAxis axis);
Uint8 SDL_GameControllerGetButton(SDL_GameController *controller, SDL_GameControllerButton button);
const char *SDL_GameControllerGetStringForButton(SDL_GameControllerButton button);
const char *SDL_GameControllerGetStringForAxis(SDL_GameControllerAxis axis);
int SDL_GameControllerRumble(SDL_GameController *controller, Uint16 low, Uint16 high, Uint32 ms);

#ifdef __cplusplus
}
#endif
#endif
