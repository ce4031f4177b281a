/* SPDX-License-Identifier: MIT */
/*
 * SDL_mixer.h - what small games use of SDL_mixer 2, over the silence of SDL_audio.h: samples of
 * WAVE files are loaded and last as long as they would; music is whatever file it is, and plays
 * until it is halted, or as often as was asked 60 seconds long. A hook or post-mix function is
 * called at the pace of the device. Nothing is heard.
 */
#ifndef SDL_mixer_h_
#define SDL_mixer_h_

#include "SDL.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_MIXER_MAJOR_VERSION 2
#define SDL_MIXER_MINOR_VERSION 0
#define SDL_MIXER_PATCHLEVEL    4
#define MIX_CHANNELS            8
#define MIX_DEFAULT_FREQUENCY   22050
#define MIX_DEFAULT_FORMAT      AUDIO_S16SYS
#define MIX_DEFAULT_CHANNELS    2
#define MIX_MAX_VOLUME          SDL_MIX_MAXVOLUME
#define MIX_CHANNEL_POST        (-2)

typedef enum {
    MIX_INIT_FLAC = 1,
    MIX_INIT_MOD = 2,
    MIX_INIT_MP3 = 8,
    MIX_INIT_OGG = 16,
    MIX_INIT_MID = 32,
    MIX_INIT_OPUS = 64,
} MIX_InitFlags;

typedef enum { MIX_NO_FADING, MIX_FADING_OUT, MIX_FADING_IN } Mix_Fading;
typedef enum { MUS_NONE, MUS_CMD, MUS_WAV, MUS_MOD, MUS_MID, MUS_OGG, MUS_MP3 } Mix_MusicType;

typedef struct Mix_Chunk {
    int allocated;
    Uint8 *abuf;
    Uint32 alen;
    Uint8 volume;
} Mix_Chunk;
typedef struct Mix_Music Mix_Music;

#define Mix_SetError   SDL_SetError
#define Mix_GetError   SDL_GetError
#define Mix_ClearError SDL_ClearError

int Mix_Init(int flags); /* all of them are there, as far as one hears */
void Mix_Quit(void);
int Mix_OpenAudio(int frequency, Uint16 format, int channels, int samples);
int Mix_OpenAudioDevice(int frequency, Uint16 format, int channels, int samples, const char *device,
                        int allowed_changes);
int Mix_QuerySpec(int *frequency, Uint16 *format, int *channels); /* 0: not open */
void Mix_CloseAudio(void);
int Mix_AllocateChannels(int count); /* at most 64 */
int Mix_ReserveChannels(int count);
Mix_Chunk *Mix_LoadWAV_RW(SDL_RWops *from, int close);
#define Mix_LoadWAV(file) Mix_LoadWAV_RW(SDL_RWFromFile((file), "rb"), 1)
Mix_Chunk *Mix_QuickLoad_RAW(Uint8 *bytes, Uint32 len);
void Mix_FreeChunk(Mix_Chunk *chunk);
int Mix_VolumeChunk(Mix_Chunk *chunk, int volume); /* the one before; -1: only ask */
/* channel -1: the first that is free. -1: none is. loops: so often again, -1: for ever. */
int Mix_PlayChannelTimed(int channel, Mix_Chunk *chunk, int loops, int ticks);
int Mix_FadeInChannelTimed(int channel, Mix_Chunk *chunk, int loops, int ms, int ticks);
#define Mix_PlayChannel(channel, chunk, loops) Mix_PlayChannelTimed((channel), (chunk), (loops), -1)
#define Mix_FadeInChannel(channel, chunk, loops, ms)                                               \
    Mix_FadeInChannelTimed((channel), (chunk), (loops), (ms), -1)
int Mix_Volume(int channel, int volume);
int Mix_SetPanning(int channel, Uint8 left, Uint8 right);
int Mix_SetPosition(int channel, Sint16 angle, Uint8 distance);
int Mix_SetDistance(int channel, Uint8 distance);
int Mix_HaltChannel(int channel); /* -1: all */
int Mix_FadeOutChannel(int channel, int ms);
int Mix_ExpireChannel(int channel, int ticks);
void Mix_Pause(int channel);
void Mix_Resume(int channel);
int Mix_Paused(int channel);
int Mix_Playing(int channel); /* -1: how many */
Mix_Chunk *Mix_GetChunk(int channel);
void Mix_ChannelFinished(void (*function)(int channel)); /* called for those that are halted */
Mix_Music *Mix_LoadMUS(const char *file);
Mix_Music *Mix_LoadMUS_RW(SDL_RWops *from, int close);
void Mix_FreeMusic(Mix_Music *music);
Mix_MusicType Mix_GetMusicType(const Mix_Music *music);
int Mix_PlayMusic(Mix_Music *music, int loops);
int Mix_FadeInMusic(Mix_Music *music, int loops, int ms);
int Mix_VolumeMusic(int volume);
int Mix_HaltMusic(void);
int Mix_FadeOutMusic(int ms);
void Mix_PauseMusic(void);
void Mix_ResumeMusic(void);
void Mix_RewindMusic(void);
int Mix_PausedMusic(void);
int Mix_PlayingMusic(void);
int Mix_SetMusicPosition(double position);
int Mix_SetMusicCMD(const char *command);
void Mix_HookMusicFinished(void (*function)(void));
void Mix_HookMusic(void (*function)(void *data, Uint8 *stream, int len), void *data);
void Mix_SetPostMix(void (*function)(void *data, Uint8 *stream, int len), void *data);

#ifdef __cplusplus
}
#endif
#endif
