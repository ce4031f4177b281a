/* SPDX-License-Identifier: MIT */
/* What there is none of: joysticks, controllers, other threads. */
#include "private.h"

/* clang-format off */
#define NO_JOYSTICK return SDL_SetError("there are no joysticks")

int SDL_NumJoysticks(void) { return 0; }
SDL_Joystick *SDL_JoystickOpen(int index) { (void)index; SDL_SetError("there are no joysticks"); return NULL; }
SDL_Joystick *SDL_JoystickFromInstanceID(SDL_JoystickID id) { (void)id; return NULL; }
void SDL_JoystickClose(SDL_Joystick *joystick) { (void)joystick; }
SDL_bool SDL_JoystickGetAttached(SDL_Joystick *joystick) { (void)joystick; return SDL_FALSE; }
const char *SDL_JoystickName(SDL_Joystick *joystick) { (void)joystick; return NULL; }
const char *SDL_JoystickNameForIndex(int index) { (void)index; return NULL; }
SDL_JoystickGUID SDL_JoystickGetDeviceGUID(int index) { (void)index; return (SDL_JoystickGUID){{0}}; }
SDL_JoystickGUID SDL_JoystickGetGUID(SDL_Joystick *joystick) { (void)joystick; return (SDL_JoystickGUID){{0}}; }
SDL_JoystickID SDL_JoystickInstanceID(SDL_Joystick *joystick) { (void)joystick; NO_JOYSTICK; }
SDL_JoystickID SDL_JoystickGetDeviceInstanceID(int index) { (void)index; return -1; }
int SDL_JoystickNumAxes(SDL_Joystick *joystick) { (void)joystick; NO_JOYSTICK; }
int SDL_JoystickNumBalls(SDL_Joystick *joystick) { (void)joystick; NO_JOYSTICK; }
int SDL_JoystickNumHats(SDL_Joystick *joystick) { (void)joystick; NO_JOYSTICK; }
int SDL_JoystickNumButtons(SDL_Joystick *joystick) { (void)joystick; NO_JOYSTICK; }
void SDL_JoystickUpdate(void) {}
int SDL_JoystickEventState(int state) { return state == SDL_ENABLE ? SDL_ENABLE : SDL_IGNORE; }
Sint16 SDL_JoystickGetAxis(SDL_Joystick *joystick, int axis) { (void)joystick; (void)axis; return 0; }
Uint8 SDL_JoystickGetHat(SDL_Joystick *joystick, int hat) { (void)joystick; (void)hat; return SDL_HAT_CENTERED; }
int SDL_JoystickGetBall(SDL_Joystick *joystick, int ball, int *dx, int *dy) { (void)joystick; (void)ball; (void)dx; (void)dy; NO_JOYSTICK; }
Uint8 SDL_JoystickGetButton(SDL_Joystick *joystick, int button) { (void)joystick; (void)button; return 0; }
int SDL_JoystickRumble(SDL_Joystick *joystick, Uint16 low, Uint16 high, Uint32 ms) { (void)joystick; (void)low; (void)high; (void)ms; NO_JOYSTICK; }

SDL_bool SDL_IsGameController(int index) { (void)index; return SDL_FALSE; }
SDL_GameController *SDL_GameControllerOpen(int index) { (void)index; SDL_SetError("there are no controllers"); return NULL; }
SDL_GameController *SDL_GameControllerFromInstanceID(SDL_JoystickID id) { (void)id; return NULL; }
void SDL_GameControllerClose(SDL_GameController *controller) { (void)controller; }
const char *SDL_GameControllerName(SDL_GameController *controller) { (void)controller; return NULL; }
const char *SDL_GameControllerNameForIndex(int index) { (void)index; return NULL; }
SDL_bool SDL_GameControllerGetAttached(SDL_GameController *controller) { (void)controller; return SDL_FALSE; }
SDL_Joystick *SDL_GameControllerGetJoystick(SDL_GameController *controller) { (void)controller; return NULL; }
int SDL_GameControllerAddMapping(const char *mapping) { (void)mapping; return 0; }
int SDL_GameControllerAddMappingsFromRW(SDL_RWops *from, int close) { if (from != NULL && close) { SDL_RWclose(from); } return from != NULL ? 0 : -1; }
int SDL_GameControllerEventState(int state) { return state == SDL_ENABLE ? SDL_ENABLE : SDL_IGNORE; }
void SDL_GameControllerUpdate(void) {}
Sint16 SDL_GameControllerGetAxis(SDL_GameController *controller, SDL_GameControllerAxis axis) { (void)controller; (void)axis; return 0; }
Uint8 SDL_GameControllerGetButton(SDL_GameController *controller, SDL_GameControllerButton button) { (void)controller; (void)button; return 0; }
const char *SDL_GameControllerGetStringForButton(SDL_GameControllerButton button) { (void)button; return NULL; }
const char *SDL_GameControllerGetStringForAxis(SDL_GameControllerAxis axis) { (void)axis; return NULL; }
int SDL_GameControllerRumble(SDL_GameController *controller, Uint16 low, Uint16 high, Uint32 ms) { (void)controller; (void)low; (void)high; (void)ms; return SDL_Unsupported(); }

