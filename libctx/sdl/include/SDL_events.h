/* SPDX-License-Identifier: MIT */
/*
 * SDL_events.h - what has happened. 1,024 events wait at most; more are dropped, the newest first.
 * Of the kinds below those are sent that the Context has a cause for: QUIT, WINDOWEVENT, KEYDOWN,
 * KEYUP, TEXTINPUT, MOUSE*, and the caller's own.
 */
#ifndef SDL_events_h_
#define SDL_events_h_

#include "SDL_gamecontroller.h"
#include "SDL_joystick.h"
#include "SDL_keyboard.h"
#include "SDL_mouse.h"
#include "SDL_video.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_RELEASED 0
#define SDL_PRESSED  1

typedef enum {
    SDL_FIRSTEVENT = 0,
    SDL_QUIT = 0x100,
    SDL_APP_TERMINATING,
    SDL_APP_LOWMEMORY,
    SDL_APP_WILLENTERBACKGROUND,
    SDL_APP_DIDENTERBACKGROUND,
    SDL_APP_WILLENTERFOREGROUND,
    SDL_APP_DIDENTERFOREGROUND,
    SDL_DISPLAYEVENT = 0x150,
    SDL_WINDOWEVENT = 0x200,
    SDL_SYSWMEVENT,
    SDL_KEYDOWN = 0x300,
    SDL_KEYUP,
    SDL_TEXTEDITING,
    SDL_TEXTINPUT,
    SDL_KEYMAPCHANGED,
    SDL_MOUSEMOTION = 0x400,
    SDL_MOUSEBUTTONDOWN,
    SDL_MOUSEBUTTONUP,
    SDL_MOUSEWHEEL,
    SDL_JOYAXISMOTION = 0x600,
    SDL_JOYBALLMOTION,
    SDL_JOYHATMOTION,
    SDL_JOYBUTTONDOWN,
    SDL_JOYBUTTONUP,
    SDL_JOYDEVICEADDED,
    SDL_JOYDEVICEREMOVED,
    SDL_CONTROLLERAXISMOTION = 0x650,
    SDL_CONTROLLERBUTTONDOWN,
    SDL_CONTROLLERBUTTONUP,
    SDL_CONTROLLERDEVICEADDED,
    SDL_CONTROLLERDEVICEREMOVED,
    SDL_CONTROLLERDEVICEREMAPPED,
    SDL_FINGERDOWN = 0x700,
    SDL_FINGERUP,
    SDL_FINGERMOTION,
    SDL_CLIPBOARDUPDATE = 0x900,
    SDL_DROPFILE = 0x1000,
    SDL_DROPTEXT,
    SDL_DROPBEGIN,
    SDL_DROPCOMPLETE,
    SDL_AUDIODEVICEADDED = 0x1100,
    SDL_AUDIODEVICEREMOVED,
    SDL_RENDER_TARGETS_RESET = 0x2000,
    SDL_RENDER_DEVICE_RESET,
    SDL_USEREVENT = 0x8000, /* to LASTEVENT: the program's own, see SDL_RegisterEvents() */
    SDL_LASTEVENT = 0xffff,
} SDL_EventType;

/* timestamp: SDL_GetTicks() of when it was told; windowID: of the window that it is about. */
typedef struct SDL_CommonEvent {
    Uint32 type, timestamp;
} SDL_CommonEvent;

typedef struct SDL_WindowEvent {
    Uint32 type, timestamp, windowID;
    Uint8 event; /* SDL_WINDOWEVENT_* */
    Uint8 padding1, padding2, padding3;
    Sint32 data1, data2;
} SDL_WindowEvent;

typedef struct SDL_KeyboardEvent {
    Uint32 type, timestamp, windowID;
    Uint8 state, repeat;
    Uint8 padding2, padding3;
    SDL_Keysym keysym;
} SDL_KeyboardEvent;

#define SDL_TEXTEDITINGEVENT_TEXT_SIZE 32
typedef struct SDL_TextEditingEvent {
    Uint32 type, timestamp, windowID;
    char text[SDL_TEXTEDITINGEVENT_TEXT_SIZE];
    Sint32 start, length;
} SDL_TextEditingEvent;

#define SDL_TEXTINPUTEVENT_TEXT_SIZE 32
typedef struct SDL_TextInputEvent {
    Uint32 type, timestamp, windowID;
    char text[SDL_TEXTINPUTEVENT_TEXT_SIZE]; /* one character, UTF-8 */
} SDL_TextInputEvent;

typedef struct SDL_MouseMotionEvent {
    Uint32 type, timestamp, windowID, which;
    Uint32 state; /* the buttons that are down */
    Sint32 x, y, xrel, yrel;
} SDL_MouseMotionEvent;

typedef struct SDL_MouseButtonEvent {
    Uint32 type, timestamp, windowID, which;
    Uint8 button, state, clicks, padding1; /* clicks: 2 for a double click */
    Sint32 x, y;
} SDL_MouseButtonEvent;

typedef struct SDL_MouseWheelEvent {
    Uint32 type, timestamp, windowID, which;
    Sint32 x, y; /* whole steps, to the right and away from the user */
    Uint32 direction;
    float preciseX, preciseY;
    Sint32 mouseX, mouseY;
} SDL_MouseWheelEvent;

