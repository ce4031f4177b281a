/* SPDX-License-Identifier: MIT */
/*
 * Sound, which nobody hears yet. A device has a clock: after each period of its samples the
 * callback is called, or as many queued bytes are gone. One that is late by a second begins anew.
 */
#include "private.h"

#include <ctx/tables.h>

#define DEVICES 4
#define SECOND  UINT64_C(1000000000)
#define LATE    SECOND
#define TURN    4 /* calls at a time */

struct device {
    bool open, paused;
    int locks;
    SDL_AudioSpec spec;
    uint64_t next; /* when the next period is due */
    uint8_t *buffer;
    uint64_t queued; /* bytes */
};

static struct {
    bool init, told;
    struct device devices[DEVICES];
} state;

static struct device *device_of(SDL_AudioDeviceID id)
{
    if (id == 0 || id > DEVICES || !state.devices[id - 1].open) {
        SDL_SetError("there is no such audio device");
        return NULL;
    }
    return &state.devices[id - 1];
}

static uint64_t period(const struct device *d)
{
    return d->spec.samples * SECOND / (uint64_t)d->spec.freq;
}

uint64_t sdl_audio_turn(uint64_t now)
{
    uint64_t soonest = UINT64_MAX;
    for (int i = 0; i < DEVICES; i++) {
        struct device *d = &state.devices[i];
        if (!d->open || d->paused || d->locks > 0) {
            continue;
        }
        if (d->next + LATE < now) {
            d->next = now;
        }
        for (int k = 0; k < TURN && d->open && !d->paused && d->next <= now; k++) {
            d->next += period(d);
            if (d->spec.callback != NULL) {
                d->spec.callback(d->spec.userdata, d->buffer, (int)d->spec.size);
            } else {
                d->queued -= d->queued < d->spec.size ? d->queued : d->spec.size;
            }
        }
        bool plays = d->spec.callback != NULL || d->queued > 0;
        if (d->open && !d->paused && plays && d->next < soonest) {
            soonest = d->next;
        }
    }
    return soonest;
}

/* clang-format off */
int SDL_GetNumAudioDrivers(void) { return 1; }
const char *SDL_GetAudioDriver(int index) { return index == 0 ? "dummy" : NULL; }
const char *SDL_GetCurrentAudioDriver(void) { return state.init || SDL_WasInit(SDL_INIT_AUDIO) ? "dummy" : NULL; }
int SDL_GetNumAudioDevices(int capture) { return capture ? 0 : 1; }
const char *SDL_GetAudioDeviceName(int index, int capture) { return index == 0 && !capture ? "silence" : NULL; }
int SDL_AudioInit(const char *driver) { (void)driver; state.init = true; return 0; }
/* clang-format on */

void SDL_AudioQuit(void)
{
    for (SDL_AudioDeviceID i = 1; i <= DEVICES; i++) {
        SDL_CloseAudioDevice(i);
    }
    state.init = false;
}

static SDL_AudioDeviceID open_as(int index, const SDL_AudioSpec *wanted, SDL_AudioSpec *got)
{
    SDL_AudioSpec spec = *wanted;
    spec.freq = spec.freq > 0 ? spec.freq : 22050;
    spec.channels = spec.channels > 0 ? spec.channels : 2;
    spec.format = spec.format != 0 ? spec.format : AUDIO_S16;
    spec.samples = spec.samples > 0 ? spec.samples : 4096;
    spec.silence = spec.format == AUDIO_U8 ? 0x80 : 0;
    spec.size = SDL_AUDIO_BITSIZE(spec.format) / 8u * spec.channels * spec.samples;
    struct device *d = &state.devices[index];
    uint8_t *buffer = spec.size > 0 ? calloc(1, spec.size) : NULL;
    if (buffer == NULL) {
        SDL_SetError("audio of this kind can not be, or there is no memory");
        return 0;
    }
    *d = (struct device){.open = true, .paused = true, .spec = spec, .buffer = buffer};
    if (got != NULL) {
        *got = spec;
    }
    if (!state.told) {
        state.told = true;
        sdl_say(CTX_LOG_INFO, "audio: there is no sound yet; what is played is not heard");
    }
    return (SDL_AudioDeviceID)index + 1;
}