SDL_Thread *SDL_CreateThread(SDL_ThreadFunction fn, const char *name, void *data) { (void)fn; (void)data; SDL_SetError("thread %s: an app is one thread", name != NULL ? name : ""); return NULL; }
const char *SDL_GetThreadName(SDL_Thread *thread) { (void)thread; return NULL; }
SDL_threadID SDL_ThreadID(void) { return 1; }
SDL_threadID SDL_GetThreadID(SDL_Thread *thread) { (void)thread; return 1; }
int SDL_SetThreadPriority(SDL_ThreadPriority priority) { (void)priority; return 0; }
void SDL_WaitThread(SDL_Thread *thread, int *status) { (void)thread; if (status != NULL) { *status = -1; } }
void SDL_DetachThread(SDL_Thread *thread) { (void)thread; }
/* clang-format on */

void SDL_JoystickGetGUIDString(SDL_JoystickGUID guid, char *text, int room)
{
    for (int i = 0; i < 16 && room >= 2 * i + 3; i++) {
        snprintf(text + 2 * i, 3, "%02x", guid.data[i]);
    }
}

SDL_JoystickGUID SDL_JoystickGetGUIDFromString(const char *text)
{
    SDL_JoystickGUID guid = {{0}};
    for (int i = 0; i < 16 && isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1]);
         i++, text += 2) {
        char pair[3] = {text[0], text[1], 0};
        guid.data[i] = (Uint8)strtoul(pair, NULL, 16);
    }
    return guid;
}

/* ---- one thread's locks ---- */

struct SDL_mutex {
    int held;
};

struct SDL_semaphore {
    Uint32 value;
};

struct SDL_cond {
    int unused;
};

static void *make(size_t size)
{
    void *made = calloc(1, size);
    if (made == NULL) {
        SDL_OutOfMemory();
    }
    return made;
}

SDL_mutex *SDL_CreateMutex(void)
{
    return make(sizeof(SDL_mutex));
}

int SDL_LockMutex(SDL_mutex *mutex)
{
    if (mutex != NULL) {
        mutex->held++;
    }
    return 0;
}

int SDL_TryLockMutex(SDL_mutex *mutex)
{
    return SDL_LockMutex(mutex);
}

int SDL_UnlockMutex(SDL_mutex *mutex)
{
    if (mutex != NULL && mutex->held-- == 0) {
        mutex->held = 0;
        return SDL_SetError("the mutex is not locked");
    }
    return 0;
}

void SDL_DestroyMutex(SDL_mutex *mutex)
{
    free(mutex);
}

SDL_sem *SDL_CreateSemaphore(Uint32 value)
{
    SDL_sem *sem = make(sizeof *sem);
    if (sem != NULL) {
        sem->value = value;
    }
    return sem;
}

void SDL_DestroySemaphore(SDL_sem *sem)
{
    free(sem);
}

int SDL_SemTryWait(SDL_sem *sem)
{
    if (sem == NULL) {
        return SDL_InvalidParamError("sem");
    }
    if (sem->value == 0) {
        return SDL_MUTEX_TIMEDOUT;
    }
    sem->value--;
    return 0;
}

/* A timer or the audio callback may post it meanwhile. */
int SDL_SemWaitTimeout(SDL_sem *sem, Uint32 ms)
{
    int result = SDL_SemTryWait(sem);
    for (Uint32 i = 0; i < ms && result == SDL_MUTEX_TIMEDOUT; i++) {
        SDL_Delay(1);
        result = SDL_SemTryWait(sem);
    }
    return result;
}

int SDL_SemWait(SDL_sem *sem)
{
    int result = SDL_SemWaitTimeout(sem, 10000);
    return result == SDL_MUTEX_TIMEDOUT
               ? SDL_SetError("nobody posts the semaphore: an app is one thread")
               : result;
}

int SDL_SemPost(SDL_sem *sem)
{
    if (sem == NULL) {
        return SDL_InvalidParamError("sem");
    }
    sem->value++;
    return 0;
}

Uint32 SDL_SemValue(SDL_sem *sem)
{
    return sem != NULL ? sem->value : 0;
}

SDL_cond *SDL_CreateCond(void)
{
    return make(sizeof(SDL_cond));
}

void SDL_DestroyCond(SDL_cond *cond)
{
    free(cond);
}

int SDL_CondSignal(SDL_cond *cond)
{
    return cond != NULL ? 0 : SDL_InvalidParamError("cond");
}

int SDL_CondBroadcast(SDL_cond *cond)
{
    return SDL_CondSignal(cond);
}

int SDL_CondWaitTimeout(SDL_cond *cond, SDL_mutex *mutex, Uint32 ms)
{
    (void)mutex;
    if (cond == NULL) {
        return SDL_InvalidParamError("cond");
    }
    SDL_Delay(ms);
    return SDL_MUTEX_TIMEDOUT;
}

int SDL_CondWait(SDL_cond *cond, SDL_mutex *mutex)
{
    (void)cond;
    (void)mutex;
    return SDL_SetError("nobody signals the condition: an app is one thread");
}
