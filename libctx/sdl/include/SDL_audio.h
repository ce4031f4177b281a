/* SPDX-License-Identifier: MIT */
/*
 * SDL_audio.h - sound, which nobody hears yet: the log says so once. A device opens with what was
 * asked for; its callback is called as often as if it played (where the program waits), and queued
 * bytes go at the same pace, so games that are led by their sound go on. Nothing is recorded.
 */
#ifndef SDL_audio_h_
#define SDL_audio_h_

#include "SDL_rwops.h"
#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef Uint16 SDL_AudioFormat;
#define SDL_AUDIO_MASK_BITSIZE           0xff
#define SDL_AUDIO_BITSIZE(x)             ((x)&0xff)
#define SDL_AUDIO_ISFLOAT(x)             ((x)&0x100)
#define SDL_AUDIO_ISBIGENDIAN(x)         ((x)&0x1000)
#define SDL_AUDIO_ISSIGNED(x)            ((x)&0x8000)
#define AUDIO_U8                         0x0008
#define AUDIO_S8                         0x8008
#define AUDIO_U16LSB                     0x0010
#define AUDIO_S16LSB                     0x8010
#define AUDIO_U16MSB                     0x1010
#define AUDIO_S16MSB                     0x9010
#define AUDIO_U16                        AUDIO_U16LSB
#define AUDIO_S16                        AUDIO_S16LSB
#define AUDIO_S32LSB                     0x8020
#define AUDIO_S32MSB                     0x9020
#define AUDIO_S32                        AUDIO_S32LSB
#define AUDIO_F32LSB                     0x8120
#define AUDIO_F32MSB                     0x9120
#define AUDIO_F32                        AUDIO_F32LSB
#define AUDIO_U16SYS                     AUDIO_U16LSB
#define AUDIO_S16SYS                     AUDIO_S16LSB
#define AUDIO_S32SYS                     AUDIO_S32LSB
#define AUDIO_F32SYS                     AUDIO_F32LSB
#define SDL_AUDIO_ALLOW_FREQUENCY_CHANGE 1
#define SDL_AUDIO_ALLOW_FORMAT_CHANGE    2
#define SDL_AUDIO_ALLOW_CHANNELS_CHANGE  4
#define SDL_AUDIO_ALLOW_SAMPLES_CHANGE   8
#define SDL_AUDIO_ALLOW_ANY_CHANGE       15
#define SDL_MIX_MAXVOLUME                128

typedef void (*SDL_AudioCallback)(void *userdata, Uint8 *stream, int len);

typedef struct SDL_AudioSpec {
    int freq; /* samples a second; 0: 22050 */
    SDL_AudioFormat format;
    Uint8 channels;
    Uint8 silence;
    Uint16 samples; /* that the callback is asked for at a time; 0: 4096 */
    Uint16 padding;
    Uint32 size;                /* the same in bytes */
    SDL_AudioCallback callback; /* NULL: bytes are queued */
    void *userdata;
} SDL_AudioSpec;

typedef Uint32 SDL_AudioDeviceID;
typedef enum { SDL_AUDIO_STOPPED, SDL_AUDIO_PLAYING, SDL_AUDIO_PAUSED } SDL_AudioStatus;

struct SDL_AudioCVT;
typedef void (*SDL_AudioFilter)(struct SDL_AudioCVT *cvt, SDL_AudioFormat format);
typedef struct SDL_AudioCVT {
    int needed;
    SDL_AudioFormat src_format, dst_format;
    double rate_incr;
    Uint8 *buf;
    int len, len_cvt, len_mult;
    double len_ratio;
    SDL_AudioFilter filters[10];
    int filter_index;
} SDL_AudioCVT;

int SDL_GetNumAudioDrivers(void);
const char *SDL_GetAudioDriver(int index);
int SDL_AudioInit(const char *driver);
void SDL_AudioQuit(void);
const char *SDL_GetCurrentAudioDriver(void); /* "dummy"; NULL: not initialised */
int SDL_GetNumAudioDevices(int capture);
const char *SDL_GetAudioDeviceName(int index, int capture);
int SDL_OpenAudio(SDL_AudioSpec *wanted, SDL_AudioSpec *got); /* device 1 */
/* Paused to begin with. 0: an error. At most 4 at a time. */
SDL_AudioDeviceID SDL_OpenAudioDevice(const char *name, int capture, const SDL_AudioSpec *wanted,
                                      SDL_AudioSpec *got, int allowed_changes);
SDL_AudioStatus SDL_GetAudioStatus(void);
SDL_AudioStatus SDL_GetAudioDeviceStatus(SDL_AudioDeviceID device);
void SDL_PauseAudio(int pause);
void SDL_PauseAudioDevice(SDL_AudioDeviceID device, int pause);
void SDL_LockAudio(void); /* counted; the callback is not called meanwhile */
void SDL_LockAudioDevice(SDL_AudioDeviceID device);
void SDL_UnlockAudio(void);
void SDL_UnlockAudioDevice(SDL_AudioDeviceID device);
void SDL_CloseAudio(void);
void SDL_CloseAudioDevice(SDL_AudioDeviceID device);
int SDL_QueueAudio(SDL_AudioDeviceID device, const void *bytes, Uint32 len);
Uint32 SDL_DequeueAudio(SDL_AudioDeviceID device, void *bytes, Uint32 len); /* 0 */
Uint32 SDL_GetQueuedAudioSize(SDL_AudioDeviceID device);
void SDL_ClearQueuedAudio(SDL_AudioDeviceID device);
/* RIFF files of integers (8, 16, 32 bits) or floats. *buffer is for SDL_FreeWAV(). */
SDL_AudioSpec *SDL_LoadWAV_RW(SDL_RWops *from, int close, SDL_AudioSpec *spec, Uint8 **buffer,
                              Uint32 *len);
#define SDL_LoadWAV(file, spec, buffer, len)                                                       \
    SDL_LoadWAV_RW(SDL_RWFromFile((file), "rb"), 1, (spec), (buffer), (len))
void SDL_FreeWAV(Uint8 *buffer);
/* 0: both are the same, and nothing is to be done; others answer no (-1). */
int SDL_BuildAudioCVT(SDL_AudioCVT *cvt, SDL_AudioFormat from_format, Uint8 from_channels,
                      int from_rate, SDL_AudioFormat to_format, Uint8 to_channels, int to_rate);
int SDL_ConvertAudio(SDL_AudioCVT *cvt);
void SDL_MixAudioFormat(Uint8 *to, const Uint8 *from, SDL_AudioFormat format, Uint32 len,
                        int volume);
void SDL_MixAudio(Uint8 *to, const Uint8 *from, Uint32 len, int volume); /* S16 */

#ifdef __cplusplus
}
#endif
#endif