SDL_AudioDeviceID SDL_OpenAudioDevice(const char *name, int capture, const SDL_AudioSpec *wanted,
                                      SDL_AudioSpec *got, int allowed_changes)
{
    (void)name;
    (void)allowed_changes;
    for (int i = 1; i < DEVICES && !capture && wanted != NULL;
         i++) { /* the first is SDL_OpenAudio's */
        if (!state.devices[i].open) {
            return open_as(i, wanted, got);
        }
    }
    SDL_SetError(capture ? "nothing can be recorded" : "%d audio devices are open already",
                 DEVICES - 1);
    return 0;
}

int SDL_OpenAudio(SDL_AudioSpec *wanted, SDL_AudioSpec *got)
{
    if (wanted == NULL || state.devices[0].open) {
        return SDL_SetError("the audio device is open already");
    }
    return open_as(0, wanted, got != NULL ? got : wanted) != 0 ? 0 : -1;
}

void SDL_CloseAudioDevice(SDL_AudioDeviceID id)
{
    struct device *d = device_of(id);
    if (d != NULL) {
        free(d->buffer);
        *d = (struct device){0};
    }
}

void SDL_CloseAudio(void)
{
    SDL_CloseAudioDevice(1);
}

SDL_AudioStatus SDL_GetAudioDeviceStatus(SDL_AudioDeviceID id)
{
    const struct device *d = device_of(id);
    return d == NULL ? SDL_AUDIO_STOPPED : d->paused ? SDL_AUDIO_PAUSED : SDL_AUDIO_PLAYING;
}

SDL_AudioStatus SDL_GetAudioStatus(void)
{
    return SDL_GetAudioDeviceStatus(1);
}

void SDL_PauseAudioDevice(SDL_AudioDeviceID id, int pause)
{
    struct device *d = device_of(id);
    if (d != NULL && d->paused != (pause != 0)) {
        d->paused = pause != 0;
        d->next = sdl_now();
    }
}

void SDL_PauseAudio(int pause)
{
    SDL_PauseAudioDevice(1, pause);
}

void SDL_LockAudioDevice(SDL_AudioDeviceID id)
{
    struct device *d = device_of(id);
    if (d != NULL) {
        d->locks++;
    }
}

void SDL_UnlockAudioDevice(SDL_AudioDeviceID id)
{
    struct device *d = device_of(id);
    if (d != NULL && d->locks > 0) {
        d->locks--;
    }
}

/* Also without a device: SDL_mixer's users lock that one. */
void SDL_LockAudio(void)
{
    if (state.devices[0].open) {
        SDL_LockAudioDevice(1);
    }
}

void SDL_UnlockAudio(void)
{
    if (state.devices[0].open) {
        SDL_UnlockAudioDevice(1);
    }
}

int SDL_QueueAudio(SDL_AudioDeviceID id, const void *bytes, Uint32 len)
{
    struct device *d = device_of(id);
    if (d == NULL || d->spec.callback != NULL || bytes == NULL) {
        return d == NULL ? -1
                         : SDL_SetError("the audio device has a callback, or there are no bytes");
    }
    if (d->queued == 0) {
        d->next = sdl_now() + period(d);
    }
    d->queued += len;
    return 0;
}

Uint32 SDL_DequeueAudio(SDL_AudioDeviceID id, void *bytes, Uint32 len)
{
    (void)id;
    (void)bytes;
    (void)len;
    return 0;
}

Uint32 SDL_GetQueuedAudioSize(SDL_AudioDeviceID id)
{
    const struct device *d = device_of(id);
    return d == NULL ? 0 : d->queued > UINT32_MAX ? UINT32_MAX : (Uint32)d->queued;
}

void SDL_ClearQueuedAudio(SDL_AudioDeviceID id)
{
    struct device *d = device_of(id);
    if (d != NULL) {
        d->queued = 0;
    }
}