typedef struct SDL_JoyAxisEvent {
    Uint32 type, timestamp;
    SDL_JoystickID which;
    Uint8 axis, padding1, padding2, padding3;
    Sint16 value;
    Uint16 padding4;
} SDL_JoyAxisEvent;

typedef struct SDL_JoyHatEvent {
    Uint32 type, timestamp;
    SDL_JoystickID which;
    Uint8 hat, value, padding1, padding2;
} SDL_JoyHatEvent;

typedef struct SDL_JoyButtonEvent {
    Uint32 type, timestamp;
    SDL_JoystickID which;
    Uint8 button, state, padding1, padding2;
} SDL_JoyButtonEvent;

typedef struct SDL_JoyDeviceEvent {
    Uint32 type, timestamp;
    Sint32 which;
} SDL_JoyDeviceEvent;

typedef SDL_JoyAxisEvent SDL_ControllerAxisEvent;
typedef SDL_JoyButtonEvent SDL_ControllerButtonEvent;
typedef SDL_JoyDeviceEvent SDL_ControllerDeviceEvent;

typedef struct SDL_TouchFingerEvent {
    Uint32 type, timestamp;
    Sint64 touchId, fingerId;
    float x, y, dx, dy, pressure;
    Uint32 windowID;
} SDL_TouchFingerEvent;

typedef struct SDL_DropEvent {
    Uint32 type, timestamp;
    char *file;
    Uint32 windowID;
} SDL_DropEvent;

typedef struct SDL_AudioDeviceEvent {
    Uint32 type, timestamp, which;
    Uint8 iscapture, padding1, padding2, padding3;
} SDL_AudioDeviceEvent;

typedef struct SDL_QuitEvent {
    Uint32 type, timestamp;
} SDL_QuitEvent;

typedef struct SDL_UserEvent {
    Uint32 type, timestamp, windowID;
    Sint32 code;
    void *data1, *data2;
} SDL_UserEvent;

typedef struct SDL_SysWMEvent {
    Uint32 type, timestamp;
    void *msg;
} SDL_SysWMEvent;

typedef union SDL_Event {
    Uint32 type;
    SDL_CommonEvent common;
    SDL_WindowEvent window;
    SDL_KeyboardEvent key;
    SDL_TextEditingEvent edit;
    SDL_TextInputEvent text;
    SDL_MouseMotionEvent motion;
    SDL_MouseButtonEvent button;
    SDL_MouseWheelEvent wheel;
    SDL_JoyAxisEvent jaxis;
    SDL_JoyHatEvent jhat;
    SDL_JoyButtonEvent jbutton;
    SDL_JoyDeviceEvent jdevice;
    SDL_ControllerAxisEvent caxis;
    SDL_ControllerButtonEvent cbutton;
    SDL_ControllerDeviceEvent cdevice;
    SDL_AudioDeviceEvent adevice;
    SDL_QuitEvent quit;
    SDL_UserEvent user;
    SDL_SysWMEvent syswm;
    SDL_TouchFingerEvent tfinger;
    SDL_DropEvent drop;
    Uint8 padding[64];
} SDL_Event;

typedef int (*SDL_EventFilter)(void *userdata, SDL_Event *event); /* 0: drop it */
typedef enum { SDL_ADDEVENT, SDL_PEEKEVENT, SDL_GETEVENT } SDL_eventaction;

#define SDL_QUERY   (-1)
#define SDL_IGNORE  0
#define SDL_DISABLE 0
#define SDL_ENABLE  1

void SDL_PumpEvents(void); /* what has happened joins the queue */
int SDL_PeepEvents(SDL_Event *events, int count, SDL_eventaction action, Uint32 least, Uint32 most);
SDL_bool SDL_HasEvent(Uint32 type);
SDL_bool SDL_HasEvents(Uint32 least, Uint32 most);
void SDL_FlushEvent(Uint32 type);
void SDL_FlushEvents(Uint32 least, Uint32 most);
int SDL_PollEvent(SDL_Event *event); /* 1: there was one; NULL: only ask */
int SDL_WaitEvent(SDL_Event *event);
int SDL_WaitEventTimeout(SDL_Event *event, int ms);
int SDL_PushEvent(SDL_Event *event); /* 1: added, 0: filtered, -1: no room */
void SDL_SetEventFilter(SDL_EventFilter filter, void *userdata);
SDL_bool SDL_GetEventFilter(SDL_EventFilter *filter, void **userdata);
void SDL_AddEventWatch(SDL_EventFilter filter, void *userdata); /* at most 8 */
void SDL_DelEventWatch(SDL_EventFilter filter, void *userdata);
void SDL_FilterEvents(SDL_EventFilter filter, void *userdata);
Uint8 SDL_EventState(Uint32 type, int state); /* IGNORE: none of that kind from now on */
#define SDL_GetEventState(type) SDL_EventState((type), SDL_QUERY)
Uint32 SDL_RegisterEvents(int count); /* the first of so many numbers */
#define SDL_QuitRequested()                                                                        \
    (SDL_PumpEvents(), SDL_PeepEvents(NULL, 0, SDL_PEEKEVENT, SDL_QUIT, SDL_QUIT) > 0)

#ifdef __cplusplus
}
#endif
#endif
